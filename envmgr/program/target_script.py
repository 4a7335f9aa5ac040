"""The script that runs a program on another machine: only sh, tar, find, grep and sleep are needed.

It does there what `envmgr.host.measured` does here. Each process of a run has a mark in its
environment, by which it is found and ended, also when it left its process group. The time limit is
kept there, so that it holds when the connection is lost.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence

HERE = "\0"
"""Stands in words for the directory of the run, which is known only there."""
SCRIPT, STAMP, RESULT, LATE = "script", "stamp", "result", "late"
BEFORE, TIMES = "before", "times"
STDIN, STDOUT, STDERR, WORK, FILES = "stdin", "stdout", "stderr", "work", "files"
"""Names in the directory of a run: files, the directory to run in, and what is needed beside it."""

_BODY = r"""
# bash knows times to a millisecond, where sh may know hundredths
[ -n "${BASH_VERSION:-}" ] || ! command -v bash >/dev/null 2>&1 || exec bash "$0" "$@"
here=$(pwd -P) || exit 96
lead=$(command -v setsid) || lead=
LC_ALL=C
export LC_ALL

now() {
    if [ -n "${BASH_VERSION:-}" ] && [ -n "${EPOCHREALTIME:-}" ]; then
        clock=$EPOCHREALTIME
    elif ! read -r clock rest </proc/uptime; then
        clock=$(date +%s)
    fi 2>/dev/null
}

alive() {
    grep -lszF "$mark" /proc/[0-9]*/environ 2>/dev/null
}

# Again and again, since it may fork meanwhile.
stop() {
    read -r leader <leader && [ -n "$lead" ] && kill -s KILL -- "-$leader" 2>/dev/null
    rounds=0
    while [ "$rounds" -lt 100 ]; do
        found=
        for place in $(alive); do
            number=${place#/proc/}
            kill -s KILL "${number%/environ}" 2>/dev/null && found=1
        done
        [ -n "$found" ] || return 0
        rounds=$((rounds + 1))
    done
}

guard() {
    trap 'kill "$nap"; exit' TERM
    sleep "$limit" &
    nap=$!
    wait "$nap"
    : >late
    stop
}

if [ "${1:-}" = stop ]; then
    : >late
    stop
    exit
fi
times >before  # what unpacking used counts as this shell's children, too
now
began=$clock
start &
leader=$!
echo "$leader" >leader
(guard) </dev/null >/dev/null 2>&1 &
guard=$!
wait "$leader"
status=$?
now
ended=$clock
times >times
kill "$guard" 2>/dev/null
left=$(alive | wc -l)
stop
echo "$status $began $ended" $left >result
# What came with the run, and what is no file, need not go back
find work -type f ! -newer stamp -exec rm -f {} +
find work ! -type f ! -type d -exec rm -f {} +
set -- result before times
for file in stdout stderr late; do
    [ ! -e "$file" ] || set -- "$@" "$file"
done
tar -cf - "$@" work
cd / && rm -rf "$here"
"""


def script(
    words: Sequence[str], env: Mapping[str, str], *, mark: str, timeout: float, has_stdin: bool
) -> str:
    """The script that runs *words* with *env*, in the directory of the run that it is started in.

    It writes an archive of what came of it to standard output and removes the directory. *mark*
    is the variable by which processes of the run are known; *timeout* is in seconds.
    """
    variables = [f"{name}={value}" for name, value in env.items()]
    command = " ".join(map(_quoted, [*variables, mark, *words]))
    stdin = f'"$here"/{STDIN}' if has_stdin else "/dev/null"
    files = f'<{stdin} >"$here"/{STDOUT} 2>"$here"/{STDERR}'
    return "\n".join(
        [
            f"mark={shlex.quote(mark)}",
            f"limit={_seconds(timeout)}",
            "start() {",
            f'    cd {WORK} && exec $lead env -i PATH="$PATH" HOME="$HOME" {command} {files}',
            "}",
            _BODY,
        ]
    )


def begin(directory: str, token: str, *, archive: str = "-", output: str = "") -> str:
    """The command that unpacks *archive* in a new directory below *directory* and runs its script.

    Both files are seen from *directory*; without names they are standard input and output. A
    directory of somebody else, who could exchange what runs, is refused unless only owners remove.
    """
    place, run = shlex.quote(directory), f"run.{token}"
    source = archive if archive == "-" else f"../{archive}"
    into = f" >../{output}" if output else ""
    safe = "{ [ -O . ] || [ -k . ] || { echo the directory is of another user >&2; exit 96; }; }"
    ready = f"umask 077; mkdir -p {place} && cd {place} && {safe} && mkdir {run} && cd {run}"
    steps = f"{ready} && tar -xof {source} && exec sh ./{SCRIPT}{into}"
    return _for_any_shell(f"{steps}; rm -rf ../{run}; exit 96")


def end(directory: str, token: str) -> str:
    """The command that ends a run from outside, with all its processes, and removes it."""
    run = f"run.{token}"
    steps = f"cd {shlex.quote(directory)} && cd {run} && sh ./{SCRIPT} stop"
    return _for_any_shell(f"{steps}; cd .. && rm -rf {run}")


def _for_any_shell(steps: str) -> str:
    """Users may have any shell there, so it is told in one word to start sh."""
    return f"sh -c {shlex.quote(steps)}"


def _quoted(word: str) -> str:
    return '"$here"'.join(map(shlex.quote, word.split(HERE)))


def _seconds(timeout: float) -> str:
    """As every `sleep` reads it: only some know fractions."""
    return str(math.ceil(timeout)) if timeout >= 10 else f"{timeout:.3f}".rstrip("0").rstrip(".")
