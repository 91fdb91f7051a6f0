"""Comparisons of one value: what follows for it from one comparison, and what another then says.

Each reading of a value (as a number, a boolean, a date) is a function of its text form, so that a comparison with a text decides the
others too; whatever has no text form meets none of them but `is blank`. Dates without an offset are compared only where no time zone
could change the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from triggerlang.language import times, tree, values
from triggerlang.language.times import DAY, SECOND

Reading: TypeAlias = Literal["number", "text", "folded", "boolean", "day", "moment", "clock"]
"""How a value is read; `folded` is a text without its case, `clock` a moment by the project's clocks."""

_DATES = ("day", "moment", "clock")
_FAR = 2 * DAY
"""No clock change moves one of two moments past the other if their clocks are that far apart."""


@dataclass(frozen=True, slots=True)
class Range:
    """The readings that a comparison with `=`, `<` and their kin is met by; a bound is None where there is none."""

    reading: Reading
    low: Any = None
    low_open: bool = False
    high: Any = None
    high_open: bool = False

    @property
    def point(self) -> Any:
        """The only reading, or None where there are several."""
        return self.low if self.low is not None and self.low == self.high else None


def implies(one: tree.Comparison, is_met: bool, other: tree.Comparison, wanted: bool) -> bool:
    """Whether a value that meets one comparison (or does not) surely meets another (or does not)."""
    one, is_met = positive(one, is_met)
    other, wanted = positive(other, wanted)
    if is_met:
        return within(one, other) if wanted else apart(one, other)
    return not wanted and within(other, one)


def answer(one: tree.Comparison, is_met: bool, other: tree.Comparison) -> bool | None:
    """What a value that meets one comparison (or does not) surely says of another, or None."""
    for wanted in (True, False):
        if implies(one, is_met, other, wanted):
            return wanted
    return None


def positive(comparison: tree.Comparison, is_met: bool) -> tuple[tree.Comparison, bool]:
    """`!=` as not `=`, and `is not blank` as not `is blank`."""
    match comparison:
        case tree.Compare("!=", literal, ignoring_case):
            return tree.Compare("=", literal, ignoring_case, span=comparison.span), not is_met
        case tree.CompareProperty("!=", side, wanted):
            return tree.CompareProperty("=", side, wanted, span=comparison.span), not is_met
        case tree.Blank(True):
            return tree.Blank(False, span=comparison.span), not is_met
    return comparison, is_met


def within(one: tree.Comparison, other: tree.Comparison) -> bool:
    """Whether each value that meets the first surely meets the second; neither is `!=` or `is not blank`."""
    if one == other:
        return True
    if isinstance(one, tree.OneOf):
        return all(within(each, other) for each in _each(one))
    if isinstance(other, tree.OneOf):
        return any(within(one, each) for each in _each(other))
    if isinstance(one, tree.Blank) or isinstance(other, tree.Blank):
        return False
    if isinstance(one, tree.CompareProperty) or isinstance(other, tree.CompareProperty):
        return _properties(one, other, _WIDER)
    if isinstance(one, tree.Compare):
        first = range_of(one)
        if first.reading in ("text", "folded") and first.point is not None:
            return _meets(first.reading, first.point, other) is True
        return isinstance(other, tree.Compare) and inside(first, range_of(other))
    return isinstance(other, tree.TextMatch) and _match_within(one, other)


def apart(one: tree.Comparison, other: tree.Comparison) -> bool:
    """Whether no value surely meets both; neither is `!=` or `is not blank`."""
    if isinstance(one, tree.OneOf):
        return all(apart(each, other) for each in _each(one))
    if isinstance(other, tree.OneOf):
        return all(apart(one, each) for each in _each(other))
    if isinstance(one, tree.CompareProperty) or isinstance(other, tree.CompareProperty):
        return _properties(one, other, _APART)
    if isinstance(one, tree.Blank) or isinstance(other, tree.Blank):
        filled = other if isinstance(one, tree.Blank) else one
        return _never_blank(filled)
    for first, second in ((one, other), (other, one)):
        if isinstance(first, tree.Compare):
            found = range_of(first)
            if found.reading in ("text", "folded") and found.point is not None and _meets(found.reading, found.point, second) is False:
                return True
    if isinstance(one, tree.Compare) and isinstance(other, tree.Compare):
        return ranges_apart(range_of(one), range_of(other))
    return isinstance(one, tree.TextMatch) and isinstance(other, tree.TextMatch) and _matches_apart(one, other)


def range_of(comparison: tree.Compare) -> Range:
    """The readings that meet a comparison, which is not `!=`."""
    reading, wanted = _read_literal(comparison.literal, comparison.ignoring_case)
    match comparison.operator:
        case "=":
            return Range(reading, wanted, False, wanted, False)
        case "<":
            return Range(reading, high=wanted, high_open=True)
        case "<=":
            return Range(reading, high=wanted)
        case ">":
            return Range(reading, low=wanted, low_open=True)
        case _:
            return Range(reading, low=wanted)


def _read_literal(literal: tree.Literal, ignoring_case: bool) -> tuple[Reading, Any]:
    match literal:
        case tree.Number(scaled):
            return "number", scaled
        case tree.Text(text):
            return ("folded", text.casefold()) if ignoring_case else ("text", text)
        case tree.Boolean(value):
            return "boolean", value
        case tree.Date(day):
            return "day", day
        case tree.DateTime(clock, offset):
            return ("clock", clock) if offset is None else ("moment", clock - offset * SECOND)


def _each(one_of: tree.OneOf) -> list[tree.Compare]:
    return [tree.Compare("=", literal, span=literal.span) for literal in one_of.literals]


# Ranges


def _less(one: Any, other: Any, reading: Reading) -> bool:
    return bool(other - one > _FAR) if reading == "clock" else bool(one < other)


def inside(one: Range, other: Range) -> bool:
    """Whether the first lies within the second."""
    if one.reading != other.reading:
        return False
    reading = one.reading
    if other.low is not None:
        if one.low is None:
            return False
        closed = one.low == other.low and (one.low_open or not other.low_open)
        if not closed and not _less(other.low, one.low, reading):
            return False
    if other.high is not None:
        if one.high is None:
            return False
        closed = one.high == other.high and (one.high_open or not other.high_open)
        if not closed and not _less(one.high, other.high, reading):
            return False
    return True


def ranges_apart(one: Range, other: Range) -> bool:
    if one.reading != other.reading:
        # A text is one of a number, a boolean and a date at most. A date's day and its moment may go together.
        typed = [reading for reading in (one.reading, other.reading) if reading not in ("text", "folded")]
        return len(typed) == 2 and not all(reading in _DATES for reading in typed)
    return _before(one, other) or _before(other, one)


def _before(one: Range, other: Range) -> bool:
    """Whether the first ends before the second begins."""
    if one.high is None or other.low is None:
        return False
    if one.high == other.low:
        return one.high_open or other.low_open
    return _less(one.high, other.low, one.reading)


# Texts


def _meets(reading: Reading, text: str, other: tree.Comparison) -> bool | None:
    """Whether whatever has this text form, or this one without its case, meets a comparison; None where that is not known."""
    match other:
        case tree.TextMatch(_, _, ignoring_case):
            if reading == "folded" and not ignoring_case:
                return None
            return _matches(other, text.casefold() if ignoring_case and reading == "text" else text)
        case tree.Compare():
            wanted = range_of(other)
            found: Any
            if reading == "folded":
                if wanted.reading != "folded":
                    return None
                found = text
            else:
                known = _read_text(text, wanted.reading)
                if known is None:
                    return None
                found = known()
            return found is not None and inside(Range(wanted.reading, found, False, found, False), wanted)
    return None


def _read_text(text: str, reading: Reading) -> Callable[[], Any] | None:
    """How a text is read; None where that takes the project's time zone."""
    match reading:
        case "number":
            return lambda: values.number(text)
        case "boolean":
            return lambda: values.boolean(text)
        case "text":
            return lambda: text
        case "folded":
            return text.casefold
    written = times.read(text)
    if written is None:
        return lambda: None
    if reading == "day" and written.plain_date:
        return lambda: written.day
    if reading == "moment" and written.offset is not None:
        return lambda: written.clock - (written.offset or 0) * SECOND
    return None


def _never_blank(comparison: tree.Comparison) -> bool:
    match comparison:
        case tree.TextMatch(_, text):
            return text.text != ""
        case tree.Compare():
            found = range_of(comparison)
            if found.reading not in ("text", "folded"):
                return True
            return found.low is not None and (found.low != "" or found.low_open)
    return False


def _matches(match: tree.TextMatch, text: str) -> bool:
    """Whether a text, folded already where the match ignores case, is matched."""
    wanted = _wanted(match)
    match match.operator:
        case "contains":
            return wanted in text
        case "starts with":
            return text.startswith(wanted)
        case "ends with":
            return text.endswith(wanted)


def _wanted(match: tree.TextMatch) -> str:
    return match.text.text.casefold() if match.ignoring_case else match.text.text


def _match_within(one: tree.TextMatch, other: tree.TextMatch) -> bool:
    if one.ignoring_case and not other.ignoring_case:
        return False
    wanted = _wanted(other)
    own = one.text.text.casefold() if other.ignoring_case else one.text.text
    match other.operator:
        case "contains":
            return wanted in own
        case "starts with":
            return one.operator == "starts with" and own.startswith(wanted)
        case "ends with":
            return one.operator == "ends with" and own.endswith(wanted)


def _matches_apart(one: tree.TextMatch, other: tree.TextMatch) -> bool:
    if one.operator != other.operator or one.operator == "contains":
        return False
    folds = one.ignoring_case or other.ignoring_case
    first, second = (match.text.text.casefold() if folds else match.text.text for match in (one, other))
    if one.operator == "starts with":
        return not (first.startswith(second) or second.startswith(first))
    return not (first.endswith(second) or second.endswith(first))


# Comparisons with a property

_WIDER = frozenset({("<", "<="), (">", ">=")})
_ONE_WAY = (("=", "<"), ("=", ">"), ("<", ">"), ("<", ">="), ("<=", ">"))
_APART = frozenset((*_ONE_WAY, *((second, first) for first, second in _ONE_WAY)))


def _properties(one: tree.Comparison, other: tree.Comparison, table: frozenset[tuple[str, str]]) -> bool:
    """Equal text forms are equal numbers, if they are numbers at all."""
    return (
        isinstance(one, tree.CompareProperty)
        and isinstance(other, tree.CompareProperty)
        and (one.side, one.property) == (other.side, other.property)
        and (one.operator, other.operator) in table
    )
