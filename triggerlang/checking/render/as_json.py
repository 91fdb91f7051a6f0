"""JSON: an array of diagnostics, as `docs/schemas/check.schema.json` describes it. Lines and columns from 1, columns in code points.

It is ASCII: what is not, stands there as an escape, so that it is the same on any terminal and in any encoding, and half a surrogate
pair in a file's name does no harm.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.source import Span


def render(diagnostics: Iterable[Diagnostic]) -> str:
    return json.dumps([_object(problem) for problem in diagnostics], indent=2) + "\n"


def _object(problem: Diagnostic) -> dict[str, Any]:
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "help": problem.help,
        **_place(problem.span),
        "notes": [{"message": note.message, **_place(note.span)} for note in problem.notes],
        "replacement": problem.replacement,
    }


def _place(span: Span) -> dict[str, Any]:
    return {"file": span.path, "line": span.line, "column": span.column, "end_line": span.end_line, "end_column": span.end_column}
