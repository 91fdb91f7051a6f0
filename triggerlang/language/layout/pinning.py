"""Pinning: what stands on a line of which a comment speaks stays on one line, and nothing else comes to stand there.

In: the lines of a file in the layout, and its pieces. Out: the lines, of which those that an allowance covers hold what they held: a line
of the layout is cut where such a line begins and behind its end, and what the layout would break stays together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from triggerlang.language.allowances import allowances
from triggerlang.language.layout.groups import STEP
from triggerlang.language.layout.lines import Line, spaced
from triggerlang.language.layout.pieces import Pieces


class Run(NamedTuple):
    """Some pieces, from a first one to a last one."""

    first: int
    last: int


def covered(pieces: Pieces) -> list[Run | None]:
    """For each allowance of a file the pieces on the line that it covers; None where there are none."""
    source = pieces.source
    found: list[Run | None] = []
    for allowance in allowances(source):
        run = None
        if allowance.line is not None:
            begin, end = source.line_bounds(allowance.line)
            run = Run(pieces.at(begin), pieces.at(end) - 1)
        found.append(run if run is not None and run.first <= run.last else None)
    return found


def pinned(lines: list[Line], pieces: Pieces) -> list[Line]:
    """The lines of a file, those that an allowance covers as they were broken by its author."""
    pins = sorted({run for run in covered(pieces) if run is not None})
    return list(_joined(_cut(lines, pins, pieces), pieces)) if pins else lines


def _cut(lines: Sequence[Line], pins: Sequence[Run], pieces: Pieces) -> Iterator[tuple[Line, Run | None]]:
    """The lines, cut where pins begin and end; each with the pin in which it lies."""
    next_pin = 0
    for line in lines:
        if line.run is None:
            yield line, None
            continue
        at, end = line.run
        parts: list[tuple[Line, Run | None]] = []
        while at <= end:
            while next_pin < len(pins) and pins[next_pin].last < at:
                next_pin += 1
            pin = pins[next_pin] if next_pin < len(pins) else None
            is_inside = pin is not None and pin.first <= at
            last = end if pin is None else min(end, pin.last if is_inside else pin.first - 1)
            parts.append((_part(line, at, last, pieces), pin if is_inside else None))
            at = last + 1
        for number, (part, pin) in enumerate(parts, 1):
            yield (part if number == len(parts) else replace(part, comment=None)), pin


def _part(line: Line, first: int, last: int, pieces: Pieces) -> Line:
    if line.run == (first, last):
        return line
    assert line.run is not None
    indent = line.indent if first == line.run[0] else line.indent + STEP
    return Line(" " * indent + spaced(pieces.pieces, first, last), line.comment, (first, last))


def _joined(parts: Iterator[tuple[Line, Run | None]], pieces: Pieces) -> Iterator[Line]:
    """The lines, those of one pin as one."""
    held: Line | None = None
    for line, pin in parts:
        if line.run is None:
            # An empty line within one that is held: in a line of the file there was none, and no comment.
            if held is None:
                yield line
        elif pin is not None and line.run[1] < pin.last:
            held = held or line
        elif held is not None and pin is not None:
            yield Line(" " * held.indent + spaced(pieces.pieces, pin.first, pin.last), line.comment, pin)
            held = None
        else:
            yield line
