"""A funnel as a person reads it: for each rule its steps, one below the other, with how many triggers are left after each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from triggerlang.answers.encoding import shown
from triggerlang.answers.funnels.telling import ToldAutomation, ToldRule, ToldStep
from triggerlang.answers.reasons.wording import moment_text
from triggerlang.language.diagnostics import quoted
from triggerlang.language.times import Zone

LONGEST_TEXT: Final = 100
"""How many characters of a rule's own text stand on a line."""


def render(automation: ToldAutomation, zone: Zone) -> str:
    """The funnels of an automation's rules, and their sums where it has several."""
    lines = [f"automation {shown(quoted(automation.name))}"]
    if len(automation.rules) > 1:
        lines[0] += f": {_some(automation.triggers, 'trigger')} of {len(automation.rules):,} rules, {automation.entered:,} entered"
    for rule in automation.rules:
        lines += ["", *_rule(rule, zone)]
    return "\n".join(lines) + "\n"


def _rule(rule: ToldRule, zone: Zone) -> Iterator[str]:
    wide = len(f"{rule.triggers:,}")
    yield f"  {shown(rule.rule.name)}  {shown(rule.rule.source)}"
    yield f"    {rule.triggers:>{wide},}  on {_cut(rule.on)}"
    for step in rule.steps:
        yield f"    {step.passed:>{wide},}  {_cut(step.text)}"
        if step.stopped:
            yield f"    {'':>{wide}}    {_stopped(step)}"
        if step.examples:
            named = ", ".join(f"{_cut(example.contact)} ({moment_text(example.time, zone)})" for example in step.examples)
            yield f"    {'':>{wide}}    such as {named}"
    yield f"    {rule.entered:>{wide},}  entered"


def _stopped(step: ToldStep) -> str:
    if step.kind in ("runs", "header"):
        return f"{step.stopped:,} stopped here"
    return f"{step.stopped:,} stopped here, {step.alone:,} of them by this alone"


def _cut(text: str) -> str:
    return shown(text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…")


def _some(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
