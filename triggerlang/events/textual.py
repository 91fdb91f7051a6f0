"""Text as batches: blocks of JSON Lines, and what reading text has in common.

In: blocks of whole lines. Out: a batch for each. What kernels are not sure of goes through the readers of single rows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np

from triggerlang.events import jsonl
from triggerlang.events.batches import BadRow, Batch, Finds
from triggerlang.events.interning import NO_BYTES
from triggerlang.events.moments import moments_of
from triggerlang.events.packed import MAX_LINE_BYTES, LongLine
from triggerlang.events.paths import CONTACT, NAME, ROW, TIME, Tree
from triggerlang.events.record import Record
from triggerlang.events.rejects import BadEventError
from triggerlang.events.rows import RowReader
from triggerlang.events.scanning import Found, nothing_found, scan
from triggerlang.events.splitting import Rows
from triggerlang.language.times import Zone


@dataclass(frozen=True, slots=True)
class Reading:
    """How a log is read: what is wanted of it, the project's zone, and whether the first bad row ends it. `ended` says that it has
    ended."""

    paths: tuple[str, ...]
    tree: Tree
    zone: Zone
    stops: bool
    ended: threading.Event


Work: TypeAlias = Callable[[], list[Batch]]
"""What is to be done for some batches."""

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def line_works(runs: Iterable[bytes | LongLine], reading: Reading) -> Iterator[Work]:
    """What is to be done for a file of JSON Lines, a batch at a time."""
    is_first = True
    for run in runs:
        if isinstance(run, LongLine):
            yield partial(long_line_batch, run, len(reading.paths))
        else:
            yield partial(lines_batch, run.removeprefix(BYTE_ORDER_MARK) if is_first else run, reading)
        is_first = False


def lines_batch(data: bytes, reading: Reading) -> list[Batch]:
    """The rows of a block of JSON Lines."""
    block = np.frombuffer(data, np.uint8)
    rows = Rows(block)
    found = nothing_found(len(rows), len(reading.paths), len(data))
    scan(block, rows.begins, rows.ends, ROW, reading.tree, found)

    def record(row: int) -> Record:
        return reader.record(jsonl.parse_line(data[rows.begins[row] : rows.ends[row]]), row)

    def text(row: int) -> str:
        return data[rows.begins[row] : rows.ends[row]].decode(errors="replace").removesuffix("\r")

    reader = RowReader(reading.zone)
    finds = Finds(block, found, read_moments(block, found, reading.zone))
    bad = single_rows(finds, reading, record, lambda row, error: BadRow(row + 1, int(rows.numbers[row]), error, text(row)))
    batch = finds.batch()
    batch.lines, batch.bad = rows.lines, bad
    return [batch]


def read_moments(data: Any, found: Found, zone: Zone) -> Any:
    """The times of rows that were scanned; a row without one, or without what else an event must have, is not fine."""
    moments, are_moments = moments_of(data, found.annex, found.field_starts[TIME], found.field_lengths[TIME], zone)
    np.logical_and(found.fine, are_moments, out=found.fine)
    for field in (CONTACT, NAME):
        np.logical_and(found.fine, found.field_lengths[field] > 0, out=found.fine)
    return moments


def single_rows(
    finds: Finds, reading: Reading, record: Callable[[int], Record], bad_row: Callable[[int, BadEventError], BadRow]
) -> list[BadRow]:
    """Read the rows that are not fine one by one, as far as they are wanted; returns those that are no events."""
    bad: list[BadRow] = []
    for row in np.flatnonzero(~finds.found.fine).tolist():
        if reading.ended.is_set():
            break
        try:
            finds.add(row, record(row), reading.paths)
        except BadEventError as error:
            bad.append(bad_row(row, error))
            if reading.stops:
                break
    return bad


def rowless_batch(lines: int, paths: int) -> list[Batch]:
    """Some lines that are no rows."""
    batch = Finds(NO_BYTES, nothing_found(0, paths, 0), np.empty(0, np.int64)).batch()
    batch.lines = lines
    return [batch]


def long_line_batch(line: LongLine, paths: int) -> list[Batch]:
    """The row that a line beyond the limit is."""
    error = BadEventError("line-too-long", f"more than {MAX_LINE_BYTES:,} bytes")
    batch = Finds(NO_BYTES, nothing_found(1, paths, 0), np.zeros(1, np.int64)).batch()
    batch.lines, batch.bad = 1, [BadRow(1, 1, error, line.beginning.decode(errors="replace"))]
    return [batch]
