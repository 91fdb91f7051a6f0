"""Text: what came of test blocks as a person reads it: of those that fail expected and actual side by side, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from triggerlang.answers.blocks.coverage import Coverage, RuleCoverage, Sides
from triggerlang.answers.blocks.running import Missing, Outcome, Result, TooMuch
from triggerlang.answers.encoding import shown
from triggerlang.answers.reasons import wording
from triggerlang.answers.reasons.reason import Reason, deciding, told
from triggerlang.checking.render.plain import width
from triggerlang.engines.comparing import moment_of
from triggerlang.language import printing, times, tree
from triggerlang.language.diagnostics import quoted
from triggerlang.language.source import Span
from triggerlang.language.times import Zone

MOST_RULES: Final = 5
"""How many rules of an automation are told to have made no entry."""
MOST_LINES: Final = 12
"""How many lines are told of one of them."""

_COLOURS: Final = {"fails": "\x1b[1;31m", "missing": "\x1b[31m", "too much": "\x1b[33m", "bold": "\x1b[1m"}
_PLAIN: Final = "\x1b[0m"

Paint = Callable[[str, str], str]


def render(results: Sequence[Result], zone: Zone, *, color: bool = False) -> str:
    """The test blocks that fail, with an empty line between them."""
    return "\n".join("\n".join(_block(result, zone, _painter(color))) + "\n" for result in results if not result.holds)


def failure(result: Result, zone: Zone) -> str:
    """What is said of a test block that fails, below its name."""
    return "\n".join(_failed(result, zone, _painter(False)))


def counted(results: Sequence[Result], files: int) -> str:
    """`3 tests in 6 files: 1 fails`."""
    failing = sum(not result.holds for result in results)
    tests = f"{len(results):,} {'test' if len(results) == 1 else 'tests'} in {files:,} {'file' if files == 1 else 'files'}"
    if not failing:
        return f"{tests}: {'it holds' if len(results) == 1 else 'all hold'}\n"
    return f"{tests}: {failing:,} {'fails' if failing == 1 else 'fail'}\n"


def _painter(color: bool) -> Paint:
    return lambda text, style: f"{_COLOURS[style]}{text}{_PLAIN}" if color and text else text


def _place(span: Span) -> str:
    return f"{shown(span.path)}:{span.line}:{span.column}"


def _cut(text: str) -> str:
    return shown(wording.cut(text))


def _block(result: Result, zone: Zone, paint: Paint) -> Iterator[str]:
    yield f"{paint(_place(result.block.span), 'bold')}: {paint('fails', 'fails')}: {_cut(result.block.name.text)}"
    yield from _failed(result, zone, paint)


def _failed(result: Result, zone: Zone, paint: Paint) -> Iterator[str]:
    for outcome in result.outcomes:
        if not outcome.holds:
            yield f"  automation {shown(quoted(outcome.expected.automation.text))}"
            yield from _table(outcome, zone, paint)
            for missing in outcome.missing:
                yield from _missing(missing)
            for too_much in outcome.too_much:
                yield from _too_much(too_much, zone)


def _table(outcome: Outcome, zone: Zone, paint: Paint) -> Iterator[str]:
    """Expected and actual entries side by side, in the order of their times."""
    rows: list[tuple[int, str, str, str]] = []
    for entry in outcome.right:
        moment, contact = moment_of(entry.moment, zone), entry.contact.text
        rows.append((moment, " ", _expected(entry), _actual(moment, contact, zone)))
    for at, lost in enumerate(outcome.missing):
        none = "nothing" if not at and not outcome.right and not outcome.too_much else ""
        rows.append((moment_of(lost.expected.moment, zone), "-", _expected(lost.expected), none))
    for surplus in outcome.too_much:
        moment = times.from_datetime(surplus.entry.time, zone)
        rows.append((moment, "+", "", _actual(moment, surplus.entry.contact, zone)))
    rows.sort(key=lambda row: row[0])
    if not outcome.expected.entries:
        rows.insert(0, (0, " ", "nothing", ""))
    wide = max(len("expected"), *(width(row[2]) for row in rows))
    yield f"      expected{' ' * (wide - len('expected'))}   actual"
    for _, sign, expected, actual in rows:
        line = f"    {sign} {expected}{' ' * (wide - width(expected))}   {actual}".rstrip()
        yield paint(line, "missing") if sign == "-" else paint(line, "too much") if sign == "+" else line


def _expected(entry: tree.ExpectedEntry) -> str:
    return f"{printing.moment(entry.moment)} {shown(quoted(entry.contact.text))}"


def _actual(moment: int, contact: str, zone: Zone) -> str:
    return f"{wording.moment_text(moment, zone)} {shown(quoted(contact))}"


def _missing(missing: Missing) -> Iterator[str]:
    yield f"  {_expected(missing.expected)} is missing"
    reasons = told(missing.reasons)
    for reason in reasons[:MOST_RULES]:
        yield f"    {shown(reason.text)}, {shown(reason.span.path)}:{reason.span.line}"
        if reason.holds:
            yield "      it made an entry at that time, but not one more"
        lines = list(islice(deciding(reason), MOST_LINES + 1))
        for depth, part in lines[:MOST_LINES]:
            yield f"      {'  ' * depth}{line_of(part)}"
        if len(lines) > MOST_LINES:
            yield "      …"
    if len(reasons) > MOST_RULES:
        yield f"    and {len(reasons) - MOST_RULES:,} rules more"


def line_of(reason: Reason) -> str:
    """A part that stood in the way, on one line."""
    text = _cut(reason.text)
    if reason.kind == "automation":
        return f"{text} had no entry then:"
    if reason.kind in ("any", "all") and not reason.needs_all:
        return f"{text}: one of these would do" if reason.asked else f"{text}: one of these should not be so"
    if reason.kind in ("segment", "rule"):
        return f"{text}, {_line(reason.parts[0].span)}:"
    if not reason.found:
        return f"{text}:" if reason.parts else f"{text} {'was false' if reason.asked else 'was true'}"
    return f"{text}: {shown(reason.found)}" + (f", needs {shown(reason.wanted)}" if reason.wanted else "")


def _too_much(too_much: TooMuch, zone: Zone) -> Iterator[str]:
    entry, given = too_much.entry, too_much.given
    moment = times.from_datetime(entry.time, zone)
    yield f"  {_actual(moment, entry.contact, zone)} is too much"
    yield f"    {shown(entry.rule)}, {shown(entry.source)}, made it"
    same = moment_of(given.moment, zone) == moment
    yield f"      {'at' if same else 'after'} line {given.span.line}: {_cut(printing.given(given))}"


# Coverage


def coverage(found: Coverage) -> str:
    """What no test block exercises, after how much they do."""
    lines = [
        f"coverage {found.percent:.1f} %: {found.entered:,} of {len(found.rules):,} rules made an entry, "
        f"{found.covered_sides:,} of {found.sides:,} sides of tests were seen"
    ]
    for rule in found.rules:
        lines += _uncovered(rule)
    for name, sides in found.segments.items():
        if not any(each.covered for each in sides):
            lines.append(f"  segment {shown(quoted(name))}, {_line(sides[0].test.span)}: no test asks it")
        else:
            lines += [f"  {line}" for each in sides for line in _unseen(each)]
    return "\n".join(lines) + "\n"


def _line(span: Span) -> str:
    return f"{shown(span.path)}:{span.line}"


def _uncovered(rule: RuleCoverage) -> Iterator[str]:
    head = f"  {shown(rule.item.name)}, {shown(rule.item.source)}"
    if not rule.is_expected:
        yield f"{head}: no test expects its automation"
        return
    if not rule.was_asked:
        yield f"{head}: its trigger happens in no test"
        return
    if not rule.has_entered:
        yield f"{head}: it makes an entry in no test"
    for each in rule.tests:
        yield from (f"  {line}" for line in _unseen(each))


def _unseen(sides: Sides) -> Iterator[str]:
    text = f"{_place(sides.test.span)}: {_cut(printing.condition(sides.test))}"
    if not sides.covered:
        yield f"{text}: never asked"
    elif sides.covered == 1:
        yield f"{text}: never {'false' if sides.was_true else 'true'}"
