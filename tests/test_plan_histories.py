"""Histories that tell rules apart: test blocks in the layout, which hold under the new rules and fail under the old."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, strategies as st

from tests.support.engines import rule_set
from tests.support.worlds import World, worlds
from tests.test_differential import fewer, rules_of
from tests.test_plan import second
from triggerlang.answers.blocks.running import Runner
from triggerlang.answers.plans.histories import Histories, History
from triggerlang.answers.plans.pairing import Pairing, paired
from triggerlang.language import tree
from triggerlang.language.formatting import formatted
from triggerlang.language.parser import parse
from triggerlang.language.source import Source
from triggerlang.language.times import Zone


def histories(pairing: Pairing, timezone: str) -> list[History]:
    looking = Histories(pairing, Zone(timezone))
    found = [looking.of(automation, rule) for automation in pairing.automations for rule in automation.rules]
    return [history for history in found if history is not None]


def hold(pairing: Pairing, history: History, timezone: str) -> list[bool]:
    """Whether a block is in the layout, and holds under the old and under the new rules."""
    source = Source("history.triggers", history.text)
    assert formatted(source).text == history.text
    parsed = parse(source)
    assert not parsed.diagnostics
    (block,) = parsed.file.statements
    assert isinstance(block, tree.TestBlock)
    return [Runner(rules, timezone).run(block).holds for rules in (pairing.old, pairing.new)]


@fewer
@given(worlds(), st.integers(0, 2**32))
def test_a_history_holds_under_the_new_rules_alone(world: World, seed: int) -> None:
    pairing = paired(rules_of(world.files), second(world, Random(seed)))
    for history in histories(pairing, world.timezone)[:2]:
        if history.text:
            assert hold(pairing, history, world.timezone) == [False, True]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('on event "a"', 'on event "b"'),
        ('on event "a" where event "b" count >= 2 before', 'on event "a" where event "b" count >= 3 before'),
        ('on event "a" where event "b" sum value >= 75 before', 'on event "a" where event "b" sum value >= 50 before'),
        ('on event "a" where event "b" sum value > 75 before', 'on event "a" where event "b" sum value >= 75 before'),
        ('on event "a" where event "b" has occurred within 7 days', 'on event "a" where event "b" has occurred within 14 days'),
        ('on event "a" with plan = "free"', 'on event "a" with plan = "pro"'),
        ('on event "a" with seats > 5', 'on event "a" with seats >= 5'),
        ('on event "a" where in list "x"', 'on event "a" where not in list "x"'),
        ('on event "a" where has tag "x"', 'on event "a"'),
        ('on event "a" where field "f" = "x"', 'on event "a" where field "f" = "y"'),
        ('on event "a" where weekday in (monday)', 'on event "a" where weekday in (sunday)'),
        ('on event "a" where time between 09:00 and 17:00', 'on event "a" where time between 09:00 and 18:00'),
        ('on event "a" active from 2026-03-01', 'on event "a" active from 2026-04-01'),
        ('on event "a" once', 'on event "a" every time'),
        ('on event "a" at most once per 7 days', 'on event "a" at most once per 14 days'),
        ('on event "a" then event "b" within 1 day', 'on event "a" then event "b" within 2 days'),
        ('on event "a" without event "b" within 1 day', 'on event "a" without event "c" within 1 day'),
        ('on 14 days after event "a"', 'on 7 days after event "a"'),
        ('on 1 day before date of at of event "a"', 'on 2 days before date of at of event "a"'),
        ('segment "S" is in list "x" on event "a" where in segment "S"', 'segment "S" is has tag "y" on event "a" where in segment "S"'),
        ('automation "r" once on event "a" every time', 'automation "r" on event "a" every time'),
    ],
)
def test_what_is_often_changed_is_told_apart(old: str, new: str) -> None:
    pairing = paired(rule_set({"r.triggers": old}), rule_set({"r.triggers": new}))
    (history,) = histories(pairing, "Europe/Berlin")
    assert history.text
    assert hold(pairing, history, "Europe/Berlin") == [False, True]


def test_names_are_those_that_are_declared() -> None:
    declared = 'declare event "signup" declare event "order" with amount number '
    pairing = paired(*(rule_set({"r.triggers": f"{declared} on any event{runs}"}) for runs in (" once", " every time")))
    (history,) = histories(pairing, "UTC")
    assert 'event "order"' in history.text or 'event "signup"' in history.text
    assert rule_set({"r.triggers": f"{declared} on any event", "history.triggers": history.text}).tests


def test_where_none_is_found_it_is_said() -> None:
    pairing = paired(
        rule_set({"r.triggers": 'on event "a" where event "b" count >= 100 before'}),
        rule_set({"r.triggers": 'on event "a" where event "b" count >= 101 before'}),
    )
    (history,) = histories(pairing, "UTC")
    assert history.lines() == ["no short history was found that tells both apart"]
