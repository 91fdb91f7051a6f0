"""Logs to measure on: of a chosen size, the same at every run, made in blocks so that memory stays small.

In: a number of events. Out: a Parquet file with the columns contact, time, kind, name, amount and plan, or `Record`s.

Events lie in the order of their times over one year. A contact has fifty of them on average: some do much, most do little. Event
names are Zipf-distributed; one event in ten is a subscription or an unsubscription, without amount and plan. One in ten comes together
with the one before it, from the same contact at the same time, as the events of one page do: "before" is then a matter of rows,
not of times. Amounts are quarters, so that a peer that sums floats sums them exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.worlds import DAY, LISTS, NAMES, PLANS, zipf
from triggerlang.events.record import Record

START = 1_735_689_600_000_000
"""2025-01-01 00:00 UTC."""
SECOND = 1_000_000
YEAR = 365 * DAY
BLOCK = 1_000_000
EVENTS_PER_CONTACT = 50
KINDS = ("event", "subscribe", "unsubscribe")

SCHEMA = pa.schema(
    [
        ("contact", pa.string()),
        ("time", pa.timestamp("us", tz="UTC")),
        ("kind", pa.string()),
        ("name", pa.string()),
        ("amount", pa.float64()),
        ("plan", pa.string()),
    ]
)


def write(path: Path, events: int, *, seed: int = 2) -> None:
    """Write a log of so many events, a block a row group. The file appears whole or not at all."""
    partial = path.with_suffix(".partial")
    with pq.ParquetWriter(partial, SCHEMA, store_schema=False) as writer:
        for block in blocks(events, seed=seed):
            writer.write_table(block, row_group_size=BLOCK)
    partial.rename(path)


def blocks(events: int, *, seed: int = 2) -> Iterator[pa.Table]:
    """The log in blocks, each drawn from a seed of its own."""
    for first in range(0, events, BLOCK):
        yield _block(np.random.default_rng((seed, first // BLOCK)), first, min(BLOCK, events - first), events)


def _block(chance: np.random.Generator, first: int, rows: int, events: int) -> pa.Table:
    people = max(events // EVENTS_PER_CONTACT, 1)
    alone = chance.random(rows) >= 0.1
    alone[0] = True
    # The row that brought each event along: its own, or that of the last event before it which came alone.
    heads = np.maximum.accumulate(np.where(alone, np.arange(rows), 0))
    contacts = (people * chance.random(rows) ** 2).astype(np.int64)[heads]
    times = START + (first + heads) * (YEAR / events)
    kinds = np.searchsorted([0.9, 0.97], chance.random(rows), side="right")
    is_event = kinds == 0
    event_names = np.minimum(np.searchsorted(np.cumsum(zipf(NAMES)), chance.random(rows)), NAMES - 1)
    list_names = chance.integers(0, LISTS, rows)
    amounts = chance.integers(4, 800, rows) / 4
    plans = chance.integers(0, len(PLANS), rows)
    names = [f"e{rank}" for rank in range(NAMES)] + [f"l{rank}" for rank in range(LISTS)]
    columns = [
        pc.binary_join_element_wise("c", pc.cast(pa.array(contacts), pa.string()), ""),
        pa.array(times.astype(np.int64) // SECOND * SECOND).cast(SCHEMA.field("time").type),
        _texts(KINDS, kinds),
        _texts(names, np.where(is_event, event_names, NAMES + list_names)),
        pa.array(amounts, mask=~is_event),
        _texts(PLANS, plans, absent=~is_event),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _texts(values: tuple[str, ...] | list[str], codes: np.ndarray, absent: np.ndarray | None = None) -> pa.Array:
    """A column of texts, from their places among the values."""
    return pa.array(list(values)).take(pa.array(codes, mask=absent))


def records(log: pa.Table, first_row: int = 1) -> Iterator[Record]:
    """The events of a table, numbered from a row on."""
    times = log["time"].cast(pa.int64()).to_pylist()
    columns = [log[name].to_pylist() for name in ("contact", "kind", "name", "amount", "plan")]
    for row, (time, contact, kind, name, amount, plan) in enumerate(zip(times, *columns, strict=True), first_row):
        yield Record(time, contact, kind, name, None, {} if amount is None else {"amount": amount, "plan": plan}, None, row)


def log(events: int, *, seed: int = 2) -> list[Record]:
    """So many events in memory."""
    return [record for number, block in enumerate(blocks(events, seed=seed)) for record in records(block, number * BLOCK + 1)]


def read(path: Path) -> Iterator[Record]:
    """The events of a file, part by part."""
    row = 1
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=65_536):
            yield from records(pa.Table.from_batches([batch]), row)
            row += batch.num_rows
