"""Codes of logs: what `check --log` can say of rules that are right, beside a log that has nothing for them. All are warnings: the log may
be the one that is wrong, or too short."""

from __future__ import annotations

from triggerlang.language.diagnostics import Code

NOT_IN_LOG = Code("not-in-log", "no {what} in this log", "A rule names something that the log does not have.", "warning")
PROPERTY_NOT_IN_LOG = Code(
    "property-not-in-log",
    "no {owner} in this log has {property}",
    "A rule looks at a property that none of these events in the log has.",
    "warning",
)
TYPE_NOT_IN_LOG = Code(
    "type-not-in-log",
    "no {property} of {owner} in this log is a {type}",
    "A property is read as a type that none of its values in the log can be read as.",
    "warning",
)
NEVER_MET_IN_LOG = Code(
    "never-met-in-log", "no {owner} in this log has {comparison}", "A comparison is met by no value that the log has.", "warning"
)
TOO_FEW_IN_LOG = Code("too-few-in-log", "{what} in this log", "A rule asks for more than any contact in the log has.", "warning")
WINDOW_BEFORE_LOG = Code(
    "window-before-log",
    "this always reaches back to before the log begins: {why}",
    "A window begins before the log does, whenever the rule is asked.",
    "warning",
)
WAIT_BEYOND_LOG = Code(
    "wait-beyond-log",
    "this never comes in this log, which is {length} long",
    "What is waited for comes so late that the log is over by then.",
    "warning",
)

LOG_CODES = (
    NOT_IN_LOG,
    PROPERTY_NOT_IN_LOG,
    TYPE_NOT_IN_LOG,
    NEVER_MET_IN_LOG,
    TOO_FEW_IN_LOG,
    WINDOW_BEFORE_LOG,
    WAIT_BEYOND_LOG,
)
