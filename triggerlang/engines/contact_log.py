"""The log of one contact, by the reader that is sooner done.

In: the files of a log, a contact, the network of the rules that are asked. Out: its records, and when the log ends. Row by row where the
log is small; a large text goes through the columnar reader, and of Parquet only the rows of the contact are read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from triggerlang.engines.choosing import Choice
from triggerlang.engines.evaluating import Request, Watcher, total_size
from triggerlang.events.contact import ContactLog, ParquetContact, read_contact
from triggerlang.events.rejects import Rejects
from triggerlang.language.times import Zone
from triggerlang.machine.memory import machine_memory
from triggerlang.network.nodes import Network


@dataclass(slots=True)
class ReadContact:
    """The log of a contact, and the function that finds out when the whole log ends."""

    log: ContactLog
    end: Callable[[], int]


def read(network: Network, request: Request, contact: str, choice: Choice, watcher: Watcher) -> ReadContact:
    """Read the events of a contact with the reader of the engine that was chosen. Raises LogError, and OSError where the folder cannot be
    written to."""
    watcher.phase("reading", total_size(request.files))
    if choice.engine == "interpreter":
        return _row_by_row(request, contact, watcher)
    if all(file.shape == "parquet" for file in request.files):
        rows = ParquetContact(request.files, contact, Zone(request.timezone), Rejects(request.on_bad_event, request.on_reject))
        if rows.can_tell:
            log = rows.read(watcher.progress)
            if request.on_bad_event == "stop" and not rows.has_ids:
                return ReadContact(log, rows.end)
            # What is a duplicate or no event does not move the end of the log; who wants to know it has to read everything.
            whole = replace(request, on_reject=None)
            return ReadContact(log, lambda: _by_columns(network, whole, contact, watcher).log.end)
    return _by_columns(network, request, contact, watcher)


def _row_by_row(request: Request, contact: str, watcher: Watcher) -> ReadContact:
    log = read_contact(
        request.files,
        contact,
        timezone=request.timezone,
        on_bad_event=request.on_bad_event,
        on_reject=request.on_reject,
        progress=watcher.progress,
    )
    return ReadContact(log, lambda: log.end)


def _by_columns(network: Network, request: Request, contact: str, watcher: Watcher) -> ReadContact:
    from triggerlang.machine import keeping

    keeping.prepare(watcher.note).compile(lambda done, of: None)
    from triggerlang.engines.columnar.contact_log import read_contact as read_columns_of
    from triggerlang.engines.columnar.flattening import paths_of

    log = read_columns_of(
        request.files,
        contact,
        paths_of(network),
        timezone=request.timezone,
        on_bad_event=request.on_bad_event,
        on_reject=request.on_reject,
        progress=watcher.progress,
        threads=request.threads,
        memory=machine_memory() // 2 if request.memory is None else request.memory,
        folder=request.folder,
    )
    return ReadContact(log, lambda: log.end)
