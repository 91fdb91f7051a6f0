"""What the pages show is what happens: every command of a `console` block is run, and its output compared.

A command follows `$ `, further lines of it `> `; what stands below it, up to the next, is its whole output, standard error included. `...`
alone on a line stands for any lines. Seconds, and events per second, are those of the machine and not compared. A command that shows
problems ends with 1, every other with 0. The blocks of a page run one after another in a copy of the sample project, those of the page that
`new` writes in the project that it makes; `cd` holds for all that follows. In a block `console terminal` the answer goes to a terminal. A
block `triggers FILE` is what that file holds from there on.
"""

from __future__ import annotations

import io
import os
import pty
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STARTER = ROOT / "triggerlang" / "cli" / "starter" / "README.md"
PAGES = [
    path
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "rules").glob("*.md"), STARTER])
    if "```console" in path.read_text(encoding="utf-8")
]
SET_UP = re.compile(r"python3 -m venv \.venv|\.venv/bin/(pip|python) |bash \.ci/run")
"""What sets an environment up, or runs this test itself: `.ci/run` runs these."""
PROBLEMS = (
    r"\d+ errors?(, \d+ warnings?)? in \d+ files?",
    r"\d+ tests? in \d+ files?: \d+ fails?",
    r"there are no tests .*",
    r"the coverage of .* is below .*",
    r"\d+ files?: \d+ to format.*",
    r"--max-change: .*",
    r"\d+ replacements? in \d+ files?",
)
"""Last lines of commands that end with 1."""


@dataclass
class Shown:
    """A command as a page shows it, and the lines below it."""

    command: str
    on_terminal: bool = False
    output: list[str] = field(default_factory=list)


@dataclass
class Saved:
    """A file as a page has its reader save it."""

    name: str
    text: str


_BLOCK = re.compile(r"^```(console|triggers)(?: (\S+))?\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)


def steps(page: Path) -> Iterator[Shown | Saved]:
    """What a reader of a page does: the commands of its `console` blocks, and the files that it saves."""
    for kind, word, block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "console":
            yield from shown(block, word == "terminal")
        elif word:
            yield Saved(word, block)


def shown(block: str, on_terminal: bool) -> list[Shown]:
    """The commands of a `console` block."""
    found: list[Shown] = []
    assert block.startswith("$ "), f"a console block begins with a command: {block}"
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Shown(line[2:], on_terminal))
        elif line.startswith("> ") and not found[-1].output:
            found[-1].command += "\n" + line[2:]
        else:
            found[-1].output.append(line.rstrip())
    return found


def masked(line: str) -> str:
    """A line without what differs from run to run, and without the padding at its end."""
    line = re.sub(r"\d[\d,._]*(?=( seconds?\b| s\b| ms\b| events a second))", "N", line)
    return re.sub(r'("(?:seconds|events_per_second)": )[\d.e+-]+', r"\1N", line).rstrip()


def finds_problems(step: Shown) -> bool:
    """Whether the output that is shown says that there are problems."""
    return bool(step.output) and re.fullmatch("|".join(PROBLEMS), step.output[-1]) is not None


def fits(lines: list[str], pattern: list[str]) -> bool:
    """Whether lines are those of a pattern, in which `...` stands for any lines."""
    if not pattern:
        return not lines
    if pattern[0] == "...":
        return any(fits(lines[skipped:], pattern[1:]) for skipped in range(len(lines) + 1))
    return bool(lines) and lines[0] == pattern[0] and fits(lines[1:], pattern[1:])


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A copy of the sample project, and a folder of commands beside it."""
    project = tmp_path / "project"
    shutil.copytree(ROOT / "rules", project / "rules")
    shutil.copy(ROOT / "triggerlang.toml", project)
    command = project / ".venv" / "bin" / "triggerlang"
    command.parent.mkdir(parents=True)
    program = "import sys; sys.argv[0] = 'triggerlang'; from triggerlang.cli.main import main; main()"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{program}" "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return project


def run(step: Shown, folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Run a command as a page has it; its exit code, and what it says."""
    given = {"cwd": folder, "env": environment, "text": True, "timeout": 120, "check": False, "stderr": subprocess.PIPE}
    if not step.on_terminal:
        done = subprocess.run(["bash", "-c", step.command], stdout=subprocess.PIPE, **given)  # type: ignore[call-overload]
        # On a terminal the answer stands before what is said about it; through pipes that order is lost.
        return done.returncode, done.stdout + done.stderr
    ours, theirs = pty.openpty()
    done = subprocess.run(["bash", "-c", step.command], stdout=theirs, **given)  # type: ignore[call-overload]
    os.close(theirs)
    with open(ours, "rb", buffering=0) as answer:
        return done.returncode, read(answer).decode().replace("\r\n", "\n") + done.stderr


def read(terminal: io.RawIOBase) -> bytes:
    """What was written to a terminal that nobody writes to any more."""
    said = bytearray()
    try:
        while block := terminal.read(65_536):
            said += block
    except OSError:
        pass  # So Linux tells that the other side was closed.
    return bytes(said)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_shows_is_what_happens(page: Path, sample: Path) -> None:
    commands = f"{sample / '.venv' / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    environment = {"PATH": commands, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "100"}
    folder = sample
    if page == STARTER:
        run(Shown("triggerlang new shop"), sample, environment)
        folder = sample / "shop"
    for step in steps(page):
        if isinstance(step, Saved):
            (folder / step.name).write_text(step.text, encoding="utf-8")
            continue
        if SET_UP.match(step.command):
            if ".venv/bin/triggerlang" not in step.command:
                continue
            step.command = step.command.rsplit(" && ", 1)[-1]
        if step.command.startswith("cd "):
            folder /= step.command.removeprefix("cd ")
            continue
        code, said = run(step, folder, environment)
        assert code == (1 if finds_problems(step) else 0), f"{page.name}: $ {step.command}\n{said}"
        actual = [masked(line) for line in said.splitlines()]
        expected = [masked(line) for line in step.output]
        assert fits(actual, expected), f"{page.name}: $ {step.command}\n" + "\n".join(actual)


def test_the_readme_sets_everything_up_in_one_command_each() -> None:
    """One command runs the sample, another the tests; both begin from nothing."""
    commands = [step.command for step in steps(ROOT / "README.md") if isinstance(step, Shown) and SET_UP.match(step.command)]
    assert len(commands) == 2
    assert commands[0].endswith(".venv/bin/triggerlang run rules/log -o entries.csv")
    assert ".venv/bin/python -m pytest" in commands[1]
