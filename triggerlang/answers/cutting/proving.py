"""Proving: that a test block is one, in the project that it is for, and holds there.

In: a test block and the project's rules. Out: its text in the canonical layout, read again, checked and run with what `triggerlang check`
and `triggerlang test` use; or what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from triggerlang.answers.blocks.running import Runner, records_of
from triggerlang.checking.blocks import declared_problems, own_problems
from triggerlang.checking.declarations import Declarations
from triggerlang.checking.ruleset import RuleSet
from triggerlang.checking.suggesting import Suggestions
from triggerlang.events.record import Record
from triggerlang.language import printing, tree
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.formatting import formatted
from triggerlang.language.parser import Broken, parse
from triggerlang.language.source import Source

NAME: Final = "the test"


class CuttingError(ValueError):
    """Why there is no test of what was asked for, and the way out."""


class UnprovenError(Exception):
    """A test that was cut out of a log does not hold: a fault of ours, and nobody gets to see it."""


class Proving:
    """Proves test blocks in a project, whose rules are all of `rules`."""

    def __init__(self, rules: RuleSet, timezone: str) -> None:
        self.rules, self.timezone = rules, timezone
        automations = {item.automation: item.rule.span for item in reversed(rules.rules)}
        whole = Broken(frozenset(), False, ())
        self._declarations = Declarations(rules.declares, automations, rules.segments, whole, Suggestions()) if rules.declares else None

    def text(self, block: tree.TestBlock, records: Sequence[Record]) -> str:
        """The text of a block whose given lines stand for some records. Raises CuttingError where it could not stand in the project or
        would not be the same there, UnprovenError where it does not hold, and LogError as running it does."""
        source = Source(NAME, printing.statement(block) + "\n")
        text = formatted(source).text
        parsed = parse(source if text is None else Source(NAME, text))
        for problem in [*parsed.diagnostics, *self.problems(block)]:
            if problem.severity == "error":
                raise CuttingError(f"what happened cannot be written in a test: {problem.message}")
        (read,) = parsed.file.statements
        assert text is not None
        assert isinstance(read, tree.TestBlock)
        runner = Runner(self.rules, self.timezone)
        if [record[:6] for record in records_of(read, runner.zone)] != [record[:6] for record in records]:
            raise CuttingError("what happened cannot be written in a test without a change")
        if not runner.run(read).holds:
            raise UnprovenError("the test that was cut out of the log does not hold, and is not shown; this is a fault of triggerlang")
        return text

    def problems(self, block: tree.TestBlock) -> Iterator[Diagnostic]:
        """What `check` has against a block in its project."""
        yield from own_problems([block])
        if self._declarations is not None:
            yield from declared_problems(block, self._declarations)
