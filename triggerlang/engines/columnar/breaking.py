"""Breaking: whether something that is waited for was broken by an event after the one that is waited after."""

from __future__ import annotations

from triggerlang.engines.columnar.beside import stream_for
from triggerlang.engines.columnar.grouping import is_of_group
from triggerlang.engines.columnar.layout import Contact, Log, Memory, Net, break_at, wait_at
from triggerlang.engines.columnar.places import first_after, order_of
from triggerlang.engines.columnar.programs import event_passes
from triggerlang.engines.columnar.streams import get, stream_size, stream_start
from triggerlang.machine.kernels import inner


@inner
def is_broken(net: Net, log: Log, mem: Memory, contact: Contact, number: int, source: int, first: int, limit: int) -> bool:
    """Whether anything so far broke what is waited for after an event, from a first event on.

    `limit` is the first slot of the log's events that does not stand before the present place.
    """
    wait = wait_at(net.waits, number)
    after = order_of(mem, contact, source)
    for at in range(wait.first_break, wait.end_break):
        node = break_at(net.breaks, at)
        start, size, _, _, _ = stream_for(net, log, mem, contact, node.pattern, node.group, first, limit)
        if size > 0 and order_of(mem, contact, get(mem, start + size - 1)) > after:
            return True
    return False


@inner
def is_broken_beside(
    net: Net, log: Log, mem: Memory, contact: Contact, number: int, slot: int, source: int, first: int, other: int
) -> bool:
    """The same of something that came, by its slot, where what breaks it is asked beside a trigger, `other`."""
    wait = wait_at(net.waits, number)
    after, before = order_of(mem, contact, source), order_of(mem, contact, slot)
    for at in range(wait.first_break, wait.end_break):  # noqa: SIM110 - compiled
        if comes_between(net, log, mem, contact, at, first, after, before, other):
            return True
    return False


@inner
def comes_between(
    net: Net, log: Log, mem: Memory, contact: Contact, number: int, first: int, after: int, before: int, trigger: int
) -> bool:
    """Whether something that breaks beside a trigger stands between two places, by looking through what stands there."""
    node = break_at(net.breaks, number)
    at = stream_start(mem, node.pattern)
    place = first_after(mem, contact, at, stream_size(mem, contact, node.pattern), before - 1) - 1
    while place >= 0:
        slot = get(mem, at + place)
        if order_of(mem, contact, slot) <= after:
            return False
        if event_passes(net, log, mem, contact, node.filter, slot, trigger) and (
            node.group < 0 or is_of_group(net, log, mem, contact, node.group, slot, first, True)
        ):
            return True
        place -= 1
    return False
