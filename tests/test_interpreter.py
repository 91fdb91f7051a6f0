"""The interpreter as a program embeds it: one event at a time."""

from __future__ import annotations

import time
import tracemalloc
from datetime import UTC, date, datetime, timedelta

import pytest

from triggerlang.checking.project import check
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.entry import Entry
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


CART = 'automation "Saver" on event "cart" without event "order" within 1 hour every time\non event "order" every time'


def at(minutes: float, name: str, contact: str = "ana") -> Event:
    return Event(contact=contact, time=START + timedelta(minutes=minutes), name=name)


def told(entries: list[Entry]) -> list[tuple[str, str, float]]:
    return [(entry.rule, entry.contact, (entry.time - START) / timedelta(minutes=1)) for entry in entries]


def test_an_event_hands_out_first_what_was_due_earlier() -> None:
    engine = Interpreter(rule_set(CART))
    assert engine.feed(at(0, "cart")) == []
    assert engine.feed(at(5, "cart", "ben")) == []
    assert told(engine.feed(at(60, "order", "cyd"))) == [("Saver#2", "cyd", 60)]
    assert told(engine.feed(at(70, "order", "cyd"))) == [("Saver#1", "ana", 60), ("Saver#1", "ben", 65), ("Saver#2", "cyd", 70)]


def test_what_is_due_at_an_events_own_time_comes_after_it() -> None:
    engine = Interpreter(rule_set(CART))
    engine.feed(at(0, "cart"))
    assert told(engine.feed(at(60, "order"))) == [("Saver#2", "ana", 60)]
    assert engine.advance(to=START + timedelta(hours=9)) == []


def test_the_clock_moves_without_an_event() -> None:
    engine = Interpreter(rule_set(CART))
    engine.feed(at(0, "cart"))
    assert engine.advance(to=START + timedelta(minutes=59)) == []
    assert told(engine.advance(to=START + timedelta(minutes=60))) == [("Saver#1", "ana", 60)]
    assert engine.advance(to=START + timedelta(minutes=60)) == []
    with pytest.raises(
        LogError, match=r"after the clock was moved to 2026-01-01T10:00:00Z: events must be fed in the order of their times, and later"
    ):
        engine.feed(at(60, "cart"))
    with pytest.raises(LogError, match="the clock at 2026-01-01T09:59:00Z came after the clock was moved"):
        engine.advance(to=START + timedelta(minutes=59))
    assert engine.feed(at(60.001, "cart")) == []
    with pytest.raises(LogError, match=r"the clock at 2026-01-01T09:59:00Z came after one at 2026-01-01T10:00:00\.06Z"):
        engine.advance(to=START + timedelta(minutes=59))


def test_the_clock_is_moved_to_a_time_in_any_form() -> None:
    engine = Interpreter(rule_set(CART), timezone="Europe/Berlin")
    engine.feed(at(0, "cart"))
    assert engine.advance(to="2026-01-01 10:59:59") == []
    assert told(engine.advance(to="2026-01-01 11:00")) == [("Saver#1", "ana", 60)]
    assert engine.advance(to=date(2026, 1, 2)) == []
    with pytest.raises(ValueError, match="'soon' is no time"):
        engine.advance(to="soon")


def test_events_at_the_present_time_may_come_until_the_clock_is_moved() -> None:
    engine = Interpreter(rule_set(CART))
    engine.feed(at(0, "cart"))
    engine.feed(at(60, "x"))
    engine.feed(at(60, "order"))
    assert engine.advance(to=START + timedelta(minutes=60)) == []


def test_what_is_pending_is_told() -> None:
    engine = Interpreter(rule_set(CART))
    engine.feed(at(0, "cart"))
    engine.feed(at(0, "cart", "ben"))
    assert engine.pending() == {"Saver#1": 2}
    engine.feed(at(1, "order"))
    assert engine.pending() == {"Saver#1": 1}
    engine.advance(to=START + timedelta(days=1))
    assert engine.pending() == {}


def test_all_that_waits_can_be_let_come() -> None:
    engine = Interpreter(
        rule_set(
            'automation "Saver" on event "cart" without event "order" within 1 hour every time\n'
            'automation "Later" on 400 days after enters automation "Saver" every time\n'
            'automation "Yearly" on anniversary of at of event "cart" every time\n'
        )
    )
    engine.feed(Event(contact="ana", time=START, name="cart", properties={"at": "2025-06-01"}))
    entries = engine.settle()
    assert [(entry.automation, entry.time.date()) for entry in entries] == [
        ("Saver", date(2026, 1, 1)),
        ("Yearly", date(2026, 6, 1)),
        ("Later", date(2027, 2, 5)),
    ]
    assert engine.pending() == {}
    assert engine.settle() == []
    with pytest.raises(LogError):
        engine.feed(at(10, "cart"))


def test_what_is_forgotten_is_as_if_it_had_never_happened() -> None:
    engine = Interpreter(rule_set('on event "a" where event "b" has not occurred\non event "c" without event "d" within 1 hour'))
    events = [
        at(0, "b"),
        at(1, "a"),
        at(2, "a", "ben"),
        at(3, "c"),
        Event(contact="ana", time=START + timedelta(hours=2), name="a", id="1"),
    ]
    first = [entry for event in events for entry in engine.feed(event)]
    engine.feed(Event(contact="ana", time=START + timedelta(hours=3), name="c"))
    engine.forget()
    assert engine.pending() == {}
    assert [entry for event in events for entry in engine.feed(event)] == first
    assert first


def test_a_chain_of_1000_automations_that_start_each_other() -> None:
    """A plain entry, an absence of no length, and a step starts the next, in turn."""
    rules = ['automation "A0" on event "go" every time']
    for number in range(1, 1001):
        before = f'enters automation "A{number - 1}"'
        on = (before, f'{before} without event "x" within 0 seconds', f'event "go" then {before}')[number % 3]
        rules.append(f'automation "A{number}" on {on} every time')
    engine = Interpreter(rule_set("\n".join(rules)))
    entries = engine.feed(at(0, "go")) + engine.finish()
    assert [entry.automation for entry in entries] == [f"A{number}" for number in range(1001)]


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
  on event "order" with amount = 1 then event "order" with same sku within 1 hour then event "go" within 1 hour once
  on event "order" without event "order" with same sku within 1 hour once
  on event "order" without any event within 365000 days once
  on 1 hour after event "order" without event "go" once
  on event "go" where (event "order" with same sku then event "go" within 1 hour) count >= 3 within 1 hour before once
  on event "go" where (event "order" with amount > trigger amount without event "x" within 1 hour) count >= 100 within 1 hour before once
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


def seconds_for(rules: str, events: list[Record]) -> float:
    engine = Interpreter(rule_set(rules))
    engine.feed_record(Record(0, "nobody", "event", "nothing"))
    start = time.process_time()
    for record in events:
        engine.feed_record(record)
    engine.finish()
    return time.process_time() - start


def test_equal_chains_are_one_node() -> None:
    """Whoever wrote them, in `on` or in a condition, filters in another order."""
    rules = "\n".join(
        f'automation "A{number}" on event "cart" with a = 1, b = 2 then event "order" with same id, c = 3 within 60 minutes '
        f'where (event "cart" with b = 2, a = 1 then event in ("order") with c = 3, same id within 1 hour) count >= {number}'
        for number in range(2, 102)
    )
    network = Interpreter(rule_set(rules)).network
    assert len(network.rules) == 100
    assert [type(node).__name__ for node in network.patterns] == ["PatternNode", "PatternNode", "ChainNode"]
    assert len(network.measures) == 1


def test_a_chain_costs_nothing_where_it_is_not_asked_for() -> None:
    """What an event costs does not grow with the chains of other events."""
    others = "\n".join(f'on event "x{number}" then event "y{number}" without event "z" within 1 day' for number in range(3_000))
    events = [Record(number * SECOND, "ana", "event", ("cart", "order")[number % 2], None, {}, None, number) for number in range(6_000)]
    alone = min(seconds_for(CART, events) for _ in range(3))
    assert min(seconds_for(CART + "\n" + others, events) for _ in range(2)) < 3 * alone + 0.05


GROWING = {
    "a thousand open carts": 'on event "cart" without event "order" with same id within 300 days every time',
    "a chain of the same": 'on event "cart" then event "cart" with same id then event "order" with same id within 1 day every time',
    "a chain in a condition": 'on event "order" where (event "cart" with same id then event "order" with same id) count >= 2 every time',
    "one sleeper": 'on event "cart" without event "cart" within 300 days every time',
    "a moment": 'on 30 days after event "cart" without event "order" with same id every time',
    "a step between that asks for nothing": 'on event "cart" then event "order" then event "cart" with same id every time',
    "the same with times": 'on event "cart" then event "order" within 20 minutes then event "cart" with same id within 10 days every time',
    "a step of any age": 'on event "order" then event "cart" then event "order" every time',
    "anniversaries": 'on anniversary of born of event "cart" without event "order" with same id every time',
}


@pytest.mark.parametrize("what", GROWING)
def test_one_contact_with_many_events_costs_in_proportion(what: str) -> None:
    """A thousand carts stay open at a time; three times the events may not cost six times as much."""

    def events(count: int) -> list[Record]:
        return [
            Record(
                number * 60 * SECOND,
                "ana",
                "event",
                "order" if number % 3 == 2 else "cart",
                None,
                {"id": f"c{number % 1000}", "born": "1980-05-05"},
                None,
                number,
            )
            for number in range(count)
        ]

    few, many = events(8_000), events(24_000)
    shortest = min(seconds_for(GROWING[what], few) for _ in range(3))
    assert min(seconds_for(GROWING[what], many) for _ in range(3)) < 6 * shortest + 0.05
