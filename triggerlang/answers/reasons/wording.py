"""Wording: what was found and what there should have been, in a marketer's words.

In: values as the engines read them, comparisons, times. Out: short texts without a full stop. Times are those of the project's zone, in the
form of a literal; what a log holds is quoted and shortened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from triggerlang.engines.comparing import literal_value
from triggerlang.engines.filters import getter
from triggerlang.events.record import Record
from triggerlang.language import numbers, printing, times, tree, values
from triggerlang.language.diagnostics import quoted
from triggerlang.language.times import Zone
from triggerlang.network.nodes import Reading

OPPOSITE: Final[dict[str, tree.Operator]] = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

NUMBERS: Final = {"=": "{}", "!=": "anything but {}", "<": "less than {}", "<=": "{} or less", ">": "more than {}", ">=": "{} or more"}
_DATES: Final = {"=": "{}", "!=": "anything but {}", "<": "before {}", "<=": "{} or earlier", ">": "after {}", ">=": "{} or later"}


LONGEST_TEXT: Final = 160
"""How many characters of a rule's own text stand on a line."""


def cut(text: str) -> str:
    """A rule's own text as far as it has room on a line."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def moment_text(moment: int, zone: Zone) -> str:
    """`2026-01-02 10:05` in the zone; with its offset from UTC where a clock change makes that doubtful."""
    if not times.FIRST_MOMENT <= moment < times.END_OF_TIME:
        return "a time before the year 1" if moment < 0 else "a time after the year 9999"
    clock = zone.clock_of(moment)
    if zone.moment_of(clock) != moment or not times.FIRST_MOMENT <= clock < times.END_OF_TIME:
        return printing.date_time(moment) + "Z"
    return printing.date_time(clock)


def length_text(microseconds: int) -> str:
    """`2 days 3 hours`: a length of time by its two largest units."""
    shown: list[str] = []
    for unit in ("days", "hours", "minutes", "seconds"):
        amount, microseconds = divmod(microseconds, times.UNITS[unit])
        if amount:
            shown.append(f"{amount:,} {unit[:-1] if amount == 1 else unit}")
    if microseconds and len(shown) < 2:
        shown.append(f"{microseconds:,} microseconds")
    return " ".join(shown[:2]) or "no time"


def held_text(value: Any) -> str:
    """A value as a log holds it."""
    if values.is_absent(value):
        return "absent"
    if isinstance(value, str):
        return quoted(value)
    text = values.text(value)
    if text is not None:
        return text if len(text) <= 60 else text[:59] + "…"
    return "an object" if isinstance(value, dict) else "a list"


def held_of(record: Record, path: str) -> str:
    """A property of an event, as its log holds it."""
    return held_text(getter(path)(record))


def read_text(value: Any, reading: Reading | None, zone: Zone) -> str:
    """A value as a measure read it, a count where there is no reading."""
    match reading:
        case "number":
            return numbers.number_text(value)
        case "text":
            return quoted(value)
        case "boolean":
            return "true" if value else "false"
        case "day":
            return times.format_day(value)
        case "moment":
            return moment_text(value, zone)
        case None:
            return f"{value:,}"


def average_text(found: tuple[int, int]) -> str:
    """An average, to nine decimals."""
    total, count = found
    rounded, rest = divmod(total, count)
    return ("about " if rest else "") + numbers.number_text(rounded)


def count_wanted(sign: tree.Operator, number: int, *, asked: bool) -> str:
    """`1 or more`, `fewer than 3`."""
    if not asked:
        sign = OPPOSITE[sign]
    if (sign, number) in (("<", 1), ("<=", 0)):
        return "0"
    return NUMBERS[sign].format(f"{number:,}").replace("or less", "or fewer").replace("less than", "fewer than")


def wanted(comparison: tree.Comparison, trigger: Record, zone: Zone, *, asked: bool) -> str:
    """What a comparison asks for; the opposite, if it is asked not to hold.

    `trigger P` is P of the trigger, in a filter `its P` that of the event which is handed in as such.
    """
    match comparison:
        case tree.Compare(sign, literal, ignoring_case):
            reading, _ = literal_value(literal, zone)
            words = _DATES if reading in ("day", "moment") else NUMBERS
            shown = quoted(literal.text) if isinstance(literal, tree.Text) else printing.literal(literal)
            return words[sign if asked else OPPOSITE[sign]].format(shown) + (" ignoring case" if ignoring_case else "")
        case tree.CompareProperty(sign, side, wanted_property):
            shown = f"{side} {printing.property_name(wanted_property.path)}, which is {held_of(trigger, wanted_property.path)}"
            return NUMBERS[sign if asked else OPPOSITE[sign]].format(shown)
        case tree.OneOf(literals):
            shown = either([quoted(literal.text) if isinstance(literal, tree.Text) else printing.literal(literal) for literal in literals])
            return shown if asked else f"anything but {shown}"
        case tree.TextMatch(sign, text, ignoring_case):
            shown = f"a text that {sign} {quoted(text.text)}" + (" ignoring case" if ignoring_case else "")
            return shown if asked else f"anything but {shown}"
        case tree.Blank(negated):
            return "something" if negated == asked else "nothing"


def either(shown: Sequence[str]) -> str:
    """`a, b or c`; of many the first."""
    if len(shown) > 6:
        return f"{', '.join(shown[:5])} or one of {len(shown) - 5:,} others"
    return f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else "".join(shown)
