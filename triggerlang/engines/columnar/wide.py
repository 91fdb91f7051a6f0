"""Wide numbers: scaled decimals and their sums as 128 bits, a signed high half and an unsigned low one.

A scaled number has 90 bits at most, so a sum of 2^37 of them fits, and so does one times a count.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from triggerlang.engines.columnar.addresses import long_at
from triggerlang.engines.columnar.layout import AT_LEAST, AT_MOST, EQUAL, LESS, MORE, Net
from triggerlang.machine.kernels import inner

Wide = tuple[Any, Any]
"""The high half and the low one, as numbers of 64 bits."""


def split(number: int) -> tuple[int, int]:
    """The halves of a number."""
    return number >> 64, number & 0xFFFF_FFFF_FFFF_FFFF


@inner
def wide_at(net: Net, number: int) -> Wide:
    """A number of the network's tables."""
    return long_at(net.highs, number), np.uint64(long_at(net.lows, number))


@inner
def plus(high: Any, low: Any, other_high: Any, other_low: Any) -> Wide:
    """The sum of two numbers."""
    total = np.uint64(low) + np.uint64(other_low)
    carry = np.int64(1) if total < np.uint64(low) else np.int64(0)
    return np.int64(high) + np.int64(other_high) + carry, total


@inner
def minus(high: Any, low: Any, other_high: Any, other_low: Any) -> Wide:
    """The difference of two numbers."""
    borrow = np.int64(1) if np.uint64(low) < np.uint64(other_low) else np.int64(0)
    return np.int64(high) - np.int64(other_high) - borrow, np.uint64(low) - np.uint64(other_low)


@inner
def times(high: Any, low: Any, count: Any) -> Wide:
    """A number times a count below 2^32."""
    factor = np.uint64(count)
    mask = np.uint64(0xFFFF_FFFF)
    bottom = (np.uint64(low) & mask) * factor
    middle = (np.uint64(low) >> np.uint64(32)) * factor + (bottom >> np.uint64(32))
    return np.int64(high) * np.int64(count) + np.int64(middle >> np.uint64(32)), (middle << np.uint64(32)) | (bottom & mask)


@inner
def compares(sign: int, high: Any, low: Any, other_high: Any, other_low: Any) -> Any:
    """Whether a number compares with another."""
    if high == other_high and np.uint64(low) == np.uint64(other_low):
        return sign == EQUAL or sign == AT_MOST or sign == AT_LEAST
    if sign == EQUAL:
        return False
    is_less = high < other_high or (high == other_high and np.uint64(low) < np.uint64(other_low))
    if sign == LESS or sign == AT_MOST:
        return is_less
    if sign == MORE or sign == AT_LEAST:
        return not is_less
    return True


@inner
def counts_compare(sign: int, found: int, wanted: int) -> bool:
    """Whether a whole number compares with another."""
    if sign == AT_LEAST:
        return found >= wanted
    if sign == EQUAL:
        return found == wanted
    if sign == MORE:
        return found > wanted
    if sign == AT_MOST:
        return found <= wanted
    if sign == LESS:
        return found < wanted
    return found != wanted
