"""SARIF 2.1.0: the format that code scanning takes. It is ASCII, without spaces for people: who takes it sets limits to its size.

Each code that was found is a rule, with the examples of its `explain` page as help. Places are from the repository's root, `%SRCROOT%`, and
what lies outside has an absolute URI. Sections in comments are those of the standard.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from triggerlang.checking.explaining import examples
from triggerlang.checking.render.fingerprints import fingerprints
from triggerlang.checking.render.plain import visible, visible_lines
from triggerlang.checking.render.repository import Repository
from triggerlang.language.diagnostics import Code, Diagnostic
from triggerlang.language.source import Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"


def render(diagnostics: Sequence[Diagnostic], version: str) -> str:
    """The problems as a log; the version is that of triggerlang."""
    kinds = {problem.code: problem.kind for problem in diagnostics}
    indices = {name: at for at, name in enumerate(kinds)}
    repository = Repository()
    run = {
        "tool": {
            "driver": {
                "name": "triggerlang",
                "version": version,
                "semanticVersion": version,
                "rules": [_rule(code) for code in kinds.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "results": [
            _result(problem, indices, fingerprint, repository)
            for problem, fingerprint in zip(diagnostics, fingerprints(diagnostics, repository), strict=True)
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(code: Code) -> dict[str, Any]:
    example = examples()[code.name]
    note = f"({example.note})\n\n" if example.note else ""
    wrong, right = visible_lines(example.wrong), visible_lines(example.right)
    return {
        "id": code.name,
        "name": "".join(word.capitalize() for word in code.name.split("-")),
        "shortDescription": {"text": _literal(code.summary)},
        "fullDescription": {"text": _literal(f"{code.summary} `triggerlang explain {code.name}` shows what brings it.")},
        "help": {
            "text": _literal(f"{code.summary}\n\nWrong:\n\n{wrong}\n{note}Right:\n\n{right}"),
            "markdown": _literal(f"{code.summary}\n\nWrong:\n\n````\n{wrong}````\n\n{note}Right:\n\n````\n{right}````\n"),
        },
        "defaultConfiguration": {"level": code.severity},
        "properties": {"problem.severity": code.severity},
    }


def _result(problem: Diagnostic, indices: Mapping[str, int], fingerprint: str, repository: Repository) -> dict[str, Any]:
    result = {
        "ruleId": problem.code,
        "ruleIndex": indices[problem.code],
        "level": problem.severity,
        "message": {"text": "\n".join(_message(problem))},
        "locations": [_location(problem.span, repository)],
        "partialFingerprints": {"problem/v1": fingerprint},
    }
    if problem.notes:
        result["relatedLocations"] = [
            {"id": number, **_location(note.span, repository), "message": {"text": _text(note.message)}}
            for number, note in enumerate(problem.notes, 1)
        ]
    if problem.replacement is not None:
        result["fixes"] = [_fix(problem, problem.replacement, repository)]
    return result


def _message(problem: Diagnostic) -> Iterator[str]:
    """The lines of a message. Code scanning shows a further place only where the message links to it."""
    yield _text(problem.message)
    for number, note in enumerate(problem.notes, 1):
        place = f"line {note.span.line}" if note.span.path == problem.span.path else f"{note.span.path}:{note.span.line}"
        yield f"{_text(note.message)}: [{_link(place)}]({number})"
    if problem.help is not None:
        yield f"help: {_text(problem.help)}"


def _text(said: str) -> str:
    """A text with the user's own words in it: none of them is a link (3.11.6) or stands for something else."""
    return _literal(visible(said).replace("](", "] ("))


def _link(place: str) -> str:
    """The text of a link, in which brackets are escaped (3.11.6)."""
    escaped = visible(place).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return _literal(escaped)


def _literal(text: str) -> str:
    """A text without placeholders (3.11.5)."""
    return text.replace("{", "{{").replace("}", "}}")


def _location(span: Span, repository: Repository) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(span, repository), "region": _region(span)}}


def _artifact(span: Span, repository: Repository) -> dict[str, str]:
    uri, is_relative = repository.uri(span.path)
    return {"uri": uri, "uriBaseId": ROOT} if is_relative else {"uri": uri}


def _region(span: Span) -> dict[str, int]:
    return {"startLine": span.line, "startColumn": span.column, "endLine": span.end_line, "endColumn": span.end_column}


def _fix(problem: Diagnostic, replacement: str, repository: Repository) -> dict[str, Any]:
    change = {"deletedRegion": _region(problem.span), "insertedContent": {"text": replacement}}
    return {
        "description": {"text": _text(problem.help or problem.message)},
        "artifactChanges": [{"artifactLocation": _artifact(problem.span, repository), "replacements": [change]}],
    }
