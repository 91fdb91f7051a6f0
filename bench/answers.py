"""Answers: the entries that a peer wrote, in one shape, and where two peers differ.

In: a Parquet file, ours with its six columns or a peer's with two or three. Out: event rows and rule numbers, and times where the file has
them, in the order of the file. A row of the log says whose contact's an entry is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.worlds import number_of

Numbers = npt.NDArray[np.int64]
TIME = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Answer:
    """Entries: the row of each one's event, the number of its rule, and perhaps its time in microseconds."""

    rows: Numbers
    rules: Numbers
    times: Numbers | None = None

    @property
    def fingerprint(self) -> str:
        """Equal for entries of equal rows and rules in equal order."""
        return hashlib.sha256(self.rows.tobytes() + b"/" + self.rules.tobytes()).hexdigest()

    def up_to(self, row: int) -> Answer:
        """The entries of the events up to a row."""
        kept = self.rows <= row
        return Answer(self.rows[kept], self.rules[kept])


def read(path: Path) -> Answer:
    """The entries of a file."""
    names = pq.read_schema(path).names
    if names[:2] == ["row", "rule"]:
        table = pq.read_table(path)
        return Answer(_numbers(table["row"]), _numbers(table["rule"]), _numbers(table["time"]) if "time" in names else None)
    table = pq.read_table(path, columns=["time", "event", "rule"])
    rules = table["rule"].cast(pa.string()).combine_chunks().dictionary_encode()
    if isinstance(rules, pa.ChunkedArray):
        rules = rules.unify_dictionaries().combine_chunks()
    numbers = np.array([number_of(rule) for rule in rules.dictionary.to_pylist()], dtype=np.int64)
    of_each = numbers[rules.indices.to_numpy()] if len(table) else numbers
    return Answer(_numbers(pc.cast(table["event"], pa.int64())), of_each, _numbers(pc.cast(table["time"], TIME)))


def _numbers(column: pa.ChunkedArray) -> Numbers:
    return np.ascontiguousarray(column.cast(pa.int64()).to_numpy())


def difference(one: Answer, other: Answer) -> str:
    """The first entry at which two answers part, in words; empty if they do not."""
    if one.fingerprint == other.fingerprint:
        return _difference_of_times(one.times, other.times)
    shorter = min(len(one.rows), len(other.rows))
    apart = np.flatnonzero((one.rows[:shorter] != other.rows[:shorter]) | (one.rules[:shorter] != other.rules[:shorter]))
    at = int(apart[0]) if len(apart) else shorter
    return f"{len(one.rows):,} entries against {len(other.rows):,}; entry {at + 1:,} is {_entry(one, at)} against {_entry(other, at)}"


def _difference_of_times(one: Numbers | None, other: Numbers | None) -> str:
    """The first entry whose times differ, where both answers say them."""
    if one is None or other is None or np.array_equal(one, other):
        return ""
    at = int(np.flatnonzero(one != other)[0])
    return f"entry {at + 1:,} is at {np.datetime64(int(one[at]), 'us')} against {np.datetime64(int(other[at]), 'us')}"


def _entry(answer: Answer, at: int) -> str:
    return f"rule {answer.rules[at]} at row {answer.rows[at]}" if at < len(answer.rows) else "none"
