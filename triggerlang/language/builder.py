"""The builder: from the pieces that a rule of the grammar has read to a node of the tree.

One method for each rule of `grammar/triggers.lark`, named after it. What comes in are tokens and nodes, what goes out is a node; it
raises RefusedError for what the grammar lets through and the language does not. It keeps nothing between calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from triggerlang.language import numbers, times, tree
from triggerlang.language.block_builder import BLOCK_CODES, BlockBuilder
from triggerlang.language.diagnostics import Code, Diagnostic, code_word, shortened
from triggerlang.language.lexer import Token
from triggerlang.language.phrases import PHRASE_CODES, kind_of
from triggerlang.language.pieces import TOO_DEEP, Part, RefusedError, covering, is_token
from triggerlang.language.sequence_builder import SequenceBuilder
from triggerlang.language.source import Span
from triggerlang.language.vocabulary import EVENT

LONGEST_DURATION: Final = 9999 * 366 * times.DAY
"""Microseconds; as long as the calendar."""

NO_SUCH_DATE = Code("no-such-date", "there is no {text}", "A date or a time of day that the calendar or the clock does not have.")
NUMBER_TOO_LARGE = Code(
    "number-too-large", "the number {text} is too large", "Numbers are smaller than 10^18 either way; counts and durations too."
)
DURATION_TOO_LONG = Code("duration-too-long", "{text} is longer than the calendar", "A duration reaches over 9999 years at most.")
MIXED_CONDITION = Code(
    "mixed-and-or",
    "`and` and `or` are mixed without parentheses",
    "A mix of `and` and `or` needs parentheses that say which belong together.",
)

BUILDER_CODES = (NO_SUCH_DATE, NUMBER_TOO_LARGE, DURATION_TOO_LONG, *PHRASE_CODES, MIXED_CONDITION, TOO_DEEP, *BLOCK_CODES)


class Builder(SequenceBuilder, BlockBuilder):
    """The callbacks of the grammar's rules."""

    # Statements

    def file(self, parts: list[Part]) -> tuple[tree.Statement, ...]:
        return tuple(parts)

    def automation(self, parts: list[Part]) -> tree.Automation:
        return tree.Automation(self._text(parts[1]), parts[2] if len(parts) > 2 else None, span=covering(parts))

    def rule(self, parts: list[Part]) -> tree.Rule:
        where = active = runs = None
        for at in range(2, len(parts)):
            part = parts[at]
            if is_token(part, "WHERE"):
                where = parts[at + 1]
            elif isinstance(part, tree.Activity):
                active = part
            elif isinstance(part, tree.Once | tree.EveryTime | tree.AtMost):
                runs = part
        return tree.Rule(parts[1], where, active, runs, span=covering(parts))

    def segment(self, parts: list[Part]) -> tree.Segment:
        return tree.Segment(self._text(parts[1]), parts[3], span=covering(parts))

    def declare(self, parts: list[Part]) -> tree.Declare:
        declared_type = parts[3].text if len(parts) > 3 and not is_token(parts[3], "WITH") else None
        properties = tuple(part for part in parts if isinstance(part, tree.DeclaredProperty))
        return tree.Declare(parts[1].text, self._text(parts[2]), declared_type, properties, span=covering(parts))

    def declared_property(self, parts: list[Part]) -> tree.DeclaredProperty:
        return tree.DeclaredProperty(parts[0], parts[1].text, span=covering(parts))

    # Patterns

    def pattern(self, parts: list[Part]) -> tree.Pattern:
        return tree.Pattern(tuple(part for part in parts if isinstance(part, tree.Single)), span=covering(parts))

    def single(self, parts: list[Part]) -> tree.Single:
        return tree.Single(parts[0], parts[1].tests if len(parts) > 1 else (), span=covering(parts))

    def occurrence(self, parts: list[Part]) -> tree.Occurrence:
        span = covering(parts)
        first = parts[0]
        if is_token(first, "EVENT"):
            return tree.Occurrence(EVENT, parts[1], span=span)
        if is_token(first, "ANY"):
            return tree.Occurrence(EVENT, None, span=span)
        kind = kind_of(parts)
        names = None if is_token(parts[1], "ANY") else parts[-1]
        return tree.Occurrence(kind, names, span=span)

    def name_is(self, parts: list[Part]) -> tree.NameIs:
        return tree.NameIs(self._text(parts[0]), span=parts[0].span)

    def name_in(self, parts: list[Part]) -> tree.NameIn:
        return tree.NameIn(tuple(self._text(part) for part in parts if part.type == "STRING"), span=covering(parts))

    def name_like(self, parts: list[Part]) -> tree.NameLike:
        return tree.NameLike(self._text(parts[1]), span=covering(parts))

    # Filters and comparisons

    def filters(self, parts: list[Part]) -> _Filters:
        return _Filters(tuple(part for part in parts if type(part) is not Token), covering(parts))

    def property_test(self, parts: list[Part]) -> tree.PropertyTest:
        return tree.PropertyTest(parts[0], parts[1], span=covering(parts))

    def compare(self, parts: list[Part]) -> tree.Compare:
        return tree.Compare(parts[0].text, parts[1], len(parts) > 2, span=covering(parts))

    def compare_property(self, parts: list[Part]) -> tree.CompareProperty:
        return tree.CompareProperty(parts[0].text, parts[1].text, parts[2], span=covering(parts))

    def text_match(self, parts: list[Part]) -> tree.TextMatch:
        at = next(at for at, part in enumerate(parts) if is_token(part, "STRING"))
        operator: Any = " ".join(part.text for part in parts[:at])
        return tree.TextMatch(operator, self._text(parts[at]), len(parts) > at + 1, span=covering(parts))

    def one_of(self, parts: list[Part]) -> tree.OneOf:
        return tree.OneOf(tuple(part for part in parts if type(part) is not Token), span=covering(parts))

    def blank(self, parts: list[Part]) -> tree.Blank:
        return tree.Blank(len(parts) > 2, span=covering(parts))

    def ignoring_case(self, parts: list[Part]) -> Token:
        last: Token = parts[1]
        return last

    # Conditions

    def any_holds(self, parts: list[Part]) -> tree.Or:
        conditions = parts[::2]
        for condition in conditions:
            if isinstance(condition, tree.And) and not _is_grouped(condition):
                raise RefusedError(_mixed(conditions))
        return tree.Or(_flat(conditions, tree.Or), span=covering(parts))

    def all_hold(self, parts: list[Part]) -> tree.And:
        return tree.And(_flat(parts[::2], tree.And), span=covering(parts))

    def negation(self, parts: list[Part]) -> tree.Not:
        return tree.Not(parts[1], span=covering(parts))

    def group(self, parts: list[Part]) -> tree.Condition:
        """Parentheses leave no node; a group of several parts spans them."""
        inner: tree.Condition = parts[1]
        return replace(inner, span=covering(parts)) if isinstance(inner, tree.And | tree.Or) else inner

    # Tests

    def history_test(self, parts: list[Part]) -> tree.HistoryTest:
        span = covering(parts)
        if is_token(parts[0], "LPAR"):
            parts = [parts[1], *parts[3:]]
        window = parts[2] if len(parts) > 2 else tree.Before(span=Span(span.source, span.end, 0))
        return tree.HistoryTest(parts[0], parts[1], window, span=span)

    def list_test(self, parts: list[Part]) -> tree.ListTest:
        return tree.ListTest(parts[-1], is_token(parts[0], "WAS"), span=covering(parts))

    def tag_test(self, parts: list[Part]) -> tree.TagTest:
        return tree.TagTest(parts[-1], is_token(parts[0], "HAD"), span=covering(parts))

    def field_test(self, parts: list[Part]) -> tree.FieldTest:
        return tree.FieldTest(self._text(parts[1]), parts[-1], is_token(parts[2], "WAS"), span=covering(parts))

    def segment_test(self, parts: list[Part]) -> tree.SegmentTest:
        return tree.SegmentTest(self._text(parts[2]), span=covering(parts))

    def weekday_test(self, parts: list[Part]) -> tree.WeekdayTest:
        days = tuple(times.WEEKDAYS.index(part.text) for part in parts[3:] if part.text in times.WEEKDAYS)
        return tree.WeekdayTest(days, span=covering(parts))

    def time_test(self, parts: list[Part]) -> tree.TimeTest:
        return tree.TimeTest(self._minutes(parts[2]), self._minutes(parts[4]), span=covering(parts))

    # Measures

    def count(self, parts: list[Part]) -> tree.Count:
        return tree.Count(parts[1].text, self._integer(parts[2]), span=covering(parts))

    def occurred(self, parts: list[Part]) -> tree.Count:
        if len(parts) > 2:
            return tree.Count("=", 0, "has not occurred", span=covering(parts))
        return tree.Count(">=", 1, "has occurred", span=covering(parts))

    def aggregate(self, parts: list[Part]) -> tree.Aggregate:
        return tree.Aggregate(parts[0].text, parts[1], parts[2], span=covering(parts))

    def distinct(self, parts: list[Part]) -> tree.Distinct:
        return tree.Distinct(parts[1], parts[2].text, self._integer(parts[3]), span=covering(parts))

    # Windows

    def before(self, parts: list[Part]) -> tree.Before:
        return tree.Before(span=covering(parts))

    def so_far(self, parts: list[Part]) -> tree.SoFar:
        return tree.SoFar(span=covering(parts))

    def within(self, parts: list[Part]) -> tree.Within:
        return tree.Within(parts[1], isinstance(parts[-1], tree.SoFar), span=covering(parts))

    def between(self, parts: list[Part]) -> tree.Between:
        return tree.Between(parts[1], parts[3], span=covering(parts))

    def since(self, parts: list[Part]) -> tree.Since:
        return tree.Since(parts[1], isinstance(parts[-1], tree.SoFar), span=covering(parts))

    def since_last(self, parts: list[Part]) -> tree.SinceLast:
        return tree.SinceLast(parts[2], isinstance(parts[-1], tree.SoFar), span=covering(parts))

    # Activity and runs

    def activity(self, parts: list[Part]) -> tree.Activity:
        if is_token(parts[0], "UNTIL"):
            return tree.Activity(None, parts[1], span=covering(parts))
        return tree.Activity(parts[1], parts[3] if len(parts) > 2 else None, span=covering(parts))

    def once(self, parts: list[Part]) -> tree.Once:
        return tree.Once(parts[2] if len(parts) > 1 else None, span=covering(parts))

    def every_time(self, parts: list[Part]) -> tree.EveryTime:
        return tree.EveryTime(span=covering(parts))

    def at_most(self, parts: list[Part]) -> tree.AtMost:
        times_allowed = 1 if is_token(parts[2], "ONCE") else self._integer(parts[2])
        per = parts[-1] if isinstance(parts[-1], tree.Duration) else None
        return tree.AtMost(times_allowed, per, span=covering(parts))

    # Literals

    def duration(self, parts: list[Part]) -> tree.Duration:
        span = covering(parts)
        amount = self._integer(parts[0])
        unit = parts[1].text
        unit = unit if unit.endswith("s") else unit + "s"
        if amount * times.UNITS[unit] > LONGEST_DURATION:
            raise RefusedError(DURATION_TOO_LONG.at(span, text=code_word(span.text), help="take a shorter one"))
        return tree.Duration(amount * times.UNITS[unit], amount, unit, span=span)

    def moment(self, parts: list[Part]) -> tree.Moment:
        return self._moment(parts[0])

    def property(self, parts: list[Part]) -> tree.Property:
        return tree.Property(parts[0].text, span=parts[0].span)

    def literal(self, parts: list[Part]) -> tree.Literal:
        token: Token = parts[0]
        if token.type == "STRING":
            return self._text(token)
        if token.type in ("INTEGER", "NUMBER"):
            return self._number(token)
        if token.type in ("TRUE", "FALSE"):
            return tree.Boolean(token.type == "TRUE", span=token.span)
        return self._moment(token)

    @staticmethod
    def _text(token: Token) -> tree.Text:
        return tree.Text(token.text, span=token.span)

    @staticmethod
    def _number(token: Token) -> tree.Number:
        scaled = numbers.number_of_text(token.text.replace("_", ""))
        if scaled is None:
            raise RefusedError(
                NUMBER_TOO_LARGE.at(token.span, text=code_word(token.text), help="numbers are smaller than 10^18 either way")
            )
        return tree.Number(scaled, token.text, span=token.span)

    def _integer(self, token: Token) -> int:
        return self._number(token).scaled // numbers.SCALE

    @staticmethod
    def _moment(token: Token) -> tree.Moment:
        written = times.read(token.text)
        if written is None:
            raise RefusedError(_no_such_date(token))
        if written.plain_date:
            return tree.Date(written.day, span=token.span)
        return tree.DateTime(written.clock, written.offset, span=token.span)

    @staticmethod
    def _minutes(token: Token) -> int:
        hours, minutes = int(token.text[:2]), int(token.text[3:])
        if hours > 23 or minutes > 59:
            end_of_day = (hours, minutes) == (24, 0)
            raise RefusedError(
                NO_SUCH_DATE.at(
                    token.span,
                    text=code_word(token.text),
                    help="the end of the day is `00:00`" if end_of_day else "times of day are 00:00 to 23:59",
                    replacement="00:00" if end_of_day else None,
                )
            )
        return hours * 60 + minutes


class _Filters(NamedTuple):
    """The filters of a single, and their span."""

    tests: tuple[tree.Filter, ...]
    span: Span


def _flat(conditions: Sequence[tree.Condition], kind: type[tree.And] | type[tree.Or]) -> tuple[tree.Condition, ...]:
    flat: list[tree.Condition] = []
    for condition in conditions:
        if isinstance(condition, kind):
            flat.extend(condition.parts)
        else:
            flat.append(condition)
    return tuple(flat)


def _is_grouped(condition: tree.And | tree.Or) -> bool:
    return condition.span.offset < condition.parts[0].span.offset


def _mixed(conditions: Sequence[tree.Condition]) -> Diagnostic:
    """The message for `a or b and c`, with both readings."""
    span = covering(conditions)
    words = [_words(condition) for condition in conditions]
    read_and_first = " or ".join(
        f"({text})" if isinstance(condition, tree.And) and not _is_grouped(condition) else text
        for condition, text in zip(conditions, words, strict=True)
    )
    parts: list[list[str]] = [[]]
    for condition in conditions:
        pieces = (
            [_words(part) for part in condition.parts]
            if isinstance(condition, tree.And) and not _is_grouped(condition)
            else [_words(condition)]
        )
        parts[-1].append(pieces[0])
        parts.extend([piece] for piece in pieces[1:])
    read_or_first = " and ".join(f"({' or '.join(group)})" if len(group) > 1 else group[0] for group in parts)
    return MIXED_CONDITION.at(span, help=f"write `{read_and_first}` or `{read_or_first}`", replacement=None)


def _words(condition: tree.Condition) -> str:
    return shortened(" ".join(condition.span.text.split()))


def _no_such_date(token: Token) -> Diagnostic:
    text = token.text[:10] if times.read(token.text[:10]) is None else token.text
    right = _near_date(token.text)
    return NO_SUCH_DATE.at(
        token.span,
        text=code_word(text),
        help="a date is written 2026-01-31, a time of day 00:00 to 23:59:59" if right is None else f"write {code_word(right)}",
        replacement=right,
    )


def _near_date(text: str) -> str | None:
    """The last day of a month that has no such day, or month and day the other way round."""
    year, month, day = text[:4], int(text[5:7]), int(text[8:10])
    if month > 12:
        right = f"{year}-{day:02}-{month:02}"
        return right if len(text) == 10 and times.read(right) is not None else None
    if len(text) > 10 or not 28 < day < 32:
        return None
    return next((right for last in (30, 29, 28) if times.read(right := f"{year}-{month:02}-{last}") is not None), None)
