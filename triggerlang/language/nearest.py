"""Near words: which of some words a misspelt one is nearest to."""

from __future__ import annotations

from collections.abc import Iterable


def distance(written: str, word: str, limit: int) -> int | None:
    """How many letters must be dropped, added, replaced or swapped with the next; None if more than the limit.

    The optimal string alignment distance (Damerau 1964, each place edited once), by rows.
    """
    if abs(len(written) - len(word)) > limit:
        return None
    before: list[int] = []
    previous = list(range(len(word) + 1))
    for i, letter in enumerate(written, 1):
        row = [i]
        for j, other in enumerate(word, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and written[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return None
        before, previous = previous, row
    return previous[-1] if previous[-1] <= limit else None


def nearest(written: str, words: Iterable[str]) -> str | None:
    """The nearest of some words, case aside, if one is near enough: a third of its letters may differ."""
    best: tuple[int, str] | None = None
    folded = written.casefold()[:200]
    limit = max(1, len(folded) // 3)
    for word in words:
        steps = distance(folded, word.casefold()[:200], limit)
        if steps is not None and (best is None or (steps, word) < best):
            best = (steps, word)
            limit = steps
    return best[1] if best else None
