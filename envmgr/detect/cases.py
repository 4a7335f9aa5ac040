"""A detector's own tests: build the mock tree of a `[[case]]`, sweep it, compare.

python -m envmgr.detect.cases detectors/compiler/gcc.toml
"""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from collections.abc import Iterator, Mapping

from envmgr.detect.places import at
from envmgr.detect.sweep import Sweep, sweep
from envmgr.model.definition import Case, CaseFile, Detector
from envmgr.model.entry import Entry
from envmgr.model.template import fill

_PROGRAM_DIRS = frozenset({"bin", "sbin"})


def run_case(detector: Detector, case: Case) -> list[str]:
    """What is wrong with *case*: empty when everything came out as expected."""
    with tempfile.TemporaryDirectory(prefix="envmgr-case-") as scratch:
        root = os.path.realpath(scratch)
        _plant(case.tree, root)
        environ = {"PATH": "/usr/bin:/bin", "HOME": root}
        result = sweep([detector], at([root]), environ, own_places=False)
        return list(_differences(result, case, root))


def _plant(tree: Mapping[str, CaseFile], root: str) -> None:
    for name, file in tree.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if file.link is not None:
            os.symlink(fill(file.link, {"root": root}), path)
            continue
        prints = file.run if file.run is not None else None
        if prints is None and os.path.basename(os.path.dirname(path)) in _PROGRAM_DIRS:
            prints = file.text
        text = _program(prints) if prints is not None else (file.text or "")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text.replace("{root}", root))
        if prints is not None:
            os.chmod(path, 0o755)  # noqa: S103  # a mock program


def _program(output: str) -> str:
    return f"#!/bin/sh\nprintf '%s\\n' {shlex.quote(output)}\n"


def _differences(result: Sweep, case: Case, root: str) -> Iterator[str]:
    if case.refused is not None:
        yield from _unrefused(result, case.refused)
        return
    if len(result.entries) != case.count:
        why = "; ".join(f"{r.path}: {r.why}" for r in result.refusals) or "no candidate"
        yield f"expected {case.count} entries, got {len(result.entries)} ({why})"
        return
    for entry in result.entries[:1]:
        yield from _entry_differences(entry, case, root)


def _unrefused(result: Sweep, pattern: str) -> Iterator[str]:
    for entry in result.entries:
        yield f"expected a refusal, got {entry} at {entry.path}"
    reasons = [refusal.why for refusal in result.refusals]
    if not any(re.search(pattern, why) for why in reasons):
        yield f"no refusal matches {pattern!r}: {reasons}"


def _entry_differences(entry: Entry, case: Case, root: str) -> Iterator[str]:
    if case.version is not None and entry.version != case.version:
        yield f"expected version {case.version}, got {entry.version}"
    for tag in case.tags:
        if tag not in entry.all_tags:
            yield f"tag {tag} is missing from {', '.join(entry.tags)}"
    for name, value in case.env.items():
        wanted = fill(value, {"root": root})
        if entry.delta.put.get(name) != wanted:
            yield f"expected {name}={wanted}, got {entry.delta.put.get(name)}"
    for name, paths in case.prepend.items():
        wanted_paths = tuple(fill(path, {"root": root}) for path in paths)
        if entry.delta.prepend.get(name) != wanted_paths:
            yield f"expected {name} to gain {wanted_paths}, got {entry.delta.prepend.get(name)}"


def main(paths: list[str]) -> int:
    """Run the cases of the detectors in *paths*; the number that fail is the exit status."""
    import glob

    from envmgr.catalog.load import load

    files = [
        file
        for path in paths
        for file in sorted(glob.glob(os.path.join(path, "**", "*.toml"), recursive=True)) or [path]
    ]
    failed = 0
    for file in files:
        loaded = load(file)
        definition = loaded.value
        for mistake in loaded.problems:
            print(mistake)
            failed += 1
        if loaded.problems or not isinstance(definition, Detector):
            continue
        for number, case in enumerate(definition.cases, 1):
            for problem in run_case(definition, case):
                print(f"{file}: case {number}: {problem}")
                failed += 1
    print(f"{failed} failed")
    return min(failed, 100)


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
