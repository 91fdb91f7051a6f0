"""Filters: programs of atoms over an event's values, and over the trigger's where a filter looks at it."""

from __future__ import annotations

from triggerlang.engines.columnar.addresses import flag_at, int_at, long_at
from triggerlang.engines.columnar.layout import (
    EQUAL,
    IN_TABLE,
    ITS_NUMBER,
    ITS_TEXT,
    NUMBER,
    TEXT,
    TRIGGER_TEXT,
    UNEQUAL,
    YES,
    Contact,
    Log,
    Memory,
    Net,
    atom_at,
    step_at,
)
from triggerlang.engines.columnar.wide import compares, wide_at
from triggerlang.machine.kernels import inner


@inner
def code_at(net: Net, log: Log, mem: Memory, contact: Contact, slot: int, column: int) -> int:
    """The code of a column at an event; an entry has a name and nothing else, an absence or a moment what its event has."""
    if slot < contact.size:
        return int_at(long_at(log.columns, column), contact.first + slot)
    source = int_at(mem.made_source, slot - contact.size)
    if source >= 0:
        if source < contact.size:
            return int_at(long_at(log.columns, column), contact.first + source)
        slot = source
    if column == net.name_column:
        return int_at(net.automation_names, int_at(mem.made_automation, slot - contact.size))
    if column == net.key_column:
        return int_at(net.automation_keys, int_at(mem.made_automation, slot - contact.size))
    return 0


@inner
def text_of(net: Net, column: int, code: int) -> int:
    """The number of the text form of a column's value, -1 where it has none."""
    return int_at(net.texts, long_at(net.texts_from, column) + code)


@inner
def texts_compare(net: Net, sign: int, column: int, code: int, other: int, other_code: int) -> bool:
    """Whether two values have equal text forms, or not."""
    text = text_of(net, column, code)
    is_equal = text >= 0 and text == text_of(net, other, other_code)
    return is_equal == (sign == EQUAL)


@inner
def numbers_compare(net: Net, sign: int, column: int, code: int, other: int, other_code: int) -> bool:
    """Whether two values compare as numbers; where one is none only `!=` holds."""
    left, right = long_at(net.numbers_from, column) + code, long_at(net.numbers_from, other) + other_code
    if flag_at(net.has_number, left) == 0 or flag_at(net.has_number, right) == 0:
        return sign == UNEQUAL
    high, low = wide_at(net, left)
    other_high, other_low = wide_at(net, right)
    return compares(sign, high, low, other_high, other_low)


@inner
def value_fits(net: Net, at: int, code: int) -> bool:
    """Whether a value meets an atom that asks for it alone."""
    atom = atom_at(net.atoms, at)
    if atom.kind == IN_TABLE:
        return flag_at(net.tables, atom.table + code) != 0
    if atom.kind == TEXT:
        return (text_of(net, atom.column, code) == atom.text) == (atom.sign == EQUAL)
    number = long_at(net.numbers_from, atom.column) + code
    if flag_at(net.has_number, number) == 0:
        return atom.sign == UNEQUAL
    high, low = wide_at(net, number)
    return compares(atom.sign, high, low, atom.high, atom.low)


@inner
def value_passes(net: Net, program: int, code: int) -> bool:
    """Whether a value passes a program of atoms that ask for it alone."""
    while program >= 0:
        step = step_at(net.filter_steps, program)
        program = step.yes if value_fits(net, step.test, code) else step.no
    return program == YES


@inner
def event_passes(net: Net, log: Log, mem: Memory, contact: Contact, program: int, slot: int, trigger: int) -> bool:
    """Whether an event passes a filter beside a trigger; both are given by their slots."""
    while program >= 0:
        step = step_at(net.filter_steps, program)
        atom = atom_at(net.atoms, step.test)
        code = code_at(net, log, mem, contact, slot, atom.column)
        if atom.kind == IN_TABLE or atom.kind == TEXT or atom.kind == NUMBER:
            fits = value_fits(net, step.test, code)
        else:
            is_own = atom.kind == ITS_TEXT or atom.kind == ITS_NUMBER
            other_code = code_at(net, log, mem, contact, slot if is_own else trigger, atom.other)
            if atom.kind == ITS_TEXT or atom.kind == TRIGGER_TEXT:
                fits = texts_compare(net, atom.sign, atom.column, code, atom.other, other_code)
            else:
                fits = numbers_compare(net, atom.sign, atom.column, code, atom.other, other_code)
        program = step.yes if fits else step.no
    return program == YES
