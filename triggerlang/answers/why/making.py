"""Making: values and events that are as a rule asks.

In: comparisons and patterns as they are written. Out: a value that meets them, an event that a pattern matches. What is made is held
against the pattern, so that nothing comes out that does not fit; where a pattern asks for something odd, nothing does.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from triggerlang.answers.blocks.running import value_of
from triggerlang.answers.reasons import wording
from triggerlang.answers.reasons.matching import Matching
from triggerlang.engines.comparing import moment_of
from triggerlang.engines.filters import getter
from triggerlang.events.record import NO_PROPERTIES, Record
from triggerlang.language import globs, numbers, printing, times, tree, values
from triggerlang.language.times import Zone
from triggerlang.language.values import Value

SECOND: Final = times.UNITS["seconds"]


def number_value(scaled: int) -> Value:
    """A scaled number as a log holds it."""
    whole, rest = divmod(scaled, numbers.SCALE)
    return Decimal(scaled).scaleb(-numbers.DECIMALS) if rest else whole


class Maker:
    """Makes values and events. Each event that is made has a row of its own, a negative one."""

    def __init__(self, zone: Zone) -> None:
        self.zone, self.matching = zone, Matching(zone)
        self._row = 0

    # Values

    def value(self, comparison: tree.Comparison, event: Record, trigger: Record, asked: bool) -> Value:
        """A value that meets a comparison, or that does not, in an event beside a trigger; None where an absent one is the best guess."""
        match comparison:
            case tree.Compare(sign, literal):
                return self._compared(sign if asked else wording.OPPOSITE[sign], literal)
            case tree.CompareProperty(sign, side, property):
                other = getter(property.path)(trigger if side == "trigger" else event)
                sign = sign if asked else wording.OPPOSITE[sign]
                number = values.number(other)
                if sign == "!=" or other is None:
                    return None
                if sign == "=" or number is None:
                    return other
                return number_value(number + {">": 1, "<": -1}.get(sign, 0) * numbers.SCALE)
            case tree.OneOf(literals):
                return value_of(literals[0]) if asked else None
            case tree.TextMatch(_, text):
                return text.text if asked else None
            case tree.Blank(negated):
                return "x" if negated == asked else None

    def _compared(self, sign: tree.Operator, literal: tree.Literal) -> Value:
        step = {">": 1, "<": -1}.get(sign, 0)
        match literal:
            case tree.Number(scaled):
                return None if sign == "!=" else number_value(scaled + step * numbers.SCALE)
            case tree.Text(text):
                return {"!=": None, ">": text + "a", "<": ""}.get(sign, text)
            case tree.Boolean(value):
                return value if sign == "=" else not value
            case tree.Date(day):
                return times.format_day(day + step) if sign != "!=" and _in_calendar((day + step) * times.DAY) else None
            case tree.DateTime():
                moment = moment_of(literal, self.zone) + step * SECOND
                return printing.date_time(moment) + "Z" if sign != "!=" and _in_calendar(moment) else None

    # Events

    def events(
        self, pattern: tree.Pattern, time: int, contact: str, trigger: Record | None, same: Record | None = None
    ) -> Iterator[Record]:
        """Events of a time that a pattern matches, one for each of its singles that an event can be made for. `same` is what `same P` looks
        at, the trigger if it is None."""
        for single in pattern.singles:
            names = single.occurrence.names
            made = self._new(single.occurrence.kind.kind, name_of(names), time, contact)
            fitted = self.fitted(single, made, trigger, same)
            if fitted is not None:
                yield fitted

    def fitted(self, single: tree.Single, event: Record, trigger: Record | None, same: Record | None = None) -> Record | None:
        """An event with as much of its properties altered as a single asks for; None where that does not help."""
        for test in single.filters:
            event = self._fitted(test, event, trigger, same)
        # `same P` was met above where it looks at something else than the trigger.
        beside = tree.Single(
            single.occurrence, tuple(test for test in single.filters if same is None or not isinstance(test, tree.Same)), span=single.span
        )
        if same is not None and not all(_is_same(test, event, same) for test in single.filters if isinstance(test, tree.Same)):
            return None
        return event if self.matching.those(tree.Pattern((beside,), span=single.span), [event], trigger) else None

    def _fitted(self, test: tree.Filter, event: Record, trigger: Record | None, same: Record | None, asked: bool = True) -> Record:
        match test:
            case tree.Same(property):
                other = same or trigger
                return event if other is None else with_property(event, property.path, getter(property.path)(other))
            case tree.Not(part):
                return self._fitted(part, event, trigger, same, not asked)
            case tree.And(parts) | tree.Or(parts):
                needs_all = isinstance(test, tree.And) == asked
                if not needs_all and any(self.matching.meets(part, event, trigger) == asked for part in parts):
                    return event
                for part in parts if needs_all else parts[:1]:
                    event = self._fitted(part, event, trigger, same, asked)
                return event
            case tree.PropertyTest(property, comparison):
                if self.matching.meets(test, event, trigger) == asked:
                    return event
                return with_property(event, property.path, self.value(comparison, event, trigger or event, asked))
        raise AssertionError("a filter holds comparisons only")

    def new(self, kind: str, name: str, time: int, contact: str, value: Value = None) -> Record:
        """An event that was not there."""
        return self._new(kind, name, time, contact)._replace(value=value)

    def again(self, event: Record, time: int) -> Record:
        """An event like another one, at a time."""
        self._row -= 1
        return event._replace(time=time, id=None, row=self._row)

    def _new(self, kind: str, name: str, time: int, contact: str) -> Record:
        self._row -= 1
        return Record(time, contact, kind, name, None, NO_PROPERTIES, None, self._row)


def _in_calendar(moment: int) -> bool:
    return times.FIRST_MOMENT <= moment < times.END_OF_TIME


def with_property(event: Record, path: str, value: Value) -> Record:
    """An event with another value of a property; without it, if the value is None."""
    if path == "value":
        return event._replace(value=value)
    if path == "event_name":
        return event if type(value) is not str or not value else event._replace(name=value)
    kept = {key: held for key, held in event.properties.items() if key != path}
    return event._replace(properties=kept if value is None else {**kept, path: value})


def _is_same(test: tree.Same, event: Record, other: Record) -> bool:
    get = getter(test.property.path)
    return values.text(get(event)) is not None and values.text(get(event)) == values.text(get(other))


def name_of(names: tree.Names | None) -> str:
    """A name that fits."""
    match names:
        case None:
            return "x"
        case tree.NameIs(name):
            return name.text
        case tree.NameIn(several):
            return several[0].text
        case tree.NameLike(glob):
            return fitting(glob.text)


def fitting(glob: str) -> str:
    """A name that a glob fits."""
    made = glob.replace("*", "").replace("?", "x")
    return made if made and globs.matcher(glob)(made) else "x"
