"""Spilling: events that do not fit into memory, as parts on disk.

In: batches, and a folder. Out: parts, each with all events of its contacts, in the order in which they came in. Contacts go to parts by
their hash.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, BinaryIO, Final

import numpy as np

from triggerlang.events.batches import Batch
from triggerlang.events.columns import Columns, Texts
from triggerlang.events.interning import SEED, Coded
from triggerlang.events.merging import Merger
from triggerlang.events.texts import hash_texts, take_texts
from triggerlang.language.times import FIRST_MOMENT

MOST_PARTS: Final = 64
"""As many parts are made at a time."""

DEEPEST: Final = 4
"""How often a part is split that is too large; one that is too large still has a contact that is."""

_HEAD: Final = struct.Struct("<cxxxxxxxq")
_KINDS: Final[dict[Any, bytes]] = {np.dtype(np.int64): b"l", np.dtype(np.int32): b"i", np.dtype(np.uint8): b"b"}
_BY_KIND: Final = {letter: kind for kind, letter in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class SpilledPart:
    """A part on disk."""

    path: str
    paths: tuple[str, ...]

    def load(self) -> Columns:
        """Its events."""
        merger = Merger(self.paths)
        for batch in batches_of(self.path, len(self.paths)):
            merger.add(batch)
        return merger.columns()

    @property
    def latest(self) -> int:
        """The time of its latest event, duplicates among them."""
        batches = batches_of(self.path, len(self.paths))
        moments = (max(int(batch.time.max(initial=FIRST_MOMENT)), *batch.passed_span.tolist(), FIRST_MOMENT) for batch in batches)
        return int(max(moments))


class Spill:
    """A folder that takes in batches."""

    def __init__(self, folder: str, parts: int, paths: tuple[str, ...]) -> None:
        self._folder, self._paths, self._numbers = folder, paths, count()
        self._files = self._names(parts)

    def add(self, batch: Batch) -> None:
        """Write a batch, split by contact; raises OSError with the path where that cannot be."""
        _write_split(batch, self._files, level=0)

    def parts(self, most: int) -> list[SpilledPart]:
        """The parts of all that was taken in, none larger on disk than it may be."""
        found: list[SpilledPart] = []
        waiting = [(path, 0) for path in reversed(self._files)]
        while waiting:
            path, level = waiting.pop()
            size = os.path.getsize(path) if os.path.exists(path) else 0
            if size > most and level < DEEPEST:
                files = self._names(min(2 * size // most + 1, MOST_PARTS))
                for batch in batches_of(path, len(self._paths)):
                    _write_split(batch, files, level + 1)
                os.unlink(path)
                waiting.extend((below, level + 1) for below in reversed(files))
            elif size:
                found.append(SpilledPart(path, self._paths))
        return found

    def _names(self, parts: int) -> list[str]:
        return [os.path.join(self._folder, f"part-{next(self._numbers)}") for _ in range(parts)]


def _write_split(batch: Batch, files: list[str], level: int) -> None:
    hashes = np.empty(len(batch.contact.texts), np.uint64)
    hash_texts(batch.contact.texts.data, batch.contact.texts.offsets, SEED ^ np.uint64(level), hashes)
    # The lower half: dictionaries find their places by the upper one.
    parts = ((hashes & np.uint64(0xFFFF_FFFF)) % np.uint64(len(files))).astype(np.uint8)
    rows_parts = parts[batch.contact.codes]
    order = np.argsort(rows_parts, kind="stable")
    ends = np.cumsum(np.bincount(rows_parts, minlength=len(files)))
    is_passed = np.zeros(len(parts), np.bool_)
    is_passed[: len(batch.passed)] = batch.passed > 0
    begin = 0
    for number, (path, end) in enumerate(zip(files, ends.tolist(), strict=True)):
        passed = np.flatnonzero(is_passed & (parts == number))
        if end > begin or len(passed):
            _append(path, _some_rows(batch, order[begin:end], passed))
        begin = end


def _append(path: str, batch: Batch) -> None:
    try:
        with open(path, "ab") as file:
            for array in _arrays(batch):
                file.write(_HEAD.pack(_KINDS[array.dtype], len(array)))
                if len(array):
                    file.write(memoryview(array).cast("B"))
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error


def _some_rows(batch: Batch, rows: Any, passed: Any) -> Batch:
    """Some rows of a batch, and what is known of contacts with events that nobody wants, with no more of the dictionaries than they
    need."""
    # Those contacts as if they had one row more each.
    contact = shrunk(Coded(np.concatenate([passed.astype(np.int32), batch.contact.codes[rows]]), batch.contact.texts))
    counts = np.zeros(len(contact.texts) if len(passed) else 0, np.int64)
    counts[contact.codes[: len(passed)]] = batch.passed[passed]
    keys = batch.keys[_used(key := batch.key[rows], len(batch.keys))]
    kind, name = (
        shrunk(Coded(codes.astype(np.int32), texts)) for codes, texts in ((keys >> 32, batch.kinds), (keys & 0xFFFF_FFFF, batch.names))
    )
    return Batch(
        time=batch.time[rows],
        row=batch.row[rows],
        contact=Coded(contact.codes[len(passed) :], contact.texts),
        key=_renumbered(key, len(batch.keys)),
        keys=kind.codes.astype(np.int64) << 32 | name.codes,
        kinds=kind.texts,
        names=name.texts,
        id=shrunk(Coded(batch.id.codes[rows], batch.id.texts)),
        properties=[shrunk(Coded(held.codes[rows], held.texts)) for held in batch.properties],
        passed=counts,
        passed_span=batch.passed_span,
    )


def _used(codes: Any, size: int) -> Any:
    """Which codes there are."""
    is_used = np.zeros(size, np.bool_)
    is_used[codes] = True
    return is_used


def _renumbered(codes: Any, size: int) -> Any:
    return (np.cumsum(_used(codes, size), dtype=np.int32) - np.int32(1))[codes]


def shrunk(held: Coded) -> Coded:
    wanted = np.flatnonzero(_used(held.codes, len(held.texts)))
    offsets = np.zeros(len(wanted) + 1, np.int64)
    np.cumsum(np.diff(held.texts.offsets)[wanted], out=offsets[1:])
    data = np.empty(int(offsets[-1]), np.uint8)
    take_texts(held.texts.data, held.texts.offsets, wanted, offsets, data)
    return Coded(_renumbered(held.codes, len(held.texts)), Texts(offsets, data))


def _arrays(batch: Batch) -> list[Any]:
    """The arrays of a batch, always in the same order."""
    arrays = [batch.time, batch.row, batch.key, batch.keys, batch.passed, batch.passed_span]
    for texts in (batch.kinds, batch.names):
        arrays += [texts.offsets, texts.data]
    for held in (batch.contact, batch.id, *batch.properties):
        arrays += [held.codes, held.texts.offsets, held.texts.data]
    return arrays


def batches_of(path: str, properties: int) -> Iterator[Batch]:
    """The batches that a file has."""
    with open(path, "rb") as file:
        while head := file.read(_HEAD.size):
            time = _array(file, head)
            row, key, keys, passed, passed_span = (_array(file) for _ in range(5))
            kinds, names = (_texts(file) for _ in range(2))
            contact, event_id, *held = (Coded(_array(file), _texts(file)) for _ in range(2 + properties))
            yield Batch(time, row, contact, key, keys, kinds, names, event_id, held, passed=passed, passed_span=passed_span)


def _texts(file: BinaryIO) -> Texts:
    return Texts(_array(file), _array(file))


def _array(file: BinaryIO, head: bytes | None = None) -> Any:
    letter, length = _HEAD.unpack(head or file.read(_HEAD.size))
    array: Any = np.empty(length, _BY_KIND[letter])
    if length:
        file.readinto(memoryview(array).cast("B"))  # type: ignore[attr-defined]
    return array
