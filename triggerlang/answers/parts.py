"""Parts: what is being written beside its target, under a name of its own, until it takes the target's place.

A part is locked for as long as its writer lives. So what a killed run left behind is recognised by its name, and by that nobody holds it.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final

SUFFIX: Final = ".triggerlang-part"
_LEFT_OVER: Final = re.compile(r"\.(?P<target>.+)-[0-9a-f]{16}\.triggerlang-part", re.DOTALL)

LONGEST_NAME: Final = 200
"""How many bytes of a target's name the name of its part repeats."""


def start_of(name: str) -> str:
    """How the names of a target's parts begin: cut in bytes, so that a part's is not too long where the target's is not."""
    return "." + os.fsdecode(os.fsencode(name)[:LONGEST_NAME]) + "-"


def new_name(folder: str, start: str) -> str:
    """The path of a new part."""
    return os.path.join(folder, start + os.urandom(8).hex() + SUFFIX)


def is_locked(descriptor: int, path: str) -> bool:
    """Lock a part that was just made; whether it is still there, since another run may have taken it for a left-over before."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return os.stat(path).st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False
    except OSError:
        return True  # A file system without locks, where nobody removes left-overs.


def sync_folder(folder: str) -> None:
    """Bring a new name to the disk, where the file system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return  # A folder that may be written to, but not read.
    # What it names is whole either way; only a power cut could still bring the old one back.
    with suppress(OSError):
        os.fsync(descriptor)
    os.close(descriptor)


def remove_left_overs(folder: str, start: str, remove: Callable[[str], None], note: Callable[[str], None]) -> None:
    """Remove what runs that are no more have left for the same target; `note` is told of each."""
    try:
        names = os.listdir(folder)
    except PermissionError:
        return  # A folder that may be written to, but not read.
    for name in names:
        found = _LEFT_OVER.fullmatch(name)
        if found is not None and f".{found['target']}-" == start and _remove_unheld(os.path.join(folder, name), remove):
            note(f"removed {name}, left behind by a run that was killed")


def _remove_unheld(path: str, remove: Callable[[str], None]) -> bool:
    """Remove a part if no process holds it; whether that was so."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False  # Another run was quicker, or it is not ours.
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove(path)
    except OSError:
        return False  # A run is at work on it.
    finally:
        os.close(descriptor)
    return True
