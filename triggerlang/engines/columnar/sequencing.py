"""Sequencing: the chains, absences and moments of a network as flat arrays.

In: a network and its plain patterns by their numbers. Out: which roles each pattern plays in which chain, how the steps of a chain are told
apart, what is waited for after an event and what breaks it, and the chains that are made anew beside each trigger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from triggerlang.engines.columnar import layout
from triggerlang.engines.columnar.dictionaries import Dictionaries
from triggerlang.engines.columnar.layout import FOREVER, NEVER, NOTHING, Array, Fields
from triggerlang.engines.columnar.patterns import Patterns
from triggerlang.engines.columnar.zones import clock_offsets
from triggerlang.engines.happenings import trigger_keys
from triggerlang.engines.moments import clock_of_date, moment_of_date
from triggerlang.language import times
from triggerlang.language.times import Zone
from triggerlang.network.nodes import ChainNode, HappeningNode, MomentNode, Network, Option, StepNode, WithoutNode, options_of

FEW: Final = 64
"""As many sequences that end at one event, told apart by a property of so many values, are kept for each."""

BASES: Final = {"event": layout.AFTER_EVENT, "date": layout.AT_DATE, "anniversary": layout.AT_ANNIVERSARY}


def asked_properties(node: HappeningNode) -> Iterable[str]:
    """The properties that a chain or moment asks for itself."""
    if isinstance(node, MomentNode) and node.property is not None:
        yield node.property
    for option in options_of(node):
        yield from option.same


@dataclass(slots=True)
class Part:
    """What a pattern is to chains: its roles in those that only events of the log make, and in others; what is waited for after it; whether
    it is live, and whether its stream holds first events."""

    roles: list[Fields] = field(default_factory=list)
    live_roles: list[Fields] = field(default_factory=list)
    waits: int = NOTHING
    is_live: bool = False
    is_keyed: bool = False
    ranges: Fields = field(default_factory=lambda: {"first_role": 0, "end_role": 0, "first_live": 0, "end_live": 0})


_NO_PART: Final = Part()


class Sequences:
    """The chains, absences and moments of a network by their numbers."""

    def __init__(self, network: Network, columns: dict[str, int], dictionaries: Dictionaries, patterns: Patterns, zone: Zone) -> None:
        self._network, self._columns, self._dictionaries = network, columns, dictionaries
        self._patterns, self._zone = patterns, zone
        self.parts: dict[int, Part] = {}
        self.roles: list[Fields] = []
        self.chains: list[Fields] = []
        self.layers: list[Fields] = []
        self.same: list[int] = []
        self.waits: list[Fields] = []
        self.waited: list[int] = []
        """For each wait the number of its chain or moment in the network."""
        self.breaks: list[Fields] = []
        self.replays: list[Fields] = []
        self.sources: list[int] = []
        self._dates: list[Array] = []
        self._date_starts: dict[tuple[str, bool], int] = {}
        self._shifts: list[int] = []
        self._beside: dict[int, Fields] = {}
        for number, node in enumerate(network.patterns):
            if isinstance(node, MomentNode):
                self._moment(number, node)
            elif isinstance(node, ChainNode):
                self._chain(number, node)
        self._lay_out_roles()

    def beside(self, number: int) -> Fields:
        """How a measure looks at a chain's occurrences beside the trigger: as fields of its record."""
        return self._beside[number]

    def has_stream(self, number: int) -> bool:
        """Whether a pattern or chain has a stream: one that is replayed has none."""
        return "replay" not in self._beside.get(number, {})

    @property
    def dates(self) -> Array:
        return np.concatenate([np.zeros(0, np.int64), *self._dates])

    def clocks(self, first: int, last: int) -> tuple[Array, Array]:
        """From which showing of the clocks on they are how far before UTC's, for all anniversaries that come between two moments."""
        if not self._shifts:
            return np.zeros(1, np.int64), np.zeros(1, np.int64)
        start = max(first - max(self._shifts) - 2 * times.DAY, times.FIRST_MOMENT)
        end = min(last - min(self._shifts) + 2 * times.DAY, times.END_OF_TIME - 1)
        moments, offsets = clock_offsets(self._zone, start, max(start, end))
        # Where they are put forward or back, what is skipped or shown twice has the offset before the change.
        changes = moments.copy()
        changes[1:] += np.maximum(offsets[1:], offsets[:-1])
        changes[0] = NEVER
        return changes, offsets

    # Chains

    def _part(self, pattern: int) -> Part:
        return self.parts.setdefault(pattern, Part())

    def _chain(self, number: int, node: ChainNode) -> None:
        keys = trigger_keys(self._network, node)
        if keys is None or (keys and self._spreads(node, keys)):
            self._replay(number, node, keys or ())
            return
        own = tuple(dict.fromkeys(path for path, _ in keys))
        is_live = node.without is not None or self._is_live(node.steps)
        self._part(number).is_live = is_live
        self._part(number).is_keyed = bool(keys)
        group = self._patterns.group(number, keys) if keys else NOTHING
        self._beside[number] = {"group": group}
        if node.without is None:
            self._steps(number, node.steps, own)
            return
        same = (path for option in node.without.options for path in option.same)
        base = self._steps(self._patterns.new(), node.steps, (*own, *same))
        self._part(base).waits = self._absence(number, node.without, group, breaks=node.without.options)

    def _moment(self, number: int, node: MomentNode) -> None:
        step = StepNode((Option(node.pattern, ()),), None)
        base = self._steps(self._patterns.new(), (step,), tuple(path for option in node.without for path in option.same))
        shift = max(-FOREVER, min(node.shift, FOREVER))
        wait: Fields = {"kind": BASES[node.base], "shift": shift}
        if node.property is not None:
            wait |= {"column": self._columns[node.property], "dates": self._date_start(node.property, node.base == "anniversary")}
        if node.base == "anniversary":
            self._shifts.append(shift)
        self._part(number).is_live = True
        self._part(base).waits = self._wait(number, wait, node.without)

    def _spreads(self, node: ChainNode, keys: Sequence[tuple[str, str]]) -> bool:
        """Whether one event may end many sequences that the trigger tells apart: so many that they are rather made for the keys that
        triggers ask for."""
        needed = {own for own, _ in keys}
        if node.without is not None:
            needed.update(path for option in node.without.options for path in option.same)
        is_spread = any(not needed.issubset(option.same) for option in node.steps[-1].options) and len(node.steps) > 1
        return is_spread and any(self._dictionaries.size(self._columns[path]) > FEW for path in needed)

    def _is_live(self, steps: Sequence[StepNode]) -> bool:
        return any(self._patterns.is_live(option.pattern) for step in steps for option in step.options)

    def _steps(self, happens: int, steps: Sequence[StepNode], needed: Sequence[str]) -> int:
        """A chain that makes a pattern happen; `needed` are properties of its first event that are asked for later. Returns the pattern."""
        chain, keys = self._layers(happens, steps, needed)
        is_live = self._is_live(steps)
        if is_live:
            self._part(happens).is_live = True
        for at, step in enumerate(steps):
            for option in step.options:
                role = self._role(chain, at, option, keys[at - 1] if at else ())
                part = self._part(option.pattern)
                (part.live_roles if is_live else part.roles).append(role)
        return happens

    def _layers(self, happens: int, steps: Sequence[StepNode], needed: Sequence[str]) -> tuple[int, list[tuple[str, ...]]]:
        """A chain's number, and for each step the properties of the first event that something later asks for."""
        keys = [tuple(sorted(set(needed)))]
        for step in reversed(steps[1:]):
            keys.insert(0, tuple(sorted({*keys[0], *(path for option in step.options for path in option.same)})))
        self.chains.append({"first_layer": len(self.layers), "last": len(steps) - 1, "happens": happens})
        for at, properties in enumerate(keys):
            within = steps[at + 1].within if at + 1 < len(steps) else None
            first, end = self._columns_of(properties)
            asks = any(option.same for option in steps[at].options)
            is_swept = 0 < at < len(steps) - 1 and bool(properties) and not asks and not self.layers[-1]["is_swept"]
            if is_swept:
                self.layers[-1]["is_told"] = 1
            self.layers.append(
                {
                    "within": NOTHING if within is None else min(within, FOREVER),
                    "first_key": first,
                    "end_key": end,
                    "is_swept": int(is_swept),
                    "is_told": 0,
                }
            )
        return len(self.chains) - 1, keys

    def _role(self, chain: int, step: int, option: Option, before: tuple[str, ...]) -> Fields:
        first, end = self._columns_of(option.same)
        return {"chain": chain, "step": step, "first_same": first, "end_same": end, "is_direct": int(option.same == before)}

    def _columns_of(self, properties: Sequence[str]) -> tuple[int, int]:
        """Where the columns of some properties stand among those that are the same."""
        first = len(self.same)
        for path in properties:
            column = self._columns[path]
            self._dictionaries.need_texts(column)
            self.same.append(column)
        return first, len(self.same)

    def _lay_out_roles(self) -> None:
        for part in self.parts.values():
            for roles in (part.roles, part.live_roles):
                # So that what happens at an event stands side by side for each pattern.
                roles.sort(key=lambda role: self.chains[role["chain"]]["happens"])
        for part in self.parts.values():
            for name, roles in (("role", part.roles), ("live", part.live_roles)):
                part.ranges |= {f"first_{name}": len(self.roles), f"end_{name}": len(self.roles) + len(roles)}
                self.roles += roles

    def pattern_fields(self, number: int) -> Fields:
        """What the record of a pattern, chain or moment says of its stream."""
        part = self.parts.get(number, _NO_PART)
        return {"is_live": int(part.is_live), "is_keyed": int(part.is_keyed)}

    def weaving(self, number: int) -> Fields:
        """What a pattern is to chains, as a record."""
        part = self.parts.get(number, _NO_PART)
        return {"waits": part.waits, **part.ranges}

    # What is waited for

    def _absence(self, number: int, without: WithoutNode, group: int, *, breaks: Sequence[Option]) -> int:
        return self._wait(number, {"kind": layout.AFTER_EVENT, "shift": min(without.within, FOREVER), "group": group}, breaks)

    def _wait(self, number: int, wait: Fields, breaks: Sequence[Option], *, is_beside: bool = False) -> int:
        """Something that is waited for, and what breaks it."""
        first = len(self.breaks)
        for option in breaks:
            same = self._patterns.group(option.pattern, [(path, path) for path in option.same]) if option.same else NOTHING
            asked = self._patterns.pair(option.pattern) if is_beside else NOTHING
            self.breaks.append({"pattern": option.pattern, "group": same, "filter": asked})
        self.waits.append({"pattern": number, "first_break": first, "end_break": len(self.breaks), **wait})
        self.waited.append(number)
        return len(self.waits) - 1

    def _date_start(self, path: str, is_clock: bool) -> int:
        """Where the dates stand that the codes of a property hold: as moments, or as what the clocks show."""
        if (path, is_clock) not in self._date_starts:
            read = clock_of_date if is_clock else moment_of_date
            dates = [read(value, self._zone) for value in self._dictionaries.values(self._columns[path])]
            self._date_starts[path, is_clock] = sum(len(part) for part in self._dates)
            self._dates.append(np.array([NEVER if date is None else date for date in dates], np.int64))
        return self._date_starts[path, is_clock]

    # Replays

    def _replay(self, number: int, node: ChainNode, keys: Sequence[tuple[str, str]]) -> None:
        """A chain that only a replay beside the trigger can tell; `keys` are the texts of its first event that must be the trigger's."""
        same = () if node.without is None else tuple(path for option in node.without.options for path in option.same)
        chain, told_by = self._layers(NOTHING, node.steps, same)
        first_role = len(self.roles)
        for at, step in enumerate(node.steps):
            for option in step.options:
                role = self._role(chain, at, option, told_by[at - 1] if at else ())
                self.roles.append({**role, "filter": self._patterns.pair(option.pattern)})
        sources = [option.pattern for step in node.steps for option in step.options]
        wait, reach = NOTHING, [step.within for step in node.steps[1:]]
        if node.without is not None:
            # Where it may come: after each event that may meet the last step, whatever the trigger asks of it.
            step = StepNode(tuple(Option(option.pattern, ()) for option in node.steps[-1].options), None)
            base = self._steps(self._patterns.new(), (step,), ())
            self._part(number).is_live = True
            self._part(base).waits = self._absence(number, node.without, NOTHING, breaks=())
            wait = self._wait(number, {"shift": min(node.without.within, FOREVER)}, node.without.options, is_beside=True)
            sources.append(number)
            reach.append(node.without.within)
        first = node.steps[0].options[0].pattern
        group = self._patterns.group(first, keys) if keys else NOTHING
        first_source = len(self.sources)
        self.sources += dict.fromkeys(sources)
        self._beside[number] = {"replay": len(self.replays)}
        self.replays.append(
            {
                "chain": chain,
                "first_source": first_source,
                "end_source": len(self.sources),
                "first_role": first_role,
                "end_role": len(self.roles),
                "wait": wait,
                "first_group": group,
                "reach": NOTHING if None in reach else min(sum(length for length in reach if length is not None), FOREVER),
            }
        )
