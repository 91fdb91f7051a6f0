"""Grouped streams: a pattern's events by the texts of some properties, for `with P = trigger Q` and `with same P`.

What a chain's occurrences are grouped by are the texts of their first events.
"""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import int_at, long_at, set_int, set_long
from triggerlang.engines.columnar.layout import (
    GROUP_HEADER,
    GROUPS,
    MEMBERS,
    SIZE,
    SLOTS,
    STARTS,
    TABLE,
    TABLE_SIZE,
    Contact,
    Log,
    Memory,
    Net,
    group_at,
    key_at,
    pattern_at,
)
from triggerlang.engines.columnar.programs import code_at, text_of
from triggerlang.engines.columnar.streams import firsts_start, get, laid_out, put, stream_start, take
from triggerlang.machine.kernels import inner


@inner
def mixed(number: int) -> int:
    """A number whose bits all depend on all of the given one's (the finalizer of SplitMix64, Steele et al. 2014)."""
    number = (number ^ (number >> 30)) * -4658895280553007687
    number = (number ^ (number >> 27)) * -7723592293110705685
    return number ^ (number >> 31)


@inner
def text_at(net: Net, log: Log, mem: Memory, contact: Contact, slot: int, column: int) -> int:
    """The number of the text form of a column at an event, -1 where it has none."""
    return text_of(net, column, code_at(net, log, mem, contact, slot, column))


@inner
def hash_at(net: Net, log: Log, mem: Memory, contact: Contact, number: int, slot: int, is_trigger: bool) -> int:
    """A hash of the texts by which an event is grouped, or of the trigger's; -1 where one is not there."""
    group = group_at(net.groups, number)
    found = 17
    for key in range(group.first_key, group.end_key):
        of = key_at(net.keys, key)
        text = text_at(net, log, mem, contact, slot, of.triggers if is_trigger else of.own)
        if text < 0:
            return -1
        found = mixed(found * 31 + text)
    return found & 0x7FFF_FFFF_FFFF_FFFF


@inner
def is_of_group(net: Net, log: Log, mem: Memory, contact: Contact, number: int, slot: int, other: int, is_trigger: bool) -> bool:
    """Whether an event has all the texts by which it is grouped, and they are those of another event, or of the trigger."""
    group = group_at(net.groups, number)
    for key in range(group.first_key, group.end_key):
        of = key_at(net.keys, key)
        own = text_at(net, log, mem, contact, slot, of.own)
        if own < 0 or own != text_at(net, log, mem, contact, other, of.triggers if is_trigger else of.own):
            return False
    return True


@inner
def group_stream(net: Net, log: Log, mem: Memory, contact: Contact, number: int) -> int:
    """Group all that a pattern matches, once for a contact; where its header stands in the arena."""
    if int_at(mem.group_stamp, number) == contact.stamp:
        return long_at(mem.group_at, number)
    pattern = group_at(net.groups, number).pattern
    size = laid_out(mem, contact, pattern)
    at = stream_start(mem, pattern)
    own_at = firsts_start(mem, pattern) if pattern_at(net.patterns, pattern).is_keyed else at
    table_size = 4
    while table_size < 2 * size:
        table_size *= 2
    header = take(mem, GROUP_HEADER)
    table = take(mem, table_size)
    for place in range(table_size):
        put(mem, table + place, -1)
    groups = 0
    of = take(mem, size)
    members = take(mem, size)
    starts = take(mem, size + 2)
    for place in range(size + 2):
        put(mem, starts + place, 0)
    for place in range(size):
        own = get(mem, own_at + place)
        found = hash_at(net, log, mem, contact, number, own, False)
        if found < 0:
            put(mem, of + place, -1)
            continue
        entry = found & (table_size - 1)
        while get(mem, table + entry) >= 0:
            if is_of_group(net, log, mem, contact, number, own, get(mem, members + get(mem, table + entry)), False):
                break
            entry = (entry + 1) & (table_size - 1)
        if get(mem, table + entry) < 0:
            put(mem, table + entry, groups)
            put(mem, members + groups, own)
            groups += 1
        group = get(mem, table + entry)
        put(mem, of + place, group)
        put(mem, starts + group + 2, get(mem, starts + group + 2) + 1)
    for group in range(groups):
        put(mem, starts + group + 2, get(mem, starts + group + 2) + get(mem, starts + group + 1))
    slots = take(mem, size)
    for place in range(size):
        group = get(mem, of + place)
        if group >= 0:
            to = get(mem, starts + group + 1)
            put(mem, slots + to, get(mem, at + place))
            put(mem, starts + group + 1, to + 1)
    put(mem, header + TABLE, table)
    put(mem, header + TABLE_SIZE, table_size)
    put(mem, header + GROUPS, groups)
    put(mem, header + STARTS, starts)
    put(mem, header + SLOTS, slots)
    put(mem, header + SIZE, get(mem, starts + groups))
    put(mem, header + MEMBERS, members)
    set_int(mem.group_stamp, number, contact.stamp)
    set_long(mem.group_at, number, header)
    return header


@inner
def group_of_trigger(net: Net, log: Log, mem: Memory, contact: Contact, number: int, header: int, trigger: int) -> int:
    """The number of the group that has the trigger's texts, -1 where there is none."""
    found = hash_at(net, log, mem, contact, number, trigger, True)
    if found < 0:
        return -1
    table, size = get(mem, header + TABLE), get(mem, header + TABLE_SIZE)
    entry = found & (size - 1)
    while get(mem, table + entry) >= 0:
        group = get(mem, table + entry)
        if is_of_group(net, log, mem, contact, number, get(mem, get(mem, header + MEMBERS) + group), trigger, True):
            return group
        entry = (entry + 1) & (size - 1)
    return -1
