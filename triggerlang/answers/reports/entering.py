"""Entering: what a report says of entries: how many when, how far triggers came, and the busiest hours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from triggerlang.answers.funnels.telling import ToldAutomation, ToldRule
from triggerlang.answers.reports import plots
from triggerlang.answers.reports.gathering import Gathering
from triggerlang.answers.reports.page import Block, Figure, Funnel, Funnels, FunnelStep, Grid, Note, Section
from triggerlang.answers.reports.tables import Cell, Table, number, share, table, text, visible
from triggerlang.answers.reports.wording import some
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.evaluating import Outcome
from triggerlang.language.times import Zone

DRAWN: Final = 12
"""Of so many automations entries are drawn."""
FUNNELS: Final = 40
"""Of so many rules the funnel is drawn."""
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NO_ENTRIES: Final = Note("No entries: no trigger passed all that its rule asks for.")


def over_time(seen: Gathering, rules: RuleSet, outcome: Outcome) -> Section:
    """Entries over time: of all automations, and of each of the largest."""
    total = sum(outcome.by_automation.values())
    blocks: list[Block] = []
    order = sorted(range(len(rules.automations)), key=lambda at: -outcome.by_automation[rules.automations[at]])
    shown = [at for at in order if outcome.by_automation[rules.automations[at]]][:DRAWN]
    if seen.calendar is None or not total:
        blocks.append(NO_ENTRIES)
    else:
        bins = seen.calendar.bins
        summed = seen.entries.sum(axis=0).tolist()
        said = f"Entries by {bins.unit}: {total:,} in all, {max(summed):,} in the busiest {bins.unit}."
        blocks.append(Figure(f"All entries, by {bins.unit}", *(plots.bars_in_time(bins, summed, said, *size) for size in _WIDE)))
        blocks.append(Grid([_small(seen, at, rules.automations[at], outcome) for at in shown]))
        if sum(1 for count in outcome.by_automation.values() if count) > DRAWN:
            blocks.append(Note(f"Drawn are the {DRAWN} automations with the most entries; the table below has the others."))
        blocks.append(_by_bin(seen, shown, rules.automations))
    blocks.append(_by_automation(seen, order, rules.automations, outcome))
    return Section("entering", "Entries over time", "Who enters: a contact, an automation, a moment.", blocks)


_WIDE: Final = ((plots.WIDE, 200), (plots.NARROW, 150))


def _small(seen: Gathering, at: int, name: str, outcome: Outcome) -> Figure:
    assert seen.calendar is not None
    bins, counts = seen.calendar.bins, seen.entries[at].tolist()
    said = f"Entries by {bins.unit}: {sum(counts):,} in all, {max(counts):,} in the busiest {bins.unit}."
    drawn = plots.bars_in_time(bins, counts, said, plots.SMALL, 90)
    return Figure(visible(name), drawn, aside=some(outcome.by_automation[name], "entry", "entries"))


def _by_bin(seen: Gathering, shown: Sequence[int], automations: Sequence[str]) -> Table:
    assert seen.calendar is not None
    bins = seen.calendar.bins
    summed = seen.entries.sum(axis=0).tolist()
    rows: list[tuple[Cell, ...]] = [
        (text(bins.name(at)), number(summed[at]), *(number(int(seen.entries[automation, at])) for automation in shown))
        for at in range(len(bins))
    ]
    columns = (f"{bins.unit} from", "all", *(visible(automations[at]) for at in shown))
    return table("entries-over-time", f"Entries by {bins.unit}", columns, rows)


def _by_automation(seen: Gathering, order: Sequence[int], automations: Sequence[str], outcome: Outcome) -> Table:
    total = sum(outcome.by_automation.values())
    most = max(outcome.by_automation.values(), default=0)
    rows = []
    for at in order:
        entries = outcome.by_automation[automations[at]]
        contacts = int(seen.overlap.contacts[at])
        rows.append(
            (text(automations[at]), number(entries, of=most), share(entries, total), number(contacts), share(contacts, outcome.contacts))
        )
    columns = ("automation", "entries", "of all entries", "contacts", "of all contacts")
    return table(
        "entries", "Entries and contacts of each automation", columns, rows, elsewhere="triggerlang run --summary", is_folded=False
    )


def funnels(automations: Sequence[ToldAutomation]) -> Section:
    """How far the triggers of each rule came."""
    rules = [rule for automation in automations for rule in automation.rules]
    most = sorted((rule for rule in rules if rule.triggers), key=lambda rule: -rule.triggers)[:FUNNELS]
    drawn = {id(rule) for rule in most}
    blocks: list[Block] = [Funnels([_funnel(rule) for rule in rules if id(rule) in drawn])]
    if not most:
        blocks = [Note("No rule had a trigger in this log.")]
    elif len(drawn) < sum(bool(rule.triggers) for rule in rules):
        blocks.append(Note(f"Drawn are the {FUNNELS} rules with the most triggers; the table below has more."))
    rows = []
    for rule in rules:
        rows.append((text(rule.rule.name), text(f"on {rule.on}"), number(rule.triggers), number(0), number(0)))
        rows += [
            (text(rule.rule.name), text(step.text), number(step.passed), number(step.stopped), number(step.alone)) for step in rule.steps
        ]
    columns = ("rule", "step", "left", "stopped here", "by this alone")
    blocks.append(table("funnels", "Every step of every rule", columns, rows, elsewhere="triggerlang run --funnel"))
    lead = (
        "Of all triggers of a rule, how many are left after each part of it. By this alone: every part after it would have let them pass."
    )
    return Section("funnels", "How far triggers came", lead, blocks)


def _funnel(rule: ToldRule) -> Funnel:
    steps = [FunnelStep(visible(f"on {rule.on}"), number(rule.triggers, of=rule.triggers), None, None)]
    steps += [
        FunnelStep(
            visible(step.text) + (", of the whole automation" if step.kind == "header" else ""),
            number(step.passed, of=rule.triggers),
            number(step.stopped),
            number(step.alone) if step.kind in ("active", "condition") else None,
        )
        for step in rule.steps
    ]
    return Funnel(visible(rule.rule.name), visible(rule.rule.source), steps, number(rule.entered, of=rule.triggers))


def busiest_hours(seen: Gathering, zone: Zone) -> Section:
    """Entries by hour of the day and day of the week."""
    counts = seen.hours.tolist()
    if not sum(counts):
        return Section("hours", "Busiest hours", "", [NO_ENTRIES])
    busiest = int(np.argmax(seen.hours))
    said = (
        f"Busiest is {DAYS[busiest // 24]}, {busiest % 24}:00 to {busiest % 24 + 1}:00, with {some(counts[busiest], 'entry', 'entries')}."
    )
    lead = f"Entries by the clock of {visible(zone.name)}; the stronger the colour, the more. {said}"
    rows: list[tuple[Cell, ...]] = [
        (
            text(f"{hour:02}:00"),
            *(number(counts[day * 24 + hour], shade=plots.shade(counts[day * 24 + hour], max(counts))) for day in range(7)),
        )
        for hour in range(24)
    ]
    figure = Figure("Entries by hour and weekday", plots.week(counts, said, plots.WIDE), plots.week(counts, said, plots.NARROW))
    return Section("hours", "Busiest hours", lead, [figure, table("hours", "The same in numbers", ("hour", *DAYS), rows)])
