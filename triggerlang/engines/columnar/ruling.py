"""Ruling: the rules of a network as records, with their limits, and what is counted of their triggers.

In: a network, the columns of a log, and how a condition becomes a program. Out: rows of `RULE`, `ASKED`, `LIMIT`, `COUNTED` and `PART`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from triggerlang.engines.columnar import layout
from triggerlang.engines.columnar.dictionaries import Dictionaries
from triggerlang.engines.columnar.layout import FOREVER, NOTHING, Fields
from triggerlang.engines.columnar.needs import Needs
from triggerlang.engines.comparing import end_of, moment_of
from triggerlang.engines.funnel import STEPS_BESIDE_PARTS, parts_of
from triggerlang.language import tree
from triggerlang.language.times import Zone
from triggerlang.network.nodes import ConditionNode, Network

OUTCOMES_OF_STEP: Final = 2
"""A step stops a trigger among others, or alone."""


class Ruling:
    """The rules of a network, those of a pattern side by side and in their order."""

    def __init__(
        self,
        network: Network,
        zone: Zone,
        columns: Mapping[str, int],
        dictionaries: Dictionaries,
        needs: Needs,
        program: Callable[[ConditionNode], int],
        whole_from: Sequence[int],
    ) -> None:
        """`whole_from` tells for each rule from when on its windows lie within the log."""
        self._network, self._zone, self._columns, self._dictionaries = network, zone, columns, dictionaries
        self._needs, self._program, self._whole_from = needs, program, whole_from
        self.limits: list[Fields] = []
        self._own = [self._limit(rule.runs) for rule in network.rules]
        self._headers = [self._limit(automation.runs) for automation in network.automations]
        self.rules: list[Fields] = []
        self.ends: dict[int, tuple[int, int]] = {}
        """For each pattern where its rules begin and end."""
        on: dict[int, list[int]] = {}
        for number, rule in enumerate(network.rules):
            on.setdefault(rule.on, []).append(number)
        for pattern, numbers in on.items():
            self.ends[pattern] = len(self.rules), len(self.rules) + len(numbers)
            self.rules += [self._rule(number) for number in numbers]
        self.counted: list[Fields] = []
        self.parts: list[Fields] = []
        self.outcomes = 0
        """How many outcomes of triggers there are."""

    def count(self) -> None:
        """Have the triggers of all rules counted."""
        for row in self.rules:
            first = len(self.parts)
            for part in parts_of(self._network.rules[row["rule"]].condition):
                needed = (*self._needs.patterns(part), NOTHING)[0]
                self.parts.append({"program": self._program(part), "needed": needed})
            limit = row["limit"]
            if limit >= 0 and self.limits[limit]["kind"] == layout.AT_MOST_TIMES:
                # It is known of such a rule when it can enter no more.
                limit = NOTHING
            own = {"first_part": first, "end_part": len(self.parts), "outcomes": self.outcomes, "limit": limit}
            self.counted.append({**row, **own})
            self.outcomes += OUTCOMES_OF_STEP * (len(self.parts) - first + STEPS_BESIDE_PARTS) + 1

    def _rule(self, number: int) -> Fields:
        node = self._network.rules[number]
        active = node.active
        needed = (*self._needs.patterns(node.condition), NOTHING, NOTHING)
        header = self._headers[node.automation]
        return {
            "rule": number,
            "condition": NOTHING if node.condition is None else self._program(node.condition),
            "limit": self._own[number],
            "header": header,
            "automation": node.automation,
            "needed": needed[0],
            "also_needed": needed[1],
            "is_guarded": int(active is not None or header >= 0),
            "start": -FOREVER if active is None or active.start is None else moment_of(active.start, self._zone),
            "end": FOREVER if active is None or active.end is None else end_of(active.end, self._zone),
            "whole_from": self._whole_from[number],
        }

    def _limit(self, runs: tree.Runs | None) -> int:
        """The number of the limit that a clause sets, -1 where it sets none."""
        match runs:
            case None | tree.EveryTime():
                return NOTHING
            case tree.Once(None):
                row = {"kind": layout.AT_MOST_TIMES, "number": 1}
            case tree.Once(per):
                assert per is not None
                column = self._columns[per.path]
                self._dictionaries.need_texts(column)
                row = {"kind": layout.ONCE_PER, "column": column}
            case tree.AtMost(number, None):
                row = {"kind": layout.AT_MOST_TIMES, "number": min(number, FOREVER)}
            case tree.AtMost(number, per):
                assert per is not None
                row = {"kind": layout.AT_MOST_PER, "number": min(number, FOREVER), "width": min(per.microseconds, FOREVER)}
        self.limits.append(row)
        return len(self.limits) - 1
