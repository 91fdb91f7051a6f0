"""Walking: the parts of statements that checks look at, each with what surrounds it.

In: a statement. Out: its patterns, tests, measures and comparisons in the order of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from triggerlang.language import tree

Where: TypeAlias = Literal["on", "test"]
Role: TypeAlias = Literal["first", "later", "without"]
"""A pattern's place in a chain or moment: its first step, a later one, or what must not come."""


@dataclass(frozen=True, slots=True)
class Place:
    """A pattern's single, whether it is a trigger's or part of a test, and its pattern's place in a chain or moment."""

    single: tree.Single
    where: Where
    role: Role


def patterns(node: tree.Trigger) -> Iterator[tuple[Role, tree.Pattern]]:
    """The patterns of a chain or moment, or the one that there is, in the order of the text."""
    match node:
        case tree.Pattern():
            yield "first", node
        case tree.Chain(first, then, without):
            yield "first", first
            for step in then:
                yield "later", step.pattern
            if without is not None:
                yield "without", without.pattern
        case tree.After(_, pattern, without):
            yield "first", pattern
            if without is not None:
                yield "without", without
        case tree.DateOf(_, dated, _, _, without):
            yield "first", dated.pattern
            if without is not None:
                yield "without", without


def happening(node: tree.Trigger) -> tree.Pattern:
    """The pattern of the event whose properties an occurrence has: a chain's last step, a moment's event."""
    match node:
        case tree.Pattern():
            return node
        case tree.Chain(first, then):
            return then[-1].pattern if then else first
        case tree.After(_, pattern):
            return pattern
        case tree.DateOf(_, dated):
            return dated.pattern


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
    waiting: list[tree.Filter] = list(reversed(single.filters))
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
        for role, pattern in patterns(statement.on):
            for single in pattern.singles:
                yield Place(single, "on", role)
    for test in tests(conditions(statement)):
        if isinstance(test, tree.HistoryTest):
            for role, pattern in patterns(test.pattern):
                for single in pattern.singles:
                    yield Place(single, "test", role)
            if isinstance(test.window, tree.SinceLast):
                for single in test.window.pattern.singles:
                    yield Place(single, "test", "first")


def sames(single: tree.Single) -> Iterator[tree.Same]:
    """The `same P` among a single's filters."""
    for test in single.filters:
        if isinstance(test, tree.Same):
            yield test


def name_texts(names: tree.Names) -> tuple[tree.Text, ...]:
    """The strings that names are written with."""
    match names:
        case tree.NameIs(name):
            return (name,)
        case tree.NameIn(several):
            return several
        case tree.NameLike(glob):
            return (glob,)
