"""Rules against a log: every finding is true of the log, by the oracle's reading, and both readers find the same."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

import pytest
from hypothesis import given, strategies as st

from tests import oracle
from tests.support.cases import ROOT
from tests.support.engines import rule_set
from tests.support.worlds import World, worlds
from tests.test_columnar_engine import BAD
from tests.test_differential import as_rows, rules_of, some
from triggerlang.answers.against_log import plain
from triggerlang.answers.against_log.asked import (
    Asked,
    AverageAsked,
    ComparisonAsked,
    CountAsked,
    DistinctAsked,
    NameAsked,
    PropertyAsked,
    Question,
    Source,
    TypeAsked,
    asked_by,
)
from triggerlang.answers.against_log.checking import check_log, check_records
from triggerlang.answers.against_log.facts import Facts, no_facts
from triggerlang.answers.against_log.finding import Finder
from triggerlang.answers.against_log.offers import offers
from triggerlang.checking import walking
from triggerlang.checking.render import text
from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.engines.choosing import Choice
from triggerlang.engines.evaluating import Request, Watcher
from triggerlang.events.files import log_files
from triggerlang.events.record import Record
from triggerlang.events.rejects import Reject
from triggerlang.language import tree
from triggerlang.language.source import Span
from triggerlang.language.times import Zone
from triggerlang.network.nodes import NameGlob, NameSet

SAMPLE = ROOT / "rules"
DATA = ROOT / "tests" / "data"
READERS: tuple[Literal["interpreter", "columnar"], ...] = ("interpreter", "columnar")


# Every finding is true, and what is true is found


class Judge:
    """What the oracle says of a question, straight over the records."""

    def __init__(self, rules: RuleSet, world: World) -> None:
        self.oracle = oracle.Oracle(rules, world.timezone)
        self.records, self.automations = world.records, rules.automations

    def is_of(self, source: Source, kind: str, name: str) -> bool:
        nowhere = rule_set({"a.triggers": 'on event "a"'}).rules[0].rule.span
        for own, names in source:
            match names:
                case None:
                    fits = True
                case NameSet(texts):
                    fits = name in texts
                case NameGlob(glob):
                    fits = oracle.named(tree.NameLike(tree.Text(glob, span=nowhere), span=nowhere), name)
            if own == kind and fits:
                return True
        return False

    def events(self, source: Source) -> list[Record]:
        return [record for record in self.records if self.is_of(source, record.kind, record.name)]

    def has_entries(self, source: Source) -> bool:
        return any(self.is_of(source, "enter", name) for name in self.automations)

    def is_found(self, asked: Question) -> bool:
        """Whether something is to be found."""
        if isinstance(asked, NameAsked):
            return not self.events((asked.occurrence,)) and not self.has_entries((asked.occurrence,))
        source = asked.owner.source
        events, has_entries = self.events(source), self.has_entries(source)
        if not events:
            return False
        if isinstance(asked, CountAsked):
            return not has_entries and max(Counter(record.contact for record in events).values()) < asked.needed
        names_of_entries = has_entries and asked.path == "event_name"
        held = [oracle.look_up(record, asked.path) for record in events]
        is_absent = [value is None or (isinstance(value, float) and value != value) for value in held]
        if isinstance(asked, PropertyAsked):
            return all(is_absent) and not names_of_entries
        if all(is_absent):
            return False  # That is said of the property.
        match asked:
            case ComparisonAsked(comparison=comparison, or_nothing=or_nothing):
                held += [None] * (or_nothing or has_entries)
                return not names_of_entries and not any(self.oracle.compares(comparison, value) for value in held)
            case AverageAsked(comparison=comparison):
                numbers = [number for value in held if (number := oracle.as_number(value)) is not None]
                return bool(numbers) and not self.lies_between(comparison, numbers)
            case TypeAsked(type="date"):
                return all(self.oracle.as_date(value) is None for value in held)
            case TypeAsked(type=wanted):
                read = {"number": oracle.as_number, "text": oracle.as_text, "boolean": oracle.as_boolean}[wanted]
                return all(read(value) is None for value in held)
            case DistinctAsked(needed=needed):
                return not names_of_entries and len({oracle.as_text(value) for value in held} - {None}) < needed
        raise AssertionError(asked)

    def lies_between(self, comparison: tree.Comparison, numbers: list[Any]) -> bool:
        """Whether anything between the smallest and the largest number compares so."""
        literals = comparison.literals if isinstance(comparison, tree.OneOf) else [comparison.literal]  # type: ignore[union-attr]
        sign = "=" if isinstance(comparison, tree.OneOf) else comparison.operator  # type: ignore[union-attr]
        least, greatest = min(numbers), max(numbers)
        return any(
            sign == "!=" or any(oracle.ordered(sign, min(max(wanted + step, least), greatest), wanted, False) for step in (-1, 0, 1))
            for wanted in map(self.oracle.wanted, literals)
        )


def facts_of(asked: Asked, records: tuple[Record, ...]) -> Facts:
    facts = no_facts(asked, {})
    plain.gather(facts, records)
    facts.add_names()
    return facts


@pytest.mark.long
@some
@given(worlds())
def test_what_is_found_is_true_and_what_is_true_is_found(world: World) -> None:
    rules = rules_of(world.files)
    asked = asked_by(rules)
    facts, judge = facts_of(asked, world.records), Judge(rules, world)
    finder = Finder(facts, offers(asked, ()), rules.automations, Zone(world.timezone))
    for question in asked.questions:
        found = list(finder.findings(Asked([question])))
        assert bool(found) == judge.is_found(question), (question, found)


@pytest.mark.long
@some
@given(worlds())
def test_what_is_found_of_many_values_is_true(world: World) -> None:
    """Where values are not kept one by one, less is found."""
    rules = rules_of(world.files)
    asked = asked_by(rules)
    judge = Judge(rules, world)
    with patch("triggerlang.answers.against_log.facts.MOST_VALUES", 2):
        facts = facts_of(asked, world.records)
        finder = Finder(facts, offers(asked, ()), rules.automations, Zone(world.timezone))
        for question in asked.questions:
            assert not list(finder.findings(Asked([question]))) or judge.is_found(question), question


@some
@given(worlds())
def test_a_pattern_of_which_something_is_never_so_matches_nothing(world: World) -> None:
    """A trigger of one pattern, of which a filter or the name is said never to be so, never happens."""
    rules = rules_of(world.files)
    for item in rules.rules:
        on, where = item.rule.on, item.rule.where
        if not isinstance(on, tree.Pattern) or len(on.singles) > 1 or where is not None:
            continue
        alone = RuleSet((ProjectRule("alone", 1, None, item.rule),), {})
        filters = [test.span for test in on.singles[0].filters]
        for problem in check_records(alone, world.records, Zone(world.timezone), world.now):
            is_filter = any(span.offset == problem.span.offset and span.end == problem.span.end for span in filters)
            if (problem.code == "not-in-log" and not isinstance(on.singles[0].occurrence.names, tree.NameIn)) or is_filter:
                assert oracle.entries(alone, world.records, world.timezone, world.now) == [], problem


@some
@given(worlds())
def test_windows_always_reach_back_and_waits_never_end(world: World) -> None:
    """Where a rule's own window is found, all of its triggers are counted as looking back; where what it waits for is, it has none."""
    rules = rules_of(world.files)
    for item in rules.rules:
        every = tree.EveryTime(span=item.rule.span)
        whole, bare = (
            RuleSet((ProjectRule("alone", 1, None, tree.Rule(item.rule.on, where, None, every, span=item.rule.span)),), rules.segments)
            for where in (item.rule.where, None)
        )
        found = check_records(whole, world.records, Zone(world.timezone), world.now)
        triggers = oracle.entries(bare, world.records, world.timezone, world.now)
        windows = [test.window.span for test in walking.tests(item.rule.where) if isinstance(test, tree.HistoryTest)]
        if any(problem.span in windows for problem in found if problem.code == "window-before-log"):
            reading = oracle.Oracle(whole, world.timezone)
            reading.entries(world.records, world.now)
            assert sum(reading.before_log.values()) == len(triggers)
        waits = waits_of(item.rule.on)
        if any(problem.span in waits for problem in found if problem.code == "wait-beyond-log"):
            assert triggers == []


def waits_of(on: tree.Trigger) -> list[Span]:
    """Where it stands how long a trigger waits."""
    if isinstance(on, tree.After):
        return [on.duration.span]
    return [on.without.within.span] if isinstance(on, tree.Chain) and on.without is not None else []


# Both readers find the same


def found_by(engine: Literal["interpreter", "columnar"], rules: RuleSet, request: Request) -> tuple[str, Any, list[Reject]]:
    """What is found, as it is shown, and the facts; or the error."""
    rejects: list[Reject] = []
    request.on_reject = rejects.append
    try:
        found, facts = check_log(rules, request, Choice(engine, "a test"), Watcher())
    except ValueError as error:
        return str(error), None, rejects
    tallies = {
        key: (tally.present, tally.absent, tally.values, tally.ends(), tally.numbers, tally.texts)
        for key, tally in facts.properties.items()
    }
    return text.render(found), (facts.begin, facts.end, facts.names, tallies, facts.most, facts.rejected), rejects


@pytest.mark.long
@some
@given(
    worlds(),
    st.integers(0, 40),
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(BAD)), max_size=4),
    st.booleans(),
    st.sampled_from((1, 3, 10_000)),
)
def test_both_readers_find_the_same(world: World, cut: int, bad: list[tuple[int, str]], skip: bool, most: int) -> None:
    """Files, bad rows, duplicates by id: in memory and part by part, whether values are few or many."""
    rules = rules_of(world.files)
    lines = [json.dumps(line) for line in as_rows(world.records)]
    lines = [line.replace('"id": null', f'"id": "i{number % 7}"') if number % 3 == 0 else line for number, line in enumerate(lines)]
    for at, row in bad:
        lines.insert(min(at, len(lines)), row)
    with tempfile.TemporaryDirectory() as folder, patch("triggerlang.answers.against_log.facts.MOST_VALUES", most):
        paths = [Path(folder) / "1.jsonl", Path(folder) / "2.jsonl"]
        for path, some_lines in zip(paths, (lines[:cut], lines[cut:]), strict=True):
            path.write_text("".join(line + "\n" for line in some_lines))
        spill = Path(folder) / "spill"
        spill.mkdir()

        def request(**more: Any) -> Request:
            return Request(log_files(paths)[0], world.timezone, now=world.now, on_bad_event="skip" if skip else "stop", **more)

        expected = found_by("interpreter", rules, request())
        assert found_by("columnar", rules, request()) == expected
        assert found_by("columnar", rules, request(memory=1000, folder=lambda: str(spill))) == expected


@pytest.mark.parametrize("log", ["cdnow_sample.jsonl", "email_events.jsonl", "web_log.parquet"])
def test_real_logs(log: str) -> None:
    """The sample's rules on logs that they were not written for, and on which little of them is there."""
    rules = rule_set({path.name: path.read_text(encoding="utf-8") for path in sorted(SAMPLE.glob("*.triggers"))})
    request = Request(log_files([DATA / log])[0], on_bad_event="skip")
    expected = found_by("interpreter", rules, request)
    assert found_by("columnar", rules, request) == expected
    assert "not-in-log" in expected[0]


def test_the_sample_asks_for_nothing_that_its_log_does_not_have() -> None:
    rules = rule_set({path.name: path.read_text(encoding="utf-8") for path in sorted(SAMPLE.glob("*.triggers"))})
    assert found_by("columnar", rules, Request(log_files([SAMPLE / "log"])[0]))[0] == text.render([])


def test_files_of_every_shape_offer_the_same(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rules = rule_set({"a.triggers": 'on event "order" with amuont = "x", shipping.contry is blank'})
    rows = [{"time": "2026-01-01", "contact": f"c{number}", "name": "order", "amount": "20"} for number in range(3)]
    held = [row | {"properties": {"shipping": {"country": "DE"}}} for row in rows]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in held))
    cell = json.dumps(held[0]["properties"]).replace('"', '""')
    table = "".join(f'2026-01-01,c{number},order,20,"{cell}"\n' for number in range(3))
    (tmp_path / "log.csv").write_text("time,contact,name,amount,properties\n" + table)
    pq.write_table(pa.Table.from_pylist(held), tmp_path / "log.parquet")
    shown = {
        found_by(engine, rules, Request(log_files([tmp_path / f"log.{shape}"])[0]))[0]
        for shape in ("jsonl", "csv", "parquet")
        for engine in READERS
    }
    assert len(shown) == 1
    assert "`amount` is the nearest, which 3 of 3 have" in shown.copy().pop()
    assert "`shipping.country` is the nearest, which 3 of 3 have" in shown.pop()


def test_a_property_of_very_many_values_is_not_kept_whole(tmp_path: Path) -> None:
    """Only the ends of its numbers and the values that rules name are; what needs all of them is not said."""
    filters = 'n > 40_000, n < -1, n = 20_001.5, n = 20_001, n = "x", n = "7", n contains "x", n < 2026-01-01'
    rules = rule_set({"a.triggers": f'on event "order" with {filters}'})
    rows = ({"time": "2026-01-01", "contact": f"c{number % 9}", "name": "order", "n": number} for number in range(30_000))
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    request = Request(log_files([tmp_path / "log.jsonl"])[0])
    expected = found_by("interpreter", rules, request)
    assert found_by("columnar", rules, request) == expected
    facts = expected[1]
    assert all(values is None for _, _, values, *_ in facts[3].values())
    assert [line.split("warning: ")[1] for line in expected[0].splitlines() if "warning: " in line] == [
        'no event "order" in this log has `n > 40000` [never-met-in-log]',
        'no event "order" in this log has `n < -1` [never-met-in-log]',
        'no event "order" in this log has `n = 20001.5` [never-met-in-log]',
        'no event "order" in this log has `n = "x"` [never-met-in-log]',
    ]
    assert "the log has very many values of it, its numbers from 0 to 29999" in expected[0]
