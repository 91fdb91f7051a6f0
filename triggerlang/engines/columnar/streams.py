"""Streams: the alpha memories. What of a contact each pattern matches, and where each chain happens, as slots in order, up to the
trigger at hand.

A stream that only events of the log make is laid out whole at first, and grows over what is laid out as triggers come; a live one, which
entries may match or which is waited for, is filled in as they come. One whose first events must have the trigger's texts holds an
occurrence once for each of these that differ.
"""

from __future__ import annotations

from typing import Any

from triggerlang.engines.columnar.addresses import int_at, long_at, set_int, set_long
from triggerlang.engines.columnar.layout import ARENA, EMITTED_ROOM, Contact, Memory, Net, pattern_at, stream_at
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
def emit(mem: Memory, slot: int, pattern: int, first: int) -> None:
    """Something happens: where, of which pattern, and from which first event on."""
    at = mem.emitted
    if at == mem.emitted_room:
        raise MemoryError(EMITTED_ROOM)
    set_int(mem.emitted_slot, at, slot)
    set_int(mem.emitted_pattern, at, pattern)
    set_int(mem.emitted_first, at, first)
    mem.emitted = at + 1


@inner
def gather(mem: Memory) -> None:
    """Put what was emitted side by side for each pattern, where that is not so (by insertion: an event seldom meets a step twice)."""
    if mem.is_scattered == 0:
        return
    mem.is_scattered = 0
    for number in range(1, mem.emitted):
        slot, pattern = int_at(mem.emitted_slot, number), int_at(mem.emitted_pattern, number)
        first = int_at(mem.emitted_first, number)
        at = number
        while at > 0 and int_at(mem.emitted_pattern, at - 1) > pattern:
            set_int(mem.emitted_slot, at, int_at(mem.emitted_slot, at - 1))
            set_int(mem.emitted_pattern, at, int_at(mem.emitted_pattern, at - 1))
            set_int(mem.emitted_first, at, int_at(mem.emitted_first, at - 1))
            at -= 1
        set_int(mem.emitted_slot, at, slot)
        set_int(mem.emitted_pattern, at, pattern)
        set_int(mem.emitted_first, at, first)


@inner
def stream_of(mem: Memory, contact: Contact, pattern: int) -> Any:
    """A pattern's stream, which is made empty if it was not seen with this contact."""
    stream = stream_at(mem.streams, pattern)
    if stream.stamp != contact.stamp:
        stream.stamp = contact.stamp
        stream.size = 0
        stream.room = 0
        stream.at = 0
        stream.firsts = 0
    return stream


@inner
def lay_out(net: Net, mem: Memory, contact: Contact, count: int, touched: int) -> None:
    """Lay out a stream for each pattern that was touched; the contact has so many matches."""
    for number in range(touched):
        pattern = int_at(mem.touched, number)
        node = pattern_at(net.patterns, pattern)
        stream = stream_at(mem.streams, pattern)
        stream.at = take(mem, stream.room)
        if node.is_live:
            for place in range(stream.room):
                put(mem, stream.at + place, -1)
        if node.is_keyed:
            stream.firsts = take(mem, stream.room)
    for number in range(count):
        pattern = int_at(mem.match_pattern, number)
        node = pattern_at(net.patterns, pattern)
        if node.is_live == 0:
            stream = stream_at(mem.streams, pattern)
            put(mem, stream.at + stream.size, int_at(mem.match_slot, number))
            if node.is_keyed:
                put(mem, stream.firsts + stream.size, int_at(mem.match_first, number))
            stream.size += 1
    for number in range(touched):
        stream_at(mem.streams, int_at(mem.touched, number)).size = 0


@inner
def moved(mem: Memory, at: int, size: int, room: int) -> int:
    """What stands somewhere in the arena, where there is more room."""
    to = take(mem, room)
    for number in range(size):
        put(mem, to + number, get(mem, at + number))
    for number in range(size, room):
        put(mem, to + number, -1)
    return to


@inner
def announce(net: Net, mem: Memory, contact: Contact, pattern: int, slot: int, first: int, behind: int) -> None:
    """Put an occurrence behind a live stream, after others of the same trigger: it is not yet before the trigger."""
    stream = stream_of(mem, contact, pattern)
    place = stream.size + behind
    if place == stream.room:
        room = 4 if place == 0 else 2 * place
        stream.at = moved(mem, stream.at, place, room)
        if pattern_at(net.patterns, pattern).is_keyed:
            stream.firsts = moved(mem, stream.firsts, place, room)
        stream.room = room
    put(mem, stream.at + place, slot)
    if pattern_at(net.patterns, pattern).is_keyed:
        put(mem, stream.firsts + place, first)


@inner
def advance(mem: Memory, pattern: int) -> None:
    """The occurrence that stands behind a stream now belongs to it."""
    stream_at(mem.streams, pattern).size += 1


@inner
def stream_start(mem: Memory, pattern: int) -> int:
    """Where a stream stands in the arena, if there is one of this contact."""
    return int(stream_at(mem.streams, pattern).at)


@inner
def firsts_start(mem: Memory, pattern: int) -> int:
    """Where the first events of a stream stand."""
    return int(stream_at(mem.streams, pattern).firsts)


@inner
def stream_size(mem: Memory, contact: Contact, pattern: int) -> int:
    """How many occurrences before the trigger a pattern has."""
    stream = stream_at(mem.streams, pattern)
    return int(stream.size) if stream.stamp == contact.stamp else 0


@inner
def laid_out(mem: Memory, contact: Contact, pattern: int) -> int:
    """How many events of the log a pattern matches in all; of a live one, how many there is room for."""
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


@inner
def lacks(mem: Memory, contact: Contact, pattern: int) -> bool:
    """Whether a contact has no event of a pattern, if there is one to have."""
    return pattern >= 0 and stream_at(mem.streams, pattern).stamp != contact.stamp
