"""Test blocks: whether what they give can stand in a log, and what they expect is of this project.

In: test blocks, and the automations of their project. Out: diagnostics of section 7 of the reference. What a given line names is held to
the declarations as in rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from triggerlang.checking import codes
from triggerlang.checking.declarations import Declarations, types_of
from triggerlang.checking.declared import declared_here, either, name_problems, property_problems
from triggerlang.checking.suggesting import Suggestions
from triggerlang.checking.types import type_of
from triggerlang.language import numbers, printing, times, tree
from triggerlang.language.diagnostics import Diagnostic, Note, code_word, quoted
from triggerlang.language.parser import Broken
from triggerlang.language.source import Span


def own_problems(blocks: Iterable[tree.TestBlock]) -> Iterator[Diagnostic]:
    """What is wrong with test blocks, whatever else stands in their project."""
    for block in blocks:
        for given in block.given:
            yield from _given(given)
        yield from _expected(block)


def duplicates(named: Iterable[tuple[str, Span]]) -> Iterator[Diagnostic]:
    """Tests of a project whose names, here with their places, stand twice."""
    first: dict[str, Span] = {}
    for name, place in named:
        earlier = first.setdefault(name, place)
        if earlier is not place:
            yield codes.DUPLICATE_TEST.at(
                place, name=quoted(name), help="give it another name, so that it is told apart", notes=(Note("first named here", earlier),)
            )


def unknown_automations(
    block: tree.TestBlock, automations: Mapping[str, Span], broken: Broken, files: frozenset[str], suggestions: Suggestions
) -> Iterator[Diagnostic]:
    """The automations that a test expects entries of and that are not there.

    `automations` are those of the project, with their places; `files` the automations that are named after files of which a statement could
    not be read.
    """
    for expected in block.expected:
        name = expected.automation
        if name.text not in automations and name.text not in files and not broken.covers(name.text):
            yield _unknown(name, automations, suggestions.nearest("test", name.text, automations))


def _given(given: tree.Given) -> Iterator[Diagnostic]:
    yield from _beyond(given.moment)
    for what, text in (("a contact", given.contact), ("an event", given.name)):
        if not text.text:
            yield codes.EMPTY_NAME.at(text.span, what=what, help="write a name between the quotes")
    seen: dict[str, tree.GivenProperty] = {}
    for part in given.properties:
        path = part.property.path
        earlier = seen.setdefault(path, part)
        if path == "event_name":
            yield codes.GIVEN_EVENT_NAME.at(
                part.span,
                name=quoted(given.name.text),
                help="leave it out, or change the name before `with`",
                notes=(Note("the event is named here", given.name.span),),
            )
        elif earlier is not part:
            yield codes.GIVEN_TWICE.at(
                part.property.span, property=code_word(path), help="leave one of them out", notes=(Note("first set here", earlier.span),)
            )


def _beyond(moment: tree.Moment) -> Iterator[Diagnostic]:
    """A time that no event can have; where only the project's zone could tell, near the ends of the calendar, it is refused too."""
    margin = 0 if isinstance(moment, tree.DateTime) and moment.offset is not None else times.DAY
    clock = moment.day * times.DAY if isinstance(moment, tree.Date) else moment.clock - (moment.offset or 0) * times.SECOND
    if times.FIRST_MOMENT + margin <= clock < times.END_OF_TIME - margin:
        return
    shown = printing.moment(moment)
    if times.FIRST_MOMENT <= clock < times.END_OF_TIME:
        with_offset = shown + (" 00:00Z" if isinstance(moment, tree.Date) else "Z")
        help_text = f"so near to the end of the calendar, write the offset from UTC, as in {with_offset}"
        yield codes.BEYOND_CALENDAR.at(moment.span, time=code_word(shown), lies="may lie", help=help_text)
    else:
        yield codes.BEYOND_CALENDAR.at(moment.span, time=code_word(shown), lies="lies", help="take another year")


def _expected(block: tree.TestBlock) -> Iterator[Diagnostic]:
    contacts = dict.fromkeys(given.contact.text for given in block.given)
    suggestions = Suggestions()
    first: dict[str, tree.Expected] = {}
    reported: set[str] = set()
    for expected in block.expected:
        earlier = first.setdefault(expected.automation.text, expected)
        if earlier is not expected:
            yield codes.EXPECTED_TWICE.at(
                expected.automation.span,
                name=quoted(expected.automation.text),
                help="list all of its entries below the first",
                notes=(Note("first expected here", earlier.automation.span),),
            )
        for entry in expected.entries:
            yield from _beyond(entry.moment)
            contact = entry.contact.text
            if contact not in contacts and contact not in reported:
                reported.add(contact)
                near = suggestions.nearest("contact", contact, contacts)
                yield codes.UNKNOWN_CONTACT.at(
                    entry.contact.span,
                    contact=quoted(contact),
                    help=f"{quoted(near)} is the nearest contact that has a given line" if near else "give it a line below `given`",
                    replacement=None if near is None else printing.string(near),
                )


def _unknown(name: tree.Text, automations: Mapping[str, Span], near: str | None) -> Diagnostic:
    if near is None:
        return codes.NO_SUCH_AUTOMATION.at(
            name.span, name=quoted(name.text), help="the automations of a project are named by their headers, or after their files"
        )
    place = automations[near]
    return codes.NO_SUCH_AUTOMATION.at(
        name.span,
        name=quoted(name.text),
        help=f"{quoted(near)} is the nearest, in {place}",
        notes=(Note(f"{quoted(near)} is here", place),),
        replacement=printing.string(near),
    )


def declared_problems(block: tree.TestBlock, declarations: Declarations) -> Iterator[Diagnostic]:
    """What a test's given lines name that is not declared, and values of another type than the declared one.

    A text that reads as the declared type is as good as one: the Event API sends every value as text.
    """
    for given in block.given:
        yield from name_problems(given.kind.noun, given.name, declarations)
        names = tree.NameIs(given.name, span=given.name.span)
        fitting = declarations.fitting([tree.Occurrence(given.kind, names, span=given.span)])
        for part in given.properties:
            yield from property_problems(part.property, fitting, declarations)
            types = {} if fitting is None else types_of(part.property.path, fitting)
            if types and not any(_reads_as(part.literal, wanted) for wanted in types):
                yield codes.WRONG_TYPE.at(
                    part.literal.span,
                    property=code_word(part.property.path),
                    declared=either(types),
                    use=f"is set to the {type_of(part.literal)} {code_word(printing.literal(part.literal))} here",
                    help=f"write a {either(types)} here, or change the declaration",
                    notes=declared_here(types),
                )


def _reads_as(literal: tree.Literal, wanted: tree.DeclaredType) -> bool:
    if type_of(literal) == wanted:
        return True
    if not isinstance(literal, tree.Text):
        return False
    match wanted:
        case "number":
            return numbers.number_of_text(literal.text) is not None
        case "boolean":
            return literal.text.lower() in ("true", "false")
        case "date":
            return times.read(literal.text) is not None
        case "text":
            return True
