"""Codes: what the checker can say of rules that can be read. What cannot be read has its codes in `language`."""

from __future__ import annotations

from triggerlang.language.diagnostics import Code

# Files

NOT_UTF8 = Code("not-utf8", "this file is not UTF-8: {found}", "Rule files are UTF-8.")
EMPTY_FILE = Code("empty-file", "this file has no statement", "A rule file without statements says nothing.", "warning")

# Automations and segments

DUPLICATE_AUTOMATION = Code(
    "duplicate-automation", "the automation {name} stands here for the second time", "An automation's name stands once in a project."
)
DUPLICATE_SEGMENT = Code(
    "duplicate-segment", "the segment {name} stands here for the second time", "A segment's name stands once in a project."
)
NO_RULE = Code("automation-without-rule", "the automation {name} has no rule", "At least one rule follows an automation's header.")
UNKNOWN_SEGMENT = Code(
    "unknown-segment", "no segment {name} is in this project", "A rule refers to a segment that the project does not have."
)
SEGMENT_CIRCLE = Code(
    "segment-circle", "this segment refers to itself: {circle}", "A segment cannot refer to itself, through others either."
)
AUTOMATION_CIRCLE = Code(
    "automation-circle",
    "this automation starts itself: {circle}",
    "An automation that starts on `enters automation` cannot start itself, through others either.",
)

# Declared names

NOUNS = ("event", "list", "form", "email", "link", "tag", "field", "automation", "goal", "product", "stage", "page")
UNKNOWN_NAMES: dict[str, Code] = {
    noun: Code(
        f"unknown-{noun}",
        f"no {noun} {{name}} is declared",
        f"As soon as one {noun} is declared in a project, the others that rules name must be declared too.",
    )
    for noun in NOUNS
}
UNKNOWN_PROPERTY = Code(
    "unknown-property", "no property {property} is declared for {owner}", "A rule names a property that a declared name does not have."
)
DECLARED_TWICE = Code("declared-twice", "{name} is declared twice", "The same declaration stands twice in a project.", "warning")
CONFLICTING_DECLARATIONS = Code(
    "conflicting-declarations", "{name} is declared here and elsewhere in another way", "Two declarations of one name differ."
)
PROPERTY_DECLARED_TWICE = Code(
    "property-declared-twice", "the property {property} stands here for the second time", "A declaration names a property once."
)

# Types

DECLARED_BUILT_IN = Code(
    "declared-built-in",
    "{property} is no property of its own",
    "`value` and `event_name` are what every event has; the type of `value` stands right after the declared name.",
)
WRONG_TYPE = Code(
    "wrong-type",
    "{property} is declared as {declared}, and {use}",
    "A declared property is compared with literals of its own type.",
)
CASE_OF_NO_TEXT = Code("ignoring-case", "`ignoring case` has no meaning beside {literal}", "`ignoring case` stands beside a text.")
ORDER_OF_BOOLEANS = Code("order-of-booleans", "{sign} has no meaning for {literal}", "Booleans are equal or not; none is larger.")
NOT_A_NUMBER = Code(
    "not-a-number",
    "{function} is compared with a number, not with {compared}",
    "`sum` and `average` are compared with numbers and `trigger P`.",
)
EXTREME_OF_BOOLEANS = Code(
    "extreme-of-booleans", "{function} has no meaning for booleans", "`min` and `max` are compared with numbers, texts or dates."
)
MIXED_TYPES = Code(
    "mixed-types", "the values of this list are of several types: {types}", "In a measure, all literals of `in` are of one type."
)
TRIGGER_IN_ON = Code(
    "trigger-in-on", "`trigger` has no meaning in `on`: the event is the trigger itself", "`trigger P` stands in a condition, not in `on`."
)
ITS_IN_MEASURE = Code("its-outside-filter", "`its` has no meaning here", "`its P` is P of the same event, in filters only.")
FIELD_WITH_PROPERTY = Code(
    "field-with-property", "a field is compared with a literal, not with a property", "A `field` test takes neither `its` nor `trigger`."
)

# Sequences, absences and moments

SAME_IN_FIRST = Code(
    "same-in-on",
    "`same` has no meaning in the first pattern of `on`",
    "`same P` compares with the chain's first event, and in a condition with the trigger.",
)
NO_DURATION = Code("zero-moment", "a moment of {duration} is no moment", "The duration of a moment is more than 0.")
NEVER_FOLLOWS = Code(
    "never-follows", "this step can never follow: {why}", "A chain asks of its first event and of a later one what no two events can meet."
)
NEVER_ABSENT = Code(
    "never-absent",
    "this absence can never come: {why}",
    "What must not come is brought by the very event that is waited after.",
)
NO_DATE = Code("no-date", "this moment never comes: {property} is blank here", "A moment is taken from a property that holds a date.")

# Times and runs

EQUAL_TIMES = Code("equal-times", "these two times are equal", "`time between` needs two different times.")
EMPTY_WINDOW = Code("empty-window", "no time lies between {start} and {end}", "The second date of a window does not lie after the first.")
NEVER_RUNS = Code("never-runs", "a rule that may run 0 times never does", "`at most 0 times` keeps everybody out.")
ONCE_PER_UNIT = Code(
    "once-per-unit",
    "`once per {unit}` is once for each value of a property called {unit}",
    "`once per` is followed by a property; a limit in time is `at most once per 30 days`.",
    "warning",
)
REPEATED_DAY = Code("repeated-weekday", "{day} stands here twice", "A day of the week stands once in a list.", "warning")

# Test blocks

NO_SUCH_AUTOMATION = Code(
    "no-such-automation",
    "no automation {name} is in this project",
    "A test expects entries of an automation that the project does not have.",
)
EXPECTED_TWICE = Code("expected-twice", "{name} is expected twice in this test", "A test says once what it expects of an automation.")
DUPLICATE_TEST = Code(
    "duplicate-test", "a test called {name} stands here for the second time", "Tests are told apart by their names.", "warning"
)
GIVEN_EVENT_NAME = Code(
    "given-event-name", "`event_name` cannot be set: it is the event's name, {name}", "A given line names its event before `with`."
)
GIVEN_TWICE = Code("given-twice", "the property {property} is set twice in this line", "A given line sets a property once.")
EMPTY_NAME = Code("empty-name", "{what} has a name that is not empty", "An event of a log has a contact and a name.")
BEYOND_CALENDAR = Code(
    "beyond-calendar", "{time} {lies} outside the years 1 to 9999 in UTC", "Times in tests are times that a log can have."
)
UNKNOWN_CONTACT = Code(
    "unknown-contact", "nothing happens to {contact} in this test", "Only contacts of a test's given lines can enter.", "warning"
)

# Look-alikes

STRANGE_NAME = Code(
    "strange-name",
    "the name {name} holds {what}",
    "A name holds characters that look like others or like nothing; comparisons are by code point.",
    "warning",
)

# Allowances

WRONG_ALLOWANCE = Code(
    "wrong-allowance",
    "{what}",
    "A comment `# triggerlang: allow CODE reason` names codes that can be allowed: warnings, and what rules can be compiled with.",
)
NO_REASON = Code(
    "allowance-without-reason",
    "this allows {codes}, and does not say why",
    "A comment `# triggerlang: allow CODE reason` says why the code may stand there; without that it allows nothing.",
)
UNNEEDED_ALLOWANCE = Code(
    "unneeded-allowance",
    "nothing {where} needs {codes} to be allowed",
    "A code is allowed where it is not found; nothing is said of that while there are errors, which may hide it.",
    "warning",
    is_slip=True,
)

CHECKER_CODES = (
    NOT_UTF8,
    EMPTY_FILE,
    DUPLICATE_AUTOMATION,
    DUPLICATE_SEGMENT,
    NO_RULE,
    UNKNOWN_SEGMENT,
    SEGMENT_CIRCLE,
    AUTOMATION_CIRCLE,
    *UNKNOWN_NAMES.values(),
    UNKNOWN_PROPERTY,
    DECLARED_TWICE,
    CONFLICTING_DECLARATIONS,
    PROPERTY_DECLARED_TWICE,
    DECLARED_BUILT_IN,
    WRONG_TYPE,
    CASE_OF_NO_TEXT,
    ORDER_OF_BOOLEANS,
    NOT_A_NUMBER,
    EXTREME_OF_BOOLEANS,
    MIXED_TYPES,
    TRIGGER_IN_ON,
    ITS_IN_MEASURE,
    FIELD_WITH_PROPERTY,
    SAME_IN_FIRST,
    NO_DURATION,
    NEVER_FOLLOWS,
    NEVER_ABSENT,
    NO_DATE,
    EQUAL_TIMES,
    EMPTY_WINDOW,
    NEVER_RUNS,
    ONCE_PER_UNIT,
    REPEATED_DAY,
    NO_SUCH_AUTOMATION,
    EXPECTED_TWICE,
    DUPLICATE_TEST,
    GIVEN_EVENT_NAME,
    GIVEN_TWICE,
    EMPTY_NAME,
    BEYOND_CALENDAR,
    UNKNOWN_CONTACT,
    STRANGE_NAME,
    WRONG_ALLOWANCE,
    NO_REASON,
    UNNEEDED_ALLOWANCE,
)


def all_codes() -> tuple[Code, ...]:
    """Every code that a rule file can bring, by itself or beside a log."""
    from triggerlang.checking.log_codes import LOG_CODES
    from triggerlang.checking.logic.codes import LOGIC_CODES
    from triggerlang.language import builder, lexer, mistakes, other_kinds, parser, strangers, unexpected

    return (
        *lexer.SYNTAX_CODES,
        *strangers.STRANGER_CODES,
        *other_kinds.OTHER_KIND_CODES,
        *builder.BUILDER_CODES,
        *parser.PARSER_CODES,
        *unexpected.UNEXPECTED_CODES,
        *mistakes.MISTAKE_CODES,
        *CHECKER_CODES,
        *LOG_CODES,
        *LOGIC_CODES,
    )
