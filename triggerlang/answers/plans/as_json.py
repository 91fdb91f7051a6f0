"""A plan as JSON, as `docs/schemas/plan.schema.json` describes it."""

from __future__ import annotations

import json
from typing import Any

from triggerlang.answers.encoding import cleaned
from triggerlang.answers.plans.difference import MOST_EXAMPLES, AutomationChange, Busiest, Change
from triggerlang.answers.plans.plan import OfAutomation, OfRule, Plan, Rewording
from triggerlang.engines.entry import Entry
from triggerlang.language import times
from triggerlang.language.times import Zone


def render(plan: Plan) -> str:
    """The whole plan, automations that are the same too."""
    paths, against = plan.names
    document: dict[str, Any] = {"rules": [cleaned(path) for path in paths], "against": cleaned(against), "timezone": plan.zone.name}
    if plan.log is not None:
        document |= {
            "logs": [cleaned(name) for name in plan.log.names],
            "events": plan.log.events,
            "contacts": plan.log.contacts,
            **_change(plan.total()),
        }
    document["is_same"] = plan.is_same
    document["automations"] = [_automation(automation) for automation in plan.automations]
    document["exceeded"] = [
        {"option": one.option, "automation": one.automation, "allowed": one.allowed, "found": one.found, "message": one.words}
        for one in plan.exceeded
    ]
    if plan.looked_at is not None:
        document["reasons_of"] = {"entries": plan.looked_at[0], "changed_entries": plan.looked_at[1]}
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _automation(automation: OfAutomation) -> dict[str, Any]:
    pair = automation.pair
    document: dict[str, Any] = {"automation": pair.new, "old_automation": pair.old, "status": automation.status}
    if automation.told is not None:
        document |= _told(automation.told)
    document["header"] = _rewording(automation.header)
    document["rules"] = [_rule(rule) for rule in automation.rules]
    if automation.told is not None:
        document["reasons"] = [
            {
                "rule": why.rule,
                "change": why.kind,
                "step": why.step,
                "text": why.text,
                "entries": why.entries,
                "examples": [{**_entry(one.entry), "reason": one.words} for one in why.examples],
            }
            for why in automation.why
        ]
    return document


def _told(told: AutomationChange) -> dict[str, Any]:
    firsts = told.firsts
    return {
        **_change(told.change),
        "through_another_rule": told.through_another,
        "first_time_contacts": told.first_time,
        "busiest_day_before": _busiest(told.busiest_before),
        "busiest_day_after": _busiest(told.busiest_after),
        "examples": {
            "added": [_entry(one) for one in firsts.added[:MOST_EXAMPLES]],
            "removed": [_entry(one) for one in firsts.removed[:MOST_EXAMPLES]],
            "moved": [{"before": _entry(before), "after": _entry(after)} for before, after in firsts.moved[:MOST_EXAMPLES]],
            "first_time": [_entry(one) for one in firsts.first_time[:MOST_EXAMPLES]],
        },
    }


def _change(change: Change) -> dict[str, int]:
    return {
        "entries_before": change.old,
        "entries_after": change.new,
        "added": change.added,
        "removed": change.removed,
        "moved": change.moved,
    }


def _rule(rule: OfRule) -> dict[str, Any]:
    document: dict[str, Any] = {
        "rule": None if rule.new is None else rule.new.name,
        "old_rule": None if rule.old is None else rule.old.name,
        "source": None if rule.new is None else cleaned(rule.new.source),
        "old_source": None if rule.old is None else cleaned(rule.old.source),
        "status": rule.status,
        **_rewording(rule.rewording),
    }
    if rule.change is not None:
        document |= _change(rule.change)
    if rule.history is not None:
        document["history"] = None if not rule.history.text else {"holds_under": rule.history.holds_under, "test": rule.history.text}
    return document


def _rewording(rewording: Rewording) -> dict[str, list[str]]:
    return {"no_longer": list(rewording.gone), "now": list(rewording.come)}


def _busiest(busiest: Busiest | None) -> dict[str, Any] | None:
    return None if busiest is None else {"day": times.format_day(busiest.day), "entries": busiest.entries}


def _entry(entry: Entry) -> dict[str, Any]:
    time = times.format_moment(times.from_datetime(entry.time, Zone()))
    return {"contact": entry.contact, "time": time, "rule": entry.rule, "event": entry.event}
