"""Decoding: the row groups of a Parquet file as Arrow has them.

In: a path. Out: record batches of each row group. A group may be decoded ahead of the one who asks for it.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from triggerlang.events import parquet

GROUP_BYTES: Final = 256 << 20
"""How large a row group may be to be read at once."""


class Groups:
    """The row groups of a file."""

    def __init__(self, path: str) -> None:
        """Raises LogError where columns are missing or stand twice, and what Arrow raises."""
        self.path = path
        with pq.ParquetFile(path) as file:
            self.metadata, self.schema = file.metadata, file.schema_arrow
            parquet.check_columns(self.schema.names, path)
            self._as_codes = _columns_of_codes(file, self.schema)
        self._ahead: dict[int, Future[list[Any]]] = {}
        self._asked: set[int] = set()
        self._lock = threading.Lock()

    @property
    def decoded(self) -> tuple[int, ...]:
        """The groups that were decoded ahead and not asked for."""
        return tuple(self._ahead)

    def __len__(self) -> int:
        return int(self.metadata.num_row_groups)

    def size(self, group: int) -> int:
        """How many bytes a group has before it is packed."""
        return int(self.metadata.row_group(group).total_byte_size)

    def pieces(self, group: int, rows: int) -> Any:
        """The batches of a group that is too large to be read at once, so many rows each."""
        with pq.ParquetFile(self.path, metadata=self.metadata, read_dictionary=parquet.text_columns(self.schema)) as file:
            yield from file.iter_batches(batch_size=rows, row_groups=[group])

    def batches(self, group: int) -> list[Any]:
        """The batches of a group, which is asked for once."""
        with self._lock:
            self._asked.add(group)
            future = self._ahead.pop(group, None)
        return self._decoded(group) if future is None else future.result()

    def decode_ahead(self, group: int) -> int:
        """Decode a group that nobody has asked for yet; how many bytes it takes. What cannot be decoded is told to who asks for it."""
        future: Future[list[Any]] = Future()
        with self._lock:
            if group in self._asked:
                return 0
            self._ahead[group] = future
        try:
            batches = self._decoded(group)
        except BaseException as error:
            future.set_exception(error)
            return 0
        future.set_result(batches)
        return sum(batch.nbytes for batch in batches)

    def table(self, group: int, columns: list[str], *, threads: bool = True) -> Any:
        """Some columns of a group as an Arrow table."""
        as_texts = [name for name in parquet.text_columns(self.schema) if name in columns and name not in self._as_codes]
        as_codes = self._as_codes + self._columns_that_grow(group, as_texts)
        with pq.ParquetFile(self.path, metadata=self.metadata, read_dictionary=as_codes) as file:
            return file.read_row_group(group, columns=columns, use_threads=threads)

    def _decoded(self, group: int) -> list[Any]:
        batches: list[Any] = self.table(group, self.schema.names, threads=False).to_batches()
        return batches

    def _columns_that_grow(self, group: int, names: list[str]) -> list[str]:
        """The columns of which a dictionary has so long a text that all rows could be too large."""
        with pq.ParquetFile(self.path, metadata=self.metadata, read_dictionary=names) as file:
            first = next(file.iter_batches(batch_size=1, row_groups=[group], columns=names), None) if names else None
        if first is None:
            return []
        rows = self.metadata.row_group(group).num_rows
        return [name for name in names if _longest(first.column(name).dictionary) * rows > GROUP_BYTES]


def _columns_of_codes(file: Any, schema: Any) -> list[str]:
    """The columns of few texts, which the file keeps as a dictionary and codes, as far as its first row group tells."""
    # A row is read first: what is wrong about the columns raises an error here. Asked for their sizes, Arrow would end the process.
    first = next(file.iter_batches(batch_size=1, row_groups=[0]), None) if file.metadata.num_row_groups else None
    if first is None:
        return []
    row_group = file.metadata.row_group(0)
    sizes: dict[str, int] = {}
    for number in range(row_group.num_columns):
        column = row_group.column(number)
        sizes[column.path_in_schema] = sizes.get(column.path_in_schema, 0) + column.total_uncompressed_size
    return [name for name in parquet.text_columns(schema) if sizes.get(name, 0) < 3 * row_group.num_rows]


def _longest(texts: Any) -> int:
    """How many bytes the longest text of an array has."""
    _, offsets, _ = texts.buffers()
    if not offsets or not len(texts):
        return 0
    places = np.frombuffer(offsets, np.int32 if pa.types.is_string(texts.type) else np.int64)
    return int(np.diff(places[texts.offset : texts.offset + len(texts) + 1]).max())
