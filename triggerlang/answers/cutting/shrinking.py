"""Shrinking: fewer things of which the same holds.

In: things in their order, and what must hold of those that stay. Out: as few as were found; where no bound was met, none of them can be
left out any more. This is delta debugging (Zeller and Hildebrandt 2002), of complements only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


class Budget:
    """How many events may be run for all tries together: a bound that comes out the same on every machine."""

    def __init__(self, events: int) -> None:
        self.left = events
        self.was_met = False
        """Whether a try was left out because of it."""

    def spend(self, events: int) -> bool:
        """Take what a try costs; False where that is not left."""
        if events > self.left:
            self.was_met = True
            return False
        self.left -= events
        return True


def fewest(things: Sequence[Thing], holds: Callable[[Sequence[Thing]], bool], budget: Budget) -> list[Thing]:
    """As few of some things as hold, of which all of them hold: halves are left out, then quarters, then single ones, the first first.
    It ends when the budget is met."""
    kept = list(things)
    size = len(kept)
    while size:
        before, at = len(kept), 0
        while at < len(kept) and not budget.was_met:
            fewer = kept[:at] + kept[at + size :]
            if holds(fewer):
                kept = fewer
            else:
                at += size
        if size > 1:
            size = (size + 1) // 2
        elif len(kept) == before:
            break
    return kept
