"""Deciding: conditions and filters as programs of steps.

In: an `and`, `or` and `not` over what is asked. Out: steps that jump to each other, equal ones once. A filter's steps ask atoms, which
compare a column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar

import numpy as np

from triggerlang.engines.columnar import layout
from triggerlang.engines.columnar.dictionaries import Dictionaries
from triggerlang.engines.columnar.layout import NO, NOTHING, SIGN_NUMBERS, YES, Array
from triggerlang.engines.columnar.wide import split
from triggerlang.language import tree

SMALL: Final = 64
"""Up to how many values every comparison gets a table of its own."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Every(Generic[T]):
    """All of these."""

    parts: tuple[Decision[T], ...]


@dataclass(frozen=True, slots=True)
class Some(Generic[T]):
    """One of these at least."""

    parts: tuple[Decision[T], ...]


@dataclass(frozen=True, slots=True)
class Opposite(Generic[T]):
    """Not this."""

    part: Decision[T]


@dataclass(frozen=True, slots=True)
class Ask(Generic[T]):
    """What a step asks."""

    what: T


Decision: TypeAlias = Every[T] | Some[T] | Opposite[T] | Ask[T]


class Records:
    """Records of one sort, each once."""

    def __init__(self, kind: np.dtype[Any]) -> None:
        self._kind = kind
        self._fields: tuple[str, ...] = kind.names or ()
        self._numbers: dict[tuple[int, ...], int] = {}

    def number(self, **held: int) -> int:
        """The number of a record; a field that is not given is -1."""
        record = tuple(int(held.get(name, 0 if name == "low" else NOTHING)) for name in self._fields)
        return self._numbers.setdefault(record, len(self._numbers))

    def array(self) -> Array:
        return np.array(list(self._numbers), self._kind)


class Steps(Generic[T]):
    """Programs of steps."""

    def __init__(self, number: Callable[[T], int]) -> None:
        """`number` is that of what a step asks."""
        self._records = Records(layout.STEP)
        self._number = number

    def program(self, decision: Decision[T], yes: int = YES, no: int = NO) -> int:
        """The program of a decision, and where it ends."""
        match decision:
            case Ask(what):
                return self._records.number(test=self._number(what), yes=yes, no=no)
            case Opposite(part):
                return self.program(part, no, yes)
            case Every(parts):
                for part in reversed(parts):
                    yes = self.program(part, yes, no)
                return yes
            case Some(parts):
                for part in reversed(parts):
                    no = self.program(part, yes, no)
                return no

    def array(self) -> Array:
        return self._records.array()


@dataclass(frozen=True, slots=True)
class Compared:
    """A property and how it must compare."""

    path: str
    comparison: tree.Comparison


@dataclass(frozen=True, slots=True)
class KeyIn:
    """Which keys of a log are meant, one flag for each."""

    flags: tuple[bool, ...]


Atom: TypeAlias = Compared | KeyIn


def filter_decision(test: tree.Condition) -> Decision[Atom]:
    """A filter of a pattern as a decision."""
    match test:
        case tree.And(parts):
            return Every(tuple(filter_decision(part) for part in parts))
        case tree.Or(parts):
            return Some(tuple(filter_decision(part) for part in parts))
        case tree.Not(part):
            return Opposite(filter_decision(part))
        case tree.PropertyTest(wanted, comparison):
            return value_decision(wanted.path, comparison)
    raise AssertionError("a filter holds comparisons only")


def value_decision(path: str, comparison: tree.Comparison) -> Decision[Atom]:
    """A comparison of a property as a decision: `in` is `=` with any of its literals."""
    if not isinstance(comparison, tree.OneOf):
        return Ask(Compared(path, comparison))
    return Some(tuple(Ask(Compared(path, tree.Compare("=", literal, span=literal.span))) for literal in comparison.literals))


class Filters:
    """Filters as programs of atoms over columns."""

    def __init__(self, dictionaries: Dictionaries, columns: dict[str, int], key_column: int) -> None:
        self._dictionaries, self._columns, self._key_column = dictionaries, columns, key_column
        self.atoms = Records(layout.ATOM)
        self.steps: Steps[Atom] = Steps(self._atom)
        self._key_tables: dict[KeyIn, int] = {}

    def every(self, decisions: Sequence[Decision[Atom]]) -> int:
        """The program of a filter whose parts must all hold, -1 where there are none."""
        return self.steps.program(Every(tuple(decisions))) if decisions else NOTHING

    def some(self, decisions: Sequence[Decision[Atom]]) -> int:
        """The program of a filter of which one part must hold."""
        return self.steps.program(Some(tuple(decisions)))

    def value(self, path: str, comparison: tree.Comparison) -> int:
        """The program for a value alone."""
        return self.steps.program(value_decision(path, comparison))

    def _atom(self, asked: Atom) -> int:
        if isinstance(asked, KeyIn):
            if asked not in self._key_tables:
                self._key_tables[asked] = self._dictionaries.add_table(asked.flags)
            return self.atoms.number(kind=layout.IN_TABLE, column=self._key_column, table=self._key_tables[asked])
        column = self._columns[asked.path]
        if isinstance(asked.comparison, tree.CompareProperty):
            return self._pair(column, asked.comparison)
        if self._dictionaries.size(column) > SMALL and isinstance(asked.comparison, tree.Compare):
            found = self._large(column, asked.comparison)
            if found is not None:
                return found
        return self.atoms.number(kind=layout.IN_TABLE, column=column, table=self._dictionaries.table(column, asked.comparison))

    def _large(self, column: int, comparison: tree.Compare) -> int | None:
        """An atom without a table, where numbers or text forms are enough."""
        sign = SIGN_NUMBERS[comparison.operator]
        match comparison.literal:
            case tree.Number(scaled):
                self._dictionaries.need_numbers(column)
                high, low = split(scaled)
                return self.atoms.number(kind=layout.NUMBER, column=column, sign=sign, high=high, low=low)
            case tree.Text(text) if not comparison.ignoring_case and comparison.operator in ("=", "!="):
                self._dictionaries.need_texts(column)
                return self.atoms.number(kind=layout.TEXT, column=column, sign=sign, text=self._dictionaries.text_number(text))
        return None

    def _pair(self, column: int, comparison: tree.CompareProperty) -> int:
        other = self._columns[comparison.property.path]
        is_text = comparison.operator in ("=", "!=")
        for of in (column, other):
            if is_text:
                self._dictionaries.need_texts(of)
            else:
                self._dictionaries.need_numbers(of)
        kinds = {
            "its": (layout.ITS_TEXT, layout.ITS_NUMBER),
            "trigger": (layout.TRIGGER_TEXT, layout.TRIGGER_NUMBER),
        }[comparison.side]
        kind = kinds[0] if is_text else kinds[1]
        return self.atoms.number(kind=kind, column=column, other=other, sign=SIGN_NUMBERS[comparison.operator])
