"""Filters: what a pattern asks of an event beyond its kind and name.

In: a pattern's singles. Out: a function of a record, or of a record and the trigger where a filter compares with the trigger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeAlias

from triggerlang.engines.comparing import property_compares, value_test
from triggerlang.events.record import Record
from triggerlang.language import tree, values
from triggerlang.language.times import Zone
from triggerlang.language.values import Value
from triggerlang.network.index import name_test
from triggerlang.network.nodes import PatternNode, SingleNode

Getter: TypeAlias = Callable[[Record], Value]
EventTest: TypeAlias = Callable[[Record], bool]
PairTest: TypeAlias = Callable[[Record, Record], bool]
"""Of an event and the trigger."""

_VALUE: Getter = itemgetter(Record._fields.index("value"))
_NAME: Getter = itemgetter(Record._fields.index("name"))


def getter(path: str) -> Getter:
    """The function that takes a property out of a record: None where there is none."""
    if path == "value":
        return _VALUE
    if path == "event_name":
        return _NAME
    if "." not in path:
        return lambda record: record.properties.get(path)
    return lambda record: values.lookup(record.properties, path)


def looks_at_trigger(condition: tree.Condition) -> bool:
    """Whether a filter compares with a property of the trigger."""
    match condition:
        case tree.And(parts) | tree.Or(parts):
            return any(looks_at_trigger(part) for part in parts)
        case tree.Not(part):
            return looks_at_trigger(part)
        case tree.PropertyTest(_, tree.CompareProperty(_, "trigger")):
            return True
    return False


def event_filter(condition: tree.Condition, zone: Zone) -> EventTest:
    """A filter that looks at the event alone."""
    match condition:
        case tree.And(parts):
            every = [event_filter(part, zone) for part in parts]
            return lambda record: all(test(record) for test in every)
        case tree.Or(parts):
            some = [event_filter(part, zone) for part in parts]
            return lambda record: any(test(record) for test in some)
        case tree.Not(part):
            negated = event_filter(part, zone)
            return lambda record: not negated(record)
        case tree.PropertyTest(wanted, tree.CompareProperty(sign, _, other)):
            left, right = getter(wanted.path), getter(other.path)
            return lambda record: property_compares(sign, left(record), right(record))
        case tree.PropertyTest(wanted, comparison):
            get, test = getter(wanted.path), value_test(comparison, zone)
            return lambda record: test(get(record))
    raise AssertionError("a filter holds comparisons only")


def pair_filter(condition: tree.Condition, zone: Zone) -> PairTest:
    """A filter that may look at the trigger too."""
    if not looks_at_trigger(condition):
        alone = event_filter(condition, zone)
        return lambda record, trigger: alone(record)
    match condition:
        case tree.And(parts):
            every = [pair_filter(part, zone) for part in parts]
            return lambda record, trigger: all(test(record, trigger) for test in every)
        case tree.Or(parts):
            some = [pair_filter(part, zone) for part in parts]
            return lambda record, trigger: any(test(record, trigger) for test in some)
        case tree.Not(part):
            negated = pair_filter(part, zone)
            return lambda record, trigger: not negated(record, trigger)
        case tree.PropertyTest(wanted, tree.CompareProperty(sign, _, other)):
            left, right = getter(wanted.path), getter(other.path)
            return lambda record, trigger: property_compares(sign, left(record), right(trigger))
    raise AssertionError("a filter holds comparisons only")


@dataclass(frozen=True, slots=True)
class Matching:
    """How a pattern matches the events of one kind and name.

    `alone` is what an event must meet by itself, None if nothing. `pair` is what it must meet beside a trigger, None if
    nothing.
    """

    alone: EventTest | None
    pair: PairTest | None


def matching(pattern: PatternNode, kind: str, name: str, zone: Zone) -> Matching | None:
    """How a pattern matches events of a kind and name; None if it does not match them at all."""
    singles = [single for single in pattern.singles if single.kind == kind and name_test(single.names)(name)]
    if not singles:
        return None
    if all(not looks_at_trigger(test) for single in singles for test in single.filters):
        return Matching(_any_alone(singles, zone), None)
    alone = [_alone([test for test in single.filters if not looks_at_trigger(test)], zone) for single in singles]
    pairs = [_pair(single, zone) for single in singles]
    either = None if None in alone else [test for test in alone if test is not None]
    return Matching(
        None if either is None else (lambda record: any(test(record) for test in either)),
        pairs[0] if len(pairs) == 1 else (lambda record, trigger: any(test(record, trigger) for test in pairs)),
    )


def pattern_pair(pattern: PatternNode, zone: Zone) -> PairTest:
    """Whether a pattern matches a record of any kind and name beside a trigger."""
    singles = [(single.kind, name_test(single.names), _pair(single, zone)) for single in pattern.singles]
    return lambda record, trigger: any(record.kind == kind and fits(record.name) and test(record, trigger) for kind, fits, test in singles)


def _pair(single: SingleNode, zone: Zone) -> PairTest:
    tests = [pair_filter(test, zone) for test in single.filters]
    if len(tests) == 1:
        return tests[0]
    return lambda record, trigger: all(test(record, trigger) for test in tests)


def _any_alone(singles: list[SingleNode], zone: Zone) -> EventTest | None:
    tests: list[EventTest] = []
    for single in singles:
        test = _alone(list(single.filters), zone)
        if test is None:
            return None
        tests.append(test)
    if len(tests) == 1:
        return tests[0]
    return lambda record: any(test(record) for test in tests)


def _alone(filters: list[tree.Condition], zone: Zone) -> EventTest | None:
    tests = [event_filter(test, zone) for test in filters]
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda record: first(record) and second(record)
    return lambda record: all(test(record) for test in tests)
