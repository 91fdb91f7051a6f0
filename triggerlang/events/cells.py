"""Cells: from lines of tables to the cells in them that somebody wants.

In: bytes, and where each line stands. Out: for each line where its cells stand. Plain cells and cells in quotes are read, on one line; what
else there may be is marked, and the readers of single rows decide on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numba import int64, types, void

from triggerlang.events.bytewise import READ_ONLY, after_character, byte_at, next_special, put_byte, tuple_type
from triggerlang.events.columns import Codes
from triggerlang.events.paths import BESIDE, TEXT_FIELDS, WHOLE
from triggerlang.events.rows import FIELDS
from triggerlang.events.scanning import FOUND
from triggerlang.machine.addresses import address_of
from triggerlang.machine.kernels import inner, kernel

NOTHING: Final = -1
TO_PROPERTIES: Final = 5


class Header(NamedTuple):
    """What a table's columns are, each by its place: the number of a text field, `TO_PROPERTIES` or nothing; and the path whose value it
    is, if any, with its rank."""

    fields: Codes
    paths: Codes
    ranks: Codes


HEADER: Final[Any] = tuple_type((types.int32[::1], types.int32[::1], types.int32[::1]), Header)


def header_of(names: Sequence[str], paths: Sequence[str]) -> Header:
    """The columns of a table by their names."""
    fields = [TEXT_FIELDS.index(name) if name in TEXT_FIELDS else TO_PROPERTIES if name == "properties" else NOTHING for name in names]
    wanted = [paths.index(name) if name in paths and (name == "value" or name not in FIELDS) else NOTHING for name in names]
    ranks = [WHOLE if name == "value" else BESIDE for name in names]
    return Header(*(np.array(column, np.int32) for column in (fields, wanted, ranks)))


@inner
def after_odd_byte(at: int, end: int) -> int:
    """The place after a control character or one that is not ASCII; -1 where that may not stand in a cell, or may end a line."""
    byte = byte_at(at)
    if byte < 128:
        return -1 if byte == 0 or 10 <= byte <= 13 or 28 <= byte <= 30 else at + 1
    after = after_character(at, end)
    if byte == 0xC2 and byte_at(at + 1) == 0x85:
        return -1
    if byte == 0xE2 and after > 0 and byte_at(at + 1) == 0x80 and 0xA8 <= byte_at(at + 2) <= 0xA9:
        return -1
    return after


@inner
def plain_end(at: int, end: int, limit: int, delimiter: int) -> int:
    """The end of a cell without quotes; -1 where it is not as it should be."""
    while True:
        at = next_special(at, end, limit, delimiter, 34)
        if at >= end or byte_at(at) == delimiter:
            return at
        if byte_at(at) == 34:
            return -1
        at = after_odd_byte(at, end)
        if at < 0:
            return -1


@inner
def quoted_end(at: int, end: int, limit: int) -> tuple[int, bool]:
    """The place of the quote that ends a cell, -1 where it is not as it should be, and whether it has doubled quotes."""
    doubled = False
    while True:
        at = next_special(at, end, limit, 34, 34)
        if at >= end:
            return -1, doubled
        if byte_at(at) == 34:
            if at + 1 == end or byte_at(at + 1) != 34:
                return at, doubled
            doubled = True
            at += 2
            continue
        at = after_odd_byte(at, end)
        if at < 0:
            return -1, doubled


@inner
def undouble(at: int, end: int, to: int) -> int:
    """Write a cell with one quote for two; returns the place after it."""
    while at < end:
        byte = byte_at(at)
        to = put_byte(to, byte)
        at += 2 if byte == 34 else 1
    return to


@kernel(void(READ_ONLY, int64[::1], int64[::1], int64, HEADER, int64[::1], int64[::1], FOUND))
def scan_cells(
    data: Any, begins: Any, ends: Any, delimiter: int, header: Any, property_begins: Any, property_ends: Any, found: Any
) -> None:
    """Scan rows that are lines; of the column `properties`, only where its cells stand is found."""
    size = len(data)
    base = address_of(data)
    limit = base + size
    annex = address_of(found.annex)
    used = annex + found.used[0]
    fields = header.fields
    paths = header.paths
    path_ranks = header.ranks
    field_starts = found.field_starts
    field_lengths = found.field_lengths
    tags = found.tags
    ranks = found.ranks
    value_starts = found.starts
    value_lengths = found.lengths
    fines = found.fine
    for row in range(len(begins)):
        at = base + begins[row]
        end = base + ends[row]
        property_begins[row] = 0
        property_ends[row] = 0
        if byte_at(end - 1) == 13:
            end -= 1
        fine = True
        for column in range(len(fields)):
            field = fields[column]
            path = paths[column]
            start = at - base
            if at < end and byte_at(at) == 34:
                at, doubled = quoted_end(at + 1, end, limit)
                if at < 0:
                    fine = False
                    break
                start += 1
                length = at - base - start
                if doubled and (field >= 0 or path >= 0):
                    length = undouble(base + start, at, used) - used
                    start = size + used - annex
                    used += length
                at += 1
            else:
                at = plain_end(at, end, limit, delimiter)
                if at < 0:
                    fine = False
                    break
                length = at - base - start
            is_last = column + 1 == len(fields)
            if (at < end and byte_at(at) != delimiter) or (at < end) == is_last:
                fine = False
                break
            at += 1
            if length == 0:
                continue
            if field == TO_PROPERTIES:
                property_begins[row] = start
                property_ends[row] = start + length
            elif field >= 0:
                field_starts[field, row] = start
                field_lengths[field, row] = length
            if path >= 0:
                ranks[path, row] = path_ranks[column]
                tags[path, row] = 115
                value_starts[path, row] = start
                value_lengths[path, row] = length
        fines[row] = fine
    found.used[0] = used - annex
