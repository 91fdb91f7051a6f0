"""Windows: which range of a stream a measure is over, for a trigger.

Both ends of a range move forward from trigger to trigger, except where `since last` compares with the trigger.
"""

from __future__ import annotations

from triggerlang.engines.columnar.beside import Stream, at_trigger, stream_for
from triggerlang.engines.columnar.layout import AFTER_LAST, FIXED, SLIDING, WHOLE, Contact, Log, Memory, Net, Trigger, measure_at
from triggerlang.engines.columnar.places import first_after, first_at, order_of
from triggerlang.engines.columnar.programs import event_passes
from triggerlang.engines.columnar.replays import replayed
from triggerlang.engines.columnar.streams import get
from triggerlang.machine.kernels import inner


@inner
def measured_stream(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> Stream:
    """The stream that a measure is over."""
    measure = measure_at(net.measures, number)
    if measure.replay < 0:
        return stream_for(net, log, mem, contact, measure.pattern, measure.group, trigger.slot, trigger.limit)
    at, size, room = replayed(net, log, mem, contact, number, trigger)
    return at, size, room, 0, 0


@inner
def last_place(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> int:
    """The place of the last event before the trigger that a measure's window begins after, -1 where there is none."""
    measure = measure_at(net.measures, number)
    at, count, _, _, _ = stream_for(net, log, mem, contact, measure.last_pattern, measure.last_group, trigger.slot, trigger.limit)
    while count > 0:
        slot = get(mem, at + count - 1)
        if measure.last_pair < 0 or event_passes(net, log, mem, contact, measure.last_pair, slot, trigger.slot):
            return order_of(mem, contact, slot)
        count -= 1
    return -1


@inner
def window_range(
    net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger, at: int, size: int, room: int
) -> tuple[int, int]:
    """The first occurrence of a stream in a measure's window, and the first after it."""
    measure = measure_at(net.measures, number)
    end = size
    if measure.so_far:
        end += at_trigger(mem, at, size, room, trigger)
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
