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
    """`answers`: it writes the entries, which are compared with those of others that have the same `question`. Above `most_rules` and
    `most_events` it runs if `--peers` names it."""

    title: str
    command: Command
    answers: bool = True
    most_rules: int | None = None
    most_events: int | None = None
    question: str = ""

    def suits(self, events: int, rules: int) -> bool:
        """Whether it is of use at such sizes, of itself."""
        return (self.most_rules is None or rules <= self.most_rules) and (self.most_events is None or events <= self.most_events)


def ours(engine: str, *options: str) -> Command:
    """The installed command, on an engine."""

    def command(world: World, out: Path) -> list[str]:
        rules = str(world.rule_files)
        run = [sys.executable, "-m", "triggerlang", "run", str(world.log), "--rules", rules, "--engine", engine, "-o", str(out), "--quiet"]
        return [*run, *options]

    return command


def peer(module: str, package: str = "bench.peers") -> Command:
    """A module of a package of peers, in a process of its own."""
    return lambda world, out: [sys.executable, "-m", package, module, str(world.log), str(world.rules_as_data), str(out)]


def contestants(engine: str) -> dict[str, Contestant]:
    """All of them, by the name that `--peers` takes; ours runs on an engine."""
    return {
        OURS: Contestant("triggerlang", ours(engine)),
        "triggerlang-4gb": Contestant("triggerlang, `--memory 4GB`", ours(engine, "--memory", "4GB"), most_events=0),
        "interpreter": Contestant("triggerlang, event by event", ours("interpreter"), most_events=100_000),
        "arrow-read": Contestant("Arrow, reading the log", peer("arrow_read"), answers=False),
        "duckdb-read": Contestant("DuckDB, reading the log", peer("duckdb_read"), answers=False),
        "duckdb-sort": Contestant("DuckDB, sorting the log", peer("duckdb_sort"), answers=False),
        "sql-as-data": Contestant("DuckDB, rules as data", peer("sql_as_data")),
        "sql-per-rule": Contestant("DuckDB, one query a rule", peer("sql_per_rule"), most_rules=100),
        "polars-per-rule": Contestant("Polars, expressions a rule", peer("polars_per_rule"), most_rules=10),
        "loop": Contestant("a loop in Python", peer("loop"), most_events=100_000),
    }
