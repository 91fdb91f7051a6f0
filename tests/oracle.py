"""The oracle: sections 5 and 8 of the reference, and what section 3 says of the entries of rules, as the shortest obviously right code.

In: a rule set, the records of a log in order, the project's time zone, and the end of the log where that is later. Out: the entries. It
walks the syntax tree over a contact's whole history for each trigger, with no network, no index and nothing remembered but the entries
themselves; values are read with fractions and the calendar of the standard library. Slow on purpose.
"""

from __future__ import annotations

import re
from bisect import insort
from calendar import isleap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
END_OF_TIME = (datetime(9999, 12, 31, tzinfo=UTC) - EPOCH) // MICROSECOND + DAY
FIRST_MOMENT = (datetime(1, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
FOUR_CENTURIES = 146_097 * DAY


def entries(rules: RuleSet, records: Sequence[Record], timezone: str, now: int | None = None) -> list[Entry]:
    return Oracle(rules, timezone).entries(records, now)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands among what happens to a contact, and what a trigger there looks like: its event, at its own time.

    Places are in the order of their keys. An event of the log has the key (time, 0, its number, 0), an absence or a moment of an
    event e the key (time, 1, key of e, 0): it comes after all events of that time, and in the order of the e. The entries of a place,
    which are events too, have its key with 1, 2, 3 and so on at its end.
    """

    key: tuple[Any, ...]
    record: Record
    of: Place | None = None
    """The event that an absence or a moment is of; None for an event."""

    @property
    def time(self) -> int:
        return self.record.time


def derived(e: Place, time: int) -> Place:
    return Place((time, 1, e.key, 0), e.record._replace(time=time), e)


Happened = tuple[tuple[Any, ...], ProjectRule, Record]


class Oracle:
    def __init__(self, rules: RuleSet, timezone: str) -> None:
        self.rules = rules
        self.zone = ZoneInfo(timezone)
        self.pending: dict[str, int] = {}
        self.before_log: dict[str, int] = {}

    def entries(self, records: Sequence[Record], now: int | None = None, *, settled: bool = False) -> list[Entry]:
        """The entries; `pending` then holds how many absences and moments of each rule are neither reached nor broken, `before_log` how
        many triggers of each automation look back to before the log begins.

        In a log that is `settled`, as a test's is, the next absence and moment of each event happens, however far ahead it lies.
        """
        end = max([record.time for record in records] + ([] if now is None else [now]), default=0)
        self.pending, self.before_log = {}, {}
        begin = min((record.time for record in records), default=0)
        happened: list[Happened] = []
        for contact in dict.fromkeys(record.contact for record in records):
            log = [Place((record.time, 0, number, 0), record) for number, record in enumerate(records) if record.contact == contact]
            happened += self.of_contact(log, end, settled, begin)
        happened.sort(key=lambda entry: entry[0])
        return [
            Entry(EPOCH + e.time * MICROSECOND, e.contact, rule.automation, rule.name, rule.source, e.row if e.id is None else e.id)
            for _, rule, e in happened
        ]

    def given(self, block: tree.TestBlock) -> list[Record]:
        """The log of a test block, in order."""
        records = []
        for row, line in enumerate(block.given, 1):
            held = {part.property.path: self.set_to(part.literal) for part in line.properties}
            value = held.pop("value", None)
            records.append(Record(self.start_of(line.moment), line.contact.text, line.kind.kind, line.name.text, value, held, None, row))
        return sorted(records, key=lambda record: record.time)

    def set_to(self, literal: tree.Literal) -> Any:
        """What a given line sets a property to."""
        match literal:
            case tree.Number(scaled):
                return Decimal(scaled) / 10**9
            case tree.Date() | tree.DateTime():
                return literal.span.text
        return self.wanted(literal)

    def of_contact(self, log: list[Place], end: int, settled: bool, begin: int) -> list[Happened]:
        happened: list[Happened] = []
        before: list[Place] = []
        waiting = list(log)
        while waiting:
            place = [waiting.pop(0)]
            for e in place:  # it grows: an entry is an event too, and what it triggers stands after all entries before it
                for rule in self.rules.rules:
                    if not self.starts(rule.rule.on, before, e):
                        continue
                    if self.active(rule.rule.active, e.record) and self.looks_back(rule.rule.where, e.time, begin):
                        self.before_log[rule.automation] = self.before_log.get(rule.automation, 0) + 1
                    if self.lets_in(rule, before, e, happened):
                        happened.append((e.key, rule, e.record))
                        entry = Record(e.time, e.record.contact, "enter", rule.automation, id=e.record.id, row=e.record.row)
                        place.append(Place((*place[0].key[:3], len(place)), entry))
                if e.of is None:
                    before.append(e)
                    for rule in self.rules.rules:
                        for time in self.awaited(rule.rule.on, before, e):
                            if time > end and not settled:
                                break
                            if derived(e, time) not in waiting:
                                insort(waiting, derived(e, time), key=lambda each: each.key)
                            if time > end:
                                break
        for rule in self.rules.rules:
            for e in before:
                later = next((time for time in self.awaited(rule.rule.on, before, e) if time > end), None)
                if later is not None and self.unbroken(rule.rule.on, before, derived(e, later)):
                    self.pending[rule.name] = self.pending.get(rule.name, 0) + 1
        return happened

    def lets_in(self, rule: ProjectRule, before: list[Place], e: Place, happened: list[Happened]) -> bool:
        """Whether a rule makes an entry at its trigger."""
        return (
            self.active(rule.rule.active, e.record)
            and (rule.rule.where is None or self.holds(rule.rule.where, before, e))
            and self.allowed(rule, e.record, [(other, t) for _, other, t in happened])
        )

    # Sequences, absences and moments

    def starts(self, on: tree.Trigger, before: list[Place], e: Place) -> bool:
        """Whether the trigger of a rule happens at a place."""
        match on:
            case tree.Pattern():
                return e.of is None and self.matches(on, e.record, e.record, e.record)
            case tree.Chain(_, _, None):
                return e.of is None and any(last is e for _, last in self.sequences(on, [*before, e], e))
        return e.of is not None and e.time in self.awaited(on, before, e.of, e.time) and self.unbroken(on, before, e)

    def sequences(self, chain: tree.Chain, events: list[Place], e: Place) -> list[tuple[Place, Place]]:
        """The first and the last event of each way to go through a chain's steps; `e` is the trigger."""
        ways = [(x, x) for x in events if self.matches(chain.first, x.record, e.record, e.record)]
        for step in chain.then:
            further: dict[tuple[Any, ...], tuple[Place, Place]] = {}
            for x in events:
                for first, last in ways:
                    if (
                        last.key < x.key
                        and (step.within is None or x.time - last.time <= step.within.microseconds)
                        and self.matches(step.pattern, x.record, e.record, first.record)
                    ):
                        further[first.key, x.key] = (first, x)
            ways = list(further.values())
        return ways

    def occurrences(self, node: tree.Pattern | tree.Chain, before: list[Place], e: Place) -> list[Place]:
        """What happened of a pattern or chain until a trigger and at its own place, in order."""
        events = before if e.of is not None else [*before, e]
        if isinstance(node, tree.Pattern):
            return [x for x in events if self.matches(node, x.record, e.record, e.record)]
        ways = self.sequences(node, events, e)
        if node.without is None:
            return [x for x in events if any(last is x for _, last in ways)]
        lasting = [
            derived(last, last.time + node.without.within.microseconds)
            for first, last in ways
            if not any(
                last.key < y.key < (last.time + node.without.within.microseconds, 1, last.key, 0)
                and self.matches(node.without.pattern, y.record, e.record, first.record)
                for y in events
            )
        ]
        return sorted({x.key: x for x in lasting if x.key <= e.key}.values(), key=lambda x: x.key)

    def awaited(self, on: tree.Trigger, events: list[Place], e: Place, start: int = -END_OF_TIME) -> Iterator[int]:
        """The times, in order and from one on, at which an absence or a moment of an event comes, if nothing breaks it."""
        times: Iterator[int] = iter(())
        match on:
            case tree.Chain(_, _, tree.Without(_, tree.Duration(d))):
                if any(last is e for _, last in self.sequences(on, events, e)) and e.time + d < END_OF_TIME:
                    yield e.time + d
                return
            case tree.After(tree.Duration(d), pattern):
                if self.matches(pattern, e.record, e.record, e.record):
                    times = iter((e.time + d,))
            case tree.DateOf(word, tree.Dated(tree.Property(path), pattern), duration, side):
                if self.matches(pattern, e.record, e.record, e.record):
                    moved = 0 if duration is None else duration.microseconds if side == "after" else -duration.microseconds
                    dates = self.dates(word, look_up(e.record, path), max(start, e.time) - moved)
                    times = (date + moved for date in dates if date < END_OF_TIME)
        for time in times:
            if time >= END_OF_TIME:
                return
            if time > e.time and time >= start:
                yield time

    def dates(self, word: str, value: Any, start: int) -> Iterator[int]:
        """The date that a value holds, or its anniversaries; those that lie years before `start` are left out."""
        written, read = clock_and_offset(value), self.as_date(value)
        if written is None or read is None or not FIRST_MOMENT <= read[1] < END_OF_TIME:
            return
        if word == "date":
            yield read[1]
            return
        clock = written[0] if written[1] is None else self.local(read[1])
        if clock >= END_OF_TIME:
            return
        # A clock may show the year before the first; the calendar is the same every four centuries.
        own = EPOCH + (clock + FOUR_CENTURIES) * MICROSECOND if clock < 0 else EPOCH + clock * MICROSECOND
        year = own.year - 400 * (clock < 0)
        for following in range(max(year + 1, 1970 + start // ((366 if start > 0 else 365) * DAY) - 2), 10_000):
            day = 28 if (own.month, own.day) == (2, 29) and not isleap(following) else own.day
            yield self.moment((own.replace(year=following, day=day) - EPOCH) // MICROSECOND)

    def unbroken(self, on: tree.Trigger, events: list[Place], place: Place) -> bool:
        """Whether nothing between an event and the place of its absence or moment breaks or calls it off."""
        e = place.of
        assert e is not None
        between = [y for y in events if e.key < y.key < place.key]
        match on:
            case tree.Chain(_, _, tree.Without(pattern)):
                firsts = [first for first, last in self.sequences(on, [x for x in events if x.key <= e.key], e) if last is e]
                return any(not any(self.matches(pattern, y.record, e.record, first.record) for y in between) for first in firsts)
            case tree.After(_, _, without):
                return without is None or not any(self.matches(without, y.record, e.record, e.record) for y in between)
            case tree.DateOf(_, dated, _, _, without):
                if dated.is_field and any((y.record.kind, y.record.name) == ("field", e.record.name) for y in between):
                    return False
                return without is None or not any(self.matches(without, y.record, e.record, e.record) for y in between)
        return False

    def looks_back(self, condition: tree.Condition | None, time: int, begin: int) -> bool:
        """Whether a window of a condition, asked at a time, begins before the log does."""
        match condition:
            case tree.And(parts) | tree.Or(parts):
                return any(self.looks_back(part, time, begin) for part in parts)
            case tree.Not(part):
                return self.looks_back(part, time, begin)
            case tree.SegmentTest(name):
                return self.looks_back(self.rules.segments[name.text], time, begin)
            case tree.HistoryTest(pattern, _, tree.Within(tree.Duration(d))):
                return time - d - self.chain_lasts(pattern) < begin
            case tree.HistoryTest(pattern, _, tree.Between(start) | tree.Since(start)):
                # Of a plain date's day, the last moment.
                first = self.end_of(start) - 1 if isinstance(start, tree.Date) else self.start_of(start)
                return first - self.chain_lasts(pattern) < begin
        return False

    def chain_lasts(self, node: tree.Pattern | tree.Chain) -> int:
        """How long a chain may have lasted until it happens, back to the first step that may be at any time after the one before it."""
        if isinstance(node, tree.Pattern):
            return 0
        lasts = node.without.within.microseconds if node.without else 0
        for step in reversed(node.then):
            if step.within is None:
                return lasts
            lasts += step.within.microseconds
        return lasts

    # Runs

    def allowed(self, rule: ProjectRule, e: Record, happened: list[tuple[ProjectRule, Record]]) -> bool:
        return self.own_runs_allow(rule, e, happened) and self.header_allows(rule, e, happened)

    def own_runs_allow(self, rule: ProjectRule, e: Record, happened: list[tuple[ProjectRule, Record]]) -> bool:
        own = [t for other, t in happened if t.contact == e.contact and other.name == rule.name]
        return self.runs_allow(rule.rule.runs or tree.Once(span=rule.rule.span), e, own)

    def header_allows(self, rule: ProjectRule, e: Record, happened: list[tuple[ProjectRule, Record]]) -> bool:
        mine = [t for other, t in happened if t.contact == e.contact and other.automation == rule.automation]
        return rule.header_runs is None or self.runs_allow(rule.header_runs, e, mine)

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

    def matches(self, pattern: tree.Pattern, x: Record, e: Record, same: Record) -> bool:
        """Whether a pattern matches x; `trigger P` is P of e, and `same P` that of `same`."""
        return any(
            x.kind == single.occurrence.kind.kind
            and (single.occurrence.names is None or named(single.occurrence.names, x.name))
            and all(
                both_read("=", look_up(x, test.property.path), look_up(same, test.property.path), as_text)
                if isinstance(test, tree.Same)
                else self.filtered(test, x, e)
                for test in single.filters
            )
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
        written = clock_and_offset(value)
        if written is None:
            return None
        clock, offset, is_plain = written
        moment = self.moment(clock) if offset is None else clock - offset
        return (clock if is_plain else self.local(moment)) // DAY, moment

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

    def holds(self, condition: tree.Condition, before: list[Place], e: Place) -> bool:
        match condition:
            case tree.And(parts):
                return all(self.holds(part, before, e) for part in parts)
            case tree.Or(parts):
                return any(self.holds(part, before, e) for part in parts)
            case tree.Not(part):
                return not self.holds(part, before, e)
            case tree.HistoryTest(pattern, measure, window):
                seen = self.window(window, self.occurrences(pattern, before, e), before, e)
                return self.measured(measure, [x.record for x in seen], e.record)
            case tree.ListTest(names, was):
                return held(names, self.history(before, e, was), "subscribe", "unsubscribe")
            case tree.TagTest(names, had):
                return held(names, self.history(before, e, had), "tag", "untag")
            case tree.FieldTest(name, comparison, was):
                set_to = [x.value for x in self.history(before, e, was) if x.kind == "field" and x.name == name.text]
                return self.compares(comparison, set_to[-1] if set_to else None)
            case tree.SegmentTest(name):
                return self.holds(self.rules.segments[name.text], before, e)
            case tree.WeekdayTest(days):
                return (self.local(e.time) // DAY + 3) % 7 in days  # 1970-01-01 was a Thursday
            case tree.TimeTest(start, end):
                now = self.local(e.time) % DAY // 60_000_000
                return start <= now < end if start < end else now >= start or now < end
        raise AssertionError(condition)

    def history(self, before: list[Place], e: Place, was: bool) -> list[Record]:
        """The events that a state is made of: those right before a place, or right after it; an absence or a moment is no event."""
        return [x.record for x in (before if was or e.of is not None else [*before, e])]

    def window(self, window: tree.Window, seen: list[Place], before: list[Place], e: Place) -> list[Place]:
        """Those of what happened until the trigger and at its own place that a window looks at."""
        earlier, own = [x for x in seen if x.key < e.key], [x for x in seen if x.key == e.key]
        match window:
            case tree.Before():
                return earlier
            case tree.SoFar():
                return seen
            case tree.Within(tree.Duration(d), so_far):
                return [x for x in earlier if x.time >= e.time - d] + own * so_far
            case tree.Between(start, end):
                return [x for x in earlier if self.start_of(start) <= x.time < self.end_of(end)]
            case tree.Since(start, so_far):
                return [x for x in earlier + own * so_far if x.time >= self.start_of(start)]
            case tree.SinceLast(pattern, so_far):
                last = max((y.key for y in before if self.matches(pattern, y.record, e.record, e.record)), default=(-END_OF_TIME,))
                return [x for x in earlier if x.key > last] + own * so_far
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


def clock_and_offset(value: Any) -> tuple[int, int | None, bool] | None:
    """What a text in a date literal's form says: a clock, its offset from UTC if there is one, and whether it is a plain date."""
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
    if found[8] is None:
        return clock, None, found[4] is None
    sign, hours, minutes = (1, "0", "0") if found[8] == "Z" else (-1 if found[8][0] == "-" else 1, found[8][1:3], found[8][4:])
    if int(hours) > 23 or int(minutes) > 59:
        return None
    return clock, sign * (int(hours) * 60 + int(minutes)) * 60_000_000, False


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
