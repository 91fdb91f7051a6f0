"""Kept files of rules, rows O9, O10 and O12: whatever is made of them, a check says the same, and runs nothing of it."""

from __future__ import annotations

import hashlib
import os
import pickle
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from tests.support.command import PYTHON, Ran, environment, project, triggerlang
from triggerlang.checking.files import source_of
from triggerlang.checking.keeping import diagnose
from triggerlang.checking.render import as_json
from triggerlang.cli.main import COMMANDS, cli
from triggerlang.language import grammar
from triggerlang.machine import kept as kept_files
from triggerlang.machine.kept import Kept

WRONG = 'automation "A"\n  on event "x" where in segment "S"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project(tmp_path, rules=WRONG)
    return tmp_path


def checked(folder: Path, *options: str, **env: str) -> Ran:
    return triggerlang("check", "rules", *options, cwd=folder, env=environment(XDG_CACHE_HOME=str(folder / "cache"), **env))


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "cache" / "triggerlang" / "rules").iterdir())


class _Runs:
    """A pickle of this, when it is read, makes a file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, (self.path,)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def _pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps(_Runs(str(path.parent / "run"))))


def _link(path: Path) -> None:
    elsewhere = path.parents[1] / f"elsewhere-{path.name}"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _foreign(path: Path) -> None:
    if os.geteuid():
        pytest.skip("only the administrator can give files away")
    os.chown(path, 12345, -1)


DAMAGE = {
    "cut short": (_truncate, "it is damaged"),
    "empty": (lambda path: path.write_bytes(b""), "it is damaged"),
    "a flipped bit": (_flip, "it is damaged"),
    "a pickle": (_pickle, "it is damaged"),
    "a link": (_link, "is a link"),
    "a pipe": (_pipe, "is not a file of this user"),
    "open to others": (lambda path: path.chmod(0o666), "can be written to by others"),
    "somebody else's": (_foreign, "is not a file of this user"),
}


def test_O10_what_is_not_as_it_was_kept_is_named_and_made_anew(folder: Path) -> None:
    first = checked(folder)
    assert first.code == 1
    assert "unknown-segment" in first.out
    assert first.err == "1 error in 1 file\n"
    before = kept(folder)
    assert [path.name.partition("-")[0] for path in before] == ["check", "grammar"]
    for damage, (alter, reason) in DAMAGE.items():
        for path in before:
            alter(path)
        again = checked(folder)
        assert (again.code, again.out) == (first.code, first.out), damage
        assert again.err.count("Note: ") == again.err.count(reason) == 2, again.err
        assert kept(folder) == before
        assert all(stat.S_ISREG(path.lstat().st_mode) and stat.S_IMODE(path.lstat().st_mode) == 0o600 for path in before)
    assert checked(folder) == first


@pytest.mark.parametrize("content", [b"", b"x", b"{}\n[]", b"a [1,2]", b"[[],[[],false,[]]]", b"\xff [\x00]", b"null", b"[" * 100_000])
def test_O10_what_was_not_written_by_a_check_is_passed_over(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    notes: list[str] = []
    files = Kept("rules", notes.append)
    source, _ = source_of("rules/a.triggers", WRONG.encode())
    first = diagnose([source], [], files)
    (path,) = (tmp_path / "triggerlang" / "rules").iterdir()
    for data in (content, path.read_bytes()[32:].partition(b" ")[0] + b" " + content):
        path.write_bytes(hashlib.sha256(data).digest() + data)
        assert as_json.render(diagnose([source], [], files)) == as_json.render(first)
    assert notes == []


def test_O10_the_folder_is_private_and_one_that_is_not_is_not_used(folder: Path) -> None:
    first = checked(folder)
    place = folder / "cache" / "triggerlang" / "rules"
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    place.chmod(0o777)
    for path in kept(folder):
        _pickle(path)
    # There is no other place either.
    assert checked(folder, TMPDIR="/proc/no-folder") == first
    assert not (place / "run").exists()


def test_O10_another_version_has_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = set()
    package = tmp_path / "triggerlang"
    for folder in ("grammar", "language", "checking/render"):
        (package / folder).mkdir(parents=True)
    files = [package / "grammar" / "triggers.lark", package / "language" / "a.py", package / "checking" / "render" / "b.py"]
    monkeypatch.setattr(grammar, "_PACKAGE", str(package))
    for round_ in range(2):
        for file in files:
            file.write_text(str(round_))
            names.add(grammar.fingerprint.__wrapped__())
    assert len(names) == 2 * len(files)


def test_O9_twenty_checks_at_once_on_a_cold_cache_and_one_that_is_killed(folder: Path) -> None:
    env = environment(XDG_CACHE_HOME=str(folder / "cache"))
    command = [*PYTHON, "check", "rules"]
    running = [subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(20)]
    time.sleep(0.2)
    running[7].send_signal(signal.SIGKILL)
    said = {(process.communicate(timeout=100), process.returncode) for at, process in enumerate(running) if at != 7}
    running[7].communicate()
    ((((out, err), code),)) = said
    assert (code, out) == (1, checked(folder, "--no-cache").out)
    assert "Note" not in err
    assert checked(folder) == Ran(code, out, err)
    assert [path.name.partition("-")[0] for path in kept(folder) if not path.name.startswith(".")] == ["check", "grammar"]


def test_O12_without_a_home_or_with_one_that_cannot_be_written_to_all_is_the_same(folder: Path) -> None:
    first = checked(folder)
    for env in (
        {"HOME": "/proc/none", "TMPDIR": str(folder)},
        {"HOME": "/proc/none", "XDG_CACHE_HOME": "/proc/none", "TMPDIR": "/proc/none"},
    ):
        assert triggerlang("check", "rules", cwd=folder, env={**environment(), **env}) == first


def parameters(name: str) -> list[click.Parameter]:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    return command.params


def test_nothing_is_kept_where_that_is_asked_for(folder: Path) -> None:
    env = environment(XDG_CACHE_HOME=str(folder / "cache"))
    (folder / "log.jsonl").touch()
    of_log = ("log.jsonl", "--rules", "rules", "--engine", "interpreter")
    commands: dict[str, tuple[str, ...]] = {
        "check": ("rules",),
        "test": ("rules",),
        "graph": ("rules",),
        "explain": ("no-date",),
        "fmt": ("--check", "rules"),
        "run": of_log,
        "why": (*of_log, "--automation", "A"),
        "plan": (*of_log, "--against", "rules"),
        "report": of_log,
    }
    assert {name for name in COMMANDS if "no_cache" in {each.name for each in parameters(name)}} == set(commands)
    for command in commands.items():
        triggerlang(command[0], *command[1], "--no-cache", cwd=folder, env=env)
        assert not (folder / "cache").exists(), command
    triggerlang("fmt", "--check", "rules", cwd=folder, env=env)
    assert (folder / "cache").exists()


def test_the_files_used_least_lately_go_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kept_files, "ROOM", 1000)
    files = Kept("rules", pytest.fail)
    place = tmp_path / "triggerlang" / "rules"
    for name in "abc":
        files.write(name, b"x" * 300)
        os.utime(place / name, (1, ord(name)))
    assert files.read("a") == b"x" * 300
    left_behind, in_work = place / ".d-1.part", place / ".e-2.part"
    left_behind.touch()
    os.utime(left_behind, (1, 1))
    in_work.touch()
    files.write("f", b"y" * 300)
    assert {path.name for path in place.iterdir()} == {"a", "c", "f", in_work.name}
    files.write("g", b"y" * 2000)
    assert files.read("g") is None
