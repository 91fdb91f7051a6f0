"""Coverage: what of the rules no test block exercises.

In: a project's rules and the results of its test blocks. Out: for each rule whether it made an entry, and for each test in its condition,
and in the segments that it asks, whether it was true once and false once. Only what a test block looks at counts: rules of automations that
it expects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from triggerlang.answers.blocks.running import Result
from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.checking.walking import tests
from triggerlang.engines.watching import Seen
from triggerlang.language import tree


@dataclass(slots=True)
class Sides:
    """A test of a condition: whether it was true, and whether it was false, at some trigger."""

    test: tree.Test
    was_true: bool = False
    was_false: bool = False

    @property
    def covered(self) -> int:
        return self.was_true + self.was_false


@dataclass(slots=True)
class RuleCoverage:
    """A rule: whether a test expects its automation, its trigger happened, it made an entry; and the tests of its condition."""

    item: ProjectRule
    is_expected: bool = False
    was_asked: bool = False
    has_entered: bool = False
    tests: list[Sides] = field(default_factory=list)


@dataclass(slots=True)
class Coverage:
    """The rules in their order, and the tests of the segments that they ask, by the segments' names.

    A rule counts once, for an entry; a test twice, for each of its sides.
    """

    rules: list[RuleCoverage]
    segments: dict[str, list[Sides]]

    def _sides(self) -> Iterator[Sides]:
        for rule in self.rules:
            yield from rule.tests
        for sides in self.segments.values():
            yield from sides

    @property
    def entered(self) -> int:
        return sum(rule.has_entered for rule in self.rules)

    @property
    def covered_sides(self) -> int:
        return sum(sides.covered for sides in self._sides())

    @property
    def sides(self) -> int:
        return sum(2 for _ in self._sides())

    @property
    def covered(self) -> int:
        return self.entered + self.covered_sides

    @property
    def total(self) -> int:
        return len(self.rules) + self.sides

    @property
    def percent(self) -> float:
        """Of a hundred, to one decimal and never rounded up; a project without rules is covered."""
        return self.covered * 1000 // self.total / 10 if self.total else 100.0

    def is_below(self, percent: float) -> bool:
        return self.total > 0 and self.covered * 100 < percent * self.total


def coverage_of(rules: RuleSet, results: Iterable[Result]) -> Coverage:
    """What some test blocks exercise."""
    found = [RuleCoverage(item, tests=[Sides(test) for test in tests(item.rule.where)]) for item in rules.rules]
    segments = {name: [Sides(test) for test in tests(rules.segments[name])] for name in _asked_segments(rules)}
    sides = {id(each.test): each for rule in found for each in rule.tests}
    sides.update((id(each.test), each) for of_segment in segments.values() for each in of_segment)
    expected: set[str] = set()
    for result in results:
        own = {each.automation.text for each in result.block.expected}
        expected |= own
        for asked in result.asked:
            rule = found[asked.rule]
            if rule.item.automation not in own:
                continue
            rule.was_asked = True
            rule.has_entered |= asked.entry is not None
            if rule.item.rule.where is not None and asked.condition is not None:
                for test, holds in _seen(rules, rule.item.rule.where, asked.condition):
                    each = sides[id(test)]
                    each.was_true |= holds
                    each.was_false |= not holds
    for rule in found:
        rule.is_expected = rule.item.automation in expected
    return Coverage(found, segments)


def _asked_segments(rules: RuleSet) -> Iterator[str]:
    """The segments that rules ask, through others too, each once."""
    waiting = [item.rule.where for item in rules.rules if item.rule.where is not None]
    found: set[str] = set()
    while waiting:
        for test in tests(waiting.pop()):
            if isinstance(test, tree.SegmentTest) and test.name.text not in found:
                found.add(test.name.text)
                waiting.append(rules.segments[test.name.text])
    return iter([name for name in rules.segments if name in found])


def _seen(rules: RuleSet, condition: tree.Condition, seen: Seen) -> Iterator[tuple[tree.Test, bool]]:
    """What each test of a condition came to; those of a segment once."""
    waiting: list[tuple[tree.Condition, Seen]] = [(condition, seen)]
    segments: set[str] = set()
    while waiting:
        node, found = waiting.pop()
        match node:
            case tree.And(parts) | tree.Or(parts):
                waiting.extend(zip(parts, found.parts, strict=True))
            case tree.Not(part):
                waiting.append((part, found.parts[0]))
            case tree.PropertyTest():
                raise AssertionError("a filter's comparison is no test of a condition")
            case _:
                yield node, found.holds
                if isinstance(node, tree.SegmentTest) and node.name.text not in segments:
                    segments.add(node.name.text)
                    waiting.append((rules.segments[node.name.text], found.parts[0]))
