"""Triggers: which declared names the trigger may have where `trigger P` or `once per P` is read.

In: the automations of a file, or the segments of a project and what asks for them. Out: what the patterns of `on` fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from triggerlang.checking.declarations import Declarations, Declared, Fitting
from triggerlang.checking.names import Group
from triggerlang.checking.walking import happening


def triggers_of_rules(groups: Iterable[Group], declarations: Declarations) -> dict[int, Fitting]:
    """What the triggers fit, by the id of each rule and header; those where anything goes are left out."""
    found: dict[int, Fitting] = {}
    for group in groups:
        of_group: dict[int, Declared] | None = {}
        for rule in group.rules:
            fitting = declarations.fitting([single.occurrence for single in happening(rule.on).singles])
            if fitting is not None:
                found[id(rule)] = fitting
            of_group = _merged(of_group, fitting)
        if group.header is not None and of_group and not group.has_broken:
            found[id(group.header)] = list(of_group.values())
    return found


def triggers_of_segments(
    asked: Iterable[tuple[str, Fitting | None]], references: Mapping[str, Iterable[str]], order: Sequence[str]
) -> dict[str, Fitting]:
    """What the triggers fit of the rules that ask for a segment, themselves or through others.

    `asked` has the segments that rules ask for, with what their triggers fit. Segments where anything goes, and those that no rule uses,
    are left out. `order` holds the segments, each after those that it refers to; empty where nothing can be said of them.
    """
    found: dict[str, Fitting] = {}
    of_segments: dict[str, dict[int, Declared] | None] = {}
    for name, fitting in asked:
        of_segments[name] = _merged(of_segments.get(name, {}), fitting)
    for name in reversed(order):
        if name not in of_segments:
            continue
        of_segment = of_segments[name]
        for other in references[name]:
            of_segments[other] = _merged(of_segments.get(other, {}), None if of_segment is None else list(of_segment.values()))
        if of_segment:
            found[name] = list(of_segment.values())
    return found


def _merged(one: dict[int, Declared] | None, other: Fitting | None) -> dict[int, Declared] | None:
    """What fits one or the other; None where anything goes for one of them."""
    if one is None or other is None:
        return None
    one.update((id(declared), declared) for declared in other)
    return one
