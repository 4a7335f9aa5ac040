"""What opening an environment costs: `envmgr env` in a start-up file, `envmgr exec` in a script."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from benchmarks.measure import Contender, Figure, bare_python, clean_environ, envmgr, medians
from benchmarks.peers import Peer

_SETTLED_S = 0.5
"""Longer than a file must rest before what was read of it is kept."""


def figures(place: Path, ck: Peer | None) -> list[Figure]:
    """Measure in *place*, an empty directory, with everything that this machine has recorded."""
    environ = clean_environ(place)
    python = bare_python(environ)
    warm = envmgr("envmgr env", "env", "--tags=compiler,gcc", "--shell=bash", environ=environ)
    inside = envmgr("envmgr exec", "exec", "--tags=compiler,gcc", "--", "true", environ=environ)
    _warm_up(envmgr("", "detect", "--all", environ=environ), warm, inside)
    contenders = [python, warm, inside]
    if ck:
        tags = "--tags=compiler,gcc"
        contenders.append(
            ck.contender("ck virtual env", "ck", "virtual", "env", tags, "--shell_cmd=true")
        )
    cpu = medians(contenders)
    bare = cpu[python.name]
    found = [
        Figure("envmgr env, repeated", cpu[warm.name], python.name, bare, most_ratio=4),
        Figure("envmgr exec -- true", cpu[inside.name], python.name, bare),
    ]
    if ck:
        peer = ("ck virtual env", cpu["ck virtual env"])
        found.append(Figure("envmgr exec -- true", cpu[inside.name], *peer))
    return found


def _warm_up(*contenders: Contender) -> None:
    for contender in contenders:
        for _ in range(2):
            time.sleep(_SETTLED_S)
            subprocess.run(
                contender.argv, env=dict(contender.environ), stdout=subprocess.DEVNULL, check=True
            )
