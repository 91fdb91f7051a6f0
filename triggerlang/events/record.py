"""Records: an event as the engines take it in.

The fast shape of an `Event`: no model, no check; what makes one has checked it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from triggerlang.language.values import Value

NO_PROPERTIES: Mapping[str, Value] = {}


class Record(NamedTuple):
    """One event of a contact.

    `time` is in microseconds since 1970-01-01 UTC; `row` is its number in the log, from 1 over all files; `id` is None where the log
    gives none. Keys called `value` or `event_name` may stand in `properties`; the language cannot see them.
    """

    time: int
    contact: str
    kind: str
    name: str
    value: Value = None
    properties: Mapping[str, Value] = NO_PROPERTIES
    id: str | None = None
    row: int = 0
