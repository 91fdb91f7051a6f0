"""Measures: questions about a range of a stream.

A short range is looked through. For a long one there is an index over the whole stream, made when it is first asked for and shared by all
measures of the same stream and column: running sums, a tree of the least or greatest, and for `distinct` a count that moves with its
window.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from triggerlang.engines.columnar.addresses import flag_at, int_at, long_at, set_int, set_long
from triggerlang.engines.columnar.grouping import group_stream
from triggerlang.engines.columnar.layout import (
    FIRST,
    GREATEST,
    GROUPS,
    LAST,
    LEAST,
    NOTHING,
    SIZE,
    SLOTS,
    STARTS,
    Contact,
    Log,
    Memory,
    Net,
    Trigger,
    measure_at,
    pattern_at,
    values_at,
)
from triggerlang.engines.columnar.programs import code_at, event_passes
from triggerlang.engines.columnar.streams import get, laid_out, next_scan, put, stream_start, take
from triggerlang.engines.columnar.wide import minus, plus, wide_at
from triggerlang.engines.columnar.windows import measured_stream, window_range
from triggerlang.machine.kernels import inner

# The header of what a column holds for a stream: where the numbers of values before each event stand, how many values there are, their
# codes,
# and the indexes, each made when it is first asked for.
POSITIONS, COUNT, CODES, SUMS, LEAST_TREE, GREATEST_TREE, KINDS, KIND_COUNT = range(8)
VALUES_HEADER = 8


@inner
def is_measured(net: Net, log: Log, mem: Memory, contact: Contact, pair: int, slot: int, trigger: Trigger) -> bool:
    """Whether an occurrence in a measure's stream passes what is asked of it beside the trigger."""
    return pair < 0 or event_passes(net, log, mem, contact, pair, slot, trigger.slot)


@inner
def is_scanned(net: Net, number: int, start: int, end: int) -> bool:
    """Whether a measure looks through its range rather than through an index."""
    measure = measure_at(net.measures, number)
    if end - start <= net.scan_at_most or measure.replay >= 0:
        return True
    return measure.pair >= 0 or pattern_at(net.patterns, measure.pattern).is_live != 0


@inner
def rank_of(net: Net, reading: int, code: int) -> int:
    """The rank of a value in a reading, -1 where it cannot be read so."""
    return int_at(net.ranks, long_at(net.ranks_from, reading) + code)


@inner
def values_of(net: Net, log: Log, mem: Memory, contact: Contact, number: int) -> int:
    """Where the header of what a column holds for a stream stands; made once for a contact."""
    if int_at(mem.values_stamp, number) == contact.stamp:
        return long_at(mem.values_at, number)
    node = values_at(net.values, number)
    at, size = stream_start(mem, node.pattern), laid_out(mem, contact, node.pattern)
    if node.group >= 0:
        grouped = group_stream(net, log, mem, contact, node.group)
        at, size = get(mem, grouped + SLOTS), get(mem, grouped + SIZE)
    header = take(mem, VALUES_HEADER)
    positions = take(mem, size + 1)
    codes = take(mem, size)
    count = 0
    for place in range(size):
        put(mem, positions + place, count)
        code = code_at(net, log, mem, contact, get(mem, at + place), node.column)
        if rank_of(net, node.reading, code) >= 0:
            put(mem, codes + count, code)
            count += 1
    put(mem, positions + size, count)
    put(mem, header + POSITIONS, positions)
    put(mem, header + COUNT, count)
    put(mem, header + CODES, codes)
    for index in range(SUMS, VALUES_HEADER):
        put(mem, header + index, -1)
    set_int(mem.values_stamp, number, contact.stamp)
    set_long(mem.values_at, number, header)
    return header


@inner
def values_range(mem: Memory, header: int, offset: int, start: int, end: int) -> tuple[int, int]:
    """Which of the values of a stream a range of its events has."""
    positions = get(mem, header + POSITIONS) + offset
    return get(mem, positions + start), get(mem, positions + end)


# Counts


@inner
def count_measure(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> int:
    """How many events are in the window."""
    at, size, room, _, _ = measured_stream(net, log, mem, contact, number, trigger)
    start, end = window_range(net, log, mem, contact, number, trigger, at, size, room)
    pair = measure_at(net.measures, number).pair
    if pair < 0:
        return max(end - start, 0)
    count = 0
    for place in range(start, end):
        if event_passes(net, log, mem, contact, pair, get(mem, at + place), trigger.slot):
            count += 1
    return count


# Sums and averages


@inner
def sums_of(net: Net, mem: Memory, number: int, header: int) -> int:
    """Where the running sums of values stand: high and low halves by turns, one pair more than there are values."""
    sums = get(mem, header + SUMS)
    if sums >= 0:
        return sums
    count, codes = get(mem, header + COUNT), get(mem, header + CODES)
    sums = take(mem, 2 * count + 2)
    high, low = np.int64(0), np.uint64(0)
    numbers = long_at(net.numbers_from, values_at(net.values, number).column)
    put(mem, sums, 0)
    put(mem, sums + 1, 0)
    for place in range(count):
        other_high, other_low = wide_at(net, numbers + get(mem, codes + place))
        high, low = plus(high, low, other_high, other_low)
        put(mem, sums + 2 * place + 2, high)  # type: ignore[arg-type, unused-ignore]
        put(mem, sums + 2 * place + 3, np.int64(low))  # type: ignore[arg-type, unused-ignore]
    put(mem, header + SUMS, sums)
    return sums


@inner
def sum_measure(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> tuple[Any, Any, int]:
    """The sum of the window's numbers, in halves, and how many they are."""
    measure = measure_at(net.measures, number)
    high, low, count = np.int64(0), np.uint64(0), 0
    at, size, room, offset, _ = measured_stream(net, log, mem, contact, number, trigger)
    start, end = window_range(net, log, mem, contact, number, trigger, at, size, room)
    if end <= start:
        return high, low, count
    if is_scanned(net, number, start, end):
        numbers = long_at(net.numbers_from, measure.column)
        for place in range(start, end):
            slot = get(mem, at + place)
            code = numbers + code_at(net, log, mem, contact, slot, measure.column)
            if flag_at(net.has_number, code) and is_measured(net, log, mem, contact, measure.pair, slot, trigger):
                other_high, other_low = wide_at(net, code)
                high, low = plus(high, low, other_high, other_low)
                count += 1
        return high, low, count
    header = values_of(net, log, mem, contact, measure.values)
    sums = sums_of(net, mem, measure.values, header)
    first, last = values_range(mem, header, offset, start, end)
    high, low = minus(
        np.int64(get(mem, sums + 2 * last)),
        np.uint64(get(mem, sums + 2 * last + 1)),
        np.int64(get(mem, sums + 2 * first)),
        np.uint64(get(mem, sums + 2 * first + 1)),
    )
    return high, low, last - first


# The first, the last, the least, the greatest


@inner
def beats(function: int, rank: int, best: int) -> bool:
    """Whether a value is less than the least, or greater than the greatest."""
    return rank < best if function == LEAST else rank > best


@inner
def tree_of(net: Net, mem: Memory, number: int, header: int, function: int) -> int:
    """Where the tree of the least (or greatest) stands: a value's code for each node, the values themselves its second half."""
    which = header + (LEAST_TREE if function == LEAST else GREATEST_TREE)
    tree = get(mem, which)
    if tree >= 0:
        return tree
    count, codes = get(mem, header + COUNT), get(mem, header + CODES)
    reading = values_at(net.values, number).reading
    tree = take(mem, 2 * count)
    for place in range(count):
        put(mem, tree + count + place, get(mem, codes + place))
    for place in range(count - 1, 0, -1):
        left, right = get(mem, tree + 2 * place), get(mem, tree + 2 * place + 1)
        put(mem, tree + place, right if beats(function, rank_of(net, reading, right), rank_of(net, reading, left)) else left)
    put(mem, which, tree)
    return tree


@inner
def better(net: Net, reading: int, function: int, code: int, best: int) -> int:
    """The lesser (or greater) of two values by their codes, of which the second may be nothing yet."""
    if best < 0 or beats(function, rank_of(net, reading, code), rank_of(net, reading, best)):
        return code
    return best


@inner
def extreme_in(net: Net, mem: Memory, reading: int, tree: int, count: int, first: int, last: int, function: int) -> int:
    """The code of the least (or greatest) of some of the values of a tree."""
    best = NOTHING
    low, high = first + count, last + count
    while low < high:
        if low & 1:
            best = better(net, reading, function, get(mem, tree + low), best)
            low += 1
        if high & 1:
            high -= 1
            best = better(net, reading, function, get(mem, tree + high), best)
        low >>= 1
        high >>= 1
    return best


@inner
def value_measure(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> int:
    """The code of the first, last, least or greatest of the window's values that can be read; -1 where there is none."""
    measure = measure_at(net.measures, number)
    at, size, room, offset, _ = measured_stream(net, log, mem, contact, number, trigger)
    start, end = window_range(net, log, mem, contact, number, trigger, at, size, room)
    if end <= start:
        return NOTHING
    function = measure.function
    is_extreme = function == LEAST or function == GREATEST
    if is_scanned(net, number, start, end):
        best = NOTHING
        for step in range(end - start):
            # The last is looked for from behind.
            place = start + step if function != LAST else end - 1 - step
            slot = get(mem, at + place)
            code = code_at(net, log, mem, contact, slot, measure.column)
            if rank_of(net, measure.reading, code) < 0 or not is_measured(net, log, mem, contact, measure.pair, slot, trigger):
                continue
            if not is_extreme:
                return code
            best = better(net, measure.reading, function, code, best)
        return best
    header = values_of(net, log, mem, contact, measure.values)
    first, last = values_range(mem, header, offset, start, end)
    if first == last:
        return NOTHING
    codes = get(mem, header + CODES)
    if function == FIRST:
        return get(mem, codes + first)
    if not is_extreme:
        return get(mem, codes + last - 1)
    tree = tree_of(net, mem, measure.values, header, function)
    return extreme_in(net, mem, measure.reading, tree, get(mem, header + COUNT), first, last, function)


# Distinct values


@inner
def kinds_of(net: Net, log: Log, mem: Memory, contact: Contact, number: int, header: int) -> int:
    """Where the kinds of values stand: equal texts of one group have the same number, others have others."""
    kinds = get(mem, header + KINDS)
    if kinds >= 0:
        return kinds
    node = values_at(net.values, number)
    count, codes = get(mem, header + COUNT), get(mem, header + CODES)
    kinds = take(mem, count)
    positions = get(mem, header + POSITIONS)
    found = 0
    groups = 1
    starts = 0
    if node.group >= 0:
        grouped = group_stream(net, log, mem, contact, node.group)
        groups, starts = get(mem, grouped + GROUPS), get(mem, grouped + STARTS)
    for group in range(groups):
        first, last = 0, count
        if node.group >= 0:
            first = get(mem, positions + get(mem, starts + group))
            last = get(mem, positions + get(mem, starts + group + 1))
        scan = next_scan(mem)
        for place in range(first, last):
            rank = rank_of(net, node.reading, get(mem, codes + place))
            if long_at(mem.seen_stamp, rank) != scan:
                set_long(mem.seen_stamp, rank, scan)
                set_long(mem.seen_at, rank, found)
                found += 1
            put(mem, kinds + place, long_at(mem.seen_at, rank))
    put(mem, header + KINDS, kinds)
    put(mem, header + KIND_COUNT, found)
    return kinds


@inner
def distinct_scanned(
    net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger, at: int, start: int, end: int
) -> int:
    """How many different texts a range has, by looking through it."""
    measure = measure_at(net.measures, number)
    scan = next_scan(mem)
    count = 0
    for place in range(start, end):
        slot = get(mem, at + place)
        rank = rank_of(net, measure.reading, code_at(net, log, mem, contact, slot, measure.column))
        if rank < 0 or long_at(mem.seen_stamp, rank) == scan:
            continue
        if is_measured(net, log, mem, contact, measure.pair, slot, trigger):
            set_long(mem.seen_stamp, rank, scan)
            count += 1
    return count


@inner
def distinct_counts(net: Net, log: Log, mem: Memory, contact: Contact, number: int, header: int) -> int:
    """Where a measure's counts stand, made once for a contact: for each group where its window begins and ends and how many texts it
    has; then how often each kind is in its group's window."""
    if int_at(mem.distinct_stamp, number) == contact.stamp:
        return long_at(mem.distinct_at, number)
    group = measure_at(net.measures, number).group
    groups = 1 if group < 0 else get(mem, group_stream(net, log, mem, contact, group) + GROUPS)
    size = 3 * groups + get(mem, header + KIND_COUNT)
    counts = take(mem, size)
    for place in range(size):
        put(mem, counts + place, -1 if place < 3 * groups else 0)
    set_int(mem.distinct_stamp, number, contact.stamp)
    set_long(mem.distinct_at, number, counts)
    set_long(mem.distinct_groups, number, groups)
    return counts


@inner
def distinct_measure(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> int:
    """How many different texts the window's values have."""
    measure = measure_at(net.measures, number)
    at, size, room, offset, group = measured_stream(net, log, mem, contact, number, trigger)
    start, end = window_range(net, log, mem, contact, number, trigger, at, size, room)
    if end <= start:
        return 0
    # An end of the window that depends on the trigger may move back, and so may not be counted along.
    if is_scanned(net, number, start, end) or measure.last_pair >= 0 or measure.last_group >= 0:
        return distinct_scanned(net, log, mem, contact, number, trigger, at, start, end)
    header = values_of(net, log, mem, contact, measure.values)
    kinds = kinds_of(net, log, mem, contact, measure.values, header)
    first, last = values_range(mem, header, offset, start, end)
    counts = distinct_counts(net, log, mem, contact, number, header)
    state = counts + 3 * group
    counts += 3 * long_at(mem.distinct_groups, number)
    low, high, found = get(mem, state), get(mem, state + 1), get(mem, state + 2)
    if low < 0:
        low, high, found = first, first, 0
    while high < last:
        kind = counts + get(mem, kinds + high)
        found += get(mem, kind) == 0
        put(mem, kind, get(mem, kind) + 1)
        high += 1
    while low < first:
        kind = counts + get(mem, kinds + low)
        put(mem, kind, get(mem, kind) - 1)
        found -= get(mem, kind) == 0
        low += 1
    put(mem, state, low)
    put(mem, state + 1, high)
    put(mem, state + 2, found)
    return found
