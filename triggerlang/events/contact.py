"""The log of one contact: its events, the rows of others let go as they are read.

In: files of any shape, and a contact. Out: its records in the order that counts, free of duplicates, and when the whole log ends. Of a text
every row is read, and one that is no event stops or is counted as in any reading; of a Parquet file only the rows of the contact are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from triggerlang.events.errors import LogError
from triggerlang.events.files import LogFile
from triggerlang.events.log import Log, RowsOfFiles, in_order
from triggerlang.events.packed import Progress
from triggerlang.events.record import Record
from triggerlang.events.rejects import BadEventError, OnBadEvent, Reject, Rejects
from triggerlang.events.rows import RowReader
from triggerlang.language.nearest import nearest
from triggerlang.language.times import FIRST_MOMENT, Zone

LONGEST_STATISTIC: Final = 64
"""From how many bytes on the largest text of a row group may be one that was cut off."""

MOST_NAMES: Final = 20_000
"""Among how many names of contacts the nearest one is looked for."""


@dataclass(slots=True)
class ContactLog:
    """The events of a contact in order, free of duplicates; the latest moment of all events that count, of other contacts too, as far as
    somebody asked for it; how many rows were no events, and how many of the contact's stood there twice. `near` is the nearest contact in
    the log where the contact has no event."""

    records: list[Record] = field(default_factory=list)
    end: int = FIRST_MOMENT
    rejected: int = 0
    duplicates: int = 0
    near: str | None = None


class _Ends:
    """When a log ends: the latest of the events that count. Of several of one contact with the same id that is the first in order."""

    def __init__(self) -> None:
        self._latest = FIRST_MOMENT
        self._firsts: dict[tuple[str, str], int] = {}

    def take(self, record: Record) -> None:
        if record.id is None:
            self._latest = max(self._latest, record.time)
            return
        key = record.contact, record.id
        first = self._firsts.get(key)
        if first is None or record.time < first:
            self._firsts[key] = record.time

    def end(self) -> int:
        return max([self._latest, *self._firsts.values()])


def read_contact(
    files: Iterable[LogFile],
    contact: str,
    *,
    timezone: str,
    on_bad_event: OnBadEvent = "stop",
    on_reject: Callable[[Reject], None] | None = None,
    progress: Progress | None = None,
) -> ContactLog:
    """Read the events of a contact, row by row. Raises LogError as `log.read` does."""
    rejects = Rejects(on_bad_event, on_reject)
    own: list[Record] = []
    names: dict[str, None] = {}
    ends = _Ends()

    def take(record: Record) -> None:
        ends.take(record)
        if record.contact == contact:
            own.append(record)
        elif not own:
            names[record.contact] = None

    rows = RowsOfFiles(take, Zone(timezone), rejects, progress)
    for file in files:
        rows.read(file)
    return contact_log(own, ends.end(), rejects.count, near_name(contact, names))


def contact_log(own: list[Record], end: int, rejected: int, near: str | None) -> ContactLog:
    """The log of a contact, of its records in the order in which they were read."""
    log = in_order(Log(records=own))
    return ContactLog(log.records, end, rejected, log.duplicates, None if log.records else near)


def near_name(contact: str, names: Iterable[str]) -> str | None:
    """The nearest of many contacts, of those that begin or end like this one."""
    folded = contact.casefold()
    begin, end = folded[:2], folded[-2:]
    alike: list[str] = []
    for name in names:
        other = name.casefold()
        if other.startswith(begin) or other.endswith(end):
            alike.append(name)
            if len(alike) == MOST_NAMES:
                break
    return nearest(contact, alike)


class ParquetContact:
    """The rows of a contact in Parquet files: row groups that cannot have any are passed over, of the others the column `contact` is
    looked through first."""

    def __init__(self, files: Sequence[LogFile], contact: str, zone: Zone, rejects: Rejects) -> None:
        """Raises LogError for a file that cannot be read, ImportError without the extra `batch`."""
        from triggerlang.events.decoding import Groups

        self._contact, self._zone, self._rejects = contact, zone, rejects
        self._reader = RowReader(zone)
        self._files = files
        self._groups = [_opened(file.path, Groups) for file in files]

    @property
    def can_tell(self) -> bool:
        """Whether all files have contacts whose rows can be found so: as texts."""
        import pyarrow as pa

        kinds = [groups.schema.field("contact").type for groups in self._groups]
        return all(pa.types.is_string(kind) or pa.types.is_large_string(kind) for kind in kinds)

    @property
    def has_ids(self) -> bool:
        """Whether an event may have an id, so that it may be a duplicate of another."""
        return any(_may_hold(groups, "id") for groups in self._groups)

    def read(self, progress: Progress | None = None) -> ContactLog:
        """The events of the contact; the end of the log is not asked for."""
        own: list[Record] = []
        before = 0
        for file, groups in zip(self._files, self._groups, strict=True):
            try:
                for number, row in self._rows(groups, progress):
                    try:
                        own.append(self._reader.record(row.fields(), before + number))
                    except BadEventError as error:
                        self._rejects.add(file.path, number, before + number, error, row.text(), None)
            except _troubles() as error:
                raise _unreadable(file.path, error) from error
            before += groups.metadata.num_rows
        near = None if own else near_name(self._contact, self._names())
        return contact_log(own, FIRST_MOMENT, self._rejects.count, near)

    def end(self) -> int:
        """The latest moment in the files, whatever row has it."""
        latest = FIRST_MOMENT
        for file, groups in zip(self._files, self._groups, strict=True):
            try:
                for group in _latest_groups(groups):
                    latest = max(latest, self._latest(groups, group))
            except _troubles() as error:
                raise _unreadable(file.path, error) from error
        return latest

    def _rows(self, groups: Any, progress: Progress | None) -> Iterator[tuple[int, Any]]:
        """The contact's rows, numbered from 1 within the file."""
        import pyarrow as pa
        import pyarrow.compute as pc

        from triggerlang.events import parquet

        names = groups.schema.names
        converters = parquet.converters_of(groups.schema, self._zone)
        before = 0
        for group in range(len(groups)):
            if _may_have(groups, group, self._contact):
                held = groups.table(group, ["contact"]).column("contact")
                kind = held.type.value_type if pa.types.is_dictionary(held.type) else held.type
                places = pc.indices_nonzero(pc.fill_null(pc.equal(held, pa.scalar(self._contact, kind)), False))
                if len(places):
                    numbers = iter(places.to_pylist())
                    # The contacts are there already; what else there is of their rows is decoded now.
                    others = groups.table(group, [name for name in names if name != "contact"]).take(places)
                    found = others.append_column(groups.schema.field("contact").with_type(held.type), held.take(places))
                    for batch in found.select(names).to_batches():
                        for cells in parquet.cells_of(batch):
                            yield before + next(numbers) + 1, parquet.Row(names, converters, cells)
            before += groups.metadata.row_group(group).num_rows
            if progress is not None:
                progress(groups.size(group))

    def _latest(self, groups: Any, group: int) -> int:
        """The latest moment in a row group. Of timestamps those near the largest are looked at, because clocks may be put back."""
        import pyarrow as pa
        import pyarrow.compute as pc

        from triggerlang.events import parquet

        convert = parquet.converters_of(groups.schema, self._zone)[groups.schema.names.index("time")]
        held = pc.drop_null(groups.table(group, ["time"]).column("time"))
        if len(held) and pa.types.is_timestamp(held.type):
            near = pc.subtract(pc.max(held), pa.scalar(timedelta(days=1), pa.duration(held.type.unit)))
            held = held.filter(pc.greater_equal(held, near))
        cells = parquet.values_of(pc.unique(held))
        return max((self._moment(convert, cell) for cell in cells), default=FIRST_MOMENT)

    def _moment(self, convert: Callable[[Any], Any], cell: Any) -> int:
        try:
            return self._reader.moment(convert(cell))
        except BadEventError:
            return FIRST_MOMENT

    def _names(self) -> Iterator[str]:
        """The contacts of the files, some of them several times."""
        import pyarrow.compute as pc

        for groups in self._groups:
            for group in range(len(groups)):
                names = pc.unique(groups.table(group, ["contact"]).column("contact"))
                yield from (name for name in names.to_pylist() if name is not None)


def _opened(path: str, groups: Callable[[str], Any]) -> Any:
    try:
        return groups(path)
    except _troubles() as error:
        raise _unreadable(path, error) from error


def _latest_groups(groups: Any) -> Sequence[int]:
    """The row groups that may have the latest moment, as far as their largest ones tell: those within a day, because clocks may be put
    back."""
    largest: list[datetime] = []
    for group in range(len(groups)):
        known = _statistics(groups, group, "time")
        if known is None or not known.has_min_max or not isinstance(known.max, datetime):
            return range(len(groups))
        largest.append(known.max)
    return [group for group, moment in enumerate(largest) if moment >= max(largest) - timedelta(days=1)]


def _statistics(groups: Any, group: int, name: str) -> Any:
    """What is known of a column in a row group, if anything is."""
    of = groups.metadata.row_group(group)
    columns = (of.column(number) for number in range(of.num_columns))
    return next((column.statistics for column in columns if column.path_in_schema == name), None)


def _may_have(groups: Any, group: int, contact: str) -> bool:
    """Whether a row group may have a contact, as far as its least and its largest one tell."""
    known = _statistics(groups, group, "contact")
    if known is None or not known.has_min_max:
        return True
    # Texts are in the order of their bytes, and some writers cut long ones off.
    least, largest, own = str(known.min).encode(), str(known.max).encode(), contact.encode()
    return least <= own and (own <= largest or len(largest) >= LONGEST_STATISTIC)


def _may_hold(groups: Any, name: str) -> bool:
    """Whether a column is there and holds anything."""
    if name not in groups.schema.names:
        return False
    for group in range(len(groups)):
        of = groups.metadata.row_group(group)
        for number in range(of.num_columns):
            column = of.column(number)
            if column.path_in_schema.split(".")[0] == name:
                known = column.statistics
                if known is None or not known.has_null_count or known.null_count < of.num_rows:
                    return True
    return False


def _troubles() -> tuple[type[BaseException], ...]:
    import pyarrow as pa

    return (pa.ArrowException, OSError, ValueError, OverflowError, NotImplementedError)


def _unreadable(path: str, error: BaseException) -> LogError:
    if isinstance(error, LogError):
        return error
    if isinstance(error, FileNotFoundError):
        return LogError("there is no such file", file=path)
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return LogError(f"this Parquet file cannot be read: {reason}", file=path)
