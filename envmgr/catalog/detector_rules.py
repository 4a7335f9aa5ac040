"""What makes sense in a detector."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from envmgr.catalog import rules
from envmgr.catalog.problem import Spot, nearest
from envmgr.errors import UsageError
from envmgr.model.definition import Case, CaseFile, Check, Detector, Find, Part
from envmgr.model.query import Query

_PLACE = frozenset({"path", "real", "name", "bin", "lib", "prefix"})
_PYTHON = frozenset({"python", "python_version", "site", "dist_version"})
_RESERVED = _PLACE | _PYTHON | rules.VERSION | {"file", "source", "out", "root"}
_DISTRIBUTION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PROGRAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
_GROUP = re.compile(r"\(\?P<(\w+)>")
_ANY_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


def check_detector(detector: Detector, place: tuple[str, str], spot: Spot) -> None:
    """Say everything that is wrong with a *detector* that lies at *place*."""
    rules.common(detector, place, spot)
    _relations(detector, spot)
    _find(detector.find, spot.at("find"))
    found = _PLACE | (_PYTHON if detector.find.python else set()) | _find_groups(detector, spot)
    judged = found | rules.VERSION | _version_groups(detector, spot)
    _versions(detector, found, spot)
    _refusals(detector, spot)
    if detector.prefix:
        rules.template(detector.prefix, spot.at("prefix"), found)
    rules.template(detector.identity, spot.at("identity"), judged)
    _alias(detector, spot)
    _delta(detector, judged, spot)
    _parts(detector.parts, judged, spot)
    if detector.check:
        _check(detector.check, judged | _put(detector), spot.at("check"))
    _cases(detector, spot)


# -- what it is to others --------------------------------------------------------------------


def _relations(detector: Detector, spot: Spot) -> None:
    """Capabilities that it can have in an environment, and what must not be beside it."""
    rules.tags(detector.provides, spot.at("provides"))
    possible = (detector.name, *detector.tags[:1], *detector.tags[2:], *_part_tags(detector))
    for i, capability in enumerate(detector.provides):
        if capability in possible:  # but the short name may be one: the BLAS called blas
            spot.at("provides", i).say(f"{capability!r} is the name or a tag of it already")
    for i, text in enumerate(detector.conflicts):
        _conflict(text, detector, spot.at("conflicts", i))


def _conflict(text: str, detector: Detector, spot: Spot) -> None:
    try:
        conflict = Query.parse(text) if text else None
    except UsageError as error:
        spot.say(error.message)
        return
    if conflict and not conflict.versions and not conflict.misfit_tags(detector.all_tags):
        spot.say("would keep it out of every environment: it fits itself")


def _part_tags(detector: Detector) -> list[str]:
    return [tag for part in detector.parts for tag in part.tags]


# -- where to look ---------------------------------------------------------------------------


def _find(find: Find, spot: Spot) -> None:
    ways = (find.program, find.library, find.header, find.pkgconfig, find.cmake, find.python)
    if not any((*ways, find.marker)) and spot.is_clean:
        spot.say("names no way to find it")
    for i, name in enumerate(find.python):
        if name and not _DISTRIBUTION.fullmatch(name):
            meant = re.sub(r"[-_.]+", "-", name.lower()).strip("-")
            spot.at("python", i).say(f"{name!r} is not a normalised name", meant)
    for i, name in enumerate(find.pkgconfig):
        if name.endswith(".pc") or "/" in name:
            spot.at("pkgconfig", i).say("is a name without path and suffix")
    for key, paths in (("header", find.header), ("marker", find.marker)):
        for i, path in enumerate(paths):
            rules.inside(path, spot.at(key, i))
    for i, path in enumerate(find.dirs):
        rules.anywhere(path, spot.at("dirs", i))


def _find_groups(detector: Detector, spot: Spot) -> set[str]:
    """Named groups of the patterns in `[find]`."""
    groups: set[str] = set()
    for key, patterns in (("program", detector.find.program), ("library", detector.find.library)):
        for i, text in enumerate(patterns):
            groups |= _groups(text, spot.at("find", key, i), _RESERVED)
    return groups


def _groups(text: str, spot: Spot, reserved: frozenset[str]) -> set[str]:
    rules.pattern(text, spot)
    names = set(_GROUP.findall(text))  # also of a broken pattern, whose groups are no new mistake
    for name in sorted(names & reserved):
        spot.say(f"the group {name!r} has the name of a placeholder")
    return names


# -- the version -----------------------------------------------------------------------------


def _version_groups(detector: Detector, spot: Spot) -> set[str]:
    groups: set[str] = set()
    for i, rule in enumerate(detector.versions):
        at = spot.at("version", i, "match")
        groups |= _groups(rule.match, at, _RESERVED - {"version"})
        compiled = rules.pattern(rule.match, at)
        if rule.match and compiled and not compiled.groups:
            at.say("has no group for the version")
    return groups


def _versions(detector: Detector, found: Collection[str], spot: Spot) -> None:
    if not detector.versions and spot.at("version").is_clean:
        spot.at("version").say("holds no rule")
    for i, rule in enumerate(detector.versions):
        at = spot.at("version", i)
        ways = {"run": rule.run, "file": rule.file, "text": rule.text}
        rules.exactly_one(ways, at)
        for key, text in ways.items():
            if text is not None:
                rules.template(text, at.at(key), found)
        if rule.run:
            rules.command(rule.run, at.at("run"))


def _refusals(detector: Detector, spot: Spot) -> None:
    for i, rule in enumerate(detector.refusals):
        at = spot.at("refuse", i)
        ways = {"output": rule.output, "real": rule.real}
        rules.exactly_one(ways, at)
        for key, text in ways.items():
            if text:
                rules.pattern(text, at.at(key))


# -- what it sets ----------------------------------------------------------------------------


def _delta(of: Detector | Part, allowed: Collection[str], spot: Spot) -> None:
    rules.variables(of.env, spot.at("env"))
    rules.variables(of.prepend, spot.at("prepend"))
    for name, value in of.env.items():
        rules.template(value, spot.at("env", name), allowed)
        if name in of.prepend:
            spot.at("prepend", name).say("is put in [env] as well")
    for name, paths in of.prepend.items():
        for i, path in enumerate(paths):
            rules.template(path, spot.at("prepend", name, i), allowed)


def _parts(parts: tuple[Part, ...], judged: Collection[str], spot: Spot) -> None:
    for i, part in enumerate(parts):
        at = spot.at("part", i)
        rules.template(part.file, at.at("file"), judged)
        rules.tags(part.tags, at.at("tags"))
        _alias(part, at)
        _delta(part, {*judged, "file"}, at)
        if not (part.tags or part.env or part.prepend or part.alias):
            at.say("adds nothing: it has no tags, env, prepend or alias")


def _alias(of: Detector | Part, spot: Spot) -> None:
    if of.alias is not None and not _PROGRAM.fullmatch(of.alias):
        spot.at("alias").say("is not the plain name of a program")


def _put(detector: Detector) -> set[str]:
    """Variables that an entry may put."""
    return {name for piece in _pieces(detector) for name in piece.env}


def _pieces(detector: Detector) -> tuple[Detector | Part, ...]:
    return (detector, *detector.parts)


# -- proofs ----------------------------------------------------------------------------------


def _check(check: Check, known: Iterable[str], spot: Spot) -> None:
    if not check.run and not check.files:
        spot.say("proves nothing: it has neither run nor files")
    if check.run:
        _check_run(check, {*known, "source", "out"}, spot)
    elif check.source:
        spot.at("source").say("is never used: there is no run")
    if check.expect:
        rules.pattern(check.expect, spot.at("expect"))
    rules.queries(check.needs, spot.at("needs"))
    for path in check.files:
        rules.inside(path, spot.at("files", path))


def _check_run(check: Check, known: set[str], spot: Spot) -> None:
    run = check.run or ""
    if check.needs:  # whose entries lend variables of their own
        known = known | set(_ANY_VARIABLE.findall(run))
    if not check.source:
        known = known - {"source"}
    at = spot.at("run")
    rules.template(run, at, known)
    for part in run.split(" && "):
        rules.command(part, at)


def _cases(detector: Detector, spot: Spot) -> None:
    if not detector.cases and spot.at("case").is_clean:
        spot.at("case").say("holds no case: a detector comes with its own test")
    for i, case in enumerate(detector.cases):
        at = spot.at("case", i)
        for path, content in case.tree.items():
            rules.inside(path, at.at("tree", path))
            _case_file(content, at.at("tree", path))
        _expect(case, detector, at.at("expect"))


def _case_file(content: CaseFile, spot: Spot) -> None:
    rules.exactly_one({"text": content.text, "run": content.run, "link": content.link}, spot)


def _expect(case: Case, detector: Detector, spot: Spot) -> None:
    if case.refused is not None:
        rules.pattern(case.refused, spot.at("refused"))
        if case.version or case.tags or case.env or case.prepend:
            spot.say("what is refused has no version, tags, env or prepend")
    elif not (case.version or case.tags or case.env or case.prepend or case.count != 1):
        spot.say("expects nothing")
    known_tags = detector.possible_tags
    for i, tag in enumerate(case.tags):
        if tag not in known_tags:
            spot.at("tags", i).say(f"no entry gets the tag {tag!r}", nearest(tag, known_tags))
    _expect_delta(case, detector, spot)


def _expect_delta(case: Case, detector: Detector, spot: Spot) -> None:
    prepended = {name for piece in _pieces(detector) for name in piece.prepend}
    for key, expected, known in (
        ("env", case.env, _put(detector)),
        ("prepend", case.prepend, prepended),
    ):
        for name in expected:
            if name not in known:
                spot.at(key, name).say("is set by nothing", nearest(name, known))
