"""Test blocks: made-up worlds as tests, whose expectations are the oracle's entries; and what is told of entries that are missing."""

from __future__ import annotations

import json
import random
import time
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import assume, given, strategies as st

from tests import oracle
from tests.support.cases import ROOT, Case, all_cases
from tests.support.engines import rule_set
from tests.support.worlds import World, worlds
from tests.test_differential import fewer, rules_of as rules_of_world, some
from triggerlang.answers.blocks import as_json, junit, text
from triggerlang.answers.blocks.coverage import coverage_of
from triggerlang.answers.blocks.running import Result, Runner
from triggerlang.answers.encoding import shown as shown_text
from triggerlang.answers.reasons.asked import Reasons
from triggerlang.answers.reasons.nearly import Nearly
from triggerlang.answers.reasons.reason import Reason, deciding
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.interpreter import Interpreter
from triggerlang.engines.watching import WatchedInterpreter
from triggerlang.events.record import Record
from triggerlang.language import numbers, printing, times, values
from triggerlang.language.parser import parse
from triggerlang.language.source import Source
from triggerlang.language.times import Zone
from triggerlang.language.vocabulary import BY_KIND


def written_value(value: Any) -> str | None:
    """A value as a literal, or None where no literal is like it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return printing.string(value) if times.read(value) is None or "T" in value else value
    scaled = None if value is None or isinstance(value, dict | list) else values.number(value)
    return None if scaled is None else numbers.number_text(scaled)


def written_moment(moment: int, zone: Zone) -> str:
    """A time in the project's zone where that is the only time it shows so, else in UTC."""
    clock = zone.clock_of(moment)
    if moment % 2 == 0 and clock < times.END_OF_TIME - times.DAY and zone.moment_of(clock) == moment:
        return printing.date_time(clock)
    return times.format_moment(moment)


def written_given(record: Record, zone: Zone) -> str:
    held = {"value": record.value, **{path: value for path, value in record.properties.items() if path not in ("value", "event_name")}}
    pairs = [(path, written_value(value)) for path, value in held.items()]
    shown = ", ".join(f"{printing.property_name(path)} = {value}" for path, value in pairs if value is not None)
    contact, name = printing.string(record.contact), printing.string(record.name)
    line = f"{written_moment(record.time, zone)} {contact} {BY_KIND[record.kind].phrase} {name}"
    return f"    {line} with {shown}\n" if shown else f"    {line}\n"


def written_test(world: World, expected: dict[str, list[tuple[int, str]]]) -> str:
    """A world's log as a test, with some entries expected of each automation."""
    zone = Zone(world.timezone)
    lines = "".join(written_given(record, zone) for record in world.records)
    for automation, entries in expected.items():
        shown = " ".join(f"{written_moment(moment, zone)} {printing.string(contact)}" for moment, contact in entries)
        lines += f"  expect automation {printing.string(automation)} {shown or 'nothing'}\n"
    return f'test "world" given\n{lines}'


def with_test(world: World, expected: dict[str, list[tuple[int, str]]]) -> RuleSet:
    """A world's rules, and its log as a test in a file of its own."""
    return rules_of_world({**world.files, "tests.triggers": written_test(world, expected)})


def expectations(world: World) -> tuple[dict[str, list[tuple[int, str]]], list[Record]]:
    """What the oracle says of a world's log as a test, by automation; and the log itself."""
    rules = with_test(world, {name: [] for name in rules_of_world(world.files).automations})
    reading = oracle.Oracle(rules, world.timezone)
    records = reading.given(rules.tests[0])
    expected: dict[str, list[tuple[int, str]]] = {name: [] for name in rules.automations}
    for entry in reading.entries(records, settled=True):
        expected[entry.automation].append((times.from_datetime(entry.time, Zone()), entry.contact))
    return expected, records


def result_of(rules: RuleSet, timezone: str) -> Result:
    [result] = Runner(rules, timezone).results()
    return result


@some
@given(worlds(), st.randoms(use_true_random=False))
def test_a_world_holds_with_the_oracles_entries_and_fails_with_any_others(world: World, chance: random.Random) -> None:
    expected, _ = expectations(world)
    for entries in expected.values():
        chance.shuffle(entries)
    assert result_of(with_test(world, expected), world.timezone).holds
    name = chance.choice(list(expected))
    entries = expected[name]
    if entries:
        dropped = entries.pop(chance.randrange(len(entries)))
        result = result_of(with_test(world, expected), world.timezone)
        [failing] = [outcome for outcome in result.outcomes if not outcome.holds]
        assert failing.expected.automation.text == name
        assert [(times.from_datetime(each.entry.time, Zone()), each.entry.contact) for each in failing.too_much] == [dropped]
        assert not failing.missing
        entries.append(dropped)
    added = chance.choice(world.records) if world.records else Record(0, "ana", "event", "a")
    entries.append((added.time, added.contact))
    result = result_of(with_test(world, expected), world.timezone)
    [failing] = [outcome for outcome in result.outcomes if not outcome.holds]
    assert not failing.too_much
    assert [each.expected.contact.text for each in failing.missing] == [added.contact]
    assert "fails" in text.render([result], Zone(world.timezone))
    ElementTree.fromstring(junit.render([result], Zone(world.timezone)))
    coverage = coverage_of(with_test(world, expected), [result])
    shown = json.loads(as_json.render([result], coverage, Zone(world.timezone)))
    jsonschema.Draft202012Validator(schema()).validate(shown)
    assert 0 <= coverage.covered <= coverage.total


@some
@given(worlds())
def test_a_test_is_printed_as_it_means(world: World) -> None:
    expected, _ = expectations(world)
    file = parse(Source("a.triggers", written_test(world, expected))).file
    again = parse(Source("a.triggers", printing.statement(file.statements[0])))
    assert not again.diagnostics
    assert again.file == file


def feed(engine: Interpreter, records: list[Record]) -> list[Any]:
    entries = [entry for record in records for entry in engine.feed_record(record)]
    return entries + engine.settle()


@some
@given(worlds())
def test_who_is_watched_decides_as_ever_and_the_reasons_say_the_same(world: World) -> None:
    rules = rules_of_world(world.files)
    records = list(world.records)
    plain = Interpreter(rules, timezone=world.timezone)
    watched = WatchedInterpreter(rules, timezone=world.timezone)
    entries = feed(plain, records)
    assert feed(watched, records) == entries
    assert plain.pending() == watched.pending() == {}
    reasons = Reasons(rules, watched.zone)
    for asked in watched.asked:
        parts = (asked.active, asked.condition is None or asked.condition.holds, asked.runs, asked.header)
        assert all(parts) == (asked.entry is not None)
        reason = reasons.of(asked, watched.happened[asked.trigger.contact])
        told = list(deciding(reason))
        assert bool(told) != reason.holds == all(parts)
        assert all(not part.is_met for _, part in told)
        assert all(part.found for _, part in told if part.kind in ("test", "runs", "header", "active"))
        assert tells_all(reason)


def tells_all(reason: Reason) -> bool:
    """Whether each part of a tree that has parts comes to what they come to."""
    parts = [part.holds for part in reason.parts]
    so = {"all": all(parts), "any": any(parts), "not": not all(parts), "segment": all(parts)}.get(reason.kind, reason.holds)
    return reason.holds == so and all(tells_all(part) for part in reason.parts)


@fewer
@given(worlds(), st.randoms(use_true_random=False))
def test_why_a_trigger_did_not_happen_is_told_of_every_rule_and_time(world: World, chance: random.Random) -> None:
    rules = rules_of_world(world.files)
    assume(world.records)
    watched = WatchedInterpreter(rules, timezone=world.timezone)
    feed(watched, list(world.records))
    nearly = Nearly(watched.network, watched.zone)
    asked = {(own.rule, own.trigger.contact, own.trigger.time) for own in watched.asked}
    moments = [record.time for record in world.records] + [own.trigger.time for own in watched.asked]
    for order, item in enumerate(rules.rules):
        for contact in ("ana", "ben", "nobody"):
            for moment in (chance.choice(moments), chance.choice(moments) + chance.choice((-1, 3_600_000_000))):
                if (order, contact, moment) in asked:
                    continue
                reason = nearly.of(item.rule, watched.network.rules[order].on, watched.happened.get(contact, []), moment)
                told = list(deciding(reason))
                assert told, (item.name, contact, moment)
                assert any(part.found for _, part in told)


@fewer
@given(worlds(), st.randoms(use_true_random=False))
def test_a_tests_outcome_does_not_depend_on_the_tests_before_it(world: World, chance: random.Random) -> None:
    expected, _ = expectations(world)
    name = chance.choice(list(expected))
    block = written_test(world, {name: expected[name]}).replace('"world"', '"{}"')
    later = written_test(World(world.files, world.records[::2], world.timezone, None), {name: []}).replace('"world"', '"other"')
    rules = rules_of_world({**world.files, "tests.triggers": block.format("one") + later + block.format("two")})
    first, _, second = Runner(rules, world.timezone).results()
    assert first.holds
    assert second.holds


# What it may cost


def test_a_segment_that_doubles_at_each_step_takes_no_time() -> None:
    doubling = "".join(f'segment "S{at}" is in segment "S{at - 1}" or in segment "S{at - 1}"\n' for at in range(1, 60))
    rules = rule_set(
        {
            "a.triggers": f'segment "S0" is has tag "x"\n{doubling}automation "A" on event "a" where in segment "S59"\n'
            'test "never" given 2026-01-01 "ana" event "a" expect automation "A" 2026-01-01 "ana"\n'
        }
    )
    start = time.perf_counter()
    result = result_of(rules, "UTC")
    shown = text.render([result], Zone()) + as_json.render([result], coverage_of(rules, [result]), Zone()) + junit.render([result], Zone())
    assert time.perf_counter() - start < 2
    assert "…" in shown


LONG = {
    "a step that never came": 'event "a" with p < 0 then event "b" within 1 hour',
    "200 steps": " then ".join(['event "a"', *['event "a" with same p within 1 hour'] * 199]),
    "an absence that is broken at once": 'event "a" without event "a" within 2 days every time',
    "many anniversaries": 'anniversary of at of event "a" every time',
    "many filters": f'event "a" with {", ".join(f"p{number} = 1" for number in range(1000))}',
    "many filters in a condition": f'event "a" where event "a" with {", ".join(f"p{number} = 1" for number in range(1000))} has occurred',
}


@pytest.mark.parametrize("rule", LONG.values(), ids=LONG)
def test_a_long_test_is_told_soon(rule: str) -> None:
    lines = "".join(
        f'{2000 + at // 300}-{at // 28 % 12 + 1:02}-{at % 28 + 1:02} "ana" event "a" with p = {at}, at = 1950-03-01\n' for at in range(1500)
    )
    expected = " ".join(f'{year}-06-29 "ana"' for year in range(2000, 2005))
    rules = rule_set({"a.triggers": f'automation "A" on {rule}\ntest "long" given\n{lines}expect automation "A" {expected}\n'})
    start = time.perf_counter()
    result = result_of(rules, "UTC")
    assert not result.holds
    assert len(text.render([result], Zone())) > 500
    assert time.perf_counter() - start < 5


# Formats

TESTED = [case for case in all_cases() if case.is_tested]


def results(case: Case) -> tuple[RuleSet, list[Result], Zone]:
    rules = case.checked().rules
    assert rules is not None
    runner = Runner(rules, case.timezone)
    return rules, list(runner.results()), runner.zone


def schema() -> Any:
    return json.loads((ROOT / "docs" / "schemas" / "test.schema.json").read_text(encoding="utf-8"))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    assert not validator.is_valid([])
    assert not validator.is_valid({"tests": [{"name": "x"}], "coverage": None})


@pytest.mark.parametrize("case", TESTED, ids=lambda case: case.id)
def test_json_keeps_to_its_schema(case: Case) -> None:
    rules, found, zone = results(case)
    written = as_json.render(found, coverage_of(rules, found), zone)
    assert written.isascii()
    shown = json.loads(written)
    jsonschema.Draft202012Validator(schema()).validate(shown)
    jsonschema.Draft202012Validator(schema()).validate(json.loads(as_json.render(found, None, zone)))
    assert [(test["name"], test["holds"]) for test in shown["tests"]] == [(result.block.name.text, result.holds) for result in found]
    for test, result in zip(shown["tests"], found, strict=True):
        for outcome, own in zip(test["expected"], result.outcomes, strict=True):
            counts = len(own.right), len(own.missing), len(own.too_much)
            assert (len(outcome["right"]), len(outcome["missing"]), len(outcome["too_much"])) == counts
            assert all(missing["rules"] for missing in outcome["missing"])


@pytest.mark.parametrize("case", TESTED, ids=lambda case: case.id)
def test_junit_is_xml_with_a_case_for_each_test(case: Case) -> None:
    _, found, zone = results(case)
    root = ElementTree.fromstring(junit.render(found, zone))
    assert root.tag == "testsuites"
    cases = list(root.iter("testcase"))
    assert [one.get("line") for one in cases] == [str(result.block.span.line) for result in found]
    assert [one.find("failure") is None for one in cases] == [result.holds for result in found]
    assert root.get("failures") == str(sum(not result.holds for result in found))


HOSTILE = (
    "]]>&<\"'>",
    "::error::x%0A",
    "##vso[task.complete]",
    "two\nlines\t",
    "\ufffe\uffff",
    "\x85\x9b31m",
    "größe 注文 👍",
)


def hostile(name: str, path: str = "a.triggers") -> tuple[list[Result], Zone]:
    named = printing.string(name)
    rules = rule_set(
        {
            path: f"automation {named} on event {named}\ntest {named} given 2026-01-01 {named} event {named} "
            f"expect automation {named} 2026-01-02 {named}\n"
        }
    )
    return [result_of(rules, "UTC")], Zone()


@pytest.mark.parametrize("name", HOSTILE)
def test_R9_names_are_shown_and_not_obeyed(name: str) -> None:
    found, zone = hostile(name)
    shown = text.render(found, zone)
    assert shown.replace("\n", "").isprintable()
    written = junit.render(found, zone)
    assert written.replace("\n", "").isprintable()
    assert "\n::error" not in written
    [case] = ElementTree.fromstring(written).iter("testcase")
    assert case.get("name") == shown_text(name)
    assert json.loads(as_json.render(found, None, zone))["tests"][0]["name"] == name


def test_R9_paths_are_shown_and_not_obeyed() -> None:
    path = "\x1b]8;;http://x\x07\r\n::error::\udcff]]>.triggers"
    found, zone = hostile("a", path)
    shown = text.render(found, zone)
    assert shown.replace("\n", "").isprintable()
    assert "\n::error" not in shown
    [suite] = ElementTree.fromstring(junit.render(found, zone)).iter("testsuite")
    assert suite.get("name") == shown_text(path)
    assert json.loads(as_json.render(found, None, zone))["tests"][0]["file"] == path


def test_colour_changes_nothing_but_colour() -> None:
    for case in TESTED:
        _, found, zone = results(case)
        plain = text.render(found, zone, color=True)
        for code in ("\x1b[1;31m", "\x1b[31m", "\x1b[33m", "\x1b[1m", "\x1b[0m"):
            plain = plain.replace(code, "")
        assert plain == text.render(found, zone)
