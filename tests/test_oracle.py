"""The oracle by itself, on histories small enough to be judged by eye: one sentence of the reference a row.

A test's history is made of events of one contact, each so many hours into 2026-01-01 (a Thursday), UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests import oracle
from triggerlang.checking.project import check
from triggerlang.checking.ruleset import RuleSet
from triggerlang.events.record import Record
from triggerlang.language.source import Source

MIDNIGHT = (datetime(2026, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days * 86_400_000_000
HOUR = 3_600_000_000


def at(hour: float, name: str, kind: str = "event", value: Any = None, *, contact: str = "ana", **properties: Any) -> Record:
    return Record(MIDNIGHT + round(hour * HOUR), contact, kind, name, value, properties)


def rule_set(text: str) -> RuleSet:
    checked = check([Source("case.triggers", text)])
    assert checked.rules is not None, [problem.message for problem in checked.diagnostics]
    return checked.rules


def entered(rules: str, *events: Record, timezone: str = "UTC") -> list[str]:
    """`automation#rule row` for each entry; rows are numbered as the events stand here."""
    numbered = [event._replace(row=row) for row, event in enumerate(events, 1)]
    return [f"{entry.rule} {entry.event}" for entry in oracle.entries(rule_set(rules), numbered, timezone)]


def asked(condition: str, *history: Record, timezone: str = "UTC", **trigger: Any) -> bool:
    """Whether a condition holds at an event `go` at noon that stands after the history."""
    found = entered(f'on event "go" where {condition} every time', *history, at(12, "go", **trigger), timezone=timezone)
    return bool(found)


ORDERS = (at(1, "order", p=1), at(2, "order", p="2.5"), at(3, "order", p="much"), at(4, "order"), at(5, "order", p=0.5))

CONDITIONS: list[tuple[str, tuple[Record, ...], bool]] = [
    # Windows
    ('event "go" has not occurred before', (), True),
    ('event "go" count = 1 so far', (), True),
    ('event "go" has not occurred', (), True),
    ('event "order" has occurred before', (at(12, "order"),), True),
    ('event "order" count = 1 within 2 hours', (at(10, "order"), at(9.9999, "order")), True),
    ('event "order" has occurred within 0 hours', (at(12, "order"),), True),
    ('event "order" count = 1 since 2026-01-01 10:00', (at(9.9999, "order"), at(10, "order")), True),
    ('event "order" count = 1 between 2025-12-31 and 2026-01-01 10:00', (at(9.9999, "order"), at(10, "order")), True),
    ('event "order" count = 2 between 2025-12-31 and 2025-12-31', (at(-24, "order"), at(-0.001, "order"), at(0, "order")), True),
    ('event "go" count = 1 since 2026-01-01 so far', (), True),
    ('event "go" count = 0 since 2026-01-02 so far', (), True),
    ('event "order" count = 1 since last event "visit"', (at(1, "order"), at(2, "visit"), at(3, "order")), True),
    ('event "order" count = 2 since last event "visit"', (at(1, "order"), at(3, "order")), True),
    ('event "visit" count = 0 since last event "visit"', (at(1, "visit"), at(3, "visit")), True),
    ('event "go" count = 1 since last event "go" so far', (at(1, "go"), at(2, "go")), True),
    # Measures
    ('event "order" sum p = 4', ORDERS, True),
    ('event "order" average p = 1.333333333', ORDERS, False),
    ('event "order" average p > 1.333333333', ORDERS, True),
    ('event "order" min p = 0.5', ORDERS, True),
    ('event "order" max p = "much"', ORDERS, True),
    ('event "order" max p = 2.5', ORDERS, True),
    ('event "order" first p = 1', ORDERS, True),
    ('event "order" last p = "0.5"', ORDERS, True),
    ('event "order" distinct p = 4', ORDERS, True),
    ('event "order" last p is blank', (at(1, "order", p=""),), True),
    ('event "order" last p is blank', (at(1, "order", p="x"), at(2, "order", p=[])), False),
    ('event "order" sum p = 0', (), True),
    ('event "order" min p < 5', (), False),
    ('event "order" min p != 5', (), True),
    ('event "order" average p in (0, 1)', (), False),
    ('event "order" max p is blank', (), True),
    # State
    ('in list "News"', (at(1, "News", "subscribe"), at(2, "News", "unsubscribe")), False),
    ('in list in ("News", "Offers")', (at(1, "Offers", "subscribe"), at(2, "News", "unsubscribe")), True),
    ('has tag like "v*"', (at(1, "vip", "tag"), at(2, "vat", "untag")), True),
    ('field "plan" = "b"', (at(1, "plan", "field", "a"), at(2, "plan", "field", "b")), True),
    ('field "plan" is blank', (at(1, "plan", "field", "a"), at(2, "plan", "field", None)), True),
    ('field "plan" != "a"', (), True),
    # Time of day and weekday
    ("weekday in (thursday)", (), True),
    ("time between 12:00 and 12:01", (), True),
    ("time between 11:00 and 12:00", (), False),
    ("time between 22:00 and 12:00", (), False),
    ("time between 12:00 and 00:00", (), True),
]


@pytest.mark.parametrize(("condition", "history", "expected"), CONDITIONS, ids=[row[0] for row in CONDITIONS])
def test_a_condition_after_a_history(condition: str, history: tuple[Record, ...], expected: bool) -> None:
    assert asked(condition, *history) == expected
    assert asked(f"not ({condition})", *history) != expected


def test_a_state_at_its_own_event_is_new_and_was_old() -> None:
    rules = 'automation "A" on subscribes list "L" where in list "L" automation "B" on subscribes list "L" where was in list "L" every time'
    assert entered(rules, at(1, "L", "subscribe"), at(2, "L", "subscribe")) == ["A#1 1", "B#1 2"]


def test_a_day_is_that_of_the_time_zone() -> None:
    assert asked('event "order" count = 1 between 2026-01-01 and 2026-01-01', at(-1, "order"), timezone="Europe/Berlin")
    assert asked('event "order" last p = 2026-01-01', at(1, "order", p="2025-12-31T23:00:00Z"), timezone="Europe/Berlin")
    assert asked("time between 13:00 and 13:01", timezone="Europe/Berlin")


def test_trigger_is_the_trigger_and_its_the_event() -> None:
    assert asked('event "order" with p = trigger q count = 1', at(1, "order", p=5), at(2, "order", p=6), q="5")
    assert asked('event "order" with p > its q count = 1', at(1, "order", p=10, q="9"), at(2, "order", p=9, q=9))
    assert asked('event "order" sum p = trigger q', at(1, "order", p=5), at(2, "order", p="5.0"), q="10.00")
    assert not asked('event "order" last p = trigger q', at(1, "order", p=5), q="5.0")
    assert asked('event "order" last p >= trigger q', at(1, "order", p=5), q="5.0")
    assert asked('event "order" with p != trigger q has occurred', at(1, "order"))


def test_a_segment_asks_of_the_same_trigger() -> None:
    rules = 'segment "S" is event "order" with p = trigger q has occurred on event "go" where in segment "S" every time'
    assert entered(rules, at(1, "order", p=1), at(2, "go", q=2), at(3, "go", q=1)) == ["case#1 3"]


def test_any_of_matches_an_event_once() -> None:
    assert asked('any of (event "order" or event like "o*") count = 1', at(1, "order"))


def test_another_contact_is_another_history() -> None:
    assert not asked('event "order" has occurred', at(1, "order", contact="ben"))


GO = (at(0, "go", cart="a"), at(0.5, "go"), at(1, "go", cart="b"), at(1, "go", cart="a"), at(3, "go", cart=[1]))


@pytest.mark.parametrize(
    ("runs", "rows"),
    [
        ("", [1]),
        ("once", [1]),
        ("every time", [1, 2, 3, 4, 5]),
        ("at most 2 times", [1, 2]),
        ("at most once per 1 hour", [1, 3, 5]),
        ("at most 2 times per 1 hour", [1, 2, 3, 5]),
        ("at most once per 0 hours", [1, 2, 3, 4, 5]),
        ("once per cart", [1, 3]),
        ("once per event_name", [1]),
    ],
)
def test_runs(runs: str, rows: list[int]) -> None:
    assert entered(f'on event "go" {runs}', *GO) == [f"case#1 {row}" for row in rows]


def test_a_header_counts_the_entries_of_all_its_rules_that_happened() -> None:
    rules = 'automation "A" at most 2 times on event "go" with cart = "b" every time on event "go" once per cart'
    assert entered(rules, *GO) == ["A#2 1", "A#1 3"]


def test_an_automation_is_active_from_its_first_day_to_the_end_of_its_last() -> None:
    rules = 'on event "go" active from 2026-01-01 01:00 until 2026-01-01 every time'
    assert entered(rules, at(0.9999, "go"), at(1, "go"), at(23.9999, "go"), at(24, "go")) == ["case#1 2", "case#1 3"]
    assert entered('on event "go" active from 0001-01-01 until 9999-12-31', at(0, "go"), timezone="Pacific/Apia") == ["case#1 1"]


def test_an_entry_is_an_event_after_all_entries_of_its_trigger() -> None:
    rules = """
        automation "A" on event "go" every time
        automation "B" on enters automation "A" where enters automation "C" has not occurred every time
        automation "C" on event "go" every time
        automation "D" on enters automation "C" where enters any automation count = 1 before every time
    """
    assert entered(rules, at(1, "go")) == ["A#1 1", "C#1 1", "B#1 1", "D#1 1"]
    assert entered(rules.replace("count = 1", "count = 2"), at(1, "go")) == ["A#1 1", "C#1 1", "B#1 1"]


# Section 8


def waited(rules: str, *events: Record, until: float = 100, timezone: str = "UTC") -> tuple[list[str], dict[str, int]]:
    """The same as `entered` with the hour of each entry, the log ending so many hours after midnight; and what is pending."""
    numbered = [event._replace(row=row) for row, event in enumerate(events, 1)]
    reading = oracle.Oracle(rule_set(rules), timezone)
    found = reading.entries(numbered, MIDNIGHT + round(until * HOUR))
    midnight = datetime(2026, 1, 1, tzinfo=UTC)
    return [f"{entry.rule} {entry.event} {(entry.time - midnight).total_seconds() / 3600:g}" for entry in found], reading.pending


A, B, C = at(1, "a", p=1), at(2, "b", p=1), at(4, "c", p=2)
CHAINS: list[tuple[str, list[str]]] = [
    ('event "a" then event "b"', ["case#1 2 2"]),
    ('event "b" then event "a"', []),
    ('event "a" then event "b" within 59 minutes', []),
    ('event "a" then event "b" within 1 hour then event "c" within 2 hours', ["case#1 3 4"]),
    ('event "a" then event "b" then event "c" within 119 minutes', []),
    ('event "a" then event "c" with same p', []),
    ('event "a" then event "b" with same p', ["case#1 2 2"]),
    ('event "a" then event "b" with same q', []),
    ('event "a" without event "b" within 1 hour', []),
    ('event "a" without event "b" within 59 minutes', ["case#1 1 1.98333"]),
    ('event "a" without event "c" with same p within 5 hours', ["case#1 1 6"]),
    ('event "b" without event "a" within 0 hours', ["case#1 2 2"]),
    ('event "a" then event "b" without event "c" within 2 hours', []),
    ('event "a" then event "b" without event "c" with same p within 2 hours', ["case#1 2 4"]),
    ('3 hours after event "a"', ["case#1 1 4"]),
    ('3 hours after event "a" without event "c"', []),
    ('3 hours after event "a" without event "c" with same p', ["case#1 1 4"]),
]


@pytest.mark.parametrize(("on", "expected"), CHAINS, ids=[row[0] for row in CHAINS])
def test_what_starts_a_rule(on: str, expected: list[str]) -> None:
    assert waited(f"on {on} every time", A, B, C) == (expected, {})


def test_what_is_due_at_the_end_has_come_and_later_is_pending() -> None:
    rules = 'on event "a" without event "x" within 2 hours'
    assert waited(rules, A, until=3) == (["case#1 1 3"], {})
    assert waited(rules, A, until=2.9999) == ([], {"case#1": 1})
    assert waited(rules, A, at(2.9, "x"), until=2.9) == ([], {})


def test_dates_and_anniversaries() -> None:
    day = at(0, "go", on="2026-01-01 06:00", born="2000-01-02")
    assert waited("on date of on of any event", day) == (["case#1 1 6"], {})
    assert waited("on 7 hours before date of on of any event", day) == ([], {})
    assert waited("on 1 hour before date of on of any event", day) == (["case#1 1 5"], {})
    assert waited("on anniversary of born of any event", day) == (["case#1 1 24"], {"case#1": 1})
    assert waited("on 2 days after anniversary of born of any event", day) == (["case#1 1 72"], {"case#1": 1})
    assert waited("on anniversary of born of any event", day, timezone="Europe/Berlin") == (["case#1 1 23"], {"case#1": 1})
    field = at(0, "d", "field", "2026-01-02"), at(1, "d", "field", "2026-01-03")
    assert waited('on date of field "d" every time', *field) == (["case#1 2 48"], {})
    assert waited("on date of value of changes any field every time", *field) == (["case#1 1 24", "case#1 2 48"], {})


def test_places_of_one_time_are_told_apart() -> None:
    """An absence after the events of its time, in the order of its events, and each followed by its entries."""
    rules = """
        automation "A" on event "a" without event "x" within 1 hour every time
        automation "B" on enters automation "A" where enters any automation count = 1 so far every time
        automation "C" on event "b" where enters any automation has not occurred every time
    """
    assert waited(rules, at(1, "a"), at(1, "a"), at(2, "b"))[0] == ["C#1 3 2", "A#1 1 2", "A#1 2 2"]
    assert waited(rules, at(1, "a"), at(2, "c"))[0] == ["A#1 1 2", "B#1 1 2"]


def test_chains_in_conditions() -> None:
    assert asked('(event "a" then event "b") sum p = 3', at(1, "a"), at(2, "b", p=1), at(3, "b", p=2))
    assert asked('(event "a" then event "b") count = 1 within 9 hours', at(1, "a"), at(2, "b"), at(3, "b"))
    assert asked('(event "a" then event "go") count = 1 so far', at(1, "a"))
    assert not asked('(event "a" then event "go") has occurred', at(1, "a"))
    assert asked('(event "a" without event "b" within 10 hours) count = 1', at(1, "a"), at(2, "a"))
    assert asked('(event "a" with same p then event "b" with same q) count = 1', at(1, "a", p=1, q=2), at(2, "b", q=2), p=1)
    assert not asked('(event "a" with same p then event "b" with same q) count = 1', at(1, "a", p=1, q=2), at(2, "b", q=1), p=1, q=1)


NUMBERS: list[tuple[Any, str | None]] = [
    (7, "7"),
    (0.1, "0.1"),
    (-0.0, "0"),
    (" +1.50 ", "1.5"),
    ("5.", "5"),
    (".5", "0.5"),
    ("0" * 5_000 + "1", "1"),
    (Decimal("0.0000000005"), "0"),
    (Decimal("0.0000000015"), "0.000000002"),
    ("0.00000000250000000001", "0.000000003"),
    (10**18 - 1, "999999999999999999"),
    (10**18, None),
    ("-1000000000000000000", None),
    ("999999999999999999.9999999995", None),
    ("1e3", None),
    ("1_000", None),
    ("\t5", None),
    ("\u0663", None),
    ("", None),
    ("-", None),
    (".", None),
    (True, None),
    (None, None),
    ([5], None),
    ({"p": 5}, None),
    (float("nan"), None),
    (float("-inf"), None),
]


@pytest.mark.parametrize(("value", "number"), NUMBERS, ids=[repr(row[0])[:30] for row in NUMBERS])
def test_numbers(value: Any, number: str | None) -> None:
    assert oracle.as_number(value) == (None if number is None else Fraction(number))


def test_text_forms() -> None:
    values: list[Any] = [120, 120.0, 1.50, 1e22, 2.5e-9, -0.0, Decimal("1E+2"), Decimal("-0.00"), True, False, "", " a "]
    assert [oracle.as_text(value) for value in values] == [
        "120",
        "120",
        "1.5",
        "10000000000000000000000",
        "0.0000000025",
        "0",
        "100",
        "0",
        "true",
        "false",
        "",
        " a ",
    ]
    without: list[Any] = [None, [], {}, float("nan"), float("inf")]
    assert [oracle.as_text(value) for value in without] == [None] * 5


def test_booleans() -> None:
    assert [oracle.as_boolean(value) for value in (True, False, "TRUE", "False", " true", "yes", 1, 0, None)] == (
        [True, False, True, False] + [None] * 5
    )


def test_dates() -> None:
    berlin = oracle.Oracle(rule_set('on event "go"'), "Europe/Berlin")
    day = MIDNIGHT // oracle.DAY
    assert berlin.as_date("2026-01-01") == (day, MIDNIGHT - HOUR)
    assert berlin.as_date("2026-01-01 00:30") == (day, MIDNIGHT - HOUR // 2)
    assert berlin.as_date("2026-01-01T23:30:00.0000019Z") == (day + 1, MIDNIGHT + 23 * HOUR + HOUR // 2 + 1)
    assert berlin.as_date("2026-01-01T00:00-23:59") == (day + 1, MIDNIGHT + 24 * HOUR - 60_000_000)
    forward, back = berlin.as_date("2026-03-29 02:30"), berlin.as_date("2026-10-25 02:30")
    assert forward == berlin.as_date("2026-03-29 02:30+01:00")
    assert back == berlin.as_date("2026-10-25 02:30+02:00")
    for text in ("2026-02-30", "2026-1-1", "2026-01-01 24:00", "2026-01-01 09:60", "2026-01-01Z", "2026-01-01T09", " 2026-01-01"):
        assert berlin.as_date(text) is None, text
    assert berlin.as_date("2026-01-01 09:00+24:00") is None
    assert berlin.as_date(20260101) is None


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "0001-01-01 00:00+14:00", "9999-12-31T23:59:59.999999-12:00"])
def test_the_ends_of_the_calendar_are_read(text: str) -> None:
    for zone in ("UTC", "Pacific/Apia", "America/New_York"):
        assert oracle.Oracle(rule_set('on event "go"'), zone).as_date(text) is not None


def test_globs() -> None:
    assert oracle.fits("*", "")
    assert oracle.fits("/a/*", "/a/b/c")
    assert oracle.fits("a?c*", "abc")
    assert oracle.fits("*a*b", "aab")
    assert not oracle.fits("?", "")
    assert not oracle.fits("a*a", "a")
    assert not oracle.fits("[ab]", "a")
    assert not oracle.fits("News", "news")
