"""Text: a diagnostic as a person reads it, with the line and its neighbours, carets under the words, and the way out.

```
rules/welcome.triggers:2:22: error: no list "Newz" is declared [unknown-list]
  1 | automation "Welcome"
  2 |   on subscribes list "Newz"
    |                      ^^^^^^
  help: "News" is the nearest, declared in rules/names.triggers:1
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from triggerlang.checking.render.plain import TAB, visible, visible_path, width
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.source import Source, Span

LONGEST_LINE = 120
"""How many columns of a long line are shown around the place."""

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
    yield from _frame(problem.span, lambda marks: paint(marks, problem.severity), has_neighbours=True)
    for note in problem.notes:
        yield f"  {paint('note', 'note')}: {visible(note.message)}: {_place(note.span)}"
        yield from _frame(note.span, lambda marks: paint(marks, "note"))
    if problem.help is not None:
        yield f"  {paint('help', 'help')}: {visible(problem.help)}"


def _place(span: Span) -> str:
    return f"{visible_path(span.path)}:{span.line}:{span.column}"


def _frame(span: Span, paint: Callable[[str], str], *, has_neighbours: bool = False) -> Iterator[str]:
    """The line of a place, and carets under its words; of a place of several lines the first. Its neighbours are the lines beside it."""
    begin, end = span.source.line_bounds(span.line)
    if begin == end and not span.length:
        return
    number = str(span.line)
    line = span.source.text
    first = min(span.offset, end)
    last = max(min(span.end, end), first)
    if _width(line[begin : min(end, begin + LONGEST_LINE + 1)]) <= LONGEST_LINE and end - begin <= LONGEST_LINE:
        words, before, after = line[first:last], line[begin:first], line[last:end]
        cut_before = cut_words = cut_after = False
    else:
        # The words come first, then what stands before them, then what follows, each as far as there is room (two columns for the cuts).
        words = _cut(line, first, last, LONGEST_LINE * 2 // 3)
        cut_words = len(words) < last - first
        room = LONGEST_LINE - 2 - _width(words)
        before = _cut(line, first, begin, room if cut_words else room * 2 // 3)
        cut_before = len(before) < first - begin
        after = "" if cut_words else _cut(line, last, end, room - _width(before))
        cut_after = len(after) < end - last
    shown_before = ("…" if cut_before else "") + _shown(before)
    marks = paint("^" * max(_width(words), 1))
    before_line, after_line = (_neighbour(span.source, span.line + step) if has_neighbours else "" for step in (-1, 1))
    margin = len(str(span.line + 1 if after_line else span.line))
    if before_line:
        yield f"  {span.line - 1:>{margin}} | {before_line}"
    yield f"  {number:>{margin}} | {shown_before}{_shown(words)}{_shown(after)}{'…' if cut_words or cut_after else ''}".rstrip()
    yield f"  {' ' * margin} | {' ' * width(shown_before)}{marks}"
    if after_line:
        yield f"  {span.line + 1:>{margin}} | {after_line}"


def _neighbour(source: Source, line: int) -> str:
    """A line beside the one that is wrong, cut at its end; empty where it says nothing."""
    if not 1 <= line <= len(source.line_starts):
        return ""
    begin, end = source.line_bounds(line)
    text = _cut(source.text, begin, end, LONGEST_LINE - 1)
    return f"{_shown(text)}{'…' if len(text) < end - begin else ''}".rstrip()


def _shown(text: str) -> str:
    return visible(text.replace("\t", TAB))


def _width(text: str) -> int:
    return width(_shown(text))


def _cut(text: str, start: int, end: int, room: int) -> str:
    """As much of a text from one place on to another (backwards, if that lies before) as so many columns hold."""
    step = 1 if end >= start else -1
    at = start
    while at != end:
        room -= _width(text[at] if step > 0 else text[at - 1])
        if room < 0:
            break
        at += step
    return text[start:at] if step > 0 else text[at:start]
