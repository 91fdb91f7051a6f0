"""Allowing: what comments and the configuration let pass.

In: the diagnostics of a project. Out: those that are left, what is wrong with the comments that allow something, which allowances nothing
needs; and what was allowed, with its reason. Only warnings and lints can be allowed: what keeps rules from being compiled stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from triggerlang.checking import codes
from triggerlang.checking.suggesting import Suggestions
from triggerlang.language.allowances import WORD, Allowance, NamedCode, allowances
from triggerlang.language.diagnostics import Code, Diagnostic, code_word
from triggerlang.language.source import Source, Span

_MOST_LISTED: Final = 4
_ITS_OWN: Final = codes.UNNEEDED_ALLOWANCE.name


@dataclass(frozen=True, slots=True)
class Configured:
    """A code that is allowed in the whole project, and the place in the configuration that says so.

    Whether it is needed can be told where all files of the project are looked at.
    """

    code: str
    place: Span
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Allowed:
    """A diagnostic that is not reported, the comment or configuration that says so, and why; a configuration gives no reason."""

    diagnostic: Diagnostic
    place: Span
    reason: str | None


@dataclass(slots=True)
class _Entry:
    """One code of an allowance, or of the configuration, and whether it let something pass."""

    code: str
    place: Span
    reason: str | None
    is_used: bool = False


@dataclass(slots=True)
class _Comment:
    """An allowance whose codes can all be allowed, and has a reason."""

    allowance: Allowance
    entries: tuple[_Entry, ...]


@dataclass(slots=True)
class _Sieve:
    """What lets which diagnostic pass."""

    by_line: dict[int, dict[tuple[int | None, str], _Entry]] = field(default_factory=dict)
    """For each source, by its identity, the first entry of a line and code."""
    by_code: dict[str, _Entry] = field(default_factory=dict)
    allowed: list[Allowed] = field(default_factory=list)

    def add(self, comment: _Comment) -> None:
        lines = self.by_line.setdefault(id(comment.allowance.span.source), {})
        for entry in comment.entries:
            lines.setdefault((comment.allowance.line, entry.code), entry)

    def sift(self, problems: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The diagnostics that nothing lets pass."""
        return [problem for problem in problems if not problem.kind.is_allowable or not self._passes(problem)]

    def _passes(self, problem: Diagnostic) -> bool:
        has_comments = id(problem.span.source) in self.by_line
        return self.lets_pass(problem, problem.span.line if has_comments else None)

    def lets_pass(self, problem: Diagnostic, line: int | None) -> bool:
        """Whether something lets a diagnostic of some line pass; that is then used."""
        lines = self.by_line.get(id(problem.span.source), {})
        entry = lines.get((line, problem.code)) or self.by_code.get(problem.code)
        if entry is None:
            return False
        entry.is_used = True
        self.allowed.append(Allowed(problem, entry.place, entry.reason))
        return True


def allow(
    found: Sequence[Diagnostic], sources: Sequence[Source], configured: Sequence[Configured] = (), unasked: Collection[str] = ()
) -> tuple[list[Diagnostic], list[Allowed]]:
    """What is left of the diagnostics of some sources, in no order, and what was allowed.

    `unasked` are codes that were not looked for this time: of these nobody can tell whether they need to be allowed.
    """
    sieve = _Sieve()
    sieve.by_code = {wanted.code: _Entry(wanted.code, wanted.place, None) for wanted in reversed(configured)}
    comments: list[_Comment] = []
    wrong: list[Diagnostic] = []
    suggestions = Suggestions()
    for source in sources:
        for allowance in allowances(source):
            judged = list(_wrong(allowance, suggestions))
            wrong += judged
            if not judged:
                entries = tuple(_Entry(named.name, allowance.span, allowance.reason) for named in allowance.codes)
                comments.append(_Comment(allowance, entries))
                sieve.add(comments[-1])
    left = sieve.sift(found)
    if not wrong and all(problem.kind.is_allowable for problem in found):
        left += _unneeded(comments, configured, sieve, frozenset(unasked))
    return left + wrong, sieve.allowed


def _wrong(allowance: Allowance, suggestions: Suggestions) -> Iterator[Diagnostic]:
    """What is wrong with a comment itself."""
    if not allowance.codes:
        yield _without_codes(allowance)
        return
    known = {code.name: code for code in codes.CHECKER_CODES}
    if not all(named.name in known for named in allowance.codes):
        known = {code.name: code for code in codes.all_codes()}
    are_right = True
    for named in allowance.codes:
        code = known.get(named.name)
        if code is None or not code.is_allowable:
            are_right = False
            yield _wrong_code(named, code, known, suggestions)
    if are_right and not allowance.reason:
        yield codes.NO_REASON.at(
            allowance.span, codes=_listed(named.name for named in allowance.codes), help="write the reason behind the code, in words"
        )


def _without_codes(allowance: Allowance) -> Diagnostic:
    written = allowance.word
    if written.text.lower() == WORD:
        return codes.WRONG_ALLOWANCE.at(allowance.span, what="this allows nothing: it names no code", help=_WRITE)
    if not written.length:
        return codes.WRONG_ALLOWANCE.at(allowance.span, what="this tells triggerlang nothing", help=_WRITE)
    return codes.WRONG_ALLOWANCE.at(
        written, what=f"{code_word(written.text)} is nothing that a comment can tell triggerlang", help=_WRITE, replacement=WORD
    )


_WRITE = "write `# triggerlang: allow CODE reason`"
_MEND = "mend what it speaks of, and leave this comment out"


def _wrong_code(named: NamedCode, code: Code | None, known: Mapping[str, Code], suggestions: Suggestions) -> Diagnostic:
    if code is not None:
        return codes.WRONG_ALLOWANCE.at(named.span, what=f"{code_word(named.name)} cannot be allowed: it is an error", help=_MEND)
    near = suggestions.nearest("code", named.name, [name for name, known_code in known.items() if known_code.is_allowable])
    return codes.WRONG_ALLOWANCE.at(
        named.span,
        what=f"there is no code {code_word(named.name)}",
        help=f"the nearest that can be allowed is {code_word(near)}" if near else "a code stands in brackets behind its message",
        replacement=near,
    )


def _unneeded(
    comments: Sequence[_Comment], configured: Sequence[Configured], sieve: _Sieve, unasked: frozenset[str]
) -> Iterator[Diagnostic]:
    """The allowances that let nothing pass; those of this code itself are judged last, when all others have been."""
    for is_last in (False, True):
        for comment in comments:
            unused = [
                at
                for at, entry in enumerate(comment.entries)
                if not entry.is_used and entry.code not in unasked and (entry.code == _ITS_OWN) == is_last
            ]
            for problem in _of_comment(comment.allowance, unused):
                # It stands on its own line, and is allowed where what it should allow would be.
                if is_last or not sieve.lets_pass(problem, comment.allowance.line):
                    yield problem
        for wanted in configured:
            is_unused = not sieve.by_code[wanted.code].is_used and wanted.is_whole and wanted.code not in unasked
            if is_unused and (wanted.code == _ITS_OWN) == is_last:
                problem = codes.UNNEEDED_ALLOWANCE.at(
                    wanted.place, where="in this project", codes=code_word(wanted.code), help="leave it out of the configuration"
                )
                if is_last or not sieve.lets_pass(problem, None):
                    yield problem


def _of_comment(allowance: Allowance, unused: Sequence[int]) -> Iterator[Diagnostic]:
    """One diagnostic for a comment that nothing needs, else one for each of its codes that nothing needs."""
    named = allowance.codes
    if unused and len(unused) == len(named):
        yield codes.UNNEEDED_ALLOWANCE.at(
            allowance.span, where="here", codes=_listed(code.name for code in named), help="leave this comment out", replacement=""
        )
        return
    last_needed = max({*range(len(named))}.difference(unused), default=0)
    for at in unused:
        code = named[at]
        # With it goes the comma between it and a code that stays.
        begin, end = (code.span.offset, named[at + 1].span.offset) if at < last_needed else (named[at - 1].span.end, code.span.end)
        yield codes.UNNEEDED_ALLOWANCE.at(
            code.span.source.span(begin, end - begin), where="here", codes=code_word(code.name), help="leave this code out", replacement=""
        )


def _listed(names: Iterable[str]) -> str:
    """`a`, `b` or `c`, as far as a message has room."""
    shown = [code_word(name) for name in names]
    if len(shown) > _MOST_LISTED:
        shown = [*shown[:_MOST_LISTED], "…"]
    return " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
