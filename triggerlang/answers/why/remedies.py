"""Remedies: for one part of a rule that is not as it should be, the changes that might mend it.

In: a part, what was seen of it, and the trigger. Out: sets of changes, the likeliest first. They are guesses: who tells one has tried it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeAlias

from triggerlang.answers.reasons.evidence import lack_of
from triggerlang.answers.reasons.occurrences import Occurrences
from triggerlang.answers.why.changes import Add, Alter, Change, Remove
from triggerlang.answers.why.making import SECOND, Maker, name_of, number_value, with_property
from triggerlang.engines.comparing import end_of, moment_of
from triggerlang.engines.filters import getter
from triggerlang.engines.waiting import Derived
from triggerlang.engines.watching import Asked, Seen
from triggerlang.events.record import Record
from triggerlang.language import numbers, times, tree, values
from triggerlang.language.times import Zone

MOST_CHANGES: Final = 100
"""How many changes one remedy may have."""
MOST_STEPS: Final = 8
"""How many steps a chain may have that is added."""

Remedy: TypeAlias = tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """A trigger and what surrounds it: the contact's events, entries included, and which of them stand in the log, by identity."""

    asked: Asked
    events: Sequence[Record]
    logged: frozenset[int]

    @property
    def trigger(self) -> Record:
        return self.asked.trigger

    @property
    def event(self) -> Record | None:
        """The log's event that the trigger is, or waits after; None where that is an entry."""
        event = self.trigger.event if isinstance(self.trigger, Derived) else self.trigger
        return event if id(event) in self.logged else None


class Remedies:
    """Guesses what would mend a part."""

    def __init__(self, zone: Zone, maker: Maker, occurrences: Occurrences) -> None:
        self._zone, self._maker, self._occurrences = zone, maker, occurrences

    def of_test(self, test: tree.Test, seen: Seen, asked: bool, at: Sight) -> Iterator[Remedy]:
        """Guesses for a test that holds and should not, or that does not and should (`asked`)."""
        match test:
            case tree.HistoryTest():
                yield from self._history(test, seen, asked, at)
            case tree.ListTest(names, _):
                yield from self._member("subscribe", "unsubscribe", names, seen, asked, at)
            case tree.TagTest(names, _):
                yield from self._member("tag", "untag", names, seen, asked, at)
            case tree.FieldTest(name, comparison, before):
                value = self._maker.value(comparison, at.trigger, at.trigger, asked)
                event = at.event
                if event is not None and not before and (event.kind, event.name) == ("field", name.text):
                    yield (Alter(event, event._replace(value=value)),)
                else:
                    yield from self._added([("field", name.text, value)], at)
            case tree.WeekdayTest(days):
                steps = sorted((step for step in range(-6, 7) if step), key=lambda step: (abs(step), step))
                clocks = [self._zone.clock_of(at.trigger.time) + step * times.DAY for step in steps]
                wanted = [clock for clock in clocks if ((clock // times.DAY + 3) % 7 in days) == asked]
                yield from self._moved([self._zone.moment_of(clock) for clock in wanted[:2]], at)
            case tree.TimeTest(start, end):
                first, last = (start, end) if asked else (end, start)
                clock = self._zone.clock_of(at.trigger.time)
                midnight = clock - clock % times.DAY
                yield from self._moved(
                    [
                        self._zone.moment_of(midnight + first * times.MINUTE),
                        self._zone.moment_of(midnight + last * times.MINUTE - SECOND),
                    ],
                    at,
                )

    def of_activity(self, activity: tree.Activity, at: Sight) -> Iterator[Remedy]:
        """Guesses for a rule that was not active."""
        moments = [] if activity.start is None else [moment_of(activity.start, self._zone)]
        if activity.end is not None:
            moments.append(end_of(activity.end, self._zone) - SECOND)
        yield from self._moved(sorted(moments, key=lambda moment: abs(moment - at.trigger.time)), at)

    def of_runs(self, runs: tree.Runs, earlier: Sequence[Record], at: Sight) -> Iterator[Remedy]:
        """Guesses for a rule or a header that allowed no further entry after some triggers with one."""
        event = at.event
        if isinstance(runs, tree.Once) and runs.per is not None:
            if event is not None:
                yield (Alter(event, with_property(event, runs.per.path, "another")),)
            return
        if isinstance(runs, tree.AtMost) and runs.per is not None and runs.times and len(earlier) >= runs.times:
            yield from self._moved([earlier[-runs.times].time + runs.per.microseconds], at)
        if earlier:
            last = earlier[-1]
            begun = last.event if isinstance(last, Derived) else last
            if id(begun) in at.logged and begun is not event:
                yield (Remove(begun),)

    # Events that are added, moved or left out

    def _added(self, wanted: Sequence[tuple[str, str, Any]], at: Sight) -> Iterator[Remedy]:
        """Events of a kind, name and value shortly before the trigger."""
        for time, before in self._places(at):
            contact = at.trigger.contact
            yield tuple(Add(self._maker.new(kind, name, time, contact, value), before) for kind, name, value in wanted)

    def _places(self, at: Sight, first: int = times.FIRST_MOMENT) -> Iterator[tuple[int, int | None]]:
        """Where an event may be put that is to stand before the trigger: a second before it, or right before it."""
        time = at.trigger.time
        if time - SECOND >= first:
            yield time - SECOND, None
        if time >= first:
            yield time, None if isinstance(at.trigger, Derived) else at.trigger.row

    def _moved(self, moments: Sequence[int], at: Sight) -> Iterator[Remedy]:
        """The trigger at another time."""
        event = at.event
        for moment in moments:
            if event is not None and times.FIRST_MOMENT <= moment < times.END_OF_TIME:
                time = event.time + moment - at.trigger.time
                if times.FIRST_MOMENT <= time < times.END_OF_TIME and time != event.time:
                    yield (Alter(event, event._replace(time=time)),)

    def _removed(self, events: Sequence[Record], at: Sight) -> Iterator[Remedy]:
        begun = {id(event): event for event in (event.event if isinstance(event, Derived) else event for event in events)}
        if begun and len(begun) <= MOST_CHANGES and all(key in at.logged for key in begun) and id(at.event) not in begun:
            yield tuple(Remove(event) for event in begun.values())

    def _member(self, gains: str, loses: str, names: tree.Names, seen: Seen, asked: bool, at: Sight) -> Iterator[Remedy]:
        if asked:
            yield from self._added([(gains, name_of(names), None)], at)
        elif len(seen.found) <= MOST_CHANGES:
            yield from self._added([(loses, name, None) for name in seen.found], at)

    # Measures of the history

    def _history(self, test: tree.HistoryTest, seen: Seen, asked: bool, at: Sight) -> Iterator[Remedy]:
        found = self._occurrences.of(test, at.events, at.asked.place, at.trigger)
        counted = [occurrence.event for occurrence in found if not occurrence.why]
        lack = lack_of(test, seen, at.trigger, asked, self._zone)
        match test.measure:
            case tree.Count() | tree.Distinct() if lack is not None:
                path = test.measure.property.path if isinstance(test.measure, tree.Distinct) else None
                if lack.amount > 0:
                    yield from self._more(test, at, lack.amount, path, counted)
                else:
                    yield from self._removed(_fewer(counted, -lack.amount, path), at)
            case tree.Count() | tree.Distinct():
                # `!=`: anything else will do.
                path = test.measure.property.path if isinstance(test.measure, tree.Distinct) else None
                yield from self._more(test, at, 1, path, counted)
                yield from self._removed(_fewer(counted, 1, path), at)
            case tree.Aggregate(function, property, comparison):
                if lack is not None and lack.measure == "sum":
                    yield from self._larger(property.path, lack.amount, lack.beyond, counted, at)
                if lack is not None:
                    step = {">": 1, "<": -1}.get(lack.sign, 0) * lack.beyond * numbers.SCALE
                    yield from self._holding(test, at, property.path, number_value(lack.amount + step), counted, ())
                else:
                    value = self._maker.value(comparison, at.trigger, at.trigger, asked)
                    yield from self._holding(test, at, property.path, value, counted, counted if function == "first" else ())
                yield from self._without_some(test.measure, counted, at)

    def _larger(self, path: str, amount: int, beyond: bool, counted: Sequence[Record], at: Sight) -> Iterator[Remedy]:
        """The last event that counted with as much more as is missing."""
        get = getter(path)
        for event in reversed(counted):
            held = values.number(get(event))
            if held is None and event.row < 0:
                # An event that was added for something else can hold it, too.
                held = 0
            if held is not None and id(event) in at.logged and event is not at.event:
                step = (numbers.SCALE if amount >= 0 else -numbers.SCALE) if beyond else 0
                yield (Alter(event, with_property(event, path, number_value(held + amount + step))),)
                return

    def _without_some(self, measure: tree.Aggregate, counted: Sequence[Record], at: Sight) -> Iterator[Remedy]:
        """Some of the events that counted left out: the largest ones of a sum, or those at an end, one more of them each time."""
        get = getter(measure.property.path)
        read = [event for event in counted if values.text(get(event)) is not None]
        order: dict[str, Callable[[Record], Any]] = {
            "sum": lambda event: -(values.number(get(event)) or 0),
            "average": lambda event: -(values.number(get(event)) or 0),
            "max": lambda event: -(values.number(get(event)) or 0),
            "min": lambda event: values.number(get(event)) or 0,
            "first": lambda event: event.time,
            "last": lambda event: -event.time,
        }
        if measure.function == "last":
            read.reverse()
        ordered = sorted(read, key=order[measure.function])
        for number in dict.fromkeys((1, 2, 3, len(ordered))):
            if number <= len(ordered):
                yield from self._removed(ordered[:number], at)

    def _holding(
        self, test: tree.HistoryTest, at: Sight, path: str, value: Any, counted: Sequence[Record], before: Sequence[Record]
    ) -> Iterator[Remedy]:
        """An event more that holds a value; before those that counted, where the first of them matters."""
        places = list(self._windowed(test.window, at, counted))
        if before and isinstance(test.measure, tree.Aggregate) and test.measure.function == "first":
            places.insert(0, (before[0].time, before[0].row))
        for time, row in places:
            for made in self._fitting(test.pattern, time, at):
                last = with_property(made[-1], path, value)
                yield tuple(Add(event, row) for event in (*made[:-1], last))

    def _more(self, test: tree.HistoryTest, at: Sight, number: int, distinct: str | None, counted: Sequence[Record]) -> Iterator[Remedy]:
        """So many occurrences more; of distinct texts, if a property is named."""
        if number > MOST_CHANGES:
            return
        for time, row in self._windowed(test.window, at, counted):
            for made in self._fitting(test.pattern, time, at):
                several: list[Change] = []
                for count in range(number):
                    events = [event if not count else self._maker.again(event, event.time) for event in made]
                    if distinct is not None:
                        events[-1] = with_property(events[-1], distinct, f"new {count + 1}")
                    several += [Add(event, row if event.time == time else None) for event in events]
                if len(several) <= MOST_CHANGES:
                    yield tuple(several)

    def _windowed(self, window: tree.Window, at: Sight, counted: Sequence[Record]) -> Iterator[tuple[int, int | None]]:
        """Where an event may be put that is to lie in a window: shortly before the trigger, beside what counted already, or early."""
        first, last = times.FIRST_MOMENT, at.trigger.time
        match window:
            case tree.Within(duration):
                first = last - duration.microseconds
            case tree.Since(start):
                first = moment_of(start, self._zone)
            case tree.Between(start, end):
                first, last = moment_of(start, self._zone), min(end_of(end, self._zone) - SECOND, last)
        if last < at.trigger.time:
            yield last, None
        else:
            yield from self._places(at, first)
        logged = [event for event in counted if id(event) in at.logged and event is not at.event]
        if logged:
            yield logged[-1].time, logged[-1].row
        begun = at.events[0].time - SECOND if at.events and not isinstance(window, tree.SinceLast) else last
        if max(first, begun) < last:
            yield max(first, begun), None

    def _fitting(self, node: tree.Pattern | tree.Chain, time: int, at: Sight) -> Iterator[list[Record]]:
        """Events that make a pattern happen once more, or a chain: its last steps, from the fewest on."""
        if isinstance(node, tree.Pattern):
            for event in self._maker.events(node, time, at.trigger.contact, at.trigger):
                yield [event]
            return
        if node.without is not None:
            time -= node.without.within.microseconds + SECOND
        firsts = self._maker.matching.those(node.first, at.events[: at.asked.place], at.trigger)
        yield from chains(self._maker, node, time, at.trigger.contact, at.trigger, firsts)


def chains(
    maker: Maker, chain: tree.Chain, time: int, contact: str, trigger: Record | None, firsts: Sequence[Record]
) -> Iterator[list[Record]]:
    """The last steps of a chain as events of one time, the fewest first; `firsts` are events of its first step that are there."""
    patterns = [chain.first, *(step.pattern for step in chain.then)]
    if len(patterns) > MOST_STEPS:
        return
    for begin in range(len(patterns) - 1, -1, -1):
        if begin and not firsts:
            continue
        made: list[Record] = []
        for number in range(begin, len(patterns)):
            first = firsts[-1] if begin else made[0] if made else None
            event = next(islice(maker.events(patterns[number], time, contact, trigger, first), 1), None)
            if event is None:
                break
            made.append(event)
        else:
            yield made


def _fewer(counted: Sequence[Record], number: int, distinct: str | None) -> list[Record]:
    """Events without which there are so many less, or so many texts less: the last ones, the rarest texts."""
    if distinct is None:
        return list(counted[-number:])
    get = getter(distinct)
    groups: dict[str, list[Record]] = {}
    for event in counted:
        text = values.text(get(event))
        if text is not None:
            groups.setdefault(text, []).append(event)
    rarest = sorted(groups.values(), key=len)[:number]
    return [event for group in rarest for event in group]
