"""Rejects: rows that are no events, kept so that they can be mended and fed in again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from triggerlang.events.errors import LogError

OnBadEvent: TypeAlias = Literal["stop", "skip"]

LONGEST_ROW = 1 << 20
"""How many characters of a row a reject keeps."""

REASONS: dict[str, str] = {
    "not-json": "is not JSON",
    "not-an-object": "is no JSON object",
    "duplicate-key": "has a key twice",
    "too-deep": "is nested too deeply",
    "line-too-long": "is too long",
    "not-utf8": "is not UTF-8",
    "bad-text": "holds a character that no text may hold",
    "bad-row": "does not fit the header",
    "missing-contact": "has no contact",
    "missing-time": "has no time",
    "missing-name": "has no name",
    "bad-contact": "has a contact that is no text",
    "bad-time": "has a time that cannot be read",
    "bad-kind": "has a kind that is no text",
    "bad-name": "has a name that is no text",
    "bad-value": "has a value that is no text, number or boolean",
    "bad-id": "has an id that is no text",
    "bad-properties": "has properties that are no JSON object",
}
"""Every code of a reject, and what it says of the row."""


class BadEventError(Exception):
    """A row that is no event: a code of `REASONS`, and more words on what is wrong."""

    def __init__(self, code: str, details: str = "") -> None:
        self.code = code
        self.reason = f"this row {REASONS[code]}" + (f": {details}" if details else "")
        super().__init__(self.reason)


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that is no event: its place (`row` counts over all files, `line` in its file), why, and its own text.

    Of CSV and TSV the file's header is kept too. A row longer than `LONGEST_ROW` characters is cut, and its reason says so.
    """

    file: str
    line: int
    row: int
    code: str
    reason: str
    text: str
    header: str | None = None

    def as_json(self) -> str:
        """One JSON line."""
        document: dict[str, Any] = {"file": self.file, "line": self.line, "code": self.code, "reason": self.reason, "row": self.text}
        if self.header is not None:
            document["header"] = self.header
        return json.dumps(document, ensure_ascii=False) + "\n"


class Rejects:
    """What becomes of rows that are no events: the first stops the reading, or each is counted and handed on."""

    def __init__(self, on_bad_event: OnBadEvent, on_reject: Callable[[Reject], None] | None) -> None:
        self.stops, self.count = on_bad_event == "stop", 0
        self._on_reject = on_reject

    def add(self, file: str, line: int, row: int, error: BadEventError, text: str, header: str | None = None) -> None:
        """Take in a row; raises LogError where it stops the reading."""
        if self.stops:
            raise LogError(f"{error.reason} (mend it, or pass over such rows with --on-bad-event skip)", file=file, line=line)
        self.count += 1
        if self._on_reject is not None:
            reason = error.reason
            if len(text) > LONGEST_ROW:
                text, reason = text[:LONGEST_ROW], f"{reason}; only its beginning is kept here"
            self._on_reject(Reject(file, line, row, error.code, reason, text, header))
