"""Concise: `path:line:column: code message`, a line a diagnostic."""

from __future__ import annotations

from collections.abc import Iterable

from triggerlang.checking.render.plain import visible, visible_path
from triggerlang.language.diagnostics import Diagnostic


def render(diagnostics: Iterable[Diagnostic]) -> str:
    return "".join(
        f"{visible_path(problem.span.path)}:{problem.span.line}:{problem.span.column}: {problem.code} {visible(problem.message)}\n"
        for problem in diagnostics
    )
