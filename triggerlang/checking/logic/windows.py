"""Windows: whether one lies within another at any trigger, whether it holds the trigger itself, and whether it comes too late.

Bounds are compared in whole days or moments; where only the project's time zone could tell, the answer is no.
"""

from __future__ import annotations

from triggerlang.checking.logic import filtering
from triggerlang.language import tree
from triggerlang.language.times import DAY, SECOND


def within(one: tree.Window, other: tree.Window) -> bool:
    """Whether whatever the first window looks at, the second surely looks at too; both at the same trigger."""
    if isinstance(other, tree.SoFar):
        return True
    if isinstance(other, tree.Before):
        return not looks_at_trigger(one)
    if one == other:
        return True
    if looks_at_trigger(one) and not looks_at_trigger(other):
        return False
    match one, other:
        case tree.Within(first), tree.Within(second):
            return first.microseconds <= second.microseconds
        case (tree.Since(start) | tree.Between(start), tree.Since(second)):
            return not_before(start, second)
        case tree.Between(start, end), tree.Between(second, last):
            return not_before(start, second) and not_after(end, last)
        case tree.SinceLast(first_pattern), tree.SinceLast(second_pattern):
            # The more events there are to begin after, the later it begins.
            return filtering.singles_within(second_pattern.singles, first_pattern.singles)
    return False


def looks_at_trigger(window: tree.Window) -> bool:
    """Whether a window may look at the trigger itself."""
    match window:
        case tree.SoFar():
            return True
        case tree.Within(_, so_far) | tree.Since(_, so_far) | tree.SinceLast(_, so_far):
            return so_far
    return False


def surely_looks_at_trigger(window: tree.Window, active: tree.Activity | None) -> bool:
    """Whether a window looks at the trigger itself whenever that comes, within the time in which the rule is active."""
    if isinstance(window, tree.Since):
        return window.so_far and active is not None and active.start is not None and not_before(active.start, window.start)
    return looks_at_trigger(window)


def is_too_late(window: tree.Window, active: tree.Activity | None) -> bool:
    """Whether a window surely begins when a rule is active no more."""
    if active is None or active.end is None or not isinstance(window, tree.Since | tree.Between):
        return False
    return _latest(active.end, is_end=True) <= _earliest(window.start) or _same_clock(active.end, window.start)


def not_before(one: tree.Moment, other: tree.Moment) -> bool:
    """Whether one beginning surely does not lie before another."""
    return one == other or _in_order(other, one) or _latest(other) <= _earliest(one)


def not_after(one: tree.Moment, other: tree.Moment) -> bool:
    """Whether one end surely does not lie after another; a plain date's whole day is taken in."""
    return one == other or _in_order(one, other) or _latest(one, is_end=True) <= _earliest(other, is_end=True)


def _in_order(one: tree.Moment, other: tree.Moment) -> bool:
    """Whether both are plain dates in order: midnights of one zone keep theirs."""
    return isinstance(one, tree.Date) and isinstance(other, tree.Date) and one.day <= other.day


def _same_clock(end: tree.Moment, start: tree.Moment) -> bool:
    """Whether the end is the very beginning, or the midnights of plain dates are in order."""
    if isinstance(end, tree.Date):
        return isinstance(start, tree.Date) and end.day < start.day
    return end == start


def _earliest(moment: tree.Moment, *, is_end: bool = False) -> int:
    clock, slack = _clock(moment, is_end)
    return clock - slack


def _latest(moment: tree.Moment, *, is_end: bool = False) -> int:
    clock, slack = _clock(moment, is_end)
    return clock + slack


def _clock(moment: tree.Moment, is_end: bool) -> tuple[int, int]:
    """A moment, and how far the project's time zone may move it."""
    if isinstance(moment, tree.Date):
        return (moment.day + is_end) * DAY, DAY
    return (moment.clock, DAY) if moment.offset is None else (moment.clock - moment.offset * SECOND, 0)
