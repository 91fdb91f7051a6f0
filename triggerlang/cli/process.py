"""The process: its streams, its signals and its end.

In: the work of a command. Out: an exit code, and no traceback for what a user, a reader of a pipe or an administrator does.
"""

from __future__ import annotations

import atexit
import errno
import gc
import io
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Final, NoReturn

from triggerlang.answers.encoding import ERRORS

SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
BROKEN_PIPE: Final = 141
PATIENCE: Final = 2.0
"""For how many seconds after a signal a further one is passed over."""


class ToldToEndError(BaseException):
    """The process was told to end; it cleans up on its way."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


def run_and_leave(work: Callable[[], int]) -> NoReturn:
    """Do the work, which gives an exit code, and end the process."""
    # No command makes circles of objects as it goes, and looking for them takes a good part of the time over many rules or events.
    gc.disable()
    is_done = False
    told_at: float | None = None

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal told_at
        if is_done:
            return
        if told_at is None:
            told_at = time.monotonic()
            raise ToldToEndError(number)
        # A second signal must not interrupt the cleaning up of the first; but should that not come to an end, this is one.
        if time.monotonic() - told_at > PATIENCE:
            os._exit(128 + number)

    try:
        for number in SIGNALS:
            # Who starts a command in the background, or with nohup, may want signals to be passed over.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, end)
        _prepare_streams()
        code = work()
        sys.stdout.flush()
        sys.stderr.flush()
        is_done = True
    except ToldToEndError as told:
        # What is not written yet stays unwritten: whoever reads it may not come back.
        os._exit(128 + told.number)
    except OSError as error:
        is_done = True
        os._exit(_failed(error))
    if sys.getprofile() is not None or sys.gettrace() is not None:
        sys.exit(code)  # Who watches this process has something to say at its end.
    # All is written. Python would now take down piece by piece what the system lets go at once, which takes longer than many a run.
    atexit._run_exitfuncs()
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _failed(error: OSError) -> int:
    """The exit code where a stream failed: quiet for a pipe whose reader has gone."""
    if error.errno == errno.EPIPE:
        return BROKEN_PIPE
    where = "standard output cannot be written" if error.filename is None else os.fsdecode(error.filename)
    try:
        sys.stderr.write(f"Error: {where}: {error.strerror or error}\n")
        sys.stderr.flush()
    except OSError:
        pass  # Nobody listens.
    return 2


def _prepare_streams() -> None:
    """The same bytes everywhere: UTF-8 and line feeds, whatever the locale says.

    A standard output that is closed fails when something is written to it.
    """
    _fill_descriptors()
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(_Closed()))
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - it stays open to the end
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors=ERRORS, newline="\n")


def _fill_descriptors() -> None:
    """Let no file of ours get the number of a standard stream that was closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


class _Closed(io.RawIOBase):
    """Standard output that was closed before the command began."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        raise OSError(errno.EBADF, "it is closed")
