"""The kernel: one contact after another, and of each its triggers in order."""

from __future__ import annotations

from numba import int64, void

from triggerlang.engines.columnar.addresses import address_of, int_at, long_at, record_at, set_int, set_long
from triggerlang.engines.columnar.layout import (
    ENTRY_ROOM,
    HEADERS,
    LOG,
    MEMORY,
    NET,
    ORDER_ROOM,
    ORDERS,
    OUT_ROOM,
    Contact,
    Log,
    Memory,
    Net,
    Trigger,
    asked_at,
    candidate_at,
    pattern_at,
    rule_at,
    stream_at,
)
from triggerlang.engines.columnar.programs import event_passes
from triggerlang.engines.columnar.runs import allows, is_used_up, remember
from triggerlang.engines.columnar.streams import advance, announce, match_events
from triggerlang.engines.columnar.testing import condition_holds
from triggerlang.engines.entry import MOST_ENTRIES
from triggerlang.machine.kernels import inner, kernel

net_at = record_at(NET)
log_at = record_at(LOG)
memory_at = record_at(MEMORY)


@inner
def is_barred(net: Net, mem: Memory, contact: Contact, at: int, trigger: Trigger) -> bool:
    """Whether a rule is not active, or its automation takes the contact in no more."""
    rule = rule_at(net.rules, at)
    if not rule.start <= trigger.time < rule.end:
        return True
    return rule.header >= 0 and is_used_up(net, mem, contact, rule.header)


@inner
def lacks(mem: Memory, contact: Contact, pattern: int) -> bool:
    """Whether a contact has no event of a pattern, if there is one to have."""
    return pattern >= 0 and stream_at(mem.streams, pattern).stamp != contact.stamp


@inner
def ask_rules(net: Net, log: Log, mem: Memory, contact: Contact, pattern: int, trigger: Trigger, due: int) -> int:
    """Ask the rules of a pattern that the trigger matches; those whose condition holds are added to those that are due."""
    node = pattern_at(net.patterns, pattern)
    before = due
    for at in range(node.first_rule, node.end_rule):
        if int_at(mem.used_stamp, at) == contact.stamp:
            continue
        asked = asked_at(net.asked, at)
        if lacks(mem, contact, asked.needed) or lacks(mem, contact, asked.also_needed):
            continue
        if asked.is_guarded and is_barred(net, mem, contact, at, trigger):
            continue
        if asked.condition < 0 or condition_holds(net, log, mem, contact, asked.condition, trigger):
            set_long(mem.due, due, int(rule_at(net.rules, at).rule) << 32 | at)
            due += 1
    if before > 0 and due > before:
        merge_due(mem, before, due)
    return due


@inner
def merge_due(mem: Memory, before: int, due: int) -> None:
    """Put two runs of rules that are due, each in the order of the rules, into one."""
    later = due - before
    for place in range(later):
        set_long(mem.due_later, place, long_at(mem.due, before + place))
    while later > 0:
        due -= 1
        if before > 0 and long_at(mem.due, before - 1) > long_at(mem.due_later, later - 1):
            before -= 1
            set_long(mem.due, due, long_at(mem.due, before))
        else:
            later -= 1
            set_long(mem.due, due, long_at(mem.due_later, later))


@inner
def enter_rules(net: Net, log: Log, mem: Memory, contact: Contact, trigger: Trigger, due: int) -> None:
    """The entries of the rules that are due, as far as their runs allow."""
    for place in range(due):
        at = long_at(mem.due, place) & 0xFFFF_FFFF
        rule = rule_at(net.rules, at)
        if not allows(net, log, mem, contact, rule.limit, trigger) or not allows(net, log, mem, contact, rule.header, trigger):
            continue
        remember(net, log, mem, contact, rule.header, trigger)
        remember(net, log, mem, contact, rule.limit, trigger)
        if rule.limit >= 0 and is_used_up(net, mem, contact, rule.limit):
            set_int(mem.used_stamp, at, contact.stamp)
        written = mem.written
        if written == mem.out_room:
            raise MemoryError(OUT_ROOM)
        set_int(mem.out_position, written, contact.first + trigger.order // ORDERS)
        set_int(mem.out_rule, written, rule.rule)
        mem.written = written + 1
        if net.entries_start:
            if mem.entered == mem.entries_room:
                raise MemoryError(ENTRY_ROOM)
            set_int(mem.entry_automation, mem.entered, rule.automation)
            mem.entered += 1


@inner
def triggered(mem: Memory, slot: int, limit: int, order: int, time: int) -> Trigger:
    """A trigger with a stamp of its own."""
    mem.trigger += 1
    return Trigger(slot, limit, order, time, mem.trigger)


@inner
def take_in_event(net: Net, log: Log, mem: Memory, contact: Contact, first: int, end: int) -> None:
    """What an event causes; the patterns that it matches stand from `first` to `end` among the contact's matches."""
    slot = int_at(mem.match_slot, first)
    trigger = triggered(mem, slot, slot, slot * ORDERS, long_at(log.time, contact.first + slot))
    if net.entries_start:
        for at in range(first, end):
            pattern = int_at(mem.match_pattern, at)
            if pattern_at(net.patterns, pattern).is_dynamic:
                announce(mem, contact, pattern, slot)
    due = 0
    for at in range(first, end):
        due = ask_rules(net, log, mem, contact, int_at(mem.match_pattern, at), trigger, due)
    if due > 0:
        enter_rules(net, log, mem, contact, trigger, due)
    for at in range(first, end):
        advance(mem, int_at(mem.match_pattern, at))


@inner
def take_in_entry(net: Net, log: Log, mem: Memory, contact: Contact, entered: int, order: int) -> None:
    """What an entry causes, which is an event too."""
    event = order // ORDERS
    slot = contact.size + entered
    set_long(mem.entry_order, entered, order)
    trigger = triggered(mem, slot, event + 1, order, long_at(log.time, contact.first + event))
    key = int_at(net.automation_keys, int_at(mem.entry_automation, entered))
    count = 0
    for at in range(long_at(net.candidates_from, key), long_at(net.candidates_from, key + 1)):
        candidate = candidate_at(net.candidates, at)
        if candidate.filter < 0 or event_passes(net, log, mem, contact, candidate.filter, slot, slot):
            set_int(mem.now_pattern, count, candidate.pattern)
            count += 1
    for at in range(count):
        announce(mem, contact, int_at(mem.now_pattern, at), slot)
    due = 0
    for at in range(count):
        due = ask_rules(net, log, mem, contact, int_at(mem.now_pattern, at), trigger, due)
    enter_rules(net, log, mem, contact, trigger, due)
    for at in range(count):
        advance(mem, int_at(mem.now_pattern, at))


@inner
def follow_entries(net: Net, log: Log, mem: Memory, contact: Contact, slot: int, entered: int) -> None:
    """An entry stands right after what caused it, and what it causes after all that stand there."""
    order = slot * ORDERS
    last = order + MOST_ENTRIES
    while entered < mem.entered:
        order += 1
        if order > last:
            raise MemoryError(ORDER_ROOM)
        take_in_entry(net, log, mem, contact, entered, order)
        entered += 1


@inner
def take_in_contact(net: Net, log: Log, mem: Memory, contact: Contact) -> None:
    """All of a contact's events, and the entries that they cause."""
    match_events(net, log, mem, contact)
    first = 0
    while first < mem.matched:
        slot = int_at(mem.match_slot, first)
        end = first + 1
        while end < mem.matched and int_at(mem.match_slot, end) == slot:
            end += 1
        entered = mem.entered
        take_in_event(net, log, mem, contact, first, end)
        if net.entries_start:
            follow_entries(net, log, mem, contact, slot, entered)
        first = end


@kernel(void(*HEADERS, int64, int64))
def run_contacts(net_header: Net, log_header: Log, memory_header: Memory, first: int, end: int) -> None:
    """Run some contacts, by number.

    Where the memory is too small, a MemoryError says which part of it: `contact` tells at which contact, `kept` how many entries
    those before it have, and the work can go on with that contact.
    """
    net = net_at(address_of(net_header), 0)
    log = log_at(address_of(log_header), 0)
    mem = memory_at(address_of(memory_header), 0)
    mem.contact = first
    while mem.contact < end:
        number = mem.contact
        mem.stamp += 1
        mem.top = 0
        mem.entered = 0
        mem.per = 0
        start = long_at(log.first, number)
        take_in_contact(net, log, mem, Contact(start, long_at(log.first, number + 1) - start, mem.stamp))
        mem.contact = number + 1
        mem.kept = mem.written
