"""Filters and patterns: whether each event that one pattern matches is matched by another, and whether no event matches both.

Both patterns are asked of the same event, at the same trigger.
"""

from __future__ import annotations

from collections.abc import Sequence

from triggerlang.checking.logic import comparisons, namesets
from triggerlang.checking.logic.reasoning import Atom, Fact, Known, given, is_small, known
from triggerlang.checking.walking import name_texts
from triggerlang.language import tree
from triggerlang.language.source import Span

MOST_SINGLES = 12


class FilterLore:
    """What comparisons of an event's properties say of one another."""

    def implies(self, fact: Fact, atom: Atom) -> bool | None:
        if fact.atom == atom:
            return fact.holds
        if not isinstance(fact.atom, tree.PropertyTest) or not isinstance(atom, tree.PropertyTest):
            return None
        if fact.atom.property != atom.property:
            return None
        return comparisons.answer(fact.atom.comparison, fact.holds, atom.comparison)

    def settled(self, atom: Atom) -> Known | None:
        return None

    def opened(self, atom: Atom) -> tree.Condition | None:
        return None


FILTERS = FilterLore()


def facts_of(single: tree.Single) -> list[Fact]:
    """What is known of the properties of an event that a single matches."""
    return [*name_facts(single), *(fact for test in single.filters for fact in given(FILTERS, test, True))]


def name_facts(single: tree.Single) -> list[Fact]:
    """What its names say of an event's `event_name`."""
    names = single.occurrence.names
    if not isinstance(names, tree.NameIs | tree.NameIn):
        return []
    one_of = tree.OneOf(name_texts(names), span=names.span)
    return [
        Fact(tree.PropertyTest(tree.Property("event_name", span=names.span), one_of, span=names.span), True, names.span, "this is its name")
    ]


def filters_of(single: tree.Single) -> tree.Filter | None:
    """All filters of a single as one."""
    match single.filters:
        case ():
            return None
        case (only,):
            return only
    first, last = single.filters[0].span, single.filters[-1].span
    return tree.And(single.filters, span=first.to(last))  # type: ignore[arg-type]  # `same` stands among them


def never(single: tree.Single) -> Known | None:
    """Why no event matches a single, if that is so."""
    whole = filters_of(single)
    if whole is None or not is_small([whole], FILTERS):
        return None
    found = known(FILTERS, whole, name_facts(single))
    return found if found is not None and not found.holds else None


def single_within(one: tree.Single, other: tree.Single) -> bool:
    """Whether each event that the first matches surely matches the second."""
    if one is other:
        return True
    if one.occurrence.kind.kind != other.occurrence.kind.kind or not namesets.within(one.occurrence.names, other.occurrence.names):
        return False
    if not other.filters:
        return True
    missing = [test for test in other.filters if test not in one.filters]
    if not missing:
        return True
    if not is_small([*one.filters, *missing], FILTERS):
        return False
    facts = facts_of(one)
    for test in missing:
        found = known(FILTERS, test, facts)
        if found is None or not found.holds:
            return False
    return True


def single_apart(one: tree.Single, other: tree.Single) -> bool:
    """Whether no event surely matches both."""
    if one.occurrence.kind.kind != other.occurrence.kind.kind or namesets.apart(one.occurrence.names, other.occurrence.names):
        return True
    if not is_small([*one.filters, *other.filters], FILTERS):
        return False
    for mine, theirs in ((one, other), (other, one)):
        facts = facts_of(mine)
        for test in theirs.filters:
            found = known(FILTERS, test, facts)
            if found is not None and not found.holds:
                return True
    return False


def singles_within(one: Sequence[tree.Single], other: Sequence[tree.Single]) -> bool:
    """Whether each event that one of the first matches is surely matched by one of the second."""
    if len(one) > MOST_SINGLES or len(other) > MOST_SINGLES:
        return one == other
    return all(any(single_within(mine, theirs) for theirs in other) for mine in one)


def singles_apart(one: Sequence[tree.Single], other: Sequence[tree.Single]) -> bool:
    """Whether no event surely matches one of the first and one of the second."""
    if len(one) > MOST_SINGLES or len(other) > MOST_SINGLES:
        return False
    return all(single_apart(mine, theirs) for mine in one for theirs in other)


def freed(singles: Sequence[tree.Single]) -> tuple[tree.Single, ...]:
    """Singles without what they ask of another event: what they match is matched by these."""
    return tuple(_freed(single) for single in singles)


def _freed(single: tree.Single) -> tree.Single:
    kept = tuple(test for test in single.filters if not isinstance(test, tree.Same))
    return single if len(kept) == len(single.filters) else tree.Single(single.occurrence, kept, span=single.span)


def pattern_of(singles: Sequence[tree.Single], span: Span) -> tree.Pattern:
    return tree.Pattern(tuple(singles), span=span)
