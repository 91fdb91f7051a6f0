"""Entries: the answer. A contact enters an automation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
