"""Running: the kernel over a part of a log, on all cores.

In: a network and a part of a log in columns. Out: the entries of the part in the order of the log, and what it counts. The answer does
not depend on how many threads there are: each takes ranges of contacts, and entries are put in the order of the log in the end.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
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
from triggerlang.engines.columnar.funnels import funnel_of
from triggerlang.engines.columnar.layout import Array, Flat
from triggerlang.engines.columnar.memory import grow, memory_for
from triggerlang.engines.funnel import RuleFunnel
from triggerlang.engines.onlooking import Onlooker, Sight
from triggerlang.events.columns import Columns
from triggerlang.events.passing import contacts_met
from triggerlang.language.times import FIRST_MOMENT, Zone
from triggerlang.network.nodes import Network

GATHERED_AT_ONCE: Final = 1 << 20
"""How many values of a column a thread puts in the order of contacts at a time."""

RANGES: Final = 16
"""Into how many ranges of contacts each thread's share is split, so that none waits long for another."""

SCAN_AT_MOST: Final = 24
"""Ranges of up to so many events are looked through rather than asked of an index."""

_NO_LINEAGE: Final = -2
"""What stands behind an event of the log."""

Phase = Callable[[str, int], None]
"""Told what is done next, and how much of it there is (0 where that is not known)."""


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """What was found in a part: its entries in order, how many events and contacts counted, how many events were dropped as duplicates,
    and how many absences and moments are pending, by the numbers of their chains and moments in the network."""

    entries: Block
    events: int
    contacts: int
    duplicates: int
    pending: Mapping[int, int]
    before_log: Array
    """How many triggers rest on time before the log, by rule."""
    funnel: tuple[RuleFunnel, ...] | None


@dataclass(frozen=True, slots=True)
class _Found:
    """What the kernel found of some contacts: for each entry the place of the event that it goes back to, its rule, and the absence or
    moment that it goes back to (-1: none); and of these when they were, and which other each goes back to."""

    positions: Array
    rules: Array
    lineage: Array
    lineage_time: Array
    lineage_parent: Array


def run_part(
    network: Network,
    zone: Zone,
    columns: Columns,
    *,
    horizon: int,
    threads: int,
    phase: Phase = lambda name, size: None,
    progress: Callable[[int], None] | None = None,
    scan_at_most: int = SCAN_AT_MOST,
    whole_from: Sequence[int],
    counted: tuple[int, int] | None = None,
    onlooker: Onlooker | None = None,
) -> PartAnswer:
    """Run a network over a part of a log, which as a whole reaches up to the moment `horizon`, and has all that the windows of a rule ask
    for from the moment of `whole_from` on. `progress` is told how many of its events were done. Triggers from one moment on and before
    another are `counted`, or none. An `onlooker` sees the part."""
    phase("rules", 0)
    keys = columns.keys
    dictionaries = {path: column.values for path, column in columns.properties.items()}
    flat = flatten(
        network,
        zone,
        keys,
        dictionaries,
        columns.span(),
        horizon=horizon,
        scan_at_most=scan_at_most,
        whole_from=whole_from,
        counted=counted,
    )
    phase("contact order", 0)
    order = log_order(columns)
    dropped_count, dropped = duplicates(columns, order, threads)
    arrangement = arranged(columns, order, flat.is_wanted.astype(np.uint8), dropped, threads)
    with ThreadPoolExecutor(threads) as pool:
        log = _log(flat, columns, arrangement, pool)
        phase("kernel", len(arrangement.events))
        found, pending, memories = _run(flat, log, threads, pool, progress)
    phase("entries", 0)
    events = arrangement.events[found.positions]
    time, since = _times(found, columns.time[events])
    entries = _entries(columns, events, found.rules, time, since, order)
    if onlooker is not None:
        onlooker.look(
            Sight(
                time=columns.time,
                key=columns.key,
                keys=columns.keys,
                contact=columns.contact,
                contacts=len(columns.contacts),
                dropped=dropped,
                events=arrangement.events,
                first=arrangement.first,
                entry_place=found.positions,
                entry_rule=found.rules,
                entry_time=time,
            )
        )
    funnel = None if counted is None else funnel_of(network, flat, memories, columns, arrangement.events)
    before_log = _before_log(flat, memories)
    return PartAnswer(entries, columns.events() - dropped_count, contacts_met(columns), dropped_count, pending, before_log, funnel)


def _before_log(flat: FlatNetwork, memories: list[Flat]) -> Array:
    """How many triggers rest on time before the log, by rule."""
    rules = flat.net.arrays["rules"]["rule"]
    counts = np.zeros(len(rules), np.int64)
    for memory in memories:
        counts[rules] += memory.arrays["early"] + memory.arrays["early_before"]
    return counts


def latest_that_counts(columns: Columns, threads: int) -> int:
    """The time of the latest event of a part that is no duplicate."""
    _, dropped = duplicates(columns, log_order(columns), threads)
    counting = columns.time[dropped == 0] if len(dropped) else columns.time
    return max(FIRST_MOMENT, int(counting.max(initial=FIRST_MOMENT)), *columns.passed_span.tolist())


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
    arrays = {"first": arrangement.first, "time": time, "key": key, "columns": addresses, "read": arrangement.events}
    return Flat(layout.LOG, arrays, {}, held)


def _run(
    flat: FlatNetwork, log: Flat, threads: int, pool: ThreadPoolExecutor, progress: Callable[[int], None] | None
) -> tuple[_Found, dict[int, int], list[Flat]]:
    """What is found, contact by contact; what is pending; and the memories of the threads, which hold what they counted."""
    first = log.arrays["first"]
    contacts = len(first) - 1
    largest = int(np.diff(first).max(initial=0))
    cuts = np.searchsorted(first, np.linspace(0, first[-1], threads * RANGES + 1)[1:-1].astype(np.int64))
    ends = np.unique(np.concatenate([[0], cuts, [contacts]])).tolist()
    ranges = deque(enumerate(pairwise(ends)))
    found: dict[int, _Found] = {}
    pending: Counter[int] = Counter()
    memories: list[Flat] = []

    def work() -> None:
        memory = memory_for(flat, largest)
        memories.append(memory)
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
            # Even one contact may take long: a kernel that runs must hear of it too.
            ranges.clear()
            for memory in memories:
                memory.set("is_stopped", 1)
            raise
    for memory in memories:
        for number, count in zip(flat.waited, memory.arrays["pending"].tolist(), strict=True):
            pending[number] += count
    return _together([found[number] for number in sorted(found)]), pending, memories


def _together(parts: list[_Found]) -> _Found:
    """What was found of several ranges of contacts as one."""
    none = np.zeros(0, np.int32)
    before = np.cumsum([0, *(len(part.lineage_time) for part in parts)]).tolist()

    def moved(number: Array, by: int) -> Array:
        return np.where(number < 0, number, number + np.int32(by)).astype(np.int32) if by else number

    return _Found(
        positions=np.concatenate([none, *(part.positions for part in parts)]),
        rules=np.concatenate([none, *(part.rules for part in parts)]),
        lineage=np.concatenate([none, *(moved(part.lineage, by) for part, by in zip(parts, before, strict=False))]),
        lineage_time=np.concatenate([np.zeros(0, np.int64), *(part.lineage_time for part in parts)]),
        lineage_parent=np.concatenate([none, *(moved(part.lineage_parent, by) for part, by in zip(parts, before, strict=False))]),
    )


def _run_range(net: Flat, log: Flat, memory: Flat, start: int, end: int) -> _Found:
    """Run some contacts; where a part of the memory is too small, it grows, and the contact at hand begins anew."""
    for count in ("written", "kept", "lineages", "kept_lineages"):
        memory.set(count, 0)
    while True:
        try:
            run_contacts(net.header, log.header, memory.header, start, end)
            break
        except MemoryError as error:
            grow(memory, str(error))
            # The contact at hand begins anew.
            memory.arrays["early"][memory.arrays["early_stamp"] == memory.number("stamp")] = 0
            start = memory.number("contact")
            memory.set("written", memory.number("kept"))
            memory.set("lineages", memory.number("kept_lineages"))
    kept, lineages = memory.number("kept"), memory.number("kept_lineages")
    of_entries = [memory.arrays[name][:kept].copy() for name in ("out_position", "out_rule", "out_lineage")]
    return _Found(*of_entries, *(memory.arrays[name][:lineages].copy() for name in ("lineage_time", "lineage_parent")))


def _entries(columns: Columns, events: Array, rules: Array, time: Array, since: tuple[Array, ...], order: Array) -> Block:
    """Entries in the order of the log; `events` are those that they go back to, as they were read."""
    places = events
    if len(order):
        rank = np.empty(len(order), np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        places = rank[events]
    by_place = np.lexsort((places, *reversed(since), time)) if since else sorted_places(places, len(columns))
    events = events[by_place]
    return Block(
        time=time[by_place],
        rule=rules[by_place],
        row=columns.row[events],
        contact=columns.contact[events],
        contacts=columns.contacts,
        id=None if columns.id is None else columns.id[events],
        ids=columns.ids,
        since=tuple(earlier[by_place] for earlier in since),
    )


def _times(found: _Found, events: Array) -> tuple[Array, tuple[Array, ...]]:
    """When entries happened, and for those at absences and moments when what they were waited for after did, as often as any goes back to
    one; `NEVER` after the event of the log, which is before all others of its time."""
    if not len(found.lineage_time):
        return events, ()

    def times_of(lineage: Array) -> Array:
        """When each was: the event itself, or what it goes back to; `NEVER` after that."""
        made = found.lineage_time[np.maximum(lineage, 0)]
        return np.where(lineage >= 0, made, np.where(lineage == layout.NOTHING, events, layout.NEVER))

    lineage = found.lineage
    time = times_of(lineage)
    since: list[Array] = []
    while (lineage >= 0).any():
        lineage = np.where(lineage >= 0, found.lineage_parent[np.maximum(lineage, 0)], _NO_LINEAGE)
        since.append(times_of(lineage))
    return time, tuple(since)
