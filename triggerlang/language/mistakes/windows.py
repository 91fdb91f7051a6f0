"""Mistakes about time: `in the last 30 days`, months, `before` in the wrong place."""

from __future__ import annotations

from triggerlang.language import times
from triggerlang.language.diagnostics import Code, Diagnostic, code_word
from triggerlang.language.lexer import STRING
from triggerlang.language.situation import Situation

MONTHS = Code("months", "{unit} have no fixed length", "Durations are in seconds, minutes, hours, days or weeks.")
NO_NUMBER = Code("duration-without-number", "a duration is a number and a unit", "A duration is a whole number and a unit: `30 days`.")
LAST_DAYS = Code(
    "in-the-last",
    "a window of time is written `within … before`",
    "The last 30 days before the trigger are `within 30 days before`.",
    is_slip=True,
)
BEFORE_DATE = Code(
    "before-date", "`before` looks back from the trigger, not from another time", "A window that ends at a date is `between … and …`."
)
AFTER_DATE = Code("after-date", "{word} is no word for a window", "A window that begins at a date is `since …`.")
ORDER_OF_TEST = Code(
    "window-first", "what is measured stands before its window", "A test is a pattern, then a measure, then a window.", is_slip=True
)
BEFORE_PATTERN = Code(
    "before-first", "`before` stands at the end of a test", "`before` is a window: it stands after the measure.", is_slip=True
)
ONCE_PER = Code(
    "once-per-duration",
    "`once per` is followed by a property",
    "`once per P` takes a property; a limit in time is `at most once per D`.",
    is_slip=True,
)

CODES = (MONTHS, NO_NUMBER, LAST_DAYS, BEFORE_DATE, AFTER_DATE, ORDER_OF_TEST, BEFORE_PATTERN, ONCE_PER)

_DAYS = {"month": 30, "months": 30, "year": 365, "years": 365, "quarter": 91, "quarters": 91}
_UNITS = ("second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks")
_MEASURES = ("count", "has", "sum", "average", "min", "max", "first", "last", "distinct")


def months(situation: Situation) -> Diagnostic | None:
    """`within 2 months`, `per 1 year`, `per month`."""
    if (
        situation.text_is(-1, "per", "within")
        and situation.text_is(0, *_DAYS, *_UNITS)
        and "INTEGER" in situation.accepted
        and not situation.accepts("once")
        and not situation.type_is(1, "INTEGER")
    ):
        right = _duration("1", situation.token.text)
        return NO_NUMBER.at(situation.token.span, help=f"write {code_word(right)}", replacement=right)
    if not situation.text_is(0, *_DAYS) or not situation.type_is(-1, "INTEGER") or not situation.accepts("days"):
        return None
    if situation.text_is(-3, "once") and situation.text_is(-2, "per") and not situation.text_is(-4, "most"):
        return None
    right = _duration(situation.peek(-1).text, situation.token.text)
    plural = situation.token.text if situation.token.text.endswith("s") else situation.token.text + "s"
    return MONTHS.at(situation.span(-1, 0), unit=code_word(plural), help=f"write {code_word(right)}", replacement=right)


def _duration(number: str, unit: str) -> str:
    if unit not in _DAYS:
        return f"{number} {unit}"
    digits = number.replace("_", "")
    return f"{int(digits) * _DAYS[unit] if len(digits) < 9 else digits} days"


def in_the_last(situation: Situation) -> Diagnostic | None:
    """`within the last 30 days`, `in the last 30 days`, `in the past 2 months`."""
    measured = ""
    if situation.text_is(-1, "within") and situation.accepts("days") is False and "INTEGER" in situation.accepted:
        first, at = -1, 0
    elif situation.text_is(0, "in", "during", "over", "for", "last", "past") and (
        situation.accepts("within") or situation.accepts("distinct")
    ):
        first, at = 0, 0 if situation.text_is(0, "last", "past") else 1
        measured = "" if situation.accepts("within") else "has occurred "
    else:
        return None
    if situation.text_is(at, "the"):
        at += 1
    if not situation.text_is(at, "last", "past", "previous"):
        return None
    at += 1
    number = "1"
    if situation.type_is(at, "INTEGER"):
        number = situation.peek(at).text
        at += 1
    if not situation.text_is(at, *_UNITS, *_DAYS):
        return None
    right = f"{measured}within {_duration(number, situation.peek(at).text)} before"
    return LAST_DAYS.at(situation.span(first, at), help=f"write {code_word(right)}", replacement=right)


def before_a_date(situation: Situation) -> Diagnostic | None:
    """`has occurred before 2026-01-01`."""
    token = situation.token
    if token.type not in ("DATE", "DATETIME") or not situation.text_is(-1, "before"):
        return None
    written = times.read(token.text)
    if written is None:
        return None
    last = times.format_day(written.day - 1) if written.plain_date and written.clock > times.FIRST_MOMENT else token.text
    right = f"between 1970-01-01 and {last}"
    return BEFORE_DATE.at(situation.span(-1, 0), help=f"write {code_word(right)}", replacement=right)


def after_a_date(situation: Situation) -> Diagnostic | None:
    """`has occurred after 2026-01-01`, `from 2026-01-01`, `on 2026-01-01`."""
    if not situation.text_is(0, "after", "from", "until") or not situation.type_is(1, "DATE", "DATETIME") or not situation.accepts("since"):
        return None
    token = situation.peek(1)
    written = times.read(token.text)
    if written is None:
        return None
    if situation.text_is(0, "from") and situation.text_is(2, "to", "until", "till", "and") and situation.type_is(3, "DATE", "DATETIME"):
        right = f"between {token.text} and {situation.peek(3).text}"
        return AFTER_DATE.at(situation.span(0, 3), word=code_word("from"), help=f"write {code_word(right)}", replacement=right)
    if situation.text_is(0, "until"):
        right = f"between 1970-01-01 and {token.text}"
    elif situation.text_is(0, "after") and written.plain_date and written.clock < times.END_OF_TIME - times.DAY:
        right = f"since {times.format_day(written.day + 1)}"
    else:
        right = f"since {token.text}"
    return AFTER_DATE.at(situation.span(0, 1), word=code_word(situation.token.text), help=f"write {code_word(right)}", replacement=right)


def window_first(situation: Situation) -> Diagnostic | None:
    """`event "x" before count >= 1`, `event "x" within 3 days before`: the measure stands after the window, or is missing."""
    if not situation.accepts("count") or not situation.text_is(0, "before", "so", "within", "since", "between"):
        return None
    window_end = _window_end(situation)
    if window_end is None:
        return None
    window = situation.written(0, window_end)
    if not situation.text_is(window_end + 1, *_MEASURES):
        head = situation.written(situation.test_start(), -1)
        right = f"has occurred {window}"
        return ORDER_OF_TEST.at(
            situation.span(0, window_end), help=f"say what must hold: {code_word(f'{head} {right}')}", replacement=right
        )
    stack = list(situation.stack)
    for index in range(situation.at + window_end + 1, len(situation.tokens) - 1):
        if not situation.tables.feed(stack, situation.tokens[index]):
            return None
        if situation.tables.shift(list(stack), "BEFORE"):
            last = index - situation.at
            right = f"{situation.written(window_end + 1, last)} {window}"
            return ORDER_OF_TEST.at(situation.span(0, last), help=f"write {code_word(right)}", replacement=right)
    return None


def _window_end(situation: Situation) -> int | None:
    """Where the window ends that begins at the wrong token, as an offset from it."""
    stack = list(situation.stack)
    for terminal in ("HAS", "OCCURRED"):
        situation.tables.shift(stack, terminal)
    last = None
    for index in range(situation.at, len(situation.tokens) - 1):
        if not situation.tables.feed(stack, situation.tokens[index]):
            break
        # A window is whole where a clause could follow.
        if (
            situation.tables.shift(list(stack), "RPAR")
            or situation.tables.shift(list(stack), "ONCE")
            or situation.tables.shift(list(stack), "$END")
        ):
            last = index - situation.at
        if last is not None and not situation.text_is(index + 1 - situation.at, "before", "so", "far"):
            break
    return last


def before_a_pattern(situation: Situation) -> Diagnostic | None:
    """`before event "signup"`."""
    if not situation.text_is(0, "before", "after") or not situation.accepts("weekday") or not situation.begins_pattern(1):
        return None
    end = situation.pattern_end(1)
    if end is None:
        return None
    pattern = situation.written(1, end)
    right = f"{pattern} has occurred before"
    return BEFORE_PATTERN.at(situation.span(0, end), help=f"what came before the trigger is {code_word(right)}", replacement=right)


def before_an_event(situation: Situation) -> Diagnostic | None:
    """`count >= 3 before event "order"`."""
    if not situation.text_is(-1, "before") or not situation.begins_pattern(0) or not situation.accepts("and"):
        return None
    last = situation.pattern_end_alone(0)
    if last is not None and situation.text_is(last + 1, *_MEASURES):
        return None  # It is another test.
    return BEFORE_DATE.at(
        situation.span(-1, 0),
        help=f"it stands alone; what came before another event is a sequence: ( … then {situation.token.text} … ) has occurred",
    )


def window_before_pattern(situation: Situation) -> Diagnostic | None:
    """`within 30 days event "order" count >= 3`."""
    if not situation.accepts("weekday") or not situation.text_is(0, "within", "since", "between"):
        return None
    begin = next((at for at in range(2, 8) if situation.begins_pattern(at)), None)
    if begin is None:
        return None
    stack = list(situation.stack)
    last = None
    for index in range(situation.at + begin, len(situation.tokens)):
        if last is not None and not situation.tables.shift(list(stack), "BEFORE"):
            break
        if situation.tables.shift(list(stack), "BEFORE"):
            last = index - 1 - situation.at
        if not situation.tables.feed(stack, situation.tokens[index]):
            break
    window = situation.written(0, begin - 1)
    end = last if last is not None else situation.pattern_end(begin)
    if end is None:
        return None
    right = f"{situation.written(begin, end)}{'' if last is not None else ' has occurred'} {window}"
    return ORDER_OF_TEST.at(situation.span(0, end), help=f"write {code_word(right)}", replacement=right)


def once_per_duration(situation: Situation) -> Diagnostic | None:
    """`once per 30 days`, `once every 30 days`."""
    if (
        situation.type_is(0, "INTEGER")
        and situation.text_is(-1, "per")
        and situation.text_is(-2, "once")
        and situation.text_is(1, *_UNITS, *_DAYS)
    ):
        right = f"at most once per {_duration(situation.token.text, situation.peek(1).text)}"
        return ONCE_PER.at(situation.span(-2, 1), help=f"write {code_word(right)}", replacement=right)
    return None


def once_every_duration(situation: Situation) -> Diagnostic | None:
    """`once every 30 days`, `once in 30 days`, `once a day`, `every 30 days`."""
    if situation.type_is(0, STRING) or not situation.text_is(-1, "once", "every"):
        return None
    at = 1 if situation.text_is(0, "every", "in", "a", "each") else 0
    first = -1
    number = "1"
    if situation.type_is(at, "INTEGER"):
        number = situation.peek(at).text
        at += 1
    if not situation.text_is(at, *_UNITS, *_DAYS) or (number == "1" and at == 0):
        return None
    right = f"at most once per {_duration(number, situation.peek(at).text)}"
    return ONCE_PER.at(situation.span(first, at), help=f"write {code_word(right)}", replacement=right)


MISTAKES = (
    once_per_duration,
    once_every_duration,
    months,
    in_the_last,
    before_a_date,
    after_a_date,
    window_first,
    before_a_pattern,
    before_an_event,
    window_before_pattern,
)
