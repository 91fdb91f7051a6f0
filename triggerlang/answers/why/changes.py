"""Changes: what would have had to be otherwise in a log.

In: a contact's events, and changes of them. Out: the events as they would have been. A change is of one event: one that is added, one that
is left out, one that is altered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from triggerlang.answers.reasons import wording
from triggerlang.answers.reasons.matching import happened
from triggerlang.events.record import Record
from triggerlang.language import printing
from triggerlang.language.diagnostics import quoted
from triggerlang.language.times import Zone
from triggerlang.language.values import Value


@dataclass(frozen=True, slots=True, eq=False)
class Add:
    """One event more. Of the events of its time it stands right before that of the row `before`, or after all of them if that is None. Its
    own row is negative."""

    record: Record
    before: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Remove:
    """One event less."""

    record: Record


@dataclass(frozen=True, slots=True, eq=False)
class Alter:
    """An event as it should have been: `record` in the place of the one of the same row."""

    was: Record
    record: Record


Change: TypeAlias = Add | Remove | Alter


def applied(records: Sequence[Record], changes: Iterable[Change]) -> list[Record]:
    """A contact's events with some changes, in order."""
    made = list(records)
    for change in changes:
        match change:
            case Add(record, before):
                made.insert(_place(made, record, before), record)
            case Remove(record):
                made = [other for other in made if other.row != record.row]
            case Alter(was, record):
                if was.time == record.time:
                    made = [record if other.row == was.row else other for other in made]
                else:
                    made = [other for other in made if other.row != was.row]
                    made.insert(_place(made, record, None), record)
    return made


def _place(records: Sequence[Record], record: Record, before: int | None) -> int:
    """Where an event belongs among others."""
    for place, other in enumerate(records):
        if other.time > record.time or (other.time == record.time and other.row == before):
            return place
    return len(records)


def joined(changes: Sequence[Change], more: Iterable[Change]) -> tuple[Change, ...]:
    """Some changes and further ones; an event that was added or altered already is changed no second time, but once and for all."""
    made = list(changes)
    for change in more:
        if isinstance(change, Add):
            made.append(change)
            continue
        row = change.was.row if isinstance(change, Alter) else change.record.row
        at = next((at for at, other in enumerate(made) if not isinstance(other, Remove) and other.record.row == row), None)
        if at is None:
            made.append(change)
            continue
        earlier = made.pop(at)
        if isinstance(change, Alter):
            moved = change.record.time != earlier.record.time
            again: Change = (
                Add(change.record, None if moved else earlier.before)
                if isinstance(earlier, Add)
                else Alter(earlier.was, change.record)
                if isinstance(earlier, Alter)
                else change
            )
            made.insert(at, again)
        elif isinstance(earlier, Alter):
            made.insert(at, Remove(earlier.was))
    return tuple(made)


def outline(changes: Iterable[Change]) -> tuple[str, ...]:
    """What some changes are, whenever the events come that are added or moved: two sets of one outline are told once."""
    told: list[str] = []
    for change in changes:
        record = change.record
        when = "moved" if isinstance(change, Alter) and change.was.time != record.time else ""
        told.append(f"{type(change).__name__} {record.row if record.row > 0 else ''} {happened(record)}{_held(record)} {when}")
    return tuple(sorted(told))


def words(changes: Sequence[Change], zone: Zone) -> list[str]:
    """What some changes are, events of one time that are alike once."""
    told: dict[tuple[str, str], int] = {}
    for change in changes:
        text = _words(change, zone)
        told[text] = told.get(text, 0) + 1
    return [text + (f" {times:,} times" if times > 1 else "") + rest for (text, rest), times in told.items()]


def _words(change: Change, zone: Zone) -> tuple[str, str]:
    """What a change is, and when."""
    match change:
        case Add(record):
            return f"there had been {happened(record)}{_held(record)}", f", such as at {wording.moment_text(record.time, zone)}"
        case Remove(record):
            return f"there had not been {happened(record)} of {wording.moment_text(record.time, zone)}", ""
        case Alter(was, record):
            return f"{happened(was)} of {wording.moment_text(was.time, zone)} had {' and '.join(_altered(was, record, zone))}", ""


def _altered(was: Record, record: Record, zone: Zone) -> list[str]:
    told = []
    if was.time != record.time:
        told.append(f"come at {wording.moment_text(record.time, zone)}")
    if was.name != record.name:
        told.append(f"been called {quoted(record.name)}")
    before, after = _held_by(was), _held_by(record)
    for path, value in after.items():
        if path not in before or before[path] is not value:
            instead = f" instead of {wording.held_text(before[path])}" if path in before else ""
            told.append(f"had {printing.property_name(path)} {wording.held_text(value)}{instead}")
    told += [f"had no {printing.property_name(path)}" for path in before if path not in after]
    return told or ["stayed as it is"]


def _held_by(record: Record) -> dict[str, Value]:
    """The value and the properties of an event."""
    held = {} if record.value is None else {"value": record.value}
    return {**held, **{path: value for path, value in record.properties.items() if path not in ("value", "event_name")}}


def _held(record: Record) -> str:
    """What an event holds, as it is written in a test block."""
    held = _held_by(record)
    if not held:
        return ""
    return " with " + ", ".join(f"{printing.property_name(path)} = {wording.held_text(value)}" for path, value in held.items())
