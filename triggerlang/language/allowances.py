"""Allowances: the comments of a rule file that let a diagnostic pass.

In: a source. Out: its comments `# triggerlang: allow CODE reason` in order, each with the line that it covers: its own where something
stands before it, else the next line that holds more than a comment. What their codes mean, and what they let pass, is `checking`'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from triggerlang.language.lexer import tokens_of
from triggerlang.language.source import Source, Span

WORD: Final = "allow"
"""The one word that such a comment can begin with."""

_MARK = re.compile(r"#[ \t]*triggerlang[ \t]*:", re.ASCII | re.IGNORECASE)
_COMMENT = re.compile(r"#[^\n]*")
_WORD = re.compile(r"[ \t]*([^\s,:]*)")
_CODE = re.compile(r"[ \t:]*([^\s,:]+)[ \t]*(,?)")
_APART = " \t:;,-–—"
"""What may stand between a code and the reason."""


@dataclass(frozen=True, slots=True)
class NamedCode:
    """A code as a comment names it, and its place."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Allowance:
    """`# triggerlang: allow repeated-weekday, duplicate-test the reason`.

    `word` is what stands where `allow` should; there are no codes where it is another word. The reason is empty where none is given.
    """

    span: Span
    word: Span
    codes: tuple[NamedCode, ...]
    reason: str
    line: int | None
    """The line that it covers; None where nothing stands below it."""


def allowances(source: Source) -> tuple[Allowance, ...]:
    """The comments of a source that are meant for triggerlang, in order."""
    text = source.text
    if _MARK.search(text) is None:
        return ()
    found: list[Allowance] = []
    tokens, _ = tokens_of(source)
    # Where nothing but comments is in a file, they are about the file, whose place is its first line.
    last_line = None if tokens else 1
    end_before = 0
    for at, (begin, end) in enumerate([*((token.offset, token.end) for token in tokens), (len(text), len(text))]):
        gap, end_before = end_before, end
        comment = _COMMENT.search(text, gap, begin)
        if comment is None:
            continue
        below = source.line_of(begin) if at < len(tokens) else last_line
        is_behind = at > 0 and "\n" not in text[gap : comment.start()]
        while comment is not None:
            if _MARK.match(text, comment.start(), comment.end()) is not None:
                line = source.line_of(comment.start()) if is_behind else below
                found.append(_read(source, comment.start(), comment.end(), line))
            comment, is_behind = _COMMENT.search(text, comment.end(), begin), False
    return tuple(found)


def _read(source: Source, begin: int, end: int, line: int | None) -> Allowance:
    text = source.text
    end = begin + len(text[begin:end].rstrip())
    mark = _MARK.match(text, begin, end)
    word = None if mark is None else _WORD.match(text, mark.end(), end)
    assert word is not None, "the caller has seen the mark"
    codes: list[NamedCode] = []
    at = word.end()
    if word[1].lower() == WORD:
        while (code := _CODE.match(text, at, end)) is not None:
            codes.append(NamedCode(code[1], source.span(code.start(1), len(code[1]))))
            at = code.end()
            if not code[2]:
                break
    reason = text[at:end].strip(_APART)
    has_words = any(map(str.isalnum, reason))
    return Allowance(
        source.span(begin, end - begin), source.span(word.start(1), len(word[1])), tuple(codes), reason if has_words else "", line
    )
