"""Rejects: rows that are no events, kept so that they can be mended and fed in again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

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
