"""Values: how what stands in a log is read against what stands in a rule.

In: a value as a log holds it (text, number, boolean, null, list or object). Out: its reading as a number,
a text, a boolean, a moment or a day, or None where it cannot be read so or is absent. Comparisons are
typed by the rule, never by the data.

A number is read as an integer, see `numbers`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from triggerlang.language import times
from triggerlang.language.numbers import DECIMALS, LIMIT, SCALE, number_of_text, scaled_number
from triggerlang.language.times import Zone

Value: TypeAlias = Any
"""str, int, float, Decimal, bool, None, a list or a mapping: what JSON can hold."""

_FINE = 2.0**22
"""Below it, floats lie closer than nine decimals do: a decimal of nine at most that is nearest to a float is the float's shortest one."""


def number(value: Value) -> int | None:
    """The scaled number that a value is, or that a text wholly is."""
    kind = type(value)
    if kind is int:
        scaled: int = value * SCALE
        return scaled if -LIMIT < scaled < LIMIT else None
    if kind is str:
        return number_of_text(value)
    if kind is float:
        if -_FINE < value < _FINE:
            near: int = round(value * 1e9)
            if near / 1e9 == value:
                return near
        if not math.isfinite(value):
            return None
        return number_of_decimal(Decimal(repr(value)))
    if kind is Decimal:
        return number_of_decimal(value) if value.is_finite() else None
    return None


def number_of_decimal(value: Decimal) -> int | None:
    """The scaled number of a finite decimal."""
    if not value:
        return 0
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if len(digits) + exponent > 19:
        return None
    if len(digits) + exponent < -DECIMALS - 1:
        return 0
    text = "".join(map(str, digits))
    if exponent >= 0:
        return scaled_number(bool(sign), text + "0" * exponent, "")
    text = text.rjust(-exponent + 1, "0")
    return scaled_number(bool(sign), text[:exponent], text[exponent:])


def text(value: Value) -> str | None:
    """The text form of a value."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        # Python writes no integer of more than 4,300 digits out by itself.
        return str(value) if value.bit_length() < 13_000 else _decimal_text(Decimal(value))
    if kind is float:
        return _decimal_text(Decimal(repr(value))) if math.isfinite(value) else None
    if kind is Decimal:
        return _decimal_text(value) if value.is_finite() else None
    return None


def _decimal_text(value: Decimal) -> str:
    shown = format(value, "f")
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return "0" if shown in ("-0", "") else shown


def boolean(value: Value) -> bool | None:
    """A boolean, or `true` or `false` as text in any case."""
    if type(value) is bool:
        return value
    if type(value) is str and len(value) <= 5:
        return _BOOLEANS.get(value.lower())
    return None


_BOOLEANS = {"true": True, "false": False}


def moment(value: Value, zone: Zone) -> int | None:
    """The moment of a text in a date literal's form; a plain date's is its midnight in the zone."""
    if type(value) is not str or len(value) < 10:
        return None
    written = times.read(value)
    return None if written is None else written.moment(zone)


def day(value: Value, zone: Zone) -> int | None:
    """The zone's day of a text in a date literal's form."""
    if type(value) is not str or len(value) < 10:
        return None
    written = times.read(value)
    if written is None:
        return None
    if written.plain_date:
        return written.day
    return zone.day_of(written.moment(zone))


def is_absent(value: Value) -> bool:
    """Whether a value counts as absent: null, NaN and the infinities."""
    if value is None:
        return True
    if type(value) is float:
        return not math.isfinite(value)
    return type(value) is Decimal and not value.is_finite()


def is_blank(value: Value) -> bool:
    """Whether a value is absent or the empty text."""
    return is_absent(value) or (type(value) is str and value == "")


def lookup(properties: Mapping[str, Value], path: str) -> Value:
    """A property: as one key where there is one, else step by step at its dots; None where there is none."""
    if path in properties:
        return properties[path]
    if "." not in path:
        return None
    found: Value = properties
    for step in path.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found
