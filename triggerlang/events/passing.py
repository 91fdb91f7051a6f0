"""Passing: events that nobody wants are let go as soon as they are read, and only counted.

In: a batch, and which kinds and names are wanted, or whose events. Out: the batch without the others. In: columns. Out: how many contacts
they are of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numba import int32, int64, uint8, void
from numpy.typing import NDArray

from triggerlang.events.batches import Batch
from triggerlang.events.bytewise import READ_ONLY, READ_ONLY_CODES, READ_ONLY_LONGS
from triggerlang.events.columns import Columns, Longs
from triggerlang.events.interning import Coded
from triggerlang.machine.kernels import kernel

Wants: TypeAlias = Callable[[str, str], bool]
"""Whether events of a kind and name are wanted."""


@kernel(
    int64(
        READ_ONLY_CODES, READ_ONLY, READ_ONLY_CODES, READ_ONLY, READ_ONLY_CODES, READ_ONLY_LONGS, int32[::1], int64[::1], int64[::1]
    )
)  # fmt: skip
def pass_events(
    key: Any, is_wanted: Any, id_codes: Any, is_id: Any, contact: Any, time: Any, kept: Any, passed: Any, span: Any
) -> int:  # fmt: skip
    """Find the events that stay: those that are wanted by their key, and those with an id, as far as any text is one.

    Of the others, count how many each contact has, and widen the span to their times. Returns how many stay.
    """
    count = 0
    has_ids = len(is_id) > 0
    first = span[0]
    last = span[1]
    for row in range(len(key)):
        if is_wanted[key[row]] or (has_ids and is_id[id_codes[row]]):
            kept[count] = row
            count += 1
        else:
            passed[contact[row]] += 1
            first = min(first, time[row])
            last = max(last, time[row])
    span[0] = first
    span[1] = last
    return count


@kernel(void(READ_ONLY_CODES, uint8[::1]))
def mark_codes(codes: Any, marks: Any) -> None:
    """Mark the codes that any row has."""
    for row in range(len(codes)):
        marks[codes[row]] = 1


def contacts_met(columns: Columns) -> int:
    """How many contacts have any event, one that nobody wants too; the dictionary may hold those of rows that were no events."""
    are_met = np.zeros(len(columns.contacts), np.uint8)
    are_met[: len(columns.passed)] = columns.passed > 0
    mark_codes(columns.contact, are_met)
    return int(np.count_nonzero(are_met))


def without_unwanted(batch: Batch, wants: Wants) -> Batch:
    """The batch without events that nobody wants, but for those with an id, which tell that others are duplicates."""
    kinds, names = ([text.decode() for text in texts.all()] for texts in (batch.kinds, batch.names))
    is_wanted = np.array([wants(kinds[key >> 32], names[key & 0xFFFF_FFFF]) for key in batch.keys.tolist()], np.uint8)
    if is_wanted.all():
        return batch
    kept, passed = np.empty(len(batch), np.int32), np.zeros(len(batch.contact.texts), np.int64)
    span = np.array([1 << 62, -(1 << 62)], np.int64)
    is_id = (np.diff(batch.id.texts.offsets) > 0).astype(np.uint8)
    if not is_id.any():
        is_id = is_id[:0]
    count = pass_events(batch.key, is_wanted, batch.id.codes, is_id, batch.contact.codes, batch.time, kept, passed, span)
    if count == len(batch):
        return batch
    kept = kept[:count]
    return _some(batch, kept, passed, span)


def of_contact(batch: Batch, contact: bytes, *, keeps_ids: bool) -> Batch:
    """The batch without the events of other contacts; with `keeps_ids` those of them that have an id stay, since they tell which others are
    duplicates, and so when a log ends."""
    texts = batch.contact.texts.all()
    code = texts.index(contact) if contact in texts else -1
    stays = batch.contact.codes == code
    if keeps_ids and len(batch.id.texts.data):
        stays |= np.diff(batch.id.texts.offsets)[batch.id.codes] > 0
    kept = np.flatnonzero(stays)
    left = batch.time[~stays]
    ends = [*batch.passed_span, *((left.min(), left.max()) if len(left) else ())]
    passed = np.bincount(batch.contact.codes[~stays], minlength=len(texts)).astype(np.int64)
    passed[: len(batch.passed)] += batch.passed
    return _some(batch, kept, passed, np.array([min(ends), max(ends)] if ends else (), np.int64))


def _some(batch: Batch, kept: NDArray[Any], passed: Longs, span: Longs) -> Batch:
    """Some events of a batch, by their numbers; how many were let go of each contact, and from when to when."""
    return replace(
        batch,
        time=batch.time[kept],
        row=batch.row[kept],
        contact=Coded(batch.contact.codes[kept], batch.contact.texts),
        key=batch.key[kept],
        id=Coded(batch.id.codes[kept], batch.id.texts),
        properties=[Coded(held.codes[kept], held.texts) for held in batch.properties],
        passed=passed,
        passed_span=span,
    )
