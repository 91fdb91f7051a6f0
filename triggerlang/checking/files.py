"""Rule files: from paths to sources.

A path is a rule file or a folder; a folder stands for the `.triggers` files below it at any depth, in the order of their paths. A file
that is reached twice counts once. Nothing else is read.
"""

from __future__ import annotations

import os
import stat
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from triggerlang.checking.codes import NOT_UTF8
from triggerlang.checking.errors import PathError
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.parser import FILE_LIMIT, TOO_LARGE
from triggerlang.language.source import Source

SUFFIX = ".triggers"


def read_sources(paths: Sequence[str | Path]) -> tuple[list[Source], list[Diagnostic]]:
    """The sources that some paths name, in order, and what is wrong with the bytes of the files.

    Raises PathError for a path that is not there, cannot be read, or is neither a folder nor a rule file.
    """
    sources: list[Source] = []
    problems: list[Diagnostic] = []
    seen: set[tuple[int, int]] = set()
    for path in paths:
        for file in _files(os.fspath(path)):
            source = _read(file, seen, problems)
            if source is not None:
                sources.append(source)
    return sources, problems


def read_stream(stream: BinaryIO, name: str) -> tuple[Source, list[Diagnostic]]:
    """The source that an open file holds, under a name of its own, and what is wrong with its bytes."""
    return source_of(name, stream.read(4 * FILE_LIMIT + 1))


def source_of(name: str, data: bytes) -> tuple[Source, list[Diagnostic]]:
    """The source of some bytes, under a name, and what is wrong with them."""
    problems: list[Diagnostic] = []
    source = _too_large(name, problems) if len(data) > 4 * FILE_LIMIT else _decode(name, data, problems)
    return source, problems


def _files(path: str) -> Iterator[str]:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        raise _path_error(path, error) from error
    if stat.S_ISDIR(mode):
        found = list(_below(path))
        yield from sorted(found, key=lambda file: file.replace(os.sep, "/"))
    elif not stat.S_ISREG(mode):
        raise PathError(path, "is neither a file nor a folder", "rules are read from plain files")
    elif not path.endswith(SUFFIX):
        raise PathError(path, f"is no {SUFFIX} file", f"rule files end in {SUFFIX}")
    else:
        yield path


def _below(folder: str) -> Iterator[str]:
    """The rule files below a folder; a folder that links lead back to is entered once."""
    entered: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            status = os.stat(here)
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            with os.scandir(here) as entries:
                for entry in entries:
                    path = f"{here.rstrip('/')}/{entry.name}"
                    if _is_folder(entry):
                        waiting.append(path)
                    elif entry.name.endswith(SUFFIX):
                        yield path
        except FileNotFoundError:
            continue  # It vanished while the folder was read.
        except OSError as error:
            raise _path_error(here, error) from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # A link that leads to itself. If its name says that it holds rules, reading it says what is wrong.


def _read(path: str, seen: set[tuple[int, int]], problems: list[Diagnostic]) -> Source | None:
    try:
        # A pipe or a device is not even opened; and without waiting, should one have come to stand there since.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise PathError(path, "is neither a file nor a folder", "rules are read from plain files")
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise PathError(path, "is neither a file nor a folder", "rules are read from plain files")
            if (status.st_dev, status.st_ino) in seen:
                return None
            seen.add((status.st_dev, status.st_ino))
            # A character has four bytes at most.
            data = file.read(4 * FILE_LIMIT + 1) if status.st_size <= 4 * FILE_LIMIT else None
            if data is None or len(data) > 4 * FILE_LIMIT:
                return _too_large(path, problems)
    except OSError as error:
        raise _path_error(path, error) from error
    return _decode(path, data, problems)


def _too_large(path: str, problems: list[Diagnostic]) -> Source:
    source = Source(path, "")
    problems.append(TOO_LARGE.at(source.span(0, 0), size=f"more than {FILE_LIMIT:,}", limit=f"{FILE_LIMIT:,}", help="split it"))
    return source


def _decode(path: str, data: bytes, problems: list[Diagnostic]) -> Source:
    other = _other_encoding(data[:4])
    if other is not None:
        source = Source(path, "")
        problems.append(NOT_UTF8.at(source.span(0, 0), found=f"it seems to be {other}", help="save it as UTF-8"))
        return source
    begin = len(BOM_UTF8) if data.startswith(BOM_UTF8) else 0
    try:
        return Source(path, data[begin:].decode())
    except UnicodeDecodeError as error:
        # What stands before the byte is shown as it is; nothing after it is judged.
        wrong = begin + error.start
        source = Source(path, data[begin:wrong].decode())
        found = f"byte {wrong + 1:,} of it is {data[wrong]:#04x}"
        problems.append(NOT_UTF8.at(source.span(len(source.text), 0), found=found, help="save it as UTF-8"))
        return source


def _other_encoding(first: bytes) -> str | None:
    """The encoding that the first bytes of a file speak for: a mark, or a zero beside the first letter."""
    if first in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return "UTF-32"
    if first[:2] in (b"\xff\xfe", b"\xfe\xff") or (len(first) == 4 and first[:2].count(0) == first[2:].count(0) == 1):
        return "UTF-16"
    return None


def _path_error(path: str, error: Exception) -> PathError:
    if isinstance(error, FileNotFoundError):
        return PathError(path, "there is no such file or folder", "paths start from the folder that you are in")
    if isinstance(error, PermissionError):
        return PathError(path, "may not be read", "its owner can allow it")
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return PathError(path, f"cannot be read: {reason}", "name another file or folder")
