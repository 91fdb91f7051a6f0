"""Onlooking: what someone sees who looks on while rules run over a log, beside the entries and what is counted.

In: events and entries as an engine holds them. Out: both as arrays, part by part, each part with all events of its contacts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from triggerlang.events.record import Record
from triggerlang.language import times
from triggerlang.language.times import Zone

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from triggerlang.engines.entry import Entry


@dataclass(frozen=True, slots=True)
class Sight:
    """A part of a log and its entries.

    Of each event `time` (microseconds since 1970 in UTC), `key` (a number in `keys`, kinds and names) and `contact` (a number below
    `contacts`). Events that are `dropped` are duplicates and do not count; an empty `dropped` stands for none.

    `events` has the numbers of the events that rules can see, in the order of contacts and of the log; those of contact n are at
    `first[n]` to `first[n + 1]`. Of each entry `entry_place` says where there its trigger stands (where it waited, the event it waited
    after), `entry_rule` its rule and `entry_time` its time; entries are in no order.
    """

    time: NDArray[Any]
    key: NDArray[Any]
    keys: Sequence[tuple[str, str]]
    contact: NDArray[Any]
    contacts: int
    dropped: NDArray[Any]
    events: NDArray[Any]
    first: NDArray[Any]
    entry_place: NDArray[Any]
    entry_rule: NDArray[Any]
    entry_time: NDArray[Any]


class Onlooker(Protocol):
    """Who looks on."""

    def begin(self, first: int, last: int) -> None:
        """Hear the first and the last moment that events and entries can have, before anything is seen; of a log without events nothing."""

    def look(self, sight: Sight) -> None:
        """See a part."""


def sight_of(records: Sequence[Record], entries: Sequence[Entry], rules: Sequence[str]) -> Sight:
    """What there is to see of records, which are in order and free of duplicates, and of what they caused; `rules` are the names of all
    rules in their order."""
    import numpy as np

    contacts: dict[str, int] = {}
    keys: dict[tuple[str, str], int] = {}
    contact = np.array([contacts.setdefault(record.contact, len(contacts)) for record in records], np.int32)
    key = np.array([keys.setdefault((record.kind, record.name), len(keys)) for record in records], np.int32)
    order = np.argsort(contact, kind="stable").astype(np.int32)
    places = np.empty(len(records), np.int32)
    places[order] = np.arange(len(records), dtype=np.int32)
    by_row = {record.row: number for number, record in enumerate(records)}
    by_id = {(record.contact, record.id): number for number, record in enumerate(records) if record.id is not None}
    triggers = [by_row[entry.event] if isinstance(entry.event, int) else by_id[entry.contact, entry.event] for entry in entries]
    numbers = {name: number for number, name in enumerate(rules)}
    return Sight(
        time=np.array([record.time for record in records], np.int64),
        key=key,
        keys=list(keys),
        contact=contact,
        contacts=len(contacts),
        dropped=np.zeros(0, np.uint8),
        events=order,
        first=np.searchsorted(contact[order], np.arange(len(contacts) + 1)),
        entry_place=places[np.array(triggers, np.int32)],
        entry_rule=np.array([numbers[entry.rule] for entry in entries], np.int32),
        entry_time=np.array([times.from_datetime(entry.time, Zone()) for entry in entries], np.int64),
    )
