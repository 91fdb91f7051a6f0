"""Fixing: replacements of slips, put in their places.

In: a source. Out: its text with the replacements of those problems whose words leave no doubt about what was meant. Each was tried: where
it stands nothing is wrong any more, and there are no more problems than before. Of a whole project: these, and then without the comments
that allow what is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from triggerlang.checking import codes
from triggerlang.checking.allowing import Configured
from triggerlang.checking.project import Checked, review
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.parser import TOO_LARGE, parse
from triggerlang.language.source import Source, Span

_ROUNDS: Final = 20
"""How often a file is looked at again: of several problems in one statement, the later ones show when the first is gone."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file's text, and how many replacements are in it."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class _Change:
    offset: int
    end: int
    text: str


def fixed_project(checked: Checked, configured: Sequence[Configured] = (), unasked: Collection[str] = ()) -> list[tuple[Source, Fixed]]:
    """The files of a reviewed project that mending changes, each with what it becomes. A file that could not be read whole stays as it is.

    `unasked` are the codes that were not looked for: what allows them stays.
    """
    found: list[tuple[Source, Fixed]] = []
    unreadable = [problem for problem in checked.diagnostics if problem.code in _UNREADABLE]
    unread = {id(problem.span.source) for problem in unreadable}
    mended = [Fixed(source.text, 0) if id(source) in unread else fixed(source) for source in checked.sources]
    if any(one.count for one in mended):
        # What a slip hid shows now: only then can be told what nothing needs.
        sources = [Source(source.path, one.text) if one.count else source for source, one in zip(checked.sources, mended, strict=True)]
        checked, before = review(sources, unreadable, configured, unasked), checked.sources
    else:
        before = checked.sources
    unneeded = _unneeded(checked)
    for source, looked_at, one in zip(before, checked.sources, mended, strict=True):
        taken = unneeded.get(id(looked_at), [])
        if one.count or taken:
            found.append((source, Fixed(_applied(one.text, taken)[0], one.count + len(taken))))
    return found


_UNREADABLE = (codes.NOT_UTF8.name, TOO_LARGE.name)


def _unneeded(checked: Checked) -> dict[int, list[_Change]]:
    """For each source, by its identity, how what nothing needs is taken out of it."""
    found: dict[int, list[_Change]] = {}
    for problem in checked.diagnostics:
        if problem.kind is codes.UNNEEDED_ALLOWANCE and problem.replacement is not None:
            found.setdefault(id(problem.span.source), []).append(_taken_out(problem.span, problem.replacement))
    return found


def _taken_out(span: Span, replacement: str) -> _Change:
    """A change that leaves no empty line, and no spaces at the end of one, where a comment stood."""
    text = span.source.text
    begin, end = span.offset, span.end
    line_end = text.find("\n", end)
    rest = text[end : line_end if line_end >= 0 else len(text)]
    if rest.strip():
        return _Change(begin, end, replacement)
    line_begin = text.rfind("\n", 0, begin) + 1
    if not text[line_begin:begin].strip():
        return _Change(line_begin, line_end + 1 if line_end >= 0 else len(text), replacement)
    return _Change(line_begin + len(text[line_begin:begin].rstrip()), end, replacement)


def fixed(source: Source) -> Fixed:
    """The text of a file with its slips mended. Never raises for what stands in it."""
    text, count = source.text, 0
    for _ in range(_ROUNDS):
        problems = parse(Source(source.path, text)).diagnostics
        changes = _changes(problems)
        kept = _accepted(text, len(problems), changes)
        if not kept:
            break
        text, count = _applied(text, kept)[0], count + len(kept)
    return Fixed(text, count)


def _changes(problems: Sequence[Diagnostic]) -> list[_Change]:
    """The replacements of slips, in order; of two that overlap the first."""
    found: list[_Change] = []
    for problem in problems:
        span = problem.span
        if problem.kind.is_slip and problem.replacement is not None and (not found or span.offset >= found[-1].end):
            found.append(_Change(span.offset, span.end, problem.replacement))
    return found


def _accepted(text: str, number: int, changes: list[_Change]) -> list[_Change]:
    """Those changes that make a text better, alone and together; `number` of problems are in it."""
    kept: list[_Change] = []
    waiting = [changes] if changes else []
    while waiting:
        tried = waiting.pop()
        if _is_better(text, number, sorted([*kept, *tried], key=lambda change: change.offset)):
            kept += tried
        elif len(tried) > 1:
            half = len(tried) // 2
            waiting += [tried[half:], tried[:half]]
    return sorted(kept, key=lambda change: change.offset)


def _is_better(text: str, number: int, changes: list[_Change]) -> bool:
    """Whether a text has no more problems than before once it is changed, and none where it was changed."""
    changed, places = _applied(text, changes)
    problems = parse(Source("", changed)).diagnostics
    if len(problems) > number:
        return False
    at = 0
    for problem in problems:
        while at < len(places) and places[at][1] <= problem.span.offset:
            at += 1
        if at < len(places) and places[at][0] < max(problem.span.end, problem.span.offset + 1):
            return False
    return True


def _applied(text: str, changes: list[_Change]) -> tuple[str, list[tuple[int, int]]]:
    """A changed text, and from where to where each change stands in it."""
    written: list[str] = []
    places: list[tuple[int, int]] = []
    at = length = 0
    for change in changes:
        written += [text[at : change.offset], change.text]
        length += change.offset - at
        places.append((length, length + len(change.text)))
        length += len(change.text)
        at = change.end
    return "".join([*written, text[at:]]), places
