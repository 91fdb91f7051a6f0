"""The user's own folder for what can be made again: `$XDG_CACHE_HOME/triggerlang`, or the like that the system has; where there is none,
one in the system's folder for temporary files that is named after the user.

In goes the environment; out comes a folder in which nobody but this user can write, or why there is none.
"""

from __future__ import annotations

import errno
import os
import pwd
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress

NAME = "triggerlang"
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class NoPlaceError(Exception):
    """There is no folder that only this user can write to; the text says why."""


class UnfitError(Exception):
    """What is kept there must not be used; the text says why."""


def own_folder(name: str) -> str:
    """A folder of ours with this name, made where it is not there. Raises NoPlaceError, with what is wrong with the home folder."""
    try:
        return _at_home(name)
    except NoPlaceError:
        # A container without a home, or one that is not to be written to: as private, if less lasting.
        with suppress(NoPlaceError):
            return _among_temporary(name)
        raise


def _among_temporary(name: str) -> str:
    """The folder that is named after the user, where the system keeps temporary files. That others cannot have made it is looked at."""
    import tempfile  # which loads much that a folder at home does not need

    try:
        base = os.path.realpath(tempfile.gettempdir())
    except FileNotFoundError as error:
        raise NoPlaceError("no folder for temporary files can be written to") from error
    folder = _made(base, (f"{NAME}-{os.geteuid()}", name))
    for path in _upwards(folder):
        if len(path) > len(base):
            demand_private(path)
        else:
            _demand_steady(path)
    return folder


def _made(base: str, parts: Iterable[str]) -> str:
    """Folders one in another, made where they are not there."""
    folder = base
    try:
        os.makedirs(base, 0o700, exist_ok=True)
        for part in parts:
            folder = os.path.join(folder, part)
            if not os.path.lexists(folder):
                os.makedirs(folder, 0o700, exist_ok=True)
    except OSError as error:
        raise NoPlaceError(f"{error.filename or base} cannot be made: {error.strerror or error}") from error
    return folder


def _at_home(name: str) -> str:
    """The folder in the user's home.

    Where the folder of all programs (such as `~/.cache`) is a link, what it leads to is looked at; below it, links are refused.
    """
    home = _home()
    base = os.path.realpath(_base(home))
    is_at_home = _is_in(base, home)
    if home is not None and is_at_home:
        demand_private(home)
    folder = _made(base, (NAME, name))
    for path in _upwards(folder):
        if len(path) >= len(base) or _is_in(path, home):
            demand_private(path)
        elif not is_at_home:
            _demand_steady(path)
    if not os.access(folder, os.R_OK | os.X_OK):
        raise NoPlaceError(f"{folder} cannot be read")
    return folder


def demand_private(path: str) -> None:
    """Raise NoPlaceError unless this is a folder of this user in which nobody else can write."""
    there = _looked_at(path)
    if not stat.S_ISDIR(there.st_mode):
        raise NoPlaceError(f"{path} is {'a link' if stat.S_ISLNK(there.st_mode) else 'not a folder'}")
    if there.st_uid != os.geteuid():
        raise NoPlaceError(f"{path} belongs to someone else")
    if there.st_mode & _OTHERS:
        raise NoPlaceError(f"{path} can be written to by others: chmod go-w would change that")


def file_of_ours(path: str) -> int:
    """Open a file that is no link, no folder and no pipe, is this user's, and that nobody else can write to; its descriptor.

    Raises UnfitError, and OSError where it cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnfitError(f"{os.path.basename(path)} is a link") from error
        raise
    there = os.fstat(descriptor)
    is_ours = stat.S_ISREG(there.st_mode) and there.st_uid == os.geteuid()
    if is_ours and not there.st_mode & _OTHERS:
        return descriptor
    os.close(descriptor)
    raise UnfitError(f"{os.path.basename(path)} {'can be written to by others' if is_ours else 'is not a file of this user'}")


def _demand_steady(path: str) -> None:
    """Raise NoPlaceError if others could put something else in the place of what is in a folder."""
    there = _looked_at(path)
    if there.st_uid not in (0, os.geteuid()) or (there.st_mode & _OTHERS and not there.st_mode & stat.S_ISVTX):
        raise NoPlaceError(f"what is in {path} can be replaced by others")


def _looked_at(path: str) -> os.stat_result:
    try:
        return os.lstat(path)
    except OSError as error:
        raise NoPlaceError(f"{path} cannot be looked at: {error.strerror or error}") from error


def _home() -> str | None:
    """The user's home, where there is one."""
    named = os.environ.get("HOME")
    if not named:
        try:
            named = pwd.getpwuid(os.geteuid()).pw_dir
        except KeyError:
            return None
    return os.path.realpath(named) if os.path.isabs(named) else None


def _base(home: str | None) -> str:
    """The folder in which programs keep such things."""
    named = os.environ.get("XDG_CACHE_HOME")
    # What is not absolute is to be passed over: https://specifications.freedesktop.org/basedir-spec
    if named and os.path.isabs(named):
        return named
    if home is None:
        raise NoPlaceError("there is no home folder")
    return os.path.join(home, *(("Library", "Caches") if sys.platform == "darwin" else (".cache",)))


def _is_in(path: str, home: str | None) -> bool:
    return home is not None and os.path.commonpath((path, home)) == home


def _upwards(path: str) -> Iterator[str]:
    """A folder and all above it."""
    yield path
    while (above := os.path.dirname(path)) != path:
        yield above
        path = above
