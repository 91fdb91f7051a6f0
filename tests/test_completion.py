"""Completion: what a shell is offered, and what stands in its line after the tab key."""

from __future__ import annotations

import ast
import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from tests.support.command import ROOT, Ran, environment, project, triggerlang
from triggerlang.checking import headers
from triggerlang.checking.codes import all_codes
from triggerlang.checking.headers import automation_names
from triggerlang.cli import completing
from triggerlang.cli.main import COMMANDS

SHELLS = ("bash", "zsh", "fish")


def offered(line: str, cwd: Path, shell: str = "bash") -> list[str]:
    """What is offered for the last word of a line, as the shell's script gets it: a kind and a value in bash and fish."""
    ran = ask(line, cwd, shell)
    assert (ran.code, ran.err) == (0, "")
    return ran.out.splitlines()


def ask(line: str, cwd: Path, shell: str = "bash") -> Ran:
    before, _, word = line.rpartition(" ")
    number = str(len(before.split())) if shell != "fish" else word
    return triggerlang(cwd=cwd, env=environment(COMP_WORDS=line, COMP_CWORD=number, _TRIGGERLANG_COMPLETE=f"{shell}_complete"))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with what is offered, and beside it what is not."""
    project(tmp_path)
    (tmp_path / "rules" / "deep").mkdir()
    (tmp_path / "rules" / "deep" / "two words.triggers").write_text('automation "Win back" on event "x"\n')
    (tmp_path / "rules" / "notes.txt").write_text("")
    (tmp_path / ".hidden").mkdir()
    for name in ("log.csv.gz", "log.txt", "log.parquet.zst"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def test_commands_and_options_are_offered(shop: Path) -> None:
    assert offered("triggerlang ", shop) == [f"plain,{command}" for command in COMMANDS]
    assert offered("triggerlang check --st", shop) == ["plain,--strict"]
    assert offered("triggerlang check --format s", shop) == ["plain,sarif"]
    assert offered("triggerlang check --format = s", shop) == ["plain,sarif"]
    assert offered("triggerlang check --format=s", shop, "fish") == ["plain,--format=sarif"]
    assert "check" in ask("triggerlang ", shop, "zsh").out.split("\n")
    assert offered("triggerlang chekc --s", shop) == []


def test_paths_are_rule_files_and_folders(shop: Path) -> None:
    for command in ("check", "fmt", "graph", "test", "run log.jsonl --rules"):
        assert offered(f"triggerlang {command} ", shop) == ["folder,rules"]
        assert offered(f"triggerlang {command} rules/", shop) == ["folder,rules/deep", "path,rules/welcome.triggers"]
    assert offered("triggerlang check .h", shop) == ["folder,.hidden"]
    assert offered("triggerlang check rules/deep/", shop, "fish") == ["path,rules/deep/two words.triggers"]
    assert offered("triggerlang check rul", shop, "fish") == ["folder,rules/"]
    assert offered("triggerlang check nowhere/", shop) == []


def test_logs_are_what_run_reads(shop: Path) -> None:
    assert offered("triggerlang run l", shop) == ["path,log.csv.gz", "path,log.jsonl"]
    for line in ("run log.jsonl --temp-dir r", "new r"):
        assert offered(f"triggerlang {line}", shop) == ["folder,rules"]
    assert offered("triggerlang run log.jsonl -o e", shop) == ["file,e"]


def test_codes_are_offered_with_what_they_mean(shop: Path) -> None:
    assert len(offered("triggerlang explain ", shop)) == len(all_codes())
    assert offered("triggerlang explain unknown-li", shop) == ["plain,unknown-list", "plain,unknown-link"]
    assert offered("triggerlang explain unknown-list", shop, "fish")[0].startswith("plain,unknown-list\tAs soon as one list")


def test_names_that_cannot_be_shown_are_not_offered(shop: Path) -> None:
    for name in ("a\nplain,x.triggers", "a\x1b[31m.triggers", os.fsdecode(b"a\xff.triggers")):
        (shop / name).write_text("")
    assert offered("triggerlang check a", shop) == []


@pytest.mark.parametrize("asked", ["tcsh_source", "bash", "bash_x", "\x1b_source"])
def test_a_shell_without_a_script_is_told(tmp_path: Path, asked: str) -> None:
    ran = triggerlang(cwd=tmp_path, env=environment(_TRIGGERLANG_COMPLETE=asked))
    assert (ran.code, ran.out) == (2, "")
    assert "there are scripts for bash_source, zsh_source, fish_source" in ran.err
    assert ran.is_clean
    assert "\x1b" not in ran.err


def test_a_question_without_words_is_answered(tmp_path: Path) -> None:
    for shell in SHELLS:
        ran = triggerlang(cwd=tmp_path, env=environment(_TRIGGERLANG_COMPLETE=f"{shell}_complete"))
        assert (ran.code, ran.err) == (0, "")


def completed(begun: str = "", **parameters: tuple[str, ...]) -> list[str]:
    """The automations that an option would be offered."""
    command = click.Command("why")
    context = click.Context(command, resilient_parsing=True)
    context.params.update(parameters)
    return [item.value for item in completing.automations(context, click.Option(["--automation"]), begun)]


def test_automations_are_those_of_the_project(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    assert completed() == ["Welcome", "Win back"]
    assert completed("Wi") == ["Win back"]
    assert completed(rules=("rules/deep",)) == ["Win back"]
    assert completed(rules=("rules/welcome.triggers", "nowhere")) == ["Welcome"]
    assert completed(paths=("rules/deep/two words.triggers",)) == ["Win back"]


def test_automations_of_broken_rules_are_offered_all_the_same(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    (shop / "rules" / "broken.triggers").write_bytes(
        b'on event "x"\nautomation "Half\nautomation "Say \\"hi\\"" on\n  # automation "No"\n'
        b'automation "\\n"\nautomation "\x1b"\n\xff\xfe automation "After"\n'
    )
    assert completed() == ['Say "hi"', "Welcome", "Win back", "broken"]


@pytest.mark.parametrize("configuration", ["rules = 1\n", "rules = \n", 'rulse = "x"\n', 'rules = "nowhere"\n', 'rules = "pipe"\n'])
def test_where_there_are_no_rules_nothing_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, configuration: str) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "triggerlang.toml").write_text(configuration)
    assert completed() == []


def test_names_are_those_that_the_checker_finds() -> None:
    from triggerlang.checking.project import load

    assert automation_names([str(ROOT / "rules")]) == sorted(load(ROOT / "rules").automations)


def test_a_large_project_takes_its_time_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(50):
        (tmp_path / f"{number}.triggers").write_text(f'automation "A{number}" on event "x"\n')
    (tmp_path / "circle").symlink_to(tmp_path)
    assert len(automation_names([str(tmp_path)])) == 50
    monkeypatch.setattr(headers, "PATIENCE", 0)
    assert len(automation_names([str(tmp_path)] * 3)) <= 1


def test_hostile_headers_are_read_in_linear_time(tmp_path: Path) -> None:
    written = ['automation "' + "\\\\" * 500_000, "automation" + " \n" * 500_000, '\t automation "' * 100_000, "\\" * 1_000_000]
    for number, text in enumerate(written):
        (tmp_path / f"{number}.triggers").write_text(text)
    started = time.monotonic()
    automation_names([str(tmp_path)])
    assert time.monotonic() - started < 3


WITH_NAMES = """
import sys, types
import click
from triggerlang.cli import completing, main

@click.command()
@click.option("--automation", shell_complete=completing.automations)
def command(automation): pass

sys.modules["triggerlang.cli.named"] = module = types.ModuleType("triggerlang.cli.named")
module.command = command
main.COMMANDS["named"] = "A command of this test, which takes the name of an automation."
main.main()
"""


@pytest.fixture
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the command, and one that shows the words of a line."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "with_names.py").write_text(WITH_NAMES)
    programs = {
        "triggerlang": f'#!/bin/sh\nexec "{sys.executable}" "{folder}/with_names.py" "$@"\n',
        "words": f"#!{sys.executable}\nimport sys\nprint('WORDS', sys.argv[1:], 'END')\n",
    }
    for name, text in programs.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def started(shell: str, script: Path) -> tuple[list[str], str]:
    """How a shell is started with nothing of the user's, and what turns completion on in it."""
    if shell == "bash":
        set_up = "bind 'set enable-bracketed-paste off'; bind 'set bell-style none'"
        return ["bash", "--norc", "--noprofile", "-i"], f"{set_up}; source {script}\n"
    if shell == "zsh":
        return ["zsh", "-f", "-i"], f"bindkey -e; unsetopt beep; autoload -U compinit; compinit -u -D; source {script}\n"
    return ["fish", "--no-config", "-i"], f"source {script}\n"


@contextmanager
def at_work(shell: str, cwd: Path, folder: Path) -> Iterator[Callable[[str], list[str]]]:
    """A shell on a terminal: takes keys, and gives the words that its line then has."""
    given = {**environment(), "PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(cwd), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    asking = {**given, "_TRIGGERLANG_COMPLETE": f"{shell}_source"}
    script = subprocess.run([folder / "triggerlang"], env=asking, capture_output=True, check=True, timeout=60).stdout
    (folder / "script").write_bytes(script)
    command, set_up = started(shell, folder / "script")
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
    process = subprocess.Popen(
        command, cwd=cwd, env=given, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, preexec_fn=take_terminal
    )
    os.close(theirs)

    def words(keys: str) -> list[str]:
        os.write(ours, keys.encode() + b"\x01words \n")
        line = read_until(ours, b" END").decode()
        found: list[str] = ast.literal_eval(line[line.rindex("WORDS") + len("WORDS ") : line.rindex(" END")])
        return found

    try:
        os.write(ours, set_up.encode())
        yield words
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def take_terminal() -> None:
    """Make standard input the terminal of a new session."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def read_until(descriptor: int, marker: bytes) -> bytes:
    said = b""
    deadline = time.monotonic() + 60
    while marker not in said:
        assert time.monotonic() < deadline, said
        if select.select([descriptor], [], [], 1)[0]:
            said += os.read(descriptor, 65_536)
    return said


TYPED = {
    "triggerlang che\t--form\tsar\t": ["triggerlang", "check", "--format", "sarif"],
    "triggerlang check --format=sa\t": ["triggerlang", "check", "--format=sarif"],
    "triggerlang check ru\twel\t": ["triggerlang", "check", "rules/welcome.triggers"],
    "triggerlang check rules/de\ttw\t--str\t": ["triggerlang", "check", "rules/deep/two words.triggers", "--strict"],
    'triggerlang check "rules/deep/tw\t': ["triggerlang", "check", "rules/deep/two words.triggers"],
    "triggerlang check ~/ru\twel\t": ["triggerlang", "check", "~/rules/welcome.triggers"],
    "triggerlang run log.c\t": ["triggerlang", "run", "log.csv.gz"],
    "triggerlang run log.jsonl -o log.t\t": ["triggerlang", "run", "log.jsonl", "-o", "log.txt"],
    "triggerlang explain expected-t\t": ["triggerlang", "explain", "expected-twice"],
    "triggerlang named --automation Wi\t": ["triggerlang", "named", "--automation", "Win back"],
    "triggerlang named --automation 'Wi\t": ["triggerlang", "named", "--automation", "Win back"],
    "triggerlang named --automation \"It's\t": ["triggerlang", "named", "--automation", 'It\'s "a, b" for $5, *'],
    "triggerlang named --automation It\t": ["triggerlang", "named", "--automation", 'It\'s "a, b" for $5, *'],
    "BIN/triggerlang check ru\twel\t": ["BIN/triggerlang", "check", "rules/welcome.triggers"],
}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_tab_key_completes_the_line(shell: str, shop: Path, bin_folder: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here")
    (shop / "rules" / "named.triggers").write_text('automation "It\'s \\"a, b\\" for $5, *" on event "x"\n')
    with at_work(shell, shop, bin_folder) as words:
        for keys, line in TYPED.items():
            expected = [word.replace("~", str(shop)).replace("BIN", str(bin_folder)) for word in line]
            assert words(keys.replace("BIN", str(bin_folder))) == expected, keys
