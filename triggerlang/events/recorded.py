"""Records as columns: events that a program holds, in the shape that logs are read to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triggerlang.events.batches import Finds
from triggerlang.events.columns import Columns
from triggerlang.events.interning import NO_BYTES
from triggerlang.events.merging import Merger
from triggerlang.events.record import Record
from triggerlang.events.scanning import nothing_found


def columns_of(records: Sequence[Record], paths: Sequence[str]) -> Columns:
    """The columns of records, in their order and with the rows that they bring; of properties those that are asked for."""
    finds = Finds(NO_BYTES, nothing_found(len(records), len(paths), 0), np.zeros(len(records), np.int64))
    for number, record in enumerate(records):
        finds.add(number, record, paths)
    batch = finds.batch()
    batch.row = np.array([record.row for record in records], np.int64)
    merger = Merger(paths)
    merger.add(batch)
    return merger.columns()
