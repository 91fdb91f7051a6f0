"""GitLab: a code quality report, which a merge request shows beside the lines that it changes.

An array of problems, as `docs/schemas/gitlab.schema.json` describes it; paths are those from the repository's root. It is ASCII.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from triggerlang.checking.render.fingerprints import fingerprints
from triggerlang.checking.render.plain import visible
from triggerlang.checking.render.repository import Repository
from triggerlang.language.diagnostics import Diagnostic

_SEVERITIES = {"error": "major", "warning": "minor"}


def render(diagnostics: Sequence[Diagnostic]) -> str:
    repository = Repository()
    report = [
        {
            "description": visible(problem.message if problem.help is None else f"{problem.message} ({problem.help})"),
            "check_name": problem.code,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[problem.severity],
            "location": {
                "path": repository.text(problem.span.path),
                "lines": {"begin": problem.span.line, "end": problem.span.end_line},
            },
        }
        for problem, fingerprint in zip(diagnostics, fingerprints(diagnostics, repository), strict=True)
    ]
    return json.dumps(report, indent=2) + "\n"
