"""Parse tables: the grammar as Lark compiles it, and walks over it.

In: the text of `grammar/triggers.lark`. Out: for each state of the LALR automaton, which terminals lead on. A stack of states can
be moved over tokens without building anything, so that what may stand somewhere can be tried out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

from triggerlang.language import grammar
from triggerlang.language.builder import Builder
from triggerlang.language.lexer import WORD, Token
from triggerlang.language.vocabulary import NOUNS, VERBS

END: Final = "$END"


class Reduction(NamedTuple):
    """A rule of the grammar that is complete."""

    size: int
    """How many of the latest parts become one."""
    rule: str
    builds: Callable[[list[Any]], Any] | None
    """What makes the one of them; None where the only part stays as it is."""


Move: TypeAlias = int | Reduction
"""On to a state, by its number; or a rule to reduce by."""


@dataclass(slots=True)
class Tables:
    """What Lark made of the grammar: for each state what to do at a terminal, and which state comes after a rule."""

    states: Sequence[dict[str, Move]]
    start: int
    end: int
    keywords: dict[str, str]
    """The terminal of each keyword and sign by its text."""
    words: dict[str, str]
    """The text of each keyword and sign by its terminal."""
    starters: frozenset[str]
    """The terminals that begin a statement."""
    gotos: Sequence[dict[str, int]]
    """For each state which comes after a rule, once all rules are reduced by that could but follow and that leave the part as it is."""
    openings: frozenset[int]
    """The states that these lead to."""
    moves: Sequence[dict[str, tuple[str, Move]]]
    """For each state, by kind of token or word of the language, which terminal that is, and what to do; filled as it is asked for."""

    def move(self, state: int, token: Token) -> tuple[str, Move] | None:
        """Which terminal a token is in a state, and what to do there; None where it cannot stand."""
        text = token.text
        known = self.moves[state]
        # What is no word of the language may be any of endlessly many.
        key = token.type if token.type != WORD or not (text in self.keywords or text in VERBS or text in NOUNS) else text
        if key not in known:
            terminal = self.terminal(token, self.states[state])
            if terminal is None:
                return None
            known[key] = terminal, self.states[state][terminal]
        return known[key]

    def terminal(self, token: Token, accepted: Any) -> str | None:
        """Which terminal a token is where only some terminals are accepted; a keyword is one only where it can stand."""
        if token.type != WORD:
            return token.type if token.type in accepted else None
        text = token.text
        keyword = self.keywords.get(text)
        if keyword is not None and keyword in accepted:
            return keyword
        if "VERB" in accepted and text in VERBS:
            return "VERB"
        if "NOUN" in accepted and text in NOUNS:
            return "NOUN"
        if "PROPERTY" in accepted and text not in ("same", "not"):
            return "PROPERTY"
        return None

    def shift(self, stack: list[Any], terminal: str) -> bool:
        """Move a stack of states over a terminal, building nothing; False (and the stack spoiled) where it cannot stand."""
        states = self.states
        while True:
            found = states[stack[-1]].get(terminal)
            if found is None:
                return False
            if type(found) is int:
                stack.append(found)
                return True
            size, rule, _ = found
            if size:
                del stack[-size:]
            stack.append(states[stack[-1]][rule])
            if terminal == END and stack[-1] == self.end:
                return True

    def feed(self, stack: list[Any], token: Token) -> bool:
        """The same for a token, whose terminal depends on the state."""
        terminal = self.terminal(token, self.states[stack[-1]])
        return terminal is not None and self.shift(stack, terminal)

    def accepted(self, stack: Sequence[Any]) -> list[str]:
        """The terminals that can stand next, by name: Lark's own order differs from run to run."""
        return sorted(
            terminal for terminal in self.states[stack[-1]] if (terminal.isupper() or terminal == END) and self.shift(list(stack), terminal)
        )


@cache
def tables() -> Tables:
    """The parse tables, made once a process."""
    return _of(grammar.compiled())


def _of(compiled: grammar.Compiled) -> Tables:
    builder = Builder()
    rules = [Reduction(rule.size, rule.name, _builds(builder, rule)) for rule in compiled.rules]
    states: list[dict[str, Move]] = [
        {name: move if move >= 0 else rules[~move] for name, move in moves.items()} for moves in compiled.states
    ]
    starters = frozenset(name for name in states[compiled.start] if name in compiled.keywords.values())
    return Tables(
        states=states,
        start=compiled.start,
        end=compiled.end,
        keywords=compiled.keywords,
        words={name: text for text, name in compiled.keywords.items()},
        starters=starters,
        gotos=[_gotos(compiled, moves) for moves in compiled.states],
        openings=frozenset(compiled.states[compiled.start][name] for name in starters),
        moves=[{} for _ in states],
    )


def _gotos(compiled: grammar.Compiled, moves: dict[str, int]) -> dict[str, int]:
    """Where the rules lead to that are reduced by in a state."""
    found = {name: state for name, state in moves.items() if not name.isupper() and state >= 0}
    for name, state in found.items():
        while (rule := _only_rule(compiled, state)) is not None:
            state = moves[rule.name]
        found[name] = state
    return found


def _only_rule(compiled: grammar.Compiled, state: int) -> grammar.Rule | None:
    """The rule that is reduced by in a state whatever follows, and that leaves its part as it is."""
    moves = set(compiled.states[state].values())
    if len(moves) != 1 or (move := moves.pop()) >= 0:
        return None
    rule = compiled.rules[~move]
    return rule if rule.callback is None and not rule.is_repetition else None


def _builds(builder: Builder, rule: grammar.Rule) -> Callable[[list[Any]], Any] | None:
    """What a rule makes of its parts. What Lark calls a repetition is a list, whose items are parts of the rule that it stands in."""
    if rule.is_repetition:
        return _longer if rule.goes_on else list
    if rule.callback is None:
        return None
    build: Callable[[list[Any]], Any] = getattr(builder, rule.callback)
    if not rule.repetitions:
        return build
    places = rule.repetitions

    def with_items(parts: list[Any]) -> Any:
        for place in places:
            parts[place : place + 1] = parts[place]
        return build(parts)

    return with_items


def _longer(parts: list[Any]) -> list[Any]:
    """A repetition and what comes next: a file of many statements must not be copied for each."""
    items: list[Any] = parts[0]
    items += parts[1:]
    return items
