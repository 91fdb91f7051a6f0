"""Reaching back: which triggers rest on time that the log does not have.

In: a network, and when a log begins. Out: for each rule the moment from which on the windows of its condition lie within the log. What
its triggers before that moment ask for may have happened before the log began.

`before`, `so far` and `since last` go back as far as there is anything, so nothing is said of them; and nothing of a step of a chain that
may come at any time after the one before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.accumulators import Cells
from triggerlang.engines.comparing import end_of, moment_of
from triggerlang.engines.counting import CountingInterpreter
from triggerlang.engines.entry import Entry
from triggerlang.engines.interpreter import Interpreter
from triggerlang.engines.reacting import RuleAtWork
from triggerlang.events.record import Record
from triggerlang.language import tree
from triggerlang.language.times import END_OF_TIME, Zone
from triggerlang.network import nodes
from triggerlang.network.nodes import ChainNode, HappeningNode, MeasureNode, MeasureTest, Network, SegmentTest


def whole_from(network: Network, zone: Zone, begin: int) -> tuple[int, ...]:
    """For each rule the first moment at which its windows lie within a log that begins at a moment: that one where all of them always do,
    the end of time where one never does."""
    of_measures = [_whole_from(measure, network.patterns[measure.pattern], zone, begin) for measure in network.measures]
    of_segments: list[int] = []
    for segment in network.segments:
        of_segments.append(_latest(network, segment.condition, of_measures, of_segments, begin))
    return tuple(_latest(network, rule.condition, of_measures, of_segments, begin) for rule in network.rules)


def _latest(network: Network, condition: nodes.ConditionNode | None, measures: list[int], segments: list[int], begin: int) -> int:
    def moments() -> Iterator[int]:
        for number in nodes.leaves(condition):
            test = network.tests[number]
            if isinstance(test, MeasureTest):
                yield measures[test.measure]
            elif isinstance(test, SegmentTest):
                yield segments[test.segment]  # Segments stand in the order of use.

    return max(moments(), default=begin)


def _whole_from(measure: MeasureNode, pattern: HappeningNode, zone: Zone, begin: int) -> int:
    match measure.window:
        case nodes.Sliding(width):
            return min(begin + width + chain_reach(pattern), END_OF_TIME)
        case nodes.Fixed(start) if reaches_back(start, zone, begin, chain_reach(pattern)):
            return END_OF_TIME
    return begin


def reaches_back(start: tree.Moment, zone: Zone, begin: int, further: int = 0) -> bool:
    """Whether what begins at a date, or so many microseconds before it, does so before a log that begins at a moment. Of a plain date the
    whole day must lie before the log: nobody knows when on its first day a log begins."""
    if isinstance(start, tree.Date):
        return end_of(start, zone) - further <= begin
    return moment_of(start, zone) - further < begin


def chain_reach(node: HappeningNode) -> int:
    """How long before it happens the events of a chain may lie, as far as its steps and its `without` tell."""
    if not isinstance(node, ChainNode):
        return 0
    reach = 0 if node.without is None else node.without.within
    for step in reversed(node.steps):
        if step.within is None:
            break
        reach += step.within
    return reach


def by_automation(network: Network, of_rules: Sequence[int]) -> dict[str, int]:
    """What was counted of each rule, for each automation of which there is any."""
    counts: Counter[str] = Counter()
    for rule, count in zip(network.rules, of_rules, strict=True):
        counts[network.automations[rule.automation].name] += count
    return {name: count for name, count in counts.items() if count}


class ReachingInterpreter(Interpreter):
    """An interpreter that counts the triggers that rest on time before the log begins."""

    def __init__(self, rules: RuleSet, *, begin: int, **more: Any) -> None:
        """The log begins at a moment; what else there is an interpreter takes."""
        super().__init__(rules, **more)
        self._whole_from = whole_from(self.network, self.zone, begin)
        self._all_whole_from = max(self._whole_from, default=begin)
        self._before_log = [0] * len(self.network.rules)

    def before_log(self) -> dict[str, int]:
        """How many do so far, for each automation that has some."""
        return by_automation(self.network, self._before_log)

    def _ask(self, rules: list[RuleAtWork], cells: Cells, record: Record) -> list[Entry]:
        time = record.time
        if time < self._all_whole_from:
            for rule in rules:
                if time < self._whole_from[rule.order] and rule.start <= time < rule.end:
                    self._before_log[rule.order] += 1
        return super()._ask(rules, cells, record)


class ReachingCounter(ReachingInterpreter, CountingInterpreter):
    """The same, which counts how far triggers come as well."""
