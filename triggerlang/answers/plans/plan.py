"""Plan: all that is told of a change of rules.

In: which rules are pairs, and what became of their entries. Out: the changes in the words of the rules, and which limits are exceeded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from triggerlang.answers.plans.difference import AutomationChange, Change, Difference
from triggerlang.answers.plans.pairing import AutomationPair, Pairing, RulePair
from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.language import printing, times, tree
from triggerlang.language.times import Zone

if TYPE_CHECKING:
    from triggerlang.answers.plans.histories import History
    from triggerlang.answers.plans.reasons import Reasoned, Why

Status: TypeAlias = Literal["same", "renamed", "changed", "new", "gone"]


@dataclass(frozen=True, slots=True)
class Rewording:
    """What is not written any more, and what is written now: parts of a rule, or what it refers to."""

    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OfRule:
    """A rule before and after, how it is written otherwise, and what became of its entries; without a log, a short history that tells
    both apart, if one was found."""

    pair: RulePair
    old: ProjectRule | None
    new: ProjectRule | None
    rewording: Rewording
    change: Change | None = None
    history: History | None = None

    @property
    def item(self) -> ProjectRule:
        """The rule as it is now, or as it was if it is gone."""
        item = self.new or self.old
        assert item is not None
        return item

    @property
    def status(self) -> Status:
        return "gone" if self.new is None else "new" if self.old is None else "same" if self.pair.is_same else "changed"


@dataclass(frozen=True, slots=True)
class OfAutomation:
    """An automation before and after, how its header is written otherwise, its rules, and what became of its entries and why."""

    pair: AutomationPair
    header: Rewording
    rules: tuple[OfRule, ...]
    told: AutomationChange | None = None
    why: tuple[Why, ...] = ()

    @property
    def status(self) -> Status:
        if self.pair.new is None:
            return "gone"
        if self.pair.old is None:
            return "new"
        return ("renamed" if self.pair.is_renamed else "same") if self.pair.is_same else "changed"

    @property
    def changed(self) -> int:
        """How many of its entries are not as they were."""
        return 0 if self.told is None else self.told.change.changed


@dataclass(frozen=True, slots=True)
class Limits:
    """What a change may do at most: entries of an automation on a day, and changed entries in percent of those it had."""

    per_day: int | None = None
    change: float | None = None


@dataclass(frozen=True, slots=True)
class Exceeded:
    """A limit that an automation exceeds: what it was given, and what was found, in words and as a number, which is None for a share of
    nothing."""

    option: Literal["--max-entries-per-day", "--max-change"]
    automation: str
    allowed: float
    found: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Log:
    """The log of a plan: how it was named, how many events and contacts counted."""

    names: tuple[str, ...]
    events: int
    contacts: int
    rejected: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change of rules does. `names` are the new rules' paths, and what they are held against. `looked_at` tells of how many
    changed entries it was found out why, and of how many there are."""

    names: tuple[tuple[str, ...], str]
    zone: Zone
    automations: tuple[OfAutomation, ...]
    log: Log | None = None
    looked_at: tuple[int, int] | None = None
    exceeded: tuple[Exceeded, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing is told: no entry is another, or, without a log, no rule."""
        if self.log is None:
            return all(automation.status == "same" for automation in self.automations)
        return not any(automation.changed for automation in self.automations)

    def total(self) -> Change:
        """What became of all entries."""
        each = [automation.told.change for automation in self.automations if automation.told is not None]
        return Change(*(sum(getattr(change, name) for change in each) for name in ("old", "new", "added", "removed", "moved")))


def told(pairing: Pairing, difference: Difference, reasoned: Reasoned) -> tuple[OfAutomation, ...]:
    """The automations of both rule sets, with what became of their entries, and why."""
    changes = iter(difference.rules)
    return tuple(
        OfAutomation(
            pair,
            _header(pairing, pair),
            tuple(_of_rule(pairing, rule, change=next(changes)) for rule in pair.rules),
            difference.automations[at],
            reasoned.automations[at],
        )
        for at, pair in enumerate(pairing.automations)
    )


def told_apart(pairing: Pairing, zone: Zone) -> tuple[OfAutomation, ...]:
    """The automations of both rule sets without a log, with histories that tell changed rules apart."""
    from triggerlang.answers.plans.histories import Histories

    histories = Histories(pairing, zone)
    return tuple(
        OfAutomation(pair, _header(pairing, pair), tuple(_of_rule(pairing, rule, history=histories.of(pair, rule)) for rule in pair.rules))
        for pair in pairing.automations
    )


def _of_rule(pairing: Pairing, pair: RulePair, *, change: Change | None = None, history: History | None = None) -> OfRule:
    old = None if pair.old is None else pairing.old.rules[pair.old]
    new = None if pair.new is None else pairing.new.rules[pair.new]
    return OfRule(pair, old, new, _rewording(pairing, old, new, pair), change, history)


def _rewording(pairing: Pairing, old: ProjectRule | None, new: ProjectRule | None, pair: RulePair) -> Rewording:
    if pair.is_same:
        return Rewording()
    before, after = ([] if item is None else [*steps(item)] for item in (old, new))
    if old is not None and new is not None:
        before += segments(pairing.old, old)
        after += segments(pairing.new, new)
    return Rewording(tuple(text for text in before if text not in after), tuple(text for text in after if text not in before))


def _header(pairing: Pairing, pair: AutomationPair) -> Rewording:
    if pair.has_same_header:
        return Rewording()
    of_old, of_new = (
        next((_runs(item.header_runs) for item in rules.rules if item.automation == name), ())
        for rules, name in ((pairing.old, pair.old), (pairing.new, pair.new))
    )
    return Rewording(of_old, of_new)


def _runs(runs: tree.Runs | None) -> tuple[str, ...]:
    return () if runs is None else (printing.runs(runs),)


def steps(item: ProjectRule) -> Iterator[str]:
    """A rule part by part, as it is written."""
    rule = item.rule
    yield f"on {printing.trigger(rule.on)}"
    if rule.where is not None:
        for part in rule.where.parts if isinstance(rule.where, tree.And) else (rule.where,):
            yield printing.condition(part)
    if rule.active is not None:
        yield printing.activity(rule.active)
    yield printing.runs(rule.runs or tree.Once(span=rule.span))


def segments(rules: RuleSet, item: ProjectRule) -> list[str]:
    """The segments that a rule refers to, and those that these refer to."""
    from triggerlang.network.compiler import referred_segments

    found: dict[str, None] = {}
    waiting = [] if item.rule.where is None else referred_segments(item.rule.where)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += referred_segments(rules.segments[name])
    return [f"segment {printing.string(name)} is {printing.condition(rules.segments[name])}" for name in sorted(found)]


def exceeded(automations: tuple[OfAutomation, ...], limits: Limits) -> Iterator[Exceeded]:
    """The limits that are exceeded. An automation that is new has no entries that its change could be a part of."""
    for automation in automations:
        if automation.told is None:
            continue
        name, change, busiest = automation.pair.name, automation.told.change, automation.told.busiest_after
        if limits.per_day is not None and busiest is not None and busiest.entries > limits.per_day:
            words = f"{busiest.entries:,} entries on {times.format_day(busiest.day)}, and at most {limits.per_day:,} are allowed on a day"
            yield Exceeded("--max-entries-per-day", name, limits.per_day, busiest.entries, words)
        if limits.change is None or automation.status == "new" or not change.changed:
            continue
        share = 100 * change.changed / change.old if change.old else None
        if share is None or share > limits.change:
            found = f"{some(change.changed, 'entry')} {'changes' if change.changed == 1 else 'change'} where there were {change.old:,}"
            found += "" if share is None else f", which is {share:,.1f} %"
            yield Exceeded("--max-change", name, limits.change, share, f"{found}, and at most {limits.change:g} % are allowed")


def some(number: int, what: str) -> str:
    """`1 entry`, `2 entries`."""
    if number == 1:
        return f"1 {what}"
    return f"{number:,} {what[:-1]}ies" if what.endswith("y") else f"{number:,} {what}s"
