"""What the catalogue holds, parsed: detectors, recipes and known places.

`catalog.schema` builds these from TOML and names every mistake; everything else only reads
them. All of them are plain data, so an index of them can be cached as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from envmgr.model.version import Version, VersionRange


@dataclass(frozen=True, slots=True)
class Find:
    """Where a thing shows itself. Every way given yields candidates; `dirs` adds places."""

    program: tuple[str, ...] = ()
    """Patterns that match a whole file name in a directory of programs."""
    library: tuple[str, ...] = ()
    """Patterns that match a whole file name in a directory of libraries."""
    header: tuple[str, ...] = ()
    """Files below an include directory, `openssl/ssl.h`."""
    pkgconfig: tuple[str, ...] = ()
    """Names of `.pc` files, without the suffix."""
    cmake: tuple[str, ...] = ()
    """Names of CMake packages: `NAMEConfig.cmake` or `name-config.cmake`."""
    python: tuple[str, ...] = ()
    """Distributions inside an interpreter or a prefix, by normalised name."""
    marker: tuple[str, ...] = ()
    """Files (globs) that prove a data set or model at `{prefix}`, relative to it."""
    dirs: tuple[str, ...] = ()
    """More places for this thing: globs of directories; `~` and `$VAR` are expanded."""


@dataclass(frozen=True, slots=True)
class VersionRule:
    """One way to tell the version; rules are tried in order until one matches.

    `run` (a command), `file` (its text) or `text` (a filled template) is searched for
    `match`; its group `version`, or else its first, is the version.
    """

    match: str
    run: str | None = None
    file: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class RefuseRule:
    """What makes a candidate something else: a pattern on the output or on the real path."""

    why: str
    output: str | None = None
    real: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A piece that may come with the thing; absent is fine."""

    file: str
    tags: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    prepend: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alias: str | None = None
    """The plain name by which this program is called, `g++` for `g++-12`."""


@dataclass(frozen=True, slots=True)
class Check:
    """The proof that the thing works: a program that is built and run, or files that are there."""

    run: str | None = None
    source: str | None = None
    suffix: str = ".c"
    expect: str | None = None
    """A pattern that the output must contain."""
    needs: Mapping[str, str] = field(default_factory=dict)
    """Queries for what the check needs besides the thing; its variables join the command's."""
    files: Mapping[str, int] = field(default_factory=dict)
    """Globs below the prefix and how many files each must match at least."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One file of a case's tree: its `text`, what it prints when `run`, or the `link`'s target."""

    text: str | None = None
    run: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A detector's own test: a mock tree, and what must come out of it."""

    tree: Mapping[str, CaseFile]
    version: str | None = None
    tags: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    prepend: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: str | None = None
    """A pattern that the reason of a refusal must contain."""
    count: int = 1
    """How many entries must come out when none is refused."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What detectors and recipes have in common."""

    name: str
    description: str
    tags: tuple[str, ...]
    file: str
    """Where it is defined."""
    digest: str
    """sha256 of the file."""
    homepage: str | None = None
    provides: tuple[str, ...] = ()
    """Capabilities that one thing of an environment can have: `mpi` of Open MPI and of MPICH."""
    conflicts: tuple[str, ...] = ()
    """Queries for what must not be in the same environment."""

    @property
    def all_tags(self) -> tuple[str, ...]:
        """The tags with the name and the capabilities among them, as queries see them."""
        return (self.name, *self.tags, *self.provides)


@dataclass(frozen=True, slots=True)
class Detector(Definition):
    """What a thing looks like when it is there."""

    find: Find = field(default_factory=Find)
    versions: tuple[VersionRule, ...] = ()
    refusals: tuple[RefuseRule, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    prepend: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    check: Check | None = None
    cases: tuple[Case, ...] = ()
    alias: str | None = None
    """The plain name by which people call the program, `gcc` for `gcc-12`."""
    identity: str = "{real}"
    """Candidates for which this comes out the same are one thing."""
    prefix: str | None = None
    """The prefix, where it is not the parent of the directory that was searched."""

    @property
    def possible_tags(self) -> tuple[str, ...]:
        """Every tag that an entry of this detector may carry, its name among them."""
        more = (tag for part in self.parts for tag in part.tags)
        return tuple(dict.fromkeys((*self.all_tags, *more)))


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to fetch for a version. `digest` is `sha256:…`, `sha512:…` or `md5:…`."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class RecipeVersion:
    """A row of the table of versions: its files by name, or the commit of a checkout."""

    version: str
    files: tuple[SourceFile, ...] = ()
    commit: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    """More values for the templates of this version only."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the files come from; exactly one of `urls`, `pypi`, `npm` and `git` is given."""

    urls: tuple[str, ...] = ()
    """Addresses of the same file, tried in order."""
    pypi: str | None = None
    npm: str | None = None
    git: str | None = None
    unpack: bool = True
    strip: int | None = None
    """Leading directories to drop; None drops one when the archive has a single one."""
    into: str = "."
    """Where below the prefix (or the source tree) the files go."""


@dataclass(frozen=True, slots=True)
class Build:
    """How sources become a prefix."""

    system: str = "none"
    """`none`, `cmake`, `meson`, `autotools`, `make` or `commands`."""
    options: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    """Links to make in the finished prefix: where, and to what, both relative to it."""
    scripts: Mapping[str, str] = field(default_factory=dict)
    """Launchers of Python entry points to write: where below the prefix, and `module:function`."""
    executable: tuple[str, ...] = ()
    """Files of the finished prefix that must be executable (globs)."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a recipe needs in one role, and where it needs it."""

    query: str
    versions: str = ""
    """Versions of the recipe that need it, `>=2,<3`; empty means all."""
    platforms: tuple[str, ...] = ()
    """Platform names (globs) on which it is needed; empty means everywhere."""

    def applies(self, version: str, platform: str) -> bool:
        """Whether *version* of the recipe needs it on *platform*."""
        if self.versions and Version(version) not in VersionRange.parse(self.versions):
            return False
        return matches(platform, self.platforms)


def matches(platform: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of *patterns* (globs) fits *platform*, or there are none."""
    if not patterns:
        return True
    from fnmatch import fnmatchcase

    return any(fnmatchcase(platform, pattern) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Recipe(Definition):
    """How to get a thing, and the detector that describes it once it is there."""

    detector: str = ""
    versions: tuple[RecipeVersion, ...] = ()
    source: Source = field(default_factory=Source)
    needs: Mapping[str, Need] = field(default_factory=dict)
    """Role to what fills it, conditional ones included; see `needs_of`."""
    build: Build = field(default_factory=Build)
    platforms: tuple[str, ...] = ()
    """Platform names (globs, `linux-x86_64*`) where it works; empty means everywhere."""

    @property
    def needs_queries(self) -> dict[str, str]:
        """Role to query, conditional ones included."""
        return {role: need.query for role, need in self.needs.items()}

    def needs_of(self, version: str, platform: str) -> dict[str, str]:
        """Role to query, for one version on one platform."""
        return {
            role: need.query for role, need in self.needs.items() if need.applies(version, platform)
        }

    def newest_first(self) -> tuple[RecipeVersion, ...]:
        """Versions in order of preference: newest first, pre-releases after releases."""
        return tuple(
            sorted(
                self.versions,
                key=lambda row: (not Version(row.version).is_prerelease, Version(row.version)),
                reverse=True,
            )
        )


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A known place: prefixes that a version manager, a vendor or a site makes."""

    manager: str
    prefixes: tuple[str, ...]
    """Globs; `~` and `$VAR` are expanded, and a glob of an unset variable is dropped."""
    bin: tuple[str, ...] = ("bin",)
    lib: tuple[str, ...] = ("lib", "lib64")
    include: tuple[str, ...] = ("include",)
    shims: tuple[str, ...] = ()
    """Directories of stand-ins that are never the thing itself."""
