"""Streams beside a trigger: all that a pattern has before it, or what of that has the trigger's texts."""

from __future__ import annotations

from triggerlang.engines.columnar.grouping import group_of_trigger, group_stream
from triggerlang.engines.columnar.layout import SLOTS, STARTS, Contact, Log, Memory, Net, Trigger, pattern_at
from triggerlang.engines.columnar.live import live_list
from triggerlang.engines.columnar.streams import first_from, get, laid_out, stream_size, stream_start
from triggerlang.machine.kernels import inner

Stream = tuple[int, int, int, int, int]
"""Where a stream stands in the arena, how many of its occurrences stand before the trigger, how many there is room for, where it begins in
the whole that it is a part of, and the number of its group."""


@inner
def stream_for(net: Net, log: Log, mem: Memory, contact: Contact, pattern: int, group: int, slot: int, limit: int) -> Stream:
    """A pattern's stream, or the part of it that has the texts of the trigger, by its slot.

    `limit` is the first slot of the log's events that does not stand before the present place.
    """
    if group < 0:
        return stream_start(mem, pattern), stream_size(mem, contact, pattern), laid_out(mem, contact, pattern), 0, 0
    if pattern_at(net.patterns, pattern).is_live:
        at, room = live_list(net, log, mem, contact, group, slot)
        is_in = room > 0 and get(mem, at + room - 1) == slot
        return at, room - is_in, room, 0, 0
    header = group_stream(net, log, mem, contact, group)
    number = group_of_trigger(net, log, mem, contact, group, header, slot)
    if number < 0:
        return 0, 0, 0, 0, 0
    starts = get(mem, header + STARTS)
    start, end = get(mem, starts + number), get(mem, starts + number + 1)
    at = get(mem, header + SLOTS) + start
    return at, first_from(mem, at, end - start, limit), end - start, start, number


@inner
def at_trigger(mem: Memory, at: int, size: int, room: int, trigger: Trigger) -> int:
    """How many of a stream's occurrences are the trigger itself."""
    end = size
    while end < room and get(mem, at + end) == trigger.slot:
        end += 1
    return end - size
