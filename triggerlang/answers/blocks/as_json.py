"""JSON: what came of test blocks, as `docs/schemas/test.schema.json` describes it. It is ASCII, see `checking.render.as_json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any

from triggerlang.answers.blocks.coverage import Coverage, Sides
from triggerlang.answers.blocks.running import Missing, Outcome, Result, TooMuch
from triggerlang.answers.reasons.reason import Reason, deciding
from triggerlang.engines.comparing import moment_of
from triggerlang.language import printing, times, tree
from triggerlang.language.source import Span
from triggerlang.language.times import Zone

MOST_PARTS = 100
"""How many deciding parts are told of one rule."""


def render(results: Sequence[Result], coverage: Coverage | None, zone: Zone) -> str:
    tests = [_result(result, zone) for result in results]
    return json.dumps({"tests": tests, "coverage": None if coverage is None else _coverage(coverage)}, indent=2) + "\n"


def _place(span: Span) -> dict[str, Any]:
    return {"file": span.path, "line": span.line, "column": span.column}


def _result(result: Result, zone: Zone) -> dict[str, Any]:
    return {
        "name": result.block.name.text,
        **_place(result.block.span),
        "holds": result.holds,
        "expected": [_outcome(outcome, zone) for outcome in result.outcomes],
    }


def _outcome(outcome: Outcome, zone: Zone) -> dict[str, Any]:
    return {
        "automation": outcome.expected.automation.text,
        **_place(outcome.expected.span),
        "holds": outcome.holds,
        "right": [_entry(entry, zone) for entry in outcome.right],
        "missing": [_missing(missing, zone) for missing in outcome.missing],
        "too_much": [_too_much(too_much) for too_much in outcome.too_much],
    }


def _entry(entry: tree.ExpectedEntry, zone: Zone) -> dict[str, Any]:
    return {"time": times.format_moment(moment_of(entry.moment, zone)), "contact": entry.contact.text, **_place(entry.span)}


def _missing(missing: Missing, zone: Zone) -> dict[str, Any]:
    return {**_entry(missing.expected, zone), "rules": [_rule(reason) for reason in missing.reasons]}


def _rule(reason: Reason) -> dict[str, Any]:
    return {
        "rule": reason.text,
        **_place(reason.span),
        "entered": reason.holds,
        "because": [_part(depth, part) for depth, part in islice(deciding(reason), MOST_PARTS)],
    }


def _part(depth: int, part: Reason) -> dict[str, Any]:
    return {
        "depth": depth,
        "part": part.kind,
        "text": part.text,
        **_place(part.span),
        "holds": part.holds,
        "found": part.found or None,
        "wanted": part.wanted or None,
    }


def _too_much(too_much: TooMuch) -> dict[str, Any]:
    entry = too_much.entry
    return {
        "time": times.format_moment(times.from_datetime(entry.time, Zone())),
        "contact": entry.contact,
        "rule": entry.rule,
        "source": entry.source,
        "given": _place(too_much.given.span),
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "percent": coverage.percent,
        "covered": coverage.covered,
        "of": coverage.total,
        "rules": [
            {
                "rule": rule.item.name,
                "source": rule.item.source,
                "triggered": rule.was_asked,
                "entered": rule.has_entered,
                "tests": [_sides(each) for each in rule.tests],
            }
            for rule in coverage.rules
        ],
        "segments": [{"segment": name, "tests": [_sides(each) for each in sides]} for name, sides in coverage.segments.items()],
    }


def _sides(sides: Sides) -> dict[str, Any]:
    return {"text": printing.condition(sides.test), **_place(sides.test.span), "true": sides.was_true, "false": sides.was_false}
