"""Collections of CK: everything in them that becomes a definition, and why the rest does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from envmgr.importers.ck_dataset import read_dataset
from envmgr.importers.ck_draft import Draft
from envmgr.importers.ck_meta import CkEntry, entries_of
from envmgr.importers.ck_needs import IsKnown
from envmgr.importers.ck_program import read_program
from envmgr.importers.ck_rtl import libraries_of, own_libraries
from envmgr.importers.reading import Note, UntranslatableError


@dataclass(frozen=True, slots=True)
class Collection:
    """What the collections in some directories come to."""

    programs: tuple[Draft, ...] = ()
    datasets: tuple[Draft, ...] = ()
    left: tuple[Note, ...] = ()
    """Programs and data sets that were not taken over."""
    lost: tuple[Note, ...] = ()
    """Details that were not."""


def read_collections(directories: Iterable[str], is_known: IsKnown) -> Collection:
    """Read the collections in *directories*, which complete each other.

    *is_known* tells whether something here may answer a query. Raises UsageError for a directory
    that is no collection.
    """
    left: list[Note] = []
    lost: list[Note] = []
    entries = [entry for directory in directories for entry in entries_of(directory, left)]
    libraries = (*own_libraries(), *libraries_of(_of(entries, "package"), left))

    def read_one(entry: CkEntry) -> tuple[Draft, tuple[Note, ...]]:
        return read_program(entry, libraries, is_known)

    programs = tuple(_drafts(_of(entries, "program"), read_one, left, lost))
    datasets = tuple(_drafts(_of(entries, "dataset"), read_dataset, left, lost))
    return Collection(programs, datasets, tuple(left), tuple(lost))


def _of(entries: Sequence[CkEntry], kind: str) -> list[CkEntry]:
    return [entry for entry in entries if entry.kind == kind]


def _drafts(
    entries: Iterable[CkEntry],
    read: Callable[[CkEntry], tuple[Draft, tuple[Note, ...]]],
    left: list[Note],
    lost: list[Note],
) -> Iterator[Draft]:
    """The drafts of *entries*, by their names; the first with a name is the one."""
    names: set[str] = set()
    for entry in entries:
        try:
            draft, notes = read(entry)
            if draft.name in names:
                raise UntranslatableError(f"another one is called {draft.name} here")
        except (UntranslatableError, OSError) as error:
            left.append(entry.note(entry.name, str(error)))
            continue
        names.add(draft.name)
        lost += notes
        yield draft
