"""Kept files: what can be made again, and takes long to make, by name in the user's own folder.

In go a name and bytes; out they come in a later run, or nothing. Whatever stands there is only data to whoever asked for it: no pickle, no
code. A file that is not this user's alone, a link, or one that is not as it was written is passed over, named once, and replaced by the
next that is written. Where the user has no folder of his own, nothing is kept, and nothing is said.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Final

from triggerlang.machine.places import NoPlaceError, UnfitError, demand_private, file_of_ours, own_folder

LARGEST: Final = 256 * 2**20
"""How many bytes a kept file may have."""
ROOM: Final = 256 * 2**20
"""How many bytes all kept files together may take; those that were not used for the longest time are the first to go."""
LEFT_OVER: Final = 3600
"""After how many seconds a file that is being written counts as left behind."""

_WRITTEN: Final = ".part"
_DIGEST: Final = 32


class Kept:
    """The kept files of a kind, such as `rules`. Nothing raises: what cannot be read or written is not kept."""

    def __init__(self, kind: str, note: Callable[[str], None]) -> None:
        """`note` is told, in a line each, of files that are passed over though they are there."""
        self._kind, self._note = kind, note
        self._folder: str | None = None
        self._is_decided = False

    def read(self, name: str) -> bytes | None:
        """What was written under a name."""
        folder = self._place()
        if folder is None:
            return None
        path = os.path.join(folder, name)
        try:
            with open(path, "rb", opener=lambda opened, _: file_of_ours(opened)) as file:
                if os.fstat(file.fileno()).st_size > LARGEST:
                    raise UnfitError("it is too large")
                data = file.read(LARGEST + 1)
            if len(data) < _DIGEST or hashlib.sha256(memoryview(data)[_DIGEST:]).digest() != data[:_DIGEST]:
                raise UnfitError("it is damaged")
        except FileNotFoundError:
            return None
        except (UnfitError, OSError) as error:
            reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
            self._note(f"{path} is not used, and made anew: {reason}")
            return None
        with suppress(OSError):
            os.utime(path)  # The last used are the last to go.
        return data[_DIGEST:]

    def write(self, name: str, data: bytes) -> None:
        """Keep bytes under a name. The file appears whole: of several processes that write, the last one's stays."""
        folder = self._place()
        if folder is None or len(data) > LARGEST - _DIGEST:
            return
        path = os.path.join(folder, f".{name}-{os.urandom(8).hex()}{_WRITTEN}")
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
                file.write(hashlib.sha256(data).digest())
                file.write(data)
            os.rename(path, os.path.join(folder, name))
            _make_room(folder)
        except OSError:
            with suppress(OSError):
                os.unlink(path)

    def _place(self) -> str | None:
        if not self._is_decided:
            self._is_decided = True
            with suppress(NoPlaceError, OSError):
                folder = own_folder(self._kind)
                demand_private(folder)
                self._folder = folder
        return self._folder


def _make_room(folder: str) -> None:
    """Remove what was left behind, and what is too much."""
    files: list[tuple[int, str, int]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            there = entry.stat(follow_symlinks=False)
            if not entry.name.endswith(_WRITTEN):
                files.append((there.st_mtime_ns, entry.path, there.st_size))
            elif there.st_mtime < time.time() - LEFT_OVER:
                with suppress(OSError):
                    os.unlink(entry.path)
    room = ROOM
    for _, path, size in sorted(files, reverse=True):
        room -= size
        if room < 0:
            with suppress(OSError):
                os.unlink(path)


def digest(parts: Iterable[bytes]) -> str:
    """A short name for some pieces of data, in their order."""
    made = hashlib.sha256()
    for part in parts:
        # With its length, so that no two lists of parts read the same.
        made.update(b"%d:" % len(part))
        made.update(part)
    return made.hexdigest()[:32]


def contents(folder: str, suffixes: tuple[str, ...]) -> Iterator[bytes]:
    """The names and contents of the files below a folder that end so. Raises OSError."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                yield from contents(entry.path, suffixes)
            elif entry.name.endswith(suffixes):
                yield entry.name.encode("utf-8", "surrogateescape")
                with open(entry.path, "rb", buffering=0) as file:
                    yield file.read()
