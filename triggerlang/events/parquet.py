"""Parquet: rows of a table file, through pyarrow.

In: a path. Out: the fields of each row as JSON could hold them: a timestamp as the text of its UTC time, a date as its text, a
float of 32 bits
as its own shortest decimal. Properties stand as JSON text, a struct, a map, or columns of their own. Needs the extra `batch`.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from triggerlang.events import table
from triggerlang.events.errors import LogError
from triggerlang.events.packed import Progress
from triggerlang.events.rejects import BadEventError
from triggerlang.events.rows import check_text
from triggerlang.language import times
from triggerlang.language.times import Zone

BATCH_ROWS: Final = 16_384

Convert = Callable[[Any], Any]


def rows(path: str, zone: Zone, progress: Progress | None = None, skip: int = 0) -> Iterator[tuple[int, Row]]:
    """The rows of a file, numbered from 1; the first `skip` of them are passed over."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise needs_extra(path) from error
    number = 0
    try:
        with pq.ParquetFile(path) as opened:
            metadata, schema = opened.metadata, opened.schema_arrow
            check_columns(schema.names, path)
        with pq.ParquetFile(path, metadata=metadata, read_dictionary=text_columns(schema)) as file:
            converters = converters_of(schema, zone)
            # Group by group, so that all rows of those before a damaged one are there.
            groups = range(file.metadata.num_row_groups)
            for batch in (batch for group in groups for batch in file.iter_batches(batch_size=BATCH_ROWS, row_groups=[group])):
                if number + batch.num_rows <= skip:
                    number += batch.num_rows
                    continue
                for cells in cells_of(batch):
                    number += 1
                    if number > skip:
                        yield number, Row(schema.names, converters, cells)
                if progress is not None:
                    progress(batch.nbytes)
    except (pa.ArrowException, OSError, ValueError, OverflowError, NotImplementedError) as error:
        if isinstance(error, LogError):
            raise
        if isinstance(error, FileNotFoundError):
            raise LogError("there is no such file", file=path) from error
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise LogError(f"this Parquet file cannot be read after row {number}: {reason}", file=path) from error


def text_columns(schema: Any) -> list[str]:
    """The columns of texts. Read as a dictionary and codes, they take no more than stands in the file: a text that it has once may be that
    of a million rows."""
    import pyarrow as pa

    return [
        name for name, kind in zip(schema.names, schema.types, strict=True) if pa.types.is_string(kind) or pa.types.is_large_string(kind)
    ]


def needs_extra(path: str) -> LogError:
    """The error where pyarrow is not there."""
    return LogError('Parquet needs an extra: pip install "triggerlang[batch]"', file=path)


def check_columns(names: list[str], path: str) -> None:
    """Raise LogError where a column stands twice or is missing."""
    for at, name in enumerate(names):
        if name in names[:at]:
            raise LogError(f'the column "{name}" stands twice', file=path)
    missing = [name for name in table.REQUIRED if name not in names]
    if missing:
        raise LogError(f"there is no column {' and no column '.join(missing)}", file=path)


def cells_of(batch: Any) -> Iterator[tuple[Any, ...]]:
    """The cells of each row; what the file has and Python cannot hold raises ValueError or the like, after the rows before it."""
    import pyarrow as pa

    try:
        columns = [_values(pa, column) for column in batch.columns]
    except (pa.ArrowException, ValueError, OverflowError, NotImplementedError):
        if batch.num_rows == 1:
            raise
        for place in range(batch.num_rows):
            yield from cells_of(batch.slice(place, 1))
    else:
        yield from zip(*columns, strict=True)


def values_of(column: Any) -> list[Any]:
    """The cells of a column, as `cells_of` has them."""
    import pyarrow as pa

    return _values(pa, column)


def converters_of(schema: Any, zone: Zone) -> list[Convert]:
    """How the cells of each column become what JSON could hold; they raise BadEventError where that cannot be."""
    import pyarrow as pa

    return [_converter(pa, column, zone) for column in schema]


def _values(pa: Any, column: Any) -> list[Any]:
    """The cells of a column; times as whole microseconds, so that nothing beyond them is lost or refused."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        # Each value once, however many rows have it.
        used = column.indices.unique().drop_null()
        values = dict(zip(used.to_pylist(), _values(pa, column.dictionary.take(used)), strict=True))
        return [None if code is None else values[code] for code in column.indices.to_pylist()]
    if pa.types.is_timestamp(kind):
        per_second = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[kind.unit]
        counts = column.cast(pa.int64()).to_pylist()
        if per_second <= 1_000_000:
            return [None if count is None else count * (1_000_000 // per_second) for count in counts]
        return [None if count is None else count // 1_000 for count in counts]
    if pa.types.is_date(kind):
        counts = column.cast(pa.int32() if pa.types.is_date32(kind) else pa.int64()).to_pylist()
        return counts if pa.types.is_date32(kind) else [None if count is None else count // 86_400_000 for count in counts]
    held: list[Any] = column.to_pylist()
    return held


def _converter(pa: Any, column: Any, zone: Zone) -> Convert:
    """How the cells of a column become what JSON could hold."""
    if column.name == "properties":
        return _properties(pa, column.type, zone)
    if column.name == "time":
        return _time(pa, column.type, zone)
    return _plain(pa, column.type, zone)


def _time(pa: Any, kind: Any, zone: Zone) -> Convert:
    """A time's text: a timestamp without a zone, and a date, are in the project's."""
    if pa.types.is_dictionary(kind):
        return _time(pa, kind.value_type, zone)
    if pa.types.is_timestamp(kind):
        return _timestamp(kind.tz is None, zone)
    return _plain(pa, kind, zone)


def _timestamp(is_local: bool, zone: Zone) -> Convert:
    def convert(count: int) -> str:
        moment = zone.moment_of(count) if is_local and _in_calendar(count) else count
        if not _in_calendar(moment):
            raise BadEventError("bad-time", "it lies outside the years 1 to 9999")
        return times.format_moment(moment)

    return convert


def _in_calendar(moment: int) -> bool:
    return times.FIRST_MOMENT <= moment < times.END_OF_TIME


def _plain(pa: Any, kind: Any, zone: Zone) -> Convert:
    types = pa.types
    if types.is_dictionary(kind):
        return _plain(pa, kind.value_type, zone)
    if types.is_timestamp(kind):
        return _timestamp(kind.tz is None, zone)
    if types.is_date(kind):
        return _date
    if types.is_float32(kind) or types.is_float16(kind):
        return _short_float
    if types.is_string(kind) or types.is_large_string(kind) or getattr(types, "is_string_view", _never)(kind):
        return _text
    if types.is_boolean(kind) or types.is_integer(kind) or types.is_float64(kind) or types.is_null(kind):
        return _same
    if types.is_decimal(kind):
        return _decimal
    if types.is_struct(kind):
        parts = {part.name: _nested(pa, part.type, zone) for part in kind}
        return lambda held: {name: None if held[name] is None else convert(held[name]) for name, convert in parts.items()}
    if types.is_map(kind):
        item = _nested(pa, kind.item_type, zone)
        return lambda held: _map(held, item)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        item = _nested(pa, kind.value_type, zone)
        return lambda held: [None if part is None else item(part) for part in held]
    return _unreadable


def _nested(pa: Any, kind: Any, zone: Zone) -> Convert:
    """The same below the top, where cells come as Python's own dates and times."""
    if pa.types.is_timestamp(kind):
        to_moment = _timestamp(kind.tz is None, zone)
        return lambda held: to_moment(times.from_datetime(held.replace(tzinfo=None) if kind.tz is None else held, Zone()))
    if pa.types.is_date(kind):
        return lambda held: str(held.isoformat())
    return _plain(pa, kind, zone)


def _properties(pa: Any, kind: Any, zone: Zone) -> Convert:
    types = pa.types
    if types.is_dictionary(kind):
        return _properties(pa, kind.value_type, zone)
    if types.is_struct(kind):
        convert = _plain(pa, kind, zone)
        # A struct has every member in every row; one that is null there is absent.
        return lambda held: {name: part for name, part in convert(held).items() if part is not None}
    if types.is_map(kind):
        return _plain(pa, kind, zone)
    if types.is_string(kind) or types.is_large_string(kind):
        return lambda held: table.properties(held) if held else None
    return _unreadable


def _map(held: Any, item: Convert) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, part in held:
        name = str(key)
        if name in made:
            raise BadEventError("duplicate-key", name)
        made[name] = None if part is None else item(part)
    return made


def _date(days: int) -> str:
    if not _in_calendar(days * times.DAY):
        raise BadEventError("bad-time", "it lies outside the years 1 to 9999")
    return times.format_day(days)


def _short_float(held: Any) -> float:
    """A float of 32 bits as the float whose shortest decimal is the same."""
    if not math.isfinite(held):
        return float(held)
    packed = struct.pack("f", held)
    shortest = next(text for digits in range(1, 10) if struct.pack("f", float(text := f"{held:.{digits}g}")) == packed)
    return float(shortest)


def _decimal(held: Decimal) -> Decimal:
    return held


def _text(held: str) -> str:
    check_text(held)
    return held


def _same(held: Any) -> Any:
    return held


def _never(kind: Any) -> bool:
    return False


def _unreadable(held: Any) -> Any:
    raise BadEventError("bad-row", "a column has a type that no event has")


class Row:
    """A row: the cells by column as the file has them, and as fields."""

    __slots__ = ("_cells", "_converters", "_names")

    def __init__(self, names: list[str], converters: list[Convert], cells: tuple[Any, ...]) -> None:
        self._names, self._converters, self._cells = names, converters, cells

    def fields(self) -> dict[str, Any]:
        """What JSON could hold of it; raises BadEventError for what it could not."""
        return {
            name: convert(cell) for name, convert, cell in zip(self._names, self._converters, self._cells, strict=True) if cell is not None
        }

    def text(self) -> str:
        """The row as JSON, for a reject; what JSON does not know stands there as text."""
        cells = dict(zip(self._names, self._cells, strict=True))
        return json.dumps(cells, ensure_ascii=False, default=str)
