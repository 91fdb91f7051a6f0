"""Names: automations and segments of a project, each once, and references that lead somewhere.

In: the files of a project in their order. Out: the automations with their rules and numbers, and what is wrong with the names.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from triggerlang.checking import codes
from triggerlang.checking.files import SUFFIX
from triggerlang.checking.ruleset import ProjectRule
from triggerlang.checking.suggesting import Suggestions
from triggerlang.checking.walking import conditions, tests
from triggerlang.language import globs, printing, tree
from triggerlang.language.diagnostics import Diagnostic, Note, quoted
from triggerlang.language.parser import Broken, Parsed
from triggerlang.language.source import Span

if TYPE_CHECKING:
    from triggerlang.checking.outline import Group as Outlined

LONGEST_FRAME = 200
"""Of a rule longer than this, only the first word is underlined where the whole of it is meant."""

_BY_FILE = "without a header above it, this rule belongs to the automation named after its file: write a header with another name"


@dataclass(slots=True)
class Group:
    """An automation: its name and where that stands, its header if it has one, and its rules.

    The name is None for rules below a header that could not be read.
    """

    name: str | None
    place: Span
    header: tree.Automation | None
    rules: list[tree.Rule] = field(default_factory=list)
    has_broken: bool = False
    """Whether a statement that could not be read stands among its rules."""


def groups(files: Iterable[Parsed]) -> list[Group]:
    """The automations of a project in their order."""
    found: list[Group] = []
    for parsed in files:
        current: Group | None = None
        broken = list(reversed(parsed.broken.offsets))
        for statement in parsed.file.statements:
            while broken and broken[-1] < statement.span.offset:
                current = _after_broken(parsed, broken.pop(), current)
            if isinstance(statement, tree.Automation):
                current = Group(statement.name.text, statement.name.span, statement)
                found.append(current)
            elif isinstance(statement, tree.Rule):
                if current is None:
                    current = Group(stem(parsed.source.path), statement.span, None)
                if not current.rules and current.header is None:
                    found.append(current)
                current.rules.append(statement)
        for offset in reversed(broken):
            current = _after_broken(parsed, offset, current)
    return found


def _after_broken(parsed: Parsed, offset: int, current: Group | None) -> Group | None:
    """The automation that goes on after a statement that could not be read: an unknown one, if that may have been a header."""
    if current is not None:
        current.has_broken = True
    if not parsed.source.text.startswith(("on", "segment", "declare", "test"), offset):
        return Group(None, parsed.source.span(offset, 0), None)
    return current


def stem(path: str) -> str:
    """The automation that a file's rules before any header belong to: `rules/welcome.triggers` gives `welcome`."""
    return PurePosixPath(path.replace("\\", "/")).name.removesuffix(SUFFIX)


def project_rules(found: Sequence[Group]) -> tuple[ProjectRule, ...]:
    """The rules in their order, each with its automation and number; of a project without errors."""
    return tuple(
        ProjectRule(group.name, number, None if group.header is None else group.header.runs, rule)
        for group in found
        if group.name is not None
        for number, rule in enumerate(group.rules, 1)
    )


def automation_problems(found: Iterable[Outlined]) -> Iterator[Diagnostic]:
    """Automations that stand twice, and headers without a rule."""
    first: dict[str, Span] = {}
    for group in found:
        if group.name is None:
            continue
        earlier = first.setdefault(group.name, group.place)
        if earlier is not group.place:
            yield codes.DUPLICATE_AUTOMATION.at(
                short(group.place),
                name=quoted(group.name),
                help="give it another name, or move its rules to the first" if group.has_header else _BY_FILE,
                notes=(Note("first named here", short(earlier)),),
            )
        if group.has_header and group.on is None and not group.has_broken:
            yield codes.NO_RULE.at(group.place, name=quoted(group.name), help='a rule follows it, such as: on event "signup"')


def short(place: Span) -> Span:
    """A place, or the first word of a rule that is long."""
    return place if place.length < LONGEST_FRAME and place.end_line == place.line else Span(place.source, place.offset, 2)


def duplicate_segments(segments: Iterable[tree.Segment]) -> Iterator[Diagnostic]:
    """Segments of a project that stand twice."""
    first: dict[str, tree.Segment] = {}
    for segment in segments:
        earlier = first.setdefault(segment.name.text, segment)
        if earlier is not segment:
            yield codes.DUPLICATE_SEGMENT.at(
                segment.name.span,
                name=quoted(segment.name.text),
                help="give it another name",
                notes=(Note("first named here", earlier.name.span),),
            )


def segment_problems(
    statement: tree.Statement, segments: Mapping[str, tree.Segment], broken: Broken, suggestions: Suggestions
) -> Iterator[Diagnostic]:
    """References of a statement to segments that are not there."""
    for test in tests(conditions(statement)):
        if not isinstance(test, tree.SegmentTest) or test.name.text in segments or broken.covers(test.name.text):
            continue
        near = suggestions.nearest("segment", test.name.text, segments)
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


def references(segments: Mapping[str, tree.Segment]) -> dict[str, dict[str, Span]]:
    """For each segment those that its condition refers to, with the first place where it does; those that are not there are left out."""
    found: dict[str, dict[str, Span]] = {}
    for name, segment in segments.items():
        places = found[name] = {}
        for test in tests(segment.condition):
            if isinstance(test, tree.SegmentTest) and test.name.text in segments:
                places.setdefault(test.name.text, test.name.span)
    return found


def referred(condition: tree.Condition | None) -> list[str]:
    """The names of the segments that a condition refers to."""
    return [test.name.text for test in tests(condition) if isinstance(test, tree.SegmentTest)]


class SortedNames:
    """Some names, sorted so that those that fit a glob are found by what stands before its first wildcard or after its last."""

    def __init__(self, names: Iterable[str]) -> None:
        self._forwards = sorted(names)
        self._backwards = sorted(name[::-1] for name in self._forwards)

    def fitting(self, glob: str) -> Iterator[str]:
        """The names that fit a glob."""
        fits = globs.matcher(glob)
        wildcards = [at for at, character in enumerate(glob) if character in "*?"]
        head, tail = (glob[: wildcards[0]], glob[wildcards[-1] + 1 :]) if wildcards else (glob, "")
        if len(head) >= len(tail):
            yield from (name for name in _beginning(self._forwards, head) if fits(name))
        else:
            yield from (name[::-1] for name in _beginning(self._backwards, tail[::-1]) if fits(name[::-1]))


def _beginning(names: Sequence[str], head: str) -> Iterator[str]:
    at = bisect_left(names, head)
    while at < len(names) and names[at].startswith(head):
        yield names[at]
        at += 1
