"""Evidence: the events that counted for a test, those that just missed, and why; and how much is lacking.

In: a test, what the watched interpreter saw of it, the contact's events and the trigger. Out: what a person would point at. What counted is
held against the number that the interpreter found: where the two differ, nothing is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from triggerlang.answers.reasons import wording
from triggerlang.answers.reasons.matching import Matching
from triggerlang.answers.reasons.nearly import Nearly
from triggerlang.answers.reasons.occurrences import Occurrences
from triggerlang.answers.reasons.reason import Evidence, Lack, Noticed, Reason
from triggerlang.answers.reasons.spelling import misspelt
from triggerlang.checking.walking import name_texts
from triggerlang.engines.comparing import literal_value, reader
from triggerlang.engines.filters import getter
from triggerlang.engines.watching import Seen
from triggerlang.events.record import Record
from triggerlang.language import numbers, printing, tree, values
from triggerlang.language.diagnostics import quoted
from triggerlang.language.times import Zone
from triggerlang.network.compiler import name_node, of_one_reading, reading_of
from triggerlang.network.index import name_test

MOST: Final = 5
"""How many events that counted, or that just missed, are told of one test."""
MOST_OUTSIDE: Final = 3
"""How many of those that lie outside the window."""
MOST_LATER: Final = 2
"""How many of those that came after the trigger."""

_STATES: Final = {"list": ("subscribe", "unsubscribe"), "tag": ("tag", "untag")}


class Witnesses:
    """Finds the evidence for tests."""

    def __init__(self, zone: Zone, matching: Matching) -> None:
        self._zone, self._matching = zone, matching
        self.occurrences = Occurrences(zone, matching)

    def of(self, test: tree.Test, seen: Seen, events: Sequence[Record], place: int, trigger: Record, asked: bool) -> Evidence | None:
        """What spoke for a test and what nearly did; `events` are all of the contact, of which `place` had happened at the trigger."""
        match test:
            case tree.HistoryTest():
                return self._history(test, seen, events, place, trigger, asked)
            case tree.ListTest(names, before):
                return self._state("list", names, before, seen, events, place, trigger)
            case tree.TagTest(names, before):
                return self._state("tag", names, before, seen, events, place, trigger)
            case tree.FieldTest(name, _, before):
                set_to = [event for event in events[:place] if event.kind == "field" and event.name == name.text]
                set_to = [event for event in set_to if not (before and event is trigger)]
                counted = [Noticed(event, held=f"value {wording.held_text(event.value)}") for event in set_to[-1:]]
                later = [event for event in events[place:] if event.kind == "field" and event.name == name.text]
                missed = self._later(later, trigger, lambda event: f"value {wording.held_text(event.value)}")
                if seen.holds != asked and not set_to:
                    missed += self._other_names(["field"], [name.text], events[:place])
                return Evidence(tuple(counted), len(counted), tuple(missed), len(missed))
        return None

    def steps(self, test: tree.Test, events: Sequence[Record], trigger: Record) -> tuple[Reason, ...]:
        """How far a chain came that a test asks for, if it never came to its end."""
        if not isinstance(test, tree.HistoryTest) or not isinstance(test.pattern, tree.Chain):
            return ()
        network, node = self.occurrences.compiled(test.pattern)
        return Nearly(network, self._zone).steps(test.pattern, node, events, trigger)

    # The history

    def _history(
        self, test: tree.HistoryTest, seen: Seen, events: Sequence[Record], place: int, trigger: Record, asked: bool
    ) -> Evidence | None:
        found = self.occurrences.of(test, events, place, trigger)
        counted = [occurrence.event for occurrence in found if not occurrence.why]
        if not self._adds_up(test.measure, seen, counted):
            return None
        shown = self._held(test.measure)
        told = [Noticed(event, held=shown(event)) for event in counted]
        missed: list[Noticed] = []
        lack = lack_of(test, seen, trigger, asked, self._zone)
        if seen.holds != asked and asked and (lack is None or lack.amount >= 0):
            # More of it might have helped.
            outside = [Noticed(occurrence.event, occurrence.why, shown(occurrence.event)) for occurrence in found if occurrence.why]
            missed = outside[-MOST_OUTSIDE:]
            if isinstance(test.pattern, tree.Pattern):
                after = self._matching.those(test.pattern, events[place:], trigger)
                missed += self._later(after, trigger, shown)
                missed += self._unlike(test.pattern, events[:place], trigger, MOST)
                if not counted and not missed:
                    missed += self._misnamed(test.pattern, events[:place])
        return Evidence(tuple(told[-MOST:]), len(told), tuple(missed[:MOST]), len(missed))

    def _adds_up(self, measure: tree.Measure, seen: Seen, counted: Sequence[Record]) -> bool:
        """Whether what is said to have counted is what the interpreter found."""
        match measure:
            case tree.Count():
                return bool(seen.found == len(counted))
            case tree.Distinct(property):
                get = getter(property.path)
                return bool(seen.found == len({values.text(get(event)) for event in counted} - {None}))
            case tree.Aggregate(function, property, comparison):
                get = getter(property.path)
                for one, part in zip(of_one_reading(comparison), seen.parts or (seen,), strict=True):
                    read = reader(reading_of(function, one) or "number", self._zone)
                    if part.found != taken(function, [read(get(event)) for event in counted]):
                        return False
                return True

    def _held(self, measure: tree.Measure) -> Callable[[Record], str]:
        """What of an event is told beside it."""
        if isinstance(measure, tree.Count) or measure.property.path == "event_name":
            return lambda event: ""
        path = measure.property.path
        return lambda event: f"{printing.property_name(path)} {wording.held_of(event, path)}"

    def _later(self, events: Iterable[Record], trigger: Record, held: Callable[[Record], str]) -> list[Noticed]:
        """Events that came too late, the first of them."""
        told = []
        for event in events:
            late = event.time - trigger.time
            told.append(Noticed(event, f"{wording.length_text(late)} too late" if late else "too late, at the same moment", held(event)))
            if len(told) == MOST_LATER:
                break
        return told

    def _unlike(self, pattern: tree.Pattern, events: Sequence[Record], trigger: Record, most: int) -> list[Noticed]:
        """The last events whose kind and name fit and that a filter keeps out."""
        told = []
        for event, filters in self._matching.kept_out(pattern, events, trigger, most):
            unmet = next((part for part in filters if not part.is_met), None)
            if unmet is not None:
                told.append(Noticed(event, f"{unmet.text}: {unmet.found}" + (f", needs {unmet.wanted}" if unmet.wanted else "")))
        return told

    def _misnamed(self, pattern: tree.Pattern, events: Sequence[Record]) -> list[Noticed]:
        """The last events of the same kind whose names are spelt nearly like those that are asked for."""
        told: list[Noticed] = []
        for single in pattern.singles:
            names = single.occurrence.names
            if isinstance(names, tree.NameIs | tree.NameIn):
                told += self._other_names([single.occurrence.kind.kind], [text.text for text in name_texts(names)], events)
        return told

    def _other_names(self, kinds: Sequence[str], wanted: Sequence[str], events: Sequence[Record]) -> list[Noticed]:
        """The last event of each of some kinds whose name is nearly one that is wanted."""
        names = dict.fromkeys(event.name for event in events if event.kind in kinds and event.name not in wanted)
        told = []
        for name in wanted:
            near = misspelt(name, names)
            if near is not None:
                last = next(event for event in reversed(events) if event.kind in kinds and event.name == near)
                told.append(Noticed(last, f"it is spelt {quoted(near)}, not {quoted(name)}"))
        return told

    # States

    def _state(
        self, noun: str, names: tree.Names, before: bool, seen: Seen, events: Sequence[Record], place: int, trigger: Record
    ) -> Evidence:
        fits, kinds = name_test(name_node(names)), _STATES[noun]
        until = [event for event in events[:place] if event.kind in kinds and not (before and event is trigger)]
        latest = {event.name: event for event in until if fits(event.name)}
        counted = [Noticed(event) for event in latest.values() if event.kind == kinds[0]]
        missed = [Noticed(event, "it came last") for event in latest.values() if event.kind == kinds[1]] if not seen.holds else []
        if not seen.holds:
            later = (event for event in events[place:] if event.kind == kinds[0] and fits(event.name))
            missed += self._later(later, trigger, lambda event: "")
            if not latest and isinstance(names, tree.NameIs | tree.NameIn):
                missed += self._other_names([kinds[0]], [text.text for text in name_texts(names)], until)
        return Evidence(tuple(counted[-MOST:]), len(counted), tuple(missed[:MOST]), len(missed))


def taken(function: str, read: Sequence[Any]) -> Any:
    """What a measure takes of values that were read: an average's sum and count."""
    held = [value for value in read if value is not None]
    match function:
        case "sum":
            return sum(held)
        case "average":
            return (sum(held), len(held)) if held else None
        case "first":
            return held[0] if held else None
        case "last":
            return held[-1] if held else None
        case _:
            return (min(held) if function == "min" else max(held)) if held else None


def lack_of(test: tree.Test, seen: Seen, trigger: Record, asked: bool, zone: Zone) -> Lack | None:
    """How much is missing to a number that is not as it should be, or how much it is too large."""
    if not isinstance(test, tree.HistoryTest) or seen.holds == asked:
        return None
    match test.measure:
        case tree.Count(sign, number):
            return _missing("count", sign if asked else wording.OPPOSITE[sign], seen.found, number, 1)
        case tree.Distinct(_, sign, number):
            return _missing("distinct", sign if asked else wording.OPPOSITE[sign], seen.found, number, 1)
        case tree.Aggregate("sum" | "average" as function, _, comparison):
            compared = _number(comparison, trigger, zone)
            if compared is None:
                return None
            sign, wanted = compared
            if not asked:
                sign = wording.OPPOSITE[sign]
            if function == "sum":
                return _missing("sum", sign, seen.found, wanted, 0)
            total, count = seen.found or (0, 0)
            # With one event more, the sum has to be so many times what is wanted.
            needed = wanted * (count + 1) - total
            # No event can hold a number as large as the limit.
            return None if sign == "!=" or abs(needed) >= numbers.LIMIT - 1 else Lack("average", needed, sign in ("<", ">"), sign)
    return None


def _number(comparison: tree.Comparison, trigger: Record, zone: Zone) -> tuple[tree.Operator, int] | None:
    """The sign and the number of a comparison with one."""
    match comparison:
        case tree.Compare(sign, tree.Number() as literal):
            _, scaled = literal_value(literal, zone)
            assert isinstance(scaled, int)
            return sign, scaled
        case tree.CompareProperty(sign, _, property):
            wanted = values.number(getter(property.path)(trigger))
            return None if wanted is None else (sign, wanted)
    return None


def _missing(measure: Any, sign: tree.Operator, found: int, wanted: int, step: int) -> Lack | None:
    """The difference; where the sign asks for more than that, a count needs one more, and of a sum anything more will do."""
    if sign == "!=":
        return None
    more = {">": step, "<": -step}.get(sign, 0)
    return Lack(measure, wanted - found + more, sign in ("<", ">") and not step, sign)


def lack_text(lack: Lack) -> str:
    """`180 is missing`, `more than 180 is missing`, `2 too many`, `one more with 650 or more would do`."""
    if lack.measure == "average":
        return f"one more with {wording.NUMBERS[lack.sign].format(numbers.number_text(lack.amount))} would do"
    amount, is_more = abs(lack.amount), lack.amount > 0 or (lack.beyond and lack.sign == ">")
    if lack.measure == "sum":
        shown = ("more than " if lack.beyond else "") + numbers.number_text(amount)
        return f"{shown} is missing" if is_more else f"{shown} too much"
    return f"{amount:,} {'is' if amount == 1 else 'are'} missing" if is_more else f"{amount:,} too many"
