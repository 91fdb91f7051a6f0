"""Mistakes about how often a rule may run, and when it is active: `max 3 times`, `twice a week`, `from … to`."""

from __future__ import annotations

from typing import NamedTuple

from triggerlang.language.diagnostics import Code, Diagnostic, code_word
from triggerlang.language.lexer import WORD
from triggerlang.language.mistakes.durations import LONG, UNITS, amount_of, plainly
from triggerlang.language.situation import Situation
from triggerlang.language.tables import END

RUNS = Code(
    "how-often-it-runs",
    "how often a rule may run is written in another way",
    "`once`, `every time`, `at most 3 times`, `at most once per 30 days`, `at most 3 times per week`.",
    is_slip=True,
)
LEAST = Code("runs-at-least", "a rule has a most, not a least", "How often a rule runs at least is not in its power.")
BOTH = Code("runs-twice", "how often the rule may run is said twice", "A rule says once how often it may run.")
ACTIVE = Code(
    "active-dates", "when a rule is active is written `from … until …`", "`active from DATE until DATE`, or one of them.", is_slip=True
)
ACTIVE_IN_HEADER = Code(
    "active-in-header", "`active` stands in a rule, not in a header", "Each rule of an automation says when it is active."
)

CODES = (RUNS, LEAST, BOTH, ACTIVE, ACTIVE_IN_HEADER)

_LIMITS = (
    "at most",
    "no more than",
    "not more than",
    "maximum of",
    "a maximum of",
    "max",
    "maximum",
    "maximal",
    "höchstens",
    "up to",
    "limit to",
    "only",
    "just",
    "limited to",
    "au plus",
    "máximo",
)
_ONCE = ("once", "einmal", "one", "une", "una")
_TWICE = {"twice": 2, "thrice": 3, "zweimal": 2, "dreimal": 3}
_TIMES = ("times", "time", "x", "mal", "fois", "veces", "vez", "entries", "runs")
_PER = ("per", "a", "an", "every", "each", "in", "within", "pro", "par", "por", "je", "during", "all", "alle", "im", "in a", "per each")
_ENDS = ("at", "once", "every", "on", "automation", "segment", "declare", "test")


class _Runs(NamedTuple):
    """A limit: so many times, per so long, and its last token."""

    number: int
    per: str | None
    last: int


def how_often_it_runs(situation: Situation) -> Diagnostic | None:
    """`max 3 times`, `3 times per week`, `twice a month`, `at most once`, `every 30 days`."""
    for first in (0, -1, -2, -3, -4):
        if situation.at + first <= situation.first:
            break
        accepted = situation.accepted if not first else situation.accepted_before(situation.at + first)
        if "ONCE" not in accepted or "AT" not in accepted:
            continue
        found = _read(situation, first)
        if found is not None and (found.last >= 0 or (found.last == -1 and (situation.token.type == END or situation.begins_another))):
            right = _written(found)
            if right == situation.written(first, found.last):
                continue
            return RUNS.at(situation.span(first, found.last), help=f"write {code_word(right)}", replacement=right)
    return None


def _read(situation: Situation, first: int) -> _Runs | None:
    at = first
    has_limit = False
    for limit in _LIMITS:
        if _words(situation, at, limit):
            at += len(limit.split())
            has_limit = True
            break
    number, at, last = _number(situation, at)
    per, end = _per(situation, at)
    if number is None:
        # `every 30 days`, `once every week`
        if per is None or at != first or not situation.text_is(at, "every", "each", "alle", "all", "daily", "weekly", "monthly", "yearly"):
            return None
        return _Runs(1, per, end)
    if per is not None:
        return _Runs(number, per, end)
    if not has_limit and at == first + 1 and situation.type_is(first, "INTEGER"):
        return None
    return _Runs(number, None, last)


def _number(situation: Situation, at: int) -> tuple[int | None, int, int]:
    """How many times, the token after it, and its last token."""
    word = situation.peek(at).text.lower()
    if word in _TWICE and situation.is_word(at):
        return _TWICE[word], at + 1, at
    if word in _ONCE and situation.is_word(at) and situation.peek(at + 1).text.lower() not in (*UNITS, *LONG):
        after = at + 1
        if situation.peek(after).text.lower() in _TIMES:
            after += 1
        return 1, after, after - 1
    number = amount_of(situation, at)
    if number is None or number != int(number) or word in ("a", "an", "each", "every", "per"):
        return None, at, at
    after = at + 1
    if situation.is_word(after) and situation.peek(after).text.lower() in _TIMES:
        return int(number), after + 1, after
    if situation.peek(after).text.lower() in (*UNITS, *LONG):
        return None, at, at
    return int(number), after, at


def _per(situation: Situation, at: int) -> tuple[str | None, int]:
    """What the limit is per, and its last token."""
    word = situation.peek(at).text.lower()
    if word in ("daily", "weekly", "monthly", "yearly", "hourly"):
        return {"daily": "1 day", "weekly": "1 week", "monthly": "30 days", "yearly": "365 days", "hourly": "1 hour"}[word], at
    if word not in _PER or not situation.is_word(at):
        return None, at
    at += 1
    amount = amount_of(situation, at)
    if amount is None:
        amount, at = 1, at - 1
    unit = situation.peek(at + 1).text.lower()
    if unit not in UNITS and unit not in LONG:
        return None, at
    return plainly(amount, unit), at + 1


def _written(runs: _Runs) -> str:
    if runs.number == 1:
        return "once" if runs.per is None else f"at most once per {runs.per}"
    return f"at most {runs.number} times" + ("" if runs.per is None else f" per {runs.per}")


def _words(situation: Situation, at: int, phrase: str) -> bool:
    return all(situation.peek(at + place).text.lower() == word for place, word in enumerate(phrase.split()))


def at_least(situation: Situation) -> Diagnostic | None:
    """`at least once`, as runs."""
    if situation.text_is(-1, "at") and situation.text_is(0, "least") and situation.accepts("most"):
        return LEAST.at(
            situation.span(-1, 0),
            help="`at most` bounds how often a contact enters; how often something happened is asked in the condition, with `count`",
        )
    return None


def per_property(situation: Situation) -> Diagnostic | None:
    """`at most once per cart_id`."""
    if not situation.text_is(-1, "per") or not situation.text_is(-2, "once") or not situation.text_is(-4, "at"):
        return None
    if situation.token.type != WORD or situation.token.text.lower() in (*UNITS, *LONG, "a", "an", "each", "every"):
        return None
    right = f"once per {situation.token.written}"
    return RUNS.at(situation.span(-4, 0), help=f"write {code_word(right)}", replacement=right)


def said_twice(situation: Situation) -> Diagnostic | None:
    """`once every time`."""
    if not situation.text_is(0, "once", "every", "at") or situation.accepts("once") or situation.accepts("every"):
        return None
    if not any(situation.tokens[index].type in ("ONCE", "EVERY", "AT") for index in range(situation.first, situation.at)):
        return None
    return BOTH.at(situation.token.span, help="leave one of them out")


def active_dates(situation: Situation) -> Diagnostic | None:
    """`active 2026-06-01 until …`, `active between A and B`, `until B from A`."""
    if situation.text_is(-1, "active") and situation.accepts("from") and situation.accepts("until"):
        if situation.type_is(0, "DATE", "DATETIME"):
            right = f"from {situation.token.written}"
            return ACTIVE.at(situation.span(0, 0), help=f"write {code_word(right)}", replacement=right)
        if (
            situation.text_is(0, "between", "during")
            and situation.type_is(1, "DATE", "DATETIME")
            and situation.type_is(3, "DATE", "DATETIME")
        ):
            right = f"from {situation.peek(1).written} until {situation.peek(3).written}"
            return ACTIVE.at(situation.span(0, 3), help=f"write {code_word(right)}", replacement=right)
        if situation.text_is(0, "on", "in", "during", "at"):
            return ACTIVE.at(
                situation.span(0, 0),
                help="write two dates, such as `active from 2026-06-01 until 2026-06-30`; days of the week are asked with "
                "`where weekday in (monday)`",
            )
        return None
    if situation.text_is(0, "from") and situation.text_is(-2, "until") and situation.type_is(1, "DATE", "DATETIME"):
        right = f"from {situation.peek(1).written} {situation.written(-2, -1)}"
        return ACTIVE.at(situation.span(-2, 1), help=f"write {code_word(right)}", replacement=right)
    return None


def active_twice(situation: Situation) -> Diagnostic | None:
    """`active from A active until B`."""
    if not situation.text_is(0, "active") or not any(situation.tokens[at].type == "ACTIVE" for at in range(situation.first, situation.at)):
        return None
    return ACTIVE.at(situation.token.span, help="leave the second `active` out", replacement="")


def active_in_header(situation: Situation) -> Diagnostic | None:
    """`automation "Summer" active from …`."""
    head = situation.tokens[situation.first]
    if not situation.text_is(0, "active") or head.type != "AUTOMATION" or situation.at - situation.first > 8:
        return None
    end = situation.written(0, _dates_end(situation))
    return ACTIVE_IN_HEADER.at(situation.span(0, _dates_end(situation)), help=f"put {code_word(end)} behind each rule's condition")


def _dates_end(situation: Situation) -> int:
    at = 0
    while situation.text_is(at + 1, "from", "until") and situation.type_is(at + 2, "DATE", "DATETIME"):
        at += 2
    return at


MISTAKES = (active_twice, active_in_header, active_dates, per_property, how_often_it_runs, at_least, said_twice)
