"""Lints of a project's rules: all of them, in no order.

In: a rule set, and what is wrong with the project otherwise. Out: diagnostics. Rules and segments with errors of their own are not looked
at, and a statement that could not be read may be anything: what follows from all rules of an automation, or from all uses of a segment, is
not said then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from triggerlang.checking.logic import limits, meant, swallowing
from triggerlang.checking.logic.conditions import Conditions, named, referred
from triggerlang.checking.logic.scene import Scene
from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.source import Source, Span


def problems(rules: RuleSet, errors: Iterable[Span] = (), unread: Iterable[Source] = ()) -> Iterator[Diagnostic]:
    """What the lints say of a project; `errors` are the places of what is wrong otherwise, `unread` the files not read whole."""
    places = _Places(errors)
    unread_files = {id(source) for source in unread}
    whole = [item for item in rules.rules if not places.meet(item.rule.span)]
    segments = {name: condition for name, condition in rules.segments.items() if not places.meet(condition.span)}
    kept = {id(item.rule) for item in whole}
    hidden = set(segments) if unread_files else _hidden(rules, kept, segments)
    conditions = Conditions(whole, segments, hidden)
    yield from conditions.problems()
    automations: dict[str, list[ProjectRule]] = {}
    for item in rules.rules:
        automations.setdefault(item.automation, []).append(item)
    complete = [
        items
        for items in automations.values()
        if all(id(item.rule) in kept and id(item.rule.span.source) not in unread_files for item in items)
    ]
    yield from _of_automations(complete)
    if not unread_files:
        seen = swallowing.Seen((*(item.rule for item in rules.rules), *rules.segments.values()))
        yield from swallowing.problems(complete, conditions, seen)
    for item in whole:
        yield from meant.of_rule(item, conditions, automations[item.automation])
    yield from _of_segments(whole, segments, conditions)
    yield from meant.one_kind_only(whole, segments)


def _hidden(rules: RuleSet, kept: set[int], segments: Mapping[str, tree.Condition]) -> set[str]:
    """The segments that rules and segments with errors use."""
    unseen = [item.rule.where for item in rules.rules if id(item.rule) not in kept]
    unseen += [condition for name, condition in rules.segments.items() if name not in segments]
    return {name for condition in unseen if condition is not None for name in named(condition, segments)}


def _of_automations(automations: Iterable[Sequence[ProjectRule]]) -> Iterator[Diagnostic]:
    for items in automations:
        yield from limits.problems(items)
        yield from meant.of_runs(items[0].header_runs)
        yield from meant.of_automation(items)


def _of_segments(rules: Sequence[ProjectRule], segments: Mapping[str, tree.Condition], conditions: Conditions) -> Iterator[Diagnostic]:
    users: dict[str, list[Scene]] = {}
    for item in rules if segments else ():
        where = item.rule.where
        if where is not None and conditions.is_small(where):
            for name in referred(named(where, segments), segments):
                users.setdefault(name, []).append(Scene(item.rule))
    for name, condition in segments.items():
        yield from meant.of_segment(condition, () if name in conditions.hidden else users.get(name, ()), conditions)


class _Places:
    """Places of errors, by the file and in order."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._by_source: dict[int, list[Span]] = {}
        for span in spans:
            self._by_source.setdefault(id(span.source), []).append(span)

    def meet(self, span: Span) -> bool:
        """Whether one of them lies in a statement."""
        return any(span.offset <= each.offset <= span.end for each in self._by_source.get(id(span.source), ()))
