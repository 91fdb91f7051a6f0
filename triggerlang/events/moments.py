"""Moments: the times of many events at once.

In: texts, or whole numbers as Parquet has them. Out: microseconds since 1970-01-01 UTC, and which of the times cannot be read here; the
readers of single rows decide on those.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import int32, int64, types, uint8
from numpy.typing import NDArray

from triggerlang.events.bytewise import READ_ONLY, Long, byte_at
from triggerlang.events.columns import Bytes, Codes, Longs
from triggerlang.language.times import DAY, END_OF_TIME, FIRST_MOMENT, HOUR, MINUTE, SECOND, Zone
from triggerlang.machine.addresses import address_of
from triggerlang.machine.kernels import inner, kernel

UNREADABLE: Final = 0
MOMENT: Final = 1
CLOCK: Final = 2
"""What a text was found to be: no time that is read here, a moment, or what a clock shows, without a zone."""


@inner
def two_digits(at: int) -> int:
    """The number that two digits are; a large one where they are none."""
    tens = byte_at(at) - 48
    ones = byte_at(at + 1) - 48
    return tens * 10 + ones if 0 <= tens <= 9 and 0 <= ones <= 9 else 1_000_000


@inner
def days_of(year: int, month: int, day: int) -> int:
    """The day of a date, counted from 1970-01-01."""
    shifted = year - 1 if month <= 2 else year
    era = shifted // 400
    year_of_era = shifted - era * 400
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


@inner
def read_time(at: int, length: int) -> tuple[int, int]:
    """What a text is, and its microseconds."""
    if length < 10 or byte_at(at + 4) != 45 or byte_at(at + 7) != 45:
        return UNREADABLE, 0
    year = two_digits(at) * 100 + two_digits(at + 2)
    month = two_digits(at + 5)
    day = two_digits(at + 8)
    if year < 1 or year > 9999 or month < 1 or month > 12 or day < 1:
        return UNREADABLE, 0
    if day > 28:
        is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        last = (29 if is_leap else 28) if month == 2 else 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31
        if day > last:
            return UNREADABLE, 0
    clock = days_of(year, month, day) * DAY
    if length == 10:
        return CLOCK, clock
    end = at + length
    if length < 16 or (byte_at(at + 10) != 84 and byte_at(at + 10) != 32) or byte_at(at + 13) != 58:
        return UNREADABLE, 0
    hour = two_digits(at + 11)
    minute = two_digits(at + 14)
    if hour > 23 or minute > 59:
        return UNREADABLE, 0
    clock += hour * HOUR + minute * MINUTE
    at += 16
    if at + 3 <= end and byte_at(at) == 58:
        second = two_digits(at + 1)
        if second > 59:
            return UNREADABLE, 0
        clock += second * SECOND
        at += 3
        if at < end and byte_at(at) == 46:
            at += 1
            unit = SECOND // 10
            begin = at
            while at < end and 48 <= byte_at(at) <= 57:
                clock += (byte_at(at) - 48) * unit
                unit //= 10
                at += 1
            if at == begin:
                return UNREADABLE, 0
    if at == end:
        return CLOCK, clock
    if at + 1 == end and byte_at(at) == 90:
        return MOMENT, clock
    sign = byte_at(at)
    if at + 6 != end or (sign != 43 and sign != 45) or byte_at(at + 3) != 58:
        return UNREADABLE, 0
    hour = two_digits(at + 1)
    minute = two_digits(at + 4)
    if hour > 23 or minute > 59:
        return UNREADABLE, 0
    offset = hour * HOUR + minute * MINUTE
    clock += offset if sign == 45 else -offset
    return (MOMENT, clock) if FIRST_MOMENT <= clock < END_OF_TIME else (UNREADABLE, 0)


@kernel(types.void(READ_ONLY, READ_ONLY, int64[::1], int32[::1], int64[::1], uint8[::1]))
def read_times(data: Any, annex: Any, starts: Any, lengths: Any, moments: Any, kinds: Any) -> None:
    """Read texts, each as a moment or a clock if it is one."""
    size = len(data)
    data_at = address_of(data)
    annex_at = address_of(annex) - size
    for row in range(len(starts)):
        start = starts[row]
        kinds[row], moments[row] = read_time(data_at + start if start < size else annex_at + start, Long(lengths[row]))


def moments_of(data: Bytes, annex: Bytes, starts: Longs, lengths: Codes, zone: Zone) -> tuple[Longs, NDArray[np.bool_]]:
    """The moments of texts, and which of them are any."""
    moments = np.empty(len(starts), np.int64)
    kinds = np.empty(len(starts), np.uint8)
    read_times(data, annex, starts, lengths, moments, kinds)
    are_clocks = np.flatnonzero(kinds == CLOCK)
    if len(are_clocks):
        found, fine = moments_of_clocks(moments[are_clocks], zone)
        moments[are_clocks] = found
        kinds[are_clocks] = fine
    return moments, kinds != UNREADABLE


def moments_of_clocks(clocks: Longs, zone: Zone) -> tuple[Longs, NDArray[np.bool_]]:
    """The moments at which the zone's clocks show something, and which of them the calendar has."""
    if zone.name == "UTC":
        moments = clocks
    else:
        # A zone's offset changes some times a year, so most quarters of an hour have one.
        quarters, places = np.unique(clocks // (15 * MINUTE), return_inverse=True)
        first = quarters * (15 * MINUTE)
        offsets = np.array([zone.moment_of(clock) - clock for clock in first.tolist()], np.int64)
        last = np.array([zone.moment_of(clock) - clock for clock in (first + (15 * MINUTE - 1)).tolist()], np.int64)
        moments = clocks + offsets[places]
        for row in np.flatnonzero((offsets != last)[places]).tolist():
            moments[row] = zone.moment_of(int(clocks[row]))
    return moments, (moments >= FIRST_MOMENT) & (moments < END_OF_TIME)
