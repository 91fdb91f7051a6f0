"""Parse tables: the grammar as Lark compiles it, and walks over it.

In: the text of `grammar/triggers.lark`. Out: for each state of the LALR automaton, which terminals lead on. A stack of states can
be moved over tokens without building anything, so that what may stand somewhere can be tried out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from triggerlang.language.builder import Builder
from triggerlang.language.lexer import WORD, Token
from triggerlang.language.vocabulary import NOUNS, VERBS

END: Final = "$END"


Reduction: TypeAlias = tuple[int, str, Callable[[list[Any]], Any]]
"""How many of the latest parts become one, the rule that this one is, and what makes it."""


@dataclass(slots=True)
class Tables:
    """What Lark made of the grammar: for each state what to do at a terminal, and which state comes after a rule."""

    states: dict[int, dict[str, Any]]
    """Move on to a state, by its number, or a Reduction."""
    start: int
    end: int
    keywords: dict[str, str]
    """The terminal of each keyword and sign by its text."""
    words: dict[str, str]
    """The text of each keyword and sign by its terminal."""
    starters: frozenset[str]
    """The terminals that begin a statement."""

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


def grammar_text() -> str:
    """The text of the grammar: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    packaged = package / "grammar" / "triggers.lark"
    return (packaged if packaged.is_file() else package.parent / "grammar" / "triggers.lark").read_text(encoding="utf-8")


@cache
def tables() -> Tables:
    """The parse tables, made once a process."""
    from lark import Lark
    from lark.lexer import Lexer
    from lark.parsers.lalr_analysis import Shift

    class NoLexer(Lexer):
        """Ours makes the tokens; this saves compiling one of Lark's for each state."""

        def __init__(self, configuration: object) -> None:
            pass

        def lex(self, *arguments: Any) -> Iterator[Any]:
            return iter(())

    lark = Lark(
        grammar_text(),
        parser="lalr",
        lexer=NoLexer,
        start="file",
        keep_all_tokens=True,
        maybe_placeholders=False,
        transformer=Builder(),
    )
    conf: Any = lark.parse_interactive("").parser_state.parse_conf

    def move(action: Any, argument: Any) -> int | Reduction:
        if action is Shift:
            return int(argument)
        return len(argument.expansion), str(argument.origin.name), conf.callbacks[argument]

    # Lark's names are texts that compare in a slow way of their own.
    states = {state: {str(name): move(*found) for name, found in moves.items()} for state, moves in conf.states.items()}
    keywords = {terminal.pattern.value: terminal.name for terminal in lark.terminals if terminal.pattern.type == "str"}
    return Tables(
        states=states,
        start=conf.start_state,
        end=conf.end_state,
        keywords=keywords,
        starters=frozenset(name for name in states[conf.start_state] if name in keywords.values()),
        words={name: text for text, name in keywords.items()},
    )
