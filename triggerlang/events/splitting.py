"""Splitting: where the rows of a block of text stand.

In: whole lines. Out: the places of those that are not blank, with their numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int64

from triggerlang.events.bytewise import READ_ONLY, byte_at, next_line_feed
from triggerlang.events.columns import Bytes, Longs
from triggerlang.machine.addresses import address_of
from triggerlang.machine.kernels import inner, kernel


@inner
def is_blank(at: int, end: int) -> bool:
    """Whether there is nothing but white space."""
    while at < end:
        byte = byte_at(at)
        if byte != 32 and (byte < 9 or byte > 13):
            return False
        at += 1
    return True


@kernel(int64(READ_ONLY, int64))
def next_odd_line(data: Any, at: int) -> int:
    """Where the next line begins that has an odd number of quotes, from the beginning of a line on; -1 where there is none."""
    base = address_of(data)
    limit = base + len(data)
    begin = base + at
    while begin < limit:
        end = next_line_feed(begin, limit, limit)
        quotes = 0
        for place in range(begin, end):
            quotes += byte_at(place) == 34
        if quotes & 1:
            return begin - base
        begin = end + 1
    return -1


@kernel(int64(READ_ONLY, int64[::1], int64[::1], int64[::1], int64[::1], int64[::1], int64[::1]))
def split_rows(data: Any, odd_begins: Any, odd_ends: Any, begins: Any, ends: Any, numbers: Any, lines: Any) -> int:
    """Where the rows stand that are not blank, and their lines from 1; each is a line, but for those that are given with where they end.

    Returns how many they are; `lines[0]` counts all lines.
    """
    base = address_of(data)
    limit = base + len(data)
    at = base
    row = 0
    odd = 0
    number = 0
    while at < limit:
        end = next_line_feed(at, limit, limit)
        number += 1
        first = number
        if odd < len(odd_begins) and base + odd_begins[odd] == at:
            while end < base + odd_ends[odd]:
                end = next_line_feed(end + 1, limit, limit)
                number += 1
            odd += 1
        if not is_blank(at, end):
            begins[row] = at - base
            ends[row] = end - base
            numbers[row] = first
            row += 1
        at = end + 1
    lines[0] = number
    return row


class Rows:
    """The rows of a block: where each begins and ends, its line from 1, and how many lines there are, blank ones too."""

    __slots__ = ("begins", "ends", "lines", "numbers")

    def __init__(self, block: Bytes, odd_begins: Longs | None = None, odd_ends: Longs | None = None) -> None:
        most = len(block) // 2 + 1  # Room that is not used costs nothing.
        begins, ends, numbers = (np.empty(most, np.int64) for _ in range(3))
        lines = np.zeros(1, np.int64)
        none = np.empty(0, np.int64)
        count = split_rows(
            block, none if odd_begins is None else odd_begins, none if odd_ends is None else odd_ends, begins, ends, numbers, lines
        )
        self.begins, self.ends, self.numbers, self.lines = begins[:count], ends[:count], numbers[:count], int(lines[0])

    def __len__(self) -> int:
        return len(self.begins)
