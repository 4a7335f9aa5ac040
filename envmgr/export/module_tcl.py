"""An environment module in Tcl, for Environment Modules from 4.0 on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envmgr.export.heading import contents, heading
from envmgr.export.result import Export
from envmgr.export.subject import Subject
from envmgr.export.values import held, not_one_line, settled
from envmgr.model.delta import Delta

_PUT = """\
# Sets a variable; unloading gives it the value back that it had. `pushenv` would do, but not
# with colons in values, and not before 5.1. Unloading turns both commands round: `unsetenv`
# sets what it is given, `setenv` unsets.
proc put {{name value}} {{
    set former __ENVMGR_{module}_$name
    if {{[module-info mode unload] && [info exists ::env($former)]}} {{
        unsetenv $name $::env($former)
        setenv $former {{}}
        return
    }}
    if {{[module-info mode load] && [info exists ::env($name)]}} {{
        setenv $former $::env($name)
    }}
    setenv $name $value
}}
"""
_SPECIAL = re.compile(r'[\\"$\[\]{}]')
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OPTION = re.compile(r"--?[a-z-]+")


def render(subject: Subject) -> Export:
    """*subject* as a module file."""
    delta, left_out = held(settled(subject.delta), _obstacle)
    blocks = (
        ["#%Module1.0", *heading(subject, "module-tcl", left_out)],
        list(_description(subject)),
        list(_exclusions(subject)),
        [_PUT.format(module=re.sub(r"\W", "_", subject.name, flags=re.ASCII))],
        list(_changes(delta)),
    )
    text = "\n\n".join("\n".join(block).rstrip("\n") for block in blocks if block) + "\n"
    return Export({subject.name: text}, subject.entries, left_out)


def _obstacle(value: str) -> str | None:
    if _OPTION.fullmatch(value):  # wherever it stands, and no `--` ends them
        return "Environment Modules takes it for an option"
    return not_one_line(value)


def _description(subject: Subject) -> Iterator[str]:
    things = contents(subject)
    yield f"module-whatis {word(', '.join(things))}"
    yield "proc ModulesHelp {} {"
    for line in (f"The environment {subject.name} of envmgr:", *(f"    {t}" for t in things)):
        yield f"    puts stderr {word(line)}"
    yield "}"


def _exclusions(subject: Subject) -> Iterator[str]:
    """Other versions of this module, and other modules with the same capabilities."""
    yield f"conflict {word(subject.name)}"
    families = {re.sub(r"\W", "_", r) for entry in subject.entries for r in entry.provides}
    if families:  # a command of 5.1
        listed = " ".join(map(word, sorted(families)))
        yield "if {[llength [info commands family]]} {"
        yield f"    foreach capability [list {listed}] {{ family $capability }}"
        yield "}"


def _changes(delta: Delta) -> Iterator[str]:
    for name, value in sorted(delta.put.items()):
        yield f"put {name} {word(value)}"
    for name, paths in sorted(delta.prepend.items()):
        # Each goes before what is there already, and one that is there must come first too.
        for path in reversed(paths):
            yield f"prepend-path --duplicates {name} {word(path)}"


def word(text: str) -> str:
    """*text* as one word of Tcl, inside braces too."""
    if text and re.fullmatch(r"[A-Za-z0-9_./+@%=,:-]+", text) and not text.startswith("-"):
        return text
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    return '"' + _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'
