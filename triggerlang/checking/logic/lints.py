"""Lints of a project's rules: all of them, in no order.

In: rules of a project, and what is wrong with it otherwise. Out: diagnostics. Rules and segments with errors of their own are not looked
at, and a statement that could not be read may be anything: what follows from all rules of an automation, or from all uses of a segment, is
not said then. There are two steps: `look` finds what the rules of some automations bring by themselves and by the segments that they name,
`problems` puts together what was found of all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from triggerlang.checking.logic import limits, meant, swallowing
from triggerlang.checking.logic.conditions import Conditions, Segments, named, referred
from triggerlang.checking.logic.looked import AtUse, Looked, User
from triggerlang.checking.logic.scene import Scene
from triggerlang.checking.ruleset import ProjectRule
from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.source import Source, Span


class Places:
    """Places of errors, by the file and in order."""

    def __init__(self, spans: Iterable[Span]) -> None:
        offsets: dict[int, set[int]] = {}
        for span in spans:
            offsets.setdefault(id(span.source), set()).add(span.offset)
        self._by_source = {source: sorted(own) for source, own in offsets.items()}

    def meet(self, span: Span) -> bool:
        """Whether one of them lies in a statement."""
        offsets = self._by_source.get(id(span.source), [])
        at = bisect_left(offsets, span.offset)
        return at < len(offsets) and offsets[at] <= span.end

    def of(self, source: Source) -> list[int]:
        """The offsets of those in a file."""
        return self._by_source.get(id(source), [])


def look(rules: Sequence[ProjectRule], segments: Segments, places: Places, unread: set[int]) -> Looked:
    """What the lints find in all rules of some automations; `unread` are the ids of the sources that were not read whole."""
    whole = [item for item in rules if not places.meet(item.rule.span)]
    kept = {id(item.rule) for item in whole}
    conditions = Conditions(whole, segments)
    found = list(conditions.problems())
    automations: dict[str, list[ProjectRule]] = {}
    for item in rules:
        automations.setdefault(item.automation, []).append(item)
        if id(item.rule) not in kept and item.rule.where is not None:
            conditions.hidden.update(named(item.rule.where, segments.conditions))
    complete = [
        items for items in automations.values() if all(id(item.rule) in kept and id(item.rule.span.source) not in unread for item in items)
    ]
    found += _of_automations(complete)
    for item in whole:
        found += meant.of_rule(item, conditions, automations[item.automation])
    meanings = [swallowing.meanings(items, conditions) for items in complete]
    return Looked(
        tuple(found),
        meanings=tuple(meaning for of_items in meanings for meaning in of_items.values()),
        swallowed=tuple(
            each for items, of_items in zip(complete, meanings, strict=True) for each in swallowing.swallowed(items, of_items, conditions)
        ),
        entered=tuple(dict.fromkeys(names for rule in _having("enters", rules) for names in swallowing.entered(rule))),
        other_kind=meant.other_kind(item.rule for item in whole),
        any_events=tuple(place for rule in _having("any", whole) if (place := meant.any_event(rule)) is not None),
        hidden=tuple(sorted(conditions.hidden)),
        kept_out=tuple(conditions.kept_out.items()),
        uses=tuple(conditions.uses.items()),
        at_uses=tuple(conditions.at_uses()),
        counted=tuple(_counted(whole, conditions)),
    )


def _having(word: str, rules: Iterable[ProjectRule]) -> Iterator[tree.Rule]:
    """The rules in whose files a word stands: where it does not, nothing that begins with it needs to be looked for."""
    has: dict[int, bool] = {}
    for item in rules:
        source = item.rule.span.source
        found = has.get(id(source))
        if found is None:
            found = has[id(source)] = word in source.text
        if found:
            yield item.rule


def problems(looked: Sequence[Looked], segments: Segments, all_segments: Iterable[tree.Condition], is_read: bool) -> Iterator[Diagnostic]:
    """What the lints say of a project, whose rules were all looked at; `all_segments` are those with errors, too.

    `is_read` tells whether all of its statements could be read.
    """
    conditions = list(all_segments)
    for one in looked:
        yield from one.problems
    if is_read:
        yield from _of_rules(looked, swallowing.Seen((*(one.entered for one in looked), *map(swallowing.entered, conditions))))
    yield from _of_segments(looked, segments, conditions, is_read)
    other = next((one.other_kind for one in looked if one.other_kind is not None), None)
    if other is not None:
        of_rules = chain.from_iterable(one.any_events for one in looked)
        of_segments = (place for condition in segments.conditions.values() if (place := meant.any_event(condition)) is not None)
        for place in chain(of_rules, of_segments):
            yield meant.of_one_kind(place, other)


def _of_automations(automations: Iterable[Sequence[ProjectRule]]) -> Iterator[Diagnostic]:
    for items in automations:
        yield from limits.problems(items)
        yield from meant.of_runs(items[0].header_runs)
        yield from meant.of_automation(items)


def _of_rules(looked: Iterable[Looked], seen: swallowing.Seen) -> Iterator[Diagnostic]:
    """Rules that stand twice, and those that another takes in; never both of one."""
    gone: set[Span] = set()
    for item, problem in swallowing.repeated(meaning for one in looked for meaning in one.meanings):
        gone.add(item.place)
        yield problem
    for one in looked:
        for each in one.swallowed:
            if each.rule not in gone and each.rival not in gone and each.automation not in seen:
                yield each.problem


def _counted(rules: Sequence[ProjectRule], conditions: Conditions) -> Iterator[tuple[str, int, Diagnostic | None]]:
    """What is said of the tests of the segments that some rules refer to."""
    segments = conditions.segments
    users: dict[str, list[Scene]] = {}
    for item in rules if segments else ():
        where = item.rule.where
        if where is not None and conditions.is_small(where):
            scene = conditions.lore(item.rule).scene
            for name in sorted(referred(named(where, segments), segments)):
                users.setdefault(name, []).append(scene)
    for name, scenes in users.items():
        for at, problem in enumerate(meant.counted(segments[name], scenes)):
            yield name, at, problem


def _of_segments(looked: Sequence[Looked], segments: Segments, conditions: Iterable[tree.Condition], is_read: bool) -> Iterator[Diagnostic]:
    """What is said of segments, by themselves and at all of their uses."""
    if not segments.conditions:
        return
    kept = {id(condition) for condition in segments.conditions.values()}
    hidden = {name for one in looked for name in one.hidden}
    hidden.update(name for condition in conditions if id(condition) not in kept for name in named(condition, segments.conditions))
    hidden = referred(hidden, segments.conditions) if is_read else set(segments.conditions)
    uses: dict[str, int] = {}
    users: dict[str, User] = {}
    at_uses: dict[str, dict[AtUse, tuple[int, Diagnostic]]] = {}
    counted: dict[str, dict[int, Diagnostic | None]] = {}
    for one in looked:
        for name, user in one.kept_out:
            users.setdefault(name, user)
        for name, number in one.uses:
            uses[name] = uses.get(name, 0) + number
        for name, at_use, number, problem in one.at_uses:
            of_name = at_uses.setdefault(name, {})
            before, first = of_name.get(at_use, (0, problem))
            of_name[at_use] = (before + number, first)
        for name, at, meant_not in one.counted:
            of_tests = counted.setdefault(name, {})
            of_tests[at] = None if meant_not is None else of_tests.get(at, meant_not)
    for name, condition in segments.conditions.items():
        is_seen = name not in hidden
        alike = {at: problem for at, (number, problem) in at_uses.get(name, {}).items() if is_seen and number == uses[name]}
        yield from segments.problems(name, users.get(name), alike)
        at_all = [problem for problem in counted.get(name, {}).values() if is_seen and problem is not None]
        yield from meant.of_segment(condition, at_all, segments)
