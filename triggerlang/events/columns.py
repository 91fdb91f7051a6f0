"""Columns: events as arrays, a value of each array for each event, in the order in which they were read.

In: what readers found. Out: what the columnar engine runs over. Texts and values are codes: numbers of a dictionary that holds each once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]
Codes: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]

ABSENT: Final = 0
"""The code of a value that is not there, or null, or no number."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts by their codes: that of code n is `data[offsets[n] : offsets[n + 1]]`, in UTF-8."""

    offsets: Longs
    data: Bytes

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, code: int) -> bytes:
        return self.data[self.offsets[code] : self.offsets[code + 1]].tobytes()

    def all(self) -> list[bytes]:
        """All of them, in the order of their codes."""
        data, offsets = self.data.tobytes(), self.offsets.tolist()
        return [data[start:end] for start, end in pairwise(offsets)]

    @staticmethod
    def of(texts: list[bytes]) -> Texts:
        """A dictionary of these texts, coded in their order."""
        offsets = np.zeros(len(texts) + 1, np.int64)
        np.cumsum([len(text) for text in texts], out=offsets[1:])
        return Texts(offsets, np.frombuffer(b"".join(texts), np.uint8).copy())


@dataclass(frozen=True, slots=True)
class Column:
    """A property of events: for each the code of its value.

    A value is a tag and its text form: `s` a text, `n` a number (its shortest decimal), `b` `true` or `false`, `o` an object or a list
    (with no text). Code 0 is the absent value, which stands there as nothing.
    """

    codes: Codes
    values: Texts


def none_passed() -> Longs:
    """What there is of events that nobody wants where there are none."""
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Columns:
    """Events in the order in which they were read; of each contact either all of its events or none.

    `time` in microseconds since 1970-01-01 UTC, `row` from 1 over all files. `ids` holds `b""` as its code 0: no id. `keys` are kinds and
    names. Events whose contact had their id before are still there; of those that nobody wants, `passed` tells by the code of a contact
    how many it has, as far as there are any, and `passed_span` their first and last moment.
    """

    time: Longs
    row: Longs
    contact: Codes
    contacts: Texts
    key: Codes
    keys: list[tuple[str, str]]
    id: Codes | None
    ids: Texts | None
    properties: dict[str, Column]
    passed: Longs = field(default_factory=none_passed)
    passed_span: Longs = field(default_factory=none_passed)

    def __len__(self) -> int:
        return len(self.time)

    def span(self) -> tuple[int, int]:
        """The first and the last moment of all events; 0 and 0 where there are none."""
        ends = [*((self.time.min(), self.time.max()) if len(self) else ()), *self.passed_span]
        return (int(min(ends)), int(max(ends))) if ends else (0, 0)

    def events(self) -> int:
        """How many events there are, those that nobody wants among them."""
        return len(self) + int(self.passed.sum())
