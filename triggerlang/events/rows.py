"""Rows: from the fields of a row to a record.

In: what stands in the fields of a row, whatever file it came from. Out: a record, or BadEventError. Every reader goes through
here, so that all
shapes of a log mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from triggerlang.events.record import NO_PROPERTIES, Record
from triggerlang.events.rejects import BadEventError
from triggerlang.language import times, values
from triggerlang.language.diagnostics import quoted
from triggerlang.language.times import Zone

FIELDS: Final = frozenset({"contact", "time", "kind", "name", "value", "properties", "id"})
"""The fields of an event; what else stands in a row is a property."""

_BAD_TEXT = re.compile("[\x00\ud800-\udfff]")
_MAIN_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?Z", re.ASCII)


class RowReader:
    """Makes records of rows. It remembers the days that it has read, because logs have many events a day."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._days: dict[str, int] = {}

    def record(self, fields: Mapping[str, Any], row: int) -> Record:
        """The record of a row: what is no field of an event is a property, and `properties` wins.

        `fields["properties"]` must be a mapping or None.
        """
        contact = fields.get("contact")
        if type(contact) is not str or not contact:
            contact = _text(contact, "contact")
        name = fields.get("name")
        if type(name) is not str or not name:
            name = _text(name, "name")
        written = fields.get("time")
        time = self.moment(written)
        kind = fields.get("kind")
        if kind is None or kind == "":
            kind = "event"
        elif type(kind) is not str:
            raise BadEventError("bad-kind", _shown(kind))
        event_id = fields.get("id")
        if event_id is not None and type(event_id) is not str:
            event_id = digits(event_id)
            if event_id is None:
                raise BadEventError("bad-id", _shown(fields["id"]))
        value = fields.get("value")
        if value is not None and isinstance(value, dict | list):
            raise BadEventError("bad-value", _shown(value))
        properties = fields.get("properties")
        if properties is None:
            properties = NO_PROPERTIES
        elif not isinstance(properties, dict):
            raise BadEventError("bad-properties", _shown(properties))
        if len(fields) > 3 and not fields.keys() <= FIELDS:
            others = {key: held for key, held in fields.items() if key not in FIELDS}
            properties = {**others, **properties}
        return Record(time, contact, kind, name, value, properties, event_id or None, row)

    def moment(self, written: Any) -> int:
        """The moment of an event's `time`, in microseconds since 1970-01-01 UTC."""
        if type(written) is not str:
            if written is None:
                raise BadEventError("missing-time")
            raise BadEventError("bad-time", f"{_shown(written)} is a number; write a date and time, such as 2026-01-31T09:00:00Z")
        found = _MAIN_TIME.fullmatch(written)
        if found is not None:
            date, hour, minute, second, fraction = found.groups()
            day = self._days.get(date)
            if day is None:
                midnight = times.read(date)
                if midnight is None:
                    raise _bad_time(written)
                if len(self._days) > 100_000:
                    self._days.clear()
                day = self._days[date] = midnight.clock
            if hour > "23" or minute > "59" or second > "59":
                raise _bad_time(written)
            moment = day + (int(hour) * 3600 + int(minute) * 60 + int(second)) * 1_000_000
            return moment + int(fraction.ljust(6, "0")) if fraction else moment
        if not written:
            raise BadEventError("missing-time")
        moment_read = times.read_moment(written, self.zone)
        if moment_read is None:
            raise _bad_time(written)
        return moment_read


def _bad_time(written: str) -> BadEventError:
    return BadEventError("bad-time", f"{quoted(written)}; a time is written 2026-01-31, 2026-01-31 09:00 or 2026-01-31T09:00:00Z")


def _text(held: Any, field: str) -> str:
    """A required text: whole numbers are their digits, an empty text is absent."""
    if held is None or held == "":
        raise BadEventError(f"missing-{field}")
    text = digits(held)
    if text is None:
        raise BadEventError(f"bad-{field}", _shown(held))
    return text


def digits(held: Any) -> str | None:
    """A text as it is, a whole number as its digits, anything else None."""
    if type(held) is str:
        return held
    if type(held) is int:
        return values.text(held)
    if type(held) is float and held.is_integer():
        return f"{held:.0f}"
    return None


def _shown(held: Any) -> str:
    text = str(held)
    return quoted(text if len(text) <= 200 else text[:200])


def check_text(text: str) -> None:
    """Raise BadEventError where a text holds NUL or half of a surrogate pair."""
    found = _BAD_TEXT.search(text)
    if found is not None:
        raise BadEventError("bad-text", f"U+{ord(found[0]):04X}")
