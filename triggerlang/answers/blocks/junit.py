"""JUnit XML: a suite for each file, a case for each test block, as CI systems show them."""

from __future__ import annotations

from collections.abc import Sequence

from triggerlang.answers.blocks import text
from triggerlang.answers.blocks.running import Result
from triggerlang.answers.encoding import cleaned, shown
from triggerlang.checking.render import suites
from triggerlang.checking.render.suites import Case, Failure
from triggerlang.language.times import Zone


def render(results: Sequence[Result], zone: Zone) -> str:
    return suites.render([_case(result, zone) for result in results])


def _case(result: Result, zone: Zone) -> Case:
    place = result.block.span
    return Case(cleaned(result.block.name.text), cleaned(place.path), place.line, None if result.holds else _failure(result, zone))


def _failure(result: Result, zone: Zone) -> Failure:
    failing = [outcome.expected.automation.text for outcome in result.outcomes if not outcome.holds]
    message = f"entries of {', '.join(shown(name) for name in failing)} are not as expected"
    place = result.block.span
    return Failure(message, f"{shown(place.path)}:{place.line}\n{text.failure(result, zone)}\n")
