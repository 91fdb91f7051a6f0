"""Projects: from paths or sources to a checked rule set.

In: all rule files of a project. Out: its rules in order, or everything that is wrong with them at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from triggerlang.checking import circles, codes, declared, names, types
from triggerlang.checking.errors import RuleError
from triggerlang.checking.files import read_sources
from triggerlang.checking.ruleset import RuleSet
from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.parser import Parsed, parse
from triggerlang.language.source import Source


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: the rules, or None where there are errors; and all diagnostics, in the order of files and places."""

    rules: RuleSet | None
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[Source, ...]


def load(*paths: str | Path) -> RuleSet:
    """The rules of some files and folders, as `triggerlang check` takes them.

    Raises RuleError, with its diagnostics, where there are errors; warnings alone do not raise. Raises PathError, a ValueError, for a path
    that cannot be read. No configuration is read.
    """
    checked = check_paths(paths)
    if checked.rules is None:
        raise RuleError(checked.diagnostics)
    return checked.rules


def check_paths(paths: Sequence[str | Path]) -> Checked:
    """Check the rule files and folders that some paths name. Raises PathError for a path that cannot be read."""
    sources, problems = read_sources(paths)
    return check(sources, problems)


def check(sources: Sequence[Source], problems: Sequence[Diagnostic] = ()) -> Checked:
    """Check the files of a project, given in order; `problems` are what was found when they were read."""
    unreadable = {id(problem.span.source) for problem in problems}
    files = [parse(source) for source in sources if id(source) not in unreadable]
    found = [*problems]
    for parsed in files:
        found += parsed.diagnostics
        if not parsed.file.statements and not parsed.diagnostics:
            found.append(codes.EMPTY_FILE.at(parsed.source.span(0, 0), help='a rule is written: on event "signup"'))
    rules = _check_project(files, found)
    order = {id(source): at for at, source in enumerate(sources)}
    found.sort(key=lambda problem: (order[id(problem.span.source)], problem.span.offset))
    has_errors = any(problem.severity == "error" for problem in found)
    return Checked(None if has_errors else rules, tuple(found), tuple(sources))


def _check_project(files: Sequence[Parsed], found: list[Diagnostic]) -> RuleSet:
    statements = [statement for parsed in files for statement in parsed.file.statements]
    grouped = names.groups(files)
    groups = [group for _, group in grouped]
    segments, twice = names.segments_of(files)
    found += twice
    found += names.automation_problems(grouped)
    found += names.segment_problems(statements, segments, files)
    in_circle = list(circles.segment_circles(segments))
    found += in_circle
    if not in_circle:
        found += circles.too_deep(statements, segments)
    found += circles.automation_circles(groups)
    for statement in statements:
        found += types.problems(statement)
    if any(not parsed.source.text.isascii() for parsed in files):
        from triggerlang.checking import lookalikes

        for statement in statements:
            found += lookalikes.problems(statement)
    if any(isinstance(statement, tree.Declare) for statement in statements):
        found += _declared(files, statements, groups, segments)
    return RuleSet(
        names.project_rules(grouped),
        {name: segment.condition for name, segment in segments.items()},
        tuple(statement for statement in statements if isinstance(statement, tree.Declare)),
    )


def _declared(
    files: Sequence[Parsed], statements: Sequence[tree.Statement], groups: Sequence[names.Group], segments: dict[str, tree.Segment]
) -> Iterator[Diagnostic]:
    automations: dict[str, tree.Node] = {}
    for group in groups:
        automations.setdefault(group.name, group.header or group.rules[0])
    declarations = declared.collect(statements, automations, [parsed.broken for parsed in files])
    yield from declared.declaration_problems(statements, declarations)
    triggers = _segment_triggers(groups, segments)
    for group in groups:
        if group.header is not None:
            yield from declared.statement_problems(group.header, [single for rule in group.rules for single in rule.on.singles], declarations)
        for rule in group.rules:
            yield from declared.statement_problems(rule, rule.on.singles, declarations)
    for name, segment in segments.items():
        yield from declared.statement_problems(segment, triggers.get(name), declarations)


def _segment_triggers(groups: Sequence[names.Group], segments: dict[str, tree.Segment]) -> dict[str, list[tree.Single]]:
    """For each segment that rules use, through other segments too, the singles of their `on`."""
    found: dict[str, dict[int, tree.Single]] = {}
    for group in groups:
        for rule in group.rules:
            waiting = names.referred(rule.where)
            seen: set[str] = set()
            while waiting:
                name = waiting.pop()
                if name in seen or name not in segments:
                    continue
                seen.add(name)
                found.setdefault(name, {}).update((id(single), single) for single in rule.on.singles)
                waiting += names.referred(segments[name].condition)
    return {name: list(singles.values()) for name, singles in found.items()}
