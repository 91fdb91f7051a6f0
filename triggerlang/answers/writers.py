"""Writers: entries as files and as text.

In: entries in order. Out: JSON Lines, CSV, Parquet, or a table for a terminal. Times are UTC with `Z`, with as many decimals as they need; in
Parquet they are microseconds.
"""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final, TextIO

from triggerlang.engines.entry import Entry
from triggerlang.language import times
from triggerlang.language.times import Zone

COLUMNS: Final = ("time", "contact", "automation", "rule", "source", "event")
BLOCK: Final = 65_536

_UTC = Zone()


def json_line(entry: Entry) -> str:
    """One JSON line."""
    return json.dumps(_fields(entry), ensure_ascii=False) + "\n"


def _fields(entry: Entry) -> dict[str, Any]:
    return {
        "time": _time(entry),
        "contact": entry.contact,
        "automation": entry.automation,
        "rule": entry.rule,
        "source": entry.source,
        "event": entry.event,
    }


def _time(entry: Entry) -> str:
    return times.format_moment(times.from_datetime(entry.time, _UTC))


def write_json_lines(entries: Iterable[Entry], file: TextIO) -> None:
    for entry in entries:
        file.write(json_line(entry))


def write_csv(entries: Iterable[Entry], file: TextIO, *, safe: bool = False) -> None:
    """CSV with a header, as RFC 4180 has it but for line feeds.

    `safe` puts a quote before a cell that a spreadsheet would take for a formula; without it cells are what they are.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        cells = [str(cell) for cell in _fields(entry).values()]
        writer.writerow([_safe(cell) for cell in cells] if safe else cells)


def _safe(cell: str) -> str:
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def write_parquet(entries: Iterable[Entry], path: str) -> None:
    """Parquet; raises ImportError where the extra `batch` is not installed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("time", pa.timestamp("us", tz="UTC")), *((name, pa.string()) for name in COLUMNS[1:])])
    with pq.ParquetWriter(path, schema) as writer:
        block: list[Entry] = []
        for entry in entries:
            block.append(entry)
            if len(block) >= BLOCK:
                writer.write_table(_table(pa, schema, block))
                block.clear()
        writer.write_table(_table(pa, schema, block))


def _table(pa: Any, schema: Any, block: Sequence[Entry]) -> Any:
    columns: list[list[Any]] = [[entry.time for entry in block]]
    columns += [[str(getattr(entry, name)) for entry in block] for name in COLUMNS[1:]]
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)


def write_table(entries: Sequence[Entry], file: TextIO, width: int) -> None:
    """A table for people: the first lines, cut to the width of a terminal."""
    shown = entries[:SHOWN]
    rows = [("time", "contact", "rule", "event")]
    rows += [(_time(entry), _plain(entry.contact), _plain(entry.rule), _plain(str(entry.event))) for entry in shown]
    widths = [min(max(_width(row[at]) for row in rows), 40) for at in range(4)]
    for row in rows:
        line = "  ".join(_fit(cell, wide) for cell, wide in zip(row, widths, strict=True)).rstrip()
        file.write(_cut(line, width) + "\n")
    if len(entries) > len(shown):
        file.write(_cut(f"and {len(entries) - len(shown):,} more; -o FILE writes them all", width) + "\n")


SHOWN: Final = 40
"""How many entries a table shows."""


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in text)


def _width(text: str) -> int:
    return len(text) if text.isascii() else sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _fit(text: str, wide: int) -> str:
    cut = _cut(text, wide)
    return cut + " " * (wide - _width(cut))


def _cut(text: str, wide: int) -> str:
    if _width(text) <= wide:
        return text
    while text and _width(text) > max(wide - 1, 0):
        text = text[:-1]
    return text + "…"
