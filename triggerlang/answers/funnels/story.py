"""A funnel in words: for each rule its steps, one below the other, with how many triggers are left after each.

In: an automation as the engines counted it. Out: a story, of which text and pages are made.
"""

from __future__ import annotations

from collections.abc import Iterator

from triggerlang.answers.funnels.telling import ToldAutomation, ToldRule, ToldStep
from triggerlang.answers.reasons.wording import cut, moment_text
from triggerlang.answers.why.story import Item, Story, count_text
from triggerlang.language.diagnostics import quoted
from triggerlang.language.times import Zone


def story(automation: ToldAutomation, zone: Zone) -> Story:
    """How far the triggers of an automation's rules came; times are those of the zone."""
    several = f" of {len(automation.rules):,} rules" if len(automation.rules) > 1 else ""
    verdict = f"{count_text(automation.triggers, 'trigger')}{several}, {count_text(automation.entered, 'entry', 'entries')}"
    sections = tuple(_rule(rule, zone) for rule in automation.rules)
    return Story(f"automation {quoted(automation.name)}", verdict, (), ("", ""), sections)


def _rule(rule: ToldRule, zone: Zone) -> Item:
    steps = [Item(f"{count_text(rule.triggers, 'trigger')}: {cut(rule.on)}"), *(_step(step, zone) for step in rule.steps)]
    steps.append(Item(f"{rule.entered:,} entered", style="entered" if rule.entered else ""))
    return Item(f"{rule.rule.name}, {rule.rule.source}", items=tuple(steps))


def _step(step: ToldStep, zone: Zone) -> Item:
    return Item(f"{step.passed:,} left: {cut(step.text)}", items=tuple(_stopped(step, zone)))


def _stopped(step: ToldStep, zone: Zone) -> Iterator[Item]:
    if not step.stopped:
        return
    by_runs = step.kind in ("runs", "header")
    alone = "" if by_runs else f", {'all' if step.alone == step.stopped else f'{step.alone:,}'} of them by this alone"
    named = ", ".join(f"{cut(example.contact)} ({moment_text(example.time, zone)})" for example in step.examples)
    yield Item(f"{step.stopped:,} stopped here{alone}", style="unmet")
    if named:
        yield Item(f"such as {named}", style="faint")
