"""Temporary folders: private, gone at the end however that comes, and what is left of a killed run goes with the next."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.command import environment, names
from triggerlang.machine.held import LOCK, HeldFolder
from triggerlang.machine.temporary import TemporaryFolder, TemporaryFolderError

for_administrators = pytest.mark.skipif(os.geteuid() != 0, reason="only the administrator can do this to a file system")


def no_note(note: str) -> None:
    raise AssertionError(note)


AT_WORK = """
import signal, sys, time
from triggerlang.machine.temporary import TemporaryFolder
def end(number, frame): raise SystemExit(128 + number)
signal.signal(signal.SIGTERM, end)
with TemporaryFolder(sys.argv[1], print) as folder:
    open(folder.file("part"), "w").close()
    print(folder.path, flush=True)
    time.sleep(60)
"""


@contextmanager
def at_work(place: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process with a folder in a place."""
    process = subprocess.Popen(
        [sys.executable, "-c", AT_WORK, str(place)], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process, Path(process.stdout.readline().strip())
    finally:
        process.kill()
        process.communicate()


def test_a_folder_for_the_length_of_a_block(tmp_path: Path) -> None:
    with TemporaryFolder(str(tmp_path), no_note) as folder:
        path = Path(folder.path)
        assert path.parent == tmp_path
        assert path.name.endswith(".spill")
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        Path(folder.file("part")).write_bytes(b"x")
        (path / "inside").mkdir()
        (path / "inside" / "more").write_bytes(b"x")
        os.symlink(tmp_path, path / "link")
    assert names(tmp_path) == set()


def test_the_systems_own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with TemporaryFolder(None, no_note) as folder:
        assert os.path.dirname(folder.path) == str(tmp_path)


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_it_is_gone_after_any_error(tmp_path: Path, kind: type[BaseException]) -> None:
    def work() -> None:
        with TemporaryFolder(str(tmp_path), no_note) as folder:
            Path(folder.file("part")).write_bytes(b"x")
            raise kind

    with pytest.raises(kind):
        work()
    assert names(tmp_path) == set()


def test_it_is_gone_if_the_removal_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    removed = shutil.rmtree
    interrupted = 0

    def interrupt(name: str, ignore_errors: bool, *, dir_fd: int) -> None:
        nonlocal interrupted
        interrupted += 1
        if interrupted == 1:
            raise KeyboardInterrupt
        removed(name, ignore_errors, dir_fd=dir_fd)

    monkeypatch.setattr(shutil, "rmtree", interrupt)
    with pytest.raises(KeyboardInterrupt), TemporaryFolder(str(tmp_path), no_note) as folder:
        os.mkdir(folder.file("inside"))
    assert interrupted == 2
    assert names(tmp_path) == set()


@pytest.mark.parametrize("step", ["mkdir", "open"])
def test_it_is_gone_if_its_making_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    work = getattr(os, step)

    def interrupt(path: str, *given: int, **named: int) -> int:
        done: int = work(path, *given, **named)
        if str(path).startswith(str(tmp_path)) and not given[0] & os.O_DIRECTORY:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(os, step, interrupt)
    with pytest.raises(KeyboardInterrupt), TemporaryFolder(str(tmp_path), no_note):
        pass
    assert names(tmp_path) == set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_O8_a_signal_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with at_work(tmp_path) as (process, folder):
        assert (folder / "part").exists()
        process.send_signal(number)
        process.wait(60)
    assert names(tmp_path) == set()


def test_O8_what_a_killed_run_left_goes_with_the_next(tmp_path: Path) -> None:
    notes: list[str] = []
    with at_work(tmp_path) as (killed, left), at_work(tmp_path) as (_, other):
        killed.kill()
        killed.wait()
        assert names(left) == {LOCK, "part"}
        with TemporaryFolder(str(tmp_path), notes.append) as folder:
            assert names(tmp_path) == {other.name, os.path.basename(folder.path)}
            assert names(other) == {LOCK, "part"}
    assert notes == [f"removed {left.name}, left behind by a run that was killed"]


def left_behind(place: Path) -> Path:
    """A folder that nobody holds any more."""
    folder = HeldFolder(str(place), "triggerlang-", ".spill")
    folder.make()
    folder.let_go()
    return Path(folder.path)


def test_what_has_another_name_stays(tmp_path: Path) -> None:
    for name in ("triggerlang-0123456789abcde.spill", "triggerlang-0123456789abcdef.spill2", "x-0123456789abcdef.spill"):
        left_behind(tmp_path).rename(tmp_path / name)
    before = names(tmp_path)
    with TemporaryFolder(str(tmp_path), no_note):
        pass
    assert names(tmp_path) == before


def test_a_folder_of_the_user_that_was_given_such_a_name_stays(tmp_path: Path) -> None:
    renamed = tmp_path / f"triggerlang-{'0' * 16}.spill"
    renamed.mkdir()
    (renamed / "thesis.txt").write_text("all of it", encoding="utf-8")
    with TemporaryFolder(str(tmp_path), no_note):
        pass
    assert names(renamed) == {"thesis.txt"}


def test_a_link_with_such_a_name_stays_and_so_does_what_it_leads_to(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    elsewhere = left_behind(tmp_path)
    (place / elsewhere.name).symlink_to(elsewhere)
    with TemporaryFolder(str(place), no_note):
        pass
    assert names(elsewhere) == {LOCK}


@for_administrators
def test_what_someone_else_left_stays(tmp_path: Path) -> None:
    theirs = left_behind(tmp_path)
    os.chown(theirs, 65534, 65534)
    with TemporaryFolder(str(tmp_path), no_note):
        pass
    assert names(theirs) == {LOCK}


def test_what_was_killed_while_it_was_made_or_removed_goes(tmp_path: Path) -> None:
    empty, half = left_behind(tmp_path), left_behind(tmp_path)
    (empty / LOCK).unlink()
    (half / "part").write_bytes(b"x")
    notes: list[str] = []
    with TemporaryFolder(str(tmp_path), notes.append):
        pass
    assert sorted(notes) == sorted(f"removed {path.name}, left behind by a run that was killed" for path in (empty, half))
    assert names(tmp_path) == set()


def test_a_folder_that_is_taken_for_a_left_over_while_it_is_made_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = os.mkdir
    taken: list[str] = []

    def take(path: str, mode: int) -> None:
        made(path, mode)
        if not taken:
            taken.append(path)
            os.rmdir(path)

    monkeypatch.setattr(os, "mkdir", take)
    with TemporaryFolder(str(tmp_path), no_note) as folder:
        assert [folder.path] != taken
        assert names(tmp_path) == {os.path.basename(folder.path)}


# Places that cannot be used

WAY_OUT = "name another folder with --temp-dir"


def refused(place: str) -> str:
    with pytest.raises(TemporaryFolderError) as caught, TemporaryFolder(place, no_note):
        pass
    return str(caught.value)


def test_there_is_no_such_folder(tmp_path: Path) -> None:
    assert refused(str(tmp_path / "none")) == f"{tmp_path / 'none'}: there is no such folder: {WAY_OUT}"


def test_this_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refused(str(tmp_path / "file")) == f"{tmp_path / 'file'}: this is not a folder: {WAY_OUT}"


def test_this_is_no_name() -> None:
    assert refused("a\0b") == f"a␀b: this is not the name of a folder: {WAY_OUT}"
    assert refused("x" * 300).endswith(f": this folder cannot be used (File name too long): {WAY_OUT}")


def test_this_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, mode: int) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(os, "mkdir", refuse)
    assert refused(str(tmp_path)) == f"{tmp_path}: this folder may not be written to: {WAY_OUT}"


def test_the_system_has_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    monkeypatch.setenv("TMPDIR", "/nowhere")
    with pytest.raises(TemporaryFolderError) as caught, TemporaryFolder(None, no_note):
        pass
    assert str(caught.value) == f"/nowhere: no folder for temporary files can be written to: {WAY_OUT}"


@contextmanager
def disk(folder: Path, options: str) -> Iterator[None]:
    """A disk of its own in a folder."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@for_administrators
def test_O5_a_full_disk(tmp_path: Path) -> None:
    full = f"{tmp_path}: the disk is full: {WAY_OUT}"
    with disk(tmp_path, "size=64k"):
        with pytest.raises(TemporaryFolderError) as caught, TemporaryFolder(str(tmp_path), no_note) as folder, folder.writing():
            Path(folder.file("part")).write_bytes(bytes(100_000))
        assert str(caught.value) == full
        assert names(tmp_path) == set()
        with TemporaryFolder(str(tmp_path), no_note) as folder:
            folder.demand(50_000)
        with pytest.raises(TemporaryFolderError) as caught, TemporaryFolder(str(tmp_path), no_note) as folder:
            folder.demand(1_000_000)
        assert str(caught.value) == f"{tmp_path}: 1 MB are needed here, and 65.5 KB are free: {WAY_OUT}"
        assert names(tmp_path) == set()
    with disk(tmp_path, "nr_inodes=2"):
        assert refused(str(tmp_path)) == full
        assert names(tmp_path) == set()
    with disk(tmp_path, "ro"):
        assert refused(str(tmp_path)) == f"{tmp_path}: this folder may not be written to: {WAY_OUT}"


def test_an_error_of_other_kind_passes_through_the_writing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^mine$"), TemporaryFolder(str(tmp_path), no_note) as folder, folder.writing():
        raise ValueError("mine")
