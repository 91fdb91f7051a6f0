"""Interning: many texts become codes, numbers of a dictionary that holds each once.

In: texts as places in bytes. Out: their codes, in the order in which texts came first. Texts are found by hash and told apart by their
bytes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import int32, int64, uint8, uint64, void
from numpy.typing import NDArray

from triggerlang.events.bytewise import (
    READ_ONLY,
    READ_ONLY_CODES,
    READ_ONLY_LONGS,
    Long,
    Word,
    fetch_ahead,
    hash_and_end,
    put_byte,
    put_bytes,
    same_words,
)
from triggerlang.events.columns import Bytes, Codes, Longs, Texts
from triggerlang.machine.addresses import address_of
from triggerlang.machine.kernels import kernel

SEED: Final[Any] = np.uint64(int.from_bytes(os.urandom(8), "little"))
"""Nobody who writes a log can know which texts share a hash."""

_HALF: Final[Any] = np.uint64(32)
_MIX: Final[Any] = np.uint64(0x9E37_79B9_7F4A_7C15)
_MARK: Final[Any] = np.uint64(0xFFFF_FFFF_0000_0000)
_CODE: Final[Any] = np.uint64(0x0000_0000_FFFF_FFFF)

_ROOM: Final = 1 << 8
"""As many texts a dictionary has room for in the beginning."""

_MOST_PAIRS: Final = 1 << 16
"""So many pairs of texts that there could be are looked up in a table."""

_AHEAD: Final = 64
_FEW: Final = 4_000
"""As few texts as that are near anyway."""

NO_BYTES: Final[Bytes] = np.empty(0, np.uint8)


@dataclass(slots=True)
class Spans:
    """Texts as places: the bytes from `starts` on, as many as `lengths`. A place beyond the end of `data` is in `annex`, from its
    beginning on.

    Where there are `tags`, each stands before its text as a byte of it; only an empty text may have none, which is 0.
    """

    data: Bytes
    annex: Bytes
    starts: Longs
    lengths: Codes
    tags: Bytes

    def __len__(self) -> int:
        return len(self.starts)


@dataclass(slots=True)
class Coded:
    """Texts as codes of their own dictionary."""

    codes: Codes
    texts: Texts


@kernel(
    int64[::1](
        READ_ONLY, READ_ONLY, int64[::1], int32[::1], uint8[::1], int64, uint64,
        uint64[::1], uint64[::1], int64[::1], uint8[::1], int64, int32[::1]
    )
)  # fmt: skip
def intern(
    data: Any, annex: Any, starts: Any, lengths: Any, tags: Any, first: int, seed: int,
    slots: Any, heads: Any, offsets: Any, held: Any, count: int, codes: Any
) -> Any:  # fmt: skip
    """Code the texts from `first` on; where the dictionary is full, stop. Returns how far it came and how many texts the dictionary has.

    A slot holds the upper half of a hash and, from 1, a code. The head of a code has all that tells a short text from others: its last
    sixteen bytes, where it begins, and its length and tag.
    """
    size = len(data)
    data_at = address_of(data)
    data_end = data_at + size
    annex_at = address_of(annex) - size
    annex_end = annex_at + size + len(annex)
    held_at = address_of(held)
    held_end = held_at + len(held)
    slots_at = address_of(slots)
    heads_at = address_of(heads)
    is_tagged = len(tags) > 0
    mask = Word(len(slots) - 1)
    room = len(slots) // 2
    row = first
    ahead = np.empty(_AHEAD, np.uint64)
    lows = np.empty(_AHEAD, np.uint64)
    highs = np.empty(_AHEAD, np.uint64)
    while row < len(starts):
        # Memory is slow, and a text is three steps away: so each step of many texts is asked for before the first is needed.
        rows = min(_AHEAD, len(starts) - row)
        has_long = False
        for number in range(rows):
            start = starts[row + number]
            length = Long(lengths[row + number])
            tag = Long(tags[row + number]) if is_tagged else 0
            at = data_at + start if start < size else annex_at + start
            has_long |= length > 16
            mixed, low, high = hash_and_end(at, length, data_end if start < size else annex_end, seed ^ Word(tag))
            ahead[number] = mixed
            lows[number] = low
            highs[number] = high
            fetch_ahead(slots_at + 8 * Long((mixed >> _HALF) & mask))
        if count > _FEW:
            for number in range(rows):
                slot = slots[(ahead[number] >> _HALF) & mask]
                if slot != 0:
                    fetch_ahead(heads_at + 32 * (Long(slot & _CODE) - 1))
            if has_long:
                for number in range(rows):
                    slot = slots[(ahead[number] >> _HALF) & mask]
                    if slot != 0:
                        fetch_ahead(held_at + Long(heads[4 * (Long(slot & _CODE) - 1) + 2]))
        is_full = False
        for number in range(rows):
            start = starts[row]
            length = Long(lengths[row])
            tag = Long(tags[row]) if is_tagged else 0
            extra = Long(tag != 0)
            kind = Word(length) | Word(tag) << _HALF
            mixed = ahead[number]
            mark = mixed & _MARK
            place = (mixed >> _HALF) & mask
            code = Long(-1)
            while slots[place] != 0:
                if slots[place] & _MARK == mark:
                    code = Long(slots[place] & _CODE) - 1
                    head = 4 * code
                    if heads[head] == lows[number] and heads[head + 1] == highs[number] and heads[head + 3] == kind:
                        if length <= 16:
                            break
                        at = data_at + start if start < size else annex_at + start
                        if same_words(at, held_at + Long(heads[head + 2]) + extra, length):
                            break
                    code = Long(-1)
                place = (place + Word(1)) & mask
            if code < 0:
                begin = offsets[count]
                is_full = count >= room or begin + length + extra > len(held)
                if is_full:
                    break
                at = data_at + start if start < size else annex_at + start
                if extra == 1:
                    put_byte(held_at + begin, tag)
                put_bytes(at, length, data_end if start < size else annex_end, held_at + begin + extra, held_end)
                offsets[count + 1] = begin + extra + length
                head = 4 * count
                heads[head] = lows[number]
                heads[head + 1] = highs[number]
                heads[head + 2] = Word(begin)
                heads[head + 3] = kind
                code = count
                count += 1
                slots[place] = mark | Word(count)
            codes[row] = code
            row += 1
        if is_full:
            break
    came = np.empty(2, np.int64)
    came[0] = row
    came[1] = count
    return came


@kernel(void(uint64[::1], uint64[::1]))
def place_again(slots: Any, larger: Any) -> None:
    """Move codes into more, empty slots."""
    mask = Word(len(larger) - 1)
    for slot in slots:
        if slot != 0:
            place = (slot >> _HALF) & mask
            while larger[place] != 0:
                place = (place + Word(1)) & mask
            larger[place] = slot


class Interner:
    """A dictionary that grows."""

    def __init__(self, *, absent: bool = False, texts: int = 0) -> None:
        """Empty; or, with `absent`, with the empty text as its first. About as many `texts` as that are to come."""
        room = max(1 << (texts - 1).bit_length() if texts else 0, _ROOM)
        self._slots: NDArray[np.uint64] = np.zeros(2 * room, np.uint64)
        self._heads: NDArray[np.uint64] = np.empty(4 * room, np.uint64)
        self._offsets: Longs = np.zeros(room + 1, np.int64)
        self._data: Bytes = np.empty(16 * room, np.uint8)
        self._count = 0
        if absent:
            self.codes(Spans(NO_BYTES, NO_BYTES, np.zeros(1, np.int64), np.zeros(1, np.int32), NO_BYTES))

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """What it takes of memory."""
        return self._slots.nbytes + self._heads.nbytes + self._offsets.nbytes + self._data.nbytes

    def codes(self, texts: Spans) -> Codes:
        """The codes of some texts; new ones are added."""
        found: Codes = np.empty(len(texts), np.int32)
        row = 0
        while True:
            came = intern(
                texts.data, texts.annex, texts.starts, texts.lengths, texts.tags, row, SEED,
                self._slots, self._heads, self._offsets, self._data, self._count, found,
            )  # fmt: skip
            row, self._count = int(came[0]), int(came[1])
            if row == len(texts):
                return found
            self._grow(int(texts.lengths[row]) + 1)

    def merged(self, texts: Texts) -> Codes:
        """The codes of the texts of another dictionary, by their codes there."""
        return self.codes(whole(texts))

    def texts(self) -> Texts:
        """The dictionary, without room to grow."""
        offsets = self._offsets[: self._count + 1].copy()
        return Texts(offsets, self._data[: offsets[-1]].copy())

    def _grow(self, wanted: int) -> None:
        # Twice as large each time, and never to what there might be: a table that is larger than it need be is slow.
        used = int(self._offsets[self._count])
        if used + wanted > len(self._data):
            self._data = _longer(self._data, used, 2 * len(self._data) + wanted)
        if self._count >= len(self._slots) // 2:
            slots = np.zeros(2 * len(self._slots), np.uint64)
            place_again(self._slots, slots)
            self._slots = slots
            self._heads = _longer(self._heads, 4 * self._count, 2 * len(slots))
            self._offsets = _longer(self._offsets, self._count + 1, len(slots) // 2 + 1)


def whole(texts: Texts) -> Spans:
    """All texts of a dictionary as places."""
    starts = np.ascontiguousarray(texts.offsets[:-1])
    return Spans(texts.data, NO_BYTES, starts, np.diff(texts.offsets).astype(np.int32), NO_BYTES)


def coded(texts: Spans, *, absent: bool = False, expected: int = 0) -> Coded:
    """Texts with a dictionary of their own, of about as many as are expected."""
    interner = Interner(absent=absent, texts=expected)
    codes = interner.codes(texts)
    return Coded(codes, interner.texts())


@kernel(void(READ_ONLY_CODES, READ_ONLY_CODES, int32[::1]))
def take_codes(codes: Any, wanted: Any, taken: Any) -> None:
    """For each row the code that its code stands for."""
    for row in range(len(wanted)):
        taken[row] = codes[wanted[row]]


@kernel(int64(READ_ONLY_CODES, READ_ONLY_CODES, int64, int32[::1], int64[::1], int32[::1]))
def pair_codes(ones: Any, others: Any, width: int, table: Any, pairs: Any, codes: Any) -> int:
    """The codes of pairs of codes, in the order in which they come first, and the pairs by their codes; `others` are less than `width`.

    The table has a place for each pair there could be, all empty (-1). Returns how many there are.
    """
    count = 0
    for row in range(len(ones)):
        place = Long(ones[row]) * width + Long(others[row])
        code = table[place]
        if code < 0:
            code = np.int32(count)
            table[place] = code
            pairs[count] = Long(ones[row]) << 32 | Long(others[row])
            count += 1
        codes[row] = code
    return count


def paired(one: Coded, other: Coded) -> tuple[Codes, Longs]:
    """The codes of pairs of texts, and the pairs by their codes: `one << 32 | other`."""
    size = len(one.texts) * len(other.texts)
    if size > _MOST_PAIRS:
        numbers = Numbers()
        codes = numbers.codes(one.codes.astype(np.int64) << 32 | other.codes)
        return codes, numbers.held()
    pairs, codes = np.empty(size, np.int64), np.empty(len(one.codes), np.int32)
    count = pair_codes(one.codes, other.codes, len(other.texts), np.full(size, -1, np.int32), pairs, codes)
    return codes, pairs[:count].copy()


def _longer(array: Any, used: int, size: int) -> Any:
    made = np.empty(size, array.dtype)
    made[:used] = array[:used]
    return made


@kernel(int64[::1](READ_ONLY_LONGS, int64, int32[::1], int64[::1], int64, int32[::1]))
def intern_longs(longs: Any, first: int, slots: Any, held: Any, count: int, codes: Any) -> Any:
    """The same for whole numbers."""
    mask = Word(len(slots) - 1)
    row = first
    while row < len(longs):
        wanted = longs[row]
        # Both halves of the number in both halves of the hash: floats have most of their bits above, whole numbers below.
        mixed = (Word(wanted) ^ (Word(wanted) >> _HALF)) * _MIX
        place = (mixed ^ (mixed >> _HALF)) >> Word(8) & mask
        while slots[place] >= 0 and held[slots[place]] != wanted:
            place = (place + Word(1)) & mask
        if slots[place] < 0:
            if count >= len(held):
                break
            held[count] = wanted
            slots[place] = np.int32(count)
            count += 1
        codes[row] = slots[place]
        row += 1
    came = np.empty(2, np.int64)
    came[0] = row
    came[1] = count
    return came


class Numbers:
    """A dictionary of whole numbers that grows."""

    def __init__(self, *first: int) -> None:
        """Empty, or with some numbers as its first."""
        self._slots: Codes = np.full(2 * _ROOM, -1, np.int32)
        self._held: Longs = np.empty(_ROOM, np.int64)
        self._count = 0
        self.codes(np.array(first, np.int64))

    @property
    def nbytes(self) -> int:
        """What it takes of memory."""
        return self._slots.nbytes + self._held.nbytes

    def codes(self, longs: Longs) -> Codes:
        """The codes of some numbers; new ones are added."""
        found: Codes = np.empty(len(longs), np.int32)
        row = 0
        while True:
            came = intern_longs(longs, row, self._slots, self._held, self._count, found)
            row, self._count = int(came[0]), int(came[1])
            if row == len(longs):
                return found
            held = self.held()
            self._slots = np.full(2 * len(self._slots), -1, np.int32)
            self._held = _longer(self._held, self._count, 2 * len(self._held))
            intern_longs(held, 0, self._slots, self._held, 0, np.empty(len(held), np.int32))

    def held(self) -> Longs:
        """The numbers by their codes."""
        return self._held[: self._count].copy()
