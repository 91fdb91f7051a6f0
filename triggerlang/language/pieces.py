"""Pieces: what a builder puts together, and how it refuses. In: tokens and nodes. Out: their spans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from triggerlang.language.diagnostics import Code, Diagnostic
from triggerlang.language.lexer import Token
from triggerlang.language.source import Span

Part = Any
"""A token or a node: both have a span."""

NESTING_LIMIT: Final = 200
"""How deep parentheses and `not` may be nested, segments that are referred to included; and how many steps a chain may have."""

TOO_DEEP = Code(
    "nested-too-deeply",
    "nested too deeply (limit {limit})",
    "Parentheses and `not`, counted together and through segments, are nested deeper than the limit, or a chain has more steps than it.",
)


class RefusedError(Exception):
    """A statement that the grammar accepts and the language does not."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def covering(parts: Sequence[Part]) -> Span:
    """The span from the first part to the last."""
    first, last = parts[0], parts[-1]
    if type(first) is Token:
        source, begin = first.source, first.offset
    else:
        source, begin, length = first.span
        if first is last:
            return Span(source, begin, length)
    return Span(source, begin, (last.end if type(last) is Token else last.span.end) - begin)


def is_token(part: Part, *kinds: str) -> bool:
    """Whether a part is a token of one of these kinds."""
    return type(part) is Token and part.type in kinds
