"""States: which lists and tags a contact has, and the values of its fields, at a trigger."""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import flag_at, int_at, long_at, set_int, set_long
from triggerlang.engines.columnar.layout import Contact, Log, Memory, Net, Trigger, test_at
from triggerlang.engines.columnar.programs import code_at
from triggerlang.engines.columnar.streams import get, is_trigger, laid_out, next_scan, put, stream_size, stream_start, take
from triggerlang.machine.kernels import inner


@inner
def latest(net: Net, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> int:
    """The place in its stream of the latest event that changed a state, as a test sees it; -1 where there is none."""
    test = test_at(net.tests, number)
    size = stream_size(mem, contact, test.pattern)
    # A test without `was` or `had` sees the contact right after the trigger.
    if test.is_before == 0 and is_trigger(mem, contact, test.pattern, trigger.slot):
        size += 1
    return size - 1


@inner
def key_in(log: Log, mem: Memory, contact: Contact, pattern: int, place: int) -> int:
    """The key of an event of a stream."""
    return int_at(log.key, contact.first + get(mem, stream_start(mem, pattern) + place))


@inner
def members_of(net: Net, log: Log, mem: Memory, contact: Contact, pattern: int) -> int:
    """Where it stands how many lists (or tags) of a pattern's names the contact is in after each event of its stream; made once."""
    if int_at(mem.members_stamp, pattern) == contact.stamp:
        return long_at(mem.members_at, pattern)
    size = laid_out(mem, contact, pattern)
    members = take(mem, size)
    scan = next_scan(mem)
    count = 0
    for place in range(size):
        key = key_in(log, mem, contact, pattern, place)
        name = int_at(net.members, key)
        is_held = long_at(mem.held_stamp, name) == scan
        gains = flag_at(net.gains, key) != 0
        if gains and not is_held:
            set_long(mem.held_stamp, name, scan)
            count += 1
        elif is_held and not gains:
            set_long(mem.held_stamp, name, 0)
            count -= 1
        put(mem, members + place, count)
    set_int(mem.members_stamp, pattern, contact.stamp)
    set_long(mem.members_at, pattern, members)
    return members


@inner
def is_member(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> bool:
    """`in list ...`, `has tag ...`: whether the contact is in a list that fits the names."""
    place = latest(net, mem, contact, number, trigger)
    if place < 0:
        return False
    test = test_at(net.tests, number)
    if test.is_single:
        return flag_at(net.gains, key_in(log, mem, contact, test.pattern, place)) != 0
    return get(mem, members_of(net, log, mem, contact, test.pattern) + place) > 0


@inner
def field_value(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> int:
    """The code of a field's value, that of the absent one where it has none."""
    place = latest(net, mem, contact, number, trigger)
    if place < 0:
        return 0
    slot = get(mem, stream_start(mem, test_at(net.tests, number).pattern) + place)
    return code_at(net, log, mem, contact, slot, net.value_column)
