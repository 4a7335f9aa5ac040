"""What exporters share that write scripts of a shell rather than a Dockerfile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from envmgr.export.carry import Install
from envmgr.export.helper import program_for
from envmgr.export.words import pin_word, plain_path, shell_word
from envmgr.model.delta import Delta

STRICT = "set -e -o pipefail"
"""What a script begins with, so that it ends at the first failure."""
_DELIMITER = "END_OF_PROGRAM"


def making(install: Install) -> list[str]:
    """The commands of *install*; each piece ends at its first failure in a script that does."""
    lines: list[str] = []
    for chunk in install.chunks:
        directory = plain_path(chunk.directory)
        commands = (f"mkdir -p {directory}", f"cd {directory}", *chunk.commands)
        lines += ["(", *(f"  {command}" for command in commands), ")"]
    return lines


def program_lines(commands: Iterable[str], place: str) -> list[str]:
    """What writes the program that *commands* use to the file *place*; nothing if they do not."""
    program = program_for(commands)
    if not program:
        return []
    write = [f"cat > {place} <<'{_DELIMITER}'", *program, _DELIMITER]
    return [f"mkdir -p {place.rpartition('/')[0]}", *write, f"chmod 755 {place}"]


def install_lines(packages: Sequence[str], *, as_root: bool = False) -> list[str]:
    """What installs *packages* of the system; with *as_root* through a command of that name.

    That is for a system which is in use: it may have some of them in a later version.
    """
    if not packages:
        return []
    before, options = ("as_root env ", " --allow-downgrades") if as_root else ("", "")
    install = f"apt-get install -y --no-install-recommends{options}"
    pins = " \\\n".join(f"    {pin_word(package)}" for package in packages)
    install = f"{before}DEBIAN_FRONTEND=noninteractive {install} \\\n{pins}"
    return [f"{before.removesuffix('env ')}apt-get update", install]


def exports(delta: Delta) -> list[str]:
    """What changes the environment of a POSIX shell as *delta* says."""
    lines = [f"export {name}={shell_word(value)}" for name, value in sorted(delta.put.items())]
    for name, paths in path_lists(delta).items():
        rest = f'"${{{name}:+:${name}}}"'
        lines.append(f"export {name}={shell_word(':'.join(paths))}{rest}")
    return lines


def path_lists(delta: Delta) -> dict[str, tuple[str, ...]]:
    """The directories that *delta* prepends, by variable; never an empty one."""
    lists = {name: tuple(filter(None, paths)) for name, paths in sorted(delta.prepend.items())}
    return {name: paths for name, paths in lists.items() if paths}


def checks(packages: Mapping[str, str], files: Iterable[str]) -> list[str]:
    """What calls `wrong` with each of *packages*, a version each, and *files* that is not there."""
    lines: list[str] = []
    for name, version in sorted(packages.items()):
        asked = f"dpkg-query -W -f '${{Version}}' {shell_word(name)}"
        lines.append(f'[ "$({asked})" = {shell_word(version)} ] || wrong {shell_word(name)}')
    return lines + [f"[ -e {shell_word(file)} ] || wrong {shell_word(file)}" for file in files]
