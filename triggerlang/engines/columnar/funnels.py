"""Funnels: what kernels counted, by rule and step.

In: the memories of kernels that are done with a part of a log. Out: how far the triggers of each rule came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from triggerlang.engines.columnar.flattening import FlatNetwork
from triggerlang.engines.columnar.layout import NOTHING, Array, Flat
from triggerlang.engines.funnel import MOST_EXAMPLES, STEPS_BESIDE_PARTS, Example, RuleFunnel, Step, first_of, parts_of
from triggerlang.events.columns import Columns
from triggerlang.network.nodes import Network


def funnel_of(network: Network, flat: FlatNetwork, memories: Sequence[Flat], columns: Columns, events: Array) -> tuple[RuleFunnel, ...]:
    """The funnel of each rule, in their order; `events` are those of the log as they were read, in the order of contacts."""
    counts: list[int] = np.add.reduce([memory.arrays["outcomes"]["count"] for memory in memories]).tolist()
    funnels: dict[int, RuleFunnel] = {}
    for rule, first in flat.counted:
        steps = []
        for outcome in range(first, first + outcomes_of_steps(network, rule), 2):
            alone = outcome + 1
            examples = first_of(_examples(memories, alone, columns, events)) if counts[alone] else ()
            steps.append(Step(counts[outcome] + counts[alone], counts[alone], examples))
        funnels[rule] = RuleFunnel(rule, tuple(steps), counts[first + 2 * len(steps)])
    return tuple(funnels[rule] for rule in range(len(network.rules)))


def outcomes_of_steps(network: Network, rule: int) -> int:
    """How many outcomes the steps of a rule have: two each."""
    return 2 * (len(parts_of(network.rules[rule].condition)) + STEPS_BESIDE_PARTS)


def _examples(memories: Sequence[Flat], outcome: int, columns: Columns, events: Array) -> Iterator[Example]:
    """The examples of an outcome that any kernel kept."""
    for memory in memories:
        for place in range(MOST_EXAMPLES * outcome, MOST_EXAMPLES * (outcome + 1)):
            position = int(memory.arrays["example_position"][place])
            if position == NOTHING:
                break
            event = int(events[position])
            row = int(columns.row[event])
            contact = columns.contacts[int(columns.contact[event])].decode("utf-8", "surrogatepass")
            number = 0 if columns.id is None else int(columns.id[event])
            called = columns.ids[number].decode("utf-8", "surrogatepass") if number and columns.ids is not None else row
            yield Example(int(memory.arrays["example_time"][place]), row, contact, called)
