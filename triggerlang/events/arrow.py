"""Arrow: columns of Parquet as codes, moments and masks.

In: arrays of Arrow. Out: for all their cells at once what `parquet` makes of each: the texts of a field, the values of a property, the
moments of times; and which cells are surely fine, because the reader of single rows has to decide on all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import types

from triggerlang.events import parquet
from triggerlang.events.columns import ABSENT, Bytes, Codes, Longs, Texts
from triggerlang.events.interning import NO_BYTES, Coded, Spans, coded
from triggerlang.events.moments import moments_of, moments_of_clocks
from triggerlang.events.rejects import BadEventError
from triggerlang.events.tagging import tagged
from triggerlang.events.texts import odd_text, texts_of_longs, values_of_floats, values_of_longs
from triggerlang.language.times import DAY, END_OF_TIME, FIRST_MOMENT, SECOND, Zone

Mask: TypeAlias = NDArray[np.bool_]

_TEXT: Final = np.uint8(ord("s"))
_NOTHING: Final = np.uint8(0)
_FURTHEST: Final = 2.0**63
_PER_SECOND: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def usual(column: Any) -> Any:
    """The same column in a form that is known here: of dictionaries, only those of texts are left."""
    if types.is_dictionary(column.type) and not (_is_plain_text(column.type.value_type) and column.dictionary.null_count == 0):
        column = column.dictionary_decode()
    if getattr(types, "is_string_view", _never)(column.type):
        column = column.cast(pa.large_string())
    return column


def is_text(column: Any) -> bool:
    """Whether a column is of texts, or codes of texts."""
    return _is_plain_text(column.type) or types.is_dictionary(column.type)


def _is_plain_text(kind: Any) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind))


def _is_nested(kind: Any) -> bool:
    return bool(types.is_nested(kind))


def _never(_: Any) -> bool:
    return False


def present(column: Any) -> Mask:
    """Which cells are not null."""
    if column.null_count == 0:
        return np.ones(len(column), np.bool_)
    return np.array(column.is_valid().to_numpy(zero_copy_only=False), np.bool_)


def filled(column: Any, otherwise: Any) -> Any:
    """The cells of a column as NumPy has them, with something else for those that are null."""
    return (column.fill_null(otherwise) if column.null_count else column).to_numpy(zero_copy_only=False)


@dataclass(frozen=True, slots=True)
class Strings:
    """The texts of a column: where each stands; with `codes`, those of a dictionary, and the code of each row. What is null is empty."""

    data: Bytes
    starts: Longs
    lengths: Codes
    nulls: Mask | None
    codes: Codes | None

    def spread(self, of_texts: Any) -> Any:
        """What is known of each text, for each row."""
        return of_texts if self.codes is None else of_texts[self.codes]

    def fine(self) -> Mask | None:
        """Which of them any text may be; nothing where all are."""
        if not len(self.starts):
            return None
        first, end = int(self.starts[0]), int(self.starts[-1] + self.lengths[-1])
        if odd_text(self.data, first, end) < 0:
            # What is UTF-8 as a whole may still be cut inside of a character.
            if self.data[first:end].max(initial=0) < 0x80:
                return None
            begins = self.starts[self.lengths > 0]
            if not ((self.data[begins] & 0xC0) == 0x80).any():
                return None
        ends = self.starts + self.lengths
        of_texts = [odd_text(self.data, start, end) < 0 for start, end in zip(self.starts.tolist(), ends.tolist(), strict=True)]
        fine: Mask = self.spread(np.array(of_texts, np.bool_))
        return fine

    def texts(self, otherwise: bytes = b"", expected: int = 0) -> Coded:
        """The codes of the texts, with another for those that are empty; about as many different ones as are `expected`."""
        starts, lengths, annex = self.starts, self.lengths, NO_BYTES
        if otherwise and not lengths.all():
            annex = np.frombuffer(otherwise, np.uint8)
            starts = np.where(lengths > 0, starts, len(self.data))
            lengths = np.where(lengths > 0, lengths, np.int32(len(otherwise)))
        made = coded(Spans(self.data, annex, starts, lengths, NO_BYTES), expected=expected)
        return Coded(self.spread(made.codes), made.texts)

    def values(self) -> Coded:
        """The codes of the texts as values."""
        tags = np.full(len(self.starts), _TEXT)
        if self.nulls is not None:
            tags[self.nulls] = _NOTHING
        made = coded(Spans(self.data, NO_BYTES, self.starts, self.lengths, tags), absent=True)
        return Coded(self.spread(made.codes), made.texts)


def strings(column: Any) -> Strings:
    """The texts of a column of texts."""
    codes: Codes | None = None
    nulls: Mask | None = None
    if types.is_dictionary(column.type):
        # What is null is one text more.
        codes = filled(column.indices.cast(pa.int32()), len(column.dictionary))
        column = column.dictionary
    elif column.null_count:
        nulls = ~present(column)
    _, offsets, data = column.buffers()
    kind = np.int32 if types.is_string(column.type) else np.int64
    places = (
        np.frombuffer(offsets, kind)[column.offset : column.offset + len(column) + 1].astype(np.int64) if offsets else np.zeros(1, np.int64)
    )
    held = np.frombuffer(data, np.uint8) if data else NO_BYTES
    starts, lengths = places[:-1], np.diff(places).astype(np.int32)
    if nulls is not None:
        lengths[nulls] = 0
    if codes is not None:
        starts, lengths = np.append(starts, places[-1]), np.append(lengths, np.int32(0))
        nulls = np.arange(len(starts)) == len(column)
    return Strings(held, starts, lengths, nulls, codes)


def field_texts(column: Any, otherwise: bytes = b"", *, numbers: bool, expected: int) -> tuple[Coded, Mask]:
    """The texts of a field, whose whole numbers are their digits if it may have `numbers`; and which cells are such texts, or null.
    About as many different ones as are `expected` make the work short."""
    if is_text(column):
        return strings(column).texts(otherwise, expected), np.ones(len(column), np.bool_)
    there = present(column)
    longs = np.zeros(len(column), np.int64)
    is_fine = ~there
    if numbers and types.is_integer(column.type):
        longs, is_fine = _longs(column)
    elif numbers and types.is_float64(column.type):
        floats = filled(column, 0.0)
        is_fine = (np.abs(floats) < _FURTHEST) & (np.rint(floats) == floats) & ~((floats == 0) & np.signbit(floats))
        longs[is_fine] = floats[is_fine]
    texts = texts_of_longs(longs)
    is_absent = ~(there & is_fine)
    if is_absent.any():
        texts.annex = np.frombuffer(otherwise, np.uint8) if otherwise else NO_BYTES
        texts.starts[is_absent], texts.lengths[is_absent] = len(texts.data), len(otherwise)
    return coded(texts, expected=expected), is_fine


def _longs(column: Any) -> tuple[Longs, Mask]:
    """Whole numbers as those of 64 bits, and which are such; what is null is 0."""
    held = filled(column, 0)
    fine = held < np.uint64(1 << 63) if held.dtype == np.uint64 else np.ones(len(held), np.bool_)
    return held.astype(np.int64), fine


def property_values(column: Any, zone: Zone) -> Coded:
    """The values of a property; those of cells that are not fine are absent."""
    kind = column.type
    if is_text(column):
        return strings(column).values()
    there = present(column)
    if _is_nested(kind):
        return Coded(there.astype(np.int32), Texts.of([b"", b"o"]))
    if types.is_boolean(kind):
        held = filled(column, False)
        return Coded(np.where(there, held.astype(np.int32) + 1, 0).astype(np.int32), Texts.of([b"", b"bfalse", b"btrue"]))
    if types.is_integer(kind) and not types.is_uint64(kind):
        made = values_of_longs(_longs(column)[0])
        made.codes[~there] = ABSENT
        return made
    if types.is_float64(kind):
        return values_of_floats(filled(column, np.nan))
    return _values_one_by_one(column, zone)


def _values_one_by_one(column: Any, zone: Zone) -> Coded:
    """The same for other types, each value once."""
    try:
        encoded = column.dictionary_encode()
    except pa.ArrowNotImplementedError:
        return absent_values(len(column))
    (convert,) = parquet.converters_of(pa.schema([pa.field("", column.type)]), zone)

    def value(cell: Any) -> bytes:
        try:
            return b"" if cell is None else tagged(convert(cell))
        except BadEventError:
            return b""

    texts = [value(cell) for cell in parquet.values_of(encoded.dictionary)]
    codes = filled(encoded.indices.cast(pa.int32()), len(texts))
    return Coded(codes, Texts.of([*texts, b""]))


def absent_values(rows: int) -> Coded:
    """The value that is not there, in each row."""
    return Coded(np.zeros(rows, np.int32), Texts.of([b""]))


def members(column: Any) -> dict[str, Any]:
    """The members of a struct, null where it is."""
    names = [column.type.field(number).name for number in range(column.type.num_fields)]
    return {name: usual(member) for name, member in zip(names, column.flatten(), strict=True)}


def values_below(column: Any, steps: Sequence[str], zone: Zone) -> Coded:
    """The values to which some steps lead from the cells of a column."""
    for step in steps:
        held = members(column) if types.is_struct(column.type) else {}
        if step not in held:
            return absent_values(len(column))
        column = held[step]
    return property_values(column, zone)


def times_of(column: Any, zone: Zone) -> tuple[Longs, Mask]:
    """The moments of a column of times, and which of its cells are any."""
    kind = column.type
    if is_text(column):
        texts = strings(column)
        moments, fine = moments_of(texts.data, NO_BYTES, texts.starts, texts.lengths, zone)
        return texts.spread(moments), texts.spread(fine)
    there = present(column)
    if types.is_timestamp(kind):
        counts = filled(column.cast(pa.int64()), 0)
        clocks, fine = _microseconds(counts, _PER_SECOND[kind.unit])
        if kind.tz is not None:
            return clocks, fine if column.null_count == 0 else fine & there
    elif types.is_date(kind):
        is_32 = types.is_date32(kind)
        days = filled(column.cast(pa.int32() if is_32 else pa.int64()), 0).astype(np.int64)
        days = days if is_32 else days // 86_400_000
        fine = (days >= FIRST_MOMENT // DAY) & (days < END_OF_TIME // DAY)
        clocks = np.where(fine, days, 0) * DAY
    else:
        return np.zeros(len(column), np.int64), np.zeros(len(column), np.bool_)
    moments, in_calendar = moments_of_clocks(clocks, zone)
    return moments, fine & in_calendar & there


def _microseconds(counts: Longs, per_second: int) -> tuple[Longs, Mask]:
    """Counts of some unit as microseconds, and which of them are in the calendar."""
    if per_second > SECOND:
        counts, per_second = counts // (per_second // SECOND), SECOND
    each = SECOND // per_second
    if len(counts) and counts.min() >= FIRST_MOMENT // each and counts.max() < END_OF_TIME // each:
        return (counts if each == 1 else counts * each), np.ones(len(counts), np.bool_)
    fine = (counts >= FIRST_MOMENT // each) & (counts < END_OF_TIME // each)
    return np.where(fine, counts, 0) * each, fine


def fine_cells(column: Any, zone: Zone, *, is_top: bool = True) -> Mask | None:
    """Which cells are surely as they should be, or null; nothing where all are."""
    kind = column.type
    if is_text(column):
        return strings(column).fine()
    if types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind) or types.is_null(kind) or types.is_decimal(kind):
        return None
    if is_top and (types.is_timestamp(kind) or types.is_date(kind)):
        return times_of(column, zone)[1] | ~present(column)
    if types.is_list(kind) or types.is_large_list(kind):
        if fine_cells(usual(column.flatten()), zone, is_top=False) is None:
            return None
    elif types.is_struct(kind):
        held = members(column)
        if len(held) == kind.num_fields:
            fine = None
            for member in held.values():
                of_member = fine_cells(member, zone, is_top=False)
                if of_member is not None:
                    fine = of_member if fine is None else fine & of_member
            return fine
    return ~present(column)
