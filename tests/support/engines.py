"""The engines that every language case runs on: one name, one function from rules and records to entries and what is pending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tests import oracle
from triggerlang.checking.project import check
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.entry import Entry
from triggerlang.engines.reaching import ReachingInterpreter
from triggerlang.events.record import Record
from triggerlang.language.source import Source
from triggerlang.language.times import Zone
from triggerlang.network.compiler import compile


def rule_set(files: dict[str, str]) -> RuleSet:
    """The rules of some files, which must have no errors."""
    checked = check([Source(path, text) for path, text in files.items()])
    assert checked.rules is not None, [(problem.code, problem.message, problem.span.text) for problem in checked.diagnostics]
    return checked.rules


@dataclass(frozen=True, slots=True)
class Answer:
    """The entries of a log up to its end, how many absences and moments of each rule are pending then, and how many triggers of each
    automation look back to before the log begins."""

    entries: list[Entry]
    pending: dict[str, int]
    before_log: dict[str, int]


class Engine(Protocol):
    def __call__(self, rules: RuleSet, records: Sequence[Record], timezone: str, now: int | None = None) -> Answer: ...


def interpreter(rules: RuleSet, records: Sequence[Record], timezone: str, now: int | None = None) -> Answer:
    return _fed(rules, records, timezone, now, indexed=True)


def interpreter_without_index(rules: RuleSet, records: Sequence[Record], timezone: str, now: int | None = None) -> Answer:
    return _fed(rules, records, timezone, now, indexed=False)


def _fed(rules: RuleSet, records: Sequence[Record], timezone: str, now: int | None, *, indexed: bool) -> Answer:
    engine = ReachingInterpreter(rules, begin=records[0].time if records else 0, timezone=timezone, indexed=indexed)
    entries = [entry for record in records for entry in engine.feed_record(record)]
    entries += engine.finish(now)
    return Answer(entries, engine.pending(), engine.before_log())


def by_oracle(rules: RuleSet, records: Sequence[Record], timezone: str, now: int | None = None) -> Answer:
    reading = oracle.Oracle(rules, timezone)
    entries = reading.entries(records, now)
    return Answer(entries, reading.pending, reading.before_log)


def columnar(
    rules: RuleSet, records: Sequence[Record], timezone: str, now: int | None = None, scan_at_most: int = 24, threads: int = 2
) -> Answer:
    """The columnar engine; `scan_at_most` is up to how many events a measure looks through rather than asks an index."""
    from triggerlang.engines.columnar.engine import run_columns
    from triggerlang.engines.columnar.flattening import paths_of
    from triggerlang.events.recorded import columns_of

    network = compile(rules)
    columns = columns_of(records, paths_of(network))
    found = run_columns(network, columns, Zone(timezone), threads, now=now, scan_at_most=scan_at_most)
    return Answer(list(found.entries), found.pending, found.before_log)


def columnar_by_index(rules: RuleSet, records: Sequence[Record], timezone: str, now: int | None = None) -> Answer:
    """The same where every measure asks an index, if it can."""
    return columnar(rules, records, timezone, now, scan_at_most=0, threads=1)


ENGINES: dict[str, Engine] = {
    "interpreter": interpreter,
    "interpreter-without-index": interpreter_without_index,
    "columnar": columnar,
    "columnar-by-index": columnar_by_index,
    "oracle": by_oracle,
}
