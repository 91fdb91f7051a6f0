"""The flat arrays that kernels work on: the network's nodes as records, a log in contact order, and a kernel's memory.

A slot is the number of an event among those of its contact, from 0; what is made has the slots after them: entries, which are events
too, and absences and moments, which are none. A column is a property's number. A code is a value's number in its column's dictionary. A
program is the number of its first step; its steps jump to each other until one jumps to `YES` or `NO`.

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

ORDERS: Final = 1 << 32
"""How many places an event and what is made after it, before the next event, take among a contact's places."""

FOREVER: Final = 1 << 60
"""Longer than any log, in microseconds; and a moment after all."""

NEVER: Final = -(1 << 62)
"""A time before all others."""

# What something is waited for: so long after an event, a date that it holds, or every anniversary of that
AFTER_EVENT, AT_DATE, AT_ANNIVERSARY = range(3)

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

PATTERN: Final = _record(
    first_rule="i4",
    end_rule="i4",
    is_live="i4",
    is_keyed="i4",
    whole_from="i8",
)
"""What happens to a contact: a plain pattern, a chain, an absence or a moment.

Its rules, from one to another; whether its stream is filled as things come, because entries may match it or because it is waited for;
whether the stream holds first events too, whose texts are the trigger's; and the moment from which on the windows of all its rules lie
within the log.
"""

WEAVING: Final = _record(first_role="i4", end_role="i4", first_live="i4", end_live="i4", waits="i4")
"""What a pattern is to chains: its roles in those that only events of the log make, and in others; and what is waited for after it."""

ROLE: Final = _record(chain="i4", step="i4", filter="i4", first_same="i4", end_same="i4", is_direct="i4")
"""A step of a chain that a pattern's events may meet, with the columns whose texts must be the first event's; these are all that the
step before is told apart by, or not. `filter` is what is asked beside the trigger, where the chain is made anew beside each."""

CHAIN: Final = _record(first_layer="i4", last="i4", happens="i4")
"""A chain's layers, one for each step, the number of the last, and the pattern that happens then."""

LAYER: Final = _record(within="i8", first_key="i4", end_key="i4", is_swept="i4", is_told="i4")
"""A step that was reached: how long the next may take (-1: any time), and the columns by whose texts in the first event it is told
apart, because something later asks for them.

A step that asks for nothing of the first event is swept: it is reached from all keys of the one before it at once, so what it means for a
key is worked out when somebody asks. `is_told` is a layer whose next is swept.
"""

WAIT: Final = _record(kind="i4", pattern="i4", group="i4", column="i4", first_break="i4", end_break="i4", shift="i8", dates="i8")
"""What is waited for after an event: the pattern that happens then, its time, and what breaks it before. `dates` is where the dates stand
that the codes of `column` hold; `group` tells which first events are the same for the trigger."""

BREAK: Final = _record(pattern="i4", group="i4", filter="i4")
"""A pattern whose events break what is waited for, and by which they are grouped where texts must be the first event's."""

REPLAY: Final = _record(
    chain="i4", first_source="i4", end_source="i4", first_role="i4", end_role="i4", wait="i4", first_group="i4", reach="i8"
)
"""A chain that is made anew beside each trigger: of which streams, with which roles, and what it waits for. `reach` is how long its steps
can take together, -1 where that has no end. `first_group` is how the stream of the first step is grouped, where its events must have the
trigger's texts."""

RULE: Final = _record(rule="i4", limit="i4", header="i4", automation="i4", start="i8", end="i8", whole_from="i8")
"""`whole_from` is the moment from which on its windows lie within the log."""

ASKED: Final = _record(condition="i4", is_guarded="i4", needed="i4", also_needed="i4")
"""What is looked at of a rule each time its pattern matches: its condition; whether it is active at some times only or its header has a
limit; and up to two patterns without any event of which, the trigger among them, the condition cannot hold."""

COUNTED: Final = _record(first_part="i4", end_part="i4", outcomes="i4", is_guarded="i4", limit="i4")
"""Of a rule whose triggers are counted: the parts of its condition; which outcome of its triggers is the first, two for each step (it
stopped the trigger, among others or alone), and one more for those that entered; whether it is active at some times only or its header
has a limit; and its own limit."""

PART: Final = _record(program="i4", needed="i4")
"""A part of a condition, and a pattern without any event of which, the trigger among them, it cannot hold, or none."""

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
    replay="i4",
    so_far="i4",
    width="i8",
    start="i8",
    end="i8",
)
"""`pair` is a filter that looks at the trigger too; where that asks for equal texts, `group` tells by which the stream is grouped. A
chain that asks for more is a `replay`."""

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
    "weavings": WEAVING,
    "rules": RULE,
    "asked": ASKED,
    "condition_steps": STEP,
    "counted": COUNTED,  # As `asked`, where triggers are counted.
    "parts": PART,
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
    "roles": ROLE,
    "chains": CHAIN,
    "layers": LAYER,
    "same": INTS,  # The columns that roles and layers ask for.
    "waits": WAIT,
    "breaks": BREAK,
    "dates": LONGS,  # For each code of a column the moment that it holds, or what the clocks show then; `NEVER` where it is no date.
    "replays": REPLAY,
    "sources": INTS,  # The patterns that replays look at.
    "limits": LIMIT,
    "automation_keys": INTS,  # The key of an entry into each automation.
    "automation_names": INTS,  # The code of each automation's name among event names.
    "zone_from": LONGS,
    "zone_offset": LONGS,
    "clock_from": LONGS,  # The same by what the clocks show.
    "clock_offset": LONGS,
}
"""The arrays of a network, by their names, and what they are of."""

NET_NUMBERS: Final = (
    *("zones", "clocks", "name_column", "key_column", "value_column", "entries_start", "is_woven", "is_waited", "horizon"),
    *("scan_at_most", "is_counted", "counted_from", "counted_until"),
)
"""`horizon` is the moment up to which the log reaches; the last are whether triggers are counted, and between which moments."""

LOG_PARTS: Final = {"first": LONGS, "time": LONGS, "key": INTS, "columns": LONGS, "read": INTS}
"""Events in the order of contacts, and for each contact in the order of its events: where each contact's begin (one more at the end), their
times and keys, the address of each column's codes, and as which event each was read."""

STREAM: Final = _record(at="i8", firsts="i8", stamp="i4", size="i4", room="i4")
"""A pattern's stream: where it stands in the arena, and where its first events do, of which contact it is, how many of its events stand
before the trigger, and how many there is room for."""

REACHED: Final = _record(stamp="i8", table="i8", keys="i8", owner="i4", table_size="i4", count="i4", room="i4", front="i4")
"""A layer of a contact: a hash table over its keys, these, and which of them was reached last; of a swept one, the places and times at
which it was reached. `owner` is the contact whose arena they are in."""

OUTCOME: Final = _record(count="i8", last="i8", own="i4", stamp="i4")
"""How many triggers had an outcome; as many of the contact at hand, which count when it is done; which contact was an example last; and a
time after which none is one any more."""

BUFFER: Final = _record(sources="i8", found="i8", owner="i4", room="i4")
"""A replay's own room in the arena: for each of its streams where it stands, its end, and how far it was gone through; then what was
found."""

PATTERN_MEMORY: Final[dict[str, np.dtype[Any]]] = {
    "streams": STREAM,
    "touched": INTS,
    "members_stamp": INTS,
    "members_at": LONGS,
    "now_pattern": INTS,
}
LAYER_MEMORY: Final[dict[str, np.dtype[Any]]] = {"reached": REACHED}
REPLAY_MEMORY: Final[dict[str, np.dtype[Any]]] = {"buffers": BUFFER}
CHAIN_MEMORY: Final[dict[str, np.dtype[Any]]] = {"chain_event": LONGS}
WAIT_MEMORY: Final[dict[str, np.dtype[Any]]] = {"pending": LONGS}
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
RULE_MEMORY: Final[dict[str, np.dtype[Any]]] = {
    **{"used_stamp": INTS, "due": LONGS, "due_later": LONGS, "stopping": INTS},
    **{"early_stamp": INTS, "early": LONGS, "early_before": LONGS},
}
"""Whether a rule can enter no more; the rules that are due, by their order and, in the lower half, their places; and, where triggers are
counted, the step that alone stops one that is among them. How many triggers of a rule rest on time before the log: of the contact with that
stamp, and of those before it."""
OUTCOME_MEMORY: Final[dict[str, np.dtype[Any]]] = {"outcomes": OUTCOME, "outcomes_met": INTS}
"""What became of triggers, and which outcomes those of the contact at hand had."""
EXAMPLE_MEMORY: Final[dict[str, np.dtype[Any]]] = {"example_time": LONGS, "example_position": INTS}
"""The first contacts that had an outcome, by the times and the positions of their triggers."""
GROWING_MEMORY: Final[dict[str, dict[str, np.dtype[Any]]]] = {
    "arena": {"arena": LONGS},
    "matches": {"match_slot": INTS, "match_pattern": INTS, "match_first": INTS},
    "emitted": {"emitted_slot": INTS, "emitted_pattern": INTS, "emitted_first": INTS},
    "made": {
        "made_automation": INTS,
        "made_source": INTS,
        "made_origin": INTS,
        "made_lineage": INTS,
        "made_order": LONGS,
        "made_time": LONGS,
    },
    "agenda": {"agenda": INTS, "item_wait": INTS, "item_source": INTS, "item_count": INTS, "item_firsts": LONGS, "item_due": LONGS},
    "per": {"per_stamp": INTS, "per_limit": INTS, "per_text": INTS},
    "out": {"out_position": INTS, "out_rule": INTS, "out_lineage": INTS, "lineage_time": LONGS, "lineage_parent": INTS},
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
        OUTCOME_MEMORY,
        EXAMPLE_MEMORY,
        CHAIN_MEMORY,
        LAYER_MEMORY,
        REPLAY_MEMORY,
        WAIT_MEMORY,
        *GROWING_MEMORY.values(),
        OTHER_MEMORY,
    )
    for name, kind in parts.items()
}

MEMORY_NUMBERS: Final = (
    *(f"{name}_room" for name in GROWING_MEMORY),
    *("contact", "top", "stamp", "trigger", "matched", "emitted", "is_scattered", "made", "order", "items", "waiting", "per", "scans"),
    *("written", "kept", "lineages", "kept_lineages", "is_stopped", "met"),
)
"""How large the parts are that may be too small. Then the contact at hand, how much of the arena is used, the latest stamps of contacts
and triggers, how many matches the contact has, how many happenings were emitted last and whether those of a chain stand apart, how many
entries, absences and moments were made, the latest place, how many items wait or waited and how many are in the agenda, the latest stamp
of scans. How many entries were written, and how many of those are of contacts that are done; the same of lineages. Whether the kernel is
told to stop; how many outcomes the contact's triggers had."""

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
break_at = record_at(BREAK)
buffer_at = record_at(BUFFER)
chain_at = record_at(CHAIN)
counted_at = record_at(COUNTED)
layer_at = record_at(LAYER)
reached_at = record_at(REACHED)
replay_at = record_at(REPLAY)
role_at = record_at(ROLE)
wait_at = record_at(WAIT)
weaving_at = record_at(WEAVING)
atom_at = record_at(ATOM)
candidate_at = record_at(CANDIDATE)
group_at = record_at(GROUP)
key_at = record_at(KEY)
limit_at = record_at(LIMIT)
measure_at = record_at(MEASURE)
outcome_at = record_at(OUTCOME)
part_at = record_at(PART)
pattern_at = record_at(PATTERN)
rule_at = record_at(RULE)
step_at = record_at(STEP)
stream_at = record_at(STREAM)
test_at = record_at(TEST)
values_at = record_at(VALUES)


Fields: TypeAlias = dict[str, int]
"""What some fields of a record hold."""


def rows(kind: np.dtype[Any], records: Sequence[Fields]) -> Array:
    """Records; a field that is not given is -1."""
    names = kind.names or ()
    return np.array([tuple(record.get(name, NOTHING) for name in names) for record in records], kind)


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
# are, and for each group an event that has its texts
TABLE, TABLE_SIZE, GROUPS, STARTS, SLOTS, SIZE, MEMBERS = range(7)
GROUP_HEADER: Final = 7


class Contact(NamedTuple):
    """The contact at hand: where its events begin, how many they are, and its stamp."""

    first: int
    size: int
    stamp: int


class Trigger(NamedTuple):
    """What rules are asked at: an event, an absence or a moment.

    `slot` is its own, `limit` the first slot of the log's events that does not stand before it, `order` its place, `number` a stamp.
    """

    slot: int
    limit: int
    order: int
    time: int
    number: int


# Which part of the memory is too small, as the text of a MemoryError
ARENA, MATCH_ROOM, EMITTED_ROOM, MADE_ROOM, AGENDA_ROOM = "arena", "matches", "emitted", "made", "agenda"
PER_ROOM, OUT_ROOM, ORDER_ROOM = "per", "out", "order"
STOPPED: Final = "stopped"
"""The text of the MemoryError of a kernel that was told to stop."""
