"""Mistakes: what people write wrong, and what they meant.

In: the situation of a syntax error. Out: a diagnostic of its own for each mistake that is known, with the text that replaces
exactly the words that it underlines. Each row of the table looks at the words around the place; the first that knows its mistake, and whose
replacement can be read, speaks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from triggerlang.language.diagnostics import Code, Diagnostic
from triggerlang.language.mistakes import (
    blocks,
    clauses,
    comparisons,
    counting,
    days,
    durations,
    joining,
    negations,
    nouns,
    running,
    sequences,
    statements,
    values,
    windows,
    words,
)
from triggerlang.language.situation import Situation

Mistake: TypeAlias = Callable[[Situation], Diagnostic | None]

MISTAKES: tuple[Mistake, ...] = (
    *blocks.MISTAKES,
    *negations.MISTAKES,
    *joining.MISTAKES,
    *counting.MISTAKES,
    *windows.MISTAKES,
    *durations.MISTAKES,
    *sequences.MISTAKES,
    *running.MISTAKES,
    *values.MISTAKES,
    *days.MISTAKES,
    *comparisons.MISTAKES,
    *nouns.MISTAKES,
    *clauses.MISTAKES,
)

GUESSES: tuple[Mistake, ...] = (*words.MISTAKES, *statements.MISTAKES)
"""What may be meant where none of the mistakes is; a misspelt word is as likely."""

MISTAKE_CODES: tuple[Code, ...] = (
    *counting.CODES,
    *windows.CODES,
    *comparisons.CODES,
    *sequences.CODES,
    *clauses.CODES,
    *blocks.CODES,
    *words.CODES,
    *durations.CODES,
    *running.CODES,
    *negations.CODES,
    *joining.CODES,
    *statements.CODES,
    *days.CODES,
    *nouns.CODES,
)
