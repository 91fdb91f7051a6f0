"""The interpreter as a program embeds it: one event at a time."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest

from triggerlang.checking.project import check
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.interpreter import Interpreter
from triggerlang.events.errors import LogError
from triggerlang.events.event import Event
from triggerlang.events.record import Record
from triggerlang.language.source import Source

START = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
SECOND = 1_000_000


def rule_set(text: str) -> RuleSet:
    checked = check([Source("case.triggers", text)])
    assert checked.rules is not None, [problem.message for problem in checked.diagnostics]
    return checked.rules


def test_an_event_brings_its_entries() -> None:
    engine = Interpreter(rule_set('on subscribes list "News" where event "signup" count >= 1 before'))
    assert engine.feed(Event(contact="ana", time=START, name="signup")) == []
    (entry,) = engine.feed(Event(contact="ana", time=START + timedelta(seconds=1), kind="subscribe", name="News"))
    assert (entry.time, entry.contact, entry.automation, entry.rule, entry.source, entry.event) == (
        START + timedelta(seconds=1),
        "ana",
        "case",
        "case#1",
        "case.triggers:1",
        2,
    )


def test_an_event_out_of_order_is_refused_and_changes_nothing() -> None:
    engine = Interpreter(rule_set('on event "order" every time'))
    engine.feed(Event(contact="ana", time=START, name="order"))
    with pytest.raises(LogError, match=r"came after one at 2026-01-01T09:00:00Z: events must be fed in the order of their times"):
        engine.feed(Event(contact="ben", time=START - timedelta(microseconds=1), name="order", id="x"))
    assert len(engine.feed(Event(contact="ben", time=START, name="order", id="x"))) == 1


def test_an_id_counts_once_for_each_contact() -> None:
    engine = Interpreter(rule_set('on event "order" every time'))
    entries = [
        entry.event
        for contact, event_id in (("ana", "a"), ("ana", "a"), ("ben", "a"), ("ana", None), ("ana", None))
        for entry in engine.feed(Event(contact=contact, time=START, name="order", id=event_id))
    ]
    assert entries == ["a", "a", 4, 5]


def test_a_time_without_a_zone_is_in_the_time_zone_given() -> None:
    engine = Interpreter(rule_set('on event "order"'), timezone="Europe/Berlin")
    (entry,) = engine.feed(Event(contact="ana", time=datetime(2026, 7, 1, 12, 0), name="order"))
    assert entry.time == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone is called 'Mars/Base'"):
        Interpreter(rule_set('on event "order"'), timezone="Mars/Base")


BOUNDED = """
automation "A"
  on event "go" where event "order" count >= 3 within 1 hour before once
  on event "go" where event "order" sum amount >= 100000 within 1 hour before once
  on event "go" where event "order" max amount >= 100000 within 1 hour so far once
  on event "go" where event "order" first amount >= 100000 within 1 hour before once
  on event "go" where event "order" distinct sku >= 1000 within 1 hour before once
  on event "go" where event "order" with sku = trigger sku count >= 100000 within 1 hour before once
  on event "go" where event "order" with amount > trigger amount count >= 100000 within 1 hour before once
  on event "go" where event "order" average amount >= 100000 and event "order" distinct sku >= 5 once
  on event "go" where event "order" count >= 100000 since last event "go" and field "plan" = "x" and in list like "n*" once
  on event "order" with amount = 7 at most 2 times per 1 hour
"""


def feed_orders(engine: Interpreter, first: int, last: int) -> None:
    """Events of the same ten contacts, one a minute."""
    for number in range(first, last):
        name = "go" if number % 50 == 0 else "order"
        properties = {"amount": number % 97, "sku": f"s{number}"}
        engine.feed_record(Record(number * 60 * SECOND, f"c{number % 10}", "event", name, None, properties, None, number))


def test_memory_does_not_grow_with_events() -> None:
    engine = Interpreter(rule_set(BOUNDED))
    tracemalloc.start()
    try:
        feed_orders(engine, 0, 3_000)
        settled, _ = tracemalloc.get_traced_memory()
        feed_orders(engine, 3_000, 12_000)
        later, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert later < 1.1 * settled
