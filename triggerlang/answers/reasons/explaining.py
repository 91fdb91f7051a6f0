"""Explaining: why the rules of an automation made no entry of a contact at a time.

In: a watched interpreter that has run. Out: the reason of each rule: of one whose trigger happened, its clauses; of one whose trigger did
not, what came near. A trigger that is another automation's entry is followed to the rules of that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from triggerlang.answers.reasons.asked import Reasons, rule_reason
from triggerlang.answers.reasons.nearly import Nearly
from triggerlang.answers.reasons.reason import Reason, told
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.watching import Asked, WatchedInterpreter
from triggerlang.language import printing, tree
from triggerlang.language.times import Zone
from triggerlang.network.compiler import name_node
from triggerlang.network.index import name_test

LONGEST_WAY: Final = 10
"""How many automations that start each other are followed."""
MOST_STARTERS: Final = 20
"""Up to how many automations are followed that start one rule."""


class Explaining:
    """The reasons of what a watched interpreter has run."""

    def __init__(self, rules: RuleSet, engine: WatchedInterpreter, zone: Zone) -> None:
        self._rules, self._engine = rules, engine
        self._reasons = Reasons(rules, zone)
        self._nearly = Nearly(engine.network, zone)
        self._orders: dict[str, list[int]] = {}
        for order, item in enumerate(rules.rules):
            self._orders.setdefault(item.automation, []).append(order)
        self._starting: dict[int, tuple[str, ...]] = {}
        self._known: dict[tuple[str, int, str], tuple[Reason, ...]] = {}

    def begin(self, automations: Iterable[str]) -> None:
        """Have the interpreter watch the rules of some automations before it runs, and of those that start them."""
        self._known.clear()
        watched: dict[str, None] = {}
        latest = dict.fromkeys(automations)
        for _ in range(LONGEST_WAY):
            watched.update(latest)
            starting = (name for automation in latest for order in self._orders[automation] for name in self._starters(order))
            latest = dict.fromkeys(name for name in starting if name not in watched)
        self._engine.watch(frozenset(order for automation in watched for order in self._orders[automation]))

    def rules(self, automation: str, time: int, contact: str, steps: int = 1) -> tuple[Reason, ...]:
        """Why each rule of an automation made no entry, or not one more; those that were asked come first.

        `steps` counts the automations on the way.
        """
        key = automation, time, contact
        if key not in self._known:
            orders = self._orders[automation]
            of_automation = (own for own in self._engine.asked if self._rules.rules[own.rule].automation == automation)
            here = [own for own in of_automation if own.trigger.time == time and own.trigger.contact == contact]
            self._known[key] = tuple(self._each(orders, sorted(here, key=lambda own: own.entry is not None), time, contact, steps))
        return self._known[key]

    def _each(self, orders: Sequence[int], here: Sequence[Asked], time: int, contact: str, steps: int) -> Iterable[Reason]:
        events = self._engine.happened.get(contact, [])
        for own in here:
            yield self._reasons.of(own, events)
        seen = {own.rule for own in here}
        for order in orders:
            if order in seen:
                continue
            item = self._rules.rules[order]
            near = self._nearly.of(item.rule, self._engine.network.rules[order].on, events, time)
            if not near.parts and steps < LONGEST_WAY:
                near = replace(near, parts=tuple(self._automation(near, name, time, contact, steps) for name in self._starters(order)))
            yield rule_reason(item, (near,), False)

    def _automation(self, trigger: Reason, name: str, time: int, contact: str, steps: int) -> Reason:
        """Why an automation whose entry would have been a trigger had none: one of its rules would have been enough."""
        rules = tuple(replace(rule, found="it made no entry") for rule in told(self.rules(name, time, contact, steps + 1)))
        return Reason("automation", f"automation {printing.string(name)}", trigger.span, False, parts=rules)

    def _starters(self, order: int) -> tuple[str, ...]:
        """The automations whose entries are a rule's trigger, if they are few."""
        if order not in self._starting:
            item = self._rules.rules[order]
            on = item.rule.on
            occurrences = [single.occurrence for single in on.singles] if isinstance(on, tree.Pattern) else []
            tests = [name_test(name_node(own.names)) for own in occurrences if own.kind.kind == "enter"]
            names = (name for name in (self._orders if tests else ()) if name != item.automation and any(test(name) for test in tests))
            few = tuple(islice(names, MOST_STARTERS + 1))
            self._starting[order] = few if len(few) <= MOST_STARTERS else ()
        return self._starting[order]
