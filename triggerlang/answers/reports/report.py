"""Reporting: a run over a log, watched, and the page that shows it.

In: a rule set and how a log is read. Out: the run's outcome, and a page of HTML that needs nothing beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from triggerlang.answers.funnels.telling import ToldAutomation, told
from triggerlang.answers.reports import entering, failing, overlapping, page, waiting
from triggerlang.answers.reports.gathering import Gathering
from triggerlang.answers.reports.logs import the_log
from triggerlang.answers.reports.page import Tile
from triggerlang.answers.reports.tables import visible
from triggerlang.answers.reports.wording import day_text
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines import evaluating
from triggerlang.engines.choosing import Choice
from triggerlang.engines.evaluating import Outcome, Request, Watcher
from triggerlang.language.times import Zone
from triggerlang.network.compiler import compile


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of a run, and what was seen of it."""

    outcome: Outcome
    seen: Gathering


def watch(rules: RuleSet, request: Request, choice: Choice, watcher: Watcher) -> Watched:
    """Run rules over a log and look on. Raises what `evaluating.run` raises."""
    seen = Gathering(compile(rules), Zone(request.timezone))
    request.counts, request.onlooker = True, seen
    return Watched(evaluating.run(rules, request, choice, watcher), seen)


def render(rules: RuleSet, watched: Watched, zone: Zone) -> str:
    """The page."""
    outcome, seen = watched.outcome, watched.seen
    funnels = list(told(rules, outcome.funnel or ()))
    sections = [
        entering.over_time(seen, rules, outcome),
        entering.funnels(funnels),
        failing.never_fired(funnels),
        overlapping.overlap(seen, rules, outcome),
        entering.busiest_hours(seen, zone),
        waiting.delays(seen, funnels, rules),
        the_log(seen, outcome, zone),
    ]
    return page.render(_lead(seen, zone), _tiles(outcome, funnels), sections)


def _lead(seen: Gathering, zone: Zone) -> str:
    if seen.span is None:
        return "The log has no event."
    first, last = (day_text(moment, zone) for moment in seen.span)
    return f"A log from {first} to {last}. Days and hours are those of {visible(zone.name)}."


def _tiles(outcome: Outcome, funnels: list[ToldAutomation]) -> list[Tile]:
    rules = [rule for automation in funnels for rule in automation.rules]
    never = sum(not rule.entered for rule in rules)
    tiles = [
        Tile(sum(outcome.by_automation.values()), "entries", "entering"),
        Tile(len(outcome.by_automation), "automations", "entering"),
        Tile(len(rules), "rules", "funnels"),
        Tile(never, "rules that never fired", "never"),
        Tile(outcome.events, "events", "log"),
        Tile(outcome.contacts, "contacts", "log"),
    ]
    if outcome.rejected:
        tiles.append(Tile(outcome.rejected, "bad rows passed over", "log"))
    return tiles
