"""Editing a project file: decided on values, done on the text, and read back.

The text is edited in place, so that comments, order and layout of everything else stay as the
person wrote them. What came of it is read again before anything is written: it must say exactly
what was decided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from envmgr.errors import ProjectError, UsageError
from envmgr.model.filenames import DEFAULT
from envmgr.model.project import Feature, Project, Wish
from envmgr.model.query import Query
from envmgr.project.read import parsed
from envmgr.project.schema import is_plain

if TYPE_CHECKING:
    from tomlkit.items import Array, Item

_Wishes = list[Wish]


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit of a project file makes of it."""

    project: Project
    """As it is afterwards."""
    text: str
    """Of the whole file."""
    added: tuple[Wish, ...] = ()
    replaced: tuple[tuple[Wish, Wish], ...] = ()
    """What was there, and what stands there now."""
    dropped: tuple[Wish, ...] = ()
    made: str = ""
    """The feature that was made, with an environment of its name that adds it to `default`."""


def with_wishes(
    project: Project, text: str, wishes: Iterable[Wish], feature: str = DEFAULT
) -> Edit:
    """*project*, whose file holds *text*, with *wishes* in the feature of that name.

    A wish for a thing that is wanted there already takes the place of that one, and keeps those
    of its options that it does not say itself. A feature that is not there is made. Raises
    UsageError where it is not clear what is replaced, ProjectError for a text that cannot be
    edited.
    """
    known = project.features.get(feature)
    after = list(known.wishes) if known else []
    added: _Wishes = []
    replaced = []
    for wish in wishes:
        place = _place_for(wish, after)
        if place is None:
            after.append(wish)
            added.append(wish)
            continue
        merged = _merged(after[place], wish)
        if merged != after[place]:
            replaced.append((after[place], merged))
        after[place] = merged
    changed, made = _with_feature(project, feature, after)
    edited = _edited(project, text, changed, feature, lambda array: _fill(array, after))
    return Edit(changed, edited, tuple(added), tuple(replaced), (), made)


def without_wishes(
    project: Project, text: str, queries: Iterable[Query], feature: str = DEFAULT
) -> Edit:
    """*project*, whose file holds *text*, without what *queries* name in the feature.

    A query names the wishes for the same tags, in whatever range when it gives none; a single
    tag may also name the only wish that has it, `gcc` that for `compiler.gcc`. Raises UsageError
    for one that names nothing.
    """
    if feature not in project.features:
        raise UsageError(
            f"{project.file} has no feature {feature!r}",
            hint=f"it has {', '.join(project.features)}",
        )
    wishes = project.features[feature].wishes
    gone = {place for query in queries for place in _named(query, project, feature)}
    after = [wish for place, wish in enumerate(wishes) if place not in gone]
    changed, _ = _with_feature(project, feature, after)
    edited = _edited(project, text, changed, feature, lambda array: _clear(array, gone))
    return Edit(changed, edited, dropped=tuple(wishes[place] for place in sorted(gone)))


def spelled(query: Query) -> str:
    """*query* as a person writes it: `compiler.gcc@>=12,<15`."""
    if len(query.wanted) != 1 or query.refused or not query.versions:
        return str(query)
    (operator, version), *more = query.versions.clauses
    first = ("" if operator == "=" else operator) + version
    return ",".join([f"{query.wanted[0]}@{first}", *(op + text for op, text in more)])


# -- deciding --------------------------------------------------------------------------------


def _subject(query: Query) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(query.wanted), frozenset(query.refused)


def _place_for(wish: Wish, wishes: Sequence[Wish]) -> int | None:
    """Which of *wishes* is for the same thing as *wish* and gives way to it, if one is.

    One that says platforms goes to the place that says the same, or that says none.
    """
    alike = [i for i, w in enumerate(wishes) if _subject(w.query) == _subject(wish.query)]
    if wish.platforms:
        same = [i for i in alike if wishes[i].platforms == wish.platforms]
        return next(iter(same or [i for i in alike if not wishes[i].platforms]), None)
    if len(alike) > 1:
        where = ", ".join(" ".join(wishes[i].platforms) or "everywhere" for i in alike)
        raise UsageError(
            f"{spelled(wish.query)} could replace several: they are for {where}",
            hint="say which with --platform",
        )
    return alike[0] if alike else None


def _merged(old: Wish, new: Wish) -> Wish:
    """*new*, with the options of *old* that it does not say itself."""
    query = replace(new.query, prefer=new.query.prefer or old.query.prefer)
    return Wish(query, new.platforms or old.platforms)


def _named(query: Query, project: Project, feature: str) -> list[int]:
    """The places of the wishes of the feature that *query* names."""
    wishes = project.features[feature].wishes
    found = [
        i
        for i, wish in enumerate(wishes)
        if _subject(wish.query) == _subject(query)
        and (not query.versions or wish.query.versions == query.versions)
    ]
    if found:
        return found
    if len(query.wanted) == 1 and not query.refused and not query.versions:
        found = [i for i, wish in enumerate(wishes) if query.wanted[0] in _called(wish.query)]
    if len(found) > 1:
        several = ", ".join(spelled(wishes[i].query) for i in found)
        raise UsageError(f"{query} may mean {several}", hint="write the one that is meant")
    if not found:
        raise _not_wanted(query, project, feature)
    return found


def _called(query: Query) -> set[str]:
    """Every tag that *query* wants, and each without its category."""
    return {*query.wanted, *(tag.partition(".")[2] for tag in query.wanted)}


def _not_wanted(query: Query, project: Project, feature: str) -> UsageError:
    from envmgr.catalog.problem import nearest

    others = [
        other.name
        for other in project.features.values()
        if any(_called(wish.query).issuperset(query.wanted) for wish in other.wishes)
    ]
    wishes = project.features[feature].wishes
    near = nearest(spelled(query), [spelled(wish.query) for wish in wishes])
    hint = f"did you mean {near}?" if near else "`needs` of the file says what it wants"
    if others and feature not in others:
        hint = f"the feature {others[0]} wants it: --feature {others[0]}"
    return UsageError(f"the feature {feature} does not want {spelled(query)}", hint=hint)


def _with_feature(project: Project, name: str, wishes: _Wishes) -> tuple[Project, str]:
    """*project* with these *wishes* in a feature; the name of the feature if it is made."""
    if name in project.features:
        feature = replace(project.features[name], wishes=tuple(wishes))
        return replace(project, features={**project.features, name: feature}), ""
    if not is_plain(name):
        raise UsageError(f"not a name of a feature: {name!r}")
    features = {**project.features, name: Feature(name, tuple(wishes))}
    environments = {name: (DEFAULT, name), **project.environments}
    return replace(project, features=features, environments=environments), name


# -- the text --------------------------------------------------------------------------------


def _edited(
    project: Project, text: str, changed: Project, feature: str, change: Callable[[Array], None]
) -> str:
    """*text* after *change* of the feature's list, which must say what *changed* is."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        change(_needs(document, feature))
        if feature not in project.features and feature not in project.environments:
            _table(document, "environments")[feature] = [feature]
        edited = _ended_like(text, document.as_string())
        done = parsed(project.file, edited) == changed
    except (TOMLKitError, ProjectError, TypeError, ValueError) as error:
        raise _uneditable(project.file) from error
    if not done:
        raise _uneditable(project.file)
    return edited


def _uneditable(file: str) -> ProjectError:
    return ProjectError(
        f"{file} is written in a way that cannot be edited here; it is left as it was",
        hint="edit it by hand",
    )


def _needs(document: Any, feature: str) -> Array:
    """The list of queries of a feature; both are made where they are not there."""
    import tomlkit

    empty = tomlkit.array().multiline(True)
    table = document
    if feature != DEFAULT:
        features = _table(document, "features", is_super_table=True)
        if feature not in features:  # with a blank line before what comes next
            features[feature] = tomlkit.table().add("needs", empty).add(tomlkit.nl())
        table = features[feature]
    if "needs" not in table:
        table["needs"] = empty
    array: Array = table["needs"]
    return array


def _table(document: Any, name: str, *, is_super_table: bool = False) -> Any:
    import tomlkit

    if name not in document:
        document[name] = tomlkit.table(is_super_table)
    return document[name]


def _fill(array: Array, wishes: Sequence[Wish]) -> None:
    """Make *array* say *wishes*: the first of them stand there already, if with other words."""
    from envmgr.catalog.problem import Spot
    from envmgr.project.schema import read_wish

    for place, wish in enumerate(wishes):
        if place == len(array):
            _append(array, wish)
        elif read_wish(array[place].unwrap(), Spot()) != wish:
            _replace(array, place, wish)


def _append(array: Array, wish: Wish) -> None:
    """Put *wish* at the end: on a line of its own in a list that has several."""
    text = array.as_string()
    if "\n" not in text:
        array.append(_value(wish))
        return
    indent = re.search(r"\n([ \t]+)[^\s\]]", text)
    array.add_line(_value(wish), indent=indent[1] if indent else " " * 4)


def _replace(array: Array, place: int, wish: Wish) -> None:
    there = array[place]
    if not isinstance(there, dict):
        array[place] = _value(wish)
        return
    for key, value in _table_of(wish).items():
        if there.get(key) != value:
            there[key] = value


def _clear(array: Array, places: Iterable[int]) -> None:
    for place in sorted(places, reverse=True):
        del array[place]


def _value(wish: Wish) -> str | Item:
    import tomlkit

    table = _table_of(wish)
    if len(table) == 1:
        return spelled(wish.query)
    said = ", ".join(f"{key} = {tomlkit.item(value).as_string()}" for key, value in table.items())
    return tomlkit.value(f"{{ {said} }}")


def _table_of(wish: Wish) -> dict[str, str | list[str]]:
    table: dict[str, str | list[str]] = {"query": spelled(wish.query)}
    options = {"prefer": wish.query.prefer, "platforms": wish.platforms}
    return table | {name: list(values) for name, values in options.items() if values}


def _ended_like(before: str, after: str) -> str:
    """*after* with the line ends of *before*, and no blank line at its end that was not there."""
    end = "\n"
    if "\r\n" in before and not re.search(r"(?<!\r)\n", before):
        end = "\r\n"
        after = re.sub(r"(?<!\r)\n", end, after)
    if after.endswith(end * 2) and not before.endswith(end * 2):
        after = after.removesuffix(end)
    return after
