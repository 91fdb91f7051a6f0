"""Bytes, eight at a time: what kernels that read texts are made of.

In: places of bytes, as addresses in memory. Out: hashes, comparisons, the next byte that needs care. Kernels take arrays, which hold the
memory, and hand places in them on: so nothing is counted or checked on the way. Words may be read up to a `limit`, the end of the array.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from triggerlang.machine.kernels import inner

READ_ONLY: Final[Any] = types.Array(types.uint8, 1, "C", readonly=True)
READ_ONLY_CODES: Final[Any] = types.Array(types.int32, 1, "C", readonly=True)
READ_ONLY_LONGS: Final[Any] = types.Array(types.int64, 1, "C", readonly=True)
"""Bytes and numbers that a kernel only reads; writable ones are taken too."""


def tuple_type(parts: tuple[Any, ...], of: Any) -> Any:
    """The type of a named tuple that kernels take."""
    make: Any = types.NamedUniTuple if len(set(parts)) == 1 else types.NamedTuple
    return make(parts[0], len(parts), of) if len(set(parts)) == 1 else make(parts, of)


Long: Final[Any] = np.int64
Word: Final[Any] = np.uint64
"""What kernels make of numbers where signs or the bits of a word matter."""

WIDTH: Final = 32
"""As many bytes are looked at at once."""

_MIX: Final[Any] = np.uint64(0x9E37_79B9_7F4A_7C15)
_SHIFT: Final[Any] = np.uint64(32)
_ALL: Final[Any] = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


def _operation(make: Callable[..., Any]) -> Callable[..., int]:
    """An operation of the machine, which kernels can use."""
    made: Callable[..., int] = intrinsic(make)
    return made


def _pointer(builder: Any, address: Any, bits: int) -> Any:
    return builder.inttoptr(address, ir.IntType(bits).as_pointer())


@_operation
def byte_at(_context: Any, address: Any) -> Any:
    """The byte at a place, as a number."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.zext(builder.load(_pointer(builder, args[0], 8), align=1), ir.IntType(64))

    return types.int64(types.int64), generate


@_operation
def word_at(_context: Any, address: Any) -> Any:
    """The eight bytes from a place on, the first of them lowest."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = builder.load(_pointer(builder, args[0], 64), align=1)
        return builder.bswap(word) if sys.byteorder == "big" else word

    return types.uint64(types.int64), generate


@_operation
def put_byte(_context: Any, address: Any, byte: Any) -> Any:
    """Write a byte; returns the place after it."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(builder.trunc(args[1], ir.IntType(8)), _pointer(builder, args[0], 8), align=1)
        return builder.add(args[0], ir.Constant(ir.IntType(64), 1))

    return types.int64(types.int64, types.int64), generate


@_operation
def _zeros_below(_context: Any, word: Any) -> Any:
    """How many bits stand below the lowest one that is set."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@_operation
def fetch_ahead(_context: Any, address: Any) -> Any:
    """Let the machine fetch what stands at a place while it does something else."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte], ir.FunctionType(ir.VoidType(), [byte, number, number, number]))
        builder.call(function, [_pointer(builder, args[0], 8), ir.Constant(number, 0), ir.Constant(number, 3), ir.Constant(number, 1)])
        return context.get_dummy_value()

    return types.void(types.int64), generate


def _repeated(builder: Any, byte: Any) -> Any:
    """A byte in every place of a vector."""
    kind = ir.VectorType(ir.IntType(8), WIDTH)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), builder.trunc(byte, ir.IntType(8)), ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH))


def _vector(builder: Any, address: Any) -> Any:
    """The bytes from a place on."""
    pointer = builder.inttoptr(address, ir.VectorType(ir.IntType(8), WIDTH).as_pointer())
    return builder.load(pointer, align=1)


def _mask(builder: Any, places: Any) -> Any:
    """A number with a bit for each place of a vector."""
    return builder.zext(builder.bitcast(places, ir.IntType(WIDTH)), ir.IntType(64))


@_operation
def _specials(_context: Any, address: Any, first: Any, second: Any) -> Any:
    """Which of the bytes from a place on are one of two, control characters or not ASCII: a bit for each."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        held = _vector(builder, args[0])
        space = _repeated(builder, ir.Constant(ir.IntType(64), 32))
        either = builder.or_(
            builder.icmp_unsigned("==", held, _repeated(builder, args[1])), builder.icmp_unsigned("==", held, _repeated(builder, args[2]))
        )
        # What is not ASCII is negative as a signed byte.
        return _mask(builder, builder.or_(either, builder.icmp_signed("<", held, space)))

    return types.uint64(types.int64, types.int64, types.int64), generate


@_operation
def _occurrences(_context: Any, address: Any, wanted: Any) -> Any:
    """Where a byte stands among those from a place on: a bit for each."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _mask(builder, builder.icmp_unsigned("==", _vector(builder, args[0]), _repeated(builder, args[1])))

    return types.uint64(types.int64, types.int64), generate


@inner
def next_special(at: int, end: int, limit: int, first: int, second: int) -> int:
    """The next place of either of two bytes, a control character or a byte that is not ASCII; `end` where there is none."""
    last = limit - WIDTH
    while at <= last:
        found = _specials(at, first, second)
        if found != 0:
            return min(at + _zeros_below(found), end)
        at += WIDTH
        if at >= end:
            return end
    while at < end:
        byte = byte_at(at)
        if byte < 32 or byte >= 128 or byte in (first, second):
            return at
        at += 1
    return end


@inner
def next_line_feed(at: int, end: int, limit: int) -> int:
    """The next place of a line feed; `end` where there is none."""
    last = limit - WIDTH
    while at <= last and at < end:
        found = _occurrences(at, 10)
        if found != 0:
            return min(at + _zeros_below(found), end)
        at += WIDTH
    while at < end and byte_at(at) != 10:
        at += 1
    return min(at, end)


@inner
def after_character(at: int, end: int) -> int:
    """The place after a character of UTF-8 that is not ASCII; -1 where the bytes are none."""
    lead = byte_at(at)
    if lead < 0xC2 or lead > 0xF4:
        return -1
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if at + length > end:
        return -1
    second = byte_at(at + 1)
    lowest = 0xA0 if lead == 0xE0 else 0x90 if lead == 0xF0 else 0x80
    highest = 0x9F if lead == 0xED else 0x8F if lead == 0xF4 else 0xBF
    if second < lowest or second > highest:
        return -1
    for place in range(at + 2, at + length):
        if byte_at(place) & 0xC0 != 0x80:
            return -1
    return at + length


@inner
def last_bytes(at: int, length: int, limit: int) -> tuple[Any, Any]:
    """The sixteen bytes or fewer from a place on, as two words. Most texts are that short, so nothing is decided by their lengths."""
    if at + 16 <= limit:
        low = word_at(at) & (_ALL if length >= 8 else ~(_ALL << Word(8 * length)))
        above = max(length - 8, 0)
        return low, word_at(at + 8) & (_ALL if above == 8 else ~(_ALL << Word(8 * above)))
    low = high = Word(0)
    for place in range(min(length, 8)):
        low |= Word(byte_at(at + place)) << Word(8 * place)
    for place in range(8, length):
        high |= Word(byte_at(at + place)) << Word(8 * place - 64)
    return low, high


@inner
def hash_and_end(at: int, length: int, limit: int, seed: int) -> tuple[Any, Any, Any]:
    """A hash of some bytes, and the last sixteen of them, or fewer."""
    mixed = Word(seed) ^ (Word(length) * _MIX)
    while length > 16:
        mixed = (mixed ^ word_at(at)) * _MIX
        mixed ^= mixed >> _SHIFT
        at += 8
        length -= 8
    low, high = last_bytes(at, length, limit)
    mixed = (mixed ^ low) * _MIX
    mixed ^= mixed >> _SHIFT
    mixed = (mixed ^ high) * _MIX
    mixed ^= mixed >> _SHIFT
    return mixed * _MIX, low, high


@inner
def hash_bytes(at: int, length: int, limit: int, seed: int) -> Any:
    """A hash of some bytes."""
    return hash_and_end(at, length, limit, seed)[0]


@inner
def same_words(one: int, other: int, length: int) -> bool:
    """Whether more than sixteen bytes are the same at both places but for the last sixteen or fewer, which `hash_and_end` has."""
    while length > 16:
        if word_at(one) != word_at(other):
            return False
        one += 8
        other += 8
        length -= 8
    return True


@inner
def same_bytes(one: int, limit: int, other: int, other_limit: int, length: int) -> bool:
    """Whether as many bytes are the same at both places."""
    while length > 16:
        if word_at(one) != word_at(other):
            return False
        one += 8
        other += 8
        length -= 8
    low, high = last_bytes(one, length, limit)
    other_low, other_high = last_bytes(other, length, other_limit)
    is_same: bool = low == other_low and high == other_high
    return is_same


@inner
def put_bytes(at: int, length: int, limit: int, to: int, room: int) -> int:
    """Copy some bytes; returns the place after them. Up to `room` there may be written."""
    end = to + length
    while to < end:
        if at + 8 <= limit and to + 8 <= room:
            put_word(to, word_at(at))
            at += 8
            to += 8
        else:
            to = put_byte(to, byte_at(at))
            at += 1
    return end


@_operation
def put_word(_context: Any, address: Any, word: Any) -> Any:
    """Write eight bytes."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = builder.bswap(args[1]) if sys.byteorder == "big" else args[1]
        builder.store(word, _pointer(builder, args[0], 64), align=1)
        return context.get_dummy_value()

    return types.void(types.int64, types.uint64), generate
