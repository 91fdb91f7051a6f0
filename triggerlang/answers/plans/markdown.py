"""A plan as Markdown, for a comment of a pull request that is written anew with each push.

In: a plan, and a key to hash contacts with. Out: a text that begins with a fixed marker, by which the comment is found again, and is no
longer than GitHub takes. What comes from rules and logs stands in spans and blocks of code alone: nothing in these is a mention, a link,
markup or the end of a table's cell. Without the contacts' names, nothing else is shown of their events but times.
"""

from __future__ import annotations

import hmac
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import accumulate
from typing import Final, TypeAlias

from triggerlang.answers.encoding import shown
from triggerlang.answers.plans import wording
from triggerlang.answers.plans.difference import MOST_EXAMPLES
from triggerlang.answers.plans.plan import OfAutomation, OfRule, Plan, Rewording, some
from triggerlang.answers.reasons.wording import cut, moment_text
from triggerlang.engines.entry import Entry
from triggerlang.language import times
from triggerlang.language.times import Zone

MARKER: Final = "<!-- triggerlang plan -->"
"""The first line, by which a comment is found again."""
LONGEST: Final = 60_000
"""How many characters there are at most; GitHub takes 65,536, and counts some as two."""
LONGEST_SECTION: Final = 12_000
"""How many an automation may take of them."""
LONGEST_TABLE: Final = 12_000
LONGEST_EXCEEDED: Final = 8_000
"""How many the table of automations may take, and the limits that are exceeded."""
HASH: Final = 10
"""How many digits of a contact's hash are shown."""

Named: TypeAlias = Callable[[str], str]
"""How a contact is written."""


def render(plan: Plan, key: bytes | None) -> str:
    """The plan; contacts stand as hashes with the key, or without one as they are."""
    named: Named = code if key is None else lambda contact: f"`{hashed(contact, key)}`"
    told = [automation for automation in plan.automations if wording.is_told(automation)]
    parts = ["\n".join(_head(plan)), *("\n".join(lines) for lines in (_exceeded(plan), _table(plan, told)) if lines)]
    ends = [text for text in (wording.quiet_ones(plan), wording.looked_at(plan)) if text]
    if key is not None and plan.log is not None and not plan.is_same:
        ends.append("Contacts stand as keyed hashes.")
    left = LONGEST - sum(_size(part) + 2 for part in (*parts, *ends)) - 200
    shown_ones = 0
    for automation in told:
        section = _section(automation, plan.zone, named, is_named=key is None)
        if _size(section) + 2 > left:
            break
        parts.append(section)
        left -= _size(section) + 2
        shown_ones += 1
    if shown_ones < len(told):
        parts.append(f"{some(len(told) - shown_ones, 'automation')} more would not fit here.")
    return "\n\n".join([*parts, *ends]) + "\n"


def hashed(contact: str, key: bytes) -> str:
    """A contact's hash, short: the same for the same key."""
    return hmac.new(key, contact.encode("utf-8", "surrogatepass"), sha256).hexdigest()[:HASH]


def code(text: str, *, in_table: bool = False) -> str:
    """A text as a span of code, on one line."""
    text = _cut(text)
    if in_table:
        # Where a backslash stands before it, a backslash does not keep a bar from ending the cell.
        text = text.replace("|", "\N{BOX DRAWINGS LIGHT VERTICAL}" if "\\" in text else "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) or not text else ""
    return f"{fence}{space}{text}{space}{fence}"


def block(lines: Sequence[str], language: str) -> list[str]:
    """Lines as a block of code."""
    fence = "`" * max(3, max((len(run) for line in lines for run in re.findall("`+", line)), default=0) + 1)
    return [f"{fence}{language}", *lines, fence]


def _size(text: str) -> int:
    """How long a text is, two for each character beyond the first 65,536 of Unicode: the larger of the ways to count."""
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str) -> str:
    return shown(cut(text))


def _head(plan: Plan) -> Iterator[str]:
    paths, against = plan.names
    named = ", ".join(code(path) for path in paths[:5])
    yield MARKER
    yield "### What this change of rules would do"
    yield ""
    line = f"{named} against {code(against)}"
    if plan.log is None:
        yield f"{line}: {wording.rules_in_all(plan)}."
        return
    logs = ", ".join(code(name) for name in plan.log.names[:5])
    counts = f"{some(plan.log.events, 'event')} of {some(plan.log.contacts, 'contact')}"
    yield f"{line}, over {logs} ({counts}): **{wording.in_all(plan)}**."


def _exceeded(plan: Plan) -> list[str]:
    lines = [f"- exceeded: {code(one.option)}: {code(one.automation)}: {one.words}." for one in plan.exceeded]
    some_of_them = _first(lines, LONGEST_EXCEEDED)
    more = len(lines) - len(some_of_them)
    return [*some_of_them, f"- and {more:,} more"] if more else lines


def _table(plan: Plan, told: Sequence[OfAutomation]) -> list[str]:
    if plan.log is None or not told:
        return []
    lines: list[str] = []
    for automation in told:
        if automation.told is None:
            continue
        change = automation.told.change
        name = code(automation.pair.name, in_table=True)
        if automation.status in ("new", "gone", "renamed"):
            name += f" ({automation.status})"
        numbers = (change.old, change.new, change.added, change.removed, change.moved, automation.told.first_time)
        lines.append(f"| {name} | {' | '.join(f'{number:,}' for number in numbers)} |")
    some_of_them = _first(lines, LONGEST_TABLE)
    more = len(lines) - len(some_of_them)
    return [
        "| automation | before | after | more | fewer | at another time | for the first time |",
        "|---|--:|--:|--:|--:|--:|--:|",
        *some_of_them,
        *([f"| and {more:,} more | | | | | | |"] if more else []),
    ]


def _first(lines: Sequence[str], room: int) -> list[str]:
    """As many lines as there is room for."""
    ends = list(accumulate(_size(line) + 1 for line in lines))
    return list(lines[: bisect_right(ends, room)])


def _section(automation: OfAutomation, zone: Zone, named: Named, *, is_named: bool) -> str:
    lines: list[str] = []
    size = 0
    for line in _lines(automation, zone, named, is_named):
        size += _size(line) + 1
        if size > LONGEST_SECTION:
            # A block of code is left out as a whole, so that it has its end.
            lines += ["", "There is more, which would not fit here."]
            break
        lines.append(line)
    return "\n".join(lines).rstrip()


def _lines(automation: OfAutomation, zone: Zone, named: Named, is_named: bool) -> Iterator[str]:
    """The parts of an automation's section, a block of code as one."""
    pair, told = automation.pair, automation.told
    until_now = f" (until now {code(pair.old)})" if pair.is_renamed and pair.old is not None else ""
    yield f"#### {code(pair.name)}{until_now}{wording.of_automation(automation)}"
    if automation.status == "same":
        yield "Its own rules are the same."
    yield from _rewording(automation.header)
    for rule in automation.rules:
        yield from _rule(rule, is_alone=len(automation.rules) == 1)
    if told is None:
        return
    change, firsts = told.change, told.firsts

    def at(entry: Entry) -> str:
        return moment_text(times.from_datetime(entry.time, Zone()), zone)

    def listed(what: str, number: int, ones: Sequence[str]) -> Iterator[str]:
        if number:
            yield f"- {number:,} {what}{', the first' if number > MOST_EXAMPLES else ''}: {', '.join(ones[:MOST_EXAMPLES])}"

    if change.changed:
        yield ""
    yield from listed("more", change.added, [f"{named(one.contact)} at {at(one)}" for one in firsts.added])
    yield from listed("fewer", change.removed, [f"{named(one.contact)} at {at(one)}" for one in firsts.removed])
    moved = [f"{named(after.contact)} at {at(after)} (was {at(before)})" for before, after in firsts.moved]
    yield from listed("at another time", change.moved, moved)
    if told.first_time and automation.status != "new":
        yield f"- {wording.first_time(told)}"
    yield from (f"- {line}" for line in wording.of_others(automation, told))
    for why in automation.why:
        yield f"- {wording.of_reason(why, '' if len(automation.rules) == 1 else code(why.rule), code(why.text))}"
        if is_named:
            yield from (f"  - {named(one.entry.contact)} at {at(one.entry)}: {code(one.words)}" for one in why.examples if one.words)


def _rule(rule: OfRule, *, is_alone: bool) -> Iterator[str]:
    change = rule.change
    if rule.status == "same" and rule.history is None and (is_alone or change is None or not change.changed):
        return
    head = f"{code(rule.item.name)}, {code(rule.item.source)}"
    if rule.status in ("new", "gone"):
        head += f", is {rule.status}"
    if change is not None and change.changed and not is_alone:
        head += f": {wording.changes(change)}"
    yield ""
    yield head
    yield from _rewording(rule.rewording)
    if rule.history is not None:
        yield ""
        yield rule.history.intro() + (":" if rule.history.text else ".")
    if rule.history is not None and rule.history.text:
        yield ""
        yield "\n".join(block([shown(line) for line in rule.history.text.splitlines()], ""))


def _rewording(rewording: Rewording) -> Iterator[str]:
    lines = [*(f"- {_cut(text)}" for text in rewording.gone), *(f"+ {_cut(text)}" for text in rewording.come)]
    if lines:
        yield ""
        yield "\n".join(block(lines, "diff"))
