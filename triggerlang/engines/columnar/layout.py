"""The flat arrays that kernels work on: the network's nodes as records, a log in contact order, and a kernel's memory.

A slot is the number of an event among those of its contact, from 0; entries, which are events too, have the slots after them. A
column is a property's number. A code is a value's number in its column's dictionary. A program is the number of its first step; its
steps jump to each other until one jumps to `YES` or `NO`.

`Net`, `Log` and `Memory` are records too: what they hold of arrays are addresses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from triggerlang.engines.columnar.addresses import record_at

Array: TypeAlias = NDArray[Any]

YES: Final = -1
NO: Final = -2
NOTHING: Final = -1
"""Where a record refers to nothing."""

ORDERS: Final = 1 << 24
"""How many places an event and the entries after it take among a contact's places."""

# Signs, as numbers
EQUAL, UNEQUAL, LESS, AT_MOST, MORE, AT_LEAST = range(6)
SIGN_NUMBERS: Final = {"=": EQUAL, "!=": UNEQUAL, "<": LESS, "<=": AT_MOST, ">": MORE, ">=": AT_LEAST}

# Kinds of atoms: what is asked of a value, or of two
IN_TABLE, NUMBER, TEXT, ITS_TEXT, ITS_NUMBER, TRIGGER_TEXT, TRIGGER_NUMBER = range(7)

# Kinds of windows
WHOLE, SLIDING, FIXED, AFTER_LAST = range(4)

# Functions of measures
COUNT, SUM, AVERAGE, LEAST, GREATEST, FIRST, LAST, DISTINCT = range(8)
FUNCTION_NUMBERS: Final = {
    "count": COUNT,
    "sum": SUM,
    "average": AVERAGE,
    "min": LEAST,
    "max": GREATEST,
    "first": FIRST,
    "last": LAST,
    "distinct": DISTINCT,
}

# Kinds of tests
(
    PLAIN_COUNT_TEST,
    COUNT_TEST,
    VALUE_TEST,
    NUMBER_TEST,
    TRIGGER_TEXT_TEST,
    TRIGGER_NUMBER_TEST,
    MEMBER_TEST,
    FIELD_TEST,
    WEEKDAY_TEST,
    TIME_TEST,
    SEGMENT_TEST,
) = range(11)

# Kinds of limits
AT_MOST_TIMES, AT_MOST_PER, ONCE_PER = range(3)


def _record(**fields: str) -> np.dtype[Any]:
    """A record of 32-bit (`i4`) and 64-bit fields, the wide ones first, so that all are aligned. Small records stay near the processor."""
    ordered = sorted(fields.items(), key=lambda field: field[1] == "i4")
    return np.dtype([(name, kind) for name, kind in ordered], align=True)


STEP: Final = _record(test="i4", yes="i4", no="i4")
"""Asks a test (in a condition) or an atom (in a filter), and where to go on."""

ATOM: Final = _record(kind="i4", column="i4", other="i4", sign="i4", text="i4", table="i8", high="i8", low="u8")
"""`column` is compared with a table over its codes, a number, a text's number, or with the column `other`."""

CANDIDATE: Final = _record(pattern="i4", filter="i4")
"""A pattern that events of a key match if they pass a filter."""

PATTERN: Final = _record(first_rule="i4", end_rule="i4", is_dynamic="i4")
"""A pattern's rules, from one to another; and whether entries of rules may match it."""

RULE: Final = _record(rule="i4", limit="i4", header="i4", automation="i4", start="i8", end="i8")

ASKED: Final = _record(condition="i4", is_guarded="i4", needed="i4", also_needed="i4")
"""What is looked at of a rule each time its pattern matches: its condition; whether it is active at some times only or its header has a
limit; and up to two patterns without any event of which, the trigger among them, the condition cannot hold."""

MEASURE: Final = _record(
    function="i4",
    pattern="i4",
    group="i4",
    pair="i4",
    column="i4",
    reading="i4",
    values="i4",
    window="i4",
    last_pattern="i4",
    last_group="i4",
    last_pair="i4",
    so_far="i4",
    width="i8",
    start="i8",
    end="i8",
)
"""`pair` is a filter that looks at the trigger too; where that asks for equal texts, `group` tells by which the stream is grouped."""

TEST: Final = _record(
    kind="i4",
    measure="i4",
    sign="i4",
    column="i4",
    pattern="i4",
    program="i4",
    is_before="i4",
    is_single="i4",
    is_shared="i4",
    number="i8",
    high="i8",
    low="u8",
    start="i8",
    end="i8",
)

LIMIT: Final = _record(kind="i4", column="i4", number="i8", width="i8")

GROUP: Final = _record(pattern="i4", first_key="i4", end_key="i4")
KEY: Final = _record(own="i4", triggers="i4")
"""Two columns whose texts must be equal: an event's and the trigger's."""

VALUES: Final = _record(pattern="i4", group="i4", column="i4", reading="i4")
"""What a column holds for the events of a stream, or of a grouped one, where it can be read in one way."""

LONGS: Final = np.dtype(np.int64)
INTS: Final = np.dtype(np.int32)
FLAGS: Final = np.dtype(np.uint8)

NET_PARTS: Final = {
    "candidates_from": LONGS,
    "candidates": CANDIDATE,
    "gains": FLAGS,  # For each key whether it adds to a list or tags (1), or takes away (0).
    "members": INTS,  # For each key the number of its list or tag.
    "atoms": ATOM,
    "tables": FLAGS,
    "filter_steps": STEP,
    "patterns": PATTERN,
    "rules": RULE,
    "asked": ASKED,
    "condition_steps": STEP,
    "tests": TEST,
    "measures": MEASURE,
    "groups": GROUP,
    "keys": KEY,
    "values": VALUES,
    "ranks_from": LONGS,  # For each reading of a column where its ranks begin.
    "ranks": INTS,  # The rank of each code in the order of its reading, -1 where it cannot be read so.
    "texts_from": LONGS,  # For each column where its texts begin, -1 where none are needed.
    "texts": INTS,  # The number of each code's text form, over all columns; -1 where it has none.
    "numbers_from": LONGS,
    "highs": LONGS,
    "lows": np.dtype(np.uint64),
    "has_number": FLAGS,
    "limits": LIMIT,
    "automation_keys": INTS,  # The key of an entry into each automation.
    "automation_names": INTS,  # The code of each automation's name among event names.
    "zone_from": LONGS,
    "zone_offset": LONGS,
}
"""The arrays of a network, by their names, and what they are of."""

NET_NUMBERS: Final = ("zones", "name_column", "key_column", "value_column", "entries_start", "scan_at_most")

LOG_PARTS: Final = {"first": LONGS, "time": LONGS, "key": INTS, "columns": LONGS}
"""Events in the order of contacts, and for each contact in the order of its events: where each contact's begin (one more at the end), their
times and keys, and the address of each column's codes."""

STREAM: Final = _record(at="i8", stamp="i4", size="i4", room="i4")
"""A pattern's stream: where it stands in the arena, of which contact it is, how many of its events stand before the trigger, and how
many there is room for."""

PATTERN_MEMORY: Final[dict[str, np.dtype[Any]]] = {
    "streams": STREAM,
    "touched": INTS,
    "members_stamp": INTS,
    "members_at": LONGS,
    "now_pattern": INTS,
}
GROUP_MEMORY: Final[dict[str, np.dtype[Any]]] = {"group_stamp": INTS, "group_at": LONGS}
VALUES_MEMORY: Final[dict[str, np.dtype[Any]]] = {"values_stamp": INTS, "values_at": LONGS}
MEASURE_MEMORY: Final[dict[str, np.dtype[Any]]] = {"distinct_stamp": INTS, "distinct_at": LONGS, "distinct_groups": LONGS}
TEST_MEMORY: Final[dict[str, np.dtype[Any]]] = {"memo": LONGS}
"""What was found of a test: twice the stamp of the trigger, and 1 more if it holds."""
LIMIT_MEMORY: Final[dict[str, np.dtype[Any]]] = {
    "limit_stamp": INTS,
    "limit_count": INTS,
    "limit_time": LONGS,
    "limit_at": LONGS,
    "limit_room": INTS,
}
RULE_MEMORY: Final[dict[str, np.dtype[Any]]] = {"used_stamp": INTS, "due": LONGS, "due_later": LONGS}
"""Whether a rule can enter no more; and the rules that are due, by their order and, in the lower half, their places."""
GROWING_MEMORY: Final[dict[str, dict[str, np.dtype[Any]]]] = {
    "arena": {"arena": LONGS},
    "matches": {"match_slot": INTS, "match_pattern": INTS},
    "entries": {"entry_automation": INTS, "entry_order": LONGS},
    "per": {"per_stamp": INTS, "per_limit": INTS, "per_text": INTS},
    "out": {"out_position": INTS, "out_rule": INTS},
}
"""The parts of a kernel's memory that may turn out too small, by the text of the MemoryError that says so."""

OTHER_MEMORY: Final[dict[str, np.dtype[Any]]] = {"held_stamp": LONGS, "seen_stamp": LONGS, "seen_at": LONGS, "calls": INTS}

MEMORY_PARTS: Final[dict[str, np.dtype[Any]]] = {
    name: kind
    for parts in (
        PATTERN_MEMORY,
        GROUP_MEMORY,
        VALUES_MEMORY,
        MEASURE_MEMORY,
        TEST_MEMORY,
        LIMIT_MEMORY,
        RULE_MEMORY,
        *GROWING_MEMORY.values(),
        OTHER_MEMORY,
    )
    for name, kind in parts.items()
}

MEMORY_NUMBERS: Final = (
    *(f"{name}_room" for name in ("arena", "matches", "entries", "per", "out")),
    *("contact", "top", "stamp", "trigger", "matched", "entered", "per", "scans", "written", "kept"),
)
"""How large the parts are that may be too small; then the contact at hand, how much of the arena is used, the latest stamps of contacts,
triggers and scans, how many matches and entries the contact has, how many entries were written, and how many of those are of contacts
that are done."""

NET: Final = _record(**dict.fromkeys((*NET_PARTS, *NET_NUMBERS), "i8"))
LOG: Final = _record(**dict.fromkeys(LOG_PARTS, "i8"))
MEMORY: Final = _record(**dict.fromkeys((*MEMORY_PARTS, *MEMORY_NUMBERS), "i8"))

Net: TypeAlias = Any
Log: TypeAlias = Any
Memory: TypeAlias = Any
"""Records of these kinds, as kernels have them."""

_type_of: Any = numba.typeof
HEADERS: Final[Any] = tuple(_type_of(np.zeros(1, record)) for record in (NET, LOG, MEMORY))
"""The types of the arrays of one record each that kernels are called with."""

asked_at = record_at(ASKED)
atom_at = record_at(ATOM)
candidate_at = record_at(CANDIDATE)
group_at = record_at(GROUP)
key_at = record_at(KEY)
limit_at = record_at(LIMIT)
measure_at = record_at(MEASURE)
pattern_at = record_at(PATTERN)
rule_at = record_at(RULE)
step_at = record_at(STEP)
stream_at = record_at(STREAM)
test_at = record_at(TEST)
values_at = record_at(VALUES)


class Flat:
    """Arrays by their names, and the record of their addresses and of numbers beside them that a kernel is called with."""

    def __init__(self, record: np.dtype[Any], arrays: Mapping[str, Array], numbers: Mapping[str, int], held: Sequence[Array] = ()) -> None:
        """`held` are arrays whose addresses stand in others."""
        self._held = held
        self.arrays = dict(arrays)
        self.header = np.zeros(1, record)
        for name, array in self.arrays.items():
            self.put(name, array)
        for name, number in numbers.items():
            self.header[name] = number

    def put(self, name: str, array: Array) -> None:
        """Put an array in the place of another."""
        assert array.flags.c_contiguous
        self.arrays[name] = array
        self.header[name] = array.ctypes.data

    def number(self, name: str) -> int:
        """A number beside the arrays."""
        return int(self.header[name][0])

    def set(self, name: str, number: int) -> None:
        """Set a number beside the arrays."""
        self.header[name] = number


# The header of a grouped stream: its hash table and that one's size, how many groups, where each begins, the slots of all, how many they
# are
TABLE, TABLE_SIZE, GROUPS, STARTS, SLOTS, SIZE = range(6)
GROUP_HEADER: Final = 6


class Contact(NamedTuple):
    """The contact at hand: where its events begin, how many they are, and its stamp."""

    first: int
    size: int
    stamp: int


class Trigger(NamedTuple):
    """The event that rules are asked at.

    `slot` is its own, `limit` the first slot of the log's events that does not stand before it, `order` its place, `number` a stamp.
    """

    slot: int
    limit: int
    order: int
    time: int
    number: int


# Which part of the memory is too small, as the text of a MemoryError
ARENA, MATCH_ROOM, OUT_ROOM, ENTRY_ROOM, PER_ROOM, ORDER_ROOM = "arena", "matches", "out", "entries", "per", "order"
