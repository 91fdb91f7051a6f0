"""Wording: moments, lengths of time and kinds of events, as a report says them."""

from __future__ import annotations

from triggerlang.language import times
from triggerlang.language.times import DAY, Zone
from triggerlang.language.vocabulary import BY_KIND


def day_text(moment: int, zone: Zone) -> str:
    """`1997-01-06`"""
    return times.format_day(zone.day_of(moment))


def hour_text(moment: int, zone: Zone) -> str:
    """`1997-01-06 14:00`"""
    return times.format_moment(zone.clock_of(moment))[:16].replace("T", " ")


def length_text(microseconds: int) -> str:
    """`3 days 4 hours`: whole hours."""
    days, rest = divmod(microseconds, DAY)
    hours = rest // (DAY // 24)
    said = [some(count, unit) for count, unit in ((days, "day"), (hours, "hour")) if count]
    return " ".join(said) or "less than an hour"


def some(count: int, one: str, several: str = "") -> str:
    """`1 entry`, `2 entries`"""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def kind_text(kind: str) -> str:
    """`subscribes list`: a kind in the words of rules."""
    known = BY_KIND.get(kind)
    return kind if known is None else known.phrase
