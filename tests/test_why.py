"""Why, held to the oracle on made-up rules and logs: what it says of each trigger, each part, each number and each change is so.

`TRIGGERLANG_EXAMPLES=5000 pytest tests/test_why.py` looks at that many worlds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given

from tests.oracle import Oracle, Place
from tests.support.asked import AskingOracle, At
from tests.support.engines import rule_set
from tests.support.worlds import World, worlds
from tests.test_differential import many, rules_of, some
from triggerlang.answers.reasons.matching import Matching
from triggerlang.answers.reasons.reason import Lack, Reason
from triggerlang.answers.reasons.ways import way
from triggerlang.answers.why import as_json, text
from triggerlang.answers.why.answering import Answer, Answering, Question
from triggerlang.answers.why.changes import applied, words
from triggerlang.answers.why.story import story
from triggerlang.answers.why.suggesting import suggested
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.waiting import Derived
from triggerlang.events.record import Record
from triggerlang.language import numbers, times, tree
from triggerlang.network.needed import needed


def answers(world: World, rules: RuleSet) -> Iterator[tuple[str, Answer]]:
    """The answers to all questions about a contact."""
    end = max((record.time for record in world.records), default=times.FIRST_MOMENT)
    for contact in dict.fromkeys(record.contact for record in world.records):
        own = [record for record in world.records if record.contact == contact]
        for automation in rules.automations:
            asking = Answering(needed(rules, [automation]), world.timezone, own, lambda: end, world.now)
            yield contact, asking.answer(Question(contact, automation, most=1000))


def asked(world: World, rules: RuleSet) -> AskingOracle:
    oracle = AskingOracle(rules, world.timezone)
    oracle.entries(world.records, world.now)
    return oracle


def parts(rules: RuleSet, node: tree.Condition, reason: Reason) -> Iterator[tuple[tree.Condition, Reason]]:
    """Each part of a condition, segments followed, beside its reason."""
    yield node, reason
    match node:
        case tree.And(own) | tree.Or(own):
            for part, below in zip(own, reason.parts, strict=True):
                yield from parts(rules, part, below)
        case tree.Not(part):
            yield from parts(rules, part, reason.parts[0])
        case tree.SegmentTest(name):
            yield from parts(rules, rules.segments[name.text], reason.parts[0])


def told_parts(world: World, rules: RuleSet) -> Iterator[tuple[Oracle, At, tree.Condition, Reason]]:
    """Each part of each condition at each trigger: what the oracle has there, and what is told."""
    oracle = asked(world, rules)
    for _, answer in answers(world, rules):
        seen: Counter[tuple[int, Any]] = Counter()
        for told in reversed(answer.told):
            rule, trigger = told.item.rule, told.asked.trigger
            at = oracle.at(rule.on, trigger, seen[id(rule.on), tuple(map(str, trigger))])
            seen[id(rule.on), tuple(map(str, trigger))] += 1
            if rule.where is not None:
                for node, reason in parts(rules, rule.where, told.reason.parts[1]):
                    yield oracle, at, node, reason


@many
@given(worlds())
def test_it_says_entered_exactly_where_the_oracle_enters(world: World) -> None:
    rules = rules_of(world.files)
    expected = Counter(
        (entry.contact, entry.rule, times.from_datetime(entry.time, times.Zone()), entry.event) for entry in asked_entries(world, rules)
    )
    found: Counter[Any] = Counter()
    for contact, answer in answers(world, rules):
        for told in answer.told:
            trigger = told.asked.trigger
            assert told.entered == told.reason.holds == all(part.is_met for part in told.reason.parts)
            if told.entered:
                found[contact, told.item.name, trigger.time, trigger.row if trigger.id is None else trigger.id] += 1
        assert len(answer.entries) == sum(told.entered for told in answer.told)
        assert len(answer.triggers) == len(answer.told)
    assert found == expected


def asked_entries(world: World, rules: RuleSet) -> Any:
    return Oracle(rules, world.timezone).entries(world.records, world.now)


@many
@given(worlds())
def test_each_mark_is_the_oracles(world: World) -> None:
    rules = rules_of(world.files)
    for oracle, at, node, reason in told_parts(world, rules):
        assert oracle.holds(node, at.before, at.place) == reason.holds, reason.text


@many
@given(worlds())
def test_what_counted_is_what_the_oracle_counts(world: World) -> None:
    rules = rules_of(world.files)
    for oracle, at, node, reason in told_parts(world, rules):
        if isinstance(node, tree.HistoryTest):
            counted = oracle.window(node.window, oracle.occurrences(node.pattern, at.before, at.place), at.before, at.place)
            assert reason.evidence is not None, reason.text
            assert reason.evidence.counted_of == len(counted), reason.text
            assert [tuple(each.event) for each in reason.evidence.counted] == [tuple(x.record) for x in counted][-5:]


@many
@given(worlds())
def test_what_is_lacking_is_exact(world: World) -> None:
    """With just as much more in the window, or less, a test is as the rule asks; with a little less than that it is not."""
    rules = rules_of(world.files)
    for oracle, at, node, reason in told_parts(world, rules):
        if reason.lack is None or not isinstance(node, tree.HistoryTest) or not isinstance(node.pattern, tree.Pattern):
            continue
        counted = oracle.window(node.window, oracle.occurrences(node.pattern, at.before, at.place), at.before, at.place)
        given_back = [place for place in counted if place is not at.place]
        if reason.lack.measure == "count" and reason.lack.amount < 0:
            some_less = given_back[: -reason.lack.amount]
            if len(some_less) == -reason.lack.amount:
                assert holds_without(oracle, at, node, some_less) != reason.holds, reason.text
                assert holds_without(oracle, at, node, some_less[1:]) == reason.holds, reason.text
        elif given_back and reason.lack.measure in ("count", "sum", "average") and isinstance(given_back[-1].record, Record):
            template = given_back[-1]
            for amount, helps in amounts(reason.lack):
                if abs(amount) >= numbers.LIMIT:
                    continue  # A sum may lack more than one event can hold.
                more = made(template, node.measure, reason.lack, amount)
                if is_one_more(oracle, node, at.place.record, more):
                    before = [y for x in at.before for y in ((x, *more) if x is template else (x,))]
                    changed = oracle.holds(node, before, at.place) != reason.holds
                    assert changed == helps, (reason.text, amount)


@some
@given(worlds())
def test_the_steps_of_a_chain_are_a_way_through_it(world: World) -> None:
    rules = rules_of(world.files)
    oracle = asked(world, rules)
    matching = Matching(times.Zone(world.timezone))
    for _, answer in answers(world, rules):
        for told in answer.told:
            chain, trigger = told.item.rule.on, told.asked.trigger
            if not isinstance(chain, tree.Chain) or not chain.then:
                continue
            assert len(told.reason.parts[0].parts) == len(chain.then) + 1
            last = trigger.event if isinstance(trigger, Derived) else trigger
            at = oracle.at(chain, trigger)
            until = [*at.before, at.place] if at.place.of is None else at.before
            end = at.place.record if at.place.of is None else at.place.of.record
            path = way(matching, chain, [place.record for place in until], end, None)
            assert path is not None
            assert path[-1][:4] == last[:4]
            places = [next(place for place in until if place.record is event) for event in path]
            for step, before, after in zip(chain.then, places, places[1:], strict=False):
                assert before.key < after.key
                assert step.within is None or after.time - before.time <= step.within.microseconds
                assert oracle.matches(step.pattern, after.record, after.record, path[0])


def is_one_more(oracle: Oracle, node: tree.HistoryTest, trigger: Record, more: list[Place]) -> bool:
    """Whether events are some more of a test's pattern, whose property can be set, and leave its window as it is."""
    assert isinstance(node.pattern, tree.Pattern)
    ends = node.window.pattern if isinstance(node.window, tree.SinceLast) else None
    path = "" if isinstance(node.measure, tree.Count) else node.measure.property.path
    return path != "event_name" and all(
        oracle.matches(node.pattern, x.record, trigger, trigger) and not (ends and oracle.matches(ends, x.record, trigger, trigger))
        for x in more
    )


def holds_without(oracle: Oracle, at: At, node: tree.Condition, left_out: list[Place]) -> bool:
    return oracle.holds(node, [place for place in at.before if place not in left_out], at.place)


def amounts(lack: Lack) -> Iterator[tuple[int, bool]]:
    """How much more is tried, and whether it should help."""
    if lack.measure == "count":
        yield lack.amount, True
        if lack.sign != "=" or lack.amount != 1:
            yield lack.amount - 1, False
    else:
        step = {"<": -1, "<=": -1}.get(lack.sign, 1)
        yield lack.amount + step * lack.beyond, True
        yield lack.amount - step * (not lack.beyond), False


def made(template: Place, measure: tree.Measure, lack: Lack, amount: int) -> list[Place]:
    """Events like another one right after it: as many, or one that holds so much."""
    if isinstance(measure, tree.Count):
        return [replace(template, key=(*template.key[:3], template.key[3] + (number + 1) / 1000)) for number in range(amount)]
    assert isinstance(measure, tree.Aggregate)
    path, held = measure.property.path, Decimal(amount) / numbers.SCALE
    record = template.record
    record = record._replace(value=held) if path == "value" else record._replace(properties={**record.properties, path: held})
    return [Place((*template.key[:3], template.key[3] + 0.001), record)]


@pytest.mark.long
@some
@given(worlds())
def test_what_is_suggested_lets_the_contact_enter(world: World) -> None:
    """The changes, made in the whole log: by the oracle, the contact enters at that trigger."""
    rules = rules_of(world.files)
    end = max((record.time for record in world.records), default=times.FIRST_MOMENT)
    for contact in dict.fromkeys(record.contact for record in world.records):
        own = [record for record in world.records if record.contact == contact]
        for automation in rules.automations:
            asking = Answering(needed(rules, [automation]), world.timezone, own, lambda: end, world.now)
            answer = suggested(asking, asking.answer(Question(contact, automation, most=2)))
            told = [(each.item.name, suggestion) for each in answer.told for suggestion in each.suggestions]
            told += [(rule.item.name, suggestion) for rule in answer.rules for suggestion in rule.suggestions]
            for name, suggestion in told:
                changed = merged(applied(own, suggestion.changes), [record for record in world.records if record.contact != contact])
                entries = Oracle(rules, world.timezone).entries(changed, world.now)
                found = [(entry.contact, entry.rule, times.from_datetime(entry.time, times.Zone())) for entry in entries]
                assert (contact, name, suggestion.time) in found, words(suggestion.changes, times.Zone())


def merged(own: list[Record], others: list[Record]) -> list[Record]:
    """Two logs as one, each in its order."""
    return sorted([*own, *others], key=lambda record: record.time)


SUGGESTED = {
    "a sum": ('event "order" sum amount >= 500 before', ("had amount 500 instead of 320", 'been event "order" with amount = 180')),
    "a count": ('event "order" count >= 3 before', ('been event "order" 2 times, such as at 2026-01-31 23:59:59',)),
    "an absence": ('event "order" has not occurred before', ('there had not been event "order" of 2026-01-02 00:00',)),
    "a list": ('in list "News" and has tag "vip"', ('there had been subscribes list "News"', 'been gets tag "vip"')),
    "a field": ('field "plan" = "pro"', ('there had been changes field "plan" with value = "pro"',)),
    "a weekday": ("weekday in (monday)", ("had come at 2026-02-02 00:00",)),
    "an average": ('event "order" average amount >= 400', ('there had been event "order" with amount = 480',)),
    "one of two": ('in list "News" or has tag "vip"', ('there had been subscribes list "News"', 'there had been gets tag "vip"')),
    "below a not": ('not (event "order" has occurred or in list "N")', ('there had not been event "order"',)),
    "a chain": ('(event "a" then event "b") has occurred', ('there had been event "a"', 'been event "b"')),
}


@pytest.mark.parametrize("case", SUGGESTED)
def test_what_is_suggested_of(case: str) -> None:
    condition, expected = SUGGESTED[case]
    rules = rule_set({"r.triggers": f'automation "A" on event "x" where {condition}\n'})
    records = [
        Record(times.read_moment("2026-01-02", times.Zone()) or 0, "ana", "event", "order", None, {"amount": 320}, None, 1),
        Record(times.read_moment("2026-02-01", times.Zone()) or 0, "ana", "event", "x", None, {}, None, 2),
    ]
    asking = Answering(rules, "UTC", records, lambda: records[-1].time, None)
    answer = suggested(asking, asking.answer(Question("ana", "A")))
    said = "\n".join(" and ".join(words(each.changes, times.Zone())) for each in answer.told[0].suggestions)
    for words_of in expected:
        assert words_of in said, said


ODD_TIMES = ("0001-01-01 00:00:00Z", "0001-01-02", "9999-12-31 23:59:59Z", "9999-12-30")
ODD_RULES = (
    'on event "x" where event "order" sum amount > 999_999_999_999_999_999 and weekday in (monday)',
    'on event "x" where event "order" last at > 9999-12-31 or event "order" first at < 0001-01-01 within 1 second',
    'on event "x" where event "order" has occurred within 3000000 days and time between 10:00 and 11:00 active from 9999-12-31',
    'on 3000000 days after event "order"',
    'on 1 day before anniversary of field "b"',
    'on 3000000 days before date of at of event "order"',
    'on event "order" without event "y" within 3000000 days',
    'on event "a" then event "b" within 3000000 days at most once per 3000000 days',
)


@pytest.mark.parametrize("time", ODD_TIMES)
@pytest.mark.parametrize("timezone", ["UTC", "Pacific/Apia"])
def test_the_ends_of_the_calendar(time: str, timezone: str) -> None:
    for rule in ODD_RULES:
        rules = rule_set({"r.triggers": f'automation "A" {rule}\n'})
        moment = times.read_moment(time, times.Zone(timezone))
        assert moment is not None
        records = [Record(moment, "ana", "event", name, None, {"at": time, "amount": 1}, None, row) for row, name in enumerate("xba", 1)]
        for at in (None, (moment, moment + 1), (times.FIRST_MOMENT, times.FIRST_MOMENT + 1)):
            asking = Answering(rules, timezone, records, partial(int, moment), None)
            answer = suggested(asking, asking.answer(Question("ana", "A", at=at)))
            assert text.render(story(answer, asking.zone), 80)
            assert as_json.render(answer)
