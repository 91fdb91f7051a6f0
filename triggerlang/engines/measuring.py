"""Measuring: each measure of the network as functions over a contact's cells.

In: a network and the project's time zone. Out: for each measure an accumulator, and what makes it run: the pattern whose events are
added, the pattern whose events empty it (`since last`), and the times it is bounded by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from triggerlang.engines import accumulators
from triggerlang.engines.accumulators import Accumulator, Add, Cells, Read
from triggerlang.engines.comparing import end_of, moment_of, reader
from triggerlang.engines.filters import getter, looks_at_trigger, pattern_pair
from triggerlang.events.record import Record
from triggerlang.language import tree, values
from triggerlang.language.times import Zone
from triggerlang.language.values import Value
from triggerlang.network.nodes import (
    AfterLast,
    CountIs,
    Fixed,
    Function,
    MeasureNode,
    MeasureTest,
    Network,
    PatternNode,
    Reading,
    Sliding,
)

UNLIMITED = 1 << 62


@dataclass(frozen=True, slots=True)
class Measuring:
    """A measure at work: events of `adds` are added, those of `empties` empty the cell.

    `adds` and `empties` are patterns by number. `is_plain` tells that it is a mere count, which the interpreter keeps itself.
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


def measurings(network: Network, zone: Zone) -> list[Measuring]:
    """All measures of a network; a measure's slot is its number."""
    enough = _enough(network)
    return [_measuring(network, number, node, enough[number], zone) for number, node in enumerate(network.measures)]


def _enough(network: Network) -> list[int]:
    """For each measure the count from which no test tells larger ones apart."""
    enough = [1] * len(network.measures)
    for test in network.tests:
        if isinstance(test, MeasureTest) and isinstance(test.comparison, CountIs):
            sign, number = test.comparison.operator, test.comparison.number
            needed = number if sign in (">=", "<") else number + 1
            enough[test.measure] = max(enough[test.measure], needed)
    return enough


def _measuring(network: Network, number: int, node: MeasureNode, enough: int, zone: Zone) -> Measuring:
    pattern = network.patterns[node.pattern]
    window = node.window
    width = window.microseconds if isinstance(window, Sliding) else None
    read = _reader(node, zone)
    if width is None:
        inner = accumulators.whole(node.function, number, read, enough)
    else:
        inner = accumulators.sliding(node.function, number, read, enough, width)
    ends = network.patterns[window.pattern] if isinstance(window, AfterLast) else None
    empties = window.pattern if isinstance(window, AfterLast) else None
    if ends is not None and _is_paired(ends):
        matches = pattern_pair(pattern, zone)
        accumulator = accumulators.replayed(inner, number, matches, pattern_pair(ends, zone), None)
        adds = (node.pattern,) if node.pattern == empties else (node.pattern, window.pattern if isinstance(window, AfterLast) else 0)
        return Measuring(number, accumulator, adds, None, node.so_far, False, node.function, node.reading)
    if not _is_paired(pattern):
        accumulator = inner
    else:
        keys = _keys(pattern)
        if keys is None:
            accumulator = accumulators.replayed(inner, number, pattern_pair(pattern, zone), None, width)
        else:
            accumulator = accumulators.keyed(
                inner, number, _texts([own for own, _ in keys]), _texts([triggers for _, triggers in keys]), width
            )
    is_plain = accumulator is inner and node.function == "count" and width is None and not isinstance(window, Fixed)
    if isinstance(window, Fixed):
        accumulator = Accumulator(_bounded(accumulator.add, window, zone), accumulator.get)
    return Measuring(number, accumulator, (node.pattern,), empties, node.so_far, is_plain, node.function, node.reading)


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


def _is_paired(pattern: PatternNode) -> bool:
    return any(looks_at_trigger(test) for single in pattern.singles for test in single.filters)


def _keys(pattern: PatternNode) -> list[tuple[str, str]] | None:
    """The properties that must have equal texts in the event and the trigger, if that is all that the trigger is asked for."""
    if len(pattern.singles) != 1:
        return None
    keys: list[tuple[str, str]] = []
    for test in pattern.singles[0].filters:
        if not looks_at_trigger(test):
            continue
        match test:
            case tree.PropertyTest(wanted, tree.CompareProperty("=", "trigger", other)):
                keys.append((wanted.path, other.path))
            case _:
                return None
    return keys


def _texts(paths: list[str]) -> Callable[[Record], tuple[Value, ...] | None]:
    """The texts of some properties, or None where one has none."""
    getters = [getter(path) for path in paths]

    def read(record: Record) -> tuple[Value, ...] | None:
        texts = tuple(values.text(get(record)) for get in getters)
        return None if None in texts else texts

    return read
