"""The definition file of an image for Apptainer, which Singularity reads too."""

from __future__ import annotations

import re
from collections.abc import Iterable

from envmgr.export.carry import Image, link_commands
from envmgr.export.header import header, labels
from envmgr.export.helper import PLACE
from envmgr.export.result import Export
from envmgr.export.script import STRICT, checks, exports, install_lines, making, program_lines
from envmgr.export.words import comment

_POST = "%post -c /bin/bash"
_NO_LISTS = "rm -rf /var/lib/apt/lists/*"
_RUN = ('[ "$#" -gt 0 ] || set -- bash', 'exec "$@"')
_WRONG = (
    "wrong() {",
    '  echo "not as it was when this image was described: $1" >&2',
    "  exit 1",
    "}",
)


def render(image: Image) -> Export:
    """*image* as an Apptainer definition file. A pure function of its argument."""
    blocks = [_in_comment(header(image, "apptainer"))]
    if image.installs:
        blocks += _fetch_stage(image)
    blocks += _last_stage(image)
    text = "\n\n".join("\n".join(block) for block in blocks) + "\n"
    return Export({"apptainer.def": text}, image.wanted, image.left_out)


def _fetch_stage(image: Image) -> list[list[str]]:
    packages = install_lines([str(pin) for pin in image.fetch_packages])
    program = program_lines(image.commands, PLACE)
    # One section for each, because Apptainer reads none that is longer than 64 KiB.
    installs = [[*comment(i.title), *_section(_POST, making(i))] for i in image.installs]
    return [_head(image, "fetch"), _section(_POST, [STRICT, *packages, *program]), *installs]


def _last_stage(image: Image) -> list[list[str]]:
    packages = install_lines([str(package) for package in image.packages])
    clean = ["apt-get clean", _NO_LISTS] if packages else []
    post = [*packages, *clean, *link_commands(image.names)]
    wanted = {package.name: package.version for package in image.packages}
    sections = {
        "%files from fetch": [f"{path} {path}" for path in image.copies],
        _POST: [STRICT, *post] if post else [],
        "%environment": exports(image.delta),
        "%labels": [f"{name} {value}" for name, value in labels(image).items()],
        "%runscript": list(_RUN),
        "%test": [*_WRONG, *checks(wanted, image.files)] if image.files else [],
    }
    filled = [_section(name, lines) for name, lines in sections.items() if lines]
    return [_head(image, "last"), *filled]


def _head(image: Image, stage: str) -> list[str]:
    return ["Bootstrap: docker", f"From: {image.base}", f"Stage: {stage}"]


def _section(name: str, lines: Iterable[str]) -> list[str]:
    return [name, *map(_script_line, lines)]


def _script_line(line: str) -> str:
    """*line* for the same shell, without what Apptainer takes for a section or for `{{ name }}`.

    Two braces only ever stand within single quotes, which are closed and opened between them.
    """
    apart = re.sub(r"\{(?=\{)", "{''", line)
    return re.sub(r"(?m)^(\s*)%", r"\1\\%", apart)


def _in_comment(lines: Iterable[str]) -> list[str]:
    return [re.sub(r"\{(?=\{)", "{ ", line) for line in lines]
