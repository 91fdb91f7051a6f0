"""The interpreter: one event in, its entries out.

In: a rule set, and events in the order of their times. Out: the entries that each of them causes, as sections 5 and 8 of the reference
say. It is the meaning in code: every measure of the network is kept up to date for each contact, an event is looked at by the
patterns that the index finds for its kind and name, a rule only when its own trigger happens. What is asked of the time before
the trigger is brought up to date after the rules were asked, what is asked `so far` before that. A chain that happens at an event is one
more pattern that the event matches; an absence or a moment comes when the clock has passed it, and matches its own node alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar, Final

from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.accumulators import Cells
from triggerlang.engines.comparing import end_of, moment_of
from triggerlang.engines.entry import MOST_ENTRIES, Entry, too_many_entries
from triggerlang.engines.filters import matching
from triggerlang.engines.happenings import Role, happenings, plain
from triggerlang.engines.measuring import UNLIMITED, measurings
from triggerlang.engines.reacting import Reaction, RuleAtWork
from triggerlang.engines.runs import Limit, limit
from triggerlang.engines.sequences import Met
from triggerlang.engines.testing import condition_tests, member_updates
from triggerlang.engines.waiting import Agenda, Breaker, derived
from triggerlang.events.errors import LogError
from triggerlang.events.record import NO_PROPERTIES, Record
from triggerlang.language import times, tree
from triggerlang.language.times import Zone
from triggerlang.network.compiler import compile
from triggerlang.network.index import TriggerIndex
from triggerlang.network.nodes import Network, PatternNode

if TYPE_CHECKING:
    from triggerlang.events.event import Event

REMEMBERED_NAMES: Final = 1 << 18
"""For how many kinds and names the interpreter remembers what they cause."""


class Interpreter:
    """Evaluates rules over events that come one at a time, as they happen.

    `timezone` is the project's: an IANA name; it says what dates, weekdays and times of day in rules mean, and the time of an
    event that has none. What is kept grows with contacts, their ids and what windows need, not with events.
    Raises ValueError where there is no such time zone.
    """

    _counts_in_full: ClassVar[bool] = False
    """Whether counts go on where no test tells larger ones apart; whoever watches wants to see them."""

    def __init__(self, rules: RuleSet, *, timezone: str = "UTC", indexed: bool = True) -> None:
        """`indexed=False` finds patterns without the index: the same answer by the long way, for tests."""
        self.zone = Zone(timezone)
        self.network: Network = compile(rules)
        self._indexed = indexed
        self._index = TriggerIndex(self.network)
        self._agenda = Agenda()
        slots = len(self.network.measures) + len(self.network.tests) + len(self.network.rules) + len(self.network.automations)
        self._happenings = happenings(self.network, self.zone, slots, self._agenda)
        self._roles: dict[int, list[Role]] = {}
        for happening in self._happenings.values():
            for pattern, role in happening.roles:
                self._roles.setdefault(pattern, []).append(role)
        self._measurings = measurings(self.network, self.zone, self._happenings, in_full=self._counts_in_full)
        slots = len(self._measurings)
        self._members = member_updates(self.network, slots)
        slots += len(self.network.tests)
        self._tests = condition_tests(self.network, self._measurings, self._members, self.zone)
        self._memo = self._tests.memo
        self._rules = self._make_rules(slots)
        self._rules_on: dict[int, list[RuleAtWork]] = {}
        for rule, node in zip(self._rules, self.network.rules, strict=True):
            self._rules_on.setdefault(node.on, []).append(rule)
        self._adds: dict[int, list[int]] = {}
        self._empties: dict[int, list[int]] = {}
        for number, measuring in enumerate(self._measurings):
            for pattern in measuring.adds:
                self._adds.setdefault(pattern, []).append(number)
            if measuring.empties is not None:
                self._empties.setdefault(measuring.empties, []).append(number)
        self._reactions: dict[tuple[str, str], tuple[Reaction, ...]] = {}
        self._happened: dict[int, Reaction] = {}
        for number in self._happenings:
            self._fill(self._happened.setdefault(number, Reaction(None)), number)
        self._entries_start = any(
            single.kind == "enter" for pattern in self.network.patterns if isinstance(pattern, PatternNode) for single in pattern.singles
        )
        self.forget()

    def forget(self) -> None:
        """Forget all events, as if nothing had happened yet."""
        self._contacts: dict[str, Cells] = {}
        self._ids: dict[str, set[str]] = {}
        self._agenda.clear()
        self._now = times.FIRST_MOMENT
        self._is_over = False
        """Whether the present moment is over, so that later events are later."""
        self._rows = 0
        self._places = 0

    def feed(self, event: Event) -> list[Entry]:
        """The entries that an event causes, in the order of the rules; before them those of absences and moments that are due earlier.

        Events must come in the order of their times, over all contacts; one that is older than the last raises LogError.
        One whose id the contact had before causes nothing. An event's row is its number among those fed, from 1.
        """
        self._rows += 1
        record = event.record(self.zone, self._rows)
        self._check_time(record.time, "an event")
        if record.id is not None:
            seen = self._ids.setdefault(record.contact, set())
            if record.id in seen:
                return []
            seen.add(record.id)
        return self.feed_record(record)

    def feed_record(self, record: Record) -> list[Entry]:
        """The same for a record of a log whose duplicates were dropped already; it brings its own row."""
        time = record.time
        if time <= self._now:
            self._check_time(time, "an event")
        heap = self._agenda.heap
        earlier = self._come(time) if heap and heap[0][0] < time else None
        self._now, self._is_over = time, False
        entries = self._take_in(record)
        if entries and self._entries_start:
            entries = self._follow(record, entries)
        return earlier + entries if earlier else entries

    def advance(self, to: datetime | date | str) -> list[Entry]:
        """The entries of the absences and moments that are due until a time, that time included; later events must be later.

        The time is written as an event's is. One that is older than the last event raises LogError.
        """
        moment = times.moment_of(to, self.zone)
        self._check_time(moment, "the clock", is_event=False)
        return self.finish(moment)

    def finish(self, now: int | None = None) -> list[Entry]:
        """The same up to the time of the last event, or a later one."""
        if now is not None and now > self._now:
            self._now = now
        self._is_over = True
        return self._come(self._now + 1)

    def settle(self) -> list[Entry]:
        """The entries of all absences and moments that wait, however far ahead, of an anniversary the next one only; nothing stays pending.

        What is fed afterwards would come too late; `forget` begins anew.
        """
        self._is_over = True
        entries = self._come(times.END_OF_TIME, last=self._now)
        self._now = times.END_OF_TIME - 1
        return entries

    def pending(self) -> dict[str, int]:
        """How many absences and moments that start a rule have neither come nor been broken, for each rule that has some."""
        waiting = Counter(item.happening.number for item in self._agenda.waiting())
        return {node.name: waiting[node.on] for node in self.network.rules if waiting[node.on]}

    def looks_at(self, kind: str, name: str) -> bool:
        """Whether anything in the rules looks at events of a kind and name."""
        reactions = self._reactions.get((kind, name))
        return bool(self._react(kind, name) if reactions is None else reactions)

    def _come(self, limit: int, last: int = times.END_OF_TIME) -> list[Entry]:
        """The entries of what is due before a time, one place after the other. What comes again waits on, unless it came after `last`."""
        entries: list[Entry] = []
        while (found := self._agenda.next(limit)) is not None:
            time, items = found
            fitting: list[Reaction] = []
            for item in items:
                item.happening.come(item, time, comes_again=time <= last)
                fitting.append(self._happened[item.happening.number])
            trigger = derived(items[0].record, time)
            own = self._happen(fitting, items[0].cells, trigger)
            entries += self._follow(trigger, own) if own and self._entries_start else own
        return entries

    def _follow(self, record: Record, entries: list[Entry]) -> list[Entry]:
        """An entry is an event too: those of one trigger stand right after it, and what they cause stands after them all.

        It ends, because the checker refuses automations that start each other in a circle.
        """
        at = 0
        while at < len(entries):
            if len(entries) > MOST_ENTRIES:
                raise too_many_entries()
            entered = Record(record.time, record.contact, "enter", entries[at].automation, None, NO_PROPERTIES, record.id, record.row)
            entries += self._take_in(entered)
            at += 1
        return entries

    def _take_in(self, record: Record) -> list[Entry]:
        """Bring what is known of the contact up to date, and ask the rules whose trigger the record is."""
        key = record.kind, record.name
        reactions = self._reactions.get(key)
        if reactions is None:
            reactions = self._react(*key)
        if not reactions:
            return []
        cells = self._contacts.get(record.contact)
        if cells is None:
            cells = self._contacts[record.contact] = {}
        if len(reactions) == 1 and not reactions[0].roles:
            reaction = reactions[0]
            if reaction.filter is not None and not reaction.filter(record):
                return []
            for update in reaction.early:
                update(cells, record)
            entries = self._ask(reaction.rules, cells, record) if reaction.rules else []
            for slot in reaction.counts:
                cells[slot] = cells.get(slot, 0) + 1
            for update in reaction.late:
                update(cells, record)
            for empty in reaction.empties:
                empty(cells, record)
            return entries
        fitting = [reaction for reaction in reactions if reaction.filter is None or reaction.filter(record)]
        if self._roles:
            roles = [role for reaction in fitting for role in reaction.roles]
            if roles:
                fitting += self._weave(roles, cells, record)
        return self._happen(fitting, cells, record)

    def _weave(self, roles: list[Role], cells: Cells, record: Record) -> list[Reaction]:
        """What the chains cause that happen at an event, and what it means to those that wait."""
        self._places += 1
        parts: dict[int, tuple[list[Met], list[Breaker]]] = {}
        for role in roles:
            met, broken = parts.setdefault(role.happening.number, ([], []))
            if isinstance(role.part, Met):
                met.append(role.part)
            else:
                broken.append(role.part)
        happened: list[Reaction] = []
        for number, (met, broken) in parts.items():
            if len(met) > 1:
                met.sort(reverse=True)
            if self._happenings[number].take(cells, record, self._places, met, broken):
                happened.append(self._happened[number])
        return happened

    def _happen(self, fitting: Sequence[Reaction], cells: Cells, record: Record) -> list[Entry]:
        """All reactions that fit: what they do early, then the rules in their order, then late."""
        rules: list[RuleAtWork] = []
        asking = 0
        for reaction in fitting:
            for update in reaction.early:
                update(cells, record)
            if reaction.rules:
                rules = rules + reaction.rules if rules else reaction.rules
                asking += 1
        if asking > 1:
            rules = sorted(rules, key=_order)
        entries = self._ask(rules, cells, record) if rules else []
        for reaction in fitting:
            for slot in reaction.counts:
                cells[slot] = cells.get(slot, 0) + 1
            for update in reaction.late:
                update(cells, record)
        for reaction in fitting:
            for empty in reaction.empties:
                empty(cells, record)
        return entries

    def _ask(self, rules: list[RuleAtWork], cells: Cells, record: Record) -> list[Entry]:
        """The entries of the rules whose trigger a record is."""
        entries: list[Entry] = []
        time = record.time
        if self._memo:
            self._memo.clear()
        for rule in rules:
            once = rule.once
            if once is not None and once in cells:
                continue
            if not rule.start <= time < rule.end:
                continue
            condition = rule.condition
            if condition is not None and not condition(cells, record):
                continue
            runs, header = rule.runs, rule.header
            if runs is not None and not runs.allows(cells, record):
                continue
            if header is not None and not header.allows(cells, record):
                continue
            entries.append(self._enter(rule, cells, record))
        return entries

    def _enter(self, rule: RuleAtWork, cells: Cells, record: Record) -> Entry:
        """The entry of a rule at a trigger, remembered for its runs."""
        if rule.header is not None:
            rule.header.remember(cells, record)
        if rule.runs is not None:
            rule.runs.remember(cells, record)
        elif rule.once is not None:
            cells[rule.once] = True
        event = record.row if record.id is None else record.id
        return Entry(times.to_datetime(record.time), record.contact, rule.automation, rule.name, rule.source, event)

    def _check_time(self, time: int, what: str, *, is_event: bool = True) -> None:
        if time > self._now or (time == self._now and not (is_event and self._is_over)):
            return
        if not self._is_over:
            raise LogError(
                f"{what} at {times.format_moment(time)} came after one at {times.format_moment(self._now)}: "
                "events must be fed in the order of their times"
            )
        raise LogError(
            f"{what} at {times.format_moment(time)} came after the clock was moved to {times.format_moment(self._now)}: "
            "events must be fed in the order of their times, and later than that"
        )

    def _react(self, kind: str, name: str) -> tuple[Reaction, ...]:
        """What events of a kind and name cause, made once."""
        find = self._index.candidates if self._indexed else self._index.candidates_without_index
        always = Reaction(None)
        reactions: list[Reaction] = []
        for update, is_early in self._members.updates(kind, name):
            (always.early if is_early else always.late).append(update)
        for number in find(kind, name):
            found = matching(plain(self.network, number), kind, name, self.zone)
            if found is None:
                continue
            reaction = always
            if found.alone is not None:
                reaction = Reaction(found.alone)
                reactions.append(reaction)
            self._fill(reaction, number, is_paired=found.pair is not None)
        always.rules.sort(key=_order)
        if always.early or always.rules or always.counts or always.late or always.empties or always.roles:
            reactions.insert(0, always)
        if len(self._reactions) >= REMEMBERED_NAMES:
            self._reactions.clear()
        made = self._reactions[kind, name] = tuple(reactions)
        return made

    def _fill(self, reaction: Reaction, number: int, *, is_paired: bool = False) -> None:
        """Put into a reaction what a pattern, a chain or a moment causes."""
        reaction.roles += self._roles.get(number, ())
        if not is_paired:
            reaction.rules += self._rules_on.get(number, ())
        for at in self._adds.get(number, ()):
            measuring = self._measurings[at]
            if measuring.is_plain and not measuring.so_far:
                reaction.counts.append(measuring.slot)
            else:
                (reaction.early if measuring.so_far else reaction.late).append(measuring.accumulator.add)
        reaction.empties += [self._measurings[at].empty for at in self._empties.get(number, ())]

    def _make_rules(self, slots: int) -> list[RuleAtWork]:
        """The rules at work; their runs have the slots after `slots`, then those of the headers."""
        headers: dict[int, Limit | None] = {}
        rules: list[RuleAtWork] = []
        for order, node in enumerate(self.network.rules):
            automation = self.network.automations[node.automation]
            if node.automation not in headers:
                headers[node.automation] = limit(automation.runs, slots + len(self.network.rules) + node.automation)
            once = slots + order if isinstance(node.runs, tree.Once) and node.runs.per is None else None
            active = node.active
            rules.append(
                RuleAtWork(
                    order=order,
                    automation=automation.name,
                    name=node.name,
                    source=node.source,
                    condition=None if node.condition is None else self._tests.of(node.condition),
                    start=-UNLIMITED if active is None or active.start is None else moment_of(active.start, self.zone),
                    end=UNLIMITED if active is None or active.end is None else end_of(active.end, self.zone),
                    once=once,
                    runs=None if once is not None else limit(node.runs, slots + order),
                    header=headers[node.automation],
                )
            )
        return rules


def _order(rule: RuleAtWork) -> int:
    return rule.order
