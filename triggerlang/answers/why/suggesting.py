"""Suggesting: the smallest changes of a log that would let a contact enter.

In: an answer. Out: the same with sets of changes, the fewest first, for triggers at which the contact did not enter and for rules whose
trigger never happened. A set is told only after the engine has run over the events so changed and the contact entered; what cannot be found
within so many runs is not told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count, islice
from typing import Final, TypeAlias

from triggerlang.answers.reasons.occurrences import Occurrences
from triggerlang.answers.reasons.spelling import misspelt
from triggerlang.answers.why.answering import Answer, Answering, OfRule, Suggestion, Told
from triggerlang.answers.why.changes import Add, Alter, Change, Remove, applied, joined, outline
from triggerlang.answers.why.making import SECOND, Maker
from triggerlang.answers.why.remedies import Remedies, Remedy, Sight, chains
from triggerlang.checking.walking import name_texts
from triggerlang.engines.watching import Asked, Seen
from triggerlang.events.record import Record
from triggerlang.language import printing, times, tree

MOST_SETS: Final = 3
"""How many sets of changes are told."""
MOST_RUNS: Final = 60
MOST_EVENTS: Final = 500_000
"""How often the engine runs at most to find them, and over how many events in all."""
LEAST_RUNS: Final = 4
MOST_TRIGGERS: Final = 3
"""For how many triggers, and for how many rules without one, changes are looked for."""
FIRST_YEARS: Final = times.FIRST_MOMENT + 400 * times.DAY
"""Before it there may be no year for a date to lie in."""
MOST_GUESSES: Final = 12
"""How many guesses are tried for one part."""

Goal: TypeAlias = tuple[str, int, bool]
"""A part that is to be mended: its kind, which one it is, and what is asked of it."""


def suggested(answering: Answering, answer: Answer) -> Answer:
    """The answer, with changes that would let the contact enter."""
    searching = _Searching(answering, answer)
    left = MOST_TRIGGERS
    told: list[Told] = []
    for own in answer.told:
        if not own.entered and left:
            left -= 1
            own = replace(own, suggestions=searching.of_trigger(own))
        told.append(own)
    left = MOST_TRIGGERS if not answer.told else 0
    rules: list[OfRule] = []
    for rule in answer.rules:
        if rule.never is not None and left and not any(wait.breaks is None for wait in rule.waits):
            left -= 1
            rule = replace(rule, suggestions=searching.of_never(rule))
        rules.append(rule)
    return replace(answer, told=tuple(told), rules=tuple(rules))


@dataclass(frozen=True, slots=True)
class _State:
    """Some changes, the row of the event whose trigger is looked at, and the parts that they were meant to mend."""

    changes: tuple[Change, ...]
    row: int
    goals: tuple[Goal, ...] = ()


class _Searching:
    def __init__(self, answering: Answering, answer: Answer) -> None:
        self._answering, self._answer, self._zone = answering, answer, answering.zone
        self._maker = Maker(answering.zone)
        self._remedies = Remedies(answering.zone, self._maker, Occurrences(answering.zone, self._maker.matching))
        self._orders = [order for order, item in enumerate(answering.rules.rules) if item.automation == answer.question.automation]
        self._most = max(LEAST_RUNS, min(MOST_RUNS, MOST_EVENTS // max(len(answering.records), 1)))

    def of_trigger(self, told: Told) -> tuple[Suggestion, ...]:
        return self._search(told.asked.rule, [_State((), told.asked.trigger.row)], told.asked.trigger.time)

    def of_never(self, rule: OfRule) -> tuple[Suggestion, ...]:
        order = next(number for number in self._orders if self._answering.rules.rules[number].number == rule.item.number)
        return self._search(order, list(islice(self._beginnings(rule), MOST_GUESSES)), None)

    # The search: fewest changes first

    def _search(self, order: int, beginnings: Iterable[_State], time: int | None) -> tuple[Suggestion, ...]:
        ticket = count()
        waiting = [(len(state.changes), next(ticket), state) for state in beginnings]
        found: dict[tuple[str, ...], Suggestion] = {}
        runs = 0
        while waiting and runs < self._most and len(found) < MOST_SETS:
            _, _, state = heappop(waiting)
            if not all(times.FIRST_MOMENT <= change.record.time < times.END_OF_TIME for change in state.changes):
                continue
            said = outline(state.changes)
            if any(not Counter(other) - Counter(said) for other in found):
                continue
            runs += 1
            asked, events, earlier = self._run(order, state, time)
            if asked is None:
                continue
            if asked.entry is not None:
                if state.changes:
                    found[said] = Suggestion(state.changes, asked.trigger.time)
                continue
            for goal, remedy in self._next(order, asked, events, earlier):
                if state.goals.count(goal) < (3 if goal[0] == "runs" else 1):
                    further = _State(joined(state.changes, remedy), state.row, (*state.goals, goal))
                    heappush(waiting, (len(further.changes), next(ticket), further))
        return tuple(found.values())

    def _run(self, order: int, state: _State, time: int | None) -> tuple[Asked | None, Sequence[Record], list[Record]]:
        """What a rule saw at its trigger, over the events with some changes; these events, and the triggers of earlier entries."""
        answering = self._answering
        records = applied(answering.records, state.changes)
        answering.run(records, self._orders, lambda rule, place, trigger: rule == order and trigger.row == state.row)
        engine = answering.engine
        own = [asked for asked in engine.asked if asked.entry is not None] or sorted(
            engine.asked, key=lambda asked: asked.trigger.time == time
        )
        if not own:
            return None, (), []
        asked = own[-1]
        automation_only = [passed for passed in engine.passed if passed.entry is not None and passed.trigger.time <= asked.trigger.time]
        earlier = [passed.trigger for passed in automation_only if passed.rule == order or not asked.header]
        self._logged = frozenset(map(id, records))
        return asked, engine.happened[self._answer.question.contact], earlier

    def _next(self, order: int, asked: Asked, events: Sequence[Record], earlier: list[Record]) -> Iterator[tuple[Goal, Remedy]]:
        """Guesses for the first part of a rule that is not as it should be; where one of several would do, for each of them."""
        item = self._answering.rules.rules[order]
        rule, at = item.rule, Sight(asked, events, self._logged)
        if rule.where is not None and asked.condition is not None and not asked.condition.holds:
            for test, seen, wanted in self._unmet(rule.where, asked.condition, True, set()):
                goal = ("test", id(test), wanted)
                yield from ((goal, remedy) for remedy in islice(self._remedies.of_test(test, seen, wanted, at), MOST_GUESSES))
        elif not asked.active:
            assert rule.active is not None
            yield from ((("active", 0, True), remedy) for remedy in self._remedies.of_activity(rule.active, at))
        elif not asked.runs:
            runs = rule.runs or tree.Once(span=rule.span)
            yield from ((("runs", 0, True), remedy) for remedy in self._remedies.of_runs(runs, earlier, at))
        elif item.header_runs is not None:
            yield from ((("runs", 1, True), remedy) for remedy in self._remedies.of_runs(item.header_runs, earlier, at))

    def _unmet(
        self, node: tree.Condition, seen: Seen, wanted: bool, asked: set[tuple[str, bool]]
    ) -> Iterator[tuple[tree.Test, Seen, bool]]:
        """The tests of a condition one of which is to be mended next; a segment that was asked is not asked again."""
        match node:
            case tree.And(parts) | tree.Or(parts):
                unmet = [(part, own) for part, own in zip(parts, seen.parts, strict=True) if own.holds != wanted]
                for part, own in unmet[:1] if isinstance(node, tree.And) == wanted else unmet:
                    yield from self._unmet(part, own, wanted, asked)
            case tree.Not(part):
                yield from self._unmet(part, seen.parts[0], not wanted, asked)
            case tree.SegmentTest(name):
                if (name.text, wanted) not in asked:
                    asked.add((name.text, wanted))
                    yield from self._unmet(self._answering.rules.segments[name.text], seen.parts[0], wanted, asked)
            case tree.PropertyTest():
                raise AssertionError("a filter's comparison is no test of a condition")
            case _:
                yield node, seen, wanted

    # Triggers that never were

    def _beginnings(self, rule: OfRule) -> Iterator[_State]:
        """Changes that might make a rule's trigger happen."""
        on, records = rule.item.rule.on, self._answering.records
        at = self._answer.question.at
        for wait in rule.waits:
            if wait.breaks is not None and any(wait.breaks is record for record in records):
                yield _State((Remove(wait.breaks),), wait.event.row)
        contact = self._answer.question.contact
        match on:
            case tree.Pattern():
                yield from self._altered(on)
                time = at[0] if at is not None else records[-1].time + SECOND
                for event in self._maker.events(on, time, contact, None):
                    yield _State((Add(event),), event.row)
            case tree.Chain(_, _, without):
                time = at[0] if at is not None else self._answer.end if without is not None else records[-1].time + SECOND
                if without is not None:
                    time -= without.within.microseconds
                if without is None:
                    yield from self._nearer(on)
                firsts = self._maker.matching.those(on.first, records)
                for made in chains(self._maker, on, time, contact, None, firsts):
                    yield _State(tuple(map(Add, made)), made[-1].row)
            case _:
                yield from self._awaited(on, at[0] if at is not None else self._answer.end, contact)

    def _nearer(self, chain: tree.Chain) -> Iterator[_State]:
        """The last step of a chain where it came too late: as near to the step before it as it has to be."""
        records, last = self._answering.records, chain.then[-1]
        if last.within is None:
            return
        before = self._maker.matching.those(chain.then[-2].pattern if len(chain.then) > 1 else chain.first, records, same=False)
        for event in reversed(self._maker.matching.those(last.pattern, records, same=False)):
            earlier = [other.time for other in before if other.time < event.time]
            if earlier:
                yield _State((Alter(event, event._replace(time=earlier[-1] + last.within.microseconds)),), event.row)
                return

    def _altered(self, pattern: tree.Pattern) -> Iterator[_State]:
        """The events that came near to a pattern, as they should have been."""
        records = self._answering.records
        for event, _ in reversed(self._maker.matching.kept_out(pattern, records, None, 2)):
            for single in pattern.singles:
                fitted = self._maker.fitted(single, event, None)
                if fitted is not None:
                    yield _State((Alter(event, fitted),), event.row)
        for single in pattern.singles:
            names = single.occurrence.names
            alike = {event.name: event for event in records if event.kind == single.occurrence.kind.kind}
            for name in [text.text for text in name_texts(names)] if isinstance(names, tree.NameIs | tree.NameIn) else []:
                near = misspelt(name, alike)
                if near is not None:
                    fitted = self._maker.fitted(single, alike[near]._replace(name=name), None)
                    if fitted is not None:
                        yield _State((Alter(alike[near], fitted),), fitted.row)

    def _awaited(self, on: tree.Awaited, end: int, contact: str) -> Iterator[_State]:
        """An event after which a moment would come at a time."""
        if isinstance(on, tree.After):
            for event in self._maker.events(on.pattern, end - on.duration.microseconds, contact, None):
                yield _State((Add(event),), event.row)
            return
        shift = 0 if on.duration is None else on.duration.microseconds * (1 if on.side == "after" else -1)
        if not FIRST_YEARS <= end - shift < times.END_OF_TIME - times.DAY:
            return
        clock = self._zone.clock_of(end - shift)
        if on.word == "anniversary":
            written = printing.date_time(clock - 366 * times.DAY)
            written = f"{int(written[:4]) - (written[5:] >= printing.date_time(clock)[5:]):04}{printing.date_time(clock)[4:]}"
        else:
            written = printing.date_time(clock)
        for event in self._maker.events(on.dated.pattern, end - times.DAY, contact, None):
            made = event._replace(value=written) if on.dated.is_field else _holding(event, on.dated.property.path, written)
            yield _State((Add(made),), made.row)


def _holding(event: Record, path: str, value: str) -> Record:
    return event._replace(value=value) if path == "value" else event._replace(properties={**event.properties, path: value})
