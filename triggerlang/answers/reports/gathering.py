"""Gathering: the numbers of a report, while rules run.

In: what an onlooker sees of a log, part by part. Out: sums whose size does not depend on how long the log is. Nothing is made for a single
event or entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from triggerlang.answers.reports.calendar import HOUR, HOURS_OF_WEEK, Calendar, hours_of_week
from triggerlang.answers.reports.delays import Delays
from triggerlang.answers.reports.overlap import Overlap
from triggerlang.engines.onlooking import Sight
from triggerlang.language.times import DAY, Zone
from triggerlang.network.nodes import Network

_AT_ONCE: Final = 1 << 20
_MOST_SLOTS: Final = 1 << 22
"""In so many hours at most it is kept whether any event was; in longer logs, in days."""


class Gap(NamedTuple):
    """A stretch without an event: from the end of one hour (or day) that has one to the start of the next that has."""

    start: int
    end: int


class Gathering:
    """What was seen so far. Use it as the onlooker of a run."""

    def __init__(self, network: Network, zone: Zone) -> None:
        self._zone = zone
        self._automation_of = np.array([rule.automation for rule in network.rules], np.int64)
        self._automations = len(network.automations)
        self.calendar: Calendar | None = None
        """None where the log has no event."""
        self.names: dict[tuple[str, str], int] = {}
        """How many events there are of each kind and name."""
        self.kinds: dict[str, NDArray[Any]] = {}
        """For each kind how many events there are in each bin of the calendar."""
        self.entries: NDArray[Any] = np.zeros((self._automations, 0), np.int64)
        """For each automation how many entries there are in each bin."""
        self.hours: NDArray[Any] = np.zeros(HOURS_OF_WEEK, np.int64)
        """Entries by hour of the week."""
        self.span: tuple[int, int] | None = None
        """The first and the last moment of an event."""
        self.overlap = Overlap(self._automations)
        self.delays = Delays(network)
        self._occupied: NDArray[Any] = np.zeros(0, np.bool_)
        self.slot, self._first_slot = HOUR, 0

    def begin(self, first: int, last: int) -> None:
        """Prepare to count between two moments."""
        self.calendar = Calendar(self._zone, first, last)
        self.entries = np.zeros((self._automations, len(self.calendar.bins)), np.int64)
        self.slot = HOUR if (last - first) // HOUR < _MOST_SLOTS else DAY
        self._first_slot = first // self.slot
        self._occupied = np.zeros(last // self.slot - self._first_slot + 1, np.bool_)

    def look(self, sight: Sight) -> None:
        """Add a part of the log."""
        if self.calendar is None:
            return
        self._add_events(sight, self.calendar)
        self._add_entries(sight, self.calendar)
        entries_of = _numbers_by(sight.entry_rule, len(self._automation_of))
        contact = sight.contact[sight.events[sight.entry_place]] if len(sight.entry_place) else sight.entry_place
        of_automations: list[list[NDArray[Any]]] = [[] for _ in range(self._automations)]
        for rule, own in enumerate(entries_of):
            of_automations[int(self._automation_of[rule])].append(contact[own])
        self.overlap.add(sight.contacts, [np.concatenate(own) if len(own) > 1 else own[0] for own in of_automations])
        self.delays.add(sight, entries_of)

    def gaps(self, most: int, longer_than: int) -> list[Gap]:
        """The longest stretches without an event, between the first and the last, that are longer than so many microseconds."""
        slots = np.flatnonzero(self._occupied)
        lengths = (np.diff(slots) - 1) * self.slot
        longest = np.argsort(-lengths, kind="stable")[:most]
        return [
            Gap(int(self._first_slot + slots[at] + 1) * self.slot, int(self._first_slot + slots[at + 1]) * self.slot)
            for at in longest.tolist()
            if lengths[at] > longer_than
        ]

    def _add_events(self, sight: Sight, calendar: Calendar) -> None:
        kinds = {kind: number for number, kind in enumerate(dict.fromkeys(kind for kind, _ in sight.keys))}
        kind_of = np.array([kinds[kind] for kind, _ in sight.keys], np.int64)
        of_names = np.zeros(len(sight.keys), np.int64)
        of_bins = np.zeros(len(kinds) * len(calendar.bins), np.int64)
        for rows in _slices(len(sight.time)):
            time, key = sight.time[rows], sight.key[rows]
            if len(sight.dropped):
                kept = sight.dropped[rows] == 0
                time, key = time[kept], key[kept]
            if not len(time):
                continue
            self._widen(int(time.min()), int(time.max()))
            of_names += np.bincount(key, minlength=len(of_names))
            bins = calendar.bins_of(calendar.clocks(time))
            of_bins += np.bincount(kind_of[key] * len(calendar.bins) + bins, minlength=len(of_bins))
            self._occupied[time // self.slot - self._first_slot] = True
        for name, count in zip(sight.keys, of_names.tolist(), strict=True):
            if count:
                self.names[name] = self.names.get(name, 0) + count
        for kind, counts in zip(kinds, of_bins.reshape(len(kinds), -1), strict=True):
            if counts.any():
                self.kinds[kind] = self.kinds.get(kind, 0) + counts

    def _widen(self, first: int, last: int) -> None:
        self.span = (first, last) if self.span is None else (min(first, self.span[0]), max(last, self.span[1]))

    def _add_entries(self, sight: Sight, calendar: Calendar) -> None:
        counts = self.entries.reshape(-1)
        for rows in _slices(len(sight.entry_time)):
            clocks = calendar.clocks(sight.entry_time[rows])
            automations = self._automation_of[sight.entry_rule[rows]]
            counts += np.bincount(automations * len(calendar.bins) + calendar.bins_of(clocks), minlength=len(counts))
            self.hours += np.bincount(hours_of_week(clocks), minlength=HOURS_OF_WEEK)


def _slices(size: int) -> Iterator[slice]:
    return (slice(start, start + _AT_ONCE) for start in range(0, size, _AT_ONCE))


def _numbers_by(groups: NDArray[Any], count: int) -> list[NDArray[Any]]:
    """Of each group the numbers of those that are in it."""
    # Few numbers are sorted without a comparison if they are short.
    order = np.argsort(groups.astype(np.uint16) if count <= 1 << 16 else groups, kind="stable").astype(np.int32)
    ends = np.cumsum([0, *np.bincount(groups, minlength=count)]).tolist()
    return [order[start:end] for start, end in pairwise(ends)]
