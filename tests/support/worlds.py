"""Worlds: rules and logs that Hypothesis makes up, small and dense, so that everything meets everything.

Rules come as text, so that the parser and the checker are held to it too; all that is made keeps to what section 2 of the reference
allows. Times lie on a coarse grid, so that windows begin and end exactly at events, and many events share a time. Values and literals
mostly come from the same few, so that most comparisons are now true, now false; what is odd comes now and then.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

from triggerlang.events.record import Record
from triggerlang.language import printing

HOUR = 3_600_000_000
START = 1_774_659_600_000_000
"""2026-03-28 01:00 UTC: a day before clocks in Berlin go forward."""

NAMES = ("a", "b", "ab")
LISTS = ("x", "y", "xy")
PROPERTIES = ("p", "p", "p", "q", "q", "n.m", "value", "event_name", '"odd key"', "missing")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")
DATES = (
    "2026-03-28",
    "2026-03-29",
    "2026-03-30",
    "2026-03-28 12:00",
    "2026-03-29T02:30:00",
    "2026-03-29 00:00+02:00",
    "2026-03-29 06:00Z",
    "2026-03-29T01:30:00.0000009Z",
)


@dataclass(frozen=True, slots=True)
class World:
    """Rule files by path, a log in order and free of duplicates, and a time zone."""

    files: dict[str, str]
    records: tuple[Record, ...]
    timezone: str


def quoted(text: str) -> str:
    return printing.string(text)


T = TypeVar("T")


def one(*strategies: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """One of these, each as likely as it stands here. `one_of` looks into those that are themselves one of several, so that
    what has many forms crowds out what has few.
    """
    return st.integers(0, len(strategies) - 1).flatmap(strategies.__getitem__)


texts = one(
    *[st.sampled_from(("a", "b", "5"))] * 2, st.sampled_from(("", "A", "ß", "SS", "5.0", "true", "2026-03-29", "ab", "10000000000", "\n"))
)
numbers = one(
    *[st.sampled_from(("1", "2", "5"))] * 3, st.sampled_from(("0", "-1", "0.1", "0.8", "1.5", "10", "0.000000002", "1_000_000_000_000"))
)
booleans = st.sampled_from(("true", "false"))
dates = st.sampled_from(DATES)
signs = st.sampled_from(("=", "!=", "<", "<=", ">", ">="))
counts = st.sampled_from((">= 1", "= 0", ">= 2", "< 2", "= 1", "!= 1", "<= 1", "> 2", "= 3"))
durations = st.sampled_from(("1 hour", "2 hours", "6 hours", "1 day", "0 days", "90 minutes", "1 second", "1 week"))
properties = st.sampled_from(PROPERTIES)
letter_case = st.sampled_from(("", " ignoring case"))


literals = one(texts.map(quoted), numbers, booleans, dates)


@cache
def names(of: tuple[str, ...]) -> st.SearchStrategy[str]:
    return one(
        st.sampled_from(of).map(quoted),
        st.sampled_from(of).map(quoted),
        st.lists(st.sampled_from(of), min_size=1, max_size=2).map(lambda some: f"in ({', '.join(map(quoted, some))})"),
        st.sampled_from(('like "*"', 'like "a*"', 'like "?"', 'like "x*"', 'like "*b"', 'like "*y"')),
    )


def one_of_these(literal: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(literal, min_size=1, max_size=3).map(lambda some: f"in ({', '.join(some)})")


blank = st.sampled_from(("is blank", "is not blank"))
with_number = st.builds("{} {}".format, signs, numbers)
with_text = st.builds("{} {}{}".format, signs, texts.map(quoted), letter_case)
with_boolean = st.builds("{} {}".format, st.sampled_from(("=", "!=")), booleans)
with_date = st.builds("{} {}".format, signs, dates)
with_part = st.builds("{} {}{}".format, st.sampled_from(("contains", "starts with", "ends with")), texts.map(quoted), letter_case)
with_trigger_property = st.builds("{} trigger {}".format, signs, properties)
comparisons = one(with_number, with_text, with_boolean, with_date, with_part, one_of_these(literals), blank)
"""With literals, of any type."""


@cache
def filter_tests(with_trigger: bool) -> st.SearchStrategy[str]:
    its = st.builds("{} {} its {}".format, properties, signs, properties)
    kinds = [st.builds("{} {}".format, properties, comparisons), its]
    if with_trigger:
        equal = st.builds("{} = trigger {}".format, properties, properties)
        kinds += [equal, equal, st.builds("{} {}".format, properties, with_trigger_property)]
    single = one(*kinds)
    group = st.sampled_from(("({} or {})", "({} and not {})", "(not ({} or {}))", "({} and {})"))
    grouped = st.builds(str.format, group, single, single)
    return one(single, single, single, grouped)


@cache
def singles(with_trigger: bool) -> st.SearchStrategy[str]:
    event = names(NAMES).map("event {}".format)
    occurrence = one(
        event,
        event,
        event,
        st.just("any event"),
        st.sampled_from(("subscribes any list", "loses any tag", "changes any field", "visits any page")),
        st.builds("{} list {}".format, st.sampled_from(("subscribes", "unsubscribes", "subscribes to")), names(LISTS)),
        st.builds("{} tag {}".format, st.sampled_from(("gets", "loses")), names(LISTS)),
        st.builds("{} {}".format, st.sampled_from(("changes field", "visits page")), names(NAMES)),
    )
    filters = one(filter_tests(with_trigger), st.builds("{}, {}".format, filter_tests(with_trigger), filter_tests(with_trigger)))
    return st.builds("{}{}".format, occurrence, one(st.just(""), st.just(""), filters.map(" with {}".format)))


@cache
def patterns(with_trigger: bool) -> st.SearchStrategy[str]:
    single = singles(with_trigger)
    several = st.lists(single, min_size=2, max_size=3).map(lambda some: f"any of ({' or '.join(some)})")
    return one(*[single] * 4, several)


triggers = one(*[st.sampled_from(('event "a"', "any event", 'event in ("a", "b")', "changes any field"))] * 2, patterns(False))


@cache
def measures() -> st.SearchStrategy[str]:
    number = one(with_number, with_number, with_trigger_property, one_of_these(numbers))
    texts_or_dates = one(with_text, with_part, blank, one_of_these(texts.map(quoted)), with_date, one_of_these(dates))
    return one(
        counts.map("count {}".format),
        counts.map("count {}".format),
        st.sampled_from(("has occurred", "has not occurred")),
        st.builds("distinct {} {}".format, properties, counts),
        st.builds("sum {} {}".format, properties, number),
        st.builds("average {} {}".format, properties, number),
        *(
            st.builds("{} {} {}".format, st.just(function), properties, one(number, texts_or_dates, *others))
            for function, others in (("min", ()), ("max", ()), ("first", (with_boolean,)), ("last", (with_boolean,)))
        ),
    )


@cache
def windows() -> st.SearchStrategy[str]:
    so_far = st.sampled_from(("", " so far"))
    within = st.builds(" within {}{}".format, durations, st.sampled_from(("", " before", " so far")))
    return one(
        st.sampled_from(("", " before", " so far")),
        within,
        within,
        st.sampled_from(
            (" between 2026-03-28 and 2026-03-28", " between 2026-03-28 12:00 and 2026-03-29", " between 2026-03-29 and 2026-03-30")
        ),
        st.builds(" since {}{}".format, dates, so_far),
        st.builds(" since last {}{}".format, patterns(True), so_far),
        st.builds(" since last {}{}".format, patterns(False), so_far),
    )


@cache
def tests(segments: tuple[str, ...]) -> st.SearchStrategy[str]:
    history = st.builds("{} {}{}".format, patterns(True), measures(), windows())
    days = st.lists(st.sampled_from(("saturday", "sunday", "monday")), min_size=1, max_size=2, unique=True)
    others = [
        st.builds("{}in list {}".format, st.sampled_from(("", "was ")), names(LISTS)),
        st.builds("{} tag {}".format, st.sampled_from(("has", "had")), names(LISTS)),
        st.builds('field "{}" {}{}'.format, st.sampled_from(NAMES), st.sampled_from(("", "was ")), comparisons),
        days.map(lambda some: f"weekday in ({', '.join(some)})"),
        st.sampled_from(("time between 01:00 and 06:00", "time between 22:00 and 03:00", "time between 12:00 and 00:00")),
    ]
    if segments:
        others.append(st.sampled_from(segments).map(lambda name: f"in segment {quoted(name)}"))
    return one(history, history, history, one(*others))


@cache
def conditions(segments: tuple[str, ...]) -> st.SearchStrategy[str]:
    test = tests(segments)
    part = one(test, test, test.map("not {}".format))
    whole = st.sampled_from(("{}", "{}", "{}", "{}", "{}", "{} and {}", "{} or {}", "({} or {}) and {}", "{} or not ({} and {})"))
    return st.builds(str.format, whole, part, part, part)


@cache
def runs() -> st.SearchStrategy[str]:
    return one(
        st.just(""),
        *[st.just(" every time")] * 12,
        st.just(" once"),
        properties.map(" once per {}".format),
        st.builds(" at most {} times".format, st.integers(1, 2)),
        st.builds(" at most {} times per {}".format, st.integers(1, 2), durations),
        durations.map(" at most once per {}".format),
    )


activities = one(
    *[st.just("")] * 4,
    st.sampled_from(
        (
            " active from 2026-03-28 12:00",
            " active until 2026-03-28",
            " active from 2026-03-29 until 2026-03-29",
            " active until 2026-03-29 02:30",
        )
    ),
)


@cache
def rules(segments: tuple[str, ...]) -> st.SearchStrategy[str]:
    where = one(st.just(""), *[conditions(segments).map(" where {}".format)] * 9)
    return st.builds("on {}{}{}{}\n".format, triggers, where, activities, runs())


@st.composite
def rule_files(draw: st.DrawFn) -> dict[str, str]:
    """One or two files: segments that refer to earlier ones, rules before a header, headers with and without runs."""
    made: dict[str, str] = {}
    segments: tuple[str, ...] = ()
    for number in range(draw(st.integers(1, 2))):
        text = ""
        for _ in range(draw(st.integers(0, 2))):
            name = f"s{len(segments)}"
            text += f"segment {quoted(name)} is {draw(conditions(segments))}\n"
            segments = (*segments, name)
        text += "".join(draw(st.lists(rules(segments), max_size=1)))
        for at in range(draw(st.integers(1, 2))):
            text += f'automation "A{number}{at}"{draw(one(st.just(""), runs()))}\n'
            text += "".join(draw(st.lists(rules(segments), min_size=1, max_size=5)))
        made[f"f{number}.triggers"] = text
    return made


USUAL: tuple[Any, ...] = (1, 2, 5, "a", "b", "5", 2.0, "2026-03-29")
ODD: tuple[Any, ...] = (
    *(None, True, False, "", "A", "ß", "ss", "TRUE", "ab", "ba"),
    *(0, -1, 10, 10**12, 10**18, 10**30, -0.0, 0.1, 0.7, 1.5, 5.0, 1e10, 2.5e-9),
    *(" 5 ", "5.0", "5.", ".5", "+5", "0.10", "1e3", "0.0000000015", "\t5", "\u0663"),
    *("2026-03-29T02:30:00", "2026-03-28T23:30:00Z", "2026-03-28 20:30-01:00", "2026-03-29 24:00", "2026-03-28", "2026-03-30"),
)
NESTED: tuple[dict[str, Any], ...] = (
    *({}, {}, {}, {}, {"n": {"m": 5}}, {"n.m": "a"}, {"n.m": None, "n": {"m": 5}}, {"n": {"m": [1]}}, {"n": {"m.m": 5}}),
    *({"value": 1}, {"event_name": "a"}),
)
plain_values = one(*[st.sampled_from(USUAL)] * 2, st.sampled_from(ODD))
values = one(*[plain_values] * 8, st.sampled_from(({"m": 5}, [1], {}, {"m": None})))


@st.composite
def logs(draw: st.DrawFn) -> tuple[Record, ...]:
    """Up to forty events of two contacts on a grid of hours, in order."""
    kinds = st.sampled_from(("event", "event", "event", "event", "subscribe", "unsubscribe", "tag", "untag", "field", "visit", "open"))
    made: list[Record] = []
    time = START
    for row in range(1, draw(st.sampled_from((1, 5, 10, 20, 30, 40))) + 1):
        time += draw(st.sampled_from((0, 0, 1, 1, 1, 2, 5, 12))) * HOUR + draw(st.sampled_from((0, 0, 0, 0, HOUR // 2, 1, 1_000_000)))
        kind = draw(kinds)
        name = draw(st.sampled_from(LISTS if kind in ("subscribe", "unsubscribe", "tag", "untag") else NAMES))
        held = {key: draw(values) for key in ("p", "q", "odd key") if draw(st.integers(0, 3))}
        made.append(
            Record(
                time,
                draw(st.sampled_from(("ana", "ana", "ben"))),
                kind,
                name,
                draw(plain_values) if draw(st.booleans()) else None,
                {**held, **draw(st.sampled_from(NESTED))},
                f"i{row}" if draw(st.integers(0, 4)) == 0 else None,
                row,
            )
        )
    return tuple(made)


def worlds() -> st.SearchStrategy[World]:
    return st.builds(World, rule_files(), logs(), st.sampled_from(ZONES))
