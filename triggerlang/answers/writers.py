"""Writers: entries as files and as text.

In: entries in order. Out: JSON Lines, CSV, Parquet, or a table for a terminal. Times are UTC with `Z`, with as many decimals as they need;
in Parquet they are microseconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final, TextIO

from triggerlang.answers.encoding import cleaned, shown
from triggerlang.checking.render.plain import width
from triggerlang.engines.entry import Entry, Found
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
    file.write(",".join(COLUMNS) + "\n")
    for entry in entries:
        file.write(",".join(csv_cell(str(cell), safe=safe) for cell in _fields(entry).values()) + "\n")


def csv_cell(text: str, *, safe: bool) -> str:
    """A cell of CSV, in quotes where it needs them."""
    cell = "'" + text if safe and text[:1] in _FORMULA else text
    # A carriage return alone ends a line for some readers, and spaces at the ends are lost to others.
    return cell if _NEEDS_QUOTES.search(cell) is None else '"' + cell.replace('"', '""') + '"'


_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NEEDS_QUOTES: Final = re.compile(r'[",\r\n]|^\s|\s$|^$')


def write_parquet(entries: Iterable[Entry], path: str) -> None:
    """Parquet; raises ImportError where the extra `batch` is not installed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = parquet_schema(pa)
    with pq.ParquetWriter(path, schema) as writer:
        block: list[Entry] = []
        for entry in entries:
            block.append(entry)
            if len(block) >= BLOCK:
                writer.write_table(_table(pa, schema, block))
                block.clear()
        writer.write_table(_table(pa, schema, block))


def parquet_schema(pa: Any) -> Any:
    """The columns of entries as Parquet has them; `pa` is pyarrow."""
    return pa.schema([("time", pa.timestamp("us", tz="UTC")), *((name, pa.string()) for name in COLUMNS[1:])])


def _table(pa: Any, schema: Any, block: Sequence[Entry]) -> Any:
    columns: list[list[Any]] = [[entry.time for entry in block]]
    columns += [[cleaned(str(getattr(entry, name))) for entry in block] for name in COLUMNS[1:]]
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)


SHOWN: Final = 40
"""How many entries a table shows."""

WIDEST: Final = 40
"""How many columns of a terminal a column of a table takes at most."""


def write_table(entries: Found, file: TextIO, columns: int) -> None:
    """A table for people: the first entries, cut to the columns of a terminal."""
    first = list(islice(entries, SHOWN))
    rows = [("time", "contact", "rule", "event")]
    rows += [(_time(entry), _brief(entry.contact), _brief(entry.rule), _brief(str(entry.event))) for entry in first]
    wide = [max(width(row[at]) for row in rows) for at in range(4)]
    for row in rows:
        line = "  ".join(cell + " " * (room - width(cell)) for cell, room in zip(row, wide, strict=True)).rstrip()
        file.write(_cut(line, columns) + "\n")
    if len(entries) > len(first):
        file.write(_cut(f"and {len(entries) - len(first):,} more; -o FILE writes them all", columns) + "\n")


def _brief(text: str) -> str:
    """A text for a column of a table; a very long one is cut before it is looked at."""
    return _cut(shown(text[: 8 * WIDEST]), WIDEST)


def _cut(text: str, columns: int) -> str:
    """As much of a text as so many columns hold, with a sign where something is left out."""
    if width(text) <= columns:
        return text
    taken, room = 0, max(columns, 1) - 1
    for character in text:
        room -= width(character)
        if room < 0:
            break
        taken += 1
    return text[:taken] + "…"
