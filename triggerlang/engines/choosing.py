"""Choosing: which engine runs a log, and why.

In: what was asked for, and the files of a log. Out: the interpreter where it is sooner done, which starts at once; else the columnar
engine, which reads and runs many times as fast once it has started. Nothing heavy is imported to find out.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final, Literal, TypeAlias

from triggerlang.events.files import LogFile

Engine: TypeAlias = Literal["auto", "interpreter", "columnar"]
ENGINES: Final[tuple[Engine, ...]] = ("auto", "interpreter", "columnar")
EXTRA: Final = 'the columnar engine needs an extra: pip install "triggerlang[batch]"'

SMALL: Final = 12 << 20
"""A text log of so many bytes is run by the interpreter in about the time in which the columnar engine starts and runs it."""

TIMES_LARGER: Final = 6
"""How many times as large a packed log or one of Parquet would be as text."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine's name, and why it was chosen."""

    engine: Literal["interpreter", "columnar"]
    reason: str


def is_installed() -> bool:
    """Whether the extra that the columnar engine needs is there."""
    return all(find_spec(name) is not None for name in ("numba", "numpy", "pyarrow"))


def choose(wanted: Engine, files: Sequence[LogFile]) -> Choice:
    """The engine for a log. Raises ValueError where the one that is asked for cannot be had."""
    if wanted == "interpreter":
        return Choice("interpreter", "it was asked for")
    if not is_installed():
        if wanted == "columnar":
            raise ValueError(EXTRA)
        return Choice("interpreter", "the extra `batch` is not installed")
    if wanted == "columnar":
        return Choice("columnar", "it was asked for")
    if not all(os.path.isfile(file.path) for file in files):
        return Choice("columnar", "nobody knows how large the log is")
    size = sum(_text_size(file) for file in files)
    if size < SMALL:
        return Choice(
            "interpreter", f"the log is small: about {size / 1e6:.1f} MB of text, and {SMALL / 1e6:.0f} MB would be worth a start"
        )
    return Choice("columnar", f"the log is large: about {size / 1e6:,.0f} MB of text")


def _text_size(file: LogFile) -> int:
    is_packed = bool(file.packing) or file.shape == "parquet"
    return os.path.getsize(file.path) * (TIMES_LARGER if is_packed else 1)
