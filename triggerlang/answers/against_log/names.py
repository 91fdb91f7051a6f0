"""Near names: what a log has in the place of a name that it does not have.

In: how often a log has each kind and name. Out: words that help.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from triggerlang.answers.against_log.wording import counted, times_there
from triggerlang.checking.suggesting import Suggestions
from triggerlang.language import printing
from triggerlang.language.diagnostics import code_word, quoted
from triggerlang.language.vocabulary import BY_KIND, Kind

MOST_COMPARED: Final = 10_000
"""So many names of a kind, the most frequent ones, are looked at for the nearest."""


class NearNames:
    """Finds what is near to a name."""

    def __init__(self, names: Mapping[tuple[str, str], int]) -> None:
        self._names = names
        self._of_kinds: dict[str, list[tuple[str, int]]] = {}
        self._kinds_of: dict[str, list[str]] = {}
        self._suggestions = Suggestions()
        self._is_ready = False

    def help(self, kind: Kind, text: str | None) -> tuple[str | None, str]:
        """The nearest name to a text, and words for it or for what else there is; a glob or any name has no text."""
        self._prepare()
        others = self._kinds_of.get(text, ()) if text is not None else ()
        if text is not None and others:
            return None, f"it is there as {' and as '.join(self._words(other, text) for other in others)}"
        own = self._of_kinds.get(kind.kind, [])
        if not own:
            return None, f"the log has no events of the kind {code_word(kind.kind)} at all, but {counted(self._kinds())}"
        near = None if text is None else self._suggestions.nearest("log", text, [name for name, _ in own[:MOST_COMPARED]])
        if near is None:
            return None, f"the log has {counted([(quoted(name), count) for name, count in own])}"
        return near, f"{quoted(near)} is the nearest, {times_there(self._names[kind.kind, near])} in the log"

    def _prepare(self) -> None:
        """Put the names in order, when they are needed first."""
        if self._is_ready:
            return
        self._is_ready = True
        for (kind, name), count in self._names.items():
            self._of_kinds.setdefault(kind, []).append((name, count))
            self._kinds_of.setdefault(name, []).append(kind)
        for own in self._of_kinds.values():
            own.sort(key=lambda item: (-item[1], item[0]))
        for kinds in self._kinds_of.values():
            kinds.sort()

    def _kinds(self) -> list[tuple[str, int]]:
        counts: Counter[str] = Counter()
        for (kind, _), count in self._names.items():
            counts[code_word(kind)] += count
        return list(counts.items())

    def _words(self, kind: str, name: str) -> str:
        """A kind and name as rules write them, if they can."""
        known = BY_KIND.get(kind)
        words = f"{kind} {quoted(name)}" if known is None else printing.occurrence(known, printing.string(name))
        return f"{code_word(words)} ({times_there(self._names[kind, name])})"
