"""Entries in columns: what the kernel found, in the order of the log.

In: entries of parts of a log. Out: blocks of entries in order, as columns for writers that can use them, or one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from triggerlang.engines.columnar.layout import Array
from triggerlang.engines.entry import Entry
from triggerlang.events.columns import Texts
from triggerlang.language import times
from triggerlang.network.nodes import Network, RuleNode

BLOCK: Final = 1 << 16
"""How many entries are made one by one at a time."""


@dataclass(frozen=True, slots=True)
class Block:
    """Entries in order: for each its time, the number of its rule, its trigger's row and the codes of its contact and of the trigger's
    id (0 is none).

    `since` tells of those at absences and moments when the event was that they were waited for after, which may be an entry at another
    absence or moment, and so on: they stand after all others of their time, in the order of these times.
    """

    time: Array
    rule: Array
    row: Array
    contact: Array
    contacts: Texts
    id: Array | None
    ids: Texts | None
    since: tuple[Array, ...] = ()

    def __len__(self) -> int:
        return len(self.time)

    def some(self, chosen: Array | slice) -> Block:
        """Some of them."""
        ids = None if self.id is None else self.id[chosen]
        since = tuple(times[chosen] for times in self.since)
        return Block(self.time[chosen], self.rule[chosen], self.row[chosen], self.contact[chosen], self.contacts, ids, self.ids, since)

    def between(self, start: int, end: int) -> Block:
        """Those from a moment on and before another."""
        return self.some(slice(*np.searchsorted(self.time, (start, end)).tolist()))

    def events(self) -> list[int | str]:
        """Of each the trigger's id, or its row."""
        rows: list[int | str] = self.row.tolist()
        if self.id is not None and self.ids is not None:
            for place in np.flatnonzero(self.id).tolist():
                rows[place] = self.ids[int(self.id[place])].decode("utf-8", "surrogatepass")
        return rows

    def contact_names(self) -> list[str]:
        """Of each the contact."""
        codes, places = np.unique(self.contact, return_inverse=True)
        names = [self.contacts[code].decode("utf-8", "surrogatepass") for code in codes.tolist()]
        return [names[place] for place in places.tolist()]


class Entries:
    """Entries in order, as often as they are asked for: in blocks, or one by one."""

    def __init__(self, network: Network, counts: Array, blocks: Callable[[], Iterator[Block]]) -> None:
        """`counts` are the numbers of entries by rule; `blocks` gives all of them from the first on."""
        self.automations = [automation.name for automation in network.automations]
        self.rules: tuple[RuleNode, ...] = network.rules
        self._counts = counts
        self.blocks = blocks

    def __len__(self) -> int:
        return int(self._counts.sum())

    def by_automation(self) -> dict[str, int]:
        """How many entries each automation has, 0 too."""
        counts = dict.fromkeys(self.automations, 0)
        for rule, count in zip(self.rules, self._counts.tolist(), strict=True):
            counts[self.automations[rule.automation]] += count
        return counts

    def __iter__(self) -> Iterator[Entry]:
        for block in self.blocks():
            for start in range(0, len(block), BLOCK):
                yield from self.made(block.some(slice(start, start + BLOCK)))

    def made(self, block: Block) -> Iterator[Entry]:
        """The entries of a block, one by one."""
        moments = block.time.tolist()
        for moment, contact, number, event in zip(moments, block.contact_names(), block.rule.tolist(), block.events(), strict=True):
            rule = self.rules[number]
            yield Entry(times.to_datetime(moment), contact, self.automations[rule.automation], rule.name, rule.source, event)
