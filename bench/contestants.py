"""Who is measured: each contestant answers with one command, from Parquet to Parquet, in a process of its own.

In: a world and where the entries go. Out: a command line.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.folder import World

Command = Callable[[World, Path], list[str]]
OURS = "triggerlang"


@dataclass(frozen=True, slots=True)
class Contestant:
    """`answers`: it writes the entries, and they are compared. Above `most_rules` and `most_events` it runs if `--peers` names it."""

    title: str
    command: Command
    answers: bool = True
    most_rules: int | None = None
    most_events: int | None = None

    def suits(self, events: int, rules: int) -> bool:
        """Whether it is of use at such sizes, of itself."""
        return (self.most_rules is None or rules <= self.most_rules) and (self.most_events is None or events <= self.most_events)


def _ours(engine: str, *options: str) -> Command:
    def command(world: World, out: Path) -> list[str]:
        rules = str(world.rule_files)
        run = [sys.executable, "-m", "triggerlang", "run", str(world.log), "--rules", rules, "--engine", engine, "-o", str(out), "--quiet"]
        return [*run, *options]

    return command


def _peer(module: str) -> Command:
    return lambda world, out: [sys.executable, "-m", "bench.peers", module, str(world.log), str(world.rules_as_data), str(out)]


def contestants(engine: str) -> dict[str, Contestant]:
    """All of them, by the name that `--peers` takes; ours runs on an engine."""
    return {
        OURS: Contestant("triggerlang", _ours(engine)),
        "triggerlang-4gb": Contestant("triggerlang, `--memory 4GB`", _ours(engine, "--memory", "4GB"), most_events=0),
        "interpreter": Contestant("triggerlang, event by event", _ours("interpreter"), most_events=100_000),
        "arrow-read": Contestant("Arrow, reading the log", _peer("arrow_read"), answers=False),
        "duckdb-read": Contestant("DuckDB, reading the log", _peer("duckdb_read"), answers=False),
        "duckdb-sort": Contestant("DuckDB, sorting the log", _peer("duckdb_sort"), answers=False),
        "sql-as-data": Contestant("DuckDB, rules as data", _peer("sql_as_data")),
        "sql-per-rule": Contestant("DuckDB, one query a rule", _peer("sql_per_rule"), most_rules=100),
        "polars-per-rule": Contestant("Polars, expressions a rule", _peer("polars_per_rule"), most_rules=10),
        "loop": Contestant("a loop in Python", _peer("loop"), most_events=100_000),
    }
