"""JSON Lines: one event a line, as a JSON object.

In: lines as bytes. Out: the fields of each. Stricter than Python's reader where it guesses: a key that stands twice makes a line
ambiguous, NaN and Infinity are no JSON, nesting is bounded before anything recurses. An integer of any length keeps its digits.
"""

from __future__ import annotations

import json
from typing import Any, Final

from triggerlang.events.rejects import BadEventError
from triggerlang.events.rows import check_text

MAX_DEPTH: Final = 64
"""How deep objects and arrays may be nested in a line."""

LONGEST_INTEGER: Final = 4_000
"""From how many digits on an integer is kept as its digits: Python converts none of more than 4,300."""


def parse_line(line: bytes) -> dict[str, Any]:
    """The object that a line holds; raises BadEventError for anything else."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise BadEventError("not-utf8", f"the byte {line[error.start]:#04x} at {error.start + 1}") from error
    return parse_text(text)


def parse_text(text: str) -> dict[str, Any]:
    """The object that a text holds."""
    if text.count("{") + text.count("[") > MAX_DEPTH:
        _check_depth(text)
    check_text(text)
    try:
        held = _decode(text)
    except _DuplicateKeyError as error:
        raise BadEventError("duplicate-key", error.key) from error
    except ValueError as error:
        raise BadEventError("not-json", _where(error)) from error
    if type(held) is not dict:
        raise BadEventError("not-an-object")
    if "\\u" in text:
        _check_texts(held)
    return held


def _decode(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (_DuplicateKeyError, json.JSONDecodeError):
        raise
    except ValueError:
        # An integer with more digits than Python converts.
        return _SLOW_DECODER.decode(text)


def _where(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.lower()} at character {error.pos + 1}"
    return str(error)


class _DuplicateKeyError(ValueError):
    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        seen: set[str] = set()
        raise _DuplicateKeyError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return held


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_INTEGER else digits


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)
_SLOW_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=_integer, parse_constant=_constant)


def _check_depth(text: str) -> None:
    """Raise BadEventError where objects and arrays are nested too deeply; what stands in strings does not count."""
    depth, at, end = 0, 0, len(text)
    while at < end:
        character = text[at]
        if character == '"':
            at += 1
            while at < end and text[at] != '"':
                at += 2 if text[at] == "\\" else 1
        elif character in "{[":
            depth += 1
            if depth > MAX_DEPTH:
                raise BadEventError("too-deep", f"more than {MAX_DEPTH} levels")
        elif character in "}]":
            depth -= 1
        at += 1


def _check_texts(held: Any) -> None:
    """Raise BadEventError where a text in what was read holds NUL or half of a surrogate pair."""
    waiting = [held]
    while waiting:
        part = waiting.pop()
        if type(part) is str:
            check_text(part)
        elif type(part) is dict:
            waiting.extend(part)
            waiting.extend(part.values())
        elif type(part) is list:
            waiting.extend(part)
