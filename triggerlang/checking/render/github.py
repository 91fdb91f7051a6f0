"""GitHub: workflow commands, which become annotations beside the lines of a pull request.

Escaping as the runner's toolkit does it (actions/toolkit, packages/core/src/command.ts): percent signs and line breaks everywhere, colons
and commas in properties too; so no name can begin a command of its own. Paths are those from the repository's root.
"""

from __future__ import annotations

from collections.abc import Iterable

from triggerlang.checking.render.plain import visible_lines
from triggerlang.checking.render.repository import Repository
from triggerlang.language.diagnostics import Diagnostic


def render(diagnostics: Iterable[Diagnostic]) -> str:
    lines = []
    repository = Repository()
    for problem in diagnostics:
        span = problem.span
        # Of a place of several lines, columns are not accepted.
        columns = f"col={span.column},endColumn={span.end_column}," if span.line == span.end_line else ""
        file = _property(repository.text(span.path))
        properties = f"file={file},line={span.line},endLine={span.end_line},{columns}title={_property(problem.code)}"
        message = problem.message if problem.help is None else f"{problem.message}\nhelp: {problem.help}"
        lines.append(f"::{problem.severity} {properties}::{_data(message)}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return visible_lines(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
