"""The kernel: one contact after another, and of each its triggers in order: events, what they cause, and what was waited for."""

from __future__ import annotations

from numba import int64, void

from triggerlang.engines.columnar.addresses import int_at, long_at, record_at, set_int, set_long
from triggerlang.engines.columnar.counting import ask_step_by_step, count_contact, forget_contact, is_let_in
from triggerlang.engines.columnar.layout import (
    HEADERS,
    LOG,
    MEMORY,
    NET,
    NOTHING,
    ORDER_ROOM,
    ORDERS,
    OUT_ROOM,
    STOPPED,
    Contact,
    Log,
    Memory,
    Net,
    Trigger,
    asked_at,
    candidate_at,
    pattern_at,
    rule_at,
    weaving_at,
)
from triggerlang.engines.columnar.matching import match_events, weave_live
from triggerlang.engines.columnar.places import make, next_order, origin_of, source_of, time_of
from triggerlang.engines.columnar.programs import event_passes
from triggerlang.engines.columnar.runs import allows, is_used_up, remember
from triggerlang.engines.columnar.streams import advance, announce, gather, lacks, next_scan
from triggerlang.engines.columnar.testing import condition_holds
from triggerlang.engines.columnar.waiting import come, count_pending, pop, wait_from
from triggerlang.engines.entry import MOST_ENTRIES
from triggerlang.machine.addresses import address_of
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
def count_early(net: Net, mem: Memory, contact: Contact, first: int, end: int, time: int) -> None:
    """Count, for each rule that is active, a trigger that rests on time before the log. What is counted of a contact is kept apart, since
    a contact may begin anew."""
    for at in range(first, end):
        rule = rule_at(net.rules, at)
        if rule.start <= time < rule.end and time < rule.whole_from:
            if int_at(mem.early_stamp, at) != contact.stamp:
                set_int(mem.early_stamp, at, contact.stamp)
                set_long(mem.early_before, at, long_at(mem.early_before, at) + long_at(mem.early, at))
                set_long(mem.early, at, 0)
            set_long(mem.early, at, long_at(mem.early, at) + 1)


@inner
def ask_rules(net: Net, log: Log, mem: Memory, contact: Contact, pattern: int, trigger: Trigger, due: int) -> int:
    """Ask the rules of a pattern that the trigger matches; those whose condition holds are added to those that are due."""
    node = pattern_at(net.patterns, pattern)
    if trigger.time < node.whole_from:
        count_early(net, mem, contact, node.first_rule, node.end_rule, trigger.time)
    if net.is_counted:
        before = due
        due = ask_step_by_step(net, log, mem, contact, pattern, trigger, due)
        if before > 0 and due > before:
            merge_due(mem, before, due)
        return due
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
def lineage_of(mem: Memory, contact: Contact, slot: int) -> int:
    """What an entry at a trigger goes back to, if that is an absence or a moment: a chain of their times; -1 if it is an event."""
    if slot < contact.size:
        return NOTHING
    made = slot - contact.size
    held = int_at(mem.made_lineage, made)
    source = source_of(mem, contact, slot)
    if held >= 0 or source < 0:
        return held
    if mem.lineages == mem.out_room:
        raise MemoryError(OUT_ROOM)
    number = mem.lineages
    set_long(mem.lineage_time, number, long_at(mem.made_time, made))
    set_int(mem.lineage_parent, number, NOTHING if source < contact.size else int_at(mem.made_lineage, source - contact.size))
    mem.lineages = number + 1
    set_int(mem.made_lineage, made, number)
    return int(number)


@inner
def enter_rules(net: Net, log: Log, mem: Memory, contact: Contact, trigger: Trigger, due: int) -> None:
    """The entries of the rules that are due, as far as their runs allow."""
    for place in range(due):
        at = long_at(mem.due, place) & 0xFFFF_FFFF
        rule = rule_at(net.rules, at)
        if net.is_counted:
            if not is_let_in(net, log, mem, contact, at, trigger):
                continue
        elif not allows(net, log, mem, contact, rule.limit, trigger) or not allows(net, log, mem, contact, rule.header, trigger):
            continue
        remember(net, log, mem, contact, rule.header, trigger)
        remember(net, log, mem, contact, rule.limit, trigger)
        if rule.limit >= 0 and is_used_up(net, mem, contact, rule.limit):
            set_int(mem.used_stamp, at, contact.stamp)
        written = mem.written
        if written == mem.out_room:
            raise MemoryError(OUT_ROOM)
        origin = origin_of(mem, contact, trigger.slot)
        lineage = lineage_of(mem, contact, trigger.slot)
        set_int(mem.out_position, written, contact.first + origin)
        set_int(mem.out_rule, written, rule.rule)
        set_int(mem.out_lineage, written, lineage)
        mem.written = written + 1
        if net.entries_start:
            entry = make(mem, contact, rule.automation, NOTHING, trigger.time, origin)
            set_int(mem.made_lineage, entry, lineage)


@inner
def triggered(mem: Memory, slot: int, limit: int, order: int, time: int) -> Trigger:
    """A trigger with a stamp of its own."""
    mem.trigger += 1
    return Trigger(slot, limit, order, time, mem.trigger)


@inner
def happen(net: Net, log: Log, mem: Memory, contact: Contact, trigger: Trigger, due: int) -> int:
    """What was emitted happens at a trigger: it stands behind its streams, and its rules are asked."""
    before = NOTHING
    behind = 0
    for number in range(mem.emitted):
        pattern = int_at(mem.emitted_pattern, number)
        behind = behind + 1 if pattern == before else 0
        announce(net, mem, contact, pattern, trigger.slot, int_at(mem.emitted_first, number), behind)
        before = pattern
    before = NOTHING
    for number in range(mem.emitted):
        pattern = int_at(mem.emitted_pattern, number)
        if pattern != before:
            due = ask_rules(net, log, mem, contact, pattern, trigger, due)
        before = pattern
    return due


@inner
def wait_after(net: Net, log: Log, mem: Memory, contact: Contact, slot: int, patterns: int, firsts: int, start: int, end: int) -> None:
    """Begin to wait for what is waited for after an event or entry, for some of what happens at it: patterns and first events, by the
    addresses of both; those of one pattern stand side by side."""
    while start < end:
        pattern, first = int_at(patterns, start), start
        while start < end and int_at(patterns, start) == pattern:
            start += 1
        waits = weaving_at(net.weavings, pattern).waits
        if waits >= 0:
            wait_from(net, log, mem, contact, waits, slot, firsts, first, start)


@inner
def pass_by(net: Net, log: Log, mem: Memory, contact: Contact, slot: int) -> None:
    """What was emitted at a trigger, an event or entry, now stands before what comes; what is waited for after it is waited for."""
    for number in range(mem.emitted):
        advance(mem, int_at(mem.emitted_pattern, number))
    wait_after(net, log, mem, contact, slot, mem.emitted_pattern, mem.emitted_first, 0, mem.emitted)


@inner
def take_in_event(net: Net, log: Log, mem: Memory, contact: Contact, first: int, end: int) -> None:
    """What an event causes; the patterns that it matches, and the chains that happen at it, stand from `first` to `end` among the contact's
    matches."""
    slot = int_at(mem.match_slot, first)
    time = long_at(log.time, contact.first + slot)
    mem.order = slot * ORDERS
    mem.emitted = 0
    trigger = triggered(mem, slot, slot, mem.order, time)
    if net.entries_start:
        event = next_scan(mem)
        for at in range(first, end):
            pattern = int_at(mem.match_pattern, at)
            if pattern_at(net.patterns, pattern).is_live:
                announce(net, mem, contact, pattern, slot, slot, 0)
            weave_live(net, log, mem, contact, pattern, slot, time, event)
        gather(mem)
    due = 0
    for at in range(first, end):
        due = ask_rules(net, log, mem, contact, int_at(mem.match_pattern, at), trigger, due)
    due = happen(net, log, mem, contact, trigger, due)
    if due > 0:
        enter_rules(net, log, mem, contact, trigger, due)
    for at in range(first, end):
        advance(mem, int_at(mem.match_pattern, at))
    pass_by(net, log, mem, contact, slot)
    if net.is_waited:
        wait_after(net, log, mem, contact, slot, mem.match_pattern, mem.match_first, first, end)


@inner
def take_in_entry(net: Net, log: Log, mem: Memory, contact: Contact, entry: int, limit: int) -> None:
    """What an entry causes, which is an event too."""
    slot = contact.size + entry
    order = next_order(mem)
    set_long(mem.made_order, entry, order)
    time = time_of(log, mem, contact, slot)
    trigger = triggered(mem, slot, limit, order, time)
    key = int_at(net.automation_keys, int_at(mem.made_automation, entry))
    mem.emitted = 0
    count = 0
    for at in range(long_at(net.candidates_from, key), long_at(net.candidates_from, key + 1)):
        candidate = candidate_at(net.candidates, at)
        if candidate.filter < 0 or event_passes(net, log, mem, contact, candidate.filter, slot, slot):
            set_int(mem.now_pattern, count, candidate.pattern)
            count += 1
    event = next_scan(mem)
    for at in range(count):
        pattern = int_at(mem.now_pattern, at)
        announce(net, mem, contact, pattern, slot, slot, 0)
        weave_live(net, log, mem, contact, pattern, slot, time, event)
    gather(mem)
    due = 0
    for at in range(count):
        due = ask_rules(net, log, mem, contact, int_at(mem.now_pattern, at), trigger, due)
    due = happen(net, log, mem, contact, trigger, due)
    enter_rules(net, log, mem, contact, trigger, due)
    for at in range(count):
        advance(mem, int_at(mem.now_pattern, at))
    pass_by(net, log, mem, contact, slot)


@inner
def follow_entries(net: Net, log: Log, mem: Memory, contact: Contact, entry: int, limit: int) -> None:
    """An entry stands right after what caused it, and what it causes after all that stand there; `limit` is the first slot of the log's
    events after them."""
    last = entry + MOST_ENTRIES
    while entry < mem.made:
        if entry == last:
            raise MemoryError(ORDER_ROOM)
        take_in_entry(net, log, mem, contact, entry, limit)
        entry += 1


@inner
def come_next(net: Net, log: Log, mem: Memory, contact: Contact, limit: int) -> None:
    """What is waited for after one event until one moment comes, in one place, with the entries that it causes."""
    mem.emitted = 0
    item = pop(mem, contact)
    time, source = long_at(mem.item_due, item), int_at(mem.item_source, item)
    come(net, log, mem, contact, item, limit)
    while mem.waiting > 0:
        other = int_at(mem.agenda, 0)
        if long_at(mem.item_due, other) != time or int_at(mem.item_source, other) != source:
            break
        come(net, log, mem, contact, pop(mem, contact), limit)
    if mem.emitted == 0:
        return
    made = make(mem, contact, NOTHING, source, time, origin_of(mem, contact, source))
    order = next_order(mem)
    set_long(mem.made_order, made, order)
    slot = contact.size + made
    trigger = triggered(mem, slot, limit, order, time)
    due = happen(net, log, mem, contact, trigger, 0)
    enter_rules(net, log, mem, contact, trigger, due)
    pass_by(net, log, mem, contact, slot)
    if net.entries_start:
        follow_entries(net, log, mem, contact, made + 1, limit)


@inner
def come_until(net: Net, log: Log, mem: Memory, contact: Contact, time: int, limit: int) -> None:
    """All that is due before a time; `limit` is the first slot of the log's events that is not before that."""
    while mem.waiting > 0 and long_at(mem.item_due, int_at(mem.agenda, 0)) < time:
        come_next(net, log, mem, contact, limit)


@inner
def take_in_contact(net: Net, log: Log, mem: Memory, contact: Contact) -> None:
    """All of a contact's events, the entries that they cause, and what is waited for after them."""
    match_events(net, log, mem, contact)
    first = 0
    while first < mem.matched:
        slot = int_at(mem.match_slot, first)
        end = first + 1
        while end < mem.matched and int_at(mem.match_slot, end) == slot:
            end += 1
        if mem.waiting > 0:
            come_until(net, log, mem, contact, long_at(log.time, contact.first + slot), slot)
        made = mem.made
        take_in_event(net, log, mem, contact, first, end)
        if net.entries_start:
            follow_entries(net, log, mem, contact, made, slot + 1)
        first = end
        if mem.is_stopped:
            raise MemoryError(STOPPED)
    if mem.waiting > 0:
        come_until(net, log, mem, contact, net.horizon + 1, contact.size)
        count_pending(net, log, mem, contact)


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
        mem.made = 0
        mem.items = 0
        mem.waiting = 0
        mem.per = 0
        forget_contact(mem)
        start = long_at(log.first, number)
        take_in_contact(net, log, mem, Contact(start, long_at(log.first, number + 1) - start, mem.stamp))
        count_contact(mem)
        mem.contact = number + 1
        mem.kept = mem.written
        mem.kept_lineages = mem.lineages
