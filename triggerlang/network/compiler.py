"""The compiler: a checked rule set to the network.

In: rules and segments as trees. Out: a network in which equal patterns, measures and tests are one node each, whoever wrote them.
Spellings that mean the same become the same node: `in ("A")` and `"A"`, filters in another order, `has occurred` and
`count >= 1`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from enum import Enum, auto
from typing import Generic, TypeVar

from triggerlang.checking.ruleset import RuleSet
from triggerlang.language import tree
from triggerlang.network.nodes import (
    AfterLast,
    All,
    AnyOf,
    AutomationNode,
    ChainNode,
    ConditionNode,
    CountIs,
    FieldTest,
    Fixed,
    Function,
    HappeningNode,
    MeasureNode,
    MeasureTest,
    MemberTest,
    MomentNode,
    NameGlob,
    NameNode,
    NameSet,
    Negation,
    Network,
    Option,
    PatternNode,
    Reading,
    RuleNode,
    SegmentNode,
    SegmentTest,
    Sharing,
    SingleNode,
    Sliding,
    StepNode,
    TestNode,
    TimeTest,
    WeekdayTest,
    Whole,
    WindowNode,
    WithoutNode,
)

T = TypeVar("T", bound=Hashable)


def compile(rules: RuleSet) -> Network:
    """The network of a checked rule set."""
    return _Compiler(rules).network()


class Same(Enum):
    """What `same P` looks at: the trigger, or the first event of its chain."""

    TRIGGER = auto()
    FIRST = auto()


class _Store(Generic[T]):
    """Nodes of one sort, each once, numbered in the order in which they were first asked for."""

    def __init__(self) -> None:
        self.numbers: dict[T, int] = {}
        self.asked = 0

    def number(self, node: T) -> int:
        self.asked += 1
        return self.numbers.setdefault(node, len(self.numbers))

    @property
    def nodes(self) -> tuple[T, ...]:
        return tuple(self.numbers)

    @property
    def shared(self) -> tuple[int, int]:
        return self.asked, len(self.numbers)


class _Compiler:
    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.filters: _Store[tree.Condition] = _Store()
        self.singles: _Store[SingleNode] = _Store()
        self.patterns: _Store[HappeningNode] = _Store()
        self.measures: _Store[MeasureNode] = _Store()
        self.tests: _Store[TestNode] = _Store()
        self.segment_numbers: dict[str, int] = {}
        self.segments: list[SegmentNode] = []

    def network(self) -> Network:
        for name in _in_order_of_use(self.rules):
            condition = self._condition(self.rules.segments[name])
            self.segment_numbers[name] = len(self.segments)
            self.segments.append(SegmentNode(name, condition))
        automations: dict[str, tuple[int, AutomationNode]] = {}
        nodes: list[RuleNode] = []
        for item in self.rules.rules:
            number, _ = automations.setdefault(item.automation, (len(automations), AutomationNode(item.automation, item.header_runs)))
            rule = item.rule
            nodes.append(
                RuleNode(
                    automation=number,
                    name=item.name,
                    source=item.source,
                    on=self._trigger(rule.on),
                    condition=None if rule.where is None else self._condition(rule.where),
                    active=rule.active,
                    runs=rule.runs or tree.Once(span=rule.span),
                )
            )
        patterns = self.patterns.nodes
        by_name, by_kind, by_glob = index(patterns)
        return Network(
            patterns=patterns,
            measures=self.measures.nodes,
            tests=self.tests.nodes,
            segments=tuple(self.segments),
            automations=tuple(automation for _, automation in automations.values()),
            rules=tuple(nodes),
            sharing=Sharing(self.patterns.shared, self.measures.shared, self.tests.shared),
            by_name=by_name,
            by_kind=by_kind,
            by_glob=by_glob,
        )

    # Patterns

    def _pattern(self, pattern: tree.Pattern) -> int:
        """A plain pattern whose `same` look at the trigger."""
        return self._plain(self._single(single, Same.TRIGGER) for single in pattern.singles)

    def _plain(self, nodes: Iterable[SingleNode]) -> int:
        return self.patterns.number(PatternNode(tuple(sorted(dict.fromkeys(nodes), key=self.singles.number))))

    def _single(self, single: tree.Single, same: Same) -> SingleNode:
        filters: dict[tree.Condition, None] = {}
        for test in single.filters:
            if not isinstance(test, tree.Same):
                filters.update(dict.fromkeys(test.parts if isinstance(test, tree.And) else (test,)))
            elif same is Same.TRIGGER:
                filters[same_as_trigger(test)] = None
        ordered = tuple(sorted(filters, key=self.filters.number))
        return SingleNode(single.occurrence.kind.kind, name_node(single.occurrence.names), ordered)

    # Sequences, absences and moments

    def _trigger(self, node: tree.Trigger) -> int:
        match node:
            case tree.Pattern():
                return self._pattern(node)
            case tree.Chain(first, then, without):
                steps = [StepNode((Option(self._pattern(first), ()),), None)]
                steps += [StepNode(self._options(step.pattern), step.within.microseconds if step.within else None) for step in then]
                end = None if without is None else WithoutNode(self._options(without.pattern), without.within.microseconds)
                return self.patterns.number(ChainNode(tuple(steps), end))
            case tree.After(duration, pattern, without):
                options = () if without is None else self._options(without)
                return self.patterns.number(MomentNode(self._pattern(pattern), "event", None, duration.microseconds, options))
            case tree.DateOf(word, dated, duration, side, without):
                shift = 0 if duration is None else duration.microseconds if side == "after" else -duration.microseconds
                of = self._pattern(dated.pattern)
                options = () if without is None else self._options(without)
                if dated.is_field:
                    options = tuple(dict.fromkeys((*options, Option(of, ()))))
                return self.patterns.number(MomentNode(of, word, dated.property.path, shift, options))

    def _options(self, pattern: tree.Pattern) -> tuple[Option, ...]:
        """A later pattern of a chain or moment, its singles grouped by what must be the same."""
        groups: dict[tuple[str, ...], list[SingleNode]] = {}
        for single in pattern.singles:
            same = tuple(sorted({test.property.path for test in single.filters if isinstance(test, tree.Same)}))
            groups.setdefault(same, []).append(self._single(single, Same.FIRST))
        return tuple(Option(self._plain(groups[same]), same) for same in sorted(groups))

    # Conditions

    def _condition(self, condition: tree.Condition) -> ConditionNode:
        match condition:
            case tree.And(parts):
                return All(tuple(self._condition(part) for part in parts))
            case tree.Or(parts):
                return AnyOf(tuple(self._condition(part) for part in parts))
            case tree.Not(part):
                return Negation(self._condition(part))
            case tree.HistoryTest():
                return self._history_test(condition)
            case tree.ListTest(names, before):
                return self.tests.number(MemberTest("list", name_node(names), before))
            case tree.TagTest(names, before):
                return self.tests.number(MemberTest("tag", name_node(names), before))
            case tree.FieldTest(name, comparison, before):
                return self.tests.number(FieldTest(name.text, comparison, before))
            case tree.SegmentTest(name):
                return self.tests.number(SegmentTest(self.segment_numbers[name.text]))
            case tree.WeekdayTest(days):
                return self.tests.number(WeekdayTest(tuple(sorted(set(days)))))
            case tree.TimeTest(start, end):
                return self.tests.number(TimeTest(start, end))
            case tree.PropertyTest():
                raise AssertionError("a filter's comparison is no test of a condition")

    def _history_test(self, test: tree.HistoryTest) -> ConditionNode:
        pattern = self._trigger(test.pattern)
        window, so_far = self._window(test.window)
        measure = test.measure
        if isinstance(measure, tree.Count):
            node = MeasureNode(pattern, "count", None, None, window, so_far)
            return self._measure_test(node, CountIs(measure.operator, measure.number))
        if isinstance(measure, tree.Distinct):
            node = MeasureNode(pattern, "distinct", measure.property.path, "text", window, so_far)
            return self._measure_test(node, CountIs(measure.operator, measure.number))
        alternatives = [
            self._measure_test(
                MeasureNode(pattern, measure.function, measure.property.path, reading_of(measure.function, comparison), window, so_far),
                comparison,
            )
            for comparison in of_one_reading(measure.comparison)
        ]
        return alternatives[0] if len(alternatives) == 1 else AnyOf(tuple(alternatives))

    def _measure_test(self, measure: MeasureNode, comparison: tree.Comparison | CountIs) -> int:
        return self.tests.number(MeasureTest(self.measures.number(measure), comparison))

    def _window(self, window: tree.Window) -> tuple[WindowNode, bool]:
        match window:
            case tree.Before():
                return Whole(), False
            case tree.SoFar():
                return Whole(), True
            case tree.Within(duration, so_far):
                return Sliding(duration.microseconds), so_far
            case tree.Between(start, end):
                return Fixed(start, end), False
            case tree.Since(start, so_far):
                return Fixed(start, None), so_far
            case tree.SinceLast(pattern, so_far):
                return AfterLast(self._pattern(pattern)), so_far


def same_as_trigger(same: tree.Same) -> tree.PropertyTest:
    """`same P` as the comparison with the trigger that it means in a condition."""
    return tree.PropertyTest(same.property, tree.CompareProperty("=", "trigger", same.property, span=same.span), span=same.span)


def name_node(names: tree.Names | None) -> NameNode:
    """Names in the one form that all spellings share."""
    match names:
        case None:
            return None
        case tree.NameIs(name):
            return NameSet((name.text,))
        case tree.NameIn(texts):
            return NameSet(tuple(sorted({text.text for text in texts})))
        case tree.NameLike(glob):
            pattern = glob.text
            while "**" in pattern:
                pattern = pattern.replace("**", "*")
            if pattern == "*":
                return None
            return NameGlob(pattern) if "*" in pattern or "?" in pattern else NameSet((pattern,))


def reading_of(function: Function, comparison: tree.Comparison) -> Reading:
    """How a measure's property is read: as the comparison asks."""
    match comparison:
        case tree.Compare(_, literal):
            return _literal_reading(literal)
        case tree.OneOf(literals):
            return _literal_reading(literals[0])
        case tree.CompareProperty(operator):
            return "text" if function in ("first", "last") and operator in ("=", "!=") else "number"
        case tree.TextMatch() | tree.Blank():
            return "text"


def _literal_reading(literal: tree.Literal) -> Reading:
    match literal:
        case tree.Number():
            return "number"
        case tree.Text():
            return "text"
        case tree.Boolean():
            return "boolean"
        case tree.Date():
            return "day"
        case tree.DateTime():
            return "moment"


def of_one_reading(comparison: tree.Comparison) -> Iterator[tree.Comparison]:
    """A comparison as several that each read the property in one way: `in` with plain dates and date-times is either."""
    if isinstance(comparison, tree.OneOf):
        groups: dict[Reading, list[tree.Literal]] = {}
        for literal in comparison.literals:
            groups.setdefault(_literal_reading(literal), []).append(literal)
        for literals in groups.values():
            yield tree.OneOf(tuple(literals), span=comparison.span)
    else:
        yield comparison


def _in_order_of_use(rules: RuleSet) -> list[str]:
    """The segments, each after those that it refers to. The checker has refused circles."""
    order: dict[str, None] = {}
    for start in rules.segments:
        waiting = [start]
        while waiting:
            name = waiting[-1]
            missing = [other for other in referred_segments(rules.segments[name]) if other not in order] if name not in order else []
            if missing:
                waiting.extend(missing)
            else:
                order[waiting.pop()] = None
    return list(order)


def referred_segments(condition: tree.Condition) -> list[str]:
    """The names of the segments that a condition refers to."""
    found: list[str] = []
    waiting = [condition]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tree.And | tree.Or):
            waiting.extend(node.parts)
        elif isinstance(node, tree.Not):
            waiting.append(node.part)
        elif isinstance(node, tree.SegmentTest):
            found.append(node.name.text)
    return found


def index(
    patterns: tuple[HappeningNode, ...],
) -> tuple[
    dict[tuple[str, str], tuple[int, ...]],
    dict[str, tuple[int, ...]],
    dict[str, tuple[tuple[str, tuple[int, ...]], ...]],
]:
    """By kind and name, by kind alone and by glob: the numbers of the patterns that ask for them."""
    by_name: dict[tuple[str, str], list[int]] = {}
    by_kind: dict[str, list[int]] = {}
    by_glob: dict[str, dict[str, list[int]]] = {}
    for number, pattern in enumerate(patterns):
        for single in pattern.singles if isinstance(pattern, PatternNode) else ():
            match single.names:
                case None:
                    by_kind.setdefault(single.kind, []).append(number)
                case NameSet(names):
                    for name in names:
                        by_name.setdefault((single.kind, name), []).append(number)
                case NameGlob(glob):
                    by_glob.setdefault(single.kind, {}).setdefault(glob, []).append(number)
    return (
        {key: tuple(numbers) for key, numbers in by_name.items()},
        {kind: tuple(numbers) for kind, numbers in by_kind.items()},
        {kind: tuple((glob, tuple(numbers)) for glob, numbers in globs.items()) for kind, globs in by_glob.items()},
    )
