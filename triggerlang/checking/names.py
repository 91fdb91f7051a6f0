"""Names: automations and segments of a project, each once, and references that lead somewhere.

In: the files of a project in their order. Out: the automations with their rules and numbers, and what is wrong with the names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from triggerlang.checking import codes
from triggerlang.checking.files import SUFFIX
from triggerlang.checking.ruleset import ProjectRule
from triggerlang.checking.walking import conditions, tests
from triggerlang.language import printing, tree
from triggerlang.language.diagnostics import Diagnostic, Note, quoted
from triggerlang.language.nearest import nearest
from triggerlang.language.parser import Parsed
from triggerlang.language.source import Span

SUGGESTIONS = 100
"""For how many unknown segments a nearest one is looked for."""


@dataclass(slots=True)
class Group:
    """An automation: its name and where that stands, its header if it has one, and its rules."""

    name: str
    place: Span
    header: tree.Automation | None
    rules: list[tree.Rule] = field(default_factory=list)


def groups(files: Iterable[Parsed]) -> list[tuple[Parsed, Group]]:
    """The automations of a project in their order, each with its file."""
    found: list[tuple[Parsed, Group]] = []
    for parsed in files:
        current: Group | None = None
        for statement in parsed.file.statements:
            if isinstance(statement, tree.Automation):
                current = Group(statement.name.text, statement.name.span, statement)
                found.append((parsed, current))
            elif isinstance(statement, tree.Rule):
                if current is None:
                    current = Group(stem(parsed.source.path), statement.span, None)
                    found.append((parsed, current))
                current.rules.append(statement)
    return found


def stem(path: str) -> str:
    """The automation that a file's rules before any header belong to: `rules/welcome.triggers` gives `welcome`."""
    return PurePosixPath(path.replace("\\", "/")).name.removesuffix(SUFFIX)


def project_rules(found: Sequence[tuple[Parsed, Group]]) -> tuple[ProjectRule, ...]:
    """The rules in their order, each with its automation and number."""
    return tuple(
        ProjectRule(group.name, number, None if group.header is None else group.header.runs, rule)
        for _, group in found
        for number, rule in enumerate(group.rules, 1)
    )


def automation_problems(found: Sequence[tuple[Parsed, Group]]) -> Iterator[Diagnostic]:
    """Automations that stand twice, and headers without a rule."""
    first: dict[str, Span] = {}
    for at, (parsed, group) in enumerate(found):
        earlier = first.setdefault(group.name, group.place)
        if earlier is not group.place:
            by_file = "" if group.header is not None else ", after the file, because no header stands before this rule"
            yield codes.DUPLICATE_AUTOMATION.at(
                group.place if group.header is not None else _first_word(group.place),
                name=quoted(group.name) + by_file,
                help="give it another name, or move its rules to the first",
                notes=(Note("first named here", earlier if earlier.length < 200 else _first_word(earlier)),),
            )
        if group.header is not None and not group.rules and not _rule_may_be_broken(parsed, group, found, at):
            yield codes.NO_RULE.at(group.place, name=quoted(group.name), help='a rule follows it: on event "signup"')


def _first_word(span: Span) -> Span:
    return Span(span.source, span.offset, 2)


def _rule_may_be_broken(parsed: Parsed, group: Group, found: Sequence[tuple[Parsed, Group]], at: int) -> bool:
    """Whether a statement that could not be read stands between a header and the next."""
    begin = group.place.offset
    following = next((other for file, other in found[at + 1 :] if file is parsed), None)
    end = len(parsed.source.text) + 1 if following is None else following.place.offset
    return any(begin <= offset < end for offset in parsed.broken.offsets)


def segments_of(files: Iterable[Parsed]) -> tuple[dict[str, tree.Segment], list[Diagnostic]]:
    """The segments of a project by name, the first of each, and those that stand twice."""
    found: dict[str, tree.Segment] = {}
    problems: list[Diagnostic] = []
    for parsed in files:
        for statement in parsed.file.statements:
            if isinstance(statement, tree.Segment):
                first = found.setdefault(statement.name.text, statement)
                if first is not statement:
                    problems.append(
                        codes.DUPLICATE_SEGMENT.at(
                            statement.name.span,
                            name=quoted(statement.name.text),
                            help="give it another name",
                            notes=(Note("first named here", first.name.span),),
                        )
                    )
    return found, problems


def segment_problems(
    statements: Iterable[tree.Statement], segments: Mapping[str, tree.Segment], files: Sequence[Parsed]
) -> Iterator[Diagnostic]:
    """References to segments that are not there."""
    left = SUGGESTIONS
    for statement in statements:
        for test in tests(conditions(statement)):
            if not isinstance(test, tree.SegmentTest) or test.name.text in segments:
                continue
            if any(parsed.broken.covers(test.name.text) for parsed in files):
                continue
            near = nearest(test.name.text, segments) if left else None
            left -= bool(left)
            if near is None:
                yield codes.UNKNOWN_SEGMENT.at(
                    test.name.span, name=quoted(test.name.text), help=f'define it: segment {quoted(test.name.text)} is in list "News"'
                )
            else:
                place = segments[near].name.span
                yield codes.UNKNOWN_SEGMENT.at(
                    test.name.span,
                    name=quoted(test.name.text),
                    help=f"{quoted(near)} is the nearest, defined in {place}",
                    notes=(Note(f"{quoted(near)} is defined here", place),),
                    replacement=printing.string(near),
                )


def referred(condition: tree.Condition | None) -> list[str]:
    """The names of the segments that a condition refers to."""
    return [test.name.text for test in tests(condition) if isinstance(test, tree.SegmentTest)]
