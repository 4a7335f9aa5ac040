"""Make docs/session.svg: a real session, in a real terminal, drawn as a picture.

    python tools/session_svg.py [--width COLUMNS] [--output FILE]

The commands run in one shell on a pseudo-terminal, with an empty home directory and nothing
on PATH but the system's programs and envmgr, so that what the picture shows is not about the
person who made it. The home directory is shown as `~`.
"""

from __future__ import annotations

import argparse
import io
import os
import pty
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = (
    "envmgr detect --tags=compiler,lang-c",
    "envmgr install tool.ninja",
    "envmgr exec compiler.gcc@12 tool.ninja -- sh -c 'echo $CC; ninja --version'",
    'eval "$(envmgr env --tags=tool,ninja)"; command -v ninja; echo "$ENVMGR_ENVIRONMENT"',
    'eval "$(envmgr env --leave)"',
    "envmgr resolve --tags=compiler,gcc,'>=99'",
    "envmgr export dockerfile --tags=compiler,lang-c | sed -n '/^FROM/,$p'",
)
_SHELL = """\
for command in "$@"; do
    printf '\\033[1;32m$\\033[0m \\033[1m%s\\033[0m\\n' "$command"
    eval "$command"
    echo
done
"""
_CLIENTS = ("PIP_", "SSL_", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "http", "https")
"""Variables (by how they begin) without which a registry may be out of reach."""
_THEME = TerminalTheme(
    (22, 27, 34),
    (201, 209, 217),
    [(72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34),
     (88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)],
    [(110, 118, 129), (255, 161, 152), (86, 211, 100), (227, 179, 65),
     (121, 192, 255), (210, 168, 255), (86, 212, 221), (240, 246, 252)],
)  # fmt: skip
_NOT_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-ln-z]")
_WEB_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def session(commands: Sequence[str], width: int) -> str:
    """Everything a terminal of *width* columns shows while *commands* run, with its colours."""
    with _clean_home() as home:
        longer = len(str(home)) - len("~")
        environ = _environ(home, os.environ, width + longer)
        shown = _in_terminal(["bash", "--norc", "-c", _SHELL, "session", *commands], environ, home)
        return shown.replace(str(home), "~")


@contextmanager
def _clean_home() -> Iterator[Path]:
    """An empty home directory with envmgr in `~/.local/bin`."""
    envmgr = shutil.which("envmgr", path=str(Path(sys.executable).parent))
    if envmgr is None:
        raise SystemExit(f"envmgr is not installed beside {sys.executable}: run `make picture`")
    with tempfile.TemporaryDirectory(prefix="s") as name:
        home = Path(name)
        (home / ".local" / "bin").mkdir(parents=True)
        (home / ".local" / "bin" / "envmgr").symlink_to(envmgr)
        yield home


def _environ(home: Path, environ: Mapping[str, str], width: int) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if name.startswith(_CLIENTS)}
    return {
        **kept,
        "HOME": str(home),
        "PATH": f"{home}/.local/bin:/usr/bin:/bin",
        "SHELL": "/bin/bash",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "COLUMNS": str(width),
        "LINES": "200",
    }


def _in_terminal(argv: Sequence[str], environ: Mapping[str, str], cwd: Path) -> str:
    """What *argv* writes to the terminal that it runs in."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(cwd)
        os.execvpe(argv[0], list(argv), dict(environ))  # noqa: S606
    shown = b"".join(_read(terminal))
    os.close(terminal)
    os.waitpid(child, 0)
    return _NOT_COLOUR.sub("", shown.decode("utf-8", "replace")).replace("\r\n", "\n")


def _read(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody is left at the other side
            return
        if not chunk:
            return
        yield chunk


def picture(shown: str, width: int) -> str:
    """*shown* as an SVG that needs nothing from elsewhere."""
    console = Console(
        record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Text.from_ansi(shown.strip()), soft_wrap=False)
    svg = console.export_svg(title="envmgr", theme=_THEME, unique_id="session")
    return _WEB_FONT.sub("", svg)


def main(arguments: Sequence[str]) -> int:
    """Run the session, draw it, and refuse a picture that tells where it was made."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--width", type=int, default=123)
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "session.svg")
    chosen = parser.parse_args(arguments)
    shown = session(COMMANDS, chosen.width)
    print(shown)
    telling = [place for place in (str(ROOT), str(Path.home())) if place in shown]
    if telling:
        print(f"session_svg: the session shows {', '.join(telling)}", file=sys.stderr)
        return 1
    chosen.output.write_text(picture(shown, chosen.width), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
