"""The rule set: a whole project, checked, as the network and the oracle take it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triggerlang.language import tree


@dataclass(frozen=True, slots=True)
class ProjectRule:
    """A rule in its project: the automation it belongs to, its number in that from 1, and the runs of the automation's header."""

    automation: str
    number: int
    header_runs: tree.Runs | None
    rule: tree.Rule

    @property
    def name(self) -> str:
        """`Win back#2`."""
        return f"{self.automation}#{self.number}"

    @property
    def source(self) -> str:
        """`rules/welcome.triggers:3`: the file as it was named, and the line of the rule's first word."""
        return f"{self.rule.span.path}:{self.rule.span.line}"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of a project in their order, the conditions of its segments by name, what it declares, and its test blocks."""

    rules: tuple[ProjectRule, ...]
    segments: Mapping[str, tree.Condition]
    declares: tuple[tree.Declare, ...] = ()
    tests: tuple[tree.TestBlock, ...] = ()

    @property
    def automations(self) -> tuple[str, ...]:
        """The names of the automations that have rules, in order."""
        return tuple(dict.fromkeys(rule.automation for rule in self.rules))
