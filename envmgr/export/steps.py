"""The steps of a plan as commands of a shell, with the same result as `install` has.

Everything runs as root in a stage that is thrown away but for the finished prefix, so files
are written where they belong at once: there is no staging, and `{destdir}` is empty.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import singledispatch

from envmgr.activate.state import is_name
from envmgr.export.helper import PROGRAM
from envmgr.export.words import UnwritableError, glob_word, plain_path, shell_word
from envmgr.model.launcher import launcher
from envmgr.model.plan import (
    Checkout,
    CopyFile,
    Download,
    Link,
    MakeExecutable,
    NodePackage,
    Plan,
    Run,
    Script,
    Step,
    Unpack,
    Wheel,
)
from envmgr.model.template import MissingValueError, fill

_JOBS = "\ue000"
"""Stands for the number of processors until words are quoted; no definition may hold it."""
_SUMS = {"sha256": "sha256sum", "sha512": "sha512sum", "md5": "md5sum"}
_HEX_DIGITS = {"sha256": 64, "sha512": 128, "md5": 32}
_EVERYTHING = "'+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*'"
_COMMIT = re.compile(r"[0-9a-f]{40}")
_PLAIN = re.compile(r"[A-Za-z0-9_.+!-]+")
_NODE_PACKAGE = re.compile(r"(?:@[a-z0-9][a-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*@[0-9A-Za-z.+-]+")
_TAR = re.compile(r"\.(?:tar(?:\.\w+)?|t[a-z]z2?|tgz|tbz2?|txz|tzst|zip|whl|jar)$", re.IGNORECASE)
_PACKED = re.compile(r"\.(?:gz|bz2|xz|lzma|zst)$", re.IGNORECASE)

TOOLS: Mapping[type, tuple[str, ...]] = {
    Download: ("curl", "ca-certificates"),
    Wheel: ("python3-pip", "ca-certificates"),
    NodePackage: ("npm", "ca-certificates"),
    Checkout: ("git", "ca-certificates"),
    Unpack: ("libarchive-tools",),
}
"""Packages of the system that steps take, by the kind of step."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plan is carried out, and what its templates may use."""

    prefix: str
    work: str
    values: Mapping[str, str]

    def at(self, root: str, path: str) -> str:
        """The absolute path of *path* below the prefix or the work directory, never outside."""
        top = self.prefix if root == "prefix" else self.work
        full = posixpath.normpath(posixpath.join(top, path))
        if full != top and not full.startswith(top + "/"):
            raise UnwritableError(f"a step leads out of the {root} directory: {path!a}")
        return full

    def seen(self, root: str, path: str) -> str:
        """As `at`, as seen from the work directory."""
        full = self.at(root, path)
        return posixpath.relpath(full, self.work) if root == "work" else full

    def filled(self, template: str) -> str:
        """*template* with places and needs filled in."""
        own = {"prefix": self.prefix, "work": self.work, "destdir": "", "jobs": _JOBS}
        try:
            return fill(template, {**own, **self.values})
        except MissingValueError as missing:
            raise UnwritableError(f"nothing defines {{{missing.args[0]}}}") from missing


def _file(name: str) -> str:
    """*name*, if it is the name of a file that a command cannot take for something else."""
    if not name or name.startswith((".", "-")) or "/" in name:
        raise UnwritableError(f"not the name of a file: {name!a}")
    return name


@dataclass(frozen=True, slots=True)
class Chunk:
    """Commands that run in one directory, each after the success of the one before."""

    directory: str
    commands: tuple[str, ...]


def chunks(plan: Plan, place: Place, exports: Iterable[str]) -> tuple[Chunk, ...]:
    """The commands that carry *plan* out at *place*; builds run with *exports* in front of them.

    Raises UnwritableError for a step that only this machine can do.
    """
    made: list[Chunk] = []
    before: object = None
    for step in plan.steps:
        building = isinstance(step, Run)
        directory = place.at("work", step.cwd) if isinstance(step, Run) else place.work
        if before != (building, directory):
            before = (building, directory)
            made.append(Chunk(plain_path(directory), tuple(exports) if building else ()))
        made[-1] = Chunk(directory, (*made[-1].commands, *shell(step, place)))
    return tuple(made)


def is_built(plan: Plan) -> bool:
    """Whether *plan* runs commands, so that its needs must be there."""
    return any(isinstance(step, Run) for step in plan.steps)


def tools(plans: Iterable[Plan]) -> tuple[str, ...]:
    """Names of the packages that carrying out *plans* takes besides their needs."""
    kinds = {type(step) for plan in plans for step in plan.steps}
    return tuple(sorted({name for kind in kinds for name in TOOLS.get(kind, ())}))


def programs(plan: Plan) -> tuple[str, ...]:
    """Names of the programs that the commands of *plan* start, other than files of their own."""
    names = {step.argv[0] for step in plan.steps if isinstance(step, Run) and step.argv}
    return tuple(sorted(name for name in names if "/" not in name and "{" not in name))


# -- fetching --------------------------------------------------------------------------------


@singledispatch
def shell(step: Step, place: Place) -> list[str]:
    """The commands that do *step*. Raises UnwritableError."""
    raise TypeError(f"not a step for {place.prefix}: {step!r}")


@shell.register
def _(step: Download, _place: Place) -> list[str]:
    file = _file(step.name)
    urls = [url for url in step.urls if url.startswith(("https://", "http://"))]
    if not urls:
        raise UnwritableError(f"{file} comes from this machine, not from the network")
    gets = [f"curl -fsSL --retry 5 -o {shell_word(file)} {shell_word(url)}" for url in urls]
    get = gets[0] if len(gets) == 1 else f"{{ {' || '.join(gets)}; }}"
    return [get, _verified(file, step.digest)]


@shell.register
def _(step: Wheel, _place: Place) -> list[str]:
    algorithm, digest = _hex_digest(step.digest)
    if not (_PLAIN.fullmatch(step.project) and _PLAIN.fullmatch(step.version)):
        raise UnwritableError(f"not a package: {step.project!a} {step.version!a}")
    requirement = f"{step.project}=={step.version} --hash={algorithm}:{digest}"
    return [" ".join([PROGRAM, "get_wheel", shell_word(requirement), *_wheel_options(step.name)])]


def _wheel_options(name: str) -> list[str]:
    """What makes pip take the wheel of a Python that need not be the one that runs pip."""
    _, _, interpreters, abis, platforms = _wheel_name(name).rsplit("-", 4)
    newest = max(interpreters.split("."), key=lambda tag: (len(tag), tag))
    found = re.fullmatch(r"(cp|pp)(\d)(\d+)", newest)
    if not found:  # of any Python 3, so of the one that runs pip
        return []
    options = [f"--implementation={found[1]}", f"--python-version={found[2]}.{found[3]}"]
    options += [f"--abi={abi}" for abi in abis.split(".")]
    return options + [f"--platform={platform}" for platform in platforms.split(".")]


def _wheel_name(name: str) -> str:
    if not re.fullmatch(r"[\w.]+(?:-[\w.+!]+){4,5}\.whl", _file(name), re.ASCII):
        raise UnwritableError(f"not the name of a wheel: {name!a}")
    return name.removesuffix(".whl")


@shell.register
def _(step: NodePackage, _place: Place) -> list[str]:
    package = f"{step.package}@{step.version}"
    if not _NODE_PACKAGE.fullmatch(package):
        raise UnwritableError(f"not a package of npm: {package!a}")
    fetch = f"npm pack --silent --ignore-scripts -- {shell_word(package)}"
    return [fetch, _verified(_file(step.name), step.digest)]


@shell.register
def _(step: Checkout, place: Place) -> list[str]:
    url = step.url.removeprefix("git+")
    if not url.startswith("https://"):
        raise UnwritableError(f"{url} needs keys or files of this machine")
    if not _COMMIT.fullmatch(step.commit):
        raise UnwritableError(f"not a commit: {step.commit!a}")
    tree = shell_word(place.seen(step.root, step.into))
    fetch = f"git -C {tree} fetch --quiet --no-tags"
    alone = f"{fetch} --depth=1 -- {shell_word(url)} {step.commit}"
    everything = f"{fetch} -- {shell_word(url)} {_EVERYTHING}"
    return [
        f"git init --quiet -- {tree}",
        f"{{ {alone} || {everything}; }}",
        f"git -C {tree} checkout --quiet --detach {step.commit} --",
        f"rm -rf {tree}/.git",
    ]


def _verified(file: str, digest: str) -> str:
    algorithm, value = _hex_digest(digest)
    return f"echo {shell_word(f'{value}  {file}')} | {_SUMS[algorithm]} -c -"


def _hex_digest(digest: str) -> tuple[str, str]:
    """The algorithm and the value in hexadecimal digits, whichever way it was written."""
    algorithm, _, value = digest.partition(":")
    if algorithm not in _SUMS:
        raise UnwritableError(f"not a checksum that can be verified: {digest!a}")
    length = _HEX_DIGITS[algorithm]
    if re.fullmatch(rf"[0-9a-fA-F]{{{length}}}", value):
        return algorithm, value.lower()
    return algorithm, _from_base64(value, length)


def _from_base64(value: str, length: int) -> str:
    import base64
    import binascii

    try:
        digits = base64.b64decode(value, validate=True).hex()
    except (binascii.Error, ValueError):
        digits = ""
    if len(digits) != length:
        raise UnwritableError(f"not a checksum: {value!a}")
    return digits


# -- unpacking -------------------------------------------------------------------------------


@shell.register
def _(step: Unpack, place: Place) -> list[str]:
    file, into = _file(step.name), shell_word(place.seen(step.root, step.into))
    if step.wheel:
        return [f"{PROGRAM} unpack_wheel {_wheel_name(file)}.whl {into} {shell_word(place.prefix)}"]
    if _PACKED.search(file) and not _TAR.search(file):
        plain = shell_word(_PACKED.sub("", file))
        return [f"mkdir -p {into}", f"bsdcat {shell_word(file)} > {into}/{plain}"]
    levels = "" if step.strip is None else f" {int(step.strip)}"
    return [f"{PROGRAM} unpack {shell_word(file)} {into}{levels}"]


@shell.register
def _(step: CopyFile, place: Place) -> list[str]:
    target = place.at("prefix", step.into)
    return [f"install -D -m 644 {shell_word(_file(step.name))} {shell_word(target)}"]


# -- building --------------------------------------------------------------------------------


@shell.register
def _(step: Run, place: Place) -> list[str]:
    if bad := [name for name in step.env if not is_name(name)]:
        raise UnwritableError(f"not a name of a variable: {bad[0]!a}")
    env = [f"{name}={_build_word(place.filled(value))}" for name, value in step.env.items()]
    return [" ".join([*env, *(_build_word(place.filled(word)) for word in step.argv)])]


def _build_word(text: str) -> str:
    pieces = text.split(_JOBS)
    if len(pieces) == 1:
        return shell_word(text)
    return '"$(nproc)"'.join(shell_word(piece) if piece else "" for piece in pieces)


@shell.register
def _(step: Link, place: Place) -> list[str]:
    at, to = place.at("prefix", step.at), place.at("prefix", step.to)
    if "*" in step.at:  # the name is that of the target
        at = posixpath.dirname(at) + "/"
    return [f"{PROGRAM} link {shell_word(at)} {glob_word(to)}"]


@shell.register
def _(step: Script, place: Place) -> list[str]:
    at = place.at("prefix", step.at)
    site = posixpath.relpath(place.at("prefix", step.site), posixpath.dirname(at))
    lines = launcher(step.entry_point, place.filled(step.python), site).splitlines()
    return [
        f"mkdir -p {shell_word(posixpath.dirname(at))}",
        f"{written(lines)} > {shell_word(at)}",
        f"chmod 755 {shell_word(at)}",
    ]


def written(lines: Iterable[str]) -> str:
    """A command that prints *lines*."""
    words = " \\\n        ".join(map(shell_word, lines))
    return f"printf '%s\\n' \\\n        {words} \\\n   "


@shell.register
def _(step: MakeExecutable, place: Place) -> list[str]:
    command = f"{PROGRAM} executable {glob_word(place.at('prefix', step.pattern))}"
    if "**" not in step.pattern:
        return [command]
    return [f"bash -O globstar -c {shell_word(command)}"]
