"""Words: what is said of a part that changes nothing, and of a rule that never enters."""

from __future__ import annotations

from triggerlang.checking.logic import codes
from triggerlang.checking.logic.parts import Finding
from triggerlang.checking.logic.reasoning import Fact, Formula, Known
from triggerlang.language import printing, tree
from triggerlang.language.diagnostics import Diagnostic, Note, code_word
from triggerlang.language.source import Span

_MOST_NOTES = 4


def never_enters(answer: Known, place: Span, rule: str = "this rule", notes: tuple[Note, ...] = ()) -> Diagnostic:
    """A rule whose condition, or pattern, never holds."""
    return codes.NEVER_ENTERS.at(
        place,
        rule=rule,
        why=f"{shown(answer.at)} {'always' if answer.at_holds else 'never'} holds{_beside(answer)}",
        help=_help(answer, "change one of them" if _tests(answer) else "ask for something that can happen"),
        notes=(*notes, *_notes(answer, place, "against this")),
    )


def of(finding: Finding) -> Diagnostic:
    """A part that changes nothing."""
    part, answer = finding.part, finding.known
    place = part.span
    match finding.sort:
        case "never":
            return codes.NEVER_HOLDS.at(
                place,
                part=shown(part),
                beside=_beside(answer) if answer.at is part else "",
                help=_help(answer, "leave it out, or ask for something that can happen"),
                notes=_notes(answer, place, "against this"),
            )
        case "always":
            return codes.ALWAYS_HOLDS.at(
                place,
                part=shown(part),
                beside=_beside(answer) if answer.at is part else "",
                help="leave it out: it keeps nobody out",
                notes=_notes(answer, place, "because of this"),
            )
        case "implied":
            return codes.IMPLIED_PART.at(
                place,
                part=shown(part),
                other=_other(answer),
                help="leave it out, or ask for more",
                notes=_facts(answer, "this says as much"),
            )
        case "swallowed":
            return codes.SWALLOWED_PART.at(
                place,
                part=shown(part),
                other=_other(answer),
                help="leave it out, or join the two by `and` if both are meant",
                notes=_facts(answer, "this holds wherever it does"),
            )


def shown(node: Formula) -> str:
    """A part of a condition or filter between backquotes, in one line."""
    return code_word(_written(node))


def _written(node: Formula) -> str:
    match node:
        case tree.Same():
            return printing.same(node)
        case tree.And(parts) if any(isinstance(part, tree.Same) for part in parts):
            return ", ".join(map(_written, parts))
    return printing.condition(node)


def _tests(answer: Known) -> list[Fact]:
    """The facts that are tests of the condition itself."""
    return [fact for fact in answer.because if not fact.note]


def _beside(answer: Known) -> str:
    if not answer.because:
        return ""
    tests = _tests(answer)
    return f" beside {_other(answer)}" if tests else " here"


def _other(answer: Known) -> str:
    tests = _tests(answer)
    if not tests:
        return "the trigger"
    return words(tests[0].place)


def words(place: Span) -> str:
    """What is written at a place, between backquotes, in one line."""
    return code_word(" ".join(place.text.split()))


def _notes(answer: Known, place: Span, words: str) -> tuple[Note, ...]:
    """The part that settles the answer, where it is not all of the place, and what settles that."""
    if answer.at.span == place or isinstance(answer.at, tree.And | tree.Or):
        return _facts(answer, words)
    return (Note(f"this {'always' if answer.at_holds else 'never'} holds", answer.at.span), *_facts(answer, words))[:_MOST_NOTES]


def _facts(answer: Known, words: str) -> tuple[Note, ...]:
    return tuple(dict.fromkeys(Note(fact.note or words, fact.place) for fact in answer.because))[:_MOST_NOTES]


def _help(answer: Known, otherwise: str) -> str:
    return next((fact.help for fact in answer.because if fact.help), otherwise)
