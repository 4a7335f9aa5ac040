"""Verbs with actions: `envmgr program run`. Each action is a module like that of a verb."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from envmgr.cli.parser import Arguments, Parser
from envmgr.errors import UsageError


@dataclass(frozen=True, slots=True)
class Group:
    """The parser of a *verb*, whose *actions* say what each does.

    The action NAME is the module `envmgr.cli.<verb>_<name>`, imported when it is called.
    """

    verb: str
    description: str
    actions: Mapping[str, str]
    examples: tuple[str, ...] = ()

    def parse(self, arguments: Sequence[str]) -> Arguments:
        """Read the action's own arguments. Raises UsageError; `--help` prints and exits."""
        if arguments and arguments[0] in ("-h", "--help"):
            self.inner.parse_args(arguments)  # and leave
        if not arguments or arguments[0].startswith("-"):
            actions = ", ".join(self.actions)
            what = f"{arguments[0]} stands before an action" if arguments else "say what to do"
            raise UsageError(
                f"envmgr {self.verb}: {what}: {actions}",
                hint=f"envmgr {self.verb} --help",
            )
        action, *rest = arguments
        if action not in self.actions:
            raise self._unknown(action)
        parsed = self.parser_of(action).parse(rest)
        parsed.action = action
        return parsed

    def parser_of(self, action: str) -> Parser:
        """The parser of one of its actions."""
        parser: Parser = import_module(f"envmgr.cli.{self.verb}_{action}").parser()
        return parser

    def run(self, arguments: Arguments) -> int:
        """Do what was asked; the exit status."""
        code: int = import_module(f"envmgr.cli.{self.verb}_{arguments.action}").run(arguments)
        return code

    @property
    def takes_command(self) -> bool:
        """Whether `-- COMMAND…` may follow."""
        return False

    @property
    def inner(self) -> argparse.ArgumentParser:
        """A parser of the actions alone, for `--help` and completion scripts."""
        width = max(map(len, self.actions))
        actions = "\n".join(f"  {name:<{width}}  {what}" for name, what in self.actions.items())
        examples = "\n".join(f"  {example}" for example in self.examples)
        parser = argparse.ArgumentParser(
            prog=f"envmgr {self.verb}",
            description=f"{self.description}\n\nactions:\n{actions}",
            epilog=f"envmgr {self.verb} ACTION --help tells more\n\nexamples:\n{examples}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            usage=f"envmgr {self.verb} ACTION [options]",
        )
        parser.add_argument("action", choices=tuple(self.actions), metavar="ACTION",
                            help=argparse.SUPPRESS)  # fmt: skip
        return parser

    def _unknown(self, action: str) -> UsageError:
        from difflib import get_close_matches

        near = get_close_matches(action, self.actions, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        return UsageError(
            f"envmgr {self.verb} has no action {action!r}{meant}",
            hint=f"envmgr {self.verb} --help lists them",
        )
