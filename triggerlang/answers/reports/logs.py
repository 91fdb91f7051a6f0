"""Logs: what a report says of the log itself."""

from __future__ import annotations

from typing import Final

import numpy as np

from triggerlang.answers.reports import plots
from triggerlang.answers.reports.calendar import HOUR
from triggerlang.answers.reports.gathering import Gathering
from triggerlang.answers.reports.page import Block, Figure, Note, Section
from triggerlang.answers.reports.tables import Cell, number, share, table, text
from triggerlang.answers.reports.wording import day_text, hour_text, kind_text, length_text, some
from triggerlang.engines.evaluating import Outcome
from triggerlang.language.times import DAY, Zone

GAPS: Final = 10
SIZES: Final = ((plots.WIDE, 220), (plots.NARROW, 180))


def the_log(seen: Gathering, outcome: Outcome, zone: Zone) -> Section:
    """Events over time and by name, where there are none, and what lies before the log's beginning."""
    if seen.calendar is None or seen.span is None:
        return Section("log", "The log", "", [Note("The log has no event.")])
    blocks: list[Block] = [_over_time(seen)]
    kinds = _kinds(seen)
    bins = seen.calendar.bins
    columns = (f"{bins.unit} from", "all", *(kind_text(kind) for kind in kinds))
    summed = sum(seen.kinds.values(), np.zeros(len(bins), np.int64)).tolist()
    rows: list[tuple[Cell, ...]] = [
        (text(bins.name(at)), number(summed[at]), *(number(int(seen.kinds[kind][at])) for kind in kinds)) for at in range(len(bins))
    ]
    blocks.append(table("events-over-time", f"Events by {bins.unit} and kind", columns, rows))
    blocks += [_names(seen, outcome), _gaps(seen, zone), _before(seen, outcome, zone)]
    said = [some(outcome.events, "event"), f"of {some(outcome.contacts, 'contact')}"]
    for count, what, several in (
        (outcome.duplicates, "duplicate dropped (same contact and id)", "duplicates dropped (same contact and id)"),
        (outcome.rejected, "bad row passed over", "bad rows passed over"),
    ):
        said += [f"; {some(count, what, several)}"] if count else []
    return Section("log", "The log", " ".join(said).replace(" ;", ";") + ".", blocks)


def _kinds(seen: Gathering) -> list[str]:
    """The kinds of events, those with the most first."""
    return sorted(seen.kinds, key=lambda kind: (-int(seen.kinds[kind].sum()), kind))


def _over_time(seen: Gathering) -> Figure:
    assert seen.calendar is not None
    bins = seen.calendar.bins
    kinds = _kinds(seen)
    drawn = kinds if len(kinds) <= plots.SERIES else kinds[: plots.SERIES - 1]
    series = [(kind_text(kind), seen.kinds[kind].tolist()) for kind in drawn]
    if len(drawn) < len(kinds):
        others = sum((seen.kinds[kind] for kind in kinds[len(drawn) :]), np.zeros(len(bins), np.int64))
        series.append(("others", others.tolist()))
    said = f"Events by {bins.unit} and kind: " + ", ".join(f"{name} {sum(counts):,}" for name, counts in series) + "."
    return Figure(f"Events by {bins.unit} and kind", *(plots.stacks_in_time(bins, series, said, *size) for size in SIZES))


def _names(seen: Gathering, outcome: Outcome) -> Block:
    order = sorted(seen.names.items(), key=lambda item: (-item[1], item[0]))
    most = order[0][1] if order else 0
    rows = [(text(kind_text(kind)), text(name), number(count, of=most), share(count, outcome.events)) for (kind, name), count in order]
    return table("events", "Events by kind and name", ("kind", "name", "events", "of all"), rows, is_folded=False)


def _gaps(seen: Gathering, zone: Zone) -> Block:
    unit = "hours" if seen.slot == HOUR else "days"
    gaps = seen.gaps(GAPS, DAY)
    if not gaps:
        return Note("No day passed without an event.")
    rows: list[tuple[Cell, ...]] = [
        (
            text(hour_text(gap.start, zone)),
            text(hour_text(gap.end, zone)),
            number((gap.end - gap.start) // HOUR),
            text(length_text(gap.end - gap.start)),
        )
        for gap in gaps
    ]
    return table(
        "gaps", f"The longest times without an event, in whole {unit}", ("from", "until", "hours", "length"), rows, is_folded=False
    )


def _before(seen: Gathering, outcome: Outcome, zone: Zone) -> Block:
    assert seen.span is not None
    begin = day_text(seen.span[0], zone)
    if not outcome.before_log:
        return Note(f"The log begins on {begin}. No trigger looks back to before that.")
    most = max(outcome.before_log.values())
    rows = [(text(name), number(count, of=most)) for name, count in sorted(outcome.before_log.items(), key=lambda item: -item[1])]
    title = f"Triggers that look back to before {begin}, when the log begins"
    return table("before-log", title, ("automation", "triggers"), rows, is_folded=False)
