"""Given lines: events as a test block can write them.

In: records of a log. Out: the records that a test block has in their place, of the same meaning to rules, and the block itself. What no
literal can write, lists and what is nested in them, is left out; whether that changes anything is for the caller to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from triggerlang.answers.blocks.running import value_of
from triggerlang.events.record import Record
from triggerlang.language import times, tree, values
from triggerlang.language.source import Source
from triggerlang.language.times import Zone
from triggerlang.language.values import Value
from triggerlang.language.vocabulary import BY_KIND

VALUE: Final = "value"
_UNSEEN: Final = ("value", "event_name")
"""Keys that may stand among the properties of a log, and that no rule can see there."""
_NOWHERE: Final = Source("", "").span(0, 0)


def writable(record: Record) -> Record | None:
    """The record that a given line stands for; None for a kind that the language has no words for. Objects are their parts, each by its
    path."""
    if record.kind not in BY_KIND:
        return None
    held = {path: value_of(found) for path, value in _flat(record.properties) if (found := literal(value)) is not None}
    value = literal(record.value)
    return record._replace(value=None if value is None else value_of(value), properties=held, id=None)


def _flat(properties: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """Each value that a path leads to, with the path; where two lead to one, the one that rules see."""
    seen: set[str] = set(_UNSEEN)
    for key, value in properties.items():
        if key and key not in seen and not isinstance(value, Mapping):
            seen.add(key)
            yield key, value
    waiting = [(key, value) for key, value in reversed([*properties.items()]) if isinstance(value, Mapping) and key and "." not in key]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [(f"{path}.{key}", below) for key, below in reversed([*value.items()]) if key and "." not in key]
        elif path not in seen and path not in properties:
            seen.add(path)
            yield path, value


def literal(value: Value) -> tree.Literal | None:
    """A value as a literal that reads the same, whatever reads it; None for one that is absent, and for a list."""
    if isinstance(value, str):
        return tree.Text(value, span=_NOWHERE)
    if isinstance(value, bool):
        return tree.Boolean(value, span=_NOWHERE)
    text = values.text(value)
    if text is None:
        return None
    scaled = values.number(value)
    if scaled is not None:
        number = tree.Number(scaled, text, span=_NOWHERE)
        if values.text(value_of(number)) == text:
            return number
    return tree.Text(text, span=_NOWHERE)  # A number of too many digits for a literal: rules read its text alike.


def moment(time: int, zone: Zone) -> tree.Moment:
    """A moment as the zone's clocks show it, to the microsecond; in UTC where they show it twice, or near the ends of the calendar."""
    clock = zone.clock_of(time)
    is_near_end = not times.FIRST_MOMENT + 2 * times.DAY <= clock < times.END_OF_TIME - 2 * times.DAY
    if is_near_end or zone.moment_of(clock) != time:
        return tree.DateTime(time, 0, span=_NOWHERE)
    if clock % times.DAY == 0:
        return tree.Date(clock // times.DAY, span=_NOWHERE)
    return tree.DateTime(clock, None, span=_NOWHERE)


def block(name: str, records: Sequence[Record], automation: str, entries: Sequence[int], zone: Zone) -> tree.TestBlock:
    """The test block of writable records of one contact, in their order, that expects entries of an automation at these moments."""
    contact = _text(records[0].contact)
    expected = tuple(tree.ExpectedEntry(moment(time, zone), contact, span=_NOWHERE) for time in entries)
    return tree.TestBlock(
        _text(name),
        tuple(_given(record, zone) for record in records),
        (tree.Expected(_text(automation), expected, span=_NOWHERE),),
        span=_NOWHERE,
    )


def _text(text: str) -> tree.Text:
    return tree.Text(text, span=_NOWHERE)


def _given(record: Record, zone: Zone) -> tree.Given:
    held = {VALUE: record.value} if record.value is not None else {}
    properties = tuple(
        tree.GivenProperty(tree.Property(path, span=_NOWHERE), found, span=_NOWHERE)
        for path, value in {**held, **record.properties}.items()
        if (found := literal(value)) is not None
    )
    return tree.Given(moment(record.time, zone), _text(record.contact), BY_KIND[record.kind], _text(record.name), properties, span=_NOWHERE)
