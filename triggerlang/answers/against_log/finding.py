"""Finding: what a log does not have of what rules ask for.

In: what rules ask, and the facts of a log. Out: warnings, each true of this log, at the words that ask, with the nearest that the log has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from triggerlang.answers.against_log.asked import (
    Asked,
    AverageAsked,
    ComparisonAsked,
    CountAsked,
    DistinctAsked,
    NameAsked,
    PropertyAsked,
    Source,
    TypeAsked,
    words_of,
)
from triggerlang.answers.against_log.facts import Facts, Tally
from triggerlang.answers.against_log.names import NearNames
from triggerlang.answers.against_log.offers import Offers
from triggerlang.answers.against_log.wording import extreme, nearest_text, some_values, times_there
from triggerlang.checking import log_codes
from triggerlang.checking.types import type_of
from triggerlang.engines.comparing import SIGNS, value_test
from triggerlang.events.tagging import untagged
from triggerlang.language import printing, tree, values
from triggerlang.language.diagnostics import Diagnostic, code_word, quoted
from triggerlang.language.times import Zone
from triggerlang.language.values import Value
from triggerlang.network.index import name_test

_READS: Final = {"number": values.number, "text": values.text, "boolean": values.boolean}


class Finder:
    """Finds what a log does not have."""

    def __init__(self, facts: Facts, offers: Offers, automations: tuple[str, ...], zone: Zone) -> None:
        """`automations` are those of the rules themselves, whose entries are events too."""
        self._facts, self._offers, self._automations, self._zone = facts, offers, automations, zone
        self._near = NearNames(facts.names)
        self._held: dict[int, list[Value]] = {}

    def findings(self, asked: Asked) -> Iterator[Diagnostic]:
        """All findings, in the order of what is asked. Of events that the log does not have, only that is said."""
        for question in asked.questions:
            if isinstance(question, NameAsked):
                yield from self._name(question)
            elif self._is_there(question.owner.source):
                yield from self._of_events(question)

    def _of_events(self, asked: object) -> Iterator[Diagnostic]:
        match asked:
            case CountAsked():
                yield from self._count(asked)
            case PropertyAsked():
                yield from self._property(asked)
            case ComparisonAsked() if self._tally(asked).present:
                yield from self._comparison(asked)
            case AverageAsked() if self._tally(asked).present:
                yield from self._average(asked)
            case TypeAsked() if self._tally(asked).present:
                yield from self._type(asked, asked.type)
            case DistinctAsked() if self._tally(asked).present:
                yield from self._distinct(asked)

    # Names

    def _name(self, asked: NameAsked) -> Iterator[Diagnostic]:
        source = (asked.occurrence,)
        if self._is_there(source) or self._has_entries(source):
            return
        near, help_text = self._near.help(asked.kind, asked.names.name.text if isinstance(asked.names, tree.NameIs) else None)
        yield log_codes.NOT_IN_LOG.at(
            asked.span,
            what=words_of(asked.kind, asked.names),
            help=help_text,
            replacement=None if near is None else printing.string(near),
        )

    def _is_there(self, source: Source) -> bool:
        """Whether the log has any event of a source."""
        return next(self._facts.of(source), None) is not None

    def _has_entries(self, source: Source) -> bool:
        """Whether entries of the rules may be of a source."""
        return any(kind == "enter" and any(map(name_test(names), self._automations)) for kind, names in source)

    def _count(self, asked: CountAsked) -> Iterator[Diagnostic]:
        most = self._facts.most[asked.owner.source]
        if most < asked.needed and not self._has_entries(asked.owner.source):
            yield log_codes.TOO_FEW_IN_LOG.at(
                asked.span,
                what=f"no contact has {asked.owner.words} {times_there(asked.needed)}",
                help=f"the contact that has most has it {times_there(most)}",
            )

    # Properties

    def _tally(self, asked: PropertyAsked | ComparisonAsked | AverageAsked | TypeAsked | DistinctAsked) -> Tally:
        return self._facts.properties[asked.owner.source, asked.path]

    def _property(self, asked: PropertyAsked) -> Iterator[Diagnostic]:
        source = asked.owner.source
        if self._tally(asked).present or (asked.path == "event_name" and self._has_entries(source)):
            return
        near = self._offers.near.get((source, asked.path))
        count = 0 if near is None else self._facts.properties[source, near].present
        if near is not None and count:
            events = sum(number for _, number in self._facts.of(source))
            help_text = f"{code_word(near)} is the nearest, which {count:,} of {events:,} {'has' if events == 1 else 'have'}"
        elif some := self._offers.some.get(source):
            help_text = f"there is {', '.join(map(code_word, some))}"
        else:
            help_text = "see what stands in the log, and name one of its properties"
        yield log_codes.PROPERTY_NOT_IN_LOG.at(
            asked.span,
            owner=asked.owner.words,
            property=code_word(asked.path),
            help=help_text,
            replacement=printing.property_name(near) if near is not None and count else None,
        )

    def _type(self, asked: TypeAsked | ComparisonAsked, wanted: tree.DeclaredType) -> Iterator[Diagnostic]:
        """Whether no value can be read as a type."""
        tally = self._tally(asked)
        read = _READS.get(wanted, lambda value: values.moment(value, self._zone))
        is_there = self._any(tally, lambda value: read(value) is not None)
        if is_there is None and wanted == "number":
            is_there = tally.ends() is not None
        if is_there is False:
            yield log_codes.TYPE_NOT_IN_LOG.at(
                asked.span, property=code_word(asked.path), owner=asked.owner.words, type=wanted, help=some_values(tally)
            )

    def _any(self, tally: Tally, test: Callable[[Value], bool]) -> bool | None:
        """Whether any value meets a test; None where they are too many to know."""
        if tally.values is None:
            return None
        held = self._held.get(id(tally))
        if held is None:
            # Those first that are there most often: they meet most of what is asked.
            counted = sorted(tally.values.items(), key=lambda item: -item[1])
            held = self._held[id(tally)] = [untagged(value) for value, _ in counted]
        return any(map(test, held))

    def _distinct(self, asked: DistinctAsked) -> Iterator[Diagnostic]:
        tally = self._tally(asked)
        if tally.values is None or (asked.path == "event_name" and self._has_entries(asked.owner.source)):
            return
        texts = {values.text(untagged(value)) for value in tally.values} - {None}
        if len(texts) < asked.needed:
            yield log_codes.TOO_FEW_IN_LOG.at(
                asked.span, what=f"no {asked.needed:,} different {code_word(asked.path)} of {asked.owner.words}", help=some_values(tally)
            )

    # Comparisons

    def _comparison(self, asked: ComparisonAsked) -> Iterator[Diagnostic]:
        tally, comparison = self._tally(asked), asked.comparison
        has_entries = self._has_entries(asked.owner.source)
        test = value_test(comparison, self._zone)
        if (asked.or_nothing or tally.absent or has_entries) and test(None):
            return
        if asked.path == "event_name" and has_entries:
            return
        is_met = self._any(tally, test)
        if is_met or (is_met is None and _may_be_met(tally, comparison)):
            return
        # That no value can be read so says more than that none compares so.
        unread = [problem for wanted in _wanted_types(comparison) for problem in self._type(asked, wanted)]
        yield from unread or [self._never_met(asked, tally)]

    def _never_met(self, asked: ComparisonAsked | AverageAsked, tally: Tally) -> Diagnostic:
        comparison = asked.comparison
        span, near = asked.span, nearest_text(tally, comparison)
        if near is not None and isinstance(comparison, tree.Compare):
            span = comparison.literal.span
            help_text = f"{quoted(near[0])} is the nearest, {times_there(near[1])} in the log"
        else:
            help_text = extreme(tally, comparison) or some_values(tally)
        return log_codes.NEVER_MET_IN_LOG.at(
            span,
            owner=asked.owner.words,
            comparison=code_word(f"{printing.property_name(asked.path)} {printing.comparison(comparison)}"),
            help=help_text,
            replacement=None if near is None else printing.string(near[0]),
        )

    def _average(self, asked: AverageAsked) -> Iterator[Diagnostic]:
        """An average lies between the smallest and the largest number; where there is none, that is said of its property."""
        tally = self._tally(asked)
        ends = tally.ends()
        if ends is None:
            return
        match asked.comparison:
            case tree.Compare(sign, tree.Number(scaled)):
                may_be = _lies(sign, scaled, ends)
            case tree.OneOf(literals):
                may_be = any(_lies("=", literal.scaled, ends) for literal in literals if isinstance(literal, tree.Number))
            case _:
                return
        if not may_be:
            yield self._never_met(asked, tally)


def _lies(sign: tree.Operator, wanted: int, ends: tuple[int, int]) -> bool:
    """Whether something between two ends may compare so with a number."""
    if sign == "=":
        return ends[0] <= wanted <= ends[1]
    return sign == "!=" or any(SIGNS[sign](end, wanted) for end in ends)


def _may_be_met(tally: Tally, comparison: tree.Comparison) -> bool:
    """Whether a comparison may be met by any of so many values that they were not kept."""
    match comparison:
        case tree.Compare("=", tree.Number(scaled)):
            return scaled in tally.numbers
        case tree.Compare("=", tree.Text(text), False):
            return text in tally.texts
        case tree.Compare("<" | "<=" | ">" | ">=" as sign, tree.Number(scaled)):
            ends = tally.ends()
            return ends is not None and _lies(sign, scaled, ends)
    return True


def _wanted_types(comparison: tree.Comparison) -> tuple[tree.DeclaredType, ...]:
    """As what a comparison reads a value, if it is no text."""
    if isinstance(comparison, tree.Compare) and not isinstance(comparison.literal, tree.Text):
        return (type_of(comparison.literal),)
    return ()
