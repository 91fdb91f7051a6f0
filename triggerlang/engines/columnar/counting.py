"""Counting: how far the triggers of each rule came, step by step; where nobody asks for it, rules are asked another way.

An outcome is what became of a trigger: a step stopped it, among others or alone, or it entered. What a contact's triggers came to is
counted when the contact is done, since it may begin anew.
"""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import int_at, long_at, set_int, set_long
from triggerlang.engines.columnar.layout import NOTHING, Contact, Log, Memory, Net, Trigger, counted_at, pattern_at, rule_at
from triggerlang.engines.columnar.places import origin_of
from triggerlang.engines.columnar.runs import allows
from triggerlang.engines.columnar.testing import condition_holds
from triggerlang.engines.funnel import MOST_EXAMPLES, STEPS_BESIDE_PARTS
from triggerlang.machine.kernels import inner


@inner
def meet(mem: Memory, outcome: int) -> None:
    """Count an outcome of a trigger of the contact at hand."""
    count = int_at(mem.outcome_own, outcome)
    if count == 0:
        set_int(mem.outcome_met, mem.outcomes_met, outcome)
        mem.outcomes_met += 1
    set_int(mem.outcome_own, outcome, count + 1)


@inner
def count_contact(mem: Memory) -> None:
    """A contact is done: what its triggers came to counts."""
    for number in range(mem.outcomes_met):
        outcome = int_at(mem.outcome_met, number)
        set_long(mem.outcomes, outcome, long_at(mem.outcomes, outcome) + int_at(mem.outcome_own, outcome))
        set_int(mem.outcome_own, outcome, 0)
    mem.outcomes_met = 0


@inner
def forget_contact(mem: Memory) -> None:
    """A contact begins anew: what its triggers came to does not count."""
    for number in range(mem.outcomes_met):
        set_int(mem.outcome_own, int_at(mem.outcome_met, number), 0)
    mem.outcomes_met = 0


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
def keep_example(log: Log, mem: Memory, contact: Contact, outcome: int, trigger: Trigger) -> None:
    """Keep the contact as an example of an outcome if it is among the first; of each contact the first trigger alone tells."""
    if int_at(mem.outcome_stamp, outcome) == contact.stamp:
        return
    set_int(mem.outcome_stamp, outcome, contact.stamp)
    position = contact.first + origin_of(mem, contact, trigger.slot)
    first = MOST_EXAMPLES * outcome
    place = first + MOST_EXAMPLES
    while place > first and is_earlier(log, mem, trigger.time, position, place - 1):
        place -= 1
    if place == first + MOST_EXAMPLES:
        return
    if place > first and int_at(mem.example_position, place - 1) == position and long_at(mem.example_time, place - 1) == trigger.time:
        # The contact began anew, and this is what it was before.
        return
    for other in range(first + MOST_EXAMPLES - 1, place, -1):
        set_int(mem.example_position, other, int_at(mem.example_position, other - 1))
        set_long(mem.example_time, other, long_at(mem.example_time, other - 1))
    set_int(mem.example_position, place, position)
    set_long(mem.example_time, place, trigger.time)


@inner
def ask_step_by_step(net: Net, log: Log, mem: Memory, contact: Contact, pattern: int, trigger: Trigger, due: int) -> int:
    """Ask the rules of a pattern that the trigger matches; those that at most one step stops are added to those that are due, since runs
    are known only when those before them have entered."""
    node = pattern_at(net.patterns, pattern)
    counts = is_counted(net, trigger)
    for at in range(node.first_rule, node.end_rule):
        counted = counted_at(net.counted, at)
        rule = rule_at(net.rules, at)
        stopping = NOTHING if rule.start <= trigger.time < rule.end else 0
        is_stopped_twice = False
        for part in range(counted.first_part, counted.end_part):
            if condition_holds(net, log, mem, contact, int_at(net.parts, part), trigger):
                continue
            if stopping >= 0:
                is_stopped_twice = True
                break
            stopping = part - counted.first_part + 1
        if is_stopped_twice:
            if counts:
                meet(mem, counted.outcomes + 2 * stopping)
        elif stopping < 0 or counts:
            set_int(mem.stopping, at, stopping)
            set_long(mem.due, due, int(rule.rule) << 32 | at)
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
