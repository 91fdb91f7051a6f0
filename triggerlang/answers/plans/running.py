"""Running: old and new rules over the same log, which is read once.

In: both rule sets and how the log is read. Out: what came of each run, and the difference.
"""

from __future__ import annotations

from dataclasses import dataclass

from triggerlang.answers.plans.difference import Difference
from triggerlang.answers.plans.pairing import Pairing
from triggerlang.answers.plans.reasons import Reasoned, reasoned
from triggerlang.engines import evaluating
from triggerlang.engines.choosing import Choice
from triggerlang.engines.evaluating import Outcome, Request, Watcher
from triggerlang.language.times import Zone


@dataclass(frozen=True, slots=True)
class Both:
    """What came of both runs, and why."""

    old: Outcome
    new: Outcome
    difference: Difference
    reasoned: Reasoned


def both(pairing: Pairing, request: Request, choice: Choice, watcher: Watcher) -> Both:
    """Run both rule sets and compare what comes of them. Raises as `evaluating.run` does."""
    outcomes = evaluating.run_each((pairing.old, pairing.new), request, choice, watcher)
    old, new = outcomes.each
    watcher.phase("comparing", 0)
    zone = Zone(request.timezone)
    difference = compared(pairing, old, new, zone)
    return Both(old, new, difference, reasoned(pairing, difference, outcomes.records, zone))


def compared(pairing: Pairing, old: Outcome, new: Outcome, zone: Zone) -> Difference:
    """What became of the entries of one run in the other."""
    if old.columns is not None and new.columns is not None:
        from triggerlang.answers.plans import columnar

        return columnar.compared(pairing, old.columns, new.columns, zone)
    from triggerlang.answers.plans import plain

    return plain.compared(pairing, list(old.entries), list(new.entries), zone)
