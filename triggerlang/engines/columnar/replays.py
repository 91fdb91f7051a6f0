"""Replays: a chain anew beside a trigger, over all events that may meet its steps, where it asks more of the trigger than equal texts."""

from __future__ import annotations

from typing import Any

from triggerlang.engines.columnar.addresses import int_at
from triggerlang.engines.columnar.breaking import is_broken_beside
from triggerlang.engines.columnar.chains import follow
from triggerlang.engines.columnar.layout import (
    NEVER,
    NOTHING,
    SLIDING,
    Contact,
    Log,
    Memory,
    Net,
    Trigger,
    buffer_at,
    measure_at,
    replay_at,
    role_at,
)
from triggerlang.engines.columnar.places import first_at, order_of, source_of, time_of
from triggerlang.engines.columnar.programs import event_passes
from triggerlang.engines.columnar.streams import get, is_trigger, moved, next_scan, put, stream_size, stream_start, take
from triggerlang.machine.kernels import inner


@inner
def buffer_of(net: Net, mem: Memory, contact: Contact, number: int) -> Any:
    """A replay's own room in the arena."""
    buffer = buffer_at(mem.buffers, number)
    if buffer.owner != contact.stamp:
        buffer.owner = contact.stamp
        replay = replay_at(net.replays, number)
        buffer.cursors = take(mem, replay.end_source - replay.first_source)
        buffer.room = 8
        buffer.found = take(mem, 8)
    return buffer


@inner
def source_end(mem: Memory, contact: Contact, pattern: int, trigger: Trigger) -> int:
    """How many occurrences of a pattern there are up to the trigger, that included."""
    return stream_size(mem, contact, pattern) + is_trigger(mem, contact, pattern, trigger.slot)


@inner
def next_slot(net: Net, mem: Memory, contact: Contact, number: int, cursors: int, trigger: Trigger) -> int:
    """The slot of what stands next in any of a replay's streams, of which all are moved past it; -1 at the end."""
    replay = replay_at(net.replays, number)
    found, place = NOTHING, 0
    for source in range(replay.first_source, replay.end_source):
        pattern = int_at(net.sources, source)
        cursor = get(mem, cursors + source - replay.first_source)
        if cursor < source_end(mem, contact, pattern, trigger):
            slot = get(mem, stream_start(mem, pattern) + cursor)
            order = order_of(mem, contact, slot)
            if found < 0 or order < place:
                found, place = slot, order
    for source in range(replay.first_source, replay.end_source):
        pattern = int_at(net.sources, source)
        at = cursors + source - replay.first_source
        cursor = get(mem, at)
        if cursor < source_end(mem, contact, pattern, trigger) and get(mem, stream_start(mem, pattern) + cursor) == found:
            put(mem, at, cursor + 1)
    return found


@inner
def comes_about(net: Net, log: Log, mem: Memory, contact: Contact, wait: int, slot: int, emitted: int, trigger: Trigger) -> int:
    """How many of the events that were reached are done with after an absence, by its slot: less than none if it does not come about."""
    source = source_of(mem, contact, slot)
    after = order_of(mem, contact, source)
    while emitted < mem.emitted and order_of(mem, contact, int_at(mem.emitted_slot, emitted)) < after:
        emitted += 1
    comes = False
    while emitted < mem.emitted and int_at(mem.emitted_slot, emitted) == source:
        if not comes:
            first = int_at(mem.emitted_first, emitted)
            comes = not is_broken_beside(net, log, mem, contact, wait, slot, source, first, trigger.slot)
        emitted += 1
    return emitted if comes else -1 - emitted


@inner
def replayed(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> tuple[int, int, int]:
    """Where in the arena it stands where a measure's chain happens, how often it does before the trigger, and up to it."""
    measure = measure_at(net.measures, number)
    replay = replay_at(net.replays, measure.replay)
    buffer = buffer_of(net, mem, contact, measure.replay)
    oldest = trigger.time - measure.width - replay.reach if measure.window == SLIDING and replay.reach >= 0 else NEVER
    for source in range(replay.first_source, replay.end_source):
        pattern = int_at(net.sources, source)
        size = source_end(mem, contact, pattern, trigger)
        start = first_at(log, mem, contact, stream_start(mem, pattern), size, oldest)
        put(mem, buffer.cursors + source - replay.first_source, start)
    stamp, before = next_scan(mem), mem.emitted
    emitted, count, earlier = before, 0, 0
    while True:
        slot = next_slot(net, mem, contact, measure.replay, buffer.cursors, trigger)
        if slot < 0:
            break
        if source_of(mem, contact, slot) >= 0:
            emitted = comes_about(net, log, mem, contact, replay.wait, slot, emitted, trigger)
            happens = emitted >= 0
            if emitted < 0:
                emitted = -1 - emitted
        else:
            event, time = next_scan(mem), time_of(log, mem, contact, slot)
            for role in range(replay.first_role, replay.end_role):
                if event_passes(net, log, mem, contact, role_at(net.roles, role).filter, slot, trigger.slot):
                    follow(net, log, mem, contact, role, slot, time, stamp, event)
            happens = replay.wait < 0 and mem.emitted > before
            if replay.wait < 0:
                mem.emitted = before
        if happens:
            if count == buffer.room:
                buffer.found = moved(mem, buffer.found, count, 2 * count)
                buffer.room = 2 * count
            put(mem, buffer.found + count, slot)
            count += 1
            earlier += slot != trigger.slot
    mem.emitted = before
    return int(buffer.found), earlier, count
