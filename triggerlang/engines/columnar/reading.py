"""Reading: the numbers that the values of a dictionary are, all at once.

In: a dictionary of values, each a tag and its text form. Out: scaled numbers, as `language.numbers` has them, in halves of 64 bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int64, types, uint8, uint64, void

from triggerlang.engines.columnar.addresses import flag_at
from triggerlang.engines.columnar.layout import Array
from triggerlang.engines.columnar.wide import minus, plus, times
from triggerlang.events.columns import Texts
from triggerlang.language.numbers import DECIMALS, SCALE
from triggerlang.machine.addresses import address_of
from triggerlang.machine.kernels import inner, kernel

_READ_ONLY: Any = types.Array(types.uint8, 1, "C", readonly=True)
_MOST_DIGITS = 18
_LONG: Any = np.int64
_UNSIGNED: Any = np.uint64


@inner
def digits_end(at: int, end: int) -> int:
    """The place after some digits."""
    while at < end and 48 <= flag_at(at, 0) <= 57:
        at += 1
    return at


@inner
def whole_number(at: int, end: int) -> int:
    """The number that at most eighteen digits are."""
    number = 0
    while at < end:
        number = number * 10 + flag_at(at, 0) - 48
        at += 1
    return number


@inner
def rounds_up(at: int, end: int, is_odd: bool) -> bool:
    """Whether digits beyond the last one that is kept round it up: half to even."""
    if at >= end or flag_at(at, 0) < 53:
        return False
    if flag_at(at, 0) > 53:
        return True
    at += 1
    while at < end:
        if flag_at(at, 0) != 48:
            return True
        at += 1
    return is_odd


@inner
def scaled_number(whole: int, whole_end: int, fraction: int, end: int) -> tuple[bool, Any, Any]:
    """The number whose digits stand at two places, scaled, in halves; and whether it is one at all, since from 10^18 on there is none."""
    while whole < whole_end and flag_at(whole, 0) == 48:
        whole += 1
    if whole_end - whole > _MOST_DIGITS:
        return False, _LONG(0), _UNSIGNED(0)
    kept = min(fraction + DECIMALS, end)
    decimals = whole_number(fraction, kept)
    for _ in range(DECIMALS - (kept - fraction)):
        decimals *= 10
    number = whole_number(whole, whole_end)
    if rounds_up(kept, end, (decimals & 1) == 1):
        decimals += 1
        if decimals == SCALE:
            decimals = 0
            number += 1
    if number == 1_000_000_000_000_000_000:
        return False, _LONG(0), _UNSIGNED(0)
    high, low = times(_LONG(0), _UNSIGNED(number), _LONG(SCALE))
    high, low = plus(high, low, _LONG(0), _UNSIGNED(decimals))
    return True, high, low


@inner
def number_at(at: int, end: int) -> tuple[bool, Any, Any]:
    """The number that a text wholly is, spaces around it aside."""
    while at < end and flag_at(at, 0) == 32:
        at += 1
    while at < end and flag_at(end, -1) == 32:
        end -= 1
    is_negative = at < end and flag_at(at, 0) == 45
    if at < end and (is_negative or flag_at(at, 0) == 43):
        at += 1
    whole_end = digits_end(at, end)
    fraction = whole_end
    if fraction < end and flag_at(fraction, 0) == 46:
        fraction += 1
    fraction_end = digits_end(fraction, end)
    if fraction_end < end or (whole_end == at and fraction_end == fraction):
        return False, _LONG(0), _UNSIGNED(0)
    found, high, low = scaled_number(at, whole_end, fraction, end)
    if is_negative:
        high, low = minus(_LONG(0), _UNSIGNED(0), high, low)
    return found, high, low


@kernel(void(_READ_ONLY, int64[::1], int64[::1], uint64[::1], uint8[::1]))
def read_numbers(data: Any, offsets: Any, highs: Any, lows: Any, has: Any) -> None:
    """Read the values of a dictionary as numbers: a text that is one, or a number."""
    base = address_of(data)
    for code in range(len(highs)):
        start, end = base + offsets[code], base + offsets[code + 1]
        if start < end and (flag_at(start, 0) == 110 or flag_at(start, 0) == 115):
            found, high, low = number_at(start + 1, end)
            if found:
                highs[code] = high
                lows[code] = low
                has[code] = 1


def numbers_of(texts: Texts) -> tuple[Array, Array, Array]:
    """The halves of the numbers of a dictionary's values, and which of them are any."""
    size = len(texts)
    highs, lows, has = np.zeros(size, np.int64), np.zeros(size, np.uint64), np.zeros(size, np.uint8)
    read_numbers(texts.data, texts.offsets, highs, lows, has)
    return highs, lows, has
