"""Matching: which patterns each event of a contact matches, and which chains happen at it that only events of the log make."""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import int_at, long_at, set_int
from triggerlang.engines.columnar.chains import follow
from triggerlang.engines.columnar.layout import MATCH_ROOM, STOPPED, Contact, Log, Memory, Net, candidate_at, weaving_at
from triggerlang.engines.columnar.programs import event_passes
from triggerlang.engines.columnar.streams import gather, lay_out, next_scan, stream_of
from triggerlang.machine.kernels import inner


@inner
def add_match(mem: Memory, contact: Contact, count: int, touched: int, slot: int, pattern: int) -> int:
    """Put a match behind so many others; how many patterns were touched then."""
    if count == mem.matches_room:
        raise MemoryError(MATCH_ROOM)
    set_int(mem.match_slot, count, slot)
    set_int(mem.match_pattern, count, pattern)
    stream = stream_of(mem, contact, pattern)
    if stream.room == 0:
        set_int(mem.touched, touched, pattern)
        touched += 1
    stream.room += 1
    return touched


@inner
def match_events(net: Net, log: Log, mem: Memory, contact: Contact) -> None:
    """Find the patterns that each of a contact's events matches and the chains that happen at it, and lay out their streams."""
    count = 0
    touched = 0
    for slot in range(contact.size):
        if mem.is_stopped:
            raise MemoryError(STOPPED)
        key = int_at(log.key, contact.first + slot)
        before = count
        for at in range(long_at(net.candidates_from, key), long_at(net.candidates_from, key + 1)):
            candidate = candidate_at(net.candidates, at)
            if candidate.filter >= 0 and not event_passes(net, log, mem, contact, candidate.filter, slot, slot):
                continue
            touched = add_match(mem, contact, count, touched, slot, candidate.pattern)
            count += 1
        if net.is_woven and count > before:
            weave_matches(net, log, mem, contact, slot, before, count)
            for number in range(mem.emitted):
                touched = add_match(mem, contact, count, touched, slot, int_at(mem.emitted_pattern, number))
                set_int(mem.match_first, count, int_at(mem.emitted_first, number))
                count += 1
    mem.matched = count
    lay_out(net, mem, contact, count, touched)


@inner
def weave_matches(net: Net, log: Log, mem: Memory, contact: Contact, slot: int, before: int, end: int) -> None:
    """What an event does in the chains that only events of the log make; the patterns that it matches stand from `before` to `end`."""
    mem.emitted = 0
    time = long_at(log.time, contact.first + slot)
    event = next_scan(mem)
    for match in range(before, end):
        node = weaving_at(net.weavings, int_at(mem.match_pattern, match))
        for role in range(node.first_role, node.end_role):
            follow(net, log, mem, contact, role, slot, time, contact.stamp, event)
    gather(mem)


@inner
def weave_live(net: Net, log: Log, mem: Memory, contact: Contact, pattern: int, slot: int, time: int, event: int) -> None:
    """What an event or entry that matches a pattern does in the other chains."""
    node = weaving_at(net.weavings, pattern)
    for role in range(node.first_live, node.end_live):
        follow(net, log, mem, contact, role, slot, time, contact.stamp, event)
