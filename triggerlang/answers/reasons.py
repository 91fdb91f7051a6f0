"""Reasons: why a rule let a contact enter at a trigger, or did not, as one tree.

In: a rule as it is written, and what the watched interpreter saw of it. Out: a tree with a node for each part of what the rule asks:
whether it was so, what was found, and what there should have been. `deciding` finds the parts that stood in the way. Test blocks show
these; whatever else is shown of a trigger is made of the same tree. Why a trigger did not even happen is `nearly`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from triggerlang.answers import wording
from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.engines.watching import Asked, Seen
from triggerlang.events.record import Record
from triggerlang.language import printing, times, tree
from triggerlang.language.diagnostics import quoted
from triggerlang.language.source import Span
from triggerlang.language.times import Zone
from triggerlang.network.compiler import of_one_reading, reading_of

Kind: TypeAlias = Literal["rule", "trigger", "step", "filter", "active", "all", "any", "not", "segment", "test", "runs", "header"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of what a rule asks.

    `text` is the part as the language writes it, `span` where it stands. `asked` is false where it stands below a `not`: then the rule asks
    that it does not hold. `found` and `wanted` are words, empty where `text` says it all. The parts of a segment's test are its condition.
    """

    kind: Kind
    text: str
    span: Span
    holds: bool
    asked: bool = True
    found: str = ""
    wanted: str = ""
    parts: tuple[Reason, ...] = ()

    @property
    def is_met(self) -> bool:
        """Whether this part is as the rule asks."""
        return self.holds == self.asked

    @property
    def needs_all(self) -> bool:
        """Whether this part is met only if all of its parts are; else one is enough."""
        return self.kind != "any" if self.asked else self.kind != "all"


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
        reason = replace(unmet[0], text=reason.text, span=reason.span) if reason.kind == "not" and not unmet[0].parts else unmet[0]


class Reasons:
    """The reasons of a project's rules."""

    def __init__(self, rules: RuleSet, zone: Zone) -> None:
        self.rules, self.zone = rules, zone

    def of(self, asked: Asked) -> Reason:
        """Why a rule that was asked let the contact enter, or did not. Its parts are its clauses, in the order of writing."""
        item = self.rules.rules[asked.rule]
        rule, trigger = item.rule, asked.trigger
        parts = [Reason("trigger", f"on {printing.trigger(rule.on)}", rule.on.span, True, found=f"at {self._time(trigger.time)}")]
        if rule.where is not None and asked.condition is not None:
            self._segments: dict[tuple[str, bool], Reason] = {}
            parts.append(self._condition(rule.where, asked.condition, trigger, True))
        if rule.active is not None:
            parts.append(
                Reason("active", printing.activity(rule.active), rule.active.span, asked.active, found=f"it was {self._time(trigger.time)}")
            )
        limit = rule.runs or tree.Once(span=rule.span)
        parts.append(self._runs("runs", limit, asked.runs, asked.earlier, trigger, ""))
        if item.header_runs is not None:
            of_header = asked.earlier_in_header
            parts.append(self._runs("header", item.header_runs, asked.header, of_header, trigger, f" into {quoted(item.automation)}"))
        return rule_reason(item, tuple(parts), asked.entry is not None)

    def _time(self, moment: int) -> str:
        return wording.moment_text(moment, self.zone)

    # Conditions

    def _condition(self, node: tree.Condition, seen: Seen, trigger: Record, asked: bool) -> Reason:
        text, span = printing.condition(node), node.span
        match node:
            case tree.And(parts) | tree.Or(parts):
                made = tuple(self._condition(part, own, trigger, asked) for part, own in zip(parts, seen.parts, strict=True))
                return Reason("all" if isinstance(node, tree.And) else "any", text, span, seen.holds, asked, parts=made)
            case tree.Not(part):
                negated = self._condition(part, seen.parts[0], trigger, not asked)
                return Reason("not", text, span, seen.holds, asked, parts=(negated,))
            case tree.SegmentTest(name):
                key = name.text, asked
                if key not in self._segments:
                    condition = self.rules.segments[name.text]
                    self._segments[key] = self._condition(condition, seen.parts[0], trigger, asked)
                return Reason("segment", text, span, seen.holds, asked, parts=(self._segments[key],))
            case tree.PropertyTest():
                raise AssertionError("a filter's comparison is no test of a condition")
        found, wanted = self._test(node, seen, trigger, asked)
        return Reason("test", text, span, seen.holds, asked, found, wanted)

    def _test(self, test: tree.Test, seen: Seen, trigger: Record, asked: bool) -> tuple[str, str]:
        """What a test found, and what it asks for."""
        match test:
            case tree.HistoryTest(_, measure):
                return self._measure(measure, seen, trigger, asked)
            case tree.ListTest(_, before):
                return _members("in list", "in no such list", seen.found, "before" if before else ""), ""
            case tree.TagTest(_, before):
                return _members("tagged", "without such a tag", seen.found, "before" if before else ""), ""
            case tree.FieldTest(_, comparison):
                return f"it was {wording.held_text(seen.found)}", wording.wanted(comparison, trigger, self.zone, asked=asked)
            case tree.WeekdayTest(days):
                names = times.WEEKDAYS
                allowed = [name for day, name in enumerate(names) if (day in days) == asked]
                return f"it was a {names[seen.found]}", wording.either(allowed) or "no day"
            case tree.TimeTest():
                return f"it was {printing.clock(seen.found // times.MINUTE)}", ""
            case tree.SegmentTest():
                raise AssertionError("a segment's test has a reason of its own")

    def _measure(self, measure: tree.Measure, seen: Seen, trigger: Record, asked: bool) -> tuple[str, str]:
        match measure:
            case tree.Count(sign, number):
                return f"count was {seen.found:,}", wording.count_wanted(sign, number, asked=asked)
            case tree.Distinct(property, sign, number):
                name = printing.property_name(property.path)
                return f"distinct {name} was {seen.found:,}", wording.count_wanted(sign, number, asked=asked)
            case tree.Aggregate(function, property, comparison):
                name = f"{function} {printing.property_name(property.path)}"
                needs = wording.wanted(comparison, trigger, self.zone, asked=asked)
                # `in` with plain dates and date-times reads the property in two ways; either tells what it was.
                for read, part in zip(of_one_reading(comparison), seen.parts or (seen,), strict=True):
                    if part.found is None:
                        continue
                    if function == "average":
                        return f"{name} was {wording.average_text(part.found)}", needs
                    return f"{name} was {wording.read_text(part.found, reading_of(function, read), self.zone)}", needs
                return f"there was no {name}", needs

    # Runs

    def _runs(self, kind: Kind, limit: tree.Runs, allowed: bool, earlier: tuple[int, ...], trigger: Record, into: str) -> Reason:
        text = printing.runs(limit)
        if allowed:
            return Reason(kind, text, limit.span, True)
        match limit:
            case tree.Once(per) if per is not None:
                held = wording.held_of(trigger, per.path)
                found = f"{printing.property_name(per.path)} was {held}"
                wanted = "a text that no earlier entry had" if earlier else "a text"
                return Reason(kind, text, limit.span, False, found=found, wanted=wanted)
            case tree.AtMost(number, per) if per is not None:
                earlier = tuple(time for time in earlier[-number:] if number)
                when = f" in the {printing.duration(per)} before"
            case _:
                when = " before"
        entries = f"{len(earlier):,} {'entry' if len(earlier) == 1 else 'entries'}{into}{when}"
        last = f", the last at {self._time(earlier[-1])}" if earlier else ""
        allowance = limit.times if isinstance(limit, tree.AtMost) else 1
        return Reason(kind, text, limit.span, False, found=entries + last, wanted=wording.count_wanted("<", allowance, asked=True))


def rule_reason(item: ProjectRule, parts: tuple[Reason, ...], entered: bool) -> Reason:
    """The reason of a whole rule, by its clauses."""
    return Reason("rule", item.name, item.rule.span, entered, parts=parts)


def _members(had: str, had_not: str, names: tuple[str, ...], before: str) -> str:
    shown = f"{had} {wording.either([quoted(name) for name in names])}".replace(" or ", " and ") if names else had_not
    return f"{shown} {before}".strip()
