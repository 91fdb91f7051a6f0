"""Cutting: a test block out of a contact's events.

In: the rules, a contact's events, an automation. Out: a test block with no more of the events, and of their properties, than it takes for
the same trigger to come to the same: the same entry; or no entry, with the same parts of the condition in the way and the same found there.
It stands in the layout, and holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from triggerlang.answers.cutting import given
from triggerlang.answers.cutting.anonymous import Anonymous
from triggerlang.answers.cutting.proving import CuttingError, Proving
from triggerlang.answers.cutting.shrinking import Budget, fewest
from triggerlang.answers.cutting.trying import Key, Target, Trying
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.watching import Passed
from triggerlang.events.record import Record
from triggerlang.language import times
from triggerlang.language.diagnostics import quoted
from triggerlang.language.times import Zone
from triggerlang.network.needed import needed

MOST_EVENTS: Final = 1_000_000
"""How many events all tries may run: some seconds."""
READABLE: Final = 20
"""With more lines than these, a test of no entry keeps what stood in the way, but no longer all that counted there."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A test block's text, how many events it has, of how many, and whether the bound ended the search for fewer."""

    text: str
    events: int
    of: int
    was_bounded: bool


class Cutting:
    """Cuts test blocks of an automation out of the events of contacts."""

    def __init__(self, rules: RuleSet, timezone: str, automation: str, *, most_events: int = MOST_EVENTS) -> None:
        """`rules` are all of the project: the block has to hold among them."""
        self.automation, self.zone = automation, Zone(timezone)
        self._names = {block.name.text for block in rules.tests}
        self._proving = Proving(rules, timezone)
        self._budget = Budget(most_events)
        self._rules = needed(rules, [automation])
        self._trying = Trying(self._rules, timezone, automation, self._budget)

    def cut(
        self,
        records: Sequence[Record],
        end: Callable[[], int],
        now: int | None = None,
        at: tuple[int, int] | None = None,
        *,
        anonymous: bool = False,
    ) -> Cut:
        """A test of a contact's events: of its last entry, else of its last trigger; with `at`, of those from one moment on and before
        another. `end` finds out when the whole log ends, `now` is a later end.

        Raises CuttingError where there is nothing to tell or it cannot be written, and LogError where an event causes too many entries.
        """
        target, whole = self._target(records, end, now, at)
        kept, target = self._shrunk(whole, target)
        words = Anonymous(self._rules, self._trying, self._proving, self.automation, self.zone)
        if anonymous:
            kept = words.renamed(kept, target)
        entries = self._trying.entries(kept)
        name = self._name(kept[0].contact, target, bool(entries))
        block = given.block(name, kept, self.automation, entries, self.zone)
        if anonymous:
            words.check(block)
        return Cut(self._proving.text(block, kept), len(kept), len(records), self._budget.was_met)

    def _target(
        self, records: Sequence[Record], end: Callable[[], int], now: int | None, at: tuple[int, int] | None
    ) -> tuple[Target, list[Record]]:
        """What is told, and the events as a test can write them."""
        in_log = [own for own in self._trying.in_log(records, end, now) if at is None or at[0] <= own.trigger.time < at[1]]
        if not in_log:
            when = "" if at is None else " then"
            raise CuttingError(
                f"no rule of {quoted(self.automation)} had its trigger{when}, so that a test would tell nothing; "
                "`triggerlang why` tells what came nearest"
            )
        happens = {(_key(own), own.rule, own.entry is not None) for own in self._trying.settled(records)}
        chosen = [own for own in in_log if own.entry is not None] or in_log
        key = next((_key(own) for own in reversed(chosen) if (_key(own), own.rule, own.entry is not None) in happens), None)
        if key is None:
            raise CuttingError("in a test, of an anniversary only the first after the last event comes, and this is a later one")
        target = self._trying.target(records, key)
        whole = [found for record in records if (found := given.writable(record)) is not None]
        self._budget.left = max(self._budget.left, 3 * len(records))
        if self._trying.holds(target, whole):
            return target, whole
        target = target.loosely()
        if not self._trying.holds(target, whole):
            raise CuttingError("what matters here cannot be written in a test: given lines hold texts, numbers and booleans, but no lists")
        return target, whole

    def _shrunk(self, records: Sequence[Record], target: Target) -> tuple[list[Record], Target]:
        """As few events and properties as tell the same; with the target that they tell."""
        looked_at = [record for record in records if self._trying.looks_at(record)]
        kept = self._fewest(looked_at if self._trying.holds(target, looked_at) else records, target)
        if target.is_strict and len(kept) > READABLE:
            target = target.loosely()
            kept = self._fewest(kept, target)
        return kept, target

    def _fewest(self, records: Sequence[Record], target: Target) -> list[Record]:
        def holds(fewer: Sequence[Record]) -> bool:
            return self._trying.holds(target, fewer)

        kept = list(records)
        while True:
            kept = fewest(kept, holds, self._budget)
            barer = _barer(kept, holds, self._budget)
            if barer == kept:
                return kept
            kept = barer

    def _name(self, contact: str, target: Target, enters: bool) -> str:
        """What the test shows; the day too where that alone would not be true or not be new, and a number where that is not enough."""
        short = f"{contact} {'enters' if target.entered else 'does not enter'} {self.automation}"
        if short not in self._names and (target.entered or not enters):
            return short
        dated = f"{short} on {times.format_day(self.zone.day_of(target.key[0]))}"
        number = 2
        name = dated
        while name in self._names:
            name = f"{dated}, {number}"
            number += 1
        return name


def _key(own: Passed) -> Key:
    return own.trigger.time, own.trigger.row


def _barer(records: Sequence[Record], holds: Callable[[Sequence[Record]], bool], budget: Budget) -> list[Record]:
    """The same events without the properties that play no part: first those of a name everywhere, then single ones."""
    paths = list(dict.fromkeys(path for record in records for path in _paths(record)))

    def of_all(kept: Sequence[str]) -> list[Record]:
        return [_with(record, kept) for record in records]

    kept_paths = fewest(paths, lambda kept: holds(of_all(kept)), budget)
    bare = of_all(kept_paths)
    places = [(at, path) for at, record in enumerate(bare) for path in _paths(record)]

    def of_places(kept: Sequence[tuple[int, str]]) -> list[Record]:
        by_record: dict[int, list[str]] = {}
        for at, path in kept:
            by_record.setdefault(at, []).append(path)
        return [_with(record, by_record.get(at, ())) for at, record in enumerate(bare)]

    return of_places(fewest(places, lambda kept: holds(of_places(kept)), budget))


def _paths(record: Record) -> list[str]:
    return [*([given.VALUE] if record.value is not None else []), *record.properties]


def _with(record: Record, paths: Sequence[str]) -> Record:
    """An event with some of its properties only."""
    properties = {path: value for path, value in record.properties.items() if path in paths}
    return record._replace(value=record.value if given.VALUE in paths else None, properties=properties)
