"""The engines that every language case runs on: one name, one function from rules and records to entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests import oracle
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.entry import Entry
from triggerlang.engines.interpreter import Interpreter
from triggerlang.events.record import Record
from triggerlang.language.times import Zone
from triggerlang.network.compiler import compile

Engine = Callable[[RuleSet, Sequence[Record], str], list[Entry]]


def interpreter(rules: RuleSet, records: Sequence[Record], timezone: str) -> list[Entry]:
    engine = Interpreter(rules, timezone=timezone)
    return [entry for record in records for entry in engine.feed_record(record)]


def interpreter_without_index(rules: RuleSet, records: Sequence[Record], timezone: str) -> list[Entry]:
    engine = Interpreter(rules, timezone=timezone, indexed=False)
    return [entry for record in records for entry in engine.feed_record(record)]


def columnar(rules: RuleSet, records: Sequence[Record], timezone: str, scan_at_most: int = 24, threads: int = 2) -> list[Entry]:
    """The columnar engine; `scan_at_most` is up to how many events a measure looks through rather than asks an index."""
    from triggerlang.engines.columnar.engine import run_columns
    from triggerlang.engines.columnar.flattening import paths_of
    from triggerlang.events.recorded import columns_of

    network = compile(rules)
    columns = columns_of(records, paths_of(network))
    return list(run_columns(network, columns, Zone(timezone), threads, scan_at_most))


def columnar_by_index(rules: RuleSet, records: Sequence[Record], timezone: str) -> list[Entry]:
    """The same where every measure asks an index, if it can."""
    return columnar(rules, records, timezone, scan_at_most=0, threads=1)


ENGINES: dict[str, Engine] = {
    "interpreter": interpreter,
    "interpreter-without-index": interpreter_without_index,
    "columnar": columnar,
    "columnar-by-index": columnar_by_index,
    "oracle": oracle.entries,
}
