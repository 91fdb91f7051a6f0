"""Moments: when what waits for its time comes.

In: a chain's `without` or a moment, and the project's time zone. Out: a function that gives the first time of an event's absence or moment
after some time. What lies beyond the calendar never comes.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable
from datetime import date
from typing import TypeAlias

from triggerlang.engines.filters import getter
from triggerlang.events.record import Record
from triggerlang.language import times
from triggerlang.language.times import Written, Zone
from triggerlang.network.nodes import MomentNode, WithoutNode

Due: TypeAlias = Callable[[Record, int], int | None]
"""Of the event that is waited after, and of the time after which the moment lies."""

_EPOCH = date(1970, 1, 1).toordinal()
_FOUR_CENTURIES = 146_097 * times.DAY
"""After them the calendar is the same again."""


def absence(node: WithoutNode) -> Due:
    """When an absence comes: the same for all that could break it, so it lies after no other time than the event's."""
    within = node.within

    def due(record: Record, after: int) -> int | None:
        time = record.time + within
        return time if time < times.END_OF_TIME else None

    return due


def moment(node: MomentNode, zone: Zone) -> Due:
    """When a moment comes; of an anniversary, the next one."""
    shift, base = node.shift, node.base
    if node.property is None:

        def due_after_event(record: Record, after: int) -> int | None:
            return _between(record.time + shift, after)

        return due_after_event
    get = getter(node.property)

    def due(record: Record, after: int) -> int | None:
        value = get(record)
        if base == "date":
            moment = moment_of_date(value, zone)
            return None if moment is None else _between(moment + shift, after)
        clock = clock_of_date(value, zone)
        return None if clock is None else _anniversary(clock, shift, after, zone)

    return due


def _between(time: int, after: int) -> int | None:
    return time if after < time < times.END_OF_TIME else None


def _written(value: object, zone: Zone) -> Written | None:
    """The date that a value holds, if it is one within the years 1 to 9999 in UTC."""
    written = times.read(value) if type(value) is str else None
    return written if written is not None and times.FIRST_MOMENT <= written.moment(zone) < times.END_OF_TIME else None


def moment_of_date(value: object, zone: Zone) -> int | None:
    """The moment that a value holds, if it is a date."""
    written = _written(value, zone)
    return None if written is None else written.moment(zone)


def clock_of_date(value: object, zone: Zone) -> int | None:
    """What the clocks show at the date that a value holds, if it is one: as it is written where no offset is."""
    written = _written(value, zone)
    if written is None:
        return None
    clock = written.clock if written.offset is None else zone.clock_of(written.moment(zone))
    return clock if clock < times.END_OF_TIME else None


def _anniversary(clock: int, shift: int, after: int, zone: Zone) -> int | None:
    """The first anniversary, of what the clocks showed, after some time."""
    # A clock may show the year before the first, which the standard library does not have.
    shown = clock + _FOUR_CENTURIES if clock < times.FIRST_MOMENT else clock
    own = date.fromordinal(shown // times.DAY + _EPOCH)
    year = own.year if shown == clock else 0
    for following in range(max(year, _year(after - shift) - 2) + 1, 10_000):
        day = 28 if (own.month, own.day) == (2, 29) and not isleap(following) else own.day
        here = (date(following, own.month, day).toordinal() - _EPOCH) * times.DAY + clock % times.DAY
        base = zone.moment_of(here)
        if base >= times.END_OF_TIME:
            return None
        if base + shift > after:
            return base + shift if base + shift < times.END_OF_TIME else None
    return None


def _year(moment: int) -> int:
    """The year of a moment in UTC, or the nearest that there is."""
    return date.fromordinal(min(max(moment, times.FIRST_MOMENT), times.END_OF_TIME - 1) // times.DAY + _EPOCH).year
