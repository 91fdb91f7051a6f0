"""Facts of records: what a log has that was read row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from triggerlang.answers.against_log.asked import Source
from triggerlang.answers.against_log.facts import Facts
from triggerlang.engines.filters import getter
from triggerlang.events.record import Record
from triggerlang.events.tagging import tagged
from triggerlang.network.index import name_test


@dataclass(slots=True)
class _Counts:
    """What is counted of the events of one kind and name."""

    held: list[tuple[Callable[[Record], Any], list[Any]]]
    """For each property that is asked for how it is taken out of a record, and what came of it."""
    contacts: list[Counter[str]]
    events: int = 0
    sources: list[tuple[tuple[Source, str], int]] = field(default_factory=list)


def gather(facts: Facts, records: Sequence[Record]) -> None:
    """Fill facts with those of records, which are in the order of their times and free of duplicates."""
    if not records:
        return
    facts.widen(records[0].time, records[-1].time)
    of_contacts: dict[Source, Counter[str]] = {source: Counter() for source in facts.most}
    counts: dict[tuple[str, str], _Counts] = {}
    for record in records:
        key = record.kind, record.name
        own = counts.get(key)
        if own is None:
            own = counts[key] = _counts(facts, of_contacts, *key)
        own.events += 1
        for get, held in own.held:
            held.append(get(record))
        for contacts in own.contacts:
            contacts[record.contact] += 1
    for key, own in counts.items():
        facts.names[key] = own.events
        held = [list(Counter(map(tagged, values)).items()) for _, values in own.held]
        for wanted, number in own.sources:
            facts.properties[wanted].add(held[number])
    for source, contacts in of_contacts.items():
        facts.most[source] = max(contacts.values(), default=0)


def _counts(facts: Facts, of_contacts: dict[Source, Counter[str]], kind: str, name: str) -> _Counts:
    """What is counted of a kind and name."""
    numbers: dict[str, int] = {}
    own = _Counts([], [contacts for source, contacts in of_contacts.items() if _is_of(source, kind, name)])
    for source, path in facts.properties:
        if path != "event_name" and _is_of(source, kind, name):
            if path not in numbers:
                numbers[path] = len(own.held)
                own.held.append((getter(path), []))
            own.sources.append(((source, path), numbers[path]))
    return own


def _is_of(source: Source, kind: str, name: str) -> bool:
    return any(own == kind and name_test(names)(name) for own, names in source)
