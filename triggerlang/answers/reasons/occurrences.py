"""Occurrences: what happened of a pattern or chain until a trigger, and which of it lies in a window.

In: a test of a contact's history as it is written, the contact's events, and the trigger. Out: each occurrence with why it is not in the
window, if it is not. What an event matches, and when a chain happens, is asked of the functions that the interpreter is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

from triggerlang.answers.reasons import wording
from triggerlang.answers.reasons.matching import Matching
from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.engines.comparing import end_of, moment_of
from triggerlang.engines.happenings import Replay
from triggerlang.engines.waiting import Derived, derived
from triggerlang.events.record import Record
from triggerlang.language import printing, times, tree
from triggerlang.language.times import Zone
from triggerlang.network.compiler import compile
from triggerlang.network.nodes import ChainNode, MeasureTest, Network

Key: TypeAlias = tuple[int, int, int]
"""A place: the time, 1 for an absence or a moment, and the number of the event."""


class Occurrence(NamedTuple):
    """Something that happened: its event or absence, and why it does not count, empty where it does."""

    event: Record
    why: str


class Occurrences:
    """Finds what happened of the patterns and chains of conditions."""

    def __init__(self, zone: Zone, matching: Matching) -> None:
        self._zone, self._matching = zone, matching
        self._chains: dict[tree.Chain, tuple[Network, ChainNode]] = {}
        self._until: tuple[Sequence[Record], int, Sequence[Record], dict[int, Key]] | None = None
        """The events that were looked at last, up to a place, and where each stands: a condition asks for the same ones many times."""

    def of(self, test: tree.HistoryTest, events: Sequence[Record], place: int, trigger: Record) -> list[Occurrence]:
        """What happened until a trigger and at it, in order; `events` are all of the contact, of which `place` had happened then."""
        if self._until is None or self._until[0] is not events or self._until[1] != place:
            until = events[:place]
            self._until = events, place, until, {id(event): (event.time, 0, number) for number, event in enumerate(until)}
        _, _, until, keys = self._until
        own = _key(trigger, keys)
        found = [(_key(event, keys), event) for event in self.until(test.pattern, until, trigger)]
        return [Occurrence(event, why) for event, why in self._in_window(test.window, found, own, until, keys, trigger)]

    def until(self, node: tree.Pattern | tree.Chain, events: Sequence[Record], trigger: Record) -> list[Record]:
        """What happened of a pattern or chain in some events, the last of which is the trigger unless that is an absence or a moment."""
        if isinstance(node, tree.Pattern):
            return self._matching.those(node, events, trigger)
        network, chain = self.compiled(node)
        happens = Replay(network, chain, self._zone).begin(trigger)
        if chain.without is None:
            return [event for event in events if happens(event)]
        return self._absences(chain.without.within, events, happens, trigger)

    def compiled(self, chain: tree.Chain) -> tuple[Network, ChainNode]:
        """A chain of a condition as the network has it."""
        known = self._chains.get(chain)
        if known is None:
            count = tree.Count(">=", 1, span=chain.span)
            test = tree.HistoryTest(chain, count, tree.Before(span=chain.span), span=chain.span)
            rule = tree.Rule(chain.first, test, None, None, span=chain.span)
            network = compile(RuleSet((ProjectRule("", 1, None, rule),), {}))
            node = network.tests[0]
            assert isinstance(node, MeasureTest)
            made = network.patterns[network.measures[node.measure].pattern]
            assert isinstance(made, ChainNode)
            known = self._chains[chain] = network, made
        return known

    def _absences(self, within: int, events: Sequence[Record], happens: Callable[[Record], bool], trigger: Record) -> list[Record]:
        """The absences that came until a trigger: each after all events of its time, in the order of those that were waited after."""
        found: list[Record] = []
        due: list[tuple[int, int, Record]] = []
        last = (trigger.time, -1)

        def come(until: tuple[int, int]) -> None:
            while due and due[0][:2] <= until:
                time, _, event = heappop(due)
                absence = derived(event, time)
                if happens(absence):
                    found.append(absence)

        for number, event in enumerate(events):
            come((event.time, -1))
            happens(event)
            heappush(due, (event.time + within, number, event))
            if isinstance(trigger, Derived) and event is trigger.event:
                last = (trigger.time, number)
        come(last)
        return found

    def _in_window(
        self,
        window: tree.Window,
        found: Sequence[tuple[Key, Record]],
        own: Key,
        events: Sequence[Record],
        keys: dict[int, Key],
        trigger: Record,
    ) -> list[tuple[Record, str]]:
        so_far = isinstance(window, tree.SoFar) or (isinstance(window, tree.Within | tree.Since | tree.SinceLast) and window.so_far)
        outside: Callable[[Key, Record], str] = lambda key, event: ""  # noqa: E731
        match window:
            case tree.Within(duration):
                outside = lambda key, event: self._too_early(event, trigger.time - duration.microseconds)  # noqa: E731
            case tree.Between(start, end):
                first, last = moment_of(start, self._zone), end_of(end, self._zone)
                outside = lambda key, event: self._too_early(event, first) or self._too_late(event, last)  # noqa: E731
            case tree.Since(start):
                since = moment_of(start, self._zone)
                outside = lambda key, event: self._too_early(event, since)  # noqa: E731
            case tree.SinceLast(pattern):
                ends = [event for event in self._matching.those(pattern, events, trigger) if event is not trigger]
                if ends:
                    limit = keys[id(ends[-1])]
                    words = f"not after the last {printing.pattern(pattern)}, at {wording.moment_text(ends[-1].time, self._zone)}"
                    outside = lambda key, event: "" if key > limit else words  # noqa: E731
        shown: list[tuple[Record, str]] = []
        for key, event in found:
            if key == own:
                # A trigger that counts, counts whatever its distance is: but for a date, which it must not lie before.
                why = outside(key, event) if isinstance(window, tree.Since) else ""
                shown.append((event, why if so_far else "the trigger itself does not count"))
            elif key < own:
                shown.append((event, outside(key, event)))
        return shown

    def _too_early(self, event: Record, start: int) -> str:
        return f"{wording.length_text(start - event.time)} too early" if event.time < start else ""

    def _too_late(self, event: Record, end: int) -> str:
        if event.time < end:
            return ""
        return "too late by a moment" if event.time == end else f"{wording.length_text(event.time - end)} too late"


def _key(event: Record, keys: dict[int, Key]) -> Key:
    """The place of an event, or of an absence or a moment."""
    if isinstance(event, Derived):
        return (event.time, 1, keys.get(id(event.event), (0, 0, 0))[2])
    return keys.get(id(event), (event.time, 0, times.END_OF_TIME))
