"""Projects: from paths or sources to a checked rule set.

In: all rule files of a project. Out: its rules in order, or everything that is wrong with them at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from triggerlang.checking import circles, codes, names, types
from triggerlang.checking.allowing import Allowed, Configured, allow
from triggerlang.checking.errors import RuleError
from triggerlang.checking.files import read_sources
from triggerlang.checking.ruleset import RuleSet
from triggerlang.checking.walking import has_sequences
from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.parser import Broken, Parsed, parse
from triggerlang.language.source import Source

if TYPE_CHECKING:
    from triggerlang.language.rereading import Mended


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: the rules, or None where errors keep them from being compiled; and all diagnostics, in the order of files and places.

    `allowed` are the diagnostics that `review` left out, each with what allows it.
    """

    rules: RuleSet | None
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[Source, ...]
    allowed: tuple[Allowed, ...] = ()


def load(*paths: str | Path) -> RuleSet:
    """The rules of some files and folders, as `triggerlang check` takes them.

    Raises RuleError, with its diagnostics, where there are errors; warnings alone do not raise. Raises PathError, a ValueError, for a path
    that cannot be read. No configuration is read.
    """
    checked = check_paths(paths)
    if checked.rules is None:
        raise RuleError(checked.diagnostics)
    return checked.rules


def check_paths(paths: Sequence[str | Path], *, lints: bool = False) -> Checked:
    """Check the rule files and folders that some paths name. Raises PathError for a path that cannot be read."""
    sources, problems = read_sources(paths)
    return check(sources, problems, lints=lints)


def check(sources: Sequence[Source], problems: Sequence[Diagnostic] = (), *, lints: bool = False) -> Checked:
    """Check the files of a project, given in order; `problems` are what was found when they were read.

    With `lints` what its rules say is looked at, too: parts that change nothing, rules that never enter. These keep no rule from being run.
    """
    unreadable = {id(problem.span.source) for problem in problems}
    files = [_unread(source) if id(source) in unreadable else parse(source) for source in sources]
    files, mended = _reread(files)
    found = [*problems]
    for parsed in files:
        found += parsed.diagnostics
        if not parsed.file.statements and not parsed.diagnostics and id(parsed.source) not in unreadable:
            found.append(codes.EMPTY_FILE.at(parsed.source.span(0, 0), help='a rule is written: on event "signup"'))
    rules = _check_project(files, found)
    has_errors = any(problem.severity == "error" for problem in found)
    if lints:
        found += _lints(files, rules, found, mended)
    if mended:
        from triggerlang.language.rereading import in_their_files

        found = in_their_files(found, mended)
    return Checked(None if has_errors else rules, _in_order(found, sources), tuple(sources))


def review(
    sources: Sequence[Source],
    problems: Sequence[Diagnostic] = (),
    configured: Sequence[Configured] = (),
    unasked: Collection[str] = (),
) -> Checked:
    """Check the files of a project as `triggerlang check` does: lints and all, without what their comments and the configuration allow."""
    return without_allowed(check(sources, problems, lints=True), configured, unasked)


def without_allowed(checked: Checked, configured: Sequence[Configured] = (), unasked: Collection[str] = ()) -> Checked:
    """What was found, without what the comments of the files and the configuration allow, and with what is wrong with these.

    `unasked` are the codes that were not looked for this time, so that nobody can tell whether they need to be allowed.
    """
    left, allowed = allow(checked.diagnostics, checked.sources, configured, unasked)
    return replace(checked, diagnostics=_in_order(left, checked.sources), allowed=tuple(allowed))


def _in_order(found: Iterable[Diagnostic], sources: Sequence[Source]) -> tuple[Diagnostic, ...]:
    """Diagnostics in the order of files and places; those of other files than rules come last."""
    order = {id(source): at for at, source in enumerate(sources)}
    return tuple(sorted(found, key=lambda problem: (order.get(id(problem.span.source), len(order)), problem.span.offset)))


def _reread(files: list[Parsed]) -> tuple[list[Parsed], list[Mended]]:
    """The files, those with mistakes as if what was meant stood in them; and what was changed for it."""
    if not any(problem.replacement is not None for parsed in files for problem in parsed.diagnostics):
        return files, []
    from triggerlang.language.rereading import reread

    both = [reread(parsed) if parsed.diagnostics else (parsed, None) for parsed in files]
    return [parsed for parsed, _ in both], [mended for _, mended in both if mended is not None]


def _lints(files: Sequence[Parsed], rules: RuleSet, found: Sequence[Diagnostic], mended: Sequence[Mended]) -> list[Diagnostic]:
    from triggerlang.checking.logic import lints

    errors = [problem for problem in found if problem.severity == "error"]
    if any(problem.kind is codes.SEGMENT_CIRCLE for problem in errors):
        return []  # Its conditions have no end.
    # What was meant by a mistake is a guess: nothing is said of a statement with one.
    places = [problem.span for problem in errors] + [span for changed in mended for span in changed.places()]
    unread = [parsed.source for parsed in files if parsed.broken.offsets] + [changed.source for changed in mended]
    return list(lints.problems(rules, places, unread))


def _unread(source: Source) -> Parsed:
    """A file that could not be read: it may have given any name."""
    return Parsed(source, tree.File((), span=source.span(0, 0)), (), Broken(frozenset(), True, (0,)))


def _check_project(files: Sequence[Parsed], found: list[Diagnostic]) -> RuleSet:
    statements = [statement for parsed in files for statement in parsed.file.statements]
    broken = Broken(frozenset[str]().union(*(parsed.broken.named for parsed in files)), any(parsed.broken.unnamed for parsed in files), ())
    groups = names.groups(files)
    segments, twice = names.segments_of(files)
    references = names.references(segments)
    found += twice
    found += names.automation_problems(groups)
    found += names.segment_problems(statements, segments, broken)
    in_circle = list(circles.segment_circles(references))
    found += in_circle
    if not in_circle:
        found += circles.too_deep(statements, segments, references)
    found += circles.automation_circles(groups)
    for statement in statements:
        found += types.problems(statement)
    tests = tuple(statement for statement in statements if isinstance(statement, tree.TestBlock))
    if tests:
        from triggerlang.checking import blocks

        places = {group.name: names.short(group.place) for group in reversed(groups) if group.name is not None}
        unread = frozenset(names.stem(parsed.source.path) for parsed in files if parsed.broken.offsets)
        found += blocks.problems(tests, places, broken, unread)
    if any(isinstance(statement, tree.Rule | tree.Segment) and has_sequences(statement) for statement in statements):
        from triggerlang.checking import sequences

        for statement in statements:
            found += sequences.problems(statement)
        found += sequences.never_absent(groups)
    strange_names: list[Diagnostic] = []
    if any(not parsed.source.text.isascii() for parsed in files):
        from triggerlang.checking import lookalikes

        strange_names = list(lookalikes.problems(statements))
    if any(isinstance(statement, tree.Declare) for statement in statements):
        from triggerlang.checking import declared
        from triggerlang.checking.declarations import Declarations
        from triggerlang.checking.triggers import triggers_of

        automations: dict[str, tree.Node] = {}
        for group in groups:
            if group.name is not None:
                automations.setdefault(group.name, group.header.name if group.header is not None else group.rules[0].on)
        declarations = Declarations(statements, automations, broken)
        found += declared.declaration_problems(statements)
        # A rule that could not be read may use any segment.
        is_whole = not in_circle and not any(parsed.broken.offsets for parsed in files)
        triggers = triggers_of(groups, segments, references, circles.referred_first(references) if is_whole else (), declarations)
        for statement in statements:
            if isinstance(statement, tree.TestBlock):
                from triggerlang.checking import blocks

                found += blocks.declared_problems(statement, declarations)
            elif not isinstance(statement, tree.Declare):
                found += declared.statement_problems(statement, triggers.get(id(statement)), declarations)
    told = {(id(problem.span.source), problem.span.offset) for problem in found if strange_names}
    found += [problem for problem in strange_names if (id(problem.span.source), problem.span.offset) not in told]
    return RuleSet(
        names.project_rules(groups),
        {name: segment.condition for name, segment in segments.items()},
        tuple(statement for statement in statements if isinstance(statement, tree.Declare)),
        tests,
    )
