"""The interface of a project: what of it the judgement of a single statement depends on.

In: the outlines of its files. Out: its segments, declarations and automations, and short keys of these. Of a file whose outline was kept,
only the statements are read that others can refer to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from triggerlang.checking import circles, names
from triggerlang.checking.outline import Outline, outline
from triggerlang.checking.suggesting import Suggestions
from triggerlang.language import tree
from triggerlang.language.parser import Broken, Parsed, parse, parse_part
from triggerlang.language.source import Source, Span
from triggerlang.machine.kept import digest

if TYPE_CHECKING:
    from triggerlang.checking.declarations import Declarations, Fitting
    from triggerlang.language.rereading import Mended


class StaleError(Exception):
    """What was kept of a file does not belong to it."""


class ProjectFile:
    """A file of a project: its text, its outline, and its tree, which is read when it is first asked for.

    The tree of a file with mistakes is that of what was meant, where that is known.
    """

    def __init__(self, source: Source, *, parsed: Parsed | None = None, kept: Outline | None = None) -> None:
        self.source = source
        self.mended: Mended | None = None
        """The text with what was meant, of which the tree is then, and all places but those of the diagnostics that reading brought."""
        self._parsed = parsed
        self.outline = outline(self.parsed) if kept is None else kept

    @property
    def parsed(self) -> Parsed:
        if self._parsed is None:
            self._parsed = parse(self.source)
            if any(problem.replacement is not None for problem in self._parsed.diagnostics):
                from triggerlang.language.rereading import reread

                self._parsed, self.mended = reread(self._parsed)
        return self._parsed

    @property
    def text(self) -> Source:
        """The text that places are in."""
        return self.source if self.mended is None else self.mended.source

    def statements(self, places: Sequence[Span]) -> Iterator[Any]:
        """The statements at these places, in order. Raises StaleError where there is none."""
        if self._parsed is not None:
            found = {statement.span.offset: statement for statement in self._parsed.file.statements}
            yield from (found[place.offset] for place in places)
            return
        for place in places:
            read = parse_part(self.source, place)
            if len(read) != 1 or read[0].span.offset != place.offset:
                raise StaleError
            yield read[0]


@dataclass(slots=True)
class _Keys:
    """Short keys of the parts of an interface. Equal keys mean equal judgement."""

    segments: str
    declares: str
    automations: str
    asked: str


class Interface:
    """What the statements of a project are judged by."""

    def __init__(self, files: Sequence[ProjectFile]) -> None:
        self.files = files
        outlines = [file.outline for file in files]
        self.groups = [group for one in outlines for group in one.groups]
        self.broken = Broken(
            frozenset[str]().union(*(one.broken.named for one in outlines)), any(one.broken.unnamed for one in outlines), ()
        )
        self.unread = frozenset(names.stem(file.source.path) for file in files if file.outline.broken.offsets)
        """The automations named after files of which a statement could not be read."""
        self.all_segments: list[tree.Segment] = [segment for file in files for segment in file.statements(file.outline.segments)]
        self.declares: list[tree.Declare] = [declare for file in files for declare in file.statements(file.outline.declares)]
        if not all(isinstance(segment, tree.Segment) for segment in self.all_segments):
            raise StaleError
        if not all(isinstance(declare, tree.Declare) for declare in self.declares):
            raise StaleError
        self.segments: dict[str, tree.Segment] = {}
        for segment in self.all_segments:
            self.segments.setdefault(segment.name.text, segment)
        self.references = names.references(self.segments)
        self.segment_circles = list(circles.segment_circles(self.references))
        order = [] if self.segment_circles else circles.referred_first(self.references)
        self.depths = circles.depths_of(self.segments, order)
        # A rule that could not be read may use any segment.
        self._order = [] if self.unread else order
        self.suggestions = Suggestions()

    @cached_property
    def automations(self) -> dict[str, Span]:
        """Where each automation is named first, as tests refer to it."""
        return {group.name: names.short(group.place) for group in reversed(self.groups) if group.name is not None}

    @cached_property
    def declarations(self) -> Declarations | None:
        """What is declared, if anything is."""
        if not self.declares:
            return None
        from triggerlang.checking.declarations import Declarations

        automations: dict[str, Span] = {}
        for group in self.groups:
            place = group.place if group.has_header else group.on
            if group.name is not None and place is not None:
                automations.setdefault(group.name, place)
        segments = frozenset(self.segments)
        return Declarations(self.declares, automations, segments, self.broken, self.suggestions)

    @cached_property
    def triggers_of_segments(self) -> dict[str, Fitting]:
        """What may be the trigger where a segment is asked for, if anything is declared."""
        if self.declarations is None or not self.segments:
            return {}
        from triggerlang.checking.triggers import triggers_of_segments

        fitting: dict[object, Fitting | None] = {}
        for file in self.files:
            for _, trigger in file.outline.asked:
                if trigger not in fitting:
                    fitting[trigger] = self.declarations.fitting([one.occurrence for one in trigger])
        asked = ((name, fitting[trigger]) for file in self.files for name, trigger in file.outline.asked)
        return triggers_of_segments(asked, self.references, self._order)

    def key(self, of: Outline) -> str:
        """What the judgement of a file with this outline depends on, besides the file itself, what is broken, and where things stand."""
        keys = self._keys
        has_segments = bool(of.segments)
        return "-".join(
            (
                keys.declares,
                keys.segments if has_segments or of.asks_segments else "",
                keys.asked if has_segments else "",
                keys.automations if of.names_automations else "",
            )
        )

    @cached_property
    def _keys(self) -> _Keys:
        def texts(attribute: str) -> str:
            return digest(
                place.source.text[place.offset : place.end].encode() for file in self.files for place in getattr(file.outline, attribute)
            )

        return _Keys(
            segments=texts("segments"),
            declares=texts("declares"),
            automations=_digest(sorted({group.name for group in self.groups if group.name is not None})),
            asked=_digest(sorted({repr(one) for file in self.files for one in file.outline.asked})),
        )

    @cached_property
    def broken_key(self) -> str:
        """What could not be read; empty where all could.

        It keeps things from being reported, and never brings anything that would not be reported without it.
        """
        if not (self.unread or self.broken.named or self.broken.unnamed):
            return ""
        return _digest([*sorted(self.broken.named), "", str(self.broken.unnamed), "", *sorted(self.unread)])

    @cached_property
    def places_key(self) -> str:
        """Where everything stands that a message can point to."""
        keys = self._keys
        parts = [keys.segments, keys.declares, keys.automations]
        for file in self.files:
            parts.append(file.source.path)
            of = file.outline
            if file.mended is not None:
                # A place in it is shown where it is in the file.
                parts += (file.source.text, file.mended.source.text)
            parts += map(_written, (*of.segments, *of.declares))
            for group in of.groups:
                parts += (group.name or "", _written(group.place), "" if group.on is None else _written(group.on))
            parts += map(repr, of.asked)
        return _digest(parts)


def _written(place: Span) -> str:
    return f"{place.line}:{place.offset}:{place.length}"


def _digest(parts: Sequence[str]) -> str:
    return digest(part.encode("utf-8", "surrogatepass") for part in parts)
