"""Spelling: whether a name that a contact has is meant to be one that a rule asks for.

In: a name, and the names that are there. Out: the nearest one, if it is near enough to be a slip. Names that differ in their digits alone
are different things, and so are short ones that differ in more than the case of letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from triggerlang.language.nearest import nearest

SHORTEST: Final = 4
"""From how many letters on a name may have a wrong one."""


def misspelt(name: str, names: Iterable[str]) -> str | None:
    """The name among some that is probably a slip for this one."""
    digits = re.findall(r"\d+", name)
    alike = [other for other in names if other != name and re.findall(r"\d+", other) == digits]
    if len(name) < SHORTEST:
        alike = [other for other in alike if other.casefold() == name.casefold()]
    return nearest(name, alike)
