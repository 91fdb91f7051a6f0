"""Accumulators: a measure of one contact, kept up to date event by event.

What a measure knows of a contact lies in a cell: the contact's table of cells, under the measure's slot. An event that
matches is added once; the measure's value at a trigger is read in constant time (amortised), except where a filter compares with the
trigger by another sign than `=`. A cell holds what its window still needs and no more: what has left a sliding window is dropped,
counts stop where no test tells larger ones apart.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TypeAlias

from triggerlang.events.record import Record
from triggerlang.language.values import Value

Cells: TypeAlias = dict[int, Any]
"""What is known of a contact, by slot."""

Add: TypeAlias = Callable[[Cells, Record], None]
Get: TypeAlias = Callable[[Cells, Record], Any]
Read: TypeAlias = Callable[[Record], Any]
"""Takes the measured property out of an event, read; None where it cannot be."""

SHORT: Final = 32
"""Up to how many times a plain list is quicker than a deque."""


class Accumulator(NamedTuple):
    """How an event is added to a cell, and how its value is read at a trigger.

    The value is a count, a read value or None where there is none; for an average the sum and the count.
    """

    add: Add
    get: Get


def whole(function: str, slot: int, read: Read, enough: int) -> Accumulator:
    """A measure over all events since its cell was empty. `enough` is the count from which none matters any more."""
    match function:
        case "count":
            return _count(slot)
        case "sum":
            return _sum(slot, read)
        case "average":
            return _average(slot, read)
        case "distinct":
            return _distinct(slot, read, enough)
        case "first":
            return _first(slot, read)
        case "last":
            return _last(slot, read)
        case _:
            return _extreme(slot, read, function == "min")


def sliding(function: str, slot: int, read: Read, enough: int, width: int) -> Accumulator:
    """A measure over the last `width` microseconds up to the trigger, both ends included."""
    match function:
        case "count":
            if enough == 1:
                return _sliding_any(slot, width)
            return _sliding_few(slot, width, enough) if enough <= SHORT else _sliding_count(slot, width, enough)
        case "sum" | "average":
            return _sliding_sum(slot, read, width, function == "average")
        case "distinct":
            return _sliding_distinct(slot, read, width, enough)
        case "first":
            return _sliding_first(slot, read, width)
        case "last":
            return _sliding_last(slot, read, width)
        case _:
            return _sliding_extreme(slot, read, width, function == "min")


def _count(slot: int) -> Accumulator:
    def add(cells: Cells, record: Record) -> None:
        cells[slot] = cells.get(slot, 0) + 1

    return Accumulator(add, lambda cells, trigger: cells.get(slot, 0))


def _sum(slot: int, read: Read) -> Accumulator:
    def add(cells: Cells, record: Record) -> None:
        number = read(record)
        if number is not None:
            cells[slot] = cells.get(slot, 0) + number

    return Accumulator(add, lambda cells, trigger: cells.get(slot, 0))


def _average(slot: int, read: Read) -> Accumulator:
    def add(cells: Cells, record: Record) -> None:
        number = read(record)
        if number is not None:
            total, count = cells.get(slot, (0, 0))
            cells[slot] = total + number, count + 1

    return Accumulator(add, lambda cells, trigger: cells.get(slot))


def _distinct(slot: int, read: Read, enough: int) -> Accumulator:
    def add(cells: Cells, record: Record) -> None:
        text = read(record)
        if text is not None:
            seen = cells.get(slot)
            if seen is None:
                cells[slot] = {text}
            elif len(seen) < enough:
                seen.add(text)

    return Accumulator(add, lambda cells, trigger: len(cells.get(slot, ())))


def _first(slot: int, read: Read) -> Accumulator:
    def add(cells: Cells, record: Record) -> None:
        if slot not in cells:
            value = read(record)
            if value is not None:
                cells[slot] = value

    return Accumulator(add, lambda cells, trigger: cells.get(slot))


def _last(slot: int, read: Read) -> Accumulator:
    def add(cells: Cells, record: Record) -> None:
        value = read(record)
        if value is not None:
            cells[slot] = value

    return Accumulator(add, lambda cells, trigger: cells.get(slot))


def _extreme(slot: int, read: Read, smallest: bool) -> Accumulator:
    def add(cells: Cells, record: Record) -> None:
        value = read(record)
        if value is not None:
            best = cells.get(slot)
            if best is None or (value < best if smallest else value > best):
                cells[slot] = value

    return Accumulator(add, lambda cells, trigger: cells.get(slot))


def _sliding_any(slot: int, width: int) -> Accumulator:
    """Only whether there is one matters: the latest time is enough."""

    def add(cells: Cells, record: Record) -> None:
        cells[slot] = record[0]

    def get(cells: Cells, trigger: Record) -> int:
        latest = cells.get(slot)
        return 0 if latest is None or latest < trigger[0] - width else 1

    return Accumulator(add, get)


def _sliding_few(slot: int, width: int, enough: int) -> Accumulator:
    def add(cells: Cells, record: Record) -> None:
        times = cells.get(slot)
        if times is None:
            cells[slot] = [record[0]]
        else:
            times.append(record[0])
            if len(times) > enough:
                del times[0]

    def get(cells: Cells, trigger: Record) -> int:
        times = cells.get(slot)
        if times is None:
            return 0
        oldest = trigger[0] - width
        if times[0] < oldest:
            del times[: bisect_left(times, oldest)]
            if not times:
                del cells[slot]
        return len(times)

    return Accumulator(add, get)


def _sliding_count(slot: int, width: int, enough: int) -> Accumulator:
    def add(cells: Cells, record: Record) -> None:
        times = cells.get(slot)
        if times is None:
            times = cells[slot] = deque(maxlen=enough)
        times.append(record[0])
        _drop_times(times, record[0] - width)

    def get(cells: Cells, trigger: Record) -> int:
        times = cells.get(slot)
        if times is None:
            return 0
        _drop_times(times, trigger[0] - width)
        return len(times)

    return Accumulator(add, get)


def _drop_times(times: deque[int], oldest: int) -> None:
    while times and times[0] < oldest:
        times.popleft()


def _sliding_sum(slot: int, read: Read, width: int, average: bool) -> Accumulator:
    """A running sum beside the (time, number) pairs that it is made of."""

    def drop(cell: list[Any], oldest: int) -> None:
        pairs = cell[1]
        while pairs and pairs[0][0] < oldest:
            cell[0] -= pairs.popleft()[1]

    def add(cells: Cells, record: Record) -> None:
        number = read(record)
        if number is None:
            return
        cell = cells.get(slot)
        if cell is None:
            cell = cells[slot] = [0, deque()]
        cell[0] += number
        cell[1].append((record[0], number))
        drop(cell, record[0] - width)

    def get(cells: Cells, trigger: Record) -> Any:
        cell = cells.get(slot)
        if cell is None:
            return None if average else 0
        drop(cell, trigger[0] - width)
        if not average:
            return cell[0]
        return (cell[0], len(cell[1])) if cell[1] else None

    return Accumulator(add, get)


def _sliding_distinct(slot: int, read: Read, width: int, enough: int) -> Accumulator:
    """The latest time of each text, the longest unseen first."""

    def drop(latest: dict[str, int], oldest: int) -> None:
        gone = 0
        for time in latest.values():
            if time >= oldest and len(latest) - gone <= enough:
                break
            gone += 1
        for text in list(latest)[:gone] if gone else ():
            del latest[text]

    def add(cells: Cells, record: Record) -> None:
        text = read(record)
        if text is None:
            return
        latest = cells.get(slot)
        if latest is None:
            latest = cells[slot] = {}
        latest.pop(text, None)
        latest[text] = record[0]
        drop(latest, record[0] - width)

    def get(cells: Cells, trigger: Record) -> int:
        latest = cells.get(slot)
        if latest is None:
            return 0
        drop(latest, trigger[0] - width)
        return len(latest)

    return Accumulator(add, get)


def _sliding_first(slot: int, read: Read, width: int) -> Accumulator:
    return _sliding_queue(slot, read, width, lambda value, newer: False)


def _sliding_extreme(slot: int, read: Read, width: int, smallest: bool) -> Accumulator:
    """Only values that no newer one beats can still become the extreme (a monotonic queue)."""
    if smallest:
        return _sliding_queue(slot, read, width, lambda value, newer: bool(value >= newer))
    return _sliding_queue(slot, read, width, lambda value, newer: bool(value <= newer))


def _sliding_queue(slot: int, read: Read, width: int, beaten: Callable[[Any, Any], bool]) -> Accumulator:
    """(time, value) pairs in order; the value is the oldest that is left."""

    def drop(pairs: deque[tuple[int, Any]], oldest: int) -> None:
        while pairs and pairs[0][0] < oldest:
            pairs.popleft()

    def add(cells: Cells, record: Record) -> None:
        value = read(record)
        if value is None:
            return
        pairs = cells.get(slot)
        if pairs is None:
            pairs = cells[slot] = deque()
        while pairs and beaten(pairs[-1][1], value):
            pairs.pop()
        pairs.append((record[0], value))
        drop(pairs, record[0] - width)

    def get(cells: Cells, trigger: Record) -> Any:
        pairs = cells.get(slot)
        if pairs is None:
            return None
        drop(pairs, trigger[0] - width)
        return pairs[0][1] if pairs else None

    return Accumulator(add, get)


def _sliding_last(slot: int, read: Read, width: int) -> Accumulator:
    def add(cells: Cells, record: Record) -> None:
        value = read(record)
        if value is not None:
            cells[slot] = record[0], value

    def get(cells: Cells, trigger: Record) -> Any:
        cell = cells.get(slot)
        return None if cell is None or cell[0] < trigger[0] - width else cell[1]

    return Accumulator(add, get)


# Measures whose pattern compares with the trigger


def keyed(inner: Accumulator, slot: int, keys_of: KeysOf, key_of_trigger: KeyOf, width: int | None) -> Accumulator:
    """One cell for each text of a property, for `with P = trigger Q`: the trigger's own text says which is read.

    An event of a chain may stand for several texts, those of its first events. In a sliding window of `width` microseconds a key
    that was last seen before it is dropped. `inner` must use the same slot.
    """
    empty: Cells = {}

    def add(cells: Cells, record: Record) -> None:
        for key in keys_of(record):
            groups = cells.get(slot)
            if groups is None:
                groups = cells[slot] = {}
            group = groups.pop(key, None)
            if group is None:
                group = {}
            inner.add(group, record)
            groups[key] = group
            if width is not None:
                group[_SEEN] = record[0]
                oldest = record[0] - width
                while True:
                    longest_unseen = next(iter(groups))
                    if groups[longest_unseen][_SEEN] >= oldest:
                        break
                    del groups[longest_unseen]

    def get(cells: Cells, trigger: Record) -> Any:
        groups = cells.get(slot)
        key = key_of_trigger(trigger)
        return inner.get(empty if groups is None or key is None else groups.get(key, empty), trigger)

    return Accumulator(add, get)


_SEEN: Final = -1
"""Where a keyed group holds the time of its latest event; no slot is negative."""

KeyOf: TypeAlias = Callable[[Record], tuple[Value, ...] | None]
KeysOf: TypeAlias = Callable[[Record], Iterable[tuple[Value, ...]]]


def replayed(
    inner: Accumulator,
    slot: int,
    begin: Callable[[Record], Callable[[Record], bool]],
    ends: Callable[[Record, Record], bool] | None,
    width: int | None,
) -> Accumulator:
    """Keeps the events themselves and measures them anew at each trigger, for filters that compare with it in any way.

    `begin` is asked anew for each trigger, for a function that tells of each event in order whether it is measured; `ends` is asked
    of an event and the trigger whether it is one that the window begins after. An event that may be both is added twice, one call
    after the other, and kept once.
    """

    def drop(records: deque[Record], oldest: int) -> None:
        while records and records[0][0] < oldest:
            records.popleft()

    def add(cells: Cells, record: Record) -> None:
        records = cells.get(slot)
        if records is None:
            records = cells[slot] = deque()
        elif records and records[-1] is record:
            return
        records.append(record)
        if width is not None:
            drop(records, record[0] - width)

    def get(cells: Cells, trigger: Record) -> Any:
        fresh: Cells = {}
        is_measured = begin(trigger)
        for record in cells.get(slot, ()):
            if is_measured(record):
                inner.add(fresh, record)
            if ends is not None and record is not trigger and ends(record, trigger):
                fresh.clear()
        return inner.get(fresh, trigger)

    return Accumulator(add, get)
