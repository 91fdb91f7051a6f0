"""Outputs and ends of a process under every kind of trouble: killed, full, closed, refused, interrupted, in odd surroundings.

What must hold: the old file whole or the new file whole, an exit code that says what happened, one plain line for a person, and
the same bytes whatever
the machine's language, hash seed or order of folders.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.support.command import ENTRY, LOG, PYTHON, SAMPLE_LOGS, environment, on_terminal, project, triggerlang

SHAPES = ("jsonl", "csv", "parquet")
IS_ADMINISTRATOR = os.geteuid() == 0
OLD = b"the old file\n"
EVENTS = 6_000


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return project(tmp_path)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose run takes long enough to be interrupted, and writes more than fits into any buffer."""
    folder = tmp_path_factory.mktemp("large")
    log = "".join(
        f'{{"contact": "c{number * 7919 % 6007}", "time": "2026-01-02T10:{number // 1000:02}:00Z", "name": "visit"}}\n'
        for number in range(EVENTS)
    )
    return project(folder, rules='automation "Visitors" on event "visit" every time\n', log=log)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def parts(folder: Path) -> set[str]:
    return {name for name in names(folder) if name.endswith(".triggerlang-part")}


@contextmanager
def started(*arguments: str, cwd: Path, stdout: int = subprocess.DEVNULL, ignored: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A command at work; it is no more when the block ends."""

    def before() -> None:
        if ignored is not None:
            signal.signal(ignored, signal.SIG_IGN)

    process = subprocess.Popen(
        [*PYTHON, *arguments], cwd=cwd, env=environment(), stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE, preexec_fn=before
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


# Killed


STEPS = ("os.open", "os.chmod", "os.fsync", "os.replace", "write")

KILLED_AT = """
import os, sys, builtins, signal
from triggerlang.answers import files
step, number, after = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "after"
del sys.argv[1:4]
count = 0
def deadly(work):
    def call(*given, **named):
        global count
        count += 1
        if count == number and not after: os.kill(os.getpid(), signal.SIGKILL)
        done = work(*given, **named)
        if count == number and after: os.kill(os.getpid(), signal.SIGKILL)
        return done
    return call
if step == "write":
    opened = files._open_text
    def open_text(*given):
        file = opened(*given)
        file.buffer.raw  # It is a file of bytes below.
        class Deadly:
            def __init__(self): self.write = deadly(file.write)
            def __getattr__(self, name): return getattr(file, name)
        return Deadly()
    files._open_text = open_text
else:
    class Watched:
        def __getattr__(self, name):
            found = getattr(os, name)
            return deadly(found) if "os." + name == step else found
    files.os = Watched()
from triggerlang.cli.main import main
sys.argv[0] = "triggerlang"
main()
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_each_step_the_old_files_or_the_new_stand(large: Path, tmp_path: Path, step: str, when: str) -> None:
    """Two files are written; each is killed at its own step."""
    outputs = {tmp_path / "entries.jsonl": (b'"Visitors#1"', EVENTS), tmp_path / "summary.json": (b'"events_per_second"', 12)}
    options = ["-o", str(tmp_path / "entries.jsonl"), "--summary", str(tmp_path / "summary.json")]
    for path in outputs:
        path.write_bytes(OLD)
    for number in (1, EVENTS // 2) if step == "write" else (1, 2):
        died = subprocess.run(
            [sys.executable, "-c", KILLED_AT, step, str(number), when, "run", "log.jsonl", "-q", *options],
            cwd=large,
            env=environment(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert died.returncode == -signal.SIGKILL, died.stderr
        for path, (mark, lines) in outputs.items():
            held = path.read_bytes()
            assert held == OLD or (mark in held and held.count(b"\n") == lines and held.endswith(b"}\n"))
    left = parts(tmp_path)
    assert left or (step, when) == ("os.replace", "after")
    again = triggerlang("run", "log.jsonl", *options, cwd=large)
    assert again.code == 0
    assert names(tmp_path) == {"entries.jsonl", "summary.json"}
    for name in left:
        assert f"removed {name}, left behind by a run that was killed" in again.err


KILLED_AFTER = """
import os, random, signal, sys, time
from triggerlang.cli import main, run
target, length, old = sys.argv[1], float(sys.argv[2]), sys.argv[3].encode()
new = open(target, "rb").read()
sys.argv = ["triggerlang", "run", "log.jsonl", "-q", "-o", target]
chance = random.Random(4)
seen = []
for _ in range(40):
    open(target, "wb").write(old)
    child = os.fork()
    if not child:
        main.main()
    time.sleep(length * chance.random())
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    held = open(target, "rb").read()
    seen.append("old" if held == old else "new" if held == new else "torn")
    left = [name for name in os.listdir(os.path.dirname(target)) if name.endswith(".triggerlang-part")]
    assert len(left) <= 1, left
print(*seen)
"""


def test_killed_at_random_moments_the_old_file_or_the_new_stands(large: Path, tmp_path: Path) -> None:
    """The moments are spread over somewhat more than a run's length; runs are forked, so that they do not all lie in its beginning."""
    target = tmp_path / "entries.csv"
    assert triggerlang("run", "log.jsonl", "-q", "-o", target, "--summary", tmp_path / "summary.json", cwd=large).code == 0
    length = json.loads((tmp_path / "summary.json").read_text())["seconds"] * 1.5
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AFTER, str(target), str(length), OLD.decode()],
        cwd=large,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = done.stdout.split()
    assert len(seen) == 40
    assert "old" in seen
    assert "torn" not in seen
    assert triggerlang("run", "log.jsonl", "-q", "-o", target, cwd=large).code == 0
    assert names(tmp_path) == {"entries.csv", "summary.json"}


def test_the_part_of_a_run_at_work_is_left_alone(small: Path) -> None:
    os.mkfifo(small / "slow.jsonl")
    with started("run", "slow.jsonl", "-q", "-o", "entries.jsonl", cwd=small) as process:
        deadline = time.monotonic() + 60
        while not parts(small) and time.monotonic() < deadline:
            time.sleep(0.01)
        (part,) = parts(small)
        ran = triggerlang("run", "log.jsonl", "-q", "-o", "entries.jsonl", cwd=small)
        assert (ran.code, ran.err) == (0, "")
        assert parts(small) == {part}
        (small / "slow.jsonl").write_bytes(b"")
        assert process.wait(60) == 0
    assert (small / "entries.jsonl").read_bytes() == b""
    assert parts(small) == set()


def test_only_left_overs_of_the_same_target_are_removed(small: Path) -> None:
    other = ".other.jsonl-0123456789abcdef.triggerlang-part"
    strange = ".entries.jsonl-notes.triggerlang-part"
    own = ".entries.jsonl-0123456789abcdef.triggerlang-part"
    for name in (other, strange, own):
        (small / name).write_text("left")
    ran = triggerlang("run", "log.jsonl", "-o", "entries.jsonl", cwd=small)
    assert parts(small) == {other, strange}
    assert ran.err.startswith(f"removed {own}, left behind by a run that was killed\n")


# Full


@pytest.mark.parametrize("option", ["-o", "--summary"])
def test_a_full_device_is_named(small: Path, option: str) -> None:
    ran = triggerlang("run", "log.jsonl", option, "/dev/full", cwd=small)
    assert ran.code == 2
    assert ran.err == "Error: /dev/full: this cannot be written: No space left on device\n"


def test_full_rejects_are_named(small: Path) -> None:
    (small / "bad.jsonl").write_text("{}\n" * 2_000)
    ran = triggerlang("run", "bad.jsonl", "-o", "entries.csv", "--on-bad-event", "skip", "--rejects", "/dev/full", cwd=small)
    assert ran.code == 2
    assert ran.err == "Error: /dev/full: this cannot be written: No space left on device\n"
    assert "entries.csv" not in names(small)


def test_a_full_standard_output_is_an_error_and_no_file_appears(large: Path, tmp_path: Path) -> None:
    for command in (("run", "log.jsonl", "--summary", str(tmp_path / "summary.json")), ("graph", "rules"), ("--help",), ("run", "--help")):
        with open("/dev/full", "wb") as full:
            ran = triggerlang(*command, cwd=large, stdout=full)
        assert (ran.code, ran.err) == (2, "Error: standard output cannot be written: No space left on device\n")
    assert names(tmp_path) == set()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_limit_on_the_size_of_files_leaves_the_old_file(large: Path, tmp_path: Path, shape: str) -> None:
    target = tmp_path / f"entries.{shape}"
    target.write_bytes(OLD)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_192, 8_192))

    ran = triggerlang("run", "log.jsonl", "-q", "-o", target, "--summary", tmp_path / "summary.json", cwd=large, before=limit)
    assert ran.code == 2
    assert ran.err.startswith(f"Error: {target}: this cannot be written: ")
    assert ran.err.endswith("File too large\n")
    assert names(tmp_path) == {target.name}
    assert target.read_bytes() == OLD


@pytest.mark.skipif(not IS_ADMINISTRATOR, reason="only the administrator can mount a file system")
@pytest.mark.parametrize("shape", SHAPES)
def test_a_full_disk_leaves_the_old_file(large: Path, tmp_path: Path, shape: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        target = disk / f"entries.{shape}"
        target.write_bytes(OLD)
        (disk / "filling").write_bytes(bytes(40_960))
        ran = triggerlang("run", "log.jsonl", "-q", "-o", target, cwd=large)
        assert ran.code == 2
        assert ran.err.startswith(f"Error: {target}: this cannot be written: ")
        assert ran.err.endswith("No space left on device\n")
        assert names(disk) == {"filling", target.name}
        assert target.read_bytes() == OLD
    finally:
        subprocess.run(["umount", str(disk)], check=True)


# Closed


def test_a_pipe_that_is_closed_early_ends_quietly(large: Path) -> None:
    for command in (("run", "log.jsonl"), ("graph",), ("check", "--help"), ("--version",)):
        reading, writing = os.pipe()
        os.close(reading)
        with open(writing, "wb") as pipe:
            ran = triggerlang(*command, cwd=large, stdout=pipe)
        assert (ran.code, ran.err) == (141, "")


def test_the_first_line_of_a_pipe_is_enough(large: Path) -> None:
    script = f'"{sys.executable}" -m triggerlang run log.jsonl | head -1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", script], cwd=large, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[1] == "141"
    assert done.stderr == ""


def test_a_named_pipe_that_is_closed_early_ends_quietly(large: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def read_a_little() -> None:
        with pipe.open("rb") as file:
            file.read(1)

    reader = threading.Thread(target=read_a_little)
    reader.start()
    ran = triggerlang("run", "log.jsonl", "-o", pipe, cwd=large)
    reader.join(60)
    assert (ran.code, ran.err) == (141, "")


def closed(*numbers: int) -> Callable[[], None]:
    def before() -> None:
        for number in numbers:
            os.close(number)

    return before


def test_what_cannot_go_to_a_closed_standard_output_is_an_error(small: Path) -> None:
    for command in (("run", "log.jsonl"), ("graph",), ("--help",)):
        ran = triggerlang(*command, cwd=small, before=closed(1))
        assert (ran.code, ran.err) == (2, "Error: standard output cannot be written: it is closed\n")


@pytest.mark.parametrize("numbers", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_streams_that_nobody_needs_are_no_harm(small: Path, numbers: tuple[int, ...]) -> None:
    ran = triggerlang("run", "log.jsonl", "-o", "entries.jsonl", "--summary", "summary.json", cwd=small, before=closed(*numbers))
    assert ran.code == 0, ran.err
    assert ran.is_clean
    assert (small / "entries.jsonl").read_text() == ENTRY
    assert json.loads((small / "summary.json").read_text())["events"] == 3
    assert triggerlang("check", cwd=small, before=closed(*numbers)).code == 0


def test_a_closed_standard_input_is_named(small: Path) -> None:
    ran = triggerlang("run", "-", cwd=small, before=closed(0))
    assert ran.code == 2
    assert "standard input is closed" in ran.err


# Interrupted


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("phase", ["reading", "writing"])
def test_a_signal_ends_quietly_and_leaves_nothing(large: Path, tmp_path: Path, number: signal.Signals, code: int, phase: str) -> None:
    """While a log is awaited; and while a pipe is full that nobody reads. The signal comes more than once."""
    options = ["--summary", str(tmp_path / "summary.json"), "-q"]
    if phase == "reading":
        options += ["-o", str(tmp_path / "entries.jsonl")]
    log = "-" if phase == "reading" else "log.jsonl"
    with started("run", log, *options, cwd=large, stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        if phase == "reading":
            while len(parts(tmp_path)) < 2 and time.monotonic() < deadline:
                time.sleep(0.01)
        else:
            assert process.stdout is not None
            process.stdout.read(1)
        for _ in range(3):
            process.send_signal(number)
            process.send_signal(signal.SIGTERM if number != signal.SIGTERM else signal.SIGINT)
        ended = process.wait(60)
        assert process.stderr is not None
        assert process.stderr.read() == b""
    # Two signals that come together are heard in the order of their numbers.
    assert ended in {code, 130, 143}
    assert names(tmp_path) == set()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_has_its_exit_code(small: Path, number: signal.Signals, code: int) -> None:
    with started("run", "-", "-q", "-o", "entries.jsonl", cwd=small) as process:
        while not parts(small):
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait(60) == code
    assert names(small) == {"rules", "log.jsonl"}


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_a_signal_that_was_to_be_passed_over_is(small: Path, number: signal.Signals) -> None:
    with started("run", "-", "-q", "-o", "entries.jsonl", cwd=small, ignored=number) as process:
        while not parts(small):
            time.sleep(0.01)
        process.send_signal(number)
        assert process.stdin is not None
        process.stdin.write(LOG.encode())
        process.stdin.close()
        process.stdin = None
        assert process.wait(60) == 0
    assert (small / "entries.jsonl").read_text() == ENTRY


# Where it goes


def test_a_link_stays_a_link(small: Path) -> None:
    (small / "elsewhere").mkdir()
    (small / "elsewhere" / "real.jsonl").write_bytes(OLD)
    (small / "link.jsonl").symlink_to("elsewhere/real.jsonl")
    (small / "dangling.jsonl").symlink_to("elsewhere/new.jsonl")
    for link, real in (("link.jsonl", "real.jsonl"), ("dangling.jsonl", "new.jsonl")):
        assert triggerlang("run", "log.jsonl", "-q", "-o", link, cwd=small).code == 0
        assert (small / link).is_symlink()
        assert (small / "elsewhere" / real).read_text() == ENTRY
    assert names(small / "elsewhere") == {"real.jsonl", "new.jsonl"}


def _private_mask() -> None:
    os.umask(0o027)


def test_the_mode_of_a_file_stays_and_a_new_one_heeds_the_mask(small: Path) -> None:
    def masked() -> None:
        os.umask(0o027)

    (small / "old.jsonl").write_bytes(OLD)
    (small / "old.jsonl").chmod(0o640)
    for name in ("old.jsonl", "new.jsonl"):
        assert triggerlang("run", "log.jsonl", "-q", "-o", name, cwd=small, before=masked).code == 0
        assert stat.S_IMODE((small / name).stat().st_mode) == 0o640
    (small / "old.jsonl").chmod(0o666)
    assert triggerlang("run", "log.jsonl", "-q", "-o", "old.jsonl", cwd=small).code == 0
    assert stat.S_IMODE((small / "old.jsonl").stat().st_mode) == 0o666


@pytest.mark.parametrize(
    ("option", "path", "said"),
    [
        ("-o", "folder.jsonl", "this is a folder: name a file"),
        ("-o", "nowhere/entries.jsonl", "there is no such folder to write to"),
        ("-o", "log.jsonl/entries.jsonl", "this cannot be written: Not a directory"),
        ("--summary", "rules", "this is a folder: name a file"),
        ("--rejects", "nowhere/rejects", "there is no such folder to write to"),
    ],
)
def test_where_nothing_can_be_written_is_named(small: Path, option: str, path: str, said: str) -> None:
    (small / "folder.jsonl").mkdir()
    ran = triggerlang("run", "log.jsonl", option, path, "--on-bad-event", "skip", cwd=small)
    assert (ran.code, ran.out, ran.err) == (2, "", f"Error: {path}: {said}\n")


def test_what_is_read_is_not_written(small: Path) -> None:
    (small / "rules" / "names.triggers").write_text('declare list "News"\n')
    (small / "triggerlang.toml").write_text("")
    (small / "link.jsonl").symlink_to("log.jsonl")
    (small / "log.csv").write_text("contact,time,name\n")
    skip = ("--on-bad-event", "skip")
    for option, path in (
        ("-o", "log.jsonl"),
        ("-o", "./rules/../log.jsonl"),
        ("-o", "link.jsonl"),
        ("-o", "log.csv"),
        ("--summary", "log.jsonl"),
        ("--summary", "rules/names.triggers"),
        ("--summary", "rules/welcome.triggers"),
        ("--rejects", "triggerlang.toml"),
    ):
        before = (small / path).read_bytes()
        ran = triggerlang("run", "*.jsonl", "log.csv", option, path, *skip, cwd=small)
        assert (ran.code, ran.err) == (2, f"Error: {path}: {option} would overwrite what is read: name another file\n")
        assert (small / path).read_bytes() == before


def test_two_outputs_cannot_have_one_file(small: Path) -> None:
    skip = ("--on-bad-event", "skip")
    for options, said in (
        (("-o", "a.jsonl", "--rejects", "a.jsonl"), "--rejects and -o"),
        (("-o", "a.jsonl", "--summary", "./a.jsonl"), "--summary and -o"),
        (("--rejects", "a.jsonl", "--summary", "rules/../a.jsonl"), "--summary and --rejects"),
    ):
        ran = triggerlang("run", "log.jsonl", *options, *skip, cwd=small)
        assert ran.code == 2
        assert ran.err.endswith(f": {said} name the same file\n")
        assert "a.jsonl" not in names(small)


def test_devices_and_pipes_are_written_to_as_they_are(small: Path) -> None:
    ran = triggerlang("run", "log.jsonl", "-q", "-o", "/dev/stdout", "--summary", "/dev/null", cwd=small)
    assert (ran.code, ran.out, ran.err) == (0, ENTRY, "")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    # Standard output may be a file: nothing takes its place, nothing of it is lost.
    with (small / "both.txt").open("wb") as both:
        both.write(b"before\n")
        both.flush()
        assert triggerlang("run", "log.jsonl", "-q", "-o", "/dev/stdout", "--summary", "/dev/stderr", cwd=small, stdout=both).code == 0
    assert (small / "both.txt").read_text() == "before\n" + ENTRY
    refused = triggerlang("run", "log.jsonl", "-o", "/dev/fd/99", cwd=small)
    assert (refused.code, refused.err) == (2, "Error: /dev/fd/99: this cannot be written: Bad file descriptor\n")


def test_long_names_are_no_harm(small: Path) -> None:
    for name in ("e" * 249 + ".jsonl", "é" * 124 + ".jsonl", "名" * 83 + ".jsonl"):
        assert triggerlang("run", "log.jsonl", "-q", "-o", name, cwd=small).code == 0
        assert (small / name).read_text() == ENTRY


@pytest.mark.skipif(IS_ADMINISTRATOR, reason="the administrator may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(small: Path) -> None:
    folder = small / "folder"
    folder.mkdir(mode=0o500)
    ran = triggerlang("run", "log.jsonl", "-o", "folder/entries.jsonl", cwd=small)
    assert (ran.code, ran.err) == (2, "Error: folder/entries.jsonl: this may not be written\n")


def test_several_outputs_appear_together_or_not_at_all(small: Path) -> None:
    (small / "log.jsonl").write_text(LOG + "{}\n")
    options = ("-o", "entries.csv", "--rejects", "rejects.jsonl", "--summary", "summary.json")
    assert triggerlang("run", "log.jsonl", *options, "--on-bad-event", "skip", cwd=small).code == 0
    made = {"entries.csv", "rejects.jsonl", "summary.json"}
    assert names(small) == {"rules", "log.jsonl", *made}
    for name in made:
        (small / name).unlink()
    (small / "log.csv").write_text("contact,time\n")
    assert triggerlang("run", "log.jsonl", "log.csv", *options, "--on-bad-event", "skip", cwd=small).code == 2
    assert names(small) == {"rules", "log.jsonl", "log.csv"}


# What stands in it


def test_cells_that_a_spreadsheet_would_take_for_formulas(tmp_path: Path) -> None:
    contacts = ["=1+1", "+49", "-1", "@x", "\tx", "\rx", "a=b", "'=1", "ana"]
    log = "".join(json.dumps({"contact": contact, "time": "2026-01-01", "name": "a", "id": "=id"}) + "\n" for contact in contacts)
    project(tmp_path, rules='automation "=A" on event "a"\n', log=log)

    def cells(*options: str) -> list[list[str]]:
        assert triggerlang("run", "log.jsonl", "-q", "-o", "entries.csv", *options, cwd=tmp_path).code == 0
        with (tmp_path / "entries.csv").open(encoding="utf-8", newline="") as file:
            return [row[1:] for row in csv.reader(file)][1:]

    assert cells() == [[contact, "=A", "=A#1", "rules/welcome.triggers:1", "=id"] for contact in contacts]
    safe = [contact if contact in ("a=b", "'=1", "ana") else "'" + contact for contact in contacts]
    assert cells("--csv-safe") == [[contact, "'=A", "'=A#1", "rules/welcome.triggers:1", "'=id"] for contact in safe]
    refused = triggerlang("run", "log.jsonl", "--csv-safe", "-o", "entries.jsonl", cwd=tmp_path)
    assert refused.code == 2
    assert "--csv-safe needs -o with a .csv file" in refused.err


def test_a_terminal_is_not_moved_by_names(tmp_path: Path) -> None:
    contact = "a\x1b[31m\x1b]8;;http://x\x07\r\b\u202e" + "x" * 100_000
    log = json.dumps({"contact": contact, "time": "2026-01-01", "name": "a"}) + "\n"
    ran = on_terminal("run", "log.jsonl", "-q", cwd=project(tmp_path, rules='on event "a"\n', log=log))
    assert ran.code == 0
    assert not any(character in ran.out for character in "\x1b\x07\r\b\u202e")
    assert all(len(line) <= 80 for line in ran.out.splitlines())


# Surroundings


ODD: dict[str, dict[str, str]] = {
    "plain C": {"LANG": "C", "LC_ALL": "C"},
    "no UTF-8 mode": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "streams said to be ASCII": {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    "streams said to be UTF-16": {"PYTHONIOENCODING": "utf-16"},
    "odd time zone": {"TZ": "Pacific/Chatham"},
    "no home": {"HOME": "/nonexistent"},
    "dumb terminal": {"TERM": "dumb", "COLUMNS": "20"},
    "warnings are errors": {"PYTHONWARNINGS": "error"},
    "one hash seed": {"PYTHONHASHSEED": "1"},
    "another": {"PYTHONHASHSEED": "4294967295"},
}


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with letters of many alphabets, in names of files too."""
    rules = 'automation "Schöne Grüße 名前 🎉" on event "a"\n'
    log = '{"contact": "Zoë", "time": "2026-01-01 09:00", "name": "a"}\n{"contact": "渚", "time": "2026-01-01 09:00", "name": "a"}\n'
    folder = project(tmp_path_factory.mktemp("foreign"), rules=rules, log=log)
    (folder / "rules" / "grüße.triggers").write_text('on event "a"\n', encoding="utf-8")
    return folder


def written(folder: Path, target: Path, env: dict[str, str]) -> dict[str, bytes]:
    """What a run writes: as a file, to standard output, and as its summary for people."""
    ran = triggerlang("run", "log.jsonl", "-q", "-o", target / "entries.csv", cwd=folder, env=env)
    assert (ran.code, ran.err) == (0, "")
    ran = triggerlang("run", "log.jsonl", cwd=folder, env=env)
    assert ran.code == 0
    said = "\n".join(ran.err.splitlines()[1:])
    return {"csv": (target / "entries.csv").read_bytes(), "out": ran.out.encode(), "err": said.encode()}


@pytest.fixture(scope="module")
def usual(foreign: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return written(foreign, tmp_path_factory.mktemp("usual"), environment(LANG="C.UTF-8"))


@pytest.mark.parametrize("surroundings", ODD)
def test_the_same_bytes_everywhere(foreign: Path, tmp_path: Path, usual: dict[str, bytes], surroundings: str) -> None:
    assert "grüße#1".encode() in usual["out"]
    assert written(foreign, tmp_path, environment(**ODD[surroundings])) == usual


@pytest.mark.parametrize("surroundings", ["plain C", "no UTF-8 mode", "streams said to be ASCII"])
def test_check_speaks_in_any_surroundings(tmp_path: Path, surroundings: str) -> None:
    project(tmp_path, rules='automation "Grüße" on subscribes lst "名前"\n')
    ran = triggerlang("check", cwd=tmp_path, env=environment(**ODD[surroundings]))
    assert ran.code == 1
    assert 'automation "Grüße" on subscribes lst "名前"' in ran.out


def test_names_of_files_that_are_no_utf_8(tmp_path: Path) -> None:
    project(tmp_path)
    os.rename(os.fsencode(tmp_path / "rules" / "welcome.triggers"), os.fsencode(tmp_path / "rules") + b"/w\xff.triggers")
    for env in (environment(LANG="C.UTF-8"), environment(**ODD["no UTF-8 mode"])):
        ran = triggerlang("run", "log.jsonl", "-q", cwd=tmp_path, env=env)
        assert (ran.code, ran.err) == (0, "")
        assert json.loads(ran.out)["source"] == "rules/w\udcff.triggers:2"
        for shape in SHAPES:
            ran = triggerlang("run", "log.jsonl", "-q", "-o", f"entries.{shape}", cwd=tmp_path, env=env)
            assert (ran.code, ran.err) == (0, "")
        (tmp_path / "entries.csv").read_text(encoding="utf-8")
        assert pq.read_table(tmp_path / "entries.parquet").to_pylist()[0]["source"] == "rules/w\\udcff.triggers:2"


def test_the_split_and_the_packing_of_a_log_change_nothing(tmp_path: Path) -> None:
    held = (SAMPLE_LOGS / "cdnow_part.jsonl").read_bytes()
    lines = held.splitlines(keepends=True)
    (tmp_path / "whole.jsonl").write_bytes(held)
    (tmp_path / "packed.jsonl.gz").write_bytes(gzip.compress(held))
    (tmp_path / "parts").mkdir()
    for number in range(0, len(lines), 100):
        (tmp_path / "parts" / f"{number:05}.jsonl").write_bytes(b"".join(lines[number : number + 100]))
    ran = [
        triggerlang("run", log, "-q", "--rules", SAMPLE_LOGS.parent, cwd=tmp_path)
        for log in ("whole.jsonl", "packed.jsonl.gz", "parts", "parts/*.jsonl")
    ]
    assert [(each.code, each.err) for each in ran] == [(0, "")] * len(ran)
    assert ran[0].out.count("\n") > 500
    assert {each.out for each in ran} == {ran[0].out}


# Names of logs


def test_logs_with_odd_names(small: Path) -> None:
    for name in ("--rules", "a\nb.jsonl", "a\x1b[31m.jsonl", "-", "ä.jsonl"):
        (small / name).write_text(LOG)
    for arguments in (("--", "--rules"), ("./-",), ("./--rules",)):
        ran = triggerlang("run", "-q", "--log-format", "jsonl", *arguments, cwd=small)
        assert (ran.code, ran.out) == (0, ENTRY), ran.err
    for name in ("a\nb.jsonl", "a\x1b[31m.jsonl", "ä.jsonl"):
        assert triggerlang("run", "-q", name, cwd=small).out == ENTRY
        (small / name).write_text("{}\n")
        ran = triggerlang("run", "-q", name, cwd=small)
        assert ran.code == 2
        assert ran.err.count("\n") == 1
        assert "\x1b" not in ran.err


@pytest.mark.parametrize("log", ["x.csv.gz.zst", "*.nothing", "nowhere", "nowhere.jsonl", "empty"])
def test_a_log_that_is_none_is_named(small: Path, log: str) -> None:
    (small / "x.csv.gz.zst").write_bytes(b"")
    (small / "empty").mkdir()
    ran = triggerlang("run", log, cwd=small)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"Error: {log}:")
    assert ran.err.count("\n") == 1


def test_a_log_that_is_named_twice_counts_once(small: Path) -> None:
    (small / "same.jsonl").symlink_to("log.jsonl")
    ran = triggerlang("run", "log.jsonl", "./log.jsonl", "same.jsonl", cwd=small)
    assert (ran.code, ran.out) == (0, ENTRY)
    assert [line for line in ran.err.splitlines() if line.startswith("Warning")] == [
        "Warning: ./log.jsonl is named twice; it was read once",
        "Warning: same.jsonl is named twice; it was read once",
    ]
    assert "3 events of 2 contacts" in ran.err
