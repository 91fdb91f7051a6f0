"""Patterns: which events of a log each plain pattern may match, with what they have to pass, and how they are looked at beside a trigger.

In: the patterns of a network, those of states among them, and the keys of a log. Out: the candidates of each key, the groups of streams,
and what each key does to a list or tag.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from triggerlang.engines.columnar import layout
from triggerlang.engines.columnar.deciding import Ask, Atom, Decision, Every, Filters, KeyIn, filter_decision
from triggerlang.engines.columnar.dictionaries import Dictionaries
from triggerlang.engines.columnar.layout import NOTHING, Array, Fields
from triggerlang.engines.filters import looks_at_trigger
from triggerlang.engines.happenings import is_paired, trigger_keys
from triggerlang.network import compiler, nodes
from triggerlang.network.index import TriggerIndex, name_test
from triggerlang.network.nodes import Network, PatternNode, SingleNode

STATE_KINDS: Final[Mapping[str, tuple[str, str]]] = {"list": ("subscribe", "unsubscribe"), "tag": ("tag", "untag")}

Group: TypeAlias = tuple[int, tuple[tuple[int, int], ...]]
"""A pattern, and pairs of columns whose texts must be equal."""


class Patterns:
    """The plain patterns of a network by their numbers, and those that are made beside them, which have the numbers after all of the
    network's."""

    def __init__(
        self, network: Network, keys: Sequence[tuple[str, str]], columns: Mapping[str, int], dictionaries: Dictionaries, filters: Filters
    ) -> None:
        self._network, self._keys, self._columns, self._dictionaries, self._filters = network, keys, columns, dictionaries, filters
        self.numbers = {pattern: number for number, pattern in enumerate(network.patterns) if isinstance(pattern, PatternNode)}
        self.count = len(network.patterns)
        self._groups: dict[Group, int] = {}

    def new(self) -> int:
        """The number of one more pattern."""
        self.count += 1
        return self.count - 1

    def is_live(self, number: int) -> bool:
        """Whether entries may match a plain pattern of the network."""
        return may_enter(self.plain(number))

    def plain(self, number: int) -> PatternNode:
        """A plain pattern of the network."""
        pattern = self._network.patterns[number]
        assert isinstance(pattern, PatternNode)
        return pattern

    # What events match

    def candidates(self) -> tuple[Array, Array]:
        """For each key the patterns that its events may match, with what they have to pass."""
        patterns, numbers = tuple(self.numbers), tuple(self.numbers.values())
        by_name, by_kind, by_glob = compiler.index(patterns)
        index = TriggerIndex(dataclasses.replace(self._network, patterns=patterns, by_name=by_name, by_kind=by_kind, by_glob=by_glob))
        fits = [[name_test(single.names) for single in pattern.singles] for pattern in patterns]
        programs: dict[tuple[int, tuple[SingleNode, ...]], int] = {}
        starts, found = [0], []
        for kind, name in self._keys:
            for at in index.candidates(kind, name):
                tests = zip(patterns[at].singles, fits[at], strict=True)
                singles = tuple(single for single, test in tests if single.kind == kind and test(name))
                if (at, singles) not in programs:
                    programs[at, singles] = self._alone(singles)
                found.append((numbers[at], programs[at, singles]))
            starts.append(len(found))
        return np.array(starts, np.int64), np.array(found, layout.CANDIDATE)

    def _alone(self, singles: Sequence[SingleNode]) -> int:
        """What an event must pass by itself, of one of some singles."""
        each = [[filter_decision(test) for test in single.filters if not looks_at_trigger(test)] for single in singles]
        return NOTHING if not all(each) else self._filters.some([Every(tuple(decisions)) for decisions in each])

    # What is asked beside a trigger

    def beside(self, number: int) -> tuple[int, int]:
        """How a pattern's events are looked at beside the trigger: by the number of a group, and by a filter; -1 where that is not done."""
        pattern = self.plain(number)
        if not is_paired(pattern):
            return NOTHING, NOTHING
        keys = trigger_keys(self._network, pattern)
        if keys is not None:
            return self.group(number, keys), NOTHING
        return NOTHING, self.pair(number)

    def pair(self, number: int) -> int:
        """The filter of all that a pattern asks of an event beside a trigger."""
        return self._filters.some([self._single(single) for single in self.plain(number).singles])

    def _single(self, single: SingleNode) -> Decision[Atom]:
        fits = name_test(single.names)
        flags = tuple(kind == single.kind and fits(name) for kind, name in self._keys)
        return Every((Ask(KeyIn(flags)), *(filter_decision(test) for test in single.filters)))

    def group(self, number: int, keys: Sequence[tuple[str, str]]) -> int:
        """The number of the group of a stream by some properties, beside those of the trigger whose texts must be equal."""
        columns = tuple((self._columns[own], self._columns[triggers]) for own, triggers in keys)
        for column in {column for pair in columns for column in pair}:
            self._dictionaries.need_texts(column)
        return self._groups.setdefault((number, columns), len(self._groups))

    def groups(self) -> tuple[list[Fields], list[Fields]]:
        """All groups, and the columns that they look at."""
        groups: list[Fields] = []
        keys: list[Fields] = []
        for pattern, columns in self._groups:
            groups.append({"pattern": pattern, "first_key": len(keys), "end_key": len(keys) + len(columns)})
            keys += [{"own": own, "triggers": triggers} for own, triggers in columns]
        return groups, keys

    # States

    def of_members(self, node: nodes.MemberTest) -> int:
        """The number of the pattern of the events that change which lists or tags a contact has."""
        return self.of_state(tuple(SingleNode(kind, node.names, ()) for kind in STATE_KINDS[node.noun]))

    def of_state(self, singles: tuple[SingleNode, ...]) -> int:
        """The number of the pattern of the events that change a state."""
        pattern = PatternNode(singles)
        if pattern not in self.numbers:
            self.numbers[pattern] = self.new()
        return self.numbers[pattern]

    def state_keys(self) -> tuple[Array, Array, int]:
        """For each key whether it adds to a list or tags, and the number of that; how many numbers there are."""
        members: dict[tuple[str, str], int] = {}
        nouns = {kind: (noun, gains) for noun, kinds in STATE_KINDS.items() for kind, gains in zip(kinds, (1, 0), strict=True)}
        gains = np.zeros(len(self._keys), np.uint8)
        numbers = np.zeros(len(self._keys), np.int32)
        for number, (kind, name) in enumerate(self._keys):
            if kind in nouns:
                noun, gains[number] = nouns[kind]
                numbers[number] = members.setdefault((noun, name), len(members))
        return gains, numbers, len(members)


def may_enter(pattern: PatternNode) -> bool:
    """Whether entries may match a plain pattern."""
    return any(single.kind == "enter" for single in pattern.singles)
