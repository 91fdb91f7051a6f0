"""The columnar engine: a network over a log of any size.

In: a network, the files of a log, and how much memory may be used. Out: the entries in the order of the log, and what is counted. A log
that does not fit into memory is run part by part, each with all events of its contacts; what is found of a part waits on disk until all
parts are merged.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from triggerlang.engines.columnar.entries import Block, Entries
from triggerlang.engines.columnar.flattening import paths_of
from triggerlang.engines.columnar.layout import NEVER, Array
from triggerlang.engines.columnar.running import SCAN_AT_MOST, PartAnswer, Phase, latest_that_counts, run_part
from triggerlang.engines.columnar.wanted import wanted_by
from triggerlang.engines.entry import ALWAYS
from triggerlang.engines.funnel import RuleFunnel, together
from triggerlang.engines.onlooking import Onlooker
from triggerlang.engines.reaching import by_automation, whole_from
from triggerlang.events.ahead import Ahead
from triggerlang.events.columnar import BLOCK_BYTES, ColumnarLog, Part, read_columns
from triggerlang.events.columns import Columns, Texts
from triggerlang.events.files import LogFile
from triggerlang.events.interning import Coded
from triggerlang.events.packed import Progress
from triggerlang.events.rejects import OnBadEvent, Reject
from triggerlang.events.spilling import shrunk
from triggerlang.language.times import END_OF_TIME, FIRST_MOMENT, Zone
from triggerlang.network.nodes import ChainNode, MomentNode, Network

MERGED_AT_ONCE: Final = 1 << 20
"""How many entries of all parts are merged at a time, or more where more have the same time."""

BYTES_OF_EVENT: Final = 28
"""What an event takes in columns, without properties."""

SHARE_OF_COLUMNS: Final = 0.4
"""How much of the memory what is read may take: the rest is for its arrangement by contacts, the kernel's own memory and the entries."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What an engine may use: threads, bytes of memory, and a folder for what does not fit, made when it is needed first."""

    threads: int
    memory: int
    folder: Callable[[], str] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found: entries, how many events and contacts counted, rows that were no events, and duplicates that were dropped; in how
    many parts the log was run; how many absences and moments of each rule are pending; how many triggers of each automation rest on time
    before the log; and how far triggers came, if that was asked."""

    entries: Entries
    events: int
    contacts: int
    rejected: int
    duplicates: int
    parts: int
    pending: dict[str, int]
    before_log: dict[str, int]
    funnel: tuple[RuleFunnel, ...] | None


def read_for(
    networks: Sequence[Network],
    files: Iterable[LogFile],
    zone: Zone,
    resources: Resources,
    *,
    on_bad_event: OnBadEvent = "stop",
    on_reject: Callable[[Reject], None] | None = None,
    progress: Progress | None = None,
    block_bytes: int = BLOCK_BYTES,
    ahead: Ahead | None = None,
    sees_all: bool = False,
) -> ColumnarLog:
    """Read the files of a log with all that any of some networks asks for; with `sees_all` the events that none asks for, too. Raises
    LogError and OSError as `run` does."""
    wants = [wanted_by(network) for network in networks]
    return read_columns(
        files,
        [path for network in networks for path in paths_of(network)],
        timezone=zone.name,
        on_bad_event=on_bad_event,
        on_reject=on_reject,
        progress=progress,
        threads=resources.threads,
        memory=int(resources.memory * SHARE_OF_COLUMNS),
        spill=resources.folder,
        ahead=ahead,
        # An onlooker wants to see what no rule asks for, too.
        wants=None if sees_all else lambda kind, name: any(wanted(kind, name) for wanted in wants),
        block_bytes=block_bytes,
    )


def run_each(
    networks: Sequence[Network],
    log: ColumnarLog,
    zone: Zone,
    resources: Resources,
    *,
    bounds: tuple[int, int] = ALWAYS,
    now: int | None = None,
    phase: Phase = lambda name, size: None,
    progress: Progress | None = None,
    note: Callable[[str], None] = lambda text: None,
    counts: bool = False,
    keeps_log: bool = False,
    onlooker: Onlooker | None = None,
) -> tuple[Answer, ...]:
    """Run each of some networks over a log that was read for all of them, as `run` does. The log is let go on the way, if it is not to be
    kept. An `onlooker` sees each part, as each of the networks was run over it; it needs a log that was read with all events."""
    count = len(log.parts)
    end = FIRST_MOMENT if now is None else now
    if any(waits(network) for network in networks):
        end = max(end, _end_of(log.parts, resources.threads))
    folder = resources.folder if count > 1 else None
    collected = [_Collected(network, bounds, folder, f"entries-{number}") for number, network in enumerate(networks)]
    whole = [whole_from(network, zone, log.begin) for network in networks]
    parts = list(log.parts)
    if onlooker is not None and log.begin != END_OF_TIME:
        onlooker.begin(log.begin, max(end, *(part.latest for part in parts)))
    if not keeps_log:
        log.parts.clear()
    while parts:
        if count > 1:
            phase("reading parts", 0)
        # Taken out of the list, so that a part is let go before the next is loaded.
        columns = parts.pop(0).load()
        _note_giant(columns, resources, note)
        for network, own, reaching in zip(networks, collected, whole, strict=True):
            own.add(
                run_part(
                    network,
                    zone,
                    columns,
                    horizon=end,
                    threads=resources.threads,
                    phase=phase,
                    progress=progress,
                    whole_from=reaching,
                    counted=bounds if counts else None,
                    onlooker=onlooker,
                )
            )
        del columns
    return tuple(own.answer(log.rejected, count, counts=counts) for own in collected)


def waits(network: Network) -> bool:
    """Whether a network waits for anything, so that it matters when the log ends."""
    return any(isinstance(node, MomentNode) or (isinstance(node, ChainNode) and node.without is not None) for node in network.patterns)


def _end_of(parts: Sequence[Part], threads: int) -> int:
    """The time of the latest event of a log that is no duplicate.

    Parts on disk are looked at in the order of their latest events, until no other can have a later one that counts.
    """
    ends = sorted(((part.latest, number) for number, part in enumerate(parts)), reverse=True)
    found = FIRST_MOMENT
    for latest, number in ends:
        if latest <= found:
            break
        part = parts[number]
        found = max(found, latest_that_counts(part.load(), threads))
    return found


def _note_giant(columns: Columns, resources: Resources, note: Callable[[str], None]) -> None:
    """Name the contact that makes a part too large, since a contact is never split."""
    size = len(columns) * (BYTES_OF_EVENT + 4 * len(columns.properties))
    if resources.folder is None or size <= resources.memory * SHARE_OF_COLUMNS:
        return
    counts = np.bincount(columns.contact)
    contact = int(counts.argmax())
    name = columns.contacts[contact].decode("utf-8", "surrogatepass")
    note(f"contact {name!r} has {int(counts[contact]):,} events, more than fit into --memory; it is run all the same")


class Found(NamedTuple):
    """The entries over a log in memory, what is pending by rule, how many triggers rest on time before the log by automation, and how far
    triggers came, if that was asked."""

    entries: Entries
    pending: dict[str, int]
    before_log: dict[str, int]
    funnel: tuple[RuleFunnel, ...] | None


def run_columns(
    network: Network,
    columns: Columns,
    zone: Zone,
    threads: int,
    *,
    now: int | None = None,
    scan_at_most: int = SCAN_AT_MOST,
    counted: tuple[int, int] | None = None,
) -> Found:
    """What is found over a log that is in memory and free of duplicates, up to its end or a later `now`. If triggers are `counted`, it is
    told how far those between two moments came.

    Ranges of up to `scan_at_most` events are looked through rather than asked of an index.
    """
    collected = _Collected(network, ALWAYS, None, "")
    horizon = max(latest_that_counts(columns, threads), FIRST_MOMENT if now is None else now)
    whole = whole_from(network, zone, columns.span()[0])
    part = run_part(network, zone, columns, horizon=horizon, threads=threads, scan_at_most=scan_at_most, whole_from=whole, counted=counted)
    collected.add(part)
    funnel = together(collected.funnels, network) if counted else None
    return Found(collected.entries(), collected.pending(), collected.before_log(), funnel)


class _Collected:
    """What was found of the parts so far; with a folder, entries wait there."""

    def __init__(self, network: Network, bounds: tuple[int, int], folder: Callable[[], str] | None, name: str) -> None:
        """`name` is what their files begin with."""
        self.events = self.contacts = self.duplicates = 0
        self._network, self._bounds, self._folder, self._name = network, bounds, folder, name
        self._counts = np.zeros(len(network.rules), np.int64)
        self._blocks: list[Block] = []
        self._pending: Counter[int] = Counter()
        self.funnels: list[tuple[RuleFunnel, ...]] = []
        self._before_log = np.zeros(len(network.rules), np.int64)

    def add(self, answer: PartAnswer) -> None:
        """Take in what was found of a part."""
        self.events += answer.events
        self.contacts += answer.contacts
        self.duplicates += answer.duplicates
        self._pending.update(answer.pending)
        self._before_log += answer.before_log
        if answer.funnel is not None:
            self.funnels.append(answer.funnel)
        block = answer.entries if self._bounds == ALWAYS else answer.entries.between(*self._bounds)
        self._counts += np.bincount(block.rule, minlength=len(self._counts))
        if self._folder is not None:
            block = _on_disk(block, os.path.join(self._folder(), f"{self._name}-{len(self._blocks)}"))
        self._blocks.append(block)

    def answer(self, rejected: int, parts: int, *, counts: bool) -> Answer:
        """What was found of all parts."""
        return Answer(
            entries=self.entries(),
            events=self.events,
            contacts=self.contacts,
            rejected=rejected,
            duplicates=self.duplicates,
            parts=parts,
            pending=self.pending(),
            before_log=self.before_log(),
            funnel=together(self.funnels, self._network) if counts else None,
        )

    def pending(self) -> dict[str, int]:
        """How many absences and moments that start a rule have neither come nor been broken, for each rule that has some."""
        return {rule.name: self._pending[rule.on] for rule in self._network.rules if self._pending[rule.on]}

    def before_log(self) -> dict[str, int]:
        """How many triggers of the rules of each automation rest on time before the log, for each automation that has some."""
        return by_automation(self._network, self._before_log.tolist())

    def entries(self) -> Entries:
        """All entries in order."""
        blocks = self._blocks
        if self._folder is None:
            return Entries(self._network, self._counts, lambda: iter(blocks))
        return Entries(self._network, self._counts, lambda: _merged(blocks))


def _on_disk(block: Block, start: str) -> Block:
    """The same entries, their arrays in files of which the system keeps in memory what it has room for."""
    contacts = shrunk(Coded(block.contact, block.contacts))

    def kept(name: str, array: Array) -> Array:
        path = f"{start}.{name}"
        try:
            with open(path, "wb") as file:
                np.ascontiguousarray(array).tofile(file)
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from error
        return np.memmap(path, array.dtype, "c") if len(array) else array

    ids = None if block.id is None or block.ids is None else shrunk(Coded(block.id, block.ids))
    return Block(
        time=kept("time", block.time),
        rule=kept("rule", block.rule),
        row=kept("row", block.row),
        contact=kept("contact", contacts.codes),
        contacts=Texts(kept("contact-offsets", contacts.texts.offsets), kept("contact-data", contacts.texts.data)),
        id=None if ids is None else kept("id", ids.codes),
        ids=None if ids is None else Texts(kept("id-offsets", ids.texts.offsets), kept("id-data", ids.texts.data)),
        since=tuple(kept(f"since-{number}", times) for number, times in enumerate(block.since)),
    )


def _merged(blocks: Sequence[Block]) -> Iterator[Block]:
    """Entries of several parts in order, some at a time: those up to a moment of each."""
    share = max(MERGED_AT_ONCE // max(len(blocks), 1), 1)
    starts = [0] * len(blocks)
    while True:
        going_on = [(block, start) for block, start in zip(blocks, starts, strict=True) if start < len(block)]
        if not going_on:
            return
        moment = min(int(block.time[min(start + share, len(block)) - 1]) for block, start in going_on)
        ends = [int(np.searchsorted(block.time, moment, side="right")) for block in blocks]
        pieces = [block.some(slice(start, end)) for block, start, end in zip(blocks, starts, ends, strict=True) if end > start]
        starts = ends
        yield _one_of(pieces)


def _one_of(pieces: list[Block]) -> Block:
    """Entries of several parts as one block: by time and row, those of one trigger as they stand; at absences and moments, by when the
    events were that they were waited for after."""
    joined = _joined(pieces)
    return joined.some(np.lexsort((joined.row, *reversed(joined.since), joined.time)))


def _joined(pieces: list[Block]) -> Block:
    contact, contacts = _joined_codes([Coded(piece.contact, piece.contacts) for piece in pieces])
    with_ids = any(piece.id is not None for piece in pieces)
    none = Texts.of([b""])
    ids = [
        Coded(np.zeros(len(piece), np.int32), none) if piece.id is None or piece.ids is None else Coded(piece.id, piece.ids)
        for piece in pieces
    ]
    id_codes, id_texts = _joined_ids(ids) if with_ids else (None, None)
    return Block(
        time=np.concatenate([piece.time for piece in pieces]),
        rule=np.concatenate([piece.rule for piece in pieces]),
        row=np.concatenate([piece.row for piece in pieces]),
        contact=contact,
        contacts=contacts,
        id=id_codes,
        ids=id_texts,
        since=_joined_times(pieces),
    )


def _joined_times(pieces: list[Block]) -> tuple[Array, ...]:
    """When the events of entries were, as often as those of any part go back to one."""
    deepest = max((len(piece.since) for piece in pieces), default=0)
    return tuple(
        np.concatenate([piece.since[at] if at < len(piece.since) else np.full(len(piece), NEVER) for piece in pieces])
        for at in range(deepest)
    )


def _joined_codes(pieces: list[Coded]) -> tuple[Array, Texts]:
    """Codes of several dictionaries as those of one, in which a text may stand twice."""
    smaller = [shrunk(piece) for piece in pieces]
    before = np.cumsum([0, *(len(piece.texts) for piece in smaller)])
    codes = [piece.codes + np.int32(start) for piece, start in zip(smaller, before.tolist(), strict=False)]
    bytes_before = np.cumsum([0, *(len(piece.texts.data) for piece in smaller)])
    offsets = [piece.texts.offsets[:-1] + start for piece, start in zip(smaller, bytes_before.tolist(), strict=False)]
    data = np.concatenate([piece.texts.data for piece in smaller])
    return np.concatenate(codes), Texts(np.concatenate([*offsets, bytes_before[-1:]]), data)


def _joined_ids(pieces: list[Coded]) -> tuple[Array, Texts]:
    """The same for ids, of which the empty one, no id, has the code 0 again."""
    codes, texts = _joined_codes(pieces)
    is_empty = np.diff(texts.offsets) == 0
    offsets = np.concatenate([np.zeros(1, np.int64), texts.offsets])
    return np.where(is_empty[codes], 0, codes + 1).astype(np.int32), Texts(offsets, texts.data)
