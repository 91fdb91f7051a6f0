"""Suggestions: the nearest of the names that a project has, in bounded time."""

from __future__ import annotations

from collections.abc import Collection

from triggerlang.language.nearest import nearest

MOST_COMPARISONS = 100_000
"""How many names are looked at for all suggestions of one kind together; it takes half a second."""


class Suggestions:
    """Finds the nearest names until it has looked at enough of them; a file of 10,000 errors is not read with a hint for each."""

    def __init__(self) -> None:
        self._left = MOST_COMPARISONS

    def nearest(self, written: str, among: Collection[str]) -> str | None:
        """The nearest of some names, if one is near enough and there is time."""
        if self._left <= 0:
            return None
        self._left -= len(among)
        return nearest(written, among)
