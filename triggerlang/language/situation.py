"""A syntax error's situation: the tokens around it, and what could stand there instead.

What is known at the place where the grammar cannot go on; `mistakes` and `unexpected` make a message of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from triggerlang.language.lexer import STRING, Token
from triggerlang.language.source import Span
from triggerlang.language.tables import Tables
from triggerlang.language.vocabulary import VERBS


@dataclass(slots=True)
class Situation:
    """The tokens of a file, of which those from `first` on are the statement, and that at `at` cannot stand where it does.

    `stack` holds the parser's states before that token. The last token of the file is always `$END`.
    """

    tables: Tables
    tokens: Sequence[Token]
    first: int
    at: int
    base: Sequence[Any]
    """The states below the statement."""
    stack: Sequence[Any]
    accepted: Sequence[str]
    """The terminals that could stand here."""

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def peek(self, ahead: int = 0) -> Token:
        """The token so many places after the wrong one (before it, if negative); beyond the statement, its nearest end."""
        return self.tokens[min(max(self.at + ahead, self.first), len(self.tokens) - 1)]

    def words(self, *texts: str, ahead: int = 0) -> bool:
        """Whether these words stand one after another, from so many tokens after the wrong one on."""
        at = self.at + ahead
        if at < self.first or at + len(texts) > len(self.tokens):
            return False
        return all(
            token.type != STRING and token.text == text for token, text in zip(self.tokens[at : at + len(texts)], texts, strict=True)
        )

    def accepts(self, word: str) -> bool:
        """Whether a keyword could stand here."""
        terminal = self.tables.keywords.get(word)
        return terminal is not None and terminal in self.accepted

    def accepts_only(self, word: str) -> bool:
        """Whether this keyword is all that could stand here."""
        return list(self.accepted) == [self.tables.keywords.get(word)]

    def accepts_phrase(self, words: Sequence[str]) -> bool:
        """Whether these keywords could stand before the wrong token, and it after them."""
        stack = list(self.stack)
        for word in words:
            terminal = self.tables.keywords.get(word)
            if terminal is None or not self.tables.shift(stack, terminal):
                return False
        return self.tables.feed(stack, self.token)

    def begins_statement(self, index: int) -> bool:
        """Whether another statement seems to begin at a token, by its index."""
        from triggerlang.language.parser import seems_to_begin

        return seems_to_begin(self.tokens, index)

    @property
    def begins_line(self) -> bool:
        """Whether the wrong token is the first of its line."""
        token = self.token
        line = token.source.text.rfind("\n", max(token.offset - 200, 0), token.offset) + 1
        return not token.source.text[max(line, token.offset - 200) : token.offset].strip()

    @property
    def begins_another(self) -> bool:
        """Whether the wrong token begins another statement or clause, so that what is missing stands before it."""
        token = self.token
        if token.type == STRING or token.text == self.peek(-1).text:
            return False
        return self.begins_statement(self.at) or token.text in ("where", "active", "once", "every", "given", "expect")

    def accepts_string(self) -> bool:
        return STRING in self.accepted

    def fits_after(self, terminals: Sequence[str], upto: int = 3, ahead: int = 1) -> int:
        """How many tokens (at most `upto`) fit if these terminals stood in place of the wrong token; -1 if they do not fit themselves.

        `ahead` is how many tokens after the wrong one the text goes on.
        """
        stack = list(self.stack)
        for terminal in terminals:
            if not self.tables.shift(stack, terminal):
                return -1
        return self._fits(stack, self.at + ahead, upto)

    def fits_with(self, index: int, terminal: str, upto: int = 3) -> int:
        """The same for a terminal in place of an earlier token, by its index: how many tokens after it fit."""
        stack = self.stack_before(index)
        if not self.tables.shift(stack, terminal):
            return -1
        return self._fits(stack, index + 1, upto)

    def accepted_before(self, index: int) -> list[str]:
        """The terminals that could stand in place of an earlier token."""
        return self.tables.accepted(self.stack_before(index))

    def stack_before(self, index: int) -> list[Any]:
        """The parser's states before an earlier token of the statement."""
        stack = list(self.base)
        for token in self.tokens[self.first : index]:
            self.tables.feed(stack, token)
        return stack

    def _fits(self, stack: list[Any], start: int, upto: int) -> int:
        fitting = 0
        for token in self.tokens[start : start + upto]:
            if not self.tables.feed(stack, token):
                break
            fitting += 1
            if token.type == "$END":
                return upto
        return fitting

    def span(self, first: int, last: int) -> Span:
        """The span from one token to another, both counted from the wrong one."""
        return self.peek(first).span.to(self.peek(last).span)

    def written(self, first: int, last: int) -> str:
        """The text from one token to another, as it is written."""
        return self.span(first, last).text

    # What stands around, as pieces of text. Places are counted from the wrong token.

    def text_is(self, ahead: int, *texts: str) -> bool:
        """Whether a token is one of these words."""
        at = self.at + ahead
        return self.first <= at < len(self.tokens) and self.tokens[at].type != STRING and self.tokens[at].text in texts

    def type_is(self, ahead: int, *types: str) -> bool:
        """Whether a token is of one of these kinds."""
        at = self.at + ahead
        return self.first <= at < len(self.tokens) and self.tokens[at].type in types

    def is_word(self, ahead: int) -> bool:
        """Whether a token is a word, taken for a keyword or not."""
        token = self.peek(ahead)
        return token.type != STRING and token.written[:1].isalpha()

    def begins_pattern(self, ahead: int) -> bool:
        """Whether the words from a token on look like a pattern."""
        token = self.peek(ahead)
        return token.type != STRING and (token.text == "event" or token.text in VERBS or self.words("any", "event", ahead=ahead))

    def test_start(self) -> int:
        """Where the pattern or test begins that the wrong token stands in, as an offset from it."""
        depth = 0
        index = self.at - 1
        while index > self.first:
            token = self.tokens[index]
            if token.type == "RPAR":
                depth += 1
            elif token.type == "LPAR":
                if not depth:
                    break
                depth -= 1
            elif not depth and token.type != STRING and token.text in _BEFORE_TESTS and token.type != "PROPERTY":
                break
            index -= 1
        return index + 1 - self.at

    def run_end(self, stack: list[Any], start: int) -> int:
        """How far the tokens from an index on fit, the beginning of another statement left out: the index after the last."""
        index = start
        while index < len(self.tokens) - 1:
            terminal = self.tables.terminal(self.tokens[index], self.tables.states[stack[-1]])
            if terminal is None or (terminal in self.tables.starters and len(stack) <= len(self.base) + 1):
                break
            before = len(stack)
            if not self.tables.shift(stack, terminal):
                break
            if terminal in self.tables.starters and len(stack) <= len(self.base) + 1 and before:
                break
            index += 1
        return index

    def pattern_end(self, ahead: int) -> int | None:
        """Where the pattern ends that begins at a token, as an offset; None if there is none."""
        stack = list(self.stack)
        last = None
        for index in range(self.at + ahead, len(self.tokens) - 1):
            if not self.tables.feed(stack, self.tokens[index]):
                break
            if self.tables.shift(list(stack), "COUNT"):
                last = index - self.at
        return last

    def pattern_end_alone(self, ahead: int) -> int | None:
        """Where a pattern ends that begins at a token, read as if it began the rule; None if there is none."""
        tables, stack = self.tables, list(self.base)
        if not tables.shift(stack, "ON"):
            return None
        last = None
        for index in range(self.at + ahead, len(self.tokens) - 1):
            if self.tokens[index].text in ("where", "then", "without", "or") and self.tokens[index].type != STRING:
                break
            if self.begins_statement(index):
                break
            if not tables.feed(stack, self.tokens[index]):
                break
            if tables.shift(list(stack), "WHERE"):
                last = index - self.at
        return last


_BEFORE_TESTS = frozenset(("on", "where", "and", "or", "not", "is", "without", "then"))
