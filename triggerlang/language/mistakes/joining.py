"""Mistakes in how things are put side by side: lists without parentheses, `"a" or "b"`, `neither … nor`, filters behind a condition."""

from __future__ import annotations

from triggerlang.language.diagnostics import Code, Diagnostic, code_word
from triggerlang.language.lexer import STRING, WORD
from triggerlang.language.mistakes.comparisons import COMMA, is_literal
from triggerlang.language.mistakes.days import days_between
from triggerlang.language.situation import Situation

NAMES = Code("names-side-by-side", "several names stand in `in ( … )`", 'Several names stand in parentheses: in ("a", "b").', is_slip=True)
LIST_FORM = Code("list-form", "a list is written in parentheses, with commas", 'A list is `("a", "b")`.', is_slip=True)
GROUPED = Code(
    "words-for-a-group", "{word} is no word for a group of tests", "Tests are joined by `and` or `or`, and grouped by parentheses."
)
FILTER_PLACE = Code(
    "filter-place", "a filter stands right behind its event", "A filter stands behind the event that it is asked of, before `where`."
)
ALTERNATIVES = Code("any-of-form", "patterns side by side stand in `any of ( … or … )`", '`any of (event "a" or event "b")`.', is_slip=True)
BOTH_TRIGGERS = Code(
    "and-between-triggers",
    "a rule starts at one event",
    "A rule starts at one event; what else must have happened stands in its condition.",
)

CODES = (NAMES, LIST_FORM, GROUPED, FILTER_PLACE, ALTERNATIVES, BOTH_TRIGGERS)


_MEASURES = ("count", "has", "sum", "average", "min", "max", "first", "last", "distinct")


def names_side_by_side(situation: Situation) -> Diagnostic | None:
    """`in list "News" or "Blog"`, `event "a", "b"`, `plan = "pro" or "team"`, `event in "a", "b"`."""
    if situation.tokens[situation.first].text == "test":
        return None
    at = 0 if situation.text_is(0, "or", "and", "oder", "ou", "o") or situation.type_is(0, "COMMA") else -1
    if at == -1 and not (situation.type_is(0, STRING) and (situation.text_is(-1, "or", "and", "in") or situation.type_is(-1, "COMMA"))):
        return None
    if situation.text_is(at, "in"):
        return _without_parentheses(situation)
    first = at - 1
    if not is_literal(situation, first) or not is_literal(situation, at + 1) or situation.type_is(at + 2, "OPERATOR"):
        return None
    last = at + 1
    values = [situation.peek(first).written, situation.peek(last).written]
    while (situation.text_is(last + 1, "or", "and") or situation.type_is(last + 1, "COMMA")) and is_literal(situation, last + 2):
        if situation.type_is(last + 3, "OPERATOR"):
            break
        values.append(situation.peek(last + 2).written)
        last += 2
    right = f"in ({', '.join(values)})"
    if situation.type_is(first - 1, "OPERATOR"):
        if situation.peek(first - 1).text != "=":
            return None
        first -= 1
    elif situation.text_is(first - 1, "like") or not situation.type_is(first, STRING):
        return None
    return NAMES.at(situation.span(first, last), help=f"write {code_word(right)}", replacement=right)


def _without_parentheses(situation: Situation) -> Diagnostic | None:
    values, last = [situation.token.written], 0
    while situation.type_is(last + 1, "COMMA") and is_literal(situation, last + 2):
        values.append(situation.peek(last + 2).written)
        last += 2
    right = f"({', '.join(values)})"
    return LIST_FORM.at(situation.span(0, last), help=f"write {code_word('in ' + right)}", replacement=right)


def list_form(situation: Situation) -> Diagnostic | None:
    """`in ("a" "b")`, `in ("a" or "b")`."""
    if not situation.accepts(",") or not situation.accepts(")"):
        return None
    if is_literal(situation, 0) and is_literal(situation, -1):
        right = f", {situation.token.written}"
        return LIST_FORM.at(situation.token.span, help=f"write {code_word(right)}", replacement=right)
    if situation.text_is(0, "or", "and", "to") and (is_literal(situation, 1) or (situation.accepts(",") and situation.type_is(1, WORD))):
        days = _days_between(situation)
        if days is not None:
            return LIST_FORM.at(situation.span(-1, 1), help=f"write {code_word(days)}", replacement=days)
        if not situation.text_is(0, "to"):
            return LIST_FORM.at(situation.token.span, help="write a comma", replacement=",")
    return None


def _days_between(situation: Situation) -> str | None:
    """`monday to friday`, as all of these days."""
    from triggerlang.language import times

    if not situation.text_is(0, "to") or not situation.text_is(-1, *times.WEEKDAYS) or not situation.text_is(1, *times.WEEKDAYS):
        return None
    return days_between(situation.peek(-1).text, situation.peek(1).text)


def group_words(situation: Situation) -> Diagnostic | None:
    """`all of (a, b)`, `any of (in list …)`, `none of (…)`, `neither a nor b`."""
    words = {"all": "and", "none": "or", "any": "or", "neither": "or", "both": "and", "one": "or"}
    for at in (0, -3):
        if not at and not situation.accepts("weekday"):
            continue
        if at and not situation.text_is(0, "in", "has", "had", "was", "field", "weekday", "time", "not"):
            continue
        word = situation.peek(at).text
        if situation.peek(at).type != STRING and word in words and situation.text_is(at + 1, "of") and situation.type_is(at + 2, "LPAR"):
            help_text = f"join the tests by {code_word(words[word])}, in parentheses: ( … {words[word]} … )"
            help_text += ", with `not` before" if word == "none" else ""
            return GROUPED.at(situation.span(at, at + 1), word=code_word(f"{word} of"), help=help_text)
    if (situation.text_is(0, "neither", "nor") and situation.accepts("weekday")) or situation.text_is(0, "nor"):
        return GROUPED.at(
            situation.token.span, word=code_word(situation.token.text), help="write `not ( … or … )` with both tests in the parentheses"
        )
    return None


def filter_place(situation: Situation) -> Diagnostic | None:
    """`where in list "News" with amount > 100`, `where amount > 100`."""
    if situation.text_is(0, *_MEASURES):
        return None
    if situation.text_is(0, "with") and "COMMA" in situation.accepted:
        return None
    if situation.text_is(0, "with") and situation.type_is(2, "OPERATOR") and not situation.accepts("with"):
        last = 3
        words = situation.written(0, last)
        return FILTER_PLACE.at(situation.span(0, last), help=f"put {code_word(words)} right behind the event that has it")
    if situation.accepts("weekday") and situation.type_is(0, WORD) and situation.type_is(1, "OPERATOR") and is_literal(situation, 2):
        test = situation.written(0, 2)
        ends = situation.type_is(3, "$END") or situation.text_is(3, "once", "every", "at", "active", "on")
        if ends and situation.text_is(-1, "where"):
            right = f"with {test}"
            return FILTER_PLACE.at(
                situation.span(-1, 2),
                help=f"write {code_word(right)} for a property of the event, {code_word(_field(situation))} for a field of the contact",
                replacement=right,
            )
        right = _field(situation)
        return FILTER_PLACE.at(
            situation.span(0, 2),
            help=f"a property of the event stands before `where`, as {code_word('with ' + test)}; a field of the contact is "
            f"{code_word(right)}",
        )
    return None


def _field(situation: Situation) -> str:
    return f'field "{situation.token.text}" {situation.written(1, 2)}'


def alternatives(situation: Situation) -> Diagnostic | None:
    """`any of (event "a", event "b")`, `any of event "a" or event "b"`, `event "a", event "b"`."""
    if situation.type_is(0, "COMMA") and situation.begins_pattern(1):
        if situation.accepts("or"):
            return ALTERNATIVES.at(situation.token.span, help="write `or`", replacement=" or")
        if situation.accepts("where") and not situation.text_is(1, "then"):
            start = situation.test_start()
            end = situation.pattern_end_alone(1)
            if end is not None:
                right = f"any of ({situation.written(start, -1)} or {situation.written(1, end)})"
                return ALTERNATIVES.at(situation.span(start, end), help=f"write {code_word(right)}", replacement=right)
    if situation.text_is(-1, "of") and situation.text_is(-2, "any") and situation.begins_pattern(0):
        last = situation.pattern_end_alone(0)
        while last is not None and situation.text_is(last + 1, "or") and situation.begins_pattern(last + 2):
            further = situation.pattern_end_alone(last + 2)
            if further is None:
                break
            last = further
        if last is not None:
            right = f"({situation.written(0, last)})"
            return ALTERNATIVES.at(situation.span(0, last), help=f"write {code_word('any of ' + right)}", replacement=right)
    return None


def needless_comma(situation: Situation) -> Diagnostic | None:
    """`event "a", then event "b"`, `in list "a", and …`, `with plan = "pro", where …`."""
    if situation.type_is(0, "COMMA") and situation.text_is(1, "then", "without", "and", "or", "where", "within", "once", "every", "before"):
        return COMMA.at(situation.token.span, help="delete it", replacement="")
    if situation.tokens[situation.first].text == "test" and situation.type_is(0, "COMMA") and situation.type_is(1, "DATE", "DATETIME"):
        return COMMA.at(situation.token.span, help="delete it", replacement="")
    for at in (-1, -2, -3):
        if situation.type_is(at, "COMMA") and situation.text_is(at + 1, "where", "once", "every", "active"):
            return COMMA.at(situation.span(at, at), help="delete it", replacement="")
    return None


def two_triggers(situation: Situation) -> Diagnostic | None:
    """`on event "a" and event "b"`."""
    if not situation.text_is(0, "and") or not situation.accepts("where") or not situation.begins_pattern(1):
        return None
    last = situation.pattern_end_alone(1)
    if last is None or situation.text_is(last + 1, "count", "has", "sum", "average", "min", "max", "first", "last", "distinct", "within"):
        return None
    other = situation.written(1, last)
    right = f"where {other} has occurred"
    return BOTH_TRIGGERS.at(
        situation.span(0, last),
        help=f"write {code_word(right)} if that came first, or {code_word(f'then {other}')} if it comes later",
        replacement=right,
    )


MISTAKES = (needless_comma, group_words, names_side_by_side, list_form, alternatives, two_triggers, filter_place)
