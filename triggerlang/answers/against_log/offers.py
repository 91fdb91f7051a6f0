"""Offering: which properties are near to those that a log may not have.

In: what rules ask, and the first rows of a log's files. Out: for each property that none of these has, the nearest that they have, to be
looked at with the others; and some properties of each source, to be named where none is near.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from triggerlang.answers.against_log.asked import Asked, Source
from triggerlang.events.errors import LogError
from triggerlang.events.files import LogFile
from triggerlang.events.peeking import first_records
from triggerlang.events.record import Record
from triggerlang.language.nearest import nearest
from triggerlang.language.times import Zone
from triggerlang.network.index import name_test

MOST_ROWS: Final = 1_000
MOST_FILES: Final = 20
"""So many rows of each file are looked at, and so many files."""

MOST_PROPERTIES: Final = 1_000
DEEPEST: Final = 4
MOST_NAMED: Final = 3
"""So many properties of a source are named where none is near."""


@dataclass(frozen=True, slots=True)
class Offers:
    """What is offered in the place of a property: the nearest one, and some of a source."""

    near: Mapping[tuple[Source, str], str]
    some: Mapping[Source, tuple[str, ...]]


def first_of(files: Sequence[LogFile], zone: Zone) -> Iterator[Record]:
    """The first events of a log's files. Standard input, which cannot be read twice, has none here, nor has what cannot be read."""
    for file in [file for file in files if file.path != "-"][:MOST_FILES]:
        try:
            yield from first_records(file, zone, MOST_ROWS)
        except LogError:
            continue


def offers(asked: Asked, records: Iterable[Record]) -> Offers:
    """What some events of a log offer."""
    seen: dict[tuple[str, str], Counter[str]] = {}
    for record in records:
        counts = seen.setdefault((record.kind, record.name), Counter())
        for path in _paths(record.properties):
            if path in counts or len(counts) < MOST_PROPERTIES:
                counts[path] += 1
        if record.value is not None:
            counts["value"] += 1
    near: dict[tuple[Source, str], str] = {}
    some: dict[Source, tuple[str, ...]] = {}
    of_sources: dict[Source, Counter[str]] = {}
    for source, path in sorted(asked.properties(), key=repr):
        if source not in of_sources:
            of_sources[source] = _of_source(source, seen)
        counts = of_sources[source]
        if path == "event_name" or path in counts:
            continue
        some.setdefault(source, tuple(sorted(counts, key=lambda each: (-counts[each], each))[:MOST_NAMED]))
        found = nearest(path, counts)
        if found is not None:
            near[source, path] = found
    return Offers(near, some)


def _of_source(source: Source, seen: Mapping[tuple[str, str], Counter[str]]) -> Counter[str]:
    """How often the events of a source have each property."""
    found: Counter[str] = Counter()
    for kind, names in source:
        fits = name_test(names)
        for (own, name), counts in seen.items():
            if own == kind and fits(name):
                found.update(counts)
    return found


def _paths(held: Mapping[str, Any], start: str = "", depth: int = 1) -> Iterator[str]:
    """The properties that a rule can name, those inside of others too."""
    for key, value in held.items():
        path = f"{start}{key}"
        if isinstance(value, Mapping):
            if depth < DEEPEST:
                yield from _paths(value, f"{path}.", depth + 1)
        elif value is not None and path not in ("value", "event_name"):
            yield path
