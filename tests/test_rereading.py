"""Rereading: a second mistake of a statement is told with the first, at its own place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from tests.support.cases import wrong_files
from triggerlang.checking.project import check
from triggerlang.checking.render import text as render_text
from triggerlang.language.parser import parse
from triggerlang.language.rereading import Change, Mended, reread
from triggerlang.language.source import Source

TEXTS = sorted({source.text for case in wrong_files() for source in case.sources if len(source.text) < 400})
LINES = sorted({line for text in TEXTS for line in text.split("\n") if line.strip()})


def told(text: str) -> list[tuple[str, str]]:
    return [(problem.code, problem.span.text) for problem in check([Source("a.triggers", text)]).diagnostics]


def test_each_mistake_of_a_statement_is_told_at_its_place() -> None:
    wrong = "ON subscribes list “News” if never event 'signup' and is in list “VIP” once per 30 days"
    assert told(wrong) == [
        ("capital-letters", "ON"),
        ("wrong-quotes", "“News”"),
        ("where", "if"),
        ("never", "never event 'signup'"),
        ("wrong-quotes", "'signup'"),
        ("state-test", "is in"),
        ("wrong-quotes", "“VIP”"),
        ("once-per-duration", "once per 30 days"),
    ]


def test_what_a_mended_statement_names_is_checked() -> None:
    assert told('declare list "News" on subscribes list "Nwes" wher in segment "Nobody"') == [
        ("unknown-list", '"Nwes"'),
        ("misspelt-word", "wher"),
        ("unknown-segment", '"Nobody"'),
    ]


def test_what_may_be_a_replacements_fault_is_not_told() -> None:
    assert told('on event "x" wher frobnicate') == [("unexpected-text", "wher")]


def test_a_mended_text_leads_back_to_the_file() -> None:
    source = Source("a.triggers", "one two three")
    mended = Mended(source, source).with_changes([Change(4, 7, "forty-two")])
    assert mended.source.text == "one forty-two three"
    assert [mended.place(at) for at in (0, 4, 8, 14)] == [0, 4, 4, 8]
    assert [mended.place(at, is_end=True) for at in (3, 13, 19)] == [3, 7, 13]


def test_a_change_takes_the_place_of_those_that_it_covers() -> None:
    source = Source("a.triggers", "one two three")
    mended = Mended(source, source).with_changes([Change(4, 7, "2")]).with_changes([Change(0, 7, "2 1")])
    assert mended.source.text == "2 1 three"


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_read_again_is_the_text_with_its_replacements(text: str) -> None:
    parsed = parse(Source("a.triggers", text))
    again, mended = reread(parsed)
    assert (mended is None) == (again is parsed)
    assert {problem.code for problem in parsed.diagnostics} <= {problem.code for problem in again.diagnostics}
    if mended is not None:
        assert again.source is mended.source
        assert all(problem.span.source is parsed.source for problem in again.diagnostics)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=12).map("\n".join))
def test_problems_stand_in_the_file_in_order_and_once(text: str) -> None:
    source = Source("a.triggers", text)
    found = check([source]).diagnostics
    assert all(problem.span.source is source and 0 <= problem.span.offset <= problem.span.end <= len(text) for problem in found)
    assert [problem.span.offset for problem in found] == sorted(problem.span.offset for problem in found)
    places = [(problem.span.offset, problem.span.end, problem.code, problem.message) for problem in found]
    assert len(places) == len(set(places))
    render_text.render(found)
