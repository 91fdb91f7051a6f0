"""Runs: how often a contact may enter, for a rule or for all rules of an automation.

What is remembered of a contact's entries lies in a cell of its own, like a measure's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from triggerlang.engines.accumulators import Cells
from triggerlang.engines.filters import getter
from triggerlang.events.record import Record
from triggerlang.language import tree, values

Allows: TypeAlias = Callable[[Cells, Record], bool]
Remembers: TypeAlias = Callable[[Cells, Record], None]


class Limit(NamedTuple):
    """Whether an entry at a trigger is allowed, how one that happens is remembered, and the slot of what is.

    In the cell stands the number of entries; where there is a duration, the times of those that still count; the texts for `once per P`.
    """

    allows: Allows
    remember: Remembers
    slot: int


def limit(runs: tree.Runs | None, slot: int) -> Limit | None:
    """The limit that a runs clause sets, with its cell's slot; None where there is none."""
    match runs:
        case None | tree.EveryTime():
            return None
        case tree.Once(None):
            return _at_most(1, slot)
        case tree.Once(per):
            assert per is not None
            return _once_per(per.path, slot)
        case tree.AtMost(times, None):
            return _at_most(times, slot)
        case tree.AtMost(times, per):
            assert per is not None
            return _at_most_per(times, per.microseconds, slot)


def _at_most(times: int, slot: int) -> Limit:
    def remember(cells: Cells, trigger: Record) -> None:
        cells[slot] = cells.get(slot, 0) + 1

    return Limit(lambda cells, trigger: cells.get(slot, 0) < times, remember, slot)


def _at_most_per(times: int, width: int, slot: int) -> Limit:
    """Left out if so many earlier entries lie less than the width before: the oldest of the latest ones tells."""

    def allows(cells: Cells, trigger: Record) -> bool:
        entered = cells.get(slot)
        if entered is None:
            return times > 0
        while entered and entered[0] <= trigger.time - width:
            entered.popleft()
        return len(entered) < times

    def remember(cells: Cells, trigger: Record) -> None:
        entered = cells.get(slot)
        if entered is None:
            entered = cells[slot] = deque()
        entered.append(trigger.time)

    return Limit(allows, remember, slot)


def _once_per(path: str, slot: int) -> Limit:
    get = getter(path)

    def allows(cells: Cells, trigger: Record) -> bool:
        text = values.text(get(trigger))
        return text is not None and text not in cells.get(slot, ())

    def remember(cells: Cells, trigger: Record) -> None:
        text = values.text(get(trigger))
        entered = cells.get(slot)
        if entered is None:
            cells[slot] = {text}
        else:
            entered.add(text)

    return Limit(allows, remember, slot)
