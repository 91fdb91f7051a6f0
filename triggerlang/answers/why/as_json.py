"""JSON: why a contact entered an automation or did not, as `docs/schemas/why.schema.json` describes it. It is ASCII, see
`checking.render.as_json`."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from triggerlang.answers.reasons.reason import Evidence, Lack, Noticed, Reason
from triggerlang.answers.why.answering import Answer, OfRule, Suggestion, Told, Wait
from triggerlang.answers.why.changes import Add, Alter, Change
from triggerlang.engines.waiting import Derived
from triggerlang.events.record import Record
from triggerlang.language import numbers, times, values
from triggerlang.language.source import Span


def render(answer: Answer) -> str:
    question = answer.question
    held = {
        "contact": question.contact,
        "automation": question.automation,
        "rule": None if question.number is None else f"{question.automation}#{question.number}",
        "events": answer.events,
        "first": None if answer.span is None else times.format_moment(answer.span[0]),
        "last": None if answer.span is None else times.format_moment(answer.span[1]),
        "triggers": len(answer.triggers),
        "entries": [times.format_moment(time) for time in answer.entries],
        "told": [_told(told) for told in answer.told],
        "rules": [_rule(rule) for rule in answer.rules],
    }
    return json.dumps(held, indent=2, allow_nan=False) + "\n"


def _place(span: Span) -> dict[str, Any]:
    return {"file": span.path, "line": span.line, "column": span.column}


def _told(told: Told) -> dict[str, Any]:
    trigger = told.asked.trigger
    event = trigger.event if isinstance(trigger, Derived) else trigger
    segments: set[int] = set()
    return {
        "rule": told.item.name,
        **_place(told.item.rule.span),
        "time": times.format_moment(trigger.time),
        "entered": told.entered,
        "waited": isinstance(trigger, Derived),
        "event": _event(event),
        "parts": [_reason(part, segments) for part in told.reason.parts],
        "would_have_entered": [_suggestion(suggestion) for suggestion in told.suggestions],
    }


def _rule(rule: OfRule) -> dict[str, Any]:
    return {
        "rule": rule.item.name,
        **_place(rule.item.rule.span),
        "triggers": len(rule.triggers),
        "entries": rule.entries,
        "no_trigger": None if rule.never is None else _reason(rule.never, set()),
        "waits": [_wait(wait) for wait in rule.waits],
        "waits_in_all": rule.waits_of,
        "would_have_entered": [_suggestion(suggestion) for suggestion in rule.suggestions],
    }


def _wait(wait: Wait) -> dict[str, Any]:
    return {
        "after": _event(wait.event),
        "due": times.format_moment(wait.due),
        "broken_by": None if wait.breaks is None else _event(wait.breaks),
    }


def _reason(reason: Reason, segments: set[int]) -> dict[str, Any]:
    """A part; the condition of a segment is told once at a trigger."""
    parts: Sequence[Reason] = reason.parts
    if reason.kind == "segment":
        parts = [part for part in parts if id(part) not in segments]
        segments.update(map(id, parts))
    evidence = reason.evidence or Evidence()
    return {
        "part": reason.kind,
        "text": reason.text,
        **_place(reason.span),
        "holds": reason.holds,
        "asked": reason.asked,
        "met": reason.is_met,
        "found": reason.found or None,
        "wanted": reason.wanted or None,
        "lack": None if reason.lack is None else _lack(reason.lack),
        "counted": [_noticed(each) for each in evidence.counted],
        "counted_in_all": evidence.counted_of,
        "missed": [_noticed(each) for each in evidence.missed],
        "missed_in_all": evidence.missed_of,
        "parts": [_reason(part, segments) for part in parts],
    }


def _lack(lack: Lack) -> dict[str, Any]:
    is_scaled = lack.measure in ("sum", "average")
    return {
        "measure": lack.measure,
        "amount": numbers.number_text(lack.amount) if is_scaled else str(lack.amount),
        "beyond": lack.beyond,
        "sign": lack.sign,
    }


def _noticed(noticed: Noticed) -> dict[str, Any]:
    event = noticed.event.event if isinstance(noticed.event, Derived) else noticed.event
    return {**_event(event), "counts_at": times.format_moment(noticed.event.time), "why": noticed.why or None}


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    return {"at": times.format_moment(suggestion.time), "changes": [_change(change) for change in suggestion.changes]}


def _change(change: Change) -> dict[str, Any]:
    match change:
        case Add(record, before):
            return {"change": "add", "event": _event(record), "was": None, "before_row": before}
        case Alter(was, record):
            return {"change": "alter", "event": _event(record), "was": _event(was), "before_row": None}
    return {"change": "remove", "event": _event(change.record), "was": None, "before_row": None}


def _event(event: Record) -> dict[str, Any]:
    return {
        "time": times.format_moment(event.time),
        "kind": event.kind,
        "name": event.name,
        "value": _plain(event.value),
        "properties": {key: _plain(held) for key, held in event.properties.items()},
        "id": event.id,
        "row": event.row if event.row > 0 else None,
    }


def _plain(held: Any) -> Any:
    """A value as JSON has it: a decimal that no float is stands there as its text, what is no number as null."""
    if values.is_absent(held):
        return None
    if isinstance(held, Decimal):
        as_float = float(held)
        return int(held) if held == held.to_integral_value() else as_float if Decimal(repr(as_float)) == held else values.text(held)
    if isinstance(held, dict):
        return {key: _plain(part) for key, part in held.items()}
    if isinstance(held, list | tuple):
        return [_plain(part) for part in held]
    return held if not isinstance(held, float) or math.isfinite(held) else None
