"""The language cases, on every engine."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Literal

import pytest

from tests.support.cases import Block, Case, against_log, all_cases, cases_of, rendered, results_of, shown, whys_of
from tests.support.engines import ENGINES

ALL = list(all_cases())
RUN = [case for case in ALL if case.is_run]
CHECKED = [case for case in ALL if not case.is_run]
HELD = [case for case in ALL if case.is_held]
TESTED = [case for case in ALL if case.is_tested]
ASKED = [case for case in ALL if case.of("why")]


def test_titles_are_told_apart() -> None:
    ids = [case.id for case in ALL]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", RUN, ids=lambda case: case.id)
def test_entries(case: Case, engine: str, tmp_path: Path) -> None:
    checked = case.checked()
    assert checked.rules is not None, f"{case.place}\n{rendered(checked)}"
    log, rejects = case.log(tmp_path)
    answer = ENGINES[engine](checked.rules, log.records, case.timezone, case.now)
    entries = [shown(entry) for entry in answer.entries]
    expected = case.expected_entries()
    assert entries == expected, f"{case.place}: {engine}\n" + "\n".join(
        difflib.unified_diff(expected, entries, "expected", engine, lineterm="", n=9)
    )
    assert answer.pending == case.expected_pending(), f"{case.place}: {engine}"
    if case.of("before-log"):
        assert answer.before_log == case.expected_before_log(), f"{case.place}: {engine}"
    for block in case.of("rejects"):
        assert [f"row {reject.row}: {reject.code}" for reject in rejects] == block.text.split("\n")[:-1], case.place
    assert log.duplicates == sum(int(block.text) for block in case.of("duplicates")), case.place


@pytest.mark.parametrize("case", CHECKED, ids=lambda case: case.id)
def test_diagnostics(case: Case, request: pytest.FixtureRequest) -> None:
    checked = case.checked()
    found = sorted((problem.span.path, problem.span.line, problem.code, problem.span.text) for problem in checked.diagnostics)
    marked = sorted((mark.path, mark.line, mark.code, mark.words) for mark in case.marks)
    blocks = case.of("diagnostics")
    if marked or not blocks:
        assert found == marked, f"{case.place}\n{rendered(checked)}"
    text = rendered(checked)
    for at, block in enumerate(blocks):
        _compare(case, block, at, text, request)


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
@pytest.mark.parametrize("case", HELD, ids=lambda case: case.id)
def test_what_a_log_tells_of_rules(
    case: Case, engine: Literal["interpreter", "columnar"], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    text = against_log(case, tmp_path, engine)
    for at, block in enumerate(case.of("against-log")):
        _compare(case, block, at, text, request)


@pytest.mark.parametrize("case", TESTED, ids=lambda case: case.id)
def test_results_of_test_blocks(case: Case, request: pytest.FixtureRequest) -> None:
    for kind, text in results_of(case).items():
        for at, block in enumerate(case.of(kind)):
            _compare(case, block, at, text, request)


@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.id)
def test_why(case: Case, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    for at, (block, text) in enumerate(zip(case.of("why"), whys_of(case, tmp_path), strict=True)):
        _compare(case, block, at, text, request)


def _compare(case: Case, block: Block, at: int, text: str, request: pytest.FixtureRequest) -> None:
    """Hold a block of rendered text to what is shown now, or rewrite it."""
    if request.config.getoption("--update"):
        _rewrite(case, block.kind, at, text)
    else:
        assert block.text == text, f"{case.place}\n" + "\n".join(
            difflib.unified_diff(block.text.splitlines(), text.splitlines(), "expected", "found", lineterm="", n=9)
        )


def _rewrite(case: Case, kind: str, at: int, text: str) -> None:
    """Put the rendered text into a case's block; the file is read anew, because earlier cases may have been rewritten."""
    block = next(found for found in cases_of(case.file) if found.title == case.title).of(kind)[at]
    lines = case.file.read_text(encoding="utf-8").split("\n")
    lines[block.line - 1 : block.line - 1 + block.text.count("\n")] = text.split("\n")[:-1]
    case.file.write_text("\n".join(lines), encoding="utf-8")
