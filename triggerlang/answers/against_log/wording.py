"""Wording: what a log has, in words that help."""

from __future__ import annotations

from itertools import islice
from typing import Final

from triggerlang.answers.against_log.facts import Tally
from triggerlang.events.tagging import untagged
from triggerlang.language import tree, values
from triggerlang.language.diagnostics import quoted, shortened
from triggerlang.language.nearest import nearest
from triggerlang.language.numbers import number_text
from triggerlang.language.times import UNITS
from triggerlang.language.values import Value

MOST_COMPARED: Final = 1_000
"""So many values, the most frequent ones, are looked at for the nearest."""

MOST_NAMED: Final = 3
"""So many values or names are named where none is near."""


def times_there(count: int) -> str:
    """`once`, `12,403 times`."""
    return "once" if count == 1 else f"{count:,} times"


def counted(words: list[tuple[str, int]]) -> str:
    """`"free" (9,120 times), "Pro" (once)`: the most frequent of some words, as many as are named."""
    ordered = sorted(words, key=lambda item: (-item[1], item[0]))
    rest = ", …" if len(ordered) > MOST_NAMED else ""
    return ", ".join(f"{word} ({times_there(count)})" for word, count in ordered[:MOST_NAMED]) + rest


def value_words(value: Value) -> str:
    """A value as a rule would write it."""
    if isinstance(value, str):
        return quoted(value)
    text = values.text(value)
    return "a list or an object" if text is None else shortened(text)


def lengths(microseconds: int) -> str:
    """About how long something is, in whole units: `89 days`."""
    for unit in ("days", "hours", "minutes", "seconds"):
        amount = microseconds // UNITS[unit]
        if amount >= 2 or unit == "seconds":
            break
    return f"{amount:,} {unit[:-1] if amount == 1 else unit}"


def extreme(tally: Tally, comparison: tree.Comparison) -> str | None:
    """The value that comes nearest to a comparison of more or less with a number."""
    match comparison:
        case tree.Compare("<" | "<=" | ">" | ">=" as sign, tree.Number()) if (ends := tally.ends()) is not None:
            return f"the largest is {number_text(ends[1])}" if sign in (">", ">=") else f"the smallest is {number_text(ends[0])}"
    return None


def nearest_text(tally: Tally, comparison: tree.Comparison) -> tuple[str, int] | None:
    """The text among some values that is nearest to the one that they are compared with, and how often it is there."""
    if not isinstance(comparison, tree.Compare) or comparison.operator != "=" or not isinstance(comparison.literal, tree.Text):
        return None
    ordered = sorted((tally.values or {}).items(), key=lambda item: (-item[1], item[0]))
    texts: dict[str, int] = {}
    for held, count in islice(ordered, MOST_COMPARED):
        text = values.text(untagged(held))
        if text is not None:
            texts[text] = texts.get(text, 0) + count
    found = nearest(comparison.literal.text, texts)
    return None if found is None else (found, texts[found])


def some_values(tally: Tally) -> str:
    """Some of the values that there are."""
    if tally.values is None:
        ends = tally.ends()
        between = f", its numbers from {number_text(ends[0])} to {number_text(ends[1])}" if ends else ""
        return f"the log has very many values of it{between}"
    return f"the log has {counted([(value_words(untagged(held)), count) for held, count in tally.values.items()])}"
