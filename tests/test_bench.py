"""The benchmark: its logs and rules are the same at every run, and all peers answer as the interpreter does. No time is asserted."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from itertools import pairwise, product
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import answers, chains, event_by_event, handwritten, judges, logs, report, sequences, table, worlds
from bench.contestants import ours
from bench.event_by_event import Rate
from bench.folder import World
from bench.measuring import Result, process
from bench.worlds import EVERY_TIME, ONCE, Condition, Rule
from triggerlang.checking.project import check
from triggerlang.language.source import Source

EVENTS = 6_000
PEERS = {"sql_as_data": "duckdb", "sql_per_rule": "duckdb", "polars_per_rule": "polars", "loop": "pyarrow"}
"""What answers all rules, and the package that it needs."""
CART_EVENTS = 6_240
"""So many that a cart's time is over at the very last event."""
ABSENCE_PEERS = {"duckdb_asof": "duckdb", "polars_asof": "polars", "loop": "pyarrow"}
"""What finds abandoned carts, and the package that it needs."""


def interpreted(project: list[Rule]) -> answers.Answer:
    """What the interpreter finds in the log."""
    return answer_of(event_by_event.ready(event_by_event.OURS, project)(logs.log(EVENTS)))


def answer_of(entries: object) -> answers.Answer:
    found = np.array(list(entries), dtype=np.int64).reshape(-1, 2)  # type: ignore[call-overload]
    return answers.Answer(np.ascontiguousarray(found[:, 0]), np.ascontiguousarray(found[:, 1]))


def wide(seed: int = 5) -> list[Rule]:
    """Rules that enter often, so that edges matter: low numbers, short windows, conditions on the trigger's own name or on nothing rare."""
    chance = Random(seed)
    names = ("e0", "e0", "e1", "e2", "e5")
    sorts: dict[str, Callable[[], Condition]] = {
        "count": lambda: Condition("count", chance.choice(names), number=chance.choice((1, 2, 4))),
        "quiet": lambda: Condition("quiet", chance.choice(names), days=chance.choice((0, 1, 10, 60))),
        "sum": lambda: Condition("sum", chance.choice(names), number=chance.choice((1, 100, 300)), days=chance.choice((0, 1, 30, 300))),
        "list": lambda: Condition("list", f"l{chance.randrange(5)}"),
    }
    of_each = [(one, other, runs) for one, other in product(sorts, repeat=2) for runs in (ONCE, EVERY_TIME)]
    made = [Rule(chance.choice(names), chance.choice((None, "pro")), (sorts[one](), sorts[other]()), runs) for one, other, runs in of_each]
    return [*made, *(Rule(chance.choice(names), None, (sorts[sort](),), runs) for sort, runs in product(sorts, (ONCE, EVERY_TIME)))]


PROJECTS = {"wide": wide(), "shared": worlds.rules(50), "unshared": worlds.rules(50, shared=False)}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "log.parquet"
    logs.write(path, EVENTS)
    return path


@pytest.fixture(scope="module")
def expected() -> dict[str, answers.Answer]:
    return {name: interpreted(project) for name, project in PROJECTS.items()}


def test_a_log_is_the_same_at_every_run(log: Path, tmp_path: Path) -> None:
    logs.write(tmp_path / "again.parquet", EVENTS)
    assert (tmp_path / "again.parquet").read_bytes() == log.read_bytes()
    assert list(logs.read(log)) == logs.log(EVENTS)


def test_a_log_is_in_order_also_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "BLOCK", 1_000)
    events = logs.log(3_500)
    assert [event.row for event in events] == list(range(1, 3_501))
    assert all(before.time <= event.time for before, event in pairwise(events))
    together = [1 for before, event in pairwise(events) if (event.contact, event.time) == (before.contact, before.time)]
    assert len(together) > 100


def test_a_log_holds_what_rules_ask_for() -> None:
    events = logs.log(50_000)
    names = [event.name for event in events if event.kind == "event"]
    assert len(set(names)) == worlds.NAMES
    assert names.count("e0") > 1.5 * names.count("e1") > 2 * names.count("e2")
    assert len({event.name for event in events if event.kind == "subscribe"}) == worlds.LISTS
    assert {event.properties["plan"] for event in events if event.kind == "event"} == set(worlds.PLANS)
    contacts = [event.contact for event in events]
    assert contacts.count("c0") > 10 * len(contacts) / len(set(contacts))


def test_rules_are_the_same_at_every_run_and_of_every_kind(tmp_path: Path) -> None:
    project = worlds.rules(500)
    assert project == worlds.rules(500)
    assert project[:100] == worlds.rules(100)
    assert {condition.sort for rule in project for condition in rule.conditions} == {"count", "quiet", "sum", "list"}
    assert {rule.apart for rule in project} == {ONCE, EVERY_TIME}
    worlds.save(project, tmp_path / "rules.json")
    assert worlds.load(tmp_path / "rules.json") == project
    assert worlds.number_of("A12#3") == 122


def test_shared_rules_ask_for_the_same() -> None:
    def different(shared: bool) -> float:
        conditions = [
            condition for rule in worlds.rules(10_000, shared=shared) for condition in rule.conditions if condition.sort != "list"
        ]
        return len(set(conditions)) / len(conditions)

    assert different(shared=True) < 0.4 < 0.7 < different(shared=False)


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_answers_as_the_interpreter_does(
    peer: str, name: str, log: Path, expected: dict[str, answers.Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(PEERS[peer])
    if peer == "sql_as_data" and name == "wide":
        monkeypatch.setattr(import_module("bench.peers.sql_as_data"), "PAIRS_PER_PART", EVENTS * len(PROJECTS[name]) // 3)
    import_module(f"bench.peers.{peer}").answer(log, PROJECTS[name], tmp_path / "entries.parquet")
    assert answers.difference(answers.read(tmp_path / "entries.parquet"), expected[name]) == ""
    assert len(expected[name].rows)


@pytest.mark.parametrize("engine", judges.ENGINES)
def test_a_rule_engine_decides_as_the_loop_does(engine: str, expected: dict[str, answers.Answer]) -> None:
    module, make = judges.ENGINES[engine]
    pytest.importorskip(module)
    project, events = PROJECTS["wide"], logs.log(EVENTS)[:500]
    entered = answer_of(handwritten.run(project, events, [make(rule) for rule in project]))
    assert answers.difference(entered, expected["wide"].up_to(500)) == ""


def test_the_command_measures_and_compares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--peers", "triggerlang", "loop", "--engine", "interpreter", "--runs", "1", "--folder", str(tmp_path / "data")]
    assert table.main(["--events", "2k", "--rules", "10", *options, "--json", str(tmp_path / "measured.json")]) == 0
    measured = json.loads((tmp_path / "measured.json").read_text())
    assert [result["peer"] for result in measured["results"]] == ["triggerlang", "loop"]
    assert all(len(result["seconds"]) == 1 and result["peaks"][0] > 10**6 for result in measured["results"])
    printed = capsys.readouterr().out
    assert "| triggerlang | **1.0×** (" in printed
    assert table.main(["--load", str(tmp_path / "measured.json")]) == 0
    assert capsys.readouterr().out == printed


def run(world: World, engine: str, out: Path) -> answers.Answer:
    """The entries of a run of the command."""
    ran = process(ours(engine)(world, out), timeout=300)
    assert ran["code"] == 0, ran["said"]
    return answers.read(out)


def test_rules_with_sequences_are_plain_ones_in_which_a_third_is_a_sequence() -> None:
    project = chains.mixed(300)
    assert project == chains.mixed(300)
    assert [rule for rule in project if isinstance(rule, Rule)] == [rule for at, rule in enumerate(worlds.rules(300)) if at % 3 < 2]
    assert not check([Source("bench.triggers", worlds.text(project))]).diagnostics
    told = "".join(rule.text for rule in project if isinstance(rule, chains.Chain))
    wanted = (" then ", " without ", " after ", " before date of due of ", "with same cart_id", ") count >= ", "once per cart_id")
    assert all(phrase in told for phrase in wanted)


def test_both_engines_find_the_same_sequences(tmp_path: Path) -> None:
    plain, mixed = chains.mixed_worlds(tmp_path, 20_000, 300)
    assert plain.log == mixed.log
    found = run(mixed, "columnar", tmp_path / "columnar.parquet")
    assert answers.difference(found, run(mixed, "interpreter", tmp_path / "interpreter.parquet")) == ""
    assert np.count_nonzero(found.rules % 3 == 2) > 10


@pytest.fixture(scope="module")
def carts(tmp_path_factory: pytest.TempPathFactory) -> World:
    return chains.abandoned_world(tmp_path_factory.mktemp("carts"), CART_EVENTS, 2 * chains.GOODS * 10)


@pytest.fixture(scope="module")
def expected_carts(carts: World) -> answers.Answer:
    return run(carts, "interpreter", carts.log.with_name("entries.parquet"))


@pytest.mark.parametrize("peer", ABSENCE_PEERS)
def test_a_peer_finds_the_abandoned_carts_at_their_times(peer: str, carts: World, expected_carts: answers.Answer, tmp_path: Path) -> None:
    pytest.importorskip(ABSENCE_PEERS[peer])
    project = chains.load(carts.rules_as_data)
    assert len(set(project)) == len(project) == carts.rules
    import_module(f"bench.peers.absence.{peer}").answer(carts.log, project, tmp_path / "entries.parquet")
    found = answers.read(tmp_path / "entries.parquet")
    assert found.times is not None
    assert answers.difference(found, expected_carts) == ""
    assert len(found.rows) > 1_000
    assert found.times[-1] == logs.START + (CART_EVENTS - 1) * logs.SECOND


def test_one_contact_has_a_thousand_carts_open(tmp_path: Path) -> None:
    log = pq.read_table(chains.one_contact(tmp_path, 20_000)["without"].log)
    ordered = np.cumsum(np.where(np.array(log["name"]) == "cart", 1, -1))
    assert set(log["contact"].to_pylist()) == {"c0"}
    assert 900 < np.median(ordered[5_000:15_000]) < 1_100


@pytest.mark.long
def test_the_command_measures_sequences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for package in ABSENCE_PEERS.values():
        pytest.importorskip(package)
    sizes = ["--events", "2k", "--rules", "20", "--contact-events", "1k", "--peer-events", "2k", "--peer-rules", "2"]
    held = tmp_path / "measured.json"
    assert sequences.main([*sizes, "--runs", "1", "--folder", str(tmp_path / "data"), "--json", str(held)]) == 0
    measured = json.loads(held.read_text())["sequences"]
    assert [result["peer"] for result in measured["rules"]] == ["plain", "mixed"]
    of_a_contact = [f"{rule}-{engine}" for rule in ("without", "then") for engine in ("columnar", "interpreter")]
    assert [result["peer"] for result in measured["contact"]] == of_a_contact
    assert [result["peer"] for result in measured["peers"]] == ["triggerlang", "interpreter", "duckdb-asof", "polars-asof", "loop"]
    assert all(len(result["seconds"]) == 1 and not result["trouble"] for results in measured.values() for result in results)
    printed = capsys.readouterr().out
    assert "| a third of them sequences | **" in printed
    assert "| `without`, columnar engine | " in printed
    assert "| DuckDB, an as-of join | **" in printed
    assert sequences.main(["--load", str(held)]) == 0
    assert capsys.readouterr().out == printed


def test_growth_stands_beside_that_of_the_events() -> None:
    def told(*seconds: float) -> str:
        results = [Result(10 * 2**at, 1, "ours", "ours", [time], [10**9], 5) for at, time in enumerate(seconds)]
        return sequences.told("contact", results).splitlines()[-1]

    assert told(100, 110, 165) == "| ours | 100 s, 1.0 GB | 110 s, 1.0 GB | 165 s, 1.0 GB | 5 | 1.5× for 2.0× the events |"
    assert told(100).endswith("| – |")


def test_a_process_is_measured_and_given_up_in_time() -> None:
    held = process([sys.executable, "-c", "held = bytes(b'x' * 200_000_000); print('ready')"], timeout=60)
    assert (held["code"], held["said"]) == (0, "ready\n")
    assert 2 * 10**8 < held["peak"] < 5 * 10**8
    assert process([sys.executable, "-c", "import sys; sys.exit('no')"], timeout=60)["code"] == 1
    assert process([sys.executable, "-c", "import time; time.sleep(60)"], timeout=0.2)["code"] == -9


def test_answers_that_differ_are_told_apart(tmp_path: Path) -> None:
    times = ["2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"]
    columns = {"time": times, "event": ["3", "3", "17"], "rule": ["A0#1", "A12#3", "A0#1"]}
    pq.write_table(pa.table(columns), tmp_path / "ours.parquet")
    ours = answers.read(tmp_path / "ours.parquet")
    assert (ours.rows.tolist(), ours.rules.tolist()) == ([3, 3, 17], [0, 122, 0])
    other = answer_of([(3, 0), (4, 122), (17, 0)])
    assert answers.difference(ours, other) == "3 entries against 3; entry 2 is rule 122 at row 3 against rule 122 at row 4"
    assert answers.difference(ours, ours.up_to(3)) == "3 entries against 2; entry 3 is rule 0 at row 17 against none"
    assert ours.times is not None
    later = replace(ours, times=ours.times + np.array([0, 0, 1_000_000]))
    assert answers.difference(ours, later) == "entry 3 is at 2025-01-02T00:00:00.000000 against 2025-01-02T00:00:01.000000"


def some_results() -> list[Result]:
    ours = [Result(1_000, rules, "triggerlang", "triggerlang", [2.0, 1.0], [10**9], 5) for rules in (10, 100)]
    peer = [Result(1_000, 10, "loop", "a loop", [25.0], [2 * 10**9], 5), Result(1_000, 100, "loop", "a loop", trouble="> 60 s")]
    return [*ours, *peer, Result(2_000, 10, "triggerlang", "triggerlang", [3.0], [10**9], 9)]


def test_ratios_come_first() -> None:
    told = report.tables(some_results())
    assert "| a loop | **25.0×** (25.0 s, 2.0 GB) | > 60 s |" in told
    assert "| *entries* | 5 | 5 |" in told
    assert "| triggerlang | 10 | 1.0× | 1.5× |" in told
    rates = [Rate(100, "loop", 1_000, 5_000.0), Rate(100, "cel-python", 1_000, 500.0)]
    assert "| cel-python | **0.10×** (500) |" in report.rate_table(rates, 1_000)


def test_the_plot_says_in_words_what_it_shows(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    from bench.plot import draw

    draw([result for result in some_results() if result.events == 1_000], tmp_path / "plot.svg")
    drawn = ElementTree.fromstring((tmp_path / "plot.svg").read_text(encoding="utf-8"))
    told = drawn.findtext("{http://www.w3.org/2000/svg}desc")
    assert told is not None
    assert "a loop: 25.00 s at 10 rules." in told
