"""Plain text: what stands in rules and paths, made safe to show.

Control characters, and characters that turn the direction of writing or that cannot be seen, are shown as symbols; so no name can move the
cursor, colour a terminal or hide another. Nor can it give an order to Azure Pipelines, which looks for `##vso[` anywhere in what a command
says. Widths are columns of a terminal.
"""

from __future__ import annotations

TAB = "    "

_ORDER = "##vso["


def visible(text: str) -> str:
    """A text on one line, with a symbol for each character that cannot be shown."""
    if _ORDER in text:
        text = text.replace(_ORDER, f"{_ORDER[:-1]}<U+{ord(_ORDER[-1]):04X}>")
    return text if text.isprintable() else "".join(symbol(character) for character in text)


def visible_path(path: str) -> str:
    """A path with which a line begins: GitHub takes a line that begins with `::` for an order."""
    shown = visible(path)
    return f"./{shown}" if shown.lstrip().startswith("::") else shown


def visible_lines(text: str) -> str:
    """A text of several lines, each of them visible."""
    return "\n".join(visible(line) for line in text.split("\n"))


def symbol(character: str) -> str:
    """A character, or what is shown for it."""
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"


def width(text: str) -> int:
    """How many columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    import unicodedata

    taken = 0
    for character in text:
        if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
            continue
        taken += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return taken
