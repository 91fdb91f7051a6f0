"""Conditions and patterns of a project: which never hold, always hold, or hold parts that change nothing.

In: the rules and segments of a project. Out: diagnostics. A segment is looked at by itself, and then where it is used: what holds of a
part of it at each use alike is said once, at the segment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from triggerlang.checking.circles import referred_first
from triggerlang.checking.logic import codes, filtering, wording
from triggerlang.checking.logic.parts import Finding, findings
from triggerlang.checking.logic.reasoning import Fact, is_small, known
from triggerlang.checking.logic.scene import Scene, SceneLore
from triggerlang.checking.names import short
from triggerlang.checking.ruleset import ProjectRule
from triggerlang.checking.walking import patterns, tests
from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic, Note, code_word

_NOWHERE = Scene(None)


class Conditions:
    """The conditions of a project; `segments` are those without errors of their own, `hidden` the segments that rules with errors use."""

    def __init__(self, rules: Sequence[ProjectRule], segments: Mapping[str, tree.Condition], hidden: Iterable[str] = ()) -> None:
        self.rules = rules
        self.segments = segments
        self.never_enters: set[int] = set()
        """The ids of rules that never enter."""
        self.opened: dict[str, tree.Condition] = {}
        """The segments that are looked through: all but those that are settled by themselves."""
        self._by_themselves: dict[str, list[Finding]] = {}
        self._uses: dict[str, int] = {}
        self._at_uses: dict[str, dict[tuple[int, str], list[Finding]]] = {}
        """For each segment what was found of its parts, at each of its uses where that was found."""
        self.hidden = set(hidden)
        """The segments that may be used in ways that nobody looked at."""

    def problems(self) -> Iterator[Diagnostic]:
        """What is to be said of all conditions and patterns."""
        for name in referred_first({name: list(named(condition, self.segments)) for name, condition in self.segments.items()}):
            self._by_itself(name)
        users: dict[str, ProjectRule] = {}
        for item in self.rules:
            yield from self._of_rule(item, users)
        self.hidden = referred(self.hidden, self.segments)
        for name in self.segments:
            yield from self._of_segment(name, users.get(name))

    def lore(self, rule: tree.Rule) -> SceneLore:
        """What the tests of a rule's condition say of one another."""
        return SceneLore(Scene(rule), self.opened)

    def is_small(self, *conditions: tree.Condition | None) -> bool:
        """Whether conditions, and the segments that they refer to, are few and flat enough to be reasoned about."""
        return is_small(conditions, SceneLore(_NOWHERE, self.segments))

    # Segments by themselves

    def _by_itself(self, name: str) -> None:
        """What holds of a segment at any trigger; those that it refers to come first."""
        condition = self.segments[name]
        found = list(findings(SceneLore(_NOWHERE, self.opened), condition, ())) if self.is_small(condition) else []
        self._by_themselves[name] = found
        if not (len(found) == 1 and found[0].part is condition):
            self.opened[name] = condition

    def _of_segment(self, name: str, user: ProjectRule | None) -> Iterator[Diagnostic]:
        condition = self.segments[name]
        own = self._by_themselves[name]
        for finding in own:
            if user is None:
                yield wording.of(finding)
            else:
                note = Note("this rule asks for it", short(user.rule.on.span))
                yield wording.never_enters(finding.known, condition.span, code_word(user.name), (note,))
        known_parts = {id(finding.part) for finding in own}
        if name not in self.hidden:
            for (part, _), found in self._at_uses.get(name, {}).items():
                if part not in known_parts and len(found) == self._uses[name]:
                    yield wording.of(found[0])
        yield from _of_patterns(condition)

    # Rules

    def _of_rule(self, item: ProjectRule, users: dict[str, ProjectRule]) -> Iterator[Diagnostic]:
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
                users.setdefault(culprit, item)

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
                self._uses[name] = self._uses.get(name, 0) + 1
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
    for test in tests(condition):
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
