"""Telling: a funnel's steps in the words of the rules.

In: what the engines counted, and the rules as they are written. Out: for each rule its steps with their texts and numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.engines.funnel import Example, RuleFunnel
from triggerlang.language import printing, tree

Kind: TypeAlias = Literal["active", "condition", "runs", "header"]


@dataclass(frozen=True, slots=True)
class ToldStep:
    """A step of a rule, as the rule has it: how many triggers passed it and all before it, how many it stopped, how many of these it alone,
    and the first contacts among the last."""

    kind: Kind
    text: str
    passed: int
    stopped: int
    alone: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class ToldRule:
    """A rule, its trigger as it is written, and what became of its triggers."""

    rule: ProjectRule
    on: str
    triggers: int
    steps: tuple[ToldStep, ...]
    entered: int


@dataclass(frozen=True, slots=True)
class ToldAutomation:
    """An automation and its rules."""

    name: str
    rules: tuple[ToldRule, ...]

    @property
    def triggers(self) -> int:
        """How many triggers all of its rules had."""
        return sum(rule.triggers for rule in self.rules)

    @property
    def entered(self) -> int:
        """How many entries it has."""
        return sum(rule.entered for rule in self.rules)


def told(rules: RuleSet, funnels: Sequence[RuleFunnel]) -> Iterator[ToldAutomation]:
    """The automations in their order; `funnels` are those of all rules."""
    by_automation: dict[str, list[ToldRule]] = {name: [] for name in rules.automations}
    for funnel in funnels:
        item = rules.rules[funnel.rule]
        by_automation[item.automation].append(_told_rule(item, funnel))
    for name, own in by_automation.items():
        yield ToldAutomation(name, tuple(own))


def _told_rule(item: ProjectRule, funnel: RuleFunnel) -> ToldRule:
    steps: list[ToldStep] = []
    left = funnel.triggers
    for (kind, text), counted in zip(_steps_of(item), funnel.steps, strict=True):
        left -= counted.stopped
        if text:
            steps.append(ToldStep(kind, text, left, counted.stopped, counted.alone, counted.examples))
    return ToldRule(item, printing.trigger(item.rule.on), funnel.triggers, tuple(steps), funnel.entered)


def _steps_of(item: ProjectRule) -> Iterator[tuple[Kind, str]]:
    """The steps of a rule, as the engines count them; one that the rule does not have has no text."""
    rule = item.rule
    yield "active", "" if rule.active is None else printing.activity(rule.active)
    if rule.where is not None:
        for part in rule.where.parts if isinstance(rule.where, tree.And) else (rule.where,):
            yield "condition", printing.condition(part)
    yield "runs", printing.runs(rule.runs or tree.Once(span=rule.span))
    yield "header", "" if item.header_runs is None else printing.runs(item.header_runs)
