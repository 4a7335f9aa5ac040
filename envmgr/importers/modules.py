"""Modules of Environment Modules and of Lmod: loaded in a shell of their own, and compared."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from envmgr.errors import HostError, UsageError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@-]*(?:/[A-Za-z0-9_+@-][A-Za-z0-9_.+@-]*)*")
"""Never a path or an option: either would be read as a command of another kind."""
_INITS = (
    "/etc/profile.d/z00_lmod.sh",
    "/etc/profile.d/lmod.sh",
    "/etc/profile.d/modules.sh",
    "/usr/share/lmod/lmod/init/bash",
    "/usr/share/modules/init/bash",
    "/usr/share/Modules/init/bash",
    "/usr/local/Modules/init/bash",
    "/opt/apps/lmod/lmod/init/bash",
    "/opt/ohpc/admin/lmod/lmod/init/bash",
)
"""Where sites and distributions keep what makes `module` a command of a shell."""
_HOMES = ("LMOD_PKG", "MODULESHOME")
_TIMEOUT = 120.0
"""Seconds for all modules together: the first look through a large tree takes a while."""
_DUMP_LIMIT = 16 * 1024 * 1024
_NO_MODULES, _REFUSED = 97, 98
# Names are arguments, never a part of this text. Builtins alone write the variables: a module may
# well have changed what other programs are found and how they start.
_SCRIPT = f"""
envmgr_init=$1 envmgr_out=$2; shift 2; envmgr_names=("$@"); set --
envmgr_dump() {{
  local IFS=$' \\t\\n' name
  for name in $(compgen -e); do printf '%s\\0%s\\0' "$name" "${{!name}}"; done
}}
. "$envmgr_init" >/dev/null 2>&1
type module >/dev/null 2>&1 || exit {_NO_MODULES}
for envmgr_i in "${{!envmgr_names[@]}}"; do
  module unload "${{envmgr_names[envmgr_i]}}" >/dev/null 2>&1
  envmgr_dump >"$envmgr_out/$envmgr_i-before"
  module load "${{envmgr_names[envmgr_i]}}" || exit {_REFUSED}
  envmgr_dump >"$envmgr_out/$envmgr_i-after"
done
"""
_OWN = re.compile(
    r"LOADEDMODULES|_LMFILES_|MODULEPATH|MODULE(S|SHOME|RCFILE|_VERSION)?(_.*)?|_*(LMOD|MODULES)_.*"
    r"|_ModuleTable.*|.*_modshare|_|SHLVL|(OLD)?PWD|BASH_.*"
)
"""What the module commands and the shell keep for themselves."""
_LIST = re.compile(r".*(PATH|_DIRS)|INCLUDE|LIB")
_PLACES = (
    *("PATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH"),
    *("PKG_CONFIG_PATH", "CMAKE_PREFIX_PATH", "PYTHONPATH", "INCLUDE"),
)
"""Path lists whose directories belong to what a module is for."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading one module changed."""

    name: str
    put: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Directories that were added to path lists."""
    unset: tuple[str, ...] = ()
    brought: tuple[str, ...] = ()
    """Full names of the modules that it loaded, its own among them."""

    def directories(self) -> tuple[str, ...]:
        """Existing directories that the change names: where to look for what it is about."""
        listed = (path for name in _PLACES for path in self.lists.get(name, ()))
        every = dict.fromkeys((*listed, *self.put.values()))
        return tuple(path for path in every if os.path.isabs(path) and os.path.isdir(path))


def check_name(name: str) -> str:
    """*name*, if a module can be called so. Raises UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"not the name of a module: {name!r}", hint="give it as `module avail` does: gcc/12.2"
        )
    return name


def load(names: Sequence[str], environ: Mapping[str, str]) -> tuple[Loaded, ...]:
    """Load modules one after the other in one shell; what each of them changed.

    *environ* is what the shell starts with, `MODULEPATH` in it. Raises UsageError for what is no
    name, HostError when there are no modules here or one of them cannot be loaded.
    """
    from tempfile import TemporaryDirectory

    from envmgr.host.process import run

    checked = [check_name(name) for name in names]
    kept = {name: v for name, v in environ.items() if name not in ("BASH_ENV", "ENV")}
    with TemporaryDirectory(prefix="envmgr-") as out:
        words = ["--noprofile", "--norc", "-c", _SCRIPT, "envmgr", _init(environ), out, *checked]
        done = run(["bash", *words], env={**kept, "LMOD_PAGER": "none"}, timeout=_TIMEOUT)
        _check(done.code, done.output, done.timed_out, checked)
        dumps = [(_dump(out, f"{i}-before"), _dump(out, f"{i}-after")) for i in range(len(checked))]
    changes = [difference(name, *pair) for name, pair in zip(checked, dumps, strict=True)]
    for change in changes:
        if not change.brought:  # early versions say so and end well
            raise _refusal(change.name, done.output)
    return tuple(changes)


def _init(environ: Mapping[str, str]) -> str:
    """The file that makes `module` a command: of the session, or else of the site."""
    homes = [environ[name] for name in _HOMES if environ.get(name)]
    own = [os.path.join(home, "init", "bash") for home in homes]
    for path in (*own, *_INITS):
        if os.path.isabs(path) and os.path.isfile(path):
            return path
    raise _no_modules()


def _no_modules() -> HostError:
    return HostError(
        "no module command is known here",
        hint="MODULESHOME says where Environment Modules or Lmod are, with init/bash below it",
    )


def _check(code: int, output: str, timed_out: bool, names: Sequence[str]) -> None:
    if timed_out:
        raise HostError(f"module load {' '.join(names)} did not end in {_TIMEOUT:.0f} s")
    if code == _NO_MODULES:
        raise _no_modules()
    if code:
        raise _refusal(" ".join(names), output)


def _refusal(name: str, output: str) -> HostError:
    said = " ".join(output.split())[:300] or "nothing"
    return HostError(f"cannot load the module {name}; it said: {said}", hint="try `module avail`")


def _dump(directory: str, name: str) -> dict[str, str]:
    with open(os.path.join(directory, name), "rb") as stream:
        words = os.fsdecode(stream.read(_DUMP_LIMIT)).split("\0")
    return dict(zip(words[:-1:2], words[1::2], strict=False))


def difference(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> Loaded:
    """What the module *name* made of *before*, but for what is its own of the module command."""
    changed = {n: v for n, v in after.items() if before.get(n) != v and not _OWN.fullmatch(n)}
    lists = {n: _added(n, before.get(n, ""), value) for n, value in changed.items()}
    unset = (n for n in before if n not in after and not _OWN.fullmatch(n))
    return Loaded(
        name,
        put={n: value for n, value in changed.items() if not lists[n]},
        lists={n: paths for n, paths in lists.items() if paths},
        unset=tuple(unset),
        brought=tuple(_new(before.get("LOADEDMODULES", ""), after.get("LOADEDMODULES", ""))),
    )


def _added(name: str, before: str, after: str) -> tuple[str, ...]:
    """The directories that a path list gained; none when it is no list or was replaced."""
    if not _LIST.fullmatch(name) or not set(_parts(before)) <= set(_parts(after)):
        return ()
    return tuple(_new(before, after))


def _new(before: str, after: str) -> Iterator[str]:
    known = set(_parts(before))
    return (part for part in dict.fromkeys(_parts(after)) if part not in known)


def _parts(value: str) -> Iterable[str]:
    return filter(None, value.split(os.pathsep))
