"""Waiting: absences and moments that have not come yet, in the order of their places: by time, and at one time by the events that they
are waited for after."""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import int_at, long_at, set_int, set_long
from triggerlang.engines.columnar.breaking import is_broken
from triggerlang.engines.columnar.calendar import next_anniversary
from triggerlang.engines.columnar.grouping import hash_at, is_of_group
from triggerlang.engines.columnar.layout import (
    AFTER_EVENT,
    AGENDA_ROOM,
    AT_DATE,
    NEVER,
    Contact,
    Log,
    Memory,
    Net,
    wait_at,
)
from triggerlang.engines.columnar.places import order_of, time_of
from triggerlang.engines.columnar.programs import code_at
from triggerlang.engines.columnar.streams import emit, get, put, take
from triggerlang.language.times import END_OF_TIME
from triggerlang.machine.kernels import inner


@inner
def due_after(net: Net, log: Log, mem: Memory, contact: Contact, number: int, source: int, after: int) -> int:
    """When something that is waited for after an event comes, after some time; `NEVER` where it does not."""
    wait = wait_at(net.waits, number)
    time = time_of(log, mem, contact, source)
    if wait.kind == AFTER_EVENT:
        due = time + wait.shift
        # An absence may be waited for until the end of the same moment.
        return due if due < END_OF_TIME and after <= time else NEVER
    held = long_at(net.dates, wait.dates + code_at(net, log, mem, contact, source, wait.column))
    if held == NEVER:
        return NEVER
    if wait.kind == AT_DATE:
        due = held + wait.shift
        return due if after < due < END_OF_TIME else NEVER
    return next_anniversary(net, held, wait.shift, after)


@inner
def stands_before(mem: Memory, contact: Contact, item: int, other: int) -> bool:
    """Whether one item comes before another."""
    due, other_due = long_at(mem.item_due, item), long_at(mem.item_due, other)
    if due != other_due:
        return due < other_due
    return order_of(mem, contact, int_at(mem.item_source, item)) < order_of(mem, contact, int_at(mem.item_source, other))


@inner
def push(mem: Memory, contact: Contact, item: int) -> None:
    """Put an item into the agenda, a binary heap."""
    at = mem.waiting
    mem.waiting = at + 1
    while at > 0:
        parent = (at - 1) >> 1
        other = int_at(mem.agenda, parent)
        if not stands_before(mem, contact, item, other):
            break
        set_int(mem.agenda, at, other)
        at = parent
    set_int(mem.agenda, at, item)


@inner
def pop(mem: Memory, contact: Contact) -> int:
    """Take the item that comes first out of the agenda."""
    found = int_at(mem.agenda, 0)
    size = mem.waiting - 1
    mem.waiting = size
    item = int_at(mem.agenda, size)
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and stands_before(mem, contact, int_at(mem.agenda, child + 1), int_at(mem.agenda, child)):
            child += 1
        if not stands_before(mem, contact, int_at(mem.agenda, child), item):
            break
        set_int(mem.agenda, at, int_at(mem.agenda, child))
        at = child
    set_int(mem.agenda, at, item)
    return found


@inner
def wait_for(net: Net, log: Log, mem: Memory, contact: Contact, number: int, source: int, firsts: int, count: int) -> None:
    """Begin to wait for something after an event, from so many first events on, which stand in the arena."""
    due = due_after(net, log, mem, contact, number, source, time_of(log, mem, contact, source))
    if due == NEVER:
        return
    item = mem.items
    if item == mem.agenda_room:
        raise MemoryError(AGENDA_ROOM)
    set_int(mem.item_wait, item, number)
    set_int(mem.item_source, item, source)
    set_int(mem.item_count, item, count)
    set_long(mem.item_firsts, item, firsts)
    set_long(mem.item_due, item, due)
    mem.items = item + 1
    push(mem, contact, item)


@inner
def wait_from(net: Net, log: Log, mem: Memory, contact: Contact, number: int, source: int, firsts: int, start: int, end: int) -> None:
    """The same, where the first events are some of a list, by its address. One is kept with the item itself, as less than nothing."""
    if end - start == 1:
        wait_for(net, log, mem, contact, number, source, -1 - int_at(firsts, start), 1)
        return
    at = take(mem, end - start)
    for place in range(start, end):
        put(mem, at + place - start, int_at(firsts, place))
    wait_for(net, log, mem, contact, number, source, at, end - start)


@inner
def first_of(mem: Memory, item: int, number: int) -> int:
    """One of an item's first events."""
    firsts = long_at(mem.item_firsts, item)
    return -1 - firsts if firsts < 0 else get(mem, firsts + number)


@inner
def is_new(net: Net, log: Log, mem: Memory, contact: Contact, group: int, first: int, since: int) -> bool:
    """Whether a first event has texts that the trigger may have, and none of those that were emitted since has the same."""
    if hash_at(net, log, mem, contact, group, first, False) < 0:
        return False
    for number in range(since, mem.emitted):
        other = int_at(mem.emitted_first, number)
        same = other == first or is_of_group(net, log, mem, contact, group, first, other, False)
        if same:
            return False
    return True


@inner
def come(net: Net, log: Log, mem: Memory, contact: Contact, item: int, limit: int) -> None:
    """An item has waited long enough: it is emitted for each first event that differs and for which nothing broke it. An anniversary waits
    on for the next."""
    number = int_at(mem.item_wait, item)
    wait = wait_at(net.waits, number)
    source = int_at(mem.item_source, item)
    since = mem.emitted
    is_unbroken = False
    for place in range(int_at(mem.item_count, item)):
        first = first_of(mem, item, place)
        if is_broken(net, log, mem, contact, number, source, first, limit):
            continue
        is_unbroken = True
        if wait.group < 0:
            emit(mem, source, wait.pattern, first)
            break
        if is_new(net, log, mem, contact, wait.group, first, since):
            emit(mem, source, wait.pattern, first)
    if is_unbroken and wait.kind != AFTER_EVENT and wait.kind != AT_DATE:
        due = due_after(net, log, mem, contact, number, source, long_at(mem.item_due, item))
        if due != NEVER:
            set_long(mem.item_due, item, due)
            push(mem, contact, item)


@inner
def count_pending(net: Net, log: Log, mem: Memory, contact: Contact) -> None:
    """Count what has neither come nor been broken at the end of the log."""
    for at in range(mem.waiting):
        item = int_at(mem.agenda, at)
        number, source = int_at(mem.item_wait, item), int_at(mem.item_source, item)
        is_open = False
        for place in range(int_at(mem.item_count, item)):
            is_open = not is_broken(net, log, mem, contact, number, source, first_of(mem, item, place), contact.size)
            if is_open:
                break
        if not is_open:
            set_int(mem.item_wait, item, -1)
    # Nothing may turn out too small from here on, or it would be counted twice.
    for at in range(mem.waiting):
        number = int_at(mem.item_wait, int_at(mem.agenda, at))
        if number >= 0:
            set_long(mem.pending, number, long_at(mem.pending, number) + 1)
