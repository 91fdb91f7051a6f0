"""Places: when something of a contact happened, and before and after what. Events, and what is made: entries, absences and moments."""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import int_at, long_at, set_int, set_long
from triggerlang.engines.columnar.layout import MADE_ROOM, NOTHING, ORDERS, Contact, Log, Memory
from triggerlang.machine.kernels import inner


@inner
def order_of(mem: Memory, contact: Contact, slot: int) -> int:
    """The place of something among all of its contact."""
    return slot * ORDERS if slot < contact.size else long_at(mem.made_order, slot - contact.size)


@inner
def time_of(log: Log, mem: Memory, contact: Contact, slot: int) -> int:
    """When something happened."""
    return long_at(log.time, contact.first + slot) if slot < contact.size else long_at(mem.made_time, slot - contact.size)


@inner
def origin_of(mem: Memory, contact: Contact, slot: int) -> int:
    """The event of the log that something goes back to."""
    return slot if slot < contact.size else int_at(mem.made_origin, slot - contact.size)


@inner
def source_of(mem: Memory, contact: Contact, slot: int) -> int:
    """The event, or entry, that an absence or a moment was waited for after; -1 of anything else."""
    return NOTHING if slot < contact.size else int_at(mem.made_source, slot - contact.size)


@inner
def make(mem: Memory, contact: Contact, automation: int, source: int, time: int, origin: int) -> int:
    """Make an entry into an automation, or an absence or moment of a source; its place is not given yet. Returns its number."""
    made = mem.made
    if made == mem.made_room:
        raise MemoryError(MADE_ROOM)
    set_int(mem.made_automation, made, automation)
    set_int(mem.made_source, made, source)
    set_int(mem.made_origin, made, origin)
    set_int(mem.made_lineage, made, NOTHING)
    set_long(mem.made_time, made, time)
    mem.made = made + 1
    return int(made)


@inner
def next_order(mem: Memory) -> int:
    """The place after all that were given."""
    mem.order += 1
    return int(mem.order)


@inner
def first_at(log: Log, mem: Memory, contact: Contact, at: int, size: int, time: int) -> int:
    """How many of a stream's first occurrences were before a time."""
    low, high = 0, size
    while low < high:
        middle = (low + high) >> 1
        if time_of(log, mem, contact, long_at(mem.arena, at + middle)) < time:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def first_after(mem: Memory, contact: Contact, at: int, size: int, order: int) -> int:
    """How many of a stream's first occurrences stand at a place or before it."""
    low, high = 0, size
    while low < high:
        middle = (low + high) >> 1
        if order_of(mem, contact, long_at(mem.arena, at + middle)) <= order:
            low = middle + 1
        else:
            high = middle
    return low
