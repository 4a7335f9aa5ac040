"""The Dockerfile of an image: the same image, the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from envmgr.export.carry import WORK, Image, Install, link_commands
from envmgr.export.helper import PLACE, program_for
from envmgr.export.result import Export
from envmgr.export.steps import written
from envmgr.export.words import comment, env_word, pin_word
from envmgr.model.delta import Delta

_PINNED = (
    "Packages are pinned to the versions that were found. Where a mirror has dropped one,"
    " use a snapshot archive of the distribution as the source of packages."
)
_UNPINNED = (
    "Not every version is pinned here: this system knows of no version of some packages that"
    " only the fetching takes. What is fetched is verified."
)
_QUOTED_DOLLAR = re.compile(r"'[^']*\$[^']*'")
_REST = "$PATH"
"""The search path of the base, which the image's own directories come before."""
_SHELL = 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]'


def render(image: Image) -> Export:
    """*image* as a Dockerfile. A pure function of its argument."""
    blocks = [_header(image)]
    if image.installs:
        blocks += [_fetch_stage(image), *map(_install, image.installs)]
    blocks.append(_last_stage(image))
    text = "\n\n".join("\n".join(block) for block in blocks) + "\n"
    return Export({"Dockerfile": text}, image.wanted, image.left_out)


def _header(image: Image) -> list[str]:
    contents = ", ".join(map(str, image.entries)) or "nothing of what was asked for"
    lines = comment(f"Made by `envmgr export dockerfile` for {image.platform}: {contents}.")
    if image.packages or image.fetch_packages:
        lines += comment(_PINNED)
    if image.left_out:
        lines += ["#", "# Could not be carried over as it is here:"]
        # Without the path: it says nothing in an image, and may name its owner.
        for item in image.left_out:
            lines += comment(f"{item.what}: {item.why}", indent="  - ")
    return lines


def _fetch_stage(image: Image) -> list[str]:
    lines = [f"FROM {image.base} AS fetch", _SHELL]
    if any(pin.version is None for pin in image.fetch_packages):
        lines += [*comment(_UNPINNED), "# hadolint ignore=DL3008"]
    lines += _apt(map(str, image.fetch_packages))
    commands = [c for install in image.installs for chunk in install.chunks for c in chunk.commands]
    program = program_for(commands)
    if program:
        lines.append(f"WORKDIR {WORK}")
        lines += _run([f"{written(program)} > {PLACE}", f"chmod 755 {PLACE}"])
    return lines


def _install(install: Install) -> list[str]:
    lines = comment(install.title)
    for chunk in install.chunks:
        lines += [f"WORKDIR {chunk.directory}", *_run(chunk.commands)]
    return lines


def _last_stage(image: Image) -> list[str]:
    lines = [f"FROM {image.base}"]
    lines += _apt(map(str, image.packages))
    lines += [f"COPY --from=fetch {path} {path}" for path in image.copies]
    lines += _env(image.delta)
    lines += _run(link_commands(image.names))
    if image.entries:
        lines.append(f"LABEL envmgr.entries={env_word(' '.join(map(str, image.entries)))}")
    return [*lines, 'CMD ["bash"]']


def _apt(packages: Iterable[str]) -> list[str]:
    wanted = list(packages)
    if not wanted:
        return []
    install = "apt-get install -y --no-install-recommends"
    listed = " \\\n".join(f"        {pin_word(package)}" for package in wanted)
    install = f"DEBIAN_FRONTEND=noninteractive {install} \\\n{listed}"
    return _run(["apt-get update", install, "rm -rf /var/lib/apt/lists/*"])


def _run(commands: Sequence[str]) -> list[str]:
    if not commands:
        return []
    run = "RUN " + " \\\n    && ".join(commands)
    # Where another program is to see a dollar sign, the linter takes it for a slip.
    return ["# hadolint ignore=SC2016", run] if _QUOTED_DOLLAR.search(run) else [run]


def _env(delta: Delta) -> list[str]:
    values = delta.apply({"PATH": _REST})
    pairs = [f"{name}={_env_word(name, value)}" for name, value in sorted(values.items())]
    return ["ENV " + " \\\n    ".join(pairs)] if pairs else []


def _env_word(name: str, value: str) -> str:
    if name == "PATH" and value.endswith(f":{_REST}"):
        return env_word(value.removesuffix(_REST))[:-1] + f'{_REST}"'
    return env_word(value)
