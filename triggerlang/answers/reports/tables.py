"""Tables: what a page shows as rows and columns.

In: names, texts and numbers. Out: cells whose texts are made visible and cut to a length that a page can hold, but not yet escaped: the
template does that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from triggerlang.answers.encoding import shown

MOST_ROWS: Final = 500
"""So many rows of a table stand in a page."""
LONGEST: Final = 240
"""So many characters of a text do."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number, and how it is shown; `bar` is the length of a bar beside it, from 0 to 100, `shade` how strong its field's colour is."""

    value: int | float
    text: str
    bar: float | None = None
    shade: int | None = None

    is_number = True


@dataclass(frozen=True, slots=True)
class Text:
    """A text to be shown."""

    text: str

    is_number = False


Cell: TypeAlias = Number | Text


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what its file is called, what it shows, its columns and rows, and how many rows are left out."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int = 0
    elsewhere: str = ""
    """Where the rows are that are left out."""
    is_folded: bool = True
    is_matrix: bool = False
    """Whether its columns are as wide as each other."""

    kind = "table"


def table(
    name: str,
    title: str,
    columns: Sequence[str],
    rows: Sequence[tuple[Cell, ...]],
    *,
    elsewhere: str = "",
    is_folded: bool = True,
    is_matrix: bool = False,
) -> Table:
    """A table of the first rows."""
    left_out = max(len(rows) - MOST_ROWS, 0)
    return Table(name, title, tuple(columns), tuple(rows[:MOST_ROWS]), left_out, elsewhere, is_folded, is_matrix)


def text(given: str) -> Text:
    """A text out of rules or logs."""
    return Text(visible(given))


def visible(given: str) -> str:
    """A text on one line, cut where it is long."""
    return shown(given if len(given) <= LONGEST else given[: LONGEST - 1] + "…")


def number(value: int, *, of: int | None = None, shade: int | None = None) -> Number:
    """A count, with a bar if it is shown `of` the largest."""
    return Number(value, f"{value:,}", None if of is None else round(100 * value / of, 1) if of else 0.0, shade)


def share(part: int, whole: int) -> Number:
    """A part of a whole in percent; 0 of nothing."""
    percent = round(100 * part / whole, 1) if whole else 0.0
    return Number(percent, f"{percent:.1f} %")
