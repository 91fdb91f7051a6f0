"""Pairing: which rule of the old rules became which of the new.

In: both rule sets. Out: pairs of automations, of one name or renamed, and within each its rules in pairs: those of equal meaning first,
what is left by its number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from triggerlang.checking.ruleset import RuleSet
from triggerlang.network.compiler import compile
from triggerlang.network.meaning import Meanings, of_runs


@dataclass(frozen=True, slots=True)
class RulePair:
    """A rule before and after, by its places in both orders; None where it is new, or gone. `is_same` tells that both mean the same, the
    header's runs left aside."""

    old: int | None
    new: int | None
    is_same: bool = False


@dataclass(frozen=True, slots=True)
class AutomationPair:
    """An automation before and after, by its names; None where it is new, or gone. `has_same_header` is about the header's runs."""

    old: str | None
    new: str | None
    rules: tuple[RulePair, ...]
    has_same_header: bool = True

    @property
    def name(self) -> str:
        """What it is called, the new name if it has one."""
        return self.new if self.new is not None else self.old or ""

    @property
    def is_renamed(self) -> bool:
        """Whether only its name is another."""
        return self.old is not None and self.new is not None and self.old != self.new

    @property
    def is_same(self) -> bool:
        """Whether nothing about it has changed but perhaps its name."""
        return self.old is not None and self.new is not None and self.has_same_header and all(rule.is_same for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Pairing:
    """Old and new rules, and their automations in pairs: in the order of the new ones, those that are gone last."""

    old: RuleSet
    new: RuleSet
    automations: tuple[AutomationPair, ...]

    @property
    def is_same(self) -> bool:
        """Whether both mean the same."""
        return all(pair.is_same for pair in self.automations)

    def codes(self) -> tuple[Codes, Codes]:
        """For the old and the new rules, in their orders: which automation pair, and which rule pair of all, each belongs to."""
        old, new = Codes.of(self.old), Codes.of(self.new)
        number = 0
        for at, automation in enumerate(self.automations):
            for rule in automation.rules:
                for codes, order in ((old, rule.old), (new, rule.new)):
                    if order is not None:
                        codes.automation[order], codes.rule[order] = at, number
                number += 1
        return old, new


@dataclass(frozen=True, slots=True)
class Codes:
    """Of each rule, by its place in the order, the numbers of its automation's pair and of its own."""

    automation: list[int]
    rule: list[int]

    @staticmethod
    def of(rules: RuleSet) -> Codes:
        return Codes([0] * len(rules.rules), [0] * len(rules.rules))


@dataclass(frozen=True, slots=True)
class _Side:
    """An automation of one side: the places of its rules, what they mean, and the runs of its header."""

    orders: tuple[int, ...]
    meanings: tuple[int, ...]
    header: object

    @property
    def meaning(self) -> object:
        return frozenset(Counter(self.meanings).items()), self.header


def paired(old: RuleSet, new: RuleSet) -> Pairing:
    """Old and new rules in pairs."""
    meanings = Meanings()
    before, after = (_sides(rules, meanings.of(compile(rules))) for rules in (old, new))
    renamed = _renamed(before, after)
    pairs: list[AutomationPair] = []
    for name, side in after.items():
        earlier = name if name in before else renamed.get(name)
        pairs.append(_pair(earlier, name, None if earlier is None else before[earlier], side))
    gone = before.keys() - after.keys() - set(renamed.values())
    pairs += [_pair(name, None, side, None) for name, side in before.items() if name in gone]
    return Pairing(old, new, tuple(pairs))


def _sides(rules: RuleSet, meanings: Sequence[int]) -> dict[str, _Side]:
    orders: dict[str, list[int]] = {}
    for order, item in enumerate(rules.rules):
        orders.setdefault(item.automation, []).append(order)
    return {
        name: _Side(tuple(own), tuple(meanings[order] for order in own), of_runs(rules.rules[own[0]].header_runs))
        for name, own in orders.items()
    }


def _renamed(before: dict[str, _Side], after: dict[str, _Side]) -> dict[str, str]:
    """By their new names, the old ones of automations whose rules all mean the same as those of one that is gone."""
    gone: dict[object, list[str]] = {}
    for name, side in before.items():
        if name not in after:
            gone.setdefault(side.meaning, []).append(name)
    found: dict[str, str] = {}
    for name, side in after.items():
        if name not in before and gone.get(side.meaning):
            found[name] = gone[side.meaning].pop(0)
    return found


def _pair(old_name: str | None, new_name: str | None, old: _Side | None, new: _Side | None) -> AutomationPair:
    if old is None or new is None:
        rules = [RulePair(order, None) for order in old.orders] if old is not None else []
        rules += [RulePair(None, order) for order in new.orders] if new is not None else []
        return AutomationPair(old_name, new_name, tuple(rules))
    partners = _partners(old, new)
    pairs = []
    for at, order in enumerate(new.orders):
        partner = partners.get(at)
        is_same = partner is not None and old.meanings[partner] == new.meanings[at]
        pairs.append(RulePair(None if partner is None else old.orders[partner], order, is_same))
    taken = set(partners.values())
    pairs += [RulePair(order, None) for at, order in enumerate(old.orders) if at not in taken]
    return AutomationPair(old_name, new_name, tuple(pairs), old.header == new.header)


def _partners(old: _Side, new: _Side) -> dict[int, int]:
    """For rules of the new side, by their places in it, the old ones': of equal meaning first, in order, then of the same number."""
    by_meaning: dict[int, list[int]] = {}
    for at, meaning in enumerate(old.meanings):
        by_meaning.setdefault(meaning, []).append(at)
    partners: dict[int, int] = {}
    for at, meaning in enumerate(new.meanings):
        if by_meaning.get(meaning):
            partners[at] = by_meaning[meaning].pop(0)
    taken = set(partners.values())
    for at in range(len(new.orders)):
        if at not in partners and at < len(old.orders) and at not in taken:
            partners[at] = at
    return partners
