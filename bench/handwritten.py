"""The peer: the same rules as a loop that an engineer writes in an afternoon.

It finds the rules by kind and name, and keeps a counter for each contact and condition; it knows no more of the language than
`worlds` needs.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Any

from bench.worlds import DAY, Condition, Rule
from triggerlang.events.record import Record


def run(project: list[Rule], log: Iterable[Record]) -> list[tuple[int, int]]:
    """The entries, as row and rule number."""
    starting: dict[str, list[tuple[int, Rule, list[tuple[int, Condition]]]]] = defaultdict(list)
    counting: dict[str, list[tuple[int, Condition]]] = defaultdict(list)
    lists: set[str] = set()
    counter = 0
    for number, rule in enumerate(project):
        conditions = []
        for condition in rule.conditions:
            conditions.append((counter, condition))
            if condition.sort == "list":
                lists.add(condition.name)
            else:
                counting[condition.name].append((counter, condition))
            counter += 1
        starting[rule.name].append((number, rule, conditions))

    counters: dict[str, dict[int, Any]] = defaultdict(dict)
    memberships: dict[str, set[str]] = defaultdict(set)
    entered: dict[tuple[str, int], int] = {}
    entries: list[tuple[int, int]] = []
    for event in log:
        contact, time = event.contact, event.time
        if event.kind == "subscribe":
            memberships[contact].add(event.name)
            continue
        if event.kind == "unsubscribe":
            memberships[contact].discard(event.name)
            continue
        mine = counters[contact]
        for number, rule, conditions in starting[event.name]:
            if rule.plan is not None and event.properties.get("plan") != rule.plan:
                continue
            latest = entered.get((contact, number))
            if latest is not None and (not rule.days or time - latest < rule.days * DAY):
                continue
            if all(holds(condition, mine.get(key), time, memberships[contact]) for key, condition in conditions):
                entered[contact, number] = time
                entries.append((event.row, number))
        for key, condition in counting[event.name]:
            if condition.sort == "count":
                mine[key] = mine.get(key, 0) + 1
            elif condition.sort == "quiet":
                mine[key] = time
            else:
                pairs = mine.get(key)
                if pairs is None:
                    pairs = mine[key] = [0, deque()]
                amount = event.properties.get("amount", 0)
                pairs[0] += amount
                pairs[1].append((time, amount))
    return entries


def holds(condition: Condition, found: Any, time: int, memberships: set[str]) -> bool:
    """Whether a condition holds, by what its counter found."""
    if condition.sort == "count":
        return found is not None and found >= condition.number
    if condition.sort == "quiet":
        return found is None or found < time - condition.days * DAY
    if condition.sort == "list":
        return condition.name in memberships
    if found is None:
        return condition.number <= 0
    oldest = time - condition.days * DAY
    while found[1] and found[1][0][0] < oldest:
        found[0] -= found[1].popleft()[1]
    return bool(found[0] >= condition.number)
