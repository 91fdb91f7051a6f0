"""Types: comparisons that have no meaning, whatever the data.

In: a statement. Out: what section 2 of the reference refuses of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from triggerlang.checking import codes
from triggerlang.checking.walking import Place, conditions, property_tests, sames, singles, tests
from triggerlang.language import numbers, printing, tree
from triggerlang.language.diagnostics import Diagnostic, Note, code_word
from triggerlang.language.lexer import tokens_of
from triggerlang.language.source import Source
from triggerlang.language.times import DAY, SECOND, WEEKDAYS


def problems(statement: tree.Statement) -> Iterator[Diagnostic]:
    """What is wrong with a statement's comparisons, times and runs."""
    for place in singles(statement):
        for filtered in property_tests(place.single):
            compared = filtered.comparison
            if place.where == "on" and isinstance(compared, tree.CompareProperty) and compared.side == "trigger":
                yield _trigger_in_on(filtered, compared, place)
            yield from _comparison(compared)
        if place.where == "on" and place.role == "first":
            for same in sames(place.single):
                yield codes.SAME_IN_FIRST.at(same.span, help=_SAME_HELP)
    for test in tests(conditions(statement)):
        match test:
            case tree.HistoryTest(_, measure, window):
                if isinstance(measure, tree.Aggregate):
                    yield from _aggregate(measure)
                if isinstance(window, tree.Between):
                    yield from _bounds(window.start, window.end, window)
            case tree.FieldTest(_, comparison):
                if isinstance(comparison, tree.CompareProperty):
                    yield codes.FIELD_WITH_PROPERTY.at(comparison.span, help='write a literal, such as = "pro"')
                yield from _comparison(comparison)
            case tree.WeekdayTest(days):
                repeated = next((at for at, day in enumerate(days) if day in days[:at]), None)
                if repeated is not None:
                    yield _repeated_day(test, days.index(days[repeated]), repeated)
            case tree.TimeTest(start, end) if start == end:
                yield codes.EQUAL_TIMES.at(test.span, help="the whole day needs no test; else the second time comes after the first")
    if isinstance(statement, tree.Rule) and statement.active is not None:
        active = statement.active
        if active.start is not None and active.end is not None:
            yield from _bounds(active.start, active.end, active)
    if isinstance(statement, tree.Rule | tree.Automation) and isinstance(statement.runs, tree.Once) and statement.runs.per is not None:
        yield from _per_unit(statement.runs, statement.runs.per)
    if isinstance(statement, tree.Rule | tree.Automation) and isinstance(statement.runs, tree.AtMost) and not statement.runs.times:
        yield codes.NEVER_RUNS.at(statement.runs.span, help="`once` is the least")


_DURATIONS = {
    "minute": "1 minute",
    "hour": "1 hour",
    "day": "1 day",
    "week": "1 week",
    "month": "30 days",
    "quarter": "91 days",
    "year": "365 days",
}


def _per_unit(runs: tree.Once, per: tree.Property) -> Iterator[Diagnostic]:
    """`once per month`, which asks for a property; in quotes it says so."""
    duration = _DURATIONS.get(per.path)
    if duration is not None and not per.span.text.startswith('"'):
        right = f"at most once per {duration}"
        quoted_property = f'once per "{per.path}"'
        yield codes.ONCE_PER_UNIT.at(
            runs.span,
            unit=per.path,
            help=f"write {code_word(right)}, or the property in quotes, {code_word(quoted_property)}",
            replacement=right,
        )


def _repeated_day(test: tree.WeekdayTest, first: int, second: int) -> Diagnostic:
    """A day that stands twice, at its places among the days."""
    tokens, _ = tokens_of(Source("", test.span.text))
    spans = [test.span.source.span(test.span.offset + token.offset, token.span.length) for token in tokens if token.text in WEEKDAYS]
    return codes.REPEATED_DAY.at(
        spans[second],
        day=code_word(WEEKDAYS[test.days[second]]),
        help="leave one of them out",
        notes=(Note("first named here", spans[first]),),
    )


_SAME_HELP = "nothing stands before it: `same` stands in a later step, after `without`, or in a condition"


def _trigger_in_on(filtered: tree.PropertyTest, comparison: tree.CompareProperty, place: Place) -> Diagnostic:
    wanted = printing.property_name(comparison.property.path)
    if (
        place.role != "first"
        and comparison.operator == "="
        and filtered.property == comparison.property
        and filtered in place.single.filters
    ):
        return codes.TRIGGER_IN_ON.at(
            filtered.span,
            help=f"{code_word(f'same {wanted}')} compares with the property of the sequence's first event",
            replacement=f"same {wanted}",
        )
    return codes.TRIGGER_IN_ON.at(
        comparison.span,
        help=f"{code_word(f'{comparison.operator} its {wanted}')} compares with a property of the same event, "
        f"{code_word(f'same {wanted}')} with that of a sequence's first event",
        replacement=f"{comparison.operator} its {wanted}",
    )


def _comparison(comparison: tree.Comparison) -> Iterator[Diagnostic]:
    if not isinstance(comparison, tree.Compare):
        return
    literal = comparison.literal
    if comparison.ignoring_case and not isinstance(literal, tree.Text):
        yield codes.CASE_OF_NO_TEXT.at(
            comparison.span,
            literal=code_word(printing.literal(literal)),
            help="leave it out",
            replacement=f"{comparison.operator} {printing.literal(literal)}",
        )
    if isinstance(literal, tree.Boolean) and comparison.operator not in ("=", "!="):
        yield codes.ORDER_OF_BOOLEANS.at(
            comparison.span, sign=code_word(comparison.operator), literal=code_word(printing.literal(literal)), help="write `=` or `!=`"
        )


def _aggregate(measure: tree.Aggregate) -> Iterator[Diagnostic]:
    comparison, function = measure.comparison, measure.function
    if isinstance(comparison, tree.CompareProperty) and comparison.side == "its":
        wanted = printing.property_name(comparison.property.path)
        yield codes.ITS_IN_MEASURE.at(
            comparison.span,
            help=f"the trigger's property is {code_word(f'trigger {wanted}')}",
            replacement=f"{comparison.operator} trigger {wanted}",
        )
    if function in ("sum", "average"):
        compared = _no_number(comparison)
        if compared is not None:
            yield codes.NOT_A_NUMBER.at(
                comparison.span,
                function=code_word(function),
                compared=compared,
                help=f"write a number, such as `{function} amount >= 100`",
                replacement=_as_number(comparison),
            )
            return
    literals = comparison.literals if isinstance(comparison, tree.OneOf) else ()
    types = list(dict.fromkeys(type_of(literal) for literal in literals))
    if len(types) > 1:
        yield codes.MIXED_TYPES.at(comparison.span, types=", ".join(types), help="write a test for each type")
        return
    if function in ("min", "max") and "boolean" in (*types, _compared_type(comparison)):
        yield codes.EXTREME_OF_BOOLEANS.at(comparison.span, function=code_word(function), help="`first` and `last` take booleans")
        return
    yield from _comparison(comparison)


def type_of(literal: tree.Literal) -> tree.DeclaredType:
    """The type of a literal, in the words of declarations."""
    match literal:
        case tree.Number():
            return "number"
        case tree.Text():
            return "text"
        case tree.Boolean():
            return "boolean"
        case tree.Date() | tree.DateTime():
            return "date"


def _compared_type(comparison: tree.Comparison) -> tree.DeclaredType | None:
    return type_of(comparison.literal) if isinstance(comparison, tree.Compare) else None


def _no_number(comparison: tree.Comparison) -> str | None:
    """What a comparison compares with, where that is neither a number nor a property."""
    match comparison:
        case tree.Compare(_, literal) if not isinstance(literal, tree.Number):
            return code_word(printing.literal(literal))
        case tree.OneOf(literals):
            return next((code_word(printing.literal(literal)) for literal in literals if not isinstance(literal, tree.Number)), None)
        case tree.TextMatch(operator, text):
            return code_word(f"{operator} {printing.string(text.text)}")
        case tree.Blank():
            return code_word(printing.comparison(comparison))
    return None


def _as_number(comparison: tree.Comparison) -> str | None:
    """A comparison with a number that stands in quotes, without them."""
    match comparison:
        case tree.Compare(operator, tree.Text(text), False):
            number = numbers.number_of_text(text)
            return None if number is None else f"{operator} {numbers.number_text(number)}"
    return None


def _bounds(start: tree.Moment, end: tree.Moment, written: tree.Node) -> Iterator[Diagnostic]:
    """Whether surely no time lies between two bounds; where only the project's zone could tell, nothing is said."""
    first = start.day * DAY if isinstance(start, tree.Date) else start.clock - (start.offset or 0) * SECOND
    # A plain date's whole day is taken in, a date-time is not.
    last = (end.day + 1) * DAY if isinstance(end, tree.Date) else end.clock - (end.offset or 0) * SECOND
    if first < last + (0 if _has_offset(start) == _has_offset(end) else DAY):
        return
    yield codes.EMPTY_WINDOW.at(
        written.span,
        start=code_word(printing.moment(start)),
        end=code_word(printing.moment(end)),
        help="the later one comes second; a date-time there is excluded" if first == last else "the earlier one comes first",
    )


def _has_offset(moment: tree.Moment) -> bool:
    return isinstance(moment, tree.DateTime) and moment.offset is not None
