"""Source text and places in it.

In: the text of one rule file. Out: spans, which know their offset and length only; the source turns
them into lines, columns and the quoted line. Offsets, lengths and columns count code points; lines and
columns begin at 1, offsets at 0. Only a line feed ends a line. A byte order mark is no part of the text.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One rule file: the path as the user named it, and its text."""

    path: str
    text: str
    _line_starts: list[int] = field(default_factory=list, repr=False)

    @property
    def line_starts(self) -> list[int]:
        """The offset at which each line begins."""
        starts = self._line_starts
        if not starts:
            at = 0
            starts.append(0)
            find = self.text.find
            while (at := find("\n", at) + 1) > 0:
                starts.append(at)
        return starts

    def line_of(self, offset: int) -> int:
        """The line, from 1, in which an offset lies."""
        return bisect_right(self.line_starts, offset)

    def column_of(self, offset: int) -> int:
        """The column, from 1, at which an offset lies."""
        return offset - self.line_starts[self.line_of(offset) - 1] + 1

    def line_bounds(self, line: int) -> tuple[int, int]:
        """The offsets of the first character of a line and of the end of its text (the line break left out)."""
        starts = self.line_starts
        begin = starts[line - 1]
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        if end > begin and self.text[end - 1] == "\r":
            end -= 1
        return begin, end

    def span(self, offset: int, length: int) -> Span:
        return Span(self, offset, length)


class Span(NamedTuple):
    """A place: so many characters of a source, from an offset on. A tree has one for each node: a tuple is made soonest."""

    source: Source
    offset: int
    length: int

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def end(self) -> int:
        """The offset after the last character."""
        return self.offset + self.length

    @property
    def line(self) -> int:
        return self.source.line_of(self.offset)

    @property
    def column(self) -> int:
        return self.source.column_of(self.offset)

    @property
    def end_line(self) -> int:
        """The line of the last character."""
        return self.source.line_of(self.end if not self.length else self.end - 1)

    @property
    def end_column(self) -> int:
        """The column after the last character."""
        return self.source.column_of(self.end - 1) + 1 if self.length else self.column

    @property
    def text(self) -> str:
        return self.source.text[self.offset : self.end]

    def to(self, other: Span) -> Span:
        """The span from the beginning of this one to the end of another."""
        return Span(self.source, self.offset, other.end - self.offset)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"
