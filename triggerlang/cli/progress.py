"""Progress: what a long command is doing, on a terminal, and how long each part took."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import click


class Progress:
    """The phases of a command. On a terminal a bar with an estimate where it is known how much there is to do, and a word where it is
    not."""

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._bar: Any = None
        self._stack = ExitStack()
        self._seconds: dict[str, float] = {}
        self._name: str | None = None
        self._since = 0.0
        self._done = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def begin(self, name: str, size: int) -> None:
        """End the phase at hand and begin another, which has so much to do, or 0 where that is not known."""
        self.end()
        self._name, self._since, self._done = name, time.monotonic(), 0
        if self._is_shown and size:
            self._bar = self._stack.enter_context(click.progressbar(length=size, label=name, file=sys.stderr))

    def advance(self, count: int) -> None:
        """So much more is done. May be called from any thread."""
        if self._bar is not None:
            self._bar.update(count)

    def advance_to(self, done: int, _: int) -> None:
        """So much is done in all."""
        self.advance(done - self._done)
        self._done = done

    def end(self) -> None:
        """End the phase at hand."""
        self._stack.close()
        self._bar = None
        if self._name is not None:
            self._seconds[self._name] = self._seconds.get(self._name, 0.0) + time.monotonic() - self._since
            self._name = None

    def as_text(self) -> str:
        """How long each phase took, in the order in which they came."""
        return "".join(f"  {seconds:8.3f} s  {name}\n" for name, seconds in self._seconds.items())
