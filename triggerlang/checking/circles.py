"""Circles: segments that refer to each other, automations that start each other, and conditions that are too deep through segments.

In: the segments of a project, and the outlines of its automations. Out: one diagnostic for each circle, which shows it. Nothing here
recurses, however long a chain of references is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias, TypeVar

from triggerlang.checking import codes
from triggerlang.checking.names import SortedNames
from triggerlang.checking.outline import Group
from triggerlang.checking.walking import conditions
from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic, Note, quoted
from triggerlang.language.pieces import NESTING_LIMIT, TOO_DEEP
from triggerlang.language.source import Span

LONGEST_SHOWN = 8
"""How many names of a circle a message shows."""


def segment_circles(references: Mapping[str, Mapping[str, Span]]) -> Iterator[Diagnostic]:
    """Circles of segments, each once."""
    found = [[name, name] for name in references if name in references[name]]
    rest = {name: [other for other in following if other != name] for name, following in references.items()}
    for circle in [*found, *circles(rest)]:
        places = [references[here][there] for here, there in pairwise(circle)]
        yield codes.SEGMENT_CIRCLE.at(
            places[0],
            circle=_shown(circle),
            help="one of them must not refer to the next" if len(places) > 1 else "a segment must not refer to itself",
            notes=tuple(Note("and here", place) for place in places[1:LONGEST_SHOWN]),
        )


def automation_circles(groups: Sequence[Group]) -> Iterator[Diagnostic]:
    """Circles of automations that start each other by `enters automation`, each once.

    The arrows lead from an automation to those that its entries start. Those for a glob lead through a node of its own, so that many rules
    with one glob have few arrows.
    """
    starts = _starts(groups)
    found: list[list[_Node]] = [[name, name] for name in starts if isinstance(name, str) and name in starts[name]]
    for name, following in starts.items():
        if isinstance(name, _Glob):
            found += [[other, name, other] for other in following if name in starts[other]]
    own = {(circle[-2], circle[-1]) for circle in found}
    # A circle of one is shown for itself, and then left out of the others.
    rest = {name: [other for other in following if (name, other) not in own] for name, following in starts.items()}
    for circle in [*found, *circles(rest)]:
        places = [starts[here][there] for here, there in pairwise(circle) if isinstance(there, str)]
        yield codes.AUTOMATION_CIRCLE.at(
            places[0],
            circle=_shown([name for name in circle if isinstance(name, str)]),
            help="a contact would enter without end: let one of them start on another event"
            if len(places) > 1
            else "a contact would enter without end: let it start on another event",
            notes=tuple(Note("and here", place) for place in places[1:LONGEST_SHOWN]),
        )


def _starts(groups: Sequence[Group]) -> dict[_Node, dict[_Node, Span]]:
    """Which automations each automation's entries start, with the place that says so."""
    names = list(dict.fromkeys(group.name for group in groups if group.name is not None))
    starts: dict[_Node, dict[_Node, Span]] = {name: {} for name in names}
    sorted_names: SortedNames | None = None
    for group in groups:
        if group.name is None:
            continue
        for named, place in group.starts:
            if named.names is not None:
                for name in named.names:
                    if name in starts:
                        starts[name].setdefault(group.name, place)
                continue
            glob = _Glob("*" if named.glob is None else named.glob)
            if glob not in starts:
                starts[glob] = {}
                sorted_names = sorted_names or SortedNames(names)
                for name in sorted_names.fitting(glob.text):
                    starts[name].setdefault(glob, place)
            starts[glob].setdefault(group.name, place)
    return starts


@dataclass(frozen=True, slots=True)
class _Glob:
    """A glob among the automations whose arrows are followed."""

    text: str


_Node: TypeAlias = str | _Glob
_Name = TypeVar("_Name", bound=Hashable)


def _shown(circle: Sequence[str]) -> str:
    shown = list(circle) if len(circle) <= LONGEST_SHOWN else [*circle[: LONGEST_SHOWN - 2], "…", *circle[-1:]]
    return " → ".join(name if name == "…" else quoted(name) for name in shown)


def circles(arrows: Mapping[_Name, Sequence[_Name]]) -> Iterator[list[_Name]]:
    """The shortest circle through the first name of each strongly connected part, as names with the first one again at the end.

    No arrow leads from a name to itself.

    The parts are found by Tarjan's algorithm (1972), with a list in place of recursion.
    """
    order = {name: at for at, name in enumerate(arrows)}
    for part in _parts(arrows):
        if len(part) > 1:
            start = min(part, key=order.__getitem__)
            yield _shortest_way(start, set(part), arrows)


def _parts(arrows: Mapping[_Name, Sequence[_Name]]) -> Iterator[list[_Name]]:
    number: dict[_Name, int] = {}
    lowest: dict[_Name, int] = {}
    open_names: list[_Name] = []
    is_open: set[_Name] = set()
    for root in arrows:
        if root in number:
            continue
        work: list[tuple[_Name, Iterator[_Name]]] = [(root, iter(arrows[root]))]
        number[root] = lowest[root] = len(number)
        open_names.append(root)
        is_open.add(root)
        while work:
            name, rest = work[-1]
            for following in rest:
                if following not in number:
                    number[following] = lowest[following] = len(number)
                    open_names.append(following)
                    is_open.add(following)
                    work.append((following, iter(arrows[following])))
                    break
                if following in is_open:
                    lowest[name] = min(lowest[name], number[following])
            else:
                work.pop()
                if work:
                    lowest[work[-1][0]] = min(lowest[work[-1][0]], lowest[name])
                if lowest[name] == number[name]:
                    part: list[_Name] = []
                    while not part or part[-1] != name:
                        part.append(open_names.pop())
                        is_open.discard(part[-1])
                    yield part


def _shortest_way(start: _Name, part: set[_Name], arrows: Mapping[_Name, Sequence[_Name]]) -> list[_Name]:
    before: dict[_Name, _Name] = {}
    frontier = [start]
    while frontier:
        reached: list[_Name] = []
        for name in frontier:
            for following in arrows[name]:
                if following == start:
                    way = [start, name]
                    while way[-1] != start:
                        way.append(before[way[-1]])
                    return way[::-1]
                if following in part and following not in before:
                    before[following] = name
                    reached.append(following)
        frontier = reached
    raise AssertionError("a strongly connected part has a circle through each of its names")


def depths_of(segments: Mapping[str, tree.Segment], order: Sequence[str]) -> dict[str, int]:
    """How deep each segment is nested, those that it refers to included; `order` holds each after these."""
    depths: dict[str, int] = {}
    for name in order:
        depths[name] = _depth(segments[name].condition, depths)[0]
    return depths


def too_deep(statement: tree.Statement, depths: Mapping[str, int]) -> Iterator[Diagnostic]:
    """A condition that is nested deeper than the limit once its segments stand in it."""
    condition = conditions(statement)
    if condition is None:
        return
    depth, place = _depth(condition, depths)
    # Only the first segment of a chain that is too deep is reported, not all those that refer to it.
    if depth > NESTING_LIMIT and place is not None and depths.get(place.name.text, 0) <= NESTING_LIMIT:
        yield TOO_DEEP.at(
            place.span,
            limit=NESTING_LIMIT,
            help=f"with the segments that they refer to, parentheses and `not` stand {depth} deep here: use fewer of them",
        )


def referred_first(references: Mapping[str, Iterable[str]]) -> list[str]:
    """The segments, each after those that it refers to. There must be no circle."""
    done: dict[str, None] = {}
    for start in references:
        waiting = [start]
        while waiting:
            missing = [] if waiting[-1] in done else [other for other in references[waiting[-1]] if other not in done]
            if missing:
                waiting += missing
            else:
                done.setdefault(waiting.pop())
    return list(done)


def _depth(condition: tree.Condition, depths: Mapping[str, int]) -> tuple[int, tree.SegmentTest | None]:
    """How deep a condition's parentheses and `not` are nested, and the reference that makes it so deep.

    A segment counts as its condition in parentheses, in the place of the reference.
    """
    deepest, place = 0, None
    waiting: list[tuple[tree.Condition, int]] = [(condition, 0)]
    while waiting:
        node, level = waiting.pop()
        if isinstance(node, tree.And | tree.Or):
            # An `or` in an `and` stands in parentheses.
            waiting.extend((part, level + isinstance(part, tree.And | tree.Or)) for part in node.parts)
        elif isinstance(node, tree.Not):
            waiting.append((node.part, level + 1 + isinstance(node.part, tree.And | tree.Or)))
        elif isinstance(node, tree.SegmentTest):
            level += 1 + depths.get(node.name.text, 0)
        if level > deepest:
            deepest, place = level, node if isinstance(node, tree.SegmentTest) else None
    return deepest, place
