"""Parquet as batches: row groups, column by column.

In: a path. Out: what is to be done for each row group. A row that has anything doubtful goes through the reader of single rows, and so
does a whole file that Arrow stumbles over, from there on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pyarrow import types

from triggerlang.events import arrow, decoding, parquet
from triggerlang.events.arrow import Mask
from triggerlang.events.batches import BadRow, Batch, Finds, RowByRowError, overlaid, woven
from triggerlang.events.columns import Texts
from triggerlang.events.decoding import Groups
from triggerlang.events.errors import LogError
from triggerlang.events.interning import NO_BYTES, Coded, Spans, coded, paired
from triggerlang.events.packed import Progress
from triggerlang.events.paths import INSIDE, STEPS, WHOLE
from triggerlang.events.rejects import BadEventError
from triggerlang.events.rows import FIELDS, RowReader
from triggerlang.events.scanning import USUAL_KIND, nothing_found, scan
from triggerlang.events.textual import Reading, Work

BATCH_ROWS: Final = 1 << 17
"""As many rows of a larger one make a batch, and as many rows of a file that is read row by row."""

SINGLE_ROWS: Final = 1 << 10
"""As many doubtful rows are read at a time."""

_TROUBLES: Final = (pa.ArrowException, OSError, ValueError, OverflowError, NotImplementedError)


def parquet_works(
    opened: Callable[[], Groups], reading: Reading, progress: Progress | None, expect: Callable[[int], None]
) -> Iterator[Work]:
    """What is to be done for a file; where a work raises RowByRowError, the rest of the file comes out of `single_batches`.

    `expect` is told how many rows the file says it has.
    """
    try:
        groups = opened()
        expect(max(groups.metadata.num_rows, 0))
        group_reader = GroupReader(reading, groups.schema)
        for group in range(len(groups)):
            size = groups.size(group)
            if size <= decoding.GROUP_BYTES:
                yield partial(_group_batches, groups, group, group_reader)
            else:
                for batch in groups.pieces(group, BATCH_ROWS):
                    yield partial(_batches, [batch], group_reader)
            if progress is not None:
                progress(size)
    except _TROUBLES as error:
        if isinstance(error, LogError):
            raise
        yield _row_by_row


def release_memory() -> None:
    """Give the memory back that Arrow would keep for what it decodes next."""
    pa.default_memory_pool().release_unused()


def single_batches(path: str, reading: Reading, progress: Progress | None, skip: int) -> Iterator[Batch]:
    """A file row by row, some rows at a time; the first `skip` are passed over. Rows before an error come before it."""
    rows: list[parquet.Row] = []
    error: LogError | None = None
    numbered = parquet.rows(path, reading.zone, progress, skip)
    while True:
        try:
            item = next(numbered, None)
        except LogError as caught:
            item, error = None, caught
        if item is not None:
            rows.append(item[1])
        if rows and (item is None or len(rows) == BATCH_ROWS):
            yield rows_batch(rows, reading)
            rows = []
        if item is None:
            break
    if error is not None:
        raise error


def rows_batch(rows: list[parquet.Row], reading: Reading) -> Batch:
    """Rows, each by itself."""
    reader = RowReader(reading.zone)
    finds = Finds(NO_BYTES, nothing_found(len(rows), len(reading.paths), 0), np.zeros(len(rows), np.int64))
    bad: list[BadRow] = []
    for number, row in enumerate(rows):
        try:
            finds.add(number, reader.record(row.fields(), number), reading.paths)
        except BadEventError as error:
            bad.append(BadRow(number + 1, number + 1, error, row.text()))
            if reading.stops:
                break
    batch = finds.batch()
    batch.lines, batch.bad = len(rows), bad
    return batch


def _row_by_row() -> list[Batch]:
    raise RowByRowError


def _group_batches(groups: Groups, group: int, group_reader: GroupReader) -> list[Batch]:
    try:
        batches = groups.batches(group)
    except _TROUBLES as error:
        raise RowByRowError from error
    return _batches(batches, group_reader)


def _batches(batches: list[Any], group_reader: GroupReader) -> list[Batch]:
    try:
        return [group_reader.batch(batch) for batch in batches if batch.num_rows]
    except _TROUBLES as error:
        raise RowByRowError from error


class GroupReader:
    """Makes batches of the rows of a file."""

    def __init__(self, reading: Reading, schema: Any) -> None:
        self.reading, self.schema, self.names = reading, schema, schema.names
        self._converters = parquet.converters_of(schema, reading.zone)
        # Row groups are alike: of each field as many texts are to be expected as the one before had.
        self._expected: dict[str, int] = {}

    def batch(self, rows: Any) -> Batch:
        """The batch of some rows."""
        zone = self.reading.zone
        columns = {name: arrow.usual(column) for name, column in zip(self.names, rows.columns, strict=True) if name != "properties"}
        given = rows.columns[self.names.index("properties")] if "properties" in self.names else None
        moments, fine = arrow.times_of(columns["time"], zone)
        for name, column in columns.items():
            if name != "time":
                _narrow(fine, arrow.fine_cells(column, zone))
        fields: dict[str, Coded] = {}
        for name in ("contact", "kind", "name", "id"):
            if name in columns:
                otherwise = USUAL_KIND if name == "kind" else b""
                expected = self._expected.get(name, 0)
                fields[name], of_field = arrow.field_texts(columns[name], otherwise, numbers=name != "kind", expected=expected)
                self._expected[name] = len(fields[name].texts)
                _narrow(fine, of_field)
        for name in ("contact", "name"):
            are_empty = np.diff(fields[name].texts.offsets) == 0
            if are_empty.any():
                _narrow(fine, ~are_empty[fields[name].codes])
        if "value" in columns and types.is_nested(columns["value"].type):
            _narrow(fine, ~arrow.present(columns["value"]))
        inside = _Inside(given, self.reading)
        _narrow(fine, inside.fine)
        properties = [self._property(number, path, columns, inside) for number, path in enumerate(self.reading.paths)]
        kept = None if fine.all() else np.flatnonzero(fine)
        count = len(moments)
        kind = _kept(fields["kind"], kept) if "kind" in fields else _same(USUAL_KIND, int(fine.sum()))
        name = _kept(fields["name"], kept)
        key, keys = paired(kind, name)
        row = np.arange(1, count + 1, dtype=np.int64)
        batch = Batch(
            time=moments if kept is None else moments[kept],
            row=row if kept is None else row[kept],
            contact=_kept(fields["contact"], kept),
            key=key,
            keys=keys,
            kinds=kind.texts,
            names=name.texts,
            id=_kept(fields["id"], kept) if "id" in fields else _same(b"", int(fine.sum())),
            properties=[_kept(held, kept) for held in properties],
            rows=count,
            lines=count,
        )
        return batch if kept is None else self._with_single_rows(batch, rows, np.flatnonzero(~fine))

    def _property(self, number: int, path: str, columns: dict[str, Any], inside: _Inside) -> Coded:
        """The values at a path: of what there is in a row, what comes last here counts."""
        zone = self.reading.zone
        if path == "value":
            return arrow.property_values(columns["value"], zone) if "value" in columns else arrow.absent_values(len(columns["time"]))
        layers: list[tuple[Mask, Coded]] = []
        first, *steps = path.split(".")
        if steps and first in columns and first not in FIELDS:
            layers.append((arrow.present(columns[first]), arrow.values_below(columns[first], steps, zone)))
        if steps:
            layers.extend(inside.layer(number, STEPS, first, steps))
        if path in columns and path not in FIELDS:
            layers.append((arrow.present(columns[path]), arrow.property_values(columns[path], zone)))
        layers.extend(inside.layer(number, WHOLE, path, []))
        return overlaid(len(columns["time"]), layers)

    def _with_single_rows(self, batch: Batch, rows: Any, places: Any) -> Batch:
        """The batch with the rows at some places, which are read one by one."""
        found: list[Batch] = [batch]
        for first in range(0, len(places), SINGLE_ROWS):
            if self.reading.ended.is_set():
                break
            some = places[first : first + SINGLE_ROWS]
            taken = rows.take(pa.array(some))
            singles = rows_batch([parquet.Row(self.names, self._converters, cells) for cells in parquet.cells_of(taken)], self.reading)
            singles.row = some[singles.row - 1] + 1
            batch.bad.extend(BadRow(int(some[bad.row - 1]) + 1, int(some[bad.row - 1]) + 1, bad.error, bad.text) for bad in singles.bad)
            found.append(singles)
            if batch.bad and self.reading.stops:
                break
        return woven(found)


class _Inside:
    """What stands in the column `properties`, if there is one."""

    def __init__(self, column: Any, reading: Reading) -> None:
        self._reading = reading
        self._members: dict[str, Any] = {}
        self._scanned: Any = None
        self.fine: Mask | None = None
        if column is None:
            return
        kind = column.type.value_type if types.is_dictionary(column.type) else column.type
        if types.is_string(kind) or types.is_large_string(kind):
            self._scan(arrow.strings(arrow.usual(column)))
        elif types.is_struct(kind):
            column = arrow.usual(column)
            self.fine = arrow.fine_cells(column, reading.zone)
            self._members = arrow.members(column)
        else:
            self.fine = ~arrow.present(column)

    def _scan(self, texts: arrow.Strings) -> None:
        found = nothing_found(len(texts.starts), len(self._reading.paths), len(texts.data))
        found.fine[:] = True
        scan(texts.data, texts.starts, texts.starts + texts.lengths, INSIDE, self._reading.tree, found)
        self.fine = texts.spread(found.fine)
        self._scanned = texts, found

    def layer(self, number: int, rank: int, first: str, steps: list[str]) -> list[tuple[Mask, Coded]]:
        """Where a path has that rank here, and the values that it leads to."""
        if self._scanned is not None:
            texts, found = self._scanned
            is_here = texts.spread(found.ranks[number] == rank)
            if not is_here.any():
                return []
            values = coded(Spans(texts.data, found.annex, found.starts[number], found.lengths[number], found.tags[number]), absent=True)
            return [(is_here, Coded(texts.spread(values.codes), values.texts))]
        if first not in self._members:
            return []
        return [(arrow.present(self._members[first]), arrow.values_below(self._members[first], steps, self._reading.zone))]


def _narrow(fine: Mask, by: Mask | None) -> None:
    if by is not None:
        np.logical_and(fine, by, out=fine)


def _kept(held: Coded, kept: Any) -> Coded:
    return held if kept is None else Coded(held.codes[kept], held.texts)


def _same(text: bytes, rows: int) -> Coded:
    return Coded(np.zeros(rows, np.int32), Texts.of([text]))
