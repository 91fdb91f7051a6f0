"""The log of one contact out of columns: large logs, read by the columnar reader on all cores.

In: the files of a log, a contact, and the properties that are asked for. Out: its records, with these properties.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from triggerlang.engines.columnar.running import latest_that_counts
from triggerlang.events.columnar import read_columns
from triggerlang.events.columns import Columns, Texts
from triggerlang.events.contact import ContactLog, contact_log, near_name
from triggerlang.events.files import LogFile
from triggerlang.events.packed import Progress
from triggerlang.events.record import Record
from triggerlang.events.rejects import OnBadEvent, Reject
from triggerlang.language.times import FIRST_MOMENT
from triggerlang.language.values import Value


def read_contact(
    files: Sequence[LogFile],
    contact: str,
    paths: Sequence[str],
    *,
    timezone: str,
    on_bad_event: OnBadEvent,
    on_reject: Callable[[Reject], None] | None,
    progress: Progress | None,
    threads: int,
    memory: int,
    folder: Callable[[], str] | None,
) -> ContactLog:
    """Read the events of a contact and when the log ends. Raises LogError as `read_columns` does."""
    log = read_columns(
        files,
        paths,
        timezone=timezone,
        on_bad_event=on_bad_event,
        on_reject=on_reject,
        progress=progress,
        threads=threads,
        memory=memory,
        spill=folder,
        contact=contact,
    )
    own: list[Record] = []
    names: list[str] = []
    end = FIRST_MOMENT
    while log.parts:
        columns = log.parts.pop(0).load()
        end = max(end, latest_that_counts(columns, threads))
        own += _records(columns, contact)
        if not own:
            names += [name.decode("utf-8", "surrogatepass") for name in columns.contacts.all()]
    return contact_log(own, end, log.rejected, near_name(contact, names) if not own else None)


def _records(columns: Columns, contact: str) -> list[Record]:
    """The events of a contact in some columns, in the order in which they were read."""
    contacts = columns.contacts.all()
    wanted = contact.encode("utf-8", "surrogatepass")
    if wanted not in contacts:
        return []
    places = np.flatnonzero(columns.contact == contacts.index(wanted))
    return [_record(columns, contact, int(place)) for place in places]


def _record(columns: Columns, contact: str, place: int) -> Record:
    kind, name = columns.keys[columns.key[place]]
    held = {path: _value(column.values, int(column.codes[place])) for path, column in columns.properties.items()}
    event_id = "" if columns.id is None or columns.ids is None else columns.ids[int(columns.id[place])].decode("utf-8", "surrogatepass")
    value = held.pop("value", None)
    properties = {path: part for path, part in held.items() if part is not None}
    return Record(int(columns.time[place]), contact, kind, name, value, properties, event_id or None, int(columns.row[place]))


def _value(values: Texts, code: int) -> Value:
    """A value of a dictionary: its tag, and its text form."""
    held = values[code]
    text = held[1:].decode("utf-8", "surrogatepass")
    made: dict[bytes, Callable[[], Any]] = {
        b"": lambda: None,
        b"s": lambda: text,
        b"n": lambda: int(text) if text.lstrip("-").isdecimal() and len(text) < 1000 else Decimal(text),
        b"b": lambda: text == "true",
        b"o": dict,
    }
    return made[held[:1]]()
