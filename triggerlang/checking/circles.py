"""Circles: segments that refer to each other, automations that start each other, and conditions that are too deep through segments.

In: the segments and rules of a project. Out: one diagnostic for each circle, which shows it. Nothing here recurses, however long a chain of
references is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from triggerlang.checking import codes
from triggerlang.checking.names import Group
from triggerlang.checking.walking import name_texts, tests
from triggerlang.language import globs, tree
from triggerlang.language.diagnostics import Diagnostic, Note, quoted
from triggerlang.language.parser import NESTING_LIMIT, TOO_DEEP
from triggerlang.language.source import Span

LONGEST_SHOWN = 8
"""How many names of a circle a message shows."""


def segment_circles(segments: Mapping[str, tree.Segment]) -> Iterator[Diagnostic]:
    """Circles of segments, each once."""
    references: dict[str, dict[str, Span]] = {}
    for name, segment in segments.items():
        found = references[name] = {}
        for test in tests(segment.condition):
            if isinstance(test, tree.SegmentTest) and test.name.text in segments:
                found.setdefault(test.name.text, test.name.span)
    for circle in circles({name: list(found) for name, found in references.items()}):
        places = [references[here][there] for here, there in zip(circle, circle[1:], strict=False)]
        yield codes.SEGMENT_CIRCLE.at(
            places[0],
            circle=_shown(circle),
            help="one of them must not refer to the next",
            notes=tuple(Note("and here", place) for place in places[1:LONGEST_SHOWN]),
        )


def automation_circles(groups: Sequence[Group]) -> Iterator[Diagnostic]:
    """Circles of automations that start each other by `enters automation`, each once."""
    names = list(dict.fromkeys(group.name for group in groups))
    known = set(names)
    starts: dict[str, dict[str, Span]] = {name: {} for name in names}
    for group in groups:
        for rule in group.rules:
            for single in rule.on.singles:
                if single.occurrence.kind.kind != "enter":
                    continue
                for name in _started_by(single.occurrence.names, names, known):
                    starts[name].setdefault(group.name, single.occurrence.span)
    for circle in circles({name: list(found) for name, found in starts.items()}):
        places = [starts[here][there] for here, there in zip(circle, circle[1:], strict=False)]
        yield codes.AUTOMATION_CIRCLE.at(
            places[0],
            circle=_shown(circle),
            help="a contact would enter them without end: let one of them start on another event",
            notes=tuple(Note("and here", place) for place in places[1:LONGEST_SHOWN]),
        )


def _started_by(names: tree.Names | None, all_names: Sequence[str], known: set[str]) -> list[str]:
    """The automations whose entries an `enters automation` matches."""
    if names is None:
        return list(all_names)
    if isinstance(names, tree.NameLike):
        fits = globs.matcher(names.glob.text)
        return [name for name in all_names if fits(name)]
    return [text.text for text in name_texts(names) if text.text in known]


def _shown(circle: Sequence[str]) -> str:
    shown = list(circle) if len(circle) <= LONGEST_SHOWN else [*circle[: LONGEST_SHOWN - 2], "…", *circle[-1:]]
    return " → ".join(name if name == "…" else quoted(name) for name in shown)


def circles(arrows: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """The shortest circle through the first name of each strongly connected part, as names with the first one again at the end.

    The parts are found by Tarjan's algorithm (1972), with a list in place of recursion.
    """
    order = {name: at for at, name in enumerate(arrows)}
    for part in _parts(arrows):
        if len(part) > 1 or part[0] in arrows[part[0]]:
            start = min(part, key=order.__getitem__)
            yield _shortest_way(start, set(part), arrows)


def _parts(arrows: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_names: list[str] = []
    is_open: set[str] = set()
    for root in arrows:
        if root in number:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(arrows[root]))]
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
                    part: list[str] = []
                    while not part or part[-1] != name:
                        part.append(open_names.pop())
                        is_open.discard(part[-1])
                    yield part


def _shortest_way(start: str, part: set[str], arrows: Mapping[str, Sequence[str]]) -> list[str]:
    before: dict[str, str] = {}
    frontier = [start]
    while frontier:
        reached: list[str] = []
        for name in frontier:
            for following in arrows[name]:
                if following == start:
                    way = [start, name]
                    while way[-1] != start:
                        way.append(before[way[-1]])
                    return way[::-1] if len(way) > 2 or name != start else [start, start]
                if following in part and following not in before:
                    before[following] = name
                    reached.append(following)
        frontier = reached
    raise AssertionError("a strongly connected part has a circle through each of its names")


def too_deep(statements: Sequence[tree.Statement], segments: Mapping[str, tree.Segment]) -> Iterator[Diagnostic]:
    """Conditions that are nested deeper than the limit once their segments stand in them. There must be no circle."""
    depths: dict[str, int] = {}
    for start in segments:
        waiting = [start]
        while waiting:
            name = waiting[-1]
            if name in depths:
                waiting.pop()
                continue
            referred = [
                test.name.text for test in tests(segments[name].condition) if isinstance(test, tree.SegmentTest) and test.name.text in segments
            ]
            missing = [other for other in referred if other not in depths]
            if missing:
                waiting.extend(missing)
                continue
            depths[name] = _depth(segments[name].condition, depths)[0]
            waiting.pop()
    for statement in statements:
        condition = statement.condition if isinstance(statement, tree.Segment) else statement.where if isinstance(statement, tree.Rule) else None
        if condition is None:
            continue
        depth, place = _depth(condition, depths)
        if depth > NESTING_LIMIT and place is not None:
            # Only the first segment of a chain that is too deep is reported, not all those that refer to it.
            below = depths.get(place.name.text, 0)
            if below <= NESTING_LIMIT:
                yield TOO_DEEP.at(place.span, limit=NESTING_LIMIT, help=f"segments that refer to segments, {depth} deep here")


def _depth(condition: tree.Condition, depths: Mapping[str, int]) -> tuple[int, tree.SegmentTest | None]:
    """How deep a condition is, its segments taken in, and the reference that makes it so deep."""
    deepest, place = 0, None
    waiting: list[tuple[tree.Condition, int]] = [(condition, 1)]
    while waiting:
        node, level = waiting.pop()
        if isinstance(node, tree.And | tree.Or):
            waiting.extend((part, level + 1) for part in node.parts)
        elif isinstance(node, tree.Not):
            waiting.append((node.part, level + 1))
        elif isinstance(node, tree.SegmentTest):
            below = level + depths.get(node.name.text, 0)
            if below > deepest:
                deepest, place = below, node
        elif level > deepest:
            deepest, place = level, None
    return deepest, place

