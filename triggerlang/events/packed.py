"""Packed files: bytes of a file, unpacked as they stream by, cut into lines.

In: a path. Out: its lines as bytes, each with its number; never more of a line than the limit is held. What is cut off, damaged
or followed by
rubbish raises LogError, which names the last whole line.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from io import BufferedReader
from typing import Any, Final, cast

from triggerlang.events.errors import LogError

MAX_LINE_BYTES: Final = 16 * 2**20
"""How long a line may be."""

BLOCK: Final = 1 << 20

Progress = Callable[[int], None]
"""Called with how many bytes of the file itself were read since the last call."""


class LongLine:
    """Stands for a line that is longer than the limit: its beginning."""

    __slots__ = ("beginning",)

    def __init__(self, beginning: bytes) -> None:
        self.beginning = beginning


def lines(path: str, packing: str, progress: Progress | None = None) -> Iterator[tuple[int, bytes | LongLine]]:
    """The lines of a file, numbered from 1, without their line feeds; `-` is standard input.

    `packing` is `gz`, `zst` or empty.
    """
    number = 0
    try:
        for run in runs(path, packing, progress):
            if isinstance(run, LongLine):
                number += 1
                yield number, run
                continue
            pieces = run.split(b"\n")
            rest = pieces.pop()
            for piece in pieces:
                number += 1
                yield number, piece
            if rest:
                yield number + 1, rest
    except LogError as error:
        if error.file is not None:
            raise  # The file itself cannot be opened or read.
        raise broken_off(error, path, number) from error


def runs(path: str, packing: str, progress: Progress | None = None, size: int = BLOCK) -> Iterator[bytes | LongLine]:
    """The same file as runs of whole lines of about a size, with their line feeds, which the last may lack.

    A line beyond the limit stands by itself. Whole lines before an error come before it.
    """
    pieces: list[bytes] = []
    whole = rest = 0  # How much of the pieces is whole lines, and how much the line that is open.
    beginning: bytes | None = None  # Of a line that is too long.
    error: LogError | None = None
    unpacked = _unpacked(path, packing, progress)
    while True:
        try:
            block = next(unpacked, b"")
        except LogError as caught:
            block, error = b"", caught
        if not block:
            break
        first = block.find(b"\n")
        if beginning is None and rest + (len(block) if first < 0 else first) > MAX_LINE_BYTES:
            held = b"".join(pieces)
            if whole:
                yield held[:whole]
            beginning = (held[whole:] + block[: None if first < 0 else first])[:BLOCK]
            pieces, whole, rest = [], 0, 0
        if beginning is not None:
            if first < 0:
                continue
            yield LongLine(beginning)
            beginning, block = None, block[first + 1 :]
        end = block.rfind(b"\n") + 1
        if end and whole + rest + end >= size:
            yield b"".join([*pieces, memoryview(block)[:end]])
            pieces, whole, rest = [block[end:]], 0, len(block) - end
            continue
        pieces.append(block)
        if end:
            whole, rest = whole + rest + end, len(block) - end
        else:
            rest += len(block)
    if error is not None:
        if whole:
            yield b"".join(pieces)[:whole]
        raise error
    if beginning is not None:
        yield LongLine(beginning)
    elif whole or rest:
        yield b"".join(pieces)


def broken_off(error: LogError, path: str, number: int) -> LogError:
    """The error of a packed file that is damaged after a line."""
    return LogError(f"{error.reason} after line {number}", file=path, line=number + 1)


def open_file(path: str) -> BufferedReader:
    """A file or standard input, to be read as bytes; raises LogError where that cannot be."""
    if path == "-":
        if sys.stdin is None:
            raise LogError("standard input is closed", file=path)
        return cast(BufferedReader, sys.stdin.buffer)
    try:
        return open(path, "rb")
    except FileNotFoundError as error:
        raise LogError("there is no such file", file=path) from error
    except PermissionError as error:
        raise LogError("this file may not be read", file=path) from error
    except (OSError, ValueError) as error:
        raise LogError(f"this file cannot be read: {getattr(error, 'strerror', None) or error}", file=path) from error


def _unpacked(path: str, packing: str, progress: Progress | None) -> Iterator[bytes]:
    with open_file(path) as file:
        blocks = _blocks(file, path, progress)
        if packing == "gz":
            yield from _gunzip(blocks)
        elif packing == "zst":
            yield from _unzstd(blocks)
        else:
            yield from blocks


def _blocks(file: BufferedReader, path: str, progress: Progress | None) -> Iterator[bytes]:
    while True:
        try:
            # One call of the system at a time: a signal between two of them would otherwise wait until the second has found something.
            block = file.read1(BLOCK)
        except (OSError, ValueError) as error:
            raise LogError(f"this file cannot be read: {getattr(error, 'strerror', None) or error}", file=path) from error
        if not block:
            return
        if progress is not None:
            progress(len(block))
        yield block


def _gunzip(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The members of a gzip file one after another; zlib checks each one's checksum and length."""
    unpacker: Any = None
    is_first, beginning = True, b""
    for given in blocks:
        block = given
        beginning = beginning or given[:4]
        while block:
            if unpacker is None:
                if not is_first:
                    block = block.lstrip(b"\0")  # Padding after a member, as gzip itself allows.
                    if not block:
                        break
                unpacker = zlib.decompressobj(wbits=31)
            try:
                unpacked = unpacker.decompress(block, BLOCK)
            except zlib.error as error:
                raise LogError(_damaged("gzip", beginning.startswith(b"\x1f\x8b"))) from error
            is_first = False
            if unpacked:
                yield unpacked
            if unpacker.eof:
                block, unpacker = unpacker.unused_data, None
            else:
                block = unpacker.unconsumed_tail
                if not block and not unpacked:
                    break
    while unpacker is not None and not unpacker.eof:
        unpacked = unpacker.decompress(unpacker.unconsumed_tail, BLOCK)
        if not unpacked:
            raise LogError("this gzip file is cut off")
        yield unpacked


def _unzstd(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The frames of a zstd file one after another; the library checks each one's checksum if it has one."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    unpacker: Any = None
    beginning = b""
    for given in blocks:
        block = given
        beginning = beginning or given[:4]
        while block or (unpacker is not None and not unpacker.needs_input and not unpacker.eof):
            if unpacker is None:
                unpacker = zstd.ZstdDecompressor()
            try:
                unpacked = unpacker.decompress(block, BLOCK)
            except zstd.ZstdError as error:
                raise LogError(_damaged("zstd", beginning == b"\x28\xb5\x2f\xfd")) from error
            block = b""
            if unpacked:
                yield unpacked
            if unpacker.eof:
                block, unpacker = unpacker.unused_data, None
    if unpacker is not None:
        raise LogError("this zstd file is cut off")


def _damaged(packing: str, begins_so: bool) -> str:
    return f"this {packing} file is damaged" if begins_so else f"this is no {packing} file"
