"""DuckDB, sorting the log by contact and time, from Parquet to Parquet: what brings a contact's events together. It answers nothing."""

from __future__ import annotations

from pathlib import Path

from bench.peers.database import connect, text
from bench.worlds import Rule


def answer(log: Path, project: list[Rule], out: Path) -> None:
    database = connect(out.parent / "spill")
    database.execute(f"COPY (FROM read_parquet({text(log)}) ORDER BY contact, time) TO {text(out)} (FORMAT parquet)")
