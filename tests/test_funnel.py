"""Funnels: how far triggers come, by both engines, against the oracle on made-up rules and logs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, strategies as st

from tests.oracle import Happened, Oracle, Place
from tests.support.worlds import World, worlds
from tests.test_differential import rules_of, some
from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.engines.counting import CountingInterpreter
from triggerlang.engines.entry import ALWAYS, Entry
from triggerlang.engines.evaluating import interpret
from triggerlang.engines.funnel import MOST_EXAMPLES, Example, RuleFunnel, Step
from triggerlang.events.record import Record
from triggerlang.language import tree
from triggerlang.language.times import Zone
from triggerlang.network.compiler import compile

Counted = tuple[list[Entry], tuple[RuleFunnel, ...]]
Bounds = tuple[int, int]


class CountingOracle(Oracle):
    """The oracle, which asks every step of a rule and keeps which of them stopped each trigger."""

    def __init__(self, rules: RuleSet, timezone: str) -> None:
        super().__init__(rules, timezone)
        self.asked: list[tuple[ProjectRule, Record, list[int]]] = []

    def lets_in(self, rule: ProjectRule, before: list[Place], e: Place, happened: list[Happened]) -> bool:
        earlier = [(other, t) for _, other, t in happened]
        steps = [self.active(rule.rule.active, e.record)]
        steps += [self.holds(part, before, e) for part in parts_of(rule.rule.where)]
        own = self.own_runs_allow(rule, e.record, earlier)
        steps += [own, not own or self.header_allows(rule, e.record, earlier)]
        stopped = [number for number, passes in enumerate(steps) if not passes]
        self.asked.append((rule, e.record, stopped))
        return not stopped


def parts_of(where: tree.Condition | None) -> Sequence[tree.Condition]:
    if where is None:
        return ()
    return where.parts if isinstance(where, tree.And) else (where,)


def by_oracle(rules: RuleSet, world: World, bounds: Bounds) -> Counted:
    oracle = CountingOracle(rules, world.timezone)
    entries = oracle.entries(world.records, world.now)
    funnels = []
    for number, rule in enumerate(rules.rules):
        own = [(e, stopped) for other, e, stopped in oracle.asked if other is rule and bounds[0] <= e.time < bounds[1]]
        steps = []
        for step in range(len(parts_of(rule.rule.where)) + 3):
            alone = [e for e, stopped in own if stopped == [step]]
            # A contact's triggers stand in the order in which they came.
            first = {e.contact: e for e in reversed(alone)}
            examples = sorted(Example(e.time, e.row, e.contact, e.row if e.id is None else e.id) for e in first.values())
            stopped_here = sum(stopped[:1] == [step] for _, stopped in own)
            steps.append(Step(stopped_here, len(alone), tuple(examples[:MOST_EXAMPLES])))
        funnels.append(RuleFunnel(number, tuple(steps), sum(not stopped for _, stopped in own)))
    return entries, tuple(funnels)


def by_interpreter(rules: RuleSet, world: World, bounds: Bounds) -> Counted:
    engine = CountingInterpreter(rules, timezone=world.timezone, bounds=bounds)
    entries = list(interpret(engine, world.records, world.now))
    return entries, engine.funnel()


def by_columns(rules: RuleSet, world: World, bounds: Bounds) -> Counted:
    from triggerlang.engines.columnar.engine import run_columns
    from triggerlang.engines.columnar.flattening import paths_of
    from triggerlang.events.recorded import columns_of

    network = compile(rules)
    columns = columns_of(world.records, paths_of(network))
    found = run_columns(network, columns, Zone(world.timezone), 2, now=world.now, counted=bounds)
    assert found.funnel is not None
    return list(found.entries), found.funnel


@pytest.mark.parametrize("engine", [by_interpreter, by_columns])
@some
@given(world=worlds(), bounded=st.booleans())
def test_every_trigger_is_counted_where_it_stopped(
    engine: Callable[[RuleSet, World, Bounds], Counted], world: World, bounded: bool
) -> None:
    rules = rules_of(world.files)
    bounds = ALWAYS
    if bounded and world.records:
        bounds = world.records[len(world.records) // 4].time, world.records[-1].time
    entries, funnels = engine(rules, world, bounds)
    assert (entries, funnels) == by_oracle(rules, world, bounds)
    if bounds == ALWAYS:
        assert Counter({rules.rules[own.rule].name: own.entered for own in funnels}) == Counter(entry.rule for entry in entries)
