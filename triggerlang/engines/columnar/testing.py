"""Tests and conditions: what a rule asks of a contact at its trigger."""

from __future__ import annotations

from typing import Any

from triggerlang.engines.columnar.addresses import flag_at, int_at, long_at, set_int, set_long
from triggerlang.engines.columnar.beside import at_trigger
from triggerlang.engines.columnar.calendar import clock_at
from triggerlang.engines.columnar.layout import (
    AT_LEAST,
    AT_MOST,
    AVERAGE,
    COUNT,
    COUNT_TEST,
    EQUAL,
    FIELD_TEST,
    LESS,
    MEMBER_TEST,
    MORE,
    NUMBER_TEST,
    PLAIN_COUNT_TEST,
    SEGMENT_TEST,
    SLIDING,
    SUM,
    TRIGGER_NUMBER_TEST,
    TRIGGER_TEXT_TEST,
    UNEQUAL,
    VALUE_TEST,
    WEEKDAY_TEST,
    YES,
    Contact,
    Log,
    Memory,
    Net,
    Trigger,
    measure_at,
    step_at,
    test_at,
)
from triggerlang.engines.columnar.measures import count_measure, distinct_measure, sum_measure, value_measure
from triggerlang.engines.columnar.places import time_of
from triggerlang.engines.columnar.programs import code_at, texts_compare, value_passes
from triggerlang.engines.columnar.states import field_value, is_member
from triggerlang.engines.columnar.streams import get, stream_size
from triggerlang.engines.columnar.wide import compares, counts_compare, times, wide_at
from triggerlang.engines.columnar.windows import measured_stream
from triggerlang.machine.kernels import inner

DAY = 86_400_000_000


@inner
def plain_count_test(net: Net, mem: Memory, contact: Contact, number: int) -> bool:
    """`count >= 2` of all that stands before the trigger."""
    test = test_at(net.tests, number)
    return counts_compare(test.sign, stream_size(mem, contact, test.pattern), test.number)


@inner
def sliding_count_test(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> bool:
    """`count >= 2 within 7 days before`: at least so many are there if the last but so many is young enough, so nothing is counted."""
    test = test_at(net.tests, number)
    measure = measure_at(net.measures, test.measure)
    at, end, room, _, _ = measured_stream(net, log, mem, contact, test.measure, trigger)
    if measure.so_far:
        end += at_trigger(mem, at, end, room, trigger)
    oldest = trigger.time - measure.width
    reaches = is_young(log, mem, contact, at, end, test.number, oldest)
    if test.sign == AT_LEAST:
        return reaches
    if test.sign == LESS:
        return not reaches
    exceeds = is_young(log, mem, contact, at, end, test.number + 1, oldest)
    if test.sign == MORE:
        return exceeds
    if test.sign == AT_MOST:
        return not exceeds
    return (reaches and not exceeds) == (test.sign == EQUAL)


@inner
def is_young(log: Log, mem: Memory, contact: Contact, at: int, end: int, count: int, oldest: int) -> bool:
    """Whether so many of a stream's last events, up to an end, are as young as that."""
    return count <= 0 or (count <= end and time_of(log, mem, contact, get(mem, at + end - count)) >= oldest)


@inner
def count_test(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> bool:
    """`count >= 2`, `distinct plan >= 2`."""
    test = test_at(net.tests, number)
    measure = measure_at(net.measures, test.measure)
    if measure.window == SLIDING and measure.function == COUNT and measure.pair < 0:
        return sliding_count_test(net, log, mem, contact, number, trigger)
    if measure.function == COUNT:
        found = count_measure(net, log, mem, contact, test.measure, trigger)
    else:
        found = distinct_measure(net, log, mem, contact, test.measure, trigger)
    return counts_compare(test.sign, found, test.number)


@inner
def value_test(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> bool:
    """`first plan = "pro"`, `max amount >= 10`."""
    test = test_at(net.tests, number)
    code = value_measure(net, log, mem, contact, test.measure, trigger)
    return value_passes(net, test.program, max(code, 0))


@inner
def number_compares(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger, high: Any, low: Any) -> bool:
    """Whether a sum or an average compares with a number; an average of nothing only with `!=`."""
    test = test_at(net.tests, number)
    found_high, found_low, count = sum_measure(net, log, mem, contact, test.measure, trigger)
    if measure_at(net.measures, test.measure).function == AVERAGE:
        if count == 0:
            return test.sign == UNEQUAL
        high, low = times(high, low, count)
    return compares(test.sign, found_high, found_low, high, low)


@inner
def trigger_number_test(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> bool:
    """`sum amount > trigger amount`, `last amount < trigger amount`."""
    test = test_at(net.tests, number)
    wanted = long_at(net.numbers_from, test.column) + code_at(net, log, mem, contact, trigger.slot, test.column)
    if flag_at(net.has_number, wanted) == 0:
        return test.sign == UNEQUAL
    high, low = wide_at(net, wanted)
    measure = measure_at(net.measures, test.measure)
    if measure.function == SUM or measure.function == AVERAGE:
        return number_compares(net, log, mem, contact, number, trigger, high, low)
    code = value_measure(net, log, mem, contact, test.measure, trigger)
    if code < 0:
        return test.sign == UNEQUAL
    found_high, found_low = wide_at(net, long_at(net.numbers_from, measure.column) + code)
    return compares(test.sign, found_high, found_low, high, low)


@inner
def trigger_text_test(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> bool:
    """`last plan = trigger plan`."""
    test = test_at(net.tests, number)
    code = value_measure(net, log, mem, contact, test.measure, trigger)
    column = measure_at(net.measures, test.measure).column
    return texts_compare(net, test.sign, column, max(code, 0), test.column, code_at(net, log, mem, contact, trigger.slot, test.column))


@inner
def weekday_test(net: Net, number: int, time: int) -> bool:
    """`weekday in (monday, tuesday)`."""
    day = (clock_at(net, time) // DAY + 3) % 7
    return (test_at(net.tests, number).number >> day) & 1 == 1


@inner
def time_test(net: Net, number: int, time: int) -> bool:
    """`time between 22:00 and 06:00`."""
    test = test_at(net.tests, number)
    clock = clock_at(net, time) % DAY
    if test.start < test.end:
        return test.start <= clock < test.end
    return clock >= test.start or clock < test.end


@inner
def test_holds(net: Net, log: Log, mem: Memory, contact: Contact, number: int, trigger: Trigger) -> bool:
    """Whether a test other than a segment's holds."""
    test = test_at(net.tests, number)
    kind = test.kind
    if kind == PLAIN_COUNT_TEST:
        return plain_count_test(net, mem, contact, number)
    if kind == COUNT_TEST:
        return count_test(net, log, mem, contact, number, trigger)
    if kind == VALUE_TEST:
        return value_test(net, log, mem, contact, number, trigger)
    if kind == NUMBER_TEST:
        return number_compares(net, log, mem, contact, number, trigger, test.high, test.low)
    if kind == MEMBER_TEST:
        return is_member(net, log, mem, contact, number, trigger)
    if kind == FIELD_TEST:
        return value_passes(net, test.program, field_value(net, log, mem, contact, number, trigger))
    if kind == WEEKDAY_TEST:
        return weekday_test(net, number, trigger.time)
    if kind == TRIGGER_NUMBER_TEST:
        return trigger_number_test(net, log, mem, contact, number, trigger)
    if kind == TRIGGER_TEXT_TEST:
        return trigger_text_test(net, log, mem, contact, number, trigger)
    return time_test(net, number, trigger.time)


@inner
def memorise(mem: Memory, number: int, trigger: Trigger, holds: bool) -> None:
    """Remember what was found of a test that several conditions share, until the next trigger."""
    set_long(mem.memo, number, 2 * trigger.number + holds)


@inner
def condition_holds(net: Net, log: Log, mem: Memory, contact: Contact, program: int, trigger: Trigger) -> bool:
    """Whether a condition holds."""
    depth = 0
    while True:
        while program >= 0:
            step = step_at(net.condition_steps, program)
            number = step.test
            test = test_at(net.tests, number)
            if test.is_shared:
                memo = long_at(mem.memo, number)
                if memo >> 1 == trigger.number:
                    program = step.yes if memo & 1 else step.no
                    continue
            if test.kind == SEGMENT_TEST:
                set_int(mem.calls, depth, program)
                depth += 1
                program = test.program
                continue
            holds = test_holds(net, log, mem, contact, number, trigger)
            if test.is_shared:
                memorise(mem, number, trigger, holds)
            program = step.yes if holds else step.no
        holds = program == YES
        if depth == 0:
            return holds
        # A segment has been decided: back to the step that asked for it.
        depth -= 1
        step = step_at(net.condition_steps, int_at(mem.calls, depth))
        if test_at(net.tests, step.test).is_shared:
            memorise(mem, step.test, trigger, holds)
        program = step.yes if holds else step.no
