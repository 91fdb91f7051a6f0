"""Headers: the names of a project's automations, read off rather than parsed.

In: paths of rule files and folders, wrong ones too. Out: the names, in a time that is bounded; of a project that is too large for it those
that were found until then. What the names mean, and whether the rules are right, is for `check`.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence

from triggerlang.checking.errors import PathError
from triggerlang.checking.files import SUFFIX, read_sources
from triggerlang.checking.names import stem
from triggerlang.language.source import Source

PATIENCE = 0.5
"""For how many seconds files are looked for and read."""

_HEADER = re.compile(r'^[ \t]*automation\s+"((?:[^"\\\n]|\\["\\])*)"', re.MULTILINE)
_RULE = re.compile(r"^[ \t]*on\b", re.MULTILINE)


def automation_names(paths: Sequence[str]) -> list[str]:
    """The names of the automations in some files and folders, sorted, each once. What cannot be read is passed over."""
    deadline = time.monotonic() + PATIENCE
    found: set[str] = set()
    for path in paths:
        for file in _files(path, deadline):
            try:
                sources, _ = read_sources([file])
            except PathError:
                continue
            for source in sources:
                found.update(_names(source))
            if time.monotonic() > deadline:
                return sorted(found)
    return sorted(found)


def _files(path: str, deadline: float) -> Iterator[str]:
    """The rule files that a path names, as they are found; a folder that links lead back to is entered once."""
    if not os.path.isdir(path):
        yield path
    entered: set[tuple[int, int]] = set()
    for folder, folders, names in os.walk(path, followlinks=True):
        try:
            status = os.stat(folder)
        except OSError:
            continue  # It vanished meanwhile.
        if time.monotonic() > deadline or (status.st_dev, status.st_ino) in entered:
            folders.clear()
            continue
        entered.add((status.st_dev, status.st_ino))
        yield from (os.path.join(folder, name) for name in names if name.endswith(SUFFIX))


def _names(source: Source) -> Iterator[str]:
    """The automations of a file; rules before the first header belong to the one named after the file."""
    first = _HEADER.search(source.text)
    if _RULE.search(source.text, 0, len(source.text) if first is None else first.start()):
        yield stem(source.path)
    for header in _HEADER.finditer(source.text):
        yield re.sub(r"\\(.)", r"\1", header[1])
