"""Reacting: what the interpreter keeps ready for an event: the rules at work, and what an event of one kind and name causes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from triggerlang.engines.accumulators import Add, Cells
from triggerlang.engines.filters import EventTest
from triggerlang.engines.happenings import Role
from triggerlang.engines.runs import Limit
from triggerlang.engines.testing import ContactTest
from triggerlang.events.record import Record


@dataclass(slots=True)
class RuleAtWork:
    """A rule at work."""

    order: int
    automation: str
    name: str
    source: str
    condition: ContactTest | None
    start: int
    end: int
    once: int | None
    """The slot that tells whether the contact has entered, for a rule that is `once`."""
    runs: Limit | None
    header: Limit | None

    def own_runs_allow(self, cells: Cells, trigger: Record) -> bool:
        """Whether the rule's own runs allow an entry at a trigger."""
        if self.once is not None:
            return self.once not in cells
        return self.runs is None or self.runs.allows(cells, trigger)


@dataclass(slots=True)
class Reaction:
    """What an event causes that meets one filter (or has none to meet): what is counted and added before and after the rules.

    `roles` are what it is to chains and moments.
    """

    filter: EventTest | None
    roles: list[Role] = field(default_factory=list)
    early: list[Add] = field(default_factory=list)
    rules: list[RuleAtWork] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    late: list[Add] = field(default_factory=list)
    empties: list[Callable[[Cells, Record], None]] = field(default_factory=list)
