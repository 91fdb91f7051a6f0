"""Printing: a node of the tree as the text that means it, on one line.

The inverse of parsing: what is printed parses to an equal tree. Small words that the language accepts but does not need
(`subscribes to`) are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from triggerlang.language import numbers, times, tree
from triggerlang.language.vocabulary import Kind

_BARE_FIRST = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_BARE = _BARE_FIRST | frozenset("0123456789")


def string(text: str) -> str:
    """A text as a string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def property_name(path: str) -> str:
    """A property: bare where it can be, else as a string."""
    steps = path.split(".")
    bare = path not in ("same", "not") and all(step and step[0] in _BARE_FIRST and _BARE.issuperset(step) for step in steps)
    return path if bare else string(path)


def literal(node: tree.Literal) -> str:
    match node:
        case tree.Text(text):
            return string(text)
        case tree.Number(scaled):
            return numbers.number_text(scaled)
        case tree.Boolean(value):
            return "true" if value else "false"
        case tree.Date() | tree.DateTime():
            return moment(node)


def moment(node: tree.Moment) -> str:
    """`2026-01-31`, `2026-01-31 09:00`, `2026-01-31 09:00:00.5+02:00`."""
    if isinstance(node, tree.Date):
        return times.format_day(node.day)
    written = date_time(node.clock)
    if node.offset is None:
        return written
    if node.offset == 0:
        return written + "Z"
    minutes = abs(node.offset) // 60
    return f"{written}{'-' if node.offset < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def date_time(clock: int) -> str:
    """What a clock shows: `2026-01-31 09:00`, with seconds where there are some."""
    written = times.format_moment(clock)[:-1].replace("T", " ")
    return written[:-3] if written.endswith(":00") and "." not in written else written


def duration(node: tree.Duration) -> str:
    """`30 days`, `1 day`."""
    return f"{node.amount} {node.unit[:-1] if node.amount == 1 else node.unit}"


def duration_of(microseconds: int) -> str:
    """A length of time in the largest unit that it is whole in."""
    for unit in ("weeks", "days", "hours", "minutes", "seconds"):
        amount, rest = divmod(microseconds, times.UNITS[unit])
        if not rest and (amount or unit == "seconds"):
            return f"{amount} {unit[:-1] if amount == 1 else unit}"
    return f"{microseconds} microseconds"


def names(node: tree.Names) -> str:
    match node:
        case tree.NameIs(name):
            return string(name.text)
        case tree.NameIn(texts):
            return f"in ({', '.join(string(text.text) for text in texts)})"
        case tree.NameLike(glob):
            return f"like {string(glob.text)}"


def occurrence(kind: Kind, written_names: str | None) -> str:
    if written_names is None:
        return kind.any_phrase
    return f"{kind.phrase} {written_names}"


def comparison(node: tree.Comparison) -> str:
    match node:
        case tree.Compare(sign, wanted, ignoring_case):
            return f"{sign} {literal(wanted)}" + (" ignoring case" if ignoring_case else "")
        case tree.CompareProperty(sign, side, wanted):
            return f"{sign} {side} {property_name(wanted.path)}"
        case tree.TextMatch(sign, text, ignoring_case):
            return f"{sign} {string(text.text)}" + (" ignoring case" if ignoring_case else "")
        case tree.OneOf(literals):
            return f"in ({', '.join(literal(wanted) for wanted in literals)})"
        case tree.Blank(negated):
            return "is not blank" if negated else "is blank"


def pattern(node: tree.Pattern) -> str:
    if len(node.singles) == 1:
        return single(node.singles[0])
    return f"any of ({' or '.join(single(part) for part in node.singles)})"


def single(node: tree.Single) -> str:
    named = occurrence(node.occurrence.kind, None if node.occurrence.names is None else names(node.occurrence.names))
    return named + filters(node.filters)


def filters(tests: Sequence[tree.Filter]) -> str:
    """` with plan = "free", seats > 5`; empty where there are none."""
    return f" with {', '.join(_filter(test) for test in tests)}" if tests else ""


def _filter(test: tree.Filter) -> str:
    match test:
        case tree.Same():
            return same(test)
        case tree.PropertyTest():
            return condition(test)
    return f"({condition(test)})"


def same(node: tree.Same) -> str:
    """`same cart_id`."""
    return f"same {property_name(node.property.path)}"


def chain(node: tree.Pattern | tree.Chain) -> str:
    """`event "cart" then event "checkout" within 1 hour without event "order" within 1 day`."""
    if isinstance(node, tree.Pattern):
        return pattern(node)
    written = pattern(node.first)
    for step in node.then:
        written += f" then {pattern(step.pattern)}" + (f" within {duration(step.within)}" if step.within is not None else "")
    if node.without is not None:
        written += f" without {pattern(node.without.pattern)} within {duration(node.without.within)}"
    return written


def trigger(node: tree.Trigger) -> str:
    """What stands after `on`."""
    match node:
        case tree.After(length, wanted, without):
            written = f"{duration(length)} after {pattern(wanted)}"
        case tree.DateOf(word, held, length, side, without):
            moved = f"{duration(length)} {side} " if length is not None else ""
            written = f"{moved}{word} of {dated(held)}"
        case tree.Pattern() | tree.Chain():
            return chain(node)
    return written + (f" without {pattern(without)}" if without is not None else "")


def dated(node: tree.Dated) -> str:
    """`starts_at of event "registered"`, `field "birthday"`."""
    if node.is_field:
        names_of_field = node.pattern.singles[0].occurrence.names
        assert names_of_field is not None
        return f"field {names(names_of_field)}"
    return f"{property_name(node.property.path)} of {pattern(node.pattern)}"


def condition(node: tree.Condition) -> str:
    """A condition, with the parentheses that it needs."""
    match node:
        case tree.And(parts):
            return " and ".join(_part(part) for part in parts)
        case tree.Or(parts):
            return " or ".join(_part(part) for part in parts)
        case tree.Not(part):
            return f"not {_part(part)}"
        case tree.PropertyTest(wanted, how):
            return f"{property_name(wanted.path)} {comparison(how)}"
        case tree.HistoryTest(events, taken, seen):
            asked = pattern(events) if isinstance(events, tree.Pattern) else f"({chain(events)})"
            return " ".join(text for text in (asked, measure(taken), window(seen)) if text)
        case tree.ListTest(wanted_names, before):
            return f"{'was ' if before else ''}in list {names(wanted_names)}"
        case tree.TagTest(wanted_names, before):
            return f"{'had' if before else 'has'} tag {names(wanted_names)}"
        case tree.FieldTest(name, how, before):
            return f"field {string(name.text)} {'was ' if before else ''}{comparison(how)}"
        case tree.SegmentTest(name):
            return f"in segment {string(name.text)}"
        case tree.WeekdayTest(days):
            return weekdays(days)
        case tree.TimeTest(start, end):
            return f"time between {clock(start)} and {clock(end)}"


def _part(node: tree.Condition) -> str:
    return f"({condition(node)})" if isinstance(node, tree.And | tree.Or) else condition(node)


def weekdays(days: Sequence[int]) -> str:
    """`weekday in (monday, sunday)`; 0 is Monday."""
    return f"weekday in ({', '.join(times.WEEKDAYS[day] for day in days)})"


def clock(minutes: int) -> str:
    """`09:05`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def measure(node: tree.Measure) -> str:
    match node:
        case tree.Count(sign, number, written):
            return f"count {sign} {number}" if written == "count" else written
        case tree.Aggregate(function, wanted, how):
            return f"{function} {property_name(wanted.path)} {comparison(how)}"
        case tree.Distinct(wanted, sign, number):
            return f"distinct {property_name(wanted.path)} {sign} {number}"


def window(node: tree.Window) -> str:
    """A window; empty where none is written."""
    match node:
        case tree.Before():
            return "before" if node.span.length else ""
        case tree.SoFar():
            return "so far"
        case tree.Within(length, so_far):
            return f"within {duration(length)} {'so far' if so_far else 'before'}"
        case tree.Between(start, end):
            return f"between {moment(start)} and {moment(end)}"
        case tree.Since(start, so_far):
            return f"since {moment(start)}{' so far' if so_far else ''}"
        case tree.SinceLast(last, so_far):
            return f"since last {pattern(last)}{' so far' if so_far else ''}"


def runs(node: tree.Runs) -> str:
    match node:
        case tree.Once(None):
            return "once"
        case tree.Once(per):
            assert per is not None
            return f"once per {property_name(per.path)}"
        case tree.EveryTime():
            return "every time"
        case tree.AtMost(1, per) if per is not None:
            return f"at most once per {duration(per)}"
        case tree.AtMost(number, per):
            return f"at most {number} times" + (f" per {duration(per)}" if per is not None else "")


def activity(node: tree.Activity) -> str:
    written = "active"
    if node.start is not None:
        written += f" from {moment(node.start)}"
    if node.end is not None:
        written += f" until {moment(node.end)}"
    return written


def statement(node: tree.Statement) -> str:
    match node:
        case tree.Automation(name, limit):
            return f"automation {string(name.text)}" + (f" {runs(limit)}" if limit is not None else "")
        case tree.Segment(name, meant):
            return f"segment {string(name.text)} is {condition(meant)}"
        case tree.Declare(noun, name, declared_type, properties):
            typed = f" {declared_type}" if declared_type is not None else ""
            held = ", ".join(f"{property_name(part.property.path)} {part.type}" for part in properties)
            return f"declare {noun} {string(name.text)}{typed}" + (f" with {held}" if held else "")
        case tree.TestBlock(name, given_lines, expected):
            return " ".join([f"test {string(name.text)} given", *map(given, given_lines), *map(expectation, expected)])
        case tree.Rule(on, where, active, limit):
            written = f"on {trigger(on)}"
            if where is not None:
                written += f" where {condition(where)}"
            if active is not None:
                written += f" {activity(active)}"
            return written + (f" {runs(limit)}" if limit is not None else "")


def given(node: tree.Given) -> str:
    """`2026-01-02 10:00 "ben" event "signup" with seats = 12`, a line of a test block."""
    held = ", ".join(f"{property_name(part.property.path)} = {literal(part.literal)}" for part in node.properties)
    happened = occurrence(node.kind, string(node.name.text))
    return f"{moment(node.moment)} {string(node.contact.text)} {happened}" + (f" with {held}" if held else "")


def expectation(node: tree.Expected) -> str:
    """`expect automation "Welcome" nothing`, or with its entries."""
    return f"expect automation {string(node.automation.text)} " + (" ".join(map(expected_entry, node.entries)) or "nothing")


def expected_entry(node: tree.ExpectedEntry) -> str:
    """`2026-01-02 10:05 "ben"`."""
    return f"{moment(node.moment)} {string(node.contact.text)}"
