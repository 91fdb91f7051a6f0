"""Runs clauses that limit nothing, because another clause limits as much.

In: the rules of a project. Out: diagnostics. A clause is idle if the entries stay the same with `every time` in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triggerlang.checking.logic import codes
from triggerlang.checking.names import short
from triggerlang.checking.ruleset import ProjectRule
from triggerlang.language import printing, tree
from triggerlang.language.diagnostics import Diagnostic, Note, code_word


def problems(rules: Sequence[ProjectRule]) -> Iterator[Diagnostic]:
    """The idle clauses of one automation's rules and header; `rules` are all rules of it."""
    header = rules[0].header_runs
    for item in rules:
        written = item.rule.runs
        if written is None or header is None:
            continue
        if isinstance(written, tree.EveryTime) and is_once(header):
            yield codes.IDLE_RUNS.at(
                written.span,
                runs=_shown(written),
                why="its automation runs once at all",
                help="leave it out, or change the header",
                notes=(Note("the header says this", header.span),),
            )
        elif isinstance(written, tree.AtMost) and not is_once(written) and limits_as_much(header, written):
            yield codes.IDLE_RUNS.at(
                written.span,
                runs=_shown(written),
                why="the header's limit is as strict",
                help="leave it out" if is_once(header) else "write `every time`, or a stricter limit",
                notes=(Note("the header says this", header.span),),
            )
        elif isinstance(written, tree.Once) and written.per is not None and written == header:
            yield codes.IDLE_RUNS.at(
                written.span,
                runs=_shown(written),
                why="the header says the same",
                help="write `every time`, or leave the header's clause out",
                notes=(Note("the header says this", header.span),),
            )
    yield from _of_header(header, rules)


def _of_header(header: tree.Runs | None, rules: Sequence[ProjectRule]) -> Iterator[Diagnostic]:
    if header is None or is_once(header):
        return  # `once` at a header is what one writes to be sure.
    runs = [item.rule.runs for item in rules]
    if isinstance(header, tree.EveryTime):
        if any(each is None for each in runs) and all(each is None or is_once(each) for each in runs):
            first = next(item.rule for item in rules if item.rule.runs is None)
            yield codes.IDLE_RUNS.at(
                header.span,
                runs=_shown(header),
                why="a rule without a clause of its own runs once",
                help="write `every time` at the rules",
                notes=(Note("this rule runs once", short(first.on.span)),),
            )
        return
    if not isinstance(header, tree.AtMost):
        return
    total = 0
    for each in runs:
        times = most(each)
        if times is None:
            return
        total += times
    if total > header.times:
        return
    unsaid = next((item.rule for item in rules if item.rule.runs is None), None)
    yield codes.IDLE_RUNS.at(
        header.span,
        runs=_shown(header),
        why=f"its rules let nobody enter more than {_times(total)}",
        help="a rule without a clause of its own runs once: write `every time` at the rules"
        if unsaid is not None
        else "leave it out, or raise the limits of the rules",
        notes=() if unsaid is None else (Note("this rule runs once", short(unsaid.on.span)),),
    )


def is_once(runs: tree.Runs | None) -> bool:
    """Whether a contact enters once at all; a rule without a clause does."""
    match runs:
        case None | tree.Once(None) | tree.AtMost(1, None):
            return True
    return False


def most(runs: tree.Runs | None) -> int | None:
    """How often a contact enters at most by a rule, or None where there is no end to it."""
    if is_once(runs):
        return 1
    return runs.times if isinstance(runs, tree.AtMost) and runs.per is None else None


def limits_as_much(header: tree.Runs | None, runs: tree.Runs | None) -> bool:
    """Whether a rule's clause keeps nobody out whom the header's does not; the header counts the rule's entries among its own."""
    match runs:
        case tree.EveryTime():
            return True
        case None | tree.Once(None):
            own = tree.AtMost(1, None, span=header.span) if header is not None else None
        case tree.Once():
            return runs == header
        case tree.AtMost():
            own = runs
    if own is None or header is None:
        return False
    if is_once(header):
        return own.times >= 1
    if not isinstance(header, tree.AtMost) or own.times < header.times:
        return False
    if header.per is None:
        return True
    return own.per is not None and own.per.microseconds <= header.per.microseconds


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _shown(runs: tree.Runs) -> str:
    return code_word(printing.runs(runs))
