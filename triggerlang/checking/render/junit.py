"""JUnit: a suite for each file, and in it a case that fails for each problem, or one that does not for a file without any.

A warning fails where warnings count, with `--strict`; elsewhere its case holds, and its output says it. So the report is red where the exit
code is 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triggerlang.checking.render import suites, text
from triggerlang.checking.render.suites import Case, Failure
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.source import Source


def render(diagnostics: Sequence[Diagnostic], sources: Sequence[Source], *, strict: bool = False) -> str:
    """The problems of some files; each file is in the report, and a configuration only where it has problems."""
    files = {id(source): source for source in (*sources, *(problem.span.source for problem in diagnostics))}
    found: dict[int, list[Diagnostic]] = {}
    for problem in diagnostics:
        found.setdefault(id(problem.span.source), []).append(problem)
    return suites.render([case for number, source in files.items() for case in _cases(source, found.get(number, []), strict)])


def _cases(source: Source, problems: Sequence[Diagnostic], strict: bool) -> Iterator[Case]:
    if not problems:
        yield Case("no problems", source.path, 1)
    for problem in problems:
        span = problem.span
        name = f"{problem.code} at {span.line}:{span.column}"
        said = text.render([problem])
        if strict or problem.severity == "error":
            yield Case(name, span.path, span.line, Failure(problem.message, said, problem.code))
        else:
            yield Case(name, span.path, span.line, output=said)
