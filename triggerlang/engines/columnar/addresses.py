"""Addresses: numbers and records by their places in memory.

Kernels hand on places rather than arrays: an array that is handed from one compiled function to the next is counted each time, and
compiling that takes longer than all the rest. What holds the memory stays with the caller for as long as a kernel runs; nothing is
checked on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped, unused-ignore]
from numba import types
from numba.extending import intrinsic

Place = Callable[[int, int], int]
Put = Callable[[int, int, int], None]

_LONG = ir.IntType(64)


def _element(builder: Any, address: Any, number: Any, bits: int) -> Any:
    kind = ir.IntType(bits)
    return builder.gep(builder.inttoptr(address, kind.as_pointer()), [number])


def _reader(bits: int, *, signed: bool) -> Place:
    def make(_context: Any, address: Any, number: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            held = builder.load(_element(builder, args[0], args[1], bits), align=bits // 8)
            if bits == 64:
                return held
            return builder.sext(held, _LONG) if signed else builder.zext(held, _LONG)

        return types.int64(types.int64, types.int64), generate

    made: Any = intrinsic(make)
    return made


def _writer(bits: int) -> Put:
    def make(_context: Any, address: Any, number: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            value = args[2] if bits == 64 else builder.trunc(args[2], ir.IntType(bits))
            builder.store(value, _element(builder, args[0], args[1], bits), align=bits // 8)
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, types.int64), generate

    made: Any = intrinsic(make)
    return made


long_at: Place = _reader(64, signed=True)
"""The 64-bit number of an array, by the array's address and the number's index."""

int_at: Place = _reader(32, signed=True)
"""The same of 32 bits."""

flag_at: Place = _reader(8, signed=False)
"""The same of 8 bits, without a sign."""

set_long: Put = _writer(64)
"""Write a 64-bit number: address, index, value."""

set_int: Put = _writer(32)
set_flag: Put = _writer(8)


def record_at(record: np.dtype[Any]) -> Callable[[int, int], Any]:
    """The function that gives a record of an array, by the array's address and the record's index."""
    kind: Any = numba.from_dtype(record)

    def make(_context: Any, address: Any, number: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            size = ir.Constant(_LONG, record.itemsize)
            return builder.inttoptr(builder.add(args[0], builder.mul(args[1], size)), context.get_value_type(kind))

        return kind(types.int64, types.int64), generate

    made: Any = intrinsic(make)
    return made
