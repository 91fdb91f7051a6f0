"""The folder of generated data: a log for each size, rules for each number, made when first asked for.

In: sizes. Out: paths. What stands there is kept by its parameters, and by the code that drew it: a change there draws anew.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from bench import logs, worlds

DRAWN_BY = ("logs.py", "worlds.py")


@dataclass(frozen=True, slots=True)
class World:
    """A log and rules of chosen sizes, as files."""

    events: int
    rules: int
    log: Path
    rule_files: Path
    rules_as_data: Path


def kept_by(folder: Path, drawn_by: tuple[str, ...]) -> Path:
    """The folder of what some modules of this package draw, as they are now; made if it is not there."""
    code = b"".join((Path(__file__).parent / name).read_bytes() for name in drawn_by)
    kept = folder / hashlib.sha256(code).hexdigest()[:12]
    kept.mkdir(parents=True, exist_ok=True)
    return kept


def world(folder: Path, events: int, rules: int, *, shared: bool = True) -> World:
    """The world of so many events and rules, made if it is not there."""
    kept = kept_by(folder, DRAWN_BY)
    log = kept / f"log-{events}.parquet"
    if not log.exists():
        logs.write(log, events)
    name = f"rules-{rules}{'' if shared else '-unshared'}"
    made = World(events, rules, log, kept / name, kept / f"{name}.json")
    if not made.rules_as_data.exists():
        project = worlds.rules(rules, shared=shared)
        made.rule_files.mkdir(exist_ok=True)
        (made.rule_files / "bench.triggers").write_text(worlds.text(project), encoding="utf-8")
        worlds.save(project, made.rules_as_data)
    return made
