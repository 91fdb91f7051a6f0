"""Overlapping: what a report says of contacts who entered several automations."""

from __future__ import annotations

from itertools import combinations
from typing import Final

from triggerlang.answers.reports import plots
from triggerlang.answers.reports.gathering import Gathering
from triggerlang.answers.reports.page import Note, Section
from triggerlang.answers.reports.tables import Cell, number, share, table, text, visible
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.evaluating import Outcome

IN_MATRIX: Final = 12
IN_PAIRS: Final = 40
"""So many automations, those with the most entries, stand in the matrix and are looked at two by two."""


def overlap(seen: Gathering, rules: RuleSet, outcome: Outcome) -> Section:
    """Contacts who entered both of two automations."""
    title = "Overlap of automations"
    found = seen.overlap
    entries = [outcome.by_automation[rules.automations[number]] for number in found.watched]
    has = [place for place, count in enumerate(entries) if count]
    order = sorted(has, key=lambda place: (-entries[place], found.watched[place]))[:IN_PAIRS]
    if len(order) < 2:
        return Section("overlap", title, "", [Note("There are no two automations with entries.")])
    names = {place: rules.automations[found.watched[place]] for place in order}
    matrix = order[:IN_MATRIX]
    most = max((int(found.both[one, other]) for one, other in combinations(matrix, 2)), default=0)
    rows: list[tuple[Cell, ...]] = [
        (
            text(names[one]),
            *(
                number(int(found.both[one, other]), shade=None if one == other else plots.shade(int(found.both[one, other]), most))
                for other in matrix
            ),
        )
        for one in matrix
    ]
    pairs = sorted(((int(found.both[one, other]), one, other) for one, other in combinations(order, 2)), key=lambda pair: -pair[0])
    of_pairs = [
        (text(names[one]), text(names[other]), number(both), share(both, int(min(found.both[one, one], found.both[other, other]))))
        for both, one, other in pairs
        if both
    ]
    lead = "How many contacts entered both of two automations, at whatever times; on the diagonal, how many entered the one."
    return Section(
        "overlap",
        title,
        f"{lead} Of the {len(matrix)} automations with the most entries.",
        [
            table("overlap", "Contacts in both", ("", *(visible(names[place]) for place in matrix)), rows, is_folded=False, is_matrix=True),
            table("overlap-pairs", "The largest overlaps", ("automation", "and", "contacts in both", "of the smaller"), of_pairs),
        ],
    )
