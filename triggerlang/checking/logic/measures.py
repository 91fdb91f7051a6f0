"""Measures: what the answer of one history test says of another, where what one looks at is part of what the other looks at.

A count over more events is no smaller, a maximum over more no lower; over no event every measure is known.
"""

from __future__ import annotations

from typing import TypeAlias

from triggerlang.checking.logic import comparisons, filtering, namesets, windows
from triggerlang.checking.logic.comparisons import Range
from triggerlang.language import tree

Counts: TypeAlias = tuple[tuple[int, int | None], ...]
"""Whole numbers as intervals, both ends within; None is no end."""


def answer(one: tree.HistoryTest, is_met: bool, other: tree.HistoryTest) -> bool | None:
    """What the answer of one history test says of another at the same trigger, or None."""
    if not _may_meet(one, other):
        return None
    narrower = looks_within(one, other)
    wider = looks_within(other, one)
    if not narrower and not wider:
        return None
    for wanted in (True, False):
        if (
            _by_counts(one, is_met, other, wanted, narrower, wider)
            or _by_values(one, is_met, other, wanted, narrower, wider)
            or (narrower and _by_some(one, is_met, other, wanted))
            or (wider and _by_none(one, is_met, other, wanted))
        ):
            return wanted
    return None


def looks_within(one: tree.HistoryTest, other: tree.HistoryTest) -> bool:
    """Whether whatever happens in the first test's window of its pattern is surely in the second's."""
    return windows.within(one.window, other.window) and _happens_within(one.pattern, other.pattern)


def _may_meet(one: tree.HistoryTest, other: tree.HistoryTest) -> bool:
    """A look at the names first: most tests of a rule are about different things."""
    for mine in _ends_with(one.pattern):
        for theirs in _ends_with(other.pattern):
            first, second = mine.occurrence, theirs.occurrence
            if first.kind.kind == second.kind.kind and not namesets.apart(first.names, second.names):
                return True
    return False


def _ends_with(node: tree.Pattern | tree.Chain) -> tuple[tree.Single, ...]:
    if isinstance(node, tree.Pattern):
        return node.singles
    return (node.then[-1].pattern if node.then else node.first).singles


def _happens_within(one: tree.Pattern | tree.Chain, other: tree.Pattern | tree.Chain) -> bool:
    if one == other:
        return True
    if isinstance(other, tree.Chain):
        return False
    if isinstance(one, tree.Chain):
        # A chain happens at its last event.
        return one.without is None and filtering.singles_within(filtering.freed(_ends_with(one)), other.singles)
    return filtering.singles_within(one.singles, other.singles)


# Counts


def counts(measure: tree.Count | tree.Distinct, is_met: bool) -> Counts:
    """The numbers with which a count's test holds, or does not."""
    number = measure.number
    sign: str = measure.operator if is_met else _OPPOSITE[measure.operator]
    match sign:
        case "=":
            found: Counts = ((number, number),)
        case "!=":
            found = ((0, number - 1), (number + 1, None))
        case "<":
            found = ((0, number - 1),)
        case "<=":
            found = ((0, number),)
        case ">":
            found = ((number + 1, None),)
        case _:
            found = ((number, None),)
    return tuple((max(low, 0), high) for low, high in found if high is None or high >= 0)


_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def covers(wide: Counts, narrow: Counts) -> bool:
    """Whether each number of the second is one of the first; both are in order and have gaps between their intervals."""
    return all(any(low >= start and (end is None or (high is not None and high <= end)) for start, end in wide) for low, high in narrow)


def _by_counts(one: tree.HistoryTest, is_met: bool, other: tree.HistoryTest, wanted: bool, narrower: bool, wider: bool) -> bool:
    if isinstance(one.measure, tree.Aggregate) or isinstance(other.measure, tree.Aggregate):
        return False
    first, second = counts(one.measure, is_met), counts(other.measure, wanted)
    if not first:
        return False
    if one.measure.__class__ is other.measure.__class__ and _path(one) == _path(other):
        at_least, at_most = narrower, wider
    else:
        # Of so many events there are no more different texts than events.
        at_least = narrower and isinstance(one.measure, tree.Distinct) and isinstance(other.measure, tree.Count)
        at_most = wider and isinstance(one.measure, tree.Count) and isinstance(other.measure, tree.Distinct)
    if at_least and at_most:
        return covers(second, first)
    if at_least:
        return covers(second, ((first[0][0], None),))
    return at_most and covers(second, ((0, first[-1][1]),))


def _path(test: tree.HistoryTest) -> str | None:
    return None if isinstance(test.measure, tree.Count) else test.measure.property.path


# Other measures


def _by_values(one: tree.HistoryTest, is_met: bool, other: tree.HistoryTest, wanted: bool, narrower: bool, wider: bool) -> bool:
    """Both measure the same values in the same way."""
    first, second = one.measure, other.measure
    if not isinstance(first, tree.Aggregate) or not isinstance(second, tree.Aggregate):
        return False
    if first.function != second.function or first.property != second.property:
        return False
    reading = _reading(first)
    if reading is None or reading != _reading(second):
        return False
    mine, theirs = first.comparison, second.comparison
    if narrower and wider:
        if first.function == "sum":
            mine, is_met = _of_sum(mine, is_met)
        return comparisons.implies(mine, is_met, theirs, wanted)
    if not narrower or not is_met or first.function not in ("min", "max") or not isinstance(mine, tree.Compare) or mine.operator == "!=":
        return False
    return _by_extreme(first.function == "max", comparisons.range_of(mine), theirs, wanted)


def _by_extreme(is_max: bool, found: Range, other: tree.Comparison, wanted: bool) -> bool:
    """A maximum over more events is at least as high, a minimum at least as low."""
    other, wanted = comparisons.positive(other, wanted)
    if not isinstance(other, tree.Compare) or "folded" in (found.reading, comparisons.range_of(other).reading):
        return False
    if is_max:
        moved = Range(found.reading, found.low, found.low_open)
        is_bounded = found.low is not None
    else:
        moved = Range(found.reading, high=found.high, high_open=found.high_open)
        is_bounded = found.high is not None
    if not is_bounded:
        return False
    asked = comparisons.range_of(other)
    return comparisons.inside(moved, asked) if wanted else comparisons.ranges_apart(moved, asked)


def _of_sum(comparison: tree.Comparison, is_met: bool) -> tuple[tree.Comparison, bool]:
    """A sum is always a number, so that what is not below is at least."""
    if not is_met and isinstance(comparison, tree.Compare) and comparison.operator not in ("=", "!="):
        opposite: tree.Operator = _OPPOSITE[comparison.operator]  # type: ignore[assignment]
        return tree.Compare(opposite, comparison.literal, comparison.ignoring_case, span=comparison.span), True
    return comparison, is_met


def _reading(measure: tree.Aggregate) -> tuple[str, ...] | None:
    """How a measure reads its values; None where in several ways."""
    match measure.comparison:
        case tree.Compare(_, literal):
            return (_type(literal),)
        case tree.OneOf(literals):
            types = {_type(literal) for literal in literals}
            return tuple(types) if len(types) == 1 else None
        case tree.CompareProperty(operator, side, wanted):
            by_text = measure.function in ("first", "last") and operator in ("=", "!=")
            return ("property", side, wanted.path, "text" if by_text else "number")
        case tree.TextMatch() | tree.Blank():
            return ("Text",)


def _type(literal: tree.Literal) -> str:
    return type(literal).__name__


def _by_some(one: tree.HistoryTest, is_met: bool, other: tree.HistoryTest, wanted: bool) -> bool:
    """What does not hold over nothing takes an event, and the other test counts them."""
    if isinstance(one.measure, tree.Count) or not isinstance(other.measure, tree.Count):
        return False
    over_nothing = on_nothing(one.measure)
    return over_nothing is not None and over_nothing != is_met and covers(counts(other.measure, wanted), ((1, None),))


def _by_none(one: tree.HistoryTest, is_met: bool, other: tree.HistoryTest, wanted: bool) -> bool:
    """Nothing happened, so that the other test looks at nothing."""
    if not isinstance(one.measure, tree.Count) or counts(one.measure, is_met) != ((0, 0),):
        return False
    return on_nothing(other.measure) == wanted


def on_nothing(measure: tree.Measure) -> bool | None:
    """Whether a measure's test holds where there is no event; None where that depends on the trigger."""
    match measure:
        case tree.Count() | tree.Distinct():
            return covers(counts(measure, True), ((0, 0),))
        case tree.Aggregate("sum", _, comparison):
            zero = tree.Compare("=", tree.Number(0, "0", span=comparison.span), span=comparison.span)
            if isinstance(comparison, tree.CompareProperty):
                return None
            return comparisons.implies(zero, True, comparison, True)
        case tree.Aggregate(_, _, comparison):
            plain, is_met = comparisons.positive(comparison, True)
            return is_met if isinstance(plain, tree.Blank) else not is_met
