"""Globs: the names that `like` asks for.

`*` stands for any run of characters, `?` for one, nothing else is special, and the whole text must fit, case included.
A glob is cut at its stars; the pieces are looked for from left to right, each at its first place. That is enough,
because a later place of a piece never leaves more room for the next. A piece with `?` is looked for with the Shift-And
method (Baeza-Yates and Gonnet 1992), so that the time is linear in the text for any glob.
"""

from __future__ import annotations

from collections.abc import Callable


def matcher(glob: str) -> Callable[[str], bool]:
    """The function that tells whether a whole text fits a glob."""
    if "*" not in glob:
        return _whole(glob)
    head, *middle, tail = glob.split("*")
    pieces = [_finder(piece) for piece in middle if piece]
    if not pieces and "?" not in glob:
        shortest = len(head) + len(tail)
        return lambda text: len(text) >= shortest and text.startswith(head) and text.endswith(tail)
    fits_head, fits_tail = _whole(head), _whole(tail)
    first, last = len(head), len(tail)

    def fits(text: str) -> bool:
        end = len(text) - last
        if end < first or not fits_head(text[:first]) or not fits_tail(text[end:]):
            return False
        at = first
        for find in pieces:
            at = find(text, at, end)
            if at < 0:
                return False
        return True

    return fits


def _whole(glob: str) -> Callable[[str], bool]:
    """A glob without stars."""
    if "?" not in glob:
        return lambda text: text == glob
    length = len(glob)
    literals = [(at, character) for at, character in enumerate(glob) if character != "?"]
    return lambda text: len(text) == length and all(text[at] == character for at, character in literals)


def _finder(piece: str) -> Callable[[str, int, int], int]:
    """The function that finds a piece's first place between two offsets: the offset after it, or -1."""
    length = len(piece)
    if "?" not in piece:

        def find(text: str, start: int, end: int) -> int:
            found = text.find(piece, start, end)
            return found + length if found >= 0 else -1

        return find
    if not piece.strip("?"):
        return lambda text, start, end: start + length if start + length <= end else -1
    anything = 0
    masks: dict[str, int] = {}
    for at, character in enumerate(piece):
        if character == "?":
            anything |= 1 << at
        else:
            masks[character] = masks.get(character, 0) | 1 << at
    masks = {character: mask | anything for character, mask in masks.items()}
    goal = 1 << (length - 1)

    def find_by_bits(text: str, start: int, end: int) -> int:
        reached = 0
        for at in range(start, end):
            reached = ((reached << 1) | 1) & masks.get(text[at], anything)
            if reached & goal:
                return at + 1
        return -1

    return find_by_bits
