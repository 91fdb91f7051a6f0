"""Runs the language cases on an interpreter that one line was altered in.

`python -m tests.support.altered NUMBER` applies the alteration of that number in `tests/alterations.toml` and prints the first case
whose entries it changes. Exit 0: a case noticed. Exit 1: none did.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]


def alterations() -> list[dict[str, str]]:
    with (ROOT / "tests" / "alterations.toml").open("rb") as file:
        found: list[dict[str, str]] = tomllib.load(file)["alteration"]
    return found


def altered_text(alteration: dict[str, str]) -> str:
    """The file's text with the alteration made; ValueError unless its place stands there exactly once."""
    text = (ROOT / "triggerlang" / alteration["file"]).read_text(encoding="utf-8")
    if text.count(alteration["from"]) != 1:
        raise ValueError(f"{alteration['file']}: {alteration['from']!r} stands there {text.count(alteration['from'])} times")
    return text.replace(alteration["from"], alteration["to"])


class _Altered(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from altered text."""

    def __init__(self, name: str, path: Path, text: str) -> None:
        self.name, self.path, self.text = name, path, text

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self, origin=str(self.path)) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self.path)
        exec(compile(self.text, str(self.path), "exec"), module.__dict__)


def main(number: int) -> int:
    alteration = alterations()[number]
    name = "triggerlang." + alteration["file"].removesuffix(".py").replace("/", ".")
    sys.meta_path.insert(0, _Altered(name, ROOT / "triggerlang" / alteration["file"], altered_text(alteration)))
    from tests.support.noticing import first_noticing_case

    noticed = first_noticing_case()
    print(noticed or "no case noticed")
    return 0 if noticed else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
