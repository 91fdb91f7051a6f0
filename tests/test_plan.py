"""Plans: the difference of two runs, by both engines, of a rule set against itself and against what it was altered to."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, given, strategies as st

from tests.support.engines import ENGINES, rule_set
from tests.support.plans import altered, by_sets, told
from tests.support.worlds import World, worlds
from tests.test_differential import fewer, rules_of, some
from triggerlang.answers.plans import plain
from triggerlang.answers.plans.difference import Difference
from triggerlang.answers.plans.pairing import Pairing, paired
from triggerlang.checking.project import check
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.entry import Entry
from triggerlang.language.source import Source
from triggerlang.language.times import Zone
from triggerlang.network.compiler import compile


def second(world: World, chance: Random) -> RuleSet:
    """Other rules for a world, near to its own."""
    checked = check([Source(path, text) for path, text in altered(world.files, chance).items()])
    assume(checked.rules is not None)
    assert checked.rules is not None
    return checked.rules


def entries_of(rules: RuleSet, world: World) -> list[Entry]:
    return ENGINES["interpreter"](rules, world.records, world.timezone, world.now).entries


def by_columns(pairing: Pairing, world: World, at_once: int) -> Difference:
    from triggerlang.answers.plans import columnar
    from triggerlang.engines.columnar.engine import run_columns
    from triggerlang.engines.columnar.flattening import paths_of
    from triggerlang.events.recorded import columns_of

    zone = Zone(world.timezone)
    runs = []
    for rules in (pairing.old, pairing.new):
        network = compile(rules)
        runs.append(run_columns(network, columns_of(world.records, paths_of(network)), zone, 2, now=world.now).entries)
    return columnar.compared(pairing, runs[0], runs[1], zone, at_once)


@some
@given(worlds(), st.integers(0, 2**32))
def test_a_plan_is_the_difference_of_two_runs(world: World, seed: int) -> None:
    old, new = rules_of(world.files), second(world, Random(seed))
    pairing = paired(old, new)
    before, after = entries_of(old, world), entries_of(new, world)
    difference = plain.compared(pairing, before, after, Zone(world.timezone))
    assert told(difference) == by_sets(pairing, before, after, world.timezone)
    assert sum(rule.old for rule in difference.rules) == len(before)
    assert sum(rule.new for rule in difference.rules) == len(after)
    for name in ("added", "removed", "moved"):
        of_rules = sum(getattr(rule, name) for rule in difference.rules)
        assert of_rules == sum(getattr(each.change, name) for each in difference.automations)
    for each in difference.automations:
        firsts = each.firsts
        assert {*firsts.added, *firsts.first_time} <= set(after)
        assert set(firsts.removed) <= set(before)
        assert bool(each.change.moved) == bool(firsts.moved)
        assert bool(each.first_time) == bool(firsts.first_time)
        assert all(one.contact == other.contact for one, other in firsts.moved)


@some
@given(worlds())
def test_a_plan_against_itself_is_empty(world: World) -> None:
    rules = rules_of(world.files)
    pairing = paired(rules, rules_of(world.files))
    assert pairing.is_same
    entries = entries_of(rules, world)
    assert plain.compared(pairing, entries, entries, Zone(world.timezone)).changed == 0


@fewer
@given(worlds(), st.integers(0, 2**32), st.integers(1, 40))
def test_entries_in_columns_are_compared_likewise(world: World, seed: int, at_once: int) -> None:
    pairing = paired(rules_of(world.files), second(world, Random(seed)))
    one_by_one = plain.compared(pairing, entries_of(pairing.old, world), entries_of(pairing.new, world), Zone(world.timezone))
    assert by_columns(pairing, world, at_once) == one_by_one


def pairs(old: str, new: str) -> list[tuple[str | None, str | None, list[tuple[int | None, int | None, bool]]]]:
    """The automations and rules that are taken for each other."""
    pairing = paired(rule_set({"r.triggers": old}), rule_set({"r.triggers": new}))
    return [(pair.old, pair.new, [(rule.old, rule.new, rule.is_same) for rule in pair.rules]) for pair in pairing.automations]


A, B, C = 'on event "a"\n', 'on event "b" where in list "x"\n', 'on event "c" every time\n'


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (A + B, B + A, [("r", "r", [(1, 0, True), (0, 1, True)])]),
        (A + B, A + C, [("r", "r", [(0, 0, True), (1, 1, False)])]),
        (A + B, B, [("r", "r", [(1, 0, True), (0, None, False)])]),
        (A, A + A, [("r", "r", [(0, 0, True), (None, 1, False)])]),
        ('automation "X"\n' + A, 'automation "Y"\n' + A, [("X", "Y", [(0, 0, True)])]),
        ('automation "X"\n' + A, 'automation "Y"\n' + B, [(None, "Y", [(None, 0, False)]), ("X", None, [(0, None, False)])]),
        (A, 'on event in ("a") once\n', [("r", "r", [(0, 0, True)])]),
        ('on event "b" where in list "x" and has tag "y"', 'on event "b" where has tag "y" and in list "x"', [("r", "r", [(0, 0, True)])]),
        ('segment "S" is in list "x" on event "b" where in segment "S"\n', B, [("r", "r", [(0, 0, True)])]),
    ],
)  # fmt: skip
def test_rules_are_paired_by_meaning_then_by_number(old: str, new: str, expected: object) -> None:
    assert pairs(old, new) == expected


@pytest.mark.parametrize("segment", ['segment "S" is in list "x"\n', 'segment "T" is in list "x"\n'])
def test_what_a_segment_is_called_is_no_part_of_a_meaning(segment: str) -> None:
    name = segment.split('"')[1]
    old, new = 'segment "S" is in list "x"\non event "a" where in segment "S"\n', f'{segment}on event "a" where in segment "{name}"\n'
    assert pairs(old, new) == [("r", "r", [(0, 0, True)])]
