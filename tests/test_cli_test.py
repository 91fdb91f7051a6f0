"""`triggerlang test`: results, formats, coverage, exit codes, and what other commands make of test blocks."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from tests.support.command import ROOT, RULES, on_terminal, project, triggerlang

HOLDS = (
    'test "a signup first" given 2026-01-01 "ben" event "signup" 2026-01-02 "ben" subscribes list "News"\n'
    '  2026-01-02 "ana" subscribes list "News"\n'
    '  expect automation "Welcome" 2026-01-02 "ben"\n'
)
FAILS = 'test "no signup" given 2026-01-02 10:00 "ana" subscribes list "News"\n  expect automation "Welcome" 2026-01-02 10:00 "ana"\n'


def project_with(folder: Path, *tests: str) -> Path:
    """A project with tests in a file of their own."""
    project(folder)
    (folder / "rules" / "tests.triggers").write_text("".join(tests), encoding="utf-8")
    return folder


def test_all_hold(tmp_path: Path) -> None:
    ran = triggerlang("test", cwd=project_with(tmp_path, HOLDS))
    assert (ran.code, ran.out, ran.err) == (0, "", "1 test in 2 files: it holds\n")


def test_one_fails(tmp_path: Path) -> None:
    ran = triggerlang("test", "rules/", cwd=project_with(tmp_path, HOLDS, FAILS))
    assert (ran.code, ran.err) == (1, "2 tests in 2 files: 1 fails\n")
    assert ran.out == (
        "rules/tests.triggers:4:1: fails: no signup\n"
        '  automation "Welcome"\n'
        "      expected                 actual\n"
        '    - 2026-01-02 10:00 "ana"   nothing\n'
        '  2026-01-02 10:00 "ana" is missing\n'
        "    Welcome#1, rules/welcome.triggers:2\n"
        '      event "signup" count >= 1 before: count was 0, needs 1 or more\n'
    )


def test_a_project_without_tests_says_so(tmp_path: Path) -> None:
    for arguments in ((), ("--coverage",), ("--format", "json"), ("--format", "junit")):
        ran = triggerlang("test", *arguments, cwd=project(tmp_path) if not (tmp_path / "rules").exists() else tmp_path)
        assert ran.code == 1
        assert ran.err.splitlines()[-1].startswith("there are no tests in these files")


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (RULES + HOLDS.replace("Welcome", "Welcom"), "[no-such-automation]"),
        (RULES + "test", "unfinished"),
        ('automation "A" on evnt "x"\n', "[misspelt-word]"),
    ],
)
def test_rules_with_errors_are_not_run(tmp_path: Path, rules: str, said: str) -> None:
    ran = triggerlang("test", cwd=project(tmp_path, rules=rules))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "nothing was run" in ran.err
    assert ran.is_clean


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    ran = triggerlang("test", "nothing/", cwd=project(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert "nothing/" in ran.err
    assert ran.is_clean


@pytest.mark.parametrize(("limit", "code"), [("0", 0), ("100", 0), ("100.1", 2), ("-1", 2), ("much", 2)])
def test_the_limit_of_coverage_that_is_reached(tmp_path: Path, limit: str, code: int) -> None:
    ran = triggerlang("test", "--fail-under", limit, cwd=project_with(tmp_path, HOLDS))
    assert ran.code == code
    if not code:
        assert ran.out == "coverage 100.0 %: 1 of 1 rules made an entry, 2 of 2 sides of tests were seen\n"


def test_below_the_limit(tmp_path: Path) -> None:
    only = HOLDS.replace('  2026-01-02 "ana" subscribes list "News"\n', "")
    folder = project_with(tmp_path, only)
    assert triggerlang("test", "--fail-under", "66.6", cwd=folder).code == 0
    ran = triggerlang("test", "--fail-under", "66.7", cwd=folder)
    assert ran.code == 1
    assert ran.out.splitlines()[1:] == ['  rules/welcome.triggers:2:35: event "signup" count >= 1 before: never false']
    assert ran.err.splitlines() == ["1 test in 2 files: it holds", "the coverage of 66.6 % is below 66.7 %"]
    assert triggerlang("test", "--coverage", cwd=folder).code == 0


def test_json_through_the_command(tmp_path: Path) -> None:
    ran = triggerlang("test", "--format", "json", "--coverage", cwd=project_with(tmp_path, HOLDS, FAILS))
    assert (ran.code, ran.err) == (1, "2 tests in 2 files: 1 fails\n")
    shown = json.loads(ran.out)
    jsonschema.Draft202012Validator(json.loads((ROOT / "docs" / "schemas" / "test.schema.json").read_text())).validate(shown)
    [outcome] = shown["tests"][1]["expected"]
    [missing] = outcome["missing"]
    assert (missing["time"], missing["contact"], missing["line"]) == ("2026-01-02T10:00:00Z", "ana", 5)
    [because] = missing["rules"][0]["because"]
    assert (because["text"], because["found"], because["wanted"]) == ('event "signup" count >= 1 before', "count was 0", "1 or more")
    assert shown["coverage"]["percent"] == 100.0


def test_junit_through_the_command(tmp_path: Path) -> None:
    ran = triggerlang("test", "--format", "junit", "--coverage", cwd=project_with(tmp_path, HOLDS, FAILS))
    assert ran.code == 1
    assert ran.err.startswith("coverage 100.0 %")
    root = ElementTree.fromstring(ran.out.encode())
    [failure] = root.iter("failure")
    assert "count was 0, needs 1 or more" in (failure.text or "")


def test_the_time_zone_is_the_projects(tmp_path: Path) -> None:
    rules = 'automation "A" on event "a" where time between 09:00 and 10:00\n'
    block = 'test "zone" given 2026-07-01T07:30:00Z "ana" event "a" expect automation "A" 2026-07-01 09:30 "ana"\n'
    project(tmp_path, rules=rules + block)
    assert triggerlang("test", cwd=tmp_path).code == 1
    (tmp_path / "triggerlang.toml").write_text('timezone = "Europe/Berlin"\n')
    assert triggerlang("test", cwd=tmp_path).code == 0


def test_colour_on_a_terminal(tmp_path: Path) -> None:
    folder = project_with(tmp_path, FAILS)
    assert "\x1b[1;31mfails\x1b[0m" in on_terminal("test", cwd=folder).out
    assert "\x1b" not in triggerlang("test", cwd=folder).out
    assert "\x1b" in triggerlang("test", "--color", "always", cwd=folder).out


def test_an_event_that_starts_too_much_is_named(tmp_path: Path) -> None:
    """Each automation starts the next twice."""
    chain = 'automation "A0" on event "a" every time\n' + "".join(
        f'automation "A{at}"\n  on enters automation "A{at - 1}" every time\n  on enters automation "A{at - 1}" every time\n'
        for at in range(1, 22)
    )
    block = 'test "doubling"\n  given 2026-01-01 "ana" event "a" expect automation "A0" 2026-01-01 "ana"\n'
    ran = triggerlang("test", cwd=project(tmp_path, rules=chain + block))
    assert (ran.code, ran.out) == (2, "")
    assert f"rules/welcome.triggers:{chain.count(chr(10)) + 1}: one event causes more than 1,000,000 entries" in ran.err
    assert ran.is_clean


def test_other_commands_pass_over_tests(tmp_path: Path) -> None:
    folder = project_with(tmp_path, HOLDS, FAILS)
    with_tests = [triggerlang(*arguments, cwd=folder) for arguments in (("run", "log.jsonl", "--quiet"), ("graph",), ("check", "--strict"))]
    (folder / "rules" / "tests.triggers").unlink()
    without = [triggerlang(*arguments, cwd=folder) for arguments in (("run", "log.jsonl", "--quiet"), ("graph",), ("check", "--strict"))]
    assert [(ran.code, ran.out) for ran in with_tests] == [(ran.code, ran.out) for ran in without]
    assert with_tests[0].out
