"""Sets of compiled kernels on the disk: each a folder that appears whole, and is never changed.

Numba keeps what it has compiled as pickles, which can do anything when they are read. So a set is used only if it is this user's, nobody
else can write to it, and it holds exactly what its manifest says.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from typing import Any, Final

from triggerlang.machine.held import LOCK, HeldFolder, discard, remove_unheld, share
from triggerlang.machine.places import NoPlaceError, UnfitError as UnfitError, demand_private, file_of_ours

MANIFEST: Final = "manifest.json"
BUILDING: Final = ".building"
KEPT: Final = 4
"""How many sets are kept: two versions in two environments should not drive each other out."""

_KEY: Final = re.compile(r"[0-9a-f]{32}")
_LONGEST_MANIFEST: Final = 1_000_000


def in_use(folder: str) -> bool:
    """Whether a set that may be used is there; no other process removes it while this one lives. Raises UnfitError."""
    if not os.path.lexists(folder):
        return False
    # Held before it is looked at, so that what was seen stays.
    lock = share(folder)
    try:
        check(folder)
    except BaseException:
        if lock is not None:
            os.close(lock)
        raise
    with suppress(OSError):
        os.utime(folder)  # The last used are the last to go.
    return True


def check(folder: str) -> None:
    """Raise UnfitError unless a set is this user's alone and as it was made."""
    try:
        demand_private(folder)
        listed = _listed(os.path.join(folder, MANIFEST))
        there = set(os.listdir(folder))
        if there != {*listed, MANIFEST, LOCK}:
            odd = min(there ^ {*listed, MANIFEST, LOCK})
            raise UnfitError(f"{odd} {'should not be there' if odd in there else 'is missing'}")
        if _read(os.path.join(folder, LOCK), 0):
            raise UnfitError(f"{LOCK} is not empty")
        for name, (size, digest) in listed.items():
            if _hash(_read(os.path.join(folder, name), size)) != digest:
                raise UnfitError(f"{name} has changed")
    except NoPlaceError as error:
        raise UnfitError(str(error)) from error
    except OSError as error:
        raise UnfitError(f"{os.path.basename(error.filename or folder)} cannot be read: {error.strerror or error}") from error


def _listed(manifest: str) -> dict[str, tuple[int, str]]:
    """The files of a set: names, with sizes and checksums."""
    try:
        files: Any = json.loads(_read(manifest, None))["files"]
        return {str(name): (int(file["size"]), str(file["sha256"])) for name, file in files.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnfitError(f"{MANIFEST} is damaged") from error


def _read(path: str, size: int | None) -> bytes:
    """What is in a file of this user; it must have this size, where one is given."""
    name = os.path.basename(path)
    with open(path, "rb", opener=lambda opened, _: file_of_ours(opened)) as file:
        length = os.fstat(file.fileno()).st_size
        if (size is None and length > _LONGEST_MANIFEST) or (size is not None and length != size):
            raise UnfitError(f"{name} has another size")
        return file.read(_LONGEST_MANIFEST if size is None else size)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def begin(place: str, key: str) -> HeldFolder:
    """A private folder to build a set in. Raises OSError."""
    building = HeldFolder(place, f".{key}-", BUILDING)
    try:
        building.make()
    except BaseException:
        building.remove()
        raise
    return building


def publish(building: HeldFolder, folder: str) -> bool:
    """Give a set its name; False if another process was quicker. Raises OSError."""
    files: dict[str, dict[str, object]] = {}
    for name in sorted(os.listdir(building.path)):
        path = os.path.join(building.path, name)
        if name != LOCK:
            with open(path, "rb") as file:
                data = file.read()
            os.chmod(path, 0o400)
            files[name] = {"size": len(data), "sha256": _hash(data)}
    manifest = os.path.join(building.path, MANIFEST)
    with open(os.open(manifest, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w", encoding="utf-8") as text:
        json.dump({"files": files}, text, indent=1)
    building.share()
    try:
        os.rename(building.path, folder)
    except OSError:
        if os.path.isdir(folder):
            return False
        raise
    return True


def retire(folder: str) -> None:
    """Take a set away that is not to be used, whoever uses it. Nobody sees half of it."""
    away = _away(folder)
    with suppress(OSError):
        os.rename(folder, away)
        discard(away)


def remove_old(place: str, key: str) -> None:
    """Remove the sets that were not used for the longest time and that nobody uses."""
    try:
        sets = [entry for entry in os.scandir(place) if _KEY.fullmatch(entry.name) and entry.name != key]
        sets.sort(key=lambda entry: entry.stat(follow_symlinks=False).st_mtime_ns, reverse=True)
    except OSError:
        return  # Another process is removing them.
    for entry in sets[KEPT - 1 :]:
        remove_unheld(entry.path, _away(entry.path))


def _away(folder: str) -> str:
    place, name = os.path.split(folder)
    return os.path.join(place, f".{name}-{os.urandom(8).hex()}{BUILDING}")


def left_over_start() -> str:
    """How the names of folders begin in which sets are built, as a regular expression."""
    return rf"\.{_KEY.pattern}-"
