"""Merging: batches, in their order, become columns.

In: batches with dictionaries of their own. Out: columns with one dictionary each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from triggerlang.events.batches import Batch
from triggerlang.events.columns import Codes, Column, Columns, Longs
from triggerlang.events.interning import Coded, Interner, Numbers


class _Codes:
    """The codes of a column as they come in, and their dictionary."""

    def __init__(self, *, absent: bool = False) -> None:
        self.interner = Interner(absent=absent)
        self.pieces: list[Codes] = []

    def add(self, coded: Coded) -> None:
        self.pieces.append(self.interner.merged(coded.texts)[coded.codes])

    def coded(self) -> Coded:
        """All of it; afterwards there is nothing more here."""
        texts, self.interner = self.interner.texts(), Interner()
        return Coded(_joined(self.pieces, np.int32), texts)


class Merger:
    """Merges batches into columns in memory."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self._time: list[Longs] = []
        self._row: list[Longs] = []
        self._contact, self._id = _Codes(), _Codes(absent=True)
        self._properties = [_Codes(absent=True) for _ in paths]
        self._key: list[Codes] = []
        self._kinds, self._names, self._keys = Interner(), Interner(), Numbers()
        self._events = 0

    @property
    def nbytes(self) -> int:
        """What it takes of memory."""
        columns = [self._contact, self._id, *self._properties]
        dictionaries = [*(column.interner for column in columns), self._kinds, self._names]
        return self._events * (20 + 4 * len(columns)) + self._keys.nbytes + sum(dictionary.nbytes for dictionary in dictionaries)

    def add(self, batch: Batch) -> None:
        """Take in a batch; its rows are numbered over all files by now."""
        self._events += len(batch)
        self._time.append(batch.time)
        self._row.append(batch.row)
        self._contact.add(batch.contact)
        self._id.add(batch.id)
        for column, held in zip(self._properties, batch.properties, strict=True):
            column.add(held)
        kinds, names = self._kinds.merged(batch.kinds), self._names.merged(batch.names)
        keys = kinds[batch.keys >> 32].astype(np.int64) << 32 | names[batch.keys & 0xFFFF_FFFF]
        self._key.append(self._keys.codes(keys)[batch.key])

    def batch(self) -> Batch:
        """All that was taken in, as one batch; the merger has nothing more of it afterwards."""
        return Batch(
            time=_joined(self._time, np.int64),
            row=_joined(self._row, np.int64),
            contact=self._contact.coded(),
            key=_joined(self._key, np.int32),
            keys=self._keys.held(),
            kinds=self._kinds.texts(),
            names=self._names.texts(),
            id=self._id.coded(),
            properties=[column.coded() for column in self._properties],
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
        )


def _joined(pieces: list[Any], kind: Any) -> Any:
    """One array of some; they are let go as soon as they are in it."""
    made = np.concatenate([np.empty(0, kind), *pieces])
    pieces.clear()
    return made
