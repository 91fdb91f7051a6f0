"""Every code is explained by a rule that brings it, and by one that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import triggerlang
from triggerlang.answers.against_log.checking import check_records
from triggerlang.checking.codes import all_codes
from triggerlang.checking.explaining import examples
from triggerlang.checking.files import read_sources
from triggerlang.checking.log_codes import LOG_CODES
from triggerlang.checking.project import review
from triggerlang.events.log import read
from triggerlang.language.times import Zone

CODES = [code.name for code in all_codes()]


def test_every_code_has_its_examples_and_no_other_has() -> None:
    assert sorted(examples()) == sorted(CODES)


@pytest.mark.parametrize("code", CODES)
def test_the_wrong_example_brings_its_code_and_the_right_one_none(code: str, tmp_path: Path) -> None:
    example = examples()[code]
    assert bool(example.log) == (code in {known.name for known in LOG_CODES})
    assert codes_of(example.wrong_bytes, example.log, tmp_path) == {code}
    assert codes_of(example.right.encode(), example.log, tmp_path) == set()


def codes_of(rules: bytes, log: str, folder: Path) -> set[str]:
    """The codes that rules bring, beside a log if there is one."""
    (folder / "example.triggers").write_bytes(rules)
    checked = review(*read_sources([folder / "example.triggers"]))
    found = [problem.code for problem in checked.diagnostics]
    if log:
        assert checked.rules is not None
        (folder / "log.jsonl").write_text(log, encoding="utf-8")
        found += [problem.code for problem in check_records(checked.rules, read([folder / "log.jsonl"]).records, Zone())]
    return set(found)


def test_a_page_shows_both_and_what_is_said(tmp_path: Path) -> None:
    ran = triggerlang("explain", "unknown-list", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "unknown-list (error)\n\n"
        "As soon as one list is declared in a project, the others that rules name must be declared too.\n\n"
        'Wrong:\n\n  declare list "News"\n  on subscribes list "Newz"\n\n'
        "What check says:\n\n"
        '  example.triggers:2:20: error: no list "Newz" is declared [unknown-list]\n'
        '    1 | declare list "News"\n'
        '    2 | on subscribes list "Newz"\n'
        "      |                    ^^^^^^\n"
        '    note: "News" is declared here: example.triggers:1:14\n'
        '    1 | declare list "News"\n'
        "      |              ^^^^^^\n"
        '    help: "News" is the nearest, declared in example.triggers:1\n\n'
        'Right:\n\n  declare list "News"\n  on subscribes list "News"\n'
    )


@pytest.mark.parametrize("code", ["control-character", "not-utf8", "nested-too-deeply", "file-too-large"])
def test_what_cannot_be_shown_as_it_is_has_symbols_or_is_told(code: str, tmp_path: Path) -> None:
    ran = triggerlang("explain", code, cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert all(line.isprintable() for line in ran.out.splitlines())
    assert len(ran.out) < 2_000
    assert f"[{code}]" in ran.out


def test_a_code_of_logs_shows_the_log_beside_the_rules(tmp_path: Path) -> None:
    ran = triggerlang("explain", "not-in-log", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "not-in-log (warning)\n\nA rule names something that the log does not have.\n\n"
        'A log:\n\n  {"time": "2026-01-01", "contact": "ana", "name": "signup"}\n'
        '  {"time": "2026-01-02", "contact": "ben", "name": "signup"}\n\n'
        'Wrong:\n\n  on event "sign-up"\n\n'
        'What check says:\n\n  example.triggers:1:10: warning: no event "sign-up" in this log [not-in-log]\n'
        '    1 | on event "sign-up"\n      |          ^^^^^^^^^\n    help: "signup" is the nearest, 2 times in the log\n\n'
        'Right:\n\n  on event "signup"\n'
    )


def test_all_codes_are_listed(tmp_path: Path) -> None:
    ran = triggerlang("explain", cwd=tmp_path)
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()] == CODES


def test_an_unknown_code_has_its_nearest_offered(tmp_path: Path) -> None:
    ran = triggerlang("explain", "unkown-list", cwd=tmp_path)
    assert (ran.code, ran.out, ran.err) == (2, "", 'Error: there is no code "unkown-list"; the nearest is unknown-list\n')
    assert triggerlang("explain", "x\x1b[31m", cwd=tmp_path).is_clean
