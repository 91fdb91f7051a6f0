"""The oracle: section 5 of the reference, and what section 3 says of the entries of rules, as the shortest obviously right code.

In: a rule set, the records of a log in order, and the project's time zone. Out: the entries. It walks the syntax tree over a
contact's whole history for each trigger, with no network, no index and nothing remembered but the entries themselves; values are
read with fractions and the calendar of the standard library. Slow on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.engines.entry import Entry
from triggerlang.events.record import Record
from triggerlang.language import tree

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000


def entries(rules: RuleSet, records: Sequence[Record], timezone: str) -> list[Entry]:
    return Oracle(rules, timezone).entries(records)


class Oracle:
    def __init__(self, rules: RuleSet, timezone: str) -> None:
        self.rules = rules
        self.zone = ZoneInfo(timezone)

    def entries(self, records: Sequence[Record]) -> list[Entry]:
        happened: list[tuple[ProjectRule, Record]] = []
        history: dict[str, list[Record]] = {}
        for record in records:
            before = history.setdefault(record.contact, [])
            place = [record]
            for e in place:  # it grows: an entry is an event too, and what it triggers stands after all entries before it
                for rule in self.rules.rules:
                    if (
                        self.matches(rule.rule.on, e, e)
                        and self.active(rule.rule.active, e)
                        and (rule.rule.where is None or self.holds(rule.rule.where, before, e))
                        and self.allowed(rule, e, happened)
                    ):
                        happened.append((rule, e))
                        place.append(Record(e.time, e.contact, "enter", rule.automation, id=e.id, row=e.row))
                before.append(e)
        return [
            Entry(EPOCH + e.time * MICROSECOND, e.contact, rule.automation, rule.name, rule.source, e.row if e.id is None else e.id)
            for rule, e in happened
        ]

    # Runs

    def allowed(self, rule: ProjectRule, e: Record, happened: list[tuple[ProjectRule, Record]]) -> bool:
        mine = [(other, t) for other, t in happened if t.contact == e.contact and other.automation == rule.automation]
        own = [t for other, t in mine if other.number == rule.number]
        if not self.runs_allow(rule.rule.runs or tree.Once(span=rule.rule.span), e, own):
            return False
        return rule.header_runs is None or self.runs_allow(rule.header_runs, e, [t for _, t in mine])

    def runs_allow(self, runs: tree.Runs, e: Record, earlier: list[Record]) -> bool:
        match runs:
            case tree.EveryTime():
                return True
            case tree.Once(None):
                return not earlier
            case tree.Once(tree.Property(path)):
                text = as_text(look_up(e, path))
                return text is not None and all(as_text(look_up(t, path)) != text for t in earlier)
            case tree.AtMost(n, None):
                return len(earlier) < n
            case tree.AtMost(n, tree.Duration(d)):
                return sum(e.time - t.time < d for t in earlier) < n
        raise AssertionError(runs)

    def active(self, activity: tree.Activity | None, e: Record) -> bool:
        if activity is None:
            return True
        return (activity.start is None or self.start_of(activity.start) <= e.time) and (
            activity.end is None or e.time < self.end_of(activity.end)
        )

    # Patterns

    def matches(self, pattern: tree.Pattern, x: Record, e: Record) -> bool:
        return any(
            x.kind == single.occurrence.kind.kind
            and (single.occurrence.names is None or named(single.occurrence.names, x.name))
            and all(self.filtered(test, x, e) for test in single.filters)
            for single in pattern.singles
        )

    def filtered(self, test: tree.Condition, x: Record, e: Record) -> bool:
        match test:
            case tree.And(parts):
                return all(self.filtered(part, x, e) for part in parts)
            case tree.Or(parts):
                return any(self.filtered(part, x, e) for part in parts)
            case tree.Not(part):
                return not self.filtered(part, x, e)
            case tree.PropertyTest(tree.Property(path), tree.CompareProperty(op, side, tree.Property(other))):
                left, right = look_up(x, path), look_up(x if side == "its" else e, other)
                return both_read(op, left, right, as_number if op in ("<", "<=", ">", ">=") else as_text)
            case tree.PropertyTest(tree.Property(path), comparison):
                return self.compares(comparison, look_up(x, path))
        raise AssertionError(test)

    # Comparisons of a value as a log holds it

    def compares(self, comparison: tree.Comparison, value: Any) -> bool:
        match comparison:
            case tree.Blank(negated):
                return blank(value) != negated
            case tree.TextMatch():
                text = as_text(value)
                return text is not None and text_matches(comparison, text)
            case tree.OneOf(literals):
                return any(self.meets("=", literal, value, False) for literal in literals)
            case tree.Compare(op, literal, ignoring_case):
                return self.meets(op, literal, value, ignoring_case)
        raise AssertionError(comparison)

    def meets(self, op: str, literal: tree.Literal, value: Any, ignoring_case: bool) -> bool:
        if op == "!=":
            return not self.meets("=", literal, value, ignoring_case)
        return ordered(op, self.read(value, literal), self.wanted(literal), ignoring_case)

    def read(self, value: Any, literal: tree.Literal) -> Any:
        """A value read as a literal asks, or None."""
        match literal:
            case tree.Number():
                return as_number(value)
            case tree.Text():
                return as_text(value)
            case tree.Boolean():
                return as_boolean(value)
            case tree.Date():
                read = self.as_date(value)
                return None if read is None else read[0]
            case tree.DateTime():
                read = self.as_date(value)
                return None if read is None else read[1]

    def wanted(self, literal: tree.Literal) -> Any:
        match literal:
            case tree.Number(scaled):
                return Fraction(scaled, 10**9)
            case tree.Text(text):
                return text
            case tree.Boolean(value):
                return value
            case tree.Date(day):
                return day
            case tree.DateTime():
                return self.start_of(literal)

    def as_date(self, value: Any) -> tuple[int, int] | None:
        """The day in the project's time zone and the moment of a text in a date literal's form."""
        if not isinstance(value, str):
            return None
        found = re.fullmatch(
            r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
            r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?",
            value,
        )
        if found is None:
            return None
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        try:
            written = datetime(year, month, day, hour, minute, second, int((found[7] or "")[:6].ljust(6, "0")), UTC)
        except ValueError:
            return None
        clock = (written - EPOCH) // MICROSECOND
        if found[4] is None:
            return clock // DAY, self.moment(clock)
        if found[8] is None:
            moment = self.moment(clock)
        else:
            sign, hours, minutes = (1, "0", "0") if found[8] == "Z" else (-1 if found[8][0] == "-" else 1, found[8][1:3], found[8][4:])
            if int(hours) > 23 or int(minutes) > 59:
                return None
            moment = clock - sign * (int(hours) * 60 + int(minutes)) * 60_000_000
        return self.local(moment) // DAY, moment

    # Times: a clock is what the zone's clocks show, counted as if it were a moment in UTC

    def moment(self, clock: int) -> int:
        """The moment at which the clocks show this: the first of two, and with the offset before the change where there is none."""
        return clock - offset(inside(clock).replace(tzinfo=self.zone, fold=0))

    def local(self, moment: int) -> int:
        """What the clocks show at a moment."""
        return moment + offset(inside(moment).astimezone(self.zone))

    def start_of(self, literal: tree.Moment) -> int:
        if isinstance(literal, tree.Date):
            return self.moment(literal.day * DAY)
        return self.moment(literal.clock) if literal.offset is None else literal.clock - literal.offset * 1_000_000

    def end_of(self, literal: tree.Moment) -> int:
        if isinstance(literal, tree.Date):
            return self.moment((literal.day + 1) * DAY)
        return self.start_of(literal)

    # Conditions

    def holds(self, condition: tree.Condition, before: list[Record], e: Record) -> bool:
        match condition:
            case tree.And(parts):
                return all(self.holds(part, before, e) for part in parts)
            case tree.Or(parts):
                return any(self.holds(part, before, e) for part in parts)
            case tree.Not(part):
                return not self.holds(part, before, e)
            case tree.HistoryTest(pattern, measure, window):
                seen = [x for x in self.window(window, before, e) if self.matches(pattern, x, e)]
                return self.measured(measure, seen, e)
            case tree.ListTest(names, was):
                return held(names, before if was else [*before, e], "subscribe", "unsubscribe")
            case tree.TagTest(names, had):
                return held(names, before if had else [*before, e], "tag", "untag")
            case tree.FieldTest(name, comparison, was):
                set_to = [x.value for x in (before if was else [*before, e]) if x.kind == "field" and x.name == name.text]
                return self.compares(comparison, set_to[-1] if set_to else None)
            case tree.SegmentTest(name):
                return self.holds(self.rules.segments[name.text], before, e)
            case tree.WeekdayTest(days):
                return (self.local(e.time) // DAY + 3) % 7 in days  # 1970-01-01 was a Thursday
            case tree.TimeTest(start, end):
                now = self.local(e.time) % DAY // 60_000_000
                return start <= now < end if start < end else now >= start or now < end
        raise AssertionError(condition)

    def window(self, window: tree.Window, before: list[Record], e: Record) -> list[Record]:
        match window:
            case tree.Before():
                return before
            case tree.SoFar():
                return [*before, e]
            case tree.Within(tree.Duration(d), so_far):
                return [x for x in before if x.time >= e.time - d] + [e] * so_far
            case tree.Between(start, end):
                return [x for x in before if self.start_of(start) <= x.time < self.end_of(end)]
            case tree.Since(start, so_far):
                return [x for x in before + [e] * so_far if x.time >= self.start_of(start)]
            case tree.SinceLast(pattern, so_far):
                last = max((at for at, x in enumerate(before) if self.matches(pattern, x, e)), default=-1)
                return before[last + 1 :] + [e] * so_far
        raise AssertionError(window)

    # Measures

    def measured(self, measure: tree.Measure, seen: list[Record], e: Record) -> bool:
        match measure:
            case tree.Count(op, number):
                return ordered(op, len(seen), number, False)
            case tree.Distinct(tree.Property(path), op, number):
                texts = {as_text(look_up(x, path)) for x in seen} - {None}
                return ordered(op, len(texts), number, False)
            case tree.Aggregate(function, tree.Property(path), comparison):
                found = [look_up(x, path) for x in seen]
                return self.aggregate(function, found, comparison, e)
        raise AssertionError(measure)

    def aggregate(self, function: str, found: list[Any], comparison: tree.Comparison, e: Record) -> bool:
        match comparison:
            case tree.OneOf(literals):
                return any(self.aggregate(function, found, tree.Compare("=", each, span=each.span), e) for each in literals)
            case tree.Compare(op, literal, ignoring_case):
                taken = taken_of(function, [self.read(value, literal) for value in found])
                return compared(op, taken, self.wanted(literal), ignoring_case)
            case tree.CompareProperty(op, _, tree.Property(other)):
                by_text = function in ("first", "last") and op in ("=", "!=")
                reading = as_text if by_text else as_number
                return compared(op, taken_of(function, [reading(value) for value in found]), reading(look_up(e, other)), False)
            case tree.TextMatch():
                text = taken_of(function, [as_text(value) for value in found])
                return text is not None and text_matches(comparison, text)
            case tree.Blank(negated):
                text = taken_of(function, [as_text(value) for value in found])
                return (text is None or text == "") != negated
        raise AssertionError(comparison)


def taken_of(function: str, read: list[Any]) -> Any:
    """What a measure takes of values that were read; those that could not be are passed over."""
    values = [value for value in read if value is not None]
    if function == "sum":
        return sum(values, Fraction())
    if not values:
        return None
    match function:
        case "average":
            return sum(values, Fraction()) / len(values)
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "first":
            return values[0]
        case "last":
            return values[-1]
    raise AssertionError(function)


def held(names: tree.Names, history: list[Record], gains: str, loses: str) -> bool:
    """Whether of any list (or tag) that fits the names the latest event is one that gains it."""
    latest = {x.name: x.kind for x in history if x.kind in (gains, loses) and named(names, x.name)}
    return gains in latest.values()


def named(names: tree.Names, name: str) -> bool:
    match names:
        case tree.NameIs(text):
            return name == text.text
        case tree.NameIn(texts):
            return name in [text.text for text in texts]
        case tree.NameLike(glob):
            return fits(glob.text, name)
    raise AssertionError(names)


def fits(glob: str, name: str) -> bool:
    """Row by row: which beginnings of the name the glob's beginning fits."""
    reached = [True] + [False] * len(name)
    for sign in glob:
        if sign == "*":
            reached = [any(reached[: at + 1]) for at in range(len(name) + 1)]
        else:
            reached = [False] + [reached[at] and sign in ("?", name[at]) for at in range(len(name))]
    return reached[-1]


def look_up(x: Record, path: str) -> Any:
    if path == "value":
        return x.value
    if path == "event_name":
        return x.name
    if path in x.properties:
        return x.properties[path]
    found: Any = x.properties
    for step in path.split("."):
        if not isinstance(found, dict) or step not in found:
            return None
        found = found[step]
    return found


def ordered(op: str, left: Any, right: Any, ignoring_case: bool) -> bool:
    """A comparison of two values that were read alike; false where the first could not be."""
    if left is None:
        return False
    if ignoring_case:
        left, right = left.casefold(), right.casefold()
    return bool(
        {"=": left == right, "!=": left != right}[op]
        if op in ("=", "!=")
        else {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]
    )


def compared(op: str, left: Any, right: Any, ignoring_case: bool) -> bool:
    """The same where both sides may be absent, `!=` being exactly not `=`."""
    if op == "!=":
        return not compared("=", left, right, ignoring_case)
    return right is not None and ordered(op, left, right, ignoring_case)


def both_read(op: str, left: Any, right: Any, reading: Any) -> bool:
    return compared(op, reading(left), reading(right), False)


def text_matches(comparison: tree.TextMatch, text: str) -> bool:
    wanted = comparison.text.text
    if comparison.ignoring_case:
        text, wanted = text.casefold(), wanted.casefold()
    match comparison.operator:
        case "contains":
            return wanted in text
        case "starts with":
            return text[: len(wanted)] == wanted
        case "ends with":
            return text[max(len(text) - len(wanted), 0) :] == wanted


# Values


def offset(local: datetime) -> int:
    return (local.utcoffset() or timedelta()) // MICROSECOND


def inside(moment: int) -> datetime:
    """The moment, or the nearest one that no offset takes out of the calendar: a zone is the same there for years."""
    first, last = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)
    return EPOCH + min(max(moment, (first - EPOCH) // MICROSECOND), (last - EPOCH) // MICROSECOND) * MICROSECOND


def as_number(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    if isinstance(value, str):
        if re.fullmatch(r" *[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+) *", value) is None:
            return None
        exact = Fraction(Decimal(value.strip(" ")))
    elif isinstance(value, float | Decimal) and not Decimal(value).is_finite():
        return None
    else:
        exact = Fraction(repr(value) if isinstance(value, float) else value)
    rounded = Fraction(round(exact * 10**9), 10**9)
    return rounded if abs(rounded) < 10**18 else None


def as_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, int | float | Decimal) or not Decimal(value).is_finite():
        return None
    if value == 0:
        return "0"
    shortest = f"{Decimal(repr(value) if isinstance(value, float) else value):f}"
    return shortest.rstrip("0").rstrip(".") if "." in shortest else shortest


def as_boolean(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def blank(value: Any) -> bool:
    absent = value is None or (isinstance(value, float | Decimal) and not Decimal(value).is_finite())
    return absent or (isinstance(value, str) and value == "")
