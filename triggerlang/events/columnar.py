"""The columnar reader: logs of any size as columns.

In: files of any shape. Out: the same events and the same rejects as `log.read` has, as columns: of each event its own fields and the
properties that are asked for. Rows are in the order in which they were read, and events whose contact had their id before are still there.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from triggerlang.events import packed, parquet
from triggerlang.events.ahead import Ahead
from triggerlang.events.batches import Batch, RowByRowError
from triggerlang.events.columns import Columns
from triggerlang.events.errors import LogError
from triggerlang.events.files import LogFile, log_files
from triggerlang.events.merging import LEAST_BYTES, Merger
from triggerlang.events.packed import Progress
from triggerlang.events.passing import Wants, of_contact, without_unwanted
from triggerlang.events.paths import tree
from triggerlang.events.rejects import OnBadEvent, Reject, Rejects
from triggerlang.events.spilling import MOST_PARTS, Spill
from triggerlang.events.tabular import TableWorks
from triggerlang.events.textual import Reading, Work, line_works
from triggerlang.language.times import END_OF_TIME, FIRST_MOMENT, Zone

BLOCK_BYTES: Final = 4 << 20
"""How much text makes a batch."""


class Part(Protocol):
    """A part of a log, with all events of its contacts."""

    @property
    def latest(self) -> int:
        """The time of its latest event, duplicates among them."""

    def load(self) -> Columns:
        """Its events."""


@dataclass(frozen=True, slots=True)
class ColumnarLog:
    """What was read: in one part if it fits into memory, else in several on disk; the time of its first event, or `END_OF_TIME` where there
    is none; how many rows were no events; and paths that were named again and left out."""

    parts: list[Part]
    begin: int
    rejected: int
    repeated: list[str]


@dataclass(frozen=True, slots=True)
class Held:
    """A part in memory."""

    columns: Columns

    @property
    def latest(self) -> int:
        """The time of its latest event, duplicates among them."""
        return self.columns.span()[1] if self.columns.events() else FIRST_MOMENT

    def load(self) -> Columns:
        """Its events."""
        return self.columns


def read_columns(
    logs: Iterable[str | Path | LogFile],
    paths: Collection[str],
    *,
    timezone: str = "UTC",
    log_format: str | None = None,
    on_bad_event: OnBadEvent = "stop",
    on_reject: Callable[[Reject], None] | None = None,
    progress: Progress | None = None,
    threads: int,
    memory: int,
    spill: Callable[[], str] | None,
    block_bytes: int = BLOCK_BYTES,
    ahead: Ahead | None = None,
    wants: Wants | None = None,
    contact: str | None = None,
) -> ColumnarLog:
    """Read the logs whole, with as many threads.

    A row that is no event raises LogError with its file and line; with `on_bad_event="skip"` it is counted and handed to `on_reject`
    instead. A file that cannot be read raises LogError either way. What is held takes up to `memory` bytes, and goes to files in the
    folder that `spill` makes beyond that; without `spill`, all is held. About `block_bytes` of text are read at a time. What `ahead` has
    decoded is taken, and no more of it is decoded there. Events without an id are left out if `wants` does not hold for their kind and
    name, or if they are not of the `contact`, and only counted.
    """
    zone = Zone(timezone)
    files, repeated = log_files(logs, log_format)
    wanted = tuple(dict.fromkeys(paths))
    rejects = Rejects(on_bad_event, on_reject)
    reading = Reading(wanted, tree(wanted), zone, rejects.stops, threading.Event())
    keeper = _Keeper(wanted, files, memory, spill)
    ahead = ahead or Ahead([], 0)
    ahead.stop()
    with ThreadPoolExecutor(threads) as pool:
        reader = _Reader(reading, rejects, keeper, progress, block_bytes, ahead, wants, contact)
        try:
            reader.read(files, pool, threads + 1)
        except BaseException:
            reading.ended.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return ColumnarLog(keeper.parts(), keeper.begin, rejects.count, repeated)


class _Keeper:
    """Keeps events: in memory, or on disk as soon as they are too many."""

    def __init__(self, paths: tuple[str, ...], files: list[LogFile], memory: int, spill: Callable[[], str] | None) -> None:
        self._paths, self._files, self._make_folder = paths, files, spill
        # A third is for what merging and splitting take on their way.
        self._most = max(memory * 2 // 3, 1)
        self._merger = Merger(paths)
        self._spill: Spill | None = None
        self.came = 0
        self.begin = END_OF_TIME

    def expect(self, rows: int) -> None:
        """Make room for as many rows, or for as many of them as may be held."""
        self._merger.expect(rows if self._make_folder is None else min(rows, self._most // LEAST_BYTES))

    def add(self, batch: Batch) -> None:
        """Take in a batch."""
        self.begin = min(self.begin, int(batch.time.min(initial=END_OF_TIME)), *batch.passed_span.tolist())
        self._merger.add(batch)
        if self._make_folder is not None and self._merger.nbytes > self._most:
            if self._spill is None:
                self._spill = Spill(self._make_folder(), self._parts_needed(), self._paths)
            self._flush(self._spill)

    def parts(self) -> list[Part]:
        """All that was taken in."""
        if self._spill is None:
            return [Held(self._merger.columns())]
        self._flush(self._spill)
        return list(self._spill.parts(self._most))

    def _flush(self, spill: Spill) -> None:
        spill.add(self._merger.batch())
        self._merger = Merger(self._paths)

    def _parts_needed(self) -> int:
        """How many parts there should be, as far as that can be told from how much is read; parts may be split again in the end."""
        sizes = [os.path.getsize(file.path) for file in self._files if os.path.isfile(file.path)]
        times = sum(sizes) / self.came if self.came and len(sizes) == len(self._files) else MOST_PARTS / 4
        return max(2, min(int(2 * times) + 1, MOST_PARTS))


@dataclass(slots=True)
class _File:
    """A file that is being read, and how far its batches are merged."""

    path: str
    rows: int = 0
    lines: int = 0
    header: str | None = None
    is_done: bool = False


class _Reader:
    """Reads one file after another; the batches are made by threads and merged here, in order."""

    def __init__(
        self,
        reading: Reading,
        rejects: Rejects,
        keeper: _Keeper,
        progress: Progress | None,
        block_bytes: int,
        ahead: Ahead,
        wants: Wants | None,
        contact: str | None,
    ) -> None:
        self.reading, self.rejects, self.keeper, self.block_bytes = reading, rejects, keeper, block_bytes
        self._progress, self._ahead, self._wants = progress, ahead, wants
        self._contact = None if contact is None else contact.encode("utf-8", "surrogatepass")
        self.row = 0
        self._waiting: deque[tuple[_File, Future[list[Batch]]]] = deque()

    def read(self, files: list[LogFile], pool: ThreadPoolExecutor, most: int) -> None:
        """Read the files; as many works at most are under way at a time."""
        for file in files:
            of = _File(file.path)
            works = self._works(file, of)
            while not of.is_done:
                try:
                    work = next(works, None)
                except LogError as error:
                    self._finish()
                    raise error if error.file is not None else packed.broken_off(error, file.path, of.lines) from None
                if work is None:
                    break
                self._waiting.append((of, pool.submit(self._wanted, work)))
                if len(self._waiting) > most:
                    self._take()
        self._finish()
        if any(file.shape == "parquet" for file in files):
            from triggerlang.events.groups import release_memory

            release_memory()

    def _wanted(self, work: Work) -> list[Batch]:
        """What a work makes, without what nobody wants."""
        batches = work()
        if self._wants is not None:
            batches = [without_unwanted(batch, self._wants) for batch in batches]
        if self._contact is not None:
            batches = [of_contact(batch, self._contact, keeps_ids=True) for batch in batches]
        return batches

    def _finish(self) -> None:
        while self._waiting:
            self._take()

    def _take(self) -> None:
        """Merge the batches that come next."""
        of, future = self._waiting.popleft()
        if of.is_done:
            future.cancel()
            return
        try:
            batches: Iterable[Batch] = future.result()
        except RowByRowError:
            from triggerlang.events.groups import single_batches

            of.is_done = True
            batches = single_batches(of.path, self.reading, self._advance, of.rows)
        for batch in batches:
            for bad in batch.bad:
                self.rejects.add(of.path, of.lines + bad.line, self.row + bad.row, bad.error, bad.text, of.header)
            batch.row += self.row
            self.keeper.add(batch)
            self.row += batch.rows
            of.rows += batch.rows
            of.lines += batch.lines

    def _advance(self, size: int) -> None:
        self.keeper.came += size
        if self._progress is not None:
            self._progress(size)

    def _works(self, file: LogFile, of: _File) -> Iterator[Work]:
        """What is to be done for a file."""
        if file.shape == "parquet":
            try:
                from triggerlang.events.groups import parquet_works
            except ImportError as error:
                raise parquet.needs_extra(file.path) from error
            yield from parquet_works(partial(self._ahead.groups, file.path), self.reading, self._advance, self.keeper.expect)
            return
        runs = packed.runs(file.path, file.packing, self._advance, self.block_bytes)
        if file.shape == "jsonl":
            yield from line_works(runs, self.reading)
            return
        table = TableWorks(file.path, "," if file.shape == "csv" else "\t", self.reading)
        for work in table.works(runs):
            of.header = table.header_text
            yield work
