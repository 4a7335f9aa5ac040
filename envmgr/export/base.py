"""The image to begin with: the same distribution in the same version."""

from __future__ import annotations

import re
from dataclasses import dataclass

from envmgr.errors import UsageError

_BY_RELEASE = {
    "ubuntu": "ubuntu",
    "fedora": "fedora",
    "almalinux": "almalinux",
    "rocky": "rockylinux/rockylinux",
    "ol": "oraclelinux",
    "amzn": "amazonlinux",
    "opensuse-leap": "opensuse/leap",
}
"""Images that are tagged with the release; the identifiers are those of os-release."""
_BY_POINT_RELEASE = {"debian": "debian", "alpine": "alpine"}
"""Images that are tagged with every point release too."""
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_PIECE = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:[A-Za-z0-9.-]+(?::\d+)?/)?{_PIECE}(?:/{_PIECE})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
_HINT = "name one with its version: --base debian:12.11"


@dataclass(frozen=True, slots=True)
class Distribution:
    """What the system says of itself."""

    id: str
    release: str
    """`12`, `22.04`."""
    point_release: str
    """The most precise version that is known: `12.11`."""


def base_image(distribution: Distribution) -> str:
    """The image of *distribution*. Raises UsageError when none is known for it."""
    by_release = _BY_RELEASE.get(distribution.id)
    image = by_release or _BY_POINT_RELEASE.get(distribution.id)
    version = distribution.release if by_release else distribution.point_release
    if image is None or not _NUMBER.fullmatch(version):
        name = " ".join(filter(None, (distribution.id, distribution.point_release)))
        raise UsageError(f"no base image is known for {name or 'this system'}", hint=_HINT)
    return f"{image}:{version}"


def checked_image(text: str) -> str:
    """*text*, the name of an image with a version. Raises UsageError."""
    if not _IMAGE.fullmatch(text):
        raise UsageError(f"not the name of an image: {text!r}", hint=_HINT)
    tagged = "@" in text or ":" in text.rpartition("/")[2]
    if not tagged or text.endswith(":latest"):
        raise UsageError(f"the base image {text} is not pinned to a version", hint=_HINT)
    return text
