"""Why entries come and go: the step of a rule that stops them now, or stopped them before.

In: the first changed entries, and the events of their contacts. Out: for each rule and step how many of them it decides, with the first
contacts and what was found there.

An entry that went is held against the new rule that its old one became: it is asked at the same trigger, and the first step that stops
it, in the order of writing, is the reason; so is one that came, against the old rule. Of an entry that moved it is asked why it is not
where it was. Where the rule itself is gone, or new, that is all there is to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from triggerlang.answers.blocks.text import line_of
from triggerlang.answers.plans.difference import MOST_EXAMPLES, MOST_LOOKED_AT, Difference
from triggerlang.answers.plans.pairing import Pairing
from triggerlang.answers.reasons.asked import Reasons
from triggerlang.answers.reasons.nearly import Nearly
from triggerlang.answers.reasons.reason import Reason, deciding
from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.engines.entry import Entry
from triggerlang.engines.watching import Asked, WatchedInterpreter
from triggerlang.events.record import Record
from triggerlang.language import printing, times, tree
from triggerlang.language.times import Zone
from triggerlang.network.needed import needed

Kind: TypeAlias = Literal["added", "removed", "moved"]
Step: TypeAlias = Literal["trigger", "active", "condition", "runs", "header"]

MOST_EVENTS: Final = 20_000
"""How many events the contacts that are looked at have together; one that has too many is passed over."""


@dataclass(frozen=True, slots=True)
class Example:
    """An entry that is decided so, and in words what was found there; empty where the step says it all."""

    entry: Entry
    words: str


@dataclass(slots=True)
class Why:
    """A step of a rule, as it is written, that decides how many of the entries that were looked at, and whose first. Of entries that came
    it is the step of the old rule that stopped them before, of others the step of the new rule that stops them now; a trigger as a step
    does not happen."""

    rule: str
    kind: Kind
    step: Step
    text: str
    entries: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reasoned:
    """For each automation pair its reasons, the commonest first; and how many changed entries were looked at."""

    automations: tuple[tuple[Why, ...], ...]
    entries: int


@dataclass(frozen=True, slots=True)
class _Chosen:
    """An entry that is looked at: of which automation, what became of it, and which rule of the other side did not make it."""

    automation: int
    entry: Entry
    kind: Kind
    rule: str


def reasoned(pairing: Pairing, difference: Difference, records: Callable[[Sequence[str], int], Sequence[Record]], zone: Zone) -> Reasoned:
    """Why the first changed entries of each automation changed; `records` gives the events of those contacts that have no more than so
    many."""
    chosen = _chosen(pairing, difference)
    events = records([one.entry.contact for one in chosen], MOST_EVENTS) if chosen else ()
    known = {record.contact for record in events}
    chosen = [one for one in chosen if one.entry.contact in known]
    found: list[dict[tuple[str, Kind, str, str], Why]] = [{} for _ in pairing.automations]
    for rules, kinds in ((pairing.new, ("removed", "moved")), (pairing.old, ("added",))):
        own = [one for one in chosen if one.kind in kinds]
        for one, why, words in _Asking(rules, own, zone).answers(events) if own else ():
            group = found[one.automation].setdefault((one.rule, why.kind, why.step, why.text), why)
            group.entries += 1
            if len(group.examples) < MOST_EXAMPLES:
                group.examples.append(Example(one.entry, words))
    ordered = tuple(tuple(sorted(groups.values(), key=lambda why: -why.entries)) for groups in found)
    return Reasoned(ordered, len(chosen))


def _chosen(pairing: Pairing, difference: Difference) -> list[_Chosen]:
    """The first changed entries of each automation in turn, as far as their rule has a counterpart."""
    to_new: dict[str, str] = {}
    to_old: dict[str, str] = {}
    for automation in pairing.automations:
        for rule in automation.rules:
            if rule.old is not None and rule.new is not None:
                old, new = pairing.old.rules[rule.old].name, pairing.new.rules[rule.new].name
                to_new[old], to_old[new] = new, old
    waiting: list[list[_Chosen]] = []
    for at, change in enumerate(difference.automations):
        firsts = change.firsts
        own = [_Chosen(at, entry, "removed", to_new[entry.rule]) for entry in firsts.removed if entry.rule in to_new]
        own += [_Chosen(at, entry, "moved", to_new[entry.rule]) for entry, _ in firsts.moved if entry.rule in to_new]
        own += [_Chosen(at, entry, "added", to_old[entry.rule]) for entry in firsts.added if entry.rule in to_old]
        waiting.append(sorted(own, key=lambda one: one.entry.time, reverse=True))
    chosen: list[_Chosen] = []
    while any(waiting) and len(chosen) < MOST_LOOKED_AT:
        chosen += [own.pop() for own in waiting if own]
    return chosen[:MOST_LOOKED_AT]


_Key: TypeAlias = tuple[int, int, str, str | int]
"""A rule's place, and the time, contact and event of a trigger."""


class _Asking:
    """Asks the rules of one side why they made no entries that the other side has."""

    def __init__(self, rules: RuleSet, chosen: Sequence[_Chosen], zone: Zone) -> None:
        wanted = {one.rule for one in chosen}
        rules = needed(rules, dict.fromkeys(item.automation for item in rules.rules if item.name in wanted))
        self._rules, self._chosen, self._zone = rules, chosen, zone
        self._orders = {item.name: order for order, item in enumerate(rules.rules)}
        self._engine = WatchedInterpreter(rules, timezone=zone.name)
        self._reasons = Reasons(rules, zone)
        self._nearly = Nearly(self._engine.network, zone)

    def answers(self, events: Sequence[Record]) -> Iterator[tuple[_Chosen, Why, str]]:
        """Of each that can be told, the step, and in words what was found there."""
        engine, chosen = self._engine, self._chosen
        wanted = {self._key(one) for one in chosen}
        contacts = {one.entry.contact for one in chosen}
        engine.forget()
        engine.watch({key[0] for key in wanted}, lambda rule, place, trigger: _key_of(rule, trigger) in wanted)
        for record in events:
            if record.contact in contacts:
                engine.feed_record(record)
        # Whatever one side has come to, the log has reached.
        engine.finish(max(key[1] for key in wanted))
        asked = {_key_of(own.rule, own.trigger): own for own in engine.asked}
        for one in chosen:
            own = asked.get(self._key(one))
            if own is None:
                yield one, *self._never(one)
            elif own.entry is None:
                yield one, *self._stopped(one, own)

    def _key(self, one: _Chosen) -> _Key:
        return self._orders[one.rule], times.from_datetime(one.entry.time, Zone()), one.entry.contact, one.entry.event

    def _never(self, one: _Chosen) -> tuple[Why, str]:
        """The trigger did not happen."""
        item = self._rules.rules[self._orders[one.rule]]
        happened = self._engine.happened.get(one.entry.contact, [])
        time = times.from_datetime(one.entry.time, Zone())
        reason = self._nearly.of(item.rule, self._engine.network.rules[self._orders[one.rule]].on, happened, time)
        return Why(item.name, one.kind, "trigger", f"on {printing.trigger(item.rule.on)}"), _words(reason)

    def _stopped(self, one: _Chosen, asked: Asked) -> tuple[Why, str]:
        """The first step that stopped it, in the order in which they are counted."""
        item = self._rules.rules[self._orders[one.rule]]
        reason = self._reasons.of(asked, self._engine.happened[one.entry.contact])
        step, part = next((step, part) for step, part in _steps(item, reason) if not part.is_met)
        return Why(item.name, one.kind, step, part.text), _words(part)


def _steps(item: ProjectRule, reason: Reason) -> Iterator[tuple[Step, Reason]]:
    """The steps of a rule, with the reason of each: its activity, the parts of its condition, its runs and those of its header."""
    by_kind = {part.kind: part for part in reason.parts}
    if "active" in by_kind:
        yield "active", by_kind["active"]
    if item.rule.where is not None:
        condition = reason.parts[1]
        for part in condition.parts if isinstance(item.rule.where, tree.And) else (condition,):
            yield "condition", part
    if "runs" in by_kind:
        yield "runs", by_kind["runs"]
    if "header" in by_kind:
        yield "header", by_kind["header"]


def _words(part: Reason) -> str:
    """What was found at a step, as far down as one part of it decides; empty where the step's own text says it all."""
    told = [reason for _, reason in deciding(part)]
    if not told:
        return ""
    last = told[-1]
    if last.text != part.text or len(told) > 1:
        return line_of(last)
    return f"{last.found}, needs {last.wanted}" if last.wanted else last.found


def _key_of(rule: int, trigger: Record) -> _Key:
    return rule, trigger.time, trigger.contact, trigger.row if trigger.id is None else trigger.id
