"""The log of one contact out of columns: large logs, read by the columnar reader on all cores.

In: the files of a log, a contact, and the properties that are asked for. Out: its records, with these properties.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
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
        own += records_of(columns, (contact,))
        if not own:
            names += [name.decode("utf-8", "surrogatepass") for name in columns.contacts.all()]
    return contact_log(own, end, log.rejected, near_name(contact, names) if not own else None)


def events_of(columns: Columns, contacts: Collection[str]) -> dict[str, int]:
    """How many events in some columns some contacts have, of those that have any."""
    names = _codes(columns, contacts)
    counts = np.bincount(columns.contact, minlength=len(columns.contacts))
    return {name: int(counts[code]) for code, name in names.items()}


def records_of(columns: Columns, contacts: Collection[str]) -> list[Record]:
    """The events of some contacts in some columns, in the order in which they were read."""
    names = _codes(columns, contacts)
    is_wanted = np.zeros(len(columns.contacts), np.bool_)
    is_wanted[list(names)] = True
    places = np.flatnonzero(is_wanted[columns.contact]).tolist()
    return [_record(columns, names[int(columns.contact[place])], place) for place in places]


def _codes(columns: Columns, contacts: Collection[str]) -> dict[int, str]:
    """Some contacts by their codes."""
    wanted = {contact.encode("utf-8", "surrogatepass"): contact for contact in contacts}
    return {code: wanted[held] for code, held in enumerate(columns.contacts.all()) if held in wanted}


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
