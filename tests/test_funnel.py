"""Funnels: how far triggers come, by both engines, against the oracle on made-up rules and logs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tests.oracle import Happened, Oracle, Place
from tests.support.command import ROOT, SAMPLE_LOGS, triggerlang
from tests.support.worlds import World, worlds
from tests.test_cli_run import assert_fits
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


RULES = """automation "Welcome"
  at most 2 times
  on subscribes list "News"
    where event "signup" count >= 1 before
      and (event "order" sum amount >= 100 before or has tag "vip")
    active from 2026-01-01
    every time
  on event "order"
"""
LOG = """\
{"contact": "ana", "time": "2026-01-01T09:00:00Z", "name": "signup"}
{"contact": "ana", "time": "2026-01-01T09:01:00Z", "kind": "subscribe", "name": "News"}
{"contact": "ana", "time": "2026-01-01T09:02:00Z", "name": "order", "amount": 320, "id": "o-1"}
{"contact": "ana", "time": "2026-01-01T09:03:00Z", "kind": "subscribe", "name": "News"}
{"contact": "ana", "time": "2026-01-01T09:04:00Z", "kind": "subscribe", "name": "News", "id": "s-3"}
{"contact": "ben", "time": "2025-12-31T09:00:00Z", "kind": "subscribe", "name": "News"}
{"contact": "cem", "time": "2026-01-01T09:00:00Z", "kind": "subscribe", "name": "News"}
"""


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
def test_a_run_writes_its_funnel(engine: str, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "welcome.triggers").write_text(RULES)
    (tmp_path / "log.jsonl").write_text(LOG)
    plain = triggerlang("run", "log.jsonl", "-q", "--engine", engine, cwd=tmp_path)
    ran = triggerlang("run", "log.jsonl", "-q", "--engine", engine, "--funnel", "funnel.json", cwd=tmp_path)
    assert (ran.code, ran.out, ran.err) == (0, plain.out, "")
    document = json.loads((tmp_path / "funnel.json").read_text())
    assert_fits("funnel", document)
    (automation,) = document["automations"]
    assert (automation["automation"], automation["triggers"], automation["entered"]) == ("Welcome", 6, len(ran.out.splitlines()))
    first, second = automation["rules"]
    assert (first["rule"], first["source"], first["on"]) == ("Welcome#1", "rules/welcome.triggers:3", 'subscribes list "News"')
    assert [(step["step"], step["text"], step["passed"], step["stopped"], step["alone"]) for step in first["steps"]] == [
        ("active", "active from 2026-01-01", 4, 1, 0),
        ("condition", 'event "signup" count >= 1 before', 3, 1, 0),
        ("condition", 'event "order" sum amount >= 100 before or has tag "vip"', 2, 1, 1),
        ("runs", "every time", 2, 0, 0),
        ("header", "at most 2 times", 1, 1, 1),
    ]
    assert first["steps"][2]["examples"] == [{"contact": "ana", "time": "2026-01-01T09:01:00Z", "event": 2}]
    assert first["steps"][4]["examples"] == [{"contact": "ana", "time": "2026-01-01T09:04:00Z", "event": "s-3"}]
    assert [(step["step"], step["passed"]) for step in second["steps"]] == [("runs", 1), ("header", 1)]


def test_a_log_in_parts_has_the_same_funnel(tmp_path: Path) -> None:
    sizes = {"whole": "1GB", "parts": "100KB"}
    for name, memory in sizes.items():
        options = ["--engine", "columnar", "--memory", memory, "--funnel", f"{name}.json", "--temp-dir", str(tmp_path)]
        ran = triggerlang("run", SAMPLE_LOGS, "--rules", ROOT / "rules", "-q", *options, cwd=tmp_path)
        assert (ran.code, ran.err) == (0, "")
    assert (tmp_path / "parts.json").read_text() == (tmp_path / "whole.json").read_text()


def test_why_without_a_contact_tells_the_funnel(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "welcome.triggers").write_text(RULES + 'automation "Other" on event "signup"\n')
    (tmp_path / "log.jsonl").write_text(LOG)
    asked = ("why", "log.jsonl", "--automation", "Welcome")
    ran = triggerlang(*asked, cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert (
        ran.out
        == """\
automation "Welcome"
6 triggers of 2 rules, 2 entries

Welcome#1, rules/welcome.triggers:3
  5 triggers: subscribes list "News"
  4 left: active from 2026-01-01
    1 stopped here, 0 of them by this alone
  3 left: event "signup" count >= 1 before
    1 stopped here, 0 of them by this alone
  2 left: event "order" sum amount >= 100 before or has tag "vip"
    1 stopped here, all of them by this alone
    such as ana (2026-01-01 09:01)
  2 left: every time
  1 left: at most 2 times
    1 stopped here
    such as ana (2026-01-01 09:04)
  1 entered

Welcome#2, rules/welcome.triggers:8
  1 trigger: event "order"
  1 left: once
  1 left: at most 2 times
  1 entered
"""
    )
    assert triggerlang("run", "log.jsonl", "-q", "-o", "entries.csv", "--funnel", "funnel.json", cwd=tmp_path).code == 0
    whole = json.loads((tmp_path / "funnel.json").read_text())
    assert [each["automation"] for each in whole["automations"]] == ["Welcome", "Other"]
    told = json.loads(triggerlang(*asked, "--format", "json", cwd=tmp_path).out)
    assert told["automations"] == whole["automations"][:1]
    told = json.loads(triggerlang("why", "log.jsonl", "--rule", "Welcome#2", "--format", "json", cwd=tmp_path).out)
    assert told["automations"][0]["rules"] == whole["automations"][0]["rules"][1:]
    page = triggerlang(*asked, "--format", "html", cwd=tmp_path).out
    assert "2 left: event &quot;order&quot; sum amount &gt;= 100 before or has tag &quot;vip&quot;" in page
