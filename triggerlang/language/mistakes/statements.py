"""Mistakes about statements: actions after a rule, names without their nouns, `declare` in other forms, rules of the calendar."""

from __future__ import annotations

from triggerlang.language.diagnostics import Code, Diagnostic, code_word
from triggerlang.language.lexer import STRING, WORD
from triggerlang.language.mistakes.durations import LONG, UNITS, seconds_of, written
from triggerlang.language.oddities import MONTHS
from triggerlang.language.situation import Situation
from triggerlang.language.tables import END
from triggerlang.language.vocabulary import KINDS, NOUNS

ACTION = Code("action", "a rule does nothing by itself", "A rule says who enters an automation; what happens then is no part of it.")
CALENDAR = Code(
    "calendar-trigger",
    "a rule starts with something that happens to a contact, not on a day of the calendar",
    "What starts a rule is an event, or a moment after one or by its date.",
)
NAME_ALONE = Code("name-alone", "{name} alone is no event", "What starts a rule is named by its noun: `event`, `subscribes list`.")
NO_NOUN = Code("missing-noun", "it is not said what {name} is", "A name stands behind its noun: `in list`, `has tag`, `opens email`.")
PART_MISSING = Code("missing-word", "{word} is missing here", "A word of the language is missing between two others.", is_slip=True)
DECLARED = Code(
    "declare-form", "a declaration is written in another way", '`declare event "order" with amount number, currency text`.', is_slip=True
)
SEGMENT_UNDECLARED = Code("declared-segment", "a segment is not declared but defined", '`segment "Regulars" is …`.')
WHICH = Code(
    "which-time", "how often it has happened is asked in the condition", "A rule starts at each event; `count` asks which one it is."
)
AND_MISSING = Code("missing-and", "`and` or `or` is missing between two tests", "Tests are joined by `and` or `or`.")

SEGMENT_ENTERED = Code(
    "segment-entered", "nothing happens when a contact comes into a segment", "A segment is asked at an event; coming into it is none."
)

PLACEHOLDER = Code("placeholder", "something is still to be filled in here", "A part of a rule was left open.")
NUMBER_FIRST = Code("number-first", "how often something happened is asked behind it", "A measure stands behind its pattern: `count >= 3`.")

CODES = (
    PLACEHOLDER,
    NUMBER_FIRST,
    SEGMENT_ENTERED,
    ACTION,
    CALENDAR,
    NAME_ALONE,
    NO_NOUN,
    PART_MISSING,
    DECLARED,
    SEGMENT_UNDECLARED,
    WHICH,
    AND_MISSING,
)

_ACTIONS = (
    *(
        "send",
        "sends",
        "wait",
        "add",
        "remove",
        "apply",
        "assign",
        "notify",
        "set",
        "update",
        "create",
        "subscribe",
        "enroll",
        "enrol",
        "enter",
    ),
    *("action", "do", "push", "email", "sms", "webhook", "start", "trigger", "delay", "exit", "stop", "end", "sende", "warte", "envoyer"),
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "weekday", "weekend")
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "tenth": 10}
_TESTS = ("in", "has", "had", "was", "field", "weekday", "time", "not", "any")


def action(situation: Situation) -> Diagnostic | None:
    """`send email "Hello"`, `wait 3 days`, `then send …`, behind a rule."""
    word = situation.token.text.lower()
    if situation.token.type != WORD or word not in _ACTIONS:
        return None
    is_step = situation.text_is(-1, "then") or situation.text_is(-1, "do")
    if not is_step and not (END in situation.accepted and situation.accepts("once") and situation.at > situation.first):
        return None
    found = seconds_of(situation, 1)
    duration = written(found[0]) if found is not None else None
    if duration is not None and situation.accepts("where") and situation.tokens[situation.first].text == "on":
        begin = situation.first + 1 - situation.at
        if any(situation.tokens[at].type in ("THEN", "WITHOUT", "AFTER") for at in range(situation.first, situation.at)):
            return None
        right = f"{duration} after {situation.written(begin, -1)}"
        return ACTION.at(
            situation.span(begin, found[1] if found else 0),
            help=f"a rule that waits is written {code_word('on ' + right)}",
            replacement=right,
        )
    return ACTION.at(
        situation.span(-1 if is_step else 0, 0),
        help="leave it out: a rule says who enters the automation, and the automation itself sends, waits or changes something",
    )


def calendar(situation: Situation) -> Diagnostic | None:
    """`on every day at 09:00`, `on every monday`, `on 2026-09-01`, `on christmas`."""
    if not situation.accepts("anniversary") or not situation.accepts("event"):
        return None
    at = 1 if situation.text_is(0, "every", "each", "the", "jeden", "jede") else 0
    word = situation.peek(at).text.lower()
    is_day = situation.type_is(at, "DATE", "DATETIME", "CLOCK") or word.rstrip("s") in _DAYS or word in MONTHS
    is_unit = at == 1 and (word in UNITS or word in LONG or word in ("morning", "evening", "night"))
    if not is_day and not is_unit and word not in ("christmas", "midnight", "noon", "daily", "weekly", "monthly", "yearly"):
        return None
    return CALENDAR.at(
        situation.span(0, at),
        help='begin with what happens, such as event "login"; `where weekday in (monday)`, `where time between 09:00 and 10:00` '
        "and `active from … until …` bound when it counts",
    )


def name_alone(situation: Situation) -> Diagnostic | None:
    """`on "signup"`, `on signup`, `then "invite"`, `or "registered"`."""
    if not situation.accepts("event") or situation.accepts("weekday"):
        return None
    token = situation.token
    if token.type != STRING and not (token.type == WORD and _stands_alone(situation)):
        return None
    if token.type != STRING and token.text.lower() in (*NOUNS, "when", "if", "the", *_ACTIONS):
        return None
    name = token.written if token.type == STRING else f'"{token.text}"'
    right = f"event {name}"
    return NAME_ALONE.at(
        token.span,
        name=code_word(token.written),
        help=f"write {code_word(right)}, or the verb and noun that belong to it",
        replacement=right,
    )


def _stands_alone(situation: Situation) -> bool:
    following = situation.peek(1)
    return following.type == END or following.text in ("where", "active", "once", "every", "at", "on", "automation", "with", "within")


def missing_noun(situation: Situation) -> Diagnostic | None:
    """`in "News"`, `has "lead"`, `subscribes "News"`, `in tag "x"`."""
    if situation.token.type != STRING:
        return None
    if situation.text_is(-1, "in") and situation.accepts("list"):
        words: tuple[str, ...] = ("list", "segment")
    elif situation.text_is(-1, "has", "had") and situation.accepts("tag"):
        words = ("tag",)
    elif "NOUN" in situation.accepted and situation.type_is(-1, "VERB"):
        words = tuple(kind.noun for kind in KINDS if kind.verb == situation.peek(-1).text)
    elif "NOUN" in situation.accepted and situation.text_is(-1, "to", "from"):
        words = tuple(kind.noun for kind in KINDS if kind.verb == situation.peek(-2).text)
    else:
        return None
    if not words:
        return None
    right = f"{words[0]} {situation.token.written}"
    others = "".join(f", or {code_word(f'{word} {situation.token.written}')}" for word in words[1:])
    return NO_NOUN.at(
        situation.token.span, name=code_word(situation.token.written), help=f"write {code_word(right)}{others}", replacement=right
    )


def placeholder(situation: Situation) -> Diagnostic | None:
    """`<condition>`, `xxx`, `TODO`."""
    if situation.type_is(0, "OPERATOR") and situation.token.text == "<":
        end = next((at for at in range(1, 6) if situation.type_is(at, "OPERATOR") and situation.peek(at).text == ">"), None)
        if end is not None and all(situation.is_word(at) for at in range(1, end)):
            return PLACEHOLDER.at(situation.span(0, end), help="write what belongs there")
    if situation.is_word(0) and situation.token.text.lower() in ("xxx", "xx", "todo", "tbd", "tba", "foo", "fixme"):
        return PLACEHOLDER.at(situation.token.span, help="write what belongs there")
    return None


def number_first(situation: Situation) -> Diagnostic | None:
    """`where 3 event "order"`, `at least 3 event "order" before`."""
    if not situation.accepts("weekday") or not situation.type_is(0, "INTEGER"):
        return None
    begin = 2 if situation.is_word(1) and situation.peek(1).text in ("x", "times", "of") else 1
    end = situation.pattern_end(begin) if situation.begins_pattern(begin) else None
    if end is None or situation.text_is(end + 1, "count", "has", "sum"):
        return None
    right = f"{situation.written(begin, end)} count >= {situation.token.text}"
    return NUMBER_FIRST.at(situation.span(0, end), help=f"write {code_word(right)}", replacement=right)


def segment_sign(situation: Situation) -> Diagnostic | None:
    """`segment "Regulars" = in list "News"`."""
    if not situation.type_is(0, "OPERATOR") or not situation.accepts_only("is"):
        return None
    return PART_MISSING.at(situation.token.span, word="`is`", help="write `is`", replacement="is")


def missing_word(situation: Situation) -> Diagnostic | None:
    """`segment "Regulars" event …`, `anniversary field "x"`, `since event "order"`: a word without which it cannot be read."""
    if situation.type_is(0, END) or situation.type_is(-1, END):
        return None
    for phrase in ("is", "of", "date of", "last", "with"):
        words = phrase.split()
        if not situation.accepts(words[0]) or not situation.accepts_phrase(words):
            continue
        if phrase == "with" and not situation.type_is(1, "OPERATOR", "NUMBER") and situation.tokens[situation.first].text != "declare":
            continue
        if phrase == "with" and situation.token.text in situation.tables.keywords:
            continue
        if phrase == "last" and not situation.text_is(-1, "since"):
            continue
        if phrase == "date of" and not situation.text_is(-1, "before", "after"):
            continue
        if phrase == "is" and not situation.accepts_only("is"):
            continue
        right = f"{phrase} {situation.token.written}"
        return PART_MISSING.at(situation.token.span, word=code_word(phrase), help=f"write {code_word(right)}", replacement=right)
    return None


def segment_entered(situation: Situation) -> Diagnostic | None:
    """`enters segment "Regulars"`."""
    if not situation.text_is(0, "segment") or "NOUN" not in situation.accepted or not situation.type_is(-1, "VERB"):
        return None
    name = situation.peek(1).written if situation.type_is(1, STRING) else '"Regulars"'
    return SEGMENT_ENTERED.at(
        situation.span(-1, 0),
        help=f"begin with an event that may change it, and ask {code_word(f'in segment {name}')} in the condition",
    )


def declare_form(situation: Situation) -> Diagnostic | None:
    """`declare event "order" (amount number)`, `declare list "A", "B"`, `declare segment "x"`."""
    if situation.tokens[situation.first].text != "declare" or situation.at == situation.first:
        return None
    if situation.text_is(0, "segment") and "NOUN" in situation.accepted:
        return SEGMENT_UNDECLARED.at(
            situation.token.span,
            help='leave the line out: a segment is known by its own line, such as segment "Regulars" is in list "News"',
        )
    if situation.type_is(0, "COMMA") and situation.type_is(1, STRING) and situation.accepts("declare"):
        noun = situation.tokens[situation.first + 1].text
        right = f" declare {noun}"
        return DECLARED.at(situation.token.span, help=f"each name has its own `declare {noun}`", replacement=right)
    if situation.type_is(0, "LPAR") and situation.accepts("with"):
        end = next((at for at in range(1, 60) if situation.type_is(at, "RPAR", END)), None)
        if end is not None and situation.type_is(end, "RPAR"):
            right = f"with {situation.written(1, end - 1)}"
            return DECLARED.at(situation.span(0, end), help=f"write {code_word(right)}", replacement=right)
    if (
        situation.type_is(0, WORD)
        and "PROPERTY" not in situation.accepted
        and situation.accepts("with")
        and not situation.text_is(0, "with")
    ):
        right = f"with {situation.token.written}"
        return DECLARED.at(situation.token.span, help=f"write {code_word(right)}", replacement=right)
    return None


def which_time(situation: Situation) -> Diagnostic | None:
    """`on first event "order"`, `on 3rd event "order"`."""
    if situation.text_is(-1, "on") and situation.type_is(0, WORD):
        first = 0
    elif situation.type_is(-1, "INTEGER") and situation.text_is(-2, "on") and situation.text_is(0, "st", "nd", "rd", "th"):
        first = -1
    else:
        return None
    number = _ORDINALS.get("".join(situation.written(first, 0).lower().split()))
    if number is None and first == -1:
        number = int(situation.peek(-1).text) if len(situation.peek(-1).text) < 6 else None
    if number is None or not situation.text_is(1, "event") or not situation.type_is(2, STRING):
        return None
    event = situation.written(1, 2)
    measure = "has not occurred" if number == 1 else f"count = {number - 1}"
    right = f"{event} where {event} {measure} before"
    if not situation.text_is(3, "where", "with", "then", "without"):
        return WHICH.at(situation.span(first, 2), help=f"write {code_word(right)}", replacement=right)
    return WHICH.at(situation.span(first, 0), help=f"leave it out, and ask {code_word(f'{event} {measure} before')} in the condition")


def missing_and(situation: Situation) -> Diagnostic | None:
    """`in list "News" has tag "lead"`, `in list "News", has tag "lead"`."""
    if not (situation.accepts("and") and situation.accepts("or")) or situation.accepts("where"):
        return None
    at = 1 if situation.type_is(0, "COMMA") else 0
    if situation.text_is(at, "not") and situation.type_is(at + 1, END):
        return None
    if not (situation.text_is(at, *_TESTS) or situation.begins_pattern(at) or situation.type_is(at, "LPAR")):
        return None
    if at:
        return AND_MISSING.at(situation.token.span, help="write `and`, or `or`", replacement=" and")
    right = f"and {situation.token.written}"
    return AND_MISSING.at(
        situation.token.span, help=f"write {code_word(right)}, or {code_word(f'or {situation.token.written}')}", replacement=right
    )


MISTAKES = (
    placeholder,
    number_first,
    segment_sign,
    segment_entered,
    declare_form,
    which_time,
    calendar,
    missing_noun,
    missing_and,
    action,
    missing_word,
    name_alone,
)
