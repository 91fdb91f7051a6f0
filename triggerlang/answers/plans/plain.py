"""Comparing entries that are held one by one.

In: the entries of both runs in their order. Out: their difference.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from triggerlang.answers.plans.difference import Busiest, Counted, Difference, Firsts, changes, looked_at
from triggerlang.answers.plans.pairing import Codes, Pairing
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.entry import Entry
from triggerlang.language import times
from triggerlang.language.times import Zone

T = TypeVar("T")


def compared(pairing: Pairing, old: Sequence[Entry], new: Sequence[Entry], zone: Zone) -> Difference:
    """What became of the entries of old rules under new ones, in the project's time zone."""
    of_old, of_new = pairing.codes()
    counted = _Comparing(pairing, _Side(pairing.old, old, of_old), _Side(pairing.new, new, of_new), zone).counted()
    return counted.difference(dict(enumerate(old)), dict(enumerate(new)))


class _Side:
    """The entries of one run, to which pair of automations and rules each belongs, and which of them are `left` to be matched."""

    def __init__(self, rules: RuleSet, entries: Sequence[Entry], codes: Codes) -> None:
        orders = {item.name: order for order, item in enumerate(rules.rules)}
        own = [orders[entry.rule] for entry in entries]
        self.entries = entries
        self.automation = [codes.automation[order] for order in own]
        self.rule = [codes.rule[order] for order in own]
        self.left = list(range(len(entries)))

    def event(self, place: int) -> tuple[Hashable, ...]:
        entry = self.entries[place]
        return entry.time, entry.contact, entry.event


class _Comparing:
    def __init__(self, pairing: Pairing, old: _Side, new: _Side, zone: Zone) -> None:
        self._old, self._new, self._zone = old, new, zone
        self._automations = len(pairing.automations)
        self._rules = sum(len(automation.rules) for automation in pairing.automations)

    def counted(self) -> Counted:
        old, new = self._old, self._new
        self._match(lambda side, place: (side.rule[place], *side.event(place)))
        through = self._match(lambda side, place: (side.automation[place], *side.event(place)))
        moved = self._match(lambda side, place: (side.automation[place], side.entries[place].contact))
        entered = {(code, entry.contact) for code, entry in zip(old.automation, old.entries, strict=True)}
        first_time: dict[tuple[int, str], int] = {}
        for place, (code, entry) in enumerate(zip(new.automation, new.entries, strict=True)):
            if (code, entry.contact) not in entered:
                first_time.setdefault((code, entry.contact), place)
        after = [now for _, now in moved]
        automations = [
            *changes(*(_tally(self._automations, codes, some) for codes, some in self._kinds(old.automation, new.automation, after)))
        ]
        most = looked_at(sum(change.changed > 0 for change in automations))
        return Counted(
            automations=automations,
            through_another=_tally(self._automations, old.automation, [place for place, _ in through]),
            first_time=_tally(self._automations, new.automation, first_time.values()),
            busiest_before=self._busiest(old),
            busiest_after=self._busiest(new),
            rules=[*changes(*(_tally(self._rules, codes, some) for codes, some in self._kinds(old.rule, new.rule, after)))],
            firsts=self._firsts(moved, list(first_time.values()), self._automations, most),
        )

    def _kinds(self, old: list[int], new: list[int], moved: list[int]) -> list[tuple[list[int], Sequence[int]]]:
        """What is counted of a change, each with the codes that it is counted by."""
        return [(old, range(len(old))), (new, range(len(new))), (new, self._new.left), (old, self._old.left), (new, moved)]

    def _match(self, key: Callable[[_Side, int], Hashable]) -> list[tuple[int, int]]:
        """Match what is left of both sides by a key, the first with the first and so on; the pairs, in the order of the old."""
        waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        for place in self._new.left:
            waiting[key(self._new, place)].append(place)
        pairs = [(place, found.popleft()) for place in self._old.left if (found := waiting.get(key(self._old, place)))]
        for side, gone in ((self._old, {old for old, _ in pairs}), (self._new, {new for _, new in pairs})):
            side.left = [place for place in side.left if place not in gone]
        return pairs

    def _busiest(self, side: _Side) -> dict[int, Busiest]:
        days: Counter[tuple[int, int]] = Counter()
        for code, entry in zip(side.automation, side.entries, strict=True):
            days[code, self._zone.day_of(times.from_datetime(entry.time, Zone()))] += 1
        found: dict[int, Busiest] = {}
        for (code, day), count in sorted(days.items()):
            if code not in found or count > found[code].entries:
                found[code] = Busiest(day, count)
        return found

    def _firsts(self, moved: list[tuple[int, int]], first_time: list[int], automations: int, most: int) -> list[Firsts[int]]:
        old, new = self._old.automation, self._new.automation
        added, removed = _grouped(self._new.left, lambda place: new[place]), _grouped(self._old.left, lambda place: old[place])
        moved_of, first = _grouped(moved, lambda pair: old[pair[0]]), _grouped(first_time, lambda place: new[place])
        return [Firsts(added[code][:most], removed[code][:most], moved_of[code][:most], first[code][:most]) for code in range(automations)]


def _grouped(some: Iterable[T], code: Callable[[T], int]) -> defaultdict[int, list[T]]:
    """What there is, by its codes."""
    groups: defaultdict[int, list[T]] = defaultdict(list)
    for one in some:
        groups[code(one)].append(one)
    return groups


def _tally(size: int, codes: Sequence[int], places: Iterable[int]) -> list[int]:
    """How many of some places have each code."""
    counts = Counter(codes[place] for place in places)
    return [counts[code] for code in range(size)]
