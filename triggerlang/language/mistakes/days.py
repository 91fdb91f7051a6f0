"""Mistakes in days of the week and times of day: `mon`, `weekend`, `monday-friday`, `time >= 09:00`."""

from __future__ import annotations

from triggerlang.language import times
from triggerlang.language.diagnostics import Code, Diagnostic, code_word
from triggerlang.language.lexer import LETTERS, STRING, WORD, Token
from triggerlang.language.nearest import distance
from triggerlang.language.oddities import as_clock
from triggerlang.language.situation import Situation

WEEKDAY = Code(
    "weekday-names",
    "days of the week are written out, from `monday` to `sunday`",
    "Days of the week are written out, in lower case.",
    is_slip=True,
)
CLOCK = Code("time-compared", "a time of day is asked with `between`", "`time between 09:00 and 17:00`; the end of the day is 00:00.")

CODES = (WEEKDAY, CLOCK)

_GROUPS = {
    "weekend": "saturday, sunday",
    "weekends": "saturday, sunday",
    "wochenende": "saturday, sunday",
    "workday": "monday, tuesday, wednesday, thursday, friday",
    "workdays": "monday, tuesday, wednesday, thursday, friday",
    "weekday": "monday, tuesday, wednesday, thursday, friday",
    "weekdays": "monday, tuesday, wednesday, thursday, friday",
}


def days_in_words(situation: Situation) -> Diagnostic | None:
    """`weekday in (weekend)`, `where on monday`, `day of week in (monday)`, `monday-friday`."""
    token = situation.token
    if situation.accepts("monday") and not situation.accepts("weekday") and token.text.lower() in _GROUPS and token.type != STRING:
        right = _GROUPS[token.text.lower()]
        return WEEKDAY.at(token.span, help=f"write {code_word(right)}", replacement=right)
    if situation.accepts("monday") and "-" in token.text and token.type == LETTERS and not situation.accepts("weekday"):
        ends = [_weekday(Token(WORD, part, token.source, token.offset, token.end)) for part in token.text.split("-")]
        if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
            right = days_between(ends[0], ends[1])
            return WEEKDAY.at(token.span, help=f"write {code_word(right)}", replacement=right)
    if not situation.accepts("weekday"):
        return None
    if situation.words("day", "of", "week") or situation.words("day", "of", "the", "week") or situation.words("dayofweek"):
        last = 0 if token.text == "dayofweek" else 3 if situation.text_is(2, "the") else 2
        return WEEKDAY.at(situation.span(0, last), help="write `weekday`", replacement="weekday")
    at = 1 if situation.text_is(0, "on", "is", "it", "am", "every") else 0
    days = _GROUPS.get(situation.peek(at).text.lower()) if at else None
    day = days or _weekday(situation.peek(at)) or _weekday(_without_s(situation.peek(at)))
    if day is None or situation.peek(at).type == STRING:
        return None
    right = f"weekday in ({day})"
    return WEEKDAY.at(situation.span(0, at), help=f"write {code_word(right)}", replacement=right)


def days_between(first: str, last: str) -> str:
    """All days from one to another, with commas between."""
    begin, end = times.WEEKDAYS.index(first), times.WEEKDAYS.index(last)
    return ", ".join(times.WEEKDAYS[at % 7] for at in range(begin, end + 1 + (7 if end < begin else 0)))


def _without_s(token: Token) -> Token:
    return Token(token.type, token.text.removesuffix("s"), token.source, token.offset, token.end)


def clock_compared(situation: Situation) -> Diagnostic | None:
    """`time >= 09:00`, `time after 18:00`, `time from 09:00 to 17:00`."""
    if not situation.text_is(-1, "time") or not situation.accepts("between"):
        return None
    one = as_clock(situation.peek(1).written)
    if one is None:
        return None
    if situation.text_is(0, "from", "in", "within", "zwischen", "von") and situation.text_is(2, "to", "until", "till", "and", "bis"):
        other = as_clock(situation.peek(3).written)
        if other is not None:
            right = f"between {one.text} and {other.text}"
            return CLOCK.at(situation.span(0, 3), help=f"write {code_word('time ' + right)}", replacement=right)
    if situation.text_is(0, ">", ">=", "after", "from", "since"):
        right = f"between {one.text} and 00:00"
    elif situation.text_is(0, "<", "<=", "before", "until"):
        right = f"between 00:00 and {one.text}"
    else:
        return None
    return CLOCK.at(situation.span(0, 1), help=f"write {code_word('time ' + right)}", replacement=right)


def weekdays(situation: Situation) -> Diagnostic | None:
    """`weekday in (mon, tue)`, `weekday = monday`, `weekday in ("Monday")`."""
    if situation.text_is(-1, "weekday") and (situation.type_is(0, "OPERATOR") or situation.text_is(0, "is", "on")):
        day = _weekday(situation.peek(1))
        if day is not None:
            right = f"in ({day})"
            return WEEKDAY.at(situation.span(0, 1), help=f"write {code_word('weekday ' + right)}", replacement=right)
    if not situation.accepts("monday") or situation.accepts("weekday"):
        return None
    days: list[str] = []
    at = 0
    while True:
        day = _weekday(situation.peek(at))
        if day is None:
            return None
        days.append(day)
        if not situation.type_is(at + 1, "COMMA"):
            break
        at += 2
    if situation.token.type != STRING and distance(situation.token.text, days[0], 2) is not None:
        return None  # One letter is wrong, the others are not to blame.
    right = ", ".join(days)
    return WEEKDAY.at(situation.span(0, at), help=f"write {code_word(right)}", replacement=right)


def _weekday(token: Token) -> str | None:
    """The day that a word begins, three letters at least."""
    written = token.text.strip().lower()
    if len(written) < 3:
        return None
    written = {"tues": "tue", "thur": "thu", "thurs": "thu", "weds": "wed"}.get(written, written)
    return next((day for day in times.WEEKDAYS if day.startswith(written)), None)


MISTAKES = (clock_compared, days_in_words, weekdays)
