"""Declarations: what a project declares, looked up by the names that rules use.

In: the `declare` statements of a project. Out: for a noun its names, for an occurrence the properties and types of the names that it fits.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from triggerlang.checking.names import SortedNames
from triggerlang.checking.suggesting import Suggestions
from triggerlang.checking.walking import name_texts
from triggerlang.language import tree
from triggerlang.language.parser import Broken
from triggerlang.language.source import Span

BUILT_IN = ("value", "event_name")
"""The properties that every event has."""


@dataclass(slots=True)
class Declared:
    """The declared names that an occurrence fits, taken together; `first` is where the first of them is declared."""

    noun: str
    names: tuple[str, ...]
    first: tree.Declare
    value: list[tree.Declare] = field(default_factory=list)
    """The declarations, which say of what type `value` is, or that it is of any."""
    properties: dict[str, list[tree.DeclaredProperty]] = field(default_factory=dict)

    def add(self, declaration: tree.Declare) -> None:
        self.value.append(declaration)
        for part in declaration.properties:
            self.properties.setdefault(part.property.path, []).append(part)

    def has(self, path: str) -> bool:
        return path in BUILT_IN or path in self.properties


Fitting = Sequence[Declared]
"""What some occurrences fit, each by itself."""


class Declarations:
    """What a project declares."""

    def __init__(
        self,
        declares: Iterable[tree.Declare],
        automations: Mapping[str, Span],
        segments: Container[str],
        broken: Broken,
        suggestions: Suggestions,
    ) -> None:
        """`automations` are those that the project has, with their places; where one is declared, they count as declared too.

        `segments` are the names of the project's segments.
        """
        self.broken = broken
        self.suggestions = suggestions
        self._segments = segments
        self._names: dict[str, dict[str, Declared]] = {}
        for statement in declares:
            of_noun = self._names.setdefault(statement.noun, {})
            # Declarations that differ are reported; what any of them says is known.
            of_noun.setdefault(statement.name.text, Declared(statement.noun, (statement.name.text,), statement)).add(statement)
        self._places: dict[str, dict[str, Span]] = {
            noun: {name: declared.first.name.span for name, declared in of_noun.items()} for noun, of_noun in self._names.items()
        }
        if "automation" in self._places:
            self._places["automation"] = {**automations, **self._places["automation"]}
        self._sorted: dict[str, SortedNames] = {}
        self._globs: dict[tuple[str, str], tuple[str, ...]] = {}
        self._fitting: dict[tuple[str, tree.Names | None], Declared | None] = {}

    def is_free(self, noun: str) -> bool:
        """Whether nothing of a noun is declared, so that any name goes."""
        return noun not in self._names

    def declared(self, noun: str, name: str) -> Declared | None:
        return self._names.get(noun, {}).get(name)

    def place(self, noun: str, name: str) -> Span | None:
        """Where a name is declared, or the automation of that name stands."""
        return self._places[noun].get(name)

    def other_noun(self, noun: str, name: str) -> str | None:
        """What else a name is that is no declared one of a noun: of another noun, or a segment."""
        others = (other for other, places in self._places.items() if other != noun and name in places)
        return "segment" if name in self._segments else next(others, None)

    def nearest(self, noun: str, written: str) -> str | None:
        return self.suggestions.nearest(noun, written, self._places[noun])

    def nearest_property(self, written: str, fitting: Fitting) -> str | None:
        paths = list(dict.fromkeys([*(path for declared in fitting for path in declared.properties), *BUILT_IN]))
        return self.suggestions.nearest("property", written, paths)

    def that_fit(self, noun: str, glob: str) -> tuple[str, ...]:
        """The known names of a noun that fit a glob."""
        found = self._globs.get((noun, glob))
        if found is None:
            if noun not in self._sorted:
                self._sorted[noun] = SortedNames(self._places[noun])
            found = self._globs[noun, glob] = tuple(self._sorted[noun].fitting(glob))
        return found

    def fitting(self, occurrences: Iterable[tree.Occurrence]) -> Fitting | None:
        """What some occurrences fit; None if anything goes for one of them: its noun is free, or its name is unknown (that is reported)."""
        found: dict[int, Declared] = {}
        for occurrence in occurrences:
            fits = self._fits(occurrence)
            if fits is None:
                return None
            found[id(fits)] = fits
        return list(found.values())

    def _fits(self, occurrence: tree.Occurrence) -> Declared | None:
        noun = occurrence.kind.noun
        of_noun = self._names.get(noun)
        if of_noun is None:
            return None
        if isinstance(occurrence.names, tree.NameIs):
            return of_noun.get(occurrence.names.name.text)
        key = (noun, occurrence.names)
        if key not in self._fitting:
            self._fitting[key] = _together(list(self._each(of_noun, noun, occurrence.names)))
        return self._fitting[key]

    def _each(self, of_noun: Mapping[str, Declared], noun: str, names: tree.Names | None) -> Iterator[Declared]:
        if names is None:
            yield from of_noun.values()
            return
        texts = self.that_fit(noun, names.glob.text) if isinstance(names, tree.NameLike) else [text.text for text in name_texts(names)]
        for text in dict.fromkeys(texts):
            if text in of_noun:
                yield of_noun[text]


def _together(several: Sequence[Declared]) -> Declared | None:
    if len(several) <= 1:
        return several[0] if several else None
    made = Declared(several[0].noun, tuple(name for declared in several for name in declared.names), several[0].first)
    for declared in several:
        for declaration in declared.value:
            made.add(declaration)
    return made


def types_of(path: str, fitting: Fitting) -> dict[tree.DeclaredType, tree.Node]:
    """The types that a property is declared with, each with the place that says so; empty where any goes."""
    types: dict[tree.DeclaredType, tree.Node] = {}
    for declared in fitting:
        if path == "event_name":
            types.setdefault("text", declared.first.name)
        elif path == "value":
            for declaration in declared.value:
                if declaration.type is None:
                    return {}
                types.setdefault(declaration.type, declaration.name)
        else:
            for part in declared.properties.get(path, ()):
                types.setdefault(part.type, part)
    return types
