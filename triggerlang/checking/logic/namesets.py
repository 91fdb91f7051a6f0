"""Names as sets: whether each name that one writing fits is fitted by another, and whether none fits both.

Where a glob makes it hard to tell, both answers are no.
"""

from __future__ import annotations

from typing import TypeAlias

from triggerlang.checking.walking import name_texts
from triggerlang.language import globs, tree

NameSet: TypeAlias = frozenset[str] | str | None
"""Some names, a glob, or any name."""


def name_set(names: tree.Names | None) -> NameSet:
    """Names in the one form that all spellings share."""
    if names is None:
        return None
    if not isinstance(names, tree.NameLike):
        return frozenset(text.text for text in name_texts(names))
    glob = names.glob.text
    while "**" in glob:
        glob = glob.replace("**", "*")
    if glob == "*":
        return None
    return glob if "*" in glob or "?" in glob else frozenset((glob,))


def within(one: tree.Names | None, other: tree.Names | None) -> bool:
    """Whether each name that fits the first surely fits the second."""
    if one is other:
        return True
    if isinstance(one, tree.NameIs) and isinstance(other, tree.NameIs):
        return one.name.text == other.name.text
    first, second = name_set(one), name_set(other)
    if second is None or first == second:
        return True
    if first is None:
        return False
    if isinstance(first, frozenset):
        fits = globs.matcher(second) if isinstance(second, str) else second.__contains__
        return all(map(fits, first))
    if not isinstance(second, str) or "?" in second or second.count("*") != 1:
        return False
    head, _, tail = second.partition("*")
    own_head, own_tail = _ends(first)
    return own_head.startswith(head) and own_tail.endswith(tail) and len(first.replace("*", "")) >= len(head) + len(tail)


def apart(one: tree.Names | None, other: tree.Names | None) -> bool:
    """Whether no name surely fits both."""
    if isinstance(one, tree.NameIs) and isinstance(other, tree.NameIs):
        return one.name.text != other.name.text
    first, second = name_set(one), name_set(other)
    if first is None or second is None:
        return False
    if isinstance(first, frozenset):
        fits = globs.matcher(second) if isinstance(second, str) else second.__contains__
        return not any(map(fits, first))
    if isinstance(second, frozenset):
        return not any(map(globs.matcher(first), second))
    (head, tail), (other_head, other_tail) = _ends(first), _ends(second)
    heads_meet = head.startswith(other_head) or other_head.startswith(head)
    return not heads_meet or not (tail.endswith(other_tail) or other_tail.endswith(tail))


def is_one(names: tree.Names | None) -> str | None:
    """The name, where only one fits."""
    found = name_set(names)
    return next(iter(found)) if isinstance(found, frozenset) and len(found) == 1 else None


def _ends(glob: str) -> tuple[str, str]:
    """What each name that fits a glob begins and ends with."""
    signs = [at for at, sign in enumerate(glob) if sign in "*?"]
    return glob[: signs[0]], glob[signs[-1] + 1 :]
