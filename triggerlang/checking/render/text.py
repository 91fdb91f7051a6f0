"""Text: a diagnostic as a person reads it, with the line, carets under the words, and the way out.

```
rules/welcome.triggers:2:22: error: no list "Newz" is declared [unknown-list]
  2 |   on subscribes list "Newz"
    |                      ^^^^^^
  help: "News" is the nearest, declared in rules/names.triggers:1
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from triggerlang.checking.render.plain import visible, width
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.source import Span

AROUND = 60
"""How many characters of a long line are shown before and after the place."""

_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1;34m", "help": "\x1b[1;32m", "bold": "\x1b[1m"}
_PLAIN = "\x1b[0m"


def render(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """The diagnostics with an empty line between them."""
    return "\n".join("\n".join(_lines(problem, color)) + "\n" for problem in diagnostics)


def _lines(problem: Diagnostic, color: bool) -> Iterator[str]:
    def paint(text: str, style: str) -> str:
        return f"{_COLOURS[style]}{text}{_PLAIN}" if color else text

    place = paint(_place(problem.span), "bold")
    yield f"{place}: {paint(problem.severity, problem.severity)}: {visible(problem.message)} [{problem.code}]"
    yield from _frame(problem.span, lambda marks: paint(marks, problem.severity))
    for note in problem.notes:
        yield f"  {paint('note', 'note')}: {visible(note.message)}: {_place(note.span)}"
        yield from _frame(note.span, lambda marks: paint(marks, "note"))
    if problem.help is not None:
        yield f"  {paint('help', 'help')}: {visible(problem.help)}"


def _place(span: Span) -> str:
    return f"{visible(span.path)}:{span.line}:{span.column}"


def _frame(span: Span, paint: Callable[[str], str]) -> Iterator[str]:
    """The line of a place, and carets under its words; of a place of several lines the first."""
    begin, end = span.source.line_bounds(span.line)
    if begin == end and not span.length:
        return
    number = str(span.line)
    first, last = span.offset, max(min(span.end, end), span.offset)
    shown_from = begin if first - begin <= 2 * AROUND else first - AROUND
    shown_to = min(end, max(last, first + AROUND) + AROUND) if end - shown_from > 2 * AROUND else end
    last = min(last, first + 2 * AROUND)
    shown_to = min(shown_to, last + AROUND)
    line = span.source.text
    before = ("…" if shown_from > begin else "") + visible(line[shown_from:first].replace("\t", "    "))
    words = visible(line[first:last].replace("\t", "    "))
    after = visible(line[last:shown_to].replace("\t", "    ")) + ("…" if shown_to < end else "")
    marks = paint("^" * max(width(words), 1))
    yield f"  {number} | {before}{words}{after}".rstrip()
    yield f"  {' ' * len(number)} | {' ' * width(before)}{marks}"
