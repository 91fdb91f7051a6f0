"""Difference: what old and new rules made of one log, entry by entry.

In: what was counted of both runs' entries, by pairs of automations and of rules. Out: for each of these how many entries there were and
are, which came, went or moved in time, who would enter for the first time, and the busiest days.

Two entries are the same if they are of one automation, contact, time and event; a renamed automation counts as one. Of what is left of an
automation and contact, the first entry less and the first one more are one that moved, and so on in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from triggerlang.engines.entry import Entry

MOST_EXAMPLES: Final = 3
"""How many contacts are named of each kind of change."""
MOST_LOOKED_AT: Final = 200
"""Of about how many changed entries of each kind, over all automations, it can be told why."""

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Change:
    """How many entries there were and are, and how many of these came, went, or moved to another time. An entry that moved from one rule
    to another is counted where it is now."""

    old: int
    new: int
    added: int
    removed: int
    moved: int

    @property
    def changed(self) -> int:
        """How many entries are not as they were."""
        return self.added + self.removed + self.moved


@dataclass(frozen=True, slots=True)
class Busiest:
    """The day with the most entries, the first of several, by its number since 1970 in the project's time zone."""

    day: int
    entries: int


@dataclass(frozen=True, slots=True)
class Firsts(Generic[T]):
    """The first of the entries that came, that went, that moved, and that are a contact's first in their automation."""

    added: Sequence[T]
    removed: Sequence[T]
    moved: Sequence[tuple[T, T]]
    first_time: Sequence[T]

    def each(self, of_old: Callable[[T], S], of_new: Callable[[T], S]) -> Firsts[S]:
        """The same of something else."""
        return Firsts(
            [of_new(one) for one in self.added],
            [of_old(one) for one in self.removed],
            [(of_old(before), of_new(after)) for before, after in self.moved],
            [of_new(one) for one in self.first_time],
        )


@dataclass(frozen=True, slots=True)
class AutomationChange:
    """What became of an automation's entries. `through_another` are those that stay but come from another rule; `first_time` are
    contacts that enter it and did not enter it before."""

    change: Change
    through_another: int
    first_time: int
    busiest_before: Busiest | None
    busiest_after: Busiest | None
    firsts: Firsts[Entry]


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of each automation pair, and of each rule pair, in the order of the pairing."""

    automations: tuple[AutomationChange, ...]
    rules: tuple[Change, ...]

    @property
    def changed(self) -> int:
        """How many entries are not as they were."""
        return sum(automation.change.changed for automation in self.automations)


@dataclass(slots=True)
class Counted:
    """What was counted, by the numbers of automation pairs and of rule pairs; `firsts` are places of entries among those of their run."""

    automations: Sequence[Change]
    through_another: Sequence[int]
    first_time: Sequence[int]
    busiest_before: Mapping[int, Busiest]
    busiest_after: Mapping[int, Busiest]
    rules: Sequence[Change]
    firsts: Sequence[Firsts[int]]

    def places(self) -> tuple[list[int], list[int]]:
        """The places of the entries that are named, of the old run and of the new one, in order."""
        old = {place for first in self.firsts for place in (*first.removed, *(before for before, _ in first.moved))}
        new = {place for first in self.firsts for place in (*first.added, *first.first_time, *(after for _, after in first.moved))}
        return sorted(old), sorted(new)

    def difference(self, old: Mapping[int, Entry], new: Mapping[int, Entry]) -> Difference:
        """The difference, with the entries at those places."""
        firsts = [first.each(old.__getitem__, new.__getitem__) for first in self.firsts]
        return Difference(
            tuple(
                AutomationChange(
                    change,
                    self.through_another[at],
                    self.first_time[at],
                    self.busiest_before.get(at),
                    self.busiest_after.get(at),
                    firsts[at],
                )
                for at, change in enumerate(self.automations)
            ),
            tuple(self.rules),
        )


def changes(*counts: Sequence[int]) -> Iterator[Change]:
    """Changes out of their old, new, added, removed and moved entries."""
    return (Change(*each) for each in zip(*counts, strict=True))


def looked_at(changed: int) -> int:
    """How many entries of each kind are kept of an automation, of so many that have changes."""
    return max(MOST_EXAMPLES, MOST_LOOKED_AT // max(changed, 1))
