"""Answering: why a contact entered an automation or did not.

In: the rules, the contact's events, an automation. Out: of each of its triggers that is told the tree of reasons, of a rule whose trigger
never happened what came nearest, and of what waits when it is due or what broke it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from triggerlang.answers.reasons.asked import Reasons
from triggerlang.answers.reasons.nearly import Nearly
from triggerlang.answers.reasons.reason import Reason
from triggerlang.answers.why.changes import Change
from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.engines.watching import Asked, Passed, WatchedInterpreter
from triggerlang.events.record import Record
from triggerlang.language.times import Zone
from triggerlang.network.nodes import MomentNode

MOST_WAITS: Final = 3
"""Of how many absences or moments of a rule it is told what became of them, the last ones."""
MOST_AT: Final = 50
"""How many triggers of one time, or one day, are told."""
MOST_RULES: Final = 50
"""For how many rules without a trigger it is looked for what came nearest, and for how many what waits."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: of whom, and which automation or which rule of it, by its number; perhaps at what time, from one moment on and before
    another; and how many triggers are to be told."""

    contact: str
    automation: str
    number: int | None = None
    at: tuple[int, int] | None = None
    most: int = 3


@dataclass(frozen=True, slots=True)
class Wait:
    """An absence or a moment: the event that it waits after, when it comes, and what broke it or called it off; without that, it is
    due."""

    event: Record
    due: int
    breaks: Record | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Changes of the contact's events with which it would have entered, and when."""

    changes: tuple[Change, ...]
    time: int


@dataclass(frozen=True, slots=True)
class Told:
    """A trigger, whether the contact entered at it, and why; perhaps what would have let it enter."""

    item: ProjectRule
    asked: Asked
    reason: Reason
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def entered(self) -> bool:
        return self.asked.entry is not None


@dataclass(frozen=True, slots=True)
class OfRule:
    """What became of a rule: its triggers by time and whether the contact entered; if there was none, what came nearest to one; and what
    waits or waited."""

    item: ProjectRule
    triggers: tuple[tuple[int, bool], ...]
    never: Reason | None
    waits: tuple[Wait, ...] = ()
    waits_of: int = 0
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def entries(self) -> int:
        return sum(entered for _, entered in self.triggers)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer: of each rule what became of it, and of the triggers that are told why, the last first. `events` is how many the contact
    has, `span` their first and last moment, `end` that of the log as far as it matters."""

    question: Question
    rules: tuple[OfRule, ...]
    told: tuple[Told, ...]
    events: int
    span: tuple[int, int] | None
    end: int

    @property
    def triggers(self) -> list[tuple[int, bool]]:
        """All triggers by time, and whether the contact entered."""
        return sorted(trigger for rule in self.rules for trigger in rule.triggers)

    @property
    def entries(self) -> list[int]:
        """When the contact entered."""
        return [time for time, entered in self.triggers if entered]


class Answering:
    """Answers questions about a contact, whose events are run anew for each look at them."""

    def __init__(self, rules: RuleSet, timezone: str, records: Sequence[Record], end: Callable[[], int], now: int | None) -> None:
        """`rules` need be no more than the ones that `needed` tells. `end` finds out when the whole log ends, `now` is a later end."""
        self.rules, self.zone = rules, Zone(timezone)
        self.engine = WatchedInterpreter(rules, timezone=timezone)
        self.records, self._find_end, self._now = records, end, now
        self._end: int | None = None
        self._reasons = Reasons(rules, self.zone, evidence=True)
        self._nearly = Nearly(self.engine.network, self.zone)

    def answer(self, question: Question) -> Answer:
        """The answer to a question about a contact whose events these are. Raises LogError where an event causes too many entries."""
        orders = [
            order
            for order, item in enumerate(self.rules.rules)
            if item.automation == question.automation and question.number in (None, item.number)
        ]
        self.run(self.records, orders, lambda rule, place, trigger: False)
        passed = self.engine.passed
        chosen = {_key(own) for own in _chosen(passed, question)}
        told = self._told(orders, chosen)
        own_rules = tuple(self._of_rules(orders, passed, question))
        times = [record.time for record in self.records]
        span = (times[0], times[-1]) if times else None
        return Answer(question, own_rules, told, len(times), span, max([self.end(), *times[-1:]]))

    def run(self, records: Sequence[Record], orders: Sequence[int], choose: Callable[[int, int, Record], bool]) -> None:
        """Run events of the contact, and watch the chosen triggers of some rules."""
        engine = self.engine
        engine.forget()
        engine.watch(frozenset(orders), choose)
        for record in records:
            engine.feed_record(record)
        engine.finish(self.end() if engine.pending() else self._now)

    def end(self) -> int:
        """When the log ends; it is looked for only where something waits."""
        if self._end is None:
            if not self.engine.pending():
                return self._now if self._now is not None else -(1 << 62)
            found = self._find_end()
            self._end = found if self._now is None else max(found, self._now)
        return self._end

    def _told(self, orders: Sequence[int], chosen: set[tuple[int, int, int, int]]) -> tuple[Told, ...]:
        self.run(self.records, orders, lambda rule, place, trigger: (rule, place, trigger.time, trigger.row) in chosen)
        events = self.engine.happened.get(self.records[0].contact, []) if self.records else []
        told = [Told(self.rules.rules[asked.rule], asked, self._reasons.of(asked, events)) for asked in self.engine.asked]
        return tuple(reversed(told))

    def _of_rules(self, orders: Sequence[int], passed: Sequence[Passed], question: Question) -> Iterator[OfRule]:
        """What became of each rule; of many, what came nearest is told of the first."""
        events = self.engine.happened.get(question.contact, [])
        by_rule: dict[int, list[Passed]] = {}
        for own in passed:
            by_rule.setdefault(own.rule, []).append(own)
        nevers = waiting = 0
        for order in orders:
            item, node = self.rules.rules[order], self.engine.network.rules[order].on
            triggers = tuple((own.trigger.time, own.entry is not None) for own in by_rule.get(order, ()))
            waits: tuple[tuple[Wait, ...], int] = (), 0
            if self._is_waiting(node) and waiting < MOST_RULES:
                waiting += 1
                waits = self._waits(order, events, by_rule.get(order, ()))
            never = None
            if not _is_told(triggers, question) and nevers < MOST_RULES:
                nevers += 1
                at = question.at
                never = self._nearly.ever(item.rule, node, events) if at is None else self._nearly.of(item.rule, node, events, at[0])
            yield OfRule(item, triggers, never, *waits)

    def _is_waiting(self, node: int) -> bool:
        pattern = self.engine.network.patterns[node]
        return isinstance(pattern, MomentNode) or getattr(pattern, "without", None) is not None

    def _waits(self, order: int, events: Sequence[Record], passed: Sequence[Passed]) -> tuple[tuple[Wait, ...], int]:
        """What waits of a rule, the next first, and what was broken, the last first."""
        rule, node = self.rules.rules[order].rule, self.engine.network.rules[order].on
        due = {(event.row, event.time, event.kind): time for number, time, event in self.engine.waiting_items() if number == node}
        came = {(own.trigger.row, own.trigger.time) for own in passed}
        begun = self._nearly.begun(rule, node, events)
        waits: list[Wait] = []
        broken = 0
        for event in reversed(begun):
            time = due.get((event.row, event.time, event.kind))
            if time is not None:
                waits.append(Wait(event, time, None))
                continue
            time = self._nearly.due(node, event)
            if time is None or (event.row, time) in came or broken == MOST_WAITS:
                continue
            broken += 1
            breaks = self._nearly.broken(node, events, event, time)[1]
            if breaks is not None:
                waits.append(Wait(event, time, breaks))
        waits.sort(key=lambda wait: (wait.breaks is not None, wait.due if wait.breaks is None else -wait.due))
        return tuple(waits[: 2 * MOST_WAITS]), len(waits)


def _is_told(triggers: Sequence[tuple[int, bool]], question: Question) -> bool:
    """Whether a rule has a trigger, at the time that was asked for if there is one."""
    at = question.at
    return bool(triggers) if at is None else any(at[0] <= time < at[1] for time, _ in triggers)


def _key(own: Passed) -> tuple[int, int, int, int]:
    return own.rule, own.place, own.trigger.time, own.trigger.row


def _chosen(passed: Sequence[Passed], question: Question) -> list[Passed]:
    """The triggers that are told: those of the time that was asked for, else the last ones and the last one with an entry."""
    if question.at is not None:
        start, end = question.at
        return [own for own in passed if start <= own.trigger.time < end][:MOST_AT]
    chosen = list(passed[-question.most :]) if question.most else []
    if not any(own.entry is not None for own in chosen):
        chosen = [own for own in passed if own.entry is not None][-1:] + chosen
    return chosen


def named_rule(name: str, rules: RuleSet) -> tuple[str, int] | None:
    """The automation and the number of a rule that is called `Win back#2`."""
    return next(((item.automation, item.number) for item in rules.rules if item.name == name), None)
