"""Text: an answer as a person reads it on a terminal, or in a file.

In: a story. Out: lines that are no wider than asked for, from 20 columns on; a word that is longer is broken. What cannot be seen has a
symbol, so that no name can move the cursor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from triggerlang.answers.encoding import shown
from triggerlang.answers.why.story import BULLET, Item, Story
from triggerlang.checking.render.plain import width

NARROWEST: Final = 20
WIDEST: Final = 140
WITHOUT_TERMINAL: Final = 100
"""How wide a text is that goes to a file or a pipe."""

_MARKS: Final = {True: "✓ ", False: "✗ ", None: ""}
_COLOURS: Final = {"": "", "met": "\x1b[32m", "unmet": "\x1b[31m", "entered": "\x1b[1;32m", "faint": "\x1b[2m"}
_BOLD: Final = "\x1b[1m"
_PLAIN: Final = "\x1b[0m"


def render(story: Story, columns: int, *, color: bool = False) -> str:
    """An answer in lines of so many columns at most, 20 at least."""
    columns = min(max(columns, NARROWEST), WIDEST)
    lines = [_painted(line, _BOLD, color) for line in _wrapped(story.title, "", "", columns)]
    lines += _wrapped(story.verdict, "", "", columns)
    if len(story.timeline) > 1:
        lines += _timeline(story, columns, color)
    for section in story.sections:
        lines += ["", *_lines(section, 0, columns, color)]
    return "\n".join(lines) + "\n"


def _painted(text: str, colour: str, color: bool) -> str:
    return f"{colour}{text}{_PLAIN}" if color and colour and text else text


def _lines(item: Item, depth: int, columns: int, color: bool) -> Iterator[str]:
    indent = " " * min(2 * depth, columns // 3)
    mark = BULLET if item.text.startswith(BULLET) else _MARKS[item.mark]
    for line in _wrapped(item.text.removeprefix(BULLET), indent + mark, indent + " " * len(mark), columns):
        yield _painted(line, _COLOURS[item.style], color)
    for part in item.items:
        yield from _lines(part, depth + 1, columns, color)


def _wrapped(text: str, first: str, others: str, columns: int) -> list[str]:
    """A text in lines that begin with some signs, the first with others than the rest."""
    lines: list[str] = []
    line, is_empty = first, True
    for word in shown(text).split(" "):
        for piece in _pieces(word, columns - width(others)):
            wanted = ("" if is_empty else " ") + piece
            if not is_empty and width(line) + width(wanted) > columns:
                lines.append(line.rstrip())
                line, wanted = others, piece
            line, is_empty = line + wanted, False
    return [*lines, line.rstrip()]


def _pieces(word: str, room: int) -> Sequence[str]:
    """A word, or its pieces where it is wider than there is room."""
    if width(word) <= room:
        return [word]
    pieces, piece = [], ""
    for letter in word:
        if width(piece + letter) > room:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]


def _timeline(story: Story, columns: int, color: bool) -> Iterator[str]:
    """A line from the first trigger to the last: a full circle where the contact entered, an empty one where it did not."""
    first, last = (shown(end) for end in story.ends)
    fits = width(first) + width(last) + 12 <= columns
    length = columns - (width(first) + width(last) + 2 if fits else 0)
    start, end = story.timeline[0][0], story.timeline[-1][0]
    signs = ["─"] * length
    for time, entered in story.timeline:
        at = 0 if end == start else (time - start) * (length - 1) // (end - start)
        if signs[at] != "●":
            signs[at] = "●" if entered else "○"
    line = "".join(_painted(sign, _COLOURS["entered"], color) if sign == "●" else sign for sign in signs)
    if fits:
        yield f"{first} {line} {last}"
    else:
        yield from (line, f"from {first}", f"to {last}") if columns >= 22 else (line, first, last)
