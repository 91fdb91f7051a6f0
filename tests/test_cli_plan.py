"""`triggerlang plan` as a user has it: exit codes, formats, git revisions, and that it is the difference of two runs on real logs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.support.command import LOG, ROOT, Ran, environment, project, triggerlang
from triggerlang.answers.plans import markdown
from triggerlang.cli import plan as command

DATA = ROOT / "tests" / "data"
OLD = 'automation "Welcome"\n  on subscribes list "News" where event "signup" count >= 1 before\n'
NEW = 'automation "Welcome"\n  on subscribes list "News"\n'


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A project whose rules let everybody in now, and the old ones beside it."""
    project(tmp_path, rules=NEW)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "welcome.triggers").write_text(OLD)
    return tmp_path


def plan(folder: Path, *arguments: str, **more: Any) -> Ran:
    ran = triggerlang("plan", *arguments, cwd=folder, **more)
    assert ran.is_clean
    return ran


def test_what_comes_is_told_with_the_reason(changed: Path) -> None:
    ran = plan(changed, "log.jsonl", "--against", "old")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "rules/ against old, over log.jsonl: 3 events of 2 contacts",
        "1 entry before, 2 after: 1 more",
        "",
        'automation "Welcome": 1 entry before, 2 after: 1 more',
        "  Welcome#1, rules/welcome.triggers:2",
        '    - event "signup" count >= 1 before',
        "  more:",
        '    "ana" at 2026-01-02 10:01',
        '  1 contact enters for the first time: "ana"',
        "  busiest day: 1 entry on 2026-01-02 before, 2 entries on 2026-01-02 after",
        '  why more: event "signup" count >= 1 before stopped 1 entry before',
        '    "ana" at 2026-01-02 10:01: count was 0, needs 1 or more',
    ]


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
@pytest.mark.parametrize("log", [True, False])
def test_against_itself_it_is_empty(changed: Path, engine: str, log: bool) -> None:
    given = ["log.jsonl", "--engine", engine] if log else []
    ran = plan(changed, *given, "--against", "rules", "--fail-on-change")
    assert ran.code == 0
    assert ran.out.splitlines()[1] == ("the same 2 entries as before" if log else "nothing changes: all rules mean the same")
    assert "automation" not in ran.out.splitlines()[-1] or not log


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--fail-on-change"], 1, "--fail-on-change: there are changes"),
        (["--max-entries-per-day", "1"], 1, "2 entries on 2026-01-02, and at most 1 are allowed on a day"),
        (["--max-entries-per-day", "2"], 0, ""),
        (["--max-change", "5%"], 1, "1 entry changes where there were 1, which is 100.0 %, and at most 5 % are allowed"),
        (["--max-change", "100%"], 0, ""),
        (["--max-change", "99.9"], 1, "at most 99.9 % are allowed"),
    ],
)
@pytest.mark.parametrize("output_format", command.FORMATS)
def test_limits(changed: Path, options: list[str], code: int, said: str, output_format: str) -> None:
    ran = plan(changed, "log.jsonl", "--against", "old", *options, "--format", output_format)
    assert ran.code == code
    assert said in ran.out + ran.err


def test_an_automation_that_is_new_is_no_change_of_its_entries(changed: Path) -> None:
    (changed / "rules" / "more.triggers").write_text('automation "More" on event "signup"\n')
    (changed / "old" / "welcome.triggers").write_text(NEW)
    assert plan(changed, "log.jsonl", "--against", "old", "--max-change", "0").code == 0
    ran = plan(changed, "log.jsonl", "--against", "old", "--fail-on-change")
    assert ran.code == 1
    assert 'automation "More" is new: 1 entry' in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--against", "nowhere"], "there is no such path; as a git revision"),
        (["--against", "--output=x"], "is no revision"),
        (["log.jsonl"], "--against"),
        (["--against", "old", "--max-change", "5%"], "--max-change needs a LOG"),
        (["--against", "old", "--memory", "1GB"], "--memory needs a LOG"),
        (["log.jsonl", "--against", "old", "--max-change", "-1"], "is no share: write 5%"),
        (["log.jsonl", "--against", "old", "--show-contacts"], "needs --format markdown"),
        (["gone.jsonl", "--against", "old"], "there is no such file"),
        (["log.jsonl", "--against", "wrong"], "the old rules have 1 error"),
        (["log.jsonl", "--against", "old", "--rejects", "log.jsonl", "--on-bad-event", "skip"], "would overwrite what is read"),
    ],
)
def test_what_cannot_be_run(changed: Path, arguments: list[str], said: str) -> None:
    (changed / "wrong").mkdir()
    (changed / "wrong" / "w.triggers").write_text("on subscribes lst\n")
    ran = plan(changed, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
def test_standard_input_is_read_once_for_both(changed: Path, engine: str) -> None:
    bad = LOG + '{"contact": "eve"}\n'
    given = ["--against", "old", "--engine", engine, "--on-bad-event", "skip", "--rejects", "bad.jsonl"]
    ran = plan(changed, "-", *given, stdin=bad.encode())
    assert ran.code == 0
    assert "1 entry before, 2 after: 1 more" in ran.out
    assert "1 row was no event" in ran.err
    assert len((changed / "bad.jsonl").read_text().splitlines()) == 1
    ran = plan(changed, "-", "--against", "old", "--engine", engine, stdin=bad.encode())
    assert ran.code == 2
    assert "-:4: this row has no name" in ran.err


def git(folder: Path, *arguments: str) -> None:
    identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, env={**environment(), "HOME": str(folder), **identity})


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_old_rules_are_those_of_a_revision(tmp_path: Path) -> None:
    project(tmp_path, rules=OLD)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "rules")
    git(tmp_path, "commit", "-q", "-m", "old")
    (tmp_path / "rules" / "welcome.triggers").write_text(NEW)
    ran = plan(tmp_path, "log.jsonl", "--against", "main")
    assert ran.out.splitlines()[:2] == [
        "rules/ against main, over log.jsonl: 3 events of 2 contacts",
        "1 entry before, 2 after: 1 more",
    ]
    # Where there is a path of that name, it is meant.
    (tmp_path / "main").mkdir()
    (tmp_path / "main" / "welcome.triggers").write_text(NEW)
    assert "the same 2 entries as before" in plan(tmp_path, "log.jsonl", "--against", "main").out
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.triggers").write_text(NEW)
    ran = plan(tmp_path, "--rules", "other", "--against", "HEAD")
    assert ran.code == 2
    assert "there were no rule files at other" in ran.err


def test_json_is_as_its_schema_says(changed: Path) -> None:
    schema = json.loads((ROOT / "docs" / "schemas" / "plan.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    (changed / "rules" / "more.triggers").write_text('automation "More" on event "signup"\nautomation "New name" on event "x"\n')
    (changed / "old" / "gone.triggers").write_text('automation "Gone" on event "signup" once\nautomation "Name" on event "x"\n')
    for log in ([], ["log.jsonl", "--max-change", "1%", "--max-entries-per-day", "0"]):
        ran = plan(changed, *log, "--against", "old", "--format", "json")
        answer = json.loads(ran.out)
        validator.validate(answer)
        assert keys(answer) <= described(schema)
        statuses = {one["automation"] or one["old_automation"]: one["status"] for one in answer["automations"]}
        # "More" and "Gone" are the same rule under another name.
        assert statuses == {"Welcome": "changed", "More": "renamed", "New name": "renamed"}


def keys(held: Any) -> set[str]:
    if isinstance(held, list):
        return set().union(*map(keys, held))
    return set(held).union(*map(keys, held.values())) if isinstance(held, dict) else set()


def described(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(described, schema))
    if not isinstance(schema, dict):
        return set()
    return set(schema.get("properties", ())).union(*map(described, schema.values()))


AGAIN = 'automation "{}" on event "purchase" where event "purchase" count >= 2\n'
REAL = {
    "cdnow_sample.jsonl": (
        'automation "Big" on event "purchase" with value >= 50\n' + AGAIN.format("Again"),
        'automation "Big" on event "purchase" with value >= 60 every time\n' + AGAIN.format("Anew"),
    ),
    "web_log.parquet": (
        'automation "Pages" on visits any page at most 2 times per 1 day\n',
        'automation "Pages" on visits any page at most 3 times per 1 day\n  on event "asset_request"\n',
    ),
}


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
@pytest.mark.parametrize("log", REAL)
def test_it_is_the_difference_of_two_runs(tmp_path: Path, log: str, engine: str) -> None:
    """The entries, as `triggerlang run` writes them, set against each other."""
    runs: list[list[dict[str, Any]]] = []
    for name, text in zip(("old", "new"), REAL[log], strict=True):
        (tmp_path / name).mkdir()
        (tmp_path / name / "r.triggers").write_text(text)
        assert triggerlang("run", DATA / log, "--rules", name, "-o", f"{name}.jsonl", "--engine", engine, cwd=tmp_path).code == 0
        runs.append([json.loads(line) for line in (tmp_path / f"{name}.jsonl").read_text().splitlines()])
    given = [str(DATA / log), "--rules", "new", "--against", "old", "--format", "json", "--engine", engine, "--memory", "300MB"]
    answer = json.loads(plan(tmp_path, *given).out)
    assert (answer["entries_before"], answer["entries_after"]) == (len(runs[0]), len(runs[1]))
    for automation in answer["automations"]:
        names = automation["old_automation"], automation["automation"]
        before, after = (
            Counter((entry["contact"], entry["time"], entry["event"]) for entry in entries if entry["automation"] == name)
            for name, entries in zip(names, runs, strict=True)
        )
        assert automation["added"] + automation["moved"] == (after - before).total()
        assert automation["removed"] + automation["moved"] == (before - after).total()
        assert automation["first_time_contacts"] == len({key[0] for key in after} - {key[0] for key in before})
    assert answer["reasons_of"]["entries"] <= 200


def test_both_engines_say_the_same(tmp_path: Path) -> None:
    for name, text in zip(("old", "new"), REAL["cdnow_sample.jsonl"], strict=True):
        (tmp_path / name).mkdir()
        (tmp_path / name / "r.triggers").write_text(text)
    given = [str(DATA / "cdnow_sample.jsonl"), "--rules", "new", "--against", "old"]
    said = {plan(tmp_path, *given, "--engine", engine, *more).out for engine, more in (("interpreter", ()), ("columnar", ()))}
    # So small a memory has the log run in parts.
    said.add(plan(tmp_path, *given, "--engine", "columnar", "--memory", "100kB").out)
    assert len(said) == 1


HOSTILE = "@octocat #1 https://x.org <script>alert(1)</script> ``` | \\| [a](b) **x** :tada: <!-- --> "


def test_markdown_shows_nothing_that_is_not_code(changed: Path) -> None:
    """Names from rules and logs stand within spans and blocks of code, on one line, and end no cell of a table."""
    name = HOSTILE.replace("\\", "\\\\")
    (changed / "rules" / "welcome.triggers").write_text(
        f'automation "{name}"\n  on event "{name}" where event "{name}" count >= 0 every time\n'
    )
    (changed / "old" / "welcome.triggers").write_text(f'automation "{name}"\n  on event "{name}" where event "{name}" count >= 2\n')
    event = {"contact": HOSTILE, "time": "2026-01-01", "name": HOSTILE, "id": HOSTILE}
    (changed / "log.jsonl").write_text(json.dumps(event) + "\n")
    for more in ([], ["--show-contacts"]):
        ran = plan(changed, "log.jsonl", "--against", "old", "--format", "markdown", "--max-change", "0", *more)
        lines = ran.out.splitlines()
        assert lines[0] == markdown.MARKER
        outside = re.sub(r"(`{4,})diff\n.*?\n\1\n", "", ran.out, flags=re.DOTALL)
        rows = [line for line in outside.splitlines() if line.startswith("|")]
        assert rows
        assert all(len(re.findall(r"(?<!\\)\|", row)) == 8 for row in rows)
        for line in outside.splitlines()[1:]:
            bare = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
            assert not re.search(r"octocat|script|x\.org|tada|`", bare), line


def test_markdown_shows_contacts_as_keyed_hashes(changed: Path) -> None:
    given = ["log.jsonl", "--against", "old", "--format", "markdown"]
    with_key = [plan(changed, *given, env=environment(TRIGGERLANG_KEY=key)) for key in ("one", "one", "two")]
    assert all("ana" not in ran.out and ran.err == "" for ran in with_key)
    assert with_key[0].out == with_key[1].out != with_key[2].out
    assert markdown.hashed("ana", b"one") in with_key[0].out
    without = [plan(changed, *given) for _ in range(2)]
    assert without[0].out != without[1].out
    assert "TRIGGERLANG_KEY is not set" in without[0].err
    assert "`ana`" in plan(changed, *given, "--show-contacts").out


def test_markdown_is_no_longer_than_github_takes(changed: Path) -> None:
    name = "\U0001f600" * 150
    for folder, count in (("rules", 0), ("old", 1)):
        rules = "".join(f'automation "{name}{at}" on event "{name}{at}" where event "b" count >= {count}\n' for at in range(400))
        (changed / folder / "welcome.triggers").write_text(rules)
    log = "".join(json.dumps({"contact": "ana", "time": "2026-01-01", "name": f"{name}{at}"}) + "\n" for at in range(400))
    (changed / "log.jsonl").write_text(log)
    ran = plan(changed, "log.jsonl", "--against", "old", "--format", "markdown", "--max-change", "1")
    assert len(ran.out.encode("utf-16-le")) // 2 <= 65_536
    assert "more would not fit here" in ran.out
    assert ran.out.count("\n```") % 2 == 0


def test_bounds_of_entries(changed: Path) -> None:
    assert "1 more" in plan(changed, "log.jsonl", "--against", "old", "--entries-until", "2026-01-02 10:02").out
    assert "the same 1 entry" in plan(changed, "log.jsonl", "--against", "old", "--entries-from", "2026-01-02 10:02").out


def shown_workflow() -> Any:
    """The workflow of the page about CI that posts a plan."""
    page = (ROOT / "docs" / "rules-in-ci.md").read_text(encoding="utf-8")
    (text,) = [block for block in re.findall(r"^```yaml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE) if "triggerlang plan" in block]
    return yaml.safe_load(text)


def test_the_workflow_is_as_careful_as_the_page_says() -> None:
    """`pull_request`, few permissions, and nothing of the pull request where it may write; `test_ci_files` looks at the rest."""
    workflow = shown_workflow()
    assert set(workflow[True]) == {"pull_request"}
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "plan": {"contents": "read"},
        "comment": {"pull-requests": "write"},
    }
    posting = workflow["jobs"]["comment"]["steps"]
    assert [step.get("uses", "").split("@")[0] for step in posting] == ["actions/download-artifact", ""]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_workflow_posts_a_comment_and_later_writes_it_anew(tmp_path: Path) -> None:
    """Its commands, as they stand, with a `gh` that says what it was asked."""
    workflow = shown_workflow()
    project(tmp_path, rules=OLD)
    (tmp_path / "log").mkdir()
    (tmp_path / "log.jsonl").rename(tmp_path / "log" / "log.jsonl")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "old")
    (tmp_path / "rules" / "welcome.triggers").write_text(NEW)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "triggerlang").write_text(f'#!/bin/sh\nexec {sys.executable} -m triggerlang "$@"\n')
    (tools / "gh").write_text('#!/bin/sh\necho "$@" >> asked\ncase "$*" in *--paginate*) cat comments;; esac\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    env = environment(BASE="HEAD", TRIGGERLANG_KEY="k", REPOSITORY="a/b", NUMBER="7", GH_TOKEN="t")
    env["PATH"] = f"{tools}:{env['PATH']}"
    (making,) = [step["run"] for step in workflow["jobs"]["plan"]["steps"] if "triggerlang plan" in step.get("run", "")]
    (posting,) = [step["run"] for step in workflow["jobs"]["comment"]["steps"] if "run" in step]

    def run(commands: str) -> int:
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", commands]
        return subprocess.run(shell, cwd=tmp_path, env=env, capture_output=True, check=False).returncode

    # One entry more where there was one exceeds a fifth; the comment is there to say so.
    assert run(making) == 1
    assert (tmp_path / "plan.md").read_text().startswith(markdown.MARKER + "\n")
    for comments, asked in (("", "--method POST repos/a/b/issues/7/comments"), ("42\n", "--method PATCH repos/a/b/issues/comments/42")):
        (tmp_path / "comments").write_text(comments)
        assert run(posting) == 0
        assert (tmp_path / "asked").read_text().splitlines()[-1] == f"api {asked} --field body=@plan.md"
    assert f'startswith("{markdown.MARKER}")' in (tmp_path / "asked").read_text()


def test_logs_are_read_as_run_reads_them(changed: Path) -> None:
    """Of a shape that is said, in a time zone, up to a later end; days, bounds and times are those of the zone."""
    (changed / "rules" / "welcome.triggers").write_text('automation "Welcome" on 1 day after subscribes any list every time\n')
    (changed / "log").write_text(LOG + "nonsense\n")
    ran = triggerlang(
        "plan",
        "log",
        *("--rules", "rules", "--against", "old", "--log-format", "jsonl", "--timezone", "Asia/Tokyo", "--now", "2026-02-01"),
        *("--on-bad-event", "skip", "--rejects", "bad.jsonl", "--engine", "interpreter", "--memory", "1GB", "--temp-dir", "."),
        *("--entries-from", "2026-01-03 19:02", "--entries-until", "2026-01-03", "--format", "markdown", "--show-contacts"),
        *("--fail-on-change", "--max-entries-per-day", "9", "--max-change", "0%", "-q", "--quiet", "--color", "never", "--no-cache"),
        cwd=changed,
    )
    assert ran.code == 1
    assert [line.split(":")[0] for line in ran.err.splitlines()] == ["--max-change", "--fail-on-change"]
    assert "- 1 more: `ben` at 2026-01-03 19:05" in ran.out
    assert len((changed / "bad.jsonl").read_text().splitlines()) == 1
