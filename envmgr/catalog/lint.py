"""Lint: every mistake of every file, those that only show between files among them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

from envmgr.catalog.between import between, known_of
from envmgr.catalog.load import load
from envmgr.catalog.problem import Problem
from envmgr.catalog.scan import holds_definitions, root_of, scan, shipped_root
from envmgr.errors import UsageError


def lint(paths: Sequence[str] | None = None, roots: Sequence[str] = ()) -> list[Problem]:
    """Every problem of the definitions at *paths*: files, directories or whole repositories.

    Without *paths* it is everything: the catalogue that ships with envmgr and the repositories
    at *roots*. What the files refer to is looked up there, and in the repositories they belong
    to. Raises UsageError for a path that is not there or holds no definition.
    """
    files = files_of(paths, roots)
    asked = [load(file) for file in files]
    around = _around(files, (*roots, shipped_root()))
    known = known_of([*asked, *map(load, around)])
    problems = {problem for loaded in asked for problem in loaded.problems}
    problems.update(problem for loaded in asked for problem in between(loaded, known))
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.key))


# -- which files -----------------------------------------------------------------------------


def files_of(paths: Sequence[str] | None = None, roots: Sequence[str] = ()) -> list[str]:
    """The files that `lint` looks at with the same arguments, each once. Raises UsageError."""
    return _files((*roots, shipped_root()) if paths is None else paths)


def _files(paths: Iterable[str]) -> list[str]:
    """The files at *paths*, each once, named as the caller named them."""
    files = {os.path.realpath(file): file for path in paths for file in _files_at(path)}
    return sorted(files.values())


def _files_at(path: str) -> list[str]:
    if os.path.isfile(path):
        return [path]
    if holds_definitions(path):
        return [os.path.join(path, relative) for relative, _, _ in scan(path)]
    files = [
        os.path.join(directory, name)
        for directory, _, names in os.walk(path)
        for name in names
        if name.endswith(".toml") and not name.startswith(".")
    ]
    if not files:
        raise UsageError(
            f"no definition at {path}", hint="name a .toml file or a directory of some"
        )
    return files


def _around(files: Iterable[str], roots: Iterable[str]) -> list[str]:
    """The files that *files* may refer to, apart from themselves."""
    own = (root for file in files if (root := root_of(file)))
    given = set(map(os.path.realpath, files))
    around = _files(root for root in dict.fromkeys((*own, *roots)) if holds_definitions(root))
    return [file for file in around if os.path.realpath(file) not in given]


def main(arguments: Sequence[str]) -> int:
    """Print every problem at the paths given as *arguments*; 1 when there is one."""
    try:
        problems = lint(arguments or None)
    except UsageError as error:
        print(error.message, file=sys.stderr)
        return error.exit_code
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
