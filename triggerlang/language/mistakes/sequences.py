"""Mistakes in sequences, absences and moments: a `without` without time, `then` for `where`, a chain without parentheses."""

from __future__ import annotations

from triggerlang.language.diagnostics import Code, Diagnostic, code_word
from triggerlang.language.lexer import STRING, WORD
from triggerlang.language.mistakes.clauses import WHERE
from triggerlang.language.nearest import distance
from triggerlang.language.situation import Situation
from triggerlang.language.vocabulary import NOUNS

WITHOUT_TIME = Code("without-time", "`without` needs a time", "An absence has a time within which the event does not come.")
WITHOUT_PROPERTY = Code("without-property", "`without` is followed by a pattern", "A property that is not there is asked with `is blank`.")
CHAIN_ALONE = Code(
    "chain-without-parentheses",
    "a chain in a condition stands in parentheses",
    "What is measured of a chain stands after its parentheses.",
    is_slip=True,
)
STEP_ORDER = Code(
    "within-first", "a pattern stands before its `within`", "A step is a pattern, then the time within which it comes.", is_slip=True
)
MOMENT_WITHIN = Code(
    "within-of-moment", "the `without` of a moment has no time of its own", "What calls a moment off may come at any time before it."
)
MOMENT_ORDER = Code(
    "moment-order", "the duration of a moment stands first", "A moment is a duration, then `after`, then a pattern.", is_slip=True
)
MOMENT_IN_CHAIN = Code("moment-in-chain", "nothing follows a moment", "A moment is no step of a chain.")
BEFORE_EVENT = Code("before-event", "nobody knows an event before it comes", "A moment lies after an event, or before or after a date.")
SAME_PLACE = Code("same-place", "`same` stands by itself among the filters", "`same P` is a filter of its own, outside parentheses.")

WITHOUT_WORD = Code(
    "word-for-without", "{word} is written `without` here", "What must not come within a time is `without … within …`.", is_slip=True
)
NO_DATE_OF = Code("date-of-what", "it is not said which date is meant", "A moment is taken from a property or a field that holds a date.")
MOMENT_IN_CONDITION = Code("moment-in-condition", "a moment starts a rule; it is no part of a condition", "A moment stands behind `on`.")
VALUE_OF_FIELD = Code(
    "value-of-field", "what a field is changed to is its `value`", '`changes field "plan" with value = "pro"`.', is_slip=True
)

CODES = (
    WITHOUT_WORD,
    NO_DATE_OF,
    MOMENT_IN_CONDITION,
    VALUE_OF_FIELD,
    WITHOUT_TIME,
    WITHOUT_PROPERTY,
    CHAIN_ALONE,
    STEP_ORDER,
    MOMENT_WITHIN,
    MOMENT_ORDER,
    MOMENT_IN_CHAIN,
    BEFORE_EVENT,
    SAME_PLACE,
)

_MEASURES = ("count", "has", "sum", "average", "min", "max", "first", "last", "distinct")
_TESTS = ("in", "has", "had", "was", "field", "weekday", "time", "not")
_UNITS = ("second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks")


def _last(situation: Situation, *terminals: str) -> int | None:
    """The last of some words before the wrong token, as an offset from it."""
    for index in range(situation.at - 1, situation.first, -1):
        if situation.tokens[index].type in terminals:
            return index - situation.at
    return None


def without_time(situation: Situation) -> Diagnostic | None:
    """`without event "B"` with no time, `without event "B" for 3 days`."""
    begin = _last(situation, "WITHOUT", "WITHIN")
    if begin is None or situation.tokens[situation.at + begin].type != "WITHOUT" or not situation.accepts("within"):
        return None
    token = situation.token
    if situation.text_is(0, "or") and situation.begins_pattern(1):
        return None
    if situation.type_is(1, "INTEGER") and situation.text_is(2, *_UNITS) and situation.text_is(0, "for", "in", "after", "during"):
        return WITHOUT_TIME.at(token.span, help="write `within`", replacement="within")
    if token.type == WORD and distance(token.text.lower(), "within", 2) is not None:
        return None
    right = f"{situation.written(begin, -1)} within 1 hour"
    return WITHOUT_TIME.at(situation.span(begin, -1), help=f"write {code_word(right)}", replacement=right)


def without_property(situation: Situation) -> Diagnostic | None:
    """`without coupon`."""
    if not situation.text_is(-1, "without") or situation.begins_pattern(0):
        return None
    token, following = situation.token, situation.peek(1)
    if token.type not in (WORD, STRING) or (following.type == STRING and token.type == WORD) or following.text in (*NOUNS, "in", "like"):
        return None
    filtered = _last(situation, "WITH", "THEN", "ON")
    has_filters = filtered is not None and situation.tokens[situation.at + filtered].type == "WITH"
    right = f"{',' if has_filters else 'with'} {token.written} is blank"
    return WITHOUT_PROPERTY.at(situation.span(-1, 0), help=f"write {code_word(right)}", replacement=right)


def then_for_where(situation: Situation) -> Diagnostic | None:
    """`on event "x" then in list "News"`, `on event "x" then event "y" has occurred`."""
    if situation.text_is(-1, "then") and (situation.text_is(0, *_TESTS) or situation.type_is(0, "LPAR")):
        return WHERE.at(situation.span(-1, -1), help="write `where`", replacement="where")
    then = _last(situation, "THEN")
    if then is not None and situation.text_is(0, *_MEASURES) and situation.accepts("where"):
        return WHERE.at(situation.span(then, then), help="write `where`", replacement="where")
    return None


def chain_alone(situation: Situation) -> Diagnostic | None:
    """`where event "a" then event "b" has occurred`."""
    if not situation.text_is(0, "then", "without") or not situation.accepts("count") or situation.accepts("where"):
        return None
    start = situation.test_start()
    stack = situation.stack_before(situation.at + start)
    if not situation.tables.shift(stack, "LPAR"):
        return None
    last = None
    for index in range(situation.at + start, len(situation.tokens) - 1):
        if not situation.tables.feed(stack, situation.tokens[index]):
            break
        # What a chain may end with; a pattern may go on behind it.
        if situation.tables.shift(list(stack), "RPAR") and index >= situation.at:
            last = index - situation.at
    if last is None:
        return None
    right = f"({situation.written(start, last)})" + ("" if situation.text_is(last + 1, *_MEASURES) else " has occurred")
    return CHAIN_ALONE.at(situation.span(start, last), help=f"write {code_word(right)}", replacement=right)


_ABSENCES = (
    "until",
    "unless",
    "but no",
    "and no",
    "but not",
    "but without",
    "not followed by",
    "if no",
    "except",
    "and not",
    "but then no",
)


def absence_in_words(situation: Situation) -> Diagnostic | None:
    """`on event "cart" until event "order"`, `but no event "order" within 1 hour`, `not followed by …`."""
    if not situation.accepts("without") or not situation.accepts("where"):
        return None
    phrase = next((words for words in _ABSENCES if situation.words(*words.split())), None)
    if phrase is None:
        return None
    begin = len(phrase.split())
    last = situation.pattern_end_alone(begin) if situation.begins_pattern(begin) else None
    if last is None:
        return None
    if situation.text_is(last + 1, "within"):
        return WITHOUT_WORD.at(
            situation.span(0, begin - 1), word=code_word(situation.written(0, begin - 1)), help="write `without`", replacement="without"
        )
    if situation.text_is(last + 1, *_MEASURES):
        return None
    right = f"without {situation.written(begin, last)} within 1 hour"
    return WITHOUT_TIME.at(situation.span(0, last), help=f"write {code_word(right)}, or another time", replacement=right)


def date_of_property(situation: Situation) -> Diagnostic | None:
    """`anniversary of event "signup"`."""
    if not situation.type_is(0, STRING) or not situation.text_is(-2, "of") or not situation.text_is(-3, "date", "anniversary"):
        return None
    word = situation.peek(-3).text
    field = f'{word} of field "birthday"'
    return NO_DATE_OF.at(
        situation.span(-3, 0),
        help=f"name what holds the date: {code_word(f'{word} of signup_date of {situation.written(-1, 0)}')} for a property, "
        f"{code_word(field)} for a field",
    )


def moment_in_condition(situation: Situation) -> Diagnostic | None:
    """`where 14 days after event "delivered"`."""
    if not situation.accepts("weekday") or not situation.type_is(0, "INTEGER") or not situation.text_is(1, *_UNITS):
        return None
    if not situation.text_is(2, "after", "before", "since"):
        return None
    window = f"within {situation.written(0, 1)} before"
    return MOMENT_IN_CONDITION.at(
        situation.span(0, 2), help=f'ask what happened in that time, such as event "delivered" has occurred {code_word(window)}'
    )


def without_number(situation: Situation) -> Diagnostic | None:
    """`on days after event "delivered"`."""
    if not situation.accepts("anniversary") or not situation.text_is(1, "after", "before") or not situation.text_is(0, *_UNITS):
        return None
    return MOMENT_ORDER.at(
        situation.token.span, help=f"write how many: {code_word(f'14 {situation.token.text} {situation.peek(1).text} …')}"
    )


def changed_to(situation: Situation) -> Diagnostic | None:
    """`changes field "city" to "Paris"`, `changes field "city" = "Paris"`."""
    if not situation.type_is(-1, STRING) or not situation.text_is(-2, "field") or not situation.text_is(-3, "changes"):
        return None
    at = 1 if situation.text_is(0, "to", "into", "is") or situation.type_is(0, "OPERATOR") else 0
    if not situation.type_is(at, STRING, "INTEGER", "NUMBER", "DATE") or not at:
        return None
    sign = situation.token.text if situation.type_is(0, "OPERATOR") else "="
    right = f"with value {sign} {situation.peek(1).written}"
    return VALUE_OF_FIELD.at(situation.span(0, 1), help=f"write {code_word(right)}", replacement=right)


def within_first(situation: Situation) -> Diagnostic | None:
    """`then within 2 days event "b"`."""
    if not situation.text_is(0, "within") or not situation.text_is(-1, "then", "without") or not situation.type_is(1, "INTEGER"):
        return None
    if not situation.text_is(2, *_UNITS) or not situation.begins_pattern(3):
        return None
    stack = list(situation.stack)
    last = None
    for index in range(situation.at + 3, len(situation.tokens) - 1):
        if not situation.tables.feed(stack, situation.tokens[index]):
            break
        if situation.tables.shift(list(stack), "WITHIN"):
            last = index - situation.at
    if last is None:
        return None
    right = f"{situation.written(3, last)} {situation.written(0, 2)}"
    return STEP_ORDER.at(situation.span(0, last), help=f"write {code_word(right)}", replacement=right)


def within_of_moment(situation: Situation) -> Diagnostic | None:
    """`14 days after event "x" without event "y" within 3 days`."""
    if not situation.text_is(0, "within") or situation.accepts("within") or not situation.type_is(1, "INTEGER"):
        return None
    if _last(situation, "WITHOUT") is None or _last(situation, "WHERE") is not None:
        return None
    return MOMENT_WITHIN.at(situation.span(0, 2), help="leave it out", replacement="")


def moment_order(situation: Situation) -> Diagnostic | None:
    """`on event "x" after 14 days`."""
    if not situation.text_is(0, "after") or not situation.accepts("then") or not situation.type_is(1, "INTEGER"):
        return None
    if not situation.text_is(2, *_UNITS) or _last(situation, "THEN", "WITHOUT") is not None:
        return None
    begin = situation.first + 1 - situation.at
    right = f"{situation.written(1, 2)} after {situation.written(begin, -1)}"
    return MOMENT_ORDER.at(situation.span(begin, 2), help=f"write {code_word(right)}", replacement=right)


def before_event(situation: Situation) -> Diagnostic | None:
    """`on 3 days before event "x"`."""
    if not situation.text_is(-1, "before") or not situation.begins_pattern(0) or not situation.accepts("anniversary"):
        return None
    return BEFORE_EVENT.at(
        situation.span(-1, -1),
        help=f"write `after`, or the date that it tells of: `before date of starts_at of {situation.token.text} …`",
        replacement="after",
    )


def same_place(situation: Situation) -> Diagnostic | None:
    """`with cart_id = same cart_id`, `with (same cart_id or plan = "x")`."""
    if not situation.text_is(0, "same") or not situation.type_is(1, WORD, STRING):
        return None
    right = f"same {situation.peek(1).written}"
    if situation.type_is(-1, "OPERATOR"):
        return SAME_PLACE.at(situation.span(-2, 1), help=f"write {code_word(right)}", replacement=right)
    if "PROPERTY" in situation.accepted and not situation.accepts("same"):
        return SAME_PLACE.at(situation.span(0, 1), help=f"write {code_word(right)} before or after the parentheses, with a comma between")
    return None


def moment_in_chain(situation: Situation) -> Diagnostic | None:
    """`on 1 day after event "x" then event "y"`."""
    if not situation.text_is(0, "then") or situation.accepts("then") or not situation.accepts("where") or not situation.begins_pattern(1):
        return None
    if _last(situation, "AFTER", "DATE", "ANNIVERSARY") is None:
        return None
    end = 1
    while situation.peek(end).type != "$END" and not situation.text_is(end, "on", "automation", "segment", "declare", "test"):
        if situation.text_is(end, *_MEASURES):
            return None
        end += 1
    return MOMENT_IN_CHAIN.at(
        situation.token.span,
        help="let an automation start at the moment, and begin the chain with its entry: `on enters automation … then …`",
    )


MISTAKES = (
    absence_in_words,
    changed_to,
    date_of_property,
    moment_in_condition,
    without_number,
    without_time,
    within_first,
    without_property,
    moment_in_chain,
    then_for_where,
    chain_alone,
    within_of_moment,
    moment_order,
    before_event,
    same_place,
)
