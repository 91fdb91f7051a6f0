"""Calendar: time as a zone's clocks and calendars cut it.

In: the first and the last moment of what is counted, and the zone. Out: hours, days, weeks, months or years to count in, few enough to be
drawn, and which of them moments are in. Readings of clocks are microseconds since 1970, as if the clocks were UTC's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

import numpy as np

from triggerlang.engines.columnar.zones import clock_offsets
from triggerlang.events.columns import Codes, Longs
from triggerlang.language.times import DAY, Zone

Unit: TypeAlias = Literal["hour", "day", "week", "month", "year"]

HOUR: Final = DAY // 24
HOURS_OF_WEEK: Final = 168

_MOST_DAYS: Final[tuple[tuple[Unit, int], ...]] = (("hour", 4), ("day", 100), ("week", 2 * 366), ("month", 11 * 366))
"""Up to how many days each unit serves."""
_MOST_YEARS: Final = 120
"""Where there are more years, several of them are counted together."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_MONDAY: Final = 3
"""1970 began on a Thursday."""


@dataclass(frozen=True, slots=True)
class Bins:
    """Stretches of time: their unit, and where on the clock they start, with where the last one ends."""

    unit: Unit
    edges: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.edges) - 1

    def name(self, number: int) -> str:
        """`1997-01-06`, or `1997-01-06 14:00`, `1997-01`, `1997`."""
        day, rest = divmod(self.edges[number], DAY)
        text = _date(day).isoformat()
        match self.unit:
            case "hour":
                return f"{text} {rest // HOUR:02}:00"
            case "month":
                return text[:7]
            case "year":
                return text[:4]
        return text


class Calendar:
    """A zone's clocks between two moments."""

    def __init__(self, zone: Zone, first: int, last: int) -> None:
        self._starts, self._offsets = (np.zeros(1, np.int64),) * 2 if zone.name == "UTC" else clock_offsets(zone, first, last)
        # Around a change the clocks show less or more than at the ends.
        shown = [zone.clock_of(moment) for moment in (first, last)]
        shown += (self._starts[1:] + self._offsets[1:]).tolist() + (self._starts[1:] - 1 + self._offsets[:-1]).tolist()
        self.bins = _bins(min(shown), max(shown))
        self._slot = HOUR if self.bins.unit == "hour" else DAY
        slots = np.arange(self.bins.edges[0] // self._slot, self.bins.edges[-1] // self._slot)
        self._first_slot = int(slots[0])
        self._bin_of_slot = (np.searchsorted(np.array(self.bins.edges), slots * self._slot, side="right") - 1).astype(np.int32)

    def clocks(self, moments: Longs) -> Longs:
        """What the zone's clocks show at some moments."""
        if len(self._starts) == 1:
            return moments + int(self._offsets[0])
        clocks: Longs = moments + self._offsets[np.maximum(np.searchsorted(self._starts, moments, side="right") - 1, 0)]
        return clocks

    def bins_of(self, clocks: Longs) -> Codes:
        """Which bins some readings are in."""
        numbers: Codes = self._bin_of_slot[clocks // self._slot - self._first_slot]
        return numbers


def hours_of_week(clocks: Longs) -> Longs:
    """Which hours of the week some readings are in: 0 is the first of Monday."""
    return (clocks // HOUR + 24 * _MONDAY) % HOURS_OF_WEEK


def _bins(first: int, last: int) -> Bins:
    days = (last - first) // DAY
    unit: Unit = next((unit for unit, most in _MOST_DAYS if days <= most), "year")
    edges: list[int] = []
    for edge in _edges(unit, first, days):
        edges.append(edge)
        if edge > last:
            break
    return Bins(unit, tuple(edges))


def _edges(unit: Unit, first: int, days: int) -> Iterator[int]:
    day = first // DAY
    if unit in ("hour", "day", "week"):
        step = {"hour": HOUR, "day": DAY, "week": 7 * DAY}[unit]
        at = (day - (day + _MONDAY) % 7) * DAY if unit == "week" else first // step * step
        while True:
            yield at
            at += step
    year, month = _date(day).timetuple()[:2]
    if unit == "month":
        while True:
            yield _start_of(year, month)
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    step = -(-days // (366 * _MOST_YEARS))
    year -= (year - 1) % step if step > 1 else 0
    while True:
        yield _start_of(year, 1)
        year += step


def _start_of(year: int, month: int) -> int:
    """When a month starts on the clock. What clocks show around the first and the last day of the calendar belongs to its ends."""
    if year > date.max.year:
        return (date.max.toordinal() + 2 - _EPOCH) * DAY
    return (date(year, month, 1).toordinal() - (year == month == 1) - _EPOCH) * DAY


def _date(day: int) -> date:
    """A day since 1970 as a date, or the calendar's nearest."""
    return date.fromordinal(min(max(day + _EPOCH, date.min.toordinal()), date.max.toordinal()))
