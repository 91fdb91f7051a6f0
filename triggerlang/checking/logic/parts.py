"""Parts of a condition that change nothing: those that never hold, always hold, or say what another part says.

In: a condition, what is known beside it, and what its tests say of one another. Out: findings, each such that its part could be replaced
by what it comes to; all findings of a condition hold together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from triggerlang.checking.logic.reasoning import Fact, Formula, Known, Lore, given, known
from triggerlang.language import tree

Sort: TypeAlias = Literal["never", "always", "implied", "swallowed"]
"""A part that never holds, or always; one that another part of its `and` implies, or that another part of its `or` holds with."""
Visit: TypeAlias = Callable[[tree.SegmentTest, Sequence[Fact]], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """A part that changes nothing, and why."""

    sort: Sort
    part: Formula
    known: Known


def findings(lore: Lore, node: Formula, facts: Sequence[Fact], visit: Visit | None = None) -> Iterator[Finding]:
    """The parts of a condition that change nothing; each segment that is looked at is shown to `visit` with what is known beside it."""
    answer = known(lore, node, facts)
    if answer is not None:
        if _asks_for_any_value(node) and any(not fact.note for fact in answer.because):
            return
        yield Finding("always" if answer.holds else "never", node, answer)
        return
    match node:
        case tree.Not(part):
            yield from findings(lore, part, facts, visit)
        case tree.And(parts):
            yield from _of_and(lore, parts, facts, visit)
        case tree.Or(parts):
            yield from _of_or(lore, parts, facts, visit)
        case tree.SegmentTest():
            if visit is not None:
                visit(node, facts)


def _of_and(lore: Lore, parts: Sequence[Formula], facts: Sequence[Fact], visit: Visit | None) -> Iterator[Finding]:
    given_by = [tuple(given(lore, part, True)) for part in parts]
    kept = list(range(len(parts)))

    def beside(at: int) -> list[Fact]:
        return [fact for other in kept if other != at for fact in given_by[other]]

    for at in reversed(range(len(parts))):
        alone = known(lore, parts[at], facts)
        if alone is not None and alone.holds:
            kept.remove(at)
            yield Finding("always", parts[at], alone)
            continue
        answer = known(lore, parts[at], [*facts, *beside(at)])
        if answer is None:
            answer = _twice(parts, kept, at)
        if answer is not None and answer.holds and not _asks_for_any_value(parts[at]):
            kept.remove(at)
            yield Finding("implied", parts[at], answer)
    for at in kept:
        if _has_parts(parts[at]):
            yield from findings(lore, parts[at], [*facts, *beside(at)], visit)


def _of_or(lore: Lore, parts: Sequence[Formula], facts: Sequence[Fact], visit: Visit | None) -> Iterator[Finding]:
    kept = list(range(len(parts)))
    for at in reversed(range(len(parts))):
        alone = known(lore, parts[at], facts)
        if alone is not None:
            kept.remove(at)
            yield Finding("never", parts[at], alone)
            continue
        answer = _twice(parts, kept, at)
        if answer is None:
            own = [*facts, *given(lore, parts[at], True)]
            answer = next(
                (
                    Known(True, parts[other], True, (_as_fact(parts[other]),))
                    for other in kept
                    if other != at and _holds(lore, parts[other], own)
                ),
                None,
            )
        if answer is not None and not _asks_for_any_value(parts[at]):
            kept.remove(at)
            yield Finding("swallowed", parts[at], answer)
    for at in kept:
        if _has_parts(parts[at]):
            yield from findings(lore, parts[at], facts, visit)


def _has_parts(node: Formula) -> bool:
    """Whether there is more to find in a part than what was asked of it already."""
    return isinstance(node, tree.And | tree.Or | tree.Not | tree.SegmentTest)


def _asks_for_any_value(part: Formula) -> bool:
    """Whether a part is `is blank` or `is not blank`: beside a comparison of the same value it says what that means where there is none."""
    match part:
        case tree.Not(inner):
            return _asks_for_any_value(inner)
        case tree.FieldTest() | tree.PropertyTest():
            return isinstance(part.comparison, tree.Blank)
        case tree.HistoryTest(_, tree.Aggregate(_, _, tree.Blank())):
            return True
    return False


def _holds(lore: Lore, part: Formula, facts: Sequence[Fact]) -> bool:
    answer = known(lore, part, facts)
    return answer is not None and answer.holds


def _twice(parts: Sequence[Formula], kept: Sequence[int], at: int) -> Known | None:
    """Whether the same part stands once more."""
    other = next((parts[other] for other in kept if other != at and parts[other] == parts[at]), None)
    return None if other is None else Known(True, parts[at], True, (_as_fact(other),))


def _as_fact(part: Formula) -> Fact:
    """A part as what stands against another, of which only the place is looked at."""
    atom = part
    while isinstance(atom, tree.And | tree.Or | tree.Not):
        atom = atom.part if isinstance(atom, tree.Not) else atom.parts[0]
    return Fact(atom, True, part.span)
