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

from triggerlang.events.bytewise import READ_ONLY, Long, Word, address_of, byte_at, fetch_ahead, hash_bytes, put_byte, put_bytes, same_bytes
from triggerlang.events.columns import Bytes, Codes, Longs, Texts
from triggerlang.machine.kernels import kernel

SEED: Final[Any] = np.uint64(int.from_bytes(os.urandom(8), "little"))
"""Nobody who writes a log can know which texts share a hash."""

_HALF: Final[Any] = np.uint64(32)
_MARK: Final[Any] = np.uint64(0xFFFF_FFFF_0000_0000)
_CODE: Final[Any] = np.uint64(0x0000_0000_FFFF_FFFF)

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
        READ_ONLY, READ_ONLY, int64[::1], int32[::1], uint8[::1], int64, uint64, uint64[::1], int64[::1], uint8[::1], int64, int32[::1]
    )
)  # fmt: skip
def intern(
    data: Any, annex: Any, starts: Any, lengths: Any, tags: Any, first: int, seed: int, slots: Any, offsets: Any, held: Any, count: int,
    codes: Any
) -> Any:  # fmt: skip
    """Code the texts from `first` on; where the dictionary is full, stop. Returns how far it came and how many texts the dictionary has.

    A slot holds the upper half of a hash and, from 1, a code.
    """
    size = len(data)
    data_at = address_of(data)
    data_end = data_at + size
    annex_at = address_of(annex) - size
    annex_end = annex_at + size + len(annex)
    held_at = address_of(held)
    held_end = held_at + len(held)
    slots_at = address_of(slots)
    offsets_at = address_of(offsets)
    is_tagged = len(tags) > 0
    mask = Word(len(slots) - 1)
    room = len(slots) // 2
    row = first
    ahead = np.empty(_AHEAD, np.uint64)
    while row < len(starts):
        # Memory is slow, and a text is three steps away: so each step of many texts is asked for before the first is needed.
        rows = min(_AHEAD, len(starts) - row)
        for number in range(rows):
            start = starts[row + number]
            tag = Long(tags[row + number]) if is_tagged else 0
            at = data_at + start if start < size else annex_at + start
            mixed = hash_bytes(at, Long(lengths[row + number]), data_end if start < size else annex_end, seed ^ Word(tag))
            ahead[number] = mixed
            fetch_ahead(slots_at + 8 * Long((mixed >> _HALF) & mask))
        if count > _FEW:
            for number in range(rows):
                slot = slots[(ahead[number] >> _HALF) & mask]
                if slot != 0:
                    fetch_ahead(offsets_at + 8 * (Long(slot & _CODE) - 1))
            for number in range(rows):
                slot = slots[(ahead[number] >> _HALF) & mask]
                if slot != 0:
                    fetch_ahead(held_at + offsets[Long(slot & _CODE) - 1])
        is_full = False
        for number in range(rows):
            start = starts[row]
            length = Long(lengths[row])
            tag = Long(tags[row]) if is_tagged else 0
            at = data_at + start if start < size else annex_at + start
            limit = data_end if start < size else annex_end
            mixed = ahead[number]
            extra = Long(tag != 0)
            mark = mixed & _MARK
            place = (mixed >> _HALF) & mask
            code = Long(-1)
            while slots[place] != 0:
                if slots[place] & _MARK == mark:
                    code = Long(slots[place] & _CODE) - 1
                    begin = offsets[code]
                    is_same = offsets[code + 1] - begin == length + extra and (extra == 0 or byte_at(held_at + begin) == tag)
                    if is_same and same_bytes(at, limit, held_at + begin + extra, held_end, length):
                        break
                    code = Long(-1)
                place = (place + Word(1)) & mask
            if code < 0:
                begin = offsets[count]
                is_full = count >= room or begin + length + extra > len(held)
                if is_full:
                    break
                if extra == 1:
                    put_byte(held_at + begin, tag)
                put_bytes(at, length, limit, held_at + begin + extra, held_end)
                offsets[count + 1] = begin + extra + length
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

    def __init__(self, *, absent: bool = False, room: int = 1 << 8) -> None:
        """Empty, with room for some texts; or, with `absent`, with the empty text as its first."""
        slots = 1 << (2 * room - 1).bit_length()
        self._slots: NDArray[np.uint64] = np.zeros(slots, np.uint64)
        self._offsets: Longs = np.zeros(slots // 2 + 1, np.int64)
        self._data: Bytes = np.empty(16 * room, np.uint8)
        self._count = 0
        if absent:
            self.codes(Spans(NO_BYTES, NO_BYTES, np.zeros(1, np.int64), np.zeros(1, np.int32), NO_BYTES))

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """What it takes of memory."""
        return self._slots.nbytes + self._offsets.nbytes + self._data.nbytes

    def codes(self, texts: Spans) -> Codes:
        """The codes of some texts; new ones are added."""
        found: Codes = np.empty(len(texts), np.int32)
        row = 0
        while True:
            came = intern(
                texts.data, texts.annex, texts.starts, texts.lengths, texts.tags, row, SEED,
                self._slots, self._offsets, self._data, self._count, found,
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
        used = int(self._offsets[self._count])
        if used + wanted > len(self._data):
            self._data = _longer(self._data, used, 2 * len(self._data) + wanted)
        if self._count >= len(self._slots) // 2:
            slots = np.zeros(2 * len(self._slots), np.uint64)
            place_again(self._slots, slots)
            self._slots = slots
            self._offsets = _longer(self._offsets, self._count + 1, len(slots) // 2 + 1)


def whole(texts: Texts) -> Spans:
    """All texts of a dictionary as places."""
    starts = np.ascontiguousarray(texts.offsets[:-1])
    return Spans(texts.data, NO_BYTES, starts, np.diff(texts.offsets).astype(np.int32), NO_BYTES)


def coded(texts: Spans, *, absent: bool = False, many: bool = False) -> Coded:
    """Texts with a dictionary of their own; `many` is told where most of them may be different."""
    interner = Interner(absent=absent, room=max(len(texts) if many else 0, 1 << 8))
    codes = interner.codes(texts)
    return Coded(codes, interner.texts())


def _longer(array: Any, used: int, size: int) -> Any:
    made = np.empty(size, array.dtype)
    made[:used] = array[:used]
    return made


@kernel(int64[::1](int64[::1], int64, int32[::1], int64[::1], int64, int32[::1]))
def intern_longs(longs: Any, first: int, slots: Any, held: Any, count: int, codes: Any) -> Any:
    """The same for whole numbers."""
    mask = len(slots) - 1
    row = first
    while row < len(longs):
        wanted = longs[row]
        mixed = Word(wanted) * Word(0x9E37_79B9_7F4A_7C15)
        place = Long(mixed >> Word(32)) & mask
        while slots[place] >= 0 and held[slots[place]] != wanted:
            place = (place + 1) & mask
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

    def __init__(self) -> None:
        self._slots: Codes = np.full(1 << 9, -1, np.int32)
        self._held: Longs = np.empty(1 << 8, np.int64)
        self._count = 0

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
