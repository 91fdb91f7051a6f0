"""The baseline: which diagnostics of a project an earlier state of it did not have.

In: what was found then and now. Out: what is new. A diagnostic is the same where its code, its file and its words are, and the statement
that they stand in: lines that were added above do not count, nor does the layout. Equal ones are counted, so that one more of them is new.
Where a statement was altered, what is left is held to its automation, segment or test instead. A file under another name is the same if its
text is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from posixpath import normpath
from typing import TypeAlias

from triggerlang.checking.project import Checked
from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.lexer import tokens_of
from triggerlang.language.parser import parse
from triggerlang.language.source import Source

Key: TypeAlias = tuple[str, ...]


def new_diagnostics(now: Checked, before: Checked, path_of: Callable[[Source], str]) -> tuple[Diagnostic, ...]:
    """The diagnostics of `now` that `before` does not have; `path_of` says how a file of then would be named now."""

    def old_path(source: Source) -> str:
        return normpath(path_of(source))

    def new_path(source: Source) -> str:
        path = normpath(source.path)
        return renamed.get(path, path)

    renamed = _renamed({normpath(source.path): source.text for source in now.sources}, {old_path(one): one.text for one in before.sources})
    old, new = _Places(before.diagnostics, old_path), _Places(now.diagnostics, new_path)
    left, unmatched = _without(now.diagnostics, before.diagnostics, new.exact, old.exact)
    return tuple(_without(left, unmatched, new.loose, old.loose)[0])


def _without(
    now: Sequence[Diagnostic], before: Iterable[Diagnostic], new: Callable[[Diagnostic], Key], old: Callable[[Diagnostic], Key]
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """What of two lists has no partner of the same key in the other."""
    waiting: dict[Key, list[Diagnostic]] = {}
    for problem in before:
        waiting.setdefault(old(problem), []).append(problem)
    left: list[Diagnostic] = []
    for problem in now:
        partners = waiting.get(new(problem))
        if partners:
            partners.pop()
        else:
            left.append(problem)
    return left, [problem for partners in waiting.values() for problem in partners]


def _renamed(now: Mapping[str, str], before: Mapping[str, str]) -> Mapping[str, str]:
    """Of texts by their paths: for each path that was not there before, and has a text that is gone elsewhere, the path that this had."""
    gone: dict[str, list[str]] = {}
    for path, text in before.items():
        if path not in now:
            gone.setdefault(text, []).append(path)
    return {path: gone[text].pop(0) for path, text in now.items() if path not in before and gone.get(text)}


class _Places:
    """Where diagnostics stand, without their lines."""

    def __init__(self, problems: Iterable[Diagnostic], path_of: Callable[[Source], str]) -> None:
        self._path_of = path_of
        self._files: dict[int, _File] = {}
        for problem in problems:
            source = problem.span.source
            if id(source) not in self._files:
                self._files[id(source)] = _File(source)

    def exact(self, problem: Diagnostic) -> Key:
        """A diagnostic with its words and the statement around them."""
        return (*self._own(problem), self._files[id(problem.span.source)].surroundings(problem.span.offset))

    def loose(self, problem: Diagnostic) -> Key:
        """A diagnostic with its words and what the statement around them belongs to."""
        return (*self._own(problem), *self._files[id(problem.span.source)].owner(problem.span.offset))

    def _own(self, problem: Diagnostic) -> Key:
        return problem.code, self._path_of(problem.span.source), _plain(problem.span.text)


class _File:
    """The statements of a file, by their places."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._statements = parse(source).file.statements
        self._offsets = [statement.span.offset for statement in self._statements]
        self._owners: list[Key] = []
        self._texts: dict[int, str] = {}
        header: Key = ("automation",)
        for statement in self._statements:
            if isinstance(statement, tree.Automation):
                header = ("automation", statement.name.text)
            if isinstance(statement, tree.Segment | tree.Declare | tree.TestBlock):
                self._owners.append((type(statement).__name__, statement.name.text))
            else:
                self._owners.append(header)

    def owner(self, offset: int) -> Key:
        """The automation, segment, declaration or test that an offset lies in; nothing where it lies in none that can be read."""
        at = self._at(offset)
        return () if at is None else self._owners[at]

    def surroundings(self, offset: int) -> str:
        """The statement that an offset lies in, or else the line."""
        at = self._at(offset)
        if at is None:
            return _plain(self._source.text[slice(*self._source.line_bounds(self._source.line_of(offset)))])
        if at not in self._texts:
            self._texts[at] = _plain(self._statements[at].span.text)
        return self._texts[at]

    def _at(self, offset: int) -> int | None:
        at = bisect_right(self._offsets, offset) - 1
        return at if at >= 0 and offset < self._statements[at].span.end else None


def _plain(text: str) -> str:
    """A text without what says nothing: its words with one space between them, comments left out unless there is nothing else."""
    words = " ".join(token.written for token in tokens_of(Source("", text))[0])
    return words or " ".join(text.split())
