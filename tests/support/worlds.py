"""Worlds: rules and logs that are made up, small and dense, so that everything meets everything.

In: what Hypothesis draws, which is a seed and what to keep of the world that it stands for. Out: rule files as text, so that the parser and
the checker are held to it too (all that is made keeps to what section 2 of the reference allows), a log in order and a time zone.

Hypothesis draws nothing else, because it spends five of six examples on copying parts of an example within it: of worlds drawn
piece by piece, most have the same log. It still shrinks a world: it keeps fewer and fewer of the events and rules. Times lie on
a coarse grid, so that windows begin and end exactly at events, and many events share a time. What a world is made of is picked
first, so that its values and literals meet and most comparisons are now true, now false.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias, TypeVar

from hypothesis import strategies as st

from triggerlang.events.record import Record
from triggerlang.language import printing

HOUR = 3_600_000_000
START = 1_774_659_600_000_000
"""2026-03-28 01:00 UTC: a day before clocks in Berlin go forward."""

EVENTS = 64
RULES = 16
"""How many events, and rules at most, a world has before some are left out."""

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")
NAMES = ("a", "a", "b", "ab")
LISTS = ("x", "x", "y", "xy")
GLOBS = ("*", "a*", "?", "x*", "*b", "*y", "?b", "**a")
SIGNS = ("=", "!=", "<", "<=", ">", ">=")
COUNTS = (">= 1", "= 0", ">= 2", "< 2", "= 1", "!= 1", "<= 1", "> 2", "= 3", ">= 4", "= 5")
DURATIONS = ("1 hour", "2 hours", "6 hours", "1 day", "0 days", "90 minutes", "1 second", "1 week", "5 hours")
DATES = (
    *("2026-03-28", "2026-03-29", "2026-03-30", "2026-03-28 03:00", "2026-03-28 12:00", "2026-03-29T02:30:00", "2026-03-29 00:00+02:00"),
    *("2026-03-28 06:00Z", "2026-03-28T21:30:00.0000009Z", "2026-03-29 06:00Z"),
)
SPANS = (
    *("2026-03-28 02:00Z and 2026-03-28 05:00Z", "2026-03-28 03:00Z and 2026-03-28 10:00Z"),
    *("2026-03-28 and 2026-03-28", "2026-03-28 02:00Z and 2026-03-28 12:00Z", "2026-03-28 12:00 and 2026-03-29"),
    *("2026-03-28 03:00 and 2026-03-29 02:30", "2026-03-29 and 2026-03-30"),
)
CLOCKS = ("01:00 and 06:00", "22:00 and 03:00", "12:00 and 00:00", "02:00 and 14:30", "08:00 and 09:00")
TEXTS = ("b", "ab", "", "A", "ß", "SS", "ss", "true", "2026-03-29", "2", "0.5", "5.0", "1000000000000000000", "\n")
NUMBERS = ("5", "0", "-1", "0.1", "0.8", "0.3", "1.5", "10", "1.333333333", "0.000000002", "999_999_999_999_999_999")
PROPERTIES = ("n.m", "n.m", "value", "value", "event_name", '"odd key"', "missing", "n")
USUAL: tuple[Any, ...] = (1, 2, "a", "5", "2026-03-29")
ODD: tuple[Any, ...] = (
    *(None, True, False, "", "b", "A", "ab", "ba", "ß", "ss", "SS", "TRUE", "True", "\n", [1], {}, {"m": 5}),
    *(5, 0, -1, 10, 10**17, 10**18, 10**30, -0.0, 0.1, 0.7, 0.3, 1.5, 5.0, 2.0, 1e22, 2.5e-9, 1e18),
    *(" 5 ", "5.0", "5.", ".5", "+5", "0.10", "1e3", "0.0000000015", "0.0000000025", "\t5", "\u0663", "1000000000000000000", "2 "),
    *("2026-03-29T02:30:00", "2026-03-28T23:30:00Z", "2026-03-28 20:30-01:00", "2026-03-29 24:00", "2026-03-28"),
    *("2026-03-30", "2026-03-29 06:00Z"),
)  # fmt: skip
THEMES: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[Any, ...]], ...] = (
    (("ß", "SS"), (), ("ß", "ss", "SS", "\u1e9e")),
    (("5", "5.0"), ("5",), (5, 5.0, " 5 ", "5.", "+5", "5.0")),
    (("true", "True"), (), (True, "TRUE", "true", False)),
    (("",), (), ("", "", None, "\n")),
    (("1000000000000000000",), ("999_999_999_999_999_999",), (10**18, 10**18 - 1, "1000000000000000000", 1e18)),
    ((), ("0.1", "0.3", "0.8"), (0.1, 0.2, 0.7, "0.10")),
    (("0.000000002",), ("0.000000002", "0.000000003"), ("0.0000000015", "0.0000000025", 2.5e-9, 2e-9)),
    (("2026-03-29",), (), ("2026-03-28T23:30:00Z", "2026-03-29 20:30-05:00", "2026-03-29T02:30:00", "2026-03-28")),
    (("ab", "b"), (), ("ab", "ba", "aab", "b", "AB")),
)
"""Texts, numbers and values that lie close together: each world has one of these, so that what is odd meets its like."""
NESTED: tuple[dict[str, Any], ...] = (
    *({"n": {"m": 5}}, {"n.m": "a"}, {"n.m": None, "n": {"m": 5}}, {"n": {"m": [1]}}, {"n": {"m": 2}, "n.m": 1}, {"n": {"n.m": 5}}),
    *({"value": 1}, {"event_name": "a"}, {"odd key": 1}, {"odd key": "a"}),
)
MOMENTS = (
    *("2026-03-28 06:00Z", "2026-03-28 20:00:00Z", "2026-03-29 02:30", "2026-03-29", "2026-03-28 08:30:00.000001Z", "2027-03-29"),
    *("2024-02-29", "2000-03-29 01:30+05:00", "1985-03-29 02:30", "0001-01-01", "9999-12-31 23:00", "2025-03-28"),
)
"""Dates that moments are taken from."""
ENTRIES = ("enters any automation", 'enters automation like "A*"', 'enters automation "E" with p is blank')
EASY = ('event "a"', 'event "b"', "any event", "subscribes any list")
KINDS = (*("event",) * 8, "subscribe", "subscribe", "unsubscribe", "tag", "tag", "untag", "field", "field", "visit", "open")

T = TypeVar("T")
Make: TypeAlias = Callable[[], str]


@dataclass(frozen=True, slots=True)
class World:
    """Rule files by path, a log in order and free of duplicates, a time zone, and where the log ends if it is later."""

    files: dict[str, str]
    records: tuple[Record, ...]
    timezone: str
    now: int | None


def worlds() -> st.SearchStrategy[World]:
    """Worlds."""
    kept = st.binary(min_size=(EVENTS + RULES) // 8, max_size=(EVENTS + RULES) // 8)
    return st.builds(made, st.integers(0, 2**64 - 1), kept.map(lambda held: int.from_bytes(held, "big")))


def made(seed: int, kept: int) -> World:
    """The world of a seed, of which the events and rules are kept whose bit is set in `kept`: first the events' bits, then the rules'."""
    return Maker(Random(seed)).world(lambda number: bool(kept >> number & 1))


def quoted(text: str) -> str:
    return printing.string(text)


class Maker:
    def __init__(self, chance: Random) -> None:
        self.chance = chance
        texts, numbers, values = chance.choice(THEMES)
        self.texts = ("a", *texts, chance.choice(TEXTS))
        self.numbers = ("1", "2", *numbers, chance.choice(NUMBERS))
        self.dates = chance.sample(DATES, 3)
        self.durations = chance.sample(DURATIONS, 3)
        self.properties = ("p", "p", "p", "q", *chance.sample(PROPERTIES, 2))
        self.values = (*USUAL, *values, *chance.sample(ODD, 2))
        self.nested = ({}, {}, *chance.sample(NESTED, 3))
        self.segments: list[str] = []

    def pick(self, some: Sequence[T]) -> T:
        return self.chance.choice(some)

    def one(self, *makes: Make) -> str:
        """What one of these makes, each as likely as it stands here."""
        return self.pick(makes)()

    def often(self, usual: str, make: Make, odds: int) -> str:
        """The usual text, and once in so many times another."""
        return make() if self.chance.randrange(odds) == 0 else usual

    # Comparisons

    def prop(self) -> str:
        return self.pick(self.properties)

    def number(self) -> str:
        return self.pick(self.numbers)

    def text(self) -> str:
        return quoted(self.pick(self.texts))

    def date(self) -> str:
        return self.pick(self.dates)

    def boolean(self) -> str:
        return self.pick(("true", "false"))

    def literal(self) -> str:
        return self.one(self.text, self.number, self.boolean, self.date)

    def letter_case(self) -> str:
        return self.pick(("", " ignoring case"))

    def with_number(self) -> str:
        return f"{self.pick(SIGNS)} {self.number()}"

    def with_text(self) -> str:
        return f"{self.pick(SIGNS)} {self.text()}{self.letter_case()}"

    def with_boolean(self) -> str:
        return f"{self.pick(('=', '!='))} {self.boolean()}"

    def with_date(self) -> str:
        return f"{self.pick(SIGNS)} {self.date()}"

    def with_part(self) -> str:
        return f"{self.pick(('contains', 'starts with', 'ends with'))} {self.text()}{self.letter_case()}"

    def with_trigger(self) -> str:
        return f"{self.pick(SIGNS)} trigger {self.prop()}"

    def blank(self) -> str:
        return self.pick(("is blank", "is not blank"))

    def one_of(self, literal: Make) -> str:
        return f"in ({', '.join(literal() for _ in range(self.chance.randint(1, 3)))})"

    def comparison(self) -> str:
        """With literals, of any type."""
        return self.one(
            self.with_number,
            self.with_text,
            self.with_boolean,
            self.with_date,
            self.with_part,
            lambda: self.one_of(self.literal),
            self.blank,
        )

    # Patterns

    def names(self, of: Sequence[str]) -> str:
        return self.one(
            lambda: quoted(self.pick(of)),
            lambda: quoted(self.pick(of)),
            lambda: self.one_of(lambda: quoted(self.pick(of))),
            lambda: f"like {quoted(self.pick(GLOBS))}",
        )

    def property_test(self, has_trigger: bool) -> str:
        makes: list[Make] = [lambda: f"{self.prop()} {self.comparison()}", lambda: f"{self.prop()} {self.pick(SIGNS)} its {self.prop()}"]
        if has_trigger:
            makes += [lambda: f"{self.prop()} = trigger {self.prop()}", lambda: f"{self.prop()} {self.with_trigger()}"]
        return self.one(*makes)

    def filter(self, has_trigger: bool) -> str:
        shape = self.pick(
            ("{}", "{}", "{}", "({} or {})", "({} and not {})", "(not ({} or {}))", "({} and {})", "(not {})", "(not ({} and {}))")
        )
        return shape.format(self.property_test(has_trigger), self.property_test(has_trigger))

    def occurrence(self) -> str:
        return self.one(
            *[lambda: f"event {self.names(NAMES)}"] * 4,
            lambda: "any event",
            lambda: self.pick(("subscribes any list", "loses any tag", "changes any field", "visits any page")),
            lambda: f"{self.pick(('subscribes', 'unsubscribes', 'subscribes to'))} list {self.names(LISTS)}",
            lambda: f"{self.pick(('gets', 'loses'))} tag {self.names(LISTS)}",
            lambda: f"{self.pick(('changes field', 'visits page'))} {self.names(NAMES)}",
        )

    def single(self, has_trigger: bool) -> str:
        filters = [self.filter(has_trigger) for _ in range(self.pick((0, 0, 1, 2)))]
        return self.occurrence() + (" with " + ", ".join(filters) if filters else "")

    def pattern(self, has_trigger: bool) -> str:
        if self.chance.randrange(5):
            return self.single(has_trigger)
        return f"any of ({' or '.join(self.single(has_trigger) for _ in range(self.chance.randint(2, 3)))})"

    # Sequences, absences and moments

    def sames(self, has_same: bool) -> list[str]:
        return [f"same {self.often('p', self.prop, 4)}"] if has_same and self.chance.randrange(2) else []

    def step(self, has_trigger: bool, has_same: bool) -> str:
        """A pattern of a chain or moment, easy to meet; where it may, with `same`."""
        if self.chance.randrange(6) == 0:
            return self.pattern(has_trigger)
        filters = self.sames(has_same) + ([self.filter(has_trigger)] if self.chance.randrange(5) == 0 else [])
        single = self.pick(
            (
                'event "a"',
                'event "a"',
                'event "b"',
                "any event",
                'event in ("a", "b")',
                'event like "a*"',
                "changes any field",
                "visits any page",
            )
        ) + (f" with {', '.join(filters)}" if filters else "")
        if self.chance.randrange(6):
            return single
        return f"any of ({single} or {self.pick(EASY)}{' with same p' * (has_same and self.chance.randrange(2))})"

    def without(self, has_trigger: bool) -> str:
        return f" without {self.step(has_trigger, True)} within {self.pick(self.durations)}"

    def chain(self, has_trigger: bool) -> str:
        text = self.step(has_trigger, has_trigger)
        for _ in range(self.pick((0, 1, 1, 1, 2, 3))):
            text += f" then {self.step(has_trigger, True)}{self.pick(('', f' within {self.pick(self.durations)}'))}"
        if " then " not in text or self.chance.randrange(3) == 0:
            text += self.without(has_trigger)
        return text

    def moment(self) -> str:
        duration = self.pick([duration for duration in self.durations if duration[0] != "0"])
        dated = self.pick(("q of {}", f"{self.prop()} of {{}}", f"field {quoted(self.pick(NAMES))}")).format(self.step(False, False))
        word = self.pick(("date", "date", "anniversary"))
        side = self.pick(("", f"{duration} before ", f"{duration} after "))
        text = self.pick((f"{duration} after {self.step(False, False)}", f"{side}{word} of {dated}"))
        return text + self.often(f" without {self.step(False, True)}", str, 3)

    # Conditions

    def measure(self) -> str:
        function = self.pick(
            ("count", "count", "has", "distinct", "sum", "sum", "average", "average", "min", "max", "first", "last", "first", "last")
        )
        if function == "count":
            return f"count {self.pick(COUNTS)}"
        if function == "has":
            return self.pick(("has occurred", "has not occurred"))
        if function == "distinct":
            return f"distinct {self.prop()} {self.pick(COUNTS)}"
        makes: list[Make] = [self.with_number, self.with_trigger, lambda: self.one_of(self.number)]
        if function not in ("sum", "average"):
            makes += [self.with_text, self.with_part, self.blank, self.with_date]
            makes += [lambda: self.one_of(self.text), lambda: self.one_of(self.date)]
        if function in ("first", "last"):
            makes.append(self.with_boolean)
        return f"{function} {self.prop()} {self.one(*makes)}"

    def window(self) -> str:
        so_far = self.pick(("", " so far"))
        return self.one(
            lambda: self.pick(("", " before", " so far", " so far")),
            *[lambda: f" within {self.pick(self.durations)}{self.pick(('', ' before', ' so far'))}"] * 2,
            lambda: f" between {self.pick(SPANS)}",
            lambda: f" since {self.date()}{so_far}",
            *[lambda: f" since last {self.pattern(bool(self.chance.randrange(2)))}{so_far}"] * 2,
        )

    def test(self) -> str:
        makes: list[Make] = [
            *[lambda: f"{self.pattern(True)} {self.measure()}{self.window()}"] * 7,
            *[lambda: f"({self.chain(True)}) {self.measure()}{self.window()}"] * 3,
            *[lambda: f"({self.chain(False)}) {self.measure()}{self.window()}"] * 2,
            lambda: f"{self.pick(('', 'was '))}in list {self.names(LISTS)}",
            lambda: f"{self.pick(('has', 'had'))} tag {self.names(LISTS)}",
            lambda: f"{self.pick(ENTRIES)} count {self.pick(COUNTS)}{self.window()}",
            lambda: f"field {quoted(self.pick(NAMES))} {self.pick(('', 'was '))}{self.comparison()}",
            lambda: f"weekday in ({self.pick(('saturday', 'sunday', 'monday, sunday', 'saturday, friday'))})",
            lambda: f"time between {self.pick(CLOCKS)}",
        ]
        if self.segments:
            makes += [lambda: f"in segment {quoted(self.pick(self.segments))}"] * 2
        return self.one(*makes)

    def condition(self) -> str:
        shapes = ("{}", "{}", "{}", "{}", "not {}", "{} and {}", "{} or {}", "({} or {}) and not {}", "{} or not ({} and {})")
        return self.pick(shapes).format(self.test(), self.test(), self.test())

    # Files

    def runs(self) -> str:
        times = self.chance.randint(1, 2)
        return self.one(
            lambda: "",
            lambda: " once",
            *[lambda: f" once per {self.prop()}"] * 2,
            lambda: f" at most {times} times",
            lambda: f" at most {times} times per {self.pick(self.durations)}",
            lambda: f" at most once per {self.pick(self.durations)}",
        )

    def activity(self) -> str:
        last = self.pick(("2026-03-28", "2026-03-29", "2026-03-29 02:30", "2026-03-28 12:00"))
        return self.pick((" active from 2026-03-28 12:00", f" active until {last}", " active from 2026-03-28 02:00Z until 2026-03-29"))

    def trigger(self) -> str:
        easy = self.pick(('event "a"', "any event", 'event in ("a", "b")', 'event like "*"', "changes any field", 'subscribes list "x"'))
        return self.one(
            *[lambda: easy] * 3,
            lambda: self.pattern(False),
            *[lambda: self.chain(False)] * 2,
            *[self.moment],
        )

    def rule(self) -> str:
        where = self.often(f" where {self.condition()}", str, 10)
        return f"on {self.trigger()}{where}{self.often('', self.activity, 8)}{self.often(' every time', self.runs, 4)}\n"

    def started(self, automations: Sequence[str]) -> str:
        """A rule that entries of some automations start, or keep from starting."""
        entry = self.one(
            lambda: f"enters automation {quoted(automations[-1])}",
            lambda: f"enters automation in ({', '.join(quoted(self.pick(automations)) for _ in range(3))})",
            lambda: 'enters automation like "A*"',
        )
        chains: tuple[Make, ...] = (
            lambda: f"{entry} then {self.step(False, True)}{self.pick(('', f' within {self.pick(self.durations)}'))}",
            lambda: f"{self.step(False, False)} then {entry} within {self.pick(self.durations)}",
            lambda: f"{entry}{self.without(False)}",
            lambda: f"{self.step(False, False)} without {entry} within {self.pick(self.durations)}",
            lambda: f"2 hours after {entry} without {self.step(False, True)}",
        )
        trigger = self.one(lambda: entry, *chains)
        return f"on {trigger}{self.often('', lambda: f' where {self.condition()}', 3)} {self.pick(('every time', 'at most 2 times'))}\n"

    def files(self, keeps: Callable[[int], bool]) -> dict[str, str]:
        """Two files: segments that refer to earlier ones, rules before a header, headers with and without runs."""
        files: dict[str, str] = {}
        rules = 0
        for number in range(2):
            text = ""
            for _ in range(self.chance.randint(0, 2)):
                name = f"s{len(self.segments)}"
                text += f"segment {quoted(name)} is {self.condition()}\n"
                self.segments.append(name)
            for header in ("", f'automation "A{number}"', f'automation "B{number}"'):
                written = ""
                for _ in range(1 if not header else self.chance.randint(1, 3)):
                    rule = self.rule()
                    written += rule if keeps(rules) else ""
                    rules += 1
                runs = self.often("", self.runs, 3)
                if written:
                    text += f"{header}{runs}\n{written}" if header else written
            files[f"f{number}.triggers"] = text
        for at, name in enumerate(("E", "F")):
            rule = self.started(("f0", "A0", "B0", "f1", "A1", "B1", "E")[: 6 + at])
            if keeps(rules):
                files[f"{name}.triggers"] = rule
            rules += 1
        assert rules <= RULES
        if not any(keeps(number) for number in range(rules)):
            files["f2.triggers"] = 'on event "a"\n'
        return {path: text for path, text in files.items() if text}

    def log(self, keeps: Callable[[int], bool]) -> tuple[Record, ...]:
        """Events of two contacts on a grid of hours, in order."""
        records: list[Record] = []
        hour = time = START
        for row in range(1, EVENTS + 1):
            hour += self.pick((0, 0, 0, 1, 1, 1, 2, 3)) * HOUR
            time = max(time, hour + self.pick((*(0,) * 9, HOUR // 2, 1_000_000, 1)))
            kind = self.pick(KINDS)
            held = {key: self.pick(self.values) for key in ("p", "q") if self.chance.randrange(4)}
            if self.chance.randrange(4) == 0:
                held["q"] = self.pick(MOMENTS)
            record = Record(
                time,
                self.pick(("ana", "ana", "ben")),
                kind,
                self.pick(LISTS if kind in ("subscribe", "unsubscribe", "tag", "untag") else NAMES),
                self.plain_value(),
                {**held, **self.pick(self.nested)},
                f"i{row}" if self.chance.randrange(5) == 0 else None,
                row,
            )
            if keeps(row - 1):
                records.append(record._replace(row=len(records) + 1))
        return tuple(records)

    def plain_value(self) -> Any:
        value = self.pick((None, *self.values))
        return None if isinstance(value, list | dict) else value

    def world(self, keeps: Callable[[int], bool]) -> World:
        timezone = self.pick(ZONES)
        files = self.files(lambda number: keeps(EVENTS + number))
        log = self.log(keeps)
        return World(files, log, timezone, self.pick((None, START + 30 * HOUR, START + 24 * 400 * HOUR)))
