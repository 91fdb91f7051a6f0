"""The page of phrases: each of its phrases can be written, and no word of the language is missing. Its examples are language cases."""

from __future__ import annotations

import re

import pytest

from tests.support.cases import PHRASES, cases_of
from triggerlang.checking.project import check
from triggerlang.language.formatting import formatted
from triggerlang.language.grammar import grammar_text
from triggerlang.language.source import Source
from triggerlang.language.vocabulary import KINDS

TEXT = PHRASES.read_text(encoding="utf-8")
PROSE = re.sub(r"^```.*?^```$", "", TEXT, flags=re.DOTALL | re.MULTILINE)
PLACES = (
    "{}",
    '{} on event "order"',
    "on {}",
    'on event "order" {}',
    'on event "order" where event "order" has occurred {}',
    'on event "order" with value = {}',
    "on event {}",
    '{} given expect automation "Regular" nothing',
    'test "a" {} expect automation "Regular" nothing',
    'test "a" given 2026-01-01 "ana" event "order" {}',
)
"""Where in a rule a phrase may stand."""


def spans(text: str) -> list[str]:
    """What stands between backquotes."""
    return re.findall(r"`([^`\n]+)`", text)


def phrases() -> list[str]:
    """The phrases of the tables: what stands in the first column."""
    return [phrase for row in re.findall(r"^\|(.*?) \|", PROSE, flags=re.MULTILINE) for phrase in spans(row)]


def can_be_written(phrase: str) -> bool:
    """Whether a phrase stands right in one of the places; names that it does not declare are another matter."""
    for place in PLACES:
        checked = check([Source("page.triggers", place.format(phrase))])
        if all(re.match("unknown-|no-such-automation", problem.code) for problem in checked.diagnostics):
            return True
    return False


def words(phrase: str) -> list[str]:
    """The words of a phrase, without names and remarks."""
    return re.findall(r"[a-z]+", re.sub(r'#.*|"(?:[^"\\]|\\.)*"', "", phrase))


@pytest.mark.parametrize("phrase", phrases())
def test_a_phrase_of_a_table_can_be_written(phrase: str) -> None:
    assert can_be_written(phrase)


def test_a_phrase_that_is_none_is_noticed() -> None:
    for phrase in ('where event "order" never', "at most twice", 'on opens mail "x"', "within 2 months before"):
        assert not can_be_written(phrase)


def test_no_word_of_the_language_is_missing() -> None:
    shown = [words(phrase) for phrase in spans(PROSE) if can_be_written(phrase)]
    keywords = set(re.findall(r'"([a-z]+)"', re.sub(r"//.*", "", grammar_text())))
    assert len(keywords) > 80
    assert not keywords - {word for phrase in shown for word in phrase}
    for kind in KINDS:
        wanted = kind.phrase.split()
        assert any(phrase[at : at + len(wanted)] == wanted for phrase in shown for at in range(len(phrase))), kind.phrase
        if kind.particle:
            assert f"{kind.verb} {kind.particle} {kind.noun}" in PROSE


def test_the_examples_are_in_the_layout_that_rules_have() -> None:
    examples = [source for case in cases_of(PHRASES) for source in case.sources]
    assert len(examples) >= 15
    for source in examples:
        assert formatted(source).text == source.text
