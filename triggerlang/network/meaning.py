"""Meaning: which rules mean the same, of one network or of several.

In: networks. Out: for each rule a number, equal for rules that ask for the same: names of segments and rules, the order of writing and
spellings play no part. What a rule's automation is called, and the runs of its header, are no part of its meaning either.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from triggerlang.language import tree
from triggerlang.network.nodes import (
    AfterLast,
    All,
    AnyOf,
    ChainNode,
    ConditionNode,
    HappeningNode,
    MeasureNode,
    MeasureTest,
    MomentNode,
    Negation,
    Network,
    Option,
    PatternNode,
    SegmentTest,
)


class Meanings:
    """Numbers for what rules mean, the same over all networks that are asked for."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def of(self, network: Network) -> tuple[int, ...]:
        """The meaning of each rule of a network, in their order."""
        patterns: list[int] = []
        for pattern in network.patterns:
            patterns.append(self._number(_of_pattern(pattern, patterns)))
        measures = [self._number(_of_measure(measure, patterns)) for measure in network.measures]
        segments: list[int] = []
        tests = [self._number(test) for test in network.tests]

        def of_test(number: int) -> int:
            test = network.tests[number]
            if isinstance(test, SegmentTest):
                return segments[test.segment]  # Segments stand in the order of use.
            if isinstance(test, MeasureTest):
                return self._number(replace(test, measure=measures[test.measure]))
            return tests[number]

        def of_condition(node: ConditionNode) -> int:
            match node:
                case All(parts) | AnyOf(parts):
                    return self._number((type(node).__name__, frozenset(of_condition(part) for part in parts)))
                case Negation(part):
                    return self._number(("not", of_condition(part)))
                case int():
                    return of_test(node)

        for segment in network.segments:
            number = of_condition(segment.condition)
            segments.append(number)
        return tuple(
            self._number(
                (
                    "rule",
                    patterns[rule.on],
                    None if rule.condition is None else of_condition(rule.condition),
                    rule.active,
                    of_runs(rule.runs),
                )
            )
            for rule in network.rules
        )

    def _number(self, what: Hashable) -> int:
        return self._numbers.setdefault(what, len(self._numbers))


def of_runs(runs: tree.Runs | None) -> Hashable:
    """What runs mean, however their duration is written."""
    if isinstance(runs, tree.AtMost):
        return runs.times, None if runs.per is None else runs.per.microseconds
    if isinstance(runs, tree.Once) and runs.per is None:
        return 1, None
    return runs


def _of_pattern(pattern: HappeningNode, known: list[int]) -> Hashable:
    def options(some: tuple[Option, ...]) -> Hashable:
        return frozenset((known[option.pattern], option.same) for option in some)

    match pattern:
        case PatternNode(singles):
            return "pattern", frozenset((single.kind, single.names, frozenset(single.filters)) for single in singles)
        case ChainNode(steps, without):
            end = None if without is None else (options(without.options), without.within)
            return "chain", tuple((options(step.options), step.within) for step in steps), end
        case MomentNode(of, base, held, shift, ways):
            return "moment", known[of], base, held, shift, options(ways)


def _of_measure(measure: MeasureNode, patterns: list[int]) -> Hashable:
    window = AfterLast(patterns[measure.window.pattern]) if isinstance(measure.window, AfterLast) else measure.window
    return replace(measure, pattern=patterns[measure.pattern], window=window)
