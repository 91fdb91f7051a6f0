"""Suggestions: the nearest of the names that a project has, in bounded time."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from triggerlang.language.nearest import nearest

MOST_COMPARISONS = 100_000
"""How many names are looked at for all suggestions of one kind together; it takes half a second."""


class Suggestions:
    """Finds the nearest names until it has looked at enough of them; a file of 10,000 errors is not read with a hint for each.

    What was looked at counts kind by kind, such as `list` or `segment`.
    """

    def __init__(self) -> None:
        self._looked_at: dict[str, int] = {}
        self.is_used_up = False
        """Whether a suggestion was asked for that there was no time for any more."""

    def nearest(self, kind: str, written: str, among: Collection[str]) -> str | None:
        """The nearest of some names, if one is near enough and there is time."""
        looked_at = self._looked_at.get(kind, 0)
        if looked_at >= MOST_COMPARISONS:
            self.is_used_up = True
            return None
        self._looked_at[kind] = looked_at + len(among)
        return nearest(written, among)

    @property
    def looked_at(self) -> Mapping[str, int]:
        """How many names were looked at for each kind."""
        return self._looked_at

    def has_room(self, looked_at: Mapping[str, int]) -> bool:
        """Whether suggestions that look at so many names would all be made."""
        return all(self._looked_at.get(kind, 0) + number < MOST_COMPARISONS for kind, number in looked_at.items())

    def count(self, looked_at: Mapping[str, int]) -> None:
        """Take in what was looked at elsewhere."""
        for kind, number in looked_at.items():
            self._looked_at[kind] = self._looked_at.get(kind, 0) + number
