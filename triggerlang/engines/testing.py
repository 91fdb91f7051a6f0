"""Testing: the tests and conditions of the network as functions of a contact's cells and the trigger.

The states of lists, tags and fields live here too: `in list` is kept as a set of the lists that fit, `field` as its latest
value. A test without `was` or `had` sees the contact right after the trigger, so its state is brought up to date before the
rules are asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from triggerlang.engines.accumulators import Add, Cells
from triggerlang.engines.comparing import SIGNS, average_compares, average_test, read_test, value_test
from triggerlang.engines.filters import getter
from triggerlang.engines.measuring import Measuring
from triggerlang.events.record import Record
from triggerlang.language import times, tree, values
from triggerlang.language.times import Zone
from triggerlang.network.index import name_test
from triggerlang.network.nodes import (
    All,
    AnyOf,
    ConditionNode,
    CountIs,
    FieldTest,
    MeasureTest,
    MemberTest,
    NameSet,
    Negation,
    Network,
    SegmentTest,
    TestNode,
    TimeTest,
    WeekdayTest,
    leaves,
)

ContactTest: TypeAlias = Callable[[Cells, Record], bool]
"""Of a contact's cells and the trigger."""

_KINDS: dict[str, tuple[str, bool]] = {
    "subscribe": ("list", True),
    "unsubscribe": ("list", False),
    "tag": ("tag", True),
    "untag": ("tag", False),
}
"""The kinds of events that change what a contact is in or has: of which noun, and whether it gains it."""


class Members:
    """The states that tests ask for: which lists and tags a contact has, and the values of its fields.

    The state of a test lies in the cell `first_slot` plus the test's number.
    """

    def __init__(self, network: Network, first_slot: int) -> None:
        self.first_slot = first_slot
        self._by_name: dict[tuple[str, str], list[tuple[int, MemberTest | FieldTest]]] = {}
        self._others: dict[str, list[tuple[int, MemberTest, Callable[[str], bool]]]] = {}
        for number, test in enumerate(network.tests):
            slot = first_slot + number
            if isinstance(test, FieldTest):
                self._by_name.setdefault(("field", test.name), []).append((slot, test))
            elif isinstance(test, MemberTest):
                if isinstance(test.names, NameSet):
                    for name in test.names.names:
                        self._by_name.setdefault((test.noun, name), []).append((slot, test))
                else:
                    self._others.setdefault(test.noun, []).append((slot, test, name_test(test.names)))

    def updates(self, kind: str, name: str) -> Iterator[tuple[Add, bool]]:
        """What an event of a kind and name changes, and whether before the rules are asked."""
        if kind == "field":
            for slot, test in self._by_name.get(("field", name), ()):
                yield _set_value(slot), not test.before
            return
        if kind not in _KINDS:
            return
        noun, gains = _KINDS[kind]
        make = _gain if gains else _lose
        for slot, test in self._by_name.get((noun, name), ()):
            yield make(slot, name), not test.before
        for slot, test, fits in self._others.get(noun, ()):
            if fits(name):
                yield make(slot, name), not test.before


def _set_value(slot: int) -> Add:
    def update(cells: Cells, record: Record) -> None:
        cells[slot] = record.value

    return update


def _gain(slot: int, name: str) -> Add:
    def update(cells: Cells, record: Record) -> None:
        held = cells.get(slot)
        if held is None:
            cells[slot] = {name}
        else:
            held.add(name)

    return update


def _lose(slot: int, name: str) -> Add:
    def update(cells: Cells, record: Record) -> None:
        held = cells.get(slot)
        if held is not None:
            held.discard(name)
            if not held:
                del cells[slot]

    return update


def member_updates(network: Network, first_slot: int) -> Members:
    """The states that a network's tests ask for."""
    return Members(network, first_slot)


class Tests(NamedTuple):
    """How conditions become tests, the tests that they are made of by number, and the memory of what was found for the present trigger."""

    of: Callable[[ConditionNode], ContactTest]
    tests: Sequence[ContactTest]
    memo: dict[int, bool]


def condition_tests(network: Network, measuring: list[Measuring], members: Members, zone: Zone) -> Tests:
    """All conditions of a network at work."""
    memo: dict[int, bool] = {}
    used = _uses(network)
    tests: list[ContactTest] = []
    segments: list[ContactTest] = []

    def condition_of(node: ConditionNode) -> ContactTest:
        match node:
            case int():
                return tests[node]
            case Negation(part):
                negated = condition_of(part)
                return lambda cells, record: not negated(cells, record)
            case All(parts):
                return _all([condition_of(part) for part in parts])
            case AnyOf(parts):
                return _any([condition_of(part) for part in parts])

    # A segment's tests come before the test that asks for the segment: both are numbered in the order of use.
    for number, test in enumerate(network.tests):
        if isinstance(test, SegmentTest):
            while len(segments) <= test.segment:
                segments.append(condition_of(network.segments[len(segments)].condition))
            made = segments[test.segment]
        else:
            made = _test(test, measuring, members.first_slot + number, zone)
        is_dear = isinstance(test, SegmentTest | WeekdayTest | TimeTest) or (
            isinstance(test, MeasureTest) and network.measures[test.measure].function != "count"
        )
        tests.append(_remembered(made, number, memo) if is_dear and used[number] > 1 else made)

    return Tests(condition_of, tests, memo)


def _uses(network: Network) -> list[int]:
    """How many conditions ask each test."""
    used = [0] * len(network.tests)
    conditions = [rule.condition for rule in network.rules]
    conditions += [segment.condition for segment in network.segments]
    for condition in conditions:
        for number in leaves(condition):
            used[number] += 1
    return used


def _remembered(test: ContactTest, number: int, memo: dict[int, bool]) -> ContactTest:
    """A test that several rules share is asked once for a trigger."""

    def remembered(cells: Cells, record: Record) -> bool:
        found = memo.get(number)
        if found is None:
            found = memo[number] = test(cells, record)
        return found

    return remembered


def _all(tests: list[ContactTest]) -> ContactTest:
    if len(tests) == 2:
        first, second = tests
        return lambda cells, record: first(cells, record) and second(cells, record)

    def every(cells: Cells, record: Record) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs as much as the tests
            if not test(cells, record):
                return False
        return True

    return every


def _any(tests: list[ContactTest]) -> ContactTest:
    if len(tests) == 2:
        first, second = tests
        return lambda cells, record: first(cells, record) or second(cells, record)

    def some(cells: Cells, record: Record) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs as much as the tests
            if test(cells, record):
                return True
        return False

    return some


def _test(test: TestNode, measuring: list[Measuring], slot: int, zone: Zone) -> ContactTest:
    match test:
        case MeasureTest(number, comparison):
            return _measure_test(measuring[number], comparison, zone)
        case MemberTest():
            return lambda cells, record: slot in cells
        case FieldTest(_, comparison):
            check = value_test(comparison, zone)
            return lambda cells, record: check(cells.get(slot))
        case WeekdayTest(days):
            allowed = frozenset(days)
            return lambda cells, record: zone.weekday_of(record.time) in allowed
        case TimeTest(start, end):
            return _time_test(start * times.MINUTE, end * times.MINUTE, zone)
        case SegmentTest():
            raise AssertionError("a segment's test is its condition")


def _measure_test(measuring: Measuring, comparison: tree.Comparison | CountIs, zone: Zone) -> ContactTest:
    get = measuring.accumulator.get
    slot = measuring.slot
    if isinstance(comparison, CountIs):
        sign, number = comparison.operator, comparison.number
        if measuring.is_plain:
            if sign == ">=" and number == 1:
                return lambda cells, record: slot in cells
            if sign == "=" and number == 0:
                return lambda cells, record: slot not in cells
            if sign == ">=":
                return lambda cells, record: cells.get(slot, 0) >= number
        compare = SIGNS[sign]
        return lambda cells, record: compare(get(cells, record), number)
    if isinstance(comparison, tree.CompareProperty):
        return _property_test(measuring, comparison)
    check: Callable[[Any], bool] = average_test(comparison, zone) if measuring.function == "average" else read_test(comparison, zone)
    return lambda cells, record: check(get(cells, record))


def _property_test(measuring: Measuring, comparison: tree.CompareProperty) -> ContactTest:
    """`sum amount > trigger amount`: both sides read as the measure reads its property."""
    get, sign = measuring.accumulator.get, comparison.operator
    property_of = getter(comparison.property.path)
    read = values.text if measuring.reading == "text" else values.number
    if measuring.function == "average":
        return lambda cells, record: average_compares(get(cells, record), sign, read(property_of(record)))
    compare = SIGNS[sign]
    absent = sign == "!="

    def check(cells: Cells, record: Record) -> bool:
        found = get(cells, record)
        wanted = read(property_of(record))
        return absent if found is None or wanted is None else compare(found, wanted)

    return check


def _time_test(start: int, end: int, zone: Zone) -> ContactTest:
    if start < end:
        return lambda cells, record: start <= zone.clock_of(record.time) % times.DAY < end

    def over_midnight(cells: Cells, record: Record) -> bool:
        clock = zone.clock_of(record.time) % times.DAY
        return clock >= start or clock < end

    return over_midnight
