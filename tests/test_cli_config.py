"""The configuration: where it is looked for, what may stand in it, and what is said where it is wrong."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.support.command import ENTRY, LOG, environment, project, triggerlang

IN_TOKYO = 'timezone = "Asia/Tokyo"\n'


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A project that is the root of a repository, so that nothing above it is looked at."""
    (tmp_path / ".git").mkdir()
    return project(tmp_path)


def first_time(folder: Path, *options: str, env: dict[str, str] | None = None) -> str:
    """The time of the entry of the small log, whose times have no zone."""
    log = folder / "naive.jsonl"
    log.write_text(LOG.replace("Z", ""))
    ran = triggerlang("run", "naive.jsonl", "-q", *options, cwd=folder, env=env)
    assert ran.code == 0, ran.err
    return str(json.loads(ran.out)["time"])


@pytest.mark.parametrize(("written", "folders"), [('rules = "mine"', ["mine"]), ('rules = ["mine", "shared"]', ["mine", "shared"])])
def test_rules_are_a_path_or_a_list_beside_the_file(small: Path, written: str, folders: list[str]) -> None:
    (small / "triggerlang.toml").write_text(written)
    for folder in folders:
        (small / folder).mkdir()
        (small / folder / f"{folder}.triggers").write_text('on event "signup"\n')
    below = small / "deep" / "below"
    below.mkdir(parents=True)
    ran = triggerlang("run", "../../log.jsonl", "-q", cwd=below)
    assert [json.loads(line)["source"] for line in ran.out.splitlines()] == [f"../../{folder}/{folder}.triggers:1" for folder in folders]


def test_a_path_that_is_given_wins_and_the_time_zone_stays(small: Path) -> None:
    (small / "triggerlang.toml").write_text('rules = "nowhere"\n' + IN_TOKYO)
    assert first_time(small, "--rules", "rules") == "2026-01-02T01:05:00Z"


def test_pyproject_serves_too_and_the_own_file_goes_before_it(small: Path) -> None:
    (small / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.triggerlang]\n' + IN_TOKYO)
    assert first_time(small) == "2026-01-02T01:05:00Z"
    (small / "triggerlang.toml").write_text('timezone = "UTC"\n')
    assert first_time(small) == "2026-01-02T10:05:00Z"


def test_a_pyproject_without_the_table_is_passed_over(small: Path) -> None:
    (small / "triggerlang.toml").write_text(IN_TOKYO)
    below = small / "below"
    below.mkdir()
    (below / "pyproject.toml").write_text("[tool.other]\nkey = 1\n")
    assert first_time(below, "--rules", "../rules") == "2026-01-02T01:05:00Z"


def test_the_nearest_is_taken(small: Path) -> None:
    (small / "triggerlang.toml").write_text(IN_TOKYO)
    below = small / "below"
    below.mkdir()
    (below / "triggerlang.toml").write_text('rules = "../rules"\n')
    assert first_time(below) == "2026-01-02T10:05:00Z"


def test_nothing_above_the_repository_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "triggerlang.toml").write_text(IN_TOKYO)
    inside = tmp_path / "inside"
    inside.mkdir()
    project(inside)
    assert first_time(inside, "--rules", "rules") == "2026-01-02T01:05:00Z"
    # Of a worktree it is a file.
    (inside / ".git").write_text("gitdir: elsewhere\n")
    assert first_time(inside) == "2026-01-02T10:05:00Z"


def test_nothing_above_the_home_folder_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "triggerlang.toml").write_text(IN_TOKYO)
    home = tmp_path / "home"
    work = home / "work"
    work.mkdir(parents=True)
    project(work)
    assert first_time(work, env=environment(HOME=str(home))) == "2026-01-02T10:05:00Z"
    (home / "triggerlang.toml").write_text('rules = "work/rules"\ntimezone = "Europe/Berlin"\n')
    assert first_time(work, env=environment(HOME=str(home))) == "2026-01-02T09:05:00Z"


@pytest.mark.skipif(os.geteuid() != 0, reason="only the administrator can give a file to somebody else")
def test_a_file_of_somebody_else_above_is_named(small: Path) -> None:
    file = small / "triggerlang.toml"
    file.write_text('rules = "rules"\n')
    below = small / "below"
    below.mkdir()
    os.chown(file, 12_345, -1)
    ran = triggerlang("check", cwd=below)
    assert ran.code == 0
    assert ran.err.startswith(f"Note: {file} is used; it belongs to another user\n")
    assert "Note" not in triggerlang("check", cwd=small).err


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('rule = "x"', 'there is no key "rule"; the nearest is "rules"'),
        ('Timezone = "UTC"', 'there is no key "Timezone"; the nearest is "timezone"'),
        ("memory = 1", 'there is no key "memory"; the keys are rules, timezone'),
        ("[rules]", '"rules" is a path or a list of paths'),
        ("rules = []", '"rules" is a path or a list of paths'),
        ("rules = [1]", '"rules" is a path or a list of paths'),
        ('rules = ""', '"rules" is a path or a list of paths'),
        ("timezone = 1", '"timezone" is a name'),
        ('timezone = "Mars"', '"timezone": no time zone is called "Mars"'),
        ("rules", "this is no TOML: "),
        ('rules = "\xff"'.encode("latin-1"), "this is no TOML: "),
        ("rules = " + "[" * 5_000, "this is nested too deeply"),
        ("rules = 1" + "0" * 5_000, "a number in it has too many digits"),
        ("a." * 50_000 + "a = 1", "a key has more than 100 parts"),
        ("#" * (1 << 20) + "#", "this file is larger than 1,048,576 bytes"),
        ('"\\u001b[31m" = 1', "there is no key "),
    ],
)
def test_what_is_wrong_is_said_in_one_line(small: Path, written: str | bytes, said: str) -> None:
    (small / "triggerlang.toml").write_bytes(written if isinstance(written, bytes) else written.encode())
    ran = triggerlang("check", cwd=small)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"Error: {small}/triggerlang.toml: {said}")
    assert ran.err.count("\n") == 1
    assert "\x1b" not in ran.err
    assert ran.is_clean


def test_every_command_reads_it(small: Path) -> None:
    (small / "triggerlang.toml").write_text("rule = 1\n")
    for command in (("check",), ("run", "log.jsonl"), ("graph",)):
        ran = triggerlang(*command, cwd=small)
        assert ran.code == 2
        assert 'there is no key "rule"' in ran.err


def test_a_table_of_pyproject_that_is_none_is_refused(small: Path) -> None:
    (small / "pyproject.toml").write_text('[tool]\ntriggerlang = "rules"\n')
    ran = triggerlang("check", cwd=small)
    assert ran.code == 2
    assert "[tool.triggerlang] is a table, with the keys rules, timezone" in ran.err


def test_a_byte_order_mark_is_no_harm(small: Path) -> None:
    (small / "triggerlang.toml").write_text(IN_TOKYO, encoding="utf-8-sig")
    assert first_time(small) == "2026-01-02T01:05:00Z"


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    ran = triggerlang("check", cwd=gone, before=lambda: shutil.rmtree(gone))
    assert (ran.code, ran.err) == (2, "Error: the folder that you are in is not there any more\n")


def test_no_home_is_no_harm(small: Path) -> None:
    assert triggerlang("run", "log.jsonl", "-q", cwd=small, env=environment(HOME="")).out == ENTRY
