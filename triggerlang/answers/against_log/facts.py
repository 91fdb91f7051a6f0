"""Facts: what a log has of what rules ask for, whoever has read it.

In: values and counts, as a reader comes by them. Out: the same facts whatever the order in which they came, in bounded room: of a property
with very many values, only the smallest and largest number is kept, and whether those are there that rules name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from triggerlang.answers.against_log.asked import Asked, AverageAsked, ComparisonAsked, Source
from triggerlang.events.tagging import tagged, untagged
from triggerlang.language import tree, values
from triggerlang.network.index import name_test
from triggerlang.network.nodes import NameSet

MOST_VALUES: Final = 10_000
MOST_BYTES: Final = 1 << 20
"""So many different values of a property are kept, and so many bytes of them."""


@dataclass(frozen=True, slots=True)
class Named:
    """The values that comparisons name by `=`, which are looked for however many others there are."""

    numbers: frozenset[int]
    texts: frozenset[str]


def are_too_many(values: int, size: int) -> bool:
    """Whether so many different values, of so many bytes, are not kept one by one."""
    return values > MOST_VALUES or size > MOST_BYTES


class Tally:
    """What a property holds, over the events of a source: how many have it and how many do not, its values as far as they are few enough,
    and the smallest and the largest number among them."""

    def __init__(self, named: Named) -> None:
        self.named = named
        self.absent = self.present = 0
        self.values: dict[bytes, int] | None = {}
        """How often each value is there, as it stands in a dictionary; None where they are too many."""
        self.least: int | None = None
        self.greatest: int | None = None
        self.numbers: set[int] = set()
        self.texts: set[str] = set()
        """Those of the values named that are there, where the values are too many."""
        self._bytes = 0
        self._is_looked_at = False
        """Whether the numbers among the values are taken into the smallest and the largest."""

    def add(self, held: Iterable[tuple[bytes, int]]) -> None:
        """Take in how often values are there; the empty one is absent."""
        self._is_looked_at = False
        for value, count in held:
            if not value:
                self.absent += count
                continue
            self.present += count
            if self.values is None:
                self._look_at(value)
                continue
            if value in self.values:
                self.values[value] += count
                continue
            self.values[value] = count
            self._bytes += len(value)
            if are_too_many(len(self.values), self._bytes):
                self._fill_up()

    def add_many(self, absent: int, present: int, numbers: Iterable[int], texts: Iterable[str], ends: tuple[int, int] | None) -> None:
        """Take in too many values to keep: how many they are, which of those named are among them, and the smallest and largest number."""
        if self.values is not None:
            self._fill_up()
        self.absent += absent
        self.present += present
        self.numbers.update(numbers)
        self.texts.update(texts)
        for end in ends or ():
            self._widen(end)

    def ends(self) -> tuple[int, int] | None:
        """The smallest and the largest number, scaled; None where no value is one."""
        if self.values is not None and not self._is_looked_at:
            self._is_looked_at = True
            for number in (values.number(untagged(value)) for value in self.values):
                if number is not None:
                    self._widen(number)
        return None if self.least is None or self.greatest is None else (self.least, self.greatest)

    def _fill_up(self) -> None:
        held, self.values = self.values or {}, None
        for value in held:
            self._look_at(value)

    def _look_at(self, held: bytes) -> None:
        value = untagged(held)
        number, text = values.number(value), values.text(value)
        if number is not None:
            self._widen(number)
            if number in self.named.numbers:
                self.numbers.add(number)
        if text in self.named.texts:
            self.texts.add(text)

    def _widen(self, number: int) -> None:
        self.least = number if self.least is None else min(self.least, number)
        self.greatest = number if self.greatest is None else max(self.greatest, number)


@dataclass(slots=True)
class Facts:
    """What is in a log: its first and last moment (None where it has no event), how often each kind and name is there, what properties
    hold, and how many events of a source the contact has that has most of them; and how many rows were no events."""

    begin: int | None = None
    end: int | None = None
    names: dict[tuple[str, str], int] = field(default_factory=dict)
    properties: dict[tuple[Source, str], Tally] = field(default_factory=dict)
    most: dict[Source, int] = field(default_factory=dict)
    rejected: int = 0

    @property
    def events(self) -> int:
        """How many events the log has."""
        return sum(self.names.values())

    def widen(self, begin: int, end: int) -> None:
        """Take in the first and the last moment of some events."""
        self.begin = begin if self.begin is None else min(self.begin, begin)
        self.end = end if self.end is None else max(self.end, end)

    def add_names(self) -> None:
        """Take in what the property `event_name` holds, when all names are there."""
        for (source, path), tally in self.properties.items():
            if path == "event_name":
                tally.add((tagged(name), count) for (_, name), count in self.of(source))

    def of(self, source: Source) -> Iterator[tuple[tuple[str, str], int]]:
        """The kinds and names of a source that the log has, and how often it has them."""
        for kind, names in source:
            if isinstance(names, NameSet):
                yield from (((kind, name), self.names[kind, name]) for name in names.names if (kind, name) in self.names)
                continue
            fits = name_test(names)
            yield from ((key, count) for key, count in self.names.items() if key[0] == kind and fits(key[1]))


def no_facts(asked: Asked, near: Mapping[tuple[Source, str], str]) -> Facts:
    """Facts to be filled; `near` are the properties that are offered in the place of some, and looked at too."""
    numbers: dict[tuple[Source, str], set[int]] = {}
    texts: dict[tuple[Source, str], set[str]] = {}
    for question in asked.questions:
        if isinstance(question, ComparisonAsked | AverageAsked):
            match question.comparison:
                case tree.Compare("=", tree.Number(scaled)):
                    numbers.setdefault((question.owner.source, question.path), set()).add(scaled)
                case tree.Compare("=", tree.Text(text), False):
                    texts.setdefault((question.owner.source, question.path), set()).add(text)
    wanted = asked.properties()
    wanted.update((source, offered) for (source, _), offered in near.items())
    return Facts(
        properties={key: Tally(Named(frozenset(numbers.get(key, ())), frozenset(texts.get(key, ())))) for key in wanted},
        most=dict.fromkeys(asked.counted(), 0),
    )
