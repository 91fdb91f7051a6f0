"""Diagnostics: what is wrong, as data; words come last.

A code is an entry in a table: a readable name that never changes, a severity, and a template of the message.
It is used at a place: `UNKNOWN_LIST.at(span, name=..., help=...)`. How it is shown is `checking.render`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from triggerlang.language.source import Span

Severity: TypeAlias = Literal["error", "warning"]

LONGEST_QUOTE = 60
"""How many characters of the user's own words a message repeats."""


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that belongs to a diagnostic, such as the declaration that a name is near to."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Code:
    """`unknown-list`: what can be wrong, with the template of its message, such as `no list {name} is declared`.

    The summary says in one line what the code means, whatever the place. It is a slip where its replacement, if there is one, says what was
    plainly meant: `check --fix` puts it there. It is a lint where rules that bring it can be run all the same.
    """

    name: str
    message: str
    summary: str
    severity: Severity = "error"
    is_slip: bool = False
    is_lint: bool = False

    @property
    def is_allowable(self) -> bool:
        """Whether a comment or the configuration can let it pass: what keeps rules from being compiled cannot."""
        return self.is_lint or self.severity == "warning"

    def at(
        self,
        span: Span,
        *,
        help: str | None = None,
        notes: tuple[Note, ...] = (),
        replacement: str | None = None,
        **words: object,
    ) -> Diagnostic:
        """This code at a place; the words fill the message's template."""
        return Diagnostic(self, span, words, help, notes, replacement)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A code at a place: with help in words, further places, and perhaps the text that should stand there."""

    kind: Code
    span: Span
    words: Mapping[str, object] = field(default_factory=dict)
    help: str | None = None
    notes: tuple[Note, ...] = ()
    replacement: str | None = None

    @property
    def code(self) -> str:
        return self.kind.name

    @property
    def severity(self) -> Severity:
        return self.kind.severity

    @property
    def message(self) -> str:
        return self.kind.message.format_map(self.words)


def shortened(text: str) -> str:
    """A text cut to what a message can repeat."""
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def quoted(text: str) -> str:
    """The user's own words in double quotes, shortened."""
    escaped = shortened(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def code_word(text: str) -> str:
    """A word of the language or of the user between backquotes, shortened."""
    return f"`{shortened(text)}`"
