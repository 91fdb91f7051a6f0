"""Paths: where the values of the properties that rules name may stand in a row.

In: property paths, such as `plan` or `shipping.country`. Out: a tree of keys, as arrays, that a kernel walks down as it reads a row.

A value is looked up as one key before it is looked up step by step, and in `properties` before it is among a row's other keys. So each
place has a rank, and the highest of those that are there counts, even if its value is null.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numba import int64, types, uint64

from triggerlang.events.bytewise import READ_ONLY, hash_bytes, tuple_type
from triggerlang.events.columns import Bytes, Codes, Longs
from triggerlang.events.interning import NO_BYTES, SEED
from triggerlang.events.rows import FIELDS
from triggerlang.machine.addresses import address_of
from triggerlang.machine.kernels import kernel

CONTACT: Final = 0
KIND: Final = 1
NAME: Final = 2
ID: Final = 3
TIME: Final = 4
TEXT_FIELDS: Final = ("contact", "kind", "name", "id", "time")
"""The fields that are texts, each by its number."""
VALUE: Final = 5
PROPERTIES: Final = 6
ROW: Final = 7
"""The node of a whole row; those before it are the nodes of its fields."""
INSIDE: Final = 8
"""The node of what stands in `properties`."""

WHOLE: Final = 4
"""The rank of a path that is one key of `properties`; also that of the field `value`, which no other place can have."""
BESIDE: Final = 3
"""That of a path that is one key beside `properties`."""
STEPS: Final = 2
"""That of the first step of a path, and of its end, in `properties`."""
STEPS_BESIDE: Final = 1
"""That of the end of a path whose first step stands beside `properties`."""


class Tree(NamedTuple):
    """The tree of keys. An edge leads by a key from a node to another; actions of a node say what its value is to which path.

    A path's number with its action is `path * 16 + rank * 2`, and 1 more where only the presence of the node counts.
    """

    keys: Bytes
    key_starts: Longs
    edge_slots: Codes
    edge_from: Codes
    edge_to: Codes
    action_starts: Codes
    actions: Codes


TREE: Final[Any] = tuple_type(
    (READ_ONLY, types.int64[::1], types.int32[::1], types.int32[::1], types.int32[::1], types.int32[::1], types.int32[::1]), Tree
)


@kernel(uint64(READ_ONLY, int64, int64, uint64))
def hash_of(data: Any, at: int, length: int, seed: int) -> Any:
    """The hash of some bytes."""
    return hash_bytes(address_of(data) + at, length, address_of(data) + len(data), seed)


def tree(paths: Sequence[str]) -> Tree:
    """The tree of some paths."""
    return _Builder(paths).tree()


class _Builder:
    def __init__(self, paths: Collection[str]) -> None:
        self.children: list[dict[str, int]] = [{} for _ in range(INSIDE + 1)]
        self.actions: list[list[int]] = [[] for _ in range(INSIDE + 1)]
        for number, field in enumerate((*TEXT_FIELDS, "value", "properties")):
            self.children[ROW][field] = number
        for number, path in enumerate(paths):
            if path == "value":
                self._act(VALUE, number, WHOLE)
            else:
                self._add(number, path)

    def _add(self, number: int, path: str) -> None:
        self._act(self._child(INSIDE, path), number, WHOLE)
        if path not in FIELDS:
            self._act(self._child(ROW, path), number, BESIDE)
        first, *steps = path.split(".")
        if not steps:
            return
        inside = self._child(INSIDE, first)
        self._act(inside, number, STEPS, presence=True)
        self._act(self._below(inside, steps), number, STEPS)
        if first not in FIELDS:
            self._act(self._below(self._child(ROW, first), steps), number, STEPS_BESIDE)

    def _below(self, node: int, steps: list[str]) -> int:
        for step in steps:
            node = self._child(node, step)
        return node

    def _child(self, node: int, key: str) -> int:
        if key not in self.children[node]:
            self.children[node][key] = len(self.children)
            self.children.append({})
            self.actions.append([])
        return self.children[node][key]

    def _act(self, node: int, path: int, rank: int, *, presence: bool = False) -> None:
        self.actions[node].append(path * 16 + rank * 2 + presence)

    def tree(self) -> Tree:
        edges = [(parent, key, child) for parent, below in enumerate(self.children) for key, child in below.items()]
        keys = [key.encode("utf-8", "surrogatepass") for _, key, _ in edges]
        data = np.frombuffer(b"".join(keys), np.uint8) if edges else NO_BYTES
        starts = np.zeros(len(keys) + 1, np.int64)
        np.cumsum([len(key) for key in keys], out=starts[1:])
        slots = np.full(1 << (2 * len(edges)).bit_length(), -1, np.int32)
        for edge, (parent, _, _) in enumerate(edges):
            place = (int(hash_of(data, starts[edge], starts[edge + 1] - starts[edge], SEED)) + parent) % len(slots)
            while slots[place] >= 0:
                place = (place + 1) % len(slots)
            slots[place] = edge
        action_starts = np.zeros(len(self.actions) + 1, np.int32)
        np.cumsum([len(actions) for actions in self.actions], out=action_starts[1:])
        return Tree(
            data,
            starts,
            slots,
            np.array([parent for parent, _, _ in edges], np.int32),
            np.array([child for _, _, child in edges], np.int32),
            action_starts,
            np.array([action for actions in self.actions for action in actions], np.int32),
        )
