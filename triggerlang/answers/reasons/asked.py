"""Asked: the reasons of a rule whose trigger happened.

In: the rule as it is written, and what the watched interpreter saw of it. Out: the tree of its clauses. Why a trigger did not even happen
is `nearly`'s.
"""

from __future__ import annotations

from collections.abc import Sequence

from triggerlang.answers.reasons import wording
from triggerlang.answers.reasons.evidence import Witnesses, lack_of
from triggerlang.answers.reasons.matching import Matching
from triggerlang.answers.reasons.nearly import step_text
from triggerlang.answers.reasons.reason import Kind, Reason
from triggerlang.answers.reasons.ways import way
from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.engines.waiting import Derived
from triggerlang.engines.watching import Asked, Seen
from triggerlang.events.record import Record
from triggerlang.language import printing, times, tree
from triggerlang.language.diagnostics import quoted
from triggerlang.language.times import Zone
from triggerlang.network.compiler import of_one_reading, reading_of


class Reasons:
    """The reasons of a project's rules; with `evidence`, the events that counted for each test and those that just missed."""

    def __init__(self, rules: RuleSet, zone: Zone, *, evidence: bool = False) -> None:
        self.rules, self.zone, self._matching = rules, zone, Matching(zone)
        self._witnesses = Witnesses(zone, self._matching) if evidence else None

    def of(self, asked: Asked, events: Sequence[Record]) -> Reason:
        """Why a rule that was asked let the contact enter, or did not. Its parts are its clauses, in the order of writing.

        `events` are those of the contact, entries included, in their order.
        """
        self._events, self._all_events = events[: asked.place], events
        item = self.rules.rules[asked.rule]
        rule, trigger = item.rule, asked.trigger
        steps = self._steps(rule.on, trigger, events) if self._witnesses is not None else ()
        text = f"on {printing.trigger(rule.on)}"
        parts = [Reason("trigger", text, rule.on.span, True, found=f"at {self._time(trigger.time)}", parts=steps)]
        if rule.where is not None and asked.condition is not None:
            self._segments: dict[tuple[str, bool], Reason] = {}
            parts.append(self._condition(rule.where, asked.condition, trigger, True))
        if rule.active is not None:
            parts.append(
                Reason("active", printing.activity(rule.active), rule.active.span, asked.active, found=f"it was {self._time(trigger.time)}")
            )
        limit = rule.runs or tree.Once(span=rule.span)
        entered = asked.entered[: asked.entered_before]
        mine = () if asked.runs else tuple(time for order, time in entered if order == asked.rule)
        parts.append(self._runs("runs", limit, asked.runs, mine, trigger, ""))
        if item.header_runs is not None:
            rules = self.rules.rules
            of_header = () if asked.header else tuple(time for order, time in entered if rules[order].automation == item.automation)
            parts.append(self._runs("header", item.header_runs, asked.header, of_header, trigger, f" into {quoted(item.automation)}"))
        return rule_reason(item, tuple(parts), asked.entry is not None)

    def _time(self, moment: int) -> str:
        return wording.moment_text(moment, self.zone)

    def _steps(self, on: tree.Trigger, trigger: Record, events: Sequence[Record]) -> tuple[Reason, ...]:
        """The events by which a contact came to the end of a chain that starts a rule."""
        if not isinstance(on, tree.Chain) or not on.then:
            return ()
        path = way(self._matching, on, events, trigger.event if isinstance(trigger, Derived) else trigger, None)
        if path is None:
            return ()
        steps = [(printing.pattern(on.first), on.first.span), *((step_text(step), step.span) for step in on.then)]
        return tuple(
            Reason("step", text, span, True, found=f"at {self._time(event.time)}") for (text, span), event in zip(steps, path, strict=True)
        )

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
        if self._witnesses is not None:
            evidence = self._witnesses.of(node, seen, self._all_events, len(self._events), trigger, asked)
            lack = lack_of(node, seen, trigger, asked, self.zone)
            steps = self._witnesses.steps(node, self._events, trigger) if seen.holds != asked and asked else ()
            return Reason("test", text, span, seen.holds, asked, found, wanted, steps, lack, evidence)
        near: tuple[Reason, ...] = ()
        if isinstance(node, tree.HistoryTest) and seen.holds != asked and all(map(_is_nothing, seen.parts or (seen,))):
            missed, near = self._matching.measured(node, self._events, trigger)
            found += missed
        return Reason("test", text, span, seen.holds, asked, found, wanted, near)

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
                wanted = "one that it did not enter with yet" if earlier else "one"
                return Reason(kind, text, limit.span, False, found=found, wanted=wanted)
            case tree.AtMost(number, per) if per is not None:
                earlier = tuple(time for time in earlier[-number:] if number)
                when = f" in the {printing.duration(per)} before"
            case _:
                when = " before"
        entries = f"{len(earlier):,} {'entry' if len(earlier) == 1 else 'entries'}{into}{when}"
        last = f", the last at {self._time(earlier[-1])}" if earlier else ""
        allowance = limit.times if isinstance(limit, tree.AtMost) else 1
        wanted = "none" if allowance == 1 else f"fewer than {allowance:,}"
        return Reason(kind, text, limit.span, False, found=entries + last, wanted=wanted)


def rule_reason(item: ProjectRule, parts: tuple[Reason, ...], entered: bool) -> Reason:
    """The reason of a whole rule, by its clauses."""
    return Reason("rule", item.name, item.rule.span, entered, parts=parts)


def _is_nothing(seen: Seen) -> bool:
    """Whether a measure found no event."""
    return seen.found is None or (type(seen.found) is int and seen.found == 0)


def _members(had: str, had_not: str, names: tuple[str, ...], before: str) -> str:
    shown = f"{had} {wording.either([quoted(name) for name in names])}".replace(" or ", " and ") if names else had_not
    return f"{shown} {before}".strip()
