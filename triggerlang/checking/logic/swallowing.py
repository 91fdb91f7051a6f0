"""Rules that another rule takes in: of one automation, or the very same in two.

In: the rules of a project. Out: diagnostics. A rule is swallowed if the contacts and times of its automation's entries stay the same
without it, on any log. So nothing is said where some rule looks at these entries, since it could count them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from triggerlang.checking.logic import codes, filtering, limits, namesets, windows
from triggerlang.checking.logic.conditions import Conditions
from triggerlang.checking.logic.reasoning import entails
from triggerlang.checking.names import short
from triggerlang.checking.ruleset import ProjectRule
from triggerlang.checking.walking import happening, patterns, tests
from triggerlang.language import globs, tree
from triggerlang.language.diagnostics import Diagnostic, Note, code_word, quoted

_MOST_RIVALS = 10
"""How many rules with a trigger like its own a rule is held against."""
_MOST_GLOBS = 50
_Key: TypeAlias = tuple[object, ...]


def problems(automations: Iterable[Sequence[ProjectRule]], conditions: Conditions, seen: Seen) -> Iterator[Diagnostic]:
    """Swallowed and repeated rules; `seen` tells the automations whose entries some rule looks at."""
    anywhere: dict[_Key, ProjectRule] = {}
    for rules in automations:
        here: dict[_Key, ProjectRule] = {}
        repeated: set[int] = set()
        for item in rules:
            if not conditions.is_small(item.rule.where):
                continue
            key = _key(item)
            earlier = here.setdefault(key, item)
            # Many automations start at the same event; a condition that is the same as well is a copy.
            if earlier is item and item.rule.where is not None:
                earlier = anywhere.setdefault(key, item)
            if earlier is not item:
                repeated.add(id(item.rule))
                yield _repeated(item, earlier)
        if len(rules) > 1 and rules[0].automation not in seen:
            yield from _of_automation([item for item in rules if id(item.rule) not in repeated], conditions)


class Seen:
    """The automations whose entries are asked about, in rules and segments."""

    def __init__(self, statements: Iterable[tree.Rule | tree.Condition]) -> None:
        self._names: set[str] = set()
        self._globs: dict[str, Callable[[str], bool]] = {}
        self._is_any = False
        for statement in statements:
            for names in _entered(statement):
                self._add(namesets.name_set(names))

    def __contains__(self, automation: str) -> bool:
        return self._is_any or automation in self._names or any(fits(automation) for fits in self._globs.values())

    def _add(self, names: namesets.NameSet) -> None:
        if names is None or len(self._globs) > _MOST_GLOBS:
            self._is_any = True
        elif isinstance(names, str):
            self._globs[names] = globs.matcher(names)
        else:
            self._names |= names


def _entered(statement: tree.Rule | tree.Condition) -> Iterator[tree.Names | None]:
    """The names of the automations whose entries a rule, or the condition of a segment, asks about."""
    asked: list[tree.Pattern] = []
    condition: tree.Condition | None
    if isinstance(statement, tree.Rule):
        asked += [pattern for _, pattern in patterns(statement.on)]
        condition = statement.where
    else:
        condition = statement
    for test in tests(condition):
        if isinstance(test, tree.HistoryTest):
            asked += [pattern for _, pattern in patterns(test.pattern)]
            if isinstance(test.window, tree.SinceLast):
                asked.append(test.window.pattern)
    for pattern in asked:
        for single in pattern.singles:
            if single.occurrence.kind.kind == "enter":
                yield single.occurrence.names


# The same rule


def _repeated(item: ProjectRule, earlier: ProjectRule) -> Diagnostic:
    is_own = item.automation == earlier.automation
    return codes.DUPLICATE_RULE.at(
        short(item.rule.span),
        other="this automation" if is_own else quoted(earlier.automation),
        help="leave one of them out" if is_own else "leave one of them out, or say in a segment what both ask for",
        notes=(Note("the same rule", short(earlier.rule.span)),),
    )


def _key(item: ProjectRule) -> _Key:
    """What is equal for rules that mean the same, whatever the order of their parts."""
    rule = item.rule
    once = tree.Once(span=rule.span)
    return (
        _plain(rule.on),
        None if rule.where is None else _plain(rule.where),
        rule.active,
        rule.runs or once,
        None if isinstance(item.header_runs, tree.EveryTime) else item.header_runs,
    )


def _plain(node: object) -> object:
    """A node, its parts in any order, its names and filters without their writing."""
    match node:
        case tree.And(parts) | tree.Or(parts):
            return type(node).__name__, frozenset(map(_plain, parts))
        case tree.Not(part):
            return "not", _plain(part)
        case tree.Pattern(singles):
            return "pattern", frozenset(map(_plain, singles))
        case tree.Single(occurrence, filters):
            return occurrence.kind.kind, namesets.name_set(occurrence.names), frozenset(map(_plain, filters))
        case tree.HistoryTest(pattern, measure, window):
            return "history", _plain(pattern), measure, window
        case tree.WeekdayTest(days):
            return "weekday", frozenset(days)
    return node


# Rules of one automation


def _of_automation(rules: Sequence[ProjectRule], conditions: Conditions) -> Iterator[Diagnostic]:
    if not _are_independent(rules):
        return
    live = [item for item in rules if id(item.rule) not in conditions.never_enters and conditions.is_small(item.rule.where)]
    rivals: dict[object, list[ProjectRule]] = {}
    for item in live:
        if _may_swallow(item):
            for key in _starts(item.rule.on):
                rivals.setdefault(key, []).append(item)
    gone: set[int] = set()
    for item in reversed(live):
        for rival in _rivals(item, rivals):
            if rival is not item and id(rival.rule) not in gone and _swallows(rival, item, conditions):
                gone.add(id(item.rule))
                yield codes.SWALLOWED_RULE.at(
                    short(item.rule.span),
                    other=code_word(rival.name),
                    help="leave it out, or ask here for what the other does not",
                    notes=(Note("by this rule", short(rival.rule.span)),),
                )
                break


def _rivals(item: ProjectRule, rivals: dict[object, list[ProjectRule]]) -> Iterator[ProjectRule]:
    for key in dict.fromkeys((_starts(item.rule.on)[0], happening(item.rule.on).singles[0].occurrence.kind.kind)):
        yield from rivals.get(key, ())[:_MOST_RIVALS]


def _starts(on: tree.Trigger) -> list[object]:
    """Under what a rule is looked up: the kind and name of each single, the kind alone where it has no one name."""
    found: list[object] = []
    for single in happening(on).singles:
        kind, name = single.occurrence.kind.kind, namesets.is_one(single.occurrence.names)
        found.append(kind if name is None else (kind, name))
    return found


def _are_independent(rules: Sequence[ProjectRule]) -> bool:
    """Whether which rule makes an entry plays no part in what the others do later: where the header decides alone, or not at all."""
    header = rules[0].header_runs
    if header is None or isinstance(header, tree.EveryTime) or limits.is_once(header):
        return True
    return all(limits.limits_as_much(header, item.rule.runs) for item in rules)


def _may_swallow(item: ProjectRule) -> bool:
    """Whether a rule enters, as far as its own runs go, whenever the automation may be entered."""
    header = item.header_runs
    if header is None or isinstance(header, tree.EveryTime):
        return isinstance(item.rule.runs, tree.EveryTime)
    return _lets_one_in(header) and limits.limits_as_much(header, item.rule.runs)


def _lets_one_in(header: tree.Runs) -> bool:
    """Whether a header lets one entry in at a trigger at most, whichever rule makes it."""
    match header:
        case tree.Once():
            return True
        case tree.AtMost(1, per):
            return per is None or per.microseconds > 0
    return False


def _swallows(rival: ProjectRule, item: ProjectRule, conditions: Conditions) -> bool:
    wide, narrow = rival.rule, item.rule
    if not _starts_within(narrow.on, wide.on) or not _active_within(narrow.active, wide.active):
        return False
    if wide.where is None:
        return True
    lore = conditions.lore(narrow)
    if narrow.where is None:
        return False
    return entails(lore, narrow.where, wide.where, lore.scene.facts)


def _starts_within(one: tree.Trigger, other: tree.Trigger) -> bool:
    """Whether each trigger of the first is surely one of the second, at the same place and with the same properties."""
    if one == other:
        return True
    if not isinstance(other, tree.Pattern):
        return False
    if isinstance(one, tree.Pattern):
        return filtering.singles_within(one.singles, other.singles)
    if isinstance(one, tree.Chain) and one.without is None:
        return filtering.singles_within(filtering.freed(happening(one).singles), other.singles)
    return False


def _active_within(one: tree.Activity | None, other: tree.Activity | None) -> bool:
    if other is None:
        return True
    if one is None:
        return False
    starts = other.start is None or (one.start is not None and windows.not_before(one.start, other.start))
    ends = other.end is None or (one.end is not None and windows.not_after(one.end, other.end))
    return starts and ends
