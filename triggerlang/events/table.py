"""Tables: CSV and TSV, as RFC 4180 has them, strictly.

In: numbered lines of a file. Out: for each row the fields by column, all of them text; an empty cell is absent. A cell in quotes
may hold line
breaks; one that is never closed is reported at the line where it opens and takes that line only.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any, Final

from triggerlang.events import jsonl
from triggerlang.events.errors import LogError
from triggerlang.events.packed import MAX_LINE_BYTES, LongLine
from triggerlang.events.rejects import BadEventError
from triggerlang.events.rows import check_text

MAX_ROW_LINES: Final = 10_000
"""How many lines a row may have, by line breaks in its cells."""

REQUIRED: Final = ("contact", "time", "name")


class Row:
    """A row as it stands: the line it begins at, its text, and its cells or why it has none."""

    __slots__ = ("cells", "error", "line", "text")

    def __init__(self, line: int, text: str, cells: list[str] | None, error: BadEventError | None) -> None:
        self.line, self.text, self.cells, self.error = line, text, cells, error


def rows(numbered: Iterable[tuple[int, bytes | LongLine]], delimiter: str) -> Iterator[Row]:
    """The rows of a table, blank lines left out; the first is the header."""
    csv.field_size_limit(2 * MAX_LINE_BYTES)
    held = _Lookahead(numbered)
    for line, data in held:
        if isinstance(data, LongLine):
            too_long = BadEventError("line-too-long", f"more than {MAX_LINE_BYTES:,} bytes")
            yield Row(line, data.beginning.decode(errors="replace"), None, too_long)
            continue
        if not data.strip():
            continue
        try:
            text = _text(data)
        except BadEventError as error:
            yield Row(line, data.decode(errors="replace"), None, error)
            continue
        whole = text
        if text.count('"') % 2:
            more = _rest_of_row(held, text)
            if more is None:
                yield Row(line, text, None, BadEventError("bad-row", "a cell's quotes are not closed"))
                continue
            whole = more
        try:
            cells = next(csv.reader(whole.splitlines(keepends=True), delimiter=delimiter, strict=True))
        except (csv.Error, StopIteration) as error_found:
            yield Row(line, whole, None, BadEventError("bad-row", str(error_found)))
            continue
        yield Row(line, whole, cells, None)


def _text(data: bytes) -> str:
    try:
        text = data.decode().removesuffix("\r")
    except UnicodeDecodeError as error:
        raise BadEventError("not-utf8", f"the byte {data[error.start]:#04x} at {error.start + 1}") from error
    check_text(text)
    return text


class _Lookahead:
    """Numbered lines that can be given back."""

    def __init__(self, numbered: Iterable[tuple[int, bytes | LongLine]]) -> None:
        self._numbered = iter(numbered)
        self._returned: list[tuple[int, bytes | LongLine]] = []

    def __iter__(self) -> Iterator[tuple[int, bytes | LongLine]]:
        return self

    def __next__(self) -> tuple[int, bytes | LongLine]:
        return self._returned.pop() if self._returned else next(self._numbered)

    def give_back(self, lines: list[tuple[int, bytes | LongLine]]) -> None:
        self._returned.extend(reversed(lines))


def _rest_of_row(held: _Lookahead, first: str) -> str | None:
    """A row whose quotes are open at the end of its first line, with the lines that close them; None where none does."""
    taken: list[tuple[int, bytes | LongLine]] = []
    pieces = [first]
    size = len(first)
    for numbered in held:
        taken.append(numbered)
        data = numbered[1]
        if isinstance(data, LongLine):
            break
        try:
            text = _text(data)
        except BadEventError:
            break
        pieces.append(text)
        size += len(text)
        if text.count('"') % 2:
            return "\n".join(pieces)
        if len(taken) >= MAX_ROW_LINES or size > MAX_LINE_BYTES:
            break
    held.give_back(taken)
    return None


def header(row: Row, file: str) -> list[str]:
    """The names of a table's columns; raises LogError where they are none or doubled, or a required one is missing."""
    if row.cells is None:
        assert row.error is not None
        raise LogError(f"the header cannot be read: {row.error.reason}", file=file, line=row.line)
    names = row.cells
    for at, name in enumerate(names):
        if not name:
            raise LogError(f"column {at + 1} of the header has no name", file=file, line=row.line)
        if name in names[:at]:
            raise LogError(f'the column "{name}" stands twice in the header', file=file, line=row.line)
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise LogError(
            f"the header has no column {' and no column '.join(missing)}: the first line names the columns, such as contact,time,kind,name",
            file=file,
            line=row.line,
        )
    return names


def fields(names: list[str], row: Row) -> dict[str, Any]:
    """The fields of a row; raises BadEventError where it does not fit the header."""
    if row.error is not None:
        raise row.error
    assert row.cells is not None
    if len(row.cells) != len(names):
        raise BadEventError("bad-row", f"{len(row.cells)} cells for {len(names)} columns")
    held: dict[str, Any] = {name: cell for name, cell in zip(names, row.cells, strict=True) if cell}
    written = held.get("properties")
    if written is not None:
        held["properties"] = properties(written)
    return held


def properties(written: str) -> dict[str, Any]:
    """Properties that stand as JSON text in a cell."""
    try:
        return jsonl.parse_text(written)
    except BadEventError as error:
        if error.code in ("not-json", "not-an-object"):
            raise BadEventError("bad-properties", error.reason.removeprefix("this row ")) from error
        raise
