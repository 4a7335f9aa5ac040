"""What a start costs before anything is done: `envmgr --version` against a bare Python."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import Figure, bare_python, clean_environ, envmgr, medians


def figures(place: Path) -> list[Figure]:
    """Measure in *place*, an empty directory."""
    environ = clean_environ(place)
    python = bare_python(environ)
    contenders = [
        python,
        envmgr("envmgr --version", "--version", environ=environ),
        envmgr("envmgr --help", "--help", environ=environ),
    ]
    cpu = medians(contenders)
    return [
        Figure(name, cpu[name], python.name, cpu[python.name], most_ratio=3)
        for name in ("envmgr --version", "envmgr --help")
    ]
