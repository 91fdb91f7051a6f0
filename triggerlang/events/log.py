"""Logs: all events of some files, in the order of their times.

In: files of any shape. Out: records, free of duplicates, in the one order that counts: by time, and those of one time as they
were read. Rows
are numbered over all files, bad ones too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from triggerlang.events import jsonl, packed, table
from triggerlang.events.files import LogFile, log_files
from triggerlang.events.packed import MAX_LINE_BYTES, LongLine, Progress
from triggerlang.events.record import Record
from triggerlang.events.rejects import BadEventError, OnBadEvent, Reject, Rejects
from triggerlang.events.rows import RowReader
from triggerlang.language.times import Zone

_time = itemgetter(0)


@dataclass(slots=True)
class Log:
    """What was read: the records in order, and how many rows were no events or stood there twice."""

    records: list[Record] = field(default_factory=list)
    rejected: int = 0
    duplicates: int = 0
    repeated: list[str] = field(default_factory=list)
    """Paths that were named again and left out."""


def read(
    logs: Iterable[str | Path | LogFile],
    *,
    timezone: str = "UTC",
    log_format: str | None = None,
    on_bad_event: OnBadEvent = "stop",
    on_reject: Callable[[Reject], None] | None = None,
    progress: Progress | None = None,
) -> Log:
    """Read the logs whole.

    A row that is no event raises LogError with its file and line; with `on_bad_event="skip"` it is counted and handed to
    `on_reject` instead. A
    file that cannot be read raises LogError either way.
    """
    zone = Zone(timezone)
    files, repeated = log_files(logs, log_format)
    log = Log(repeated=repeated)
    reader = RowsOfFiles(log.records.append, zone, Rejects(on_bad_event, on_reject), progress)
    for file in files:
        reader.read(file)
    log.rejected = reader.rejects.count
    return in_order(log)


def of_records(records: Iterable[Record]) -> Log:
    """A log of records that a program has at hand, in any order."""
    return in_order(Log(records=list(records)))


def in_order(log: Log) -> Log:
    """Put a log's records into their order, and drop those whose id their contact had before in it."""
    records = log.records
    times = list(map(_time, records))
    if any(map(int.__gt__, times, times[1:])):
        records.sort(key=_time)
    seen: set[tuple[str, str]] = set()
    kept: list[Record] | None = None
    for at, record in enumerate(records):
        if record.id is not None:
            key = record.contact, record.id
            if key in seen:
                if kept is None:
                    kept = records[:at]
                continue
            seen.add(key)
        if kept is not None:
            kept.append(record)
    if kept is not None:
        log.duplicates = len(records) - len(kept)
        log.records = kept
    return log


class RowsOfFiles:
    """Reads one file after another, row by row, and hands the records to `take`."""

    def __init__(self, take: Callable[[Record], object], zone: Zone, rejects: Rejects, progress: Progress | None) -> None:
        self.take, self.rejects, self.progress = take, rejects, progress
        self.rows = RowReader(zone)
        self.row = 0

    def read(self, file: LogFile) -> None:
        if file.shape == "jsonl":
            self._jsonl(file)
        elif file.shape == "parquet":
            self._parquet(file)
        else:
            self._table(file)

    def _jsonl(self, file: LogFile) -> None:
        take, make, parse = self.take, self.rows.record, jsonl.parse_line
        for number, line in packed.lines(file.path, file.packing, self.progress):
            if isinstance(line, LongLine):
                self.row += 1
                error = BadEventError("line-too-long", f"more than {MAX_LINE_BYTES:,} bytes")
                self._reject(file, number, error, line.beginning.decode(errors="replace"))
                continue
            if number == 1 and line.startswith(b"\xef\xbb\xbf"):
                line = line[3:]
            if not line or line.isspace():
                continue
            self.row += 1
            try:
                take(make(parse(line), self.row))
            except BadEventError as error:
                self._reject(file, number, error, line.decode(errors="replace").removesuffix("\r"))

    def _table(self, file: LogFile) -> None:
        names: list[str] | None = None
        header_text = ""
        numbered = packed.lines(file.path, file.packing, self.progress)
        for row in table.rows(_without_mark(numbered), "," if file.shape == "csv" else "\t"):
            if names is None:
                names, header_text = table.header(row, file.path), row.text
                continue
            self.row += 1
            try:
                self.take(self.rows.record(table.fields(names, row), self.row))
            except BadEventError as error:
                self._reject(file, row.line, error, row.text, header_text)

    def _parquet(self, file: LogFile) -> None:
        from triggerlang.events import parquet

        for number, row in parquet.rows(file.path, self.rows.zone, self.progress):
            self.row += 1
            try:
                self.take(self.rows.record(row.fields(), self.row))
            except BadEventError as error:
                self._reject(file, number, error, row.text())

    def _reject(self, file: LogFile, line: int, error: BadEventError, text: str, header: str | None = None) -> None:
        self.rejects.add(file.path, line, self.row, error, text, header)


def _without_mark(numbered: Iterable[tuple[int, bytes | LongLine]]) -> Iterator[tuple[int, Any]]:
    """Lines without the byte order mark that may stand before the first."""
    for number, line in numbered:
        if number == 1 and isinstance(line, bytes):
            line = line.removeprefix(b"\xef\xbb\xbf")
        yield number, line
