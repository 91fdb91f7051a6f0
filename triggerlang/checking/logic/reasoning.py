"""Reasoning: what is known of a condition, given what is known beside it.

In: a condition, and facts: tests that surely hold, or surely do not, each with the place that says so. Out: whether the condition
surely holds or surely does not, and because of which facts. What one test says of another is asked of a `Lore`, so that conditions and
filters are reasoned about alike.

A fact settles a test by itself or not at all; that is enough for numbers on one line, where what excludes all excludes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from triggerlang.language import tree
from triggerlang.language.source import Span

Atom: TypeAlias = tree.Test | tree.PropertyTest | tree.Same
Formula: TypeAlias = tree.Filter

DEEPEST = 6
"""How many `and`, `or` and `not` may lie in one another; each doubles the work, and nobody writes more."""
LARGEST = 30
"""How many tests are held against one another, those of segments included."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A test that surely holds, or surely does not, and where that is written."""

    atom: Atom
    holds: bool
    place: Span
    note: str = ""
    help: str | None = None
    """What a note says, empty where the kind of finding says it; and the way out, where the fact knows one."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a condition: its answer, the part that settles it with its own answer, and the facts that settle that."""

    holds: bool
    at: Formula
    at_holds: bool
    because: tuple[Fact, ...]


class Lore(Protocol):
    """What tests say of one another."""

    def implies(self, fact: Fact, atom: Atom) -> bool | None:
        """The answer that a fact gives to a test, or None."""

    def settled(self, atom: Atom) -> Known | None:
        """What is known of a test by itself."""

    def opened(self, atom: Atom) -> tree.Condition | None:
        """The condition that a test stands for, as that of a segment does."""


def known(lore: Lore, node: Formula, facts: Sequence[Fact]) -> Known | None:
    """What is known of a condition, given some facts."""
    match node:
        case tree.Not(part):
            found = known(lore, part, facts)
            return None if found is None else Known(not found.holds, found.at, found.at_holds, found.because)
        case tree.And(parts):
            return joined(lore, node, parts, facts, True)
        case tree.Or(parts):
            return joined(lore, node, parts, facts, False)
    found = lore.settled(node)
    if found is not None:
        return found
    for fact in facts:
        answer = lore.implies(fact, node)
        if answer is not None:
            return Known(answer, node, answer, (fact,))
    opened = lore.opened(node)
    if opened is not None:
        found = known(lore, opened, facts)
        if found is not None:
            inside = Fact(node, found.holds, found.at.span, "the segment asks this")
            return Known(found.holds, node, found.holds, (inside, *found.because))
    return None


def joined(lore: Lore, node: Formula, parts: Sequence[Formula], facts: Sequence[Fact], every: bool) -> Known | None:
    """What is known of parts joined by `and` (every) or `or` (not every)."""
    found = [known(lore, part, facts) for part in parts]
    for answer in found:
        if answer is not None and answer.holds != every:
            return answer
    known_all = [answer for answer in found if answer is not None]
    if len(known_all) == len(parts):
        return Known(every, node, every, tuple(dict.fromkeys(fact for answer in known_all for fact in answer.because)))
    given_by = [list(given(lore, part, every)) for part in parts]
    for at, part in reversed(list(enumerate(parts))):
        others = [fact for other, of_other in enumerate(given_by) if other != at for fact in of_other]
        answer = known(lore, part, [*facts, *others]) if others else None
        if answer is not None and answer.holds != every:
            return answer
    return None


def given(lore: Lore, node: Formula, holds: bool) -> Iterator[Fact]:
    """What is known of single tests where a condition holds, or where it does not."""
    match node:
        case tree.Not(part):
            yield from given(lore, part, not holds)
        case tree.And(parts) if holds:
            for part in parts:
                yield from given(lore, part, holds)
        case tree.Or(parts) if not holds:
            for part in parts:
                yield from given(lore, part, holds)
        case tree.And() | tree.Or():
            pass
        case _:
            yield Fact(node, holds, node.span)
            opened = lore.opened(node)
            if opened is not None:
                yield from given(lore, opened, holds)


def entails(lore: Lore, one: Formula, other: Formula, facts: Sequence[Fact]) -> bool:
    """Whether the second condition surely holds where the first does."""
    if one == other:
        return True
    if isinstance(other, tree.And):
        return all(entails(lore, one, part, facts) for part in other.parts)
    if isinstance(one, tree.Or):
        return all(entails(lore, part, other, facts) for part in one.parts)
    if isinstance(one, tree.And) and other in one.parts:
        return True
    found = known(lore, other, [*facts, *given(lore, one, True)])
    return found is not None and found.holds


def is_small(conditions: Iterable[Formula | None], lore: Lore) -> bool:
    """Whether conditions are few and flat enough to be reasoned about."""
    left = LARGEST
    waiting = [(condition, 0) for condition in conditions if condition is not None]
    while waiting:
        node, depth = waiting.pop()
        match node:
            case tree.And(parts) | tree.Or(parts):
                waiting.extend((part, depth + 1) for part in parts)
            case tree.Not(part):
                waiting.append((part, depth))
            case _:
                opened = lore.opened(node)
                if opened is not None:
                    waiting.append((opened, depth + 1))
                left -= 1
        if depth > DEEPEST or left < 0 or len(waiting) > LARGEST:
            return False
    return True
