"""Ahead: Parquet files are decoded while nobody can use them yet.

In: the files of a log. Out: their row groups, as many decoded as there was time and room for. What goes wrong here goes wrong again for
the one who reads the files, who then says so.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final

from triggerlang.events.files import LogFile

if TYPE_CHECKING:
    from triggerlang.events.decoding import Groups


DECODING: Final = "decoding"
"""What the thread is called."""


class Ahead:
    """Decodes files in a thread of its own, from the moment it is entered until the files are read, or it is left."""

    def __init__(self, files: Sequence[LogFile], most: int) -> None:
        """What is decoded may take up to about `most` bytes."""
        self._paths = [file.path for file in files if file.shape == "parquet" and os.path.isfile(file.path)]
        self._most = most
        self._opened: dict[str, Groups] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=DECODING)

    def __enter__(self) -> Ahead:
        if self._paths:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def stop(self) -> None:
        """Decode no more than what is being decoded."""
        self._is_over.set()

    def close(self) -> None:
        """Stop, and let go of what nobody asked for."""
        self.stop()
        self._opened.clear()

    def groups(self, path: str) -> Groups:
        """The row groups of a file; raises what opening it raises."""
        from triggerlang.events.decoding import Groups

        return self._opened.pop(path, None) or Groups(path)

    def _run(self) -> None:
        room = self._most
        for path in self._paths:
            try:
                # Imported here, so that this too happens beside what is imported meanwhile.
                from triggerlang.events.decoding import GROUP_BYTES, Groups

                groups = Groups(path)
            except Exception:
                return
            if self._is_over.is_set():
                return
            self._opened[path] = groups
            for group in range(len(groups)):
                if self._is_over.is_set() or groups.size(group) > min(room, GROUP_BYTES):
                    return
                room -= groups.decode_ahead(group)
                if room <= 0:
                    return
