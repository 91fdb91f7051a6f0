"""What lints found in the rules of a file: what can be said by that alone, and what has to be put together with other files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.source import Span


class User(NamedTuple):
    """A rule that asks for a segment, by its name, and the place of its `on`."""

    rule: str
    place: Span


class AtUse(NamedTuple):
    """What was found of a part of a segment at one of its uses: the part's number in the condition, and the sort of finding."""

    part: int
    sort: str


class Meaning(NamedTuple):
    """A rule by its meaning: rules that mean the same have the same key."""

    key: str
    automation: str
    place: Span
    has_where: bool


class Swallowed(NamedTuple):
    """What is to be said of a rule that another of its automation takes in, unless some rule looks at the automation's entries."""

    automation: str
    rule: Span
    rival: Span
    problem: Diagnostic


@dataclass(frozen=True, slots=True)
class Looked:
    """What lints found in the rules of a file, or of several that share automations."""

    problems: tuple[Diagnostic, ...]
    """What is said whatever stands in other files."""
    meanings: tuple[Meaning, ...] = ()
    swallowed: tuple[Swallowed, ...] = ()
    entered: tuple[tuple[str, ...] | str | None, ...] = ()
    """The automations whose entries rules look at: names, a glob, or any."""
    other_kind: Span | None = None
    """Where a rule starts on another kind than `event`."""
    any_events: tuple[Span, ...] = ()
    """`any event`, once for each rule."""
    hidden: tuple[str, ...] = ()
    """Segments that are used in ways that nobody looked at."""
    kept_out: tuple[tuple[str, User], ...] = ()
    """Segments, settled by themselves, each with the first rule that it keeps from entering."""
    uses: tuple[tuple[str, int], ...] = ()
    """How many ways lead to a segment."""
    at_uses: tuple[tuple[str, AtUse, int, Diagnostic], ...] = ()
    """What was found of the parts of segments at these uses, how often, and how it is said."""
    counted: tuple[tuple[str, int, Diagnostic | None], ...] = ()
    """What is said of a segment's history test, by its number, at all triggers of these rules; None where it is not said at one."""
