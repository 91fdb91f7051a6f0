"""A new folder of text files: it appears whole or not at all.

In: a path, and texts by their names. Out: the folder in its place, or an OutputError and nothing. It is made beside its place under a name
of its own and moved there at the end. It takes the place of nothing but an empty folder.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Final

from triggerlang.answers import parts
from triggerlang.answers.files import OutputError, output_error

_TAKEN: Final = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)
"""What the system answers where a folder is moved to the place of something else."""


def write_folder(path: str, files: Mapping[str, str], note: Callable[[str], None]) -> None:
    """Make a folder with some files; their names have `/` where they stand deeper. `note` is told of left-overs that are removed.

    Raises OutputError where the path leads upwards, where something stands in its place, or where it cannot be written.
    """
    try:
        with _Part(path) as part:
            part.begin(note)
            for name, text in files.items():
                part.write(name, text)
            part.publish()
    except OSError as error:
        raise output_error(path, error) from error


class _Part:
    """The folder as long as it is not in its place."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._target = _target(path)
        self._parent, name = os.path.split(self._target)
        self._start = parts.start_of(name)
        self._part = ""
        self._held: int | None = None

    def __enter__(self) -> _Part:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._part:
            shutil.rmtree(self._part, ignore_errors=True)
        if self._held is not None:
            os.close(self._held)

    def begin(self, note: Callable[[str], None]) -> None:
        mode = _mode_of_empty(self._path, self._target)
        try:
            parts.remove_left_overs(self._parent or os.curdir, self._start, shutil.rmtree, note)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise OutputError(self._path, "there is no such folder to make it in; make that one first") from error
        while self._held is None:
            # Known before there is anything to remove.
            self._part = parts.new_name(self._parent, self._start)
            os.mkdir(self._part)
            descriptor = os.open(self._part, os.O_RDONLY | os.O_DIRECTORY)
            if parts.is_locked(descriptor, self._part):
                self._held = descriptor
            else:
                os.close(descriptor)
        if mode is not None:
            os.chmod(self._part, mode)

    def write(self, name: str, text: str) -> None:
        place = os.path.join(self._part, *name.split("/"))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def publish(self) -> None:
        try:
            os.rename(self._part, self._target)
        except OSError as error:
            if error.errno in _TAKEN:
                raise OutputError(self._path, "something else has come to stand there; name another folder") from error
            raise
        self._part = ""
        parts.sync_folder(self._parent or os.curdir)


def _target(path: str) -> str:
    """The path without what says nothing: a link would be followed by a `/` behind it."""
    if not path:
        raise OutputError('""', "this is no name; name the folder to make")
    if os.pardir in path.split(os.sep):
        raise OutputError(path, "`..` leads out of the folder that you are in; name a folder in it, or a whole path")
    return os.path.normpath(path)


def _mode_of_empty(path: str, target: str) -> int | None:
    """The permissions of the empty folder that stands in the place, or None where nothing does; raises OutputError for anything else."""
    try:
        mode = os.lstat(target).st_mode
    except FileNotFoundError:
        return None
    except NotADirectoryError as error:
        raise OutputError(path, "a file stands where a folder is needed; name another folder") from error
    if stat.S_ISLNK(mode):
        raise OutputError(path, "there is a link of that name; name another folder")
    if not stat.S_ISDIR(mode):
        raise OutputError(path, "there is a file of that name; name another folder")
    with os.scandir(target) as held:
        if next(held, None) is not None:
            raise OutputError(path, "this folder is not empty; name a new one")
    with suppress(FileNotFoundError):
        # Moving another folder to the place of this one would leave you in one that is gone.
        if os.path.samefile(target, os.curdir):
            raise OutputError(path, "this is the folder that you are in; go one up and name it from there")
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return stat.S_IMODE(mode)
