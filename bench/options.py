"""What the commands that measure share: numbers such as `10M`, the options on how to measure, and files of what was measured."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bench import report


def number(text: str) -> int:
    """A number, with k or M for thousands and millions."""
    factor = {"k": 1_000, "M": 1_000_000}.get(text[-1:], 1)
    return int(text if factor == 1 else text[:-1]) * factor


def of_measuring(parser: argparse.ArgumentParser) -> None:
    """Add how often to run, when to give up, and where data and results stand."""
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each, of which the least counts (3)")
    parser.add_argument("--timeout", type=float, default=1_800, metavar="SECONDS", help="when to give a run up (1800)")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="where generated logs and rules are kept (build/bench)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured")
    parser.add_argument("--load", type=Path, metavar="FILE", help="measure nothing, take what --json wrote")


def save(path: Path, key: str, measured: object) -> None:
    """Write what was measured, and on what."""
    path.write_text(json.dumps({"machine": report.machine(), key: measured}, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> dict[str, Any]:
    """What `save` wrote."""
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return held


def note(text: str) -> None:
    """Say how far it is."""
    print(text, file=sys.stderr, flush=True)
