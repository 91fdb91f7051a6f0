"""The peer: the same rules as a loop that an engineer writes in an afternoon.

It finds the rules by kind and name, and keeps a counter for each contact and condition, one for all rules that ask the same; it knows no
more of the language than `worlds` needs. With `judges`, it keeps the counters only, and a rule engine decides.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from bench.worlds import DAY, EVERY_TIME, Condition, Rule
from triggerlang.events.record import Record

Judge: TypeAlias = Callable[[dict[str, Any]], bool]
"""Says whether a rule's conditions hold, by what the counters found: `v0` for the first condition, `v1` for the second, and so on."""

LONG_AGO = 10**17
"""Microseconds: how long something has been quiet that never occurred."""


def run(project: list[Rule], log: Iterable[Record], judges: list[Judge] | None = None) -> Iterator[tuple[int, int]]:
    """The entries, as row and rule number, as they happen."""
    starting: dict[str, list[tuple[int, Rule, list[tuple[int, Condition]]]]] = defaultdict(list)
    keys: dict[Condition, int] = {}
    for number, rule in enumerate(project):
        conditions = [(keys.setdefault(condition, len(keys)), condition) for condition in rule.conditions]
        starting[rule.name].append((number, rule, conditions))
    counting: dict[str, list[tuple[int, Condition]]] = defaultdict(list)
    for condition, key in keys.items():
        if condition.sort != "list":
            counting[condition.name].append((key, condition))

    counters: dict[str, dict[int, Any]] = defaultdict(dict)
    memberships: dict[str, set[str]] = defaultdict(set)
    entered: dict[tuple[str, int], int] = {}
    for event in log:
        contact, time = event.contact, event.time
        if event.kind == "subscribe":
            memberships[contact].add(event.name)
            continue
        if event.kind == "unsubscribe":
            memberships[contact].discard(event.name)
            continue
        mine, lists = counters[contact], memberships[contact]
        for number, rule, conditions in starting.get(event.name, ()):
            if rule.plan is not None and event.properties.get("plan") != rule.plan:
                continue
            if rule.apart != EVERY_TIME:
                latest = entered.get((contact, number))
                if latest is not None and (rule.apart is None or time - latest < rule.apart * DAY):
                    continue
            passes = True
            if judges is None:
                for key, condition in conditions:
                    if not holds(condition, mine.get(key), time, lists):
                        passes = False
                        break
            else:
                told = {f"v{at}": found(condition, mine.get(key), time, lists) for at, (key, condition) in enumerate(conditions)}
                passes = judges[number](told)
            if not passes:
                continue
            if rule.apart != EVERY_TIME:
                entered[contact, number] = time
            yield event.row, number
        for key, condition in counting.get(event.name, ()):
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


def holds(condition: Condition, counter: Any, time: int, lists: set[str]) -> bool:
    """Whether a condition holds, by what its counter says."""
    if condition.sort == "count":
        return counter is not None and counter >= condition.number
    if condition.sort == "quiet":
        return counter is None or counter < time - condition.days * DAY
    if condition.sort == "list":
        return condition.name in lists
    return bool(_sum(condition, counter, time) >= condition.number)


def found(condition: Condition, counter: Any, time: int, lists: set[str]) -> Any:
    """What a rule engine is told of a condition: a count, the microseconds since the last event, a sum, or whether the contact is in the
    list."""
    if condition.sort == "count":
        return counter or 0
    if condition.sort == "quiet":
        return LONG_AGO if counter is None else time - counter
    if condition.sort == "list":
        return condition.name in lists
    return _sum(condition, counter, time)


def _sum(condition: Condition, counter: Any, time: int) -> float:
    """The sum within the condition's window; what lies before the window leaves the counter for good."""
    if counter is None:
        return 0.0
    oldest = time - condition.days * DAY
    while counter[1] and counter[1][0][0] < oldest:
        counter[0] -= counter[1].popleft()[1]
    return float(counter[0])
