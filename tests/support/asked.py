"""What the oracle says of the parts of a rule at a trigger: the places before it, and the trigger's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.oracle import Oracle, Place
from triggerlang.checking.ruleset import RuleSet
from triggerlang.events.record import Record
from triggerlang.language import tree


@dataclass(frozen=True, slots=True)
class At:
    """A trigger of a rule: what stood before it, and its place."""

    on: tree.Trigger
    before: list[Place]
    place: Place


class AskingOracle(Oracle):
    """The oracle, and each trigger that it found on its way."""

    def __init__(self, rules: RuleSet, timezone: str) -> None:
        super().__init__(rules, timezone)
        self.triggers: list[At] = []

    def starts(self, on: tree.Trigger, before: list[Place], e: Place) -> bool:
        happens = super().starts(on, before, e)
        if happens:
            self.triggers.append(At(on, list(before), e))
        return happens

    def at(self, on: tree.Trigger, trigger: Record, number: int = 0) -> At:
        """The trigger of a rule at which a record stands, the first of those that look alike."""
        found = [own for own in self.triggers if own.on is on and tuple(own.place.record) == tuple(trigger)]
        return found[number]


def places_of(events: Sequence[Place]) -> list[Record]:
    return [place.record for place in events]
