"""`envmgr completion`: what can be said, gathered from the verbs' own parsers, as a script.

The scripts are static but for the names of detectors and recipes, for which they ask
`envmgr search --names`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

from envmgr.activate.run import SHELLS
from envmgr.cli import VERBS
from envmgr.cli.group import Group
from envmgr.cli.parser import Arguments, Parser

_KINDS = {
    "QUERY": "names", "NAME": "names", "WORD": "names",
    "PATH": "files", "PLACE": "files", "FILE": "files",
    "DIR": "directories", "SHELL": "shells",
}  # fmt: skip
"""What may stand for each metavar; for the others nothing is offered."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a verb. `kind` says what its value is; None when it takes none."""

    flag: str
    help: str
    kind: str | None
    repeats: bool


@dataclass(frozen=True, slots=True)
class Verb:
    """What may be said after a verb. `kind` is of its positional arguments, "" for none."""

    name: str
    help: str
    options: tuple[Option, ...]
    kind: str
    choices: tuple[str, ...]
    takes_command: bool


def parser() -> Parser:
    """Its arguments."""
    return Parser(
        "completion",
        "Print the completion script of a shell, for it to read when it starts.",
        (
            'eval "$(envmgr completion bash)"                      # in ~/.bashrc',
            'eval "$(envmgr completion zsh)"                       # in ~/.zshrc, after compinit',
            "envmgr completion fish > ~/.config/fish/completions/envmgr.fish",
        ),
    ).add("shell", choices=tuple(_SCRIPTS), metavar="SHELL", help="bash, zsh or fish")


def run(arguments: Arguments) -> int:
    """Print the script."""
    print("\n".join(_SCRIPTS[arguments.shell](verbs())))
    return 0


def verbs() -> list[Verb]:
    """Every verb with everything that its parser takes."""
    return [_verb(name, text) for name, text in VERBS.items()]


def _verb(name: str, text: str) -> Verb:
    parser: Parser | Group = import_module(f"envmgr.cli.{name}_").parser()
    actions = _actions(parser.inner)
    if isinstance(parser, Group):  # what any of its actions takes
        own = {
            action.option_strings[-1]: action
            for each in parser.actions
            for action in _actions(parser.parser_of(each).inner)
            if action.option_strings
        }
        named = argparse.Action([], "action", choices=tuple(parser.actions))
        actions = [*own.values(), named]
    options = tuple(_option(action) for action in actions if action.option_strings)
    positional = [action for action in actions if not action.option_strings]
    first = positional[0] if positional else None
    return Verb(
        name,
        text,
        options,
        _KINDS.get(str(positional[-1].metavar), "") if positional else "",
        tuple(first.choices or ()) if first else (),
        parser.takes_command,
    )


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    # The only list of a parser's arguments is private; its form is older than this project.
    return [action for action in parser._actions if action.help is not argparse.SUPPRESS]


def _option(action: argparse.Action) -> Option:
    kind = None if action.nargs == 0 else _KINDS.get(str(action.metavar), "")
    repeats = isinstance(action.default, list)
    return Option(action.option_strings[-1], action.help or "", kind, repeats)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


# -- bash ------------------------------------------------------------------------------------

_BASH = r"""# bash completion of envmgr
_envmgr_offer() {  # lines of standard input
    local line
    while IFS= read -r line; do COMPREPLY+=("$line"); done
}
_envmgr_value() {  # program, kind, what was typed
    case $2 in
        names) _envmgr_offer < <("$1" search --names="$3" 2>/dev/null) ;;
        shells) _envmgr_offer < <(compgen -W '@SHELLS@' -- "$3") ;;
        files) compopt -o filenames 2>/dev/null; _envmgr_offer < <(compgen -f -- "$3") ;;
        directories) compopt -o filenames 2>/dev/null; _envmgr_offer < <(compgen -d -- "$3") ;;
    esac
}
_envmgr_command() {  # where the command starts
    if declare -F _command_offset >/dev/null; then _command_offset "$1"
    elif ((COMP_CWORD == $1)); then _envmgr_offer < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
    else _envmgr_value '' files "${COMP_WORDS[COMP_CWORD]}"
    fi
}
_envmgr() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}
    local i options='' kind='' choices=''
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        _envmgr_offer < <(compgen -W '@VERBS@ --help --version' -- "$cur")
        return
    fi
    case $verb in
@CASES@
    esac
    for ((i = 2; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -- && $verb == @COMMANDS@ ]] || continue
        _envmgr_command $((i + 1))
        return
    done
    # bash takes `--tags=lib` for three words.
    if [[ $cur == '=' ]]; then cur=''
    elif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    case $verb$prev in
@VALUES@
    esac
    if [[ $cur == -* ]]; then _envmgr_offer < <(compgen -W "$options" -- "$cur")
    elif ((COMP_CWORD == 2)) && [[ $choices ]]; then
        _envmgr_offer < <(compgen -W "$choices" -- "$cur")
    else _envmgr_value "$1" "$kind" "$cur"
    fi
}
complete -F _envmgr envmgr"""


def bash(verbs: Sequence[Verb]) -> Iterator[str]:
    """The script for bash, which may be as old as 3.2."""
    commands = "|".join(verb.name for verb in verbs if verb.takes_command)
    parts = {
        "@SHELLS@": " ".join(SHELLS),
        "@VERBS@": " ".join(verb.name for verb in verbs),
        "@CASES@": "\n".join(map(_bash_case, verbs)),
        "@COMMANDS@": f"@({commands})",
        "@VALUES@": "\n".join(_bash_values(verbs)),
    }
    text = _BASH
    for mark, part in parts.items():
        text = text.replace(mark, part)
    yield text


def _bash_case(verb: Verb) -> str:
    options = " ".join(option.flag for option in verb.options)
    choices = f" choices={_quoted(' '.join(verb.choices))}" if verb.choices else ""
    return f"        {verb.name}) options={_quoted(options)} kind={verb.kind}{choices} ;;"


def _bash_values(verbs: Sequence[Verb]) -> Iterator[str]:
    """Branches for options that take a value: the verb and the option, to what is offered."""
    by_kind: dict[str, list[str]] = {}
    for verb in verbs:
        for option in verb.options:
            if option.kind is not None:
                by_kind.setdefault(option.kind, []).append(verb.name + option.flag)
    for kind, patterns in by_kind.items():
        yield f"        {'|'.join(patterns)})"
        yield f'            _envmgr_value "$1" {_quoted(kind)} "$cur"; return ;;'


# -- zsh -------------------------------------------------------------------------------------

_ZSH_HEAD = r"""#compdef envmgr
# zsh completion of envmgr
_envmgr_names() {
    local -a names
    names=(${(f)"$("$program" search --names="$PREFIX" 2>/dev/null)"})
    compadd -a names
}
_envmgr() {
    local program=$words[1] verb=$words[2]
    local -a verbs
    if (( CURRENT == 2 )); then"""

_ZSH_TAIL = r"""    esac
}
if [[ $funcstack[1] == _envmgr ]]; then _envmgr "$@"; else compdef _envmgr envmgr; fi"""

_ZSH_ACTIONS = {
    "names": "_envmgr_names",
    "files": "_files",
    "directories": "_files -/",
    "shells": f"({' '.join(SHELLS)})",
    "": " ",
}


def zsh(verbs: Sequence[Verb]) -> Iterator[str]:
    """The script for zsh, to be evaluated or to lie in a directory of `fpath`."""
    yield _ZSH_HEAD
    yield "        verbs=("
    for verb in verbs:
        yield f"            {_quoted(f'{verb.name}:{verb.help}')}"
    yield "        )"
    yield "        _describe -t verbs verb verbs"
    yield "        _arguments '--help[tell more]' '--version[print the version]'"
    yield "        return"
    yield "    fi"
    yield "    shift words; (( CURRENT-- ))"
    yield "    case $verb in"
    for verb in verbs:
        yield from _zsh_case(verb)
    yield _ZSH_TAIL


def _zsh_case(verb: Verb) -> Iterator[str]:
    yield f"        {verb.name})"
    if verb.takes_command:
        yield "            local dashes=${words[(i)--]}"
        yield "            if (( dashes < CURRENT )); then"
        yield "                shift $dashes words; (( CURRENT -= dashes )); _normal; return"
        yield "            fi"
    specs = [_zsh_option(option) for option in verb.options]
    if verb.choices:
        specs.append(_quoted(f"1:what:({' '.join(verb.choices)})"))
    if verb.kind and verb.kind != "shells":
        specs.append(_quoted(f"*:what:{_ZSH_ACTIONS[verb.kind]}"))
    yield "            _arguments \\"
    yield " \\\n".join(f"                {spec}" for spec in specs) + " ;;"


def _zsh_option(option: Option) -> str:
    text = option.help.replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")
    if option.kind is None:
        return _quoted(f"{option.flag}[{text}]")
    many = "*" if option.repeats else ""
    return _quoted(f"{many}{option.flag}=[{text}]:value:{_ZSH_ACTIONS[option.kind]}")


# -- fish ------------------------------------------------------------------------------------

_FISH = r"""# fish completion of envmgr
function __envmgr_names
    command envmgr search --names= 2>/dev/null
end
function __envmgr_verb
    set -l words (commandline -opc)
    if test (count $argv) -eq 0
        test (count $words) -eq 1
    else
        test (count $words) -gt 1; and test "$words[2]" = $argv[1]
        and not __envmgr_command_at >/dev/null
    end
end
function __envmgr_command_at
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- "$words[2]" @COMMANDS@; and contains -i -- -- $words
end
function __envmgr_command
    set -l words (commandline -opc)
    set -l start (math (__envmgr_command_at) + 1)
    set -l before
    test $start -le (count $words); and set before (string escape -- $words[$start..-1])
    complete -C (string join ' ' -- $before (commandline -ct))
end
complete -c envmgr -f
complete -c envmgr -n '__envmgr_command_at >/dev/null' -a '(__envmgr_command)'
complete -c envmgr -n __envmgr_verb -l help -d 'tell more'
complete -c envmgr -n __envmgr_verb -l version -d 'print the version'"""

_FISH_VALUES = {
    "names": " -x -a '(__envmgr_names)'",
    "files": " -r -F",
    "directories": " -x -a '(__fish_complete_directories)'",
    "shells": f" -x -a '{' '.join(SHELLS)}'",
    "": " -x",
}


def fish(verbs: Sequence[Verb]) -> Iterator[str]:
    """The script for fish."""
    yield _FISH.replace("@COMMANDS@", " ".join(v.name for v in verbs if v.takes_command))
    for verb in verbs:
        help_text = _quoted_for_fish(verb.help)
        yield f"complete -c envmgr -n __envmgr_verb -a {verb.name} -d {help_text}"
    for verb in verbs:
        yield from _fish_verb(verb, f"complete -c envmgr -n '__envmgr_verb {verb.name}'")


def _fish_verb(verb: Verb, complete: str) -> Iterator[str]:
    for option in verb.options:
        value = "" if option.kind is None else _FISH_VALUES[option.kind]
        flag = option.flag.removeprefix("--")
        yield f"{complete} -l {flag} -d {_quoted_for_fish(option.help)}{value}"
    if verb.choices:
        yield f"{complete} -a {_quoted_for_fish(' '.join(verb.choices))}"
    elif verb.kind:
        yield complete + _FISH_VALUES[verb.kind].replace(" -x", "").replace(" -r", "")


def _quoted_for_fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_SCRIPTS = {"bash": bash, "zsh": zsh, "fish": fish}
