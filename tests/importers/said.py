"""What tests compare of a reading, in short."""

from __future__ import annotations

from envmgr.importers.reading import Reading


def ours(name: str) -> str | None:
    """A lookup that knows every name but those with `unknown` in them."""
    return None if "unknown" in name else f"x.{name.lower().replace('_', '-')}"


def wishes(reading: Reading) -> list[str]:
    """Each wish: its query, its platforms, and its feature unless that is the default one."""
    return [
        " ".join(
            [
                str(one.wish.query).removeprefix("x."),
                *one.wish.platforms,
                *([] if one.feature == "default" else [f"[{one.feature}]"]),
            ]
        )
        for one in reading.taken
    ]


def left(reading: Reading) -> list[tuple[str, str, str]]:
    """What was not taken over."""
    return [(note.where, note.what, note.why) for note in reading.left]


def lost(reading: Reading) -> list[tuple[str, str, str]]:
    """Which details were not."""
    return [(note.where, note.what, note.why) for note in reading.lost]
