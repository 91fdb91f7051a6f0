"""Packed files: bytes of a file, unpacked as they stream by, cut into lines.

In: a path. Out: its lines as bytes, each with its number; never more of a line than the limit is held. What is cut off, damaged
or followed by
rubbish raises LogError, which names the last whole line.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

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
    rest = b""
    is_long = False
    try:
        for block in _unpacked(path, packing, progress):
            pieces = (rest + block).split(b"\n")
            rest = pieces.pop()
            for piece in pieces:
                number += 1
                if is_long or len(piece) > MAX_LINE_BYTES:
                    yield number, LongLine(piece[:BLOCK])
                    is_long = False
                else:
                    yield number, piece
            if len(rest) > MAX_LINE_BYTES:
                rest, is_long = rest[:BLOCK], True
    except LogError as error:
        if error.file is not None:
            raise  # The file itself cannot be opened or read.
        raise LogError(f"{error.reason} after line {number}", file=path, line=number + 1) from error
    if rest or is_long:
        yield number + 1, LongLine(rest) if is_long or len(rest) > MAX_LINE_BYTES else rest


def open_file(path: str) -> BinaryIO:
    """A file or standard input, to be read as bytes; raises LogError where that cannot be."""
    if path == "-":
        if sys.stdin is None:
            raise LogError("standard input is closed", file=path)
        return sys.stdin.buffer
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


def _blocks(file: BinaryIO, path: str, progress: Progress | None) -> Iterator[bytes]:
    while True:
        try:
            block = file.read(BLOCK)
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
