"""Running test blocks.

In: a project's rules with their test blocks, and its time zone. Out: for each block whether it holds: of each automation that it expects,
the entries that are as expected, those that are missing, each with the reasons of the automation's rules, and those that are too much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from triggerlang.answers.reasons.explaining import Explaining
from triggerlang.answers.reasons.reason import Reason
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.comparing import moment_of
from triggerlang.engines.entry import Entry
from triggerlang.engines.watching import Asked, WatchedInterpreter
from triggerlang.events.errors import LogError
from triggerlang.events.log import of_records
from triggerlang.events.record import Record
from triggerlang.language import numbers, printing, times, tree
from triggerlang.language.times import Zone
from triggerlang.language.values import Value


@dataclass(frozen=True, slots=True)
class Missing:
    """An expected entry that is not there, and why each rule of the automation made none, the nearest to it first."""

    expected: tree.ExpectedEntry
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class TooMuch:
    """An entry that is not expected, and the given line of its trigger; of an absence or a moment, that of the event it waited after."""

    entry: Entry
    given: tree.Given


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one expectation: the entries that are as expected, those that are missing, and those that are too much."""

    expected: tree.Expected
    right: tuple[tree.ExpectedEntry, ...]
    missing: tuple[Missing, ...]
    too_much: tuple[TooMuch, ...]

    @property
    def holds(self) -> bool:
        return not self.missing and not self.too_much


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a test block, and what the rules that it is about were asked on the way."""

    block: tree.TestBlock
    outcomes: tuple[Outcome, ...]
    asked: tuple[Asked, ...]

    @property
    def holds(self) -> bool:
        return all(outcome.holds for outcome in self.outcomes)


class Runner:
    """Runs a project's test blocks, each on a log of its own."""

    def __init__(self, rules: RuleSet, timezone: str) -> None:
        """Raises ValueError where there is no such time zone."""
        self.rules, self.zone = rules, Zone(timezone)
        self._engine = WatchedInterpreter(rules, timezone=timezone)
        self._explaining = Explaining(rules, self._engine, self.zone)

    def results(self) -> Iterator[Result]:
        """What comes of each test block, in their order. Raises LogError for one in which an event causes too many entries."""
        for block in self.rules.tests:
            yield self.run(block)

    def run(self, block: tree.TestBlock) -> Result:
        engine = self._engine
        engine.forget()
        self._explaining.begin(expected.automation.text for expected in block.expected)
        records = of_records(records_of(block, self.zone)).records
        try:
            entries = [entry for record in records for entry in engine.feed_record(record)]
            entries += engine.settle()
        except LogError as error:
            raise LogError(error.reason, file=block.span.path, line=block.span.line) from error
        outcomes = tuple(self._outcome(block, expected, entries) for expected in block.expected)
        return Result(block, outcomes, tuple(engine.asked))

    def _outcome(self, block: tree.TestBlock, expected: tree.Expected, entries: Sequence[Entry]) -> Outcome:
        name = expected.automation.text
        found = [(_key(entry), entry) for entry in entries if entry.automation == name]
        left = Counter(key for key, _ in found)
        right: list[tree.ExpectedEntry] = []
        missing: list[Missing] = []
        for wanted in expected.entries:
            key = moment_of(wanted.moment, self.zone), wanted.contact.text
            if left[key]:
                left[key] -= 1
                right.append(wanted)
            else:
                missing.append(Missing(wanted, self._explaining.rules(name, *key)))
        too_much: list[TooMuch] = []
        for key, entry in reversed(found):
            if left[key]:
                left[key] -= 1
                assert isinstance(entry.event, int)
                too_much.append(TooMuch(entry, block.given[entry.event - 1]))
        return Outcome(expected, tuple(right), tuple(missing), tuple(reversed(too_much)))


def records_of(block: tree.TestBlock, zone: Zone) -> list[Record]:
    """The log of a test block: its given lines in the order of writing, whose rows are counted from 1."""
    return [
        Record(
            moment_of(given.moment, zone),
            given.contact.text,
            given.kind.kind,
            given.name.text,
            next((value_of(part.literal) for part in given.properties if part.property.path == "value"), None),
            {part.property.path: value_of(part.literal) for part in given.properties if part.property.path != "value"},
            None,
            row,
        )
        for row, given in enumerate(block.given, 1)
    ]


def value_of(literal: tree.Literal) -> Value:
    """A literal as a log holds it: a date as its text."""
    match literal:
        case tree.Text(text):
            return text
        case tree.Boolean(value):
            return value
        case tree.Number(scaled):
            whole, rest = divmod(scaled, numbers.SCALE)
            return Decimal(scaled).scaleb(-numbers.DECIMALS) if rest else whole
        case tree.Date() | tree.DateTime():
            return printing.moment(literal)


def _key(entry: Entry) -> tuple[int, str]:
    return times.from_datetime(entry.time, Zone()), entry.contact
