"""The text of a new project file, which explains itself."""

from __future__ import annotations

from collections.abc import Iterable

from envmgr.model.query import Query
from envmgr.project.edit import spelled

_TEXT = """\
# What this project needs. `envmgr shell`, `exec`, `env` and `install` read it here and in every
# directory below; `envmgr add` and `envmgr drop` edit it and leave the rest as you wrote it.

name = "{name}"

# Queries: a name, tags, a range of versions. Or a table with options:
#     {{ query = "blas", prefer = ["installed"], platforms = ["linux-*"] }}
needs = [{needs}]

# What is taken first among things that fit equally: detected, installed, newest, oldest, a query.
# prefer = ["detected"]

# Variables to set besides those of the things themselves.
# [variables]
# OMP_NUM_THREADS = "4"

# More that only some environments have. Features add up: `envmgr shell -e gpu` has both.
# [features.gpu]
# needs = ["lib.cudart"]
#
# [environments]
# gpu = ["gpu"]
"""


def new_text(name: str, queries: Iterable[Query]) -> str:
    """The file of a project called *name* that wants *queries*; both are checked already."""
    lines = "".join(f'    "{spelled(query)}",\n' for query in queries)
    return _TEXT.format(name=name, needs=f"\n{lines}" if lines else "")
