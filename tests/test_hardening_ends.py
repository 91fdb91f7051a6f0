"""Ends of a process: pipes that are closed, streams that are not there, signals, once and again, in each phase.

What must hold: an exit code that says what happened, nothing left behind, and no word that only a programmer could read.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command import (
    ENTRY,
    LOG,
    environment,
    large_project,
    names,
    project,
    started,
    tell,
    triggerlang,
    wait_for_parts,
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return project(tmp_path)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return large_project(tmp_path_factory.mktemp("large"))


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
        if phase == "reading":
            wait_for_parts(tmp_path, 2)
        else:
            assert process.stdout is not None
            process.stdout.read(1)
        ended = tell(process, number, signal.SIGTERM if number != signal.SIGTERM else signal.SIGINT)
        assert process.stderr is not None
        assert process.stderr.read() == b""
    # Two signals that come together are heard in the order of their numbers.
    assert ended in {code, 130, 143}
    assert names(tmp_path) == set()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_has_its_exit_code(small: Path, number: signal.Signals, code: int) -> None:
    with started("run", "-", "-q", "-o", "entries.jsonl", cwd=small) as process:
        wait_for_parts(small)
        assert tell(process, number) == code
    assert names(small) == {"rules", "log.jsonl"}


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_a_signal_that_was_to_be_passed_over_is(small: Path, number: signal.Signals) -> None:
    with started("run", "-", "-q", "-o", "entries.jsonl", cwd=small, ignored=number) as process:
        wait_for_parts(small)
        process.send_signal(number)
        assert process.stdin is not None
        process.stdin.write(LOG.encode())
        process.stdin.close()
        process.stdin = None
        assert process.wait(60) == 0
    assert (small / "entries.jsonl").read_text() == ENTRY
