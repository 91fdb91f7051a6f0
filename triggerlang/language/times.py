"""Times: date and date-time literals, time zones, and the clock.

A moment is a whole number of microseconds since 1970-01-01 00:00 UTC. A day is a whole number of
days since 1970-01-01, in some zone. A clock is a reading of a wall clock, counted as if it were a
moment in UTC. All of them are plain integers, so that nothing overflows at the ends of the calendar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UNITS: dict[str, int] = {
    "seconds": SECOND,
    "minutes": MINUTE,
    "hours": HOUR,
    "days": DAY,
    "weeks": 7 * DAY,
}
WEEKDAYS: tuple[str, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_EPOCH = date(1970, 1, 1).toordinal()
FIRST_MOMENT = (date.min.toordinal() - _EPOCH) * DAY
END_OF_TIME = (date.max.toordinal() + 1 - _EPOCH) * DAY
"""The moment after the last one of the year 9999."""

_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Written:
    """A date or date-time as it is written: its clock, its offset in seconds if it has one, and whether it is a plain date."""

    clock: int
    offset: int | None
    plain_date: bool

    @property
    def day(self) -> int:
        """The day that is written, whatever the zone."""
        return self.clock // DAY

    def moment(self, zone: Zone) -> int:
        """The moment meant; a plain date is its midnight, a time without an offset is in the zone."""
        if self.offset is not None:
            return self.clock - self.offset * SECOND
        return zone.moment_of(self.clock)


class Zone:
    """A time zone by its IANA name (`Europe/Berlin`), or UTC.

    A clock reading that a change doubles is the first of the two; one that it skips has the offset
    before the change (`fold=0` of PEP 495).
    """

    __slots__ = ("_info", "_is_utc", "name")

    def __init__(self, name: str = "UTC") -> None:
        """Raises ValueError where there is no zone of that name."""
        self.name = name
        self._is_utc = name == "UTC"
        self._info: tzinfo = UTC if self._is_utc else _zone_info(name)

    def __repr__(self) -> str:
        return f"Zone({self.name!r})"

    def moment_of(self, clock: int) -> int:
        """The moment at which the zone's clocks show a reading."""
        if self._is_utc:
            return clock
        return clock - self._offset(_clamped(clock).replace(tzinfo=self._info))

    def clock_of(self, moment: int) -> int:
        """What the zone's clocks show at a moment."""
        if self._is_utc:
            return moment
        return moment + self._offset(self._info.fromutc(_clamped(moment).replace(tzinfo=self._info)))

    def day_of(self, moment: int) -> int:
        """The zone's day at a moment."""
        return self.clock_of(moment) // DAY

    def start_of(self, day: int) -> int:
        """The moment of a day's midnight."""
        return self.moment_of(day * DAY)

    def weekday_of(self, moment: int) -> int:
        """The zone's day of the week at a moment: 0 is Monday."""
        return (self.day_of(moment) + 3) % 7

    def _offset(self, local: datetime) -> int:
        offset = self._info.utcoffset(local)
        return (offset or timedelta()) // timedelta(microseconds=1)


def read(text: str) -> Written | None:
    """Read a text that is wholly a date or date-time literal; anything else is None.

    `2026-01-31`, or that with `T` or a space and `09:00`, `09:00:30` or `09:00:30.5`, and then perhaps
    `Z` or an offset such as `+02:00`. ASCII digits only; digits beyond the microsecond are cut.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH
    except ValueError:
        return None
    if hour is None:
        return Written(days * DAY, None, True)
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    clock = days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND
    if fraction:
        clock += int(fraction[:6].ljust(6, "0"))
    if zone is None:
        return Written(clock, None, False)
    if zone == "Z":
        return Written(clock, 0, False)
    offset_hours, offset_minutes = int(zone[1:3]), int(zone[4:])
    if offset_hours > 23 or offset_minutes > 59:
        return None
    offset = offset_hours * 3600 + offset_minutes * 60
    return Written(clock, -offset if zone[0] == "-" else offset, False)


def read_moment(text: str, zone: Zone) -> int | None:
    """The moment that a text names, or None; also None where that lies outside the years 1 to 9999 in UTC."""
    written = read(text)
    if written is None:
        return None
    moment = written.moment(zone)
    return moment if FIRST_MOMENT <= moment < END_OF_TIME else None


def format_moment(moment: int) -> str:
    """`2026-01-02T10:05:00Z`, in UTC, with as many decimals as it needs."""
    whole, fraction = divmod(moment, SECOND)
    days, seconds = divmod(whole, 86_400)
    text = f"{date.fromordinal(days + _EPOCH).isoformat()}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if fraction:
        text += f".{fraction:06}".rstrip("0")
    return text + "Z"


def format_day(day: int) -> str:
    """`2026-01-02`."""
    return date.fromordinal(day + _EPOCH).isoformat()


def to_datetime(moment: int) -> datetime:
    """An aware datetime in UTC."""
    return _EPOCH_TIME + timedelta(microseconds=moment)


def from_datetime(value: datetime, zone: Zone) -> int:
    """The moment of a datetime; one without a zone is in the zone given. Its `fold` is heard where it has a zone of its own."""
    offset = value.utcoffset()
    clock = (value.replace(tzinfo=UTC) - _EPOCH_TIME) // timedelta(microseconds=1)
    if offset is None:
        return zone.moment_of(clock)
    return clock - offset // timedelta(microseconds=1)


def moment_of(value: datetime | date | str, zone: Zone) -> int:
    """The moment of a datetime, of a date (its midnight), or of a text in the form of a date or date-time literal; one without a zone is
    in the zone given. Raises ValueError for a text that is none, and for a time beyond the calendar."""
    if isinstance(value, datetime):
        moment = from_datetime(value, zone)
    elif isinstance(value, date):
        moment = zone.start_of(value.toordinal() - _EPOCH)
    else:
        written = read(value)
        if written is None:
            raise ValueError(f"{value[:60]!r} is no time: write 2026-01-31, 2026-01-31 09:00 or 2026-01-31T09:00:00Z")
        moment = written.moment(zone)
    if not FIRST_MOMENT <= moment < END_OF_TIME:
        raise ValueError(f"the time {value} lies outside the years 1 to 9999 in UTC")
    return moment


def zone_exists(name: str) -> bool:
    """Whether there is a time zone of that name."""
    try:
        Zone(name)
    except ValueError:
        return False
    return True


_EPOCH_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_LOW = datetime(1, 1, 3)
_HIGH = datetime(9999, 12, 29)
_LOW_MOMENT = FIRST_MOMENT + 2 * DAY
_HIGH_MOMENT = END_OF_TIME - 3 * DAY


def _clamped(clock: int) -> datetime:
    """A datetime near enough to look an offset up without leaving the calendar."""
    if clock < _LOW_MOMENT:
        return _LOW
    if clock > _HIGH_MOMENT:
        return _HIGH
    return _NAIVE_EPOCH + timedelta(microseconds=clock)


_NAIVE_EPOCH = datetime(1970, 1, 1)


@lru_cache(maxsize=64)
def _zone_info(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError.
        raise ValueError(f"no time zone is called {name!r}") from error
