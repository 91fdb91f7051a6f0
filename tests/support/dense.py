"""Dense worlds: rules that often say a thing twice, against each other, or what cannot be, and logs in which they matter.

Few names, properties and bounds, conditions of many parts, automations whose rules start alike, and headers that limit them.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import strategies as st

from tests.support.worlds import EVENTS, RULES, Make, Maker, World, quoted

_COUNTS = (">= 1", "= 0", ">= 2", "< 2", "<= 1", "> 2", "!= 1", "= 1", ">= 0", "< 0")


def dense_worlds(*, has_limits: bool) -> st.SearchStrategy[World]:
    """Worlds; without limits every rule enters whenever its condition holds, so that what changes a condition changes entries."""
    kept = st.binary(min_size=(EVENTS + RULES) // 8, max_size=(EVENTS + RULES) // 8)
    return st.builds(_made, st.integers(0, 2**64 - 1), kept.map(lambda held: int.from_bytes(held, "big")), st.just(has_limits))


def _made(seed: int, kept: int, has_limits: bool) -> World:
    # Most of the events and rules stay: what is shrunk still loses them one by one.
    return _Dense(Random(seed), has_limits).world(lambda number: bool(kept >> number & 1) or bool(seed >> number % 64 & 1))


class _Dense(Maker):
    def __init__(self, chance: Random, has_limits: bool) -> None:
        super().__init__(chance)
        self.has_limits = has_limits
        self.properties = (*self.properties[:4], "p", "value", "event_name", self.properties[4])
        self.numbers = ("1", "2", self.numbers[2])
        self.texts = ("a", *self.texts[-2:])
        self.durations = self.durations[:2]
        self.dates = self.dates[:2]
        self.trigger_text = ""

    def occurrence(self) -> str:
        return self.one(
            *[lambda: f"event {self.names(('a', 'a', 'b'))}"] * 4,
            lambda: "any event",
            lambda: f"{self.pick(('subscribes', 'unsubscribes'))} list {self.names(('x', 'x', 'y'))}",
            lambda: f"changes field {quoted(self.pick(('a', 'a', 'b')))}",
        )

    def property_test(self, has_trigger: bool) -> str:
        if self.chance.randrange(2):
            return super().property_test(has_trigger)
        return f"p {self.one(self.with_number, self.with_number, self.with_text, self.blank)}"

    def single(self, has_trigger: bool) -> str:
        filters = [self.filter(has_trigger) for _ in range(self.pick((0, 0, 0, 1, 2, 3)))]
        return self.occurrence() + (" with " + ", ".join(filters) if filters else "")

    def measure(self) -> str:
        function = self.pick(("count", "count", "has", "distinct", "sum", "average", "min", "max", "first", "last"))
        if function == "count":
            return f"count {self.pick(_COUNTS)}"
        if function == "has":
            return self.pick(("has occurred", "has not occurred"))
        if function == "distinct":
            return f"distinct p {self.pick(_COUNTS)}"
        makes: list[Make] = [self.with_number, self.with_number, self.with_trigger, lambda: self.one_of(self.number)]
        if function not in ("sum", "average"):
            makes += [self.with_text, self.with_part, self.blank, self.with_date]
        return f"{function} p {self.one(*makes)}"

    def test(self) -> str:
        usual: tuple[Make, ...] = (
            *[lambda: f"{self.pattern(True)} {self.measure()}{self.window()}"] * 4,
            lambda: f'event "a" {self.measure()}{self.window()}',
            lambda: f'event "a" {self.measure()}',
            lambda: f'(event "b" then event "a") {self.measure()}{self.window()}',
            *[lambda: f"{self.pick(('', 'was '))}in list {self.names(('x', 'x', 'y'))}"] * 2,
            lambda: f"{self.pick(('has', 'had'))} tag {self.names(('x', 'x', 'y'))}",
            *[lambda: f'field "a" {self.pick(("", "was "))}{self.comparison()}'] * 3,
            lambda: f"weekday in ({self.pick(('saturday', 'sunday', 'monday, sunday', 'saturday, friday', 'saturday, sunday'))})",
            lambda: f"time between {self.pick(('01:00 and 06:00', '05:00 and 03:00', '06:00 and 01:00', '02:00 and 04:00'))}",
        )
        if self.segments and self.chance.randrange(3) == 0:
            return f"in segment {quoted(self.pick(self.segments))}"
        return self.one(*usual) if self.chance.randrange(12) else super().test()

    def condition(self) -> str:
        shapes = (
            *("{} and {}", "{} and {} and {}", "{} or {}", "{} and ({} or {})", "({} and {}) or {}", "not {} and {}"),
            *("{} and not ({} and {})", "{}", "not ({} or {}) and {}"),
        )
        tests = self.about_one_thing() if self.chance.randrange(2) else [self.test() for _ in range(3)]
        if self.chance.randrange(6) == 0:
            return f"{tests[0]} and not {tests[0]}"
        if self.chance.randrange(5) == 0:
            tests[1] = tests[0]
        return self.pick(shapes).format(*tests)

    def about_one_thing(self) -> list[str]:
        """Three tests of one pattern, one field or one list, which differ in little."""
        sort = self.pick(("count", "count", "count", "value", "value", "field", "list", "clock"))
        if sort == "clock":
            days = ("saturday", "sunday", "saturday, sunday", "monday, sunday", "friday")
            clocks = ("01:00 and 06:00", "05:00 and 03:00", "06:00 and 01:00", "02:00 and 04:00")
            is_day = self.chance.randrange(2)
            return [f"weekday in ({self.pick(days)})" if is_day else f"time between {self.pick(clocks)}" for _ in range(3)]
        if sort == "field":
            return [f'field "a" {self.pick(("", "was "))}{self.comparison()}' for _ in range(3)]
        if sort == "list":
            return [f"{self.pick(('', 'was '))}in list {self.names(('x', 'x', 'y'))}" for _ in range(3)]
        pattern = self.pick(('event "a"', 'event "b"', "any event", self.pattern(True)))
        function = self.pick(("min", "max", "sum", "first", "last", "average"))

        def measure() -> str:
            if sort == "count" or self.chance.randrange(3) == 0:
                return self.pick(("has occurred", "has not occurred", f"count {self.pick(_COUNTS)}", f"distinct p {self.pick(_COUNTS)}"))
            return f"{function} p {self.with_number()}"

        windows = (*(f"within {duration}{so_far}" for duration in self.durations for so_far in ("", " so far")), *("before", "so far"))
        return [f"{pattern} {measure()} {self.pick((*windows, self.window().strip() or 'before'))}" for _ in range(3)]

    def runs(self) -> str:
        if not self.has_limits:
            return " every time"
        return self.pick(
            (
                "",
                "",
                " once",
                " every time",
                " at most 2 times",
                " at most 4 times",
                " at most 1 times",
                " at most once per 6 hours",
                " at most 2 times per 1 day",
                " once per p",
            )
        )

    def trigger(self) -> str:
        if not self.trigger_text or self.chance.randrange(2):
            easy = self.pick(
                (
                    'event "a"',
                    "any event",
                    'event in ("a", "b")',
                    'changes field "a"',
                    'subscribes list "x"',
                    'unsubscribes list "x"',
                    'gets tag "x"',
                )
            )
            self.trigger_text = self.one(
                *[lambda: easy] * 4,
                lambda: self.pattern(False),
                lambda: self.chain(False),
                lambda: 'event "b" then event "a"',
                lambda: 'event "a" without event "b" within 1 hour',
                self.moment,
            )
        return self.trigger_text

    def rule(self) -> str:
        where = self.often(f" where {self.condition()}", str, 6)
        active = self.often("", lambda: self.pick((" active until 2026-03-28", " active from 2026-03-28 12:00")), 4)
        text = f"on {self.trigger()}{where}{active}{self.pick((' every time', self.runs(), self.runs()))}\n"
        # A copy, or one that differs in its runs alone, stands after it now and then.
        if self.chance.randrange(8) == 0:
            text += f"on {self.trigger_text}{where}{active}{self.often(' every time', self.runs, 2)}\n"
        return text

    def often(self, usual: str, make: Callable[[], str], odds: int) -> str:
        return super().often(usual, make, min(odds, 2) if make == self.runs else odds)
