"""Errors of logs."""

from __future__ import annotations


class LogError(ValueError):
    """A log that cannot be read, or an event that cannot be taken in.

    `file` and `line` name the place, where there is one; `reason` says what is wrong there and the way out.
    """

    def __init__(self, reason: str, *, file: str | None = None, line: int | None = None) -> None:
        self.reason, self.file, self.line = reason, file, line
        where = "" if file is None else f"{file}: " if line is None else f"{file}:{line}: "
        super().__init__(where + reason)
