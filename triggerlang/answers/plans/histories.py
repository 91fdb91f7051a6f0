"""Histories: a few events that tell two rules apart.

In: an old rule and the new one that it became. Out: a test block in the layout of rule files that holds under the new rules and fails
under the old ones; or nothing, where none was found within the bounds of the search.

What is tried is put together out of the ingredients of both rules. The interpreter runs both over each history; of the first that tells
them apart, whatever is not needed is taken out again, and the block is held against both projects before it is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from triggerlang.answers.blocks.running import Runner
from triggerlang.answers.plans.ingredients import CONTACT, Ingredients, ingredients
from triggerlang.answers.plans.pairing import AutomationPair, Pairing, RulePair
from triggerlang.checking.ruleset import ProjectRule
from triggerlang.engines.entry import Entry
from triggerlang.engines.interpreter import Interpreter
from triggerlang.events.errors import LogError
from triggerlang.events.record import Record
from triggerlang.language import numbers, printing, times, tree, values
from triggerlang.language.formatting import formatted
from triggerlang.language.parser import parse
from triggerlang.language.source import Source
from triggerlang.language.times import Zone
from triggerlang.language.vocabulary import BY_KIND
from triggerlang.network.needed import needed

MOST_TRIED: Final = 2_000
"""How many histories are tried for a rule."""
MOST_RULES: Final = 50
"""For how many rules histories are looked for."""
MOST_EVENTS: Final = 5
SHIFTS: Final = (0, 0, -times.UNITS["seconds"], times.UNITS["seconds"])


@dataclass(frozen=True, slots=True)
class History:
    """A test block that holds under the new rules and fails under the old; its text is empty where none was found."""

    text: str
    holds_under: Literal["new"] = "new"

    def intro(self) -> str:
        """What it is, in a sentence."""
        if not self.text:
            return "no short history was found that tells both apart"
        return f"this tells both apart: a test that holds under the {self.holds_under} rules and fails under the old"

    def lines(self) -> list[str]:
        """The sentence and the block, for people."""
        return [self.intro() + (":" if self.text else ""), *(f"  {line}" for line in self.text.splitlines())]


class Histories:
    """Looks for histories that tell old and new rules apart."""

    def __init__(self, pairing: Pairing, zone: Zone) -> None:
        self._pairing, self._zone = pairing, zone
        self._left = MOST_RULES

    def of(self, automation: AutomationPair, pair: RulePair) -> History | None:
        """A history for a rule that has changed, or whose automation's header has; None for another, or where enough were looked for."""
        if automation.old is None or automation.new is None or pair.old is None or pair.new is None or not self._left:
            return None
        is_first = pair is automation.rules[0]
        if pair.is_same and (automation.has_same_header or not is_first or not all(rule.is_same for rule in automation.rules)):
            return None
        self._left -= 1
        old, new = self._pairing.old.rules[pair.old], self._pairing.new.rules[pair.new]
        search = _Search(self._pairing, self._zone, old, new, is_header=pair.is_same)
        return History(search.block())


class _Search:
    def __init__(self, pairing: Pairing, zone: Zone, old: ProjectRule, new: ProjectRule, *, is_header: bool) -> None:
        self._pairing, self._zone, self._old, self._new, self._is_header = pairing, zone, old, new, is_header
        self._sides = [
            (Interpreter(needed(rules, [item.automation]), timezone=zone.name), item)
            for rules, item in ((pairing.old, old), (pairing.new, new))
        ]

    def block(self) -> str:
        """The block of the first history that tells both apart; empty where there is none."""
        made = ingredients(self._pairing, self._old, self._new, self._zone)
        if not made.triggers:
            return ""
        chance = Random(0)
        for tried in range(MOST_TRIED):
            # Round times are easier to read: those a second off are tried last.
            events = _history(made, chance, shifts=(0,) if 2 * tried < MOST_TRIED else SHIFTS)
            if self._tells_apart(events):
                text = self._written(self._shortened(events))
                if text:
                    return text
        return ""

    def _tells_apart(self, events: Sequence[Record]) -> bool:
        (old, of_old), (new, of_new) = [self._entries(*side, events) for side in self._sides]
        return old != new and (self._is_header or of_old != of_new)

    def _entries(self, engine: Interpreter, item: ProjectRule, events: Sequence[Record]) -> tuple[list[int], list[int]]:
        """When there are entries of the automation, and of the rule."""
        engine.forget()
        try:
            entries = [entry for event in events for entry in engine.feed_record(event)] + engine.settle()
        except LogError:
            return [], []
        own = [entry for entry in entries if entry.automation == item.automation]
        return _moments(own), _moments([entry for entry in own if entry.rule == item.name])

    def _shortened(self, events: list[Record]) -> list[Record]:
        """The same without what is not needed."""
        at = 0
        while at < len(events):
            fewer = events[:at] + events[at + 1 :]
            if self._tells_apart(fewer):
                events = fewer
            else:
                at += 1
        return events

    def _written(self, events: list[Record]) -> str:
        """The block, if both projects are as it says."""
        name, zone = self._new.automation, self._zone
        entries, _ = self._entries(*self._sides[1], events)
        given = "\n".join(_given(event, zone) for event in events)
        expected = "\n".join(f"{_time(moment, zone)} {printing.string(CONTACT)}" for moment in entries) or "nothing"
        title = printing.string(f"{self._new.name}, as it is now")
        text = formatted(Source("history", f"test {title}\ngiven\n{given}\nexpect automation {printing.string(name)}\n{expected}\n")).text
        if text is None:
            return ""
        block = parse(Source("history", text)).file.statements[0]
        if not isinstance(block, tree.TestBlock):
            return ""
        holds = [Runner(needed(rules, [name]), zone.name).run(block).holds for rules in (self._pairing.old, self._pairing.new)]
        return text if holds == [False, True] else ""


def _history(made: Ingredients, chance: Random, shifts: Sequence[int]) -> list[Record]:
    """Some events that end with a trigger, the others perhaps moved by a little."""
    end = chance.choice(made.times)
    events = [chance.choice(made.triggers)._replace(time=end)]
    for _ in range(chance.randrange(MOST_EVENTS)):
        some = made.triggers if chance.randrange(3) == 0 else made.events
        time = end - chance.choice(made.lengths) + chance.choice(shifts)
        if some:
            events.append(chance.choice(some)._replace(time=time))
    events.sort(key=lambda event: event.time)
    return [event._replace(row=row) for row, event in enumerate(events, 1)]


def _moments(entries: Sequence[Entry]) -> list[int]:
    return sorted(times.from_datetime(entry.time, Zone()) for entry in entries)


def _time(moment: int, zone: Zone) -> str:
    return printing.date_time(zone.clock_of(moment))


def _given(event: Record, zone: Zone) -> str:
    held = {"value": event.value, **event.properties} if event.value is not None else dict(event.properties)
    written = ", ".join(f"{printing.property_name(path)} = {_literal(value)}" for path, value in held.items())
    happened = printing.occurrence(BY_KIND[event.kind], printing.string(event.name))
    return f"{_time(event.time, zone)} {printing.string(event.contact)} {happened}" + (f" with {written}" if written else "")


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    scaled = None if isinstance(value, str) else values.number(value)
    return printing.string(str(value)) if scaled is None else numbers.number_text(scaled)
