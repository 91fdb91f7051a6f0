"""Wrong rule files, as people write them, and all that `check` says of each.

`tests/wrong/` holds them by theme. A case is one project with one mistake, or with as many as its text lists after dashes; its
`diagnostics` block is what a person sees. What is said is read in review: whether somebody who has never seen a grammar would know what is
wrong, where, and what to do.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import pytest

from tests.support.cases import Case, cases_of, rendered, wrong_files
from triggerlang.checking.codes import all_codes
from triggerlang.checking.log_codes import LOG_CODES
from triggerlang.checking.project import Checked, check
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.source import Source

ALL = list(wrong_files())
SHOWN_ELSEWHERE = {"file-too-large", "not-utf8", "wrong-allowance", "allowance-without-reason", "unneeded-allowance"}
"""Codes of files that cannot stand in a Markdown file, and of comments, which have cases of their own; `triggerlang explain` has them."""


def test_there_are_200_each_with_a_name_of_its_own() -> None:
    names = [case.id for case in ALL]
    assert len(names) == len(set(names)) >= 200


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_what_is_said(case: Case, request: pytest.FixtureRequest) -> None:
    text = rendered(case.checked())
    if request.config.getoption("--update"):
        _rewrite(case, text)
        return
    block = "".join(block.text for block in case.of("diagnostics"))
    assert block == text, f"{case.place}\n" + "\n".join(
        difflib.unified_diff(block.splitlines(), text.splitlines(), "expected", "found", lineterm="", n=9)
    )


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_as_many_problems_as_mistakes(case: Case) -> None:
    checked = case.checked()
    assert len(checked.diagnostics) == max(len(case.listed), 1), f"{case.place}\n{rendered(checked)}"


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_a_replacement_that_is_offered_is_accepted(case: Case) -> None:
    """Each alone leaves one problem less, all together those that offer none."""
    checked = case.checked()
    offering = [problem for problem in checked.diagnostics if problem.replacement is not None]
    for problem in offering:
        again = _replaced(checked, [problem])
        assert len(again.diagnostics) == len(checked.diagnostics) - 1, f"{case.place}\n{_texts(again)}\n{rendered(again)}"
    if len(offering) > 1:
        again = _replaced(checked, offering)
        assert len(again.diagnostics) == len(checked.diagnostics) - len(offering), f"{case.place}\n{_texts(again)}\n{rendered(again)}"


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_every_problem_has_a_way_out_in_plain_words(case: Case) -> None:
    for problem in case.checked().diagnostics:
        assert problem.help, problem
        said = re.sub(r'"(?:[^"\\]|\\.)*"|`[^`]*`|U\+[0-9A-F]+', "", "\n".join([problem.message, problem.help]))
        said = re.sub("JSON|YAML|TOML|HTML", "", said)
        assert not re.search(r"[A-Z_]{4,}|<class|Traceback|Token\(|None\b", said), said


def test_every_code_is_brought_by_somebody() -> None:
    brought = {problem.code for case in ALL for problem in case.checked().diagnostics}
    assert {code.name for code in {*all_codes()} - {*LOG_CODES} if not code.is_lint} - brought == SHOWN_ELSEWHERE


def _replaced(checked: Checked, problems: Sequence[Diagnostic]) -> Checked:
    """The project again, once the replacements of some of its problems stand in it."""
    texts = {id(source): source.text for source in checked.sources}
    for problem in sorted(problems, key=lambda problem: -problem.span.offset):
        text = texts[id(problem.span.source)]
        texts[id(problem.span.source)] = text[: problem.span.offset] + str(problem.replacement) + text[problem.span.end :]
    return check([Source(source.path, texts[id(source)]) for source in checked.sources])


def _texts(checked: Checked) -> str:
    return "\n".join(source.text for source in checked.sources)


def _rewrite(case: Case, text: str) -> None:
    """Put what is said into a case's block, or below its rules where it has none yet; earlier cases of the file may have moved it."""
    now = next(found for found in cases_of(case.file) if found.title == case.title)
    lines = case.file.read_text(encoding="utf-8").split("\n")
    blocks = now.of("diagnostics")
    if blocks:
        lines[blocks[0].line - 1 : blocks[0].line - 1 + blocks[0].text.count("\n")] = text.split("\n")[:-1]
    else:
        last = now.of("triggers")[-1]
        end = last.line + last.text.count("\n")
        lines[end:end] = ["```diagnostics", *text.split("\n")[:-1], "```"]
    case.file.write_text("\n".join(lines), encoding="utf-8")
