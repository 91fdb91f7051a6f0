"""Groups: what stands on one line where it fits, and where it is broken where it does not.

In: a statement and the pieces of its file. Out: its clauses, each of which begins a line, and its groups: runs of pieces with the places at
which all of a group is broken when it is too long, or when a comment stands in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from triggerlang.language import tree
from triggerlang.language.layout.pieces import Pieces, nodes

STEP = 2
"""How far what belongs to a line is indented below it."""


@dataclass(slots=True)
class Group:
    """The pieces from `first` to `last`, and for each piece that begins a line when the group is broken, how far that line is indented.

    One that clings stays on the line of a closing parenthesis that has the line for itself.
    """

    first: int
    last: int
    breaks: dict[int, int] = field(default_factory=dict)
    clings: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a statement that begins a line: its first piece, its indentation, and that of lines below it."""

    first: int
    indent: int
    inner: int


def clauses(statement: tree.Statement, pieces: Pieces, indent: int) -> list[Clause]:
    """The clauses of a statement that is indented so far: those of a rule, and the lines of a test; other statements are one."""
    found = [Clause(pieces.first(statement), indent, indent + STEP)]
    if isinstance(statement, tree.TestBlock):
        found += sorted(_of_test(statement, pieces, indent + STEP), key=lambda clause: clause.first)
    elif isinstance(statement, tree.Rule):
        # What belongs to `on` stands out from the clauses below it.
        found = [Clause(found[0].first, indent, indent + 2 * STEP)]
        begins = [] if statement.where is None else [pieces.after(statement.on)]
        # The node of `active` begins after its keyword.
        begins += [] if statement.active is None else [pieces.first(statement.active) - 1]
        begins += [] if statement.runs is None else [pieces.first(statement.runs)]
        found += [Clause(begin, indent + STEP, indent + 2 * STEP) for begin in begins]
    return found


def _of_test(block: tree.TestBlock, pieces: Pieces, indent: int) -> Iterator[Clause]:
    """`given` and each `expect` on a line of their own, and their lines below them."""
    yield Clause(pieces.after(block.name), indent, indent + STEP)
    lines: list[tree.Node] = [*block.given]
    for expected in block.expected:
        # The node may begin after its keyword.
        first = pieces.first(expected)
        yield Clause(first if pieces.pieces[first].text == "expect" else first - 1, indent, indent + STEP)
        lines += expected.entries
    for line in lines:
        yield Clause(pieces.first(line), indent + STEP, indent + 2 * STEP)


def groups(statement: tree.Statement, pieces: Pieces) -> list[Group]:
    """The groups of a statement, outer ones before those within them."""
    last = pieces.last(statement)
    found = [*_of_parentheses(pieces, pieces.first(statement), last), *_of_whole_condition(statement, pieces)]
    for node in nodes(statement):
        found += _of_node(node, pieces)
    if isinstance(statement, tree.Declare) and statement.properties:
        found += _with_list(pieces, pieces.first(statement), pieces.first(statement.properties[0]) - 1, last)
    found = [group for group in found if group.first < group.last]
    found.sort(key=lambda group: (group.first, -group.last))
    return found


def _of_whole_condition(statement: tree.Statement, pieces: Pieces) -> Iterator[Group]:
    """`where a and b`, `segment "S" is a and b`: broken before each operator, a segment also after its `is`."""
    match statement:
        case tree.Rule(on, where, active, runs) if where is not None:
            first, last = pieces.after(on), pieces.last(statement)
            if active is not None:
                last = pieces.first(active) - 2
            elif runs is not None:
                last = pieces.first(runs) - 1
            breaks = {}
        case tree.Segment(name):
            first, last = pieces.first(statement), pieces.last(statement)
            breaks = {pieces.after(name) + 1: STEP}
        case _:
            return
    breaks |= {at: STEP for at in _at_depth(pieces, first, last) if pieces.pieces[at].is_operator}
    yield Group(first, last, breaks)


def _of_parentheses(pieces: Pieces, first: int, last: int) -> Iterator[Group]:
    """`( a or b )`: broken after the first, before each operator, after each comma and before the last."""
    waiting: list[Group] = []
    for at in range(first, last + 1):
        piece = pieces.pieces[at]
        if piece.text == "(":
            waiting.append(Group(at, at, {at + 1: STEP}))
        elif piece.text == ")":
            group = waiting.pop()
            group.last = at
            group.breaks[at] = 0
            yield group
        elif waiting and piece.is_operator:
            waiting[-1].breaks[at] = STEP
        elif waiting and piece.text == "," and pieces.pieces[waiting[-1].first - 1].text == "in":
            waiting[-1].breaks[at + 1] = STEP


def _of_node(node: tree.Node, pieces: Pieces) -> Iterator[Group]:
    first, last = pieces.first(node), pieces.last(node)
    match node:
        case tree.Single(occurrence, filters) if filters:
            yield from _with_list(pieces, first, pieces.after(occurrence), last)
        case tree.Chain(_, then, without):
            steps = [*then, *([] if without is None else [without])]
            yield Group(first, last, {pieces.first(step): 0 for step in steps})
        case tree.Given(_, _, _, name, properties) if properties:
            yield from _with_list(pieces, first, pieces.after(name), last)
        case tree.After(_, pattern, without) if without is not None:
            yield Group(first, last, {pieces.after(pattern): 0})
        case tree.DateOf(_, dated, _, _, without) if without is not None:
            yield Group(first, last, {pieces.after(dated): 0})
        case tree.HistoryTest(_, measure, window):
            measured = pieces.first(measure)
            yield Group(first, last, {measured: STEP}, clings=True)
            if window.span.length:
                yield Group(measured, last, {pieces.first(window): STEP}, clings=True)


def _with_list(pieces: Pieces, first: int, word: int, last: int) -> Iterator[Group]:
    """`event "order" with a = 1, b = 2`: broken before `with`, and what follows it after each comma."""
    yield Group(first, last, {word: STEP}, clings=True)
    commas = (at for at in _at_depth(pieces, word, last) if pieces.pieces[at].text == ",")
    yield Group(word, last, {at + 1: STEP for at in commas})


def _at_depth(pieces: Pieces, first: int, last: int) -> Iterator[int]:
    """The pieces of a run that stand in no parentheses within it."""
    depth = 0
    for at in range(first, last + 1):
        text = pieces.pieces[at].text
        depth += (text == "(") - (text == ")")
        if not depth:
            yield at
