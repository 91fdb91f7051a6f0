"""Plain text: what stands in rules and paths, made safe to show.

Control characters, and characters that turn the direction of writing or that cannot be seen, are shown as symbols; so no name can move the
cursor, colour a terminal or hide another. Widths are columns of a terminal.
"""

from __future__ import annotations

DIRECTIONS = frozenset("\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")


def visible(text: str) -> str:
    """A text on one line, with a symbol for each character that cannot be shown."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_symbol(character) for character in text)


def _symbol(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0x80 <= code < 0xA0 or 0xD800 <= code < 0xE000 or character in DIRECTIONS:
        return f"<U+{code:04X}>"
    return character


def width(text: str) -> int:
    """How many columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    import unicodedata

    taken = 0
    for character in text:
        if unicodedata.combining(character):
            continue
        taken += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return taken
