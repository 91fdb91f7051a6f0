"""Meaning as text: equal for nodes that mean the same, whatever the order of their parts and the spelling of their names.

In: a node. Out: a text that is the same in every process, so that it can be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any

from triggerlang.checking.logic import namesets
from triggerlang.language import tree


def meaning(node: Any) -> str:
    """The text of a node, of a tuple of nodes, or of what stands in one."""
    return _writer(node.__class__)(node)


@cache
def _writer(of: type) -> Callable[[Any], str]:
    """How the nodes of a class are written."""
    if of in _WRITERS:
        return _WRITERS[of]
    if not issubclass(of, tree.Node):
        return repr
    compared = [field.name for field in fields(of) if field.compare]
    name = of.__name__
    if not compared:
        return lambda node: name
    values = attrgetter(*compared)
    if len(compared) == 1:
        return lambda node: f"{name}({meaning(values(node))})"
    return lambda node: f"{name}{_tuple(values(node))}"


def _tuple(nodes: tuple[Any, ...]) -> str:
    return f"({','.join([_writer(node.__class__)(node) for node in nodes])})"


def _unordered(parts: Collection[Any]) -> str:
    if len(parts) == 1:
        (part,) = parts
        return f"{{{meaning(part)}}}"
    return f"{{{','.join(sorted(set(map(meaning, parts))))}}}"


def _single(single: tree.Single) -> str:
    names = single.occurrence.names
    if isinstance(names, tree.NameIs):
        written = f"{{{names.name.text!r}}}"
    else:
        found = namesets.name_set(names)
        written = _unordered(found) if isinstance(found, frozenset) else repr(found)
    filters = _unordered(single.filters) if single.filters else ""
    return f"{single.occurrence.kind.kind} {written}{filters}"


_WRITERS: dict[type, Callable[[Any], str]] = {
    tuple: _tuple,
    str: repr,
    tree.And: lambda node: f"And{_unordered(node.parts)}",
    tree.Or: lambda node: f"Or{_unordered(node.parts)}",
    tree.Pattern: lambda node: f"Pattern{_unordered(node.singles)}",
    tree.Single: _single,
    tree.WeekdayTest: lambda node: f"WeekdayTest{_unordered(node.days)}",
}
