"""Overlap: how many contacts entered each automation, and how many entered both of two.

In: entries part by part. Out: contacts of each automation, and of each pair of those that are watched: the automations that had the most
entries in the first part. Parts hold contacts that a number of theirs chose, so the first is like the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

WATCHED: Final = 64
"""Of so many automations pairs are counted: one bit of a number each."""
_AT_ONCE: Final = 1 << 16
"""Of so many contacts at a time."""


class Overlap:
    """Contacts of automations, and of pairs of some."""

    def __init__(self, automations: int) -> None:
        self.contacts = np.zeros(automations, np.int64)
        self.watched: list[int] = []
        self.both = np.zeros((0, 0), np.int64)
        """Of each two of the watched how many contacts entered both."""

    def add(self, contacts: int, of_automations: Sequence[NDArray[Any]]) -> None:
        """Add a part with so many contacts, none of which is in another: of each automation the contacts of its entries."""
        if not self.watched:
            self.watched = sorted(range(len(of_automations)), key=lambda number: -len(of_automations[number]))[:WATCHED]
            self.both = np.zeros((len(self.watched), len(self.watched)), np.int64)
        bits = np.zeros(contacts, np.uint64)
        for place, number in enumerate(self.watched):
            bits[of_automations[number]] |= np.uint64(1 << place)
        self._count_pairs(bits[bits != 0])
        latest = np.zeros(contacts, np.int32)
        for number, of in enumerate(of_automations):
            # Of a contact's entries the one that was written last finds itself.
            entries = np.arange(len(of), dtype=np.int32)
            latest[of] = entries
            self.contacts[number] += int((latest[of] == entries).sum())

    def _count_pairs(self, bits: NDArray[Any]) -> None:
        for start in range(0, len(bits), _AT_ONCE):
            some = bits[start : start + _AT_ONCE].astype("<u8").view(np.uint8).reshape(-1, 8)
            flags = np.unpackbits(some, axis=1, bitorder="little")[:, : len(self.watched)].astype(np.float32)
            # Whole numbers below 2**24 are exact.
            self.both += (flags.T @ flags).astype(np.int64)
