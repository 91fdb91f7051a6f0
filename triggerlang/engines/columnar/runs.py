"""Runs: how often a contact may enter, for a rule or for all rules of an automation."""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import int_at, long_at, set_int, set_long
from triggerlang.engines.columnar.grouping import mixed, text_at
from triggerlang.engines.columnar.layout import AT_MOST_PER, AT_MOST_TIMES, ONCE_PER, PER_ROOM, Contact, Log, Memory, Net, Trigger, limit_at
from triggerlang.engines.columnar.streams import get, put, take
from triggerlang.machine.kernels import inner


@inner
def entered(mem: Memory, contact: Contact, number: int) -> int:
    """How many entries of a contact a limit has counted."""
    return int_at(mem.limit_count, number) if int_at(mem.limit_stamp, number) == contact.stamp else 0


@inner
def is_used_up(net: Net, mem: Memory, contact: Contact, number: int) -> bool:
    """Whether a contact can never enter under a limit again."""
    limit = limit_at(net.limits, number)
    return limit.kind == AT_MOST_TIMES and entered(mem, contact, number) >= limit.number


@inner
def seen_place(mem: Memory, contact: Contact, number: int, text: int) -> int:
    """Where a text of `once per` stands among those that were seen, or the free place where it belongs."""
    mask = mem.per_room - 1
    place = mixed(number * 1_000_003 + text) & mask
    while int_at(mem.per_stamp, place) == contact.stamp:
        if int_at(mem.per_limit, place) == number and int_at(mem.per_text, place) == text:
            break
        place = (place + 1) & mask
    return place


@inner
def allows(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> bool:
    """Whether a limit, if there is one, allows an entry at a trigger."""
    if number < 0:
        return True
    limit = limit_at(net.limits, number)
    if limit.kind == ONCE_PER:
        text = text_at(net, log, mem, contact, trigger.slot, limit.column)
        return text >= 0 and int_at(mem.per_stamp, seen_place(mem, contact, number, text)) != contact.stamp
    count = entered(mem, contact, number)
    if limit.kind == AT_MOST_TIMES or count < limit.number:
        return count < limit.number
    oldest = long_at(mem.limit_time, number)
    if limit.number > 1:
        oldest = get(mem, long_at(mem.limit_at, number) + count - limit.number)
    return limit.number > 0 and oldest <= trigger.time - limit.width


@inner
def remember(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> None:
    """Remember an entry that happens, where there is a limit."""
    if number < 0:
        return
    limit = limit_at(net.limits, number)
    if limit.kind == ONCE_PER:
        remember_text(net, log, mem, contact, number, trigger)
        return
    count = entered(mem, contact, number)
    if count == 0:
        set_int(mem.limit_stamp, number, contact.stamp)
        set_int(mem.limit_room, number, 0)
    set_int(mem.limit_count, number, count + 1)
    set_long(mem.limit_time, number, trigger.time)
    if limit.kind == AT_MOST_PER and limit.number > 1:
        remember_time(mem, number, count, trigger)


@inner
def remember_text(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> None:
    """Remember the text of an entry that happens `once per` it."""
    if 2 * mem.per >= mem.per_room:
        raise MemoryError(PER_ROOM)
    text = text_at(net, log, mem, contact, trigger.slot, limit_at(net.limits, number).column)
    place = seen_place(mem, contact, number, text)
    set_int(mem.per_stamp, place, contact.stamp)
    set_int(mem.per_limit, place, number)
    set_int(mem.per_text, place, text)
    mem.per += 1


@inner
def remember_time(mem: Memory, number: int, count: int, trigger: Trigger) -> None:
    """Remember when an entry happened, after as many before it."""
    if count == int_at(mem.limit_room, number):
        room = 4 if count == 0 else 2 * count
        at = take(mem, room)
        for place in range(count):
            put(mem, at + place, get(mem, long_at(mem.limit_at, number) + place))
        set_long(mem.limit_at, number, at)
        set_int(mem.limit_room, number, room)
    put(mem, long_at(mem.limit_at, number) + count, trigger.time)
