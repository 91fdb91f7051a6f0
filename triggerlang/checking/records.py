"""Records: outlines and judgements as plain data, and back.

In: an outline, or what a file was judged to be. Out: lists of texts and numbers that JSON can hold. Reading one raises StaleError,
whatever is in it, unless it is a record that was written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from triggerlang.checking.interface import StaleError
from triggerlang.checking.judging import Judged
from triggerlang.checking.outline import Group, Named, Outline, Start
from triggerlang.language.diagnostics import Code, Diagnostic, Note
from triggerlang.language.parser import Broken
from triggerlang.language.source import Source, Span

if TYPE_CHECKING:
    from triggerlang.checking.logic.looked import Looked

Made = TypeVar("Made")


def of_outline(outline: Outline, source: Source) -> list[Any]:
    """The record of an outline."""
    broken = outline.broken
    return [
        [_diagnostic(problem, source) for problem in outline.diagnostics],
        [sorted(broken.named), broken.unnamed, broken.offsets],
        [
            [group.name, _place(group.place), group.has_header, None if group.on is None else _place(group.on), group.has_broken]
            + [[start.named, _place(start.place)] for start in group.starts]
            for group in outline.groups
        ],
        list(map(_place, outline.segments)),
        list(map(_place, outline.declares)),
        [[name, _place(place)] for name, place in outline.tests],
        [[name, _diagnostic(problem, source)] for name, problem in outline.strange],
        outline.asked,
        [[name, _place(place)] for name, place in outline.always],
        list(map(_place, outline.awaiting)),
        outline.asks_segments,
        outline.names_automations,
    ]


def outline_of(record: Any, source: Source) -> Outline:
    """The outline that a record holds of a file."""
    return _read(lambda: _outline(record, source))


def _outline(record: Any, source: Source) -> Outline:
    diagnostics, broken, groups, segments, declares, tests, strange, asked, always, awaiting, asks_segments, names_automations = record
    named, unnamed, offsets = broken
    return Outline(
        tuple(_diagnostic_of(problem, source, {}) for problem in diagnostics),
        Broken(frozenset(named), unnamed, tuple(offsets)),
        tuple(_group(source, *group) for group in groups),
        tuple(Span(source, *place) for place in segments),
        tuple(Span(source, *place) for place in declares),
        tuple((name, Span(source, *place)) for name, place in tests),
        tuple((name, _diagnostic_of(problem, source, {})) for name, problem in strange),
        tuple((name, tuple(map(_named, trigger))) for name, trigger in asked),
        tuple((name, Span(source, *place)) for name, place in always),
        tuple(Span(source, *place) for place in awaiting),
        asks_segments,
        names_automations,
    )


def _group(source: Source, name: str | None, place: Any, has_header: bool, on: Any, has_broken: bool, *starts: Any) -> Group:
    return Group(
        name,
        Span(source, *place),
        has_header,
        None if on is None else Span(source, *on),
        has_broken,
        tuple(Start(_named(named), Span(source, *there)) for named, there in starts),
    )


def _named(record: Any) -> Named:
    kind, names, glob = record
    return Named(kind, None if names is None else tuple(names), glob)


def of_judged(judged: Judged, source: Source) -> list[Any]:
    """The record of what a file was judged to be."""
    return [[_diagnostic(problem, source) for problem in judged.problems], judged.looked_at]


def judged_of(record: Any, source: Source, sources: Mapping[str, Source]) -> Judged:
    """What a record says of a file; `sources` are those of the project by path."""

    def made() -> Judged:
        problems, looked_at = record
        return Judged(tuple(_diagnostic_of(problem, source, sources) for problem in problems), dict(looked_at))

    return _read(made)


def of_lints(found: Iterable[Diagnostic]) -> list[Any]:
    """The record of diagnostics of any files."""
    return [[problem.span.path, _diagnostic(problem, problem.span.source)] for problem in found]


def lints_of(record: Any, sources: Mapping[str, Source]) -> list[Diagnostic]:
    """The diagnostics that a record holds; `sources` are those of the project by path."""
    return _read(lambda: [_diagnostic_of(problem, sources[path], sources) for path, problem in record])


def of_looked(looked: Looked, source: Source) -> list[Any]:
    """The record of what lints found in a file."""

    def problem(found: Diagnostic) -> list[Any]:
        return [_diagnostic(found, source)] if found.span.source is source else [_diagnostic(found, found.span.source), found.span.path]

    return [
        list(map(problem, looked.problems)),
        [[key, automation, _place(place), has_where] for key, automation, place, has_where in looked.meanings],
        [[automation, _place(rule), _place(rival), problem(found)] for automation, rule, rival, found in looked.swallowed],
        looked.entered,
        None if looked.other_kind is None else _place(looked.other_kind),
        list(map(_place, looked.any_events)),
        looked.hidden,
        [[name, rule, _place(place)] for name, (rule, place) in looked.kept_out],
        looked.uses,
        [[name, at_use, number, problem(found)] for name, at_use, number, found in looked.at_uses],
        [[name, at, None if found is None else problem(found)] for name, at, found in looked.counted],
    ]


def looked_of(record: Any, source: Source, sources: Mapping[str, Source]) -> Looked:
    """What a record says of a file; `sources` are those of the project by path."""
    return _read(lambda: _looked(record, source, sources))


def _looked(record: Any, source: Source, sources: Mapping[str, Source]) -> Looked:
    from triggerlang.checking.logic.looked import AtUse, Looked, Meaning, Swallowed, User

    def problem(found: Any) -> Diagnostic:
        written, *elsewhere = found
        return _diagnostic_of(written, sources[elsewhere[0]] if elsewhere else source, sources)

    problems, meanings, swallowed, entered, other_kind, any_events, hidden, kept_out, uses, at_uses, counted = record
    return Looked(
        tuple(map(problem, problems)),
        tuple(Meaning(key, automation, Span(source, *place), has_where) for key, automation, place, has_where in meanings),
        tuple(
            Swallowed(automation, Span(source, *rule), Span(source, *rival), problem(found)) for automation, rule, rival, found in swallowed
        ),
        tuple(tuple(names) if isinstance(names, list) else names for names in entered),
        None if other_kind is None else Span(source, *other_kind),
        tuple(Span(source, *place) for place in any_events),
        tuple(hidden),
        tuple((name, User(rule, Span(source, *place))) for name, rule, place in kept_out),
        tuple((name, number) for name, number in uses),
        tuple((name, AtUse(*at_use), number, problem(found)) for name, at_use, number, found in at_uses),
        tuple((name, at, None if found is None else problem(found)) for name, at, found in counted),
    )


def _read(made: Callable[[], Made]) -> Made:
    try:
        return made()
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise StaleError from error


def _place(place: Span) -> tuple[int, int]:
    return place.offset, place.length


def _diagnostic(problem: Diagnostic, source: Source) -> list[Any]:
    """A diagnostic of a source; its notes may stand in other files."""
    words = {name: word if isinstance(word, int | str) else str(word) for name, word in problem.words.items()}
    notes = [[note.message, *_place(note.span), *_elsewhere(note.span, source)] for note in problem.notes]
    return [problem.code, *_place(problem.span), words, problem.help, problem.replacement, notes]


def _elsewhere(place: Span, source: Source) -> Iterable[str]:
    return () if place.source is source else (place.path,)


def _diagnostic_of(record: Any, source: Source, sources: Mapping[str, Source]) -> Diagnostic:
    code, offset, length, words, help_text, replacement, notes = record
    return Diagnostic(
        _codes()[code],
        Span(source, offset, length),
        words,
        help_text,
        tuple(Note(message, Span(sources[elsewhere[0]] if elsewhere else source, at, extent)) for message, at, extent, *elsewhere in notes),
        replacement,
    )


@cache
def _codes() -> dict[str, Code]:
    from triggerlang.checking.codes import all_codes

    return {code.name: code for code in all_codes()}
