"""Memory: how much this process may use, and sizes as people write them.

In goes what the system says (the machine's memory, control groups, the process's own limit) or a text such as `4GB`; out comes a number
of bytes.
"""

from __future__ import annotations

import os
import re
import resource
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Final

_UNITS: Final = {
    "B": 1,
    **{f"{letter}{ending}": 1000**power for power, letter in enumerate("KMGT", 1) for ending in ("B", "")},
    **{f"{letter}iB": 1024**power for power, letter in enumerate("KMGT", 1)},
}
_UNIT_OF: Final = {unit.upper(): factor for unit, factor in _UNITS.items()}
_SIZE: Final = re.compile(r"(?P<number>\d{1,15}(?:\.\d{1,15})?) ?(?P<unit>[A-Z]*)", re.ASCII | re.IGNORECASE)
_EXAMPLES: Final = "write a number and a unit, such as 4GB, 500MB or 1.5GiB"

_GROUP_LIMITS: Final = {"cgroup2": ("memory.max", "memory.high"), "cgroup": ("memory.limit_in_bytes",)}
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")


def parse_size(text: str) -> int:
    """The bytes of a size such as `4GB`, `4G` (the same), `1.5 GiB`, `64000B`: KB is 1000 bytes, KiB is 1024.

    Raises ValueError, which says what to write instead.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        start = text if len(text) <= 40 else f"{text[:40]}…"
        raise ValueError(f"{start!r} is not a size: {_EXAMPLES}")
    number, unit = found["number"], found["unit"].upper()
    if not unit:
        raise ValueError(f"the size {text!r} has no unit: write {number}GB, {number}MB or {number}B")
    if unit not in _UNIT_OF:
        raise ValueError(f"{found['unit']!r} is not a unit of size: {_EXAMPLES}")
    size = int(Decimal(number) * _UNIT_OF[unit])
    if size == 0:
        raise ValueError(f"the size {text!r} is less than one byte: {_EXAMPLES}")
    return size


def size_text(size: int) -> str:
    """A number of bytes for people: `1.5 GB`. What it says, `parse_size` reads."""
    for unit in ("TB", "GB", "MB", "KB"):
        # From where the smaller unit would be rounded to a thousand.
        if size * 20_000 >= _UNITS[unit] * 19_999:
            tenths = round(size * 10 / _UNITS[unit])
            return f"{tenths // 10}.{tenths % 10} {unit}" if tenths % 10 else f"{tenths // 10} {unit}"
    return f"{size} B"


def machine_memory() -> int:
    """How many bytes this process may use: the least of the machine's memory, its control groups' limits and its own."""
    return min(_limits(Path("/")))


def _limits(root: Path) -> Iterator[int]:
    yield os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    yield from group_limits(root)
    own, _ = resource.getrlimit(resource.RLIMIT_AS)
    if own != resource.RLIM_INFINITY:
        yield own


def group_limits(root: Path) -> Iterator[int]:
    """The limits of the control groups that this process is in, of both versions, each with the groups above it; `root` is `/`."""
    try:
        groups = dict(_memory_groups((root / "proc/self/cgroup").read_text(encoding="utf-8", errors="surrogateescape")))
        mounts = (root / "proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return  # A system that has no control groups.
    for kind, top, place in _memory_mounts(mounts):
        if kind in groups:
            for folder in _upwards(root / place.lstrip("/"), top, groups[kind]):
                for name in _GROUP_LIMITS[kind]:
                    yield from _limit(folder / name)


def _memory_groups(text: str) -> Iterator[tuple[str, str]]:
    """Of each version, the group whose memory counts."""
    for line in text.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            yield "cgroup2", path
        elif "memory" in controllers.split(","):
            yield "cgroup", path


def _memory_mounts(text: str) -> Iterator[tuple[str, str, str]]:
    """Where groups are to be seen: version, which group stands at the top there, folder."""
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if len(fields) > 4 and len(kind) > 2 and (kind[0] == "cgroup2" or (kind[0] == "cgroup" and "memory" in kind[2].split(","))):
            yield kind[0], _unescaped(fields[3]), _unescaped(fields[4])


def _unescaped(path: str) -> str:
    """A path as the mount table has it, with spaces and the like as octal numbers."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), path)


def _upwards(place: Path, top: str, group: str) -> Iterator[Path]:
    """The folders of a group and of all above it that can be seen."""
    try:
        parts = PurePosixPath(group).relative_to(top).parts
    except ValueError:
        parts = ()  # The group lies outside of what this container sees; what stands at the top is the container's own.
    if ".." in parts:
        parts = ()
    for length in range(len(parts), -1, -1):
        yield place.joinpath(*parts[:length])


def _limit(file: Path) -> Iterator[int]:
    try:
        text = file.read_text(encoding="ascii").strip()
    except OSError:
        return  # The group at the very top has no limits.
    if text.isdecimal():
        yield int(text)
