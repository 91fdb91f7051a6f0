"""Funnels: how far the triggers of each rule came.

In: what was asked at each trigger, step by step in the order of writing. Out: for each rule how many triggers there were, at which step
they were stopped, how many of those by that step alone, and how many entered.

The steps of a rule are whether it was active, each part of its condition that stands in the uppermost `and`, its own runs, and those of its
header.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from triggerlang.network.nodes import All, ConditionNode, Network

MOST_EXAMPLES: Final = 3
"""As many contacts are named for each step that alone stopped them: those it stopped first."""


STEPS_BESIDE_PARTS: Final = 3
"""Being active, the rule's own runs and those of its header."""


class Example(NamedTuple):
    """A contact that one step alone stopped, for the first time: when, in microseconds since 1970 in UTC; the row of the trigger's event,
    by which examples of one time stand in order; the contact; and the event's id, or its row if it has none."""

    time: int
    row: int
    contact: str
    event: str | int


@dataclass(frozen=True, slots=True)
class Step:
    """How many triggers a step stopped: those that had passed all before it. `alone` are those which all steps after it would have let
    pass; the contacts of the first of them are the examples."""

    stopped: int = 0
    alone: int = 0
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleFunnel:
    """The funnel of a rule, by its place among the rules; `steps` are its activity, the parts of its condition, its runs, its header's."""

    rule: int
    steps: tuple[Step, ...]
    entered: int

    @property
    def triggers(self) -> int:
        """How many triggers the rule had."""
        return sum(step.stopped for step in self.steps) + self.entered


def parts_of(condition: ConditionNode | None) -> tuple[ConditionNode, ...]:
    """The parts of a rule's condition, in the order of writing."""
    if condition is None:
        return ()
    return condition.parts if isinstance(condition, All) else (condition,)


def together(funnels: Sequence[Sequence[RuleFunnel]], network: Network) -> tuple[RuleFunnel, ...]:
    """The funnels of several parts of a log, each of all rules in their order, as those of the whole."""
    made = []
    for number, rule in enumerate(network.rules):
        own = [funnel[number] for funnel in funnels]
        steps = [
            Step(
                sum(funnel.steps[at].stopped for funnel in own),
                sum(funnel.steps[at].alone for funnel in own),
                first_of(example for funnel in own for example in funnel.steps[at].examples),
            )
            for at in range(len(parts_of(rule.condition)) + STEPS_BESIDE_PARTS)
        ]
        made.append(RuleFunnel(number, tuple(steps), sum(funnel.entered for funnel in own)))
    return tuple(made)


def first_of(examples: Iterable[Example]) -> tuple[Example, ...]:
    """The examples that came first."""
    return tuple(heapq.nsmallest(MOST_EXAMPLES, examples))
