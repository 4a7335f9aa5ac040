"""What goes to another machine for a run, and what comes back: an archive each way.

Everything that is sent has the time of 2000 and everything that is written there a later one, so
that what the program wrote is told without knowing its names.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from envmgr.errors import HostError
from envmgr.host.files import remove_tree
from envmgr.host.measured import Usage
from envmgr.program import target_script as names
from envmgr.program.rundirectory import is_below
from envmgr.program.target_script import HERE

_SENT = 946_684_800
"""When everything that is sent seems to be of: the first second of 2000, UTC."""
_WORD = re.compile(r"((?:[^=/]*=|-[A-Za-z])?)(/.*)", re.DOTALL)
"""A word that is a path, or holds one at its end: `in=/a/b`, `--in=/a/b`, `-f/a/b`."""
_OURS = frozenset({"PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "OLDPWD", "TMPDIR", "TERM"})
"""Variables that speak of this machine."""
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/dev", "/proc", "/sys")
_SHARED = "/usr/share"
_TIME = re.compile(r"(\d{1,9})m(\d{1,2}(?:\.\d{1,9})?)s")
_CLOCK = r"(\d{1,15}(?:\.\d{1,9})?)"
_RESULT = re.compile(rf"(\d{{1,3}}) {_CLOCK} {_CLOCK} (\d{{1,9}})")
_SAID = (names.RESULT, names.BEFORE, names.TIMES, names.LATE)
_SIGNALLED, _SIGNALS = 128, 65
"""What a shell adds to the number of a signal that ended a program, and numbers that there are."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A command as another machine is told it."""

    words: tuple[str, ...]
    """With `HERE` for the directory of the run there."""
    env: Mapping[str, str]
    files: Mapping[str, str]
    """Each name below the directory of the run to what is sent under it."""


# -- sending ---------------------------------------------------------------------------------


def bundled(argv: Sequence[str], env: Mapping[str, str], cwd: str) -> Bundle:
    """What has to be sent so that *argv* finds there what it names here.

    Words that are paths of files or directories here, or end in one, are sent and named anew,
    but not what belongs to the system, which is taken to be there. Paths below *cwd* stay what
    they are. Variables with a path as value are left out, unless that path is sent.
    """
    files: dict[str, str] = {}
    words = tuple(_sent_word(word, cwd, files) for word in argv)
    variables = {}
    for name, value in env.items():
        moved = _moved(value, cwd, files)
        if name not in _OURS and (moved or not value.startswith("/")):
            variables[name] = moved or value
    return Bundle(words, variables, files)


def _sent_word(word: str, cwd: str, files: dict[str, str]) -> str:
    found = _WORD.fullmatch(word)
    if not found:
        return word
    before, path = found.groups()
    moved = _moved(path, cwd, files)
    if moved is None and os.path.exists(path) and not _is_of_system(path):
        files[f"{names.FILES}/{len(files)}/{os.path.basename(os.path.normpath(path))}"] = path
        moved = _moved(path, cwd, files)
    return before + (moved or path)


def _moved(path: str, cwd: str, files: Mapping[str, str]) -> str | None:
    """What *path* is called there, when it is in the directory of the run or sent."""
    for name, top in ((names.WORK, cwd), *files.items()):
        if path == top or path.startswith(os.path.join(top, "")):
            return f"{HERE}/{name}{path[len(top.rstrip('/')) :]}"
    return None


def _is_of_system(path: str) -> bool:
    """Whether *path* is taken to be the other machine's own."""
    whole = os.path.normpath(path)
    if whole.startswith(f"{_SHARED}/"):
        return False
    return whole == "/" or any(whole == top or whole.startswith(f"{top}/") for top in _SYSTEM)


def write_archive(archive: str, bundle: Bundle, script: str, cwd: str, stdin: str | None) -> None:
    """Write what is sent to the file *archive*. Raises HostError for what cannot be read."""
    try:
        with tarfile.open(archive, "w", format=tarfile.GNU_FORMAT, dereference=True) as tar:
            _add_text(tar, names.SCRIPT, script, _SENT)
            _add_text(tar, names.STAMP, "", _SENT + 1)
            tar.add(cwd, names.WORK, filter=_plain)
            if stdin is not None:
                tar.add(stdin, names.STDIN, filter=_plain)
            for name, path in bundle.files.items():
                tar.add(path, name, filter=_plain)
    except (OSError, tarfile.TarError) as error:
        raise HostError(f"cannot send what the run needs: {error}") from error


def _add_text(tar: tarfile.TarFile, name: str, text: str, when: int) -> None:
    content = text.encode("utf-8", "surrogateescape")
    member = tarfile.TarInfo(name)
    member.size, member.mtime = len(content), when
    tar.addfile(member, io.BytesIO(content))


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Without what tells of this machine; nothing but files and directories."""
    if not (member.isreg() or member.isdir()):
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = _SENT
    member.mode |= 0o700 if member.isdir() else 0o600
    return member


# -- receiving -------------------------------------------------------------------------------


def read_archive(archive: str, cwd: str, stdout: str, stderr: str) -> Usage:
    """Put what came back in its places, and say how the run went.

    The archive is believed no further than it has to be: nothing is written outside of *cwd*.
    Raises HostError when it does not hold a result.
    """
    said: dict[str, str] = {}
    streams = {names.STDOUT: stdout, names.STDERR: stderr}
    try:
        with tarfile.open(archive, "r:") as tar:
            for member in tar:
                if member.isdir():
                    continue
                is_file = member.isreg() or member.islnk()  # one of two names for a file
                content = tar.extractfile(member) if is_file else None
                if content is None:
                    raise HostError(f"what came back holds {member.name!r}, which is no file")
                if member.name in _SAID:
                    said[member.name] = content.read(4096).decode("ascii", "replace")
                else:
                    _write(content, streams.get(member.name) or _inside(member.name, cwd))
    except (OSError, EOFError, KeyError, tarfile.TarError) as error:
        raise HostError(f"what came back cannot be read: {error}") from error
    return _usage(said)


def _inside(name: str, cwd: str) -> str:
    """Where a file that the program wrote belongs."""
    top, *parts = name.split("/")
    place = os.path.join(cwd, *parts)
    if top != names.WORK or not parts or any(part in ("", ".", "..") for part in parts):
        raise HostError(f"what came back holds {name!r}, which the run cannot have written")
    if not is_below(os.path.dirname(place), cwd):
        raise HostError(f"what came back holds {name!r}, where a link leads elsewhere")
    os.makedirs(os.path.dirname(place), exist_ok=True)
    remove_tree(place)  # it might be a link
    return place


def _write(content: IO[bytes], path: str) -> None:
    with content, open(path, "wb") as file:
        shutil.copyfileobj(content, file, 1 << 20)


def _usage(said: Mapping[str, str]) -> Usage:
    result = _RESULT.fullmatch(said.get(names.RESULT, "").strip())
    before, after = (_times(said.get(name, "")) for name in (names.BEFORE, names.TIMES))
    if result is None or not before or not after:
        raise HostError("what came back does not say how the run ended")
    status = int(result[1])
    return Usage(
        code=_SIGNALLED - status if 0 < status - _SIGNALLED < _SIGNALS else status,
        timed_out=names.LATE in said,
        wall=max(0.0, float(result[3]) - float(result[2])),
        user=max(0.0, after[0] - before[0]),
        system=max(0.0, after[1] - before[1]),
        memory=None,
        left=int(result[4]),
    )


def _times(said: str) -> tuple[float, float] | None:
    """Seconds of user and system time of children, of what the builtin `times` prints."""
    found = [float(minutes) * 60 + float(seconds) for minutes, seconds in _TIME.findall(said)]
    return (found[2], found[3]) if len(found) == 4 else None
