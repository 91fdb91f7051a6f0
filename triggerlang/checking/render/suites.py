"""Suites: JUnit XML, a suite for each file, as CI systems show test results.

In: test cases with their places. Out: the document, which names the file of a case by its path from the repository's root. What XML 1.0
cannot hold, half a surrogate pair or a control character, is shown as a symbol; everything else is escaped by the standard library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from triggerlang.checking.render.plain import visible, visible_lines
from triggerlang.checking.render.repository import Repository


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a case fails: in one line, in full, and by a code where there is one."""

    message: str
    text: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A case and the line that it stands at; `output` is what one that does not fail has to say."""

    name: str
    path: str
    line: int
    failure: Failure | None = None
    output: str = ""


def render(cases: Sequence[Case]) -> str:
    """The cases as a document, those of a file together."""
    root = ElementTree.Element("testsuites", _counts(cases))
    repository = Repository()
    suites: dict[str, list[Case]] = {}
    for case in cases:
        suites.setdefault(case.path, []).append(case)
    for path, own in suites.items():
        suite = ElementTree.SubElement(root, "testsuite", {"name": visible(path), **_counts(own)})
        for case in own:
            _add(suite, case, repository)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _add(suite: ElementTree.Element, case: Case, repository: Repository) -> None:
    place = {"classname": visible(case.path), "file": visible(repository.text(case.path)), "line": str(case.line)}
    shown = ElementTree.SubElement(suite, "testcase", {"name": visible(case.name), **place})
    if case.failure is not None:
        said = {"message": visible(case.failure.message)}
        if case.failure.code is not None:
            said["type"] = case.failure.code
        ElementTree.SubElement(shown, "failure", said).text = visible_lines(case.failure.text)
    if case.output:
        ElementTree.SubElement(shown, "system-out").text = visible_lines(case.output)


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    failing = sum(case.failure is not None for case in cases)
    return {"tests": str(len(cases)), "failures": str(failing), "errors": "0", "skipped": "0"}
