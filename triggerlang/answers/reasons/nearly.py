"""Nearly: why a rule's trigger did not happen to a contact at a time.

In: a rule, the contact's events, and the time. Out: the reason of the trigger: the filter that an event near to it did not meet, the step
of a chain that was missing or too long ago, what broke an absence, when a moment would have come. What is true of an event or a chain is
asked of the functions that the interpreter is made of; a chain is asked again with one demand less to find the demand that failed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from triggerlang.answers.reasons import wording
from triggerlang.answers.reasons.matching import Matching, happened
from triggerlang.answers.reasons.reason import Reason
from triggerlang.answers.reasons.spelling import misspelt
from triggerlang.checking.walking import name_texts
from triggerlang.engines.filters import getter
from triggerlang.engines.happenings import Replay
from triggerlang.engines.moments import Due, absence as absence_due, moment as moment_due
from triggerlang.engines.waiting import derived
from triggerlang.events.record import Record
from triggerlang.language import printing, times, tree, values
from triggerlang.language.times import Zone
from triggerlang.network.nodes import ChainNode, MomentNode, Network, Option, StepNode, WithoutNode

MOST_OTHERS: Final = 3
"""How many other events of a kind are told."""
MOST_STEPS: Final = 10
"""Of how many steps of a chain it is told when they came, the last ones."""


class Nearly:
    """The reasons of triggers that did not happen."""

    def __init__(self, network: Network, zone: Zone) -> None:
        self._network, self._zone = network, zone
        self._matching = Matching(zone)

    def of(self, rule: tree.Rule, node: int, events: Sequence[Record], time: int) -> Reason:
        """Why a rule's trigger, whose pattern in the network is `node`, did not happen at a time to the contact whose events these are."""
        on, pattern = rule.on, self._network.patterns[node]
        text = f"on {printing.trigger(on)}"
        match on:
            case tree.Pattern():
                found, parts = self._pattern(on, events, time)
            case tree.Chain():
                assert isinstance(pattern, ChainNode)
                found, parts = self._chain(on, pattern, events, time)
            case _:
                assert isinstance(pattern, MomentNode)
                found, parts = self._moment(on, pattern, events, time)
        return Reason("trigger", text, on.span, False, found=found, parts=parts)

    def ever(self, rule: tree.Rule, node: int, events: Sequence[Record]) -> Reason:
        """Why a rule's trigger never happened to the contact whose events these are: what came nearest to it."""
        on, pattern = rule.on, self._network.patterns[node]
        match on:
            case tree.Pattern():
                found, parts = self._nothing_of(on, events)
            case tree.Chain():
                assert isinstance(pattern, ChainNode)
                steps = replace(on, without=None)
                found, parts = "", tuple(self._each_step(steps, replace(pattern, without=None), events, None))
                if all(part.holds for part in parts):
                    found, parts = "no absence came; what was waited for stands below", ()
            case _:
                awaited = on.pattern if isinstance(on, tree.After) else on.dated.pattern
                own = self._matching.those(awaited, events)
                found, parts = ("no such moment came; what was waited for stands below", ()) if own else self._nothing_of(awaited, events)
        return Reason("trigger", f"on {printing.trigger(on)}", on.span, False, found=found, parts=parts)

    def _nothing_of(self, pattern: tree.Pattern, events: Sequence[Record]) -> tuple[str, tuple[Reason, ...]]:
        """What a contact did in place of an event that never was: one that a filter kept out, one of a near name, others of its kind."""
        near, parts = self._matching.near(pattern, events)
        if near is not None:
            return f"{happened(near)} at {self._time(near.time)} did not fit", parts
        kinds = {single.occurrence.kind.kind for single in pattern.singles}
        if kinds == {"enter"}:
            return "it never entered there; ask why of that automation", ()
        alike = {event.name: event for event in events if event.kind in kinds}
        for single in pattern.singles:
            names = single.occurrence.names
            wanted = [] if names is None or isinstance(names, tree.NameLike) else [text.text for text in name_texts(names)]
            for name in wanted:
                spelt = misspelt(name, alike)
                if spelt is not None:
                    return f"it never happened, but {happened(alike[spelt])} did, the last at {self._time(alike[spelt].time)}", ()
        if alike:
            last = sorted(alike.values(), key=lambda event: event.time)[-MOST_OTHERS:]
            others = " and ".join(f"{happened(event)} at {self._time(event.time)}" for event in last)
            return f"it never happened; of its kind there was {others}" + (", among others" if len(alike) > len(last) else ""), ()
        return "it never happened, nor did anything of its kind", ()

    def steps(self, chain: tree.Chain, node: ChainNode, events: Sequence[Record], trigger: Record) -> tuple[Reason, ...]:
        """How far a chain of a condition came until a trigger, the events up to which these are: its steps, up to the first that did not
        come; none where all came."""
        told = tuple(self._each_step(chain, replace(node, without=None), events, None, trigger))
        return () if all(step.holds for step in told) else told

    def begun(self, rule: tree.Rule, node: int, events: Sequence[Record]) -> list[Record]:
        """The events after which a rule's absence or moment waits."""
        on, pattern = rule.on, self._network.patterns[node]
        if isinstance(pattern, ChainNode):
            return self._reached(replace(pattern, without=None), events)
        assert not isinstance(on, tree.Pattern | tree.Chain)
        return self._matching.those(on.pattern if isinstance(on, tree.After) else on.dated.pattern, events)

    def due(self, node: int, event: Record) -> int | None:
        """When the absence or moment after an event comes, of an anniversary the first, if nothing breaks it."""
        pattern = self._network.patterns[node]
        if isinstance(pattern, MomentNode):
            return moment_due(pattern, self._zone)(event, event.time)
        assert isinstance(pattern, ChainNode)
        assert pattern.without is not None
        return absence_due(pattern.without)(event, event.time)

    def broken(self, node: int, events: Sequence[Record], event: Record, time: int) -> tuple[str, Record | None]:
        """What broke the absence after an event, or called its moment off, before it came at a time."""
        pattern = self._network.patterns[node]
        if isinstance(pattern, MomentNode):
            steps = (StepNode((Option(pattern.pattern, ()),), None),)
            pattern = ChainNode(steps, WithoutNode(pattern.without, time - event.time))
        assert isinstance(pattern, ChainNode)
        return self._broken(pattern, events, event, time)

    # Patterns

    def _pattern(self, pattern: tree.Pattern, events: Sequence[Record], time: int) -> tuple[str, tuple[Reason, ...]]:
        """What was found in place of an event, and the filters that those near to it did not meet."""
        here = [event for event in events if event.time == time]
        near, parts = self._matching.near(pattern, here)
        if near is not None:
            return f"{happened(near)} did not fit", parts
        matching = [event.time for event in self._matching.those(pattern, events)]
        others = f", but {wording.either([happened(event) for event in here]).replace(' or ', ' and ')}" if here else ""
        return f"nothing of that happened at {self._time(time)}{others}" + self._nearest(matching, time), ()

    # Chains and absences

    def _chain(self, chain: tree.Chain, node: ChainNode, events: Sequence[Record], time: int) -> tuple[str, tuple[Reason, ...]]:
        if chain.without is None or node.without is None:
            return self._steps(chain, node, events, time)
        begun = self._reached(replace(node, without=None), events)
        begins = time - node.without.within
        ends = [event for event in begun if event.time == begins]
        if ends:
            text = f"without {printing.pattern(chain.without.pattern)} within {printing.duration(chain.without.within)}"
            found, _ = self._broken(node, events, ends[-1], time)
            return "", (Reason("step", text, chain.without.span, False, found=found),)
        if begun:
            ends_at = [event.time + node.without.within for event in begun]
            when = self._nearest([moment for moment in ends_at if moment < times.END_OF_TIME], time)
            return f"no absence ends at {self._time(time)}{when}", ()
        return self._steps(replace(chain, without=None), replace(node, without=None), events, begins)

    def _reached(self, node: ChainNode, events: Sequence[Record], trigger: Record | None = None) -> list[Record]:
        """The events at which a chain without an absence happens; a chain of a condition, beside a trigger."""
        if not events:
            return []
        happens = Replay(self._network, node, self._zone).begin(trigger or events[-1])
        return [event for event in events if happens(event)]

    def _steps(self, chain: tree.Chain, node: ChainNode, events: Sequence[Record], time: int) -> tuple[str, tuple[Reason, ...]]:
        """What came in place of the last step of a chain; or its steps, up to the first that did not come."""
        last = chain.then[-1].pattern if chain.then else chain.first
        if not self._matching.those(last, [event for event in events if event.time == time]):
            return self._pattern(last, events, time)
        return "", tuple(self._each_step(chain, node, events, time))

    def _each_step(
        self, chain: tree.Chain, node: ChainNode, events: Sequence[Record], time: int | None, trigger: Record | None = None
    ) -> Iterator[Reason]:
        """The steps up to the first that did not come: until a time and the last one at it, or ever; those of a condition's chain, beside
        a trigger."""
        texts = [printing.pattern(chain.first)]
        texts += map(step_text, chain.then)
        spans = [chain.first.span, *(step.span for step in chain.then)]
        patterns = [chain.first, *(step.pattern for step in chain.then)]
        until = [event for event in events if time is None or event.time <= time]
        last = len(patterns) - 1

        @cache
        def reached(at: int) -> list[Record]:
            found = self._reached(ChainNode(node.steps[: at + 1], None), until, trigger)
            return found if at < last or time is None else [event for event in found if event.time == time]

        # A step that is not reached keeps all later ones from being reached.
        missing = bisect_left(range(len(patterns)), True, key=lambda at: not reached(at))
        for at in range(missing):
            found = f"at {self._time(reached(at)[-1].time)}" if at >= missing - MOST_STEPS else ""
            yield Reason("step", texts[at], spans[at], True, found=found)
        if missing > last:
            return
        step = Reason("step", texts[missing], spans[missing], False)
        is_bound = missing == last and time is not None
        near = [event for event in until if event.time == time] if is_bound else until
        own = self._matching.those(patterns[missing], near, trigger, same=not missing)
        if own:
            found, wanted = self._missed(node, missing, own, reached(missing - 1) if missing else [], until, trigger)
            yield replace(step, found=found, wanted=wanted)
        else:
            found, parts = self._never(patterns[missing], events, until, trigger, same=not missing)
            yield replace(step, found=found, parts=parts)

    def _never(
        self, pattern: tree.Pattern, events: Sequence[Record], until: Sequence[Record], trigger: Record | None, *, same: bool
    ) -> tuple[str, tuple[Reason, ...]]:
        """What came near to an event that did not come in time."""
        near, parts = self._matching.near(pattern, until, trigger, same=same)
        if near is not None:
            return f"{happened(near)} at {self._time(near.time)} did not fit", parts
        late = self._matching.those(pattern, events, trigger, same=same)
        return (f"it came at {self._time(late[0].time)} only" if late else "it never came"), ()

    def _missed(
        self, node: ChainNode, at: int, own: list[Record], before: list[Record], events: Sequence[Record], trigger: Record | None
    ) -> tuple[str, str]:
        """Why a step does not follow, and what it needs: without its time or its `same` it would have."""
        step = node.steps[at]
        event = own[-1]

        def follows(relaxed: StepNode) -> bool:
            return any(other is event for other in self._reached(ChainNode((*node.steps[:at], relaxed), None), events, trigger))

        came = f"at {self._time(event.time)} it came"
        at_most = "" if step.within is None else f"{wording.length_text(step.within)} at most"
        unlike = tuple(Option(option.pattern, ()) for option in step.options)
        same = dict.fromkeys(path for option in step.options for path in option.same)
        if step.within is not None and follows(replace(step, within=None)):
            if at == 1:
                # The step before it is the first one, whose texts are the same.
                before = [other for other in before if all(_share(event, other, path) for path in same)]
            return f"{came} {self._after(event, before)}", at_most
        if same and follows(replace(step, options=unlike)):
            held = " and ".join(f"{printing.property_name(path)} {wording.held_of(event, path)}" for path in same)
            return f"{came} with {held}", f"the same as at the first step, {self._firsts(node, same, events, trigger)}"
        if same and step.within is not None and follows(StepNode(unlike, None)):
            names = " and ".join(printing.property_name(path) for path in same)
            return f"{came} {self._after(event, before)}, and with another {names}", at_most
        return f"{came}, but not after the step before it", ""

    def _firsts(self, node: ChainNode, same: Iterable[str], events: Sequence[Record], trigger: Record | None) -> str:
        """What the events of a chain's first step hold."""
        firsts = self._reached(ChainNode(node.steps[:1], None), events, trigger)
        held = dict.fromkeys(" and ".join(wording.held_of(first, path) for path in same) for first in firsts)
        return wording.either(list(held))

    def _after(self, event: Record, before: Sequence[Record]) -> str:
        earlier = [other.time for other in before if other.time <= event.time]
        return f"{wording.length_text(event.time - earlier[-1])} after the step before it" if earlier else "before the step before it"

    def _broken(self, node: ChainNode, events: Sequence[Record], e: Record, time: int) -> tuple[str, Record | None]:
        """The event that broke an absence of `e`, or called a moment off: with it, and not before it, the absence does not come."""
        at = next(number for number, event in enumerate(events) if event is e)
        later = [number for number in range(at + 1, len(events)) if events[number].time <= time]

        def is_broken(last: int) -> bool:
            happens = Replay(self._network, node, self._zone).begin(e, e)
            for event in events[: last + 1]:
                happens(event)
            return not happens(derived(e, time))

        # What is broken stays broken.
        first = bisect_left(later, True, key=is_broken)
        if first == len(later):
            return f"the log ends before {self._time(time)}; of an anniversary, only the next one follows", None
        breaks = events[later[first]]
        return f"{happened(breaks)} came at {self._time(breaks.time)}, after {happened(e)} at {self._time(e.time)}", breaks

    # Moments

    def _moment(self, on: tree.Awaited, node: MomentNode, events: Sequence[Record], time: int) -> tuple[str, tuple[Reason, ...]]:
        pattern = on.pattern if isinstance(on, tree.After) else on.dated.pattern
        due = moment_due(node, self._zone)
        own = self._matching.those(pattern, events)
        if not own:
            near, parts = self._matching.near(pattern, events)
            if near is not None:
                return f"{happened(near)} at {self._time(near.time)} did not fit", parts
            return f"{printing.pattern(pattern)} never happened", ()
        comes: list[int] = []
        for event in own:
            for moment in _dues(event, due, time, node.base == "anniversary"):
                comes.append(moment)
                if moment == time:
                    return "", (self._called_off(on, node, events, event, time),)
        if not comes:
            held = (
                "" if node.property is None else f", {printing.property_name(node.property)} was {wording.held_of(own[-1], node.property)}"
            )
            return f"no such moment lies after {happened(own[-1])} at {self._time(own[-1].time)}{held}", ()
        return f"no such moment is at {self._time(time)}{self._nearest(comes, time)}", ()

    def _called_off(self, on: tree.Awaited, node: MomentNode, events: Sequence[Record], e: Record, time: int) -> Reason:
        """What called a moment off: what its `without` asks for, or a new value of its field."""
        steps = (StepNode((Option(node.pattern, ()),), None),)
        found, breaks = self._broken(ChainNode(steps, WithoutNode(node.without, time - e.time)), events, e, time)
        if on.without is not None and breaks is not None and self._matching.those(on.without, [breaks]):
            return Reason("step", f"without {printing.pattern(on.without)}", on.without.span, False, found=found)
        return Reason("step", printing.trigger(on), on.span, False, found=found)

    # Words

    def _time(self, moment: int) -> str:
        return wording.moment_text(moment, self._zone)

    def _nearest(self, moments: Sequence[int], time: int) -> str:
        """Where the nearest is, if there is one."""
        return f"; the nearest is at {self._time(min(moments, key=lambda other: abs(other - time)))}" if moments else ""


def _share(event: Record, other: Record, path: str) -> bool:
    get = getter(path)
    return values.text(get(event)) == values.text(get(other))


def step_text(step: tree.Then) -> str:
    """`then event "order" within 7 days`."""
    return f"then {printing.pattern(step.pattern)}" + (f" within {printing.duration(step.within)}" if step.within else "")


def _dues(event: Record, due: Due, until: int, is_yearly: bool) -> Iterator[int]:
    """When the moments of an event come, up to a time and the next one after it; of anniversaries those of the last years before it."""
    after: int | None = max(event.time, until - 1000 * times.DAY) if is_yearly else event.time
    while after is not None and after < until:
        after = due(event, after)
        if after is not None:
            yield after
