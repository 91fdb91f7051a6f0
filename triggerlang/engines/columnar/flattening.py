"""Flattening: a network as flat arrays, for the keys and values of one log.

In: a network, and the kinds, names and dictionaries of a log in columns. Out: a `Net` and what a kernel needs beside it. What section 5
of the reference says of one value is decided here, once for each distinct value; the kernel only looks it up.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from triggerlang.engines.columnar import layout
from triggerlang.engines.columnar.deciding import (
    Ask,
    Atom,
    Decision,
    Every,
    Filters,
    KeyIn,
    Opposite,
    Records,
    Some,
    Steps,
    filter_decision,
)
from triggerlang.engines.columnar.dictionaries import Dictionaries
from triggerlang.engines.columnar.layout import FUNCTION_NUMBERS, NOTHING, SIGN_NUMBERS, Array, Flat
from triggerlang.engines.columnar.needs import Needs
from triggerlang.engines.columnar.wide import split
from triggerlang.engines.columnar.zones import clock_offsets
from triggerlang.engines.comparing import end_of, literal_value, moment_of
from triggerlang.engines.filters import looks_at_trigger
from triggerlang.events.columns import Texts
from triggerlang.language import times, tree
from triggerlang.language.times import Zone
from triggerlang.network import compiler, nodes
from triggerlang.network.index import TriggerIndex, name_test
from triggerlang.network.nodes import NameSet, Network, PatternNode, SingleNode

FOREVER: Final = 1 << 60
"""Longer than any log, in microseconds; and a moment after all."""

NAME, KEY = "event_name", "\0key"
"""The columns that are made of kinds and names: what a property called `event_name` holds, and the key itself."""

STATE_KINDS: Final[Mapping[str, tuple[str, str]]] = {"list": ("subscribe", "unsubscribe"), "tag": ("tag", "untag")}

Fields: TypeAlias = dict[str, int]
Group: TypeAlias = tuple[int, tuple[tuple[int, int], ...]]
"""A pattern, and pairs of columns whose texts must be equal."""


def paths_of(network: Network) -> list[str]:
    """The properties that a network asks for, each once; `event_name` is not among them."""
    return [path for path in _asked_paths(network) if path != NAME]


def _asked_paths(network: Network) -> dict[str, None]:
    """All properties that a network asks for."""
    paths: dict[str, None] = {}
    for pattern in plain_patterns(network):
        for single in pattern.singles:
            for test in single.filters:
                paths.update(dict.fromkeys(_paths_of_filter(test)))
    for measure in network.measures:
        if measure.property is not None:
            paths[measure.property] = None
    for node in network.tests:
        if isinstance(node, nodes.FieldTest):
            paths["value"] = None
        elif isinstance(node, nodes.MeasureTest) and isinstance(node.comparison, tree.CompareProperty):
            paths[node.comparison.property.path] = None
    for runs in (*(rule.runs for rule in network.rules), *(automation.runs for automation in network.automations)):
        if isinstance(runs, tree.Once) and runs.per is not None:
            paths[runs.per.path] = None
    return paths


def _paths_of_filter(test: tree.Condition) -> Iterator[str]:
    match test:
        case tree.And(parts) | tree.Or(parts):
            for part in parts:
                yield from _paths_of_filter(part)
        case tree.Not(part):
            yield from _paths_of_filter(part)
        case tree.PropertyTest(wanted, comparison):
            yield wanted.path
            if isinstance(comparison, tree.CompareProperty):
                yield comparison.property.path


def plain_patterns(network: Network) -> tuple[PatternNode, ...]:
    """The patterns of a network, which must be all that can happen in it: sequences, absences and moments are not known here yet."""
    plain = tuple(pattern for pattern in network.patterns if isinstance(pattern, PatternNode))
    assert len(plain) == len(network.patterns)
    return plain


@dataclass(frozen=True, slots=True)
class FlatNetwork:
    """A network as flat arrays; the columns that it asks for, by their numbers; and how large the parts of a kernel's memory must be."""

    net: Flat
    columns: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    """Those of the log, and after them those of entries."""
    names: Array
    """For each key the code of its name in the column `event_name`."""
    asks_names: bool
    """Whether any rule asks for that."""
    is_wanted: Array
    """For each key whether any pattern may match it."""
    most_ranks: int
    members: int


def flatten(
    network: Network,
    zone: Zone,
    keys: Sequence[tuple[str, str]],
    dictionaries: Mapping[str, Texts],
    span: tuple[int, int],
    *,
    scan_at_most: int,
) -> FlatNetwork:
    """The flat arrays of a network for one log, whose first and last moments are given. Ranges of up to `scan_at_most` events are looked
    through."""
    return _Flattener(network, zone, keys, dictionaries, span, scan_at_most).flat()


class _Flattener:
    def __init__(
        self,
        network: Network,
        zone: Zone,
        keys: Sequence[tuple[str, str]],
        dictionaries: Mapping[str, Texts],
        span: tuple[int, int],
        scan_at_most: int,
    ) -> None:
        self.network, self.zone, self.span, self.scan_at_most = network, zone, span, scan_at_most
        self.plain = plain_patterns(network)
        self.entries_start = any(single.kind == "enter" for pattern in self.plain for single in pattern.singles)
        self.keys = dict.fromkeys(keys)
        if self.entries_start:
            self.keys.update(dict.fromkeys(("enter", automation.name) for automation in network.automations))
        names = dict.fromkeys(name for _, name in self.keys)
        self.name_codes = {name: code for code, name in enumerate(names, 1)}
        held = dict(dictionaries)
        held[NAME] = Texts.of([b"", *(b"s" + name.encode("utf-8", "surrogatepass") for name in names)])
        held[KEY] = Texts.of([b""] * len(self.keys))
        self.columns = {path: number for number, path in enumerate(held)}
        self.dictionaries = Dictionaries(list(held.values()), zone)
        self.filters = Filters(self.dictionaries, self.columns, self.columns[KEY])
        self.tests, self.conditions = Records(layout.TEST), Steps[int](lambda number: number)
        self.values = Records(layout.VALUES)
        self.groups: dict[Group, int] = {}
        self.states: dict[PatternNode, int] = {pattern: number for number, pattern in enumerate(self.plain)}
        self.uses = _uses(network)
        self.needs = Needs(network, self._member_pattern)
        self.segment_programs: list[int] = []
        self.decisions: dict[int, Decision[int]] = {}

    def flat(self) -> FlatNetwork:
        dictionaries = self.dictionaries
        measures = [self._measure(node) for node in self.network.measures]
        programs = self._conditions()
        limits, rule_limits, header_limits = self._limits()
        rules, ends = self._rules(programs, rule_limits, header_limits)
        group_rows, key_rows = self._groups()
        candidates_from, candidates = self._candidates()
        gains, members, member_count = self._state_keys()
        zone_from, zone_offset = self._zone()
        numbered = {key: number for number, key in enumerate(self.keys)}
        automations = [automation.name for automation in self.network.automations]
        arrays = {
            "candidates_from": candidates_from,
            "candidates": candidates,
            "gains": gains,
            "members": members,
            "atoms": self.filters.atoms.array(),
            "tables": dictionaries.tables.all,
            "filter_steps": self.filters.steps.array(),
            "patterns": self._patterns(ends),
            "rules": _rows(layout.RULE, rules),
            "asked": _rows(layout.ASKED, rules),
            "condition_steps": self.conditions.array(),
            "tests": self.tests.array(),
            "measures": _rows(layout.MEASURE, measures),
            "groups": _rows(layout.GROUP, group_rows),
            "keys": _rows(layout.KEY, key_rows),
            "values": self.values.array(),
            "ranks_from": np.array(dictionaries.ranks.starts, np.int64),
            "ranks": dictionaries.ranks.all,
            "texts_from": dictionaries.texts.starts,
            "texts": dictionaries.texts.all,
            "numbers_from": dictionaries.highs.starts,
            "highs": dictionaries.highs.all,
            "lows": dictionaries.lows.all,
            "has_number": dictionaries.has_number.all,
            "limits": _rows(layout.LIMIT, limits),
            "automation_keys": np.array([numbered.get(("enter", name), NOTHING) for name in automations], np.int32),
            "automation_names": np.array([self.name_codes.get(name, 0) for name in automations], np.int32),
            "zone_from": zone_from,
            "zone_offset": zone_offset,
        }
        numbers = {
            "zones": len(zone_from),
            "name_column": self.columns[NAME],
            "key_column": self.columns[KEY],
            "value_column": self.columns.get("value", NOTHING),
            "entries_start": int(self.entries_start),
            "scan_at_most": self.scan_at_most,
        }
        return FlatNetwork(
            net=Flat(layout.NET, arrays, numbers),
            columns=tuple(self.columns),
            keys=tuple(self.keys),
            names=np.array([self.name_codes[name] for _, name in self.keys], np.int32),
            asks_names=NAME in _asked_paths(self.network),
            is_wanted=np.diff(candidates_from) > 0,
            most_ranks=dictionaries.most_ranks,
            members=member_count,
        )

    # Patterns

    def _patterns(self, ends: Mapping[int, tuple[int, int]]) -> Array:
        rows = np.zeros(len(self.states), layout.PATTERN)
        for pattern, number in self.states.items():
            rows[number] = (*ends.get(number, (0, 0)), any(single.kind == "enter" for single in pattern.singles))
        return rows

    def _candidates(self) -> tuple[Array, Array]:
        """For each key the patterns that its events may match, with what they have to pass."""
        patterns = tuple(self.states)
        by_name, by_kind, by_glob = compiler.index(patterns)
        index = TriggerIndex(dataclasses.replace(self.network, patterns=patterns, by_name=by_name, by_kind=by_kind, by_glob=by_glob))
        fits = [[name_test(single.names) for single in pattern.singles] for pattern in patterns]
        programs: dict[tuple[int, tuple[SingleNode, ...]], int] = {}
        starts, found = [0], []
        for kind, name in self.keys:
            for number in index.candidates(kind, name):
                tests = zip(patterns[number].singles, fits[number], strict=True)
                singles = tuple(single for single, test in tests if single.kind == kind and test(name))
                if (number, singles) not in programs:
                    programs[number, singles] = self._alone(singles)
                found.append((number, programs[number, singles]))
            starts.append(len(found))
        return np.array(starts, np.int64), np.array(found, layout.CANDIDATE)

    def _alone(self, singles: Sequence[SingleNode]) -> int:
        """What an event must pass by itself, of one of some singles."""
        each = [[filter_decision(test) for test in single.filters if not looks_at_trigger(test)] for single in singles]
        return NOTHING if not all(each) else self.filters.some([Every(tuple(decisions)) for decisions in each])

    def _beside(self, number: int) -> tuple[int, int]:
        """How a pattern's events are looked at beside the trigger: by the number of a group, and by a filter; -1 where that is not done."""
        pattern = self.plain[number]
        if not any(looks_at_trigger(test) for single in pattern.singles for test in single.filters):
            return NOTHING, NOTHING
        keys = _equal_texts(pattern)
        if keys is not None and not any(single.kind == "enter" for single in pattern.singles):
            columns = tuple((self.columns[own], self.columns[triggers]) for own, triggers in keys)
            for column in {column for pair in columns for column in pair}:
                self.dictionaries.need_texts(column)
            return self.groups.setdefault((number, columns), len(self.groups)), NOTHING
        return NOTHING, self.filters.some([self._single(single) for single in pattern.singles])

    def _single(self, single: SingleNode) -> Decision[Atom]:
        fits = name_test(single.names)
        flags = tuple(kind == single.kind and fits(name) for kind, name in self.keys)
        return Every((Ask(KeyIn(flags)), *(filter_decision(test) for test in single.filters)))

    def _groups(self) -> tuple[list[Fields], list[Fields]]:
        groups: list[Fields] = []
        keys: list[Fields] = []
        for pattern, columns in self.groups:
            groups.append({"pattern": pattern, "first_key": len(keys), "end_key": len(keys) + len(columns)})
            keys += [{"own": own, "triggers": triggers} for own, triggers in columns]
        return groups, keys

    # Measures

    def _measure(self, node: nodes.MeasureNode) -> Fields:
        group, pair = self._beside(node.pattern)
        row: Fields = {
            "function": FUNCTION_NUMBERS[node.function],
            "pattern": node.pattern,
            "group": group,
            "pair": pair,
            "so_far": int(node.so_far),
        }
        match node.window:
            case nodes.Whole():
                row["window"] = layout.WHOLE
            case nodes.Sliding(width):
                row |= {"window": layout.SLIDING, "width": min(width, FOREVER)}
            case nodes.Fixed(start, end):
                last = FOREVER if end is None else end_of(end, self.zone)
                row |= {"window": layout.FIXED, "start": moment_of(start, self.zone), "end": last}
            case nodes.AfterLast(pattern):
                last_group, last_pair = self._beside(pattern)
                row |= {"window": layout.AFTER_LAST, "last_pattern": pattern, "last_group": last_group, "last_pair": last_pair}
        if node.property is not None and node.reading is not None:
            column = self.columns[node.property]
            reading = self.dictionaries.reading(column, node.reading, ordered=node.function in ("min", "max"))
            if node.reading == "number":
                self.dictionaries.need_numbers(column)
            values = self.values.number(pattern=node.pattern, group=group, column=column, reading=reading)
            row |= {"column": column, "reading": reading, "values": values}
        return row

    # Conditions

    def _conditions(self) -> list[int]:
        """The programs of the rules' conditions; segments are made on the way, each after those that it asks for."""
        conditions = [rule.condition for rule in self.network.rules]
        return [NOTHING if condition is None else self.conditions.program(self._decision(condition)) for condition in conditions]

    def _decision(self, condition: nodes.ConditionNode) -> Decision[int]:
        match condition:
            # No test changes anything, so what costs less is asked first.
            case nodes.All(parts):
                return Every(tuple(self._decision(part) for part in sorted(parts, key=self.needs.cost)))
            case nodes.AnyOf(parts):
                return Some(tuple(self._decision(part) for part in sorted(parts, key=self.needs.cost)))
            case nodes.Negation(part):
                return Opposite(self._decision(part))
            case int():
                if condition not in self.decisions:
                    self.decisions[condition] = self._test(condition)
                return self.decisions[condition]

    def _test(self, number: int) -> Decision[int]:
        """A test of the network as one of the kernel, or as several."""
        node = self.network.tests[number]
        is_shared = int(self.uses[number] > 1)
        match node:
            case nodes.MeasureTest():
                return self._measure_test(node, is_shared)
            case nodes.MemberTest():
                pattern = self._member_pattern(node)
                is_single = int(isinstance(node.names, NameSet) and len(node.names.names) == 1)
                row = {"kind": layout.MEMBER_TEST, "pattern": pattern, "is_before": int(node.before), "is_single": is_single}
            case nodes.FieldTest():
                pattern = self._state((SingleNode("field", NameSet((node.name,)), ()),))
                program = self.filters.value("value", node.comparison)
                row = {"kind": layout.FIELD_TEST, "pattern": pattern, "is_before": int(node.before), "program": program}
            case nodes.WeekdayTest(days):
                row = {"kind": layout.WEEKDAY_TEST, "number": sum(1 << day for day in days)}
            case nodes.TimeTest(start, end):
                row = {"kind": layout.TIME_TEST, "start": start * times.MINUTE, "end": end * times.MINUTE}
            case nodes.SegmentTest(segment):
                # They stand in the order of use, so none is asked for before those that it asks for itself are made.
                while len(self.segment_programs) <= segment:
                    made = self._decision(self.network.segments[len(self.segment_programs)].condition)
                    self.segment_programs.append(self.conditions.program(made))
                row = {"kind": layout.SEGMENT_TEST, "program": self.segment_programs[segment]}
        return Ask(self.tests.number(is_shared=is_shared, **row))

    def _measure_test(self, node: nodes.MeasureTest, is_shared: int) -> Decision[int]:
        measure, comparison = self.network.measures[node.measure], node.comparison
        row = {"measure": node.measure, "is_shared": is_shared}
        if isinstance(comparison, nodes.CountIs):
            sign, number = SIGN_NUMBERS[comparison.operator], min(comparison.number, FOREVER)
            if self._is_plain(measure):
                # Looking it up again costs no more than remembering it.
                plain = {"kind": layout.PLAIN_COUNT_TEST, "pattern": measure.pattern, "is_shared": 0}
                return Ask(self.tests.number(sign=sign, number=number, **(row | plain)))
            return Ask(self.tests.number(kind=layout.COUNT_TEST, sign=sign, number=number, **row))
        if isinstance(comparison, tree.CompareProperty):
            return self._trigger_test(measure, comparison, row)
        if measure.function not in ("sum", "average"):
            assert measure.property is not None
            return Ask(self.tests.number(kind=layout.VALUE_TEST, program=self.filters.value(measure.property, comparison), **row))
        match comparison:
            case tree.Compare(operator, literal):
                return self._number_test(operator, literal, row)
            case tree.OneOf(literals):
                return Some(tuple(self._number_test("=", literal, row) for literal in literals))
        raise AssertionError("a sum is compared with numbers")

    def _is_plain(self, measure: nodes.MeasureNode) -> bool:
        """Whether a measure is how many events stand before the trigger."""
        is_whole = isinstance(measure.window, nodes.Whole) and not measure.so_far
        return measure.function == "count" and is_whole and self._beside(measure.pattern) == (NOTHING, NOTHING)

    def _number_test(self, sign: tree.Operator, literal: tree.Literal, row: Fields) -> Decision[int]:
        scaled = literal_value(literal, self.zone)[1]
        assert isinstance(scaled, int)
        high, low = split(scaled)
        return Ask(self.tests.number(kind=layout.NUMBER_TEST, sign=SIGN_NUMBERS[sign], high=high, low=low, **row))

    def _trigger_test(self, measure: nodes.MeasureNode, comparison: tree.CompareProperty, row: Fields) -> Decision[int]:
        assert measure.property is not None
        kind = layout.TRIGGER_TEXT_TEST if measure.reading == "text" else layout.TRIGGER_NUMBER_TEST
        own, other = self.columns[measure.property], self.columns[comparison.property.path]
        for column in (own, other):
            if measure.reading == "text":
                self.dictionaries.need_texts(column)
            else:
                self.dictionaries.need_numbers(column)
        return Ask(self.tests.number(kind=kind, sign=SIGN_NUMBERS[comparison.operator], column=other, **row))

    # States

    def _member_pattern(self, node: nodes.MemberTest) -> int:
        return self._state(tuple(SingleNode(kind, node.names, ()) for kind in STATE_KINDS[node.noun]))

    def _state(self, singles: tuple[SingleNode, ...]) -> int:
        """The number of the pattern of the events that change a state."""
        return self.states.setdefault(PatternNode(singles), len(self.states))

    def _state_keys(self) -> tuple[Array, Array, int]:
        """For each key whether it adds to a list or tags, and the number of that; how many numbers there are."""
        members: dict[tuple[str, str], int] = {}
        nouns = {kind: (noun, gains) for noun, kinds in STATE_KINDS.items() for kind, gains in zip(kinds, (1, 0), strict=True)}
        gains = np.zeros(len(self.keys), np.uint8)
        numbers = np.zeros(len(self.keys), np.int32)
        for number, (kind, name) in enumerate(self.keys):
            if kind in nouns:
                noun, gains[number] = nouns[kind]
                numbers[number] = members.setdefault((noun, name), len(members))
        return gains, numbers, len(members)

    def _zone(self) -> tuple[Array, Array]:
        if any(isinstance(test, nodes.WeekdayTest | nodes.TimeTest) for test in self.network.tests):
            return clock_offsets(self.zone, *self.span)
        return np.zeros(0, np.int64), np.zeros(0, np.int64)

    # Rules

    def _rules(self, programs: list[int], limits: list[int], headers: list[int]) -> tuple[list[Fields], dict[int, tuple[int, int]]]:
        """The rules, those of a pattern side by side and in their order; and for each pattern where its rules begin and end."""
        on: dict[int, list[int]] = {}
        for number, rule in enumerate(self.network.rules):
            on.setdefault(rule.on, []).append(number)
        rows: list[Fields] = []
        ends: dict[int, tuple[int, int]] = {}
        for pattern, numbers in on.items():
            ends[pattern] = len(rows), len(rows) + len(numbers)
            rows += [self._rule(number, programs[number], limits, headers) for number in numbers]
        return rows, ends

    def _rule(self, number: int, program: int, limits: list[int], headers: list[int]) -> Fields:
        node = self.network.rules[number]
        active = node.active
        needed = (*self.needs.patterns(node.condition), NOTHING, NOTHING)
        start = -FOREVER if active is None or active.start is None else moment_of(active.start, self.zone)
        end = FOREVER if active is None or active.end is None else end_of(active.end, self.zone)
        return {
            "rule": number,
            "condition": program,
            "limit": limits[number],
            "header": headers[node.automation],
            "automation": node.automation,
            "needed": needed[0],
            "also_needed": needed[1],
            "is_guarded": int(active is not None or headers[node.automation] >= 0),
            "start": start,
            "end": end,
        }

    def _limits(self) -> tuple[list[Fields], list[int], list[int]]:
        """The limits; those of rules and those of headers by their numbers, -1 where there is none."""
        rows: list[Fields] = []

        def number(runs: tree.Runs | None) -> int:
            row = self._limit(runs)
            if row is None:
                return NOTHING
            rows.append(row)
            return len(rows) - 1

        rules = [number(rule.runs) for rule in self.network.rules]
        headers = [number(automation.runs) for automation in self.network.automations]
        return rows, rules, headers

    def _limit(self, runs: tree.Runs | None) -> Fields | None:
        match runs:
            case None | tree.EveryTime():
                return None
            case tree.Once(None):
                return {"kind": layout.AT_MOST_TIMES, "number": 1}
            case tree.Once(per):
                assert per is not None
                column = self.columns[per.path]
                self.dictionaries.need_texts(column)
                return {"kind": layout.ONCE_PER, "column": column}
            case tree.AtMost(number, None):
                return {"kind": layout.AT_MOST_TIMES, "number": min(number, FOREVER)}
            case tree.AtMost(number, per):
                assert per is not None
                return {"kind": layout.AT_MOST_PER, "number": min(number, FOREVER), "width": min(per.microseconds, FOREVER)}


def _uses(network: Network) -> list[int]:
    """How many conditions ask each test."""
    used = [0] * len(network.tests)
    for condition in (*(rule.condition for rule in network.rules), *(segment.condition for segment in network.segments)):
        for number in nodes.leaves(condition):
            used[number] += 1
    return used


def _equal_texts(pattern: PatternNode) -> list[tuple[str, str]] | None:
    """The properties that must have equal texts in the event and the trigger, if that is all that the trigger is asked for."""
    if len(pattern.singles) != 1:
        return None
    found: list[tuple[str, str]] = []
    for test in pattern.singles[0].filters:
        match test:
            case tree.PropertyTest(wanted, tree.CompareProperty("=", "trigger", other)):
                found.append((wanted.path, other.path))
            case _ if looks_at_trigger(test):
                return None
    return found


def _rows(kind: np.dtype[Any], rows: Sequence[Fields]) -> Array:
    """Records; a field that is not given is -1."""
    names = kind.names or ()
    return np.array([tuple(row.get(name, NOTHING) for name in names) for row in rows], kind)
