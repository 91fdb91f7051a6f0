"""The scene: what a rule's trigger, and the time in which it is active, say of the tests of its condition.

A state test sees the contact right after the trigger, `was` right before it. At an absence or a moment both see the same, and the event
that was waited after stands before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from triggerlang.checking.logic import comparisons, filtering, measures, namesets, windows
from triggerlang.checking.logic.reasoning import Atom, Fact, Known, known
from triggerlang.checking.walking import happening
from triggerlang.language import printing, tree
from triggerlang.language.diagnostics import code_word

StateTest: TypeAlias = tree.ListTest | tree.TagTest | tree.FieldTest

_FULL_WEEK = (1 << 7) - 1
_MINUTES = 24 * 60
_FULL_DAY = (1 << _MINUTES) - 1

_STATES = {tree.ListTest: ("subscribe", "unsubscribe"), tree.TagTest: ("tag", "untag")}


@dataclass(frozen=True)
class Scene:
    """A rule's trigger and activity; None for a segment by itself, which is asked at any trigger."""

    rule: tree.Rule | None

    @cached_property
    def waits(self) -> bool:
        """Whether the trigger is an absence or a moment."""
        if self.rule is None or isinstance(self.rule.on, tree.Pattern):
            return False
        return not isinstance(self.rule.on, tree.Chain) or self.rule.on.without is not None

    @cached_property
    def event(self) -> tuple[tree.Single, ...]:
        """What the trigger matches, where it is an event at its own place; else nothing."""
        if self.rule is None or self.waits:
            return ()
        return filtering.freed(happening(self.rule.on).singles)

    @property
    def active(self) -> tree.Activity | None:
        return None if self.rule is None else self.rule.active

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What happened before the trigger, as it says itself."""
        return () if self.rule is None else tuple(_earlier(self.rule.on))

    def keeps(self, atom: StateTest) -> bool:
        """Whether the trigger surely leaves what a state test sees as it was."""
        if self.waits:
            return True
        return bool(self.event) and not any(_changes(single, atom) for single in self.event)

    def settled(self, atom: Atom) -> Known | None:
        """What the trigger, or the calendar, says of a test by itself."""
        match atom:
            case tree.WeekdayTest() if weekdays(atom) == _FULL_WEEK:
                return Known(True, atom, True, ())
            case tree.HistoryTest():
                return self._of_history(atom)
            case tree.ListTest() | tree.TagTest() | tree.FieldTest():
                return self._of_state(atom)
        return None

    def _of_history(self, atom: tree.HistoryTest) -> Known | None:
        if not isinstance(atom.measure, tree.Aggregate) and atom.measure.number == 0:
            held = measures.counts(atom.measure, True)
            if measures.covers(held, ((0, None),)):
                return Known(True, atom, True, ())
            if not held:
                return Known(False, atom, False, ())
        if windows.is_too_late(atom.window, self.active):
            answer = measures.on_nothing(atom.measure)
            active = self.active
            if answer is not None and active is not None:
                return Known(answer, atom, answer, (Fact(atom, answer, active.span, "the window begins when the rule is active no more"),))
        if self.rule is not None and self.counts_trigger(atom):
            over_nothing = measures.on_nothing(atom.measure)
            if isinstance(atom.measure, tree.Count):
                held = measures.counts(atom.measure, True)
                if measures.covers(held, ((1, None),)):
                    return Known(True, atom, True, (self._own(atom, True),))
                if held == ((0, 0),) and over_nothing:
                    return Known(False, atom, False, (self._own(atom, False),))
        return None

    def _own(self, atom: tree.HistoryTest, holds: bool) -> Fact:
        assert self.rule is not None
        return Fact(atom, holds, self.rule.on.span, "`so far` counts the event that starts the rule, too")

    def counts_trigger(self, atom: tree.HistoryTest) -> bool:
        """Whether a history test surely looks at the trigger itself."""
        if not self.event or not isinstance(atom.pattern, tree.Pattern):
            return False
        return windows.surely_looks_at_trigger(atom.window, self.active) and filtering.singles_within(self.event, atom.pattern.singles)

    def _of_state(self, atom: StateTest) -> Known | None:
        if atom.before or not self.event or self.rule is None:
            return None
        answers = {_after(single, atom) for single in self.event}
        answer = answers.pop()
        if answers or answer is None:
            return None
        return Known(answer, atom, answer, (Fact(atom, answer, self.rule.on.span, _AFTER, _was(atom)),))


_AFTER = "a state test sees the contact right after this event"


def _was(atom: StateTest) -> str:
    """How the state right before the trigger is asked for."""
    return f"{code_word(printing.condition(replace(atom, before=True)))} sees it right before"


def _changes(single: tree.Single, atom: StateTest) -> bool:
    """Whether an event that a single matches may change what a state test sees."""
    kind, names = single.occurrence.kind.kind, single.occurrence.names
    if isinstance(atom, tree.FieldTest):
        return kind == "field" and not namesets.apart(names, tree.NameIs(atom.name, span=atom.span))
    return kind in _STATES[type(atom)] and not namesets.apart(names, atom.names)


def _after(single: tree.Single, atom: StateTest) -> bool | None:
    """What a state test sees right after an event that a single matches, where that is known."""
    kind, names = single.occurrence.kind.kind, single.occurrence.names
    if isinstance(atom, tree.FieldTest):
        if kind != "field" or namesets.is_one(names) != atom.name.text:
            return None
        value = tree.PropertyTest(tree.Property("value", span=atom.span), atom.comparison, span=atom.span)
        found = known(filtering.FILTERS, value, filtering.facts_of(single))
        return None if found is None else found.holds
    gains, loses = _STATES[type(atom)]
    if kind == gains and namesets.within(names, atom.names):
        return True
    if kind == loses and namesets.is_one(names) is not None and namesets.is_one(names) == namesets.is_one(atom.names):
        return False
    return None


# What a trigger says of the time before it


def _earlier(on: tree.Trigger) -> Iterator[Fact]:
    match on:
        case tree.Chain(first, then, without):
            waited = 0 if without is None else without.within.microseconds
            left: int | None = waited
            patterns = [first, *(step.pattern for step in then)]
            if without is not None:
                yield _happened(patterns[-1], waited)
            for at in range(len(then) - 1, -1, -1):
                step = then[at].within
                left = None if left is None or step is None else left + step.microseconds
                yield _happened(patterns[at], left)
        case tree.After(duration, pattern):
            yield _happened(pattern, duration.microseconds)
        case tree.DateOf(_, dated):
            yield _happened(dated.pattern, None)


def _happened(pattern: tree.Pattern, within: int | None) -> Fact:
    span = pattern.span
    window: tree.Window = tree.Before(span=span)
    if within is not None:
        window = tree.Within(tree.Duration(within, within, "microseconds", span=span), False, span=span)
    freed = filtering.pattern_of(filtering.freed(pattern.singles), span)
    return Fact(tree.HistoryTest(freed, tree.Count(">=", 1, span=span), window, span=span), True, span, "the trigger already says this")


# Tests of the clock


def weekdays(test: tree.WeekdayTest) -> int:
    """The days as bits."""
    found = 0
    for day in test.days:
        found |= 1 << day
    return found


def minutes(test: tree.TimeTest) -> int:
    """The minutes of the day as bits."""
    start, end = (1 << test.start) - 1, (1 << test.end) - 1
    return end & ~start if test.start < test.end else _FULL_DAY & ~(start & ~end)


def _of_bits(one: int, is_met: bool, other: int, full: int) -> bool | None:
    """What lying in one set (or outside) says of lying in another."""
    first = one if is_met else full & ~one
    if first & ~other == 0:
        return True
    return False if first & other == 0 else None


class SceneLore:
    """What the tests of a condition say of one another in a scene, segments looked through."""

    def __init__(self, scene: Scene, segments: Mapping[str, tree.Condition]) -> None:
        self.scene = scene
        self.segments = segments
        self._answers: dict[tuple[int, bool, int], tuple[Atom, Atom, bool | None]] = {}
        self._settled: dict[int, tuple[Atom, Known | None]] = {}

    def settled(self, atom: Atom) -> Known | None:
        found = self._settled.get(id(atom))
        if found is None:
            found = self._settled[id(atom)] = (atom, self.scene.settled(atom))
        return found[1]

    def opened(self, atom: Atom) -> tree.Condition | None:
        return self.segments.get(atom.name.text) if isinstance(atom, tree.SegmentTest) else None

    def implies(self, fact: Fact, atom: Atom) -> bool | None:
        one = fact.atom
        if one.__class__ is not atom.__class__:
            return None
        key = (id(one), fact.holds, id(atom))
        found = self._answers.get(key)
        if found is None:
            # The tests are kept with the answer, so that no other has their ids.
            found = self._answers[key] = (one, atom, fact.holds if one == atom else self._answer(one, fact.holds, atom))
        return found[2]

    def _answer(self, one: Atom, holds: bool, other: Atom) -> bool | None:
        match one, other:
            case tree.HistoryTest(), tree.HistoryTest():
                return measures.answer(one, holds, other)
            case tree.ListTest(), tree.ListTest():
                return _held(one.names, holds, other.names) if self._sees_the_same(one, other) else None
            case tree.TagTest(), tree.TagTest():
                return _held(one.names, holds, other.names) if self._sees_the_same(one, other) else None
            case tree.FieldTest(), tree.FieldTest():
                if one.name != other.name or not self._sees_the_same(one, other):
                    return None
                return comparisons.answer(one.comparison, holds, other.comparison)
            case tree.WeekdayTest(), tree.WeekdayTest():
                return _of_bits(weekdays(one), holds, weekdays(other), _FULL_WEEK)
            case tree.TimeTest(), tree.TimeTest():
                return _of_bits(minutes(one), holds, minutes(other), _FULL_DAY)
        return None

    def _sees_the_same(self, one: StateTest, other: StateTest) -> bool:
        """Whether two state tests look at the same moment, or the trigger changes nothing between theirs."""
        return one.before == other.before or self.scene.keeps(other)


def _held(one: tree.Names, holds: bool, other: tree.Names) -> bool | None:
    """What a list that is held (or none) of some names means of other names."""
    fits = namesets.within(one, other) if holds else namesets.within(other, one)
    return holds if fits else None
