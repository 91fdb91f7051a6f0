"""Arranging: events in the order of contacts, without sorting them.

In: events as they were read. Out: which of them stand where: those of a contact side by side, in the order of the log. Of several events
of a contact with one id, those after the first are found on the way.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import boolean, int32, int64, types, uint8, void

from triggerlang.engines.columnar.layout import Array
from triggerlang.events.columns import Columns
from triggerlang.machine.kernels import kernel

_INTS: Any = types.Array(types.int32, 1, "C", readonly=True)
_LONGS: Any = types.Array(types.int64, 1, "C", readonly=True)
_FLAGS: Any = types.Array(types.uint8, 1, "C", readonly=True)


MOST_SHARES: Final = 16
"""Into as many shares a log is split to be arranged."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Events in the order of contacts: where each contact's begin (one more at the end), and for each place which event stands there."""

    first: Array
    events: Array


@kernel(boolean(_LONGS))
def is_in_order(time: Any) -> bool:
    """Whether no event is before the one that was read before it."""
    for row in range(1, len(time)):  # noqa: SIM110 - compiled
        if time[row] < time[row - 1]:
            return False
    return True


@kernel(void(_INTS, _INTS, _FLAGS, _FLAGS, _INTS, int64[::1], int64, int64))
def count_events(contact: Any, key: Any, wanted: Any, dropped: Any, order: Any, counts: Any, start: int, end: int) -> None:
    """Count by contact the events of some places of the log that are wanted by their key and not dropped; `order` is the log's, or empty
    where that is the order of reading."""
    drops = len(dropped) > 0
    is_ordered = len(order) == 0
    for number in range(start, end):
        row = number if is_ordered else order[number]
        if wanted[key[row]] and not (drops and dropped[row]):
            counts[contact[row]] += 1


@kernel(void(_INTS, _INTS, _FLAGS, _FLAGS, _INTS, int64[::1], int32[::1], int64, int64))
def place_events(contact: Any, key: Any, wanted: Any, dropped: Any, order: Any, at: Any, events: Any, start: int, end: int) -> None:
    """Put the same events in their places; `at` holds the next place of each contact."""
    drops = len(dropped) > 0
    is_ordered = len(order) == 0
    for number in range(start, end):
        row = number if is_ordered else order[number]
        if wanted[key[row]] and not (drops and dropped[row]):
            place = at[contact[row]]
            events[place] = row
            at[contact[row]] = place + 1


@kernel(int64(_INTS, _LONGS, _INTS, int32[::1], uint8[::1]))
def drop_duplicates(id_codes: Any, first: Any, events: Any, seen: Any, dropped: Any) -> int:
    """Mark the events whose contact had their id before; returns how many they are. `seen` holds a contact for each id, and code 0 is
    none."""
    count = 0
    for contact in range(len(first) - 1):
        for place in range(first[contact], first[contact + 1]):
            row = events[place]
            code = id_codes[row]
            if code == 0:
                continue
            if seen[code] == contact:
                dropped[row] = 1
                count += 1
            seen[code] = contact
    return count


@kernel(void(_INTS, int32[::1], int32[::1]))
def sort_by_count(numbers: Any, starts: Any, order: Any) -> None:
    """Sort numbers, keeping ties; `starts` is room for one more than the largest of them and another, all 0."""
    for number in numbers:
        starts[number + 1] += 1
    for number in range(1, len(starts)):
        starts[number] += starts[number - 1]
    for place in range(len(numbers)):
        number = numbers[place]
        order[starts[number]] = place
        starts[number] += 1


@kernel(void(_LONGS, _INTS, int64[::1], int64, int64))
def gather_longs(source: Any, events: Any, gathered: Any, start: int, end: int) -> None:
    """Put what a column of 64 bits holds for the events of some places there."""
    for place in range(start, end):
        gathered[place] = source[events[place]]


@kernel(void(_INTS, _INTS, int32[::1], int64, int64))
def gather_ints(source: Any, events: Any, gathered: Any, start: int, end: int) -> None:
    """The same for one of 32 bits."""
    for place in range(start, end):
        gathered[place] = source[events[place]]


NOTHING_DROPPED = np.zeros(0, np.uint8)


def log_order(columns: Columns) -> Array:
    """The order of the log, as numbers of events as they were read; empty where that is the order of reading."""
    if is_in_order(columns.time):
        return np.zeros(0, np.int32)
    return np.argsort(columns.time, kind="stable").astype(np.int32)


def arranged(columns: Columns, order: Array, wanted: Array, dropped: Array, threads: int) -> Arrangement:
    """The wanted events in the order of contacts; `wanted` tells it of each key, `dropped` of each event, or is empty.

    A counting sort: each thread counts the events of its share of the log by contact, and so knows where those of the shares before its
    own end. The order does not depend on how many there are.
    """
    contacts = len(columns.contacts)
    # Counting by contact must not take more than the events do.
    threads = max(1, min(threads, len(columns) // max(contacts, 1), MOST_SHARES))
    ends = np.linspace(0, len(columns), threads + 1).astype(np.int64).tolist()
    of_log = columns.contact, columns.key, wanted, dropped, order
    counts = np.zeros((threads, contacts), np.int64)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda own, start, end: count_events(*of_log, own, start, end), counts, ends, ends[1:]))
        first = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts.sum(axis=0))])
        at = first[:-1] + np.cumsum(counts, axis=0) - counts
        events = np.empty(int(first[-1]), np.int32)
        list(pool.map(lambda own, start, end: place_events(*of_log, own, events, start, end), at, ends, ends[1:]))
    return Arrangement(first, events)


def duplicates(columns: Columns, order: Array, threads: int) -> tuple[int, Array]:
    """How many events have an id that their contact had before, and for each event whether it does; empty where there are no ids."""
    if columns.id is None or columns.ids is None:
        return 0, NOTHING_DROPPED
    everything = arranged(columns, order, np.ones(len(columns.keys), np.uint8), NOTHING_DROPPED, threads)
    dropped = np.zeros(len(columns), np.uint8)
    seen = np.full(len(columns.ids), -1, np.int32)
    count = drop_duplicates(columns.id, everything.first, everything.events, seen, dropped)
    return int(count), dropped


def sorted_places(numbers: Array, limit: int) -> Array:
    """The order of numbers below a limit, as places, ties as they stand."""
    if len(numbers) * 16 < limit:
        return np.argsort(numbers, kind="stable")
    order = np.empty(len(numbers), np.int32)
    sort_by_count(numbers, np.zeros(limit + 1, np.int32), order)
    return order
