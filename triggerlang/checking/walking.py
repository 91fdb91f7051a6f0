"""Walking: the parts of statements that checks look at, each with what surrounds it.

In: a statement. Out: its patterns, tests, measures and comparisons in the order of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from triggerlang.language import tree

Where: TypeAlias = Literal["on", "test"]


@dataclass(frozen=True, slots=True)
class Place:
    """A pattern's single, and whether it is a trigger's or part of a test."""

    single: tree.Single
    where: Where


def conditions(statement: tree.Statement) -> tree.Condition | None:
    """The condition of a rule or segment."""
    match statement:
        case tree.Rule(_, where):
            return where
        case tree.Segment(_, condition):
            return condition
    return None


def tests(condition: tree.Condition | None) -> Iterator[tree.Test]:
    """The tests of a condition, from left to right."""
    waiting = [] if condition is None else [condition]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tree.And | tree.Or):
            waiting.extend(reversed(node.parts))
        elif isinstance(node, tree.Not):
            waiting.append(node.part)
        elif not isinstance(node, tree.PropertyTest):
            yield node


def property_tests(single: tree.Single) -> Iterator[tree.PropertyTest]:
    """The comparisons in a single's filters, from left to right."""
    waiting: list[tree.Condition] = list(reversed(single.filters))
    while waiting:
        node = waiting.pop()
        if isinstance(node, tree.And | tree.Or):
            waiting.extend(reversed(node.parts))
        elif isinstance(node, tree.Not):
            waiting.append(node.part)
        elif isinstance(node, tree.PropertyTest):
            yield node


def singles(statement: tree.Statement) -> Iterator[Place]:
    """The singles of a statement: those of `on`, then those of its tests."""
    if isinstance(statement, tree.Rule):
        for single in statement.on.singles:
            yield Place(single, "on")
    for test in tests(conditions(statement)):
        if isinstance(test, tree.HistoryTest):
            for single in test.pattern.singles:
                yield Place(single, "test")
            if isinstance(test.window, tree.SinceLast):
                for single in test.window.pattern.singles:
                    yield Place(single, "test")


def name_texts(names: tree.Names) -> tuple[tree.Text, ...]:
    """The strings that names are written with."""
    match names:
        case tree.NameIs(name):
            return (name,)
        case tree.NameIn(several):
            return several
        case tree.NameLike(glob):
            return (glob,)
