"""`triggerlang check --log`: rules held against a log."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from triggerlang.answers.against_log.checking import check_log
from triggerlang.answers.against_log.facts import Facts
from triggerlang.checking.project import Checked
from triggerlang.cli.reading import Reading, at_work, check_outputs, errors_said, name_repeated, outputs_of
from triggerlang.events.ahead import Ahead
from triggerlang.events.files import LogFile
from triggerlang.language import times
from triggerlang.language.diagnostics import Diagnostic


@contextmanager
def log_to_check(logs: tuple[str, ...], reading: Reading) -> Iterator[LogToCheck]:
    """A log that rules are to be held against; it is decoded ahead while they are checked."""
    files, repeated = reading.files(logs)
    with reading.ahead(files) as ahead:
        yield LogToCheck(reading, files, repeated, ahead)


@dataclass(frozen=True, slots=True)
class LogToCheck:
    """A log, and how it is read."""

    reading: Reading
    files: list[LogFile]
    repeated: list[str]
    ahead: Ahead

    def checked(self, checked: Checked) -> Sequence[Diagnostic]:
        """What was found of rules, and what the log tells of them, in the order of the text. Of rules with errors the log tells nothing."""
        if checked.rules is None:
            sys.stderr.write("the log was not looked at, because the rules have errors\n")
            return checked.diagnostics
        rejects = self.reading.options.rejects
        with errors_said(), outputs_of() as outputs:
            inputs = [*(file.path for file in self.files if file.path != "-"), *(source.path for source in checked.sources)]
            check_outputs({"--rejects": rejects}, inputs)
            name_repeated(self.repeated)
            found, facts = self._found(checked, None if rejects is None else outputs.text(rejects))
            outputs.publish()
        sys.stderr.write(_said(facts, self.reading))
        order = {id(source): number for number, source in enumerate(checked.sources)}
        return sorted([*checked.diagnostics, *found], key=lambda problem: (order[id(problem.span.source)], problem.span.offset))

    def _found(self, checked: Checked, rejected: TextIO | None) -> tuple[list[Diagnostic], Facts]:
        assert checked.rules is not None
        choice = self.reading.choice(self.files, is_told=False)
        with at_work(self.reading, self.files, self.ahead, rejected, is_quiet=False) as work:
            return check_log(checked.rules, work.request, choice, work.watcher)


def _said(facts: Facts, reading: Reading) -> str:
    """What the log was."""
    passed_over = f"; {facts.rejected:,} bad row{'' if facts.rejected == 1 else 's'} passed over" if facts.rejected else ""
    if facts.begin is None or facts.end is None:
        return f"the log has no event, so nothing can be said of it{passed_over}\n"
    first, last = (times.format_day(reading.zone.day_of(moment)) for moment in (facts.begin, facts.end))
    return f"the log has {facts.events:,} event{'' if facts.events == 1 else 's'}, from {first} to {last}{passed_over}\n"
