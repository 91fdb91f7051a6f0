"""The parser: source text to a syntax tree, every node with its place.

In: a source. Out: a tree of the statements that could be read, and a diagnostic for each that could not: after an
error the parser goes on at the next statement. The tables that Lark makes of `grammar/triggers.lark` drive it; nesting is held on a
list, never on Python's stack, and bounded by `NESTING_LIMIT`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from triggerlang.language import tree
from triggerlang.language.diagnostics import Code, Diagnostic
from triggerlang.language.lexer import BROKEN, STRING, WORD, Token, tokens_of
from triggerlang.language.pieces import NESTING_LIMIT, TOO_DEEP, RefusedError
from triggerlang.language.source import Source, Span
from triggerlang.language.tables import END, Move, Tables, tables
from triggerlang.language.vocabulary import NOUNS, VERBS

FILE_LIMIT: Final = 32 * 2**20
"""How many characters a rule file may have."""

TOO_LARGE = Code("file-too-large", "this file has {size} characters (limit {limit})", "A rule file is larger than the limit.")
PARSER_CODES = (TOO_LARGE,)

STATEMENT_WORDS: Final = ("on", "automation", "segment", "declare", "test")


@dataclass(frozen=True, slots=True)
class Broken:
    """What is known of the statements that could not be read, so that what follows from them is not reported again.

    `named` holds the first string of each statement that gives something a name; `unnamed` tells that there was one whose name
    could not be read. `offsets` are where they begin.
    """

    named: frozenset[str]
    unnamed: bool
    offsets: tuple[int, ...]

    def covers(self, name: str) -> bool:
        """Whether a name may have been given by a statement that could not be read."""
        return self.unnamed or name in self.named


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's tree, what is wrong with its text, and what could not be read."""

    source: Source
    file: tree.File
    diagnostics: tuple[Diagnostic, ...]
    broken: Broken


def parse(source: Source) -> Parsed:
    """Read a rule file. Never raises for what stands in it."""
    whole = source.span(0, len(source.text))
    if len(source.text) > FILE_LIMIT:
        problem = TOO_LARGE.at(source.span(0, 0), size=f"{len(source.text):,}", limit=f"{FILE_LIMIT:,}", help="split it")
        return Parsed(source, tree.File((), span=whole), (problem,), Broken(frozenset(), True, (0,)))
    tokens, problems = tokens_of(source)
    reader = _Reader(tables(), source, tokens, problems)
    statements = reader.read()
    if problems and (reader.broken_offsets or not statements):
        other = _other_kind(source, bool(statements))
        if other is not None:
            return Parsed(source, tree.File((), span=whole), (other,), Broken(frozenset(), True, (0,)))
    problems.sort(key=lambda problem: problem.span.offset)
    broken = Broken(frozenset(reader.broken_names), reader.has_unnamed, tuple(reader.broken_offsets))
    return Parsed(source, tree.File(statements, span=whole), tuple(problems), broken)


def parse_part(source: Source, place: Span) -> tuple[tree.Statement, ...]:
    """The statements in a part of a file, each as it is in the whole file's tree; `place` is that of one that was read, or of several."""
    tokens, problems = tokens_of(source, place.offset, place.end)
    return _Reader(tables(), source, tokens, problems).read()


def _other_kind(source: Source, has_rules: bool) -> Diagnostic | None:
    """What is said of a file of which little or nothing could be read because it is of another kind."""
    from triggerlang.language import other_kinds

    marks = other_kinds.marks_of(source.text)
    code, kind = marks if marks is not None else (other_kinds.NOT_RULES, None if has_rules else other_kinds.kind_of(source.text))
    return None if kind is None else code.at(source.span(kind.offset, kind.length), kind=kind.name, help=kind.help)


class _UnexpectedError(Exception):
    """The grammar cannot go on at a token."""


class _Depth:
    """How deep parentheses and `not` are nested at a token."""

    __slots__ = ("_negations", "_next", "_open", "_total")

    def __init__(self) -> None:
        self._open: list[int] = []
        self._negations = 0
        self._next = 0
        self._total = 0

    def after(self, terminal: str, at: int) -> int:
        """Take in a parenthesis or a `not`, by the number of its token; how deep it stands."""
        # A `not` that another token stands after is done with.
        negations = self._negations if at == self._next else 0
        self._negations = 0
        self._next = at + 1
        if terminal == "NOT":
            self._negations = negations + 1
        elif terminal == "LPAR":
            self._open.append(negations + 1)
            self._total += negations + 1
        else:
            self._total -= self._open.pop()
        return self._total + self._negations


_NESTING: Final = frozenset(("NOT", "LPAR", "RPAR"))


class _Reader:
    """Drives the tables over the tokens of one file."""

    def __init__(self, tables: Tables, source: Source, tokens: list[Token], problems: list[Diagnostic]) -> None:
        self.tables = tables
        self.source = source
        self.tokens = tokens
        self.problems = problems
        self.character_problems = sorted(problems, key=lambda problem: problem.span.offset)
        self.character_offsets = [problem.span.offset for problem in self.character_problems]
        self.states: list[Any] = [tables.start]
        self.nodes: list[Any] = []
        self.base = 1
        """How many states stand below the statement that is being read."""
        self.first = 0
        """The token at which that statement began."""
        self.broken_names: set[str] = set()
        self.broken_offsets: list[int] = []
        self.has_unnamed = False

    def read(self) -> tuple[tree.Statement, ...]:
        """The statements that can be read; the others are reported."""
        end = len(self.source.text)
        self.tokens.append(Token(END, "", self.source, end, end))
        tokens, tables, states, nodes = self.tokens, self.tables, self.states, self.nodes
        moves, openings = tables.moves, tables.openings
        depth = _Depth()
        at = 0
        while True:
            token = tokens[at]
            try:
                move = moves[states[-1]].get(token.text if token.type == WORD else token.type) or tables.move(states[-1], token)
                if move is None:
                    raise _UnexpectedError
                terminal, found = move
                if type(found) is not int:
                    found = self._complete(terminal, found)
                    if found is None:
                        statements: tuple[tree.Statement, ...] = nodes[-1]
                        return statements
                # What builds looks at the terminal, not at the kind that the lexer gave the token.
                token.type = terminal
                if found in openings:
                    self.base, self.first, depth = len(states), at, _Depth()
                states.append(found)
                nodes.append(token)
                if terminal in _NESTING and depth.after(terminal, at) > NESTING_LIMIT:
                    raise RefusedError(TOO_DEEP.at(token.span, limit=NESTING_LIMIT, help="give a part of it a name with `segment`"))
                at += 1
            except _UnexpectedError:
                self._unexpected(at)
                at = self._abandon(at)
                depth = _Depth()
            except RefusedError as refused:
                self.problems.append(refused.diagnostic)
                at = self._abandon(at)
                depth = _Depth()

    def _complete(self, terminal: str, found: Move | None) -> int | None:
        """Build what is complete before a terminal; the state that this leads to, or None at the end of the file."""
        table, gotos, states, nodes = self.tables.states, self.tables.gotos, self.states, self.nodes
        while type(found) is not int:
            if found is None:
                raise _UnexpectedError
            size, rule, builds = found  # type: ignore[misc]
            if builds is None:
                states[-1] = gotos[states[-2]][rule]
            elif size == 1:
                nodes[-1] = builds(nodes[-1:])
                states[-1] = gotos[states[-2]][rule]
            else:
                # Of a file without statements nothing is taken.
                begin = len(nodes) - size
                parts = nodes[begin:]
                del states[begin + 1 :], nodes[begin:]
                nodes.append(builds(parts))
                states.append(gotos[states[-1]][rule])
            if states[-1] == self.tables.end and terminal == END:
                return None
            found = table[states[-1]].get(terminal)
        return found

    def _unexpected(self, at: int) -> None:
        """Report a token that cannot stand where it does, unless something in its statement was reported already."""
        following = self._next_statement(at)
        if any(token.type == BROKEN for token in self.tokens[self.first : following]):
            return
        # What is said of mistakes is a good part of the language's code, and most files have none.
        from triggerlang.language.situation import Situation
        from triggerlang.language.unexpected import judge

        base = self.states[: self.base]
        stack = list(base)
        for token in self.tokens[self.first : at]:
            self.tables.feed(stack, token)
        situation = Situation(self.tables, self.tokens, self.first, at, base, stack, self.tables.accepted(stack))
        verdict = judge(situation)
        if not self._is_told(verdict.diagnostic):
            self.problems.append(verdict.diagnostic)
        if verdict.starts is not None and at > self.first:
            # A misspelt `on` does not spoil the statement before it.
            try:
                starter = min(self.tables.starters)
                self._complete(starter, self.tables.states[self.states[-1]].get(starter))
            except RefusedError as refused:
                self.problems.append(refused.diagnostic)
                self._drop(at)
            self.base, self.first = len(self.states), at

    def _is_told(self, problem: Diagnostic) -> bool:
        """Whether what is wrong at a place shows only once another replacement stands there."""
        begin, end = problem.span.offset, problem.span.end
        return any(
            earlier.replacement is not None and earlier.span.offset < end and begin < earlier.span.end
            for earlier in self._of_characters(begin, end)
        )

    def _of_characters(self, begin: int, end: int) -> Sequence[Diagnostic]:
        """The problems that the lexer found between two places."""
        first = bisect_left(self.character_offsets, begin - 100)
        last = bisect_left(self.character_offsets, end)
        return self.character_problems[first:last]

    def _abandon(self, at: int) -> int:
        """Give the statement up that was being read; the token at which the next begins."""
        following = self._next_statement(at)
        self._drop(following)
        self.base, self.first = len(self.states), following
        return following

    def _drop(self, following: int) -> None:
        """Forget what was read of the statement, up to the token where the next begins; but remember what it may have named."""
        tokens, first = self.tokens, self.first
        del self.states[self.base :]
        del self.nodes[self.base - 1 :]
        if tokens[first].text == "test":
            return  # It names nothing that other statements refer to.
        self.broken_offsets.append(tokens[first].offset)
        if tokens[first].text != "on":
            named = next((token for token in tokens[first : min(first + 4, following)] if token.type in (STRING, BROKEN)), None)
            if named is not None and named.type == STRING:
                self.broken_names.add(named.text)
            elif tokens[first].text in STATEMENT_WORDS:
                self.has_unnamed = True

    def _next_statement(self, at: int) -> int:
        """The first token from one on, but after the statement's own first, at which a statement seems to begin."""
        index = max(at, self.first + 1)
        last = len(self.tokens) - 1
        while index < last and not seems_to_begin(self.tokens, index) and not self._seems_misspelt(index):
            index += 1
        return min(index, last)

    def _seems_misspelt(self, index: int) -> bool:
        """Whether a word that begins a line is a statement's first word with a letter wrong."""
        token = self.tokens[index]
        if token.type != WORD or token.text in self.tables.keywords or not _begins_line(token):
            return False
        from triggerlang.language.nearest import distance

        near = next((word for word in STATEMENT_WORDS if distance(token.text, word, 1 if len(word) < 4 else 2) is not None), None)
        following = self.tokens[index + 1]
        is_name = following.type in (STRING, BROKEN)
        return near is not None and (following.text in (*_AFTER_ON, *VERBS) if near == "on" else is_name or following.text in NOUNS)


def seems_to_begin(tokens: Sequence[Token], index: int) -> bool:
    """Whether a statement seems to begin at a token, judged by the words around it."""
    word = tokens[index].text
    if word not in STATEMENT_WORDS or not tokens[index].written[0].isalpha():
        return False
    following = tokens[index + 1]
    before = tokens[index - 1].text if index else ""
    is_string = following.written[:1] in ('"', "'", "“", "”", "„", "«", "‘")
    match word:
        case "on":
            # `clicks on link`, `where on list`: a small word inside a statement.
            if not _begins_line(tokens[index]) and before in ("where", "and", "or", "not", "is", *VERBS):
                return False
            return (
                following.text in _AFTER_ON
                or following.text in VERBS
                or following.type == "INTEGER"
                or (following.written[:1].isalnum() and tokens[min(index + 2, len(tokens) - 1)].written[:1] == '"')
            )
        case "automation":
            if not is_string or before in VERBS or before in ("to", "from", "declare", "any", "expect"):
                return False
            # A verb or another word between the two, inside a statement.
            if not _begins_line(tokens[index]) and index > 1 and tokens[index - 2].text in ("on", "expect", "where", "and", "or", "then"):
                return False
            # What is expected, and `expect` was forgotten.
            expected = tokens[min(index + 2, len(tokens) - 1)]
            if expected.text == "nothing" or expected.type in ("DATE", "DATETIME"):
                return False
            return _begins_line(tokens[index]) or not _seems_misspelt_before_automation(tokens[index - 1])
        case "segment":
            # Without its `in` a test looks like a definition; that begins a line, or has its `is`.
            return is_string and before != "in" and (_begins_line(tokens[index]) or tokens[min(index + 2, len(tokens) - 1)].text == "is")
        case "declare":
            return following.text in NOUNS or following.written[:1].isalpha()
        case _:
            return is_string


def _seems_misspelt_before_automation(before: Token) -> bool:
    """Whether a word is one that stands before `automation` inside a statement, with a letter wrong."""
    from triggerlang.language.nearest import distance

    return before.type == WORD and any(distance(before.text, word, 2) is not None for word in ("expect", "enters", "leaves"))


def _begins_line(token: Token) -> bool:
    text = token.source.text
    return not text[text.rfind("\n", 0, token.offset) + 1 : token.offset].strip()


_AFTER_ON = ("event", "any", "date", "anniversary")
