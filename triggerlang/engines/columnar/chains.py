"""Chains: how far a contact has come in them, event by event.

Of each step only the latest time is kept at which it was reached, for each text of the properties that something later asks of the first
event: a later step looks at nothing else. An event that meets several steps never follows itself, since what it reached is told apart
by its slot.
"""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import int_at, long_at, set_long
from triggerlang.engines.columnar.grouping import mixed, text_at
from triggerlang.engines.columnar.layout import NEVER, NOTHING, Contact, Log, Memory, Net, chain_at, layer_at, reached_at, role_at
from triggerlang.engines.columnar.places import order_of
from triggerlang.engines.columnar.streams import emit, get, moved, put, take
from triggerlang.machine.kernels import inner

# What is known of a key of a layer: a first event that has it, when it was reached last and at which slot, when and where it was before
# that, the keys that were reached next and before, the event at which a chain happened last, and when a swept layer after it was reached
# last from still earlier ones.
FIRST, TIME, SLOT, EARLIER, EARLIER_SLOT, NEWER, OLDER, MARK, SETTLED = range(9)
KEY_SIZE = 9


@inner
def start_layer(mem: Memory, contact: Contact, number: int, stamp: int) -> None:
    """Empty a layer, if it was not used under a stamp."""
    layer = reached_at(mem.reached, number)
    if layer.stamp == stamp:
        return
    layer.stamp = stamp
    layer.count = 0
    layer.front = NOTHING
    if layer.owner != contact.stamp:
        layer.owner = contact.stamp
        layer.table_size = 4
        layer.room = 2
        layer.table = take(mem, 4)
        layer.keys = take(mem, 2 * KEY_SIZE)
    for place in range(layer.table_size):
        put(mem, layer.table + place, NOTHING)


@inner
def has_texts(net: Net, log: Log, mem: Memory, contact: Contact, slot: int, first: int, end: int) -> bool:
    """Whether an event has a text in each of some columns."""
    for number in range(first, end):  # noqa: SIM110 - compiled
        if text_at(net, log, mem, contact, slot, int_at(net.same, number)) < 0:
            return False
    return True


@inner
def are_same(net: Net, log: Log, mem: Memory, contact: Contact, slot: int, other: int, first: int, end: int) -> bool:
    """Whether two events have the same texts, or none, in some columns."""
    for number in range(first, end):
        column = int_at(net.same, number)
        if text_at(net, log, mem, contact, slot, column) != text_at(net, log, mem, contact, other, column):
            return False
    return True


@inner
def place_in(net: Net, log: Log, mem: Memory, contact: Contact, number: int, slot: int) -> int:
    """The place in a layer's table of the key that an event has, or the free one where it belongs."""
    layer = reached_at(mem.reached, number)
    node = layer_at(net.layers, number)
    found = 17
    for key in range(node.first_key, node.end_key):
        found = mixed(found * 31 + text_at(net, log, mem, contact, slot, int_at(net.same, key)))
    place = found & (layer.table_size - 1)
    while get(mem, layer.table + place) >= 0:
        first = get(mem, layer.keys + KEY_SIZE * get(mem, layer.table + place) + FIRST)
        if are_same(net, log, mem, contact, slot, first, node.first_key, node.end_key):
            break
        place = (place + 1) & (layer.table_size - 1)
    return int(place)


@inner
def widen(net: Net, log: Log, mem: Memory, contact: Contact, number: int) -> None:
    """Make room for twice as many keys in a layer."""
    layer = reached_at(mem.reached, number)
    layer.keys = moved(mem, layer.keys, KEY_SIZE * layer.count, 2 * KEY_SIZE * layer.room)
    layer.room *= 2
    layer.table_size *= 2
    layer.table = take(mem, layer.table_size)
    for place in range(layer.table_size):
        put(mem, layer.table + place, NOTHING)
    for key in range(layer.count):
        place = place_in(net, log, mem, contact, number, get(mem, layer.keys + KEY_SIZE * key + FIRST))
        put(mem, layer.table + place, key)


@inner
def key_for(net: Net, log: Log, mem: Memory, contact: Contact, number: int, slot: int) -> int:
    """The key of a layer that an event has, a new one if need be: where it stands in the arena."""
    layer = reached_at(mem.reached, number)
    place = place_in(net, log, mem, contact, number, slot)
    if get(mem, layer.table + place) >= 0:
        return int(layer.keys + KEY_SIZE * get(mem, layer.table + place))
    if layer.count == layer.room:
        widen(net, log, mem, contact, number)
        place = place_in(net, log, mem, contact, number, slot)
    put(mem, layer.table + place, layer.count)
    at = layer.keys + KEY_SIZE * layer.count
    layer.count += 1
    put(mem, at + FIRST, slot)
    put(mem, at + TIME, NEVER)
    put(mem, at + SLOT, NOTHING)
    put(mem, at + EARLIER, NEVER)
    put(mem, at + EARLIER_SLOT, NOTHING)
    put(mem, at + NEWER, NOTHING)
    put(mem, at + OLDER, NOTHING)
    put(mem, at + MARK, NOTHING)
    put(mem, at + SETTLED, NEVER)
    return int(at)


@inner
def to_front(mem: Memory, number: int, at: int) -> None:
    """A key of a layer is the one that was reached last."""
    layer = reached_at(mem.reached, number)
    key = (at - layer.keys) // KEY_SIZE
    if layer.front == key:
        return
    newer, older = get(mem, at + NEWER), get(mem, at + OLDER)
    if newer >= 0:
        put(mem, layer.keys + KEY_SIZE * newer + OLDER, older)
    if older >= 0:
        put(mem, layer.keys + KEY_SIZE * older + NEWER, newer)
    if layer.front >= 0:
        put(mem, layer.keys + KEY_SIZE * layer.front + NEWER, key)
    put(mem, at + OLDER, layer.front)
    put(mem, at + NEWER, NOTHING)
    layer.front = key


@inner
def arrive(
    net: Net, log: Log, mem: Memory, contact: Contact, number: int, step: int, first: int, slot: int, time: int, stamp: int, event: int
) -> None:
    """An event reaches a step of a chain from a first event on; at the last step the chain happens, once for each key."""
    chain = chain_at(net.chains, number)
    layer = chain.first_layer + step
    start_layer(mem, contact, layer, stamp)
    at = key_for(net, log, mem, contact, layer, first)
    if step == chain.last:
        if get(mem, at + MARK) != event:
            put(mem, at + MARK, event)
            if long_at(mem.chain_event, number) == event and int_at(mem.emitted_pattern, mem.emitted - 1) != chain.happens:
                mem.is_scattered = 1
            set_long(mem.chain_event, number, event)
            emit(mem, slot, chain.happens, first)
        return
    if get(mem, at + SLOT) != slot:
        if layer_at(net.layers, layer).is_told:
            put(mem, at + SETTLED, swept_earlier(net, mem, contact, layer, at, get(mem, at + SLOT), 1, stamp))
        put(mem, at + EARLIER, get(mem, at + TIME))
        put(mem, at + EARLIER_SLOT, get(mem, at + SLOT))
        put(mem, at + SLOT, slot)
        put(mem, at + TIME, time)
        to_front(mem, layer, at)


@inner
def reached_before(mem: Memory, at: int, slot: int) -> int:
    """When a key was reached before an event."""
    return get(mem, at + EARLIER) if get(mem, at + SLOT) == slot else get(mem, at + TIME)


# Swept layers: places and times by turns


@inner
def sweep(mem: Memory, contact: Contact, number: int, slot: int, time: int, stamp: int) -> None:
    """An event reaches a swept layer from wherever it can."""
    start_layer(mem, contact, number, stamp)
    layer = reached_at(mem.reached, number)
    order = order_of(mem, contact, slot)
    if layer.count > 0 and get(mem, layer.keys + 2 * layer.count - 2) == order:
        return
    if 2 * layer.count + 2 > KEY_SIZE * layer.room:
        layer.keys = moved(mem, layer.keys, 2 * layer.count, 2 * KEY_SIZE * layer.room)
        layer.room *= 2
    put(mem, layer.keys + 2 * layer.count, order)
    put(mem, layer.keys + 2 * layer.count + 1, time)
    layer.count += 1


@inner
def swept_up_to(mem: Memory, number: int, which: int, limit: int) -> int:
    """How many of the events of a swept layer stand before a place (`which` 0), or happened up to a time (1)."""
    layer = reached_at(mem.reached, number)
    low, high = 0, layer.count
    while low < high:
        middle = (low + high) >> 1
        if get(mem, layer.keys + 2 * middle + which) < limit + which:
            low = middle + 1
        else:
            high = middle
    return int(low)


@inner
def swept_between(net: Net, mem: Memory, contact: Contact, told: int, slot: int, time: int, before: int) -> int:
    """When the swept layer after a layer was reached last from an event that reached that layer, before a place; `NEVER` if it was not."""
    end = swept_up_to(mem, told + 1, 0, before)
    within = layer_at(net.layers, told).within
    if within >= 0:
        end = min(end, swept_up_to(mem, told + 1, 1, time + within))
    if end <= swept_up_to(mem, told + 1, 0, order_of(mem, contact, slot) + 1):
        return NEVER
    return get(mem, reached_at(mem.reached, told + 1).keys + 2 * end - 1)


@inner
def swept_earlier(net: Net, mem: Memory, contact: Contact, told: int, at: int, slot: int, behind: int, stamp: int) -> int:
    """When the swept layer was reached last, before an event or (`behind` 1) up to it, from a key of the layer before it, as if that had
    not been reached the last time."""
    if get(mem, at + EARLIER_SLOT) >= 0 and reached_at(mem.reached, told + 1).stamp == stamp:
        place = order_of(mem, contact, slot) + behind
        found = swept_between(net, mem, contact, told, get(mem, at + EARLIER_SLOT), get(mem, at + EARLIER), place)
        if found != NEVER:
            return found
    return get(mem, at + SETTLED)


@inner
def swept_before(net: Net, mem: Memory, contact: Contact, told: int, at: int, slot: int, stamp: int) -> int:
    """When the swept layer after a layer was reached last before an event, from a key of that layer.

    Events after the key was reached last come first; what could still be reached from an earlier time after that can be from the last.
    """
    last = get(mem, at + SLOT)
    if last == slot:
        return swept_earlier(net, mem, contact, told, at, slot, 0, stamp)
    if reached_at(mem.reached, told + 1).stamp != stamp:
        return NEVER
    found = swept_between(net, mem, contact, told, last, get(mem, at + TIME), order_of(mem, contact, slot))
    return found if found != NEVER else swept_earlier(net, mem, contact, told, at, last, 1, stamp)


@inner
def follow(net: Net, log: Log, mem: Memory, contact: Contact, number: int, slot: int, time: int, stamp: int, event: int) -> None:
    """An event plays its role in a chain: it reaches a step from all first events from which it can.

    `stamp` tells of which run of the chain, `event` is a stamp of the event's own.
    """
    role = role_at(net.roles, number)
    if role.step == 0:
        arrive(net, log, mem, contact, role.chain, 0, slot, slot, time, stamp, event)
        return
    before = chain_at(net.chains, role.chain).first_layer + role.step - 1
    if layer_at(net.layers, before + 1).is_swept:
        sweep(mem, contact, before + 1, slot, time, stamp)
        return
    # The keys of a swept layer are those of the one before it.
    is_swept = layer_at(net.layers, before).is_swept
    layer = before - is_swept
    if reached_at(mem.reached, layer).stamp != stamp or not has_texts(net, log, mem, contact, slot, role.first_same, role.end_same):
        return
    within = layer_at(net.layers, before).within
    oldest = NEVER + 1 if within < 0 else time - within
    if role.is_direct:
        key = get(mem, reached_at(mem.reached, layer).table + place_in(net, log, mem, contact, layer, slot))
        if key >= 0:
            follow_key(net, log, mem, contact, number, layer, key, slot, time, oldest, stamp, event)
        return
    further = layer_at(net.layers, layer).within if is_swept else 0
    key = reached_at(mem.reached, layer).front
    while key >= 0:
        at = reached_at(mem.reached, layer).keys + KEY_SIZE * key
        if further >= 0 and get(mem, at + TIME) + further < oldest:
            return
        older = get(mem, at + OLDER)
        if are_same(net, log, mem, contact, slot, get(mem, at + FIRST), role.first_same, role.end_same):
            follow_key(net, log, mem, contact, number, layer, key, slot, time, oldest, stamp, event)
        key = older


@inner
def follow_key(
    net: Net,
    log: Log,
    mem: Memory,
    contact: Contact,
    number: int,
    layer: int,
    key: int,
    slot: int,
    time: int,
    oldest: int,
    stamp: int,
    event: int,
) -> None:
    """An event reaches a step from a key of a layer, if that was reached before it, and not too long ago."""
    role = role_at(net.roles, number)
    at = reached_at(mem.reached, layer).keys + KEY_SIZE * key
    if layer_at(net.layers, layer).is_told:
        reached = swept_before(net, mem, contact, layer, at, slot, stamp)
    else:
        reached = reached_before(mem, at, slot)
    if reached >= oldest:
        arrive(net, log, mem, contact, role.chain, role.step, get(mem, at + FIRST), slot, time, stamp, event)
