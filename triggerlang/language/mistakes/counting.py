"""Mistakes about how often something happened: `at least 2 times`, `never`, a missing measure."""

from __future__ import annotations

from triggerlang.language.diagnostics import Code, Diagnostic, code_word
from triggerlang.language.lexer import STRING
from triggerlang.language.situation import Situation
from triggerlang.language.vocabulary import BY_PHRASE

TIMES = Code("how-often", "how often is written with `count`", "How often something happened is a count: `count >= 2`.")
NEVER = Code("never", "`never` is written `has not occurred`", "What never happened `has not occurred`.", is_slip=True)
BETWEEN = Code(
    "count-between", "`between` stands between dates; a range of numbers is two tests", "A range of numbers is written as two tests."
)
NO_MEASURE = Code(
    "missing-measure",
    "it is not said what must hold for {pattern}",
    "A pattern in a condition is followed by a measure, such as `has occurred`.",
)
NO_PATTERN = Code(
    "missing-pattern", "it is not said what {measure} is taken of", "A measure stands after the pattern whose events it is taken of."
)
NO_SIGN = Code("missing-sign", "a sign is missing before {number}", "A number is compared with a sign: `count >= 2`.")
QUOTED_NUMBER = Code(
    "quoted-number", "a number stands here without quotes", "Counts are compared with whole numbers, without quotes.", is_slip=True
)
NOT_WHOLE = Code("not-whole", "a whole number stands here", "Counts and durations are whole numbers.")

CODES = (TIMES, NEVER, BETWEEN, NO_MEASURE, NO_PATTERN, NO_SIGN, QUOTED_NUMBER, NOT_WHOLE)

_SIGNS = {
    ("at", "least"): ">=",
    ("at", "most"): "<=",
    ("more", "than"): ">",
    ("less", "than"): "<",
    ("fewer", "than"): "<",
    ("exactly",): "=",
    ("not", "more", "than"): "<=",
    ("no", "more", "than"): "<=",
    ("up", "to"): "<=",
    ("mindestens",): ">=",
    ("höchstens",): "<=",
    ("genau",): "=",
    ("au", "moins"): ">=",
    ("al", "menos"): ">=",
}
_NUMBERS = {"once": 1, "one": 1, "twice": 2, "two": 2, "three": 3, "four": 4, "five": 5}
_TIMES = ("times", "time", "x", "mal", "fois", "veces")
_MEASURES = ("count", "has", "sum", "average", "min", "max", "first", "last", "distinct")


def how_often(situation: Situation) -> Diagnostic | None:
    """`event "x" at least 2 times`, `more than 2 times`, `2 times`, `twice`."""
    if not situation.accepts("count") or (situation.text_is(0, "once") and situation.begins_line):
        return None
    for words, sign in (*_SIGNS.items(), ((), ">=")):
        if words and not situation.words(*words):
            continue
        at = len(words)
        token = situation.peek(at)
        number = int(token.text.replace("_", "")) if token.type == "INTEGER" and len(token.text) < 19 else _NUMBERS.get(token.text)
        if number is None or (not words and token.type == "INTEGER" and not situation.text_is(at + 1, *_TIMES, "or")):
            continue
        last = at
        if situation.words("or", "more", ahead=last + 1):
            last += 2
        if situation.text_is(last + 1, *_TIMES):
            last += 1
        right = f"count {sign} {number}"
        return TIMES.at(situation.span(0, last), help=f"write {code_word(_before(situation) + right)}", replacement=right)
    return None


def how_often_in_on(situation: Situation) -> Diagnostic | None:
    """`on event "x" at least 2 times`: the rule starts at one event, how many there were is asked in its condition."""
    if not (
        situation.text_is(-1, "at") and situation.text_is(0, "least") and situation.type_is(1, "INTEGER") and situation.text_is(2, "times")
    ):
        return None
    pattern = situation.written(situation.first + 1 - situation.at, -2)
    right = f"where {pattern} count >= {situation.peek(1).text} so far"
    return TIMES.at(situation.span(-1, 2), help=f"write {code_word(right)}", replacement=right)


def never_after(situation: Situation) -> Diagnostic | None:
    """`event "x" never`."""
    if situation.text_is(0, "never") and situation.accepts("count"):
        right = "has not occurred"
        return NEVER.at(situation.token.span, help=f"write {code_word(_before(situation) + right)}", replacement=right)
    return None


def never_in_the_past(situation: Situation) -> Diagnostic | None:
    """`never opened email "Letter"`."""
    if not situation.text_is(0, "never") or not situation.accepts("weekday") or not situation.type_is(3, STRING):
        return None
    word, noun = situation.peek(1).text, situation.peek(2).text
    verb = next((verb for verb, other in BY_PHRASE if other == noun and verb and verb[:3] == word[:3]), None)
    if verb is None or verb == word:
        return None
    right = f"{verb} {situation.written(2, 3)} has not occurred"
    return NEVER.at(situation.span(0, 3), help=f"write {code_word(right)}", replacement=right)


def never_before(situation: Situation) -> Diagnostic | None:
    """`never event "x"`, `no event "x"`."""
    if not situation.text_is(0, "never", "no", "without") or not situation.begins_pattern(1) or not situation.accepts("weekday"):
        return None
    end = situation.pattern_end(1)
    if end is None:
        return None
    right = f"{situation.written(1, end)} has not occurred"
    return NEVER.at(situation.span(0, end), help=f"write {code_word(right)}", replacement=right)


def between(situation: Situation) -> Diagnostic | None:
    """`count between 2 and 5`, `sum amount between 10 and 20`."""
    if not situation.text_is(0, "between") or "OPERATOR" not in situation.accepted or not situation.text_is(2, "and"):
        return None
    start = situation.test_start()
    measure = -1 if situation.text_is(-1, "count") else -2
    if not situation.text_is(measure, *_MEASURES):
        return None
    head = situation.written(start, -1)
    low, high = situation.peek(1).written, situation.peek(3).written
    stack = situation.stack_before(situation.at)
    for terminal in ("OPERATOR", "INTEGER"):
        situation.tables.shift(stack, terminal)
    end = 3
    window = ""
    if situation.text_is(4, "before", "so", "within", "since"):
        index = situation.at + 4
        while index < len(situation.tokens) - 1 and situation.tokens[index].text not in (
            "and",
            "or",
            ")",
            "active",
            "once",
            "every",
            "at",
            "on",
        ):
            index += 1
        end = index - 1 - situation.at
        window = " " + situation.written(4, end)
    right = f"{head} >= {low}{window} and {head} <= {high}{window}"
    if situation.text_is(start - 1, "or", "not") or situation.text_is(end + 1, "or"):
        right = f"({right})"
    return BETWEEN.at(situation.span(start, end), help=f"write {code_word(right)}", replacement=right)


def missing_measure(situation: Situation) -> Diagnostic | None:
    """`where event "signup"` and then the next test, clause or statement."""
    if not situation.accepts("count") or not situation.accepts("distinct"):
        return None
    token = situation.token
    if not (
        token.type in ("$END", "RPAR", "AND", "OR")
        or (
            token.type != STRING
            and token.text in ("and", "or", "active", "once", "every", "at", "on", "automation", "segment", "declare", "test")
        )
    ):
        return None
    if situation.text_is(0, "or") and (situation.begins_pattern(1) or situation.type_is(2, "OPERATOR")):
        return None
    if situation.text_is(0, "and") and situation.type_is(2, "OPERATOR"):
        return None
    start = situation.test_start()
    pattern = situation.written(start, -1)
    right = f"{pattern} has occurred"
    return NO_MEASURE.at(
        situation.span(start, -1),
        pattern=code_word(pattern),
        help=f"write {code_word(right)}, or `count`, `sum` and so on",
        replacement=right,
    )


def missing_pattern(situation: Situation) -> Diagnostic | None:
    """`where count >= 1`."""
    if situation.text_is(-1, "has") and situation.text_is(0, "occurred") and situation.accepts("tag"):
        end = situation.pattern_end_alone(1) if situation.begins_pattern(1) else None
        if end is not None:
            right = f"{situation.written(1, end)} has occurred"
            return NO_PATTERN.at(situation.span(-1, end), measure="this", help=f"write {code_word(right)}", replacement=right)
        return NO_PATTERN.at(
            situation.span(-1, 0), measure="this", help='write what happened before it, such as event "order" has occurred'
        )
    if situation.text_is(-1, "sum", "average", "min", "max", "distinct") and situation.type_is(0, "OPERATOR"):
        measure = situation.peek(-1).text
        return NO_PATTERN.at(
            situation.span(-1, -1),
            measure=code_word(measure),
            help=f"write a property behind it, such as {code_word(f'{measure} amount {situation.token.text} …')}",
        )
    if not situation.text_is(0, *_MEASURES) or situation.text_is(0, "has") or not situation.accepts("weekday"):
        return None
    measure = situation.token.text
    pattern = situation.pattern_end(1) if situation.begins_pattern(1) else None
    if pattern is not None and situation.type_is(pattern + 1, "OPERATOR") and situation.type_is(pattern + 2, "INTEGER", "NUMBER"):
        right = f"{situation.written(1, pattern)} {measure} {situation.written(pattern + 1, pattern + 2)}"
        return NO_PATTERN.at(
            situation.span(0, pattern + 2), measure=code_word(measure), help=f"write {code_word(right)}", replacement=right
        )
    if situation.type_is(1, "LPAR") and situation.begins_pattern(2):
        end = situation.pattern_end(2)
        if end is not None and situation.type_is(end + 1, "RPAR") and situation.type_is(end + 2, "OPERATOR"):
            right = f"{situation.written(2, end)} {measure} {situation.written(end + 2, end + 3)}"
            return NO_PATTERN.at(
                situation.span(0, end + 3), measure=code_word(measure), help=f"write {code_word(right)}", replacement=right
            )
    return NO_PATTERN.at(
        situation.token.span, measure=code_word(measure), help=f'write what happened before it, such as `event "order" {measure}`'
    )


def missing_sign(situation: Situation) -> Diagnostic | None:
    """`count 2`, `sum amount 500`, `distinct sku 3`."""
    if situation.token.type not in ("INTEGER", "NUMBER") or "OPERATOR" not in situation.accepted or situation.accepts("before"):
        return None
    right = f">= {situation.token.written}"
    return NO_SIGN.at(
        situation.token.span,
        number=code_word(situation.token.written),
        help=f"write {code_word(right)}, or another sign",
        replacement=right,
    )


def quoted_number(situation: Situation) -> Diagnostic | None:
    """`count >= "2"`, `count >= 1.5`."""
    if (
        situation.text_is(-1, "most")
        or "INTEGER" not in situation.accepted
        or "STRING" in situation.accepted
        or "NUMBER" in situation.accepted
    ):
        return None
    token = situation.token
    if token.type == STRING:
        if not token.text.isascii() or not token.text.strip().isdigit():
            return None
        right = token.text.strip()
        return QUOTED_NUMBER.at(token.span, help=f"write {code_word(right)}", replacement=right)
    if token.type == "NUMBER" and not situation.text_is(1, "minutes", "hours", "days", "weeks", "minute", "hour", "day", "week"):
        return NOT_WHOLE.at(token.span, help=f"{code_word(token.written)} is no whole number from 0 on")
    if token.text in _NUMBERS and token.type != STRING:
        right = str(_NUMBERS[token.text])
        return NOT_WHOLE.at(token.span, help=f"write {code_word(right)}", replacement=right)
    return None


def needless_times(situation: Situation) -> Diagnostic | None:
    """`count >= 2 times`."""
    if situation.text_is(0, "times", "time") and situation.type_is(-1, "INTEGER") and situation.type_is(-2, "OPERATOR"):
        right = situation.written(-1, -1)
        return TIMES.at(situation.span(-1, 0), help=f"write {code_word(right)}", replacement=right)
    return None


def _before(situation: Situation) -> str:
    """The pattern before the wrong token, with a space after it."""
    return situation.written(situation.test_start(), -1) + " "


MISTAKES = (
    how_often,
    how_often_in_on,
    never_after,
    never_in_the_past,
    never_before,
    between,
    missing_measure,
    missing_pattern,
    missing_sign,
    quoted_number,
    needless_times,
)
