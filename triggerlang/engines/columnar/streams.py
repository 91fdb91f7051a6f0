"""Streams: the alpha memories. Which of a contact's events each pattern matches, as slots in order, up to the trigger at hand.

A stream of events of the log is laid out whole at first, and grows over what is laid out as triggers come; one that entries may match
too is filled in as they come.
"""

from __future__ import annotations

from typing import Any

from triggerlang.engines.columnar.addresses import int_at, long_at, set_int, set_long
from triggerlang.engines.columnar.layout import ARENA, MATCH_ROOM, Contact, Log, Memory, Net, candidate_at, pattern_at, stream_at
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
def stream_of(mem: Memory, contact: Contact, pattern: int) -> Any:
    """A pattern's stream, which is made empty if it was not seen with this contact."""
    stream = stream_at(mem.streams, pattern)
    if stream.stamp != contact.stamp:
        stream.stamp = contact.stamp
        stream.size = 0
        stream.room = 0
        stream.at = 0
    return stream


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
            set_int(mem.match_slot, count, slot)
            set_int(mem.match_pattern, count, candidate.pattern)
            count += 1
            stream = stream_of(mem, contact, candidate.pattern)
            if stream.room == 0:
                set_int(mem.touched, touched, candidate.pattern)
                touched += 1
            stream.room += 1
    mem.matched = count
    at = take(mem, count)
    for number in range(touched):
        pattern = int_at(mem.touched, number)
        stream = stream_at(mem.streams, pattern)
        stream.at = at
        if pattern_at(net.patterns, pattern).is_dynamic:
            for place in range(stream.room):
                put(mem, at + place, -1)
        at += stream.room
    for number in range(count):
        pattern = int_at(mem.match_pattern, number)
        if pattern_at(net.patterns, pattern).is_dynamic == 0:
            stream = stream_at(mem.streams, pattern)
            put(mem, stream.at + stream.size, int_at(mem.match_slot, number))
            stream.size += 1
    for number in range(touched):
        stream_at(mem.streams, int_at(mem.touched, number)).size = 0


@inner
def announce(mem: Memory, contact: Contact, pattern: int, slot: int) -> None:
    """Put an event behind the stream of a pattern that entries may match: it is the trigger, and not yet before it."""
    stream = stream_of(mem, contact, pattern)
    if stream.size == stream.room:
        room = 4 if stream.size == 0 else 2 * stream.size
        at = take(mem, room)
        for number in range(stream.size):
            put(mem, at + number, get(mem, stream.at + number))
        for number in range(stream.size, room):
            put(mem, at + number, -1)
        stream.at = at
        stream.room = room
    put(mem, stream.at + stream.size, slot)


@inner
def advance(mem: Memory, pattern: int) -> None:
    """The event that stands behind a stream now belongs to it."""
    stream_at(mem.streams, pattern).size += 1


@inner
def stream_start(mem: Memory, pattern: int) -> int:
    """Where a stream stands in the arena, if there is one of this contact."""
    return int(stream_at(mem.streams, pattern).at)


@inner
def stream_size(mem: Memory, contact: Contact, pattern: int) -> int:
    """How many events before the trigger a pattern matches."""
    stream = stream_at(mem.streams, pattern)
    return int(stream.size) if stream.stamp == contact.stamp else 0


@inner
def laid_out(mem: Memory, contact: Contact, pattern: int) -> int:
    """How many events of the log a pattern matches in all; of one that entries may match, how many there is room for."""
    stream = stream_at(mem.streams, pattern)
    return int(stream.room) if stream.stamp == contact.stamp else 0


@inner
def is_trigger(mem: Memory, contact: Contact, pattern: int, slot: int) -> bool:
    """Whether a pattern matches the trigger."""
    stream = stream_at(mem.streams, pattern)
    return stream.stamp == contact.stamp and stream.size < stream.room and get(mem, stream.at + stream.size) == slot


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
