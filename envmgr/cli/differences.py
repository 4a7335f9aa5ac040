"""Differences between locks and machines, as verbs print them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from envmgr.cli.output import heading, tell
from envmgr.lock.difference import Difference


def differences_json(found: Iterable[Difference]) -> list[dict[str, object]]:
    """Differences, for scripts."""
    return [asdict(difference) for difference in found]


def tell_differences(found: Iterable[Difference], *, effects: bool = True) -> None:
    """A line a difference, and with *effects* one for what it can change, for people."""
    platform = None
    for difference in found:
        if difference.platform != platform:
            platform = difference.platform
            print(heading(platform))
        tell(f"  {difference}")
        if effects and difference.effect:
            tell(f"      can change: {difference.effect}")
