"""Counting: how far the triggers of each rule came, step by step; where nobody asks for it, rules are asked another way.

An outcome is what became of a trigger: a step stopped it, among others or alone, or it entered. What a contact's triggers came to is
counted when the contact is done, since it may begin anew.
"""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import int_at, long_at, set_int, set_long
from triggerlang.engines.columnar.layout import (
    NOTHING,
    Contact,
    Log,
    Memory,
    Net,
    Trigger,
    counted_at,
    outcome_at,
    part_at,
    pattern_at,
    rule_at,
)
from triggerlang.engines.columnar.places import origin_of
from triggerlang.engines.columnar.runs import allows
from triggerlang.engines.columnar.streams import lacks
from triggerlang.engines.columnar.testing import condition_holds
from triggerlang.engines.funnel import MOST_EXAMPLES, STEPS_BESIDE_PARTS
from triggerlang.machine.kernels import inner


@inner
def meet(mem: Memory, number: int) -> None:
    """Count an outcome of a trigger of the contact at hand."""
    outcome = outcome_at(mem.outcomes, number)
    if outcome.own == 0:
        set_int(mem.outcomes_met, mem.met, number)
        mem.met += 1
    outcome.own += 1


@inner
def count_contact(mem: Memory) -> None:
    """A contact is done: what its triggers came to counts."""
    for place in range(mem.met):
        outcome = outcome_at(mem.outcomes, int_at(mem.outcomes_met, place))
        outcome.count += outcome.own
        outcome.own = 0
    mem.met = 0


@inner
def forget_contact(mem: Memory) -> None:
    """A contact begins anew: what its triggers came to does not count."""
    for place in range(mem.met):
        outcome_at(mem.outcomes, int_at(mem.outcomes_met, place)).own = 0
    mem.met = 0


@inner
def is_counted(net: Net, trigger: Trigger) -> bool:
    """Whether a trigger lies between the moments that are counted."""
    return net.counted_from <= trigger.time < net.counted_until


@inner
def is_earlier(log: Log, mem: Memory, time: int, position: int, place: int) -> bool:
    """Whether a trigger is earlier than an example, by its time and then by the order in which events were read."""
    held = int_at(mem.example_position, place)
    if held == NOTHING:
        return True
    other = long_at(mem.example_time, place)
    return time < other or (time == other and int_at(log.read, position) < int_at(log.read, held))


@inner
def keep_example(log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> None:
    """Keep the contact as an example of an outcome if it is among the first; of each contact the first trigger alone tells."""
    outcome = outcome_at(mem.outcomes, number)
    if trigger.time > outcome.last or outcome.stamp == contact.stamp:
        return
    outcome.stamp = contact.stamp
    position = contact.first + origin_of(mem, contact, trigger.slot)
    first = MOST_EXAMPLES * number
    last = first + MOST_EXAMPLES - 1
    place = last + 1
    while place > first and is_earlier(log, mem, trigger.time, position, place - 1):
        place -= 1
    if place > last:
        return
    if place > first and int_at(mem.example_position, place - 1) == position and long_at(mem.example_time, place - 1) == trigger.time:
        # The contact began anew, and this is what it was before.
        return
    for other in range(last, place, -1):
        set_int(mem.example_position, other, int_at(mem.example_position, other - 1))
        set_long(mem.example_time, other, long_at(mem.example_time, other - 1))
    set_int(mem.example_position, place, position)
    set_long(mem.example_time, place, trigger.time)
    if int_at(mem.example_position, last) != NOTHING:
        outcome.last = long_at(mem.example_time, last)


@inner
def part_holds(net: Net, log: Log, mem: Memory, contact: Contact, part: int, trigger: Trigger) -> bool:
    """Whether a part of a condition holds."""
    node = part_at(net.parts, part)
    return not lacks(mem, contact, node.needed) and condition_holds(net, log, mem, contact, node.program, trigger)


@inner
def another_stops(net: Net, log: Log, mem: Memory, contact: Contact, part: int, end: int, trigger: Trigger) -> bool:
    """Whether any part from one on does not hold; what costs least is asked first."""
    for other in range(part, end):
        if lacks(mem, contact, part_at(net.parts, other).needed):
            return True
    for other in range(part, end):  # noqa: SIM110 - compiled
        if not condition_holds(net, log, mem, contact, part_at(net.parts, other).program, trigger):
            return True
    return False


@inner
def ask_step_by_step(net: Net, log: Log, mem: Memory, contact: Contact, pattern: int, trigger: Trigger, due: int) -> int:
    """Ask the rules of a pattern that the trigger matches. Those that at most one step stops are added to those that are due where only
    the entries of others before them will tell whether their header allows one more."""
    node = pattern_at(net.patterns, pattern)
    counts = is_counted(net, trigger)
    for at in range(node.first_rule, node.end_rule):
        counted = counted_at(net.counted, at)
        is_used = int_at(mem.used_stamp, at) == contact.stamp
        if is_used and not counts:
            continue
        part, end = counted.first_part, counted.end_part
        stopping = NOTHING
        if counted.is_guarded:
            rule = rule_at(net.rules, at)
            if not rule.start <= trigger.time < rule.end:
                stopping = 0
        if stopping < 0:
            while part < end and part_holds(net, log, mem, contact, part, trigger):
                part += 1
            if part < end:
                stopping = part - counted.first_part + 1
                part += 1
        if stopping >= 0:
            if not counts:
                continue
            if is_used or another_stops(net, log, mem, contact, part, end, trigger):
                meet(mem, counted.outcomes + 2 * stopping)
                continue
            if not counted.is_guarded:
                is_alone = allows(net, log, mem, contact, counted.limit, trigger)
                outcome = counted.outcomes + 2 * stopping + int(is_alone)
                meet(mem, outcome)
                if is_alone:
                    keep_example(log, mem, contact, outcome, trigger)
                continue
        set_int(mem.stopping, at, stopping)
        set_long(mem.due, due, int(rule_at(net.rules, at).rule) << 32 | at)
        due += 1
    return due


@inner
def is_let_in(net: Net, log: Log, mem: Memory, contact: Contact, at: int, trigger: Trigger) -> bool:
    """Whether a rule that is due makes an entry; what became of the trigger is counted."""
    counted = counted_at(net.counted, at)
    rule = rule_at(net.rules, at)
    stopping = int_at(mem.stopping, at)
    parts = counted.end_part - counted.first_part
    by_runs = NOTHING
    if not allows(net, log, mem, contact, rule.limit, trigger):
        by_runs = parts + 1
    elif not allows(net, log, mem, contact, rule.header, trigger):
        by_runs = parts + 2
    is_alone = stopping < 0 or by_runs < 0
    if stopping < 0:
        stopping = by_runs
    if is_counted(net, trigger):
        if stopping < 0:
            meet(mem, counted.outcomes + 2 * (parts + STEPS_BESIDE_PARTS))
        else:
            outcome = counted.outcomes + 2 * stopping + int(is_alone)
            meet(mem, outcome)
            if is_alone:
                keep_example(log, mem, contact, outcome, trigger)
    return stopping < 0
