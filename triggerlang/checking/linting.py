"""Linting: what the lints of a project's rules say, unit by unit.

In: the files of a project, its interface, and what else is wrong with it. Out: diagnostics. A unit is a file, or those that share an
automation. What lints find in a unit depends on its texts, on the errors in them, and on the segments that its rules refer to, so that it
can be kept for as long as none of these changes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeAlias

from triggerlang.checking import codes, names
from triggerlang.checking.interface import Interface, ProjectFile
from triggerlang.checking.logic import lints
from triggerlang.checking.logic.conditions import Segments
from triggerlang.checking.logic.looked import Looked
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.machine.kept import digest

Unit: TypeAlias = tuple[int, ...]
"""The numbers of files, in order."""


class Linting:
    """The lints of a project; `found` is all that is wrong with it otherwise."""

    def __init__(self, files: Sequence[ProjectFile], interface: Interface, found: Iterable[Diagnostic]) -> None:
        self._files = files
        self._interface = interface
        errors = [problem for problem in found if problem.severity == "error"]
        self.is_endless = any(problem.kind is codes.SEGMENT_CIRCLE for problem in errors)
        """Whether a segment's condition has no end, so that nothing is looked at."""
        # What was meant by a mistake is a guess: nothing is said of a statement with one.
        mended = [span for file in files if file.mended is not None for span in file.mended.places()]
        self._places = lints.Places([*(problem.span for problem in errors), *mended])
        self._unread = {id(file.text) for file in files if file.outline.broken.offsets or file.mended is not None}
        self._keys_of_segments: dict[str, str] = {}
        self._keys: dict[frozenset[str], str] = {}

    @cached_property
    def _segments(self) -> Segments:
        return Segments(
            {name: segment.condition for name, segment in self._interface.segments.items() if not self._places.meet(segment.condition.span)}
        )

    def units(self) -> list[Unit]:
        """The units of a project, in the order of their first files."""
        first: dict[str, int] = {}
        units = [[at] for at in range(len(self._files))]
        for at, file in enumerate(self._files):
            for group in file.outline.groups:
                earlier = at if group.name is None else first.setdefault(group.name, at)
                one, other = sorted((units[earlier], units[at]))
                if one is not other:
                    one += other
                    for each in other:
                        units[each] = one
        return [tuple(sorted(unit)) for at, unit in enumerate(units) if min(unit) == at]

    def key(self, file: ProjectFile) -> str:
        """What the findings in a file that is a unit depend on, besides the file itself."""
        asked = frozenset(name for name, _ in file.outline.asked)
        of_segments = self._keys.get(asked)
        if of_segments is None:
            of_segments = self._keys[asked] = digest(self._key_of_segment(name).encode() for name in self._referred(asked))
        errors = self._places.of(file.text)
        return f"{of_segments}-{errors}" if errors else of_segments

    def _referred(self, asked: Iterable[str]) -> list[str]:
        """Some segments, and those that they refer to, through others too."""
        waiting = list(asked)
        found = set(waiting)
        while waiting:
            more = self._interface.references.get(waiting.pop(), {}).keys() - found
            found |= more
            waiting += more
        return sorted(found)

    def _key_of_segment(self, name: str) -> str:
        """Which segment a name stands for, and where."""
        key = self._keys_of_segments.get(name)
        if key is None:
            segment = self._interface.segments.get(name)
            parts = [name]
            if segment is not None:
                place = segment.condition.span
                parts += (place.path, str(segment.span.offset), str(place.offset), segment.span.text, str(self._places.meet(place)))
            key = self._keys_of_segments[name] = digest(map(os.fsencode, parts))
        return key

    def look(self, unit: Unit) -> Looked:
        """What the lints find in a unit, whose files are read for it."""
        rules = names.project_rules(names.groups(self._files[at].parsed for at in unit))
        return lints.look(rules, self._segments, self._places, self._unread)

    def problems(self, looked: Sequence[Looked]) -> Iterator[Diagnostic]:
        """What the lints say, given what they found in each unit."""
        conditions = (segment.condition for segment in self._interface.segments.values())
        return lints.problems(looked, self._segments, conditions, not self._unread)
