"""Mistakes in comparisons and names: `is "pro"`, names without quotes, `or` between filters."""

from __future__ import annotations

from triggerlang.language.diagnostics import Code, Diagnostic, code_word, quoted
from triggerlang.language.lexer import LETTERS, STRING, WORD, Token
from triggerlang.language.nearest import distance
from triggerlang.language.situation import Situation

IS = Code(
    "is-for-equals", "a comparison is written with a sign", "`is` stands before `blank` only; other comparisons have a sign.", is_slip=True
)
NO_QUOTES = Code("missing-quotes", "a text stands in double quotes", "Names and texts stand in double quotes.", is_slip=True)
OR_IN_FILTERS = Code(
    "or-between-filters",
    "{word} does not stand between filters",
    "Filters are separated by commas; `or` stands in parentheses.",
    is_slip=True,
)
CAPITALS = Code("capital-letters", "{word} is written {right}", "Words of the language are written in lower case.", is_slip=True)
APART = Code("sign-apart", "a sign is written in one piece", "The signs `!=`, `<=` and `>=` have no space inside.", is_slip=True)
COMMA = Code("trailing-comma", "nothing follows this comma", "A comma stands between two things.", is_slip=True)
EMPTY_LIST = Code("empty-list", "there is nothing in these parentheses", "Parentheses hold one thing at least.")


CODES = (IS, NO_QUOTES, OR_IN_FILTERS, CAPITALS, APART, COMMA, EMPTY_LIST)

COMMA_SIGN = "COMMA"
_LITERALS = (STRING, "INTEGER", "NUMBER", "DATE", "DATETIME", "TRUE", "FALSE")


def is_for_equals(situation: Situation) -> Diagnostic | None:
    """`field "plan" is "pro"`, `plan is not "free"`."""
    if not is_literal(situation, 0):
        return None
    if situation.text_is(-1, "is"):
        first, sign = -1, "="
    elif situation.text_is(-1, "not") and situation.text_is(-2, "is"):
        first, sign = -2, "!="
    elif situation.text_is(-1, "was") and "OPERATOR" in situation.accepted:
        right = f"= {situation.token.written}"
        return IS.at(situation.token.span, help=f"write {code_word('was ' + right)}", replacement=right)
    else:
        return None
    help_text = f"write {code_word(f'{sign} {situation.token.written}')}"
    return IS.at(situation.span(first, -1), help=help_text, replacement=sign)


def is_literal(situation: Situation, ahead: int) -> bool:
    token = situation.peek(ahead)
    return token.type in _LITERALS or (token.type != STRING and token.text in ("true", "false"))


def is_in(situation: Situation) -> Diagnostic | None:
    """`field "plan" is in ("a", "b")`, `plan is > 5`."""
    if situation.text_is(-1, "is") and (situation.text_is(0, "in") or situation.type_is(0, "OPERATOR")):
        right = situation.token.text
        return IS.at(situation.span(-1, 0), help=f"write {code_word(right)} alone", replacement=right)
    return None


def text_without_quotes(situation: Situation) -> Diagnostic | None:
    """`plan = pro`, `event signup`."""
    token = situation.token
    if token.type == STRING or not token.written[:1].isalpha() or STRING not in situation.accepted:
        return None
    if token.type == LETTERS and "PROPERTY" in situation.accepted and situation.type_is(1, "OPERATOR", WORD, COMMA_SIGN):
        right = f'"{token.text}"'
        return NO_QUOTES.at(token.span, help=f"write {code_word(right)}: only letters from a to z stand without", replacement=right)
    if situation.begins_another or token.text in _NO_NAMES:
        return None
    if token.text.startswith("trigger.") and situation.accepts("trigger"):
        right = token.text.replace(".", " ", 1)
        return NO_QUOTES.at(
            token.span, help=f"write {code_word(right)} for the trigger's property, or the text in quotes", replacement=right
        )
    values = ("its", "true", "false", "trigger")
    if situation.accepts("true") and any(distance(token.text, word, 2 if len(word) > 3 else 1) is not None for word in values):
        return None
    if situation.accepts("its"):
        right = quoted(token.text)
        if token.text.lower() in ("yes", "no", "on", "off"):
            truth = "true" if token.text.lower() in ("yes", "on") else "false"
            return NO_QUOTES.at(
                token.span, help=f"write {code_word(right)} if it is a text, {code_word(truth)} if it is true or false", replacement=right
            )
        return NO_QUOTES.at(
            token.span, help=f"write {code_word(right)}, or {code_word(f'its {token.text}')} where a property is meant", replacement=right
        )
    if any(situation.accepts(word) and distance(token.text, word, 2) is not None for word in ("like", "any", "in")) and (
        situation.type_is(1, STRING, "LPAR")
    ):
        return None
    if any(word in situation.accepted for word in ("PROPERTY", "COMMA")) or (situation.accepts("any") and token.text == "any"):
        return None
    last = 0
    if not situation.accepts("true"):
        # A name of several words, as far as they stand on one line.
        while situation.peek(last + 1).written[:1].isalpha() and _is_name_word(situation, last + 1):
            last += 1
    right = quoted(situation.written(0, last))
    return NO_QUOTES.at(situation.span(0, last), help=f"write {code_word(right)}", replacement=right)


_NO_NAMES = (
    "is",
    "and",
    "or",
    "not",
    "with",
    "within",
    "then",
    "without",
    "count",
    "has",
    "contains",
    "starts",
    "ends",
    "named",
    "called",
    "in",
    "on",
    "at",
    "once",
    "the",
    "a",
)


def quotes_inside(situation: Situation) -> Diagnostic | None:
    """`"The "big" one"`: a quote inside a string."""
    for at in (0, -1):
        before, inside, after = (situation.peek(at + step) for step in (-1, 0, 1))
        are_strings = before.type == STRING and after.type == STRING and inside.type == WORD
        if are_strings and before.end == inside.offset and inside.end == after.offset:
            text = situation.written(at - 1, at + 1)[1:-1].replace('"', '\\"')
            right = f'"{text}"'
            help_text = f"a quote inside is written with a backslash: {code_word(right)}"
            return NO_QUOTES.at(situation.span(at - 1, at + 1), help=help_text, replacement=right)
    return None


def _is_name_word(situation: Situation, ahead: int) -> bool:
    """Whether a word may be part of a name: it begins with a capital and is no word of the language."""
    token = situation.peek(ahead)
    return token.type != STRING and token.text[:1].isupper() and token.span.line == situation.token.span.line


def or_between_filters(situation: Situation) -> Diagnostic | None:
    """`with plan = "a" or plan = "b"`, `with plan = "a" and seats > 5`."""
    if situation.text_is(0, "or", "and") and situation.type_is(2, "OPERATOR") and _is_property(situation.peek(1)):
        at = 0
    elif (
        situation.text_is(-1, "or", "and")
        and situation.type_is(1, "OPERATOR")
        and situation.accepts("event")
        and _is_property(situation.token)
    ):
        at = -1
    else:
        return None
    if not _is_filter(situation, at - 3):
        return None
    word = situation.peek(at).text
    if word == "and":
        return OR_IN_FILTERS.at(situation.span(at, at), word="`and`", help="write a comma, which means and", replacement=",")
    first = last = at - 3
    filters = []
    while _is_filter(situation, last):
        filters.append(last)
        if not situation.text_is(last + 3, "or") or not _is_filter(situation, last + 4):
            break
        last += 4
    names = {situation.peek(place).written for place in filters}
    if len(names) == 1 and all(situation.peek(place + 1).text == "=" for place in filters):
        literals = ", ".join(situation.peek(place + 2).written for place in filters)
        right = f"{names.pop()} in ({literals})"
    else:
        right = "(" + " or ".join(situation.written(place, place + 2) for place in filters) + ")"
    return OR_IN_FILTERS.at(situation.span(first, last + 2), word="`or`", help=f"write {code_word('with ' + right)}", replacement=right)


def _is_property(token: Token) -> bool:
    return token.type == STRING or token.written[:1].isalpha() or token.written[:1] == "_"


def _is_filter(situation: Situation, ahead: int) -> bool:
    return situation.type_is(ahead + 1, "OPERATOR") and _is_property(situation.peek(ahead)) and is_literal(situation, ahead + 2)


def capitals(situation: Situation) -> Diagnostic | None:
    """`WHERE`, `Event`."""
    token = situation.token
    if token.type == STRING or token.text.islower() or not token.text.isalpha():
        return None
    right = token.text.lower()
    if right == "is" and situation.peek(1).text.lower() in ("null", "not", "empty", "missing"):
        return None
    terminal = situation.tables.terminal(Token("WORD", right, token.source, token.offset, token.end), dict.fromkeys(situation.accepted))
    if terminal in (None, "PROPERTY"):
        return None
    return CAPITALS.at(token.span, word=code_word(token.text), right=code_word(right), help=f"write {code_word(right)}", replacement=right)


def sign_apart(situation: Situation) -> Diagnostic | None:
    """`> = 5`."""
    if situation.type_is(0, "OPERATOR") and situation.type_is(-1, "OPERATOR"):
        right = situation.peek(-1).text + situation.token.text
        if right in ("<=", ">=", "!="):
            return APART.at(situation.span(-1, 0), help=f"write {code_word(right)}", replacement=right)
    return None


def trailing_comma(situation: Situation) -> Diagnostic | None:
    """`in ("a", "b",)`, `with plan = "a",`."""
    if not situation.type_is(-1, "COMMA") or situation.begins_pattern(0):
        return None
    following = ("where", "count", "has", "sum", "once", "every", "active", "automation")
    if not situation.type_is(0, "RPAR", "$END", "COMMA") and not situation.text_is(0, *following):
        return None
    return COMMA.at(situation.span(-1, -1), help="delete it", replacement="")


def empty_list(situation: Situation) -> Diagnostic | None:
    """`in ()`."""
    if situation.type_is(0, "RPAR") and situation.type_is(-1, "LPAR"):
        return EMPTY_LIST.at(situation.span(-1, 0), help="write what belongs into it")
    return None


MISTAKES = (
    quotes_inside,
    capitals,
    is_for_equals,
    is_in,
    or_between_filters,
    text_without_quotes,
    sign_apart,
    trailing_comma,
    empty_list,
)
