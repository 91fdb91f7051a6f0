"""The tree of reasons: a node for each part of what a rule asks, and the parts of it that stood in the way.

A node tells whether its part was so, what was found, and what there should have been. Nodes may be shared, as segments are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from triggerlang.events.record import Record
from triggerlang.language.source import Span
from triggerlang.language.tree import Operator

Kind: TypeAlias = Literal[
    "automation", "rule", "trigger", "step", "filter", "active", "all", "any", "not", "segment", "test", "runs", "header"
]


Measured: TypeAlias = Literal["count", "sum", "distinct", "average"]


@dataclass(frozen=True, slots=True)
class Noticed:
    """An event beside a test: `why` it did not count, empty where it did, and what it `held` of what was measured."""

    event: Record
    why: str = ""
    held: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The events that counted and those that just missed, the last or nearest of them; and how many there are of each."""

    counted: tuple[Noticed, ...] = ()
    counted_of: int = 0
    missed: tuple[Noticed, ...] = ()
    missed_of: int = 0


@dataclass(frozen=True, slots=True)
class Lack:
    """How much is missing to what a measure has to be, negative where it is too much.

    `amount` is a number of events, for `distinct` of texts; for `sum` a scaled number, and for `average` the scaled number that one event
    more would have to have, by `sign`. `beyond` tells that it has to be more than that, or less, by however little.
    """

    measure: Measured
    amount: int
    beyond: bool
    sign: Operator


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of what a rule asks.

    `text` is the part as the language writes it, `span` where it stands. `asked` is false where it stands below a `not`: then the rule asks
    that it does not hold. `found` and `wanted` are words, empty where `text` says it all. The parts of a segment's test are its condition.
    `lack` and `evidence` are there for who asked for them.
    """

    kind: Kind
    text: str
    span: Span
    holds: bool
    asked: bool = True
    found: str = ""
    wanted: str = ""
    parts: tuple[Reason, ...] = ()
    lack: Lack | None = None
    evidence: Evidence | None = None

    @property
    def is_met(self) -> bool:
        """Whether this part is as the rule asks."""
        return self.holds == self.asked

    @property
    def needs_all(self) -> bool:
        """Whether this part is met only if all of its parts are; else one is enough."""
        return self.kind not in ("any", "automation") if self.asked else self.kind != "all"


def told(rules: Sequence[Reason]) -> Sequence[Reason]:
    """Of the rules of an automation, those that came near to an entry; all of them where none did."""
    near = [reason for reason in rules if reason.holds or any(part.parts or part.holds for part in reason.parts)]
    return near or rules


def deciding(reason: Reason, depth: int = 0) -> Iterator[tuple[int, Reason]]:
    """What stood in the way, and how deep it lies: the first part that is not met, as far down as one part alone decides.

    A segment on the way is told before what decides in it. Where one of several parts would have been enough, all of them are told, one
    deeper. Parts of segments may be told many times over: take no more than there is room for.
    """
    while not reason.is_met:
        unmet = [part for part in reason.parts if not part.is_met]
        if not unmet:
            yield depth, reason
            return
        if not reason.needs_all:
            yield depth, reason
            for part in unmet:
                yield from deciding(part, depth + 1)
            return
        if reason.kind == "segment" or reason.found:
            yield depth, reason
            depth += 1
        # What stands below a `not` is told with it, but for several parts, which are told each by itself.
        is_one = reason.kind == "not" and unmet[0].kind not in ("all", "any")
        reason = replace(unmet[0], text=reason.text, span=reason.span) if is_one else unmet[0]
