"""Needs: what a condition costs to ask, and what a contact must have for it to hold at all.

In: a network and a condition of it. Out: a rough cost, by which tests are put in order; and patterns of which a contact must have an
event, so that most rules need not be asked: with thousands of rules, a contact has done what few of them ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from triggerlang.language import tree
from triggerlang.network import nodes
from triggerlang.network.nodes import ConditionNode, Network

_CHEAP, _USUAL, _DEAR = 1, 3, 10
MOST_NEEDED: Final = 2
"""As many needed patterns are looked at for each rule."""


class Needs:
    """What the conditions of a network cost, in no unit, and need."""

    def __init__(self, network: Network, member_pattern: Callable[[nodes.MemberTest], int], has_stream: Callable[[int], bool]) -> None:
        """`member_pattern` gives the pattern of the events that change a state; `has_stream` tells whether a pattern or chain has a stream
        that is empty where it has not happened."""
        self._network, self._member_pattern, self._has_stream = network, member_pattern, has_stream
        # Of segments once, since they may ask for each other often.
        self._costs: dict[int, int] = {}
        self._needed: dict[int, tuple[int, ...]] = {}

    def cost(self, condition: ConditionNode) -> int:
        """What it costs to ask a condition."""
        match condition:
            case nodes.Negation(part):
                return self.cost(part)
            case nodes.All(parts) | nodes.AnyOf(parts):
                return sum(self.cost(part) for part in parts)
            case int():
                return self._test_cost(self._network.tests[condition])

    def _test_cost(self, test: nodes.TestNode) -> int:
        match test:
            case nodes.MeasureTest(number):
                measure = self._network.measures[number]
                if measure.function == "count" and isinstance(measure.window, nodes.Whole):
                    return _CHEAP
                return _USUAL if measure.function == "count" else _DEAR
            case nodes.SegmentTest(segment):
                if segment not in self._costs:
                    self._costs[segment] = self.cost(self._network.segments[segment].condition)
                return self._costs[segment]
            case nodes.MemberTest() | nodes.FieldTest() | nodes.WeekdayTest() | nodes.TimeTest():
                return _USUAL

    def patterns(self, condition: ConditionNode | None) -> tuple[int, ...]:
        """Some patterns without any event of which, the trigger among them, a condition cannot hold."""
        return () if condition is None else tuple(islice(dict.fromkeys(self._patterns(condition)), MOST_NEEDED))

    def _patterns(self, condition: ConditionNode) -> Iterator[int]:
        match condition:
            case nodes.All(parts):
                for part in parts:
                    yield from self._patterns(part)
            case int():
                yield from self._test_patterns(self._network.tests[condition])

    def _test_patterns(self, test: nodes.TestNode) -> Iterator[int]:
        match test:
            case nodes.MemberTest():
                yield self._member_pattern(test)
            case nodes.SegmentTest(segment):
                if segment not in self._needed:
                    self._needed[segment] = self.patterns(self._network.segments[segment].condition)
                yield from self._needed[segment]
            case nodes.MeasureTest(number, comparison) if _needs_an_event(self._network.measures[number], comparison):
                if self._has_stream(self._network.measures[number].pattern):
                    yield self._network.measures[number].pattern


def _needs_an_event(measure: nodes.MeasureNode, comparison: tree.Comparison | nodes.CountIs) -> bool:
    """Whether a measure of nothing fails a test."""
    match comparison:
        case nodes.CountIs(sign, number):
            return (sign in (">=", "=") and number > 0) or (sign == ">" and number >= 0)
        case tree.Compare(sign, tree.Number(scaled)) if measure.function == "sum":
            return (sign in (">=", "=") and scaled > 0) or (sign == ">" and scaled >= 0)
        case tree.Compare(sign) if measure.function != "sum":
            return sign != "!="
    return False
