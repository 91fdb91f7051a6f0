"""Entries: the answer. A contact enters an automation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from triggerlang.events.errors import LogError

MOST_ENTRIES: Final = 1_000_000
"""How many entries one event may cause, one after another."""


ALWAYS: Final = (-(1 << 62), 1 << 62)
"""From which moment on, and before which, entries are wanted: all of them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A contact enters an automation at the time of a trigger.

    `time` is aware and in UTC; `rule` is the automation's name, `#` and the rule's number in it; `source` the file and line of the rule;
    `event` the trigger's id, or its row number in the log if it has none.
    """

    time: datetime
    contact: str
    automation: str
    rule: str
    source: str
    event: str | int


class Found(Protocol):
    """Entries in order, as often as they are asked for: a list of them, or columns."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Entry]: ...


def too_many_entries() -> LogError:
    """The error of an event that causes more; automations that start each other without a circle can still double at each step."""
    return LogError(
        f"one event causes more than {MOST_ENTRIES:,} entries, one after another: let the automations that start others run less often"
    )
