"""`triggerlang check`: problems, formats, exit codes, and what it does not load."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import RULES, WRONG, environment, on_terminal, project, triggerlang
from triggerlang.cli.main import COMMANDS

EMPTY = "# nothing yet\n"


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """Two files with an error each, and one with a warning."""
    project(tmp_path, rules=WRONG)
    (tmp_path / "rules" / "other.triggers").write_text('on event "a" where in segment "Nobody"\n')
    (tmp_path / "rules" / "empty.triggers").write_text(EMPTY)
    return tmp_path


def test_a_right_project_is_quiet(tmp_path: Path) -> None:
    ran = triggerlang("check", cwd=project(tmp_path))
    assert (ran.code, ran.out, ran.err) == (0, "", "no problems in 1 file\n")


def test_every_problem_of_every_file_is_shown_at_once(wrong: Path) -> None:
    ran = triggerlang("check", "rules/", "--format", "concise", cwd=wrong)
    assert ran.code == 1
    assert [line.split(" ")[:2] for line in ran.out.splitlines()] == [
        ["rules/empty.triggers:1:1:", "empty-file"],
        ["rules/other.triggers:1:31:", "unknown-segment"],
        ["rules/welcome.triggers:2:17:", "misspelt-word"],
    ]
    assert ran.err == "2 errors, 1 warning in 3 files\n"


def test_text_shows_the_line_and_a_caret_under_the_words(wrong: Path) -> None:
    ran = triggerlang("check", "rules/other.triggers", cwd=wrong)
    assert ran.code == 1
    first, quoted, marks, *_ = ran.out.splitlines()
    assert first.startswith("rules/other.triggers:1:31: error: ")
    assert first.endswith(" [unknown-segment]")
    assert marks.index("^") == quoted.index('"Nobody"')
    assert marks.count("^") == len('"Nobody"')
    assert "\x1b" not in ran.out


def test_json_holds_all_problems_whatever_the_limit(wrong: Path) -> None:
    ran = triggerlang("check", "rules", "--format", "json", "--max-errors", "1", cwd=wrong)
    assert ran.code == 1
    assert [problem["code"] for problem in json.loads(ran.out)] == ["empty-file", "unknown-segment", "misspelt-word"]
    assert json.loads(triggerlang("check", "--format", "json", cwd=project_beside(wrong)).out) == []


def project_beside(folder: Path) -> Path:
    beside = folder / "beside"
    beside.mkdir()
    return project(beside)


def test_github_gets_an_annotation_for_each(wrong: Path) -> None:
    ran = triggerlang("check", "--format", "github", cwd=wrong)
    assert ran.code == 1
    assert [line.split(",")[0] for line in ran.out.splitlines()] == [
        "::warning file=rules/empty.triggers",
        "::error file=rules/other.triggers",
        "::error file=rules/welcome.triggers",
    ]


def test_the_limit_shows_the_first_and_counts_all(wrong: Path) -> None:
    ran = triggerlang("check", "--format", "concise", "--max-errors", "2", cwd=wrong)
    assert len(ran.out.splitlines()) == 2
    assert ran.err == "and 1 more; --max-errors shows them\n2 errors, 1 warning in 3 files\n"
    assert triggerlang("check", "--max-errors", "0", cwd=wrong).code == 2


def test_warnings_alone_are_no_failure_unless_strict(tmp_path: Path) -> None:
    project(tmp_path, rules=EMPTY)
    ran = triggerlang("check", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "1 warning in 1 file\n")
    assert triggerlang("check", "--strict", cwd=tmp_path).code == 1
    (tmp_path / "rules" / "welcome.triggers").write_text(RULES)
    assert triggerlang("check", "--strict", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    ("arguments", "variables", "is_coloured"),
    [
        (("--color", "always"), {}, True),
        (("--color", "auto"), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
    ],
)
def test_colour_through_a_pipe(wrong: Path, arguments: tuple[str, ...], variables: dict[str, str], is_coloured: bool) -> None:
    ran = triggerlang("check", *arguments, cwd=wrong, env=environment(**variables))
    assert ("\x1b[" in ran.out) == is_coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", ran.out) == triggerlang("check", cwd=wrong).out


@pytest.mark.parametrize(
    ("term", "variables", "is_coloured"), [("xterm", {}, True), ("dumb", {}, False), ("xterm", {"NO_COLOR": "1"}, False)]
)
def test_colour_on_a_terminal(wrong: Path, term: str, variables: dict[str, str], is_coloured: bool) -> None:
    ran = on_terminal("check", cwd=wrong, term=term, env=environment(**variables))
    assert ran.code == 1
    assert ("\x1b[" in ran.out) == is_coloured


@pytest.mark.parametrize("path", ["nowhere", "nowhere.triggers", "log.jsonl"])
def test_what_cannot_be_read_as_rules_is_named(tmp_path: Path, path: str) -> None:
    ran = triggerlang("check", path, cwd=project(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"Error: {path}: ")
    assert ran.is_clean


def test_without_rules_the_way_out_is_shown(tmp_path: Path) -> None:
    ran = triggerlang("check", cwd=tmp_path)
    assert ran.code == 2
    assert ran.err.startswith("Error: rules/: there is no such file or folder")


def test_the_overview_and_the_version(tmp_path: Path) -> None:
    assert triggerlang("--version", cwd=tmp_path).out == "triggerlang 0.1.0\n"
    overview = triggerlang("--help", cwd=tmp_path)
    assert overview.code == 0
    assert re.findall(r"^  (\w+)  ", overview.out, flags=re.MULTILINE) == sorted(COMMANDS)
    # Without a command, Click shows the same as a wrong usage.
    assert triggerlang(cwd=tmp_path).code == 2


@pytest.mark.parametrize(("written", "near"), [("chekc", "check"), ("runs", "run"), ("grahp", "graph")])
def test_a_misspelt_command_gets_the_nearest(tmp_path: Path, written: str, near: str) -> None:
    ran = triggerlang(written, cwd=tmp_path)
    assert ran.code == 2
    assert f'Error: there is no command "{written}"; the nearest is {near}\n' in ran.err


def test_a_misspelt_option_gets_the_nearest(tmp_path: Path) -> None:
    ran = triggerlang("check", "--strcit", cwd=tmp_path)
    assert ran.code == 2
    assert "--strict" in ran.err
    assert ran.is_clean


def test_words_of_the_user_cannot_move_the_cursor(tmp_path: Path) -> None:
    for arguments in (("\x1b[31mcheck",), ("check", "\x1b[31m"), ("check", "--format", "\x1b[31m"), ("check", "--\x1b[31m")):
        ran = triggerlang(*arguments, cwd=tmp_path)
        assert ran.code == 2
        assert "\x1b" not in ran.err


HEAVY = (
    "pydantic",
    "pydantic_core",
    "numpy",
    "pyarrow",
    "rich",
    "asyncio",
    "tomllib",
    "backports.zstd",
    "csv",
    "zoneinfo",
    "xml",
    "click.shell_completion",
)


@pytest.mark.parametrize("has_problem", [False, True])
def test_check_loads_little(tmp_path: Path, has_problem: bool) -> None:
    project(tmp_path, rules=WRONG if has_problem else RULES)
    program = (
        "import sys, atexit\n"
        "atexit.register(lambda: print('\\n'.join(['loaded:', *sorted(sys.modules)])))\n"
        "from triggerlang.cli.main import main\n"
        "sys.argv = ['triggerlang', 'check', 'rules']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == int(has_problem)
    loaded = done.stdout.partition("loaded:")[2].split()
    assert "triggerlang.checking.project" in loaded
    assert [module for module in HEAVY if module in loaded] == []
    folders = ("events", "engines", "network")
    assert [module for module in loaded if module.startswith(tuple(f"triggerlang.{folder}" for folder in folders))] == []
    formats = {module for module in loaded if module.startswith("triggerlang.checking.render.")}
    assert formats <= {f"triggerlang.checking.render.{name}" for name in ("plain", "text")}


def test_the_command_line_itself_loads_click_and_little_else() -> None:
    program = "import sys, click; before = set(sys.modules); import triggerlang.cli.main; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], env=environment(), capture_output=True, text=True, timeout=60, check=True)
    ours = {module for module in done.stdout.split() if module.startswith("triggerlang")}
    assert ours == {
        "triggerlang",
        "triggerlang.answers",
        "triggerlang.answers.encoding",
        "triggerlang.checking",
        "triggerlang.checking.render",
        "triggerlang.checking.render.plain",
        "triggerlang.cli",
        "triggerlang.cli.main",
        "triggerlang.cli.process",
    }
    assert set(done.stdout.split()) - ours <= {"__future__", "atexit", "gc", "signal", "locale", "_locale"}
