"""Happenings: the chains and moments of a network at work.

In: a network and the project's time zone. Out: for each chain and moment what it makes of the events that meet its steps or break it.
A chain without a `without` happens at events; the others wait in the agenda.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from triggerlang.engines import moments
from triggerlang.engines.accumulators import Cells
from triggerlang.engines.filters import looks_at_trigger, pattern_pair
from triggerlang.engines.moments import Due
from triggerlang.engines.sequences import Key, Keys, Met, Steps
from triggerlang.engines.waiting import Agenda, Breaker, Breaking, Derived, Item
from triggerlang.events.record import Record
from triggerlang.language import tree
from triggerlang.language.times import Zone
from triggerlang.network.nodes import ChainNode, HappeningNode, MomentNode, Network, Option, PatternNode, StepNode, options_of


class Role(NamedTuple):
    """What a plain pattern is to a chain or moment: a step of it, or what breaks it."""

    happening: Happening
    part: Met | Breaker


class Happening:
    """A chain or moment at work. What is known of a contact lies in the two slots from `slot` on."""

    def __init__(
        self, number: int, slot: int, steps: Sequence[StepNode], breaking: Sequence[Option], keys: Keys, due: Due | None, agenda: Agenda
    ) -> None:
        self.number: Final = number
        self.keys: Sequence[Key] = ()
        """While it happens, the keys of the first events by which it does."""
        self.key: Final = keys
        self._slot, self._open_slot = slot, slot + 1
        self._steps = Steps(steps, keys)
        self._breaking = Breaking([option.same for option in breaking], keys)
        self._due, self._agenda = due, agenda
        self.roles: list[tuple[int, Role]] = [
            (option.pattern, Role(self, Met(at, keys.places(option.same)))) for at, step in enumerate(steps) for option in step.options
        ]
        self.roles += [(option.pattern, Role(self, self._breaking.breaker(at))) for at, option in enumerate(breaking)]

    def take(self, cells: Cells, record: Record, place: int, met: Sequence[Met], broken: Sequence[Breaker]) -> bool:
        """Take in an event, the steps that it meets last first; whether the chain happens at it."""
        for breaker in broken:
            for item in self._breaking.hit(cells, self._open_slot, record, breaker):
                self._breaking.close(cells, self._open_slot, item)
                self._agenda.drop(item)
        if not met:
            return False
        keys: Sequence[Key]
        if self._steps.last:
            reached = cells.get(self._slot)
            if reached is None:
                reached = cells[self._slot] = self._steps.start()
            keys = self._steps.take(reached, record, met)
        else:
            keys = (self.key.of(record),)
        if not keys:
            return False
        if self._due is None:
            self.keys = keys
            return True
        due = self._due(record, record.time)
        if due is not None:
            item = Item(self, cells, record, place, keys)
            self._breaking.open(cells, self._open_slot, item)
            self._agenda.add(due, item)
        return False

    def come(self, item: Item, time: int, *, comes_again: bool = True) -> None:
        """Something has waited long enough. An anniversary waits on for the next, if that may come."""
        self.keys = item.keys
        following = None if self._due is None or not comes_again else self._due(item.record, time)
        if following is not None and following > time:
            self._agenda.add(following, item)
        else:
            self._breaking.close(item.cells, self._open_slot, item)


def happenings(network: Network, zone: Zone, first_slot: int, agenda: Agenda) -> dict[int, Happening]:
    """The chains and moments of a network by their numbers, but for chains that only a replay can tell."""
    found: dict[int, Happening] = {}
    for number, node in enumerate(network.patterns):
        slot = first_slot + 2 * number
        if isinstance(node, MomentNode):
            keys = Keys(sorted({path for option in node.without for path in option.same}))
            step = StepNode((Option(node.pattern, ()),), None)
            found[number] = Happening(number, slot, [step], node.without, keys, moments.moment(node, zone), agenda)
        elif isinstance(node, ChainNode):
            due = None if node.without is None else moments.absence(node.without)
            asked = trigger_keys(network, node)
            if asked is not None:
                paths = sorted({path for option in options_of(node) for path in option.same} | {own for own, _ in asked})
                breaking = () if node.without is None else node.without.options
                found[number] = Happening(number, slot, node.steps, breaking, Keys(paths), due, agenda)
            elif due is not None:
                # Where it may come: after each event that may meet the last step, whatever the trigger asks of it.
                step = StepNode(tuple(Option(option.pattern, ()) for option in node.steps[-1].options), None)
                found[number] = Happening(number, slot, [step], (), Keys(()), due, agenda)
    return found


def trigger_keys(network: Network, node: HappeningNode) -> Sequence[tuple[str, str]] | None:
    """The properties that must have equal texts in the (first) event and the trigger, if that is all that the trigger is asked for.

    None where it is asked for more, so that only a replay beside the trigger can tell what happened.
    """
    if isinstance(node, MomentNode):
        return ()
    if isinstance(node, PatternNode):
        return _keys_of(node)
    patterns = [network.patterns[option.pattern] for option in options_of(node)]
    if any(isinstance(pattern, PatternNode) and is_paired(pattern) for pattern in patterns[1:]):
        return None
    return trigger_keys(network, patterns[0])


def is_paired(pattern: PatternNode) -> bool:
    """Whether a pattern asks something of the trigger."""
    return any(looks_at_trigger(test) for single in pattern.singles for test in single.filters)


def _keys_of(pattern: PatternNode) -> Sequence[tuple[str, str]] | None:
    if not is_paired(pattern):
        return ()
    if len(pattern.singles) != 1:
        return None
    keys: list[tuple[str, str]] = []
    for test in pattern.singles[0].filters:
        if not looks_at_trigger(test):
            continue
        match test:
            case tree.PropertyTest(wanted, tree.CompareProperty("=", "trigger", other)):
                keys.append((wanted.path, other.path))
            case _:
                return None
    return keys


class Replay:
    """A chain anew beside each trigger, over all events that may meet its steps: for what asks more of the trigger than equal texts."""

    def __init__(self, network: Network, node: ChainNode, zone: Zone) -> None:
        self._keys = Keys(sorted({path for option in options_of(node) for path in option.same}))
        self._steps = Steps(node.steps, self._keys)
        self._waits = node.without is not None
        options = [(at, option) for at, step in enumerate(node.steps) for option in step.options]
        self._met = [
            (pattern_pair(plain(network, option.pattern), zone), Met(at, self._keys.places(option.same)))
            for at, option in reversed(options)
        ]
        self._broken = [
            (pattern_pair(plain(network, option.pattern), zone), self._keys.places(option.same))
            for option in (() if node.without is None else node.without.options)
        ]

    def begin(self, trigger: Record, waiting_after: Record | None = None) -> Callable[[Record], bool]:
        """A function that is asked of each event in order, and of each place where an absence may come: whether the chain happens at it.

        With `waiting_after`, absences of that event alone are told.
        """
        reached = self._steps.start()
        waiting: dict[int, Sequence[Key]] = {}

        def happens(record: Record) -> bool:
            if isinstance(record, Derived):
                return bool(waiting.pop(id(record.event), ()))
            for matches, same in self._broken:
                if waiting and matches(record, trigger):
                    own = self._keys.some(record, same)
                    for at, firsts in waiting.items():
                        waiting[at] = [key for key in firsts if tuple(key[place] for place in same) != own]
            keys = self._steps.take(reached, record, [met for matches, met in self._met if matches(record, trigger)])
            if keys and self._waits and (waiting_after is None or record is waiting_after):
                waiting[id(record)] = keys
            return bool(keys) and not self._waits

        return happens


def plain(network: Network, number: int) -> PatternNode:
    """A plain pattern by its number."""
    node = network.patterns[number]
    assert isinstance(node, PatternNode)
    return node
