"""A plan as text, for whoever reads a change of rules.

In: a plan. Out: what it does in all, then automation by automation: how the rules are written otherwise, the entries that come, go and
move, and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triggerlang.answers.encoding import shown
from triggerlang.answers.plans import wording
from triggerlang.answers.plans.difference import MOST_EXAMPLES
from triggerlang.answers.plans.plan import OfAutomation, OfRule, Plan, Rewording
from triggerlang.answers.reasons.wording import cut, moment_text
from triggerlang.engines.entry import Entry
from triggerlang.language import times
from triggerlang.language.diagnostics import quoted
from triggerlang.language.times import Zone


def render(plan: Plan) -> str:
    """All that there is to tell."""
    paths, against = plan.names
    head = shown(f"{', '.join(paths)} against {against}")
    lines = [head if plan.log is None else f"{head}, over {shown(wording.over(plan))}"]
    lines.append(wording.in_all(plan) if plan.log is not None else wording.rules_in_all(plan))
    for automation in plan.automations:
        if wording.is_told(automation):
            lines += ["", *_automation(automation, plan.zone)]
    ends = [text for text in (wording.quiet_ones(plan), wording.looked_at(plan)) if text]
    if ends:
        lines += ["", *ends]
    if plan.exceeded:
        lines += ["", *(f"{one.option}: automation {shown(quoted(one.automation))}: {one.words}" for one in plan.exceeded)]
    return "\n".join(lines) + "\n"


def _automation(automation: OfAutomation, zone: Zone) -> Iterator[str]:
    pair, told = automation.pair, automation.told
    name = shown(quoted(pair.name))
    if pair.is_renamed and pair.old is not None:
        name += f" (until now {shown(quoted(pair.old))})"
    yield f"automation {name}{wording.of_automation(automation)}"
    yield from _rewording(automation.header, "  ")
    if automation.status == "same":
        yield "  its own rules are the same"
    for rule in automation.rules:
        yield from _rule(rule, is_alone=len(automation.rules) == 1)
    if told is None:
        return
    change, firsts = told.change, told.firsts
    yield from _examples("more", change.added, [_entry(one, zone) for one in firsts.added])
    yield from _examples("fewer", change.removed, [_entry(one, zone) for one in firsts.removed])
    yield from _examples("at another time", change.moved, [_moved(before, after, zone) for before, after in firsts.moved])
    if told.first_time and automation.status != "new":
        yield f"  {wording.first_time(told)}{_such_as([shown(quoted(one.contact)) for one in firsts.first_time], told.first_time)}"
    yield from (f"  {line}" for line in wording.of_others(automation, told))
    for why in automation.why:
        yield f"  {wording.of_reason(why, '' if len(automation.rules) == 1 else shown(why.rule), _cut(why.text))}"
        yield from (f"    {_entry(one.entry, zone)}: {shown(one.words)}" for one in why.examples if one.words)


def _rule(rule: OfRule, *, is_alone: bool) -> Iterator[str]:
    """How a rule is written otherwise, and what became of its entries."""
    change = rule.change
    if rule.status == "same" and rule.history is None and (is_alone or change is None or not change.changed):
        return
    item = rule.item
    head = f"  {shown(item.name)}, {shown(item.source)}"
    if rule.status in ("new", "gone"):
        head += f", is {rule.status}"
    elif rule.old is not None and rule.old.name != item.name:
        head += f", until now {shown(rule.old.name)}"
    if change is not None and change.changed and not is_alone:
        head += f": {wording.changes(change)}"
    yield head
    yield from _rewording(rule.rewording, "    ")
    if rule.history is not None:
        yield from (f"    {shown(line)}" for line in rule.history.lines())


def _rewording(rewording: Rewording, indent: str) -> Iterator[str]:
    yield from (f"{indent}- {_cut(text)}" for text in rewording.gone)
    yield from (f"{indent}+ {_cut(text)}" for text in rewording.come)


def _examples(what: str, number: int, named: Sequence[str]) -> Iterator[str]:
    """The first entries of a kind, a line each."""
    if number:
        yield f"  {what}{', the first' if number > MOST_EXAMPLES else ''}:"
        yield from (f"    {each}" for each in named[:MOST_EXAMPLES])


def _such_as(named: Sequence[str], number: int) -> str:
    some = ", ".join(named[:MOST_EXAMPLES])
    return f", such as {some}" if number > MOST_EXAMPLES else f": {some}"


def _entry(entry: Entry, zone: Zone) -> str:
    return f"{shown(quoted(entry.contact))} at {_time(entry, zone)}"


def _moved(before: Entry, after: Entry, zone: Zone) -> str:
    return f"{_entry(after, zone)}, was {_time(before, zone)}"


def _time(entry: Entry, zone: Zone) -> str:
    return moment_text(times.from_datetime(entry.time, Zone()), zone)


def _cut(text: str) -> str:
    return shown(cut(text))
