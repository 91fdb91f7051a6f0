"""Formatting: a rule file in the one canonical layout.

In: a source. Out: its text in the layout, or what keeps it from being read. The layout changes no meaning: the text that comes out is
parsed again, and its tree is the one that went in; every comment is in it, in order. What is in the layout already comes out as it is.

A kind of statement that is new to the language gets its lines in `layout.groups`, and its place among the others in `_are_apart`.
"""

from __future__ import annotations

from dataclasses import dataclass

from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.layout.groups import STEP, clauses, groups
from triggerlang.language.layout.lines import Line, Writer, alone, joined
from triggerlang.language.layout.pieces import Comment, Piece, Pieces
from triggerlang.language.layout.pinning import covered, pinned
from triggerlang.language.parser import Parsed, parse
from triggerlang.language.source import Source


class LayoutError(Exception):
    """The layout would have changed what a file says: a bug of ours, and the file stays as it is."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file's text in the canonical layout; or None, and the diagnostics that tell why it cannot be read."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...] = ()


def formatted(source: Source) -> Formatted:
    """Format a file. Never raises for what stands in it, save LayoutError where we are at fault."""
    parsed = parse(source)
    if parsed.diagnostics:
        return Formatted(None, parsed.diagnostics)
    text = _laid_out(parsed)
    if text != source.text:
        _verify(parsed, text)
    return Formatted(text)


def _laid_out(parsed: Parsed) -> str:
    source = parsed.source
    pieces = Pieces(source, parsed.file)
    first_end = source.text.find("\n")
    line_end = "\r\n" if first_end > 0 and source.text[first_end - 1] == "\r" else "\n"
    return joined(pinned(_lines(parsed.file.statements, pieces), pieces), line_end)


def _verify(parsed: Parsed, text: str) -> None:
    """Raise LayoutError unless a text means what was parsed, and has its comments, which cover what they covered."""
    again = parse(Source(parsed.source.path, text))
    if again.diagnostics or again.file != parsed.file:
        raise LayoutError(parsed.source.path)
    before, after = Pieces(parsed.source, parsed.file), Pieces(again.source, again.file)
    runs = zip(covered(before), covered(after), strict=True)
    if _comments(after) != _comments(before) or any(one != other for one, other in runs if one is not None):
        raise LayoutError(parsed.source.path)


def _comments(pieces: Pieces) -> list[str]:
    return [comment.text for piece in pieces.pieces for comment in piece.comments] + [comment.text for comment in pieces.last_comments]


def _lines(statements: tuple[tree.Statement, ...], pieces: Pieces) -> list[Line]:
    writer = Writer(pieces)
    lines: list[Line] = []
    before: tree.Statement | None = None
    before_indent, before_column = 0, 0
    has_header = False
    for statement in statements:
        has_header = has_header or isinstance(statement, tree.Automation)
        indent = STEP if has_header and isinstance(statement, tree.Rule) else 0
        at, last = pieces.first(statement), pieces.last(statement)
        piece = pieces.pieces[at]
        _add_between(lines, piece.comments, None if piece.after_blank else indent, (before_indent, before_column))
        above = _blank_above(before, statement, piece)
        if lines and above is not None:
            lines.insert(len(lines) - above, Line(""))
        lines += writer.write(clauses(statement, pieces, indent), groups(statement, pieces), last)
        before, before_indent, before_column = statement, indent, _column(statement, indent)
    _add_between(lines, pieces.last_comments, None, (before_indent, before_column))
    return lines


def _column(statement: tree.Statement, indent: int) -> int:
    """How far a statement was indented; as far as it is now where something stood before it on its line."""
    source, begin = statement.span.source, statement.span.offset
    before = source.text[source.line_bounds(statement.span.line)[0] : begin]
    return indent if before.strip() else len(before.expandtabs())


def _blank_above(before: tree.Statement | None, statement: tree.Statement, first: Piece) -> int | None:
    """How many lines above a statement an empty line is needed, or None where none is; a comment above it goes with it."""
    own = sum(comment.is_alone for comment in first.comments)
    if first.after_blank:
        is_close = not own and (before is None or (isinstance(before, tree.Automation) and isinstance(statement, tree.Rule)))
        return None if is_close else 0
    if before is None or not _are_apart(before, statement) or any(comment.after_blank for comment in first.comments):
        return None
    return own


def _are_apart(before: tree.Statement, statement: tree.Statement) -> bool:
    """Whether a blank line stands between two statements, whatever was written."""
    if isinstance(statement, tree.Rule):
        return not isinstance(before, tree.Automation | tree.Rule)
    return not (isinstance(statement, tree.Declare) and isinstance(before, tree.Declare))


def _add_between(lines: list[Line], comments: list[Comment], indent: int | None, before: tuple[int, int]) -> None:
    """Write the comments above a statement, or at the end of the file.

    Those right above it are indented as it is; the indentation is None where none are. The others belong to what stands before them,
    and are indented as that is, or below it.
    """
    before_indent, before_column = before
    first_own = max((at for at, comment in enumerate(comments) if comment.after_blank), default=0)
    for at, comment in enumerate(comments):
        if not comment.is_alone and lines and lines[-1].can_take_comment:
            lines[-1].comment = comment.text
            continue
        if comment.after_blank and lines:
            lines.append(Line(""))
        if indent is not None and at >= first_own:
            lines.append(alone(comment, indent))
        elif comment.column == 0 or not lines:
            lines.append(alone(comment, 0))
        else:
            lines.append(alone(comment, before_indent if comment.column <= before_column else before_indent + STEP))
