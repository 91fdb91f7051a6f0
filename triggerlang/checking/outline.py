"""Outlines: what one file says by itself, and what the rest of its project needs to know of it.

In: a file's tree. Out: its own diagnostics, its automations, and where its segments and declarations stand. An outline depends on the
file's path and text alone, and is plain data, so that a file which has not changed need not be read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from triggerlang.checking import codes, names, types
from triggerlang.checking.walking import happening, name_texts, patterns
from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.parser import Broken, Parsed
from triggerlang.language.source import Span


class Named(NamedTuple):
    """The events that an occurrence names: `names`, or those that fit `glob`, or any."""

    kind: str
    names: tuple[str, ...] | None
    glob: str | None

    @property
    def occurrence(self) -> tree.Occurrence:
        """The same as a node, without a place."""
        from triggerlang.language.source import Source
        from triggerlang.language.vocabulary import BY_KIND

        nowhere = Source("", "").span(0, 0)
        texts = [tree.Text(text, span=nowhere) for text in self.names or ()]
        named: tree.Names | None = None
        if self.glob is not None:
            named = tree.NameLike(tree.Text(self.glob, span=nowhere), span=nowhere)
        elif len(texts) == 1:
            named = tree.NameIs(texts[0], span=nowhere)
        elif texts:
            named = tree.NameIn(tuple(texts), span=nowhere)
        return tree.Occurrence(BY_KIND[self.kind], named, span=nowhere)


class Start(NamedTuple):
    """An `enters automation` in an `on`, and its place."""

    named: Named
    place: Span


_OF_SEQUENCES: Final = ("then", "without", "after", "date", "anniversary")
"""A chain or a moment has one of these words."""

Trigger: TypeAlias = tuple[Named, ...]
"""What the event of an `on` may be."""


class Group(NamedTuple):
    """An automation in a file: its name (None below a header that could not be read), and what stands in it."""

    name: str | None
    place: Span
    """Where it is named: in its header, or the first of its rules."""
    has_header: bool
    on: Span | None
    """The `on` of its first rule."""
    has_broken: bool
    """Whether a statement that could not be read stands among its rules."""
    starts: tuple[Start, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file says by itself, and what the rest of its project needs to know of it."""

    diagnostics: tuple[Diagnostic, ...]
    """What is wrong with the file whatever stands in others. Their places are in the file."""
    broken: Broken
    groups: tuple[Group, ...]
    segments: tuple[Span, ...]
    declares: tuple[Span, ...]
    tests: tuple[tuple[str, Span], ...]
    """The names of test blocks."""
    strange: tuple[tuple[str, Diagnostic], ...]
    """Names that do not look like what they are, each where it stands first."""
    asked: tuple[tuple[str, Trigger], ...]
    """The segments that rules ask for, each with what the event may be."""
    always: tuple[tuple[str, Span], ...]
    """Rules by which every event that they match enters an automation, with its name."""
    awaiting: tuple[Span, ...]
    """Rules that wait for an entry that must not come."""
    asks_segments: bool
    """Whether it may ask for a segment."""
    names_automations: bool
    """Whether it may say anything that depends on which automations there are."""


def outline(parsed: Parsed) -> Outline:
    """The outline of a file."""
    statements, text = parsed.file.statements, parsed.source.text
    groups = names.groups([parsed])
    blocks = [statement for statement in statements if isinstance(statement, tree.TestBlock)]
    rules = [statement for statement in statements if isinstance(statement, tree.Rule)]
    # A word that stands nowhere in the text need not be looked for in the tree.
    asks_segments, has_starts = "segment" in text, "enters" in text
    asked = {(name, _trigger(happening(rule.on))): None for rule in rules if asks_segments for name in names.referred(rule.where)}
    outlined = tuple(_group(group, has_starts) for group in groups)
    return Outline(
        diagnostics=(*parsed.diagnostics, *_own_problems(parsed, blocks)),
        broken=parsed.broken,
        groups=outlined,
        segments=tuple(_whole(statement) for statement in statements if isinstance(statement, tree.Segment)),
        declares=tuple(_whole(statement) for statement in statements if isinstance(statement, tree.Declare)),
        tests=tuple((block.name.text, block.name.span) for block in blocks),
        strange=_strange(parsed),
        asked=tuple(asked),
        always=tuple((group.name, _whole(rule)) for group in groups if group.name is not None for rule in _always(group)),
        awaiting=tuple(_whole(rule) for rule in rules if _awaits_entry(rule)) if has_starts else (),
        asks_segments=asks_segments,
        names_automations=bool(blocks) or text.count("automation") > sum(group.has_header for group in outlined),
    )


_CLOSING: Final = re.compile(r"(?:(?:[ \t\r\n]|#[^\n]*\n)*+\))*")


def _whole(statement: tree.Statement) -> Span:
    """The place of a statement, with the parentheses that are closed at its end: they leave no node."""
    source, begin, length = statement.span
    found = _CLOSING.match(source.text, begin + length)
    return statement.span if found is None else Span(source, begin, found.end() - begin)


def _own_problems(parsed: Parsed, blocks: Iterable[tree.TestBlock]) -> Iterator[Diagnostic]:
    statements = parsed.file.statements
    if not statements and not parsed.diagnostics and not parsed.broken.offsets:
        yield codes.EMPTY_FILE.at(parsed.source.span(0, 0), help='a rule is written: on event "signup"')
    for statement in statements:
        yield from types.problems(statement)
    if blocks:
        from triggerlang.checking import blocks as test_blocks

        yield from test_blocks.own_problems(blocks)
    if any(word in parsed.source.text for word in _OF_SEQUENCES):
        from triggerlang.checking import sequences

        for statement in statements:
            yield from sequences.problems(statement)


def _strange(parsed: Parsed) -> tuple[tuple[str, Diagnostic], ...]:
    if parsed.source.text.isascii():
        return ()
    from triggerlang.checking import lookalikes

    return tuple(lookalikes.strange_names(parsed.file.statements))


def _group(group: names.Group, has_starts: bool) -> Group:
    return Group(
        group.name,
        group.place,
        group.header is not None,
        group.rules[0].on.span if group.rules else None,
        group.has_broken,
        tuple(
            Start(named(single.occurrence), single.occurrence.span)
            for rule in group.rules
            if has_starts
            for role, pattern in patterns(rule.on)
            if role != "without"
            for single in pattern.singles
            if single.occurrence.kind.kind == "enter"
        ),
    )


def named(occurrence: tree.Occurrence) -> Named:
    """What an occurrence names, without its place."""
    kind = occurrence.kind.kind
    if occurrence.names is None:
        return Named(kind, None, None)
    if isinstance(occurrence.names, tree.NameLike):
        return Named(kind, None, occurrence.names.glob.text)
    return Named(kind, tuple(text.text for text in name_texts(occurrence.names)), None)


def _trigger(pattern: tree.Pattern) -> Trigger:
    return tuple(dict.fromkeys(named(single.occurrence) for single in pattern.singles))


def _always(group: names.Group) -> Iterator[tree.Rule]:
    """The rules of an automation by which every event that they match enters it."""
    if group.header is None or isinstance(group.header.runs, tree.EveryTime | None):
        for rule in group.rules:
            every = isinstance(rule.runs, tree.EveryTime) and rule.where is None and rule.active is None
            if every and isinstance(rule.on, tree.Pattern):
                yield rule


def _awaits_entry(rule: tree.Rule) -> bool:
    return any(
        role == "without" and any(single.occurrence.kind.kind == "enter" for single in pattern.singles)
        for role, pattern in patterns(rule.on)
    )
