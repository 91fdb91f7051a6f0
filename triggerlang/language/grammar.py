"""The grammar, compiled: what Lark makes of `grammar/triggers.lark`, as plain data.

In: the text of the grammar. Out: the states of its LALR automaton and its rules, by number and name. Nothing of Lark's is in it, so that it
can be kept as JSON: Lark's own cache is a pickle. Making it takes longer than checking a hundred rules.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from triggerlang.machine.kept import Kept

_PACKAGE: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Rule(NamedTuple):
    """A rule of the grammar with one of its expansions."""

    size: int
    """How many parts it has."""
    name: str
    callback: str | None
    """The builder's method that makes a node of it; None where its only part stays as it is, or where it is a repetition."""
    repetitions: tuple[int, ...]
    """Which of its parts are repetitions, the last first."""
    is_repetition: bool
    """Whether Lark made it for a `*` or `+`."""
    goes_on: bool
    """Whether it is a repetition that begins with itself."""


class Compiled(NamedTuple):
    """The automaton: for each state what follows at a terminal or after a rule: a state, or `~number` of a rule that is complete."""

    start: int
    end: int
    keywords: dict[str, str]
    """The terminal of each keyword and sign by its text."""
    rules: list[Rule]
    states: list[dict[str, int]]


def grammar_text() -> str:
    """The text of the grammar."""
    with open(_grammar_file(), encoding="utf-8") as file:
        return file.read()


def _grammar_file() -> str:
    """Where it stands: inside the installed package, or beside it in a checkout."""
    packaged = os.path.join(_PACKAGE, "grammar", "triggers.lark")
    return packaged if os.path.isfile(packaged) else os.path.join(os.path.dirname(_PACKAGE), "grammar", "triggers.lark")


@cache
def fingerprint() -> str:
    """A short name for all that decides what is said of a rule file: the grammar, the sources that read and check, and the versions.

    Raises OSError where the sources cannot be read.
    """
    from triggerlang.machine.kept import contents, digest

    lark = find_spec("lark")
    with open(_grammar_file(), "rb") as file:
        parts = [sys.version.encode(), file.read()]
    if lark is not None and lark.origin is not None:
        with open(lark.origin, "rb") as file:
            parts.append(file.read())  # It says which version it is.
    for folder in ("language", "checking"):
        parts += contents(os.path.join(_PACKAGE, folder), (".py",))
    return digest(parts)


_kept: Kept | None = None


def keep(kept: Kept | None) -> None:
    """Say where the compiled grammar is kept from now on; nowhere, if nothing is said."""
    global _kept
    _kept = kept


def compiled() -> Compiled:
    """The grammar compiled, as it was kept, or made and kept."""
    kept, name = _kept, None
    if kept is not None:
        try:
            name = f"grammar-{fingerprint()}"
        except OSError:
            kept = None
    if kept is None or name is None:
        return _made()
    import json

    data = kept.read(name)
    if data is not None:
        try:
            start, end, keywords, rules, states = json.loads(data)
            return Compiled(start, end, keywords, [Rule(*rule) for rule in rules], states)
        except (ValueError, TypeError, RecursionError):
            pass  # It was not written by us, whatever its checksum says.
    made = _made()
    kept.write(name, json.dumps(made, separators=(",", ":")).encode())
    return made


def _made() -> Compiled:
    """What Lark makes of the grammar."""
    from lark import Lark
    from lark.lexer import Lexer
    from lark.parsers.lalr_analysis import Shift

    class NoLexer(Lexer):
        """Ours makes the tokens; this saves compiling one of Lark's for each state."""

        def __init__(self, configuration: object) -> None:
            pass

        def lex(self, *arguments: Any) -> Iterator[Any]:
            return iter(())

    lark = Lark(grammar_text(), parser="lalr", lexer=NoLexer, start="file", keep_all_tokens=True, maybe_placeholders=False)
    conf: Any = lark.parse_interactive("").parser_state.parse_conf
    numbers = {rule: number for number, rule in enumerate(lark.rules)}
    states: list[dict[str, int]] = [{} for _ in conf.states]
    for state, moves in conf.states.items():
        states[state] = {str(name): int(argument) if action is Shift else ~numbers[argument] for name, (action, argument) in moves.items()}
    keywords = {str(terminal.pattern.value): str(terminal.name) for terminal in lark.terminals if terminal.pattern.type == "str"}
    return Compiled(conf.start_state, conf.end_state, keywords, [_rule(rule) for rule in lark.rules], states)


def _rule(rule: Any) -> Rule:
    name = str(rule.origin.name)
    parts = [str(part.name) for part in rule.expansion]
    is_repetition = name.startswith("_")
    stays = len(parts) == 1 and rule.options.expand1 and not rule.alias
    return Rule(
        size=len(parts),
        name=name,
        callback=None if is_repetition or stays else str(rule.alias or name),
        repetitions=tuple(at for at in reversed(range(len(parts))) if parts[at].startswith("_") and parts[at].islower()),
        is_repetition=is_repetition,
        goes_on=is_repetition and parts[0] == name,
    )
