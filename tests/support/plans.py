"""Second rule sets, made by altering a first; and what a plan of both has to say, by sets of entries alone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from triggerlang.answers.plans.difference import Difference
from triggerlang.answers.plans.pairing import Pairing
from triggerlang.engines.entry import Entry

ALTERATIONS = (
    (r" every time\n", " once\n"),
    (r" once\n", " every time\n"),
    (r">= 1", ">= 2"),
    (r"= 0", ">= 1"),
    (r"count (\S+) 1", r"count \1 2"),
    (r"1 hour", "6 hours"),
    (r"2 hours|6 hours", "1 hour"),
    (r" where [^\n]*? (?=every time\n)", " "),
    (r" and not ", " and "),
    (r'event "a"', 'event "b"'),
    (r'automation "A0"', 'automation "New name"'),
    (r'automation "B1"', 'automation "Other name"'),
    (r'"ab"', '"a"'),
)
"""What stands in a rule, and what is put in its place."""


def altered(files: dict[str, str], chance: Random) -> dict[str, str]:
    """Other rule files: lines changed, taken away, doubled, or in another order."""
    made: dict[str, str] = {}
    for path, text in files.items():
        lines = text.splitlines(keepends=True)
        for number, line in enumerate(lines):
            if chance.randrange(3) == 0:
                wanted, put = chance.choice(ALTERATIONS)
                lines[number] = re.sub(wanted, put, line, count=1)
        rules = [at for at, line in enumerate(lines) if line.startswith("on ")]
        if rules and chance.randrange(3) == 0:
            lines[chance.choice(rules)] *= chance.randrange(3)
        if len(rules) > 1 and chance.randrange(4) == 0:
            one, other = chance.sample(rules, 2)
            lines[one], lines[other] = lines[other], lines[one]
        if written := "".join(lines):
            made[path] = written
    return made


@dataclass(frozen=True)
class Told:
    """What a plan tells of an automation, but for its examples."""

    old: int
    new: int
    added: int
    removed: int
    moved: int
    first_time: frozenset[str] | int
    busiest_before: tuple[str, int] | None
    busiest_after: tuple[str, int] | None


def by_sets(pairing: Pairing, old: Sequence[Entry], new: Sequence[Entry], timezone: str) -> list[Told]:
    """What there is to tell."""
    return [
        _of_one(
            [entry for entry in old if entry.automation == pair.old], [entry for entry in new if entry.automation == pair.new], timezone
        )
        for pair in pairing.automations
    ]


def _of_one(old: Sequence[Entry], new: Sequence[Entry], timezone: str) -> Told:
    before, after = (Counter((entry.contact, entry.time, entry.event) for entry in entries) for entries in (old, new))
    less, more = before - after, after - before
    lost, won = (defaultdict[str, int](int) for _ in range(2))
    for counts, of_contact in ((less, lost), (more, won)):
        for (contact, _, _), count in counts.items():
            of_contact[contact] += count
    moved = sum(min(count, won[contact]) for contact, count in lost.items())
    newcomers = {entry.contact for entry in new} - {entry.contact for entry in old}
    days = [_busiest(entries, timezone) for entries in (old, new)]
    return Told(len(old), len(new), more.total() - moved, less.total() - moved, moved, len(newcomers), *days)


def _busiest(entries: Sequence[Entry], timezone: str) -> tuple[str, int] | None:
    days = Counter(_day(entry, timezone) for entry in entries)
    return min(((day, count) for day, count in days.items()), key=lambda found: (-found[1], found[0]), default=None)


def _day(entry: Entry, timezone: str) -> str:
    try:
        return str(entry.time.astimezone(ZoneInfo(timezone)).date())
    except OverflowError:
        return str(entry.time.date())


def told(difference: Difference) -> list[Told]:
    """The same of a plan."""

    def day(number: int) -> str:
        return str(date(1970, 1, 1) + timedelta(number))

    return [
        Told(
            each.change.old,
            each.change.new,
            each.change.added,
            each.change.removed,
            each.change.moved,
            each.first_time,
            *(None if found is None else (day(found.day), found.entries) for found in (each.busiest_before, each.busiest_after)),
        )
        for each in difference.automations
    ]
