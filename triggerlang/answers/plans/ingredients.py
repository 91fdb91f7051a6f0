"""Ingredients: what histories that may tell two rules apart are made of.

In: an old rule and a new one. Out: events that start them, other events that they ask about, lengths of time and moments: values just
below, at and above what they compare with, lists joined and left, windows to their ends, dates and times of day on both sides of those that
they name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from triggerlang.answers.plans.pairing import Pairing
from triggerlang.answers.why.making import Maker, name_of, with_property
from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.engines.comparing import moment_of
from triggerlang.events.record import Record
from triggerlang.language import numbers, times, tree
from triggerlang.language.times import DAY, Zone
from triggerlang.language.values import Value
from triggerlang.language.vocabulary import BY_KIND
from triggerlang.network.compiler import referred_segments

CONTACT: Final = "ana"
MONDAY: Final = 20_458
"""2026-01-05, by its number since 1970: where nothing else is asked for, histories are about then."""
HOUR: Final = times.UNITS["hours"]
_STATES: Final = {"list": ("subscribe", "unsubscribe"), "tag": ("tag", "untag")}


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Events that may start the rules, and others that they ask about, both without a time; how long before the trigger these may lie, in
    microseconds; and when the trigger may be."""

    triggers: tuple[Record, ...]
    events: tuple[Record, ...]
    lengths: tuple[int, ...]
    times: tuple[int, ...]


def ingredients(pairing: Pairing, old: ProjectRule, new: ProjectRule, zone: Zone) -> Ingredients:
    """What two rules name."""
    made = _Gathering(zone, {(one.noun, one.name.text) for rules in (pairing.old, pairing.new) for one in rules.declares})
    for rules, item in ((pairing.old, old), (pairing.new, new)):
        made.rule(rules, item)
    starts = [MONDAY * DAY + 10 * HOUR, (MONDAY + 5) * DAY + 10 * HOUR, *(MONDAY * DAY + clock for clock in made.of_day)]
    moments = {zone.moment_of(clock) for clock in (*starts, *made.clocks)}
    lengths = {0, HOUR, DAY, *made.lengths, *(2 * length for length in made.lengths)}
    return Ingredients(tuple(made.triggers), tuple(made.events), tuple(sorted(lengths)), tuple(sorted(moments)))


class _Gathering:
    """Goes through rules and keeps what they name."""

    def __init__(self, zone: Zone, declared: set[tuple[str, str]]) -> None:
        self._maker, self._zone, self._declared = Maker(zone), zone, declared
        self.triggers: list[Record] = []
        self.events: list[Record] = []
        self.lengths: set[int] = set()
        self.clocks: set[int] = set()
        self.of_day: set[int] = set()

    def rule(self, rules: RuleSet, item: ProjectRule) -> None:
        """What a rule names, and its header and segments."""
        rule = item.rule
        self._trigger(rule.on)
        if rule.active is not None:
            for bound in (rule.active.start, rule.active.end):
                self._moment(bound)
        for runs in (rule.runs, item.header_runs):
            if isinstance(runs, tree.AtMost) and runs.per is not None:
                self._length(runs.per)
        waiting = [] if rule.where is None else [rule.where]
        seen: set[str] = set()
        while waiting:
            condition = waiting.pop()
            self._condition(condition)
            for name in referred_segments(condition):
                if name not in seen:
                    seen.add(name)
                    waiting.append(rules.segments[name])

    def _trigger(self, on: tree.Trigger) -> None:
        match on:
            case tree.Pattern():
                self.triggers += self._events(on)
            case tree.Chain():
                self._chain(on, self.triggers)
            case tree.After(duration, pattern, without):
                self._length(duration)
                self.triggers += self._events(pattern)
                self.events += [] if without is None else self._events(without)
            case tree.DateOf(_, dated, duration, _, without):
                self._length(duration)
                dates = (times.format_day(MONDAY + 10), f"{times.format_day(MONDAY + 10)} 09:00")
                for event in self._events(dated.pattern):
                    self.triggers += [with_property(event, dated.property.path, date) for date in dates]
                self.events += [] if without is None else self._events(without)

    def _chain(self, chain: tree.Chain, into: list[Record]) -> None:
        into += self._events(chain.first)
        for step in chain.then:
            self._length(step.within)
            into += self._events(step.pattern)
        if chain.without is not None:
            self._length(chain.without.within)
            self.events += self._events(chain.without.pattern)

    def _condition(self, node: tree.Condition) -> None:
        match node:
            case tree.And(parts) | tree.Or(parts):
                for part in parts:
                    self._condition(part)
            case tree.Not(part):
                self._condition(part)
            case tree.HistoryTest(pattern, measure, window):
                self._history(pattern, measure)
                self._window(window)
            case tree.ListTest(names) | tree.TagTest(names):
                for kind in _STATES["list" if isinstance(node, tree.ListTest) else "tag"]:
                    self.events.append(self._event(kind, name_of(names)))
            case tree.FieldTest(name, comparison):
                self.events += [self._event("field", name.text)._replace(value=value) for value in _values(comparison)]
            case tree.WeekdayTest():
                self.clocks |= {(MONDAY + day) * DAY + 10 * HOUR for day in range(7)}
            case tree.TimeTest(start, end):
                minute = times.UNITS["minutes"]
                self.of_day |= {max(at * minute + shift, 0) for at in (start, end) for shift in (-minute, 0, minute)}

    def _history(self, pattern: tree.Pattern | tree.Chain, measure: tree.Measure) -> None:
        if isinstance(pattern, tree.Chain):
            self._chain(pattern, self.events)
            return
        events = self._events(pattern)
        if isinstance(measure, tree.Aggregate):
            made = [with_property(event, measure.property.path, value) for event in events for value in _values(measure.comparison)]
            events = made or events
        elif isinstance(measure, tree.Distinct):
            events = [with_property(event, measure.property.path, value) for event in events for value in ("a", "b", "c")]
        self.events += events

    def _window(self, window: tree.Window) -> None:
        match window:
            case tree.Within(duration):
                self._length(duration)
            case tree.Between(start, end):
                self._moment(start)
                self._moment(end)
            case tree.Since(start):
                self._moment(start)
            case tree.SinceLast(pattern):
                self.events += self._events(pattern)

    def _length(self, duration: tree.Duration | None) -> None:
        if duration is not None:
            self.lengths.add(duration.microseconds)

    def _moment(self, moment: tree.Moment | None) -> None:
        if moment is not None:
            clock = self._zone.clock_of(moment_of(moment, self._zone))
            self.clocks |= {clock + shift for shift in (-HOUR, 0, HOUR, DAY, DAY + HOUR)}

    def _events(self, pattern: tree.Pattern) -> list[Record]:
        """Events that a pattern matches or just misses: one for each value that its filters make a difference of."""
        found: list[Record] = []
        for single in pattern.singles:
            whole = tree.Pattern((single,), span=single.span)
            for event in self._maker.events(whole, 0, CONTACT, None):
                event = self._named(event)
                found.append(event)
                for path, value in _filtered(single.filters):
                    found.append(with_property(event, path, value))
        return found or [self._event(single.occurrence.kind.kind, name_of(single.occurrence.names)) for single in pattern.singles]

    def _event(self, kind: str, name: str) -> Record:
        return self._named(self._maker.new(kind, name, 0, CONTACT))

    def _named(self, event: Record) -> Record:
        """An event of any name with one that is declared, if names of its noun are."""
        noun = BY_KIND[event.kind].noun
        names = sorted(name for of, name in self._declared if of == noun)
        return event if not names or event.name in names else event._replace(name=names[0])


def _filtered(filters: tuple[tree.Filter, ...]) -> Iterator[tuple[str, Value]]:
    """The properties that filters compare, each with the values on both sides."""
    waiting: list[tree.Node] = list(filters)
    while waiting:
        node = waiting.pop()
        if isinstance(node, tree.And | tree.Or):
            waiting += node.parts
        elif isinstance(node, tree.Not):
            waiting.append(node.part)
        elif isinstance(node, tree.PropertyTest) and node.property.path != "event_name":
            yield from ((node.property.path, value) for value in _values(node.comparison))
        elif isinstance(node, tree.Same):
            yield from ((node.property.path, value) for value in (1, 2))


def _values(comparison: tree.Comparison) -> Iterator[Value]:
    """Values that a comparison may make a difference of."""
    match comparison:
        case tree.Compare(_, tree.Number(scaled)):
            for other in (scaled - numbers.SCALE, scaled, scaled + numbers.SCALE):
                whole, rest = divmod(other, numbers.SCALE)
                yield Decimal(other).scaleb(-numbers.DECIMALS) if rest else whole
        case tree.Compare(_, tree.Text(text)):
            yield from (text, text + "x")
        case tree.Compare(_, tree.Boolean()):
            yield from (True, False)
        case tree.Compare(_, tree.Date(day)):
            yield from (times.format_day(other) for other in (day - 1, day, day + 1))
        case tree.OneOf(literals):
            yield from (literal.text for literal in literals if isinstance(literal, tree.Text))
            yield "other"
        case tree.TextMatch(_, text):
            yield from (text.text, "other")
        case _:
            yield from (1, None)
