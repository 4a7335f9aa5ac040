"""Plans: the steps that an install takes. One value, three readers.

A plan is executed (`install.execute`), printed (`install --dry-run`) and rendered into a
Dockerfile (`export`). Paths inside steps are relative: `work` paths to a scratch directory
that is thrown away, `prefix` paths to the prefix. Commands may use the placeholders
`{prefix}` (the final place), `{destdir}` (what goes in front of it while staging), `{work}`,
`{jobs}`, and `{role.prefix}`, `{role.path}` and `{role.VAR}` of each need; they are argument
vectors and never meet a shell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from envmgr.model.entry import Entry


@dataclass(frozen=True, slots=True)
class Download:
    """Fetch a file by address. `digest` is `sha256:…`, `sha512:…` or at worst `md5:…`."""

    name: str
    urls: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """Fetch a wheel through the Python package client set up on the machine."""

    name: str
    project: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class NodePackage:
    """Fetch a package's tarball through the npm client set up on the machine."""

    name: str
    package: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """Clone a repository and take exactly one commit of it, into `root/into` as in `Unpack`."""

    url: str
    commit: str
    into: str
    root: str = "work"


@dataclass(frozen=True, slots=True)
class Unpack:
    """Unpack a fetched archive. `root` is `work` or `prefix`, `into` a path below it."""

    name: str
    root: str
    into: str
    strip: int | None = None
    wheel: bool = False
    """Whether the archive is a wheel, whose `.data` directories have places of their own."""


@dataclass(frozen=True, slots=True)
class CopyFile:
    """Put a fetched file as it is into the prefix."""

    name: str
    into: str


@dataclass(frozen=True, slots=True)
class Run:
    """Run a command in a directory below `work`."""

    argv: tuple[str, ...]
    cwd: str = "."
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """Make a relative link inside the prefix: `at` points to `to`, both relative to it."""

    at: str
    to: str


@dataclass(frozen=True, slots=True)
class Script:
    """Write a launcher into the prefix that calls a Python entry point, `module:function`."""

    at: str
    entry_point: str
    python: str
    """The interpreter that runs it: a template, usually `{python.path}`."""
    site: str
    """The directory below the prefix that holds the packages."""


@dataclass(frozen=True, slots=True)
class MakeExecutable:
    """Give the files that match a glob of the prefix their executable bit."""

    pattern: str


Step = (
    Download
    | Wheel
    | NodePackage
    | Checkout
    | Unpack
    | CopyFile
    | Run
    | Link
    | Script
    | MakeExecutable
)
FetchStep = Download | Wheel | NodePackage


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one install does, decided before anything is done."""

    recipe: str
    version: str
    detector: str
    digest: str
    """sha256 over the recipe, the version's row, the platform and the needs."""
    recipe_digest: str
    slug: str
    """Directory of the prefix below the prefix root: `tool.cmake/4.1.2-0a1b2c3d`."""
    needs: Mapping[str, Entry | Plan] = field(default_factory=dict)
    """Role to what fills it: an entry that is there, or a plan that comes before."""
    needs_at_run_time: bool = False
    """Whether the needs are part of the result; what is only built with them does without."""
    steps: tuple[Step, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """What this is made from: checksums of files, commits of checkouts."""
        return tuple(
            f"git:{step.commit}" if isinstance(step, Checkout) else step.digest
            for step in self.steps
            if isinstance(step, (Download, Wheel, NodePackage, Checkout))
        )

    def __str__(self) -> str:
        return f"{self.recipe}@{self.version}"


def need_values(needs: Mapping[str, Entry]) -> dict[str, str]:
    """What templates of a plan may use of its *needs*: `role.prefix`, `role.path`, `role.CC`."""
    values: dict[str, str] = {}
    for role, entry in needs.items():
        values |= {f"{role}.{name}": value for name, value in entry.delta.put.items()}
        values |= {f"{role}.prefix": entry.prefix, f"{role}.path": entry.path}
        values[f"{role}.version"] = entry.version
    return values
