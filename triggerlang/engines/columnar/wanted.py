"""Wanted events: those that any rule may ask for.

In: a network. Out: by kind and name, whether an event can matter to it. The others are counted and let go as they are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from triggerlang.engines.columnar.patterns import STATE_KINDS
from triggerlang.network import nodes
from triggerlang.network.index import name_test
from triggerlang.network.nodes import NameNode, NameSet, Network, PatternNode


def wanted_by(network: Network) -> Callable[[str, str], bool]:
    """Whether events of a kind and name are wanted."""
    plain: set[tuple[str, str]] = set()
    others: dict[str, list[Callable[[str], bool]]] = {}
    for kind, names in dict.fromkeys(_asked(network)):
        if isinstance(names, NameSet):
            plain.update((kind, name) for name in names.names)
        else:
            others.setdefault(kind, []).append(name_test(names))
    return lambda kind, name: (kind, name) in plain or any(fits(name) for fits in others.get(kind, ()))


def _asked(network: Network) -> Iterator[tuple[str, NameNode]]:
    """The kinds and names that patterns match, and those of what changes a state."""
    for pattern in network.patterns:
        if isinstance(pattern, PatternNode):
            yield from ((single.kind, single.names) for single in pattern.singles)
    for test in network.tests:
        if isinstance(test, nodes.MemberTest):
            yield from ((kind, test.names) for kind in STATE_KINDS[test.noun])
        elif isinstance(test, nodes.FieldTest):
            yield "field", NameSet((test.name,))
