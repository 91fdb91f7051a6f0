"""Rules over the real logs, by the command as a user runs it, against counts that were made apart from any rule engine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"

PURCHASES = """
automation "Not the first" every time
  on event "purchase" where event "purchase" has occurred before every time
automation "Earlier day" every time
  on event "purchase" where event "purchase" with day != trigger day has occurred before every time
automation "Within a month" every time
  on event "purchase" where event "purchase" with day != trigger day has occurred within 30 days before every time
automation "Good customer" every time
  on event "purchase" with value >= 50
    where event "purchase" with day != trigger day sum value >= 100 before every time
"""


def counted(folder: Path, log: Path) -> dict[str, int]:
    """The entries of each automation, as the summary of `triggerlang run` has them."""
    summary = folder / "summary.json"
    command = ["-m", "triggerlang", "run", str(log), "--rules", str(folder), "--summary", str(summary), "-o", str(folder / "entries.jsonl")]
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    entries: dict[str, int] = json.loads(summary.read_text())["entries"]
    assert sum(entries.values()) == len((folder / "entries.jsonl").read_text().splitlines())
    return entries


def test_purchases_of_a_music_shop(tmp_path: Path) -> None:
    """The log has dates only: that a purchase is earlier in time, not only in the log's order, is asked by its day as a property."""
    (tmp_path / "rules.triggers").write_text(PURCHASES)
    log = tmp_path / "purchases.jsonl"
    with log.open("w") as file:
        for line in (DATA / "cdnow_sample.jsonl").read_text().splitlines():
            row = json.loads(line)
            row["properties"]["day"] = row["time"][:10]
            file.write(json.dumps(row) + "\n")
    assert counted(tmp_path, log) == {"Not the first": 4_562, "Earlier day": 4_520, "Within a month": 2_192, "Good customer": 634}


def test_visitors_of_a_web_site(tmp_path: Path) -> None:
    """Each visitor's first request of any kind, and each of kind `event`, out of Parquet."""
    pq = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "rules.triggers").write_text(
        'automation "First" once\n  on any of (visits any page or any event)\nautomation "Assets" on event "asset_request" every time\n'
    )
    rows = pq.read_table(DATA / "web_log.parquet", columns=["contact", "kind", "name"]).to_pylist()
    assets = sum(row["kind"] == "event" and row["name"] == "asset_request" for row in rows)
    assert counted(tmp_path, DATA / "web_log.parquet") == {"First": 1_753, "Assets": assets}
