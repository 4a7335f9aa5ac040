"""What steps are made of in an image: a small program of bash that does what `install` does.

A stage writes one with the functions that it uses, so that each step is a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

PROGRAM = "envmgr-step"
PLACE = f"/usr/local/bin/{PROGRAM}"

_BEGINNING = ("#!/bin/bash", "set -o pipefail", "shopt -s nullglob")
_END = '"$@"'
_FUNCTIONS = {
    "get_wheel": """\
get_wheel() {  # REQUIREMENT [OPTION...]: through pip, into the current directory
  echo "$1" > requirements.txt && shift &&
    python3 -m pip download --quiet --no-deps --require-hashes --only-binary=:all: \
"$@" --dest . --requirement requirements.txt
}""",
    "put": """\
put() {  # FROM TO: what is in one directory, if it is there, into another
  if [ -d "$1" ]; then mkdir -p "$2" && cp -a "$1/." "$2/"; fi
}""",
    "extract": """\
extract() {  # ARCHIVE: into a directory beside it; only executable bits are taken over
  mkdir -p "$1.d" &&
    bsdtar -xf "$1" -C "$1.d" --no-same-owner --no-same-permissions &&
    chmod -R u=rwX,go=rX "$1.d"
}""",
    "inside": """\
inside() (  # DIRECTORY: the directories in it
  shopt -s dotglob
  for d in "$1"/*; do if [ -d "$d" ] && [ ! -L "$d" ]; then echo "$d"; fi; done
)""",
    "wrapped": """\
wrapped() (  # DIRECTORY: 1 if one directory holds all that is in it, otherwise 0
  shopt -s dotglob
  set -- "$1" "$1"/*
  if [ "$#" -eq 2 ] && [ -n "$(inside "$1")" ]; then echo 1; else echo 0; fi
)""",
    "strip": """\
strip() {  # DIRECTORY LEVELS TO: put it without that many outer directories
  if [ "$2" -eq 0 ]; then put "$1" "$3"; return; fi
  inside "$1" | while IFS= read -r d; do strip "$d" "$(($2 - 1))" "$3" || exit; done
}""",
    "unpack": """\
unpack() {  # ARCHIVE TO [LEVELS]: without one outer directory if that holds everything
  extract "$1" && mkdir -p "$2" && strip "$1.d" "${3:-$(wrapped "$1.d")}" "$2"
}""",
    "unpack_wheel": """\
unpack_wheel() {  # WHEEL TO BASE: packages to the one, what is no package below the other
  extract "$1" && set -- "$1" "$2" "$3" "${1%%-*}" || return
  for d in "$1.d"/*.data; do mv "$d" "$1.data" || return; done
  executable "$1.data"/scripts/* && put "$1.d" "$2" &&
    put "$1.data/purelib" "$2" && put "$1.data/platlib" "$2" &&
    put "$1.data/scripts" "$3/bin" && put "$1.data/data" "$3" &&
    put "$1.data/headers" "$3/include/$4"
}""",
    "executable": """\
executable() {  # FILE...
  for f in "$@"; do
    if [ -f "$f" ] && [ ! -L "$f" ]; then chmod a+x "$f" || return; fi
  done
}""",
    "link": """\
link() {  # AT TO: a relative link; AT may be a directory with a slash at its end
  if [ "$#" -ne 2 ] || [ ! -e "$2" ]; then echo "no such file: $*" >&2; return 1; fi
  case "$1" in */) set -- "$1$(basename "$2")" "$2" ;; esac
  mkdir -p "$(dirname "$1")" &&
    ln -sfn "$(realpath -s --relative-to="$(dirname "$1")" "$2")" "$1"
}""",
}


def program_for(commands: Iterable[str]) -> list[str]:
    """The lines of the program with all that *commands* ask of it; none when they ask nothing."""
    asked = [word for text in commands for word in re.findall(rf"\b{PROGRAM} ([a-z_]+)", text)]
    used: set[str] = set()
    while asked:
        name = asked.pop()
        if name not in used:
            used.add(name)
            asked += set(re.findall(r"[a-z_]+", _FUNCTIONS[name])) & _FUNCTIONS.keys()
    texts = [text for name, text in _FUNCTIONS.items() if name in used]
    return "\n".join([*_BEGINNING, *texts, _END]).splitlines() if texts else []
