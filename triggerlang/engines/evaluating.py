"""Evaluating: rules over a whole log, by any engine.

In: a rule set and a log. Out: the entries in the order of their triggers in the log, and for one trigger in the order of the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.entry import Entry
from triggerlang.engines.interpreter import Interpreter
from triggerlang.events.log import of_records, read
from triggerlang.events.record import Record
from triggerlang.language.times import Zone

if TYPE_CHECKING:
    from triggerlang.events.event import Event

Engine: TypeAlias = Literal["auto", "interpreter"]
ENGINES: tuple[Engine, ...] = ("auto", "interpreter")


def evaluate(
    rules: RuleSet, log: str | Path | Iterable[str | Path] | Iterable[Event], *, engine: Engine = "auto", timezone: str = "UTC"
) -> Iterator[Entry]:
    """The entries that rules cause on a log, one by one.

    `log` is a path (a file, a folder or a glob), several of them, or events in any order, whose rows are counted from 1. `timezone` is
    the project's, an IANA name. The whole log is read before the first entry comes; LogError, with file and line, is raised
    before it, and so
    is ValueError for an engine or a time zone that is not there.
    """
    if engine not in ENGINES:
        raise ValueError(f"no engine is called {engine!r}: take one of {', '.join(ENGINES)}")
    return _entries(rules, log, timezone)


def _entries(rules: RuleSet, log: str | Path | Iterable[str | Path] | Iterable[Event], timezone: str) -> Iterator[Entry]:
    if isinstance(log, str | Path):
        records = read([log], timezone=timezone).records
    else:
        given = list(log)
        if all(isinstance(part, str | Path) for part in given):
            records = read([part for part in given if isinstance(part, str | Path)], timezone=timezone).records
        else:
            zone = Zone(timezone)
            records = of_records(_record(part, zone, row) for row, part in enumerate(given, 1)).records
    yield from interpret(rules, records, timezone)


def _record(given: object, zone: Zone, row: int) -> Record:
    from triggerlang.events.event import Event

    if not isinstance(given, Event):
        raise TypeError(f"a log is made of paths or of events, not of {type(given).__name__}")
    return given.record(zone, row)


def interpret(rules: RuleSet, records: Sequence[Record], timezone: str, progress: Callable[[int], None] | None = None) -> Iterator[Entry]:
    """The interpreter's entries over the records of a log, in order and free of duplicates.

    `progress` is called with how many records were taken in since the last call.
    """
    engine = Interpreter(rules, timezone=timezone)
    feed = engine.feed_record
    if progress is None:
        for record in records:
            yield from feed(record)
        return
    step = max(len(records) // 200, 1)
    for start in range(0, len(records), step):
        block = records[start : start + step]
        for record in block:
            yield from feed(record)
        progress(len(block))
