"""Tests cut out of logs, held to what they are cut from on made-up rules and logs: they hold, tell the same, and have nothing to leave out.

`TRIGGERLANG_EXAMPLES=5000 pytest tests/test_cutting.py` looks at that many worlds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from tests.support.engines import rule_set
from tests.support.worlds import World, worlds
from tests.test_differential import rules_of, some
from triggerlang.answers.blocks.running import Runner, records_of
from triggerlang.answers.cutting.cutting import Cut, Cutting
from triggerlang.answers.cutting.given import moment, writable
from triggerlang.answers.cutting.proving import CuttingError
from triggerlang.answers.cutting.shrinking import Budget, fewest
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.comparing import moment_of
from triggerlang.engines.interpreter import Interpreter
from triggerlang.engines.watching import Asked, WatchedInterpreter
from triggerlang.events.record import Record
from triggerlang.language import times, tree
from triggerlang.language.formatting import formatted
from triggerlang.language.parser import parse
from triggerlang.language.source import Source
from triggerlang.language.times import Zone


def cuts(world: World, rules: RuleSet, *, anonymous: bool = False) -> Iterator[tuple[str, str, list[Record], Cut]]:
    """The tests of all contacts and automations of a world that can be cut out of it."""
    end = max((record.time for record in world.records), default=times.FIRST_MOMENT)
    for contact in dict.fromkeys(record.contact for record in world.records):
        own = [record for record in world.records if record.contact == contact]
        for automation in rules.automations:
            cutting = Cutting(rules, world.timezone, automation)
            # What was cut and does not hold is no CuttingError.
            with suppress(CuttingError):
                yield contact, automation, own, cutting.cut(own, lambda: end, world.now, anonymous=anonymous)


def block_of(text: str) -> tree.TestBlock:
    parsed = parse(Source("t.triggers", text))
    assert not parsed.diagnostics
    (block,) = parsed.file.statements
    assert isinstance(block, tree.TestBlock)
    return block


def settled(rules: RuleSet, timezone: str, records: list[Record], automation: str) -> list[int]:
    engine = Interpreter(rules, timezone=timezone)
    entries = [entry for record in records for entry in engine.feed_record(record)] + engine.settle()
    return sorted(times.from_datetime(entry.time, Zone()) for entry in entries if entry.automation == automation)


def logged(rules: RuleSet, world: World, records: list[Record], automation: str) -> list[int]:
    engine = Interpreter(rules, timezone=world.timezone)
    entries = [entry for record in records for entry in engine.feed_record(record)]
    end = max(record.time for record in world.records)
    entries += engine.finish(end if world.now is None else max(end, world.now))
    return sorted(times.from_datetime(entry.time, Zone()) for entry in entries if entry.automation == automation)


def expected(block: tree.TestBlock, zone: Zone) -> list[int]:
    return sorted(moment_of(entry.moment, zone) for entry in block.expected[0].entries)


@some
@given(worlds())
def test_a_test_out_of_a_log_holds_and_expects_what_the_log_has(world: World) -> None:
    rules = rules_of(world.files)
    zone = Zone(world.timezone)
    for contact, automation, own, cut in cuts(world, rules):
        assert formatted(Source("t", cut.text)).text == cut.text
        block = block_of(cut.text)
        assert Runner(rules, world.timezone).run(block).holds
        assert {given.contact.text for given in block.given} == {contact}
        told, whole = expected(block, zone), settled(rules, world.timezone, own, automation)
        assert set(told) <= set(whole)
        common = set(logged(rules, world, own, automation)) & set(whole)
        assert (" enters " in block.name.text) == bool(common)
        assert not common or max(common) in told
        assert len(block.given) == cut.events <= cut.of == len(own)


@some
@given(worlds())
def test_no_event_of_a_test_can_be_left_out(world: World) -> None:
    rules = rules_of(world.files)
    zone = Zone(world.timezone)
    for _, automation, _, cut in cuts(world, rules):
        block = block_of(cut.text)
        if " does not enter " in block.name.text or cut.was_bounded or len(block.expected[0].entries) != 1:
            continue
        for at in range(len(block.given)):
            fewer = replace(block, given=block.given[:at] + block.given[at + 1 :])
            assert settled(rules, world.timezone, records_of(fewer, zone), automation) != expected(block, zone)


@some
@given(worlds())
def test_an_anonymous_test_holds_too(world: World) -> None:
    rules = rules_of(world.files)
    for contact, _, _, cut in cuts(world, rules, anonymous=True):
        block = block_of(cut.text)
        assert Runner(rules, world.timezone).run(block).holds
        assert {given.contact.text for given in block.given} == {"contact-1"} != {contact}


@some
@given(worlds())
def test_what_stopped_an_entry_is_what_stops_it_in_the_test(world: World) -> None:
    rules = rules_of(world.files)
    end = max((record.time for record in world.records), default=times.FIRST_MOMENT)
    for _, automation, own, cut in cuts(world, rules):
        block = block_of(cut.text)
        if " enters " in block.name.text:
            continue
        engine = WatchedInterpreter(rules, timezone=world.timezone)
        for record in own:
            engine.feed_record(record)
        engine.finish(end if world.now is None else max(end, world.now))
        asked = [one for one in engine.asked if rules.rules[one.rule].automation == automation]
        in_test = Counter(steps(one) for one in Runner(rules, world.timezone).run(block).asked)
        assert any(not Counter([steps(one)]) - in_test for one in asked)


def steps(asked: Asked) -> Any:
    """When a rule was asked, and what its parts came to."""
    seen = asked.condition
    parts = () if seen is None else tuple(part.holds for part in seen.parts) or (seen.holds,)
    return asked.rule, asked.trigger.time, asked.active, seen is None or seen.holds, parts, asked.runs, asked.header


def test_delta_debugging_leaves_what_is_needed() -> None:
    for needed in ({0}, {3, 8}, {0, 1, 2}, {99}, set(range(100))):
        assert fewest(range(100), lambda kept, needed=needed: needed <= set(kept), Budget(1)) == sorted(needed)  # type: ignore[misc]


@pytest.mark.parametrize("timezone", ["UTC", "Europe/Berlin", "Pacific/Apia"])
def test_every_moment_is_written_so_that_it_is_read_back(timezone: str) -> None:
    zone = Zone(timezone)
    for text in (
        "2026-03-29T00:59:59.999999Z",
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00.000001Z",
        "2026-01-01T23:00:00Z",
        "0001-01-01T00:00:00Z",
    ):
        time = times.read_moment(text, Zone())
        assert time is not None
        assert moment_of(moment(time, zone), zone) == time


@pytest.mark.parametrize(
    ("value", "held"),
    [
        (0.1 + 0.2, "0.30000000000000004"),
        (10**18, "1000000000000000000"),
        (1.5, 1.5),
        ("2026-01-02", "2026-01-02"),
        (True, True),
        ([1], None),
        (float("nan"), None),
    ],
)
def test_a_value_is_written_as_what_reads_the_same(value: Any, held: Any) -> None:
    found = writable(Record(0, "ana", "event", "a", value, {"n": {"m": value}, "value": 1, "event_name": 2}))
    assert found is not None
    assert (found.value, found.properties) == (held, {} if held is None else {"n.m": held})


def test_a_kind_without_words_cannot_be_written() -> None:
    assert writable(Record(0, "ana", "strange", "a")) is None


RULES = """automation "Welcome" on subscribes list "News" where event "signup" count >= 1 before every time
automation "Saver"
  on event "cart" without event "order" with same cart_id within 1 hour
automation "Spender" on event "order" where event "order" sum total >= 50 so far once
automation "Reader" on visits page like "/pricing*" where event "profile" last email ends with ".org" before
automation "Birthday" on anniversary of field "birthday" every time
automation "Listed" on event "order" where event "listed" with tags is not blank has occurred
"""


def event(time: str, name: str, kind: str = "event", value: Any = None, contact: str = "ana@example.org", **properties: Any) -> Record:
    moment = times.read_moment(f"2026-01-01 {time}" if "-" not in time else time, Zone())
    assert moment is not None
    return Record(moment, contact, kind, name, value, properties)


def cut_of(
    records: list[Record], automation: str, *, rules: str = RULES, anonymous: bool = False, at: tuple[int, int] | None = None
) -> Cut:
    numbered = [record._replace(row=row) for row, record in enumerate(records, 1)]
    end = max(record.time for record in records)
    return Cutting(rule_set({"r.triggers": rules}), "UTC", automation).cut(numbered, lambda: end, None, at, anonymous=anonymous)


def test_only_the_events_that_matter_stay() -> None:
    records = [event("08:00", "signup", plan="pro"), event("08:10", "visit"), event("08:20", "signup"), event("09:00", "News", "subscribe")]
    assert cut_of([*records, event("10:00", "signup")], "Welcome").text == (
        'test "ana@example.org enters Welcome"\n'
        "  given\n"
        '    2026-01-01 08:20 "ana@example.org" event "signup"\n'
        '    2026-01-01 09:00 "ana@example.org" subscribes list "News"\n'
        '  expect automation "Welcome"\n'
        '    2026-01-01 09:00 "ana@example.org"\n'
    )


def test_what_counted_stays_where_it_was_not_enough() -> None:
    records = [event("08:00", "order", total=20), event("08:10", "cart", cart_id=1), event("08:20", "order", total=12.5, note="x")]
    text = cut_of(records, "Spender").text
    assert 'expect automation "Spender" nothing' in text
    assert text.count('event "order" with total = ') == 2
    assert "cart" not in text
    assert "note" not in text


def test_of_very_much_that_counted_only_the_reason_stays() -> None:
    records = [event(f"08:{minute:02}", "order", total=1) for minute in range(30)]
    cut = cut_of(records, "Spender")
    assert (cut.events, cut.of) == (1, 30)


def test_an_entry_at_a_time_may_be_named() -> None:
    records = [event("08:00", "signup"), event("09:00", "News", "subscribe"), event("2026-01-03 09:00", "News", "subscribe")]
    first = records[1].time
    assert "2026-01-03" in cut_of(records, "Welcome").text
    assert "2026-01-03" not in cut_of(records, "Welcome", at=(first, first + 1)).text
    with pytest.raises(CuttingError, match="had its trigger then"):
        cut_of(records, "Welcome", at=(first + 1, first + 2))


def test_a_name_that_is_there_gets_the_day() -> None:
    taken = '\ntest "ana@example.org enters Welcome" given 2026-01-01 "ana" event "a" expect automation "Welcome" nothing\n'
    records = [event("08:00", "signup"), event("09:00", "News", "subscribe")]
    assert 'test "ana@example.org enters Welcome on 2026-01-01"\n' in cut_of(records, "Welcome", rules=RULES + taken).text


def test_microseconds_survive() -> None:
    records = [event("09:00:00.000001", "cart", cart_id="c-1"), event("10:00:00.000002", "order", cart_id="c-1")]
    text = cut_of(records, "Saver").text
    assert '2026-01-01 10:00:00.000001 "ana@example.org"' in text
    assert "order" not in text


def test_what_cannot_be_written_is_an_error_where_it_matters() -> None:
    records = [event("08:00", "listed", tags=["a"]), event("09:00", "order")]
    with pytest.raises(CuttingError, match="no lists"):
        cut_of(records, "Listed")
    cut_of([event("08:00", "listed", tags="a", more=["a"]), event("09:00", "order", tags=["b"])], "Listed")
    with pytest.raises(CuttingError, match="control character"):
        cut_of([event("08:00", "/pricing\x07", "visit")], "Reader")


def test_of_anniversaries_a_test_has_what_its_lines_reach() -> None:
    records = [event("2020-01-01 09:00", "birthday", "field", "1990-05-01"), event("2026-07-01 09:00", "a")]
    kept = cut_of(records, "Birthday").text
    assert '2026-05-01 "ana@example.org"' in kept
    assert 'event "a"' in kept  # Of an anniversary, a test has the first after the last line and no further one.
    numbered = [records[0]._replace(row=1)]
    end = records[1].time
    text = Cutting(rule_set({"r.triggers": RULES}), "UTC", "Birthday").cut(numbered, lambda: end).text
    assert '2020-05-01 "ana@example.org"' in text


def test_an_anonymous_test_names_nobody() -> None:
    records = [
        event("07:00", "profile", email="ana@example.org", ref=17),
        event("08:00", "/pricing?user=ana@example.org", "visit"),
        event("09:00", "cart", cart_id=4711, by="ana@example.org"),
        event("09:30", "order", cart_id="4712", total=60),
        event("11:30", "end"),
    ]
    for automation in ("Reader", "Saver", "Spender"):
        shown = cut_of(records, automation, anonymous=True).text
        assert "ana" not in shown
        assert "@" not in shown
        assert "example" not in shown
        assert "4711" not in shown
        assert "contact-1 enters" in shown
    assert 'visits page "/pricing' in cut_of(records, "Reader", anonymous=True).text
    assert '.org"' in cut_of(records, "Reader", anonymous=True).text


def test_a_text_that_has_to_stay_is_no_anonymous_test() -> None:
    rules = 'automation "Odd" on event "a" with email > "ana@a", email < "ana@z"\n'
    with pytest.raises(CuttingError, match="leave out --anonymous"):
        cut_of([event("08:00", "a", email="ana@example.org")], "Odd", rules=rules, anonymous=True)


def test_declared_types_stay_declared_types() -> None:
    rules = 'declare event "cart" with cart_id number\ndeclare event "order" with cart_id number\n'
    rules += 'automation "Saver" on event "cart" then event "order" with same cart_id within 1 hour\n'
    records = [event("09:00", "cart", cart_id=4711), event("09:30", "order", cart_id=4711)]
    text = cut_of(records, "Saver", rules=rules, anonymous=True).text
    assert text.count("cart_id = ") == 2
    assert "4711" not in text


def test_the_bound_ends_the_search_and_the_test_holds() -> None:
    records = [event(f"{8 + number // 60:02}:{number % 60:02}", "order", total=1)._replace(row=number) for number in range(200)]
    cut = Cutting(rule_set({"r.triggers": RULES}), "UTC", "Spender", most_events=0).cut(records, lambda: 0)
    assert cut.was_bounded
    assert 50 <= cut.events < cut.of
