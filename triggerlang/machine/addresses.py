"""Addresses: where arrays stand in memory, for kernels that hand places on rather than arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped, unused-ignore]
from numba import types
from numba.extending import intrinsic


def _address_of(_context: Any, array: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        held = context.make_array(signature.args[0])(context, builder, args[0])
        return builder.ptrtoint(held.data, ir.IntType(64))

    return types.int64(array), generate


_made: Any = intrinsic(_address_of)
address_of: Callable[[Any], int] = _made
"""The place of an array's first element; what holds the array must outlive the use of it."""
