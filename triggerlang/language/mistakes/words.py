"""Words that people bring from other tools and from their own language, and the words of this one.

In: the situation of a syntax error. Out: the word that is meant at its place: of several that a word may stand for, that with which the
statement can be read furthest.
"""

from __future__ import annotations

from collections.abc import Iterator

from triggerlang.language.diagnostics import Code, Diagnostic, code_word
from triggerlang.language.lexer import STRING
from triggerlang.language.mistakes.english import ENGLISH
from triggerlang.language.mistakes.languages import LANGUAGES
from triggerlang.language.situation import Situation
from triggerlang.language.trying import reach
from triggerlang.language.vocabulary import BY_PHRASE, NOUNS, VERBS

OTHER_WORD = Code("other-word", "{word} is {right}", "A word of another tool or language stands where this language has a word of its own.")

CODES = (OTHER_WORD,)

_MOST_BEFORE = 4
"""How many words before the error a phrase may begin: some of it may have been taken for something else."""


def _by_first() -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    found: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for phrases, rights in (*ENGLISH, *LANGUAGES):
        for phrase in phrases.split("|"):
            words = tuple(phrase.strip().split())
            found.setdefault(words[0], []).append((words, rights))
    for entries in found.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return found


_PHRASES = _by_first()


def other_words(situation: Situation) -> Diagnostic | None:
    """`joined list "News"`, `amount greater than 100`, `wenn in list "News"`."""
    for first, last, rights in _matches(situation):
        tried = [_said(situation, first, last, right) for right in rights if _may_stand(situation, first, last, right)]
        far = [reach(situation, diagnostic, _is_phrase_too, 1) for diagnostic in tried]
        if any(far):
            return tried[far.index(max(far))]
    return None


def _is_phrase_too(situation: Situation, depth: int) -> bool:
    return situation.token.type != STRING and situation.token.text.lower() in _PHRASES


def _may_stand(situation: Situation, first: int, last: int, right: str) -> bool:
    """Whether a word says something else than what stands there, begins a statement at the beginning of a line only, and a verb goes with
    its noun."""
    if right == situation.written(first, last):
        return False
    if right in ("on", "automation", "segment", "declare", "test") and situation.at + first > situation.first + 1:
        return _begins_line(situation, first)
    if right not in VERBS:
        return True
    ahead = last + 1
    noun = situation.peek(ahead + 1 if situation.text_is(ahead, "to", "from", "a", "an", "the", "any") else ahead).text
    return noun not in NOUNS or (right, noun) in BY_PHRASE


def _begins_line(situation: Situation, ahead: int) -> bool:
    return situation.peek(ahead).span.line > situation.peek(ahead - 1).span.line


def _matches(situation: Situation) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The phrases around the wrong token, the longer ones first."""
    found = []
    for first in range(-min(_MOST_BEFORE, situation.at - situation.first), 1):
        token = situation.peek(first)
        if token.type == STRING:
            continue
        for words, rights in _PHRASES.get(token.text.lower(), ()):
            last = first + len(words) - 1
            if last >= (0 if len(words) == 1 else -1) and _is_phrase(situation, first, words):
                found.append((first, last, rights))
    # What a phrase may stand for is in several rows.
    together: dict[tuple[int, int], tuple[str, ...]] = {}
    for first, last, rights in sorted(found, key=lambda match: match[0] - match[1]):
        together[first, last] = (*together.get((first, last), ()), *rights)
    for (first, last), rights in together.items():
        yield first, last, rights


def _is_phrase(situation: Situation, first: int, words: tuple[str, ...]) -> bool:
    return all(
        situation.peek(first + at).type != STRING and situation.peek(first + at).text.lower() == word for at, word in enumerate(words)
    ) and situation.at + first + len(words) < len(situation.tokens)


def _said(situation: Situation, first: int, last: int, right: str) -> Diagnostic:
    word = code_word(" ".join(situation.written(first, last).split()))
    if not right:
        return OTHER_WORD.at(situation.span(first, last), word=word, right="not needed here", help="leave it out", replacement="")
    return OTHER_WORD.at(
        situation.span(first, last),
        word=word,
        right=f"written {code_word(right)} here",
        help=f"write {code_word(right)}",
        replacement=right,
    )


MISTAKES = (other_words,)
