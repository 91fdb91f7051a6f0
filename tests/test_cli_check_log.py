"""`triggerlang check --log`: options, formats, exit codes, and what is said of the log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import LOG, WRONG, project, triggerlang
from triggerlang.cli import reading
from triggerlang.engines.choosing import ENGINES
from triggerlang.events.files import FORMATS

RULES = 'automation "Welcome"\n  on subscribes list "Newz" where event "signup" count >= 1 within 3 days before\n'
WARNING = 'rules/welcome.triggers:2:22: not-in-log no `subscribes list "Newz"` in this log\n'
BAD = '{"contact": "ana"}\n'
READ = "the log has 3 events, from 2026-01-02 to 2026-01-02\n"


@pytest.fixture
def near(tmp_path: Path) -> Path:
    """A project with a misspelt list, and a log of an hour of one day."""
    return project(tmp_path, rules=RULES)


def test_what_the_log_does_not_have_comes_as_warnings(near: Path) -> None:
    ran = triggerlang("check", "--log", "log.jsonl", cwd=near)
    assert ran.code == 0
    assert ran.out == (
        'rules/welcome.triggers:2:22: warning: no `subscribes list "Newz"` in this log [not-in-log]\n'
        '  1 | automation "Welcome"\n'
        '  2 |   on subscribes list "Newz" where event "signup" count >= 1 within 3 days before\n'
        "    |                      ^^^^^^\n"
        '  help: "News" is the nearest, 2 times in the log\n'
        "\n"
        "rules/welcome.triggers:2:61: warning: this always reaches back to before the log begins: "
        "the log is 5 minutes long [window-before-log]\n"
        '  1 | automation "Welcome"\n'
        '  2 |   on subscribes list "Newz" where event "signup" count >= 1 within 3 days before\n'
        "    |                                                             ^^^^^^^^^^^^^^^^^^^^\n"
        "  help: take a log that begins earlier, or a shorter window: what happened before the log is not counted\n"
    )
    assert ran.err == READ + "2 warnings in 1 file\n"


def test_every_format_shows_them_and_strict_counts_them(near: Path) -> None:
    found = json.loads(triggerlang("check", "--log", "log.jsonl", "--format", "json", cwd=near).out)
    assert [(problem["code"], problem["severity"], problem["column"]) for problem in found] == [
        ("not-in-log", "warning", 22),
        ("window-before-log", "warning", 61),
    ]
    assert found[0]["replacement"] == '"News"'
    assert triggerlang("check", "--log", "log.jsonl", "--format", "github", cwd=near).out.startswith(
        "::warning file=rules/welcome.triggers,"
    )
    ran = triggerlang("check", "--log", "log.jsonl", "--strict", "--format", "concise", "--max-errors", "1", cwd=near)
    assert (ran.code, ran.out) == (1, WARNING)


def test_other_warnings_stand_among_them_in_the_order_of_the_text(near: Path) -> None:
    (near / "rules" / "a.triggers").write_text('on event "b"\n  where weekday in (monday, monday)\n    and event "c" has occurred\n')
    ran = triggerlang("check", "--log", "log.jsonl", "--format", "concise", cwd=near)
    assert [line.split()[1] for line in ran.out.splitlines()] == [
        "not-in-log",
        "repeated-weekday",
        "not-in-log",
        "not-in-log",
        "window-before-log",
    ]


def test_logs_are_one_log(near: Path) -> None:
    (near / "more.csv").write_text("time,contact,kind,name\n2026-03-01,ana,subscribe,Newz\n")
    ran = triggerlang("check", "--log", "log.jsonl", "--log", "more.csv", "--log", "./log.jsonl", cwd=near)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        "Warning: ./log.jsonl is named twice; it was read once\n"
        "the log has 4 events, from 2026-01-02 to 2026-03-01\nno problems in 1 file\n"
    )


def test_a_log_on_standard_input(near: Path) -> None:
    ran = triggerlang("check", "--log", "-", "--format", "concise", cwd=near, stdin=LOG.encode())
    assert ran.out.startswith(WARNING)
    assert READ in ran.err


@pytest.mark.parametrize("engine", ["auto", "interpreter", "columnar"])
def test_bad_rows_are_treated_as_run_treats_them(near: Path, engine: str) -> None:
    (near / "log.jsonl").write_text(LOG + BAD)
    ran = triggerlang("check", "--log", "log.jsonl", "--engine", engine, cwd=near)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: log.jsonl:4: this row has no name")
    reading_on = ("--log", "log.jsonl", "--engine", engine)
    ran = triggerlang("check", *reading_on, "--on-bad-event", "skip", "--rejects", "bad.jsonl", "--format", "concise", cwd=near)
    assert ran.code == 0
    assert ran.out.startswith(WARNING)
    assert "the log has 3 events, from 2026-01-02 to 2026-01-02; 1 bad row passed over\n" in ran.err
    assert json.loads((near / "bad.jsonl").read_text())["line"] == 4


def test_time_zone_end_shape_memory_and_folder(near: Path) -> None:
    """What `run` takes: days are the zone's, the end of the log can be later, and what does not fit is looked at part by part."""
    (near / "log").write_text(LOG)
    (near / "spill").mkdir()
    ran = triggerlang(
        "check", "--log", "log", "--log-format", "jsonl", "--timezone", "Pacific/Kiritimati", "--now", "2026-01-06",
        "--engine", "columnar", "--memory", "1KB", "--temp-dir", "spill", "--format", "concise", cwd=near,
    )  # fmt: skip
    assert (ran.code, ran.out) == (0, WARNING)
    assert ran.err == "the log has 3 events, from 2026-01-03 to 2026-01-03\n1 warning in 1 file\n"
    assert list((near / "spill").iterdir()) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--now", "2026-01-01"), "--now says how a log is read, and needs --log"),
        (("--on-bad-event", "skip"), "--on-bad-event says how a log is read, and needs --log"),
        (("--log", "log.jsonl", "--diff"), "--diff shows replacements, and --log brings none: take one of them"),
        (("--log", "log.jsonl", "--rejects", "x"), "--rejects needs --on-bad-event skip: otherwise the first bad row ends the run"),
        (("--log", "log.jsonl", "--now", "soon"), "--now: 'soon' is no date: write 2026-01-31 or 2026-01-31 09:00"),
        (("--log", "log.jsonl", "--memory", "lots"), "--memory: 'lots' is not a size: write a number and a unit, such as 4GB"),
        (("--log", "log.jsonl", "--timezone", "Berlin"), '--timezone: no time zone is called "Berlin"; names are those of the IANA'),
        (("--log", "nowhere.jsonl"), "nowhere.jsonl: there is no such file"),
        (("--log", "log.jsonl", "--on-bad-event", "skip", "--rejects", "log.jsonl"), "--rejects would overwrite what is read"),
        (("--log", "log.jsonl", "--on-bad-event", "skip", "--rejects", "rules/welcome.triggers"), "--rejects would overwrite what is read"),
        (("--log", "log.jsonl", "--temp-dir", "nowhere"), "nowhere: there is no such folder"),
    ],
)  # fmt: skip
def test_what_cannot_be(near: Path, options: tuple[str, ...], said: str) -> None:
    ran = triggerlang("check", *options, cwd=near)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.is_clean


def test_rules_with_errors_are_not_held_against_a_log(tmp_path: Path) -> None:
    ran = triggerlang("check", "--log", "log.jsonl", "--format", "concise", cwd=project(tmp_path, rules=WRONG))
    assert ran.code == 1
    assert "misspelt-word" in ran.out
    assert ran.err == "the log was not looked at, because the rules have errors\n1 error in 1 file\n"


def test_fixes_come_before_the_log(near: Path) -> None:
    (near / "rules" / "welcome.triggers").write_text(RULES.replace('"Newz"', "“News”"))
    ran = triggerlang("check", "--fix", "--log", "log.jsonl", "--format", "concise", cwd=near)
    assert [line.split()[1] for line in ran.out.splitlines()] == ["window-before-log"]


def test_an_empty_log_tells_nothing(near: Path) -> None:
    (near / "log.jsonl").write_text("")
    ran = triggerlang("check", "--log", "log.jsonl", cwd=near)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "the log has no event, so nothing can be said of it\nno problems in 1 file\n"


def test_names_in_a_log_cannot_move_the_cursor(near: Path) -> None:
    (near / "log.jsonl").write_text('{"contact": "a", "time": "2026-01-02", "kind": "subscribe", "name": "New\\u001b"}\n')
    ran = triggerlang("check", "--log", "log.jsonl", cwd=near)
    assert "\x1b" not in ran.out + ran.err
    assert "is the nearest, once in the log" in ran.out


def test_options_name_the_engines_and_shapes_that_there_are() -> None:
    assert (reading.ENGINES, reading.FORMATS) == (ENGINES, FORMATS)
