"""Zones: what a time zone's clocks show, as a table of offsets.

In: a zone and the first and last moments of a log. Out: from which moments on which offset holds.
"""

from __future__ import annotations

import numpy as np

from triggerlang.events.columns import Longs
from triggerlang.language.times import DAY, Zone


def clock_offsets(zone: Zone, first: int, last: int) -> tuple[Longs, Longs]:
    """From which moments on a zone's clocks are how many microseconds before UTC's, for all moments between two.

    An offset is looked for at each midnight of UTC, and the moment of a change between two of them by halves: no zone changes twice on a
    day.
    """
    starts, offsets = [first], [_offset(zone, first)]
    at = first
    while at < last:
        after = min((at // DAY + 1) * DAY, last)
        offset = _offset(zone, after)
        if offset != offsets[-1]:
            starts.append(_change(zone, at, after, offset))
            offsets.append(offset)
        at = after
    return np.array(starts, np.int64), np.array(offsets, np.int64)


def _offset(zone: Zone, moment: int) -> int:
    return zone.clock_of(moment) - moment


def _change(zone: Zone, before: int, after: int, offset: int) -> int:
    """The first moment at which an offset holds, after one at which it does not."""
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == offset:
            after = middle
        else:
            before = middle
    return after
