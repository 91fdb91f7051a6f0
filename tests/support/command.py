"""The command line as a user has it: a process of its own, with its exit code and what it says."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
SAMPLE_LOGS = ROOT / "rules" / "log"
PURCHASES = SAMPLE_LOGS / "cdnow_part.jsonl"
PYTHON = (sys.executable, "-m", "triggerlang")

RULES = 'automation "Welcome"\n  on subscribes list "News" where event "signup" count >= 1 before\n'
WRONG = 'automation "Welcome"\n  on subscribes lst "News"\n'
LOG = (
    '{"contact": "ben", "time": "2026-01-02T10:00:00Z", "name": "signup"}\n'
    '{"contact": "ana", "time": "2026-01-02T10:01:00Z", "kind": "subscribe", "name": "News"}\n'
    '{"contact": "ben", "time": "2026-01-02T10:05:00Z", "kind": "subscribe", "name": "News", "id": "s-1"}\n'
)
ENTRY = (
    '{"time": "2026-01-02T10:05:00Z", "contact": "ben", "automation": "Welcome", "rule": "Welcome#1", '
    '"source": "rules/welcome.triggers:2", "event": "s-1"}\n'
)


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def is_clean(self) -> bool:
        """Whether it said nothing that only a programmer could read."""
        return not any(word in self.out + self.err for word in ("Traceback", "Exception ignored", "Errno", "most recent call"))


def environment(**more: str) -> dict[str, str]:
    """A small environment that finds the package."""
    return {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), **more}


def triggerlang(
    *arguments: str | Path,
    cwd: Path,
    stdin: bytes | IO[bytes] | None = None,
    stdout: int | IO[bytes] | None = None,
    env: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
) -> Ran:
    """Run a command to its end; `before` is called in its process before it begins."""
    source: dict[str, object] = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": subprocess.DEVNULL if stdin is None else stdin}
    done: subprocess.CompletedProcess[bytes] = subprocess.run(  # type: ignore[call-overload]
        [*PYTHON, *map(str, arguments)],
        cwd=cwd,
        env=environment() if env is None else env,
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
        preexec_fn=before,
        timeout=120,
        check=False,
        **source,
    )
    return Ran(done.returncode, (done.stdout or b"").decode(), done.stderr.decode())


def on_terminal(*arguments: str | Path, cwd: Path, columns: int = 80, term: str = "xterm", env: Mapping[str, str] | None = None) -> Ran:
    """Run a command on a terminal so many columns wide; what it writes comes as `out`, with the terminal's line ends made plain."""
    ours, theirs = pty.openpty()
    given = {**(environment() if env is None else env), "COLUMNS": str(columns), "LINES": "24", "TERM": term}
    process = subprocess.Popen([*PYTHON, *map(str, arguments)], cwd=cwd, env=given, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = bytearray()
    while select.select([ours], [], [], 60)[0]:
        try:
            block = os.read(ours, 65_536)
        except OSError:
            break  # The other side was closed.
        if not block:
            break
        said += block
    os.close(ours)
    return Ran(process.wait(60), said.decode().replace("\r\n", "\n"), "")


def project(folder: Path, rules: str = RULES, log: str = LOG) -> Path:
    """A small project in a folder: `rules/welcome.triggers` and `log.jsonl`."""
    (folder / "rules").mkdir()
    (folder / "rules" / "welcome.triggers").write_text(rules, encoding="utf-8")
    (folder / "log.jsonl").write_text(log, encoding="utf-8")
    return folder


EVENTS = 6_000
"""How many events, and entries, the large project has."""


def large_project(folder: Path) -> Path:
    """A project whose run takes long enough to be interrupted, and writes more than fits into any buffer."""
    log = "".join(
        f'{{"contact": "c{number * 7919 % 6007}", "time": "2026-01-02T10:{number // 1000:02}:00Z", "name": "visit"}}\n'
        for number in range(EVENTS)
    )
    return project(folder, rules='automation "Visitors" on event "visit" every time\n', log=log)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def parts(folder: Path) -> set[str]:
    """The files in a folder that are not in their places yet."""
    return {name for name in names(folder) if name.endswith(".triggerlang-part")}


def tell(process: subprocess.Popen[bytes], *numbers: signal.Signals) -> int:
    """Send signals, again and again, until a process ends; its exit code.

    A signal that comes just before a read begins is heard with the next one only.
    """
    deadline = time.monotonic() + 60
    while process.poll() is None:
        assert time.monotonic() < deadline, "the command does not end"
        for number in numbers:
            process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    return process.returncode


def wait_for_parts(folder: Path, number: int = 1) -> None:
    """Wait until a command at work has made so many."""
    deadline = time.monotonic() + 60
    while len(parts(folder)) < number:
        assert time.monotonic() < deadline, "the command made no file"
        time.sleep(0.01)


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
