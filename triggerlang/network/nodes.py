"""The network's nodes: what rules ask for, each thing once.

Nodes are immutable, know no time zone, and are equal by structure. They refer to each other by number, so that an
engine can keep what it knows of a contact in flat tables: a pattern is an alpha node (which events), a measure a beta node
(what of a contact's history), a test compares a measure or a state, a rule has a pattern, a condition over tests, and its runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from triggerlang.language import tree

Reading: TypeAlias = Literal["number", "text", "boolean", "day", "moment"]
Function: TypeAlias = Literal["count", "sum", "average", "min", "max", "first", "last", "distinct"]


# Patterns


@dataclass(frozen=True, slots=True)
class NameSet:
    """`"News"` or `in ("News", "Offers")`: sorted, each once."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameGlob:
    """`like "/pricing*"`."""

    glob: str


NameNode: TypeAlias = NameSet | NameGlob | None
"""None stands for any name."""


@dataclass(frozen=True, slots=True)
class SingleNode:
    """Events of one kind, by name, that meet all filters."""

    kind: str
    names: NameNode
    filters: tuple[tree.Condition, ...]


@dataclass(frozen=True, slots=True)
class PatternNode:
    """Events that one of the singles matches."""

    singles: tuple[SingleNode, ...]


# Sequences, absences and moments: they stand among the patterns, and whatever refers to a pattern may refer to one of them


@dataclass(frozen=True, slots=True)
class Option:
    """One way to meet a step or a `without`: an event of a plain pattern, by its number, with the same texts in some properties.

    `same` are those properties, sorted: each must have a text, and the same one, in the event and in the chain's first event (of a
    moment, in its `e`). `same P` of a test's first pattern is none of these: it is the filter `P = trigger P` of its pattern.
    """

    pattern: int
    same: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepNode:
    """A step of a chain: an event that meets one of the options, at most `within` microseconds after the step before it (None: any time).

    The first step's options have no `same`, and its `within` is None.
    """

    options: tuple[Option, ...]
    within: int | None


@dataclass(frozen=True, slots=True)
class WithoutNode:
    """The end of an absence: no event after `e` and before the moment `within` microseconds later meets one of the options."""

    options: tuple[Option, ...]
    within: int


@dataclass(frozen=True, slots=True)
class ChainNode:
    """A chain: it happens at each event that meets the last step at the end of any choice of earlier events.

    With a `without` it does not happen there but `within` later: after all events of that time and their entries, and in the order
    of the `e`, the events that met the last step; with the properties and the row of `e`. It happens if for one of the first events
    by which `e` can be reached nothing broke it.
    """

    steps: tuple[StepNode, ...]
    without: WithoutNode | None


@dataclass(frozen=True, slots=True)
class MomentNode:
    """A moment: `shift` microseconds after (before, if negative) each event `e` of a plain pattern, or a date that `e` holds.

    `base` says after what: `e` itself, the `date` of its property, or every `anniversary` of that; `property` is None for `e` itself. It
    has the place, properties and row of an absence of `e`; those that are not after `e` do not happen, nor do those before whose
    place an event after `e` meets one of the options of `without`, whose `same` look at `e`. Of a field, the field's own events are
    among these options.
    """

    pattern: int
    base: Literal["event", "date", "anniversary"]
    property: str | None
    shift: int
    without: tuple[Option, ...]


HappeningNode: TypeAlias = PatternNode | ChainNode | MomentNode
"""What can happen to a contact, and be measured (but for moments) or start a rule."""


# Windows and measures


@dataclass(frozen=True, slots=True)
class Whole:
    """All that stands before the trigger."""


@dataclass(frozen=True, slots=True)
class Sliding:
    """The last so many microseconds."""

    microseconds: int


@dataclass(frozen=True, slots=True)
class Fixed:
    """From a date, and perhaps until one."""

    start: tree.Moment
    end: tree.Moment | None


@dataclass(frozen=True, slots=True)
class AfterLast:
    """What stands after the last event of a plain pattern, by its number."""

    pattern: int


WindowNode: TypeAlias = Whole | Sliding | Fixed | AfterLast


@dataclass(frozen=True, slots=True)
class MeasureNode:
    """A number or value taken over what happens of a pattern or chain (by its number) in a window.

    `reading` says how the property is read. `so_far` tells that the trigger itself belongs to the window.
    """

    pattern: int
    function: Function
    property: str | None
    reading: Reading | None
    window: WindowNode
    so_far: bool


# Tests


@dataclass(frozen=True, slots=True)
class MeasureTest:
    """A measure, by its number, and how it must compare."""

    measure: int
    comparison: tree.Comparison | CountIs


@dataclass(frozen=True, slots=True)
class CountIs:
    """`count >= 2`, `distinct plan >= 2`."""

    operator: tree.Operator
    number: int


@dataclass(frozen=True, slots=True)
class MemberTest:
    """`in list ...`, `has tag ...`; with `before`, `was in list`, `had tag`."""

    noun: Literal["list", "tag"]
    names: NameNode
    before: bool


@dataclass(frozen=True, slots=True)
class FieldTest:
    """`field "country" = "DE"`, with `before` `field "country" was = "DE"`."""

    name: str
    comparison: tree.Comparison
    before: bool


@dataclass(frozen=True, slots=True)
class WeekdayTest:
    """The trigger's day of the week is one of these; 0 is Monday."""

    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TimeTest:
    """The trigger's time of day lies between these minutes since midnight, the second excluded."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SegmentTest:
    """`in segment "S"`: the number of a segment."""

    segment: int


TestNode: TypeAlias = MeasureTest | MemberTest | FieldTest | WeekdayTest | TimeTest | SegmentTest


# Conditions: a test by its number, or and, or and not over conditions


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[ConditionNode, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[ConditionNode, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    part: ConditionNode


ConditionNode: TypeAlias = int | All | AnyOf | Negation


@dataclass(frozen=True, slots=True)
class SegmentNode:
    """A segment's name and condition."""

    name: str
    condition: ConditionNode


@dataclass(frozen=True, slots=True)
class RuleNode:
    """A rule: its pattern, chain or moment by number, its condition, when it is active, its runs; and what its entries are called."""

    automation: int
    name: str
    source: str
    on: int
    condition: ConditionNode | None
    active: tree.Activity | None
    runs: tree.Runs


@dataclass(frozen=True, slots=True)
class AutomationNode:
    """An automation's name, and the runs of its header if it has any."""

    name: str
    runs: tree.Runs | None


@dataclass(frozen=True, slots=True)
class Sharing:
    """How much was said and how much of it is stored: of patterns, measures and tests."""

    patterns: tuple[int, int]
    measures: tuple[int, int]
    tests: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Network:
    """A compiled project: every node once, rules in their order, and the index from a kind and name to plain patterns.

    A chain or moment stands after the patterns that it refers to.
    """

    patterns: tuple[HappeningNode, ...]
    measures: tuple[MeasureNode, ...]
    tests: tuple[TestNode, ...]
    segments: tuple[SegmentNode, ...]
    automations: tuple[AutomationNode, ...]
    rules: tuple[RuleNode, ...]
    sharing: Sharing
    by_name: Mapping[tuple[str, str], tuple[int, ...]]
    """The patterns that ask for a kind and a name, or one of several."""
    by_kind: Mapping[str, tuple[int, ...]]
    """The patterns that ask for a kind and any name."""
    by_glob: Mapping[str, tuple[tuple[str, tuple[int, ...]], ...]]
    """For a kind, its globs and the patterns that ask for them."""


def options_of(node: HappeningNode) -> Iterator[Option]:
    """All plain patterns that a chain or moment looks at, with what must be the same, from its first step to its `without`."""
    if isinstance(node, ChainNode):
        for step in node.steps:
            yield from step.options
        if node.without is not None:
            yield from node.without.options
    elif isinstance(node, MomentNode):
        yield Option(node.pattern, ())
        yield from node.without


def leaves(condition: ConditionNode | None) -> Iterator[int]:
    """The tests of a condition by their numbers, from left to right."""
    if isinstance(condition, int):
        yield condition
    elif isinstance(condition, Negation):
        yield from leaves(condition.part)
    elif condition is not None:
        for part in condition.parts:
            yield from leaves(part)
