"""Streams: the alpha memories. Which of a contact's events each pattern matches, as slots in order, up to the trigger at hand.

A stream of events of the log is laid out whole at first, and grows over what is laid out as triggers come; one that entries may match
too is filled in as they come.
"""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import int_at, long_at, set_int, set_long
from triggerlang.engines.columnar.layout import ARENA, MATCH_ROOM, Contact, Log, Memory, Net, candidate_at, pattern_at
from triggerlang.engines.columnar.programs import event_passes
from triggerlang.machine.kernels import inner


@inner
def take(mem: Memory, size: int) -> int:
    """Room for so many numbers in the arena, until the next contact: the index of the first."""
    at = mem.top
    if at + size > mem.arena_room:
        raise MemoryError(ARENA)
    mem.top = at + size
    return at


@inner
def get(mem: Memory, at: int) -> int:
    """A number of the arena."""
    return long_at(mem.arena, at)


@inner
def put(mem: Memory, at: int, number: int) -> None:
    """Write a number of the arena."""
    set_long(mem.arena, at, number)


@inner
def open_stream(mem: Memory, contact: Contact, pattern: int) -> bool:
    """Make a pattern's stream empty, if it was not seen with this contact; whether that was so."""
    if int_at(mem.stream_stamp, pattern) == contact.stamp:
        return False
    set_int(mem.stream_stamp, pattern, contact.stamp)
    set_int(mem.stream_room, pattern, 0)
    set_int(mem.stream_size, pattern, 0)
    set_long(mem.stream_at, pattern, 0)
    return True


@inner
def match_events(net: Net, log: Log, mem: Memory, contact: Contact) -> None:
    """Find the patterns that each of a contact's events matches, and lay out a stream for each pattern."""
    count = 0
    touched = 0
    room = mem.matches_room
    for slot in range(contact.size):
        key = int_at(log.key, contact.first + slot)
        for at in range(long_at(net.candidates_from, key), long_at(net.candidates_from, key + 1)):
            candidate = candidate_at(net.candidates, at)
            if candidate.filter >= 0 and not event_passes(net, log, mem, contact, candidate.filter, slot, slot):
                continue
            if count == room:
                raise MemoryError(MATCH_ROOM)
            pattern = candidate.pattern
            set_int(mem.match_slot, count, slot)
            set_int(mem.match_pattern, count, pattern)
            count += 1
            if open_stream(mem, contact, pattern):
                set_int(mem.touched, touched, pattern)
                touched += 1
            set_int(mem.stream_room, pattern, int_at(mem.stream_room, pattern) + 1)
    mem.matched = count
    at = take(mem, count)
    for number in range(touched):
        pattern = int_at(mem.touched, number)
        set_long(mem.stream_at, pattern, at)
        at += int_at(mem.stream_room, pattern)
    for number in range(count):
        pattern = int_at(mem.match_pattern, number)
        if pattern_at(net.patterns, pattern).is_dynamic == 0:
            size = int_at(mem.stream_size, pattern)
            put(mem, long_at(mem.stream_at, pattern) + size, int_at(mem.match_slot, number))
            set_int(mem.stream_size, pattern, size + 1)
    for number in range(touched):
        pattern = int_at(mem.touched, number)
        set_int(mem.stream_size, pattern, 0)
        if pattern_at(net.patterns, pattern).is_dynamic:
            for place in range(int_at(mem.stream_room, pattern)):
                put(mem, long_at(mem.stream_at, pattern) + place, -1)


@inner
def announce(mem: Memory, contact: Contact, pattern: int, slot: int) -> None:
    """Put an event behind the stream of a pattern that entries may match: it is the trigger, and not yet before it."""
    open_stream(mem, contact, pattern)
    size = int_at(mem.stream_size, pattern)
    if size == int_at(mem.stream_room, pattern):
        room = 4 if size == 0 else 2 * size
        at = take(mem, room)
        old = long_at(mem.stream_at, pattern)
        for number in range(size):
            put(mem, at + number, get(mem, old + number))
        for number in range(size, room):
            put(mem, at + number, -1)
        set_long(mem.stream_at, pattern, at)
        set_int(mem.stream_room, pattern, room)
    put(mem, long_at(mem.stream_at, pattern) + size, slot)


@inner
def advance(mem: Memory, pattern: int) -> None:
    """The event that stands behind a stream now belongs to it."""
    set_int(mem.stream_size, pattern, int_at(mem.stream_size, pattern) + 1)


@inner
def stream_size(mem: Memory, contact: Contact, pattern: int) -> int:
    """How many events before the trigger a pattern matches."""
    return int_at(mem.stream_size, pattern) if int_at(mem.stream_stamp, pattern) == contact.stamp else 0


@inner
def laid_out(mem: Memory, contact: Contact, pattern: int) -> int:
    """How many events of the log a pattern matches in all; of one that entries may match, how many there is room for."""
    return int_at(mem.stream_room, pattern) if int_at(mem.stream_stamp, pattern) == contact.stamp else 0


@inner
def is_trigger(mem: Memory, contact: Contact, pattern: int, slot: int) -> bool:
    """Whether a pattern matches the trigger."""
    if int_at(mem.stream_stamp, pattern) != contact.stamp:
        return False
    size = int_at(mem.stream_size, pattern)
    return size < int_at(mem.stream_room, pattern) and get(mem, long_at(mem.stream_at, pattern) + size) == slot


@inner
def first_from(mem: Memory, at: int, size: int, slot: int) -> int:
    """How many of a stream's events have a slot before the given one; the stream holds events of the log only."""
    low, high = 0, size
    while low < high:
        middle = (low + high) >> 1
        if get(mem, at + middle) < slot:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def next_scan(mem: Memory) -> int:
    """A stamp that nothing bears yet."""
    mem.scans += 1
    return mem.scans
