"""Waiting: absences and moments that have not come yet.

In: events that are waited after, and those that break or call off. Out: what comes, in the order of its places: by time, and at one
time in the order of the events that were waited after. What is broken is forgotten at once, and its place in the agenda soon after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from triggerlang.engines.accumulators import Cells
from triggerlang.engines.sequences import Key, Keys, taken
from triggerlang.events.record import Record

if TYPE_CHECKING:
    from triggerlang.engines.happenings import Happening


class Derived(Record):
    """An absence or a moment as a trigger: the event that was waited after, at its own time. It is no event."""

    event: Record
    """The event itself."""


def derived(event: Record, time: int) -> Derived:
    found = Derived(time, *event[1:])
    found.event = event
    return found


class Item:
    """Something that waits: after which event of which contact, and the keys of the first events for which nothing broke it yet."""

    __slots__ = ("all_keys", "cells", "happening", "keys", "place", "record")

    def __init__(self, happening: Happening, cells: Cells, record: Record, place: int, keys: Sequence[Key]) -> None:
        self.happening, self.cells, self.record, self.place = happening, cells, record, place
        self.keys = self.all_keys = keys


class Agenda:
    """All that waits, of all contacts, by time and place."""

    def __init__(self) -> None:
        self.heap: list[tuple[int, int, int, Item]] = []
        """When it is due, the place of the event, the number of the node; what is due next stands first."""
        self._dead = 0

    def add(self, due: int, item: Item) -> None:
        heappush(self.heap, (due, item.place, item.happening.number, item))

    def clear(self) -> None:
        """Forget all that waits."""
        self.heap.clear()
        self._dead = 0

    def drop(self, item: Item) -> None:
        """Forget something that waits here."""
        item.keys = item.all_keys = ()
        self._dead += 1
        if self._dead > 1000 and 2 * self._dead > len(self.heap):
            self.heap[:] = [entry for entry in self.heap if entry[3].keys]
            heapify(self.heap)
            self._dead = 0

    def next(self, limit: int) -> tuple[int, list[Item]] | None:
        """The time and items of the next place before a time; None where there is none."""
        heap = self.heap
        while heap and heap[0][0] < limit:
            due, place, _, first = heappop(heap)
            items = [first] if first.keys else []
            while heap and heap[0][0] == due and heap[0][1] == place:
                item = heappop(heap)[3]
                if item.keys:
                    items.append(item)
                else:
                    self._dead -= 1
            if not first.keys:
                self._dead -= 1
            if items:
                return due, items
        return None

    def waiting(self) -> Iterable[Item]:
        return (entry[3] for entry in self.heap if entry[3].keys)


class Breaker(NamedTuple):
    """An option of a `without`: its number among them, and which places of the key must be the event's own texts."""

    option: int
    same: tuple[int, ...]


Open: TypeAlias = list[dict[Key, dict[int, Item]]]
"""What waits of one contact and node, for each option of its `without` by the texts that break it, then by place."""


class Breaking:
    """What must not come: finds what an event breaks by the texts that must be the same."""

    def __init__(self, options: Sequence[tuple[str, ...]], keys: Keys) -> None:
        self._keys = keys
        self._same = [keys.places(same) for same in options]

    def breaker(self, option: int) -> Breaker:
        return Breaker(option, self._same[option])

    def open(self, cells: Cells, slot: int, item: Item) -> None:
        if not self._same:
            return
        opened: Open | None = cells.get(slot)
        if opened is None:
            opened = cells[slot] = [{} for _ in self._same]
        for texts, buckets in self._buckets(opened, item):
            buckets.setdefault(texts, {})[item.place] = item

    def close(self, cells: Cells, slot: int, item: Item) -> None:
        """Forget where something stood that waits no more."""
        opened: Open | None = cells.get(slot)
        if opened is None:
            return
        for texts, buckets in self._buckets(opened, item):
            bucket = buckets.get(texts)
            if bucket is not None and bucket.pop(item.place, None) is not None and not bucket:
                del buckets[texts]
        if not any(opened):
            del cells[slot]

    def _buckets(self, opened: Open, item: Item) -> Iterable[tuple[Key, dict[Key, dict[int, Item]]]]:
        for same, buckets in zip(self._same, opened, strict=True):
            for texts in dict.fromkeys(taken(key, same) for key in item.all_keys):
                if None not in texts:
                    yield texts, buckets

    def hit(self, cells: Cells, slot: int, record: Record, breaker: Breaker) -> Iterable[Item]:
        """What an event breaks altogether."""
        opened: Open | None = cells.get(slot)
        own = None if opened is None else self._keys.some(record, breaker.same)
        if opened is None or own is None:
            return
        for item in list(opened[breaker.option].pop(own, {}).values()):
            item.keys = [key for key in item.keys if taken(key, breaker.same) != own]
            if not item.keys:
                yield item
