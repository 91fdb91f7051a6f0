"""Evaluating: rules over a whole log, by any engine.

In: a rule set and a log. Out: the entries in the order of their triggers in the log, and for one trigger in the order of the rules; and
what was counted on the way.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.choosing import ENGINES, Choice, Engine, choose
from triggerlang.engines.counting import CountingInterpreter
from triggerlang.engines.entry import ALWAYS, Entry, Found
from triggerlang.engines.funnel import RuleFunnel
from triggerlang.engines.interpreter import Interpreter
from triggerlang.engines.reaching import ReachingCounter, ReachingInterpreter
from triggerlang.events.ahead import Ahead
from triggerlang.events.files import LogFile, log_files
from triggerlang.events.log import Log, of_records, read
from triggerlang.events.record import Record
from triggerlang.events.rejects import OnBadEvent, Reject
from triggerlang.language import times
from triggerlang.language.times import Zone
from triggerlang.machine.memory import machine_memory

if TYPE_CHECKING:
    from triggerlang.engines.columnar.engine import Answer
    from triggerlang.engines.columnar.entries import Entries
    from triggerlang.engines.onlooking import Onlooker
    from triggerlang.events.event import Event

SHARE_AHEAD: Final = 0.1
"""How much of the memory what is decoded ahead may take."""


@dataclass(slots=True)
class Request:
    """What is to be run: the files of a log, how they are read, and which entries are wanted.

    `now` is the end of the log, if that is later than its latest event. `memory` is in bytes, half of what the machine has if None;
    `folder` makes the folder for what does not fit, and without it all is held. `ahead` decodes some of the files already. `counts` asks
    how far triggers came. An `onlooker` sees events and entries as arrays; it needs numpy, and all `bounds`.
    """

    files: Sequence[LogFile]
    timezone: str = "UTC"
    on_bad_event: OnBadEvent = "stop"
    on_reject: Callable[[Reject], None] | None = None
    bounds: tuple[int, int] = ALWAYS
    now: int | None = None
    memory: int | None = None
    folder: Callable[[], str] | None = None
    ahead: Ahead | None = None
    counts: bool = False
    onlooker: Onlooker | None = None
    threads: int = field(default_factory=lambda: len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)

    @property
    def most_memory(self) -> int:
        """How many bytes of memory may be used."""
        return machine_memory() // 2 if self.memory is None else self.memory


@dataclass(slots=True)
class Watcher:
    """Who wants to know how a run goes on: `phase` hears of each part of the work as it begins, with how much there is to do (0 where
    that is not known), `progress` how much of it was done since, `note` what a person should know."""

    phase: Callable[[str, int], None] = lambda name, size: None
    progress: Callable[[int], None] | None = None
    note: Callable[[str], None] = lambda text: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. `columns` are the same entries in columns, where the engine has them so; `pending` are absences and moments by
    rule, `before_log` triggers that rest on time before the log, by automation; `funnel` tells how far triggers came, if that was asked."""

    entries: Found
    columns: Entries | None
    by_automation: dict[str, int]
    events: int
    contacts: int
    rejected: int
    duplicates: int
    pending: dict[str, int]
    before_log: dict[str, int]
    funnel: tuple[RuleFunnel, ...] | None = None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of several runs over one log. `records` gives the events of some contacts, the first ones that have no more than so
    many together, in order and free of duplicates, with what the rules of any run ask for."""

    each: tuple[Outcome, ...]
    records: Callable[[Sequence[str], int], Sequence[Record]]


def run(rules: RuleSet, request: Request, choice: Choice, watcher: Watcher) -> Outcome:
    """Run rules over a log with the engine that was chosen. Raises LogError, and OSError where the folder cannot be written to."""
    return _run((rules,), request, choice, watcher, keeps_log=False).each[0]


def run_each(rule_sets: Sequence[RuleSet], request: Request, choice: Choice, watcher: Watcher) -> Outcomes:
    """Run several rule sets over a log, which is read once and kept. Raises as `run` does."""
    return _run(rule_sets, request, choice, watcher, keeps_log=True)


def _run(rule_sets: Sequence[RuleSet], request: Request, choice: Choice, watcher: Watcher, *, keeps_log: bool) -> Outcomes:
    if choice.engine == "columnar":
        return _by_columns(rule_sets, request, watcher, keeps_log=keeps_log)
    return _by_interpreter(rule_sets, request, watcher)


def read_records(request: Request, watcher: Watcher) -> Log:
    """The log of a request, event by event. Raises LogError."""
    if request.ahead is not None:
        request.ahead.close()
    watcher.phase("reading", total_size(request.files))
    return read(
        request.files,
        timezone=request.timezone,
        on_bad_event=request.on_bad_event,
        on_reject=request.on_reject,
        progress=watcher.progress,
    )


def _by_interpreter(rule_sets: Sequence[RuleSet], request: Request, watcher: Watcher) -> Outcomes:
    log = read_records(request, watcher)

    def records(contacts: Sequence[str], most: int) -> Sequence[Record]:
        few = _few(contacts, Counter(record.contact for record in log.records), most)
        return [record for record in log.records if record.contact in few]

    return Outcomes(tuple(_interpreted(rules, log, request, watcher) for rules in rule_sets), records)


def _few(contacts: Sequence[str], counts: Mapping[str, int], most: int) -> set[str]:
    """The first contacts that have no more than so many events together; one with too many is passed over."""
    few: set[str] = set()
    for contact in dict.fromkeys(contacts):
        if counts[contact] <= most:
            most -= counts[contact]
            few.add(contact)
    return few


def _interpreted(rules: RuleSet, log: Log, request: Request, watcher: Watcher) -> Outcome:
    watcher.phase("evaluating", len(log.records))
    begin = log.records[0].time if log.records else times.FIRST_MOMENT
    if request.counts:
        engine: ReachingInterpreter = ReachingCounter(rules, begin=begin, timezone=request.timezone, bounds=request.bounds)
    else:
        engine = ReachingInterpreter(rules, begin=begin, timezone=request.timezone)
    found: Iterable[Entry] = interpret(engine, log.records, request.now, progress=watcher.progress)
    if request.bounds != ALWAYS:
        start, end = request.bounds
        found = (entry for entry in found if start <= times.from_datetime(entry.time, Zone()) < end)
    entries = list(found)
    counts = dict.fromkeys(rules.automations, 0)
    for entry in entries:
        counts[entry.automation] += 1
    contacts = len({record.contact for record in log.records})
    if request.onlooker is not None and log.records:
        _show(request.onlooker, rules, log.records, entries, request.now)
    funnel = engine.funnel() if isinstance(engine, CountingInterpreter) else None
    read_rows = len(log.records), contacts, log.rejected, log.duplicates
    return Outcome(entries, None, counts, *read_rows, engine.pending(), engine.before_log(), funnel)


def _show(onlooker: Onlooker, rules: RuleSet, records: Sequence[Record], entries: Sequence[Entry], now: int | None) -> None:
    from triggerlang.engines.onlooking import sight_of

    onlooker.begin(records[0].time, records[-1].time if now is None else max(records[-1].time, now))
    onlooker.look(sight_of(records, entries, [rule.name for rule in rules.rules]))


def ready_kernels(watcher: Watcher) -> None:
    """Have the kernels that the columnar reader and engine need, before a module that has some is imported."""
    from triggerlang.machine import keeping

    kernels = keeping.prepare(watcher.note)
    if kernels.is_cold:
        watcher.phase("compiling, once for this machine", len(kernels.modules))
        done = 0

        def advance(so_far: int, _: int) -> None:
            nonlocal done
            if watcher.progress is not None:
                watcher.progress(so_far - done)
            done = so_far

        kernels.compile(advance)


def _by_columns(rule_sets: Sequence[RuleSet], request: Request, watcher: Watcher, *, keeps_log: bool) -> Outcomes:
    ready_kernels(watcher)
    # The modules with kernels are imported once it is known where those are kept.
    from triggerlang.engines.columnar import engine
    from triggerlang.engines.columnar.contact_log import events_of, records_of
    from triggerlang.network.compiler import compile

    watcher.phase("reading", total_size(request.files))
    networks = [compile(rules) for rules in rule_sets]
    resources = engine.Resources(request.threads, request.most_memory, request.folder)
    log = engine.read_for(
        networks,
        request.files,
        Zone(request.timezone),
        resources,
        on_bad_event=request.on_bad_event,
        on_reject=request.on_reject,
        progress=watcher.progress,
        ahead=request.ahead,
        sees_all=request.onlooker is not None,
    )
    answers = engine.run_each(
        networks,
        log,
        Zone(request.timezone),
        resources,
        bounds=request.bounds,
        now=request.now,
        phase=watcher.phase,
        progress=watcher.progress,
        note=watcher.note,
        counts=request.counts,
        keeps_log=keeps_log,
        onlooker=request.onlooker,
    )

    def records(contacts: Sequence[str], most: int) -> Sequence[Record]:
        counts: Counter[str] = Counter()
        for part in log.parts:
            counts.update(events_of(part.load(), contacts))
        few = _few(contacts, counts, most)
        return of_records(record for part in log.parts for record in records_of(part.load(), few)).records

    return Outcomes(tuple(_of_answer(answer) for answer in answers), records)


def _of_answer(answer: Answer) -> Outcome:
    entries = answer.entries
    return Outcome(
        entries=entries,
        columns=entries,
        by_automation=entries.by_automation(),
        events=answer.events,
        contacts=answer.contacts,
        rejected=answer.rejected,
        duplicates=answer.duplicates,
        pending=answer.pending,
        before_log=answer.before_log,
        funnel=answer.funnel,
    )


def ahead(engine: Engine, files: Sequence[LogFile], memory: int | None) -> Ahead:
    """Who decodes the files while rules are read and engines start, where the columnar engine is the one to run them."""
    try:
        is_columnar = choose(engine, files).engine == "columnar"
    except ValueError:
        is_columnar = False
    return Ahead(files if is_columnar else (), int((machine_memory() // 2 if memory is None else memory) * SHARE_AHEAD))


def total_size(files: Sequence[LogFile]) -> int:
    """How many bytes the files have, as far as that is known."""
    return sum(os.path.getsize(file.path) for file in files if os.path.isfile(file.path))


def evaluate(
    rules: RuleSet,
    log: str | Path | Iterable[str | Path] | Iterable[Event],
    *,
    engine: Engine = "auto",
    timezone: str = "UTC",
    now: datetime | date | str | None = None,
) -> Iterator[Entry]:
    """The entries that rules cause on a log, one by one.

    `log` is a path (a file, a folder or a glob), several of them, or events in any order, whose rows are counted from 1. `timezone` is
    the project's, an IANA name. The log ends at its latest event, or at `now` if that is later: absences and moments that are due
    after it are left out. The whole log is read before the first entry comes; LogError, with file and line, is raised before it, and
    so is ValueError for an engine or a time zone that is not there, or a `now` that is no time. The columnar engine holds all in memory
    here; the command line has it in bounds.
    """
    if engine not in ENGINES:
        raise ValueError(f"no engine is called {engine!r}: take one of {', '.join(ENGINES)}")
    return _entries(rules, log, timezone, engine, None if now is None else times.moment_of(now, Zone(timezone)))


def _entries(rules: RuleSet, log: Any, timezone: str, engine: Engine, now: int | None) -> Iterator[Entry]:
    given = [log] if isinstance(log, str | Path) else list(log)
    if all(isinstance(part, str | Path) for part in given):
        files, _ = log_files(given)
        yield from run(rules, Request(files, timezone, now=now), choose(engine, files), Watcher()).entries
        return
    zone = Zone(timezone)
    records = of_records(_record(part, zone, row) for row, part in enumerate(given, 1)).records
    if engine == "columnar":
        choose("columnar", ())
        yield from _over_records(rules, records, zone, now)
    else:
        yield from interpret(Interpreter(rules, timezone=timezone), records, now)


def _over_records(rules: RuleSet, records: Sequence[Record], zone: Zone, now: int | None) -> Iterable[Entry]:
    from triggerlang.machine import keeping

    keeping.prepare(lambda text: None).compile(lambda done, of: None)
    from triggerlang.engines.columnar.engine import run_columns
    from triggerlang.engines.columnar.flattening import paths_of
    from triggerlang.events.recorded import columns_of
    from triggerlang.network.compiler import compile

    network = compile(rules)
    return run_columns(network, columns_of(records, paths_of(network)), zone, 1, now=now).entries


def _record(given: object, zone: Zone, row: int) -> Record:
    from triggerlang.events.event import Event

    if not isinstance(given, Event):
        raise TypeError(f"a log is made of paths or of events, not of {type(given).__name__}")
    return given.record(zone, row)


def interpret(
    engine: Interpreter, records: Sequence[Record], now: int | None = None, *, progress: Callable[[int], None] | None = None
) -> Iterator[Entry]:
    """An interpreter's entries over the records of a log, in order and free of duplicates, up to its end or a later `now`.

    `progress` is called with how many records were taken in since the last call.
    """
    feed = engine.feed_record
    if progress is None:
        for record in records:
            yield from feed(record)
    else:
        step = max(len(records) // 200, 1)
        for start in range(0, len(records), step):
            block = records[start : start + step]
            for record in block:
                yield from feed(record)
            progress(len(block))
    yield from engine.finish(now)
