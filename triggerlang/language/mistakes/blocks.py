"""Mistakes in test blocks: lines without a time or a contact, names that are no names of one event, a test that expects nothing."""

from __future__ import annotations

from triggerlang.language.block_builder import GIVEN_SIGN
from triggerlang.language.diagnostics import Code, Diagnostic, code_word, quoted
from triggerlang.language.lexer import STRING, WORD
from triggerlang.language.mistakes.comparisons import COMMA
from triggerlang.language.mistakes.counting import NO_SIGN
from triggerlang.language.situation import Situation
from triggerlang.language.tables import END
from triggerlang.language.vocabulary import VERBS

GIVEN = Code("given", "the events of a test stand after `given`", "A test is its name, `given` and its events, and what is expected.")
NO_EXPECTATION = Code(
    "test-without-expect", "this test expects nothing", "A test says what comes of its events, with one `expect` at least."
)
EXPECT = Code(
    "expect-automation", "what is expected is named with `expect automation`", "`expect automation`, a name, then its entries or `nothing`."
)
NO_ENTRIES = Code(
    "expect-entries",
    "this does not say which entries are expected of {automation}",
    "After the automation's name stand its entries, a time and a contact each, or `nothing`.",
)
LINE = Code(
    "test-line", "this line of a test lacks its {missing}", "A line of a test is a time, a contact, and below `given` what happens."
)
LINE_ORDER = Code("test-line-order", "in a line of a test the time stands first", "A line of a test is a time, then a contact.")
AFTER_EXPECT = Code(
    "given-after-expect", "what happens stands below `given`", "A test says first what happens, then, with `expect`, what comes of it."
)
ONE_NAME = Code(
    "given-name", "a line below `given` is one event, with a name of its own", "An event of a log has one name: no `any`, `in` or `like`."
)

CODES = (GIVEN, NO_EXPECTATION, EXPECT, NO_ENTRIES, LINE, LINE_ORDER, AFTER_EXPECT, ONE_NAME)

_TIMES = ("DATE", "DATETIME")
_OTHERS = ("on", "automation", "segment", "declare", "test")


def _in_test(situation: Situation) -> bool:
    return situation.tokens[situation.first].text == "test" and situation.at > situation.first


def _ends(situation: Situation, ahead: int = 0) -> bool:
    """Whether the test ends at a token: the file does, or another statement begins."""
    return situation.type_is(ahead, END) or situation.text_is(ahead, *_OTHERS)


def without_given(situation: Situation) -> Diagnostic | None:
    """`test "a" 2026-01-01 "ana" …`, `test "a" expect …`."""
    if not _in_test(situation) or not situation.accepts("given"):
        return None
    if situation.type_is(0, *_TIMES) or situation.text_is(0, "expect"):
        right = f"given {situation.token.written}"
        return GIVEN.at(situation.token.span, help=f"write {code_word(right)}", replacement=right)
    if situation.text_is(0, "when", "if", "with", "where", "having", "log", "events"):
        return GIVEN.at(situation.token.span, help="write `given`", replacement="given")
    return None


def without_expect(situation: Situation) -> Diagnostic | None:
    """A test that ends after its given lines, or whose `expect` was forgotten."""
    if not _in_test(situation):
        return None
    begins = situation.accepts("given") or situation.accepts("expect")
    if begins and situation.text_is(0, "automation") and situation.type_is(1, STRING) and _says_entries(situation, 2):
        if situation.accepts("given"):
            return GIVEN.at(situation.token.span, help="write `given expect automation`", replacement="given expect automation")
        return EXPECT.at(situation.token.span, help="write `expect automation`", replacement="expect automation")
    if not begins or not _ends(situation):
        return None
    head = situation.tokens[situation.first].span
    named = situation.tokens[situation.first + 1]
    return NO_EXPECTATION.at(
        head.to(named.span) if named.type == STRING else head,
        help='say what comes of it: expect automation "Welcome" and the entries, or `nothing`',
    )


def _says_entries(situation: Situation, ahead: int) -> bool:
    return situation.text_is(ahead, "nothing") or situation.type_is(ahead, *_TIMES)


def expect_without_automation(situation: Situation) -> Diagnostic | None:
    """`expect "Welcome" …`, `expect nothing`."""
    if not _in_test(situation) or not situation.text_is(-1, "expect"):
        return None
    if situation.type_is(0, STRING):
        right = f"automation {situation.token.written}"
        return EXPECT.at(situation.token.span, help=f"write {code_word(right)}", replacement=right)
    if situation.text_is(0, "not", "no") and situation.text_is(1, "automation") and situation.type_is(2, STRING):
        right = f"{situation.written(1, 2)} nothing"
        return EXPECT.at(situation.span(0, 2), help=f"write {code_word(right)}", replacement=right)
    if situation.text_is(0, "segment", "event", "list", "email", "entry", "entries"):
        return EXPECT.at(situation.token.span, help='only entries of automations are expected: expect automation "Welcome" …')
    if situation.text_is(0, "nothing", "no", "none") or situation.type_is(0, *_TIMES):
        return EXPECT.at(situation.token.span, help='name the automation: expect automation "Welcome" nothing')
    return None


def without_entries(situation: Situation) -> Diagnostic | None:
    """`expect automation "Welcome"` and no more, `expect automation "Welcome" none`."""
    if not _in_test(situation) or not situation.accepts("nothing"):
        return None
    if situation.text_is(0, "none", "never", "no", "empty"):
        last = 1 if situation.text_is(0, "no") and situation.text_is(1, "entries", "entry", "one") else 0
        return NO_ENTRIES.at(
            situation.span(0, last), automation=quoted(situation.peek(-1).text), help="write `nothing`", replacement="nothing"
        )
    if _ends(situation) or situation.text_is(0, "expect"):
        return NO_ENTRIES.at(
            situation.span(-3, -1),
            automation=quoted(situation.peek(-1).text),
            help='below it stand a time and a contact for each entry, such as 2026-01-02 10:05 "ben", or `nothing`',
        )
    return None


def line_order(situation: Situation) -> Diagnostic | None:
    """`"ana" 2026-01-01 09:00 …`, `"ana" event "signup"`."""
    if not _in_test(situation) or "DATE" not in situation.accepted or not situation.type_is(0, STRING):
        return None
    if not situation.accepts("expect") and not situation.accepts("nothing") and END not in situation.accepted:
        return None
    if situation.type_is(1, *_TIMES):
        right = f"{situation.peek(1).written} {situation.token.written}"
        return LINE_ORDER.at(situation.span(0, 1), help=f"write {code_word(right)}", replacement=right)
    return LINE.at(situation.token.span, missing="time", help=f"write the time before it: 2026-01-31 09:00 {situation.token.written}")


def line_without_contact(situation: Situation) -> Diagnostic | None:
    """`2026-01-01 09:00 event "signup"`, `09:00 "ana" …`."""
    if not _in_test(situation):
        return None
    if situation.type_is(-1, *_TIMES) and situation.accepts_string() and situation.text_is(0, "event", "any", *VERBS):
        return LINE.at(
            situation.token.span,
            missing="contact",
            help=f'write the contact before it: {situation.peek(-1).written} "ana" {situation.token.text}',
        )
    if situation.type_is(0, "CLOCK") and "DATE" in situation.accepted:
        return LINE.at(situation.token.span, missing="date", help=f"write the date before it: 2026-01-31 {situation.token.written}")
    return None


def several_names(situation: Situation) -> Diagnostic | None:
    """`2026-01-01 "ana" any event`, `… event like "sign*"`."""
    if not _in_test(situation) or not situation.text_is(0, "any", "in", "like"):
        return None
    if situation.accepts("event") or situation.accepts_string() or "NOUN" in situation.accepted:
        return ONE_NAME.at(situation.token.span, help='name the event, such as event "signup"')
    return None


def given_sign(situation: Situation) -> Diagnostic | None:
    """`with plan contains "x"`, `with plan is blank`."""
    if not _in_test(situation) or "OPERATOR" not in situation.accepted:
        return None
    if situation.type_is(0, STRING, "INTEGER", "NUMBER", *_TIMES):
        right = f"= {situation.token.written}"
        return NO_SIGN.at(
            situation.token.span, number=code_word(situation.token.written), help=f"write {code_word(right)}", replacement=right
        )
    if situation.text_is(-1, "expect") and situation.type_is(-2, "COMMA"):
        return COMMA.at(situation.span(-2, -2), help="delete it", replacement="")
    if situation.token.type != WORD:
        return None
    if situation.text_is(0, "contains", "starts", "ends", "in") or (situation.text_is(0, "is") and situation.text_is(1, "blank", "not")):
        return GIVEN_SIGN.at(
            situation.token.span,
            sign=code_word(situation.token.text),
            help='the line says what happened: `plan = "pro"`; leave out what is blank',
        )
    if situation.text_is(0, "is"):
        return GIVEN_SIGN.at(situation.token.span, sign=code_word("is"), help="write `=`", replacement="=")
    return None


def given_after_expect(situation: Situation) -> Diagnostic | None:
    """`expect automation "Welcome" 2026-01-01 09:00 "ana" event "signup"`."""
    if not _in_test(situation) or not situation.accepts("expect") or not situation.text_is(0, "event", *VERBS):
        return None
    if not situation.type_is(-1, STRING) or not situation.type_is(-2, *_TIMES):
        return None
    return AFTER_EXPECT.at(
        situation.span(-2, 0), help="move this line up, before the first `expect`; an expected entry is a time and a contact"
    )


MISTAKES = (
    without_given,
    without_expect,
    expect_without_automation,
    without_entries,
    line_order,
    line_without_contact,
    several_names,
    given_sign,
    given_after_expect,
)
