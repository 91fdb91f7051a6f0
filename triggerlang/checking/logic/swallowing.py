"""Rules that another rule takes in: of one automation, or the very same in two.

In: the rules of a project. Out: diagnostics. A rule is swallowed if the contacts and times of its automation's entries stay the same
without it, on any log. So nothing is said where some rule looks at these entries, since it could count them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

from triggerlang.checking.logic import codes, filtering, limits, namesets, windows
from triggerlang.checking.logic.conditions import Conditions
from triggerlang.checking.logic.looked import Meaning, Swallowed
from triggerlang.checking.logic.meaning import meaning
from triggerlang.checking.logic.reasoning import entails
from triggerlang.checking.names import short
from triggerlang.checking.ruleset import ProjectRule
from triggerlang.checking.walking import happening, patterns, tests
from triggerlang.language import globs, tree
from triggerlang.language.diagnostics import Diagnostic, Note, code_word, quoted

_MOST_RIVALS = 10
"""How many rules with a trigger like its own a rule is held against."""
_MOST_GLOBS = 50


def repeated(meanings: Iterable[Meaning]) -> Iterator[tuple[Meaning, Diagnostic]]:
    """The rules of a project that stand twice; `meanings` are those of all of its rules in their order."""
    anywhere: dict[str, Meaning] = {}
    here: dict[tuple[str, str], Meaning] = {}
    for item in meanings:
        earlier = here.setdefault((item.automation, item.key), item)
        # Many automations start at the same event; a condition that is the same as well is a copy.
        if earlier is item and item.has_where:
            earlier = anywhere.setdefault(item.key, item)
        if earlier is not item:
            yield item, _repeated(item, earlier)


def meanings(rules: Iterable[ProjectRule], conditions: Conditions) -> dict[int, Meaning]:
    """The meanings of the rules of a complete automation that are small enough, by their ids."""
    return {
        id(item.rule): Meaning(_key(item), item.automation, short(item.rule.span), item.rule.where is not None)
        for item in rules
        if conditions.is_small(item.rule.where)
    }


def swallowed(rules: Sequence[ProjectRule], meant: Mapping[int, Meaning], conditions: Conditions) -> Iterator[Swallowed]:
    """The rules of a complete automation that another takes in, as long as no rule looks at its entries; `meant` are their meanings."""
    if len(rules) > 1 and _are_independent(rules):
        # Of those that mean the same the first is looked at: of the others that is said already.
        first = set({found.key: rule for rule, found in reversed(list(meant.items()))}.values())
        yield from _of_automation([item for item in rules if id(item.rule) in first], conditions)


class Seen:
    """The automations whose entries are asked about, in rules and segments."""

    def __init__(self, entered: Iterable[Iterable[tuple[str, ...] | str | None]]) -> None:
        self._names: set[str] = set()
        self._globs: dict[str, Callable[[str], bool]] = {}
        self._is_any = False
        for names in dict.fromkeys(each for of_file in entered for each in of_file):
            self._add(names)

    def __contains__(self, automation: str) -> bool:
        return self._is_any or automation in self._names or any(fits(automation) for fits in self._globs.values())

    def _add(self, names: tuple[str, ...] | str | None) -> None:
        if names is None or len(self._globs) > _MOST_GLOBS:
            self._is_any = True
        elif isinstance(names, str):
            self._globs[names] = globs.matcher(names)
        else:
            self._names.update(names)


def entered(statement: tree.Rule | tree.Condition) -> Iterator[tuple[str, ...] | str | None]:
    """The automations whose entries a rule, or the condition of a segment, asks about: names, a glob, or any."""
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
                names = namesets.name_set(single.occurrence.names)
                yield tuple(sorted(names)) if isinstance(names, frozenset) else names


# The same rule


def _repeated(item: Meaning, earlier: Meaning) -> Diagnostic:
    is_own = item.automation == earlier.automation
    return codes.DUPLICATE_RULE.at(
        item.place,
        other="this automation" if is_own else quoted(earlier.automation),
        help="leave one of them out" if is_own else "leave one of them out, or say in a segment what both ask for",
        notes=(Note("the same rule", earlier.place),),
    )


def _key(item: ProjectRule) -> str:
    """What is equal for rules that mean the same, whatever the order of their parts."""
    rule = item.rule
    header = None if isinstance(item.header_runs, tree.EveryTime) else item.header_runs
    once = tree.Once(span=rule.span)
    written = "|".join((meaning(rule.on), meaning(rule.where), meaning(rule.active), meaning(rule.runs or once), meaning(header)))
    return sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:32]


# Rules of one automation


def _of_automation(rules: Sequence[ProjectRule], conditions: Conditions) -> Iterator[Swallowed]:
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
                place, other = short(item.rule.span), short(rival.rule.span)
                problem = codes.SWALLOWED_RULE.at(
                    place,
                    other=code_word(rival.name),
                    help="leave it out, or ask here for what the other does not",
                    notes=(Note("by this rule", other),),
                )
                yield Swallowed(item.automation, place, other, problem)
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
