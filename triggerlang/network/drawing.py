"""Drawing: the network for people to look at.

In: a network. Out: a Mermaid or DOT graph, JSON, or a summary of how much was shared. Names from rules are shown as text only: each
format escapes what has a meaning in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from triggerlang.language import printing, times
from triggerlang.language.vocabulary import BY_KIND
from triggerlang.network.nodes import (
    AfterLast,
    All,
    AnyOf,
    ChainNode,
    ConditionNode,
    CountIs,
    FieldTest,
    Fixed,
    HappeningNode,
    MeasureNode,
    MeasureTest,
    MemberTest,
    MomentNode,
    NameGlob,
    NameNode,
    NameSet,
    Negation,
    Network,
    Option,
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
        "patterns": [_pattern_json(network, node) for node in network.patterns],
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


def _pattern_json(network: Network, node: HappeningNode) -> dict[str, Any]:
    """A plain pattern has its text alone; a chain or moment refers to plain patterns."""
    document: dict[str, Any] = {"text": pattern_text(network, node)}
    match node:
        case ChainNode(steps, without):
            document["steps"] = [{"options": _options_json(step.options), "within": _seconds(step.within)} for step in steps]
            document["without"] = None
            if without is not None:
                document["without"] = {"options": _options_json(without.options), "within": _seconds(without.within)}
        case MomentNode(pattern, base, wanted, shift, called_off):
            document["moment"] = {"pattern": pattern, "base": base, "property": wanted, "shift": _seconds(shift)}
            document["without"] = {"options": _options_json(called_off), "within": None} if called_off else None
    return document


def _options_json(options: tuple[Option, ...]) -> list[dict[str, Any]]:
    return [{"pattern": option.pattern, "same": list(option.same)} for option in options]


def _seconds(microseconds: int | None) -> int | None:
    """All durations of the language are whole seconds."""
    return None if microseconds is None else microseconds // times.SECOND


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
    shapes = {
        "pattern": ('(["', '"])'),
        "chain": ('("', '")'),
        "measure": ('["', '"]'),
        "test": ('{{"', '"}}'),
        "segment": ('[["', '"]]'),
        "rule": ('[/"', '"/]'),
    }
    lines = ["flowchart LR"]
    for box in _boxes(network):
        opening, closing = shapes[box.shape]
        lines.append(f"  {box.key}{opening}{_mermaid_text(box.label)}{closing}")
    lines += [f"  {start} -->{f'|{label}|' if label else ''} {end}" for start, end, label in _arrows(network)]
    return "\n".join(lines) + "\n"


def dot(network: Network) -> str:
    """A Graphviz graph of the same."""
    shapes = {"pattern": "oval", "chain": "cds", "measure": "box", "test": "hexagon", "segment": "component", "rule": "parallelogram"}
    lines = ["digraph rules {", "  rankdir=LR;"]
    lines += [f'  {box.key} [shape={shapes[box.shape]}, label="{_dot_text(box.label)}"];' for box in _boxes(network)]
    lines += [f"  {start} -> {end}{f' [label={label}]' if label else ''};" for start, end, label in _arrows(network)]
    return "\n".join([*lines, "}"]) + "\n"


def _boxes(network: Network) -> Iterator[_Box]:
    for number, pattern in enumerate(network.patterns):
        yield _Box(f"p{number}", "pattern" if isinstance(pattern, PatternNode) else "chain", pattern_text(network, pattern))
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
    for number, node in enumerate(network.patterns):
        yield from dict.fromkeys((f"p{pattern}", f"p{number}", label) for pattern, label in _parts(node))
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


def _parts(node: HappeningNode) -> Iterator[tuple[int, str]]:
    """The plain patterns of a chain or moment, with what they are to it."""
    match node:
        case ChainNode(steps, without):
            for at, step in enumerate(steps, 1):
                yield from ((option.pattern, f"step{at}") for option in step.options)
            yield from ((option.pattern, "breaks") for option in (() if without is None else without.options))
        case MomentNode(pattern, _, _, _, without):
            yield pattern, ""
            yield from ((option.pattern, "breaks") for option in without)


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


def pattern_text(network: Network, node: HappeningNode) -> str:
    """A pattern, chain or moment. `same P` of a test's first pattern stands there as `P = trigger P`, which it means."""
    match node:
        case PatternNode():
            return _any_of([(single, ()) for single in node.singles])
        case ChainNode(steps, without):
            text = _options_text(network, steps[0].options)
            for step in steps[1:]:
                text += f" then {_options_text(network, step.options)}"
                text += f" within {printing.duration_of(step.within)}" if step.within is not None else ""
            if without is not None:
                text += f" without {_options_text(network, without.options)} within {printing.duration_of(without.within)}"
            return text
        case MomentNode(pattern, base, wanted, shift, called_off):
            side = f"{printing.duration_of(abs(shift))} {'before' if shift < 0 else 'after'} " if shift else ""
            of = f"{base} of {printing.property_name(wanted)} of " if wanted is not None else ""
            text = side + of + pattern_text(network, network.patterns[pattern])
            return text + (f" without {_options_text(network, called_off)}" if called_off else "")


def _options_text(network: Network, options: tuple[Option, ...]) -> str:
    singles: list[tuple[SingleNode, tuple[str, ...]]] = []
    for option in options:
        node = network.patterns[option.pattern]
        if isinstance(node, PatternNode):
            singles += [(single, option.same) for single in node.singles]
    return _any_of(singles)


def _any_of(singles: list[tuple[SingleNode, tuple[str, ...]]]) -> str:
    texts = [_single_text(single, same) for single, same in singles]
    return texts[0] if len(texts) == 1 else f"any of ({' or '.join(texts)})"


def _single_text(single: SingleNode, same: tuple[str, ...]) -> str:
    named = printing.occurrence(BY_KIND[single.kind], None if single.names is None else _names_text(single.names))
    filters = printing.filters(single.filters).removeprefix(" with ")
    asked = ([filters] if filters else []) + [f"same {printing.property_name(path)}" for path in same]
    return named + (f" with {', '.join(asked)}" if asked else "")


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
            seen = f"since last {pattern_text(network, network.patterns[pattern])}" + (" so far" if node.so_far else "")
        case _:
            seen = "so far" if node.so_far else "before"
    taken = node.function if node.property is None else f"{node.function} {printing.property_name(node.property)}"
    reading = f" as {node.reading}" if node.function not in ("count", "distinct") else ""
    measured = network.patterns[node.pattern]
    shown = pattern_text(network, measured) if isinstance(measured, PatternNode) else f"({pattern_text(network, measured)})"
    return f"{taken}{reading} of {shown} {seen}"


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
