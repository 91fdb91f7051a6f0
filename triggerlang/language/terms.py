"""Terms: the small parts of the syntax tree: literals, names, and comparisons. `tree` has them all, and says what holds for every node."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOfWords, TypeAlias

from triggerlang.language.source import Span

Operator: TypeAlias = OneOfWords["=", "!=", "<", "<=", ">", ">="]
Side: TypeAlias = OneOfWords["its", "trigger"]
TextOperator: TypeAlias = OneOfWords["contains", "starts with", "ends with"]


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a rule file and its place."""

    span: Span = field(compare=False, repr=False, kw_only=True)


# Literals


@dataclass(frozen=True, slots=True)
class Text(Node):
    """`"News"`: a string, its escapes resolved."""

    text: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """`1_000` or `-1.5`: the number times 10^9, and its spelling."""

    scaled: int
    written: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Date(Node):
    """`2026-01-31`: a whole day of the project's time zone, as days since 1970-01-01."""

    day: int


@dataclass(frozen=True, slots=True)
class DateTime(Node):
    """`2026-01-31 09:00`, `2026-01-31T09:00:00.5Z`: microseconds on the clock, and the offset from UTC in seconds if one is written."""

    clock: int
    offset: int | None


Moment: TypeAlias = Date | DateTime
Literal: TypeAlias = Text | Number | Boolean | Date | DateTime


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """`30 days`, in microseconds."""

    microseconds: int
    amount: int = field(compare=False)
    unit: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Property(Node):
    """`plan`, `shipping.country` or `"odd key"`: a property by its key or dotted path."""

    path: str


# Names


@dataclass(frozen=True, slots=True)
class NameIs(Node):
    """`"News"`."""

    name: Text


@dataclass(frozen=True, slots=True)
class NameIn(Node):
    """`in ("News", "Offers")`."""

    names: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class NameLike(Node):
    """`like "/pricing*"`."""

    glob: Text


Names: TypeAlias = NameIs | NameIn | NameLike


# Comparisons


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`>= 500`, `= "pro" ignoring case`."""

    operator: Operator
    literal: Literal
    ignoring_case: bool = False


@dataclass(frozen=True, slots=True)
class CompareProperty(Node):
    """`= its total`, `> trigger amount`."""

    operator: Operator
    side: Side
    property: Property


@dataclass(frozen=True, slots=True)
class TextMatch(Node):
    """`contains "x"`, `starts with "x"`, `ends with "x" ignoring case`."""

    operator: TextOperator
    text: Text
    ignoring_case: bool = False


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """`in ("a", "b")`."""

    literals: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Blank(Node):
    """`is blank`, `is not blank`."""

    negated: bool


Comparison: TypeAlias = Compare | CompareProperty | TextMatch | OneOf | Blank
