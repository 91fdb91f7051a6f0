"""Replays: a chain anew beside a trigger, over all events that may meet its steps, where it asks more of the trigger than equal texts."""

from __future__ import annotations

from typing import Any

from triggerlang.engines.columnar.addresses import int_at
from triggerlang.engines.columnar.beside import at_trigger, stream_for
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
    chain_at,
    layer_at,
    measure_at,
    replay_at,
    role_at,
    wait_at,
)
from triggerlang.engines.columnar.places import first_after, first_at, order_of, source_of, time_of
from triggerlang.engines.columnar.programs import event_passes
from triggerlang.engines.columnar.streams import get, is_trigger, moved, next_scan, put, stream_size, stream_start, take
from triggerlang.machine.kernels import inner

# Of each stream that a replay goes through: where it stands in the arena, where it ends, and how far it was gone through
AT, END, CURSOR = range(3)
SOURCE = 3


@inner
def buffer_of(net: Net, mem: Memory, contact: Contact, number: int) -> Any:
    """A replay's own room in the arena."""
    buffer = buffer_at(mem.buffers, number)
    if buffer.owner != contact.stamp:
        buffer.owner = contact.stamp
        replay = replay_at(net.replays, number)
        buffer.sources = take(mem, SOURCE * (replay.end_source - replay.first_source))
        buffer.room = 8
        buffer.found = take(mem, 8)
    return buffer


@inner
def begin(net: Net, log: Log, mem: Memory, contact: Contact, number: int, oldest: int, trigger: Trigger) -> None:
    """Set a replay to the events from some time on, up to the trigger, that included."""
    replay = replay_at(net.replays, number)
    for source in range(replay.first_source, replay.end_source):
        pattern = int_at(net.sources, source)
        at, end = stream_start(mem, pattern), stream_size(mem, contact, pattern) + is_trigger(mem, contact, pattern, trigger.slot)
        if source == replay.first_source and replay.first_group >= 0:
            at, size, room, _, _ = stream_for(net, log, mem, contact, pattern, replay.first_group, trigger.slot, trigger.limit)
            end = size + at_trigger(mem, at, size, room, trigger)
        held = buffer_at(mem.buffers, number).sources + SOURCE * (source - replay.first_source)
        put(mem, held + AT, at)
        put(mem, held + END, end)
        put(mem, held + CURSOR, first_at(log, mem, contact, at, end, oldest))


@inner
def next_slot(net: Net, mem: Memory, contact: Contact, number: int) -> int:
    """The slot of what stands next in any of a replay's streams, of which all are moved past it; -1 at the end."""
    replay, sources = replay_at(net.replays, number), buffer_at(mem.buffers, number).sources
    found, place = NOTHING, 0
    for source in range(replay.end_source - replay.first_source):
        held = sources + SOURCE * source
        cursor = get(mem, held + CURSOR)
        if cursor < get(mem, held + END):
            slot = get(mem, get(mem, held + AT) + cursor)
            order = order_of(mem, contact, slot)
            if found < 0 or order < place:
                found, place = slot, order
    for source in range(replay.end_source - replay.first_source):
        held = sources + SOURCE * source
        cursor = get(mem, held + CURSOR)
        if cursor < get(mem, held + END) and get(mem, get(mem, held + AT) + cursor) == found:
            put(mem, held + CURSOR, cursor + 1)
    return found


@inner
def skip(net: Net, mem: Memory, contact: Contact, number: int) -> None:
    """Nothing but a first event matters from here on: all streams are moved up to the next, or to their ends."""
    replay, sources = replay_at(net.replays, number), buffer_at(mem.buffers, number).sources
    first = get(mem, sources + CURSOR)
    is_there = first < get(mem, sources + END)
    before = order_of(mem, contact, get(mem, get(mem, sources + AT) + first)) - 1 if is_there else 0
    for source in range(1, replay.end_source - replay.first_source):
        held = sources + SOURCE * source
        end = get(mem, held + END)
        place = first_after(mem, contact, get(mem, held + AT), end, before) if is_there else end
        put(mem, held + CURSOR, max(get(mem, held + CURSOR), place))


@inner
def alive_until(net: Net, number: int, role: int, time: int) -> int:
    """Up to when anything can follow an event that plays a role, or an absence after it comes."""
    step, replay = role_at(net.roles, role).step, replay_at(net.replays, number)
    chain = chain_at(net.chains, replay.chain)
    if step == chain.last:
        return NEVER if replay.wait < 0 else time + wait_at(net.waits, replay.wait).shift
    within = layer_at(net.layers, chain.first_layer + step).within
    return -NEVER if within < 0 else time + within


@inner
def play(net: Net, log: Log, mem: Memory, contact: Contact, number: int, slot: int, stamp: int, alive: int, trigger: Trigger) -> int:
    """An event plays its roles in a replay; up to when anything can follow then. Where nothing can follow any more, only a first event does
    anything."""
    replay = replay_at(net.replays, number)
    event, time = next_scan(mem), time_of(log, mem, contact, slot)
    is_over = replay.first_group >= 0 and time > alive
    for role in range(replay.first_role, replay.end_role):
        if is_over and role_at(net.roles, role).step > 0:
            continue
        if event_passes(net, log, mem, contact, role_at(net.roles, role).filter, slot, trigger.slot):
            follow(net, log, mem, contact, role, slot, time, stamp, event)
            alive = max(alive, alive_until(net, number, role, time))
    if replay.first_group >= 0 and time > alive:
        skip(net, mem, contact, number)
    return alive


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
    is_bounded = measure.window == SLIDING and replay.reach >= 0
    begin(net, log, mem, contact, measure.replay, trigger.time - measure.width - replay.reach if is_bounded else NEVER, trigger)
    stamp, before, alive = next_scan(mem), mem.emitted, NEVER
    emitted, count, earlier = before, 0, 0
    while True:
        slot = next_slot(net, mem, contact, measure.replay)
        if slot < 0:
            break
        if source_of(mem, contact, slot) >= 0:
            emitted = comes_about(net, log, mem, contact, replay.wait, slot, emitted, trigger)
            happens = emitted >= 0
            if emitted < 0:
                emitted = -1 - emitted
        else:
            alive = play(net, log, mem, contact, measure.replay, slot, stamp, alive, trigger)
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
