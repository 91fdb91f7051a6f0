"""Comparing: a comparison of a rule as a function of a value.

In: a comparison and the project's time zone. Out: a function that tells whether a value meets it, reading the value as the
comparison asks. `!=` is exactly not `=`; an absent value meets nothing else but `is blank`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from triggerlang.language import tree, values
from triggerlang.language.times import Zone
from triggerlang.language.values import Value
from triggerlang.network.nodes import CountIs, Reading

Read: TypeAlias = int | str | bool
"""A value as it was read: a scaled number, a text, a boolean, a day or a moment."""

SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def reader(reading: Reading, zone: Zone) -> Callable[[Value], Read | None]:
    """The function that reads a value in one way; None where it cannot be read so or is absent."""
    match reading:
        case "number":
            return values.number
        case "text":
            return values.text
        case "boolean":
            return values.boolean
        case "day":
            return lambda value: values.day(value, zone)
        case "moment":
            return lambda value: values.moment(value, zone)


def literal_value(literal: tree.Literal, zone: Zone) -> tuple[Reading, Read]:
    """How a literal asks values to be read, and what it is in that reading."""
    match literal:
        case tree.Number(scaled):
            return "number", scaled
        case tree.Text(text):
            return "text", text
        case tree.Boolean(value):
            return "boolean", value
        case tree.Date(day):
            return "day", day
        case tree.DateTime():
            return "moment", moment_of(literal, zone)


def moment_of(moment: tree.Moment, zone: Zone) -> int:
    """The moment at which a date or date-time begins."""
    if isinstance(moment, tree.Date):
        return zone.start_of(moment.day)
    if moment.offset is not None:
        return moment.clock - moment.offset * 1_000_000
    return zone.moment_of(moment.clock)


def end_of(moment: tree.Moment, zone: Zone) -> int:
    """The first moment that a bound leaves out: after the whole day of a plain date, a date-time itself."""
    return zone.start_of(moment.day + 1) if isinstance(moment, tree.Date) else moment_of(moment, zone)


def value_test(comparison: tree.Comparison, zone: Zone) -> Callable[[Value], bool]:
    """The function that tells whether a value, as a log holds it, meets a comparison with literals."""
    match comparison:
        case tree.Compare(sign, literal, ignoring_case):
            reading, wanted = literal_value(literal, zone)
            return _compare(reader(reading, zone), sign, wanted, ignoring_case)
        case tree.OneOf(literals):
            return _one_of(literals, zone)
        case tree.TextMatch():
            match = text_test(comparison)
            read_text = values.text

            def matches(value: Value) -> bool:
                text = read_text(value)
                return text is not None and match(text)

            return matches
        case tree.Blank(negated):
            return (lambda value: not values.is_blank(value)) if negated else values.is_blank
        case tree.CompareProperty():
            raise AssertionError("a comparison with a property needs the event")


def _compare(read: Callable[[Value], Any], sign: tree.Operator, wanted: Any, ignoring_case: bool) -> Callable[[Value], bool]:
    if ignoring_case:
        wanted = wanted.casefold()
        plain = read

        def read(value: Value) -> Any:
            text = plain(value)
            return None if text is None else text.casefold()

    if sign == "=":
        return lambda value: bool(read(value) == wanted)
    if sign == "!=":
        return lambda value: bool(read(value) != wanted)
    compare = SIGNS[sign]

    def compares(value: Value) -> bool:
        found = read(value)
        return found is not None and compare(found, wanted)

    return compares


def _one_of(literals: tuple[tree.Literal, ...], zone: Zone) -> Callable[[Value], bool]:
    groups: dict[Reading, set[Read]] = {}
    for literal in literals:
        reading, wanted = literal_value(literal, zone)
        groups.setdefault(reading, set()).add(wanted)
    tests = [(reader(reading, zone), frozenset(wanted)) for reading, wanted in groups.items()]
    if len(tests) == 1:
        read, allowed = tests[0]
        return lambda value: read(value) in allowed
    return lambda value: any(read(value) in allowed for read, allowed in tests)


def text_test(comparison: tree.TextMatch) -> Callable[[str], bool]:
    """The function that tells whether a text contains, starts with or ends with another."""
    wanted = comparison.text.text
    if comparison.ignoring_case:
        wanted = wanted.casefold()
    match comparison.operator:
        case "contains":
            test: Callable[[str], bool] = lambda text: wanted in text  # noqa: E731
        case "starts with":
            test = lambda text: text.startswith(wanted)  # noqa: E731
        case "ends with":
            test = lambda text: text.endswith(wanted)  # noqa: E731
    if comparison.ignoring_case:
        plain = test
        return lambda text: plain(text.casefold())
    return test


def read_test(comparison: tree.Comparison | CountIs, zone: Zone) -> Callable[[Any], bool]:
    """The function that tells whether a measure's value, already read, meets a comparison; None is an absent value."""
    match comparison:
        case CountIs(sign, number):
            compare = SIGNS[sign]
            return lambda found: compare(found, number)
        case tree.Compare(sign, literal, ignoring_case):
            _, wanted = literal_value(literal, zone)
            return _compare(lambda found: found, sign, wanted, ignoring_case)
        case tree.OneOf(literals):
            allowed = frozenset(literal_value(literal, zone)[1] for literal in literals)
            return lambda found: found in allowed
        case tree.TextMatch():
            match = text_test(comparison)
            return lambda found: found is not None and match(found)
        case tree.Blank(negated):
            return (lambda found: found is not None and found != "") if negated else (lambda found: found is None or found == "")
        case tree.CompareProperty():
            raise AssertionError("a comparison with a property needs the event")


def average_test(comparison: tree.Comparison, zone: Zone) -> Callable[[tuple[int, int] | None], bool]:
    """The same for an average, which comes as a sum and a count and is never rounded."""
    match comparison:
        case tree.Compare(sign, literal):
            _, wanted = literal_value(literal, zone)
            return lambda found: average_compares(found, sign, wanted)
        case tree.OneOf(literals):
            allowed = [literal_value(literal, zone)[1] for literal in literals]
            return lambda found: any(average_compares(found, "=", wanted) for wanted in allowed)
        case _:
            raise AssertionError("an average is compared with numbers")


def average_compares(found: tuple[int, int] | None, sign: tree.Operator, wanted: Any) -> bool:
    """Whether a sum over a count compares with a scaled number; an absent average only with `!=`."""
    if found is None or wanted is None:
        return sign == "!="
    total, count = found
    return SIGNS[sign](total, wanted * count)


def property_compares(sign: tree.Operator, left: Value, right: Value) -> bool:
    """`P = its Q`: text forms for `=` and `!=`, numbers for `<` and its kin; false where a side cannot be read, `!=` is not `=`."""
    if sign in ("=", "!="):
        text = values.text(left)
        equal = text is not None and text == values.text(right)
        return equal == (sign == "=")
    number, other = values.number(left), values.number(right)
    return number is not None and other is not None and SIGNS[sign](number, other)
