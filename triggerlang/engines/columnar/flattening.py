"""Flattening: a network as flat arrays, for the keys and values of one log.

In: a network, and the kinds, names and dictionaries of a log in columns. Out: a `Net` and what a kernel needs beside it. What section 5
of the reference says of one value is decided here, once for each distinct value; the kernel only looks it up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from triggerlang.engines.columnar import layout
from triggerlang.engines.columnar.deciding import Ask, Decision, Every, Filters, Opposite, Records, Some, Steps
from triggerlang.engines.columnar.dictionaries import Dictionaries
from triggerlang.engines.columnar.layout import FOREVER, FUNCTION_NUMBERS, NEVER, NOTHING, SIGN_NUMBERS, Array, Fields, Flat, rows
from triggerlang.engines.columnar.needs import Needs
from triggerlang.engines.columnar.patterns import Patterns, may_enter
from triggerlang.engines.columnar.ruling import Ruling
from triggerlang.engines.columnar.sequencing import Sequences, asked_properties
from triggerlang.engines.columnar.wide import split
from triggerlang.engines.columnar.zones import clock_offsets
from triggerlang.engines.comparing import end_of, literal_value, moment_of
from triggerlang.events.columns import Texts
from triggerlang.language import times, tree
from triggerlang.language.times import Zone
from triggerlang.network import nodes
from triggerlang.network.nodes import NameSet, Network, PatternNode, SingleNode

NAME, KEY = "event_name", "\0key"
"""The columns that are made of kinds and names: what a property called `event_name` holds, and the key itself."""


def paths_of(network: Network) -> list[str]:
    """The properties that a network asks for, each once; `event_name` is not among them."""
    return [path for path in _asked_paths(network) if path != NAME]


def _asked_paths(network: Network) -> dict[str, None]:
    """All properties that a network asks for."""
    paths: dict[str, None] = {}
    for node in network.patterns:
        paths.update(dict.fromkeys(asked_properties(node)))
        for single in node.singles if isinstance(node, PatternNode) else ():
            for wanted in single.filters:
                paths.update(dict.fromkeys(_paths_of_filter(wanted)))
    for measure in network.measures:
        if measure.property is not None:
            paths[measure.property] = None
    for test in network.tests:
        if isinstance(test, nodes.FieldTest):
            paths["value"] = None
        elif isinstance(test, nodes.MeasureTest) and isinstance(test.comparison, tree.CompareProperty):
            paths[test.comparison.property.path] = None
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
    waited: tuple[int, ...]
    """For each thing that is waited for the number of its chain or moment in the network."""
    outcomes: int
    """How many outcomes of triggers are counted."""
    counted: tuple[tuple[int, int], ...]
    """The rules whose triggers are counted, and the first outcome of each."""


def flatten(
    network: Network,
    zone: Zone,
    keys: Sequence[tuple[str, str]],
    dictionaries: Mapping[str, Texts],
    span: tuple[int, int],
    *,
    horizon: int,
    scan_at_most: int,
    whole_from: Sequence[int],
    counted: tuple[int, int] | None = None,
) -> FlatNetwork:
    """The flat arrays of a network for one log, whose first and last moments are given, and the moment up to which it reaches. Ranges of
    up to `scan_at_most` events are looked through. `whole_from` tells for each rule from when on its windows lie within the log. Triggers
    from one moment on and before another are `counted`, or none."""
    return _Flattener(network, zone, keys, dictionaries, span, horizon, scan_at_most, whole_from, counted).flat()


class _Flattener:
    def __init__(
        self,
        network: Network,
        zone: Zone,
        keys: Sequence[tuple[str, str]],
        dictionaries: Mapping[str, Texts],
        span: tuple[int, int],
        horizon: int,
        scan_at_most: int,
        whole_from: Sequence[int],
        counted: tuple[int, int] | None,
    ) -> None:
        self.whole_from = whole_from
        self.network, self.zone, self.scan_at_most, self.counted = network, zone, scan_at_most, counted
        self.horizon, self.span = horizon, (span[0], max(span[1], horizon))
        self.entries_start = any(isinstance(pattern, PatternNode) and may_enter(pattern) for pattern in network.patterns)
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
        self.patterns = Patterns(network, tuple(self.keys), self.columns, self.dictionaries, self.filters)
        self.sequences = Sequences(network, self.columns, self.dictionaries, self.patterns, zone)
        self.uses = _uses(network)
        self.needs = Needs(network, self.patterns.of_members, self.sequences.has_stream)
        self.segment_programs: list[int] = []
        self.decisions: dict[int, Decision[int]] = {}

    def flat(self) -> FlatNetwork:
        dictionaries = self.dictionaries
        measures = [self._measure(node) for node in self.network.measures]
        ruling = Ruling(self.network, self.zone, self.columns, dictionaries, self.needs, self._program, self.whole_from)
        if self.counted is not None:
            ruling.count()
        sequences = self.sequences
        group_rows, key_rows = self.patterns.groups()
        candidates_from, candidates = self.patterns.candidates()
        gains, members, member_count = self.patterns.state_keys()
        zone_from, zone_offset = self._zone()
        clock_from, clock_offset = sequences.clocks(*self.span)
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
            "patterns": self._patterns(ruling),
            "weavings": rows(layout.WEAVING, [sequences.weaving(number) for number in range(self.patterns.count)]),
            "rules": rows(layout.RULE, ruling.rules),
            "asked": rows(layout.ASKED, ruling.rules),
            "condition_steps": self.conditions.array(),
            "counted": rows(layout.COUNTED, ruling.counted),
            "parts": rows(layout.PART, ruling.parts),
            "tests": self.tests.array(),
            "measures": rows(layout.MEASURE, measures),
            "groups": rows(layout.GROUP, group_rows),
            "keys": rows(layout.KEY, key_rows),
            "values": self.values.array(),
            "ranks_from": np.array(dictionaries.ranks.starts, np.int64),
            "ranks": dictionaries.ranks.all,
            "texts_from": dictionaries.texts.starts,
            "texts": dictionaries.texts.all,
            "numbers_from": dictionaries.highs.starts,
            "highs": dictionaries.highs.all,
            "lows": dictionaries.lows.all,
            "has_number": dictionaries.has_number.all,
            "roles": rows(layout.ROLE, sequences.roles),
            "chains": rows(layout.CHAIN, sequences.chains),
            "layers": rows(layout.LAYER, sequences.layers),
            "same": np.array(sequences.same, np.int32),
            "waits": rows(layout.WAIT, sequences.waits),
            "breaks": rows(layout.BREAK, sequences.breaks),
            "dates": sequences.dates,
            "replays": rows(layout.REPLAY, sequences.replays),
            "sources": np.array(sequences.sources, np.int32),
            "limits": rows(layout.LIMIT, ruling.limits),
            "automation_keys": np.array([numbered.get(("enter", name), NOTHING) for name in automations], np.int32),
            "automation_names": np.array([self.name_codes.get(name, 0) for name in automations], np.int32),
            "zone_from": zone_from,
            "zone_offset": zone_offset,
            "clock_from": clock_from,
            "clock_offset": clock_offset,
        }
        numbers = {
            "zones": len(zone_from),
            "clocks": len(clock_from),
            "name_column": self.columns[NAME],
            "key_column": self.columns[KEY],
            "value_column": self.columns.get("value", NOTHING),
            "entries_start": int(self.entries_start),
            "is_woven": int(any(part.roles for part in sequences.parts.values())),
            "is_waited": int(bool(sequences.waits)),
            "horizon": self.horizon,
            "scan_at_most": self.scan_at_most,
            "is_counted": int(self.counted is not None),
            "counted_from": 0 if self.counted is None else self.counted[0],
            "counted_until": 0 if self.counted is None else self.counted[1],
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
            waited=tuple(sequences.waited),
            outcomes=ruling.outcomes,
            counted=tuple((row["rule"], row["outcomes"]) for row in ruling.counted),
        )

    def _patterns(self, ruling: Ruling) -> Array:
        records: list[Fields] = []
        for number in range(self.patterns.count):
            first, end = ruling.ends.get(number, (0, 0))
            whole_from = max((rule["whole_from"] for rule in ruling.rules[first:end]), default=NEVER)
            records.append({"first_rule": first, "end_rule": end, "whole_from": whole_from, **self.sequences.pattern_fields(number)})
        for pattern, number in self.patterns.numbers.items():
            records[number]["is_live"] = int(may_enter(pattern))
        return rows(layout.PATTERN, records)

    # Measures

    def _measure(self, node: nodes.MeasureNode) -> Fields:
        row: Fields = {"function": FUNCTION_NUMBERS[node.function], "pattern": node.pattern, "so_far": int(node.so_far)}
        row |= self._beside(node.pattern)
        match node.window:
            case nodes.Whole():
                row["window"] = layout.WHOLE
            case nodes.Sliding(width):
                row |= {"window": layout.SLIDING, "width": min(width, FOREVER)}
            case nodes.Fixed(start, end):
                last = FOREVER if end is None else end_of(end, self.zone)
                row |= {"window": layout.FIXED, "start": moment_of(start, self.zone), "end": last}
            case nodes.AfterLast(pattern):
                last_group, last_pair = self.patterns.beside(pattern)
                row |= {"window": layout.AFTER_LAST, "last_pattern": pattern, "last_group": last_group, "last_pair": last_pair}
        if node.property is not None and node.reading is not None:
            column = self.columns[node.property]
            reading = self.dictionaries.reading(column, node.reading, ordered=node.function in ("min", "max"))
            if node.reading == "number":
                self.dictionaries.need_numbers(column)
            values = self.values.number(pattern=node.pattern, group=row.get("group", NOTHING), column=column, reading=reading)
            row |= {"column": column, "reading": reading, "values": values}
        return row

    def _beside(self, number: int) -> Fields:
        """How a measure looks at what happens of a pattern or chain beside the trigger."""
        if not isinstance(self.network.patterns[number], PatternNode):
            return self.sequences.beside(number)
        group, pair = self.patterns.beside(number)
        return {"group": group, "pair": pair}

    # Conditions

    def _program(self, condition: nodes.ConditionNode) -> int:
        """The program of a condition; those of segments are made on the way, each after those that it asks for."""
        return self.conditions.program(self._decision(condition))

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
                pattern = self.patterns.of_members(node)
                is_single = int(isinstance(node.names, NameSet) and len(node.names.names) == 1)
                row = {"kind": layout.MEMBER_TEST, "pattern": pattern, "is_before": int(node.before), "is_single": is_single}
            case nodes.FieldTest():
                pattern = self.patterns.of_state((SingleNode("field", NameSet((node.name,)), ()),))
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
        return measure.function == "count" and is_whole and set(self._beside(measure.pattern).values()) <= {NOTHING}

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

    def _zone(self) -> tuple[Array, Array]:
        if any(isinstance(test, nodes.WeekdayTest | nodes.TimeTest) for test in self.network.tests):
            return clock_offsets(self.zone, *self.span)
        return np.zeros(0, np.int64), np.zeros(0, np.int64)


def _uses(network: Network) -> list[int]:
    """How many conditions ask each test."""
    used = [0] * len(network.tests)
    for condition in (*(rule.condition for rule in network.rules), *(segment.condition for segment in network.segments)):
        for number in nodes.leaves(condition):
            used[number] += 1
    return used
