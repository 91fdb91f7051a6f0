"""Dates, times of day and numbers as they are written elsewhere, and signs that stand for words.

In: a piece of text without spaces. Out: what it is in this language. Only what can be read in one way is read.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero",
            "february feb februar février febrero",
            "march mar märz mars marzo",
            "april apr avril abril",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet julio",
            "august aug août agosto",
            "september sep sept septembre septiembre",
            "october oct oktober octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember décembre diciembre",
        ),
        1,
    )
    for name in names.split()
}

_DASH = "[-–—\u2011]"
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d\d)")
_SLASHED = re.compile(r"(\d{1,2})[/–—\u2011-](\d{1,2})[/–—\u2011-](\d{4}|\d\d)")
_YEAR_FIRST = re.compile(rf"(\d{{4}})(?:[./]|{_DASH})(\d{{1,2}})(?:[./]|{_DASH})(\d{{1,2}})")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d\d))?(?::00)?[ ]?(am|pm|a\.m\.|p\.m\.|uhr|h)?", re.IGNORECASE)
_NUMBER = r"[-–+]?(?:\d{1,3}(?:[,'’.  ]\d{3})+(?:[.,]\d{1,2})?|\d+[.,]\d+|\d+|\.\d+)"
_AMOUNT = re.compile(
    rf"(?:[€$£¥]\s?)?({_NUMBER})\s?(?:[€$£¥%‰]|eur|euro|euros|usd|gbp|chf|dollar|dollars|percent|prozent|pct)?([kKmM])?(?:[€$£¥%])?",
    re.IGNORECASE,
)


class Right(NamedTuple):
    """What is meant: the kind of its token, its text, and what was written in its place, in words."""

    kind: str
    text: str
    written: str


def as_date(text: str) -> Right | None:
    """`31.12.2026`, `12/31/26`, `2026/6/1`, `1. June 2026`; None where day and month could be either."""
    if found := _YEAR_FIRST.fullmatch(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_FIRST.fullmatch(text):
        return _date(_year(found[3]), int(found[2]), int(found[1]))
    if found := _SLASHED.fullmatch(text):
        one, other = int(found[1]), int(found[2])
        if one == other or other > 12:
            return _date(_year(found[3]), one, other)
        return _date(_year(found[3]), other, one) if one > 12 else None
    return _named_month(text)


def two_dates(text: str) -> tuple[str, str] | None:
    """The two readings of `01/02/2026`, day first and month first."""
    found = _SLASHED.fullmatch(text)
    if found is None or max(int(found[1]), int(found[2])) > 12:
        return None
    day_first, month_first = _date(_year(found[3]), int(found[2]), int(found[1])), _date(_year(found[3]), int(found[1]), int(found[2]))
    return (day_first.text, month_first.text) if day_first and month_first else None


def _named_month(text: str) -> Right | None:
    words = [word for word in re.split(r"[ .,]+", text.lower()) if word and word not in ("of", "de")]
    if len(words) != 3:
        return None
    named = [word for word in words if word in MONTHS]
    numbers = [re.fullmatch(r"(\d+)(?:st|nd|rd|th)?", word) for word in words if word not in MONTHS]
    if len(named) != 1 or not all(numbers):
        return None
    day, year = (int(number[1]) for number in numbers if number is not None)
    return _date(year, MONTHS[named[0]], day) if year > 31 else None


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _date(year: int, month: int, day: int) -> Right | None:
    from triggerlang.language import times

    text = f"{year:04}-{month:02}-{day:02}"
    return Right("DATE", text, "a date") if times.read(text) is not None else None


def as_clock(text: str) -> Right | None:
    """`9:00`, `09:00:00`, `9am`, `5:30 pm`, `17 Uhr`."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hours, minutes, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower().replace(".", "")
    if half in ("am", "pm"):
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half == "pm" else 0)
    if hours > 23 or minutes > 59:
        return None
    return Right("CLOCK", f"{hours:02}:{minutes:02}", "a time of day")


def as_number(text: str) -> Right | None:
    """`€50`, `50 EUR`, `10%`, `1.000.000`, `1'000`, `49,90`, `.5`, `10k`."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or found[0] == "":
        return None
    written = re.sub("[  ]", "", found[1]).replace("–", "-").lstrip("+")
    groups = re.split(r"[,'’.]", written)
    if len(groups) > 2 and all(len(group) == 3 for group in groups[1:-1]):
        last = groups[-1]
        plain = "".join(groups) if len(last) == 3 else "".join(groups[:-1]) + "." + last
    elif re.fullmatch(r"-?\d{1,3}['’]\d{3}|-?\d{1,3},\d{3}", written):
        plain = "".join(groups)
    else:
        plain = written.replace(",", ".")
    if plain.startswith((".", "-.")):
        plain = plain.replace(".", "0.", 1)
    if found[2]:
        thousands = {"k": 3, "m": 6}[found[2].lower()]
        whole, _, part = plain.partition(".")
        if len(part) > thousands:
            return None
        plain = whole + part + "0" * (thousands - len(part))
    return Right("INTEGER" if plain.isdecimal() else "NUMBER", plain, "a number")


WORD_SIGNS: Final = {
    "&": "and",
    "&&": "and",
    "+": "and",
    "|": "or",
    "||": "or",
    "!": "not",
    "->": "then",
    "-->": "then",
    "→": "then",
    "⇒": "then",
    "->then": "then",
    "[": "(",
    "]": ")",
}
"""Signs, and the words or signs that they stand for."""

NEEDLESS: Final = frozenset((";", ".", "!", "•", "·", "–", "—", "-", "*", "…", "...", "。"))
"""Signs that may be left out."""
