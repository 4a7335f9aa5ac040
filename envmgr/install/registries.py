"""Registries: packages through the clients that are set up on the machine, verified by us.

pip and npm know the machine's index, proxies and credentials; nobody else needs to.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from envmgr.errors import DefinitionError, FetchError, InstallError
from envmgr.host.files import remove_tree
from envmgr.host.process import run
from envmgr.install.progress import Progress, Silent
from envmgr.install.slot import Slot, slot_for
from envmgr.model.definition import SourceFile
from envmgr.model.plan import NodePackage, Wheel

if TYPE_CHECKING:
    from packaging.tags import Tag

_NODE_NAME = re.compile(r"(@[a-z0-9][a-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*")
_TELLING = re.compile(r"ERROR: (?!Exception:)|npm (ERR!|error)|.*No module|\w+Error: ")
"""A line that says what went wrong: the client's own, or the last one of its traceback."""
_NODE_VERSION = re.compile(r"\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?")


def wheel(
    step: Wheel, into: str, *, progress: Progress | None = None, timeout: float = 3600.0
) -> str:
    """Fetch a wheel with pip into the cache directory *into*; returns its verified path.

    A wheel of another platform or Python is asked for by the tags in its name. Raises
    DefinitionError for a step that contradicts itself, FetchError when pip fails.
    """
    tags = _wheel_tags(step)
    slot = slot_for(into, step.name, step.digest)

    def command(scratch: str) -> list[str]:
        requirements = os.path.join(scratch, "requirements.txt")
        with open(requirements, "w", encoding="utf-8") as file:
            file.write(f"{step.project}=={step.version} --hash={slot.digest}\n")
        options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--no-input"]
        quiet = ["--quiet", "--disable-pip-version-check", "--no-color"]
        return [
            *(sys.executable, "-m", "pip", "download", *options, *quiet, *target_options(tags)),
            *("--dest", scratch, "--requirement", requirements),
        ]

    return _through("pip", command, slot, ".whl", progress or Silent(), timeout)


def node_package(
    step: NodePackage, into: str, *, progress: Progress | None = None, timeout: float = 3600.0
) -> str:
    """Fetch a package's tarball with npm into the cache directory *into*; its verified path.

    Raises DefinitionError for a malformed name or version, FetchError when npm fails or is
    not there.
    """
    import shutil

    if not (_NODE_NAME.fullmatch(step.package) and _NODE_VERSION.fullmatch(step.version)):
        raise DefinitionError(f"{step.package}@{step.version} is not a package of npm")
    slot = slot_for(into, step.name, step.digest)

    def command(scratch: str) -> list[str]:
        npm = shutil.which("npm")
        if npm is None:
            raise FetchError(
                f"cannot fetch {step.name}: npm is not on PATH",
                hint=f"install Node.js, or put the file at {slot.path}",
            )
        options = ["--ignore-scripts", "--loglevel=error", "--pack-destination", scratch]
        return [npm, "pack", *options, "--", f"{step.package}@{step.version}"]

    return _through("npm", command, slot, ".tgz", progress or Silent(), timeout)


def _through(
    client: str,
    command: Callable[[str], list[str]],
    slot: Slot,
    suffix: str,
    progress: Progress,
    timeout: float,
) -> str:
    """Let *client* put one file into a scratch directory, and take that file in."""
    with slot.lock():
        if slot.holds():
            return slot.path
        scratch = os.path.join(slot.directory, "scratch")
        remove_tree(scratch)  # of a process that was killed
        os.mkdir(scratch)
        progress.start(slot.name, None)
        try:
            argv = command(scratch)
            finished = run(argv, env=os.environ, cwd=scratch, timeout=timeout)
            found = [name for name in os.listdir(scratch) if name.endswith(suffix)]
            if finished.code != 0 or len(found) != 1:
                said = f"it took more than {timeout:g} s" if finished.timed_out else ""
                raise _failure(client, slot, said or _errors(finished.output))
            return slot.adopt(os.path.join(scratch, found[0]))
        finally:
            remove_tree(scratch)
            progress.done()


def _failure(client: str, slot: Slot, said: str) -> FetchError:
    return FetchError(
        f"{client} cannot fetch {slot.name}: {said}",
        hint=f"check the registry and the proxy that {client} uses, or put the file at {slot.path}",
    )


def _errors(output: str) -> str:
    """The lines that say what went wrong, where there are any."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if _TELLING.match(line)]
    return " / ".join((telling or lines)[:4]) or "it gave no file and no reason"


def _wheel_tags(step: Wheel) -> frozenset[Tag]:
    """The tags in the file's name, which must be of the project and version of *step*."""
    from packaging.utils import InvalidName, canonicalize_name
    from packaging.version import InvalidVersion, Version

    project, version, tags = _parse_name(step.name)
    try:
        same = project == canonicalize_name(step.project, validate=True)
        same = same and version == str(Version(step.version))
    except (InvalidName, InvalidVersion) as error:
        raise DefinitionError(
            f"{step.project}=={step.version} is not a package: {error}"
        ) from error
    # What packaging overlooks must not reach a requirements file either.
    if not same or not re.fullmatch(r"[\w.+!-]+", step.project + step.version, re.ASCII):
        raise DefinitionError(f"{step.name} is not a wheel of {step.project}=={step.version}")
    return tags


def _parse_name(name: str) -> tuple[str, str, frozenset[Tag]]:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        project, version, _, tags = parse_wheel_filename(name)
    except InvalidWheelFilename as error:
        raise DefinitionError(f"{name!r} is not the name of a wheel: {error}") from error
    return project, str(version), tags


def target_options(tags: Iterable[Tag]) -> list[str]:
    """What pip must be told to take a wheel of *tags*; nothing when it fits this Python."""
    from packaging.tags import sys_tags

    tags = frozenset(tags)
    if not tags.isdisjoint(sys_tags()):
        return []
    newest = max((tag.interpreter for tag in tags), key=_interpreter)
    implementation, version = _interpreter(newest)[::2]
    options = [("--platform", name) for name in sorted({tag.platform for tag in tags})]
    options += [("--abi", name) for name in sorted({tag.abi for tag in tags})]
    options += [("--implementation", implementation)]
    if len(version) > 1:  # of `py3` pip would make 3.0
        options += [("--python-version", version)]
    return [word for option in options for word in option]


def _interpreter(tag: str) -> tuple[str, int, str]:
    """`cp310` as its implementation, a number to order by, and the version's digits."""
    found = re.fullmatch(r"([a-z_]+?)(\d*)", tag)
    name, digits = (found[1], found[2]) if found else (tag, "")
    return name, int(digits[:1] + digits[1:].zfill(3) or 0), digits


def choose_wheels(
    files: Sequence[SourceFile],
    python: tuple[int, int] | None,
    platforms: Sequence[str] | None = None,
) -> list[SourceFile]:
    """Of each project the best wheel for this machine, in the order of *files*.

    Without *python* a wheel must suit every Python 3. *platforms* are the platform tags of
    another machine, best first. Raises DefinitionError for a file that is no wheel,
    InstallError naming the platform for a project of which no wheel fits.
    """
    from packaging.tags import platform_tags

    platforms = list(platform_tags()) if platforms is None else platforms
    rank = {tag: number for number, tag in enumerate(_supported(python, platforms))}
    projects: dict[str, list[tuple[int, SourceFile]]] = {}
    for file in files:
        project, _, tags = _parse_name(file.name)
        best = min((rank[tag] for tag in tags if tag in rank), default=len(rank))
        projects.setdefault(project, []).append((best, file))
    chosen = []
    for project, ranked in projects.items():
        best, file = min(ranked, key=lambda item: item[0])
        if best == len(rank):
            raise _no_wheel(project, python, platforms)
        chosen.append(file)
    return chosen


def wheel_platforms(platform: str) -> list[str]:
    """Platform tags of wheels that surely fit *platform*, a machine known by its name only.

    Of glibc the version is not in the name: 2.28 is the oldest of the systems still kept up.
    """
    from packaging.tags import mac_platforms

    system, machine, *release = [*platform.split("-"), "", ""][:3]
    if system == "macos":
        major = int(release[0]) if release[0].isdigit() else 11
        return list(mac_platforms((major, 0), machine))
    if system == "windows":
        return [{"x86_64": "win_amd64", "arm64": "win_arm64"}.get(machine, "win32")]
    if release[0].startswith("alpine"):
        return [f"musllinux_1_{minor}_{machine}" for minor in (2, 1)]
    legacy = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
    tags = []
    for minor in range(28, 4, -1):
        names = filter(None, (f"manylinux_2_{minor}", legacy.get(minor)))
        tags += [f"{name}_{machine}" for name in names]
    return [*tags, f"linux_{machine}"]


def _supported(python: tuple[int, int] | None, platforms: Sequence[str]) -> Iterator[Tag]:
    """Tags that fit a machine of *platforms*, best first."""
    from packaging.tags import Tag, compatible_tags, cpython_tags

    if python is None:
        yield from (Tag("py3", "none", name) for name in [*platforms, "any"])
        return
    name = f"cp{python[0]}{python[1]}"
    yield from cpython_tags(python, abis=[name], platforms=platforms)
    yield from compatible_tags(python, interpreter=name, platforms=platforms)


def _no_wheel(
    project: str, python: tuple[int, int] | None, platforms: Sequence[str]
) -> InstallError:
    wanted = f" and Python {python[0]}.{python[1]}" if python else " without a certain Python"
    return InstallError(
        f"no wheel of {project} fits {platforms[0]}{wanted}",
        hint="choose another version, or build it from its sources",
    )
