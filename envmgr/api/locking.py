"""Making a lock: what is locked already stays as far as it fits; the rest is resolved.

Nothing is installed. What is here is locked as it is, what would be installed by its recipe.
Of another platform nobody knows here what a machine has, so there only recipes answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from envmgr.api import recorded
from envmgr.api.detect import detect
from envmgr.api.drafts import Drafts, machine, with_contents
from envmgr.api.install import detect_needs, recipes_for
from envmgr.api.workspace import Workspace
from envmgr.errors import ChangedRecipeError, EnvmgrError, ResolutionError, UsageError
from envmgr.install.plan import ChooseWheels, make_plan
from envmgr.install.registries import choose_wheels, wheel_platforms
from envmgr.lock.fitting import present, row_of, stale
from envmgr.model.definition import Recipe
from envmgr.model.lock import (
    Lock,
    LockedEntry,
    LockedEnvironment,
    LockedPlatform,
    keyed,
    marks,
    renamed,
    wish_text,
)
from envmgr.model.project import Project, Wanted
from envmgr.model.query import Query
from envmgr.model.resolution import Resolution
from envmgr.resolve.resolve import resolve


@dataclass(frozen=True, slots=True)
class Locking:
    """What locking gave."""

    lock: Lock
    notes: tuple[str, ...] = ()
    """What is not locked, and why."""


@dataclass(frozen=True, slots=True)
class Update:
    """What of a lock is to be chosen anew."""

    everything: bool = False
    queries: tuple[Query, ...] = ()


def make_lock(
    workspace: Workspace,
    project: Project,
    old: Lock | None = None,
    *,
    environments: Sequence[str] = (),
    platforms: Sequence[str] = (),
    update: Update | None = None,
) -> Locking:
    """The lock of *project*, in which *old* is kept as far as it fits.

    *environments* are made anew (none: all), the others stay as they are; so do the platforms
    beside *platforms* (none: those of the project, else this one and those that are locked).
    Raises ResolutionError when nothing answers on this platform, ChangedRecipeError for what
    is installed and could not be installed again, UsageError for an unknown name.
    """
    for name in environments:
        project.wanted(name, workspace.platform)
    old = old or Lock()
    wanted = tuple(platforms or project.platforms or {workspace.platform: None, **old.platforms})
    freed = _freed(workspace, update or Update(), old)
    parts: dict[str, LockedPlatform] = {}
    notes: list[str] = []
    for platform in dict.fromkeys((*wanted, *_kept_platforms(project, old))):
        part = old.platforms.get(platform, LockedPlatform())
        if platform not in wanted:
            parts[platform] = part
            continue
        locker = _Locker(workspace, project, platform, part, freed)
        parts[platform] = locker.part(environments)
        notes += locker.notes
    return Locking(Lock(parts), tuple(notes))


def unfit(
    project: Project, lock: Lock | None, names: Sequence[str] = (), platforms: Sequence[str] = ()
) -> tuple[str, ...]:
    """Why *lock* does not fit *project*, each reason a line; empty when it does.

    What no recipe could give on a platform is said in the lock, and is no reason. Raises
    UsageError for an unknown name.
    """
    for name in names:
        project.wanted(name, "")  # raises UsageError for one that is not there
    if lock is None:
        return ("there is no lock",)
    if not lock.platforms:
        return ("nothing is locked",)
    reasons = [
        stale(lock.platforms.get(platform), project, name, platform)
        for platform in platforms or project.platforms or lock.platforms
        for name in names or project.environments
        if not _is_said(lock, platform, name)
    ]
    gone = [
        f"{name} is locked for {platform}, and the project has no such environment"
        for platform, part in lock.platforms.items()
        for name in part.environments
        if name not in project.environments
    ]
    return (*filter(None, reasons), *gone)


def _is_said(lock: Lock, platform: str, name: str) -> bool:
    part = lock.platforms.get(platform, LockedPlatform())
    return name in part.environments and bool(part.environments[name].not_locked)


def _kept_platforms(project: Project, old: Lock) -> tuple[str, ...]:
    """Platforms that are locked and still the project's: it names none, or these among others."""
    return tuple(p for p in old.platforms if not project.platforms or p in project.platforms)


def _freed(workspace: Workspace, update: Update, old: Lock) -> frozenset[str]:
    """The names of entries that are to be chosen anew. Raises UsageError."""
    locked = {entry.name for part in old.platforms.values() for entry in part.entries.values()}
    if update.everything:
        return frozenset(locked)
    freed: set[str] = set()
    for query in update.queries:
        bare = Query(query.wanted, query.refused)
        names = {detector.name for detector in workspace.catalogue.detectors(bare)}
        names |= {recipe.detector for recipe in workspace.catalogue.recipes(bare)}
        if names.isdisjoint(locked):
            raise UsageError(
                f"nothing that is locked fits {query}", hint=f"locked are {', '.join(locked)}"
            )
        freed |= names & locked
    return frozenset(freed)


# -- one platform ----------------------------------------------------------------------------


@dataclass(slots=True)
class _Locker:
    """Locks the environments of a project on one platform."""

    workspace: Workspace
    project: Project
    platform: str
    old: LockedPlatform
    freed: frozenset[str]
    notes: list[str] = field(default_factory=list)

    @property
    def is_here(self) -> bool:
        return self.platform == self.workspace.platform

    def part(self, names: Sequence[str]) -> LockedPlatform:
        """The platform's part of the lock, with the environments *names* (none: all) made anew."""
        drafts = Drafts(self.workspace)
        pool = {_old(key): _renamed_old(entry) for key, entry in self.old.entries.items()}
        made: dict[str, LockedEnvironment] = {}
        for name in self.project.environments:
            kept = self.old.environments.get(name)
            if not names or name in names:
                made[name] = self._environment(name, drafts)
            elif kept is not None:
                made[name] = _renamed_answers(kept, _old)
        return self._joined(made, drafts.found, pool)

    def _environment(self, name: str, drafts: Drafts) -> LockedEnvironment:
        kept = self._kept(name)
        if kept is not None:
            return _renamed_answers(kept, _old)
        wanted = self.project.wanted(name, self.platform)
        if self.is_here:
            try:
                return self._resolved(wanted, drafts, self._resolution_here(name, wanted))
            except ResolutionError as error:
                text = f"environment {name}: {error.message}"
                raise ResolutionError(text, lines=error.lines, hint=error.hint) from error
        return self._elsewhere(name, wanted, drafts)

    def _kept(self, name: str) -> LockedEnvironment | None:
        """What is locked of an environment, while all of it is wanted and can still be had."""
        if stale(self.old, self.project, name, self.platform):
            return None
        environment = self.old.environments[name]
        keys = self.old.closure(environment.answers.values(), builds=True)
        if self.freed.intersection(self.old.entries[key].name for key in keys):
            return None
        if not self.is_here:
            return environment
        here = present(self.old, recorded.entries(self.workspace))
        can_be_had = all(key in here or self._is_offered(self.old.entries[key]) for key in keys)
        return environment if can_be_had else None

    def _is_offered(self, locked: LockedEntry) -> bool:
        if locked.kind != "installed":
            return False
        try:
            row_of(locked, self.workspace.catalogue.recipe(locked.recipe))
        except (UsageError, ChangedRecipeError):
            return False
        return True

    # -- resolving ---------------------------------------------------------------------------

    def _resolution_here(self, name: str, wanted: Wanted) -> Resolution:
        _look_for(self.workspace, wanted.queries)
        recipes = recipes_for(self.workspace, wanted.queries)
        detect_needs(self.workspace, recipes)
        entries = recorded.entries(self.workspace)
        locked = self._locked_names(name)
        preferred = _preferring(wanted.queries, locked)
        here = {entry.id for entry in present(self.old, entries).values()}
        names = {entry.name for entry in locked}
        own = [entry for entry in entries if entry.name not in names or entry.id in here]
        try:  # the very things that are locked
            pinned = [_pinned(recipe, locked) for recipe in recipes]
            return resolve(preferred, own, pinned, platform=self.platform)
        except ResolutionError:
            return resolve(
                preferred,
                entries,
                recipes,
                platform=self.platform,
                known=self.workspace.catalogue.known_tags(),
                available=tuple(recipes),
            )

    def _locked_names(self, name: str) -> list[LockedEntry]:
        """What is locked of an environment and is not to be chosen anew."""
        environment = self.old.environments.get(name, LockedEnvironment())
        keys = self.old.closure(environment.answers.values())
        entries = (self.old.entries[key] for key in keys)
        return [entry for entry in entries if entry.name not in self.freed]

    def _resolved(
        self, wanted: Wanted, drafts: Drafts, resolution: Resolution
    ) -> LockedEnvironment:
        answers = {
            wish_text(query): drafts.draft(answer.chosen, self.platform, self._choose)
            for query, answer in zip(wanted.queries, resolution.answers, strict=True)
        }
        return LockedEnvironment(answers)

    @property
    def _choose(self) -> ChooseWheels:
        if self.is_here:
            return choose_wheels
        platforms = wheel_platforms(self.platform)
        return lambda files, python: choose_wheels(files, python, platforms)

    def _elsewhere(self, name: str, wanted: Wanted, drafts: Drafts) -> LockedEnvironment:
        """An environment on another platform, as far as recipes know one."""
        recipes = recipes_for(self.workspace, wanted.queries)
        made = self._by_recipes(name, wanted, recipes, drafts)
        if made is not None:
            return made
        old = self.old.environments.get(name)
        if old is not None and not old.not_locked:
            why = stale(self.old, self.project, name, self.platform)
            more = f": {why}" if why else ""
            self.notes.append(f"{name} is kept for {self.platform} as a machine locked it{more}")
            return _renamed_answers(old, _old)
        reason = self._reason(wanted.queries, recipes)
        self.notes.append(f"{name} is not locked for {self.platform}: {reason}")
        return LockedEnvironment(not_locked=reason)

    def _by_recipes(
        self, name: str, wanted: Wanted, recipes: Sequence[Recipe], drafts: Drafts
    ) -> LockedEnvironment | None:
        preferred = _preferring(wanted.queries, self._locked_names(name))
        try:
            found = resolve(preferred, (), recipes, platform=self.platform)
            return self._resolved(wanted, drafts, found)
        except EnvmgrError:  # no recipe, or none with a file for that platform
            return None

    def _reason(self, queries: Sequence[Query], recipes: Sequence[Recipe]) -> str:
        lost = [str(query) for query in queries if not self._has_recipe(query, recipes)]
        what = " and ".join(lost) or "all of it together"
        return f"no recipe gives {what}; run `envmgr lock` on such a machine"

    def _has_recipe(self, query: Query, recipes: Sequence[Recipe]) -> bool:
        try:
            found = resolve([query], (), recipes, platform=self.platform)
            for release in found.missing:
                make_plan(release, self.platform, self._choose)
        except EnvmgrError:
            return False
        return True

    # -- joining -----------------------------------------------------------------------------

    def _joined(
        self,
        made: Mapping[str, LockedEnvironment],
        drafts: Mapping[str, LockedEntry],
        pool: Mapping[str, LockedEntry],
    ) -> LockedPlatform:
        """The part made of *drafts*, each told by what is locked already where it is the same."""
        marked = marks({**drafts, **pool})
        known = {marked[key]: key for key in pool if pool[key].name not in self.freed}
        same = {draft: known.get(marked[draft], draft) for draft in drafts}
        entries = {**{key: renamed(each, same) for key, each in drafts.items()}, **pool}
        environments = {
            name: _renamed_answers(each, lambda key: same.get(key, key))
            for name, each in made.items()
        }
        whole = LockedPlatform(environments=environments, entries=entries)
        asked = [key for each in environments.values() for key in each.answers.values()]
        reached = {key: entries[key] for key in whole.closure(asked, builds=True)}
        return self._finished(environments, reached, pool)

    def _finished(
        self,
        environments: Mapping[str, LockedEnvironment],
        reached: Mapping[str, LockedEntry],
        pool: Mapping[str, LockedEntry],
    ) -> LockedPlatform:
        new = [key for key in reached if key not in pool]
        filled = {**reached, **with_contents(self.workspace, {key: reached[key] for key in new})}
        keys = keyed(filled)
        entries = {keys[draft]: renamed(entry, keys) for draft, entry in filled.items()}
        named = {
            name: _renamed_answers(each, keys.__getitem__) for name, each in environments.items()
        }
        is_seen_anew = any(reached[key].kind == "detected" for key in new) or not self.old.cpu
        seen = machine() if self.is_here and is_seen_anew else self.old
        return LockedPlatform(seen.cpu, seen.libc, named, entries)


# -- small steps -----------------------------------------------------------------------------


def _old(key: str) -> str:
    """The provisional key of what is locked already."""
    return f"old:{key}"


def _renamed_old(entry: LockedEntry) -> LockedEntry:
    return renamed(entry, {key: _old(key) for key in entry.all_needs})


def _renamed_answers(
    environment: LockedEnvironment, rename: Callable[[str], str]
) -> LockedEnvironment:
    answers = {wish: rename(key) for wish, key in environment.answers.items()}
    return replace(environment, answers=answers)


def _look_for(workspace: Workspace, queries: Iterable[Query]) -> None:
    """Detect what *queries* may mean: who never looked before must not lock something else."""
    possible = [query for query in queries if workspace.catalogue.detectors(query)]
    if possible:
        detect(workspace, possible)


def _preferring(queries: Iterable[Query], locked: Iterable[LockedEntry]) -> list[Query]:
    """*queries*, each preferring what is locked before all that it prefers itself."""
    first = tuple(f"{entry.name},=={entry.version}" for entry in locked)
    return [replace(query, prefer=(*first, *query.prefer)) for query in queries]


def _pinned(recipe: Recipe, locked: Iterable[LockedEntry]) -> Recipe:
    """*recipe* with the version that is locked alone, where one is."""
    versions = {entry.version for entry in locked if entry.recipe == recipe.name}
    if not versions:
        return recipe
    return replace(recipe, versions=tuple(r for r in recipe.versions if r.version in versions))
