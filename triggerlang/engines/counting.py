"""Counting: the interpreter, and how far the triggers of each rule came.

In: as the interpreter. Out: the same entries, and a funnel. The interpreter itself knows nothing of it, so that it costs nothing where
nobody counts.
"""

from __future__ import annotations

from bisect import insort

from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.accumulators import Cells
from triggerlang.engines.entry import ALWAYS, Entry
from triggerlang.engines.funnel import MOST_EXAMPLES, STEPS_BESIDE_PARTS, Example, RuleFunnel, Step, parts_of
from triggerlang.engines.interpreter import Interpreter
from triggerlang.engines.reacting import RuleAtWork
from triggerlang.engines.testing import ContactTest
from triggerlang.events.record import Record


class CountingInterpreter(Interpreter):
    """An interpreter that counts how far triggers come. The rules decide as they do without it: what stops a trigger is looked for until
    a second step would stop it too."""

    def __init__(self, rules: RuleSet, *, timezone: str = "UTC", bounds: tuple[int, int] = ALWAYS) -> None:
        """Triggers from one moment on and before another, `bounds`, are counted."""
        super().__init__(rules, timezone=timezone)
        self._bounds = bounds
        self._parts: list[list[ContactTest]] = [[self._tests.of(part) for part in parts_of(rule.condition)] for rule in self.network.rules]
        self._counted = [_Counted(len(parts)) for parts in self._parts]

    def funnel(self) -> tuple[RuleFunnel, ...]:
        """What was counted so far, by rule."""
        return tuple(counted.funnel(rule) for rule, counted in enumerate(self._counted))

    def _ask(self, rules: list[RuleAtWork], cells: Cells, record: Record) -> list[Entry]:
        entries: list[Entry] = []
        self._memo.clear()
        start, end = self._bounds
        for rule in rules:
            stopped = self._stopped(rule, cells, record)
            if not stopped:
                entries.append(self._enter(rule, cells, record))
            if start <= record.time < end:
                self._counted[rule.order].add(stopped, record)
        return entries

    def _stopped(self, rule: RuleAtWork, cells: Cells, record: Record) -> list[int]:
        """The first two steps that stop a trigger; of runs the rule's own, or else the header's."""
        stopped = [] if rule.start <= record.time < rule.end else [0]
        parts = self._parts[rule.order]
        for at, part in enumerate(parts, 1):
            if not part(cells, record):
                stopped.append(at)
                if len(stopped) == 2:
                    return stopped
        if not rule.own_runs_allow(cells, record):
            stopped.append(len(parts) + 1)
        elif rule.header is not None and not rule.header.allows(cells, record):
            stopped.append(len(parts) + 2)
        return stopped


class _Counted:
    """What was counted of a rule."""

    def __init__(self, parts: int) -> None:
        self.entered = 0
        steps = parts + STEPS_BESIDE_PARTS
        self.stopped, self.alone = [0] * steps, [0] * steps
        self.examples: list[list[Example]] = [[] for _ in range(steps)]
        self._met: list[set[str]] = [set() for _ in range(steps)]

    def add(self, stopped: list[int], record: Record) -> None:
        """Count a trigger by what stopped it. Triggers come in the order of their times."""
        if not stopped:
            self.entered += 1
            return
        first = stopped[0]
        self.stopped[first] += 1
        if len(stopped) > 1:
            return
        self.alone[first] += 1
        examples = self.examples[first]
        if len(examples) == MOST_EXAMPLES and record.time > examples[-1].time:
            return
        if record.contact not in self._met[first]:
            self._met[first].add(record.contact)
            event = record.row if record.id is None else record.id
            insort(examples, Example(record.time, record.row, record.contact, event))
            del examples[MOST_EXAMPLES:]

    def funnel(self, rule: int) -> RuleFunnel:
        """The same, as it is told."""
        counts = zip(self.stopped, self.alone, self.examples, strict=True)
        return RuleFunnel(rule, tuple(Step(stopped, alone, tuple(examples)) for stopped, alone, examples in counts), self.entered)
