"""Sequences: how far a contact has come in a chain, event by event.

In: the events that meet a chain's steps, in order. Out: those at which its last step is met at the end of some choice of earlier events.
Of each step only the latest time is kept at which it was reached, because a later step looks at nothing else: one time for each
text of the properties that must be the same as in the first event. What a `within` can reach no more is dropped.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from triggerlang.engines.filters import getter
from triggerlang.events.record import Record
from triggerlang.language import values
from triggerlang.network.nodes import StepNode

Key: TypeAlias = tuple[str | None, ...]
"""The texts of a first event that something later must be the same as; None where it has none."""
Reached: TypeAlias = "list[dict[Key, int] | Swept]"
"""For each step but the last, when it was last reached by a choice whose first event has a key; the longest unseen first."""


class Met(NamedTuple):
    """A step that an event meets, by its number, and which places of the key must be the event's own texts."""

    step: int
    same: tuple[int, ...]


class Keys:
    """The keys of first events: the texts of some properties."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = tuple(paths)
        self.whole = tuple(range(len(self.paths)))
        self._getters = [getter(path) for path in self.paths]

    def of(self, record: Record) -> Key:
        return tuple([values.text(get(record)) for get in self._getters])

    def some(self, record: Record, places: tuple[int, ...]) -> Key | None:
        """The texts at some places; None if one is missing, so that nothing is the same."""
        texts = tuple([values.text(self._getters[at](record)) for at in places])
        return None if None in texts else texts

    def places(self, same: Sequence[str]) -> tuple[int, ...]:
        return tuple(self.paths.index(path) for path in same)


def taken(key: Key, places: tuple[int, ...]) -> Key:
    """What stands at some places of a key."""
    return tuple([key[at] for at in places])


class Steps:
    """The steps of a chain.

    A step that asks for nothing of the first event is reached from all keys at once: it is swept, its times are kept, and what they
    mean for a key is worked out when somebody asks.
    """

    def __init__(self, steps: Sequence[StepNode], keys: Keys) -> None:
        self.keys = keys
        self.last: Final = len(steps) - 1
        self._within = [step.within for step in steps]
        self._is_swept = [False] * len(steps)
        for at in range(1, self.last):
            asks = any(option.same for option in steps[at].options)
            self._is_swept[at] = bool(keys.paths) and not asks and not self._is_swept[at - 1]

    def start(self) -> Reached:
        layers: Reached = []
        for at in range(self.last):
            told = layers[at - 1] if self._is_swept[at] else None
            layers.append(Swept(told, self._within[at], self._within[at + 1]) if isinstance(told, dict) else {})
        return layers

    def take(self, reached: Reached, record: Record, met: Sequence[Met]) -> Sequence[Key]:
        """Take in an event that meets some steps, the last of them first, so that it never follows itself.

        What comes out are the keys of the first events from which it reaches the chain's last step.
        """
        found: Sequence[Key] = ()
        for step, same in met:
            if self._is_swept[step]:
                swept = reached[step]
                assert isinstance(swept, Swept)
                swept.add(record.time)
                continue
            keys = self._from(reached[step - 1], step, same, record) if step else (self.keys.of(record),)
            if step == self.last:
                found = [*found, *(key for key in keys if key not in found)] if found else keys
            elif keys:
                self._reach(reached, step, keys, record.time)
        return found

    def _from(self, before: dict[Key, int] | Swept, step: int, same: tuple[int, ...], record: Record) -> Sequence[Key]:
        """The keys of the first events from which an event reaches a step."""
        within = self._within[step]
        oldest = None if within is None else record.time - within
        own = self.keys.some(record, same)
        if own is None:
            return ()
        if same == self.keys.whole:
            reached = before.get(own)
            return () if reached is None or (oldest is not None and reached < oldest) else (own,)
        found: list[Key] = []
        for key, time in reversed(before.items()) if isinstance(before, dict) else before.items(oldest):
            if oldest is not None and time < oldest:
                break
            if taken(key, same) == own:
                found.append(key)
        return found

    def _reach(self, reached: Reached, step: int, keys: Sequence[Key], time: int) -> None:
        layer, within = reached[step], self._within[step + 1]
        assert isinstance(layer, dict)
        following = reached[step + 1] if step + 1 < self.last else None
        swept = following if isinstance(following, Swept) else None
        for key in keys:
            if swept is not None:
                swept.settle(key)
            layer.pop(key, None)
            layer[key] = time
        if within is not None:
            while True:
                longest_unseen = next(iter(layer))
                if layer[longest_unseen] >= time - within:
                    break
                if swept is not None:
                    swept.leave(longest_unseen)
                del layer[longest_unseen]


class Swept:
    """When a step that asks for nothing of the first event was last reached from each key of the step before it, `told`.

    The times of its events are kept in order, and for each key how many there were when the step before it was last reached: the
    later ones follow that, and the last of them that is near enough counts. What is known apart from that is settled.
    """

    __slots__ = ("_further", "_most", "_seen", "_settled", "_times", "_told", "_within")

    def __init__(self, told: dict[Key, int], within: int | None, further: int | None) -> None:
        self._told, self._within, self._further = told, within, further
        self._times: list[int] = []
        self._seen: dict[Key, int] = {}
        self._settled: dict[Key, int] = {}
        self._most = 1000

    def add(self, time: int) -> None:
        self._times.append(time)
        if len(self._times) > 2 * len(self._told) + 1000:
            for key in self._told:
                self.settle(key)
            self._seen = dict.fromkeys(self._told, 0)
            self._times.clear()
        if self._further is not None and len(self._settled) > self._most:
            oldest = time - self._further
            self._settled = {key: reached for key, reached in self._settled.items() if reached >= oldest}
            self._most = 2 * len(self._settled) + 1000

    def get(self, key: Key) -> int | None:
        """When it was last reached from a key."""
        told = self._told.get(key)
        if told is not None:
            times = self._times
            end = len(times) if self._within is None else bisect_right(times, told + self._within)
            if end > self._seen.get(key, 0):
                return times[end - 1]
        return self._settled.get(key)

    def settle(self, key: Key) -> None:
        """Keep what is known of a key, before the step before it is reached anew or forgotten."""
        reached = self.get(key)
        if reached is not None:
            self._settled[key] = reached
        self._seen[key] = len(self._times)

    def leave(self, key: Key) -> None:
        """The same where the step before it is forgotten for good."""
        self.settle(key)
        del self._seen[key]

    def items(self, oldest: int | None) -> Iterable[tuple[Key, int]]:
        """All keys from which it was reached, at a time or after it."""
        for key in dict.fromkeys((*self._told, *self._settled)):
            reached = self.get(key)
            if reached is not None and (oldest is None or reached >= oldest):
                yield key, reached
