"""Live groups: a stream that is filled in as things come, by the texts of some properties of its events, or of its first events.

What came since a group was asked for last is put into its lists first.
"""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import int_at, long_at, set_int, set_long
from triggerlang.engines.columnar.grouping import hash_at, is_of_group
from triggerlang.engines.columnar.layout import Contact, Log, Memory, Net, group_at, pattern_at
from triggerlang.engines.columnar.streams import firsts_start, get, moved, put, stream_of, stream_start, take
from triggerlang.machine.kernels import inner

# The header: the hash table and its size, how many groups there are and how many there is room for, their lists, and how much of the stream
# is in them
TABLE, TABLE_SIZE, COUNT, ROOM, LISTS, DONE = range(6)
HEADER = 6

# A list: where it stands, how long it is, how much room it has, and an event that has its texts
AT, SIZE, LIST_ROOM, MEMBER = range(4)
LIST = 4


@inner
def live_header(mem: Memory, contact: Contact, number: int) -> int:
    """Where the header of a live group stands, which is empty at first."""
    if int_at(mem.group_stamp, number) == contact.stamp:
        return long_at(mem.group_at, number)
    header = take(mem, HEADER)
    put(mem, header + TABLE, moved(mem, 0, 0, 8))
    put(mem, header + TABLE_SIZE, 8)
    put(mem, header + COUNT, 0)
    put(mem, header + ROOM, 4)
    put(mem, header + LISTS, take(mem, 4 * LIST))
    put(mem, header + DONE, 0)
    set_int(mem.group_stamp, number, contact.stamp)
    set_long(mem.group_at, number, header)
    return header


@inner
def place_of(net: Net, log: Log, mem: Memory, contact: Contact, number: int, header: int, slot: int, found: int, is_trigger: bool) -> int:
    """The place in a table of the group that has the texts of an event, whose hash is given, or of the trigger."""
    table, size = get(mem, header + TABLE), get(mem, header + TABLE_SIZE)
    place = found & (size - 1)
    while get(mem, table + place) >= 0:
        member = get(mem, get(mem, header + LISTS) + LIST * get(mem, table + place) + MEMBER)
        if is_of_group(net, log, mem, contact, number, member, slot, is_trigger):
            break
        place = (place + 1) & (size - 1)
    return table + place


@inner
def add_group(net: Net, log: Log, mem: Memory, contact: Contact, number: int, header: int, own: int) -> int:
    """A new list for the texts of an event."""
    count = get(mem, header + COUNT)
    if count == get(mem, header + ROOM):
        put(mem, header + LISTS, moved(mem, get(mem, header + LISTS), LIST * count, 2 * LIST * count))
        put(mem, header + ROOM, 2 * count)
        put(mem, header + TABLE, moved(mem, 0, 0, 4 * count))
        put(mem, header + TABLE_SIZE, 4 * count)
        for group in range(count):
            member = get(mem, get(mem, header + LISTS) + LIST * group + MEMBER)
            found = hash_at(net, log, mem, contact, number, member, False)
            put(mem, place_of(net, log, mem, contact, number, header, member, found, False), group)
    at = get(mem, header + LISTS) + LIST * count
    put(mem, at + AT, take(mem, 2))
    put(mem, at + SIZE, 0)
    put(mem, at + LIST_ROOM, 2)
    put(mem, at + MEMBER, own)
    found = hash_at(net, log, mem, contact, number, own, False)
    put(mem, place_of(net, log, mem, contact, number, header, own, found, False), count)
    put(mem, header + COUNT, count + 1)
    return at


@inner
def catch_up(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: int) -> int:
    """Put into the lists what they lack, the trigger itself if it is of the stream; where the header stands."""
    header = live_header(mem, contact, number)
    pattern = group_at(net.groups, number).pattern
    stream = stream_of(mem, contact, pattern)
    own_at = firsts_start(mem, pattern) if pattern_at(net.patterns, pattern).is_keyed else stream_start(mem, pattern)
    place = get(mem, header + DONE)
    while place < stream.room and (place < stream.size or get(mem, stream.at + place) == trigger):
        own = get(mem, own_at + place)
        found = hash_at(net, log, mem, contact, number, own, False)
        if found >= 0:
            group = get(mem, place_of(net, log, mem, contact, number, header, own, found, False))
            is_new = group < 0
            at = add_group(net, log, mem, contact, number, header, own) if is_new else get(mem, header + LISTS) + LIST * group
            size = get(mem, at + SIZE)
            if size == get(mem, at + LIST_ROOM):
                put(mem, at + AT, moved(mem, get(mem, at + AT), size, 2 * size))
                put(mem, at + LIST_ROOM, 2 * size)
            put(mem, get(mem, at + AT) + size, get(mem, stream.at + place))
            put(mem, at + SIZE, size + 1)
        place += 1
    put(mem, header + DONE, place)
    return header


@inner
def live_list(net: Net, log: Log, mem: Memory, contact: Contact, number: int, slot: int) -> tuple[int, int]:
    """Where the list stands that has the texts of a trigger, by its slot, and how long it is, the trigger itself included."""
    header = catch_up(net, log, mem, contact, number, slot)
    found = hash_at(net, log, mem, contact, number, slot, True)
    if found < 0:
        return 0, 0
    group = get(mem, place_of(net, log, mem, contact, number, header, slot, found, True))
    if group < 0:
        return 0, 0
    at = get(mem, header + LISTS) + LIST * group
    return get(mem, at + AT), get(mem, at + SIZE)
