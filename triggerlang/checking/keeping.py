"""Keeping: checking a project again after little has changed.

In: the files of a project, and where earlier checks left their outlines and judgements. Out: what is wrong, the same as from a check
without. A file's outline holds for as long as its path and text are the same; its judgement as long as the interface of its project is,
too; what lints found in it as long as its errors and the segments that it asks for are. What is kept is JSON under the name of the
program's own sources and versions.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from triggerlang.checking import records
from triggerlang.checking.interface import Interface, ProjectFile, StaleError
from triggerlang.checking.judging import Judged, judge
from triggerlang.checking.project import all_problems, in_order, unread
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.grammar import fingerprint
from triggerlang.language.source import Source
from triggerlang.machine.kept import Kept, digest

if TYPE_CHECKING:
    from triggerlang.checking.logic.looked import Looked

_SPACE: Final = b" "
_TAB: Final = b"\t"
_LINTS: Final = b"lints"
"""What the line of the lints begins with, in place of a file's key."""


def diagnose(
    sources: Sequence[Source], problems: Sequence[Diagnostic], kept: Kept | None, paths: Sequence[str] = ()
) -> tuple[Diagnostic, ...]:
    """All that is wrong with a project, as `project.check` finds it with lints.

    `paths` are those that were given, which from the working folder name the project whose check is kept.
    """
    memory = _Memory(kept, paths)
    try:
        return _diagnose(sources, problems, memory)
    except StaleError:
        # What was kept was not written here, whatever its checksum says.
        memory.forget()
        return _diagnose(sources, problems, memory)


def _diagnose(sources: Sequence[Source], problems: Sequence[Diagnostic], memory: _Memory) -> tuple[Diagnostic, ...]:
    unreadable = frozenset(id(problem.span.source) for problem in problems)
    entries = {at: memory.entry(source) for at, source in enumerate(sources) if id(source) not in unreadable}
    linted = memory.lints(sources, unreadable)
    files = [_file(source, entries.get(at)) for at, source in enumerate(sources)]
    for at, file in enumerate(files):
        if file.mended is not None:
            # Somebody is at work on it, and its places are in two texts.
            del entries[at]
    interface = Interface(files)
    judged = _judged(files, entries, interface)
    found = all_problems(files, judged, interface, problems)
    if linted is None:
        linted = _linted(files, entries, interface, found)
        if all(file.mended is None for file in files):
            memory.keep_lints(linted)
    memory.save(list(entries.values()))
    return in_order([*found, *linted], files)


def _file(source: Source, entry: _Entry | None) -> ProjectFile:
    if entry is None:
        return ProjectFile(source, parsed=unread(source))
    if entry.outline is not None:
        return ProjectFile(source, kept=records.outline_of(entry.outline, source))
    file = ProjectFile(source)
    if file.mended is None:
        entry.outline = records.of_outline(file.outline, source)
    return file


def _judged(files: Sequence[ProjectFile], entries: Mapping[int, _Entry], interface: Interface) -> list[Judged]:
    """What the files are judged to be, as it was kept where that still holds."""
    by_path = {file.source.path: file.text for file in files}
    result: list[Judged] = []
    for at, file in enumerate(files):
        entry = entries.get(at)
        judged = None if entry is None else entry.judged(file, interface, by_path)
        # Suggestions are made in the order of the files, until there have been enough of them.
        if judged is not None and interface.suggestions.has_room(judged.looked_at):
            interface.suggestions.count(judged.looked_at)
        else:
            judged = judge(file, interface)
            if entry is not None:
                entry.keep(judged, file, interface)
        result.append(judged)
    return result


def _linted(
    files: Sequence[ProjectFile], entries: Mapping[int, _Entry], interface: Interface, found: Sequence[Diagnostic]
) -> list[Diagnostic]:
    """What lints say, from what they found in each unit, as that was kept where it still holds."""
    from triggerlang.checking.linting import Linting

    linting = Linting(files, interface, found)
    if linting.is_endless:
        return []
    by_path = {file.source.path: file.text for file in files}
    result: list[Looked] = []
    for unit in linting.units():
        # Files that share an automation are looked at together, and anew: they are wrong anyway.
        entry = entries.get(unit[0]) if len(unit) == 1 else None
        file = files[unit[0]]
        looked = None if entry is None else entry.looked(linting.key(file), file.source, by_path)
        if looked is None:
            looked = linting.look(unit)
            if entry is not None:
                entry.keep_looked(linting.key(file), looked, file.source)
        result.append(looked)
    return list(linting.problems(result))


class _Entry:
    """What is kept of a file: the records of its outline, of its judgement and of what lints found, with the keys that these hold for."""

    def __init__(self, key: bytes, line: bytes | None) -> None:
        self.key = key
        self._judged_line, _, self._looked_line = (line or b"").partition(_TAB)
        self.is_new = line is None
        self.outline: Any = None
        self._judged: Any = None
        if line is not None:
            try:
                self.outline, self._judged = json.loads(self._judged_line)
            except (ValueError, TypeError, RecursionError) as error:
                raise StaleError from error

    def judged(self, file: ProjectFile, interface: Interface, sources: Mapping[str, Source]) -> Judged | None:
        """What the file was judged to be, where that still holds."""
        if self._judged is None:
            return None
        try:
            key, broken_key, places_key, problems, looked_at = self._judged
        except (ValueError, TypeError) as error:
            raise StaleError from error
        if key != interface.key(file.outline):
            return None
        if not problems:
            # What is broken keeps things from being reported; where nothing was without it, nothing is with it.
            return Judged(()) if broken_key in ("", interface.broken_key) else None
        if (broken_key, places_key) != (interface.broken_key, interface.places_key):
            return None
        return records.judged_of((problems, looked_at), file.source, sources)

    def keep(self, judged: Judged, file: ProjectFile, interface: Interface) -> None:
        """Keep what the file is judged to be, unless it would be judged otherwise with more time for suggestions."""
        record = None
        if judged.is_whole:
            places = interface.places_key if judged.problems else ""
            record = [interface.key(file.outline), interface.broken_key, places, *records.of_judged(judged, file.source)]
        self.is_new = True
        self._judged_line = _written((self.outline, record))

    def looked(self, key: str, source: Source, sources: Mapping[str, Source]) -> Looked | None:
        """What lints found in the file, where that still holds."""
        found, _, record = self._looked_line.partition(_TAB)
        if found.decode() != key:
            return None
        try:
            return records.looked_of(json.loads(record), source, sources)
        except (ValueError, RecursionError) as error:
            raise StaleError from error

    def keep_looked(self, key: str, looked: Looked, source: Source) -> None:
        """Keep what lints found in the file."""
        self.is_new = True
        self._looked_line = key.encode() + _TAB + _written(records.of_looked(looked, source))

    @property
    def line(self) -> bytes:
        return self._judged_line + _TAB + self._looked_line


def _written(record: Any) -> bytes:
    """A record in one line, without a tab."""
    return json.dumps(record, separators=(",", ":")).encode()


class _Memory:
    """The entries of a project, by the path and text of its files."""

    def __init__(self, kept: Kept | None, paths: Sequence[str]) -> None:
        self._kept = kept
        self._name = ""
        self._lines: dict[bytes, bytes] = {}
        self._all = self._lints = b""
        self._has_new_lints = False
        if kept is None:
            return
        try:
            self._name = "check-" + digest(map(os.fsencode, (fingerprint(), os.getcwd(), *paths)))
        except OSError:
            self._kept = None
            return
        for line in (kept.read(self._name) or b"").splitlines():
            key, _, record = line.partition(_SPACE)
            self._lines[key] = record

    def forget(self) -> None:
        self._lines.clear()
        self._lints = b""

    def entry(self, source: Source) -> _Entry:
        """What is kept of a file, or what will be."""
        if self._kept is None:
            return _Entry(b"", None)
        key = digest((os.fsencode(source.path), source.text.encode())).encode()
        return _Entry(key, self._lines.get(key))

    def lints(self, sources: Sequence[Source], unreadable: frozenset[int]) -> list[Diagnostic] | None:
        """What lints said of these very files, put together: for as long as nothing changes, nothing of it needs to be."""
        parts = ((os.fsencode(source.path), source.text.encode(), b"%d" % (id(source) in unreadable)) for source in sources)
        self._all = digest(part for of_source in parts for part in of_source).encode()
        line = self._lines.pop(_LINTS, b"")
        key, _, record = line.partition(_SPACE)
        if key != self._all or self._kept is None:
            return None
        self._lints = line
        try:
            return records.lints_of(json.loads(record), {source.path: source for source in sources})
        except (ValueError, RecursionError) as error:
            raise StaleError from error

    def keep_lints(self, found: Sequence[Diagnostic]) -> None:
        """Keep what lints say of the files that they were asked for."""
        self._has_new_lints = True
        self._lints = b"%s %s" % (self._all, _written(records.of_lints(found)))

    def save(self, entries: Sequence[_Entry]) -> None:
        """Keep these entries, and no others."""
        is_new = self._has_new_lints or any(entry.is_new for entry in entries) or len(entries) != len(self._lines)
        if self._kept is not None and is_new:
            lines = [b"%s %s" % (entry.key, entry.line) for entry in entries]
            self._kept.write(self._name, b"\n".join([*lines, b"%s %s" % (_LINTS, self._lints)]))
