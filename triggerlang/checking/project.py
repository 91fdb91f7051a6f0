"""Projects: from paths or sources to a checked rule set, or to all that is wrong with it.

In: all rule files of a project. Out: its rules in order, or everything that is wrong with them at once. There are three steps: each file is
read by itself (`outline`), its statements are judged in their project (`judging.judge`), and the project is judged as a whole
(`judging.across`). What the first two find can be kept; what comes of a check is the same with and without.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from triggerlang.checking import names
from triggerlang.checking.allowing import Allowed, Configured, allow
from triggerlang.checking.errors import RuleError
from triggerlang.checking.files import read_sources
from triggerlang.checking.interface import Interface, ProjectFile
from triggerlang.checking.judging import Judged, across, judge, strange_names
from triggerlang.checking.ruleset import RuleSet
from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.parser import Broken, Parsed
from triggerlang.language.source import Source


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: the rules, and all diagnostics in the order of files and places. There are no rules where errors keep them from being
    compiled, or where nobody asked for them.

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
    files = [ProjectFile(source, parsed=unread(source) if id(source) in unreadable else None) for source in sources]
    interface = Interface(files)
    found = all_problems(files, [judge(file, interface) for file in files], interface, problems)
    has_errors = any(problem.severity == "error" for problem in found)
    rules = rule_set(files, interface)
    if lints:
        found += lint_problems(files, interface, found)
    return Checked(None if has_errors else rules, in_order(found, files), tuple(sources))


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


def lint_problems(files: Sequence[ProjectFile], interface: Interface, found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """What the lints say of a project's rules, beside what was found of them."""
    from triggerlang.checking.linting import Linting

    linting = Linting(files, interface, found)
    if linting.is_endless:
        return []
    return list(linting.problems([linting.look(unit) for unit in linting.units()]))


def unread(source: Source) -> Parsed:
    """A file that could not be read: it may have given any name."""
    return Parsed(source, tree.File((), span=source.span(0, 0)), (), Broken(frozenset(), True, (0,)))


def all_problems(
    files: Sequence[ProjectFile], judged: Iterable[Judged], interface: Interface, problems: Iterable[Diagnostic]
) -> list[Diagnostic]:
    """All that was found but lints, in the order of the steps; `judged` is of the files."""
    found = [*problems]
    for file in files:
        found += file.outline.diagnostics
    for one in judged:
        found += one.problems
    found += across(interface)
    told = {(id(problem.span.source), problem.span.offset) for problem in found}
    found += [problem for problem in strange_names(files) if (id(problem.span.source), problem.span.offset) not in told]
    return found


def in_order(found: list[Diagnostic], files: Sequence[ProjectFile]) -> tuple[Diagnostic, ...]:
    """What was found, where it stands in the files themselves, in the order of these and of places."""
    mended = [file.mended for file in files if file.mended is not None]
    if mended:
        from triggerlang.language.rereading import in_their_files

        found = in_their_files(found, mended)
    order = {id(file.source): at for at, file in enumerate(files)}
    return tuple(sorted(found, key=lambda problem: (order[id(problem.span.source)], problem.span.offset)))


def rule_set(files: Sequence[ProjectFile], interface: Interface) -> RuleSet:
    """The rules of a project, whose files are read for it."""
    return RuleSet(
        names.project_rules(names.groups(file.parsed for file in files)),
        {name: segment.condition for name, segment in interface.segments.items()},
        tuple(interface.declares),
        tuple(statement for file in files for statement in file.parsed.file.statements if isinstance(statement, tree.TestBlock)),
    )
