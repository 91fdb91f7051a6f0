"""Trying: whether a statement can be read further once a replacement stands in it.

In: a syntax error's situation and a diagnostic with a replacement. Out: yes or no. A replacement that only moves the error to the next word
is none; one behind which another known mistake stands is one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.lexer import Token, tokens_of
from triggerlang.language.situation import Situation
from triggerlang.language.source import Source
from triggerlang.language.tables import END

_LONGEST: Final = 2_000
"""Of a statement with more words before the error, replacements are not tried: each trial reads them again."""
_AHEAD: Final = 40
"""How many words after the error are read."""

Known: TypeAlias = Callable[[Situation, int], bool]
"""Whether a mistake is known at a situation, so many trials deep."""


def holds(situation: Situation, diagnostic: Diagnostic, known: Known, depth: int = 2) -> bool:
    """Whether the text after a diagnostic's replacement can be read, for one word at least, or is another mistake that is known."""
    return reach(situation, diagnostic, known, depth) > 0


def reach(situation: Situation, diagnostic: Diagnostic, known: Known, depth: int = 2) -> int:
    """How many words after a diagnostic's replacement can be read; 0 if it does not hold."""
    replacement, span = diagnostic.replacement, diagnostic.span
    assert replacement is not None
    if situation.at - situation.first > _LONGEST:
        return 1
    source = span.source
    begin = situation.tokens[situation.first].offset
    last = situation.tokens[min(situation.at + _AHEAD, len(situation.tokens) - 1)]
    before = source.text[begin : span.offset] + replacement
    text = before + source.text[span.end : last.offset]
    tokens, problems = tokens_of(Source(source.path, text))
    if any(span.offset - begin <= problem.span.offset < len(before) for problem in problems):
        return 0
    tokens.append(Token(END, "", source, len(text), len(text)))
    stack = list(situation.base)
    reached = next(
        (at for at, token in enumerate(tokens[: -1 if last.type != END else None]) if not situation.tables.feed(stack, token)), None
    )
    following = next((at for at, token in enumerate(tokens) if token.offset >= len(before)), len(tokens) - 1)
    if reached is None:
        return _AHEAD
    if reached == following and depth > 0 and known(_situation(situation, tokens, reached), depth - 1):
        return 1
    return max(reached - following, 0)


def _situation(situation: Situation, tokens: list[Token], at: int) -> Situation:
    stack = list(situation.base)
    for token in tokens[:at]:
        situation.tables.feed(stack, token)
    return Situation(situation.tables, tokens, 0, at, situation.base, stack, situation.tables.accepted(stack))
