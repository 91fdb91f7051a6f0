"""Failing: what a report says of rules that never fired."""

from __future__ import annotations

from collections.abc import Sequence

from triggerlang.answers.funnels.telling import ToldAutomation, ToldRule
from triggerlang.answers.reports.page import Note, Section
from triggerlang.answers.reports.tables import Cell, number, table, text


def never_fired(automations: Sequence[ToldAutomation]) -> Section:
    """The rules without an entry, and the part of each that stopped the most triggers."""
    never = [rule for automation in automations for rule in automation.rules if not rule.entered]
    title, lead = "Rules that never fired", "And the part of each that stopped the most of its triggers."
    if not never:
        return Section("never", title, "", [Note("Every rule fired.")])
    columns = ("rule", "where", "triggers", "stopped most by", "stopped there", "by this alone")
    rows = [_row(rule) for rule in never]
    return Section(
        "never", title, lead, [table("never-fired", title, columns, rows, elsewhere="triggerlang run --funnel", is_folded=False)]
    )


def _row(rule: ToldRule) -> tuple[Cell, ...]:
    named = text(rule.rule.name), text(rule.rule.source), number(rule.triggers)
    most = max(rule.steps, key=lambda step: step.stopped, default=None)
    if most is None or not most.stopped:
        return *named, text(f"no event was: on {rule.on}"), number(0), number(0)
    return *named, text(most.text), number(most.stopped), number(most.alone)
