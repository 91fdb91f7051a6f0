"""Hostile rule text: whatever comes in, a tree or diagnostics come out, soon.

The names begin with the row of the project's list of hostile inputs.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.lark import from_lark
from lark import Lark

from tests.support.cases import all_cases, wrong_files
from triggerlang.checking.codes import all_codes
from triggerlang.checking.project import Checked, check
from triggerlang.checking.render import text as render_text
from triggerlang.language.builder import LONGEST_DURATION
from triggerlang.language.grammar import grammar_text
from triggerlang.language.lexer import BIDI_CONTROLS
from triggerlang.language.parser import FILE_LIMIT, parse
from triggerlang.language.pieces import NESTING_LIMIT
from triggerlang.language.source import Source

GOOD = 'automation "Good" on event "signup" where in list "News"\n'


def checked(text: str) -> Checked:
    return check([Source("case.triggers", text)])


def codes(text: str) -> list[str]:
    return [problem.code for problem in checked(text).diagnostics]


def seconds(text: str) -> float:
    start = time.perf_counter()
    checked(text)
    return time.perf_counter() - start


@pytest.mark.parametrize("steps", [200, 10_000])
def test_r1_a_chain_with_too_many_steps(steps: int) -> None:
    chain = 'event "a"' + ' then event "b" within 1 day' * steps
    for text in (f"on {chain}", f'on {chain} without event "c" within 1 day', f'on event "x" where ({chain}) has occurred'):
        assert codes(f"{GOOD}{text}\n{GOOD.replace('Good', 'Better')}") == ["nested-too-deeply"]
    assert codes('on event "a"' + ' then event "b"' * 199) == []


@pytest.mark.parametrize("depth", [10_000, 1_000_000])
@pytest.mark.parametrize(
    "form",
    [
        'on event "a" where {open}in list "x"{close}\n',
        'on event "a" where {open}in list "x"\n',
        'on event "a" with {open}p = 1{close}\n',
        'on event "a" where {nots}in list "x"\n',
        'on event "a" with ({nots}p = 1)\n',
        'segment "S" is {mixed}in list "x"{close}\n',
    ],
)
def test_R1_nested_too_deeply_is_said_and_the_rest_is_checked(form: str, depth: int) -> None:
    text = form.format(open="(" * depth, close=")" * depth, nots="not " * depth, mixed="not (" * depth)
    found = checked(text + GOOD + 'automation "Bad" on event "x" wher in list "a"\n').diagnostics
    assert [problem.code for problem in found] == ["nested-too-deeply", "misspelt-word"]
    assert f"limit {NESTING_LIMIT}" in found[0].message


def test_R1_up_to_the_limit_nesting_is_fine() -> None:
    assert codes(f'on event "a" where {"(" * NESTING_LIMIT}in list "x"{")" * NESTING_LIMIT}') == []
    assert codes(f'on event "a" where {"not " * NESTING_LIMIT}in list "x"') == []
    assert codes(f'on event "a" where {"(" * (NESTING_LIMIT + 1)}in list "x"{")" * (NESTING_LIMIT + 1)}') == ["nested-too-deeply"]


def test_R1_time_is_that_of_a_harmless_file_of_the_size() -> None:
    harmless = GOOD.replace("Good", "G{}")
    size = 400_000
    many = "".join(harmless.format(at) for at in range(size // len(GOOD)))
    assert seconds(f'on event "a" where {"(" * size}') < 10 * seconds(many) + 1


def test_R2_one_enormous_string_is_too_large() -> None:
    found = checked('on event "' + "x" * FILE_LIMIT + '"').diagnostics
    assert [problem.code for problem in found] == ["file-too-large"]


def test_R2_long_names_and_lines_are_read_and_shown_short() -> None:
    name = "x" * 1_000_000
    assert codes(f'on event "{name}"') == []
    rendered = render_text.render(checked(f'on event "{name}" wher in list "x"').diagnostics)
    assert max(map(len, rendered.splitlines())) <= 160


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f'on event "a" with p = {"9" * 5_000}', "number-too-large"),
        (f'on event "a" where event "b" count >= {"9" * 5_000}', "number-too-large"),
        ('on event "a" where event "b" has occurred within 999999999999 days', "duration-too-long"),
        (f'on event "a" where event "b" has occurred within {"9" * 5_000} days', "number-too-large"),
        ('on event "a" with p = 0000-01-01', "no-such-date"),
        ('on event "a" with p = 2026-13-01', "no-such-date"),
        ('on event "a" with p = 2026-01-01 25:00', "no-such-date"),
    ],
)
def test_R2_what_is_too_large_is_said(text: str, code: str) -> None:
    assert codes(text) == [code]
    assert max(map(len, render_text.render(checked(text).diagnostics).splitlines())) <= 200


def test_R2_the_ends_of_the_calendar_are_fine() -> None:
    days = LONGEST_DURATION // 86_400_000_000
    assert codes(f'on event "a" where event "b" has occurred within {days} days active from 0001-01-01 until 9999-12-31') == []


def test_R3_many_errors_take_time_as_many_rules_do() -> None:
    bad = 'on event "x" wher in list "a"\n'
    few, many = seconds(bad * 500), seconds(bad * 4_000)
    assert many < 8 * few * 3 + 0.5
    assert len(checked(bad * 2_000).diagnostics) == 2_000


@pytest.mark.parametrize("character", [*sorted(BIDI_CONTROLS), "\x00", "\x1b", "\x7f", "\x0b"])
@pytest.mark.parametrize("form", ['on event "a{}b"\n', 'on event "a" # {}\n', 'on {}event "a"\n'])
def test_R5_control_characters_are_refused_everywhere(character: str, form: str) -> None:
    (problem,) = checked(form.format(character)).diagnostics
    assert (problem.code, problem.span.text) == ("control-character", character)


def test_R5_a_carriage_return_alone_ends_no_line() -> None:
    assert codes('on event "a" # comment\ron event "b"\n') == ["control-character"]
    assert codes('on event "a"\r\nwhere in list "b"\r\n') == []


def test_R5_a_byte_order_mark_in_the_middle_is_no_space() -> None:
    assert codes('on event "a"\ufeff where in list "b"') == ["unexpected-character"]


def test_R5_a_unicode_line_separator_ends_no_line() -> None:
    (problem,) = checked('on event "a" # one\u2028on event "b"\n wher in list "c"').diagnostics
    assert (problem.span.line, problem.code) == (2, "misspelt-word")


def test_R5_the_caret_stands_under_the_word_behind_wide_characters_and_tabs() -> None:
    rendered = render_text.render(checked('\ton event "漢字" wher in list "a"').diagnostics).splitlines()
    line, carets = rendered[1], rendered[2]
    columns = sum(2 if character in "漢字" else 1 for character in line[: line.index("wher")])
    assert carets.index("^") == columns
    assert carets.count("^") == 4


@pytest.mark.parametrize("digits", ["٣", "１２"])
def test_R6_digits_are_ascii(digits: str) -> None:
    assert codes(f'on event "a" where event "b" count >= {digits}') == ["unexpected-character"]
    assert codes(f'on event "a" with p = {digits}') == ["unexpected-character"]


def test_R6_underscores_stand_between_digits_only() -> None:
    assert codes('on event "a" with p = 1_000') == []
    assert codes('on event "a" with p = 1_') != []
    assert codes('on event "a" with p = nan') == ["missing-quotes"]


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_R8_any_text_ends_in_rules_or_diagnostics(text: str) -> None:
    found = checked(text)
    assert (found.rules is None) == any(problem.severity == "error" for problem in found.diagnostics)
    render_text.render(found.diagnostics)


@given(st.binary())
@settings(max_examples=100, deadline=None)
def test_R8_any_bytes_that_decode_end_so_too(data: bytes) -> None:
    checked(data.decode("utf-8", "replace"))


PIECES = [
    *("on", "where", "event", '"a"', "with", "(", ")", "and", "or", "not", "in", "like", ",", "count", ">=", "2", "before", "so", "far"),
    *(
        "within",
        "30",
        "days",
        "2026-01-01",
        "any",
        "of",
        "list",
        "subscribes",
        "once",
        "per",
        "p",
        "segment",
        "is",
        "automation",
        "declare",
    ),
    *("has", "occurred", "tag", "field", "was", "at", "most", "times", "every", "time", "between", "09:00", "'x'", '"open', "==", "#"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join))
@settings(max_examples=500, deadline=None)
def test_R8_any_words_of_the_language_end_so_too(text: str) -> None:
    render_text.render(checked(text).diagnostics)


def one_token_changes(text: str) -> Iterator[str]:
    """A text with one word or sign dropped, doubled or replaced, at every place."""
    words = list(re.finditer(r'"[^"\n]*"|\S+', text))
    for number, word in enumerate(words):
        yield text[: word.start()] + text[word.end() :]
        yield text[: word.end()] + " " + text[word.start() :]
        yield text[: word.start()] + PIECES[number % len(PIECES)] + text[word.end() :]


def test_R8_one_changed_token_brings_no_exception() -> None:
    texts = {source.text for case in all_cases() if case.is_run for source in case.sources}
    for number, text in enumerate(sorted(texts)):
        for change, changed in enumerate(one_token_changes(text)):
            if change % 7 == number % 7:
                parse(Source("case.triggers", changed))


@given(from_lark(Lark(grammar_text(), parser="lalr", start="file")))
@settings(max_examples=60, deadline=None)
def test_R8_what_the_grammar_makes_up_brings_no_exception(text: str) -> None:
    checked(text)


def test_R8_plain_lark_reads_what_ours_reads() -> None:
    lark = Lark(grammar_text(), parser="lalr", start="file")
    for case in all_cases():
        for source in case.sources:
            if not parse(source).diagnostics:
                lark.parse(source.text)


BROKEN = [
    ('on event "x" wher in list "a"', "misspelt-word"),
    ('on event "x" where event "y" never', "never"),
    ('automation "open\n', "unclosed-string"),
    ('on event "x" with plan == "a"', "wrong-sign"),
    ('on event "x" where event "y" count >= 1 within 2 months', "months"),
    ('on event "x" where in list "a" or in list "b" and in list "c"', "mixed-and-or"),
    ('on event "x" where is in list "N"', "state-test"),
    ('segment "T" is in lst "a"', "misspelt-word"),
    ('on event "x" where weekday in (mon, tue)', "weekday-names"),
    ('on event "A" or event "B"', "or-between-patterns"),
    ('on event "x" with plan = pro', "missing-quotes"),
    ('onn event "x"', "misspelt-word"),
    ('on event "x" once per 30 days', "once-per-duration"),
    ('on event "x" where (in list "a"', "open-parenthesis"),
    ('on event "x" where time between 25:00 and 06:00', "no-such-date"),
]


@given(st.lists(st.sampled_from([*BROKEN, (None, None), (None, None)]), min_size=1, max_size=8))
@settings(max_examples=200, deadline=None)
def test_so_many_mistakes_so_many_messages(parts: list[tuple[str | None, str | None]]) -> None:
    """Each broken statement brings its own message and no other, each whole one is read."""
    text, whole = "", 0
    for broken, _ in parts:
        text += f'on event "good{whole}" where in list "x"\n' if broken is None else broken + "\n"
        whole += broken is None
    parsed = parse(Source("case.triggers", text))
    assert [problem.code for problem in parsed.diagnostics] == [code for _, code in parts if code is not None]
    assert len(parsed.file.statements) == whole + sum(code == "wrong-sign" for _, code in parts)


def test_every_code_has_a_case_with_its_whole_text() -> None:
    shown = {
        code
        for case in [*all_cases(), *wrong_files()]
        for block in case.of("diagnostics", "against-log")
        for code in re.findall(r"\[([a-z-]+)\]$", block.text, re.MULTILINE)
    }
    missing = {code.name for code in all_codes()} - shown
    assert missing <= {"file-too-large", "not-utf8"}, missing


def test_no_message_holds_an_internal_word() -> None:
    for case in all_cases():
        if not case.is_run:
            for problem in case.checked().diagnostics:
                said = re.sub(r'"[^"]*"|`[^`]*`|U\+[0-9A-F]+', "", f"{problem.message} {problem.help or ''}")
                assert not re.search(r"[A-Z_]{4,}|<class|Traceback|Token\(|None\b", said), said
