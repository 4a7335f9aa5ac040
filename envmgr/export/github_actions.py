"""Steps of a GitHub Actions workflow that make an environment for the steps after them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from envmgr.export.carry import ROOT, WORK, Image, link_commands
from envmgr.export.header import header
from envmgr.export.helper import PROGRAM
from envmgr.export.material import LeftOut
from envmgr.export.result import Export
from envmgr.export.script import install_lines, making, path_lists, program_lines
from envmgr.export.words import comment, shell_word
from envmgr.model.delta import Delta

_AS_ROOT = 'as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }'
_PROGRAM = f"{WORK}/bin/{PROGRAM}"
_RESERVED = re.compile(r"GITHUB_\w*|RUNNER_\w*|NODE_OPTIONS")
"""Variables that steps cannot set for others."""


def render(image: Image) -> Export:
    """*image* as steps, to be put into a job. A pure function of its argument."""
    delta, kept_out = _settable(image.delta)
    steps = [
        _step("Packages of the system", _packages(image)),
        *(_step(install.title, [f"PATH={WORK}/bin:$PATH", *making(install)])
          for install in image.installs),
        _step("Variables of the environment", [*link_commands(image.names), *_exported(delta)]),
    ]  # fmt: skip
    lines = [*header(image, "github-actions"), "#", *_where(image)]
    text = "\n".join([*lines, "", *(line for step in steps for line in step)]) + "\n"
    return Export({"steps.yml": text}, image.wanted, (*image.left_out, *kept_out))


def _where(image: Image) -> list[str]:
    """Which jobs the steps are for: those with the packages of this release."""
    system, _, release = image.base.partition(":")
    if system == "ubuntu":
        return comment(f"For a job with `runs-on: ubuntu-{release}`.")
    return comment(f"For a job with `runs-on: ubuntu-latest` and `container: {image.base}`.")


# -- steps -----------------------------------------------------------------------------------


def _step(title: str, commands: Iterable[str]) -> list[str]:
    """One step, or nothing if it has nothing to do. The shell ends at the first failure."""
    lines = [line for command in commands for line in command.split("\n")]
    if not lines:
        return []
    name = json.dumps(_plain(title), ensure_ascii=False)
    return [f"- name: {name}", "  shell: bash", "  run: |", *(f"    {_plain(x)}" for x in lines)]


def _plain(text: str) -> str:
    """*text* without what Actions takes for an expression.

    In commands that only ever stands within single quotes, which are closed and opened again.
    """
    return text.replace("${{", "$''{{")


def _packages(image: Image) -> list[str]:
    pins = {pin.name: str(pin) for pin in image.fetch_packages}
    pins |= {package.name: str(package) for package in image.packages}
    install = install_lines([pins[name] for name in sorted(pins)], as_root=True)
    lines = [_AS_ROOT, *install] if install or image.installs or image.names else []
    if image.installs or image.names:
        lines.append(f'as_root install -d -o "$(id -u)" {ROOT} {WORK}')
    return lines + program_lines(image.commands, _PROGRAM)


# -- variables -------------------------------------------------------------------------------


def _settable(delta: Delta) -> tuple[Delta, list[LeftOut]]:
    """*delta* without what Actions keeps for itself, and what that is."""
    bad = [name for name in delta.names() if _RESERVED.fullmatch(name)]
    rest = Delta(
        {name: value for name, value in delta.put.items() if name not in bad},
        {name: paths for name, paths in delta.prepend.items() if name not in bad},
    )
    return rest, [LeftOut(name, "GitHub Actions keeps this variable for itself") for name in bad]


def _exported(delta: Delta) -> list[str]:
    lists = path_lists(delta)
    lines = [_set(name, shell_word(value)) for name, value in sorted(delta.put.items())]
    for name, paths in lists.items():
        if name == "PATH":  # which has a file of its own, whose last line comes to stand first
            lines += [f'echo {shell_word(path)} >> "$GITHUB_PATH"' for path in reversed(paths)]
        else:
            rest = f'"${{{name}:+:${name}}}"'
            lines.append(_set(name, f"{shell_word(':'.join(paths))}{rest}"))
    return lines


def _set(name: str, word: str) -> str:
    """What gives the variable *name* the value of *word*, a single line, for all later steps."""
    end = f"END_OF_{name}"
    while end in word:  # whatever the value is, it does not end itself
        end += "_"
    return f"printf '%s<<%s\\n%s\\n%s\\n' {name} {end} {word} {end} >> \"$GITHUB_ENV\""
