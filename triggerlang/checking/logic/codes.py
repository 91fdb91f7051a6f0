"""Codes: what lints of rules alone can say. All of them are lints: rules that bring one can be run all the same."""

from __future__ import annotations

from triggerlang.language.diagnostics import Code

# Proved, whatever the log

NEVER_ENTERS = Code("never-enters", "{rule} never enters: {why}", "A rule that can enter on no log whatever.", is_lint=True)
NEVER_HOLDS = Code("never-holds", "{part} never holds{beside}", "A part of a condition that never holds.", "warning", is_lint=True)
ALWAYS_HOLDS = Code("always-holds", "{part} always holds{beside}", "A part of a condition that always holds.", "warning", is_lint=True)
IMPLIED_PART = Code(
    "implied-part",
    "{part} changes nothing: {other} says as much",
    "A part of an `and` that holds wherever the other parts do.",
    "warning",
    is_lint=True,
)
SWALLOWED_PART = Code(
    "swallowed-part",
    "{part} changes nothing: {other} holds wherever it does",
    "A part of an `or`, or of an `any of`, that another part takes in.",
    "warning",
    is_lint=True,
)
SWALLOWED_RULE = Code(
    "swallowed-rule",
    "this rule changes nothing: {other} enters whenever it would",
    "A rule at whose entries another rule of its automation enters anyway.",
    "warning",
    is_lint=True,
)
DUPLICATE_RULE = Code(
    "duplicate-rule", "this rule stands in {other} as well", "Two rules ask for the same and run alike.", "warning", is_lint=True
)
IDLE_RUNS = Code("idle-runs", "{runs} limits nothing here: {why}", "A runs clause that keeps nobody out.", "warning", is_lint=True)

# Accepted, but is it meant?

TRIGGER_NOT_COUNTED = Code(
    "trigger-not-counted",
    "without a window this means `before`: the event that starts the rule is not counted",
    "A test without a window asks about events like the trigger; the trigger itself does not count.",
    "warning",
    is_lint=True,
)
WAITED_COUNTED = Code(
    "waited-event-counted",
    "the event that is waited after stands before this trigger, and is counted",
    "At an absence or a moment the event that is waited after counts as an earlier one.",
    "warning",
    is_lint=True,
)
FIRST_VALUE = Code(
    "first-value-left-out",
    "a contact whose first {field} is {example} fails this: right before it there was none",
    "A field's value that rises or falls past a bound: the first value of all has none before it.",
    "warning",
    is_lint=True,
)
HOLDS_WITHOUT_VALUE = Code(
    "holds-without-value",
    "this also holds for contacts without {field}",
    "`!=` is true where there is no value.",
    "warning",
    is_lint=True,
)
HOLDS_WITHOUT_EITHER = Code(
    "holds-without-either",
    "this also holds where neither event has {property}",
    "`!=` between two properties is true where one of them, or both, are absent.",
    "warning",
    is_lint=True,
)
ONCE_FOR_EACH = Code(
    "once-for-each-rule",
    "`once` holds for each rule of {automation}: a contact can enter by both",
    "`once` at a rule counts the entries of that rule alone.",
    "warning",
    is_lint=True,
)
ONE_KIND_ONLY = Code(
    "any-event-of-one-kind",
    "`any event` is any event of kind `event`: no opens, visits or subscriptions",
    "`any event` stands in a project whose rules start on other kinds, too.",
    "warning",
    is_lint=True,
)
NOT_PUT_OFF = Code(
    "not-put-off",
    "what happens outside {time} is left out, not put off until then",
    "A time of day or a day of the week is all that a rule asks for.",
    "warning",
    is_lint=True,
)
CALLS_OFF_ALL = Code(
    "calls-off-every-year",
    "one such event calls off the anniversaries of every later year",
    "An anniversary with a `without`.",
    "warning",
    is_lint=True,
)
SHORT_NOTICE = Code(
    "no-short-notice",
    "whoever has less than {duration} left when the event comes gets no reminder",
    "A moment before a date that an event brings.",
    "warning",
    is_lint=True,
)
DAY_IS_HOURS = Code(
    "not-a-calendar-day",
    "{duration} is 24 hours, not the calendar's day",
    "A window or a limit of one day.",
    "warning",
    is_lint=True,
)

LOGIC_CODES = (
    NEVER_ENTERS,
    NEVER_HOLDS,
    ALWAYS_HOLDS,
    IMPLIED_PART,
    SWALLOWED_PART,
    SWALLOWED_RULE,
    DUPLICATE_RULE,
    IDLE_RUNS,
    TRIGGER_NOT_COUNTED,
    WAITED_COUNTED,
    FIRST_VALUE,
    HOLDS_WITHOUT_VALUE,
    HOLDS_WITHOUT_EITHER,
    ONCE_FOR_EACH,
    ONE_KIND_ONLY,
    NOT_PUT_OFF,
    CALLS_OFF_ALL,
    SHORT_NOTICE,
    DAY_IS_HOURS,
)
