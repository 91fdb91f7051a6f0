"""Accepted, but is it meant? What is right by the reference and often misread.

In: the rules and segments of a project. Out: diagnostics. They are narrow: nothing is said where the intention is spelled out, by `before`
or `so far`, or by a test beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from triggerlang.checking.logic import codes, filtering, measures
from triggerlang.checking.logic.conditions import Conditions, Segments
from triggerlang.checking.logic.reasoning import Fact, Formula, given, known
from triggerlang.checking.logic.scene import Scene, SceneLore
from triggerlang.checking.ruleset import ProjectRule
from triggerlang.checking.walking import happening, patterns, tests
from triggerlang.language import printing, tree
from triggerlang.language.diagnostics import Diagnostic, Note, code_word, quoted
from triggerlang.language.source import Span
from triggerlang.language.times import DAY

_MOST_RULES = 100
"""How many rules an automation has at most for each of them to be held against the others."""


def of_rule(item: ProjectRule, conditions: Conditions, rules: Sequence[ProjectRule]) -> Iterator[Diagnostic]:
    """What may not be meant of one rule; `rules` are those of its automation."""
    rule = item.rule
    yield from _of_trigger(rule, rules)
    yield from of_runs(rule.runs)
    if rule.where is None or id(rule) in conditions.never_enters:
        return
    yield from _not_put_off(rule.where)
    yield from _windows_of_a_day(rule.where)
    lore = conditions.lore(rule)
    for test in tests(rule.where):
        if isinstance(test, tree.HistoryTest):
            found = _counted(test, lore.scene)
            if found is not None:
                yield found
    if conditions.is_small(rule.where):
        yield from _of_top(rule.where, lore)


def of_segment(condition: tree.Condition, counted: Sequence[Diagnostic], segments: Segments) -> Iterator[Diagnostic]:
    """What may not be meant of a segment; `counted` is what is said of its tests at each trigger at which it is asked."""
    yield from _windows_of_a_day(condition)
    yield from counted
    if segments.is_small(condition):
        yield from _of_top(condition, SceneLore(Scene(None), segments.opened))


def counted(condition: tree.Condition, scenes: Sequence[Scene]) -> Iterator[Diagnostic | None]:
    """What may not be meant of each history test of a segment at all of some triggers; None where it may be at one."""
    for test in tests(condition):
        if isinstance(test, tree.HistoryTest):
            found = (_counted(test, scene) for scene in scenes)
            first = next(found)
            yield first if first is not None and all(problem is not None for problem in found) else None


# The trigger and windows


def _counted(test: tree.HistoryTest, scene: Scene) -> Diagnostic | None:
    """A test without a window that could be thought to count the trigger, or not to count the event that was waited after."""
    if not isinstance(test.window, tree.Before) or test.window.span.length or scene.rule is None:
        return None
    own = happening(scene.rule.on)
    if scene.waits:
        return _waited_counted(test, own)
    if isinstance(test.measure, tree.Count) and _is_plain(test.measure):
        return None
    singles = test.pattern.singles if isinstance(test.pattern, tree.Pattern) else _last(test.pattern)
    if filtering.singles_apart(scene.event, singles) or not any(map(_may_be_trigger, singles)):
        return None
    return codes.TRIGGER_NOT_COUNTED.at(
        test.span,
        help="`so far` counts it; `before` says that only earlier ones are meant",
        notes=(Note("the rule starts here", own.span),),
    )


def _waited_counted(test: tree.HistoryTest, own: tree.Pattern) -> Diagnostic | None:
    if not isinstance(test.pattern, tree.Pattern) or not isinstance(test.measure, tree.Count) or _is_plain(test.measure):
        return None
    if not filtering.singles_within(filtering.freed(own.singles), test.pattern.singles):
        return None
    return codes.WAITED_COUNTED.at(
        test.span,
        help=f"{code_word(f'{printing.measure(test.measure)} before')} says that it is meant to count",
        notes=(Note("this event stands before", own.span),),
    )


def _is_plain(count: tree.Count) -> bool:
    """Whether a count could not be meant with the trigger: it would always, or never, hold then."""
    held = measures.counts(count, True)
    return measures.covers(held, ((1, None),)) or held == ((0, 0),) or not held


def _last(chain: tree.Chain) -> tuple[tree.Single, ...]:
    if chain.without is not None:
        return ()
    return happening(chain).singles


def _may_be_trigger(single: tree.Single) -> bool:
    """Whether a single can match the trigger itself: it does not ask for another value than the trigger's."""
    return not any(
        isinstance(test, tree.PropertyTest)
        and isinstance(test.comparison, tree.CompareProperty)
        and test.comparison.side == "trigger"
        and test.comparison.property == test.property
        and test.comparison.operator in ("<", ">", "!=")
        for test in single.filters
    )


def _windows_of_a_day(condition: tree.Condition) -> Iterator[Diagnostic]:
    """Windows of one day, written in days."""
    for test in tests(condition):
        if isinstance(test, tree.HistoryTest) and isinstance(test.window, tree.Within):
            yield from _day(test.window.duration)


def of_runs(runs: tree.Runs | None) -> Iterator[Diagnostic]:
    """A limit for one day, written in days."""
    if isinstance(runs, tree.AtMost) and runs.per is not None:
        yield from _day(runs.per)


def _day(duration: tree.Duration) -> Iterator[Diagnostic]:
    if duration.microseconds == DAY and duration.unit == "days":
        yield codes.DAY_IS_HOURS.at(
            duration.span, duration=code_word(printing.duration(duration)), help="`24 hours` says so, and means the same"
        )


def _of_trigger(rule: tree.Rule, rules: Sequence[ProjectRule]) -> Iterator[Diagnostic]:
    if not isinstance(rule.on, tree.DateOf):
        return
    on = rule.on
    if on.word == "anniversary" and on.without is not None:
        yield codes.CALLS_OFF_ALL.at(
            on.without.span,
            help="to miss one year only, ask in `where` for what has not occurred within 365 days before",
        )
    is_reminder = on.word == "date" and not on.dated.is_field and on.side == "before" and len(rules) <= _MOST_RULES
    if is_reminder and on.duration is not None and not any(_minds_the_late(on, other.rule.on) for other in rules):
        yield codes.SHORT_NOTICE.at(
            on.duration.span,
            duration=code_word(printing.duration(on.duration)),
            help="a second rule of this automation can start nearer to the date, or at the event itself",
        )


def _minds_the_late(reminder: tree.DateOf, other: tree.Trigger) -> bool:
    """Whether another rule starts at the event itself, or at another time before or after the same date."""
    if isinstance(other, tree.Pattern):
        return filtering.singles_within(reminder.dated.pattern.singles, other.singles)
    return isinstance(other, tree.DateOf) and other is not reminder and other.word == "date" and other.dated == reminder.dated


def _not_put_off(where: tree.Condition) -> Iterator[Diagnostic]:
    """A condition that asks for nothing but the hours of a day, or its working days: nobody waits for the night."""
    parts = where.parts if isinstance(where, tree.And) else (where,)
    if all(isinstance(part, tree.TimeTest | tree.WeekdayTest) and _is_for_work(part) for part in parts):
        yield codes.NOT_PUT_OFF.at(
            where.span,
            time="these times" if len(parts) > 1 else "that time",
            help="a rule does not wait; whatever sends the message can, until the hour is right",
        )


def _is_for_work(test: tree.TimeTest | tree.WeekdayTest) -> bool:
    return test.start < test.end if isinstance(test, tree.TimeTest) else not {5, 6} & set(test.days)


# Values that are not there


def _of_top(condition: tree.Condition, lore: SceneLore) -> Iterator[Diagnostic]:
    """What holds for contacts without a value, among the parts that must all hold."""
    parts = condition.parts if isinstance(condition, tree.And) else (condition,)
    for part in parts:
        match part:
            case tree.FieldTest(name, tree.Compare("!=") as comparison, before):
                blank = tree.FieldTest(name, tree.Blank(False, span=comparison.span), before, span=part.span)
                if not _is_known(blank, part, parts, lore):
                    asked = f"field {printing.string(name.text)}{' was' if before else ''} is not blank"
                    yield codes.HOLDS_WITHOUT_VALUE.at(
                        part.span, field=f"the field {quoted(name.text)}", help=f"{code_word(asked)} leaves them out"
                    )
            case tree.HistoryTest(_, tree.Aggregate("first" | "last" as function, wanted, tree.CompareProperty("!="))):
                if not _is_filled(part, parts, lore):
                    shown = printing.property_name(wanted.path)
                    yield codes.HOLDS_WITHOUT_EITHER.at(
                        part.span,
                        property=code_word(shown),
                        help=f"{code_word(f'{function} {shown} is not blank')} beside it leaves that out",
                    )
    yield from _first_values(parts, lore)


def _is_known(blank: tree.Test, part: tree.Condition, parts: Sequence[tree.Condition], lore: SceneLore) -> bool:
    """Whether the parts beside, or the trigger, say whether a value is there."""
    facts = [*lore.scene.facts, *_given_beside(part, parts, lore)]
    return known(lore, blank, facts) is not None


def _given_beside(part: Formula, parts: Sequence[Formula], lore: SceneLore) -> list[Fact]:
    return [fact for other in parts if other is not part for fact in given(lore, other, True)]


def _is_filled(test: tree.HistoryTest, parts: Sequence[tree.Condition], lore: SceneLore) -> bool:
    """Whether something says that one of the two values is there: a filter of either event, or a test beside."""
    measure = test.measure
    assert isinstance(measure, tree.Aggregate)
    assert isinstance(measure.comparison, tree.CompareProperty)
    blank = tree.HistoryTest(
        test.pattern,
        tree.Aggregate(measure.function, measure.property, tree.Blank(False, span=test.span), span=test.span),
        test.window,
        span=test.span,
    )
    if _is_known(blank, test, parts, lore) or _asks(lore.scene.event, measure.comparison.property):
        return True
    return isinstance(test.pattern, tree.Pattern) and _asks(test.pattern.singles, measure.property)


def _asks(singles: Sequence[tree.Single], wanted: tree.Property) -> bool:
    """Whether each of some events surely has a property."""
    blank = tree.PropertyTest(wanted, tree.Blank(False, span=wanted.span), span=wanted.span)
    return bool(singles) and all(known(filtering.FILTERS, blank, filtering.facts_of(single)) is not None for single in singles)


_CROSSED = {(">=", "<"), (">", "<="), ("<=", ">"), ("<", ">=")}


def _first_values(parts: Sequence[tree.Condition], lore: SceneLore) -> Iterator[Diagnostic]:
    """A field that is past a bound, and was not."""
    fields = [part for part in parts if isinstance(part, tree.FieldTest) and isinstance(part.comparison, tree.Compare)]
    now = {(part.name.text, part.comparison.operator, part.comparison.literal): part for part in fields if not part.before}  # type: ignore[union-attr]
    for part in fields:
        mine = part.comparison
        if not part.before or not isinstance(mine, tree.Compare):
            continue
        other = next(
            (now[key] for sign, own in _CROSSED if own == mine.operator and (key := (part.name.text, sign, mine.literal)) in now), None
        )
        blank = tree.FieldTest(part.name, tree.Blank(False, span=part.span), True, span=part.span)
        if other is None or _is_known(blank, part, parts, lore):
            continue
        opposite = tree.FieldTest(part.name, other.comparison, True, span=part.span)
        yield codes.FIRST_VALUE.at(
            part.span,
            field=f"{quoted(part.name.text)}",
            example=code_word(printing.comparison(other.comparison)),
            help=f"{code_word(f'not {printing.condition(opposite)}')} lets first values in; `is not blank` beside it leaves them out",
            notes=(Note("right after it is this", other.span),),
        )


# Beside one another


def of_automation(rules: Sequence[ProjectRule]) -> Iterator[Diagnostic]:
    """Rules that each run once, where the header sets no limit."""
    if rules[0].header_runs is not None:
        return
    written = [item for item in rules if isinstance(item.rule.runs, tree.Once) and item.rule.runs.per is None]
    if len(written) > 1:
        first, second = written[0].rule.runs, written[1].rule.runs
        assert first is not None
        assert second is not None
        yield codes.ONCE_FOR_EACH.at(
            second.span,
            automation=quoted(rules[0].automation),
            help="`once` behind the automation's name holds for all of its rules; `every time` there says that each counts alone",
            notes=(Note("and this rule once", first.span),),
        )


def of_one_kind(place: Span, other: Span) -> Diagnostic:
    """`any event`, where other rules of the project start on other kinds."""
    return codes.ONE_KIND_ONLY.at(
        place,
        help='`event like "*"` says so; `any of (any event or opens any email)` takes another kind in',
        notes=(Note("here a rule starts on another kind", other),),
    )


def other_kind(rules: Iterable[tree.Rule]) -> Span | None:
    """Where the first rule starts on another kind than `event`."""
    return next((single.span for rule in rules for single in happening(rule.on).singles if single.occurrence.kind.kind != "event"), None)


def any_event(asked: tree.Rule | tree.Condition) -> Span | None:
    """The first `any event` of a rule or of a segment's condition, in a pattern without other kinds."""
    within = _patterns_of_rule(asked) if isinstance(asked, tree.Rule) else _patterns_of(asked)
    return next((single.occurrence.span for pattern in within if (single := _any_event(pattern)) is not None), None)


def _any_event(pattern: tree.Pattern) -> tree.Single | None:
    """`any event` in a pattern without other kinds."""
    if any(single.occurrence.kind.kind != "event" for single in pattern.singles):
        return None
    return next((single for single in pattern.singles if single.occurrence.names is None), None)


def _patterns_of_rule(rule: tree.Rule) -> Iterator[tree.Pattern]:
    for _, pattern in patterns(rule.on):
        yield pattern
    yield from _patterns_of(rule.where)


def _patterns_of(condition: tree.Condition | None) -> Iterator[tree.Pattern]:
    for test in tests(condition):
        if isinstance(test, tree.HistoryTest):
            for _, pattern in patterns(test.pattern):
                yield pattern
