"""Mistakes in values: dates, times of day and numbers as they are written elsewhere, of pieces that the language knows each by itself."""

from __future__ import annotations

from triggerlang.language.diagnostics import Diagnostic, code_word
from triggerlang.language.lexer import STRING, WORD
from triggerlang.language.oddities import MONTHS, Right, as_clock, as_date, as_number
from triggerlang.language.situation import Situation
from triggerlang.language.strangers import ODD_VALUE

_PIECES = ("INTEGER", "NUMBER", WORD, "CLOCK", "DATE", "COMMA", "LETTERS")
_LONGEST = 6


def odd_dates(situation: Situation) -> Diagnostic | None:
    """`until 1 June 2026`, `from 2026-6-1`, `from "2026-06-01"`."""
    if "DATE" not in situation.accepted or STRING in situation.accepted:
        return None
    token = situation.token
    if token.type == STRING:
        from triggerlang.language import times

        right = token.text if times.read(token.text) is not None else (as_date(token.text) or Right("", "", "")).text
        return _said(situation, 0, 0, Right("DATE", right, "a date")) if right else None
    for last in range(_LONGEST, -1, -1):
        if all(situation.type_is(at, *_PIECES) for at in range(last + 1)):
            found = as_date(situation.written(0, last))
            if found is not None:
                return _said(situation, 0, last, found)
    return _part_of_a_date(situation)


def _part_of_a_date(situation: Situation) -> Diagnostic | None:
    """`from 2026`, `from 2026-06`, `from June 2026`: a date without its day."""
    year = next((at for at in (0, 1) if situation.type_is(at, "INTEGER") and len(situation.peek(at).text) == 4), None)
    if year is None or (year == 1 and situation.token.text.lower() not in MONTHS):
        return None
    month, last = 1, year
    if year == 1:
        month = MONTHS[situation.token.text.lower()]
    elif situation.type_is(1, "NUMBER") and situation.peek(1).offset == situation.token.end and situation.peek(1).text[1:].isdecimal():
        month, last = int(situation.peek(1).text[1:]), 1
    if not 1 <= month <= 12:
        return None
    first = f"{situation.peek(year).text}-{month:02}-01"
    return ODD_VALUE.at(situation.span(0, last), what="a date", help=f"a date has its day: write {code_word(first)}, or another day")


def odd_clocks(situation: Situation) -> Diagnostic | None:
    """`between 9am and 5 pm`, `between 9 and 17`, `between "09:00" and …`."""
    if "CLOCK" not in situation.accepted:
        return None
    token = situation.token
    if token.type == STRING:
        found = as_clock(token.text)
        return None if found is None else _said(situation, 0, 0, found)
    for last in (1, 0):
        if all(situation.type_is(at, "INTEGER", "NUMBER", WORD, "CLOCK") for at in range(last + 1)) and not situation.text_is(last, "and"):
            found = as_clock(situation.written(0, last))
            if found is not None:
                return _said(situation, 0, last, found)
    return None


def odd_numbers(situation: Situation) -> Diagnostic | None:
    """`amount > 1,000`, `> 49,90`, `> 50 EUR`, `> 10k`, `> 1 000`."""
    number = next((-at for at in (1, 2) if situation.type_is(-at, "INTEGER", "NUMBER")), None)
    if number is None or not situation.type_is(number - 1, "OPERATOR"):
        return None
    for last in (4, 3, 2, 1, 0):
        if not all(situation.type_is(at, *_PIECES) for at in range(last + 1)) or situation.type_is(last, "COMMA"):
            continue
        if not _is_tight(situation, number, last):
            continue
        found = as_number(situation.written(number, last))
        if found is not None:
            return _said(situation, number, last, found)
    return None


def _is_tight(situation: Situation, first: int, last: int) -> bool:
    """Whether nothing stands between the pieces of a number but single spaces before what is no comma."""
    for at in range(first, last):
        gap = situation.peek(at + 1).offset - situation.peek(at).end
        if gap > 1 or (gap and (situation.type_is(at, "COMMA") or situation.type_is(at + 1, "COMMA"))):
            return False
    return True


def _said(situation: Situation, first: int, last: int, right: Right) -> Diagnostic:
    return ODD_VALUE.at(situation.span(first, last), what=right.written, help=f"write {code_word(right.text)}", replacement=right.text)


MISTAKES = (odd_dates, odd_clocks, odd_numbers)
