"""Delays: how long between what a condition asks for and the trigger.

In: a network and, part by part, events and entries. Out: for each part of a condition that asks that an event happened before (`has
occurred`, `count >= 1` and the like, of events by kind and name alone), how long before the trigger the last such event was, for each entry
of the rule: so many entries up to each of some lengths.

Events with filters, chains, moments and what `or`, `not` or a segment holds are left out: which of several events let a contact in cannot
be told of them from kinds and names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from triggerlang.engines.funnel import parts_of
from triggerlang.engines.onlooking import Sight
from triggerlang.language.times import DAY
from triggerlang.network.index import name_test
from triggerlang.network.nodes import CountIs, Fixed, HappeningNode, MeasureTest, Network, PatternNode

_MINUTE: Final = DAY // 1440
EDGES: Final = (
    *(_MINUTE, 10 * _MINUTE, 60 * _MINUTE, 6 * 60 * _MINUTE, DAY),
    *(3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 180 * DAY, 365 * DAY),
)
"""The lengths that are told apart: below the first, from it to below the second, and so on."""
NAMES: Final = (
    *("under 1 minute", "1–10 minutes", "10–60 minutes", "1–6 hours", "6–24 hours", "1–3 days", "3–7 days"),
    *("7–14 days", "14–30 days", "30–90 days", "90–180 days", "180–365 days", "365 days or more"),
)
MOST: Final = 12
"""So many parts of conditions are looked at: those of the rules with the most entries in the first part of the log."""


@dataclass(slots=True)
class Delay:
    """A part of a rule's condition by their numbers, the pattern that it asks for, and what was counted by length."""

    rule: int
    part: int
    pattern: int
    counts: NDArray[Any] = field(default_factory=lambda: np.zeros(len(NAMES), np.int64))


class Delays:
    """The delays of some rules."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._chosen = False
        self.found: list[Delay] = []

    def add(self, sight: Sight, entries_of: list[NDArray[Any]]) -> None:
        """Add a part of a log; `entries_of` has the numbers of each rule's entries."""
        if not self._chosen:
            self._chosen = True
            most = sorted(range(len(entries_of)), key=lambda number: -len(entries_of[number]))
            self.found = [delay for number in most for delay in self._delays_of(number)][:MOST]
        key = sight.key[sight.events]
        for pattern in dict.fromkeys(delay.pattern for delay in self.found):
            latest = _latest(key, _matching(self._network.patterns[pattern], sight))
            for delay in self.found:
                if delay.pattern == pattern:
                    delay.counts += _counted(sight, sight.entry_place[entries_of[delay.rule]], latest)

    def _delays_of(self, number: int) -> list[Delay]:
        rule = self._network.rules[number]
        if not _is_plain(self._network.patterns[rule.on], filters=True):
            return []
        found = []
        for place, part in enumerate(parts_of(rule.condition)):
            test = self._network.tests[part] if isinstance(part, int) else None
            if isinstance(test, MeasureTest) and self._asks_for_one(test):
                found.append(Delay(number, place, self._network.measures[test.measure].pattern))
        return found

    def _asks_for_one(self, test: MeasureTest) -> bool:
        measure = self._network.measures[test.measure]
        if measure.function != "count" or measure.so_far or not _is_plain(self._network.patterns[measure.pattern], filters=False):
            return False
        if isinstance(measure.window, Fixed) and measure.window.end is not None:
            return False
        asked = test.comparison
        return isinstance(asked, CountIs) and asked.number >= {">=": 1, "=": 1, ">": 0}.get(asked.operator, math.inf)


def _is_plain(node: HappeningNode, *, filters: bool) -> bool:
    """Whether it is an event of the log; with or without filters."""
    return isinstance(node, PatternNode) and all(single.kind != "enter" and (filters or not single.filters) for single in node.singles)


def _matching(node: HappeningNode, sight: Sight) -> NDArray[Any]:
    """Which keys a pattern asks for."""
    assert isinstance(node, PatternNode)
    tests = [(single.kind, name_test(single.names)) for single in node.singles]
    return np.array([any(kind == own and fits(name) for own, fits in tests) for kind, name in sight.keys], np.bool_)


def _latest(key: NDArray[Any], matching: NDArray[Any]) -> NDArray[Any]:
    """For each place the last one up to it whose event matches, or -1."""
    places = np.arange(len(key), dtype=np.int32)
    latest: NDArray[Any] = np.maximum.accumulate(np.where(matching[key], places, np.int32(-1)))
    return latest


def _counted(sight: Sight, places: NDArray[Any], latest: NDArray[Any]) -> NDArray[Any]:
    """How many entries at some places have which delay; one without such an event of its contact has none."""
    first = sight.first[sight.contact[sight.events[places]]]
    before = np.where(places > 0, latest[places - 1], -1)
    has = before >= first
    times = sight.time[sight.events[places[has]]] - sight.time[sight.events[before[has]]]
    return np.bincount(np.searchsorted(np.array(EDGES), times, side="right"), minlength=len(NAMES))
