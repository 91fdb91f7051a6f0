"""Log files: which files some logs are, and what shape each has.

A log is a file, a folder (the files below it with a known suffix, in name order), a glob (likewise) or `-` for standard input.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from triggerlang.events.errors import LogError

Shape: TypeAlias = Literal["jsonl", "csv", "tsv", "parquet"]

SHAPES: Final[dict[str, Shape]] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}
PACKINGS: Final = ("gz", "zst")
FORMATS: Final = ("jsonl", "csv", "tsv", "parquet", *(f"{shape}.{packing}" for shape in ("jsonl", "csv", "tsv") for packing in PACKINGS))
"""What `--log-format` takes."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file of a log: its path as it was named, its shape, and how it is packed (`gz`, `zst` or not)."""

    path: str
    shape: Shape
    packing: str


def log_files(logs: Iterable[str | Path | LogFile], log_format: str | None = None) -> tuple[list[LogFile], list[str]]:
    """The files that some logs are, in order, and the paths that were left out because they are there already. What is a file of a log
    already stays as it is.

    Raises LogError for a log that is not there, a glob or folder without files, or a suffix that is not known.
    """
    found: list[LogFile] = []
    repeated: list[str] = []
    seen: set[str] = set()
    for log in logs:
        if isinstance(log, LogFile):
            found.append(log)
            continue
        for path in _paths(os.fspath(log), log_format is not None):
            real = path if path == "-" else os.path.realpath(path)
            if real in seen:
                repeated.append(path)
                continue
            seen.add(real)
            found.append(_log_file(path, log_format))
    return found, repeated


def _paths(log: str, any_suffix: bool) -> Iterator[str]:
    if log == "-":
        yield log
    elif os.path.isdir(log):
        below = sorted(
            path for folder, _, names in os.walk(log) for path in (os.path.join(folder, name) for name in names) if has_known_suffix(path)
        )
        if not below:
            raise LogError("this folder has no log files below it: .jsonl, .csv, .tsv or .parquet", file=log)
        yield from below
    elif not os.path.lexists(log) and glob.has_magic(log):
        matches = sorted(path for path in glob.glob(log, recursive=True) if not os.path.isdir(path))
        if not matches:
            raise LogError("no file fits this pattern", file=log)
        yield from matches if any_suffix else (path for path in matches if has_known_suffix(path) or len(matches) == 1)
    else:
        yield log


def _split(path: str) -> tuple[str, str]:
    """The suffix that tells the shape, and the packing."""
    name = path
    packing = ""
    for possible in PACKINGS:
        if name.endswith("." + possible):
            name, packing = name.removesuffix("." + possible), possible
            break
    return os.path.splitext(name)[1], packing


def has_known_suffix(path: str) -> bool:
    """Whether a path's name tells what shape a log has."""
    suffix, packing = _split(path)
    return suffix in SHAPES and not (suffix == ".parquet" and packing)


def _log_file(path: str, log_format: str | None) -> LogFile:
    if log_format is not None:
        shape, _, packing = log_format.partition(".")
        return LogFile(path, SHAPES["." + shape], packing)
    if path == "-":
        return LogFile(path, "jsonl", "")
    suffix, packing = _split(path)
    if not has_known_suffix(path):
        if not os.path.lexists(path):
            raise LogError("there is no such file", file=path)
        raise LogError(
            "what shape this log has cannot be told from its name: .jsonl, .csv, .tsv or .parquet, the text ones perhaps with .gz or .zst; "
            "or say it with --log-format",
            file=path,
        )
    return LogFile(path, SHAPES[suffix], packing)
