"""Conditions and patterns of a project: which never hold, always hold, or hold parts that change nothing.

In: the segments of a project, and rules of it. Out: diagnostics. A segment is looked at by itself, and then where rules use it: what holds
of a part of it at each use alike is said once, at the segment. Only who has looked at all rules can say that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from triggerlang.checking.circles import referred_first
from triggerlang.checking.logic import codes, filtering, wording
from triggerlang.checking.logic.looked import AtUse, User
from triggerlang.checking.logic.parts import Finding, findings
from triggerlang.checking.logic.reasoning import Fact, is_small, known
from triggerlang.checking.logic.scene import Scene, SceneLore
from triggerlang.checking.names import short
from triggerlang.checking.ruleset import ProjectRule
from triggerlang.checking.walking import patterns, tests
from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic, Note, code_word

_NOWHERE = Scene(None)


class Segments:
    """The segments of a project that have no errors of their own, each looked at by itself."""

    def __init__(self, conditions: Mapping[str, tree.Condition]) -> None:
        self.conditions = conditions
        self.opened: dict[str, tree.Condition] = {}
        """The segments that are looked through: all but those that are settled by themselves."""
        self.by_themselves: dict[str, list[Finding]] = {}
        self._all = SceneLore(_NOWHERE, conditions)
        for name in referred_first({name: list(named(condition, conditions)) for name, condition in conditions.items()}):
            self._by_itself(name)

    def is_small(self, *conditions: tree.Condition | None) -> bool:
        """Whether conditions, and the segments that they refer to, are few and flat enough to be reasoned about."""
        return is_small(conditions, self._all)

    def _by_itself(self, name: str) -> None:
        """What holds of a segment at any trigger; those that it refers to come first."""
        condition = self.conditions[name]
        found = list(findings(SceneLore(_NOWHERE, self.opened), condition, ())) if self.is_small(condition) else []
        self.by_themselves[name] = found
        if not (len(found) == 1 and found[0].part is condition):
            self.opened[name] = condition

    def problems(self, name: str, user: User | None, at_uses: Mapping[AtUse, Diagnostic]) -> Iterator[Diagnostic]:
        """What is to be said of a segment; `user` is a rule that it keeps out, `at_uses` what was found alike at all of its uses."""
        condition = self.conditions[name]
        own = self.by_themselves[name]
        for finding in own:
            if user is None:
                yield wording.of(finding)
            else:
                note = Note("this rule asks for it", user.place)
                yield wording.never_enters(finding.known, condition.span, code_word(user.rule), (note,))
        known_parts = {id(finding.part) for finding in own}
        parts = list(_parts(condition))
        for (at, _), problem in at_uses.items():
            if id(parts[at]) not in known_parts:
                yield problem
        yield from _of_patterns(condition)


class Conditions:
    """The conditions of some rules, all of those of their automations."""

    def __init__(self, rules: Sequence[ProjectRule], segments: Segments) -> None:
        self.rules = rules
        self.segments = segments.conditions
        self.opened = segments.opened
        self._of_all = segments
        self._small: dict[int, bool] = {}
        self._lores: dict[int, SceneLore] = {}
        self.never_enters: set[int] = set()
        """The ids of rules that never enter."""
        self.hidden: set[str] = set()
        """The segments that are used in ways that nobody looked at."""
        self.kept_out: dict[str, User] = {}
        """For each segment, settled by itself, the first rule that it keeps from entering."""
        self.uses: dict[str, int] = {}
        """How many ways lead to each segment."""
        self._at_uses: dict[str, dict[tuple[int, str], list[Finding]]] = {}

    def problems(self) -> Iterator[Diagnostic]:
        """What is to be said of these conditions and patterns."""
        for item in self.rules:
            yield from self._of_rule(item)

    def at_uses(self) -> Iterator[tuple[str, AtUse, int, Diagnostic]]:
        """What was found of the parts of segments where rules use them: how often, and how it is said."""
        for name, found in self._at_uses.items():
            order = {id(part): at for at, part in enumerate(_parts(self.segments[name]))} if found else {}
            for (part, sort), each in found.items():
                yield name, AtUse(order[part], sort), len(each), wording.of(each[0])

    def lore(self, rule: tree.Rule) -> SceneLore:
        """What the tests of the condition of one of the rules say of one another."""
        found = self._lores.get(id(rule))
        if found is None:
            found = self._lores[id(rule)] = SceneLore(Scene(rule), self.opened)
        return found

    def is_small(self, condition: tree.Condition | None) -> bool:
        """Whether the condition of one of the rules is few and flat enough to be reasoned about, with the segments it refers to."""
        found = self._small.get(id(condition))
        if found is None:
            found = self._small[id(condition)] = self._of_all.is_small(condition)
        return found

    # Rules

    def _of_rule(self, item: ProjectRule) -> Iterator[Diagnostic]:
        rule = item.rule
        yield from self._of_trigger(rule)
        if rule.where is None:
            return
        yield from _of_patterns(rule.where)
        if not self.is_small(rule.where):
            self.hidden.update(named(rule.where, self.segments))
            return
        self._count_uses(rule.where)
        lore = self.lore(rule)
        for finding in findings(lore, rule.where, lore.scene.facts, partial(self._visit, lore)):
            if finding.part is rule.where and finding.sort == "never":
                self.never_enters.add(id(rule))
                yield wording.never_enters(finding.known, finding.known.at.span)
            else:
                yield wording.of(finding)
        if id(rule) not in self.never_enters:
            culprit = self._kept_out_by(rule.where, lore)
            if culprit is not None:
                self.never_enters.add(id(rule))
                self.kept_out.setdefault(culprit, User(item.name, short(rule.on.span)))

    def _of_trigger(self, rule: tree.Rule) -> Iterator[Diagnostic]:
        for role, pattern in patterns(rule.on):
            never = [filtering.never(single) for single in pattern.singles]
            if role != "without" and never[0] is not None and None not in never:
                self.never_enters.add(id(rule))
                yield wording.never_enters(never[0], never[0].at.span)
            else:
                yield from _of_pattern(pattern)

    def _kept_out_by(self, condition: tree.Condition, lore: SceneLore) -> str | None:
        """The segment, settled by itself, because of which a rule never enters."""
        for name in sorted(referred(named(condition, self.segments), self.segments)):
            if name not in self.opened:
                answer = known(SceneLore(lore.scene, {**self.opened, name: self.segments[name]}), condition, lore.scene.facts)
                if answer is not None and not answer.holds:
                    return name
        return None

    def _count_uses(self, condition: tree.Condition) -> None:
        """Each way by which a rule comes to a segment, through others too; of a small condition there are few."""
        waiting = [condition]
        while waiting:
            for name in named(waiting.pop(), self.segments):
                self.uses[name] = self.uses.get(name, 0) + 1
                waiting.append(self.segments[name])

    def _visit(self, lore: SceneLore, test: tree.SegmentTest, facts: Sequence[Fact]) -> None:
        """Look at a segment where a rule uses it."""
        name = test.name.text
        if name in self.opened:
            at_uses = self._at_uses.setdefault(name, {})
            for finding in findings(lore, self.opened[name], facts, partial(self._visit, lore)):
                at_uses.setdefault((id(finding.part), finding.sort), []).append(finding)


def named(condition: tree.Condition, segments: Mapping[str, tree.Condition]) -> Iterator[str]:
    """The segments that a condition names, each as often as it does."""
    for test in tests(condition) if segments else ():
        if isinstance(test, tree.SegmentTest) and test.name.text in segments:
            yield test.name.text


def referred(names: Iterable[str], segments: Mapping[str, tree.Condition]) -> set[str]:
    """Some segments, and those that they refer to, through others too."""
    waiting = [name for name in names if name in segments]
    found = set(waiting)
    while waiting:
        for name in named(segments[waiting.pop()], segments):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


def _parts(condition: tree.Condition) -> Iterator[tree.Condition]:
    """The parts of a condition, itself first, in the order of the text."""
    waiting = [condition]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, tree.And | tree.Or):
            waiting.extend(reversed(node.parts))
        elif isinstance(node, tree.Not):
            waiting.append(node.part)


def _of_patterns(condition: tree.Condition) -> Iterator[Diagnostic]:
    for test in tests(condition):
        if isinstance(test, tree.HistoryTest):
            for _, pattern in patterns(test.pattern):
                yield from _of_pattern(pattern)
            if isinstance(test.window, tree.SinceLast):
                yield from _of_pattern(test.window.pattern)


def _of_pattern(pattern: tree.Pattern) -> Iterator[Diagnostic]:
    """The filters of a pattern, and its singles that another one takes in."""
    for single in pattern.singles:
        filters = filtering.filters_of(single)
        if filters is not None and is_small([filters], filtering.FILTERS):
            for finding in findings(filtering.FILTERS, filters, filtering.name_facts(single)):
                yield wording.of(finding)
    if not 1 < len(pattern.singles) <= filtering.MOST_SINGLES:
        return
    kept = list(pattern.singles)
    for single in reversed(pattern.singles):
        wider = next((other for other in kept if other is not single and filtering.single_within(single, other)), None)
        if wider is not None:
            kept = [other for other in kept if other is not single]
            yield codes.SWALLOWED_PART.at(
                single.span,
                part=wording.words(single.span),
                other=wording.words(wider.span),
                help="leave it out",
                notes=(Note("each of its events is one of these", wider.span),),
            )
