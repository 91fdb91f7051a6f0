"""Ways: by which events a contact came through a chain.

In: a chain as it is written, the contact's events, and the one that its last step is. Out: an event for each step, the latest that fit;
None where none of the events that are looked at make a way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from triggerlang.answers.reasons.matching import Matching
from triggerlang.engines.filters import getter
from triggerlang.events.record import Record
from triggerlang.language import tree, values

MOST_EVENTS: Final = 200
"""Through how many events that any step matches a way is looked for, the last ones."""


def way(matching: Matching, chain: tree.Chain, events: Sequence[Record], last: Record, trigger: Record | None) -> list[Record] | None:
    """An event for each step of a chain, in order, up to the last one; `trigger` is what the steps may compare with."""
    patterns = [chain.first, *(step.pattern for step in chain.then)]
    if len(patterns) == 1:
        return [last]
    until = events[: next((at for at, event in enumerate(events) if event is last), -1) + 1]
    fitting = [{id(event) for event in matching.those(pattern, until, trigger, same=not number)} for number, pattern in enumerate(patterns)]
    relevant = [event for event in until if any(id(event) in own for own in fitting)][-MOST_EVENTS:]
    # Of each first event and each event that a step was reached at by it: the way there.
    ways = {(id(event), at): [event] for at, event in enumerate(relevant) if id(event) in fitting[0]}
    for number, step in enumerate(chain.then, 1):
        further: dict[tuple[int, int], list[Record]] = {}
        for at, event in enumerate(relevant):
            if id(event) not in fitting[number]:
                continue
            for (first, before), path in ways.items():
                is_near = step.within is None or event.time - path[-1].time <= step.within.microseconds
                if before < at and is_near and _is_same(matching, step.pattern, event, path[0], trigger):
                    further[first, at] = [*path, event]
        ways = further
    found = [path for path in ways.values() if path[-1] is last]
    return max(found, key=lambda path: [event.time for event in path]) if found else None


def _is_same(matching: Matching, pattern: tree.Pattern, event: Record, first: Record, trigger: Record | None) -> bool:
    """Whether an event meets a step's pattern beside the first event of its chain."""
    for single in pattern.singles:
        paths = [test.property.path for test in single.filters if isinstance(test, tree.Same)]
        alone = tree.Pattern((single,), span=single.span)
        if matching.those(alone, [event], trigger, same=False) and all(_share(event, first, path) for path in paths):
            return True
    return False


def _share(event: Record, first: Record, path: str) -> bool:
    text = values.text(getter(path)(event))
    return text is not None and text == values.text(getter(path)(first))
