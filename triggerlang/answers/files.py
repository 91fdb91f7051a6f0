"""Output files: each appears whole or not at all.

A file is written beside its target under a name of its own and takes the target's place at the end; several of one run take theirs one
right after another, once all are written. What a killed run left behind is recognised by its name, and by that nobody holds it, and removed
by the next run that writes there. A device or a pipe is written to as it is.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, TextIO

from triggerlang.answers import parts
from triggerlang.answers.encoding import ERRORS

_DESCRIPTOR: Final = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,9})", re.ASCII)
_STANDARD: Final = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


class OutputError(Exception):
    """An output file that cannot be written: its path, why, and the way out."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


def output_error(path: str, error: Exception) -> OutputError:
    """What is said where a file cannot be written."""
    if isinstance(error, OutputError):
        return error
    if isinstance(error, FileNotFoundError):
        return OutputError(path, "there is no such folder to write to")
    if isinstance(error, PermissionError):
        return OutputError(path, "this may not be written")
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return OutputError(path, f"this cannot be written: {reason}")


def is_special(path: str) -> bool:
    """Whether a path is a device, a pipe or an open file: written to as it is, since another file cannot take its place."""
    if _descriptor(path) is not None:
        return True
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _descriptor(path: str) -> int | None:
    """The open file that a path such as `/dev/stdout` names."""
    found = _DESCRIPTOR.fullmatch(path)
    return int(found[1]) if found else _STANDARD.get(path)


class Outputs:
    """The output files of one run. Use it in a `with`: they appear when `publish` is called, and leave nothing behind otherwise."""

    def __init__(self, note: Callable[[str], None]) -> None:
        """`note` is told of left-overs that are removed."""
        self._note = note
        self._open: list[_Special | _Replaced] = []

    def __enter__(self) -> Outputs:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for output in self._open:
            output.discard()

    def text(self, path: str) -> TextIO:
        """A text file to write to: UTF-8, line feeds. Raises OutputError where it cannot be opened."""
        try:
            return self._add(path).text()
        except (OSError, ValueError) as error:
            raise output_error(path, error) from error

    def path(self, path: str) -> str:
        """The path to write to, for a writer that opens files itself."""
        try:
            return self._add(path).part
        except (OSError, ValueError) as error:
            raise output_error(path, error) from error

    def _add(self, path: str) -> _Special | _Replaced:
        output = _Special(path) if is_special(path) else _Replaced(path)
        # Known before there is anything to remove.
        self._open.append(output)
        output.begin(self._note)
        return output

    def finish(self) -> None:
        """Bring everything to the disk. Raises OutputError where a file could not be written whole; none has changed then."""
        for output in self._open:
            try:
                output.finish()
            except BrokenPipeError:
                raise
            except OSError as error:
                raise output_error(output.path, error) from error

    def publish(self) -> None:
        """Put the files in their places."""
        self.finish()
        for output in self._open:
            try:
                output.publish()
            except OSError as error:
                raise output_error(output.path, error) from error
        self._open.clear()


class _Special:
    """A device, a pipe or an open file."""

    def __init__(self, path: str) -> None:
        self.path = self.part = path
        self._file: TextIO | None = None

    def begin(self, note: Callable[[str], None]) -> None:
        """There is nothing to prepare."""

    def text(self) -> TextIO:
        number = _descriptor(self.path)
        self._file = _open_text(self.path if number is None else os.dup(number))
        return self._file

    def finish(self) -> None:
        if self._file is not None:
            self._file.close()

    def publish(self) -> None:
        """It stands where it belongs."""

    def discard(self) -> None:
        _close(self._file)


class _Replaced:
    """A file that takes its target's place at the end."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: TextIO | None = None
        self._held: int | None = None
        # A link stays a link: what it points to is replaced.
        self._target = os.path.realpath(path)
        self._folder, name = os.path.split(self._target)
        self._start = parts.start_of(name)
        self.part = self._new_name()

    def _new_name(self) -> str:
        return parts.new_name(self._folder, self._start)

    def begin(self, note: Callable[[str], None]) -> None:
        """Make the part: a new file beside the target, locked for as long as its writer lives."""
        try:
            mode = stat.S_IMODE(self._mode())
        except FileNotFoundError:
            mode = 0o666 & ~_umask()
        parts.remove_left_overs(self._folder, self._start, os.unlink, note)
        while self._held is None:
            descriptor = os.open(self.part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            if parts.is_locked(descriptor, self.part):
                self._held = descriptor
            else:
                os.close(descriptor)
                self.part = self._new_name()
        os.chmod(self.part, mode)

    def _mode(self) -> int:
        """The target's mode; raises what keeps it from being replaced."""
        mode = os.stat(self._target).st_mode
        if stat.S_ISDIR(mode):
            raise OutputError(self.path, "this is a folder: name a file")
        if not os.access(self._target, os.W_OK):
            raise PermissionError
        return mode

    def text(self) -> TextIO:
        self._file = _open_text(self.part)
        return self._file

    def finish(self) -> None:
        if self._file is not None:
            self._file.close()
        if self._held is not None:
            os.fsync(self._held)

    def publish(self) -> None:
        os.replace(self.part, self._target)
        self._let_go()
        parts.sync_folder(self._folder)

    def discard(self) -> None:
        _close(self._file)
        with suppress(OSError):
            os.unlink(self.part)
        self._let_go()

    def _let_go(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None


def _open_text(file: str | int) -> TextIO:
    return open(file, "w", encoding="utf-8", errors=ERRORS, newline="\n")


def _close(file: TextIO | None) -> None:
    # What could not be written is thrown away anyway.
    with suppress(OSError):
        if file is not None:
            file.close()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
