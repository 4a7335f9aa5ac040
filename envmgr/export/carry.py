"""What an image gets and what it does without: decided purely, from what was gathered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from envmgr.activate.state import is_name
from envmgr.export.material import LeftOut, Lost, Material, Packaged, Pin, Remade
from envmgr.export.steps import Chunk, Place, chunks, is_built, tools
from envmgr.export.words import UnwritableError, env_word, plain_path, shell_word
from envmgr.host.packages import SystemPackage
from envmgr.model.delta import Delta, combined
from envmgr.model.entry import Entry
from envmgr.model.plan import Plan, need_values

ROOT = "/opt/envmgr"
"""Where an image has what envmgr made."""
WORK = "/tmp/envmgr"  # noqa: S108  # in a stage of an image, where nobody else is
"""Where a stage works."""
_GPU = frozenset(("gpu", "cuda", "rocm", "nvidia"))
_BULK = frozenset(("dataset", "model"))


@dataclass(frozen=True, slots=True)
class Install:
    """One prefix that is made again in an earlier stage."""

    title: str
    prefix: str
    chunks: tuple[Chunk, ...]
    needs: tuple[str, ...] = ()
    """The prefixes among the installs that must be there meanwhile."""


@dataclass(frozen=True, slots=True)
class Image:
    """Everything that a container is made of, or a machine that is to be like one."""

    base: str
    platform: str
    wanted: tuple[Entry, ...] = ()
    """What it should have, needs first."""
    entries: tuple[Entry, ...] = ()
    """What it has of that."""
    packages: tuple[SystemPackage, ...] = ()
    fetch_packages: tuple[Pin, ...] = ()
    """What the stage needs that makes the installs."""
    installs: tuple[Install, ...] = ()
    copies: tuple[str, ...] = ()
    """The prefixes that the last stage takes over."""
    delta: Delta = field(default_factory=Delta)
    names: Mapping[str, str] = field(default_factory=dict)
    """Links that give programs their plain names: where, and to what."""
    files: tuple[str, ...] = ()
    """What each of the entries is there: a program, a library, a directory of data."""
    left_out: tuple[LeftOut, ...] = ()
    name: str = "environment"
    """What people call the environment: letters, digits and `._+-`."""
    lock: str | None = None
    """sha256 of the lock file that the environment is from."""

    @property
    def commands(self) -> tuple[str, ...]:
        """All commands that make the installs."""
        chunks = [chunk for install in self.installs for chunk in install.chunks]
        return tuple(command for chunk in chunks for command in chunk.commands)


def decide(material: Material) -> Image:
    """The image that is as close to *material* as an image can be, and what it lacks."""
    judge = _Judge(material)
    carried = tuple(e for e in material.entries if judge.obstacle(e) is None)
    made = _with_needs(carried, material)
    packages = {p for e in carried for p in _packages(material, e)}
    everywhere = packages.union(*(_build_packages(material, e) for e in made))
    pieces = [judge.piece(entry) for entry in carried]
    extra, unwritable = _writable(material.extra, "the project")
    return Image(
        base=material.base,
        platform=material.platform,
        wanted=material.entries,
        entries=carried,
        packages=tuple(sorted(packages)),
        fetch_packages=_fetch_packages(material, made),
        installs=tuple(judge.install(entry) for entry in made),
        copies=tuple(sorted(judge.prefix(e) for e in carried if e in made)),
        delta=combined([*(piece.delta for piece in pieces), extra]),
        names={at: to for piece in pieces for at, to in piece.names.items()},
        files=tuple(piece.file for piece in pieces if piece.file.isprintable()),
        left_out=(*_left_out(material, judge, everywhere), *unwritable),
        name=material.name,
        lock=material.lock,
    )


def _with_needs(carried: Iterable[Entry], material: Material) -> tuple[Entry, ...]:
    """Installed ones among *carried* and what making them takes, needs first."""
    made: dict[str, Entry] = {}

    def visit(entry: Entry) -> None:
        source = material.sources[entry.id]
        if isinstance(source, Remade) and entry.id not in made:
            for need in _meanwhile(source.plan, material):
                visit(need)
            made[entry.id] = entry

    for entry in carried:
        visit(entry)
    return tuple(made.values())


def _needs(plan: Plan) -> dict[str, Entry]:
    return {role: need for role, need in plan.needs.items() if isinstance(need, Entry)}


def _build_needs(plan: Plan) -> tuple[Entry, ...]:
    """What must be there while *plan* is carried out; unpacking needs nothing."""
    return tuple(_needs(plan).values()) if is_built(plan) else ()


def _meanwhile(plan: Plan, material: Material) -> tuple[Entry, ...]:
    """All that must be there while *plan* is carried out: its needs, after what they need."""
    there: dict[str, Entry] = {}

    def visit(entry: Entry) -> None:
        if entry.id not in there:
            for id in entry.needs:
                visit(material.known[id])
            there[entry.id] = entry

    for need in _build_needs(plan):
        visit(need)
    return tuple(there.values())


def _packages(material: Material, entry: Entry) -> tuple[SystemPackage, ...]:
    source = material.sources[entry.id]
    return source.packages if isinstance(source, Packaged) else ()


def _build_packages(material: Material, entry: Entry) -> tuple[SystemPackage, ...]:
    """What commands that make an installed *entry* take of the system's packages."""
    source = material.sources[entry.id]
    if not isinstance(source, Remade):
        return ()
    needed = [p for need in _meanwhile(source.plan, material) for p in _packages(material, need)]
    return (*needed, *source.programs.packages)


def _fetch_packages(material: Material, made: Iterable[Entry]) -> tuple[Pin, ...]:
    pins: dict[str, Pin] = {}
    for entry in made:
        source = material.sources[entry.id]
        if isinstance(source, Remade):
            pins = {**{name: material.tools[name] for name in tools([source.plan])}, **pins}
        exact = _build_packages(material, entry)
        pins = {**pins, **{p.name: Pin(p.name, p.version) for p in exact}}
    return tuple(pins[name] for name in sorted(pins))


def _left_out(
    material: Material, judge: _Judge, packages: Iterable[SystemPackage]
) -> Iterator[LeftOut]:
    for entry in material.entries:
        obstacle = judge.obstacle(entry)
        if obstacle is not None:
            yield LeftOut(str(entry), obstacle, entry.path)
            continue
        yield from judge.piece(entry).left_out
        source = material.sources[entry.id]
        if isinstance(source, Remade) and source.changed:
            why = "its recipe has changed since it was installed; the image gets what it says now"
            yield LeftOut(str(entry), why)
    for package in sorted(material.gone.intersection(packages)):
        why = "no source of packages here has this version any more; take a snapshot archive"
        yield LeftOut(str(package), why)
    if any(judge.obstacle(e) is None and _GPU & set(e.tags) for e in material.entries):
        why = "it belongs to the machine that runs the image, as the kernel does"
        yield LeftOut("the driver of the GPU", why)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one entry changes in the image's environment."""

    delta: Delta
    names: Mapping[str, str]
    file: str
    left_out: tuple[LeftOut, ...]


class _Judge:
    """Says of each entry what keeps it out of the image, if anything, and what it becomes there."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._obstacles: dict[str, str | None] = {}
        self._installs: dict[str, Install] = {}
        plans = {id: s.plan for id, s in material.sources.items() if isinstance(s, Remade)}
        self._prefixes = {id: f"{ROOT}/{plan.slug}" for id, plan in plans.items()}
        self._moved = _mover({material.known[i].prefix: to for i, to in self._prefixes.items()})

    def prefix(self, entry: Entry) -> str:
        """Where the image has an installed *entry*."""
        return self._prefixes[entry.id]

    def install(self, entry: Entry) -> Install:
        """How the prefix of an installed *entry* that nothing keeps out is made."""
        return self._installs[entry.id]

    def obstacle(self, entry: Entry) -> str | None:
        """Why the image cannot have *entry*, or None."""
        if entry.id not in self._obstacles:
            self._obstacles[entry.id] = "it needs itself"  # unless the next line ends
            self._obstacles[entry.id] = self._needs_obstacle(entry) or self._own_obstacle(entry)
        return self._obstacles[entry.id]

    def _needs_obstacle(self, entry: Entry) -> str | None:
        for id in entry.needs:
            need = self._material.known.get(id)
            if need is None:
                return "something it needs is not recorded any more"
            if self.obstacle(need):
                return f"it needs {need}, which cannot be carried over"
        return None

    def _own_obstacle(self, entry: Entry) -> str | None:
        source = self._material.sources[entry.id]
        if isinstance(source, Lost):
            return source.reason
        if "nvidia-driver" in entry.tags:
            return "a driver belongs to the machine that runs the image"
        if isinstance(source, Remade):
            return self._making_obstacle(entry, source)
        if entry.path not in source.unowned:
            return None
        advice = "; mount it when the image runs" if _BULK & set(entry.tags) else ""
        return source.unowned[entry.path] + advice

    def _making_obstacle(self, entry: Entry, source: Remade) -> str | None:
        for need in _build_needs(source.plan):
            if self.obstacle(need):
                return f"making it needs {need}, which cannot be carried over"
        for program, reason in source.programs.unowned.items():
            return f"making it runs {program}: {reason}"
        try:
            self._installs[entry.id] = self._install(entry, source.plan)
        except UnwritableError as error:
            return error.message
        return None

    def _install(self, entry: Entry, plan: Plan) -> Install:
        prefix = plain_path(self.prefix(entry))
        values = {name: self._moved(value) for name, value in need_values(_needs(plan)).items()}
        place = Place(prefix, f"{WORK}/{plan.slug}", values)
        pieces = [self.piece(need) for need in _build_needs(plan)]
        steps = chunks(plan, place, _exports(pieces))
        meanwhile = _meanwhile(plan, self._material)
        needs = tuple(self.prefix(need) for need in meanwhile if need.id in self._prefixes)
        return Install(f"{plan} by its recipe", prefix, steps, needs)

    def piece(self, entry: Entry) -> _Piece:
        """What *entry* changes, less what names files that are missing; nothing keeps it out."""
        source = self._material.sources[entry.id]
        missing = source.unowned if isinstance(source, Packaged) else {}
        left_out = [LeftOut(str(entry), reason, file) for file, reason in missing.items()]

        def there(text: str) -> bool:
            return not any(_names(file, text) for file in missing)

        put = {n: self._moved(v) for n, v in entry.delta.put.items() if there(v)}
        lists = {n: tuple(map(self._moved, v)) for n, v in entry.delta.prepend.items()}
        links = {n: self._moved(v) for n, v in entry.links.items() if there(v)}
        directory = f"{ROOT}/names/{entry.name}-{re.sub(r'[^A-Za-z0-9._+-]', '_', entry.version)}"
        if links:
            lists["PATH"] = (directory, *lists.get("PATH", ()))
        delta, bad = _writable(Delta(put, lists), str(entry))
        names = {f"{directory}/{n}": v for n, v in links.items()}
        return _Piece(delta, names, self._moved(entry.path), (*left_out, *bad))


def _names(file: str, text: str) -> bool:
    return re.search(re.escape(file) + r"(?![\w.+-])", text) is not None


def _writable(delta: Delta, owner: str) -> tuple[Delta, list[LeftOut]]:
    """*delta* without what no file can say, and what that is."""
    bad = {name: why for name, value in delta.put.items() if (why := _mistake(name, value))}
    bad |= {name: why for name, value in delta.prepend.items() if (why := _mistake(name, *value))}
    rest = Delta(
        {name: value for name, value in delta.put.items() if name not in bad},
        {name: value for name, value in delta.prepend.items() if name not in bad},
    )
    return rest, [LeftOut(f"{name} of {owner}", why) for name, why in bad.items()]


def _mistake(name: str, *values: str) -> str | None:
    """Why no file of an image can set the variable, or None."""
    if not is_name(name):
        return f"not a name of a variable: {name!a}"
    try:
        for value in values:
            env_word(value)
    except UnwritableError as error:
        return error.message
    return None


def _mover(moves: Mapping[str, str]) -> Callable[[str], str]:
    """What puts the places of the image for those of this machine into a text."""
    if not moves:
        return lambda text: text
    longest_first = sorted(moves, key=lambda path: (-len(path), path))
    pattern = re.compile(rf"({'|'.join(map(re.escape, longest_first))})(?![\w.+-])")
    return lambda text: pattern.sub(lambda found: moves[found[1]], text)


def _exports(pieces: Iterable[_Piece]) -> list[str]:
    """Commands that open the environment of a build."""
    pieces = list(pieces)
    delta = combined(piece.delta for piece in pieces)
    words = [f"{name}={shell_word(value)}" for name, value in sorted(delta.put.items())]
    for name, paths in sorted(delta.prepend.items()):
        before = ':"$PATH"' if name == "PATH" else ""
        words.append(f"{name}={shell_word(':'.join(paths))}{before}")
    links = {at: to for piece in pieces for at, to in piece.names.items()}
    return [*link_commands(links), *([f"export {' '.join(words)}"] if words else [])]


def link_commands(links: Mapping[str, str]) -> list[str]:
    """Commands that make *links*: where, and to what."""
    directories = sorted({at.rpartition("/")[0] for at in links})
    made = [f"mkdir -p {' '.join(map(shell_word, directories))}"] if directories else []
    return made + [f"ln -sfn {shell_word(to)} {shell_word(at)}" for at, to in sorted(links.items())]
