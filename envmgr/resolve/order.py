"""The order of an environment's entries: needs first, and what was asked for first last.

Deltas are summed in this order and the last one comes first in path lists. So what was asked
for first stands foremost, as far as an entry can come after everything that it needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from envmgr.model.entry import Entry


def in_order(answers: Sequence[Sequence[Entry]], asked: Sequence[str]) -> tuple[Entry, ...]:
    """The entries of all *answers*, each with its needs before it, once each.

    *asked* holds the id of what each answer is for, which may be no entry. The list is made
    from its end: of what nothing left needs, the most urgent comes next.
    """
    parts = {entry.id: entry for answer in answers for entry in answer}
    urgency = _urgency(parts, answers, asked)
    reversed_: list[Entry] = []
    while parts:
        needed = {need for entry in parts.values() for need in entry.needs}
        free = [id for id in parts if id not in needed]
        reversed_.append(parts.pop(min(free, key=lambda id: urgency[id])))
    return tuple(reversed(reversed_))


def _urgency(
    parts: Mapping[str, Entry], answers: Sequence[Sequence[Entry]], asked: Sequence[str]
) -> dict[str, int]:
    """The number of the first query for each entry; smaller is more urgent.

    What was asked for makes everything urgent that has to stand before it in path lists.
    What was not asked for and needs nothing that was follows the first that needs it.
    """
    first = {id: number for number, id in reversed(list(enumerate(asked)))}
    urgency: dict[str, int] = {}
    for entry in parts.values():  # needs come before what needs them
        known = [urgency[id] for id in entry.needs if id in urgency]
        own = [first[entry.id]] if entry.id in first else []
        if known or own:
            urgency[entry.id] = min(known + own)
    for number, answer in enumerate(answers):
        for entry in answer:
            urgency.setdefault(entry.id, number)
    return urgency
