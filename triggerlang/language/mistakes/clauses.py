"""Mistakes in how a rule is put together: `if` for `where`, `or` between triggers, `is in list`, parentheses."""

from __future__ import annotations

from triggerlang.language.diagnostics import Code, Diagnostic, Note, code_word
from triggerlang.language.lexer import STRING
from triggerlang.language.nearest import distance
from triggerlang.language.situation import Situation

WHERE = Code("where", "a condition begins with `where`", "The condition of a rule begins with `where`, after its trigger.", is_slip=True)
SECOND_WHERE = Code("second-where", "a rule has one `where`", "Two conditions are joined by `and`.", is_slip=True)
CLAUSE_ORDER = Code(
    "clause-order", "{clause} stands in the wrong place", "The order of a rule is `on … where … active … runs`.", is_slip=True
)
OR_OF_TRIGGERS = Code(
    "or-between-patterns", "`or` does not stand between patterns", "Several patterns stand in `any of (… or …)`.", is_slip=True
)
STATE = Code(
    "state-test",
    "{written} is written {right}",
    "Lists and segments are asked with `in`, tags with `has`; `not` stands before.",
    is_slip=True,
)
OPEN_PARENTHESIS = Code("open-parenthesis", "this parenthesis is not closed", "Each `(` has its `)`.")
CLOSED_PARENTHESIS = Code("closed-parenthesis", "this parenthesis closes nothing", "Each `)` has its `(`.")


CODES = (
    WHERE,
    SECOND_WHERE,
    CLAUSE_ORDER,
    OR_OF_TRIGGERS,
    STATE,
    OPEN_PARENTHESIS,
    CLOSED_PARENTHESIS,
)

_TESTS = ("in", "has", "had", "was", "field", "weekday", "time", "not", "any")
_CLAUSES = ("where", "active", "once", "every", "at")


def word_for_where(situation: Situation) -> Diagnostic | None:
    """`on event "x" if …`, `when`, `then`."""
    if not situation.accepts("where") or not situation.text_is(0, "if", "when", "then", "whenever", "only", "provided", "while"):
        return None
    if situation.type_is(1, "WORD") and situation.type_is(2, "OPERATOR"):
        return None  # It is a property of the event that is asked.
    last = 1 if situation.text_is(0, "only") and situation.text_is(1, "if", "when") else 0
    return WHERE.at(situation.span(0, last), help="write `where`", replacement="where")


def missing_where(situation: Situation) -> Diagnostic | None:
    """`on event "x" in list "News"`, `on event "x" and event "y" has occurred`."""
    if not situation.accepts("where"):
        return None
    if situation.text_is(0, "and"):
        if situation.text_is(1, "with", "where", "no", "not", "then") and not situation.text_is(2, "in", "has"):
            return None
        return WHERE.at(situation.token.span, help="write `where`", replacement="where")
    if situation.text_is(0, *_TESTS) or situation.begins_pattern(0):
        right = f"where {situation.token.text}"
        return WHERE.at(situation.token.span, help=f"write {code_word(right)}", replacement=right)
    return None


def second_where(situation: Situation) -> Diagnostic | None:
    """`where … where …`, and `where` after `active` or the runs."""
    token = situation.token
    if token.type == STRING or situation.accepts("where") or distance(token.text, "where", 1) is None:
        return None
    if situation.tokens[situation.first].text == "segment" and situation.accepts("and"):
        return SECOND_WHERE.at(token.span, help="a segment has no `where`: write `and`", replacement="and")
    earlier = _earlier(situation, "WHERE")
    clause = _earlier(situation, "ACTIVE", "ONCE", "EVERY", "AT")
    if earlier is not None and clause is None:
        first = (Note("the first stands here", situation.peek(earlier).span),)
        return SECOND_WHERE.at(situation.token.span, help="write `and`", notes=first, replacement="and")
    if clause is not None and earlier is None:
        return _moved(situation, clause)
    return None


def with_for_where(situation: Situation) -> Diagnostic | None:
    """`with in list "News"`, `with tag "vip"`."""
    if situation.text_is(-2, "with") and situation.text_is(-1, "in") and situation.text_is(0, "list", "segment"):
        return WHERE.at(situation.span(-2, -2), help="write `where`", replacement="where")
    if situation.text_is(-2, "with") and situation.text_is(-1, "tag", "list") and situation.type_is(0, STRING):
        right = f"where {'has' if situation.text_is(-1, 'tag') else 'in'} {situation.peek(-1).text}"
        return WHERE.at(situation.span(-2, -1), help=f"write {code_word(right)}", replacement=right)
    return None


def active_after_runs(situation: Situation) -> Diagnostic | None:
    """`once active from …`."""
    if not situation.text_is(0, "active") or situation.accepts("active"):
        return None
    clause = _earlier(situation, "ONCE", "EVERY", "AT")
    return None if clause is None else _moved(situation, clause)


def condition_before_on(situation: Situation) -> Diagnostic | None:
    """`where … on …`, `if … on …`: a condition before its trigger."""
    if (
        not situation.accepts("on")
        or not situation.accepts("segment")
        or situation.accepts("where")
        or not situation.text_is(0, "where", "if", "when")
    ):
        return None
    return CLAUSE_ORDER.at(
        situation.token.span, clause="the condition", help="the order is `on … where … active … runs`: begin with what starts the rule"
    )


def _earlier(situation: Situation, *terminals: str) -> int | None:
    """A clause's first word before the wrong token, as an offset from it."""
    for index in range(situation.at - 1, situation.first, -1):
        if situation.tokens[index].type in terminals:
            # `at most once`: its first word.
            begin = index - 2 if "AT" in terminals and situation.tokens[index - 2].type == "AT" else index
            return begin - situation.at
    return None


def _moved(situation: Situation, clause: int) -> Diagnostic:
    """A clause that stands before the one it should follow."""
    stack = situation.stack_before(situation.at + clause)
    end = situation.run_end(stack, situation.at) - 1 - situation.at
    following = (place for place in range(1, end + 1) if situation.type_is(place, "WORD") and situation.text_is(place, *_CLAUSES))
    end = next(following, end + 1) - 1
    words = situation.written(clause, -1)
    if end < 0:
        return CLAUSE_ORDER.at(situation.span(clause, -1), clause=code_word(words), help="the order is `on … where … active … runs`")
    right = f"{situation.written(0, end)} {words}"
    return CLAUSE_ORDER.at(
        situation.span(clause, end), clause=code_word(words), help="the order is `on … where … active … runs`", replacement=right
    )


def or_between_patterns(situation: Situation) -> Diagnostic | None:
    """`on event "A" or event "B"`, also in a condition."""
    if (
        not situation.text_is(0, "or")
        or not situation.begins_pattern(1)
        or not (situation.accepts("where") or situation.accepts("count") or situation.accepts("within"))
    ):
        return None
    start = situation.test_start()
    end = -1
    while situation.text_is(end + 1, "or") and situation.begins_pattern(end + 2):
        last = _single_end(situation, end + 2)
        if last is None:
            return None
        end = last
    right = f"any of ({situation.written(start, end)})"
    return OR_OF_TRIGGERS.at(situation.span(start, end), help=f"write {code_word(right)}, or two rules", replacement=right)


def _single_end(situation: Situation, ahead: int) -> int | None:
    """Where the pattern at a token ends, read as if it stood at the beginning of this one."""
    stack = situation.stack_before(situation.at + situation.test_start())
    last = None
    depth = 0
    for index in range(situation.at + ahead, len(situation.tokens) - 1):
        depth += situation.type_is(index - situation.at, "LPAR") - situation.type_is(index - situation.at, "RPAR")
        if depth < 0 or situation.text_is(index - situation.at, "then", "without", "within") or situation.begins_statement(index):
            break
        if not situation.tables.feed(stack, situation.tokens[index]):
            break
        if any(situation.tables.shift(list(stack), following) for following in ("WHERE", "COUNT", "WITHIN")):
            last = index - situation.at
        elif last is not None and situation.text_is(index - situation.at, *_CLAUSES, "count", "has"):
            break
    return last


def state_tests(situation: Situation) -> Diagnostic | None:
    """`is in list`, `is not in list`, `was not in list`, `has not tag`, `has no tag`, `does not have tag`."""
    for words, right, ahead in (
        (("is", "in"), "in", 0),
        (("is", "not", "in"), "not in", 0),
        (("was", "not", "in"), "not was in", -1),
        (("has", "not", "tag"), "not has tag", -1),
        (("had", "not", "tag"), "not had tag", -1),
        (("has", "no", "tag"), "not has tag", -1),
        (("does", "not", "have", "tag"), "not has tag", 0),
        (("is", "tagged"), "has tag", 0),
        (("have", "tag"), "has tag", 0),
        (("on", "list"), "in list", 0),
    ):
        if situation.words(*words, ahead=ahead) and (ahead or situation.accepts("weekday")):
            return STATE.at(
                situation.span(ahead, ahead + len(words) - 1),
                written=code_word(" ".join(words)),
                right=code_word(right),
                help=f"write {code_word(right)}",
                replacement=right,
            )
    return None


def parentheses(situation: Situation) -> Diagnostic | None:
    """A `(` that is never closed, a `)` that closes nothing."""
    token = situation.token
    opened: list[int] = []
    for index in range(situation.first, situation.at):
        if situation.tokens[index].type == "LPAR":
            opened.append(index)
        elif situation.tokens[index].type == "RPAR" and opened:
            opened.pop()
    if token.type == "RPAR" and not opened:
        return CLOSED_PARENTHESIS.at(token.span, help="delete it, or open it before", replacement="")
    ends = token.type == "$END" or (
        token.type != STRING and token.text in ("active", "once", "every", "at", "where", "on", "automation", "segment", "declare")
    )
    if opened and (ends or _begins_another(situation)) and "RPAR" in situation.accepted:
        return OPEN_PARENTHESIS.at(situation.tokens[opened[-1]].span, help="close it with )")
    return None


def _begins_another(situation: Situation) -> bool:
    """Whether the wrong token looks like a misspelt `on` at the beginning of a line."""
    token = situation.token
    text = token.source.text
    begins_line = not text[text.rfind("\n", 0, token.offset) + 1 : token.offset].strip()
    near = any(situation.accepts(word) and distance(token.text, word, 1) is not None for word in ("and", "or"))
    return begins_line and token.type == "WORD" and not near and (situation.begins_pattern(1) or situation.type_is(1, STRING))


MISTAKES = (
    parentheses,
    with_for_where,
    state_tests,
    word_for_where,
    or_between_patterns,
    missing_where,
    second_where,
    active_after_runs,
    condition_before_on,
)
