"""Folders that belong to one process: private, named at random, locked for as long as it lives.

In goes a place; out comes a folder of mode 0700 with a lock file in it. What a killed process left behind is recognised by its name, by its
owner, by the lock file, and by that nobody holds that; the next process that works in the same place removes it.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from typing import Final

LOCK: Final = "lock"
"""The file in a folder that says who holds it. It also tells a folder of ours from one that somebody gave the name of one."""

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_RANDOM: Final = "[0-9a-f]{16}"


class HeldFolder:
    """A folder `<start><random><end>` in a place, once `make` was called. Other processes leave it alone until it is let go."""

    def __init__(self, place: str, start: str, end: str) -> None:
        self._place, self._start, self._end = place, start, end
        # Known before there is anything to remove.
        self.path = self._new_path()
        self._lock: int | None = None

    def _new_path(self) -> str:
        return os.path.join(self._place, self._start + os.urandom(8).hex() + self._end)

    def make(self) -> None:
        """Make the folder and hold it. Raises OSError where that cannot be done."""
        while self._lock is None:
            os.mkdir(self.path, 0o700)
            try:
                lock = os.open(os.path.join(self.path, LOCK), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            except FileNotFoundError:
                # Another process took it for a left-over.
                self.path = self._new_path()
                continue
            with suppress(OSError):  # A file system without locks, where nobody removes left-overs.
                fcntl.flock(lock, fcntl.LOCK_EX)
            if _is_at(lock, os.path.join(self.path, LOCK)):
                self._lock = lock
            else:
                os.close(lock)
                self.path = self._new_path()

    def remove(self) -> None:
        """Remove the folder and all that is in it, even if that is interrupted."""
        try:
            discard(self.path)
        except BaseException:
            discard(self.path)
            raise
        finally:
            self.let_go()

    def share(self) -> None:
        """Let other processes use the folder; none removes it as long as this one lives."""
        if self._lock is not None:
            with suppress(OSError):
                fcntl.flock(self._lock, fcntl.LOCK_SH)

    def let_go(self) -> None:
        """Leave the folder to whoever finds it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def share(folder: str) -> int | None:
    """Keep others from removing a folder while this process uses it; None where it has gone, or where nothing can be locked."""
    path = os.path.join(folder, LOCK)
    try:
        lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if _is_at(lock, path):
            return lock
    except OSError:
        pass
    os.close(lock)
    return None


def remove_unheld(folder: str, away: str | None = None) -> bool:
    """Remove a folder of ours if no process holds it; whether that was so. It is first renamed to `away`, to vanish all at once."""
    try:
        there = os.lstat(folder)
        if there.st_uid != os.geteuid() or not stat.S_ISDIR(there.st_mode):
            return False
        lock = os.open(os.path.join(folder, LOCK), os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return _remove_empty(folder)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_at(lock, os.path.join(folder, LOCK)):
            return False
        if away is not None:
            os.rename(folder, away)
        discard(folder if away is None else away)
    except OSError:
        return False  # A process is at work in it.
    finally:
        os.close(lock)
    return True


def remove_left_overs(place: str, start: str, end: str, note: Callable[[str], None]) -> None:
    """Remove what processes that are no more have left in a place, and name each."""
    name = re.compile(f"{start}{_RANDOM}{re.escape(end)}")
    try:
        found = [entry for entry in os.listdir(place) if name.fullmatch(entry)]
    except OSError:
        return  # A place that may be written to, but not read.
    for entry in found:
        if remove_unheld(os.path.join(place, entry)):
            note(f"removed {entry}, left behind by a run that was killed")


def discard(path: str) -> None:
    """Remove a folder, as far as it lets itself be removed; of a link, the link.

    The lock goes last, so that what is left can be recognised.
    """
    try:
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            os.unlink(path)
            return
        folder = os.open(path, _FOLDER)
    except OSError:
        return
    try:
        for name in sorted(os.listdir(folder), key=LOCK.__eq__):
            _discard_in(folder, name)
        os.rmdir(path)
    except OSError:
        pass  # Some of it stays, or another process was quicker.
    finally:
        os.close(folder)


def _discard_in(folder: int, name: str) -> None:
    if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        shutil.rmtree(name, ignore_errors=True, dir_fd=folder)
    else:
        os.unlink(name, dir_fd=folder)


def _remove_empty(folder: str) -> bool:
    """Remove what was killed before it had a lock: there is nothing in it."""
    try:
        os.rmdir(folder)
    except OSError:
        return False
    return True


def _is_at(descriptor: int, path: str) -> bool:
    """Whether an open file still is what stands at a path."""
    try:
        there = os.lstat(path)
    except OSError:
        return False
    here = os.fstat(descriptor)
    return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)
