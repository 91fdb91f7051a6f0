"""Running: the kernel over a part of a log, on all cores.

In: a network and a part of a log in columns. Out: the entries of the part in the order of the log, and what it counts. The answer does
not depend on how many threads there are: each takes ranges of contacts, and entries are put in the order of the log in the end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from triggerlang.engines.columnar import layout
from triggerlang.engines.columnar.arranging import Arrangement, arranged, duplicates, gather_ints, gather_longs, log_order, sorted_places
from triggerlang.engines.columnar.contacts import run_contacts
from triggerlang.engines.columnar.entries import Block
from triggerlang.engines.columnar.flattening import KEY, NAME, FlatNetwork, flatten
from triggerlang.engines.columnar.layout import Array, Flat
from triggerlang.engines.columnar.memory import grow, memory_for
from triggerlang.events.columns import Columns
from triggerlang.language.times import Zone
from triggerlang.network.nodes import Network

GATHERED_AT_ONCE: Final = 1 << 20
"""How many values of a column a thread puts in the order of contacts at a time."""

RANGES: Final = 16
"""Into how many ranges of contacts each thread's share is split, so that none waits long for another."""

SCAN_AT_MOST: Final = 24
"""Ranges of up to so many events are looked through rather than asked of an index."""

Phase = Callable[[str, int], None]
"""Told what is done next, and how much of it there is (0 where that is not known)."""


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """What was found in a part: its entries in order, how many events and contacts counted, and how many events were dropped as
    duplicates."""

    entries: Block
    events: int
    contacts: int
    duplicates: int


def run_part(
    network: Network,
    zone: Zone,
    columns: Columns,
    *,
    threads: int,
    phase: Phase = lambda name, size: None,
    progress: Callable[[int], None] | None = None,
    scan_at_most: int = SCAN_AT_MOST,
) -> PartAnswer:
    """Run a network over a part of a log. `progress` is told how many of its events were done."""
    phase("rules", 0)
    keys = columns.keys
    dictionaries = {path: column.values for path, column in columns.properties.items()}
    span = (int(columns.time.min()), int(columns.time.max())) if len(columns) else (0, 0)
    flat = flatten(network, zone, keys, dictionaries, span, scan_at_most=scan_at_most)
    phase("contact order", 0)
    order = log_order(columns)
    dropped_count, dropped = duplicates(columns, order)
    arrangement = arranged(columns, order, flat.is_wanted.astype(np.uint8), dropped)
    with ThreadPoolExecutor(threads) as pool:
        log = _log(flat, columns, arrangement, pool)
        phase("kernel", len(arrangement.events))
        positions, rules = _run(flat, log, threads, pool, progress)
    phase("entries", 0)
    entries = _entries(columns, arrangement.events[positions], rules, order)
    # A dictionary may hold contacts of rows that were no events.
    contacts = np.count_nonzero(np.bincount(columns.contact))
    return PartAnswer(entries, len(columns) - dropped_count, int(contacts), dropped_count)


def _log(flat: FlatNetwork, columns: Columns, arrangement: Arrangement, pool: ThreadPoolExecutor) -> Flat:
    """The log as the kernel has it."""
    waiting: list[Future[None]] = []

    def gathered(source: Array) -> Array:
        """What a column holds in the order of contacts; the threads make it, some places each."""
        made = np.empty(len(arrangement.events), source.dtype)
        gather = gather_longs if source.dtype == np.int64 else gather_ints
        starts = range(0, len(made), GATHERED_AT_ONCE)
        ends = (min(start + GATHERED_AT_ONCE, len(made)) for start in starts)
        waiting.extend(pool.submit(gather, source, arrangement.events, made, start, end) for start, end in zip(starts, ends, strict=True))
        return made

    time, key = gathered(columns.time), gathered(columns.key)
    held = [key if path in (KEY, NAME) else gathered(columns.properties[path].codes) for path in flat.columns]
    for future in waiting:
        future.result()
    if flat.asks_names:
        held[flat.columns.index(NAME)] = flat.names[key]
    addresses = np.array([column.ctypes.data for column in held], np.int64)
    return Flat(layout.LOG, {"first": arrangement.first, "time": time, "key": key, "columns": addresses}, {}, held)


def _run(
    flat: FlatNetwork, log: Flat, threads: int, pool: ThreadPoolExecutor, progress: Callable[[int], None] | None
) -> tuple[Array, Array]:
    """The entries as places of their triggers and numbers of their rules, contact by contact."""
    first = log.arrays["first"]
    contacts = len(first) - 1
    cuts = np.searchsorted(first, np.linspace(0, first[-1], threads * RANGES + 1)[1:-1].astype(np.int64))
    ends = np.unique(np.concatenate([[0], cuts, [contacts]])).tolist()
    ranges = deque(enumerate(pairwise(ends)))
    found: dict[int, tuple[Array, Array]] = {}

    def work() -> None:
        memory = memory_for(flat)
        while True:
            try:
                number, (start, end) = ranges.popleft()
            except IndexError:
                return
            found[number] = _run_range(flat.net, log, memory, start, end)
            if progress is not None:
                progress(int(first[end] - first[start]))

    for future in [pool.submit(work) for _ in range(threads)]:
        try:
            future.result()
        except BaseException:
            ranges.clear()
            raise
    in_order = [found[number] for number in sorted(found)]
    empty = np.zeros(0, np.int32)
    return np.concatenate([empty, *(places for places, _ in in_order)]), np.concatenate([empty, *(rules for _, rules in in_order)])


def _run_range(net: Flat, log: Flat, memory: Flat, start: int, end: int) -> tuple[Array, Array]:
    """Run some contacts; where a part of the memory is too small, it grows, and the contact at hand begins anew."""
    memory.set("written", 0)
    memory.set("kept", 0)
    while True:
        try:
            run_contacts(net.header, log.header, memory.header, start, end)
            break
        except MemoryError as error:
            grow(memory, str(error))
            start = memory.number("contact")
            memory.set("written", memory.number("kept"))
    kept = memory.number("kept")
    return memory.arrays["out_position"][:kept].copy(), memory.arrays["out_rule"][:kept].copy()


def _entries(columns: Columns, events: Array, rules: Array, order: Array) -> Block:
    """Entries in the order of the log; `events` are their triggers, as they were read."""
    places = events
    if len(order):
        rank = np.empty(len(order), np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        places = rank[events]
    by_place = sorted_places(places, len(columns))
    events = events[by_place]
    return Block(
        time=columns.time[events],
        rule=rules[by_place],
        row=columns.row[events],
        contact=columns.contact[events],
        contacts=columns.contacts,
        id=None if columns.id is None else columns.id[events],
        ids=columns.ids,
    )
