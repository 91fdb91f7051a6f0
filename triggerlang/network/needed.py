"""Needed: the rules that some automations depend on.

In: a rule set, and automations. Out: the rule set without the rules that nothing here looks at: those of the automations stay, and of all
others those whose entries a trigger, a condition or a segment of one that stays asks for. The entries of what stays are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from triggerlang.checking.ruleset import RuleSet
from triggerlang.checking.walking import patterns, tests
from triggerlang.language import tree
from triggerlang.network.compiler import name_node, referred_segments
from triggerlang.network.index import name_test


def needed(rules: RuleSet, automations: Iterable[str]) -> RuleSet:
    """The rules of some automations and those that they depend on, in their order; all segments that these ask for, and no test blocks."""
    by_automation: dict[str, list[tree.Rule]] = {}
    for item in rules.rules:
        by_automation.setdefault(item.automation, []).append(item.rule)
    found: dict[str, None] = {}
    segments: dict[str, None] = {}
    asked_names: list[Callable[[str], bool]] = []
    waiting = [name for name in automations if name in by_automation]
    while waiting:
        found.update(dict.fromkeys(waiting))
        for condition in [rule.where for name in waiting for rule in by_automation[name] if rule.where is not None]:
            asked_names += _asked(condition, rules, segments)
        for name in waiting:
            for rule in by_automation[name]:
                asked_names += (test for _, pattern in patterns(rule.on) for test in _entries(pattern))
        waiting = [name for name in by_automation if name not in found and any(test(name) for test in asked_names)]
        asked_names = []
    kept = tuple(item for item in rules.rules if item.automation in found)
    return replace(rules, rules=kept, segments={name: rules.segments[name] for name in rules.segments if name in segments}, tests=())


def _asked(condition: tree.Condition, rules: RuleSet, segments: dict[str, None]) -> Iterator[Callable[[str], bool]]:
    """The names of automations that a condition asks for, in segments too; those that are met for the first time are noted."""
    conditions = [condition]
    while conditions:
        asked = conditions.pop()
        for name in referred_segments(asked):
            if name not in segments:
                segments[name] = None
                conditions.append(rules.segments[name])
        for test in tests(asked):
            if isinstance(test, tree.HistoryTest):
                for _, pattern in patterns(test.pattern):
                    yield from _entries(pattern)
                if isinstance(test.window, tree.SinceLast):
                    yield from _entries(test.window.pattern)


def _entries(pattern: tree.Pattern) -> Iterator[Callable[[str], bool]]:
    for single in pattern.singles:
        if single.occurrence.kind.kind == "enter":
            yield name_test(name_node(single.occurrence.names))
