"""The syntax tree: what a rule file says, every node with its place in the text.

A node's docstring shows the syntax that it stands for. Nodes are frozen and equal by meaning: places, and
which of two spellings was used, take no part in equality, so that `has occurred` equals `count >= 1` and the
network can share what many rules say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOfWords, TypeAlias

from triggerlang.language.blocks import (
    Expected as Expected,
    ExpectedEntry as ExpectedEntry,
    Given as Given,
    GivenProperty as GivenProperty,
    TestBlock as TestBlock,
)
from triggerlang.language.terms import (
    Blank as Blank,
    Boolean as Boolean,
    Compare as Compare,
    CompareProperty as CompareProperty,
    Comparison as Comparison,
    Date as Date,
    DateTime as DateTime,
    Duration as Duration,
    Literal as Literal,
    Moment as Moment,
    NameIn as NameIn,
    NameIs as NameIs,
    NameLike as NameLike,
    Names as Names,
    Node as Node,
    Number as Number,
    OneOf as OneOf,
    Operator as Operator,
    Property as Property,
    Side as Side,
    Text as Text,
    TextMatch as TextMatch,
    TextOperator as TextOperator,
)
from triggerlang.language.vocabulary import Kind

AggregateFunction: TypeAlias = OneOfWords["sum", "average", "min", "max", "first", "last"]
DeclaredType: TypeAlias = OneOfWords["number", "text", "boolean", "date"]


# Conditions: and, or and not over tests, and over a filter's comparisons


@dataclass(frozen=True, slots=True)
class And(Node):
    """`a and b and c`: two parts or more, none of them an And itself."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """`a or b or c`: two parts or more, none of them an Or itself."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`not a`."""

    part: Condition


@dataclass(frozen=True, slots=True)
class PropertyTest(Node):
    """`plan = "free"` in a filter."""

    property: Property
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Same(Node):
    """`same cart_id`, a filter: the property's text is that of the trigger, or of the chain's first event."""

    property: Property


# Patterns


@dataclass(frozen=True, slots=True)
class Occurrence(Node):
    """`event "signup"`, `visits page like "/pricing*"`, `opens any email`: a kind, and its names or None for any."""

    kind: Kind
    names: Names | None


@dataclass(frozen=True, slots=True)
class Single(Node):
    """`event "order" with total > 5, plan = "pro"`: an occurrence and its filters, all of which must hold.

    A filter is a Same, a PropertyTest, or an And, Or or Not over PropertyTests.
    """

    occurrence: Occurrence
    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Pattern(Node):
    """`event "order"`, or `any of (event "order" or event "refund")`: the events that one of its singles matches."""

    singles: tuple[Single, ...]


# Sequences, absences and moments


@dataclass(frozen=True, slots=True)
class Then(Node):
    """`then event "order" within 7 days`: a step of a chain after its first."""

    pattern: Pattern
    within: Duration | None


@dataclass(frozen=True, slots=True)
class Without(Node):
    """`without event "order" within 1 hour`, the end of a chain: what must not come."""

    pattern: Pattern
    within: Duration


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """`event "cart" then event "checkout" within 1 hour without event "order" within 1 day`.

    It has a step or a `without`, or both; a pattern alone is no chain.
    """

    first: Pattern
    then: tuple[Then, ...]
    without: Without | None


@dataclass(frozen=True, slots=True)
class After(Node):
    """`14 days after event "delivered" without event "review"`."""

    duration: Duration
    pattern: Pattern
    without: Pattern | None


@dataclass(frozen=True, slots=True)
class Dated(Node):
    """`starts_at of event "registered"`, or `field "birthday"`: where a date stands.

    Of a field it is the value of the events that change it.
    """

    property: Property
    pattern: Pattern
    is_field: bool


@dataclass(frozen=True, slots=True)
class DateOf(Node):
    """`24 hours before date of starts_at of event "registered"`, `anniversary of field "birthday"`."""

    word: OneOfWords["date", "anniversary"]
    dated: Dated
    duration: Duration | None
    side: OneOfWords["before", "after"] | None
    without: Pattern | None


Awaited: TypeAlias = After | DateOf
"""What the reference calls a moment: `on` waits for it."""
Trigger: TypeAlias = Pattern | Chain | Awaited


# Measures


@dataclass(frozen=True, slots=True)
class Count(Node):
    """`count >= 2`; `has occurred` and `has not occurred` are counts too, told apart by their spelling only."""

    operator: Operator
    number: int
    written: OneOfWords["count", "has occurred", "has not occurred"] = field(default="count", compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """`sum amount >= 500`, `last plan = "pro"`."""

    function: AggregateFunction
    property: Property
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Distinct(Node):
    """`distinct product >= 3`."""

    property: Property
    operator: Operator
    number: int


Measure: TypeAlias = Count | Aggregate | Distinct


# Windows


@dataclass(frozen=True, slots=True)
class Before(Node):
    """`before`, also where nothing is written (the span is empty then)."""


@dataclass(frozen=True, slots=True)
class SoFar(Node):
    """`so far`."""


@dataclass(frozen=True, slots=True)
class Within(Node):
    """`within 30 days before`, `within 30 days so far`."""

    duration: Duration
    so_far: bool


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`between 2026-01-01 and 2026-01-31`."""

    start: Moment
    end: Moment


@dataclass(frozen=True, slots=True)
class Since(Node):
    """`since 2026-01-01`, `since 2026-01-01 so far`."""

    start: Moment
    so_far: bool


@dataclass(frozen=True, slots=True)
class SinceLast(Node):
    """`since last event "order"`, `since last event "order" so far`."""

    pattern: Pattern
    so_far: bool


Window: TypeAlias = Before | SoFar | Within | Between | Since | SinceLast


# Tests


@dataclass(frozen=True, slots=True)
class HistoryTest(Node):
    """`event "order" sum amount >= 500 within 30 days before`, `(event "signup" then event "order") has occurred`."""

    pattern: Pattern | Chain
    measure: Measure
    window: Window


@dataclass(frozen=True, slots=True)
class ListTest(Node):
    """`in list "News"`, `was in list "News"`."""

    names: Names
    before: bool


@dataclass(frozen=True, slots=True)
class TagTest(Node):
    """`has tag "vip"`, `had tag "vip"`."""

    names: Names
    before: bool


@dataclass(frozen=True, slots=True)
class FieldTest(Node):
    """`field "country" = "DE"`, `field "country" was = "DE"`."""

    name: Text
    comparison: Comparison
    before: bool


@dataclass(frozen=True, slots=True)
class SegmentTest(Node):
    """`in segment "Regulars"`."""

    name: Text


@dataclass(frozen=True, slots=True)
class WeekdayTest(Node):
    """`weekday in (monday, tuesday)`: days in the order of writing, 0 is Monday."""

    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TimeTest(Node):
    """`time between 22:00 and 06:00`: minutes since midnight."""

    start: int
    end: int


Test: TypeAlias = HistoryTest | ListTest | TagTest | FieldTest | SegmentTest | WeekdayTest | TimeTest
Condition: TypeAlias = And | Or | Not | PropertyTest | Test
Filter: TypeAlias = Condition | Same


# Statements


@dataclass(frozen=True, slots=True)
class Once(Node):
    """`once`, `once per cart_id`."""

    per: Property | None = None


@dataclass(frozen=True, slots=True)
class EveryTime(Node):
    """`every time`."""


@dataclass(frozen=True, slots=True)
class AtMost(Node):
    """`at most 3 times`, `at most 3 times per 30 days`, `at most once per 30 days`."""

    times: int
    per: Duration | None


Runs: TypeAlias = Once | EveryTime | AtMost


@dataclass(frozen=True, slots=True)
class Activity(Node):
    """`active from 2026-01-01 until 2026-06-30`, or one of the two."""

    start: Moment | None
    end: Moment | None


@dataclass(frozen=True, slots=True)
class Automation(Node):
    """`automation "Welcome series" once`: the header; the rules after it are its own."""

    name: Text
    runs: Runs | None


@dataclass(frozen=True, slots=True)
class Rule(Node):
    """`on subscribes list "News" where ... active ... once`."""

    on: Trigger
    where: Condition | None
    active: Activity | None
    runs: Runs | None


@dataclass(frozen=True, slots=True)
class Segment(Node):
    """`segment "Regulars" is ...`."""

    name: Text
    condition: Condition


@dataclass(frozen=True, slots=True)
class DeclaredProperty(Node):
    """`amount number` in a declaration."""

    property: Property
    type: DeclaredType


@dataclass(frozen=True, slots=True)
class Declare(Node):
    """`declare event "order" number with amount number, currency text`."""

    noun: str
    name: Text
    type: DeclaredType | None
    properties: tuple[DeclaredProperty, ...]


Statement: TypeAlias = Automation | Rule | Segment | Declare | TestBlock


@dataclass(frozen=True, slots=True)
class File(Node):
    """One rule file: its statements in order."""

    statements: tuple[Statement, ...]
