"""Checking: all that a log tells of a rule set.

In: a checked rule set and how a log is read. Out: warnings, and what was read.
"""

from __future__ import annotations

from collections.abc import Sequence

from triggerlang.answers.against_log import plain
from triggerlang.answers.against_log.asked import Asked, asked_by
from triggerlang.answers.against_log.facts import Facts, no_facts
from triggerlang.answers.against_log.finding import Finder
from triggerlang.answers.against_log.offers import Offers, first_of, offers
from triggerlang.answers.against_log.reading import facts_of
from triggerlang.answers.against_log.windows import Windows
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.choosing import Choice
from triggerlang.engines.evaluating import Request, Watcher
from triggerlang.events.record import Record
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.times import Zone


def check_log(rules: RuleSet, request: Request, choice: Choice, watcher: Watcher) -> tuple[list[Diagnostic], Facts]:
    """What is found, and the facts of the log. Of a log without events nothing is found. Raises LogError, and OSError where the folder for
    what does not fit into memory cannot be written to."""
    zone = Zone(request.timezone)
    asked = asked_by(rules)
    offered = offers(asked, first_of(request.files, zone))
    facts = facts_of(asked, offered.near, request, choice, watcher)
    return _found(rules, asked, offered, facts, zone, request.now), facts


def check_records(rules: RuleSet, records: Sequence[Record], zone: Zone, now: int | None = None) -> list[Diagnostic]:
    """The same of records, which are in the order of their times and free of duplicates."""
    asked = asked_by(rules)
    offered = offers(asked, records)
    facts = no_facts(asked, offered.near)
    plain.gather(facts, records)
    facts.add_names()
    return _found(rules, asked, offered, facts, zone, now)


def _found(rules: RuleSet, asked: Asked, offered: Offers, facts: Facts, zone: Zone, now: int | None) -> list[Diagnostic]:
    if facts.begin is None or facts.end is None:
        return []
    end = facts.end if now is None else max(facts.end, now)
    return [*Finder(facts, offered, rules.automations, zone).findings(asked), *Windows(facts.begin, end, zone).findings(rules)]
