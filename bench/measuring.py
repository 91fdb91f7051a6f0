"""Measuring contestants turn by turn: A B C, A B C, ..., each as a whole process, the files in the page cache.

In: a world, contestants. Out: for each the least time and the least peak memory of its runs, and whether all found the same entries.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import answers
from bench.contestants import Contestant
from bench.folder import World

ROOT = Path(__file__).parent.parent


@dataclass(slots=True)
class Result:
    """What the runs of one contestant in one world took; `trouble` says why there is no time."""

    events: int
    rules: int
    peer: str
    title: str
    seconds: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)
    entries: int | None = None
    trouble: str = ""

    @property
    def best(self) -> float | None:
        return min(self.seconds, default=None)

    @property
    def peak(self) -> int | None:
        return min(self.peaks, default=None)


class DifferenceError(Exception):
    """Two contestants found different entries."""


def measure(
    world: World, chosen: dict[str, Contestant], *, runs: int, timeout: float, note: Callable[[str], None] = lambda text: None
) -> list[Result]:
    """Run each contestant so many times, turn by turn; one that fails or takes too long is not run again."""
    results = {name: Result(world.events, world.rules, name, one.title) for name, one in chosen.items()}
    agreed: dict[str, tuple[str, answers.Answer]] = {}
    for _ in range(runs):
        for name, contestant in chosen.items():
            result = results[name]
            if result.trouble:
                continue
            _into_the_page_cache(world.log)
            with tempfile.TemporaryDirectory(dir=world.log.parent) as made:
                out = Path(made) / "entries.parquet"
                ran = process(contestant.command(world, out), timeout)
                if ran["code"]:
                    result.trouble = f"> {timeout:,.0f} s" if ran["seconds"] >= timeout else f"failed: {_last_line(ran['said'])}"
                    note(f"{name}: {result.trouble}")
                    continue
                result.seconds.append(ran["seconds"])
                result.peaks.append(ran["peak"])
                note(f"{world.events:,} events, {world.rules:,} rules, {name}: {ran['seconds']:.2f} s, {ran['peak'] / 1e9:.2f} GB")
                if contestant.answers:
                    answer = answers.read(out)
                    result.entries = len(answer.rows)
                    first, expected = agreed.setdefault(contestant.question, (name, answer))
                    if differs := answers.difference(expected, answer):
                        raise DifferenceError(f"{first} and {name} differ at {world.events:,} events, {world.rules:,} rules: {differs}")
    return list(results.values())


def process(command: list[str], timeout: float) -> dict[str, Any]:
    """Run a command through `process.py`: its exit code, seconds, peak memory in bytes, and what it said."""
    measurer = [sys.executable, "-S", "-E", str(Path(__file__).parent / "process.py"), str(timeout), *command]
    # Python keeps what it compiled of its sources, as it does for a user; a run would else begin with that.
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(measurer, cwd=ROOT, env=surroundings, check=True, capture_output=True, text=True)
    ran: dict[str, Any] = json.loads(done.stdout)
    return ran


def warm_up(world: World, chosen: Iterable[Contestant], timeout: float) -> None:
    """Let each run once unmeasured in a small world: what compiles once per machine is compiled then."""
    for contestant in chosen:
        with tempfile.TemporaryDirectory(dir=world.log.parent) as made:
            process(contestant.command(world, Path(made) / "entries.parquet"), timeout)


def _into_the_page_cache(path: Path) -> None:
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 24):
            pass


def _last_line(said: str) -> str:
    return said.strip().splitlines()[-1][:200] if said.strip() else "it said nothing"
