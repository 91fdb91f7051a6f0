"""Watching: the interpreter, and what each rule saw when its trigger happened.

In: as the interpreter. Out: the same entries; and on the way, for each rule that was asked, whether it was active, what every part of its
condition came to and what stood there, and whether its runs allowed an entry. What is seen comes from the very functions that the
interpreter decides by, in the moment before it does. The interpreter itself knows nothing of it, so that it costs nothing where nobody
watches.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.accumulators import Cells
from triggerlang.engines.entry import Entry
from triggerlang.engines.interpreter import Interpreter
from triggerlang.engines.reacting import RuleAtWork
from triggerlang.events.record import Record
from triggerlang.language import times
from triggerlang.network.nodes import (
    All,
    AnyOf,
    ConditionNode,
    FieldTest,
    MeasureTest,
    MemberTest,
    Negation,
    SegmentTest,
    TestNode,
    TimeTest,
    WeekdayTest,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a part of a condition came to at a trigger.

    `parts` are those of an All, an AnyOf or a Negation; a segment's test has its condition as its only one. `found` is what another test
    looked at: a measure's value as it was read (an average's as a sum and a count), the names of the lists or tags that fit, a field's
    value, the day of the week, or the microseconds since midnight.
    """

    holds: bool
    parts: tuple[Seen, ...] = ()
    found: Any = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule that was asked at its trigger: what it saw of its clauses, each by itself, and its entry if there was one.

    `rule` is its place in the order of the rules, `place` how many events of the contact had happened, the trigger included. `runs` and
    `header` tell whether an entry was allowed; `entered` are all entries of the contact, by their rules and times, and those before this
    one the first `entered_before` of them.
    """

    rule: int
    place: int
    trigger: Record
    active: bool
    condition: Seen | None
    runs: bool
    header: bool
    entered: Sequence[tuple[int, int]]
    entered_before: int
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Passed:
    """A rule whose trigger happened, and that nobody wanted to see more of: its place as in `Asked`, and its entry if there was one."""

    rule: int
    place: int
    trigger: Record
    entry: Entry | None


Choose: TypeAlias = Callable[[int, int, Record], bool]
"""Of a rule, a place and a trigger: whether somebody wants to see what the rule sees."""

Look: TypeAlias = Callable[[Cells, Record], Any]
"""What a test looks at, of a contact's cells and the trigger."""


class WatchedInterpreter(Interpreter):
    """An interpreter that tells what the rules see."""

    _counts_in_full: ClassVar[bool] = True

    def __init__(self, rules: RuleSet, *, timezone: str = "UTC") -> None:
        super().__init__(rules, timezone=timezone)
        self.asked: list[Asked] = []
        self._watched: Collection[int] = range(len(self._rules))
        self._choose: Choose | None = None
        self._seen: dict[int, Seen] = {}
        """What the tests came to that were looked at for the present rule: segments may share them many times over."""
        self._looks = [self._look(number, test) for number, test in enumerate(self.network.tests)]

    def forget(self) -> None:
        super().forget()
        self.asked = []
        self.passed: list[Passed] = []
        self.happened: dict[str, list[Record]] = {}
        """The events of each contact in their order, entries included."""
        self._entered: dict[str, list[tuple[int, int]]] = {}

    def watch(self, rules: Collection[int], choose: Choose | None = None) -> None:
        """Look at these rules only, by their places in the order of the rules; with `choose`, at some of their triggers, and of the others
        keep only that they happened."""
        self._watched, self._choose = rules, choose

    def waiting_items(self) -> list[tuple[int, int, Record]]:
        """What waits: the number of its chain or moment in the network, when it is due, and the event that it waits after."""
        return [(item.happening.number, due, item.record) for due, _, _, item in self._agenda.heap if item.keys]

    def _take_in(self, record: Record) -> list[Entry]:
        self.happened.setdefault(record.contact, []).append(record)
        return super()._take_in(record)

    def _ask(self, rules: list[RuleAtWork], cells: Cells, record: Record) -> list[Entry]:
        entries: list[Entry] = []
        entered = self._entered.setdefault(record.contact, [])
        for rule in rules:
            place = len(self.happened[record.contact])
            if rule.order not in self._watched:
                own = super()._ask([rule], cells, record)
            elif self._choose is not None and not self._choose(rule.order, place, record):
                own = super()._ask([rule], cells, record)
                self.passed.append(Passed(rule.order, place, record, own[0] if own else None))
            else:
                seen = self._seen_by(rule, cells, record)
                own = super()._ask([rule], cells, record)
                self.asked.append(Asked(rule.order, place, record, *seen, entered, len(entered), own[0] if own else None))
            entered += [(rule.order, record.time) for _ in own]
            entries += own
        return entries

    def _seen_by(self, rule: RuleAtWork, cells: Cells, record: Record) -> tuple[bool, Seen | None, bool, bool]:
        self._memo.clear()
        self._seen.clear()
        node = self.network.rules[rule.order].condition
        return (
            rule.start <= record.time < rule.end,
            None if node is None else self._see(node, cells, record),
            rule.own_runs_allow(cells, record),
            rule.header is None or rule.header.allows(cells, record),
        )

    def _see(self, node: ConditionNode, cells: Cells, record: Record) -> Seen:
        """A condition with all of its parts, those too that the interpreter need not ask."""
        match node:
            case All(parts):
                seen = tuple(self._see(part, cells, record) for part in parts)
                return Seen(all(part.holds for part in seen), seen)
            case AnyOf(parts):
                seen = tuple(self._see(part, cells, record) for part in parts)
                return Seen(any(part.holds for part in seen), seen)
            case Negation(part):
                negated = self._see(part, cells, record)
                return Seen(not negated.holds, (negated,))
            case int():
                found = self._seen.get(node)
                if found is None:
                    found = self._seen[node] = self._see_test(node, cells, record)
                return found

    def _see_test(self, number: int, cells: Cells, record: Record) -> Seen:
        holds = self._tests.tests[number](cells, record)
        test = self.network.tests[number]
        if isinstance(test, SegmentTest):
            return Seen(holds, (self._see(self.network.segments[test.segment].condition, cells, record),))
        return Seen(holds, (), self._looks[number](cells, record))

    def _look(self, number: int, test: TestNode) -> Look:
        match test:
            case MeasureTest(measure):
                return self._measurings[measure].accumulator.get
            case MemberTest():
                slot = self._members.first_slot + number
                return lambda cells, record: tuple(sorted(cells.get(slot, ())))
            case FieldTest():
                slot = self._members.first_slot + number
                return lambda cells, record: cells.get(slot)
            case WeekdayTest():
                return lambda cells, record: self.zone.weekday_of(record.time)
            case TimeTest():
                return lambda cells, record: self.zone.clock_of(record.time) % times.DAY
            case SegmentTest():
                return lambda cells, record: None
