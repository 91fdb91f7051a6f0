"""Comparing entries in columns: the same difference, without an object for each entry.

In: the entries of both runs in blocks, in their order. Out: their difference. Blocks are compared as they come, so that of entries which
stay no more is held than two blocks have; of those that change, and of who entered what, a few numbers each.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from triggerlang.answers.plans.difference import Busiest, Counted, Difference, Firsts, changes, looked_at
from triggerlang.answers.plans.pairing import Codes, Pairing
from triggerlang.engines.columnar.entries import Block, Entries
from triggerlang.engines.columnar.layout import Array
from triggerlang.engines.columnar.zones import clock_offsets
from triggerlang.engines.entry import Entry
from triggerlang.events.interning import Coded, Interner
from triggerlang.events.spilling import shrunk
from triggerlang.language.times import DAY, Zone

AT_ONCE: Final = 1 << 20
"""About how many entries of each side are compared at a time."""
KEPT_APART: Final = 1 << 22
"""How many numbers are kept before those that stand there twice are made one."""


def compared(pairing: Pairing, old: Entries, new: Entries, zone: Zone, at_once: int = AT_ONCE) -> Difference:
    """What became of the entries of old rules under new ones, in the project's time zone."""
    of_old, of_new = pairing.codes()
    contacts = Interner()
    rules = sum(len(automation.rules) for automation in pairing.automations)
    comparing = _Comparing(len(pairing.automations), rules, _Side(of_old, zone), _Side(of_new, zone))
    for before, after in _side_by_side(_pieces(old, contacts, at_once), _pieces(new, contacts, at_once)):
        comparing.take(before, after)
    counted = comparing.counted()
    places = counted.places()
    return counted.difference(_at(old, places[0]), _at(new, places[1]))


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some entries: the time, rule, row and contact of each, the contact by a number that both runs have for it, and its place."""

    time: Array
    rule: Array
    row: Array
    contact: Array
    place: Array

    def __len__(self) -> int:
        return len(self.time)

    def some(self, chosen: Array | slice) -> _Piece:
        return _Piece(*(getattr(self, field.name)[chosen] for field in fields(self)))


def _pieces(entries: Entries, contacts: Interner, at_once: int) -> Iterator[_Piece]:
    """Entries some at a time, all of one time together."""
    place = 0
    for block in entries.blocks():
        codes = _codes(block, contacts)
        start = 0
        while start < len(block):
            last = block.time[min(start + at_once, len(block)) - 1]
            end = int(np.searchsorted(block.time, last, side="right"))
            rows = slice(start, end)
            places = np.arange(place + start, place + end)
            yield _Piece(block.time[rows], block.rule[rows], block.row[rows].astype(np.int64), codes[rows], places)
            start = end
        place += len(block)


def _codes(block: Block, contacts: Interner) -> Array:
    """The numbers of a block's contacts."""
    held = shrunk(Coded(block.contact, block.contacts))
    return contacts.merged(held.texts)[held.codes]


def _side_by_side(old: Iterator[_Piece], new: Iterator[_Piece]) -> Iterator[tuple[_Piece, _Piece]]:
    """Pieces of both sides that reach up to the same moment."""
    none = _Piece(*(np.zeros(0, np.int64) for _ in fields(_Piece)))
    before, after = next(old, None), next(new, None)
    while before is not None or after is not None:
        cut = min(int(piece.time[-1]) for piece in (before, after) if piece is not None)
        (old_part, before), (new_part, after) = (_cut(piece, cut, more) for piece, more in ((before, old), (after, new)))
        yield old_part or none, new_part or none


def _cut(piece: _Piece | None, moment: int, more: Iterator[_Piece]) -> tuple[_Piece | None, _Piece | None]:
    """A piece up to a moment, and what is left of it, or the next one."""
    if piece is None:
        return None, None
    end = int(np.searchsorted(piece.time, moment, side="right"))
    return piece.some(slice(end)), piece.some(slice(end, None)) if end < len(piece) else next(more, None)


def matched(old: Sequence[Array], new: Sequence[Array]) -> tuple[Array, Array]:
    """The places of what has equal keys on both sides, the first with the first and so on; what belongs together stands at one place of
    both answers."""
    size = len(old[0])
    keys = [np.concatenate(both) for both in zip(old, new, strict=True)]
    order = np.lexsort(keys[::-1])
    is_other = np.zeros(len(order), np.bool_)
    for key in keys:
        ordered = key[order]
        is_other[1:] |= ordered[1:] != ordered[:-1]
    group = np.cumsum(is_other)
    groups = int(group[-1]) + 1 if len(group) else 0
    is_new = order >= size
    of_old, of_new = (np.bincount(group[which], minlength=groups) for which in (~is_new, is_new))
    # Within a group all of the old stand before the new ones, each in their order.
    starts = np.cumsum(of_old + of_new) - (of_old + of_new)
    rank = np.arange(len(order)) - starts[group]
    is_old_matched = ~is_new & (rank < of_new[group])
    is_new_matched = is_new & (rank - of_old[group] < of_old[group])
    return order[is_old_matched], order[is_new_matched] - size


def _without(piece: _Piece, places: Array) -> _Piece:
    is_left = np.ones(len(piece), np.bool_)
    is_left[places] = False
    return piece.some(is_left)


class _Side:
    """What is counted of one run."""

    def __init__(self, codes: Codes, zone: Zone) -> None:
        self.automation, self.rule = (np.array(held, np.int64) for held in (codes.automation, codes.rule))
        self._zone = zone
        self.entries = np.zeros(len(self.rule), np.int64)
        self.days = _Sums()
        self.entered = _First()
        self.changed: list[_Piece] = []

    def take(self, piece: _Piece, left: _Piece) -> None:
        """Take in entries, and those of them that are changed."""
        self.entries += np.bincount(piece.rule, minlength=len(self.entries))
        if len(left):
            self.changed.append(left)
        if not len(piece):
            return
        code = self.automation[piece.rule]
        starts, offsets = _offsets(self._zone, piece.time)
        day = (piece.time + offsets[np.searchsorted(starts, piece.time, side="right") - 1]) // DAY
        self.days.add(code << 32 | (day + (1 << 31)))
        self.entered.add(code << 32 | piece.contact, piece.place)

    def left(self) -> _Piece:
        """All that are changed."""
        if not self.changed:
            return _Piece(*(np.zeros(0, np.int64) for _ in fields(_Piece)))
        return _Piece(*(np.concatenate([getattr(piece, field.name) for piece in self.changed]) for field in fields(_Piece)))

    def busiest(self) -> dict[int, Busiest]:
        """The busiest day of each automation."""
        keys, counts = self.days.all()
        order = np.lexsort((keys, -counts, keys >> 32))
        codes, first = np.unique((keys >> 32)[order], return_index=True)
        found = order[first]
        days = (keys[found] & 0xFFFF_FFFF) - (1 << 31)
        return {code: Busiest(day, count) for code, day, count in zip(codes.tolist(), days.tolist(), counts[found].tolist(), strict=True)}


def _offsets(zone: Zone, time: Array) -> tuple[Array, Array]:
    """What a zone's clocks show from which moments on, of the days that there are: a moment may lie thousands of years off."""
    days = np.unique(time // DAY)
    starts, offsets = [], []
    for run in np.split(days, np.flatnonzero(np.diff(days) > 1) + 1):
        some = clock_offsets(zone, int(run[0]) * DAY, (int(run[-1]) + 1) * DAY)
        starts.append(some[0])
        offsets.append(some[1])
    return np.concatenate(starts), np.concatenate(offsets)


class _Sums:
    """How often each number was there."""

    def __init__(self) -> None:
        self._held: list[tuple[Array, Array]] = []
        self._size = 0

    def add(self, numbers: Array) -> None:
        some = np.unique(numbers, return_counts=True)
        self._held.append(some)
        self._size += len(some[0])
        if self._size > KEPT_APART:
            self._held = [self.all()]
            self._size = 0

    def all(self) -> tuple[Array, Array]:
        """The numbers in order, and how often each was there."""
        if not self._held:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        numbers, again = np.unique(np.concatenate([held for held, _ in self._held]), return_inverse=True)
        counts = np.zeros(len(numbers), np.int64)
        np.add.at(counts, again, np.concatenate([held for _, held in self._held]))
        return numbers, counts


class _First:
    """Where each number was first."""

    def __init__(self) -> None:
        self._held: list[tuple[Array, Array]] = []
        self._size = 0

    def add(self, numbers: Array, places: Array) -> None:
        some, first = np.unique(numbers, return_index=True)
        self._held.append((some, places[first]))
        self._size += len(some)
        if self._size > KEPT_APART:
            self._held = [self.all()]
            self._size = 0

    def all(self) -> tuple[Array, Array]:
        """The numbers in order, and the place where each was first."""
        if not self._held:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        numbers, first = np.unique(np.concatenate([held for held, _ in self._held]), return_index=True)
        return numbers, np.concatenate([places for _, places in self._held])[first]


class _Comparing:
    def __init__(self, automations: int, rules: int, old: _Side, new: _Side) -> None:
        self._automations, self._rules, self._old, self._new = automations, rules, old, new
        self._through = np.zeros(automations, np.int64)

    def take(self, old: _Piece, new: _Piece) -> None:
        """Compare what both runs have of the same time."""
        left_old, left_new = old, new
        keys = ("rule", "automation")
        for key in keys:
            codes = [getattr(side, key)[piece.rule] for side, piece in ((self._old, left_old), (self._new, left_new))]
            here = matched((left_old.time, left_old.row, codes[0]), (left_new.time, left_new.row, codes[1]))
            if key == "automation":
                self._through += np.bincount(codes[0][here[0]], minlength=self._automations)
            left_old, left_new = _without(left_old, here[0]), _without(left_new, here[1])
        self._old.take(old, left_old)
        self._new.take(new, left_new)

    def counted(self) -> Counted:
        """What came of it."""
        old, new = self._old.left(), self._new.left()
        of_old, of_new = self._old.automation[old.rule], self._new.automation[new.rule]
        at_old, at_new = matched((of_old, old.contact), (of_new, new.contact))
        in_order = np.argsort(at_old)
        before, after = old.some(at_old[in_order]), new.some(at_new[in_order])
        added, removed = _without(new, at_new), _without(old, at_old)
        first_time = self._first_time()
        automations = [*changes(*self._counts("automation", self._automations, added, removed, after))]
        most = looked_at(sum(change.changed > 0 for change in automations))
        groups = zip(
            _groups(self._new.automation[added.rule], added.place, self._automations, most),
            _groups(self._old.automation[removed.rule], removed.place, self._automations, most),
            self._moved(before, after, most),
            _groups(first_time[0], first_time[1], self._automations, most),
            strict=True,
        )
        return Counted(
            automations=automations,
            through_another=self._through.tolist(),
            first_time=np.bincount(first_time[0], minlength=self._automations).tolist(),
            busiest_before=self._old.busiest(),
            busiest_after=self._new.busiest(),
            rules=[*changes(*self._counts("rule", self._rules, added, removed, after))],
            firsts=[Firsts(came, went, both, first) for came, went, both, first in groups],
        )

    def _moved(self, before: _Piece, after: _Piece, most: int) -> list[list[tuple[int, int]]]:
        """The first entries that moved of each automation, where they were and are."""
        codes = self._old.automation[before.rule]
        both = zip(*(_groups(codes, piece.place, self._automations, most) for piece in (before, after)), strict=True)
        return [list(zip(*places, strict=True)) for places in both]

    def _counts(self, key: str, size: int, added: _Piece, removed: _Piece, moved: _Piece) -> list[list[int]]:
        """Old, new, added, removed and moved entries by the numbers of automations or rules."""
        of_old, of_new = getattr(self._old, key), getattr(self._new, key)
        made = [np.zeros(size, np.int64) for _ in range(2)]
        for counts, codes, side in zip(made, (of_old, of_new), (self._old, self._new), strict=True):
            np.add.at(counts, codes, side.entries)
        changed = [(of_new, added), (of_old, removed), (of_new, moved)]
        return [counts.tolist() for counts in (*made, *(np.bincount(codes[piece.rule], minlength=size) for codes, piece in changed))]

    def _first_time(self) -> tuple[Array, Array]:
        """The automations of contacts that enter one for the first time, and the places of those entries, in order."""
        entered, _ = self._old.entered.all()
        enters, places = self._new.entered.all()
        is_first = ~np.isin(enters, entered, assume_unique=True)
        order = np.argsort(places[is_first])
        return (enters[is_first] >> 32)[order], places[is_first][order]


def _groups(codes: Array, places: Array, size: int, most: int) -> list[list[int]]:
    """The first places of each code."""
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(size + 1)).tolist()
    return [places[order[start : min(end, start + most)]].tolist() for start, end in itertools.pairwise(starts)]


def _at(entries: Entries, places: Sequence[int]) -> dict[int, Entry]:
    """The entries at some places, which stand in order."""
    found: dict[int, Entry] = {}
    wanted, start = np.array(places, np.int64), 0
    for block in entries.blocks() if len(wanted) else ():
        here = wanted[(wanted >= start) & (wanted < start + len(block))]
        if len(here):
            found.update(zip(here.tolist(), entries.made(block.some(here - start)), strict=True))
        start += len(block)
    return found
