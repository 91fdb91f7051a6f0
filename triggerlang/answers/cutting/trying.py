"""Trying: what comes of some events of a contact in a test.

In: the rules, an automation, events of one contact. Out: its triggers and entries there, and whether a trigger that is to be told comes to
the same as in the contact's whole history. A test's log is settled: what waits comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from triggerlang.answers.cutting.shrinking import Budget
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.watching import Asked, Passed, Seen, WatchedInterpreter
from triggerlang.events.errors import LogError
from triggerlang.events.record import Record
from triggerlang.network.nodes import All

Key: TypeAlias = tuple[int, int]
"""When a trigger was, and the row of its event."""
Entered: TypeAlias = tuple[int, int, int]
"""A key, and the rule by its place."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule came to at its trigger: whether it was active, each part of its condition held, its runs and its header's allowed an
    entry, and it entered. `stopped` are the parts that did not hold, with what stood there."""

    rule: int
    steps: tuple[bool, ...]
    entered: bool
    stopped: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What a test is to tell: a trigger, what the rules of the automation came to there, and which entries may be beside it."""

    key: Key
    entered: bool
    verdicts: tuple[Verdict, ...]
    allowed: Counter[Entered]

    def loosely(self) -> Target:
        """The same without what was found where a part did not hold."""
        return replace(self, verdicts=tuple(replace(verdict, stopped=()) for verdict in self.verdicts))

    @property
    def is_strict(self) -> bool:
        return any(verdict.stopped for verdict in self.verdicts)


class Trying:
    """Runs events of a contact as a test does, over and over; `rules` need be no more than the ones that `needed` tells."""

    def __init__(self, rules: RuleSet, timezone: str, automation: str, budget: Budget) -> None:
        self.engine = WatchedInterpreter(rules, timezone=timezone)
        self.budget = budget
        self._orders = frozenset(order for order, item in enumerate(rules.rules) if item.automation == automation)

    def looks_at(self, record: Record) -> bool:
        """Whether an event of this kind and name can matter to any rule."""
        return self.engine.looks_at(record.kind, record.name)

    def in_log(self, records: Sequence[Record], end: Callable[[], int], now: int | None) -> list[Passed]:
        """The triggers in a log; `end` finds out when the whole log ends, `now` is a later end. Raises LogError."""
        engine = self.engine
        engine.forget()
        engine.watch(self._orders, lambda rule, place, trigger: False)
        for record in records:
            engine.feed_record(record)
        if engine.pending():
            found = end()
            now = found if now is None else max(now, found)
        engine.finish(now)
        return engine.passed

    def settled(self, records: Sequence[Record]) -> list[Passed]:
        """The triggers in a test. Raises LogError."""
        self._settle(records, None)
        return self.engine.passed

    def target(self, records: Sequence[Record], key: Key) -> Target:
        """What is to be told of a trigger, of the contact's whole history."""
        self._settle(records, key)
        asked = self.engine.asked
        entered = any(one.entry is not None for one in asked)
        return Target(key, entered, self._verdicts(asked, entered, is_strict=True), Counter(self._entries()))

    def entries(self, records: Sequence[Record]) -> list[int]:
        """When the contact enters in a test. Raises LogError."""
        self._settle(records, None)
        return sorted(time for time, _, _ in self._entries())

    def holds(self, target: Target, records: Sequence[Record]) -> bool:
        """Whether a test of these events tells what is to be told, with no entry that the whole history has not."""
        if not records or not self.budget.spend(len(records)):
            return False
        try:
            self._settle(records, target.key)
        except LogError:
            return False
        verdicts = self._verdicts(self.engine.asked, target.entered, is_strict=target.is_strict)
        return verdicts == target.verdicts and Counter(self._entries()) <= target.allowed

    def _settle(self, records: Sequence[Record], key: Key | None) -> None:
        engine = self.engine
        engine.forget()
        engine.watch(self._orders, lambda rule, place, trigger: (trigger.time, trigger.row) == key)
        for record in records:
            engine.feed_record(record)
        engine.settle()

    def _entries(self) -> list[Entered]:
        found: list[Passed | Asked] = [*self.engine.passed, *self.engine.asked]
        return [(own.trigger.time, own.trigger.row, own.rule) for own in found if own.entry is not None]

    def _verdicts(self, asked: Sequence[Asked], entered: bool, *, is_strict: bool) -> tuple[Verdict, ...]:
        """What the rules came to; of a trigger with an entry, those that made it."""
        if entered:
            return tuple(Verdict(one.rule, (), True) for one in asked if one.entry is not None)
        return tuple(self._verdict(one, is_strict) for one in asked)

    def _verdict(self, asked: Asked, is_strict: bool) -> Verdict:
        seen = self._parts(asked)
        steps = (asked.active, *(part.holds for part in seen), asked.runs, asked.header)
        stopped = tuple(part for part in seen if not part.holds) if is_strict else ()
        return Verdict(asked.rule, steps, asked.entry is not None, stopped)

    def _parts(self, asked: Asked) -> tuple[Seen, ...]:
        """What the parts at the top of a rule's condition came to."""
        if asked.condition is None:
            return ()
        condition = self.engine.network.rules[asked.rule].condition
        return asked.condition.parts if isinstance(condition, All) else (asked.condition,)
