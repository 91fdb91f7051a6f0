"""The trigger index: which patterns an event can match, by its kind and name.

Two doors to one answer: `candidates` goes through the index, `candidates_without_index` asks each pattern. Filters are not
looked at here.
"""

from __future__ import annotations

from collections.abc import Callable

from triggerlang.language import globs
from triggerlang.network.nodes import NameGlob, NameNode, Network, PatternNode


class TriggerIndex:
    """Finds the patterns of a network that a kind and name can match."""

    __slots__ = ("_globs", "_network")

    def __init__(self, network: Network) -> None:
        self._network = network
        self._globs = {kind: [(globs.matcher(glob), patterns) for glob, patterns in entries] for kind, entries in network.by_glob.items()}

    def candidates(self, kind: str, name: str) -> list[int]:
        """The numbers of the patterns, in order."""
        found = set(self._network.by_name.get((kind, name), ()))
        found.update(self._network.by_kind.get(kind, ()))
        for fits, patterns in self._globs.get(kind, ()):
            if fits(name):
                found.update(patterns)
        return sorted(found)

    def candidates_without_index(self, kind: str, name: str) -> list[int]:
        """The same, found by asking every pattern."""
        return [
            number
            for number, pattern in enumerate(self._network.patterns)
            if isinstance(pattern, PatternNode) and any(single.kind == kind and name_test(single.names)(name) for single in pattern.singles)
        ]


def name_test(names: NameNode) -> Callable[[str], bool]:
    """The function that tells whether a name fits."""
    if names is None:
        return lambda name: True
    if isinstance(names, NameGlob):
        return globs.matcher(names.glob)
    return frozenset(names.names).__contains__
