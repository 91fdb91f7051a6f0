"""Merging: batches, in their order, become columns.

In: batches with dictionaries of their own. Out: columns with one dictionary each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from triggerlang.events.batches import Batch
from triggerlang.events.columns import Codes, Column, Columns, Texts, none_passed
from triggerlang.events.interning import Coded, Interner, Numbers, take_codes

LEAST_BYTES: Final = 28
"""What an event takes at least."""

_MOST_ROOM: Final = 1 << 26
"""For as many events more there is room at most."""


class _Rows:
    """An array that grows, without a copy where as many rows come as were expected. Room that is never used takes no memory."""

    def __init__(self, kind: type[np.generic]) -> None:
        self._array: Any = np.empty(0, kind)
        self._used = 0

    def room(self, rows: int, expected: int) -> Any:
        """The places of as many rows more."""
        end = self._used + rows
        if end > len(self._array):
            larger = np.empty(max(end, expected, min(2 * len(self._array), end + _MOST_ROOM)), self._array.dtype)
            larger[: self._used] = self._array[: self._used]
            self._array = larger
        begin, self._used = self._used, end
        return self._array[begin:end]

    def all(self) -> Any:
        """All rows."""
        return self._array[: self._used]


class _Codes:
    """The codes of a column as they come in, and their dictionary."""

    def __init__(self, *, absent: bool = False) -> None:
        self.interner = Interner(absent=absent)
        self._rows = _Rows(np.int32)

    def add(self, coded: Coded, expected: int) -> Codes:
        """Take in some rows; returns the codes here of their texts."""
        merged = self.interner.merged(coded.texts)
        take_codes(merged, coded.codes, self._rows.room(len(coded.codes), expected))
        return merged

    def coded(self) -> Coded:
        """All of it; afterwards there is nothing more here."""
        texts, self.interner = self.interner.texts(), Interner()
        return Coded(self._rows.all(), texts)


def _no_ids(events: int) -> Coded:
    return Coded(np.zeros(events, np.int32), Texts.of([b""]))


class Merger:
    """Merges batches into columns in memory."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self._time, self._row, self._key = _Rows(np.int64), _Rows(np.int64), _Rows(np.int32)
        self._contact, self._id = _Codes(), _Codes(absent=True)
        self._properties = [_Codes(absent=True) for _ in paths]
        self._kinds, self._names, self._keys = Interner(), Interner(), Numbers()
        self._events = self._expected = 0
        self._has_ids = False
        self._passed, self._passed_span = none_passed(), none_passed()

    @property
    def nbytes(self) -> int:
        """What it takes of memory."""
        columns = [self._contact, self._id, *self._properties]
        dictionaries = [self._kinds, self._names, *(column.interner for column in columns)]
        held = self._keys.nbytes + self._passed.nbytes + sum(dictionary.nbytes for dictionary in dictionaries)
        return self._events * (LEAST_BYTES + 4 * len(self._properties)) + held

    def expect(self, rows: int) -> None:
        """Be told of as many rows to come, which a file that lies may not have."""
        self._expected = self._events + min(rows, _MOST_ROOM)

    def add(self, batch: Batch) -> None:
        """Take in a batch; its rows are numbered over all files by now."""
        rows, expected = len(batch), self._expected
        self._events += rows
        self._time.room(rows, expected)[:] = batch.time
        self._row.room(rows, expected)[:] = batch.row
        contacts = self._contact.add(batch.contact, expected)
        if len(batch.passed):
            self._pass(contacts, batch)
        self._add_ids(batch.id, expected)
        for column, held in zip(self._properties, batch.properties, strict=True):
            column.add(held, expected)
        kinds, names = self._kinds.merged(batch.kinds), self._names.merged(batch.names)
        keys = kinds[batch.keys >> 32].astype(np.int64) << 32 | names[batch.keys & 0xFFFF_FFFF]
        take_codes(self._keys.codes(keys), batch.key, self._key.room(rows, expected))

    def _add_ids(self, ids: Coded, expected: int) -> None:
        """Take in the ids of a batch; most logs have none, and then nothing is held of them."""
        before = self._events - len(ids.codes)
        if not self._has_ids and len(ids.texts.data) > 0:
            self._has_ids = True
            self._id.add(_no_ids(before), expected)
        if self._has_ids:
            self._id.add(ids, expected)

    def _pass(self, contacts: Codes, batch: Batch) -> None:
        """Count the events of a batch that nobody wants."""
        size = len(self._contact.interner)
        if size > len(self._passed):
            larger = np.zeros(2 * size, np.int64)
            larger[: len(self._passed)] = self._passed
            self._passed = larger
        np.add.at(self._passed, contacts[: len(batch.passed)], batch.passed)
        ends = [*self._passed_span, *batch.passed_span]
        self._passed_span = np.array([min(ends), max(ends)] if ends else (), np.int64)

    def batch(self) -> Batch:
        """All that was taken in, as one batch; the merger has nothing more of it afterwards."""
        return Batch(
            time=self._time.all(),
            row=self._row.all(),
            contact=self._contact.coded(),
            key=self._key.all(),
            keys=self._keys.held(),
            kinds=self._kinds.texts(),
            names=self._names.texts(),
            id=self._id.coded() if self._has_ids else _no_ids(self._events),
            properties=[column.coded() for column in self._properties],
            passed=np.trim_zeros(self._passed, "b"),
            passed_span=self._passed_span,
        )

    def columns(self) -> Columns:
        """The same as columns."""
        batch = self.batch()
        kinds, names = ([text.decode() for text in texts.all()] for texts in (batch.kinds, batch.names))
        has_ids = len(batch.id.texts) > 1
        return Columns(
            time=batch.time,
            row=batch.row,
            contact=batch.contact.codes,
            contacts=batch.contact.texts,
            key=batch.key,
            keys=[(kinds[key >> 32], names[key & 0xFFFF_FFFF]) for key in batch.keys.tolist()],
            id=batch.id.codes if has_ids else None,
            ids=batch.id.texts if has_ids else None,
            properties={path: Column(held.codes, held.texts) for path, held in zip(self._paths, batch.properties, strict=True)},
            passed=batch.passed,
            passed_span=batch.passed_span,
        )
