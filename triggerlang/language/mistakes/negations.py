"""Mistakes in comparisons that are put together in another way: `does not contain`, `between 50 and 100`, `100 < amount`, `like "a*"`."""

from __future__ import annotations

from triggerlang.language.diagnostics import Code, Diagnostic, code_word, quoted
from triggerlang.language.lexer import LETTERS, STRING, WORD
from triggerlang.language.mistakes.comparisons import NO_QUOTES, is_literal
from triggerlang.language.situation import Situation

NEGATED = Code(
    "not-behind", "`not` stands before what is asked", "`not` stands before a whole comparison; of a property in parentheses.", is_slip=True
)
RANGE = Code("range-of-values", "a range of values is two comparisons", "A range is written as two comparisons.")
REVERSED = Code("value-first", "a property stands before its value", "A comparison is a property, a sign, and a value.", is_slip=True)
PATTERN = Code(
    "pattern-of-text", "{word} asks of names; a text is asked with `contains` and its kin", "`like` stands behind `event` and its kin."
)
NO_VALUE = Code("missing-comparison", "it is not said what must hold for {property}", "A property is followed by a comparison.")
NULL = Code("null-value", "what is not there is asked with `is blank`", "There is no null: what is absent is blank.", is_slip=True)

CODES = (NULL, NEGATED, RANGE, REVERSED, PATTERN, NO_VALUE)

_NOT = ("does not", "doesn't", "not", "is not", "isn't", "do not", "did not", "nicht", "doesn", "ne", "no")
_ASKED = {
    **dict.fromkeys(("contain", "contains", "containing", "include", "includes"), "contains"),
    **dict.fromkeys(("start with", "starts with", "begin with", "begins with", "starting with", "startswith"), "starts with"),
    **dict.fromkeys(("end with", "ends with", "ending with", "endswith"), "ends with"),
    **dict.fromkeys(("in", "one of", "any of", "among"), "in"),
}
_REVERSED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}


def _is(situation: Situation, at: int, phrase: str) -> bool:
    return all(
        situation.type_is(at + place, WORD, LETTERS, "IS", "NOT", "IN") and situation.peek(at + place).text.lower() == word
        for place, word in enumerate(phrase.split())
    )


def _head(situation: Situation, at: int) -> tuple[int, bool] | None:
    """Where the comparison begins whose sign stands at a token, and whether a field is asked."""
    if situation.type_is(at - 1, STRING) and situation.text_is(at - 2, "field"):
        return at - 2, True
    if situation.type_is(at - 1, "PROPERTY", STRING, WORD):
        return at - 1, False
    return None


def negated(situation: Situation) -> Diagnostic | None:
    """`email does not contain "x"`, `plan not in ("a", "b")`, `field "plan" is not in (…)`."""
    for at in (0, -1, -2):
        for no in _NOT:
            if not _is(situation, at, no) or at + len(no.split()) < 0:
                continue
            asked = at + len(no.split())
            for phrase, right in _ASKED.items():
                last = _value_end(situation, asked + len(phrase.split())) if _is(situation, asked, phrase) else None
                head = _head(situation, at)
                if last is None or head is None:
                    continue
                value = situation.written(asked + len(phrase.split()), last)
                text = f"not {situation.written(head[0], at - 1)} {right} {value}"
                text = text if head[1] else f"({text})"
                return NEGATED.at(situation.span(head[0], last), help=f"write {code_word(text)}", replacement=text)
    return None


def _value_end(situation: Situation, at: int) -> int | None:
    """The last token of the value or list at a token."""
    if is_literal(situation, at):
        return at
    if not situation.type_is(at, "LPAR"):
        return None
    while not situation.type_is(at, "RPAR"):
        at += 1
        if not (situation.type_is(at, "COMMA", "RPAR") or is_literal(situation, at)):
            return None
    return at


def value_range(situation: Situation) -> Diagnostic | None:
    """`amount between 50 and 100`, `field "age" is between 18 and 30`."""
    at = next((at for at in (0, 1) if situation.text_is(at, "between", "zwischen", "entre")), None)
    if at is None or (not situation.accepts("contains") and not situation.accepts("blank")):
        return None
    sign = -1 if situation.text_is(-1, "is") else 0
    low, high = at + 1, at + 3
    if not is_literal(situation, low) or not situation.text_is(at + 2, "and", "to", "und", "et", "y") or not is_literal(situation, high):
        return None
    head = _head(situation, sign)
    if head is None or situation.text_is(head[0] - 1, "sum", "average", "min", "max", "first", "last"):
        return None
    name = situation.written(head[0], sign - 1)
    one, other = f"{name} >= {situation.peek(low).written}", f"{name} <= {situation.peek(high).written}"
    right = f"({one} and {other})" if head[1] else f"{one}, {other}"
    return RANGE.at(situation.span(head[0], high), help=f"write {code_word(right)}", replacement=right)


def value_first(situation: Situation) -> Diagnostic | None:
    """`100 < amount`, `50 < amount < 100`, `"pro" = plan`."""
    for at in (0, -1):
        if not is_literal(situation, at) or not situation.type_is(at + 1, "OPERATOR") or not situation.type_is(at + 2, WORD, "PROPERTY"):
            continue
        if situation.type_is(at - 1, "OPERATOR") or not situation.text_is(at - 1, "with", ",", "("):
            continue
        name, sign = situation.peek(at + 2).written, _REVERSED[situation.peek(at + 1).text]
        right, last = f"{name} {sign} {situation.peek(at).written}", at + 2
        if situation.type_is(at + 3, "OPERATOR") and is_literal(situation, at + 4):
            right, last = f"{right}, {name} {situation.written(at + 3, at + 4)}", at + 4
        return REVERSED.at(situation.span(at, last), help=f"write {code_word(right)}", replacement=right)
    return None


def like_of_text(situation: Situation) -> Diagnostic | None:
    """`category like "shoe*"`, `url LIKE '%/pricing%'`."""
    word = situation.token.text.lower()
    if (
        situation.token.type == STRING
        or word not in ("like", "matches", "match", "regex", "rlike", "ilike")
        or not situation.type_is(1, STRING)
    ):
        return None
    if not situation.accepts("contains"):
        return None
    text = situation.peek(1).text.replace("%", "*")
    inner = text.strip("*")
    shown = code_word(situation.token.written)
    if not inner or "*" in inner or "?" in inner:
        return PATTERN.at(situation.span(0, 1), word=shown, help="ask for a part of it: `contains`, `starts with` or `ends with`")
    if text.startswith("*") and text.endswith("*"):
        right = f"contains {quoted(inner)}"
    elif text.endswith("*"):
        right = f"starts with {quoted(inner)}"
    else:
        right = f"ends with {quoted(inner)}" if text.startswith("*") else f"= {quoted(inner)}"
    return PATTERN.at(situation.span(0, 1), word=shown, help=f"write {code_word(right)}", replacement=right)


def missing_comparison(situation: Situation) -> Diagnostic | None:
    """`with coupon` and no more, `with plan "pro"`, `with no coupon`."""
    if not situation.accepts("contains") or situation.accepts("was") or situation.text_is(-1, "tag", "list", "of"):
        return None
    if situation.type_is(0, STRING) and situation.type_is(-1, "PROPERTY"):
        right = f"= {situation.token.written}"
        return NO_VALUE.at(
            situation.token.span, property=code_word(situation.peek(-1).written), help=f"write {code_word(right)}", replacement=right
        )
    if situation.text_is(-1, "no") and situation.text_is(-2, "with", ",") and situation.type_is(0, WORD):
        right = f"{situation.token.written} is blank"
        return NO_VALUE.at(
            situation.span(-1, 0), property=code_word(situation.token.written), help=f"write {code_word(right)}", replacement=right
        )
    if situation.type_is(-1, "PROPERTY") and situation.type_is(0, WORD) and situation.type_is(1, "OPERATOR"):
        right = f'"{situation.written(-1, 0)}"'
        return NO_QUOTES.at(situation.span(-1, 0), help=f"write {code_word(right)}, if that is its name", replacement=right)
    if situation.type_is(-1, "PROPERTY", STRING) and situation.text_is(-2, "with", ",") and _ends(situation):
        right = f"{situation.peek(-1).written} is not blank"
        return NO_VALUE.at(
            situation.span(-1, -1),
            property=code_word(situation.peek(-1).written),
            help=f"write {code_word(right)}, or what it is compared with",
            replacement=right,
        )
    return None


def _ends(situation: Situation) -> bool:
    if situation.text_is(0, "at") and situation.text_is(1, "least", "most") and not situation.text_is(2, "once"):
        return situation.text_is(3, "times")
    return situation.type_is(0, "$END", "COMMA", "RPAR") or situation.text_is(
        0, "where", "active", "once", "every", "at", "on", "automation", "segment", "declare", "test", "count", "has", "then", "without"
    )


def null_value(situation: Situation) -> Diagnostic | None:
    """`plan = null`, `plan != None`."""
    if situation.token.type != WORD or situation.token.text.lower() not in ("null", "none", "nil", "undefined", "empty", "blank"):
        return None
    if not situation.type_is(-1, "OPERATOR") or not situation.accepts("true") or situation.peek(-1).text not in ("=", "!="):
        return None
    right = "is blank" if situation.peek(-1).text == "=" else "is not blank"
    return NULL.at(situation.span(-1, 0), help=f"write {code_word(right)}", replacement=right)


MISTAKES = (negated, value_range, value_first, like_of_text, null_value, missing_comparison)
