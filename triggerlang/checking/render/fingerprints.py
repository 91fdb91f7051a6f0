"""Fingerprints: by what a CI system knows a problem again, whatever lines were put above it.

In: the problems of a project. Out: a name for each, made of its code, its file, the words that it underlines and those beside them in their
line. Problems that are alike in all of that are numbered in the order of their places.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from triggerlang.checking.render.repository import Repository
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.source import Span

REACH = 100
"""How many characters of a line count on each side of a place, and how many of the place itself: lines can be long, and problems many."""


def fingerprints(diagnostics: Sequence[Diagnostic], repository: Repository) -> list[str]:
    """A fingerprint for each problem, 32 hexadecimal digits; no two are the same."""
    alike: Counter[tuple[str, ...]] = Counter()
    found = []
    for problem in diagnostics:
        known = (problem.code, repository.text(problem.span.path), *_words(problem.span))
        alike[known] += 1
        parts = "\0".join((*known, str(alike[known])))
        found.append(hashlib.sha256(parts.encode("utf-8", "backslashreplace")).hexdigest()[:32])
    return found


def _words(span: Span) -> tuple[str, str, str]:
    """The words of a place, and those before and behind it in its line, however they are indented and spaced."""
    text = span.source.text
    begin, end = span.source.line_bounds(span.line)
    before = text[max(begin, span.offset - REACH) : span.offset]
    within = text[span.offset : min(span.end, span.offset + REACH)]
    behind = text[span.end : min(end, span.end + REACH)]
    return _spaced(before), _spaced(within), _spaced(behind)


def _spaced(text: str) -> str:
    return " ".join(text.split())
