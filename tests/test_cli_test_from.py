"""`triggerlang test --from` as a user has it: what it writes holds, and what keeps it from being written is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import ROOT, SAMPLE_LOGS, project, triggerlang
from triggerlang.checking.project import load

ASKED = ("--from", "log.jsonl", "--contact", "ben", "--automation", "Welcome")
BEN = (
    'test "ben enters Welcome"\n'
    "  given\n"
    '    2026-01-02 10:00 "ben" event "signup"\n'
    '    2026-01-02 10:05 "ben" subscribes list "News"\n'
    '  expect automation "Welcome"\n'
    '    2026-01-02 10:05 "ben"\n'
)
ANA = (
    'test "ana does not enter Welcome"\n  given\n    2026-01-02 10:01 "ana" subscribes list "News"\n  expect automation "Welcome" nothing\n'
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return project(tmp_path)


def test_an_entry_and_none(small: Path) -> None:
    for contact, block in (("ben", BEN), ("ana", ANA)):
        ran = triggerlang("test", "--from", "log.jsonl", "--contact", contact, "--automation", "Welcome", cwd=small)
        assert (ran.code, ran.out, ran.err) == (0, block, "")
        (small / "rules" / f"{contact}.triggers").write_text(ran.out)
    ran = triggerlang("test", cwd=small)
    assert (ran.code, ran.err) == (0, "2 tests in 3 files: all hold\n")
    assert triggerlang("fmt", "--check", "rules/ben.triggers", "rules/ana.triggers", cwd=small).code == 0
    again = triggerlang("test", *ASKED, cwd=small)
    assert again.out.startswith('test "ben enters Welcome on 2026-01-02"\n')


def test_what_reading_may_use_changes_nothing(small: Path) -> None:
    ran = triggerlang("test", *ASKED, "--memory", "100MB", "--temp-dir", ".", "--quiet", cwd=small)
    assert (ran.code, ran.out, ran.err) == (0, BEN, "")


def test_several_logs_are_one(small: Path) -> None:
    lines = (small / "log.jsonl").read_text().splitlines(keepends=True)
    (small / "first.jsonl").write_text(lines[0])
    (small / "second.jsonl").write_text("".join(lines[1:]))
    asked = ("--from", "second.jsonl", "--from", "first.jsonl", *ASKED[2:], "rules")
    assert triggerlang("test", *asked, cwd=small).out == BEN
    assert triggerlang("test", "--from", "-", "--log-format", "jsonl", *ASKED[2:], cwd=small, stdin="".join(lines).encode()).out == BEN


def test_each_reader_writes_the_same(small: Path) -> None:
    for engine in ("interpreter", "columnar"):
        assert triggerlang("test", *ASKED, "--engine", engine, cwd=small).out == BEN


def test_bad_rows_are_counted(small: Path) -> None:
    with (small / "log.jsonl").open("a") as log:
        log.write('{"contact": "ben"}\n')
    assert triggerlang("test", *ASKED, cwd=small).code == 2
    ran = triggerlang("test", *ASKED, "--on-bad-event", "skip", "--rejects", "bad.jsonl", cwd=small)
    assert (ran.code, ran.out, ran.err) == (0, BEN, "Note: 1 row was no event\n")
    assert len((small / "bad.jsonl").read_text().splitlines()) == 1
    assert triggerlang("test", *ASKED, "--on-bad-event", "skip", "-q", cwd=small).err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "log.jsonl"), "--from needs --contact and --automation"),
        (("--from", "log.jsonl", "--contact", "ben"), "--from needs --contact and --automation"),
        (("--contact", "ben", "--automation", "Welcome"), "--contact is about a test out of a log, and needs --from"),
        (("--anonymous",), "--anonymous is about a test out of a log, and needs --from"),
        (("--now", "2027-01-01"), "--now is about a test out of a log, and needs --from"),
        ((*ASKED, "--coverage"), "--coverage is about tests that are run, and --from writes one"),
        ((*ASKED, "--format", "json"), "--format is about tests that are run, and --from writes one"),
        ((*ASKED, "--at", "soon"), "--at: 'soon' is no date"),
        ((*ASKED, "--at", "2026-01-03"), 'no rule of "Welcome" had its trigger then'),
        ((*ASKED, "--timezone", "Europe/Berlin"), "tests run in the project's time zone"),
        (("--from", "log.jsonl", "--contact", "Ben", "--automation", "Welcome"), 'no event of a contact "Ben"; the nearest is "ben"'),
        (("--from", "log.jsonl", "--contact", "ben", "--automation", "Welcom"), 'no automation "Welcom"; the nearest is "Welcome"'),
        (("--from", "nowhere.jsonl", "--contact", "ben", "--automation", "Welcome"), "nowhere.jsonl"),
    ],
)
def test_a_test_that_cannot_be_written(arguments: tuple[str, ...], said: str, small: Path) -> None:
    ran = triggerlang("test", *arguments, cwd=small)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.is_clean


def test_the_time_zone_of_the_project_is_that_of_the_lines(small: Path) -> None:
    (small / "triggerlang.toml").write_text('timezone = "Europe/Berlin"\n')
    ran = triggerlang("test", *ASKED, "--timezone", "Europe/Berlin", cwd=small)
    assert '2026-01-02 11:05 "ben" subscribes list "News"' in ran.out


def test_nothing_of_a_person_is_in_an_anonymous_test(small: Path) -> None:
    person = "ben.miller@example.org"
    rules = 'automation "Cart"\n  on visits page like "/cart*" with owner is not blank where any event last mail contains "@" before\n'
    (small / "rules" / "cart.triggers").write_text(rules)
    seen = {"mail": person, "other": "x"}
    lines = [
        {"contact": person, "time": "2026-01-01", "name": f"hello {person}", "properties": seen},
        {"contact": person, "time": "2026-01-02", "kind": "visit", "name": f"/cart?u={person}", "properties": {"owner": "Ben Miller"}},
    ]
    (small / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    ran = triggerlang("test", "--from", "log.jsonl", "--contact", person, "--automation", "Cart", "--anonymous", cwd=small)
    assert ran.code == 0, ran.err
    assert not any(word in ran.out.lower() for word in ("ben", "miller", "example", "org"))
    (small / "rules" / "shown.triggers").write_text(ran.out)
    assert triggerlang("test", cwd=small).code == 0


def test_every_automation_of_the_sample_has_its_test(tmp_path: Path) -> None:
    written = 0
    for number, automation in enumerate(load(ROOT / "rules").automations):
        asked = ("--from", SAMPLE_LOGS, "--contact", "cdnow-14401", "--automation", automation)
        ran = triggerlang("test", ROOT / "rules", *asked, cwd=tmp_path)
        if ran.code == 2:
            assert "had its trigger" in ran.err
            continue
        (tmp_path / f"{number}.triggers").write_text(ran.out)
        assert len(ran.out.splitlines()) < 30
        written += 1
    assert written > 3
    ran = triggerlang("test", ROOT / "rules", tmp_path, cwd=tmp_path)
    assert ran.code == 0
