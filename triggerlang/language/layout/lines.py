"""Lines: statements as lines of text, each comment where it stood.

In: the pieces of a file, and the clauses and groups of a statement. Out: lines. A group that does not fit into `WIDTH` columns is broken at
all of its places. A comment at the end of a line ends the line there; one on a line of its own keeps a line of its own.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from triggerlang.language.layout.groups import STEP, Clause, Group
from triggerlang.language.layout.pieces import Comment, Piece, Pieces

WIDTH: Final = 88
"""How many columns a line has, where its words allow it."""


@dataclass(slots=True)
class Line:
    """A line, the comment at its end, and the numbers of its first and last piece, where it has any."""

    text: str
    comment: str | None = None
    run: tuple[int, int] | None = None

    @property
    def can_take_comment(self) -> bool:
        return self.run is not None and self.comment is None

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip(" "))


@dataclass(slots=True)
class _Open:
    """A group that is being written: whether it is broken, and the indentation that its own lines are counted from."""

    group: Group
    is_broken: bool
    base: int


def width(text: str) -> int:
    """How many columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


class Writer:
    """Writes the lines of a statement."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces.pieces
        self._ends = [0]
        """How wide all pieces before one are, as if they stood on one line."""
        self._commented = [0]
        """How many of the pieces before one have comments above them."""
        for at, piece in enumerate(self._pieces):
            self._ends.append(self._ends[-1] + width(piece.text) + self._has_space(at))
            self._commented.append(self._commented[-1] + bool(piece.comments))
        self.lines: list[Line] = []
        self._open: list[_Open] = []
        self._inner = 0

    def write(self, clauses: list[Clause], groups: list[Group], last: int) -> list[Line]:
        """The lines of a statement; its groups in order. The comments before its first piece are not written."""
        self.lines, self._open = [], []
        starts = {clause.first: clause for clause in clauses}
        next_group = 0
        ends = [clause.first - 1 for clause in clauses[1:]] + [last]
        end = last
        for at in range(clauses[0].first, last + 1):
            if at in starts:
                clause = starts[at]
                end = min(stop for stop in ends if stop >= at)
                self._begin_clause(at, clause, is_first=at == clauses[0].first)
            else:
                self._step(at)
            while next_group < len(groups) and groups[next_group].first == at:
                self._enter(groups[next_group], at, end)
                next_group += 1
            line = self.lines[-1]
            line.text += self._pieces[at].text
            line.run = (at if line.run is None else line.run[0], at)
            while self._open and self._open[-1].group.last == at:
                self._open.pop()
        return self.lines

    def _begin_clause(self, at: int, clause: Clause, *, is_first: bool) -> None:
        if not is_first:
            self._write_comments(self._pieces[at], clause.indent)
        self.lines.append(Line(" " * clause.indent))
        self._inner = clause.inner

    def _step(self, at: int) -> None:
        """Go on to a piece: with a space, or to the next line."""
        piece = self._pieces[at]
        holder = self._open[-1] if self._open else None
        if holder is not None and self._breaks(holder, at):
            indent = holder.base + holder.group.breaks[at]
            self._write_comments(piece, indent + STEP if piece.text == ")" else indent)
            self.lines.append(Line(" " * indent))
            self._inner = indent
        elif piece.comments:
            self._write_comments(piece, self._inner + STEP)
            self.lines.append(Line(" " * (self._inner + STEP)))
        elif self._has_space(at):
            self.lines[-1].text += " "

    def _breaks(self, held: _Open, at: int) -> bool:
        """Whether a group is broken before a piece."""
        if not held.is_broken or at not in held.group.breaks:
            return False
        return not held.group.clings or self.lines[-1].text.strip() != ")" or bool(self._pieces[at].comments)

    def _write_comments(self, piece: Piece, indent: int) -> None:
        for comment in piece.comments:
            if not comment.is_alone and self.lines[-1].can_take_comment:
                self.lines[-1].comment = comment.text
            else:
                self.lines.append(alone(comment, indent))

    def _enter(self, group: Group, at: int, end: int) -> None:
        has_comment = self._commented[group.last + 1] > self._commented[at + 1]
        line = self.lines[-1].text
        base = self._inner if line.strip() else len(line)
        self._open.append(_Open(group, has_comment or not self._fits(group, at, end), base))

    def _fits(self, group: Group, at: int, end: int) -> bool:
        """Whether a group, and what must stand on its last line with it, fits into the rest of the line."""
        room = WIDTH - width(self.lines[-1].text)
        taken = self._ends[at + 1] - self._has_space(at)
        stops = [held.group.breaks for held in self._open if held.is_broken]
        stop = group.last
        while stop < end and not any(stop + 1 in breaks for breaks in stops) and not self._pieces[stop + 1].comments:
            stop += 1
            if self._ends[stop + 1] - self._ends[at + 1] > room:
                return False
        return self._ends[stop + 1] - self._ends[at + 1] + taken - self._ends[at] <= room

    def _has_space(self, at: int) -> bool:
        return _has_space(self._pieces, at)


def _has_space(pieces: list[Piece], at: int) -> bool:
    """Whether a space stands before a piece, where a line does not begin with it."""
    return at > 0 and not pieces[at].is_glued and pieces[at - 1].text != "("


def spaced(pieces: list[Piece], first: int, last: int) -> str:
    """Some pieces as they stand on one line."""
    return "".join((" " if at > first and _has_space(pieces, at) else "") + pieces[at].text for at in range(first, last + 1))


def alone(comment: Comment, indent: int) -> Line:
    """A comment on a line of its own."""
    return Line(" " * indent + comment.text)


def joined(lines: list[Line], after: str) -> str:
    """Lines as text, each followed by its line end. Comments at the ends of lines of one indentation stand below each other."""
    written: list[str] = []
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and _indentation(lines[end]) == _indentation(lines[at]) is not None:
            end += 1
        column = max((width(line.text) for line in lines[at:end] if line.comment is not None), default=0) + 2
        written += [line.text if line.comment is None else f"{padded(line.text, column)}{line.comment}" for line in lines[at:end]]
        at = end
    return "".join(line + after for line in written)


def padded(text: str, columns: int) -> str:
    """A text with spaces after it, so that it takes so many columns."""
    return text + " " * (columns - width(text))


def _indentation(line: Line) -> int | None:
    """How far a line is indented; None of an empty one and of a comment on its own."""
    return None if line.run is None else line.indent
