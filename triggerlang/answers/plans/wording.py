"""Wording: what a plan says of itself, the same in text and in Markdown.

In: a plan and its parts. Out: short sentences, without names of contacts and without the rules' own text: each shape writes these in its
own way.
"""

from __future__ import annotations

from typing import Final

from triggerlang.answers.plans.difference import AutomationChange, Busiest, Change
from triggerlang.answers.plans.plan import OfAutomation, Plan, some
from triggerlang.answers.plans.reasons import Why
from triggerlang.language import times


def changes(change: Change) -> str:
    """`12 more, 29 fewer, 4 at another time`."""
    parts = [(change.added, "more"), (change.removed, "fewer"), (change.moved, "at another time")]
    return ", ".join(f"{number:,} {words}" for number, words in parts if number) or "no change"


def over(plan: Plan) -> str:
    """What both were run over."""
    assert plan.log is not None
    return f"{', '.join(plan.log.names)}: {some(plan.log.events, 'event')} of {some(plan.log.contacts, 'contact')}"


def in_all(plan: Plan) -> str:
    """All entries, in one sentence."""
    change = plan.total()
    if not change.changed:
        return f"the same {some(change.new, 'entry')} as before" if change.new else "no entries, before and after"
    return f"{some(change.old, 'entry')} before, {change.new:,} after: {changes(change)}"


def of_automation(automation: OfAutomation) -> str:
    """What became of an automation, to stand right after its name."""
    told, status = automation.told, automation.status
    if told is None:
        return {"new": " is new", "gone": " is gone", "renamed": " has another name, and is the same"}.get(status, " is changed")
    change = told.change
    if status == "new":
        return f" is new: {some(change.new, 'entry')}"
    if status == "gone":
        return f" is gone: it had {some(change.old, 'entry')}"
    if change.changed:
        counts = f"{some(change.old, 'entry')} before, {change.new:,} after: {changes(change)}"
        return f" has another name: {counts}" if status == "renamed" else f": {counts}"
    kept = f"the same {some(change.new, 'entry')}" if change.new else "no entries, as before"
    return f" has another name, and {kept}" if status == "renamed" else f" is changed, and has {kept}"


def of_others(automation: OfAutomation, told: AutomationChange) -> list[str]:
    """What else there is to tell of an automation's entries, a line each."""
    lines = []
    if told.through_another:
        verb = "comes" if told.through_another == 1 else "come"
        lines.append(f"{some(told.through_another, 'entry')} {verb} from another rule than before")
    if told.change.changed and (days := busiest(told)):
        lines.append(days)
    return lines


def busiest(told: AutomationChange) -> str:
    """The busiest days before and after; empty where there is nothing to tell."""
    before, after = told.busiest_before, told.busiest_after
    if before is None and after is None:
        return ""
    if before is None or after is None:
        day = before or after
        assert day is not None
        return f"busiest day: {_day(day)}"
    if before.entries == after.entries:
        return f"busiest day: {some(after.entries, 'entry')}, as before"
    return f"busiest day: {_day(before)} before, {_day(after)} after"


def _day(busiest: Busiest) -> str:
    return f"{some(busiest.entries, 'entry')} on {times.format_day(busiest.day)}"


def quiet_ones(plan: Plan) -> str:
    """How many automations nothing is told of; empty where there are none, or no others."""
    same = sum(not is_told(automation) for automation in plan.automations)
    if same in (0, len(plan.automations)):
        return ""
    if plan.log is None:
        return f"{some(same, 'other automation')} {'is' if same == 1 else 'are'} the same"
    return f"{some(same, 'other automation')} {'has' if same == 1 else 'have'} the same entries"


def is_told(automation: OfAutomation) -> bool:
    """Whether there is anything to tell of an automation."""
    return automation.status != "same" or automation.changed > 0


def rules_in_all(plan: Plan) -> str:
    """How many automations change, without a log."""
    told = sum(is_told(automation) for automation in plan.automations)
    if not told:
        return "nothing changes: all rules mean the same"
    return f"{told:,} of {some(len(plan.automations), 'automation')} {'is' if told == 1 else 'are'} not as before"


def looked_at(plan: Plan) -> str:
    """Of how many changed entries it was found out why; empty where of all, or none."""
    if plan.looked_at is None or plan.looked_at[0] in (0, plan.looked_at[1]):
        return ""
    return f"the reasons are those of {plan.looked_at[0]:,} of the {plan.looked_at[1]:,} changed entries, the first of each automation"


def first_time(told: AutomationChange) -> str:
    """How many contacts enter for the first time."""
    verb = "enters" if told.first_time == 1 else "enter"
    return f"{some(told.first_time, 'contact')} {verb} for the first time"


def of_reason(why: Why, rule: str, step: str) -> str:
    """What a step of a rule decides; rule and step are written as the shape has them, the rule empty where there is but one."""
    entries = some(why.entries, "entry")
    of_rule = f" of {rule}" if rule else ""
    if why.step == "trigger":
        did = "did not happen before" if why.kind == "added" else "does not happen any more"
        return f"{_WHY[why.kind]}: the trigger{of_rule} of {entries} {did}: {step}"
    stops = {"added": f"stopped {entries} before", "removed": f"stops {entries} now", "moved": f"stops {entries} at the old time now"}
    return f"{_WHY[why.kind]}: {step}{of_rule} {stops[why.kind]}"


_WHY: Final = {"added": "why more", "removed": "why fewer", "moved": "why at another time"}
