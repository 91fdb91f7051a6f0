"""Batches: some rows of a log as columns with dictionaries of their own.

In: what was found in some rows, kernels' finds and single rows' records alike. Out: a batch, which can be merged with others or kept on
disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triggerlang.events.columns import Bytes, Codes, Longs, Texts, none_passed
from triggerlang.events.interning import NO_BYTES, Coded, Spans, coded, paired
from triggerlang.events.paths import CONTACT, ID, KIND, NAME
from triggerlang.events.record import Record
from triggerlang.events.rejects import BadEventError
from triggerlang.events.scanning import USUAL_KIND, Found
from triggerlang.events.tagging import tagged
from triggerlang.language import values


class RowByRowError(Exception):
    """A file is not as it should be: it is to be read row by row from here on."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no event; its row and line are counted from 1 within its batch."""

    row: int
    line: int
    error: BadEventError
    text: str


@dataclass(slots=True)
class Batch:
    """Events of some rows that stand one after another. A key is `kind << 32 | name`, by the codes of their texts here.

    `row` counts from 1 within the batch. `rows` and `lines` are how many there are, bad ones and blank ones too. Of events that nobody
    wants, `passed` tells by the code of a contact how many it has, as far as there are any, and `passed_span` their first and last moment.
    """

    time: Longs
    row: Longs
    contact: Coded
    key: Codes
    keys: Longs
    kinds: Texts
    names: Texts
    id: Coded
    properties: list[Coded]
    rows: int = 0
    lines: int = 0
    bad: list[BadRow] = field(default_factory=list)
    passed: Longs = field(default_factory=none_passed)
    passed_span: Longs = field(default_factory=none_passed)

    def __len__(self) -> int:
        return len(self.time)


def value_of(record: Record, path: str) -> bytes:
    """The value of a record at a path, as it stands in a dictionary of values."""
    return tagged(record.value if path == "value" else values.lookup(record.properties, path))


class Finds:
    """What was found in rows that were scanned, to which records of single rows can be added."""

    def __init__(self, data: Bytes, found: Found, moments: Longs) -> None:
        self.data, self.found, self.moments = data, found, moments
        self._more = bytearray()
        self._end = len(data) + int(found.used[0])

    def add(self, row: int, record: Record, paths: Sequence[str]) -> None:
        """Take a record for what stands in a row."""
        found = self.found
        self.moments[row] = record.time
        for field_number, text in ((CONTACT, record.contact), (KIND, record.kind), (NAME, record.name), (ID, record.id or "")):
            found.field_starts[field_number, row], found.field_lengths[field_number, row] = self._put(text.encode())
        for path_number, path in enumerate(paths):
            value = value_of(record, path)
            found.tags[path_number, row] = value[0] if value else 0
            found.starts[path_number, row], found.lengths[path_number, row] = self._put(value[1:])
        found.fine[row] = True

    def _put(self, text: bytes) -> tuple[int, int]:
        start = self._end + len(self._more)
        self._more += text
        return start, len(text)

    def batch(self) -> Batch:
        """A batch of the rows that are fine."""
        found = self.found
        kept = None if found.fine.all() else np.flatnonzero(found.fine)
        annex = found.annex[: found.used[0]]
        if self._more:
            annex = np.concatenate([annex, np.frombuffer(self._more, np.uint8)])

        def field_codes(number: int, otherwise: int = 0) -> Coded:
            starts, lengths = _kept(found.field_starts[number], kept), _kept(found.field_lengths[number], kept)
            is_absent = lengths <= 0
            if number == ID and is_absent.all():
                return Coded(np.zeros(len(starts), np.int32), Texts.of([b""]))
            if is_absent.any():
                starts, lengths = np.where(is_absent, len(self.data), starts), np.where(is_absent, np.int32(otherwise), lengths)
            return coded(Spans(self.data, annex, starts, lengths, NO_BYTES), absent=number == ID)

        kind, name = field_codes(KIND, len(USUAL_KIND)), field_codes(NAME)
        key, keys = paired(kind, name)
        rows = np.arange(1, len(found.fine) + 1, dtype=np.int64)
        return Batch(
            time=_kept(self.moments, kept),
            row=_kept(rows, kept),
            contact=field_codes(CONTACT),
            key=key,
            keys=keys,
            kinds=kind.texts,
            names=name.texts,
            id=field_codes(ID),
            properties=[
                coded(
                    Spans(
                        self.data,
                        annex,
                        _kept(found.starts[path], kept),
                        _kept(found.lengths[path], kept),
                        _kept(found.tags[path], kept),
                    ),
                    absent=True,
                )
                for path in range(len(found.tags))
            ],
            rows=len(found.fine),
        )


def overlaid(rows: int, layers: Sequence[tuple[NDArray[np.bool_], Coded]]) -> Coded:
    """Values of rows, layer upon layer: where a later one has anything, that counts. A layer has the absent value where it has nothing."""
    if not layers:
        return Coded(np.zeros(rows, np.int32), Texts.of([b""]))
    made = layers[0][1]
    for is_here, held in layers[1:]:
        joined = _joined_texts([made.texts, held.texts])
        made = Coded(np.where(is_here, held.codes + np.int32(len(made.texts)), made.codes), joined)
    return made


def woven(batches: Sequence[Batch]) -> Batch:
    """Batches of rows of one, in the order of the rows; the first has the bad rows and the numbers of rows and lines of all."""
    first = batches[0]
    order = np.argsort(np.concatenate([batch.row for batch in batches]), kind="stable")

    def sorted_codes(parts: Sequence[Coded]) -> Coded:
        starts = np.cumsum([0, *(len(part.texts) for part in parts)])
        codes = np.concatenate([part.codes + np.int32(start) for part, start in zip(parts, starts, strict=False)])
        return Coded(codes[order], _joined_texts([part.texts for part in parts]))

    kind = sorted_codes([Coded((batch.keys >> 32)[batch.key].astype(np.int32), batch.kinds) for batch in batches])
    name = sorted_codes([Coded((batch.keys & 0xFFFF_FFFF)[batch.key].astype(np.int32), batch.names) for batch in batches])
    key, keys = paired(kind, name)
    return Batch(
        time=np.concatenate([batch.time for batch in batches])[order],
        row=np.concatenate([batch.row for batch in batches])[order],
        contact=sorted_codes([batch.contact for batch in batches]),
        key=key,
        keys=keys,
        kinds=kind.texts,
        names=name.texts,
        id=sorted_codes([batch.id for batch in batches]),
        properties=[sorted_codes(parts) for parts in zip(*(batch.properties for batch in batches), strict=True)],
        rows=first.rows,
        lines=first.lines,
        bad=first.bad,
    )


def _joined_texts(parts: Sequence[Texts]) -> Texts:
    """The texts of dictionaries, one after another."""
    starts = np.cumsum([0, *(len(part.data) for part in parts)])
    offsets = [part.offsets[:-1] + start for part, start in zip(parts, starts, strict=False)]
    return Texts(np.concatenate([*offsets, starts[-1:]]).astype(np.int64), np.concatenate([part.data for part in parts]))


def _kept(array: Any, kept: NDArray[np.intp] | None) -> Any:
    return array if kept is None else array[kept]
