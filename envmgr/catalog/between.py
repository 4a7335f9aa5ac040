"""Mistakes that only show between files: what one refers to, another must be."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from envmgr.catalog.load import Loaded, located
from envmgr.catalog.problem import Problem, Spot, nearest
from envmgr.catalog.scan import root_of
from envmgr.errors import UsageError
from envmgr.model.definition import Detector, Recipe
from envmgr.model.names import SYSTEMS, Renamed, default
from envmgr.model.program import Program
from envmgr.model.query import Query

_Offer = tuple[frozenset[str], frozenset[str]]


@dataclass(slots=True)
class Known:
    """What the files refer to each other by. Built with `known_of`."""

    detectors: dict[str, Detector | None] = field(default_factory=dict)
    """None for one that cannot be read: it is there, whatever it says."""
    offers: list[_Offer] = field(default_factory=list)
    """Of everything that can be found or installed: tags it always has, tags it may have."""
    providers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Capability to the names of the detectors that provide it."""
    tagged: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Tag to the names of the detectors that have it, or whose parts do, as no capability."""
    claims: Mapping[tuple[str, str, str], set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )
    """Repository, kind and name, to the files that claim it."""

    def nothing_is(self, query: Query) -> bool:
        """Whether no detector and no recipe could answer *query*."""
        wanted, refused = set(query.wanted), set(query.refused)
        return not any(
            wanted <= possible and refused.isdisjoint(always) for always, possible in self.offers
        )


def known_of(everything: Iterable[Loaded]) -> Known:
    """What all the files there are can be referred to by."""
    known = Known()
    recipes = []
    for loaded in everything:
        value = loaded.value
        if loaded.kind == "detector":
            known.detectors[loaded.name] = value if isinstance(value, Detector) else None
        if isinstance(value, Recipe):
            recipes.append(value)
        if isinstance(value, Detector | Recipe):
            known.claims[root_of(loaded.file) or "", loaded.kind, value.name].add(loaded.file)
    known.offers = [*_found(known.detectors.values()), *_installed(recipes, known.detectors)]
    for detector in filter(None, known.detectors.values()):
        for capability in detector.provides:
            known.providers[capability].append(detector.name)
        for tag in set(detector.possible_tags).difference(detector.provides):
            known.tagged[tag].append(detector.name)
    return known


def _found(detectors: Iterable[Detector | None]) -> Iterator[_Offer]:
    for detector in filter(None, detectors):
        yield frozenset(detector.all_tags), frozenset(detector.possible_tags)


def _installed(
    recipes: Iterable[Recipe], detectors: Mapping[str, Detector | None]
) -> Iterator[_Offer]:
    for recipe in recipes:
        always, possible = frozenset(recipe.all_tags), frozenset(recipe.all_tags)
        if detector := detectors.get(recipe.detector):
            always |= frozenset(detector.all_tags)
            possible |= frozenset(detector.possible_tags)
        yield always, possible


def between(loaded: Loaded, known: Known) -> tuple[Problem, ...]:
    """Problems of a file that only show beside the others."""
    value, spot = loaded.value, Spot()
    if isinstance(value, Recipe):
        _recipe(value, known, spot)
    elif isinstance(value, Detector):
        _detector(value, known, spot)
    elif isinstance(value, Program):
        _program(value, known, spot)
    elif isinstance(value, Renamed):
        _names(value, known, spot)
    if isinstance(value, Detector | Recipe):
        files = known.claims[root_of(loaded.file) or "", loaded.kind, value.name]
        others = sorted(files - {loaded.file})
        if value.name and others:
            spot.at("name").say(f"{value.name!r} is defined in {others[0]} as well")
    return located(loaded.file, loaded.text, spot.found)


def _recipe(recipe: Recipe, known: Known, spot: Spot) -> None:
    if recipe.detector and recipe.detector not in known.detectors:
        meant = nearest(recipe.detector, known.detectors)
        spot.at("detector").say(f"there is no detector {recipe.detector!r}", meant)
    detector = known.detectors.get(recipe.detector)
    _no_capabilities(recipe.tags, detector.provides if detector else (), known, spot.at("tags"))
    for role, need in recipe.needs.items():
        _can_be(need.query, known, spot.at("needs", role))


def _detector(detector: Detector, known: Known, spot: Spot) -> None:
    for role, text in detector.check.needs.items() if detector.check else ():
        _can_be(text, known, spot.at("check", "needs", role))
    for i, text in enumerate(detector.conflicts):
        _can_be(text, known, spot.at("conflicts", i))
    _no_capabilities(detector.tags, detector.provides, known, spot.at("tags"))
    for number, part in enumerate(detector.parts):
        _no_capabilities(part.tags, detector.provides, known, spot.at("part", number, "tags"))
    for i, capability in enumerate(detector.provides):
        others = known.tagged.get(capability)
        if others and known.providers[capability] == [detector.name]:  # else the tag is wrong
            what = f"{capability!r} is a tag of {others[0]}, which does not provide it"
            spot.at("provides", i).say(what)


def _program(program: Program, known: Known, spot: Spot) -> None:
    for role, text in program.needs.items():
        _can_be(text, known, spot.at("needs", role))
    for command, run in program.runs.items():
        for role, text in run.data.items():
            _can_be(text, known, spot.at("run", command, "data", role))
    _mutations(program, spot)


def _mutations(program: Program, spot: Spot) -> None:
    """What a mutation replaces stands once in a file beside the definition."""
    if program.source.url or program.source.git:
        return
    for i, mutation in enumerate(program.mutations):
        at = spot.at("mutation", i)
        try:
            path = os.path.join(os.path.dirname(program.file), mutation.file)
            with open(path, encoding="utf-8", errors="replace") as file:
                count = file.read().count(mutation.replace)
        except OSError as error:
            at.at("file").say(f"cannot be read: {error.strerror}")
            continue
        if count != 1:
            at.at("replace").say(f"stands in {mutation.file} {count} times, and must once")


def _no_capabilities(tags: Iterable[str], own: Iterable[str], known: Known, spot: Spot) -> None:
    """A tag that is a capability elsewhere would make queries for it find what has it not."""
    for i, tag in enumerate(tags):
        if tag in known.providers and tag not in own:
            owner = known.providers[tag][0]
            spot.at(i).say(f"{tag!r} is a capability, of {owner}: say so under provides")


def _names(renamed: Renamed, known: Known, spot: Spot) -> None:
    for system in SYSTEMS:
        for name, there in renamed.of(system).items():
            detector, at = known.detectors.get(name), spot.at(system, name)
            if name not in known.detectors:
                at.say(f"there is no detector {name!r}", nearest(name, known.detectors))
            elif detector and there == default(system, name, detector.find.python):
                at.say("follows from the name: leave it out")


def _can_be(text: str, known: Known, spot: Spot) -> None:
    """The query *text* fits something that can be found or installed."""
    try:
        query = Query.parse(text)
    except UsageError:
        return  # said when the file was read
    if known.nothing_is(query):
        tags = {tag for _, possible in known.offers for tag in possible}
        unknown = [tag for tag in query.wanted if tag not in tags]
        meant = nearest(unknown[0], tags) if unknown else None
        spot.say(f"no detector and no recipe has the tags of {text!r}", meant)
