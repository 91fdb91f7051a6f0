"""Rereading: what else is wrong with a file, once what was meant stands where a mistake does.

In: what was read of a file. Out: the same of its text with the replacements of its mistakes, and the way back from each place in it. So a
second mistake in one statement is told with the first, and what a mended statement names is checked like everything else.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from triggerlang.language.diagnostics import Diagnostic, Note
from triggerlang.language.parser import Parsed, parse
from triggerlang.language.source import Source, Span

_ROUNDS: Final = 8
"""How many mistakes of one statement are told at once."""
_LARGEST: Final = 1_000_000
"""How many characters a file may have that is read again."""
_VAGUE: Final = frozenset(("unexpected-text", "unfinished-statement"))
"""What is said where no mistake is known: near a replacement, that may be the replacement's fault."""
_SURE_AFTER: Final = 3
"""So many words after a replacement, it is not."""


class Change(NamedTuple):
    """What stands in place of some characters of the file."""

    begin: int
    end: int
    text: str


@dataclass(slots=True)
class Mended:
    """A file's text with some changes, and the way back from it."""

    original: Source
    source: Source
    changes: list[Change] = field(default_factory=list)
    _begins: list[int] = field(default_factory=list)
    """Where each change begins in the changed text."""

    def with_changes(self, more: Iterable[Change]) -> Mended:
        """The same with further changes, which are counted in the file's own places; they take the place of those that they cover."""
        added = sorted(more)
        kept = [change for change in self.changes if not _is_covered(change, added)]
        changes = sorted([*kept, *added])
        written: list[str] = []
        begins: list[int] = []
        at = length = 0
        for change in changes:
            written += [self.original.text[at : change.begin], change.text]
            length += change.begin - at
            begins.append(length)
            length += len(change.text)
            at = change.end
        text = "".join([*written, self.original.text[at:]])
        return Mended(self.original, Source(self.original.path, text), changes, begins)

    def place(self, at: int, *, is_end: bool = False) -> int:
        """The place in the file of one in the changed text; inside a change its beginning or its end."""
        index = (bisect_left if is_end else bisect_right)(self._begins, at) - 1
        if index < 0:
            return at
        change, begin = self.changes[index], self._begins[index]
        inside = at - begin - len(change.text)
        if inside < 0 or (is_end and inside == 0):
            return change.end if is_end else change.begin
        return change.end + inside

    def places(self) -> Iterator[Span]:
        """Where the changes stand in the changed text."""
        for begin, change in zip(self._begins, self.changes, strict=True):
            yield self.source.span(begin, len(change.text))

    def back(self, problem: Diagnostic) -> Diagnostic | None:
        """A problem of the changed text at its place in the file; None where it is of a change's own words."""
        span = problem.span
        begin, end = self.place(span.offset), self.place(span.end, is_end=True)
        inside = self._between(span.offset, span.end)
        if any(change.begin <= begin and end <= change.end for change in inside):
            return None
        back = Span(self.original, begin, max(end - begin, 0))
        return replace(problem, span=back, replacement=None if inside else problem.replacement)

    def span(self, span: Span) -> Span:
        """A span of the changed text, in the file."""
        begin, end = self.place(span.offset), self.place(span.end, is_end=True)
        return Span(self.original, begin, max(end - begin, 0))

    def _between(self, begin: int, end: int) -> list[Change]:
        """The changes of whose text something stands between two places of the changed text."""
        first = max(bisect_right(self._begins, begin) - 1, 0)
        last = bisect_left(self._begins, max(end, begin + 1))
        return [
            change
            for change, start in zip(self.changes[first:last], self._begins[first:last], strict=True)
            if start < max(end, begin + 1) and start + len(change.text) > begin
        ]

    def words_since_a_change(self, at: int) -> int:
        """How many words stand between the last change before a place of the changed text and it."""
        index = bisect_right(self._begins, at) - 1
        if index < 0:
            return _SURE_AFTER
        between = self.source.text[self._begins[index] + len(self.changes[index].text) : at]
        return len(between[:2_000].split())


def in_their_files(problems: Iterable[Diagnostic], mended: Iterable[Mended]) -> list[Diagnostic]:
    """Problems in the places of the files themselves; those of words that stand in no file are left out."""
    by_source = {id(changed.source): changed for changed in mended}
    found: list[Diagnostic] = []
    for problem in problems:
        changed = by_source.get(id(problem.span.source))
        back = problem if changed is None else changed.back(problem)
        if back is not None:
            found.append(replace(back, notes=tuple(_note(note, by_source) for note in back.notes)) if back.notes else back)
    return found


def _note(note: Note, by_source: Mapping[int, Mended]) -> Note:
    changed = by_source.get(id(note.span.source))
    return note if changed is None else Note(note.message, changed.span(note.span))


def _is_covered(change: Change, others: list[Change]) -> bool:
    at = bisect_right(others, (change.begin, len(change.text) + change.end + 1, "")) - 1
    return any(other.begin <= change.begin and change.end <= other.end for other in others[max(at - 1, 0) : at + 2])


def reread(parsed: Parsed) -> tuple[Parsed, Mended | None]:
    """What is found in a file and in its statements once they are mended; and what was changed for it, if anything was.

    The diagnostics are those of the file itself, the tree is that of the mended text.
    """
    found = list(parsed.diagnostics)
    mended = Mended(parsed.source, parsed.source)
    latest = parsed
    changes = _changes(
        Change(problem.span.offset, problem.span.end, problem.replacement) for problem in found if problem.replacement is not None
    )
    for _ in range(_ROUNDS if len(parsed.source.text) <= _LARGEST else 0):
        if not changes:
            break
        mended = mended.with_changes(changes)
        latest = parse(mended.source)
        known = {(problem.span.offset, problem.code) for problem in found}
        new = [both for problem in latest.diagnostics if (both := _further(problem, mended, known)) is not None]
        found += [problem for problem, _ in new]
        changes = _changes(change for _, change in new if change is not None)
    if not mended.changes:
        return parsed, None
    found.sort(key=lambda problem: problem.span.offset)
    return Parsed(mended.source, latest.file, tuple(found), latest.broken), mended


def _changes(wanted: Iterable[Change]) -> list[Change]:
    """Of changes that overlap the first."""
    changes: list[Change] = []
    for change in sorted(wanted):
        if not changes or change.begin >= changes[-1].end:
            changes.append(change)
    return changes


def _further(problem: Diagnostic, mended: Mended, known: set[tuple[int, str]]) -> tuple[Diagnostic, Change | None] | None:
    """A problem of a mended text in the file's own places, and what would mend it; None where it was known, or nothing is to be told."""
    back = mended.back(problem)
    if back is None or (back.span.offset, back.code) in known:
        return None
    if problem.code in _VAGUE and mended.words_since_a_change(problem.span.offset) < _SURE_AFTER:
        return None
    # It may hold changes that were made before; its own text has them too.
    return back, None if problem.replacement is None else Change(back.span.offset, back.span.end, problem.replacement)
