"""Texts: the text forms of many numbers at once, and what there is to do with many texts.

In: columns of numbers, dictionaries of texts. Out: shortest decimals, hashes, copies. The decimal of a float is the one that has at most
fifteen digits and is read back as it is; where there is none, the slow way writes it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import boolean, float64, int32, int64, uint8, uint64, void
from numpy.typing import NDArray

from triggerlang.events.bytewise import (
    READ_ONLY,
    READ_ONLY_LONGS,
    Long,
    Word,
    after_character,
    byte_at,
    hash_bytes,
    next_special,
    put_byte,
    put_bytes,
)
from triggerlang.events.columns import Bytes, Longs, Texts
from triggerlang.events.interning import NO_BYTES, Coded, Numbers, Spans
from triggerlang.language import values
from triggerlang.machine.addresses import address_of
from triggerlang.machine.kernels import inner, kernel

_LONGEST: Final = 20
"""As many characters as a number of 64 bits has at most, or one of fifteen digits with a sign and a point."""

_MOST: Final = 10.0**15
_DIGITS: Final = 15
_NUMBER: Final = np.uint8(ord("n"))

NO_NUMBER: Final = 0x7FF8_0000_0000_0000
INFINITY: Final = 0x7FF0_0000_0000_0000
"""The bits of floats that are no numbers."""


@inner
def put_digits(number: int, to: int) -> int:
    """Write a number that is not negative; returns the place after it."""
    end = to + 1
    rest = number // Word(10)
    while rest > 0:
        end += 1
        rest //= Word(10)
    at = end
    rest = number
    while at > to:
        at -= 1
        put_byte(at, Long(rest % Word(10)) + 48)
        rest //= Word(10)
    return end


@kernel(void(int64[::1], uint8[::1], int64[::1], int32[::1]))
def write_longs(longs: Any, data: Any, starts: Any, lengths: Any) -> None:
    """Write whole numbers."""
    base = address_of(data)
    at = base
    for row in range(len(longs)):
        starts[row] = at - base
        begin = at
        number = Word(longs[row])
        if longs[row] < 0:
            at = put_byte(at, 45)
            number = Word(0) - number
        at = put_digits(number, at)
        lengths[row] = at - begin


@inner
def put_float(number: float, to: int) -> int:
    """Write a finite float; returns the place after it, -1 where its shortest decimal is not sure."""
    whole = abs(number)
    power = 1.0
    for decimals in range(_DIGITS + 1):
        scaled = np.rint(whole * power)
        if scaled >= _MOST:
            return -1
        if scaled / power == whole:
            if number < 0:
                to = put_byte(to, 45)
            digits = Word(scaled)
            unit = Word(power)
            to = put_digits(digits // unit, to)
            if decimals > 0:
                rest = digits % unit
                to = put_byte(to, 46)
                for _ in range(decimals):
                    unit //= Word(10)
                    to = put_byte(to, Long(rest // unit) + 48)
                    rest %= unit
            return to
        power *= 10.0
    return -1


@kernel(void(float64[::1], uint8[::1], int64[::1], int32[::1], boolean[::1]))
def write_floats(floats: Any, data: Any, starts: Any, lengths: Any, unsure: Any) -> None:
    """Write floats; nothing for those that are no numbers."""
    base = address_of(data)
    at = base
    for row in range(len(floats)):
        starts[row] = at - base
        lengths[row] = 0
        unsure[row] = False
        if np.isfinite(floats[row]):
            end = put_float(floats[row], at)
            if end < 0:
                unsure[row] = True
            else:
                lengths[row] = end - at
                at = end


def texts_of_longs(longs: Longs) -> Spans:
    """The digits of whole numbers."""
    data, starts, lengths = _room(len(longs))
    write_longs(longs, data, starts, lengths)
    return Spans(data, NO_BYTES, starts, lengths, NO_BYTES)


def texts_of_floats(floats: NDArray[np.float64]) -> Spans:
    """The shortest decimals of floats, each with its tag."""
    data, starts, lengths = _room(len(floats))
    unsure = np.empty(len(floats), np.bool_)
    write_floats(floats, data, starts, lengths, unsure)
    annex = NO_BYTES
    if unsure.any():
        sizes = np.abs(floats)
        are_usual = (sizes >= 1e-4) & (sizes < 1e9)
        for rows, write in ((unsure & are_usual, _written_by_arrow), (unsure & ~are_usual, _written_one_by_one)):
            written, ends = write(floats[rows])
            starts[rows] = len(data) + len(annex) + ends[:-1]
            lengths[rows] = np.diff(ends)
            annex = np.concatenate([annex, written])
    return Spans(data, annex, starts, lengths, np.where(lengths > 0, _NUMBER, np.uint8(0)))


@kernel(void(READ_ONLY_LONGS, int64[::1]))
def unite_bits(bits: Any, united: Any) -> None:
    """The bits of floats, the same for those that have the same value: for the two zeros, and for all that are no numbers."""
    for row in range(len(bits)):
        is_number = bits[row] & INFINITY != INFINITY
        united[row] = (bits[row] if bits[row] << 1 != 0 else 0) if is_number else NO_NUMBER


@kernel(void(READ_ONLY, READ_ONLY, int64[::1], int32[::1], uint8[::1], int64[::1], uint8[::1]))
def join_texts(data: Any, annex: Any, starts: Any, lengths: Any, tags: Any, offsets: Any, joined: Any) -> None:
    """Write texts one after another, each with its tag, if it has any."""
    size = len(data)
    data_at = address_of(data)
    annex_at = address_of(annex) - size
    begin = address_of(joined)
    end = begin + len(joined)
    to = begin
    for place in range(len(starts)):
        offsets[place] = to - begin
        start = starts[place]
        if tags[place] != 0:
            to = put_byte(to, Long(tags[place]))
        if start < size:
            to = put_bytes(data_at + start, Long(lengths[place]), data_at + size, to, end)
        else:
            to = put_bytes(annex_at + start, Long(lengths[place]), annex_at + size + len(annex), to, end)
    offsets[len(starts)] = to - begin


def values_of_longs(longs: Longs) -> Coded:
    """Whole numbers as values: of each the text once."""
    numbers = Numbers()
    codes = numbers.codes(longs)
    spans = texts_of_longs(numbers.held())
    spans.tags = np.full(len(spans), _NUMBER)
    texts = _joined(spans)
    # The absent value stands first.
    return Coded(codes + np.int32(1), Texts(np.concatenate([texts.offsets[:1], texts.offsets]), texts.data))


def values_of_floats(floats: NDArray[np.float64]) -> Coded:
    """Floats as values; those that are no numbers are absent."""
    numbers = Numbers(NO_NUMBER)
    bits = np.empty(len(floats), np.int64)
    unite_bits(floats.view(np.int64), bits)
    codes = numbers.codes(bits)
    return Coded(codes, _joined(texts_of_floats(numbers.held().view(np.float64))))


def _joined(spans: Spans) -> Texts:
    """A dictionary of texts that are all different."""
    offsets = np.empty(len(spans) + 1, np.int64)
    data = np.empty(int(spans.lengths.sum(dtype=np.int64)) + int(np.count_nonzero(spans.tags)), np.uint8)
    join_texts(spans.data, spans.annex, spans.starts, spans.lengths, spans.tags, offsets, data)
    return Texts(offsets, data)


def _written_by_arrow(floats: NDArray[np.float64]) -> tuple[Bytes, Longs]:
    """The shortest decimals of floats, one after another, and where they begin and end; Arrow writes usual ones as Python does."""
    import pyarrow as pa

    _, offsets, data = pa.array(floats).cast(pa.string()).buffers()
    return np.frombuffer(data or b"", np.uint8), np.frombuffer(offsets, np.int32)[: len(floats) + 1].astype(np.int64)


def _written_one_by_one(floats: NDArray[np.float64]) -> tuple[Bytes, Longs]:
    """The same for any finite floats."""
    texts = [values.text(number) or "" for number in floats.tolist()]
    return np.frombuffer("".join(texts).encode(), np.uint8), np.cumsum([0, *(len(text) for text in texts)])


def _room(rows: int) -> tuple[Bytes, Longs, NDArray[np.int32]]:
    return np.empty(_LONGEST * rows + 8, np.uint8), np.empty(rows, np.int64), np.empty(rows, np.int32)


@kernel(int64(READ_ONLY, int64, int64))
def odd_text(data: Any, begin: int, end: int) -> int:
    """The place of the first byte that is NUL or not UTF-8; -1 where there is none."""
    base = address_of(data)
    limit = base + len(data)
    at = base + begin
    stop = base + end
    while True:
        at = next_special(at, stop, limit, 0, 0)
        if at >= stop:
            return -1
        byte = byte_at(at)
        after = at + 1 if 0 < byte < 128 else after_character(at, stop) if byte >= 128 else -1
        if after < 0:
            return at - base
        at = after


@kernel(void(READ_ONLY, int64[::1], uint64, uint64[::1]))
def hash_texts(data: Any, offsets: Any, seed: int, hashes: Any) -> None:
    """The hashes of the texts of a dictionary."""
    base = address_of(data)
    for code in range(len(hashes)):
        hashes[code] = hash_bytes(base + offsets[code], offsets[code + 1] - offsets[code], base + len(data), seed)


@kernel(void(READ_ONLY, int64[::1], int64[::1], int64[::1], uint8[::1]))
def take_texts(data: Any, offsets: Any, wanted: Any, taken_offsets: Any, taken: Any) -> None:
    """Copy some texts of a dictionary to where they are wanted."""
    base = address_of(data)
    to = address_of(taken)
    for place in range(len(wanted)):
        code = wanted[place]
        put_bytes(base + offsets[code], offsets[code + 1] - offsets[code], base + len(data), to + taken_offsets[place], to + len(taken))
