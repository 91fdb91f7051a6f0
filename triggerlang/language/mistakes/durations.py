"""Mistakes in durations: units of other languages and cut short, a number in words, two parts, `30 days ago`."""

from __future__ import annotations

from triggerlang.language.diagnostics import Code, Diagnostic, code_word
from triggerlang.language.lexer import WORD
from triggerlang.language.situation import Situation

UNIT = Code(
    "odd-duration",
    "a duration is a whole number and a unit",
    "A duration is a whole number and `seconds`, `minutes`, `hours`, `days` or `weeks`.",
)
NO_UNIT = Code("duration-without-unit", "{number} of what?", "A duration has a unit: `30 days`.")
NO_FIXED = Code("no-fixed-window", "{words} is no window that is known here", "A window is a duration, or goes from a date on.")

CODES = (UNIT, NO_UNIT, NO_FIXED)

SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}
UNITS = {
    written: unit
    for unit, names in (
        ("seconds", "s sec secs second seconds sekunde sekunden seconde secondes segundo segundos sek"),
        ("minutes", "m min mins minute minutes minuten minuto minutos mn"),
        ("hours", "h hr hrs hour hours std stunde stunden heure heures hora horas"),
        ("days", "d day days tag tage tagen jour jours día días dia dias"),
        ("weeks", "w wk wks week weeks woche wochen semaine semaines semana semanas"),
    )
    for written in names.split()
}
LONG = {
    **dict.fromkeys(["month", "months", "mth", "mths", "mo", "monat", "monate", "monaten", "mois", "mes", "meses"], 30),
    **dict.fromkeys(["quarter", "quarters", "quartal", "quartale", "trimestre", "trimestres"], 91),
    **dict.fromkeys(["year", "years", "yr", "yrs", "jahr", "jahre", "jahren", "an", "ans", "année", "années", "año", "años"], 365),
    **dict.fromkeys(["fortnight", "fortnights"], 14),
}
NUMBERS = {
    word: number
    for number, words in {
        1: "a an one ein eine einen einem einer un une uno una each every per",
        2: "two zwei deux dos couple",
        3: "three drei trois tres",
        4: "four vier quatre cuatro",
        5: "five fünf cinq cinco",
        6: "six sechs seis",
        7: "seven sieben sept siete",
        8: "eight acht huit ocho",
        9: "nine neun neuf nueve",
        10: "ten zehn dix diez",
        12: "twelve zwölf douze doce dozen",
        14: "fourteen vierzehn quatorze catorce",
        20: "twenty zwanzig vingt veinte",
        24: "twenty-four",
        30: "thirty dreißig trente treinta",
        60: "sixty sechzig soixante sesenta",
        90: "ninety neunzig noventa",
    }.items()
    for word in words.split()
}


def amount_of(situation: Situation, at: int) -> float | None:
    """The number that a token means, in digits or in words."""
    token = situation.peek(at)
    if token.type in ("INTEGER", "NUMBER") and len(token.text) < 12:
        return float(token.text.replace("_", ""))
    if situation.is_word(at):
        return NUMBERS.get(token.text.lower())
    return None


def seconds_of(situation: Situation, at: int) -> tuple[float, int] | None:
    """The seconds of a duration that begins at a token, however its unit is written, and its last token."""
    amount = amount_of(situation, at)
    unit = situation.peek(at + 1).text.lower()
    if amount is None or not situation.is_word(at + 1):
        return None
    if unit in UNITS:
        return amount * SECONDS[UNITS[unit]], at + 1
    if unit in LONG:
        return amount * LONG[unit] * SECONDS["days"], at + 1
    return None


def written(seconds: float) -> str | None:
    """A duration in the largest unit that gives a whole number; days where it came from months."""
    whole = round(seconds)
    if whole <= 0 or abs(whole - seconds) > 1e-6:
        return None
    for unit in ("weeks", "days", "hours", "minutes", "seconds"):
        if not whole % SECONDS[unit] and not (unit == "weeks" and whole >= 3 * SECONDS["weeks"]):
            number = whole // SECONDS[unit]
            return f"{number} {unit.removesuffix('s') if number == 1 else unit}"
    return None


def plainly(amount: float, unit: str) -> str | None:
    """A duration as it was written, with the unit's own word."""
    if unit in LONG:
        return f"{round(amount * LONG[unit])} days"
    if amount != int(amount):
        return written(amount * SECONDS[UNITS[unit]])
    return f"{int(amount)} {UNITS[unit].removesuffix('s') if amount == 1 else UNITS[unit]}"


def _begins(situation: Situation) -> int | None:
    """Where the duration begins that the wrong token stands in, as an offset from it."""
    if situation.accepts("days") and situation.type_is(-1, "INTEGER"):
        return -1
    return 0 if "INTEGER" in situation.accepted and not situation.accepts("contains") else None


def odd_durations(situation: Situation) -> Diagnostic | None:
    """`30 d`, `24h`, `a week`, `thirty days`, `1.5 hours`, `30 Tage`, `days 30`."""
    first = _begins(situation)
    if first is None:
        return None
    amount = amount_of(situation, first)
    if amount is None and first == 0:
        unit, number = situation.token.text.lower(), amount_of(situation, 1)
        if unit in UNITS and number is not None and situation.type_is(1, "INTEGER"):
            return _said(situation, 0, 1, plainly(number, unit))
        return None
    if amount is None:
        return None
    unit = situation.peek(first + 1).text.lower()
    if situation.is_word(first + 1):
        if unit in UNITS or unit in LONG:
            return _said(situation, first, first + 1, plainly(amount, unit))
        rest = situation.peek(first + 2).text.lower()
        if unit in ("business", "working", "work", "calendar", "full", "whole") and rest in UNITS:
            help_text = "a day is 24 hours, on weekends too: write " + code_word(f"{plainly(amount, rest)}") + ", or more"
            return UNIT.at(situation.span(first, first + 2), help=help_text)
    return None


def _said(situation: Situation, first: int, last: int, right: str | None) -> Diagnostic | None:
    if right is None:
        return None
    return UNIT.at(situation.span(first, last), help=f"write {code_word(right)}", replacement=right)


def two_parts(situation: Situation) -> Diagnostic | None:
    """`1 hour 30 minutes`, `1 day and 12 hours`."""
    if not situation.type_is(-2, "INTEGER", "NUMBER") or not situation.text_is(-1, *SECONDS, *(unit[:-1] for unit in SECONDS)):
        return None
    at = 1 if situation.text_is(0, "and", "und", "plus") or situation.type_is(0, "COMMA") else 0
    one, other = seconds_of(situation, -2), seconds_of(situation, at)
    if one is None or other is None:
        return None
    return _said(situation, -2, other[1], written(one[0] + other[0]))


def without_unit(situation: Situation) -> Diagnostic | None:
    """`within 30`."""
    if not situation.accepts("days") or not situation.type_is(-1, "INTEGER"):
        return None
    token = situation.token
    is_behind = token.type == WORD and token.written.isalpha() and token.span.line == situation.peek(-1).span.line
    if is_behind and not situation.text_is(0, "before", "so", "after", "once", "and", "or", "every", "at", "active"):
        return None  # It may be a unit with letters wrong.
    right = f"{situation.peek(-1).written} days"
    return NO_UNIT.at(
        situation.span(-1, -1),
        number=code_word(situation.peek(-1).written),
        help=f"write {code_word(right)}, or another unit",
        replacement=right,
    )


def ago(situation: Situation) -> Diagnostic | None:
    """`has occurred 30 days ago`, `less than 30 days ago`, `more than 30 days ago`."""
    if not situation.accepts("within") and not (situation.accepts("count") and situation.accepts("distinct")):
        return None
    begin = 2 if situation.text_is(1, "than") else 0
    begin = 1 if situation.text_is(0, "over", "under", "about", "exactly") else begin
    found = seconds_of(situation, begin)
    if found is None or not situation.text_is(found[1] + 1, "ago", "earlier", "back"):
        return None
    right = written(found[0])
    if right is None:
        return None
    last = found[1] + 1
    measured = "has occurred " if situation.accepts("distinct") else ""
    if situation.text_is(0, "less", "fewer", "under"):
        right = f"{measured}within {right} before"
        return NO_FIXED.at(
            situation.span(0, last), words=code_word(situation.written(0, last)), help=f"write {code_word(right)}", replacement=right
        )
    head = situation.written(situation.test_start(), -1).removesuffix(" has occurred")
    return NO_FIXED.at(
        situation.span(0, last),
        words=code_word(situation.written(0, last)),
        help=f"what came before, and not since: `{head} has occurred and {head} has not occurred within {right} before`",
    )


_CALENDAR = {
    "today": "1 day",
    "yesterday": "2 days",
    "tomorrow": "1 day",
    "tonight": "1 day",
    "heute": "1 day",
    "gestern": "2 days",
    "recently": "7 days",
    "lately": "7 days",
    "aujourd'hui": "1 day",
    "hier": "2 days",
    "hoy": "1 day",
    "ayer": "2 days",
}


def calendar(situation: Situation) -> Diagnostic | None:
    """`today`, `since yesterday`, `this month`, `last week`."""
    first = -1 if situation.text_is(-1, "since") else 0
    if (first == 0 and not situation.accepts("within")) or (first == -1 and "DATE" not in situation.accepted):
        return None
    word = situation.token.text.lower()
    if word in _CALENDAR:
        last, right = 0, _CALENDAR[word]
    elif word in ("this", "last", "current", "previous") and situation.peek(1).text.lower() in (*UNITS, *LONG):
        last, unit = 1, situation.peek(1).text.lower()
        right = plainly(1, unit) or "1 day"
    else:
        return None
    right = f"within {right} before"
    return NO_FIXED.at(
        situation.span(first, last),
        words=code_word(situation.written(first, last)),
        help=f"windows do not follow the calendar: write {code_word(right)} for so long before the trigger, or `since` and a date",
    )


MISTAKES = (two_parts, odd_durations, ago, calendar, without_unit)
