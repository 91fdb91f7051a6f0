"""Worlds to measure on: rule sets and logs of a chosen size, the same at every run.

A world's rules come twice: as text for triggerlang, and as plain data for the loop that a person would write by hand.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from triggerlang.events.record import Record

DAY = 86_400_000_000
NAMES = 200
LISTS = 50
PLANS = ("free", "pro", "team", "trial")


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
    """`on event NAME [with plan = PLAN] where A and B at most once per DAYS days` (0: once)."""

    name: str
    plan: str | None
    conditions: tuple[Condition, ...]
    days: int

    @property
    def text(self) -> str:
        filters = "" if self.plan is None else f' with plan = "{self.plan}"'
        runs = "once" if not self.days else f"at most once per {self.days} days"
        conditions = "\n      and ".join(condition.text for condition in self.conditions)
        return f'  on event "{self.name}"{filters}\n    where {conditions}\n    {runs}\n'


def rules(number: int, *, names: int = NAMES, first: int = 0, seed: int = 1) -> list[Rule]:
    """So many rules over so many names from `e{first}` on, as people write them: most ask for two things, some for three."""
    chance = random.Random(seed)
    return [
        Rule(
            name=f"e{first + chance.randrange(names)}",
            plan=chance.choice(PLANS) if chance.random() < 0.3 else None,
            conditions=tuple(_condition(chance, names, first) for _ in range(chance.choice((1, 2, 2, 3)))),
            days=chance.choice((0, 7, 30, 90)),
        )
        for _ in range(number)
    ]


def _condition(chance: random.Random, names: int, first: int) -> Condition:
    name = f"e{first + chance.randrange(names)}"
    match chance.choice(("count", "count", "quiet", "sum", "list")):
        case "count":
            return Condition("count", name, number=chance.choice((1, 1, 2, 3, 5)))
        case "quiet":
            return Condition("quiet", name, days=chance.choice((7, 30, 90)))
        case "sum":
            return Condition("sum", name, number=chance.choice((50, 100, 500)), days=chance.choice((30, 90, 365)))
        case _:
            return Condition("list", f"l{chance.randrange(LISTS)}")


def text(project: list[Rule]) -> str:
    """The rules as a rule file: ten to an automation."""
    return "".join((f'automation "A{number // 10}"\n' if number % 10 == 0 else "") + rule.text for number, rule in enumerate(project))


def log(events: int, *, contacts: int | None = None, names: int = NAMES, seed: int = 2) -> list[Record]:
    """So many events in time order over a year: some contacts do much, most do little; one in ten is a subscription."""
    chance = random.Random(seed)
    people = contacts or max(events // 50, 1)
    step = 365 * DAY // events
    made: list[Record] = []
    for number in range(events):
        contact = f"c{int(people * chance.random() ** 2)}"
        time = number * step
        if chance.random() < 0.1:
            kind = "subscribe" if chance.random() < 0.7 else "unsubscribe"
            made.append(Record(time, contact, kind, f"l{chance.randrange(LISTS)}", None, {}, None, number + 1))
            continue
        properties = {"amount": chance.randrange(1, 200), "plan": chance.choice(PLANS), "page": f"/p/{chance.randrange(500)}"}
        made.append(Record(time, contact, "event", f"e{chance.randrange(names)}", None, properties, None, number + 1))
    return made
