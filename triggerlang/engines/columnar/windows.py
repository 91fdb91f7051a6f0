"""Windows: which range of a stream a measure is over, for a trigger.

Both ends of a range move forward from trigger to trigger, except where `since last` compares with the trigger.
"""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import long_at
from triggerlang.engines.columnar.grouping import group_of_trigger, group_stream, is_of_group
from triggerlang.engines.columnar.layout import (
    AFTER_LAST,
    FIXED,
    ORDERS,
    SLIDING,
    SLOTS,
    STARTS,
    WHOLE,
    Contact,
    Log,
    Memory,
    Net,
    Trigger,
    measure_at,
    pattern_at,
)
from triggerlang.engines.columnar.programs import event_passes
from triggerlang.engines.columnar.streams import first_from, get, is_trigger, stream_size, stream_start
from triggerlang.machine.kernels import inner

Stream = tuple[int, int, int, int]
"""Where a stream stands in the arena, how many of its events stand before the trigger, where it begins in the whole that it is a part
of, and the number of its group."""


@inner
def stream_for(net: Net, log: Log, mem: Memory, contact: Contact, pattern: int, group: int, trigger: Trigger) -> Stream:
    """A pattern's stream, or the part of it that has the trigger's texts."""
    if group < 0:
        size = stream_size(mem, contact, pattern)
        return stream_start(mem, pattern), size, 0, 0
    header = group_stream(net, log, mem, contact, group)
    number = group_of_trigger(net, log, mem, contact, group, header, trigger.slot)
    if number < 0:
        return 0, 0, 0, 0
    starts = get(mem, header + STARTS)
    start, end = get(mem, starts + number), get(mem, starts + number + 1)
    at = get(mem, header + SLOTS) + start
    return at, first_from(mem, at, end - start, trigger.limit), start, number


@inner
def order_of(mem: Memory, contact: Contact, slot: int) -> int:
    """The place of an event, or of an entry, among all of its contact."""
    return slot * ORDERS if slot < contact.size else long_at(mem.entry_order, slot - contact.size)


@inner
def time_of(log: Log, mem: Memory, contact: Contact, slot: int) -> int:
    """When an event, or an entry, happened."""
    event = slot if slot < contact.size else long_at(mem.entry_order, slot - contact.size) // ORDERS
    return long_at(log.time, contact.first + event)


@inner
def first_at(log: Log, mem: Memory, contact: Contact, at: int, size: int, time: int) -> int:
    """How many of a stream's first events happened before a time."""
    low, high = 0, size
    while low < high:
        middle = (low + high) >> 1
        if time_of(log, mem, contact, get(mem, at + middle)) < time:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def first_after(mem: Memory, contact: Contact, at: int, size: int, order: int) -> int:
    """How many of a stream's first events stand at a place or before it."""
    low, high = 0, size
    while low < high:
        middle = (low + high) >> 1
        if order_of(mem, contact, get(mem, at + middle)) <= order:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def last_place(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> int:
    """The place of the last event before the trigger that a measure's window begins after, -1 where there is none."""
    measure = measure_at(net.measures, number)
    at, count, _, _ = stream_for(net, log, mem, contact, measure.last_pattern, measure.last_group, trigger)
    while count > 0:
        slot = get(mem, at + count - 1)
        if measure.last_pair < 0 or event_passes(net, log, mem, contact, measure.last_pair, slot, trigger.slot):
            return order_of(mem, contact, slot)
        count -= 1
    return -1


@inner
def includes_trigger(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> bool:
    """Whether the trigger itself belongs to a measure's stream."""
    measure = measure_at(net.measures, number)
    if not is_trigger(mem, contact, measure.pattern, trigger.slot):
        return False
    slot = trigger.slot
    return measure.group < 0 or is_of_group(net, log, mem, contact, measure.group, slot, slot, True)


@inner
def window_range(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger, at: int, size: int) -> tuple[int, int]:
    """The first event of a stream in a measure's window, and the first after it."""
    measure = measure_at(net.measures, number)
    end = size
    if measure.so_far and includes_trigger(net, log, mem, contact, number, trigger):
        end += 1
    start = 0
    if end > 0 and measure.window != WHOLE:
        if measure.window == SLIDING:
            start = first_at(log, mem, contact, at, end, trigger.time - measure.width)
        elif measure.window == FIXED:
            end = first_at(log, mem, contact, at, end, measure.end)
            start = first_at(log, mem, contact, at, end, measure.start)
        elif measure.window == AFTER_LAST:
            place = last_place(net, log, mem, contact, number, trigger)
            if place >= 0:
                start = first_after(mem, contact, at, end, place)
    return start, end


@inner
def is_dynamic(net: Net, pattern: int) -> bool:
    """Whether entries may match a pattern."""
    return pattern_at(net.patterns, pattern).is_dynamic != 0
