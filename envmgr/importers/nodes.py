"""YAML as nodes: every scalar is its text, `3.10` too, and knows its line. Nothing is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envmgr.errors import UsageError

if TYPE_CHECKING:
    from yaml.nodes import Node


def parse(text: str, file: str) -> Node | None:
    """The top of the one document in *text*, None when it is empty. Raises UsageError."""
    import yaml

    try:
        top: Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{file} is no YAML: {reason}", hint="correct it first") from error
    except RecursionError as error:
        raise UsageError(f"{file} is nested too deeply", hint="name another file") from error
    return top


def mapping(node: Node | None) -> dict[str, Node]:
    """The values of a mapping by their keys; none when *node* is no mapping."""
    from yaml.nodes import MappingNode

    return {text(key): value for key, value in node.value} if isinstance(node, MappingNode) else {}


def key_lines(node: Node | None) -> dict[str, int]:
    """The line of each key of a mapping; none when *node* is no mapping."""
    from yaml.nodes import MappingNode

    pairs = node.value if isinstance(node, MappingNode) else ()
    return {text(key): line(key) for key, _ in pairs}


def sequence(node: Node | None) -> list[Node]:
    """The items of a sequence; none when *node* is no sequence."""
    from yaml.nodes import SequenceNode

    return list(node.value) if isinstance(node, SequenceNode) else []


def text(node: Node | None) -> str:
    """The text of a scalar as it is written; empty when *node* is no scalar."""
    from yaml.nodes import ScalarNode

    return str(node.value) if isinstance(node, ScalarNode) else ""


def is_scalar(node: Node) -> bool:
    """Whether *node* is a single text."""
    from yaml.nodes import ScalarNode

    return isinstance(node, ScalarNode)


def line(node: Node) -> int:
    """The line that *node* begins in, from 1."""
    return int(node.start_mark.line) + 1
