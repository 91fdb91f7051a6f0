"""Tables as batches: blocks of CSV and TSV.

In: runs of whole lines. Out: what is to be done for each, a batch at a time. Rows that are one line are scanned by kernels; where a line
has an odd number of quotes, the reader of single rows says which lines are its row, before anything else is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from triggerlang.events import table
from triggerlang.events.batches import BadRow, Batch, Finds
from triggerlang.events.cells import Header, header_of, scan_cells
from triggerlang.events.errors import LogError
from triggerlang.events.packed import LongLine
from triggerlang.events.paths import INSIDE
from triggerlang.events.rows import RowReader
from triggerlang.events.scanning import nothing_found, scan
from triggerlang.events.splitting import Rows, next_odd_line
from triggerlang.events.textual import BYTE_ORDER_MARK, Reading, Work, long_line_batch, read_moments, rowless_batch, single_rows


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its delimiter, the names of its columns, and what they are."""

    delimiter: str
    names: list[str]
    header: Header


@dataclass(frozen=True, slots=True)
class OddRow:
    """A row that begins with a line that has an odd number of quotes: where it stands in its block, and what it is."""

    begin: int
    end: int
    row: table.Row


class _Lines:
    """The numbered lines of a block from a place on, for the reader of single rows; `ended` tells whether it has asked for more."""

    def __init__(self, data: bytes, at: int, number: int = 0) -> None:
        self.data, self.at, self.number, self.ended = data, at, number, False

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        return self

    def __next__(self) -> tuple[int, bytes]:
        if self.at >= len(self.data):
            self.ended = True
            raise StopIteration
        begin, self.at = self.at, _line_end(self.data, self.at) + 1
        self.number += 1
        return self.number, self.data[begin : self.at - 1]


def _line_end(data: bytes, at: int, lines: int = 1) -> int:
    """Where some lines end, without the last one's line feed."""
    end = at - 1
    for _ in range(lines):
        end = data.find(b"\n", end + 1)
        if end < 0:
            return len(data)
    return end


class TableWorks:
    """What is to be done for a table."""

    def __init__(self, path: str, delimiter: str, reading: Reading) -> None:
        self.path, self.delimiter, self.reading = path, delimiter, reading
        self.header_text: str | None = None
        self._table: Table | None = None
        self._blank_lines = 0

    def works(self, runs: Iterator[bytes | LongLine]) -> Iterator[Work]:
        """The works for runs of a file, in order. The first row is the header; raises LogError where it is none."""
        rest = b""
        is_first = True
        while True:
            try:
                run = next(runs, None)
            except LogError:
                yield self._rowless(rest.count(b"\n"))
                raise
            if isinstance(run, bytes):
                works, rest = self._works_of(rest + (run.removeprefix(BYTE_ORDER_MARK) if is_first else run), is_last=False)
                yield from works
                is_first = False
                continue
            # Neither the end nor a line that is too long closes a row that is open.
            works, rest = self._works_of(rest, is_last=True)
            yield from works
            if run is None:
                return
            is_first = False
            if self._table is None:
                table.header(next(table.rows([(self._blank_lines + 1, run)], self.delimiter)), self.path)
            yield partial(long_line_batch, run, len(self.reading.paths))

    def _works_of(self, data: bytes, *, is_last: bool) -> tuple[list[Work], bytes]:
        """The works for some lines, and those of them that cannot be understood before more are known."""
        works: list[Work] = []
        if data and self._table is None:
            lines, end = self._take_header(data, is_last)
            if lines == 0:
                return works, data
            works.append(self._rowless(lines))
            data = data[end:]
        if not data or self._table is None:
            return works, data
        odd_rows, end = self._odd_rows(data, is_last)
        if end > 0:
            works.append(partial(rows_batch, data[:end], odd_rows, self._table, self.reading))
        return works, data[end:]

    def _take_header(self, data: bytes, is_last: bool) -> tuple[int, int]:
        """Take the first row for the header; returns how many lines of these are blank or the header's, 0 where more must be known, and
        where they end."""
        # Many blank lines are passed over at once.
        begin = data.rfind(b"\n", 0, len(data) - len(data.lstrip())) + 1
        lines = _Lines(data, begin, self._blank_lines + data.count(b"\n", 0, begin))
        row = next(table.rows(lines, self.delimiter), None)
        if row is None:
            blank = lines.number - self._blank_lines
            self._blank_lines = lines.number
            return blank, len(data)
        if lines.ended and not is_last:
            return 0, 0
        names = table.header(row, self.path)
        self.header_text = row.text
        self._table = Table(self.delimiter, names, header_of(names, self.reading.paths))
        before = row.line - 1 - self._blank_lines
        of_header = row.text.count("\n") + 1
        return before + of_header, _line_end(data, begin, before - data.count(b"\n", 0, begin) + of_header) + 1

    def _odd_rows(self, data: bytes, is_last: bool) -> tuple[list[OddRow], int]:
        """The rows that begin with an odd number of quotes, and up to where all rows can be understood."""
        found: list[OddRow] = []
        if b'"' not in data:
            return found, len(data)
        block = np.frombuffer(data, np.uint8)
        begin = 0
        while (begin := next_odd_line(block, begin)) >= 0:
            lines = _Lines(data, begin)
            row = next(table.rows(lines, self.delimiter))
            if lines.ended and not is_last:
                return found, begin
            end = _line_end(data, begin, row.text.count("\n") + 1)
            found.append(OddRow(begin, end, row))
            begin = end + 1
        return found, len(data)

    def _rowless(self, lines: int) -> Work:
        return partial(rowless_batch, lines, len(self.reading.paths))


def rows_batch(data: bytes, odd_rows: list[OddRow], of: Table, reading: Reading) -> list[Batch]:
    """The rows of a block of a table."""
    block = np.frombuffer(data, np.uint8)
    odd_begins, odd_ends = (np.array(places, np.int64) for places in ([odd.begin for odd in odd_rows], [odd.end for odd in odd_rows]))
    rows = Rows(block, odd_begins, odd_ends)
    found = nothing_found(len(rows), len(reading.paths), 2 * len(data))
    property_begins, property_ends = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    scan_cells(block, rows.begins, rows.ends, ord(of.delimiter), of.header, property_begins, property_ends, found)
    scan(block, property_begins, property_ends, INSIDE, reading.tree, found)
    given = {odd.begin: odd.row for odd in odd_rows}

    def single(row: int) -> table.Row:
        begin = int(rows.begins[row])
        return given.get(begin) or next(table.rows([(1, data[begin : rows.ends[row]])], of.delimiter))

    reader = RowReader(reading.zone)
    finds = Finds(block, found, read_moments(block, found, reading.zone))
    bad = single_rows(
        finds,
        reading,
        lambda row: reader.record(table.fields(of.names, single(row)), row),
        lambda row, error: BadRow(row + 1, int(rows.numbers[row]), error, single(row).text),
    )
    batch = finds.batch()
    batch.lines, batch.bad = rows.lines, bad
    return [batch]
