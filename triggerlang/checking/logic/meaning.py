"""Meaning as text: equal for nodes that mean the same, whatever the order of their parts and the spelling of their names.

In: a node. Out: a text that is the same in every process, so that it can be kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from functools import cache

from triggerlang.checking.logic import namesets
from triggerlang.language import tree


def meaning(node: object) -> str:
    """The text of a node, of a tuple of nodes, or of what stands in one."""
    match node:
        case tree.And(parts) | tree.Or(parts):
            return type(node).__name__ + _unordered(map(meaning, parts))
        case tree.Pattern(singles):
            return "Pattern" + _unordered(map(meaning, singles))
        case tree.Single(occurrence, filters):
            names = namesets.name_set(occurrence.names)
            written = _unordered(map(repr, names)) if isinstance(names, frozenset) else repr(names)
            return f"{occurrence.kind.kind} {written}{_unordered(map(meaning, filters))}"
        case tree.WeekdayTest(days):
            return "WeekdayTest" + _unordered(map(str, days))
        case tree.Node():
            kind: type = type(node)
            names_of = _compared(kind)
            return f"{type(node).__name__}({','.join([meaning(getattr(node, name)) for name in names_of])})"
        case tuple():
            return f"({','.join(map(meaning, node))})"
    return repr(node)


def _unordered(parts: Iterable[str]) -> str:
    return f"{{{','.join(sorted(set(parts)))}}}"


@cache
def _compared(of: type) -> tuple[str, ...]:
    """The fields of a node that tell it from another."""
    return tuple(field.name for field in fields(of) if field.compare)
