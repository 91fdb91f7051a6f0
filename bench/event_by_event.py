"""Event by event: rule engines on top of the hand-written loop's counters, the loop itself, and the interpreter.

`python -m bench.event_by_event ENGINE LOG RULES SECONDS OUT` lets one of them take events until the time is over or the log is at its end,
writes its entries, and says as JSON how many events it took in how many seconds, and how long it got ready. The log is in memory before.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from bench import answers, handwritten, judges, logs, worlds
from bench.folder import World
from bench.measuring import DifferenceError, process
from bench.worlds import Rule
from triggerlang.events.record import Record

Engine: TypeAlias = Callable[[Iterable[Record]], Iterator[tuple[int, int]]]
LOOP, OURS = "loop", "interpreter"


def names() -> list[str]:
    """The engines that are installed, the loop first: it is what the others are compared with."""
    return [LOOP, OURS, *(name for name, (module, _) in judges.ENGINES.items() if find_spec(module))]


def ready(name: str, project: list[Rule]) -> Engine:
    """An engine that knows the rules."""
    if name == LOOP:
        return lambda log: handwritten.run(project, log)
    if name == OURS:
        return _interpreter(project)
    _, make = judges.ENGINES[name]
    made = [make(rule) for rule in project]
    return lambda log: handwritten.run(project, log, made)


def _interpreter(project: list[Rule]) -> Engine:
    from triggerlang.checking.project import check
    from triggerlang.engines.interpreter import Interpreter
    from triggerlang.language.source import Source

    rules = check([Source("bench.triggers", worlds.text(project))]).rules
    assert rules is not None
    engine = Interpreter(rules)
    numbers = {rule.name: number for number, rule in enumerate(rules.rules)}
    return lambda log: ((record.row, numbers[entry.rule]) for record in log for entry in engine.feed_record(record))


@dataclass(slots=True)
class Until:
    """A log that ends when its time is over."""

    log: list[Record]
    seconds: float
    taken: int = 0

    def __iter__(self) -> Iterator[Record]:
        end = time.perf_counter() + self.seconds
        for record in self.log:
            if time.perf_counter() > end:
                return
            self.taken += 1
            yield record


@dataclass(slots=True)
class Rate:
    """How many events an engine took a second, of so many; `trouble` says why there is none."""

    rules: int
    engine: str
    events: int = 0
    per_second: float = 0.0
    ready_seconds: float = 0.0
    trouble: str = ""


def measure(world: World, engines: list[str], *, runs: int, seconds: float, note: Callable[[str], None] = lambda text: None) -> list[Rate]:
    """Run each engine so many times, turn by turn, and keep the best; DifferenceError where one enters differently from the first."""
    rates = {name: Rate(world.rules, name) for name in engines}
    first: tuple[str, answers.Answer, int] | None = None
    for _ in range(runs):
        for name in engines:
            with tempfile.TemporaryDirectory(dir=world.log.parent) as made:
                out = Path(made) / "entries.parquet"
                command = [
                    sys.executable,
                    "-m",
                    "bench.event_by_event",
                    name,
                    str(world.log),
                    str(world.rules_as_data),
                    str(seconds),
                    str(out),
                ]
                ran = process(command, timeout=60 + 20 * seconds)
                if ran["code"]:
                    rates[name].trouble = ran["said"].strip().splitlines()[-1] if ran["said"].strip() else "it took too long to get ready"
                    continue
                took = json.loads(ran["said"].splitlines()[-1])
                answer = answers.read(out)
            rate = took["events"] / took["seconds"]
            note(f"{world.rules:,} rules, {name}: {rate:,.0f} events a second, of {took['events']:,}")
            if rate > rates[name].per_second:
                rates[name] = Rate(world.rules, name, took["events"], rate, took["ready"])
            first = first or (name, answer, took["events"])
            shorter = min(first[2], took["events"])
            if differs := answers.difference(first[1].up_to(shorter), answer.up_to(shorter)):
                raise DifferenceError(f"{first[0]} and {name} differ at {world.rules:,} rules: {differs}")
    return list(rates.values())


def main(name: str, log_file: str, rules_file: str, seconds: str, out: str) -> None:
    project = worlds.load(Path(rules_file))
    log = Until(list(logs.read(Path(log_file))), float(seconds))
    start = time.perf_counter()
    engine = ready(name, project)
    begun = time.perf_counter()
    entries = list(engine(log))
    took = time.perf_counter() - begun
    columns = {"row": [row for row, _ in entries], "rule": [rule for _, rule in entries]}
    pq.write_table(pa.table(columns, schema=pa.schema([("row", pa.int64()), ("rule", pa.int32())])), out)
    print(json.dumps({"events": log.taken, "seconds": took, "ready": begun - start}))


if __name__ == "__main__":
    main(*sys.argv[1:])
