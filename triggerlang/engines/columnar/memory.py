"""A kernel's memory: the arrays that it works in, made for a network and grown when one turns out too small."""

from __future__ import annotations

import numpy as np

from triggerlang.engines.columnar import layout
from triggerlang.engines.columnar.flattening import FlatNetwork
from triggerlang.engines.columnar.layout import Array, Flat
from triggerlang.engines.entry import too_many_entries
from triggerlang.engines.funnel import MOST_EXAMPLES

_FIRST_ROOM = {
    "arena": 1 << 16,
    "matches": 1 << 14,
    "emitted": 1 << 10,
    "made": 1 << 10,
    "agenda": 1 << 10,
    "per": 1 << 10,
    "out": 1 << 14,
}


_OF_LARGEST = {"arena": 32, "matches": 4, "made": 2, "agenda": 2, "out": 2}
_MOST_AT_FIRST = 1 << 26
"""Room is made for so many times the events of the largest contact, up to that much: what is not used takes no memory, and a contact whose
room is too small begins anew."""


def memory_for(flat: FlatNetwork, largest: int) -> Flat:
    """The memory that one kernel works in; the largest contact has so many events."""
    sizes = flat.net.arrays
    patterns = len(sizes["patterns"])
    arrays: dict[str, Array] = {}
    for parts, size in (
        (layout.PATTERN_MEMORY, patterns),
        (layout.GROUP_MEMORY, len(sizes["groups"])),
        (layout.VALUES_MEMORY, len(sizes["values"])),
        (layout.MEASURE_MEMORY, len(sizes["measures"])),
        (layout.TEST_MEMORY, len(sizes["tests"])),
        (layout.LIMIT_MEMORY, len(sizes["limits"])),
        (layout.RULE_MEMORY, len(sizes["rules"])),
        (layout.OUTCOME_MEMORY, flat.outcomes),
        (layout.EXAMPLE_MEMORY, MOST_EXAMPLES * flat.outcomes),
        (layout.CHAIN_MEMORY, len(sizes["chains"])),
        (layout.LAYER_MEMORY, len(sizes["layers"])),
        (layout.REPLAY_MEMORY, len(sizes["replays"])),
        (layout.WAIT_MEMORY, len(sizes["waits"])),
    ):
        arrays |= {name: np.zeros(size, kind) for name, kind in parts.items()}
    arrays["example_position"].fill(layout.NOTHING)
    arrays["outcomes"]["last"] = layout.FOREVER
    arrays["held_stamp"] = np.zeros(flat.members, np.int64)
    arrays["seen_stamp"] = np.zeros(flat.most_ranks, np.int64)
    arrays["seen_at"] = np.zeros(flat.most_ranks, np.int64)
    arrays["calls"] = np.zeros(len(sizes["tests"]) + 1, np.int32)
    memory = Flat(layout.MEMORY, arrays, {})
    for part, room in _FIRST_ROOM.items():
        _resize(memory, part, max(room, min(_OF_LARGEST.get(part, 0) * largest, _MOST_AT_FIRST)))
    return memory


def grow(memory: Flat, part: str) -> None:
    """Make room for twice as much in a part that was too small; what `out` holds is kept. A kernel that was told to stop raises
    MemoryError."""
    if part == layout.ORDER_ROOM:
        raise too_many_entries()
    if part not in layout.GROWING_MEMORY:
        raise MemoryError
    _resize(memory, part, 2 * memory.number(f"{part}_room"))


def _resize(memory: Flat, part: str, room: int) -> None:
    for name, kind in layout.GROWING_MEMORY[part].items():
        made = np.zeros(room, kind) if part == "per" else np.empty(room, kind)
        if part == "out" and name in memory.arrays:
            held = memory.arrays[name]
            made[: len(held)] = held
        memory.put(name, made)
    memory.set(f"{part}_room", room)
