"""The loop that an engineer writes in an afternoon: carts that wait for their order, by what would end the wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from bench.chains import Absence

MINUTE = 60_000_000
SCHEMA = pa.schema([("row", pa.int64()), ("rule", pa.int32()), ("time", pa.int64())])

Event: TypeAlias = tuple[int, str, int, str, str | None]
Entry: TypeAlias = tuple[int, int, int]


def answer(log: Path, project: list[Absence], out: Path) -> None:
    entries = sorted(run(project, read(log)))
    columns = {"row": [row for _, row, _ in entries], "rule": [rule for _, _, rule in entries], "time": [time for time, _, _ in entries]}
    pq.write_table(pa.table(columns, schema=SCHEMA), out)


def read(log: Path) -> Iterator[Event]:
    """The events of a file, part by part: row, contact, time in microseconds, name and cart."""
    row = 0
    with pq.ParquetFile(log) as file:
        for batch in file.iter_batches(batch_size=65_536, columns=["contact", "time", "name", "cart_id"]):
            columns = [batch["contact"], batch["time"].cast(pa.int64()), batch["name"], batch["cart_id"]]
            for contact, time, name, cart in zip(*(column.to_pylist() for column in columns), strict=True):
                row += 1
                yield row, contact, time, name, cart


def run(project: list[Absence], log: Iterator[Event]) -> Iterator[Entry]:
    """The entries as time, row and rule number, as they are known; an order ends the wait of all rules that name it."""
    rules: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for number, rule in enumerate(project):
        rules[rule.name, rule.without].append((number, rule.minutes * MINUTE))
    starting, ending = defaultdict(list), defaultdict(list)
    for pair in rules:
        starting[pair[0]].append(pair)
        ending[pair[1]].append(pair)

    waiting: dict[tuple[str, str, str, str | None], list[tuple[int, int]]] = defaultdict(list)
    now = 0
    for row, contact, now, name, cart in log:
        for pair in ending.get(name, ()):
            if cart is not None and (waited := waiting.pop((*pair, contact, cart), None)):
                yield from over(waited, rules[pair], now - 1)
        for pair in starting.get(name, ()):
            waiting[*pair, contact, cart].append((row, now))
    for (start, end, _, _), waited in waiting.items():
        yield from over(waited, rules[start, end], now)


def over(waited: list[tuple[int, int]], rules: list[tuple[int, int]], until: int) -> Iterator[Entry]:
    """The waits that are over by a time."""
    for row, time in waited:
        for number, width in rules:
            if time + width <= until:
                yield time + width, row, number
