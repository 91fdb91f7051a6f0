"""Rule sets to measure on: of a chosen size, the same at every run, drawn from the names that logs (`bench.logs`) hold.

A set comes twice: as a rule file for triggerlang, and as plain data for the peers.

Event names are Zipf-distributed, in rules as in logs: a frequent event starts many rules, and many rules ask for it. Rules are narrow, as
those of a large project are: each has a condition that few contacts meet, and one that runs every time waits until its own
trigger has been quiet for a while. So a log has entries in the order of its events, not of events times rules.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

DAY = 86_400_000_000
NAMES = 200
LISTS = 50
PLANS = ("free", "pro", "team", "trial")
RULES_PER_AUTOMATION = 10
ONCE, EVERY_TIME = None, 0
MOSTLY_ONCE = (ONCE, ONCE, ONCE, EVERY_TIME)
"""How the rules run of which a peer without a memory of entries can say when they enter."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One of: `count` (at least `number`), `quiet` (has not occurred within `days`), `sum` (of amount, at least `number`, within `days`),
    `list` (in it)."""

    sort: str
    name: str
    number: int = 0
    days: int = 0

    @property
    def text(self) -> str:
        match self.sort:
            case "count":
                return f'event "{self.name}" count >= {self.number} before'
            case "quiet":
                return f'event "{self.name}" has not occurred within {self.days} days before'
            case "sum":
                return f'event "{self.name}" sum amount >= {self.number} within {self.days} days before'
            case _:
                return f'in list "{self.name}"'


@dataclass(frozen=True, slots=True)
class Rule:
    """`on event NAME [with plan = PLAN] where A and B` and how it runs: the days from one entry to the next, `ONCE` or `EVERY_TIME`."""

    name: str
    plan: str | None
    conditions: tuple[Condition, ...]
    apart: int | None = ONCE

    @property
    def text(self) -> str:
        filters = "" if self.plan is None else f' with plan = "{self.plan}"'
        runs = {ONCE: "once", EVERY_TIME: "every time"}.get(self.apart, f"at most once per {self.apart} days")
        conditions = "\n      and ".join(condition.text for condition in self.conditions)
        return f'  on event "{self.name}"{filters}\n    where {conditions}\n    {runs}\n'


def zipf(number: int) -> list[float]:
    """The shares of so many names, the most frequent first: the second is half as frequent, the third a third."""
    total = sum(1 / rank for rank in range(1, number + 1))
    return [1 / rank / total for rank in range(1, number + 1)]


@dataclass(frozen=True, slots=True)
class _Names:
    """Event names from `e{first}` on, each as likely as any other: people write rules for what is rare as for what is frequent."""

    first: int
    number: int

    def draw(self, chance: random.Random) -> str:
        return f"e{self.first + chance.randrange(self.number)}"


def rules(
    number: int,
    *,
    shared: bool = True,
    names: int = NAMES,
    first: int = 0,
    runs: tuple[int | None, ...] = MOSTLY_ONCE,
    seed: int = 5,
) -> list[Rule]:
    """So many rules over so many names from `e{first}` on. Shared: thresholds and windows are the few that people like, so that many rules
    ask for the same; else hardly two conditions are equal."""
    chance = random.Random(seed)
    events = _Names(first, names)
    return [_rule(chance, events, shared, runs) for _ in range(number)]


def _rule(chance: random.Random, events: _Names, shared: bool, runs: tuple[int | None, ...]) -> Rule:
    name, apart = events.draw(chance), chance.choice(runs)
    plan = chance.choice(PLANS) if chance.random() < 0.4 else None
    conditions = [_condition(chance, chance.choice(("count", "sum", "list")), events, shared)]
    conditions += [_condition(chance, chance.choice(SORTS), events, shared) for _ in range(chance.choice((0, 0, 1, 2)))]
    if apart == EVERY_TIME:
        conditions.append(Condition("quiet", name, days=_days(chance, shared)))
    return Rule(name, plan, tuple(dict.fromkeys(conditions)), apart)


SORTS = ("count", "quiet", "sum", "list")


def _condition(chance: random.Random, sort: str, events: _Names, shared: bool) -> Condition:
    match sort:
        case "count":
            number = chance.choice((1, 1, 2, 3, 5, 10)) if shared else chance.randint(1, 10)
            return Condition(sort, events.draw(chance), number=number)
        case "quiet":
            return Condition(sort, events.draw(chance), days=_days(chance, shared))
        case "sum":
            number = chance.choice((50, 100, 500)) if shared else chance.randint(50, 500)
            return Condition(sort, events.draw(chance), number=number, days=_days(chance, shared))
        case _:
            return Condition(sort, f"l{chance.randrange(LISTS)}")


def _days(chance: random.Random, shared: bool) -> int:
    return chance.choice((7, 30, 90)) if shared else chance.randint(7, 90)


class Written(Protocol):
    """A rule that can be written into a rule file, without its header."""

    @property
    def text(self) -> str: ...


def text(project: Sequence[Written]) -> str:
    """The rules as a rule file."""
    return "".join(
        (f'automation "A{number // RULES_PER_AUTOMATION}"\n' if number % RULES_PER_AUTOMATION == 0 else "") + rule.text
        for number, rule in enumerate(project)
    )


def number_of(rule: str) -> int:
    """The number of a rule in its project, from the name that an entry gives it: `A12#3` is 122."""
    automation, _, at = rule.removeprefix("A").partition("#")
    return int(automation) * RULES_PER_AUTOMATION + int(at) - 1


def save(project: list[Rule], path: Path) -> None:
    """Write the rules as JSON, for peers in processes of their own."""
    path.write_text(json.dumps([asdict(rule) for rule in project]), encoding="utf-8")


def load(path: Path) -> list[Rule]:
    """The rules of a file that `save` wrote."""
    return [
        Rule(held["name"], held["plan"], tuple(Condition(**condition) for condition in held["conditions"]), held["apart"])
        for held in json.loads(path.read_text(encoding="utf-8"))
    ]
