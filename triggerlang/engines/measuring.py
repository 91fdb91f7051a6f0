"""Measuring: each measure of the network as functions over a contact's cells.

In: a network and the project's time zone. Out: for each measure an accumulator, and what makes it run: the pattern whose events are
added, the pattern whose events empty it (`since last`), and the times it is bounded by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from triggerlang.engines import accumulators
from triggerlang.engines.accumulators import Accumulator, Add, Cells, KeysOf, Read
from triggerlang.engines.comparing import end_of, moment_of, reader
from triggerlang.engines.filters import PairTest, getter, pattern_pair
from triggerlang.engines.happenings import Happening, Replay, is_paired, plain, trigger_keys
from triggerlang.engines.sequences import taken
from triggerlang.engines.waiting import Derived
from triggerlang.events.record import Record
from triggerlang.language import values
from triggerlang.language.times import Zone
from triggerlang.language.values import Value
from triggerlang.network.nodes import (
    AfterLast,
    ChainNode,
    CountIs,
    Fixed,
    Function,
    MeasureNode,
    MeasureTest,
    Network,
    Reading,
    Sliding,
    options_of,
)

UNLIMITED = 1 << 62


@dataclass(frozen=True, slots=True)
class Measuring:
    """A measure at work: what happens of `adds` is added, events of `empties` empty the cell.

    `adds` and `empties` are patterns by number, `adds` chains too. `is_plain` tells that it is a mere count, which the interpreter
    keeps itself.
    """

    slot: int
    accumulator: Accumulator
    adds: tuple[int, ...]
    empties: int | None
    so_far: bool
    is_plain: bool
    function: Function
    reading: Reading | None

    def empty(self, cells: Cells, record: Record) -> None:
        """Forget the events so far."""
        cells.pop(self.slot, None)


def measurings(network: Network, zone: Zone, happenings: Mapping[int, Happening], *, in_full: bool = False) -> list[Measuring]:
    """All measures of a network; a measure's slot is its number. `in_full` counts on where no test tells larger counts apart."""
    enough = [UNLIMITED] * len(network.measures) if in_full else _enough(network)
    return [
        _measuring(network, number, node, enough[number], zone, happenings.get(node.pattern))
        for number, node in enumerate(network.measures)
    ]


def _enough(network: Network) -> list[int]:
    """For each measure the count from which no test tells larger ones apart."""
    enough = [1] * len(network.measures)
    for test in network.tests:
        if isinstance(test, MeasureTest) and isinstance(test.comparison, CountIs):
            sign, number = test.comparison.operator, test.comparison.number
            needed = number if sign in (">=", "<") else number + 1
            enough[test.measure] = max(enough[test.measure], needed)
    return enough


def _measuring(network: Network, number: int, node: MeasureNode, enough: int, zone: Zone, happening: Happening | None) -> Measuring:
    pattern = network.patterns[node.pattern]
    window = node.window
    width = window.microseconds if isinstance(window, Sliding) else None
    read = _reader(node, zone)
    if width is None:
        inner = accumulators.whole(node.function, number, read, enough)
    else:
        inner = accumulators.sliding(node.function, number, read, enough, width)
    keys = trigger_keys(network, pattern)
    ends = plain(network, window.pattern) if isinstance(window, AfterLast) else None
    if keys is None or (ends is not None and is_paired(ends)):
        accumulator, adds = _replayed(network, number, node, inner, zone)
        return Measuring(number, accumulator, adds, None, node.so_far, False, node.function, node.reading)
    accumulator = inner
    if keys:
        own, triggers = [own for own, _ in keys], _texts([path for _, path in keys])
        accumulator = accumulators.keyed(inner, number, _keys_of(own, happening), triggers, width)
    is_plain = accumulator is inner and node.function == "count" and width is None and not isinstance(window, Fixed)
    if isinstance(window, Fixed):
        accumulator = Accumulator(_bounded(accumulator.add, window, zone), accumulator.get)
    empties = window.pattern if isinstance(window, AfterLast) else None
    return Measuring(number, accumulator, (node.pattern,), empties, node.so_far, is_plain, node.function, node.reading)


def _replayed(network: Network, number: int, node: MeasureNode, inner: Accumulator, zone: Zone) -> tuple[Accumulator, tuple[int, ...]]:
    """A measure that is taken anew at each trigger, and the patterns whose events it needs for that."""
    pattern, window = network.patterns[node.pattern], node.window
    if isinstance(window, Fixed) and isinstance(pattern, ChainNode):
        # A chain's earlier steps may lie outside.
        inner = Accumulator(_bounded(inner.add, window, zone), inner.get)
    reach = window.microseconds if isinstance(window, Sliding) else None
    ends: PairTest | None = None
    adds: dict[int, None] = {}
    if isinstance(window, AfterLast):
        last = pattern_pair(plain(network, window.pattern), zone)
        ends = lambda record, trigger: not isinstance(record, Derived) and last(record, trigger)  # noqa: E731
        adds[window.pattern] = None
    if isinstance(pattern, ChainNode):
        begin: Callable[[Record], Callable[[Record], bool]] = Replay(network, pattern, zone).begin
        within = [step.within for step in pattern.steps[1:]] + ([] if pattern.without is None else [pattern.without.within])
        reach = None if reach is None or None in within else reach + sum(length for length in within if length is not None)
        adds.update((option.pattern, None) for option in options_of(pattern))
        if pattern.without is not None:
            adds[node.pattern] = None
    else:
        matches = pattern_pair(plain(network, node.pattern), zone)
        begin = lambda trigger: lambda record: matches(record, trigger)  # noqa: E731
        adds[node.pattern] = None
    accumulator = accumulators.replayed(inner, number, begin, ends, reach)
    if isinstance(window, Fixed) and not isinstance(pattern, ChainNode):
        accumulator = Accumulator(_bounded(accumulator.add, window, zone), accumulator.get)
    return accumulator, tuple(adds)


def _keys_of(own: list[str], happening: Happening | None) -> KeysOf:
    """The texts that something must have in common with the trigger: an event's own, or those of a chain's first events."""
    if happening is None:
        texts = _texts(own)

        def of_event(record: Record) -> Iterable[tuple[Value, ...]]:
            key = texts(record)
            return () if key is None else (key,)

        return of_event
    places = happening.key.places(own)
    # What happens tells its keys while it does.
    return lambda record: [key for key in dict.fromkeys(taken(key, places) for key in happening.keys) if None not in key]


def _bounded(add: Add, window: Fixed, zone: Zone) -> Add:
    start = moment_of(window.start, zone)
    end = UNLIMITED if window.end is None else end_of(window.end, zone)

    def add_inside(cells: Cells, record: Record) -> None:
        if start <= record.time < end:
            add(cells, record)

    return add_inside


def _reader(node: MeasureNode, zone: Zone) -> Read:
    if node.property is None or node.reading is None:
        return lambda record: None
    get, read = getter(node.property), reader(node.reading, zone)
    return lambda record: read(get(record))


def _texts(paths: list[str]) -> Callable[[Record], tuple[Value, ...] | None]:
    """The texts of some properties, or None where one has none."""
    getters = [getter(path) for path in paths]

    def read(record: Record) -> tuple[Value, ...] | None:
        texts = tuple(values.text(get(record)) for get in getters)
        return None if None in texts else texts

    return read
