"""Windows: those that reach back before a log begins at every trigger, and what is waited for until the log is over.

In: rules, and when a log begins and ends. Out: warnings. How many triggers look back too far of a window that is shorter than the log is
counted by `run`.
"""

from __future__ import annotations

from collections.abc import Iterator

from triggerlang.answers.against_log.wording import lengths
from triggerlang.checking import log_codes
from triggerlang.checking.ruleset import RuleSet
from triggerlang.checking.walking import tests
from triggerlang.engines.comparing import end_of
from triggerlang.engines.reaching import reaches_back
from triggerlang.language import times, tree
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.source import Span
from triggerlang.language.times import Zone


class Windows:
    """The windows of rules beside a log."""

    def __init__(self, begin: int, end: int, zone: Zone) -> None:
        """A log from its first moment to its end, which `--now` may move."""
        self._begin, self._end, self._zone = begin, end, zone

    def findings(self, rules: RuleSet) -> Iterator[Diagnostic]:
        """All findings, rule by rule and segment by segment."""
        for item in rules.rules:
            yield from self._trigger(item.rule.on)
            yield from self._condition(item.rule.where)
        for condition in rules.segments.values():
            yield from self._condition(condition)

    def _condition(self, condition: tree.Condition | None) -> Iterator[Diagnostic]:
        for test in tests(condition):
            if isinstance(test, tree.HistoryTest):
                yield from self._trigger(test.pattern)
                yield from self._window(test.window)

    def _trigger(self, node: tree.Trigger) -> Iterator[Diagnostic]:
        match node:
            case tree.Chain(_, then, without):
                for step in then:
                    if step.within is not None:
                        yield from self._back(step.within, step.within.span)
                if without is not None:
                    yield from self._wait(without.within)
            case tree.After(duration):
                yield from self._wait(duration)

    def _window(self, window: tree.Window) -> Iterator[Diagnostic]:
        match window:
            case tree.Within(duration):
                yield from self._back(duration, window.span)
            case tree.Since(start) | tree.Between(start) if reaches_back(start, self._zone, self._begin):
                is_before = isinstance(window, tree.Between) and end_of(window.end, self._zone) <= self._begin
                day = times.format_day(self._zone.day_of(self._begin))
                yield log_codes.WINDOW_BEFORE_LOG.at(
                    window.span, why=f"the log begins on {day}" + (", after the window has ended" if is_before else ""), help=self._help()
                )

    def _back(self, duration: tree.Duration, span: Span) -> Iterator[Diagnostic]:
        if self._end - duration.microseconds < self._begin:
            yield log_codes.WINDOW_BEFORE_LOG.at(span, why=f"the log is {self._length()} long", help=self._help())

    def _wait(self, duration: tree.Duration) -> Iterator[Diagnostic]:
        if self._begin + duration.microseconds > self._end:
            yield log_codes.WAIT_BEYOND_LOG.at(
                duration.span, length=self._length(), help="take a longer log, a shorter time, or move the end of the log with --now"
            )

    def _length(self) -> str:
        return lengths(self._end - self._begin)

    def _help(self) -> str:
        return "take a log that begins earlier, or a shorter window: what happened before the log is not counted"
