"""A funnel as JSON, as `docs/schemas/funnel.schema.json` describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from triggerlang.answers.encoding import cleaned
from triggerlang.answers.funnels.telling import ToldAutomation, ToldRule, ToldStep
from triggerlang.language import times


def render(automations: Iterable[ToldAutomation]) -> str:
    """How far the triggers of some automations' rules came."""
    document = {"automations": [_automation(automation) for automation in automations]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _automation(automation: ToldAutomation) -> dict[str, Any]:
    return {
        "automation": automation.name,
        "triggers": automation.triggers,
        "entered": automation.entered,
        "rules": [_rule(rule) for rule in automation.rules],
    }


def _rule(rule: ToldRule) -> dict[str, Any]:
    return {
        "rule": rule.rule.name,
        "source": cleaned(rule.rule.source),
        "on": rule.on,
        "triggers": rule.triggers,
        "steps": [_step(step) for step in rule.steps],
        "entered": rule.entered,
    }


def _step(step: ToldStep) -> dict[str, Any]:
    examples = [
        {"contact": example.contact, "time": times.format_moment(example.time), "event": example.event} for example in step.examples
    ]
    return {
        "step": step.kind,
        "text": step.text,
        "passed": step.passed,
        "stopped": step.stopped,
        "alone": step.alone,
        "examples": examples,
    }
