"""Peeking: the first events of a file, to see what they look like.

In: a file of a log. Out: the records of its first rows, those that are no events left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from triggerlang.events import jsonl, packed, table
from triggerlang.events.files import LogFile
from triggerlang.events.packed import LongLine
from triggerlang.events.record import Record
from triggerlang.events.rejects import BadEventError
from triggerlang.events.rows import RowReader
from triggerlang.language.times import Zone


def first_records(file: LogFile, zone: Zone, rows: int) -> Iterator[Record]:
    """The events among the first so many rows of a file that can be read again. Raises LogError as reading it does."""
    reader = RowReader(zone)
    for fields in islice(_fields(file, zone), rows):
        if fields is not None:
            try:
                yield reader.record(fields, 0)
            except BadEventError:
                continue


def _fields(file: LogFile, zone: Zone) -> Iterator[Mapping[str, Any] | None]:
    """The fields of each row; None where it has none."""
    if file.shape == "parquet":
        from triggerlang.events import parquet

        for _, row in parquet.rows(file.path, zone):
            try:
                yield row.fields()
            except BadEventError:
                yield None
        return
    lines = ((number, _without_mark(line) if number == 1 else line) for number, line in packed.lines(file.path, file.packing, None))
    if file.shape == "jsonl":
        for _, line in lines:
            try:
                if isinstance(line, LongLine):
                    yield None
                elif line and not line.isspace():
                    yield jsonl.parse_line(line)
            except BadEventError:
                yield None
        return
    names: list[str] | None = None
    for held in table.rows(lines, "," if file.shape == "csv" else "\t"):
        if names is None:
            names = table.header(held, file.path)
            continue
        try:
            yield table.fields(names, held)
        except BadEventError:
            yield None


def _without_mark(line: bytes | LongLine) -> bytes | LongLine:
    return line if isinstance(line, LongLine) else line.removeprefix(b"\xef\xbb\xbf")
