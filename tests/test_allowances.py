"""Allowances: what lets a warning pass, what it costs, and what of it stays in the answer. The comments' cases stand in `tests/cases/`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command import RULES, project, triggerlang
from triggerlang.checking.allowing import Configured
from triggerlang.checking.fixing import fixed_project
from triggerlang.checking.project import Checked, check, load, review
from triggerlang.language.allowances import allowances
from triggerlang.language.source import Source

TWICE = "where weekday in (sunday, sunday)"
ALLOWED = "# triggerlang: allow repeated-weekday a tool writes it so"


def reviewed(*texts: str) -> Checked:
    return review([Source(f"{chr(ord('a') + number)}.triggers", text) for number, text in enumerate(texts)])


def codes(checked: Checked) -> list[str]:
    return [problem.code for problem in checked.diagnostics]


def test_what_was_allowed_is_kept_with_its_place_and_reason() -> None:
    checked = reviewed(f'on event "a" {TWICE} {ALLOWED}\n', f'{ALLOWED}, twice\non event "b" {TWICE}')
    assert checked.diagnostics == ()
    assert [(allowed.diagnostic.code, str(allowed.diagnostic.span), str(allowed.place), allowed.reason) for allowed in checked.allowed] == [
        ("repeated-weekday", "a.triggers:1", "a.triggers:1", "a tool writes it so"),
        ("repeated-weekday", "b.triggers:2", "b.triggers:1", "a tool writes it so, twice"),
    ]
    assert checked.rules is not None


def test_wrong_allowances_are_no_reason_to_refuse_rules(tmp_path: Path) -> None:
    text = 'on event "a"  # triggerlang: allow nothing-at-all\n'
    assert codes(reviewed(text)) == ["wrong-allowance"]
    assert reviewed(text).rules is not None
    assert check([Source("a.triggers", text)]).diagnostics == ()
    (tmp_path / "a.triggers").write_text(text)
    assert load(tmp_path).rules


def test_a_code_that_was_not_looked_for_is_not_told_to_be_unneeded() -> None:
    sources = [Source("a.triggers", f'on event "a" {ALLOWED}\n')]
    settings = Source("triggerlang.toml", "")
    configured = [Configured("duplicate-test", settings.span(0, 0), is_whole=True)]
    assert codes(review(sources, (), configured)) == ["unneeded-allowance", "unneeded-allowance"]
    assert codes(review(sources, (), configured, {"repeated-weekday", "duplicate-test"})) == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_crlf_and_tabs(end: str) -> None:
    checked = reviewed(end.join((f'on event "a"{end}\t{TWICE}\t{ALLOWED}\t', f"\t{ALLOWED} ", f'on event "b" {TWICE}', "")))
    assert checked.diagnostics == ()
    assert {allowed.reason for allowed in checked.allowed} == {"a tool writes it so"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'on event "a" {ALLOWED}\n', 'on event "a"\n'),
        (f'on event "a"\n  {ALLOWED}\non event "b"\n', 'on event "a"\non event "b"\n'),
        (f'on event "a"\r\n  {ALLOWED}\r\non event "b"\r\n', 'on event "a"\r\non event "b"\r\n'),
        (f'on event "a"\t{ALLOWED}\r\non event "b"\r\n', 'on event "a"\r\non event "b"\r\n'),
        (f'on event "a"\n{ALLOWED}', 'on event "a"\n'),
        (
            f'on event "a" {TWICE} # triggerlang: allow duplicate-test, repeated-weekday why\n',
            f'on event "a" {TWICE} # triggerlang: allow repeated-weekday why\n',
        ),
        (
            f'on event "a" {TWICE} # triggerlang: allow duplicate-test, strange-name ,repeated-weekday, empty-file, unknown-contact: why\n',
            f'on event "a" {TWICE} # triggerlang: allow repeated-weekday: why\n',
        ),
        (f"on subscribes list “News” {ALLOWED}\n", 'on subscribes list "News"\n'),
        (f'on event "a" at most 0 times {ALLOWED}\n', f'on event "a" at most 0 times {ALLOWED}\n'),
        (f'on event "a" {TWICE} {ALLOWED}\n', f'on event "a" {TWICE} {ALLOWED}\n'),
    ],
)
def test_what_nothing_needs_is_taken_out_and_nothing_else(before: str, after: str) -> None:
    changed = fixed_project(reviewed(before))
    assert (changed[0][1].text if changed else before) == after
    assert not fixed_project(reviewed(after))


def test_fix_takes_comments_away_in_files(tmp_path: Path) -> None:
    file = project(tmp_path, rules=f'on event “a” {TWICE} {ALLOWED}\n{ALLOWED}\non event "b"\n') / "rules" / "welcome.triggers"
    right = f'on event "a" {TWICE} {ALLOWED}\non event "b"\n'
    shown = triggerlang("check", "--fix", "--diff", cwd=tmp_path)
    assert (shown.code, shown.err) == (1, "2 replacements in 1 file\n")
    assert f'-on event “a” {TWICE} {ALLOWED}\n-{ALLOWED}\n+on event "a"' in shown.out
    ran = triggerlang("check", "--fix", "--strict", cwd=tmp_path)
    assert (ran.code, ran.out, ran.err) == (0, "", "2 replacements made\nno problems in 1 file\n")
    assert file.read_text() == right


@pytest.mark.parametrize("format", ["text", "concise", "json", "github", "sarif", "junit", "gitlab"])
def test_no_format_shows_what_is_allowed(tmp_path: Path, format: str) -> None:
    project(tmp_path, rules=f'on event "a" {TWICE} {ALLOWED}\n')
    ran = triggerlang("check", "--strict", "--format", format, cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "no problems in 1 file\n")
    assert "repeated-weekday" not in ran.out
    assert "monday" not in ran.out


def test_commands_that_need_rules_pass_over_such_comments(tmp_path: Path) -> None:
    project(tmp_path, rules=RULES + "# triggerlang: allow what nobody knows\n")
    assert triggerlang("check", cwd=tmp_path).code == 1
    assert triggerlang("run", "log.jsonl", cwd=tmp_path).code == 0


# In the configuration


@pytest.fixture
def twice(tmp_path: Path) -> Path:
    project(tmp_path, rules=f'on event "a" {TWICE}\non event "b" {TWICE}\n')
    return tmp_path


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("triggerlang.toml", 'rules = "rules"\nallow = ["repeated-weekday"]\n'),
        ("pyproject.toml", "[tool.triggerlang]\nallow = ['repeated-weekday']\n"),
    ],
)
def test_a_configured_code_is_not_reported_anywhere(twice: Path, file: str, text: str) -> None:
    assert triggerlang("check", "--strict", cwd=twice).err == "2 warnings in 1 file\n"
    (twice / file).write_text(text)
    for paths in ((), ("rules",)):
        ran = triggerlang("check", "--strict", *paths, cwd=twice)
        assert (ran.code, ran.out, ran.err) == (0, "", "no problems in 1 file\n")
    assert codes(review([Source("a.triggers", (twice / "rules" / "welcome.triggers").read_text())])) == ["repeated-weekday"] * 2


def test_a_configured_code_that_is_found_nowhere_is_a_warning_at_its_place(twice: Path) -> None:
    (twice / "triggerlang.toml").write_text('# allow = "empty-file"\nallow = [\n  "repeated-weekday",\n  "empty-file",\n]\n')
    ran = triggerlang("check", "--strict", cwd=twice)
    assert ran.code == 1
    assert ran.out == (
        "triggerlang.toml:4:3: warning: nothing in this project needs `empty-file` to be allowed [unneeded-allowance]\n"
        '  3 |   "repeated-weekday",\n'
        '  4 |   "empty-file",\n'
        "    |   ^^^^^^^^^^^^\n"
        "  5 | ]\n"
        "  help: leave it out of the configuration\n"
    )
    found = json.loads(triggerlang("check", "--format", "json", cwd=twice).out)
    assert [(problem["file"], problem["line"], problem["replacement"]) for problem in found] == [("triggerlang.toml", 4, None)]
    for format in ("text", "concise", "json", "github", "sarif", "junit", "gitlab"):
        assert "triggerlang.toml" in triggerlang("check", "--format", format, cwd=twice).out
    # Part of the project does not tell, and neither does one with errors.
    assert triggerlang("check", "rules/welcome.triggers", cwd=twice).err == "no problems in 1 file\n"
    (twice / "rules" / "broken.triggers").write_text("on evnt\n")
    assert "unneeded-allowance" not in triggerlang("check", cwd=twice).out
    assert "empty-file" in (twice / "triggerlang.toml").read_text()


def test_that_an_allowance_is_not_needed_can_be_allowed_too(twice: Path) -> None:
    settings = twice / "triggerlang.toml"
    settings.write_text('allow = ["repeated-weekday", "empty-file", "unneeded-allowance"]\n')
    (twice / "rules" / "other.triggers").write_text(f'on event "c" {ALLOWED}\n')
    assert triggerlang("check", "--strict", cwd=twice).err == "no problems in 2 files\n"
    (twice / "rules" / "other.triggers").unlink()
    settings.write_text('allow = ["repeated-weekday", "unneeded-allowance"]\n')
    ran = triggerlang("check", "--strict", "--format", "concise", cwd=twice)
    assert ran.out == "triggerlang.toml:1:30: unneeded-allowance nothing in this project needs `unneeded-allowance` to be allowed\n"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            '["repeated-wekday"]',
            '"allow" names the code "repeated-wekday", which there is not; the nearest that can be allowed is "repeated-weekday"',
        ),
        ('["\\u001b[31m"]', "`triggerlang explain` lists them"),
        ('["unknown-list"]', '"allow" names "unknown-list", which is an error; only warnings can be allowed'),
        ('["misspelt-word"]', '"allow" names "misspelt-word", which is an error; only warnings can be allowed'),
        ('["wrong-allowance"]', '"allow" names "wrong-allowance", which is an error; only warnings can be allowed'),
        ('"repeated-weekday"', '"allow" is a list of codes, such as allow = ["empty-file"]'),
        ("[1]", '"allow" is a list of codes, such as allow = ["empty-file"]'),
    ],
)
def test_what_cannot_be_allowed_is_told_in_one_line(twice: Path, written: str, said: str) -> None:
    (twice / "triggerlang.toml").write_text(f"allow = {written}\n")
    ran = triggerlang("check", cwd=twice)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"Error: {twice}/triggerlang.toml: ")
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert "\x1b" not in ran.err


def test_the_library_reads_no_configuration(twice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (twice / "triggerlang.toml").write_text('allow = ["no-such-code"]\n')
    monkeypatch.chdir(twice)
    assert load("rules").rules


# Beside a log


def test_what_a_log_tells_can_be_allowed_and_without_a_log_nobody_knows(tmp_path: Path) -> None:
    comment = "# triggerlang: allow not-in-log the link goes out on Monday"
    project(tmp_path, rules=f'on clicks link "june"  {comment}\n')
    for arguments in ((), ("--log", "log.jsonl"), ("--fix",), ("--fix", "--log", "log.jsonl")):
        ran = triggerlang("check", "--strict", *arguments, cwd=tmp_path)
        assert (ran.code, ran.out) == (0, ""), ran
    (tmp_path / "rules" / "welcome.triggers").write_text(f'on event "signup"  {comment}\n')
    assert triggerlang("check", "--strict", cwd=tmp_path).code == 0
    assert "[unneeded-allowance]" in triggerlang("check", "--log", "log.jsonl", cwd=tmp_path).out
    (tmp_path / "rules" / "welcome.triggers").write_text('on clicks link "june"\n')
    (tmp_path / "triggerlang.toml").write_text('allow = ["not-in-log"]\n')
    for arguments in ((), ("--log", "log.jsonl")):
        assert triggerlang("check", "--strict", *arguments, cwd=tmp_path).code == 0


# Hostile comments


def seconds(text: str) -> float:
    """The least of three times of this process, whatever others do meanwhile."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        reviewed(text)
        best = min(best, time.process_time() - begun)
    return best


SHAPES: dict[str, Callable[[int], str]] = {
    "comments that nothing needs": lambda n: f"{ALLOWED}\n" * n + 'on event "a"\n',
    "lines, each with a comment": lambda n: f'on event "a" {TWICE} {ALLOWED}\n' * (n // 4),
    "one comment of many codes": lambda n: (
        f"# triggerlang: allow {', '.join(['repeated-weekday'] * 4 * n)} why\n" + f'on event "a" {TWICE}\n'
    ),
    "unknown codes": lambda n: f'# triggerlang: allow {", ".join(f"repeated-weekday{at}" for at in range(n // 4))} why\non event "a"\n',
    "a long reason": lambda n: f'{ALLOWED}{" why -" * 20 * n}\non event "a" {TWICE}\n',
    "a long code": lambda n: f'# triggerlang: allow {"repeated-weekday" * 8 * n} why\non event "a"\n',
    "nearly marks": lambda n: (
        "# triggerlang # triggerlang " * 4 * n + '\non event "a"\n' + "#" * 100 * n + " " * 100 * n + "\n# triggerlang:"
    ),
    "spaces": lambda n: f"#{' ' * 100 * n}triggerlang{' ' * 100 * n}:{' ' * 100 * n}allow{' ' * 100 * n}repeated-weekday{' ,' * 50 * n}\n",
}


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES)
def test_the_time_grows_with_the_text(shape: str) -> None:
    """Of ten times the text some ten times the time, whatever the comments; where each looks at all others it is a hundred."""
    small, large = seconds(SHAPES[shape](1_000)), seconds(SHAPES[shape](10_000))
    assert large < 40 * small + 0.05, (small, large)


def test_what_a_message_repeats_of_a_comment_is_short() -> None:
    written = f'# triggerlang: allow {"x" * 1_000_000}, \x1b[31m\n# triggerlang: {"y" * 1_000_000}\non event "a"\n'
    for problem in reviewed(written).diagnostics:
        assert len(problem.message) < 200
        assert len(problem.help or "") < 200


def test_comments_are_read_with_their_places() -> None:
    source = Source("a.triggers", '# triggerlang: allow x-y, z why not\non event "a" # triggerlang: off\n  # triggerlang: allow q w')
    assert [
        (found.span.text, found.word.text, [(code.name, code.span.text) for code in found.codes], found.reason, found.line)
        for found in allowances(source)
    ] == [
        ("# triggerlang: allow x-y, z why not", "allow", [("x-y", "x-y"), ("z", "z")], "why not", 2),
        ("# triggerlang: off", "off", [], "", 2),
        ("# triggerlang: allow q w", "allow", [("q", "q")], "w", None),
    ]
