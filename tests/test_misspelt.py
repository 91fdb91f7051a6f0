"""A misspelt word of the language: the caret stands under it, the right word is offered, and nothing else is reported.

Each keyword of the language cases, and of a rule file that has every word of the grammar, is misspelt by one letter: dropped,
doubled, swapped with the
next, or replaced.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.cases import all_cases
from triggerlang.language.lexer import tokens_of
from triggerlang.language.parser import parse
from triggerlang.language.source import Source
from triggerlang.language.tables import tables
from triggerlang.language.vocabulary import NOUNS, VERBS

EVERY_WORD = """
automation "A" at most 3 times per 2 weeks
  on subscribes to list "News" with plan = "a" ignoring case, old = its new where
    was in list "x" and had tag "y" and field "f" was contains "x" ignoring case
    and event "e" average amount >= trigger amount within 90 minutes before
    and event "e" has not occurred since last event "x" so far
    and any of (event "a" with p starts with "x" or opens any email) distinct sku > 1 since 2026-01-01
    and not (time between 09:00 and 10:00 or weekday in (monday, tuesday, wednesday, thursday, friday, saturday, sunday))
    active from 2026-01-01 until 2026-02-01
    once per cart
automation "B" every time
  on any event with a is not blank, b ends with "x", c in (true, false) where in segment "S"
    at most once per 30 seconds
automation "C"
  on event "a" then event "b" with same p within 2 days without event "c" within 1 minute
    where (event "a" then event "b") has occurred
  on 14 days after event "d" without event "r" with same p
  on 24 hours before date of starts_at of event "g"
  on 7 days after anniversary of field "birthday"
segment "S" is event like "x*" min amount > 5 between 2026-01-01 and 2026-02-01
  or visits page in ("a", "b") last amount = 3 within 1 hour
  or event "x" max amount < 2 so far or event "x" first amount = 1 before or event "x" sum amount = 1 or event "x" count = 2 within 1 day
declare event "e" number with amount number, note text, express boolean, placed date
test "T" given
    2026-01-01 09:00 "ana" subscribes to list "News" with plan = "a", paid = true
    2026-01-02 "ana" event "e"
  expect automation "A" nothing
  expect automation "B" 2026-01-02 "ana"
"""


def keywords(source: Source) -> Iterator[tuple[int, str]]:
    """The words of the language in a source that parses, each with its offset."""
    known = tables()
    stack = [known.start]
    for token in tokens_of(source)[0]:
        terminal = known.terminal(token, known.states[stack[-1]])
        assert terminal is not None
        assert known.shift(stack, terminal)
        if terminal in ("VERB", "NOUN") or known.words.get(terminal, "").isalpha():
            yield token.offset, token.text


def misspellings(word: str, number: int) -> Iterator[str]:
    """A word with one letter wrong, in four ways; `number` varies the place."""
    at = number % len(word)
    yield word[:at] + word[at + 1 :]
    yield word[:at] + word[at] + word[at:]
    if at + 1 < len(word) and word[at] != word[at + 1]:
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    yield word[:at] + ("x" if word[at] != "x" else "z") + word[at + 1 :]


def test_the_nearest_word_is_the_right_one() -> None:
    sources = [Source("every.triggers", EVERY_WORD)]
    sources += [source for case in all_cases() if case.is_run for source in case.sources]
    words = set(tables().keywords) | VERBS | NOUNS
    tried, wrong = 0, []
    for source in sources:
        for number, (offset, word) in enumerate(keywords(source)):
            for way, misspelt in enumerate(misspellings(word, number)):
                if misspelt in words or not misspelt or (source.path != "every.triggers" and way != number % 4):
                    continue
                text = source.text[:offset] + misspelt + source.text[offset + len(word) :]
                found = parse(Source(source.path, text)).diagnostics
                tried += 1
                if [(problem.span.offset, problem.span.text, problem.replacement) for problem in found] != [(offset, misspelt, word)]:
                    wrong.append(
                        (misspelt, word, text[max(offset - 30, 0) : offset + 30], [(p.code, p.span.text, p.replacement) for p in found])
                    )
    assert tried > 4_000
    share = 1 - len(wrong) / tried
    assert share >= 0.95, f"{share:.3f} of {tried}\n" + "\n".join(map(str, wrong[:60]))


def test_every_word_of_the_grammar_is_tried() -> None:
    used = {word for _, word in keywords(Source("every.triggers", EVERY_WORD))}
    unused = {word for word in tables().keywords if word.isalpha()} - used
    assert unused <= {"from", "second", "minute", "week", "hours", "days"}, unused
