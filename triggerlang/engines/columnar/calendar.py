"""The calendar: what the clocks show, and anniversaries of it (dates as in Howard Hinnant's `chrono`-compatible date algorithms)."""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import long_at
from triggerlang.engines.columnar.layout import NEVER, Net
from triggerlang.language.times import DAY, END_OF_TIME, FIRST_MOMENT
from triggerlang.machine.kernels import inner


@inner
def date_of(day: int) -> tuple[int, int, int]:
    """Year, month and day of the month of a day, counted from 1970-01-01."""
    day += 719_468
    era = day // 146_097
    of_era = day - era * 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    of_month = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return year + era * 400 + (month <= 2), month, of_month


@inner
def day_of(year: int, month: int, of_month: int) -> int:
    """The day, counted from 1970-01-01, of a date."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + of_month - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@inner
def is_leap(year: int) -> bool:
    """Whether a year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@inner
def offset_at(starts: int, offsets: int, size: int, at: int) -> int:
    """The offset that holds at a moment, or where the clocks show something; the tables are given by their addresses."""
    low, high = 0, size
    while low < high:
        middle = (low + high) >> 1
        if long_at(starts, middle) <= at:
            low = middle + 1
        else:
            high = middle
    return long_at(offsets, max(low - 1, 0))


@inner
def clock_at(net: Net, time: int) -> int:
    """What the clocks of the project's zone show at a moment."""
    return time + offset_at(net.zone_from, net.zone_offset, net.zones, time)


@inner
def moment_of(net: Net, clock: int) -> int:
    """The moment at which the clocks of the project's zone show something."""
    return clock - offset_at(net.clock_from, net.clock_offset, net.clocks, clock)


@inner
def next_anniversary(net: Net, clock: int, shift: int, after: int) -> int:
    """The first anniversary, moved by `shift`, after some time, of what the clocks showed; `NEVER` where there is none."""
    year, month, of_month = date_of(clock // DAY)
    present = min(max(after - shift, FIRST_MOMENT), END_OF_TIME - 1)
    following = max(year, date_of(present // DAY)[0] - 2) + 1
    while following < 10_000:
        day = 28 if month == 2 and of_month == 29 and not is_leap(following) else of_month
        base = moment_of(net, day_of(following, month, day) * DAY + clock % DAY)
        if base >= END_OF_TIME:
            return NEVER
        if base + shift > after:
            return base + shift if base + shift < END_OF_TIME else NEVER
        following += 1
    return NEVER
