"""The interpreter beside the loop that an engineer writes in an afternoon, on the same rules and events."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from bench import handwritten, logs, worlds
from bench.conftest import ROUNDS
from triggerlang.checking.project import check
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.interpreter import Interpreter
from triggerlang.events.record import Record
from triggerlang.language.source import Source

EVENTS = 100_000
RUNS = (worlds.ONCE, 7, 30, 90)
"""How the rules run: once, or at most once per so many days."""


def rule_set(project: list[worlds.Rule]) -> RuleSet:
    checked = check([Source("bench.triggers", worlds.text(project))])
    assert checked.rules is not None, checked.diagnostics[:3]
    return checked.rules


@cache
def events(number: int = EVENTS) -> list[Record]:
    return logs.log(number)


def interpret(engine: Interpreter, log: list[Record]) -> list[tuple[int, str]]:
    return [(record.row, entry.rule) for record in log for entry in engine.feed_record(record)]


@pytest.mark.parametrize("number", [10, 100, 1_000, 10_000])
def test_against_a_handwritten_loop(number: int, against: Callable[..., None]) -> None:
    # Of ten thousand rules, some five hundred start at a usual event: a part of the log is enough.
    project, log = worlds.rules(number, runs=RUNS), events(EVENTS // 10 if number >= 10_000 else EVENTS)
    rules = rule_set(project)
    wanted = [(row, rules.rules[at].name) for row, at in handwritten.run(project, log)]
    assert interpret(Interpreter(rules), log) == wanted
    against(
        f"{len(log):,} events, {number:,} rules: interpreter against a loop",
        lambda: interpret(Interpreter(rules), log),
        lambda: list(handwritten.run(project, log)),
        rounds=2 if number >= 10_000 else 3,
    )


def test_ten_thousand_rules_against_ten(against: Callable[..., None]) -> None:
    """As many rules as before can start on an event: the others ask for events that others have."""
    few = worlds.rules(10, runs=RUNS)
    many = few + worlds.rules(9_990, first=worlds.NAMES, names=10 * worlds.NAMES, runs=RUNS)
    # All engines are made before and kept until the end: making and freeing ten thousand rules is no part of an event's time.
    engines = {len(project): [Interpreter(rule_set(project)) for _ in range(ROUNDS)] for project in (few, many)}
    fresh = {number: iter(made) for number, made in engines.items()}
    against(
        f"{EVENTS:,} events, 10,000 rules against 10",
        lambda: interpret(next(fresh[len(many)]), events()),
        lambda: interpret(next(fresh[len(few)]), events()),
    )
