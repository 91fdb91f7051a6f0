"""Numbers: exact decimals as integers.

A number is scaled: the decimal times 10^9. So sums are exact in any order, and equal numbers are equal integers. What lies beyond nine
decimals is rounded away, half to even; one of 10^18 or more either way is no number.
"""

from __future__ import annotations

import re
from typing import Final

DECIMALS: Final = 9
SCALE: Final = 10**DECIMALS
LIMIT: Final = 10**18 * SCALE
"""The smallest scaled number that is none any more."""

_NUMBER = re.compile(r" *([+-]?)(?:([0-9]+)[.]?([0-9]*)|[.]([0-9]+)) *", re.ASCII)


def number_of_text(text: str) -> int | None:
    """The scaled number that a text wholly is, spaces around it aside."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    sign, whole, fraction, bare_fraction = found.groups()
    return scaled_number(sign == "-", whole or "", fraction or bare_fraction or "")


def scaled_number(negative: bool, whole: str, fraction: str) -> int | None:
    """A number from its digits: rounded half to even beyond nine decimals, None from 10^18 on."""
    whole = whole.lstrip("0")
    if len(whole) > 18:
        return None
    scaled = int(whole + fraction[:DECIMALS].ljust(DECIMALS, "0") or "0")
    rest = fraction[DECIMALS:]
    if rest:
        half = rest[0] == "5" and not rest[1:].strip("0")
        if rest[0] > "5" or (rest[0] == "5" and not half) or (half and scaled & 1):
            scaled += 1
    if scaled >= LIMIT:
        return None
    return -scaled if negative else scaled


def number_text(scaled: int) -> str:
    """A scaled number as its shortest decimal, without exponent."""
    sign = "-" if scaled < 0 else ""
    whole, fraction = divmod(abs(scaled), SCALE)
    if not fraction:
        return f"{sign}{whole}"
    return f"{sign}{whole}." + f"{fraction:0{DECIMALS}}".rstrip("0")
