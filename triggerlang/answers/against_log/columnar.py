"""Facts of columns: what a log of any size has, part by part.

In: a part of a log in columns. Out: the same facts as of its records. Events are put in the order of what asks for them, once; then each
column is looked at in ranges of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from triggerlang.answers.against_log.asked import Source
from triggerlang.answers.against_log.facts import Facts, Tally, are_too_many
from triggerlang.engines.columnar.arranging import duplicates, log_order
from triggerlang.engines.columnar.reading import numbers_of
from triggerlang.events.columns import ABSENT, Codes, Column, Columns, Longs
from triggerlang.network.index import name_test

_MOST_SHORT: Final = 1 << 16
"""Up to so many different numbers, they are sorted by counting."""

_DENSE: Final = 4
"""Codes are counted in a table where it has not so many times as many places."""


def gather(facts: Facts, columns: Columns, threads: int) -> None:
    """Add to facts those of a part, which has all events of its contacts."""
    _, dropped = duplicates(columns, log_order(columns), threads)
    kept = np.flatnonzero(dropped == 0) if len(dropped) else None
    key = columns.key if kept is None else columns.key[kept]
    if not len(key):
        return
    time = columns.time if kept is None else columns.time[kept]
    facts.widen(int(time.min()), int(time.max()))
    counts = np.bincount(key, minlength=len(columns.keys))
    for number in np.flatnonzero(counts).tolist():
        name = columns.keys[number]
        facts.names[name] = facts.names.get(name, 0) + int(counts[number])
    sorted_events = _sorted(facts, columns, key, kept)
    for path in dict.fromkeys(path for _, path in facts.properties if path != "event_name"):
        _Looked(columns.properties[path]).add(
            {source: tally for (source, own), tally in facts.properties.items() if own == path}, sorted_events
        )
    for source in facts.most:
        contacts = [columns.contact[events] for events in sorted_events.of(source)]
        facts.most[source] = max(facts.most[source], _most(contacts, len(columns.contacts)))


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Events sorted by which sources they are of, those of the same sources side by side."""

    events: NDArray[Any]
    ranges: Mapping[Source, list[tuple[int, int]]]

    def of(self, source: Source) -> list[NDArray[Any]]:
        """The events of a source, in ranges."""
        return [self.events[start:end] for start, end in self.ranges.get(source, ())]


def _sorted(facts: Facts, columns: Columns, key: Codes, kept: NDArray[np.intp] | None) -> _Sorted:
    """The events that any source has; `key` are the keys of the events that are `kept`."""
    sources = list(dict.fromkeys([*(source for source, _ in facts.properties), *facts.most]))
    groups: dict[tuple[int, ...], int] = {(): 0}
    group_of = np.array([groups.setdefault(of, len(groups)) for of in _memberships(sources, columns.keys)], np.int32)
    group = group_of[key]
    asked = np.flatnonzero(group).astype(np.int32)
    group = group[asked]
    # Few numbers are sorted without a comparison if they are short.
    order = np.argsort(group.astype(np.uint16) if len(groups) <= _MOST_SHORT else group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=len(groups))).tolist()
    ranges: dict[Source, list[tuple[int, int]]] = {}
    for of, number in groups.items():
        start, end = ends[number - 1] if number else 0, ends[number]
        for source in of if end > start else ():
            ranges.setdefault(sources[source], []).append((start, end))
    events = asked[order]
    return _Sorted(events if kept is None else kept[events], ranges)


def _memberships(sources: list[Source], keys: Iterable[tuple[str, str]]) -> Iterable[tuple[int, ...]]:
    """For each kind and name the numbers of the sources that it is of."""
    plain: dict[tuple[str, str], set[int]] = {}
    others: dict[str, list[tuple[Any, int]]] = {}
    for number, source in enumerate(sources):
        for kind, names in source:
            texts = getattr(names, "names", None)
            if texts is None:
                others.setdefault(kind, []).append((name_test(names), number))
            for text in texts or ():
                plain.setdefault((kind, text), set()).add(number)
    for kind, name in keys:
        found = plain.get((kind, name), set()) | {number for fits, number in others.get(kind, ()) if fits(name)}
        yield tuple(sorted(found))


class _Looked:
    """A property's column, and what is worked out of all of its values if it is needed."""

    def __init__(self, column: Column) -> None:
        self._codes, self._texts = column.codes, column.values
        self._sizes = np.diff(self._texts.offsets)
        self._numbers: tuple[Any, Any, Any] | None = None

    def add(self, tallies: Mapping[Source, Tally], events: _Sorted) -> None:
        """Add to each source's tally what its events hold."""
        for source, tally in tallies.items():
            ranges = events.of(source)
            if ranges:
                self._add(tally, *_counted([self._codes[some] for some in ranges], len(self._texts)))

    def _add(self, tally: Tally, codes: Longs, counts: Longs) -> None:
        absent = int(counts[codes == ABSENT].sum())
        if not are_too_many(len(codes) - bool(absent), int(self._sizes[codes].sum())):
            tally.add((self._texts[code], count) for code, count in zip(codes.tolist(), counts.tolist(), strict=True))
            return
        numbers, ends = self._numbers_among(codes, tally.named.numbers)
        texts = [text for text in tally.named.texts if self._is_among(codes, text)]
        tally.add_many(absent, int(counts.sum()) - absent, numbers, texts, ends)

    def _numbers_among(self, codes: Longs, named: Iterable[int]) -> tuple[list[int], tuple[int, int] | None]:
        """Which of some numbers are among the values of some codes, and the smallest and the largest number among them."""
        if self._numbers is None:
            self._numbers = numbers_of(self._texts)
        highs, lows, has = self._numbers
        codes = codes[has[codes] != 0]
        if not len(codes):
            return [], None
        highs, lows = highs[codes], lows[codes]
        least, greatest = highs.min(), highs.max()
        ends = (_whole(least, lows[highs == least].min()), _whole(greatest, lows[highs == greatest].max()))
        return [number for number in named if bool(((highs == number >> 64) & (lows == number & 0xFFFF_FFFF_FFFF_FFFF)).any())], ends

    def _is_among(self, codes: Longs, text: str) -> bool:
        """Whether the text form of any of some values is a text; a tag stands before it."""
        wanted = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
        starts = self._texts.offsets[codes[self._sizes[codes] == len(wanted) + 1]]
        for place, byte in enumerate(wanted, 1):
            starts = starts[self._texts.data[starts + place] == byte]
        # What has the tag of an object has no text.
        return bool((self._texts.data[starts] != ord("o")).any())


def _whole(high: Any, low: Any) -> int:
    return (int(high) << 64) + int(low)


def _counted(pieces: list[Codes], size: int) -> tuple[Longs, Longs]:
    """The codes that stand in some pieces, and how often; they are less than `size`."""
    codes = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    if size <= _DENSE * len(codes) + _MOST_SHORT:
        counts = np.bincount(codes, minlength=size)
        found = np.flatnonzero(counts)
        return found, counts[found]
    found, counts = np.unique(codes, return_counts=True)
    return found.astype(np.int64), counts


def _most(contacts: list[Codes], size: int) -> int:
    """How often the contact stands in some pieces that stands there most often."""
    return int(_counted(contacts, size)[1].max()) if contacts else 0
