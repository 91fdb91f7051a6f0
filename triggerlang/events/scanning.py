"""Scanning JSON: from texts that are JSON objects to the values in them that somebody wants.

In: bytes, and where each text stands. Out: for each text where its fields and wanted properties stand. What is read here is checked to
the last byte; what is not surely right and simple is marked, and the readers of single rows decide on it: anything that is no JSON, a key
that may stand twice, numbers that a float could round, or more nesting than is allowed.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba import int64, types, void
from numpy.typing import NDArray

from triggerlang.events.bytewise import (
    READ_ONLY,
    Long,
    Word,
    after_character,
    byte_at,
    hash_bytes,
    next_special,
    put_byte,
    same_bytes,
    tuple_type,
)
from triggerlang.events.columns import Bytes, Codes, Longs
from triggerlang.events.interning import SEED
from triggerlang.events.jsonl import MAX_DEPTH
from triggerlang.events.paths import ID, INSIDE, KIND, PROPERTIES, ROW, TEXT_FIELDS, TIME, TREE, VALUE, Tree
from triggerlang.machine.addresses import address_of
from triggerlang.machine.kernels import inner, kernel

ABSENT: Final = -1
"""The length of a field that is not there, or null."""

USUAL_KIND: Final = b"event"
"""The kind of an event that has none; it stands at the beginning of every annex."""

MAX_KEYS: Final = 256
"""How many keys the objects that are open may have, before a text is left to the readers of single rows."""

LONGEST_INTEGER: Final = 300
MOST_DIGITS: Final = 15
"""As many digits of a decimal, a float keeps."""

_TEXT: Final = ord("s")
_NUMBER: Final = ord("n")
_BOOLEAN: Final = ord("b")
_OTHER: Final = ord("o")


class Found(NamedTuple):
    """What was found, by row: where the text fields stand, and by path and row where the values do, with their tags and ranks.

    `fine` tells which rows could be read at all. What had to be unescaped is in `annex`; its places count from the end of the bytes on, and
    `used[0]` is how much there is.
    """

    fine: NDArray[np.bool_]
    field_starts: NDArray[np.int64]
    field_lengths: NDArray[np.int32]
    tags: NDArray[np.uint8]
    ranks: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int32]
    annex: Bytes
    used: Longs


FOUND: Final[Any] = tuple_type(
    (
        types.boolean[::1],
        types.int64[:, ::1],
        types.int32[:, ::1],
        types.uint8[:, ::1],
        types.uint8[:, ::1],
        types.int64[:, ::1],
        types.int32[:, ::1],
        types.uint8[::1],
        types.int64[::1],
    ),
    Found,
)


def nothing_found(rows: int, paths: int, annex: int) -> Found:
    """Room for what will be found in as many rows."""
    room = np.empty(len(USUAL_KIND) + annex, np.uint8)
    room[: len(USUAL_KIND)] = np.frombuffer(USUAL_KIND, np.uint8)
    return Found(
        np.zeros(rows, np.bool_),
        np.zeros((len(TEXT_FIELDS), rows), np.int64),
        np.full((len(TEXT_FIELDS), rows), ABSENT, np.int32),
        np.zeros((paths, rows), np.uint8),
        np.zeros((paths, rows), np.uint8),
        np.zeros((paths, rows), np.int64),
        np.zeros((paths, rows), np.int32),
        room,
        np.array([len(USUAL_KIND)], np.int64),
    )


@inner
def hex_value(at: int) -> int:
    """The value of four hexadecimal digits; -1 where they are none."""
    value = 0
    for place in range(at, at + 4):
        byte = byte_at(place)
        if 48 <= byte <= 57:
            value = value * 16 + byte - 48
        elif 65 <= byte <= 70:
            value = value * 16 + byte - 55
        elif 97 <= byte <= 102:
            value = value * 16 + byte - 87
        else:
            return -1
    return value


@inner
def after_escape(at: int, end: int) -> int:
    """The place after an escape, and after both halves of a surrogate pair; -1 where it is none or names what no text may hold."""
    if at + 2 > end:
        return -1
    byte = byte_at(at + 1)
    if byte != 117:
        known = byte == 34 or byte == 92 or byte == 47 or byte == 98 or byte == 102 or byte == 110 or byte == 114 or byte == 116
        return at + 2 if known else -1
    if at + 6 > end:
        return -1
    value = hex_value(at + 2)
    if value <= 0 or 0xDC00 <= value < 0xE000:
        return -1
    if value < 0xD800 or value >= 0xE000:
        return at + 6
    if at + 12 > end or byte_at(at + 6) != 92 or byte_at(at + 7) != 117:
        return -1
    low = hex_value(at + 8)
    return at + 12 if 0xDC00 <= low < 0xE000 else -1


@inner
def string_end(at: int, end: int, limit: int) -> tuple[int, bool]:
    """The place of the quote that ends a string, -1 where it is not as it should be, and whether it has escapes."""
    escaped = False
    while True:
        at = next_special(at, end, limit, 34, 92)
        if at >= end:
            return -1, escaped
        byte = byte_at(at)
        if byte == 34:
            return at, escaped
        if byte == 92:
            escaped = True
            at = after_escape(at, end)
        elif byte >= 128:
            at = after_character(at, end)
        else:
            return -1, escaped
        if at < 0:
            return -1, escaped


@inner
def put_character(to: int, value: int) -> int:
    """Write a character as UTF-8; returns the place after it."""
    if value < 0x80:
        return put_byte(to, value)
    if value < 0x800:
        to = put_byte(to, 0xC0 | (value >> 6))
    else:
        if value < 0x10000:
            to = put_byte(to, 0xE0 | (value >> 12))
        else:
            to = put_byte(to, 0xF0 | (value >> 18))
            to = put_byte(to, 0x80 | ((value >> 12) & 0x3F))
        to = put_byte(to, 0x80 | ((value >> 6) & 0x3F))
    return put_byte(to, 0x80 | (value & 0x3F))


@inner
def unescape(at: int, end: int, to: int) -> int:
    """Write a string that was checked without its escapes; returns the place after it. It never gets longer."""
    while at < end:
        byte = byte_at(at)
        at += 1
        if byte == 92:
            byte = byte_at(at)
            at += 1
            if byte == 117:
                value = hex_value(at)
                at += 4
                if 0xD800 <= value < 0xDC00:
                    value = 0x10000 + ((value - 0xD800) << 10) + hex_value(at + 2) - 0xDC00
                    at += 6
                to = put_character(to, value)
                continue
            if byte == 98:
                byte = 8
            elif byte == 102:
                byte = 12
            elif byte == 110:
                byte = 10
            elif byte == 114:
                byte = 13
            elif byte == 116:
                byte = 9
        to = put_byte(to, byte)
    return to


@inner
def digits_end(at: int, end: int) -> int:
    """The place after some digits."""
    while at < end and 48 <= byte_at(at) <= 57:
        at += 1
    return at


@inner
def number_end(at: int, end: int) -> tuple[int, int, bool]:
    """The place after a number, -1 where it is none; the place after its whole part; and whether it has an exponent."""
    if byte_at(at) == 45:
        at += 1
    begin = at
    at = digits_end(at, end)
    if at == begin or (byte_at(begin) == 48 and at > begin + 1):
        return -1, 0, False
    whole = at
    if at < end and byte_at(at) == 46:
        at = digits_end(at + 1, end)
        if at == whole + 1:
            return -1, 0, False
    if at < end and (byte_at(at) == 101 or byte_at(at) == 69):
        at += 1
        if at < end and (byte_at(at) == 43 or byte_at(at) == 45):
            at += 1
        begin = at
        at = digits_end(at, end)
        return (-1 if at == begin else at), whole, True
    return at, whole, False


@inner
def number_text(at: int, whole: int, end: int) -> tuple[int, int]:
    """Where the shortest decimal of a number without exponent stands in it, and its length; -1 where that is not sure."""
    begin = at + 1 if byte_at(at) == 45 else at
    if end == whole:
        if whole - begin > LONGEST_INTEGER:
            return at, -1
    else:
        if end - begin - 1 > MOST_DIGITS:
            return at, -1
        while byte_at(end - 1) == 48:
            end -= 1
        if byte_at(end - 1) == 46:
            end -= 1
    if end == begin + 1 and byte_at(begin) == 48:
        return begin, 1
    return at, end - at


@inner
def literal_end(at: int, end: int) -> int:
    """The place after `true`, `false` or `null`; -1 where there is none of them."""
    if at + 4 <= end:
        if byte_at(at) == 116 and byte_at(at + 1) == 114 and byte_at(at + 2) == 117 and byte_at(at + 3) == 101:
            return at + 4
        if byte_at(at) == 110 and byte_at(at + 1) == 117 and byte_at(at + 2) == 108 and byte_at(at + 3) == 108:
            return at + 4
    if at + 5 <= end and byte_at(at) == 102 and byte_at(at + 1) == 97 and byte_at(at + 2) == 108 and byte_at(at + 3) == 115:
        return at + 5 if byte_at(at + 4) == 101 else -1
    return -1


@inner
def skip_spaces(at: int, end: int) -> int:
    """The next place that is no white space."""
    while at < end:
        byte = byte_at(at)
        if byte > 32 or (byte != 32 and byte != 10 and byte != 13 and byte != 9):
            break
        at += 1
    return at


@kernel(void(READ_ONLY, int64[::1], int64[::1], int64, types.uint64, TREE, FOUND))
def scan_objects(data: Any, begins: Any, ends: Any, root: int, seed: int, tree: Any, found: Any) -> None:
    """Scan texts, each a whole object: `root` is `ROW` where they are rows, and `INSIDE` where they are what stands in `properties`.

    Of those in `properties`, an empty one is none, and one whose row is not fine anyway is passed over. A place beyond the bytes is in
    the annex.
    """
    size = len(data)
    base = address_of(data)
    annex = address_of(found.annex)
    annex_limit = annex + len(found.annex)
    used = annex + found.used[0]
    keys_at = address_of(tree.keys)
    keys_limit = keys_at + len(tree.keys)
    edge_mask = len(tree.edge_slots) - 1
    key_starts = tree.key_starts
    edge_slots = tree.edge_slots
    edge_from = tree.edge_from
    edge_to = tree.edge_to
    action_starts = tree.action_starts
    actions = tree.actions
    field_starts = found.field_starts
    field_lengths = found.field_lengths
    tags = found.tags
    ranks = found.ranks
    value_starts = found.starts
    value_lengths = found.lengths
    fines = found.fine
    is_object = np.empty(MAX_DEPTH + 1, np.bool_)
    nodes = np.empty(MAX_DEPTH + 1, np.int64)
    first_key = np.empty(MAX_DEPTH + 1, np.int64)
    seen = np.empty(MAX_DEPTH + 1, np.uint64)
    key_hashes = np.empty(MAX_KEYS, np.uint64)
    for row in range(len(begins)):
        if root == INSIDE and (begins[row] == ends[row] or not fines[row]):
            continue
        is_in_annex = begins[row] >= size
        origin = annex - size if is_in_annex else base
        limit = annex_limit if is_in_annex else base + size
        end = origin + ends[row]
        at = skip_spaces(origin + begins[row], end)
        fines[row] = False
        if at >= end or byte_at(at) != 123:
            continue
        depth = 1
        keys = 0
        is_object[1] = True
        nodes[1] = root
        first_key[1] = 0
        seen[1] = Word(0)
        at = skip_spaces(at + 1, end)
        if at < end and byte_at(at) == 125:
            depth = 0
            at += 1
        fine = True
        while depth > 0:
            # A key, if there has to be one.
            node = -1
            if is_object[depth]:
                if at >= end or byte_at(at) != 34:
                    fine = False
                    break
                start = at + 1
                at, escaped = string_end(start, end, limit)
                if at < 0 or keys == MAX_KEYS:
                    fine = False
                    break
                length = at - start
                text_limit = limit
                if escaped:
                    length = unescape(start, at, used) - used
                    start = used
                    text_limit = annex_limit
                at = skip_spaces(at + 1, end)
                if at >= end or byte_at(at) != 58:
                    fine = False
                    break
                at = skip_spaces(at + 1, end)
                mixed = hash_bytes(start, length, text_limit, seed)
                bit = Word(1) << (mixed >> Word(58))
                if seen[depth] & bit:
                    for key in range(first_key[depth], keys):
                        fine &= key_hashes[key] != mixed
                    if not fine:
                        break
                seen[depth] |= bit
                key_hashes[keys] = mixed
                keys += 1
                parent = nodes[depth]
                if parent >= 0:
                    place = (Long(mixed) + parent) & edge_mask
                    edge = edge_slots[place]
                    while edge >= 0:
                        begin = key_starts[edge]
                        if (
                            edge_from[edge] == parent
                            and key_starts[edge + 1] - begin == length
                            and same_bytes(start, text_limit, keys_at + begin, keys_limit, length)
                        ):
                            node = Long(edge_to[edge])
                            break
                        place = (place + 1) & edge_mask
                        edge = edge_slots[place]
            # Its value.
            if at >= end:
                fine = False
                break
            byte = byte_at(at)
            tag = 0
            start = at
            length = 0
            if byte == 34:
                start = at + 1
                at, escaped = string_end(start, end, limit)
                if at < 0:
                    fine = False
                    break
                length = at - start
                if node >= 0:
                    if escaped:
                        length = unescape(start, at, used) - used
                        start = size + used - annex
                        used += length
                    else:
                        start -= origin
                at += 1
                tag = _TEXT
            elif byte == 45 or 48 <= byte <= 57:
                at, whole, has_exponent = number_end(at, end)
                if at < 0:
                    fine = False
                    break
                tag = _NUMBER
                if node >= 0:
                    start, length = number_text(start, whole, at)
                    if has_exponent or length < 0 or (node < VALUE and at != whole):
                        fine = False
                        break
                    start -= origin
            elif byte == 123 or byte == 91:
                tag = _OTHER
            else:
                at = literal_end(at, end)
                if at < 0:
                    fine = False
                    break
                if byte != 110:
                    tag = _BOOLEAN
                    length = at - start
                    start -= origin
            # Who wants it.
            if node >= 0:
                if node < VALUE:
                    if tag == _TEXT or (tag == _NUMBER and node != TIME and node != KIND):
                        field_starts[node, row] = start
                        field_lengths[node, row] = length
                    elif tag != 0:
                        fine = False
                        break
                elif node == PROPERTIES:
                    if tag != 0 and byte != 123:
                        fine = False
                        break
                    node = INSIDE
                elif node == VALUE and tag == _OTHER:
                    fine = False
                    break
                else:
                    for number in range(action_starts[node], action_starts[node + 1]):
                        action = Long(actions[number])
                        path = action >> 4
                        rank = (action >> 1) & 7
                        if rank >= ranks[path, row]:
                            ranks[path, row] = rank
                            is_value = action & 1 == 0
                            tags[path, row] = tag if is_value else 0
                            value_starts[path, row] = start if is_value and tag != _OTHER else 0
                            value_lengths[path, row] = length if is_value else 0
            if tag == _OTHER:
                # What stands in it, if anything does.
                if depth == MAX_DEPTH:
                    fine = False
                    break
                depth += 1
                is_object[depth] = byte == 123
                nodes[depth] = node if byte == 123 else -1
                first_key[depth] = keys
                seen[depth] = Word(0)
                at = skip_spaces(at + 1, end)
                if at >= end or byte_at(at) != byte + 2:
                    continue
                depth -= 1
                at += 1
            # What comes after it.
            while True:
                at = skip_spaces(at, end)
                if at >= end:
                    fine = False
                    break
                byte = byte_at(at)
                at += 1
                if byte == 44:
                    at = skip_spaces(at, end)
                    break
                if byte != (125 if is_object[depth] else 93):
                    fine = False
                    break
                keys = first_key[depth]
                depth -= 1
                if depth == 0:
                    break
            if not fine:
                break
        fines[row] = fine and skip_spaces(at, end) == end
    found.used[0] = used - annex


def scan(data: Bytes, begins: Longs, ends: Longs, root: int, tree: Tree, found: Found) -> None:
    """Scan texts with the hashes of this process."""
    scan_objects(data, begins, ends, root, SEED, tree, found)


__all__ = ["ABSENT", "ID", "INSIDE", "PROPERTIES", "ROW", "Codes", "Found", "nothing_found", "scan"]
