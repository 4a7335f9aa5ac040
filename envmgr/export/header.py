"""The comment that every file of an image begins with: what it has, and what it does without."""

from __future__ import annotations

from envmgr.export.carry import Image
from envmgr.export.heading import about

_PINNED = (
    "Packages are pinned to the versions that were found. Where a mirror has dropped one,"
    " use a snapshot archive of the distribution as the source of packages."
)


def header(image: Image, format: str) -> list[str]:
    """Lines about *image* for a file of the *format* of that name."""
    contents = ", ".join(map(str, image.entries)) or "nothing of what was asked for"
    title = f"Made by `envmgr export {format}` for {image.platform}: {contents}."
    notes = (_PINNED,) if image.packages or image.fetch_packages else ()
    return about(title, notes, image.left_out)


def labels(image: Image) -> dict[str, str]:
    """What an image says of itself, the same for the same image."""
    said = {
        "org.opencontainers.image.title": image.name,
        "org.opencontainers.image.base.name": image.base,
        "envmgr.entries": " ".join(map(str, image.entries)),
        "envmgr.lock": f"sha256:{image.lock.removeprefix('sha256:')}" if image.lock else "",
    }
    return {name: value for name, value in said.items() if value.isprintable() and value}
