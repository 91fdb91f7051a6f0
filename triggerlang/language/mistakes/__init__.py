"""Mistakes: what people write wrong, and what they meant.

In: the situation of a syntax error. Out: a diagnostic of its own for each mistake that is known, with the text that replaces
exactly the words
that it underlines. Each row of the table looks at the words around the place; the first that knows its mistake speaks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from triggerlang.language.diagnostics import Code, Diagnostic
from triggerlang.language.mistakes import blocks, clauses, comparisons, counting, sequences, windows
from triggerlang.language.situation import Situation

Mistake: TypeAlias = Callable[[Situation], Diagnostic | None]

MISTAKES: tuple[Mistake, ...] = (
    *blocks.MISTAKES,
    *counting.MISTAKES,
    *windows.MISTAKES,
    *sequences.MISTAKES,
    *comparisons.MISTAKES,
    *clauses.MISTAKES,
)

MISTAKE_CODES: tuple[Code, ...] = (*counting.CODES, *windows.CODES, *comparisons.CODES, *sequences.CODES, *clauses.CODES, *blocks.CODES)
