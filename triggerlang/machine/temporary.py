"""Temporary folders: where a run puts what does not fit into memory.

In goes a folder to work in; out comes a private one inside it that is gone when the run ends, however it ends. What a killed run left is
removed by the next one that works in the same place.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Final

from triggerlang.machine.held import HeldFolder, remove_left_overs
from triggerlang.machine.memory import size_text

_START: Final = "triggerlang-"
_END: Final = ".spill"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_WAY_OUT: Final = "name another folder with --temp-dir"


class TemporaryFolderError(Exception):
    """A temporary folder that cannot be used: its path, why, and the way out."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, f"{reason}: {_WAY_OUT}"
        super().__init__(f"{path}: {self.reason}")


class TemporaryFolder:
    """A private folder for the length of a `with`. `note` is told of left-overs that are removed."""

    def __init__(self, place: str | None, note: Callable[[str], None]) -> None:
        """`place` is the folder to work in; the system's own for temporary files where it is None."""
        self._place, self._note = place, note
        self._held: HeldFolder | None = None

    def __enter__(self) -> TemporaryFolder:
        place = _system_place() if self._place is None else self._place
        if "\0" in place:
            raise TemporaryFolderError(place.replace("\0", "\N{SYMBOL FOR NULL}"), "this is not the name of a folder")
        with _told(place):
            remove_left_overs(place, re.escape(_START), _END, self._note)
            self._held = HeldFolder(place, _START, _END)
            try:
                self._held.make()
            except BaseException:
                self._held.remove()
                raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._held is not None:
            self._held.remove()

    @property
    def path(self) -> str:
        assert self._held is not None
        return self._held.path

    def file(self, name: str) -> str:
        """The path of a file in the folder."""
        return os.path.join(self.path, name)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Work that writes to the folder: an OSError becomes a TemporaryFolderError that names the place."""
        with _told(os.path.dirname(self.path)):
            yield

    def demand(self, size: int) -> None:
        """Raise TemporaryFolderError where the disk has no room for so many bytes."""
        place = os.path.dirname(self.path)
        with self.writing():
            free = shutil.disk_usage(place).free
        if free < size:
            raise TemporaryFolderError(place, f"{size_text(size)} are needed here, and {size_text(free)} are free")


class LazyFolder:
    """A temporary folder that is made when it is needed first, and gone with the stack that it is given."""

    def __init__(self, place: str | None, note: Callable[[str], None], stack: ExitStack) -> None:
        """Raises TemporaryFolderError at once where a place that is named is no folder."""
        self._folder: TemporaryFolder | None = None
        self._place, self._note, self._stack = place, note, stack
        if place is not None and "\0" not in place and not os.path.isdir(place):
            raise TemporaryFolderError(place, "this is not a folder" if os.path.lexists(place) else "there is no such folder")

    def path(self) -> str:
        """The path of the folder."""
        if self._folder is None:
            self._folder = self._stack.enter_context(TemporaryFolder(self._place, self._note))
        return self._folder.path

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Work that may write to the folder: what goes wrong there names the place."""
        try:
            yield
        except OSError as error:
            if self._folder is None or not isinstance(error.filename, str) or not error.filename.startswith(self._folder.path):
                raise
            with self._folder.writing():
                raise


def _system_place() -> str:
    try:
        return tempfile.gettempdir()
    except FileNotFoundError as error:
        raise TemporaryFolderError(os.environ.get("TMPDIR", "/tmp"), "no folder for temporary files can be written to") from error


@contextmanager
def _told(place: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TemporaryFolderError(place, _reason(place, error)) from error


def _reason(place: str, error: OSError) -> str:
    if error.errno in _FULL:
        return "the disk is full"
    if isinstance(error, FileNotFoundError) and not os.path.isdir(place):
        return "there is no such folder"
    if isinstance(error, NotADirectoryError):
        return "this is not a folder"
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return "this folder may not be written to"
    return f"this folder cannot be used ({error.strerror or error})"
