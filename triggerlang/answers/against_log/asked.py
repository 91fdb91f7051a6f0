"""Asked: what rules ask of a log that can be held against what is in it, each with its place in the text.

In: a checked rule set. Out: the names that it uses, the properties that it looks at, the comparisons that some value must meet, and how
often something must have happened.

A comparison is asked for where it must hold for its filter or test to hold; one that is negated is not. What is asked of a measure is what
must hold of some event for the measure to be so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from triggerlang.checking.ruleset import RuleSet
from triggerlang.checking.walking import happening, patterns
from triggerlang.language import printing, tree
from triggerlang.language.diagnostics import code_word
from triggerlang.language.source import Span
from triggerlang.language.vocabulary import BY_KIND, FIELD, KINDS, Kind
from triggerlang.network.compiler import name_node
from triggerlang.network.nodes import NameNode

Occurrence: TypeAlias = tuple[str, NameNode]
"""Events of a kind, by their names."""
Source: TypeAlias = tuple[Occurrence, ...]
"""The events that one of these occurrences is."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Events that something is asked of, and how rules write them."""

    source: Source
    words: str


@dataclass(frozen=True, slots=True)
class NameAsked:
    """Events of a kind, by one name, a glob or any name."""

    span: Span
    kind: Kind
    names: tree.Names | None

    @property
    def occurrence(self) -> Occurrence:
        return self.kind.kind, name_node(self.names)


@dataclass(frozen=True, slots=True)
class PropertyAsked:
    """A property of events."""

    span: Span
    owner: Owner
    path: str


@dataclass(frozen=True, slots=True)
class ComparisonAsked:
    """A comparison that the property of some event must meet, or, if it is of a measure or a field, that nothing at all must meet."""

    span: Span
    owner: Owner
    path: str
    comparison: tree.Comparison
    or_nothing: bool


@dataclass(frozen=True, slots=True)
class AverageAsked:
    """A comparison that the average of a property must meet."""

    span: Span
    owner: Owner
    path: str
    comparison: tree.Comparison


@dataclass(frozen=True, slots=True)
class TypeAsked:
    """A property that is read as a type, as `sum`, `date of` and declarations do."""

    span: Span
    owner: Owner
    path: str
    type: tree.DeclaredType


@dataclass(frozen=True, slots=True)
class CountAsked:
    """Events of which a contact must have so many."""

    span: Span
    owner: Owner
    needed: int


@dataclass(frozen=True, slots=True)
class DistinctAsked:
    """A property that must have so many different values."""

    span: Span
    owner: Owner
    path: str
    needed: int


Question: TypeAlias = NameAsked | PropertyAsked | ComparisonAsked | AverageAsked | TypeAsked | CountAsked | DistinctAsked


@dataclass(slots=True)
class Asked:
    """All that is asked, in the order of the text."""

    questions: list[Question] = field(default_factory=list)

    def properties(self) -> set[tuple[Source, str]]:
        """The properties that are asked for, and of which events."""
        return {(asked.owner.source, asked.path) for asked in self.questions if not isinstance(asked, NameAsked | CountAsked)}

    def counted(self) -> set[Source]:
        """The events of which a contact must have so many."""
        return {asked.owner.source for asked in self.questions if isinstance(asked, CountAsked)}


def asked_by(rules: RuleSet) -> Asked:
    """What a rule set asks."""
    asked = Asked()
    of_automations: dict[str, list[tree.Single]] = {}
    for item in rules.rules:
        triggers = happening(item.rule.on).singles
        of_automations.setdefault(item.automation, []).extend(triggers)
        asked.questions += _rule(item.rule)
    headers = {item.automation: item.header_runs for item in rules.rules if item.header_runs is not None}
    for automation, runs in headers.items():
        asked.questions += _runs(runs, owner_of(of_automations[automation]))
    for condition in rules.segments.values():
        asked.questions += _condition(condition, None)
    for declared in rules.declares:
        asked.questions += _declared(declared)
    return asked


def owner_of(singles: Iterable[tree.Single]) -> Owner:
    """The events that some singles match by kind and name."""
    source: dict[Occurrence, str] = {}
    for single in singles:
        kind, names = single.occurrence.kind, single.occurrence.names
        source.setdefault((kind.kind, name_node(names)), words_of(kind, names))
    return Owner(tuple(source), " or ".join(source.values()))


def words_of(kind: Kind, names: tree.Names | None) -> str:
    """How a rule writes events of a kind; what begins with a verb, between backquotes."""
    words = printing.occurrence(kind, None if names is None else printing.names(names))
    return code_word(words) if kind.verb else words


def _rule(rule: tree.Rule) -> Iterator[Question]:
    triggers = owner_of(happening(rule.on).singles)
    yield from _trigger(rule.on, None)
    if isinstance(rule.on, tree.DateOf):
        dated = rule.on.dated
        owner = owner_of(dated.pattern.singles)
        # Of a field, what stands there is no property but its value.
        span = dated.span if dated.is_field else dated.property.span
        yield from (() if dated.is_field else [PropertyAsked(span, owner, dated.property.path)])
        yield TypeAsked(span, owner, dated.property.path, "date")
    if rule.where is not None:
        yield from _condition(rule.where, triggers)
    if rule.runs is not None:
        yield from _runs(rule.runs, triggers)


def _runs(runs: tree.Runs, triggers: Owner) -> Iterator[Question]:
    if isinstance(runs, tree.Once) and runs.per is not None:
        yield PropertyAsked(runs.per.span, triggers, runs.per.path)


def _declared(declared: tree.Declare) -> Iterator[Question]:
    """Declared types, of all kinds of events that have the noun."""
    names = name_node(tree.NameIs(declared.name, span=declared.name.span))
    source = tuple((kind.kind, names) for kind in KINDS if kind.noun == declared.noun)
    owner = Owner(source, f"{declared.noun} {printing.string(declared.name.text)}")
    if declared.type is not None:
        yield TypeAsked(declared.name.span, owner, "value", declared.type)
    for part in declared.properties:
        yield TypeAsked(part.span, owner, part.property.path, part.type)


# Patterns


def _trigger(node: tree.Trigger, trigger: Owner | None) -> Iterator[Question]:
    """What the patterns of a chain or moment ask, or a pattern alone. `trigger` are the triggers' events, None where they are not known."""
    first: Owner | None = None
    for role, pattern in patterns(node):
        for single in pattern.singles:
            yield from _single(single, trigger, trigger if role == "first" else first)
        if role == "first":
            first = owner_of(pattern.singles)


def _single(single: tree.Single, trigger: Owner | None, same: Owner | None) -> Iterator[Question]:
    occurrence = single.occurrence
    yield from _names(occurrence.kind, occurrence.names, occurrence.span)
    owner = owner_of([single])
    for test in single.filters:
        if isinstance(test, tree.Same):
            yield PropertyAsked(test.property.span, owner, test.property.path)
            if same is not None:
                yield PropertyAsked(test.property.span, same, test.property.path)
        else:
            yield from _filter(test, owner, trigger, is_asked=True)


def _names(kind: Kind, names: tree.Names | None, span: Span) -> Iterator[Question]:
    if isinstance(names, tree.NameIn):
        for text in names.names:
            yield NameAsked(text.span, kind, tree.NameIs(text, span=text.span))
    else:
        yield NameAsked(span if names is None else names.span, kind, names)


def _filter(test: tree.Condition, owner: Owner, trigger: Owner | None, *, is_asked: bool) -> Iterator[Question]:
    match test:
        case tree.And(parts) | tree.Or(parts):
            for part in parts:
                yield from _filter(part, owner, trigger, is_asked=is_asked)
        case tree.Not(part):
            yield from _filter(part, owner, trigger, is_asked=not is_asked)
        case tree.PropertyTest(wanted, comparison):
            yield PropertyAsked(wanted.span, owner, wanted.path)
            yield from _other_side(comparison, owner, trigger)
            if is_asked and not isinstance(comparison, tree.CompareProperty):
                yield ComparisonAsked(test.span, owner, wanted.path, comparison, or_nothing=False)


def _other_side(comparison: tree.Comparison, own: Owner, trigger: Owner | None) -> Iterator[Question]:
    if isinstance(comparison, tree.CompareProperty):
        owner = own if comparison.side == "its" else trigger
        if owner is not None:
            yield PropertyAsked(comparison.property.span, owner, comparison.property.path)


# Conditions


def _condition(condition: tree.Condition, trigger: Owner | None) -> Iterator[Question]:
    waiting = [(condition, True)]
    while waiting:
        node, is_asked = waiting.pop()
        match node:
            case tree.And(parts) | tree.Or(parts):
                waiting += [(part, is_asked) for part in reversed(parts)]
            case tree.Not(part):
                waiting.append((part, not is_asked))
            case tree.HistoryTest():
                yield from _history(node, trigger, is_asked)
            case tree.ListTest(names):
                yield from _names(BY_KIND["subscribe"], names, names.span)
            case tree.TagTest(names):
                yield from _names(BY_KIND["tag"], names, names.span)
            case tree.FieldTest(name, comparison):
                yield from _field(node, name, comparison, is_asked)


def _field(test: tree.FieldTest, name: tree.Text, comparison: tree.Comparison, is_asked: bool) -> Iterator[Question]:
    names = tree.NameIs(name, span=name.span)
    yield NameAsked(name.span, FIELD, names)
    if is_asked:
        owner = Owner(((FIELD.kind, name_node(names)),), words_of(FIELD, names))
        yield ComparisonAsked(test.span, owner, "value", comparison, or_nothing=True)


def _history(test: tree.HistoryTest, trigger: Owner | None, is_asked: bool) -> Iterator[Question]:
    yield from _trigger(test.pattern, trigger)
    owner = owner_of(happening(test.pattern).singles)
    measure = test.measure
    match measure:
        case tree.Count(sign, number):
            # A chain may happen as often as its last step's events.
            if is_asked and (needed := _needed(sign, number)) > 1:
                yield CountAsked(measure.span, owner, needed)
        case tree.Distinct(wanted, sign, number):
            yield PropertyAsked(wanted.span, owner, wanted.path)
            if is_asked and (needed := _needed(sign, number)) > 1:
                yield DistinctAsked(measure.span, owner, wanted.path, needed)
        case tree.Aggregate(function, wanted, comparison):
            yield PropertyAsked(wanted.span, owner, wanted.path)
            yield from _other_side(comparison, owner, trigger)
            if function in ("sum", "average"):
                yield TypeAsked(wanted.span, owner, wanted.path, "number")
            if is_asked and function != "sum" and not isinstance(comparison, tree.CompareProperty):
                if function == "average":
                    yield AverageAsked(measure.span, owner, wanted.path, comparison)
                else:
                    yield ComparisonAsked(measure.span, owner, wanted.path, comparison, or_nothing=True)
    if isinstance(test.window, tree.SinceLast):
        for single in test.window.pattern.singles:
            yield from _single(single, trigger, trigger)


def _needed(sign: tree.Operator, number: int) -> int:
    """How many there must be at least for a count to compare so."""
    return number if sign in (">=", "=") else number + 1 if sign == ">" else 0
