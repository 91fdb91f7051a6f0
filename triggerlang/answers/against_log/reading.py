"""Reading: the facts of a log, by the reader that its engine has.

In: what rules ask, and the files of a log. Out: facts, the same whichever engine was chosen. A log that does not fit into memory is looked
at part by part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from triggerlang.answers.against_log.asked import Asked, Source
from triggerlang.answers.against_log.facts import Facts, no_facts
from triggerlang.engines.choosing import Choice
from triggerlang.engines.evaluating import Request, Watcher, read_records, ready_kernels, total_size

SHARE_OF_COLUMNS: Final = 0.5
"""How much of the memory what is read may take: the rest is for the order in which it is looked at, and for what comes of it."""


def facts_of(asked: Asked, near: Mapping[tuple[Source, str], str], request: Request, choice: Choice, watcher: Watcher) -> Facts:
    """The facts of a log; `near` are properties that are offered in the place of some. Raises LogError, and OSError where the folder cannot
    be written to."""
    facts = no_facts(asked, near)
    (_by_columns if choice.engine == "columnar" else _by_records)(facts, request, watcher)
    facts.add_names()
    return facts


def _by_records(facts: Facts, request: Request, watcher: Watcher) -> None:
    from triggerlang.answers.against_log import plain

    log = read_records(request, watcher)
    watcher.phase("looking at the log", 0)
    facts.rejected = log.rejected
    plain.gather(facts, log.records)


def _by_columns(facts: Facts, request: Request, watcher: Watcher) -> None:
    ready_kernels(watcher)
    # Modules with kernels are imported once it is known where those are kept.
    from triggerlang.answers.against_log import columnar
    from triggerlang.events.columnar import read_columns

    watcher.phase("reading", total_size(request.files))
    log = read_columns(
        request.files,
        list(dict.fromkeys(path for _, path in facts.properties if path != "event_name")),
        timezone=request.timezone,
        on_bad_event=request.on_bad_event,
        on_reject=request.on_reject,
        progress=watcher.progress,
        threads=request.threads,
        memory=int(request.most_memory * SHARE_OF_COLUMNS),
        spill=request.folder,
        ahead=request.ahead,
    )
    watcher.phase("looking at the log", 0)
    facts.rejected = log.rejected
    while log.parts:
        # Taken out of the list, so that a part is let go before the next is loaded.
        columnar.gather(facts, log.parts.pop(0).load(), request.threads)
