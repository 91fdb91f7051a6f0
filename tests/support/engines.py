"""The engines that every language case runs on: one name, one function from rules and records to entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests import oracle
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.entry import Entry
from triggerlang.engines.interpreter import Interpreter
from triggerlang.events.record import Record

Engine = Callable[[RuleSet, Sequence[Record], str], list[Entry]]


def interpreter(rules: RuleSet, records: Sequence[Record], timezone: str) -> list[Entry]:
    engine = Interpreter(rules, timezone=timezone)
    return [entry for record in records for entry in engine.feed_record(record)]


def interpreter_without_index(rules: RuleSet, records: Sequence[Record], timezone: str) -> list[Entry]:
    engine = Interpreter(rules, timezone=timezone, indexed=False)
    return [entry for record in records for entry in engine.feed_record(record)]


ENGINES: dict[str, Engine] = {
    "interpreter": interpreter,
    "interpreter-without-index": interpreter_without_index,
    "oracle": oracle.entries,
}
