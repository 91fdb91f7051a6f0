"""Worlds: rules and logs that Hypothesis makes up, small and dense, so that everything meets everything.

Rules come as text, so that the parser and the checker are held to it too; all that is made keeps to what section 2 of the reference
allows. Times lie on a coarse grid, so that windows begin and end exactly at events, and many events share a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st

from triggerlang.events.record import Record
from triggerlang.language import printing

HOUR = 3_600_000_000
START = 1_774_659_600_000_000
"""2026-03-28 01:00 UTC: a day before clocks in Berlin go forward."""

NAMES = ("a", "b", "ab")
LISTS = ("x", "y", "xy")
PROPERTIES = ("p", "q", "n.m", "value", "event_name", "missing")
ZONES = ("UTC", "Europe/Berlin", "America/New_York")
DATES = ("2026-03-28", "2026-03-29", "2026-03-30", "2026-03-28 12:00", "2026-03-29T02:30:00", "2026-03-29 00:00+02:00", "2026-03-29 06:00Z")


@dataclass(frozen=True, slots=True)
class World:
    """Rule files by path, a log in order and free of duplicates, and a time zone."""

    files: dict[str, str]
    records: tuple[Record, ...]
    timezone: str


def quoted(text: str) -> str:
    return printing.string(text)


texts = st.sampled_from(("", "a", "b", "A", "ß", "SS", "5", "5.0", "true", "2026-03-29", "ab"))
numbers = st.sampled_from(("0", "1", "2", "5", "-1", "0.1", "1.5", "0.8", "10"))
booleans = st.sampled_from(("true", "false"))
dates = st.sampled_from(DATES)
signs = st.sampled_from(("=", "!=", "<", "<=", ">", ">="))
counts = st.sampled_from((">= 1", "= 0", ">= 2", "< 2", "= 1", "!= 1", "<= 1", "> 2", "= 3"))
durations = st.sampled_from(("1 hour", "2 hours", "6 hours", "1 day", "0 days", "90 minutes"))
properties = st.sampled_from(PROPERTIES)
letter_case = st.sampled_from(("", " ignoring case"))


@cache
def _literals() -> st.SearchStrategy[str]:
    return st.one_of(texts.map(quoted), numbers, booleans, dates)


@cache
def names(of: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(of).map(quoted),
        st.lists(st.sampled_from(of), min_size=1, max_size=2).map(lambda some: f"in ({', '.join(map(quoted, some))})"),
        st.sampled_from(('like "*"', 'like "a*"', 'like "?"', 'like "x*"', 'like "*b"', 'like "*y"')),
    )


@cache
def literal_comparisons() -> st.SearchStrategy[str]:
    """A comparison with literals, of any type."""
    return st.one_of(
        st.builds("{} {}".format, signs, numbers),
        st.builds("{} {}{}".format, signs, texts.map(quoted), letter_case),
        st.builds("{} {}".format, st.sampled_from(("=", "!=")), booleans),
        st.builds("{} {}".format, signs, dates),
        st.builds("{} {}{}".format, st.sampled_from(("contains", "starts with", "ends with")), texts.map(quoted), letter_case),
        st.lists(_literals(), min_size=1, max_size=3).map(lambda some: f"in ({', '.join(some)})"),
        st.sampled_from(("is blank", "is not blank")),
    )


@cache
def filter_tests(with_trigger: bool) -> st.SearchStrategy[str]:
    sides = st.sampled_from(("its", "trigger") if with_trigger else ("its",))
    single = st.builds(
        "{} {}".format,
        properties,
        st.one_of(
            literal_comparisons(), st.builds("{} {} {}".format, signs, sides, properties), st.builds("= {} {}".format, sides, properties)
        ),
    )
    group = st.one_of(
        st.builds("({} or {})".format, single, single),
        st.builds("({} and not {})".format, single, single),
        st.builds("(not ({} or {}))".format, single, single),
    )
    return st.one_of(single, single, group)


@cache
def singles(with_trigger: bool, filtered: bool = True) -> st.SearchStrategy[str]:
    occurrence = st.one_of(
        names(NAMES).map("event {}".format),
        st.just("any event"),
        names(LISTS).map("subscribes list {}".format),
        names(LISTS).map("gets tag {}".format),
        st.just("changes any field"),
        names(NAMES).map("visits page {}".format),
    )
    if not filtered:
        return occurrence
    filters = st.one_of(
        st.just(""), st.just(""), st.lists(filter_tests(with_trigger), min_size=1, max_size=2).map(lambda some: " with " + ", ".join(some))
    )
    return st.builds("{}{}".format, occurrence, filters)


@cache
def patterns(with_trigger: bool) -> st.SearchStrategy[str]:
    single = singles(with_trigger)
    return st.one_of(single, single, st.lists(single, min_size=2, max_size=3).map(lambda some: f"any of ({' or '.join(some)})"))


@cache
def measures() -> st.SearchStrategy[str]:
    number = st.one_of(
        st.builds("{} {}".format, signs, numbers),
        st.builds("{} trigger {}".format, signs, properties),
        st.lists(numbers, min_size=1, max_size=2).map(lambda some: f"in ({', '.join(some)})"),
    )
    text_like = st.one_of(
        st.builds("{} {}{}".format, signs, texts.map(quoted), letter_case),
        st.builds("{} {}{}".format, st.sampled_from(("contains", "starts with", "ends with")), texts.map(quoted), letter_case),
        st.sampled_from(("is blank", "is not blank")),
        st.lists(texts.map(quoted), min_size=1, max_size=2).map(lambda some: f"in ({', '.join(some)})"),
    )
    date_like = st.one_of(
        st.builds("{} {}".format, signs, dates), st.lists(dates, min_size=1, max_size=3).map(lambda some: f"in ({', '.join(some)})")
    )
    boolean = st.builds("{} {}".format, st.sampled_from(("=", "!=")), booleans)
    return st.one_of(
        counts.map("count {}".format),
        st.sampled_from(("has occurred", "has not occurred")),
        st.builds("distinct {} {}".format, properties, counts),
        st.builds("{} {} {}".format, st.sampled_from(("sum", "average")), properties, number),
        st.builds("{} {} {}".format, st.sampled_from(("min", "max")), properties, st.one_of(number, text_like, date_like)),
        st.builds("{} {} {}".format, st.sampled_from(("first", "last")), properties, st.one_of(number, text_like, date_like, boolean)),
    )


@cache
def windows() -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(("", " before", " so far")),
        st.builds(" within {}{}".format, durations, st.sampled_from(("", " before", " so far"))),
        st.sampled_from(
            (" between 2026-03-28 and 2026-03-28", " between 2026-03-28 12:00 and 2026-03-29", " between 2026-03-29 and 2026-03-30")
        ),
        st.builds(" since {}{}".format, dates, st.sampled_from(("", " so far"))),
        st.builds(" since last {}{}".format, patterns(True), st.sampled_from(("", " so far"))),
    )


@cache
def tests(segments: tuple[str, ...]) -> st.SearchStrategy[str]:
    history = st.builds("{} {}{}".format, patterns(True), measures(), windows())
    others: list[st.SearchStrategy[str]] = [
        st.builds("{}in list {}".format, st.sampled_from(("", "was ")), names(LISTS)),
        st.builds("{} tag {}".format, st.sampled_from(("has", "had")), names(LISTS)),
        st.builds('field "{}" {}{}'.format, st.sampled_from(NAMES), st.sampled_from(("", "was ")), literal_comparisons()),
        st.lists(st.sampled_from(("saturday", "sunday", "monday")), min_size=1, max_size=2, unique=True).map(
            lambda days: f"weekday in ({', '.join(days)})"
        ),
        st.sampled_from(("time between 01:00 and 06:00", "time between 22:00 and 03:00", "time between 12:00 and 00:00")),
    ]
    if segments:
        others.append(st.sampled_from(segments).map(lambda name: f"in segment {quoted(name)}"))
    return st.one_of(history, history, history, *others)


@cache
def conditions(segments: tuple[str, ...]) -> st.SearchStrategy[str]:
    test = tests(segments)
    part = st.one_of(test, test.map("not {}".format))
    return st.one_of(
        test,
        part,
        st.builds("{} and {}".format, part, part),
        st.builds("{} or {}".format, part, part),
        st.builds("({} or {}) and {}".format, part, part, part),
        st.builds("{} or not ({} and {})".format, part, part, part),
    )


@cache
def runs() -> st.SearchStrategy[str]:
    return st.one_of(
        st.just(""),
        st.just(" every time"),
        st.just(" every time"),
        st.just(" every time"),
        st.just(" once"),
        properties.map(" once per {}".format),
        st.builds(" at most {} times".format, st.integers(1, 2)),
        st.builds(" at most {} times per {}".format, st.integers(1, 2), durations),
        durations.map(" at most once per {}".format),
    )


activities = st.one_of(
    st.just(""),
    st.just(""),
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
    where = st.one_of(st.just(""), conditions(segments).map(" where {}".format), conditions(segments).map(" where {}".format))
    return st.builds("on {}{}{}{}\n".format, patterns(False), where, activities, runs())


@st.composite
def rule_files(draw: st.DrawFn) -> dict[str, str]:
    """One or two files: segments that refer to earlier ones, rules before a header, headers with and without runs."""
    made: dict[str, str] = {}
    segments: tuple[str, ...] = ()
    for number in range(draw(st.integers(1, 2))):
        text = ""
        for _ in range(draw(st.integers(0, 1))):
            name = f"s{len(segments)}"
            text += f"segment {quoted(name)} is {draw(conditions(segments))}\n"
            segments = (*segments, name)
        text += "".join(draw(st.lists(rules(segments), max_size=1)))
        for at in range(draw(st.integers(1, 2))):
            text += f'automation "A{number}{at}"{draw(runs())}\n' + "".join(draw(st.lists(rules(segments), min_size=1, max_size=3)))
        made[f"f{number}.triggers"] = text
    return made


@cache
def plain_values() -> st.SearchStrategy[Any]:
    return st.sampled_from((None, 1, 5, 0, -1, 10, 0.1, 0.7, 5.0, 1.5, -0.0, 10**17, True, False, "", "a", "A", "ß", "5", " 5 ", "5.0", "0.10", "TRUE", "2026-03-29",
        "2026-03-29T02:30:00", "2026-03-28T23:30:00Z", "1e3", "ss"))  # fmt: skip


values = st.one_of(plain_values(), plain_values(), st.sampled_from(({"m": 5}, [1], {}, {"m": None})))


@st.composite
def logs(draw: st.DrawFn) -> tuple[Record, ...]:
    """Up to thirty events of two contacts on a grid of hours, in order."""
    kinds = st.sampled_from(("event", "event", "event", "event", "subscribe", "unsubscribe", "tag", "untag", "field", "visit"))
    made: list[Record] = []
    time = START
    for row in range(1, draw(st.integers(1, 30)) + 1):
        time += draw(st.sampled_from((0, 0, 1, 1, 1, 2, 5, 12))) * HOUR + draw(st.sampled_from((0, 0, 0, 0, HOUR // 2, 1)))
        kind = draw(kinds)
        name = draw(st.sampled_from(LISTS if kind in ("subscribe", "unsubscribe", "tag", "untag") else NAMES))
        held = {key: draw(values) for key in ("p", "q") if draw(st.booleans())}
        nested = draw(st.sampled_from((None, None, {"n": {"m": 5}}, {"n.m": "a"}, {"n.m": None, "n": {"m": 5}}, {"value": 1})))
        made.append(
            Record(
                time,
                draw(st.sampled_from(("ana", "ana", "ben"))),
                kind,
                name,
                draw(plain_values()) if draw(st.booleans()) else None,
                {**held, **(nested or {})},
                f"i{row}" if draw(st.integers(0, 4)) == 0 else None,
                row,
            )
        )
    return tuple(made)


def worlds() -> st.SearchStrategy[World]:
    return st.builds(World, rule_files(), logs(), st.sampled_from(ZONES))
