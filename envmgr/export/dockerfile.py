"""The Dockerfile of an image: the same image, the same bytes.

What changes least goes first: the user, the packages of the release, then the prefixes, each of
which is made in a stage of its own, so that another one's change does not make it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from envmgr.export.carry import WORK, Image, Install, link_commands
from envmgr.export.header import header, labels
from envmgr.export.helper import PLACE, program_for
from envmgr.export.result import Export
from envmgr.export.steps import written
from envmgr.export.words import comment, env_word, pin_word
from envmgr.model.delta import Delta

USER = "envmgr"
"""Who the last stage runs as."""
_UID = 10001
"""Above the numbers that distributions and their images give to people."""
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
    return Export({"Dockerfile": text(image, "dockerfile")}, image.wanted, image.left_out)


def text(image: Image, format: str) -> str:
    """*image* as the Dockerfile that the *format* of that name has."""
    stages = {install.prefix: _stage_name(install) for install in image.installs}
    blocks = [header(image, format)]
    if image.installs:
        blocks.append(_fetch_stage(image))
    blocks += [_making_stage(install, stages) for install in image.installs]
    blocks.append(_last_stage(image, stages))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


# -- stages ----------------------------------------------------------------------------------


def _stage_name(install: Install) -> str:
    """The slug of its prefix, which is unique, as names of stages are written."""
    slug = "-".join(install.prefix.split("/")[-2:]).lower()
    return re.sub(r"[^a-z0-9._-]", "-", slug)


def _fetch_stage(image: Image) -> list[str]:
    lines = [f"FROM {image.base} AS fetch", _SHELL]
    if any(pin.version is None for pin in image.fetch_packages):
        lines += [*comment(_UNPINNED), "# hadolint ignore=DL3008"]
    lines += _apt(map(str, image.fetch_packages))
    program = program_for(image.commands)
    if program:
        lines.append(f"WORKDIR {WORK}")
        lines += _run([f"{written(program)} > {PLACE}", f"chmod 755 {PLACE}"])
    return lines


def _making_stage(install: Install, stages: Mapping[str, str]) -> list[str]:
    lines = [*comment(install.title), f"FROM fetch AS {stages[install.prefix]}", _SHELL]
    lines += _copies(install.needs, stages)
    for chunk in install.chunks:
        lines += [f"WORKDIR {chunk.directory}", *_run(chunk.commands)]
    return lines


def _last_stage(image: Image, stages: Mapping[str, str]) -> list[str]:
    lines = [f"FROM {image.base}"]
    lines += _run([f"useradd --uid {_UID} --create-home --shell /bin/bash {USER}"])
    lines += _apt(map(str, image.packages))
    lines += _copies(image.copies, stages)
    lines += _run(link_commands(image.names))
    lines += _assigned("ENV", _env(image.delta))
    lines += _assigned("LABEL", {name: env_word(v) for name, v in labels(image).items()})
    return [*lines, f"USER {_UID}", f"WORKDIR /home/{USER}", 'CMD ["bash"]']


# -- instructions ----------------------------------------------------------------------------


def _copies(prefixes: Iterable[str], stages: Mapping[str, str]) -> list[str]:
    return [f"COPY --from={stages[prefix]} {prefix} {prefix}" for prefix in prefixes]


def _apt(packages: Iterable[str]) -> list[str]:
    wanted = list(packages)
    if not wanted:
        return []
    install = "apt-get install -y --no-install-recommends"
    listed = " \\\n".join(f"        {pin_word(package)}" for package in wanted)
    install = f"DEBIAN_FRONTEND=noninteractive {install} \\\n{listed}"
    return _run(["apt-get update", install, "apt-get clean", "rm -rf /var/lib/apt/lists/*"])


def _run(commands: Sequence[str]) -> list[str]:
    if not commands:
        return []
    run = "RUN " + " \\\n    && ".join(commands)
    # Where another program is to see a dollar sign, the linter takes it for a slip.
    return ["# hadolint ignore=SC2016", run] if _QUOTED_DOLLAR.search(run) else [run]


def _assigned(instruction: str, words: Mapping[str, str]) -> list[str]:
    pairs = " \\\n    ".join(f"{name}={word}" for name, word in words.items())
    return [f"{instruction} {pairs}"] if pairs else []


def _env(delta: Delta) -> dict[str, str]:
    values = delta.apply({"PATH": _REST})
    return {name: _env_word(name, value) for name, value in sorted(values.items())}


def _env_word(name: str, value: str) -> str:
    if name == "PATH" and value.endswith(f":{_REST}"):
        return env_word(value.removesuffix(_REST))[:-1] + f'{_REST}"'
    return env_word(value)
