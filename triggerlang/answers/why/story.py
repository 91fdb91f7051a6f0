"""The story: an answer in words, as items with items below them.

In: an answer. Out: a headline, a verdict, and sections; text and pages are made of it, so that both say the same. Texts are not yet safe to
show: who shows them does that. Long lists are cut, and what was left out is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from triggerlang.answers.reasons import wording
from triggerlang.answers.reasons.evidence import lack_text
from triggerlang.answers.reasons.matching import happened
from triggerlang.answers.reasons.reason import Evidence, Noticed, Reason
from triggerlang.answers.why.answering import Answer, OfRule, Suggestion, Told, Wait
from triggerlang.answers.why.changes import words
from triggerlang.engines.waiting import Derived
from triggerlang.events.record import Record
from triggerlang.language import printing
from triggerlang.language.diagnostics import quoted
from triggerlang.language.times import Zone

MOST_PARTS: Final = 20
"""How many parts of one condition are told."""
MOST_ITEMS: Final = 80
"""How many items are told of one trigger."""
MOST_RULES: Final = 5
"""Of how many rules without a trigger it is told what came nearest."""
MOST_BESIDE: Final = 2
"""The same where other rules had triggers."""
MOST_CHANGES: Final = 10
"""How many changes of one set are told."""
BULLET: Final = "• "

Style: TypeAlias = Literal["", "met", "unmet", "entered", "faint"]


@dataclass(frozen=True, slots=True)
class Item:
    """A line: what it says, whether a part of a rule was so (None where it is no part of one), how it looks, and what stands below it."""

    text: str
    mark: bool | None = None
    style: Style = ""
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """An answer in words. `timeline` has all triggers by time and whether the contact entered, `ends` its ends in words."""

    title: str
    verdict: str
    timeline: tuple[tuple[int, bool], ...]
    ends: tuple[str, str]
    sections: tuple[Item, ...]


def story(answer: Answer, zone: Zone) -> Story:
    """An answer in words; times are those of the zone."""
    return _Teller(zone).story(answer)


def count_text(number: int, one: str, many: str = "") -> str:
    """`1 trigger`, `2 triggers`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


class _Teller:
    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._room = MOST_ITEMS
        self._told: set[int] = set()

    def story(self, answer: Answer) -> Story:
        question = answer.question
        asked = question.automation if question.number is None else f"{question.automation}#{question.number}"
        triggers = answer.triggers
        ends = (self._time(triggers[0][0]), self._time(triggers[-1][0])) if triggers else ("", "")
        sections = [self._trigger(told, len(answer.rules) > 1) for told in answer.told]
        sections += self._more(answer)
        sections += self._nevers(answer.rules, MOST_RULES if not answer.told else MOST_BESIDE)
        sections += [item for rule in answer.rules for item in self._waits(rule)]
        title = f"contact {quoted(question.contact)}, automation {quoted(asked)}"
        return Story(title, self._verdict(answer), tuple(triggers), ends, tuple(sections))

    def _time(self, moment: int) -> str:
        return wording.moment_text(moment, self._zone)

    def _verdict(self, answer: Answer) -> str:
        entries, triggers = answer.entries, answer.triggers
        if not answer.events:
            return "it has no event in this log"
        if not triggers:
            return f"did not enter: no trigger among its {count_text(answer.events, 'event')}"
        often = "once" if len(triggers) == 1 else f"{len(triggers):,} times"
        if not entries:
            return f"did not enter: its trigger happened {often}"
        when = self._time(entries[-1])
        entered = f"entered on {when}" if len(entries) == 1 else f"entered {len(entries):,} times, last on {when}"
        return entered if len(triggers) == len(entries) == 1 else f"{entered}; its trigger happened {often}"

    def _more(self, answer: Answer) -> Iterator[Item]:
        """How many triggers of the time that was asked for are not told."""
        at = answer.question.at
        if at is not None:
            more = sum(at[0] <= time < at[1] for time, _ in answer.triggers) - len(answer.told)
            if more > 0:
                yield Item(f"and {count_text(more, 'more trigger')} then", style="faint")

    # Triggers

    def _trigger(self, told: Told, is_named: bool) -> Item:
        self._room, self._told = MOST_ITEMS, set()
        trigger = told.asked.trigger
        outcome = "entered" if told.entered else "did not enter"
        rule = f", {told.item.name}, {told.item.source}" if is_named else f", {told.item.source}"
        items = [Item(f"{wording.cut(step.text)}: {step.found}", True, "met") for step in told.reason.parts[0].parts[-MOST_PARTS:]]
        items += [item for part in told.reason.parts[1:] for item in self._whole(part)]
        items += self._suggestions(told.suggestions, "would have entered if")
        text = f"{self._time(trigger.time)} {outcome}: {self._what(trigger)}{rule}"
        return Item(text, told.entered, "entered" if told.entered else "unmet", tuple(items))

    def _suggestions(self, suggestions: Sequence[Suggestion], head: str) -> Iterator[Item]:
        """The sets of changes, each on a line of its own, or on several below each other."""
        if not suggestions:
            return
        items = []
        for suggestion in suggestions:
            told = words(suggestion.changes, self._zone)
            more = (Item(f"and {len(told) - MOST_CHANGES:,} more changes", style="faint"),) if len(told) > MOST_CHANGES else ()
            items.append(Item(f"{BULLET}{told[0]}", items=(*(Item(f"and {text}") for text in told[1:MOST_CHANGES]), *more)))
        yield Item(head, items=tuple(items))

    def _what(self, trigger: Record) -> str:
        """What a trigger is; an absence or a moment by the event that it waits after."""
        if not isinstance(trigger, Derived):
            return happened(trigger)
        passed = trigger.time - trigger.event.time
        return f"{wording.length_text(passed)} after {happened(trigger.event)} of {self._time(trigger.event.time)}"

    def _whole(self, reason: Reason) -> Iterator[Item]:
        """A condition by its parts where all of them are asked for, else as it is."""
        yield from self._parts(reason) if reason.kind == "all" and reason.asked else self._part(reason)

    def _part(self, reason: Reason) -> Iterator[Item]:
        """A part of a rule and, unless it is as it should be, what it is made of, as long as there is room."""
        if self._room <= 0:
            return
        self._room -= 1
        style: Style = "met" if reason.is_met else "unmet"
        inner = reason
        while inner.kind == "not" and inner.parts[0].kind not in ("all", "any"):
            inner = inner.parts[0]
        text = wording.cut(reason.text)
        if reason.is_met:
            found = f": {inner.found}" if inner.kind == "test" and inner is reason and _says_more(text, inner.found) else ""
            yield Item(text + found, reason.holds, style)
        elif inner.kind in ("all", "any", "not"):
            shown = text if inner is not reason or inner.kind == "not" else "all of these" if inner.kind == "all" else "one of these"
            yield Item(shown, reason.holds, style, tuple(self._parts(inner)))
        elif inner.kind == "segment":
            yield self._segment(reason, inner, style)
        elif inner.kind == "test":
            yield Item(text, reason.holds, style, tuple(self._test(inner)))
        else:
            yield Item(text, reason.holds, style, tuple(self._clause(inner)))

    def _parts(self, reason: Reason) -> Iterator[Item]:
        """The parts in the order of writing; of too many, those that are not as they should be come first."""
        parts: Sequence[Reason] = reason.parts
        if len(parts) > MOST_PARTS:
            parts = sorted(parts, key=lambda part: part.is_met)[:MOST_PARTS]
        for part in parts:
            yield from self._part(part)
        if len(reason.parts) > len(parts):
            yield Item(f"and {len(reason.parts) - len(parts):,} more", style="faint")

    def _segment(self, reason: Reason, segment: Reason, style: Style) -> Item:
        text, condition = wording.cut(reason.text), segment.parts[0]
        place = f"{condition.span.path}:{condition.span.line}"
        if id(condition) in self._told:
            return Item(f"{text}: see above", reason.holds, style)
        self._told.add(id(condition))
        return Item(f"{text}, {place}", reason.holds, style, tuple(self._whole(condition)))

    def _clause(self, reason: Reason) -> Iterator[Item]:
        """What was found of a clause that is no condition: when the rule is active, and how often it runs."""
        if reason.is_met or not reason.found:
            return
        if reason.kind in ("runs", "header") and "entr" in reason.found:
            yield Item(f"entered already: {reason.found}")
        else:
            yield Item(f"{reason.found}, needs {reason.wanted}" if reason.wanted else reason.found)

    def _test(self, reason: Reason) -> Iterator[Item]:
        """What a test found and needs, and the events that speak for that."""
        if reason.found:
            words = f"{reason.found}, needs {reason.wanted}" if reason.wanted else reason.found
            yield Item(f"{words}: {lack_text(reason.lack)}" if reason.lack is not None else words)
        for step in reason.parts:
            yield from self._near(step)
        if reason.evidence is not None:
            yield from self._evidence(reason.evidence)

    def _evidence(self, evidence: Evidence) -> Iterator[Item]:
        more = evidence.counted_of - len(evidence.counted)
        if more > 0:
            yield Item(f"and {more:,} more counted before these", style="faint")
        for each in evidence.counted:
            yield self._event("counted", each)
        for each in evidence.missed:
            yield self._event("missed", each)
        more = evidence.missed_of - len(evidence.missed)
        if more > 0:
            yield Item(f"and {more:,} more that missed", style="faint")

    def _event(self, word: str, noticed: Noticed) -> Item:
        held = f", {noticed.held}" if noticed.held else ""
        why = f": {noticed.why}" if noticed.why else ""
        return Item(f"{word} {self._time(noticed.event.time)} {happened(noticed.event)}{held}{why}", style="faint")

    # What never happened, and what waits

    def _nevers(self, rules: Sequence[OfRule], most: int) -> Iterator[Item]:
        """The rules without a trigger, those first to which something came near."""
        nevers = sorted((rule for rule in rules if rule.never is not None), key=lambda rule: not (rule.never and rule.never.parts))
        for rule in nevers[:most]:
            self._room, self._told = MOST_ITEMS, set()
            assert rule.never is not None
            parts = [item for part in rule.never.parts for item in self._near(part)]
            found = (Item(rule.never.found),) if rule.never.found else ()
            head = "no trigger" if not rule.triggers else "no trigger then"
            items = (*found, *parts, *self._suggestions(rule.suggestions, "would have entered if"))
            yield Item(f"{head}: {wording.cut(rule.never.text)}, {rule.item.name}, {rule.item.source}", False, "unmet", items)
        without = max(len(nevers), sum(not rule.triggers for rule in rules))
        if without > most and nevers:
            yield Item(f"and {count_text(without - min(most, len(nevers)), 'more rule')} without a trigger", style="faint")

    def _near(self, reason: Reason) -> Iterator[Item]:
        """A filter or a step that came near, with what was found."""
        if self._room <= 0:
            return
        self._room -= 1
        words = f"{reason.found}, needs {reason.wanted}" if reason.wanted else reason.found
        items = [Item(words)] if words else []
        items += [item for part in reason.parts for item in self._near(part)]
        yield Item(wording.cut(reason.text), reason.holds, "met" if reason.is_met else "unmet", tuple(items))

    def _waits(self, rule: OfRule) -> Iterator[Item]:
        if not rule.waits:
            return
        items = [Item(self._wait(wait), style="" if wait.breaks is None else "faint") for wait in rule.waits]
        if rule.waits_of > len(rule.waits):
            items.append(Item(f"and {rule.waits_of - len(rule.waits):,} more", style="faint"))
        yield Item(f"what waits: {wording.cut('on ' + printing.trigger(rule.item.rule.on))}, {rule.item.source}", items=tuple(items))

    def _wait(self, wait: Wait) -> str:
        after = f"after {happened(wait.event)} of {self._time(wait.event.time)}"
        if wait.breaks is None:
            return f"due on {self._time(wait.due)}, {after}"
        broken = f"{happened(wait.breaks)} of {self._time(wait.breaks.time)} came before"
        return f"would have come on {self._time(wait.due)}, {after}, but {broken}"


def _says_more(text: str, found: str) -> bool:
    """Whether what was found says more than a test that was met says itself."""
    names = re.findall(r'"[^"]*"', found)
    return bool(found) and not (names and all(name in text for name in names))
