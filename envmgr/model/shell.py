"""How one shell says things. Apart from the other definitions: every warm start needs it alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Shell:
    """How one shell says things. Renderers are data."""

    name: str
    description: str
    file: str
    program: str | None = None
    """The program that reads it, for `envmgr shell`; None when it is only printed."""
    format: str = "lines"
    """`lines` made of `set` and `unset`, or one `json` object, which needs neither."""
    quote: tuple[str, str] = ("'", "'")
    escapes: tuple[tuple[str, str], ...] = ()
    """Replacements inside the quotes, applied in one pass."""
    forbidden: str = ""
    """Characters that this shell cannot hold in a value."""
    text_only: bool = False
    """Whether it can hold no bytes but those of UTF-8."""
    set: str = ""
    """A line that sets `{name}` to the quoted `{value}`."""
    sets: Mapping[str, str] = field(default_factory=dict)
    """Lines like `set` for variables that the shell holds in a form of its own."""
    unset: str = ""
    """A line that unsets `{name}`."""
    after: str = ""
    """What follows the lines: a shell that remembers where its commands are must forget it."""
    argv: tuple[str, ...] = ()
    """Arguments that start an interactive shell; `{rc}` is the directory made from `files`."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """Variables that lead the interactive shell to its `files`; `{rc}` as in `argv`."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Start-up files by their name in the directory: `{rc}` is its quoted path, `{restore}` puts
    the variables of `environ` back, `{script}` sets the environment, `{label}` marks the prompt."""
    hook: Mapping[str, str] = field(default_factory=dict)
    """Templates of the prompt hook, for a shell that can have one; see `activate.snippet`."""
