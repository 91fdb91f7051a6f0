"""Test blocks: the part of the syntax tree that section 7 of the reference is about. `tree` has it all."""

from __future__ import annotations

from dataclasses import dataclass

from triggerlang.language.terms import Literal, Moment, Node, Property, Text
from triggerlang.language.vocabulary import Kind


@dataclass(frozen=True, slots=True)
class GivenProperty(Node):
    """`seats = 12` in a given line."""

    property: Property
    literal: Literal


@dataclass(frozen=True, slots=True)
class Given(Node):
    """`2026-01-02 10:00 "ben" event "signup" with value = "pro", seats = 12`: an event of a test's own log."""

    moment: Moment
    contact: Text
    kind: Kind
    name: Text
    properties: tuple[GivenProperty, ...]


@dataclass(frozen=True, slots=True)
class ExpectedEntry(Node):
    """`2026-01-02 10:05 "ben"` below an `expect`."""

    moment: Moment
    contact: Text


@dataclass(frozen=True, slots=True)
class Expected(Node):
    """`expect automation "Welcome series"` and its entries; none where `nothing` is written."""

    automation: Text
    entries: tuple[ExpectedEntry, ...]


@dataclass(frozen=True, slots=True)
class TestBlock(Node):
    """`test "the signup comes first" given ... expect automation "Welcome series" ...`."""

    name: Text
    given: tuple[Given, ...]
    expected: tuple[Expected, ...]
