"""Explaining: what a code means, with a rule that brings it and one that does not.

In: a code. Out: its examples, which stand in `examples.md` and are held to what they say by a test.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_EXAMPLE = re.compile(
    r"^## (?P<code>\S+)\n\n(?:```log\n(?P<log>.*?)^```\n)?"
    r"```wrong(?: (?P<how>[^\n]+))?\n(?P<wrong>.*?)^```\n```right\n(?P<right>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Example:
    """A wrong rule file and a right one; the wrong one's last line stands so many times, and it is in an encoding. The log, as JSON Lines,
    is what both are held against, if their code is one of logs."""

    wrong: str
    right: str
    repeated: int = 1
    encoding: str = "utf-8"
    log: str = ""

    @property
    def wrong_bytes(self) -> bytes:
        """The wrong file as it would be on a disk."""
        before, _, last = self.wrong.rstrip("\n").rpartition("\n")
        return "".join([before, "\n" if before else "", (last + "\n") * self.repeated]).encode(self.encoding)

    @property
    def note(self) -> str:
        """What the wrong text does not show of the file; empty where it shows all."""
        if self.repeated > 1:
            return f"and so on: {self.repeated:,} such lines"
        return f"saved as {self.encoding}" if self.encoding != "utf-8" else ""


@cache
def examples() -> dict[str, Example]:
    """The examples, by the names of their codes."""
    text = (files(__package__) / "examples.md").read_text(encoding="utf-8")
    found: dict[str, Example] = {}
    for block in _EXAMPLE.finditer(text):
        how = block["how"] or ""
        repeated = int(how.removeprefix("repeated ").replace(",", "")) if how.startswith("repeated ") else 1
        encoding = how if how and repeated == 1 else "utf-8"
        found[block["code"]] = Example(block["wrong"], block["right"], repeated, encoding, block["log"] or "")
    return found
