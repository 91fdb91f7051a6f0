"""Output files: each appears whole or not at all.

A file is written beside its target under a name of its own and takes the target's place at the end; several of one run take theirs one right
after another, once all are written. What a killed run left behind is recognised by its name and removed by the next that writes there.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, TextIO

_LEFT_OVER: Final = re.compile(r"\.(?P<target>.+)\.triggerlang-(?P<process>\d+)-\w+\.part", re.DOTALL)


class OutputError(Exception):
    """An output file that cannot be written: its path, why, and the way out."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class Outputs:
    """The output files of one run. Use it in a `with`: they appear when `publish` is called, and leave nothing behind otherwise."""

    def __init__(self, note: Callable[[str], None]) -> None:
        """`note` is told of left-overs that are removed."""
        self._note = note
        self._open: list[_Output] = []

    def __enter__(self) -> Outputs:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for output in self._open:
            output.discard()

    def text(self, path: str) -> TextIO:
        """A text file to write to: UTF-8, line feeds."""
        return self._add(path).text()

    def path(self, path: str) -> str:
        """The path to write to, for a writer that opens files itself."""
        return self._add(path).part

    def _add(self, path: str) -> _Output:
        output = _Output(path, self._note)
        self._open.append(output)
        return output

    def publish(self) -> None:
        """Put the files in their places. Raises OutputError where one could not be written whole; then none has changed."""
        for output in self._open:
            output.finish()
        for output in self._open:
            output.publish()
        self._open.clear()


class _Output:
    def __init__(self, path: str, note: Callable[[str], None]) -> None:
        self.path = path
        self.file: TextIO | None = None
        # A link stays a link: what it points to is replaced.
        self.target = os.path.realpath(path)
        try:
            mode = os.stat(self.target).st_mode
        except FileNotFoundError:
            mode = None
        except (OSError, ValueError) as error:
            raise _output_error(path, error) from error
        if mode is not None and stat.S_ISDIR(mode):
            raise OutputError(path, "this is a folder: name a file")
        self.is_special = mode is not None and not stat.S_ISREG(mode)
        if self.is_special:
            self.part = self.target
            return
        folder, name = os.path.split(self.target)
        try:
            if mode is not None and not os.access(self.target, os.W_OK):
                raise PermissionError(13, "this file may not be written")
            _remove_left_overs(folder, name, note)
            descriptor, self.part = tempfile.mkstemp(".part", f".{name[:150]}.triggerlang-{os.getpid()}-", folder)
            os.close(descriptor)
            os.chmod(self.part, 0o666 & ~_umask() if mode is None else stat.S_IMODE(mode))
        except (OSError, ValueError) as error:
            raise _output_error(path, error) from error

    def text(self) -> TextIO:
        try:
            self.file = open(self.part, "w", encoding="utf-8", errors="surrogatepass", newline="\n")  # noqa: SIM115 - closed by finish
        except OSError as error:
            raise _output_error(self.path, error) from error
        return self.file

    def finish(self) -> None:
        """Bring everything to the disk."""
        try:
            if self.file is not None:
                self.file.flush()
            if not self.is_special:
                descriptor = os.open(self.part, os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
            if self.file is not None:
                self.file.close()
        except OSError as error:
            raise _output_error(self.path, error) from error

    def publish(self) -> None:
        if not self.is_special:
            try:
                os.replace(self.part, self.target)
            except OSError as error:
                raise _output_error(self.path, error) from error

    def discard(self) -> None:
        try:
            if self.file is not None:
                self.file.close()
        except OSError:
            pass  # What could not be written is thrown away anyway.
        if not self.is_special:
            Path(self.part).unlink(missing_ok=True)


def writing_error(path: str, error: OSError) -> OutputError:
    """What is said where a write fails."""
    return _output_error(path, error)


def _output_error(path: str, error: Exception) -> OutputError:
    if isinstance(error, OutputError):
        return error
    if isinstance(error, FileNotFoundError):
        return OutputError(path, "there is no such folder to write to")
    if isinstance(error, PermissionError):
        return OutputError(path, "this may not be written")
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return OutputError(path, f"this cannot be written: {reason}; nothing was changed")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _remove_left_overs(folder: str, name: str, note: Callable[[str], None]) -> None:
    """Remove what runs that are no more have left for the same target."""
    for entry in os.listdir(folder or "."):
        found = _LEFT_OVER.fullmatch(entry)
        if found is not None and found["target"] == name[:150] and not _is_alive(int(found["process"])):
            try:
                os.unlink(os.path.join(folder, entry))
            except OSError:
                continue  # Another run was quicker.
            note(f"removed {entry}, left behind by a run that was killed")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
