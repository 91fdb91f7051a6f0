"""Dictionaries: what is decided once for each distinct value of a column, so that kernels look it up.

In: the dictionaries of a log's columns. Out: flat arrays over them: text forms, numbers, ranks in the order of a reading, and tables of
which
values meet a comparison. What needs more than a look at numbers or bytes is decided by the very functions that the interpreter uses, so
that both engines mean the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from triggerlang.engines.columnar.layout import Array
from triggerlang.engines.columnar.reading import numbers_of
from triggerlang.engines.comparing import literal_value, reader, value_test
from triggerlang.events.columns import Texts
from triggerlang.events.interning import NO_BYTES, Interner, Spans, whole
from triggerlang.events.tagging import untagged
from triggerlang.language import tree
from triggerlang.language.times import Zone
from triggerlang.network.nodes import Reading

_OBJECT: Final = ord("o")


class Dictionaries:
    """The dictionaries of columns, and what was found of their values."""

    def __init__(self, dictionaries: Sequence[Texts], zone: Zone) -> None:
        self._dictionaries, self._zone = dictionaries, zone
        self._values: dict[int, list[Any]] = {}
        self._interner = Interner()
        self.texts = _Flat(len(dictionaries), np.int32)
        self.highs = _Flat(len(dictionaries), np.int64)
        self.lows = _Flat(len(dictionaries), np.uint64)
        self.has_number = _Flat(len(dictionaries), np.uint8)
        self._readings: dict[tuple[int, Reading, bool], tuple[int, list[Any]]] = {}
        self.ranks = _Parts(np.int32)
        self.tables = _Parts(np.uint8)
        self._tables: dict[tuple[int, tree.Comparison], int] = {}
        self.most_ranks = 0

    def size(self, column: int) -> int:
        """How many values a column has, the absent one among them."""
        return len(self._dictionaries[column])

    def values(self, column: int) -> list[Any]:
        """The values of a column by their codes."""
        if column not in self._values:
            self._values[column] = [untagged(value) for value in self._dictionaries[column].all()]
        return self._values[column]

    # Texts

    def need_texts(self, column: int) -> Array:
        """The numbers of the text forms of a column's values, -1 where there is none."""
        if not self.texts.has(column):
            texts = self._dictionaries[column]
            spans = whole(texts)
            is_text = (spans.lengths > 0) & (
                texts.data[np.minimum(spans.starts, len(texts.data) - 1)] != _OBJECT if len(texts.data) else False
            )
            # A value's text form stands behind its tag; of the others nothing is taken.
            spans.starts = np.where(is_text, spans.starts + 1, 0)
            spans.lengths = np.where(is_text, spans.lengths - 1, 0).astype(np.int32)
            self.texts.add(column, np.where(is_text, self._interner.codes(spans), np.int32(-1)))
        return self.texts.of(column)

    def text_number(self, text: str) -> int:
        """The number of a text."""
        data = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
        return int(self._interner.codes(Spans(data, NO_BYTES, np.zeros(1, np.int64), np.array([len(data)], np.int32), NO_BYTES))[0])

    # Numbers

    def need_numbers(self, column: int) -> None:
        """Read a column's values as numbers."""
        if not self.highs.has(column):
            highs, lows, has = numbers_of(self._dictionaries[column])
            self.highs.add(column, highs)
            self.lows.add(column, lows)
            self.has_number.add(column, has)

    # Ranks

    def reading(self, column: int, reading: Reading, *, ordered: bool) -> int:
        """The number of a reading: what a column's values are in it, as ranks, -1 where they cannot be read so.

        Equal ranks are equal values; where `ordered`, greater ones are greater values.
        """
        return self._reading(column, reading, ordered)[0]

    def _reading(self, column: int, reading: Reading, ordered: bool) -> tuple[int, list[Any]]:
        """The number of a reading, and its values in the order of their ranks; of numbers and unordered texts no such list is made."""
        key = (column, reading, ordered or reading != "text")
        if key not in self._readings:
            kinds: list[Any] = []
            if reading == "number":
                ranks = self._number_ranks(column)
            elif not key[2]:
                ranks = self.need_texts(column)
            else:
                ranks, kinds = self._sorted_ranks(column, reading)
            self._readings[key] = self.ranks.add(ranks), kinds
            self.most_ranks = max(self.most_ranks, int(ranks.max(initial=-1)) + 1)
        return self._readings[key]

    def _number_ranks(self, column: int) -> Array:
        self.need_numbers(column)
        highs, lows, has = self.highs.of(column), self.lows.of(column), self.has_number.of(column) != 0
        order = np.lexsort((lows, highs))
        order = order[has[order]]
        high, low = highs[order], lows[order]
        is_new = np.ones(len(order), np.bool_)
        is_new[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
        ranks = np.full(len(highs), -1, np.int32)
        ranks[order] = np.cumsum(is_new, dtype=np.int32) - 1
        return ranks

    def _sorted_ranks(self, column: int, reading: Reading) -> tuple[Array, list[Any]]:
        read = reader(reading, self._zone)
        found = [read(value) for value in self.values(column)]
        kinds = sorted({value for value in found if value is not None})
        places = {value: rank for rank, value in enumerate(kinds)}
        return np.array([-1 if value is None else places[value] for value in found], np.int32), kinds

    # Tables

    def table(self, column: int, comparison: tree.Comparison) -> int:
        """Where the table stands that tells which of a column's values meet a comparison."""
        key = (column, comparison)
        if key not in self._tables:
            self._tables[key] = self.add_table(self._decided(column, comparison))
        return self._tables[key]

    def add_table(self, decided: Any) -> int:
        """Where a table stands that was decided elsewhere."""
        self.tables.add(np.array(decided, np.uint8))
        return int(self.tables.starts[-1])

    def _decided(self, column: int, comparison: tree.Comparison) -> Any:
        if isinstance(comparison, tree.Compare) and isinstance(comparison.literal, tree.Date | tree.DateTime):
            return self._decided_by_rank(column, comparison)
        test = value_test(comparison, self._zone)
        return [test(value) for value in self.values(column)]

    def _decided_by_rank(self, column: int, comparison: tree.Compare) -> Any:
        """Dates are read once for all comparisons with them."""
        reading, wanted = literal_value(comparison.literal, self._zone)
        number, kinds = self._reading(column, reading, True)
        ranks = self.ranks.parts[number]
        below = bisect_left(kinds, wanted)
        first_above = below + (below < len(kinds) and kinds[below] == wanted)
        match comparison.operator:
            case "=":
                return (ranks >= below) & (ranks < first_above)
            case "!=":
                return (ranks < below) | (ranks >= first_above)
            case "<":
                return (ranks >= 0) & (ranks < below)
            case "<=":
                return (ranks >= 0) & (ranks < first_above)
            case ">":
                return ranks >= first_above
            case ">=":
                return ranks >= below


class _Parts:
    """Arrays, one after another."""

    def __init__(self, kind: Any) -> None:
        self.parts: list[Array] = []
        self.starts: list[int] = []
        self._kind, self._size = kind, 0

    def add(self, part: Array) -> int:
        """Put an array behind the others; its number."""
        self.starts.append(self._size)
        self.parts.append(part)
        self._size += len(part)
        return len(self.parts) - 1

    @property
    def all(self) -> Array:
        return np.concatenate(self.parts).astype(self._kind, copy=False) if self.parts else np.zeros(0, self._kind)


class _Flat:
    """Arrays of some columns, one after another; -1 is where those start of which there are none."""

    def __init__(self, columns: int, kind: Any) -> None:
        self.starts = np.full(columns, -1, np.int64)
        self._parts, self._numbers = _Parts(kind), [-1] * columns

    def has(self, column: int) -> bool:
        return self._numbers[column] >= 0

    def of(self, column: int) -> Array:
        return self._parts.parts[self._numbers[column]]

    def add(self, column: int, part: Array) -> None:
        self._numbers[column] = self._parts.add(part)
        self.starts[column] = self._parts.starts[-1]

    @property
    def all(self) -> Array:
        return self._parts.all
