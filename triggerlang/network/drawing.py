"""Drawing: the network for people to look at.

In: a network. Out: a Mermaid or DOT graph, JSON, or a summary of how much was shared. Names from rules are shown as text only: each
format escapes what has a meaning in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from triggerlang.language import printing
from triggerlang.language.vocabulary import BY_KIND
from triggerlang.network.nodes import (
    AfterLast,
    All,
    AnyOf,
    ConditionNode,
    CountIs,
    FieldTest,
    Fixed,
    MeasureNode,
    MeasureTest,
    MemberTest,
    NameGlob,
    NameNode,
    NameSet,
    Negation,
    Network,
    PatternNode,
    SegmentTest,
    SingleNode,
    Sliding,
    TestNode,
    TimeTest,
    WeekdayTest,
    leaves,
)

LONGEST_LABEL = 80
"""How many characters of a label a drawing shows."""


@dataclass(frozen=True, slots=True)
class _Box:
    key: str
    shape: str
    label: str


def summary(network: Network) -> str:
    """How many rules there are, and how much of what they say is stored once."""
    sharing = network.sharing
    lines = [f"rules     {len(network.rules):>8,}  in {len(network.automations):,} automations"]
    for name, (written, stored) in (("patterns", sharing.patterns), ("measures", sharing.measures), ("tests", sharing.tests)):
        lines.append(f"{name:9} {written:>8,}  written, {stored:,} stored{_saved(written, stored)}")
    return "\n".join(lines) + "\n"


def _saved(written: int, stored: int) -> str:
    return f" ({written / stored:.1f} uses each)" if stored and written > stored else ""


def as_json(network: Network) -> str:
    """The nodes by sort, numbered from 0, each with what it refers to; and how much was shared."""
    document: dict[str, Any] = {
        "patterns": [{"text": pattern_text(node)} for node in network.patterns],
        "measures": [
            {
                "text": measure_text(network, node),
                "pattern": node.pattern,
                "since_last": node.window.pattern if isinstance(node.window, AfterLast) else None,
            }
            for node in network.measures
        ],
        "tests": [
            {
                "text": test_text(network, node),
                "measure": node.measure if isinstance(node, MeasureTest) else None,
                "segment": node.segment if isinstance(node, SegmentTest) else None,
            }
            for node in network.tests
        ],
        "segments": [{"name": node.name, "condition": _condition_json(node.condition)} for node in network.segments],
        "automations": [
            {"name": node.name, "runs": None if node.runs is None else printing.runs(node.runs)} for node in network.automations
        ],
        "rules": [
            {
                "name": node.name,
                "automation": node.automation,
                "source": node.source,
                "on": node.on,
                "condition": None if node.condition is None else _condition_json(node.condition),
                "active": None if node.active is None else printing.activity(node.active),
                "runs": printing.runs(node.runs),
            }
            for node in network.rules
        ],
        "sharing": {
            name: {"written": written, "stored": stored}
            for name, (written, stored) in (
                ("patterns", network.sharing.patterns),
                ("measures", network.sharing.measures),
                ("tests", network.sharing.tests),
            )
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _condition_json(condition: ConditionNode) -> Any:
    match condition:
        case int():
            return condition
        case Negation(part):
            return {"not": _condition_json(part)}
        case All(parts):
            return {"and": [_condition_json(part) for part in parts]}
        case AnyOf(parts):
            return {"or": [_condition_json(part) for part in parts]}


def mermaid(network: Network) -> str:
    """A Mermaid flow chart: patterns, measures, tests, segments and rules from left to right."""
    shapes = {"pattern": ('(["', '"])'), "measure": ('["', '"]'), "test": ('{{"', '"}}'), "segment": ('[["', '"]]'), "rule": ('[/"', '"/]')}
    lines = ["flowchart LR"]
    for box in _boxes(network):
        opening, closing = shapes[box.shape]
        lines.append(f"  {box.key}{opening}{_mermaid_text(box.label)}{closing}")
    lines += [f"  {start} -->{f'|{label}|' if label else ''} {end}" for start, end, label in _arrows(network)]
    return "\n".join(lines) + "\n"


def dot(network: Network) -> str:
    """A Graphviz graph of the same."""
    shapes = {"pattern": "oval", "measure": "box", "test": "hexagon", "segment": "component", "rule": "parallelogram"}
    lines = ["digraph rules {", "  rankdir=LR;"]
    lines += [f'  {box.key} [shape={shapes[box.shape]}, label="{_dot_text(box.label)}"];' for box in _boxes(network)]
    lines += [f"  {start} -> {end}{f' [label={label}]' if label else ''};" for start, end, label in _arrows(network)]
    return "\n".join([*lines, "}"]) + "\n"


def _boxes(network: Network) -> Iterator[_Box]:
    for number, pattern in enumerate(network.patterns):
        yield _Box(f"p{number}", "pattern", pattern_text(pattern))
    for number, measure in enumerate(network.measures):
        yield _Box(f"m{number}", "measure", measure_text(network, measure))
    for number, test in enumerate(network.tests):
        yield _Box(f"t{number}", "test", test_text(network, test))
    for number, segment in enumerate(network.segments):
        yield _Box(f"s{number}", "segment", segment.name)
    for number, rule in enumerate(network.rules):
        yield _Box(f"r{number}", "rule", f"{rule.name} {printing.runs(rule.runs)}")


def _arrows(network: Network) -> Iterator[tuple[str, str, str]]:
    """From what is asked to what asks it, with a label where an arrow means something else than the others of its sort."""
    for number, measure in enumerate(network.measures):
        yield f"p{measure.pattern}", f"m{number}", ""
        if isinstance(measure.window, AfterLast):
            yield f"p{measure.window.pattern}", f"m{number}", "empties"
    for number, test in enumerate(network.tests):
        if isinstance(test, MeasureTest):
            yield f"m{test.measure}", f"t{number}", ""
        elif isinstance(test, SegmentTest):
            yield f"s{test.segment}", f"t{number}", ""
    for number, segment in enumerate(network.segments):
        for leaf in dict.fromkeys(leaves(segment.condition)):
            yield f"t{leaf}", f"s{number}", ""
    for number, rule in enumerate(network.rules):
        yield f"p{rule.on}", f"r{number}", "starts"
        for leaf in dict.fromkeys(leaves(rule.condition)):
            yield f"t{leaf}", f"r{number}", ""


def _visible(text: str) -> str:
    shown = "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)
    return shown if len(shown) <= LONGEST_LABEL else shown[: LONGEST_LABEL - 1] + "…"


def _mermaid_text(text: str) -> str:
    """Mermaid's entities: a number sign, the code point and a semicolon; only plain characters stay as they are."""
    return "".join(
        character if character.isalnum() or character in " _-.,:/=()…" else f"#{ord(character)};" for character in _visible(text)
    )


def _dot_text(text: str) -> str:
    return _visible(text).replace("\\", "\\\\").replace('"', '\\"')


# The nodes in the words of the language


def pattern_text(node: PatternNode) -> str:
    singles = [_single_text(single) for single in node.singles]
    return singles[0] if len(singles) == 1 else f"any of ({' or '.join(singles)})"


def _single_text(single: SingleNode) -> str:
    named = printing.occurrence(BY_KIND[single.kind], None if single.names is None else _names_text(single.names))
    return named + printing.filters(single.filters)


def _names_text(names: NameNode) -> str:
    match names:
        case NameSet((name,)):
            return printing.string(name)
        case NameSet(several):
            return f"in ({', '.join(printing.string(name) for name in several)})"
        case NameGlob(glob):
            return f"like {printing.string(glob)}"
        case None:
            return 'like "*"'


def measure_text(network: Network, node: MeasureNode) -> str:
    window = node.window
    match window:
        case Sliding(width):
            seen = f"within {printing.duration_of(width)} {'so far' if node.so_far else 'before'}"
        case Fixed(start, None):
            seen = f"since {printing.moment(start)}" + (" so far" if node.so_far else "")
        case Fixed(start, end):
            assert end is not None
            seen = f"between {printing.moment(start)} and {printing.moment(end)}"
        case AfterLast(pattern):
            seen = f"since last {pattern_text(network.patterns[pattern])}" + (" so far" if node.so_far else "")
        case _:
            seen = "so far" if node.so_far else "before"
    taken = node.function if node.property is None else f"{node.function} {printing.property_name(node.property)}"
    reading = f" as {node.reading}" if node.function not in ("count", "distinct") else ""
    return f"{taken}{reading} of {pattern_text(network.patterns[node.pattern])} {seen}"


def test_text(network: Network, node: TestNode) -> str:
    match node:
        case MeasureTest(measure, comparison):
            compared = f"{comparison.operator} {comparison.number}" if isinstance(comparison, CountIs) else printing.comparison(comparison)
            return f"{network.measures[measure].function} {compared}"
        case MemberTest("list", names, before):
            return f"{'was ' if before else ''}in list {_names_text(names)}"
        case MemberTest(_, names, before):
            return f"{'had' if before else 'has'} tag {_names_text(names)}"
        case FieldTest(name, comparison, before):
            return f"field {printing.string(name)} {'was ' if before else ''}{printing.comparison(comparison)}"
        case WeekdayTest(days):
            return printing.weekdays(days)
        case TimeTest(start, end):
            return f"time between {printing.clock(start)} and {printing.clock(end)}"
        case SegmentTest(segment):
            return f"in segment {printing.string(network.segments[segment].name)}"
