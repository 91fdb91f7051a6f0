"""Output files under every kind of trouble: killed, full, refused, many at once.

What must hold: the old file whole or the new file whole, an exit code that says what happened, and one plain line for a person.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import (
    ENTRY,
    EVENTS,
    LOG,
    environment,
    large_project,
    names,
    parts,
    project,
    started,
    triggerlang,
    wait_for_parts,
)

SHAPES = ("jsonl", "csv", "parquet")
IS_ADMINISTRATOR = os.geteuid() == 0
OLD = b"the old file\n"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return project(tmp_path)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return large_project(tmp_path_factory.mktemp("large"))


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
    outputs = {tmp_path / "entries.jsonl": (b'"Visitors#1"', EVENTS), tmp_path / "summary.json": (b'"events_per_second"', 14)}
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


@pytest.mark.long
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
        wait_for_parts(small)
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
