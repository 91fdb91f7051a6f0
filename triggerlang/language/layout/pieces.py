"""Pieces: the tokens of a file as the canonical layout writes them, each with the comments before it.

In: a source without errors, and its tree. Out: its pieces in order, and the comments after the last. Small words that the language accepts
but does not need, plural units of one, quotes round a plain property and parentheses that change nothing are left out; numbers, dates and
strings stay as they were written.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from triggerlang.language import printing, tree
from triggerlang.language.lexer import STRING, Token, tokens_of
from triggerlang.language.source import Source

OPERATORS = frozenset(("and", "or"))
_SPACE = " \t\r"


@dataclass(slots=True)
class Comment:
    """`# a comment`: whether it stands on a line of its own, at which column, and whether a blank line is above it."""

    text: str
    is_alone: bool
    column: int
    after_blank: bool


@dataclass(slots=True)
class Piece:
    """A token as it is written, with the comments before it, and whether a blank line is right above it."""

    text: str
    offset: int
    end: int
    comments: list[Comment] = field(default_factory=list)
    after_blank: bool = False
    is_operator: bool = False
    """Whether it is an `and` or `or` between conditions, filters or patterns."""

    @property
    def is_glued(self) -> bool:
        """Whether no space stands before it."""
        return self.text in (",", ")")


class Pieces:
    """The pieces of a file, and the way from an offset to a piece."""

    def __init__(self, source: Source, file: tree.File) -> None:
        self.source = source
        tokens, _ = tokens_of(source)
        spelling = _Spelling(file)
        is_operator = [token.text in OPERATORS and token.type != STRING and token.offset not in spelling.words for token in tokens]
        is_step = [token.offset in spelling.steps for token in tokens]
        needless = _needless(tokens, is_operator, is_step)
        self.pieces: list[Piece] = []
        before: int | None = None
        comments: list[Comment] = []
        for at, token in enumerate(tokens):
            more, after_blank = _between(source, before, token.offset)
            comments += more
            before = token.end
            if at in needless or token.offset in spelling.left_out:
                continue
            text = spelling.written.get(token.offset, token.written)
            self.pieces.append(Piece(text, token.offset, token.end, comments, after_blank, is_operator[at]))
            comments = []
        self.last_comments = comments + _between(source, before, len(source.text))[0]
        self._offsets = [piece.offset for piece in self.pieces]
        self._openings = _openings(self.pieces)

    def at(self, offset: int) -> int:
        """The number of the first piece that stands at an offset or after it."""
        return bisect_left(self._offsets, offset)

    def first(self, node: tree.Node) -> int:
        """The number of a node's first piece."""
        return self.at(node.span.offset)

    def last(self, node: tree.Node) -> int:
        """The number of a node's last piece; a parenthesis that was opened in it is closed in it, too."""
        first, last = self.first(node), self.at(node.span.end) - 1
        while self._openings.get(last + 1, -1) >= first:
            last += 1
        return last

    def after(self, node: tree.Node) -> int:
        """The number of the first piece after a node."""
        return self.last(node) + 1


def _openings(pieces: list[Piece]) -> dict[int, int]:
    """For each closing parenthesis, its opening one."""
    found: dict[int, int] = {}
    waiting: list[int] = []
    for at, piece in enumerate(pieces):
        if piece.text == "(":
            waiting.append(at)
        elif piece.text == ")":
            found[at] = waiting.pop()
    return found


class _Spelling:
    """What the tree says of how tokens are written."""

    def __init__(self, file: tree.File) -> None:
        self.left_out: set[int] = set()
        """Where small words stand that are not needed."""
        self.written: dict[int, str] = {}
        """What is written instead of what stands at an offset."""
        self.words: set[int] = set()
        """Where an `and` or `or` may stand that joins no conditions."""
        self.steps: set[int] = set()
        """Where the steps of a chain after its first begin."""
        self.text = file.span.source.text
        for statement in file.statements:
            for node in nodes(statement):
                self._look(node)

    def _look(self, node: tree.Node) -> None:
        match node:
            case tree.Property(path):
                self.words.add(node.span.offset)
                if node.span.text.startswith('"'):
                    self.written[node.span.offset] = printing.property_name(path)
            case tree.Duration():
                words = node.span.text.split()
                self.written[node.span.end - len(words[-1])] = printing.duration(node).split()[-1]
            case tree.Occurrence(kind) if kind.particle:
                self._leave_out(kind.particle, node.span.offset, node.span.end)
            case tree.Given(_, contact, kind, name) if kind.particle:
                self._leave_out(kind.particle, contact.span.end, name.span.offset)
            case tree.Then() | tree.Without():
                self.steps.add(node.span.offset)
            case tree.Between() | tree.TimeTest():
                self.words.update(range(node.span.offset, node.span.end))

    def _leave_out(self, word: str, begin: int, end: int) -> None:
        """Leave out a word, if it stands after the verb of what is between two offsets."""
        inner, _ = tokens_of(Source("", self.text[begin:end]))
        self.left_out.update(begin + token.offset for token in inner[1:2] if token.text == word)


def nodes(statement: tree.Node) -> Iterator[tree.Node]:
    """A node and all below it, in no order."""
    waiting = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        for name in type(node).__dataclass_fields__:
            held = getattr(node, name)
            if isinstance(held, tree.Node):
                waiting.append(held)
            elif isinstance(held, tuple):
                waiting.extend(part for part in held if isinstance(part, tree.Node))


def _between(source: Source, before: int | None, end: int) -> tuple[list[Comment], bool]:
    """The comments between two tokens, and whether a blank line is right above the second."""
    comments: list[Comment] = []
    after_blank = False
    at = before or 0
    lines = source.text[at:end].split("\n")
    for number, line in enumerate(lines):
        text = line.strip(_SPACE)
        if text:
            # What is odd among spaces is no error in a comment only.
            column = len(line.expandtabs()) - len(line.expandtabs().lstrip(_SPACE))
            comments.append(Comment(text, number > 0 or before is None, column, after_blank))
            after_blank = False
        elif 0 < number < len(lines) - 1:
            after_blank = True
    return comments, after_blank


def _needless(tokens: list[Token], is_operator: list[bool], is_step: list[bool]) -> set[int]:
    """The parentheses that change nothing: round one test, round others, and round a whole condition."""
    closing: dict[int, int] = {}
    joined: set[int] = set()
    chains: set[int] = set()
    waiting: list[int] = []
    for at, token in enumerate(tokens):
        if token.type == "LPAR":
            waiting.append(at)
        elif token.type == "RPAR":
            closing[waiting.pop()] = at
        elif waiting and is_operator[at]:
            joined.add(waiting[-1])
        elif waiting and is_step[at]:
            chains.add(waiting[-1])
    needless: set[int] = set()
    kept = 0
    for at, token in enumerate(tokens):
        if token.type == "LPAR":
            before, close = tokens[kept], closing[at]
            word = "" if before.type == STRING else before.text
            following = next((after for after in range(close + 1, len(tokens)) if after not in needless), None)
            is_whole = word in ("where", "is") and (following is None or not is_operator[following])
            if at in chains or word in ("in", "of"):
                is_needed = True
            elif word in ("with", ","):
                is_needed = at in joined or tokens[at + 1].text == "not"
            else:
                is_needed = at in joined and not is_whole
            if not is_needed:
                needless.update((at, close))
        if at not in needless:
            kept = at
    return needless
