"""What makes sense in the names of other systems."""

from __future__ import annotations

import re

from envmgr.catalog.problem import Spot
from envmgr.model.names import SYSTEMS, Renamed
from envmgr.model.query import is_tag

_FORMS = {
    "spack": re.compile(r"[a-z0-9][a-z0-9-]*"),
    "conda": re.compile(r"[a-z0-9_][a-z0-9_.-]*"),
    "pypi": re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"),
}


def check_names(renamed: Renamed, spot: Spot) -> None:
    """Say everything that is wrong with the names of other systems."""
    if not any(map(renamed.of, SYSTEMS)) and not spot.found:
        spot.say("names nothing")
    for system in SYSTEMS:
        for name, there in renamed.of(system).items():
            at = spot.at(system, name)
            if not is_tag(name) or "." not in name:
                at.say(f"{name!r} is not a name of a thing")
            for i, package in enumerate(there):
                if package and not _FORMS[system].fullmatch(package):
                    at.at(i).say(f"{package!r} is not a name of a package of {system}")
                elif package in there[:i]:
                    at.at(i).say(f"{package!r} stands twice")
