"""Differences: what a command would change in a file, as `diff -u` shows it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from triggerlang.answers.encoding import shown

_COLORS = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}


def difference(path: str, before: str, after: str, color: bool = False) -> str:
    """The unified difference of two texts of a file; it can be handed to `patch` where no line of it holds control characters."""
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{shown(path)}", f"b/{shown(path)}", lineterm="")
    return "".join(_written(lines, color))


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    last = lines.pop()
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines


def _written(lines: Iterator[str], color: bool) -> Iterator[str]:
    for line in lines:
        # Where lines end with a return, it stays: it moves nothing there.
        safe = "\n".join(shown(part.removesuffix("\r")) + part[len(part.removesuffix("\r")) :] for part in line.split("\n"))
        start = _COLORS.get(line[:1], "") if color else ""
        yield f"{start}{safe}\x1b[0m\n" if start else f"{safe}\n"
