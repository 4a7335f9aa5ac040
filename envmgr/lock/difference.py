"""What differs between two locks, field by field, and what that can change."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from envmgr.lock import effects
from envmgr.model.lock import Lock, LockedEntry, LockedPlatform

_PLAIN = ("kind", "path", "package", "recipe", "recipe_digest", "plan")
_TOLD = ("id", "recipe_digest", "plan")
_MACHINE = "machine"
_LONG = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{28,}\b")
"""A digest, of which people need to see the beginning."""
_UNLIKE = re.compile(r"[-\d.]*(?:\.so\b.*)?$")

_Text = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same."""

    platform: str
    subject: str
    """The name of an entry, `environment gpu`, `machine`, or `platform` for all of it."""
    what: str
    """`added`, `gone` or `changed`."""
    field: str = ""
    """Which of its fields, `version` or `files./usr/lib/libm.so.6`; empty for all of it."""
    before: str = ""
    after: str = ""
    effect: str = ""
    """What it can change."""

    @property
    def matters(self) -> bool:
        """Whether something is another thing: not the machine that it is on, and not the same
        thing told by other definitions."""
        return self.subject != _MACHINE and self.field not in _TOLD

    def __str__(self) -> str:
        before, after = (_LONG.sub(r"\1…", value) for value in (self.before, self.after))
        if self.what == "changed":
            return f"{self.subject}: {self.field}: {before} -> {after}"
        return ": ".join(filter(None, (self.subject, self.what, self.field, before or after)))


def differences(before: Lock, after: Lock) -> tuple[Difference, ...]:
    """What differs between two locks, in order of platforms and names."""
    found: list[Difference] = []
    for platform in sorted({*before.platforms, *after.platforms}):
        old, new = before.platforms.get(platform), after.platforms.get(platform)
        if old is None or new is None:
            found.append(Difference(platform, "platform", "gone" if old else "added"))
            continue
        found += between(platform, old, new)
    return tuple(found)


def between(platform: str, old: LockedPlatform, new: LockedPlatform) -> Iterator[Difference]:
    """What differs between two parts of the same *platform*."""
    yield from _machines(platform, old, new)
    yield from _environments(platform, old, new)
    for before, after in _pairs(old.entries.values(), new.entries.values()):
        if before is not None and after is not None:
            yield from of_entries(platform, before, after, old, new)
        elif before is not None:
            effect = effects.of_entry(before.name)
            yield Difference(platform, before.name, "gone", before=str(before), effect=effect)
        elif after is not None:
            effect = effects.of_entry(after.name)
            yield Difference(platform, after.name, "added", after=str(after), effect=effect)


def of_entries(
    platform: str,
    before: LockedEntry,
    after: LockedEntry,
    old: LockedPlatform,
    new: LockedPlatform,
) -> tuple[Difference, ...]:
    """What differs between two entries of the same name, which stand in *old* and *new*.

    Where one of the two is of the other kind, or was not read, there is nothing to compare.
    """
    name = after.name
    found = [
        Difference(platform, name, "changed", field, str(was), str(now), effect)
        for field, was, now, effect in _fields(before, after, old, new)
    ]
    if before.files and after.files:
        files = _files if before.version == after.version else _same_files
        found += [
            Difference(platform, name, what, f"files.{path}", was, now, effects.of_file(name, path))
            for what, path, was, now in files(before.files, after.files)
        ]
    if before.sources and after.sources:
        effect = effects.of_field(name, "sources")
        found += [
            Difference(platform, name, what, f"sources.{source}", was, now, effect)
            for what, source, was, now in _texts(before.sources, after.sources)
        ]
    ids = (before.id, after.id)
    if not found and all(ids) and before.id != after.id:
        effect = effects.of_field(name, "id")
        found.append(Difference(platform, name, "changed", "id", *ids, effect))
    return tuple(found)


def _machines(platform: str, old: LockedPlatform, new: LockedPlatform) -> Iterator[Difference]:
    # One that recipes made for another platform says nothing of a machine.
    if old.cpu and new.cpu and old.cpu != new.cpu:
        effect = effects.of_cpu(old.cpu, new.cpu)
        yield Difference(platform, _MACHINE, "changed", "cpu", old.cpu, new.cpu, effect)
    if old.libc and new.libc and old.libc != new.libc:
        effect = effects.of_libc(old.libc, new.libc)
        yield Difference(platform, _MACHINE, "changed", "libc", old.libc, new.libc, effect)


def _environments(platform: str, old: LockedPlatform, new: LockedPlatform) -> Iterator[Difference]:
    for name in sorted({*old.environments, *new.environments}):
        subject = f"environment {name}"
        before, after = old.environments.get(name), new.environments.get(name)
        if before is None or after is None:
            yield Difference(platform, subject, "gone" if before else "added")
            continue
        for what, wish, was, now in _texts(before.answers, after.answers):
            if what != "changed" or _name(old, was) != _name(new, now):
                yield Difference(platform, subject, what, wish, was, now, "what the environment is")
        if before.not_locked != after.not_locked:
            texts = (before.not_locked or "locked", after.not_locked or "locked")
            yield Difference(platform, subject, "changed", "not_locked", *texts)


def _name(part: LockedPlatform, key: str) -> str:
    return part.entries[key].name


def _pairs(
    old: Iterable[LockedEntry], new: Iterable[LockedEntry]
) -> Iterator[tuple[LockedEntry | None, LockedEntry | None]]:
    """Entries of the same name, by their order; those of the same version first."""
    befores, afters = _by_name(old), _by_name(new)
    for name in sorted({*befores, *afters}):
        ours, theirs = befores.get(name, []), afters.get(name, [])
        for before in list(ours):
            same = [after for after in theirs if after.version == before.version]
            if same:
                ours.remove(before)
                theirs.remove(same[0])
                yield before, same[0]
        longest = max(len(ours), len(theirs))
        pad = [None] * longest
        yield from zip([*ours, *pad][:longest], [*theirs, *pad][:longest], strict=True)


def _by_name(entries: Iterable[LockedEntry]) -> dict[str, list[LockedEntry]]:
    found: dict[str, list[LockedEntry]] = {}
    for entry in entries:
        found.setdefault(entry.name, []).append(entry)
    return found


def _fields(
    before: LockedEntry, after: LockedEntry, old: LockedPlatform, new: LockedPlatform
) -> Iterator[_Text]:
    """Field, value before, value after, effect of every plain field that is not the same."""
    name = after.name
    if before.version != after.version:
        effect = effects.of_version(name, before.version, after.version)
        yield "version", before.version, after.version, effect
    for field in _PLAIN:
        was, now = getattr(before, field), getattr(after, field)
        if was != now and (field == "kind" or (was and now)):
            yield field, was, now, effects.of_field(name, field)
    for field in ("needs", "built_with"):
        was, now = _needs(getattr(before, field), old), _needs(getattr(after, field), new)
        if was != now and was and now:
            yield field, was, now, effects.of_field(name, field)


def _needs(roles: Mapping[str, str], part: LockedPlatform) -> str:
    return ", ".join(f"{role}: {part.entries.get(key, key)}" for role, key in sorted(roles.items()))


def _texts(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[_Text]:
    """`added`, `gone` or `changed`, key, value before and value after."""
    for key in sorted({*old, *new}):
        if key not in new:
            yield "gone", key, old[key], ""
        elif key not in old:
            yield "added", key, "", new[key]
        elif old[key] != new[key]:
            yield "changed", key, old[key], new[key]


def _files(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[_Text]:
    """As `_texts`; what only lies elsewhere, or has another version in its name, is one file."""
    moved = {_stem(path): path for path in new if path not in old}
    gone = [path for path in old if path not in new and _stem(path) in moved]
    elsewhere = {path: moved[_stem(path)] for path in gone}
    yield from _texts({elsewhere.get(path, path): value for path, value in old.items()}, new)


def _same_files(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[_Text]:
    """As `_texts`, of the files that both have: of another version most are others anyway."""
    common = {path: value for path, value in old.items() if path in new}
    yield from _texts(common, {path: new[path] for path in common})


def _stem(path: str) -> str:
    """The name of a file less what a version adds to it: `libz` of `libz.so.1.2.13`."""
    return _UNLIKE.sub("", os.path.basename(path))
