"""Judging: what is wrong with the statements of a file in its project, and with a project as a whole.

In: a file and the interface of its project; or all outlines. Out: diagnostics. What is said of a file here depends on its own text and on
the interface, as the keys of that tell, so that it can be kept for as long as neither changes. What depends on more belongs to `across`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from triggerlang.checking import circles, names
from triggerlang.checking.interface import Interface, ProjectFile, StaleError
from triggerlang.checking.suggesting import Suggestions
from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.source import Span


@dataclass(slots=True)
class Judged:
    """What is wrong with the statements of a file, in its project."""

    problems: tuple[Diagnostic, ...]
    looked_at: dict[str, int] = field(default_factory=dict)
    """How many names suggestions looked at, kind by kind."""
    is_whole: bool = True
    """Whether no suggestion was left out for want of time."""


def judge(file: ProjectFile, interface: Interface) -> Judged:
    """Judge the statements of a file."""
    if not needs_judging(file, interface):
        return Judged(())
    suggestions = interface.suggestions
    before = dict(suggestions.looked_at)
    suggestions.is_used_up = False
    problems = tuple(_problems(file, interface, suggestions))
    looked_at = {kind: number - before.get(kind, 0) for kind, number in suggestions.looked_at.items() if number != before.get(kind, 0)}
    return Judged(problems, looked_at, not suggestions.is_used_up)


def needs_judging(file: ProjectFile, interface: Interface) -> bool:
    """Whether anything in a file can be wrong only because of its project; if not, its tree is not needed."""
    return bool(interface.declares or file.outline.asks_segments or file.outline.tests)


def _problems(file: ProjectFile, interface: Interface, suggestions: Suggestions) -> Iterator[Diagnostic]:
    parsed = file.parsed
    statements = parsed.file.statements
    for statement in statements if file.outline.asks_segments else ():
        yield from names.segment_problems(statement, interface.segments, interface.broken, suggestions)
        if not interface.segment_circles:
            yield from circles.too_deep(statement, interface.depths)
    blocks = [statement for statement in statements if isinstance(statement, tree.TestBlock)]
    if blocks:
        from triggerlang.checking.blocks import unknown_automations

        for block in blocks:
            yield from unknown_automations(block, interface.automations, interface.broken, interface.unread, suggestions)
    declarations = interface.declarations
    if declarations is None:
        return
    from triggerlang.checking import declared
    from triggerlang.checking.triggers import triggers_of_rules

    triggers = triggers_of_rules(names.groups([parsed]), declarations)
    for statement in statements:
        if isinstance(statement, tree.TestBlock):
            from triggerlang.checking.blocks import declared_problems

            yield from declared_problems(statement, declarations)
        elif isinstance(statement, tree.Segment):
            # Of a segment that stands twice the first is the one that is asked for.
            is_first = interface.segments[statement.name.text].span == statement.span
            trigger = interface.triggers_of_segments.get(statement.name.text) if is_first else None
            yield from declared.statement_problems(statement, trigger, declarations)
        elif not isinstance(statement, tree.Declare):
            yield from declared.statement_problems(statement, triggers.get(id(statement)), declarations)


def across(interface: Interface) -> Iterator[Diagnostic]:
    """What is wrong between the files of a project."""
    files, groups = interface.files, interface.groups
    yield from names.duplicate_segments(interface.all_segments)
    yield from names.automation_problems(groups)
    yield from interface.segment_circles
    yield from circles.automation_circles(groups)
    if any(file.outline.tests for file in files):
        from triggerlang.checking.blocks import duplicates

        yield from duplicates(test for file in files for test in file.outline.tests)
    if any(file.outline.awaiting for file in files):
        from triggerlang.checking.sequences import never_absent

        always: dict[str, list[tree.Rule]] = {}
        for file in files:
            for (name, _), rule in zip(file.outline.always, _rules(file, [place for _, place in file.outline.always]), strict=True):
                always.setdefault(name, []).append(rule)
        yield from never_absent((rule for file in files for rule in _rules(file, file.outline.awaiting)), always)
    if interface.declares:
        from triggerlang.checking.declared import declaration_problems

        yield from declaration_problems(interface.declares)


def strange_names(files: Iterable[ProjectFile]) -> Iterator[Diagnostic]:
    """Names that do not look like what they are, where they stand first in a project."""
    seen: set[str] = set()
    for file in files:
        for name, problem in file.outline.strange:
            if name not in seen:
                seen.add(name)
                yield problem


def _rules(file: ProjectFile, places: Sequence[Span]) -> Iterator[tree.Rule]:
    for rule in file.statements(places):
        if not isinstance(rule, tree.Rule):
            raise StaleError
        yield rule
