"""Waiting: what a report says of the time between what a condition asks for and the trigger."""

from __future__ import annotations

from collections.abc import Sequence

from triggerlang.answers.funnels.telling import ToldAutomation
from triggerlang.answers.reports import plots
from triggerlang.answers.reports.delays import NAMES, Delay
from triggerlang.answers.reports.gathering import Gathering
from triggerlang.answers.reports.page import Block, Figure, Grid, Note, Section
from triggerlang.answers.reports.tables import Cell, number, share, table, text, visible
from triggerlang.answers.reports.wording import some
from triggerlang.checking.ruleset import RuleSet


def delays(seen: Gathering, funnels: Sequence[ToldAutomation], rules: RuleSet) -> Section:
    """How long before the trigger of an entry the event was that let it in."""
    title = "From condition to trigger"
    by_name = {rule.rule.name: rule for automation in funnels for rule in automation.rules}
    lead = (
        "For each entry, how long before its trigger the last event was that a part of the rule's condition asks for. Told of parts that"
        " say that an event happened before, by its kind and name alone, in the rules with the most entries."
    )
    figures: list[Figure] = []
    rows: list[tuple[Cell, ...]] = []
    for delay in sorted(seen.delays.found, key=lambda delay: (-int(delay.counts.sum()), delay.rule, delay.part)):
        rule = rules.rules[delay.rule]
        parts = [step.text for step in by_name[rule.name].steps if step.kind == "condition"]
        total = int(delay.counts.sum())
        if not total:
            continue
        figures.append(_figure(delay, rule.name, parts[delay.part], total))
        rows += [
            (text(rule.name), text(parts[delay.part]), text(name), number(count), share(count, total))
            for name, count in zip(NAMES, delay.counts.tolist(), strict=True)
            if count
        ]
    if not figures:
        return Section("delays", title, lead, [Note("No rule with entries has such a part.")])
    columns = ("rule", "part of the condition", "last event before the trigger", "entries", "of these")
    blocks: list[Block] = [Grid(figures), table("delays", title, columns, rows)]
    return Section("delays", title, lead, blocks)


def _figure(delay: Delay, rule: str, part: str, total: int) -> Figure:
    counts = list(zip(NAMES, delay.counts.tolist(), strict=True))
    has = [at for at, (_, count) in enumerate(counts) if count]
    said = f"{some(total, 'entry', 'entries')}; most often {counts[int(delay.counts.argmax())][0]}."
    drawn = plots.histogram(counts[has[0] : has[-1] + 1], said, plots.SMALL)
    return Figure(visible(rule), drawn, aside=some(total, "entry", "entries"), caption=visible(part))
