"""Matching: whether a pattern matches an event, and why not, filter by filter.

In: a pattern as it is written, an event, and perhaps the trigger that it is compared with. Out: reasons. What a filter says of an event is
asked of the functions that the interpreter is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from triggerlang.answers.reasons import wording
from triggerlang.answers.reasons.reason import Kind, Reason
from triggerlang.engines.filters import pair_filter
from triggerlang.events.record import Record
from triggerlang.language import printing, tree
from triggerlang.language.diagnostics import quoted
from triggerlang.language.times import Zone
from triggerlang.language.vocabulary import BY_KIND
from triggerlang.network.compiler import name_node, same_as_trigger
from triggerlang.network.index import name_test

MOST_EVENTS: Final = 200
"""Among how many events the nearest is looked for, the latest ones."""


class _Single(NamedTuple):
    """What a single asks of an event: its kind and name, and its filters, as they are written and as functions."""

    fits: Callable[[Record], bool]
    filters: Sequence[tree.Filter]
    tests: Sequence[Callable[[Record], bool]]


class Matching:
    """Patterns beside events. Without a trigger, `same P` is left out: what it compares with is the chain's to say."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone

    def those(self, pattern: tree.Pattern, events: Iterable[Record], trigger: Record | None = None, *, same: bool = True) -> list[Record]:
        """The events that a pattern matches; without `same`, whatever `same P` asks."""
        singles = [self._single(single, trigger, same) for single in pattern.singles]
        return [event for event in events if any(own.fits(event) and all(test(event) for test in own.tests) for own in singles)]

    def meets(self, test: tree.Filter, event: Record, trigger: Record | None) -> bool:
        """Whether an event meets a filter."""
        return self._test(test, trigger)(event)

    def near(
        self, pattern: tree.Pattern, events: Sequence[Record], trigger: Record | None = None, *, same: bool = True
    ) -> tuple[Record | None, tuple[Reason, ...]]:
        """Of the events whose kind and name fit and that a filter keeps out, the last of those that meet most filters; and its filters."""
        best: tuple[int, Record, _Single] | None = None
        singles = [self._single(single, trigger, same) for single in pattern.singles]
        for event in events[-MOST_EVENTS:]:
            for own in singles:
                if own.fits(event):
                    met = sum(test(event) for test in own.tests)
                    if met < len(own.tests) and (best is None or met >= best[0]):
                        best = met, event, own
        if best is None:
            return None, ()
        _, event, own = best
        return event, tuple(self._filter(test, event, trigger) for test in own.filters)

    def kept_out(
        self, pattern: tree.Pattern, events: Sequence[Record], trigger: Record | None, most: int
    ) -> list[tuple[Record, tuple[Reason, ...]]]:
        """The last events whose kind and name fit and that a filter keeps out, in order, each with the filters of the single that is
        nearest to it."""
        singles = [self._single(single, trigger) for single in pattern.singles]
        found: list[tuple[Record, tuple[Reason, ...]]] = []
        for event in reversed(events[-MOST_EVENTS:]):
            own = [(sum(test(event) for test in single.tests), single) for single in singles if single.fits(event)]
            if own and event is not trigger and all(met < len(single.tests) for met, single in own):
                _, single = max(own, key=lambda pair: pair[0] - len(pair[1].tests))
                found.append((event, tuple(self._filter(test, event, trigger) for test in single.filters)))
                if len(found) == most:
                    break
        return found[::-1]

    def measured(self, test: tree.HistoryTest, events: Sequence[Record], trigger: Record) -> tuple[str, tuple[Reason, ...]]:
        """What is near where a measure found nothing in its window: the last event outside it, or one that a filter kept out."""
        if not isinstance(test.pattern, tree.Pattern):
            return "", ()
        earlier = [event for event in events if event is not trigger]
        matching = self.those(test.pattern, earlier, trigger)
        if matching:
            return f", the last event was at {self.time(matching[-1])}", ()
        near, parts = self.near(test.pattern, earlier, trigger)
        return ("", ()) if near is None else (f", {happened(near)} at {self.time(near)} did not fit", parts)

    def time(self, event: Record) -> str:
        """An event's time, in the project's zone."""
        return wording.moment_text(event.time, self._zone)

    def _single(self, single: tree.Single, trigger: Record | None, same: bool = True) -> _Single:
        kind, is_named = single.occurrence.kind.kind, name_test(name_node(single.occurrence.names))
        filters = [test for test in single.filters if (same and trigger is not None) or not isinstance(test, tree.Same)]
        return _Single(lambda event: event.kind == kind and is_named(event.name), filters, [self._test(test, trigger) for test in filters])

    def _test(self, test: tree.Filter, trigger: Record | None) -> Callable[[Record], bool]:
        meets = pair_filter(same_as_trigger(test) if isinstance(test, tree.Same) else test, self._zone)
        return lambda event: meets(event, trigger or event)

    def _filter(self, node: tree.Filter, event: Record, trigger: Record | None, asked: bool = True) -> Reason:
        """A filter beside an event, part by part."""
        holds = self._test(node, trigger)(event)
        if isinstance(node, tree.Same):
            path = node.property.path
            wanted = f"{wording.held_of(trigger or event, path)}, as at the trigger"
            return Reason("filter", printing.same(node), node.span, holds, asked, f"it was {wording.held_of(event, path)}", wanted)
        text, span = printing.condition(node), node.span
        match node:
            case tree.And(parts) | tree.Or(parts):
                kind: Kind = "all" if isinstance(node, tree.And) else "any"
                return Reason(kind, text, span, holds, asked, parts=tuple(self._filter(part, event, trigger, asked) for part in parts))
            case tree.Not(part):
                return Reason("not", text, span, holds, asked, parts=(self._filter(part, event, trigger, not asked),))
            case tree.PropertyTest(wanted_property, comparison):
                looks_at_trigger = isinstance(comparison, tree.CompareProperty) and comparison.side == "trigger"
                other = trigger if looks_at_trigger and trigger is not None else event
                found = f"it was {wording.held_of(event, wanted_property.path)}"
                return Reason("filter", text, span, holds, asked, found, wording.wanted(comparison, other, self._zone, asked=asked))
        raise AssertionError("a filter holds comparisons only")


def happened(event: Record) -> str:
    """`subscribes list "News"`: what an event is."""
    kind = BY_KIND.get(event.kind)
    return f"{kind.phrase if kind else event.kind} {quoted(event.name)}"
