"""Declared names: whether rules keep to what a project declares.

In: all statements of a project. Out: diagnostics of section 6 of the reference: undeclared names with the nearest declared one, undeclared
properties, and comparisons with a literal of another type than the declared one. A noun of which nothing is declared is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from triggerlang.checking import codes
from triggerlang.checking.types import type_of
from triggerlang.checking.walking import conditions, name_texts, property_tests, tests
from triggerlang.language import globs, printing, tree
from triggerlang.language.diagnostics import Diagnostic, Note, code_word, quoted
from triggerlang.language.nearest import nearest
from triggerlang.language.parser import Broken

SUGGESTIONS = 100
"""For how many undeclared names of a noun, and properties, a nearest one is looked for."""

BUILT_IN = ("value", "event_name")


@dataclass(slots=True)
class Declarations:
    """What a project declares: for each noun, its names with their first declarations; and which files could not be read whole."""

    names: dict[str, dict[str, tree.Declare]] = field(default_factory=dict)
    automations: Mapping[str, tree.Node] = field(default_factory=dict)
    """The automations that have rules; they are declared by them."""
    broken: Sequence[Broken] = ()
    _left: dict[str, int] = field(default_factory=dict)

    def is_free(self, noun: str) -> bool:
        """Whether nothing of a noun is declared, so that any name goes."""
        return noun not in self.names

    def known(self, noun: str) -> Mapping[str, tree.Node]:
        declared = self.names.get(noun, {})
        return {**self.automations, **declared} if noun == "automation" else declared

    def may_be_broken(self, name: str) -> bool:
        """Whether a declaration of a name may stand in a statement that could not be read."""
        return any(broken.covers(name) for broken in self.broken)

    def nearest(self, noun: str, written: str, among: Iterable[str]) -> str | None:
        """The nearest of some names; only so often, because it takes long among many."""
        left = self._left.setdefault(noun, SUGGESTIONS)
        if not left:
            return None
        self._left[noun] = left - 1
        return nearest(written, among)

    def fitting(self, single: tree.Single) -> list[tree.Declare] | None:
        """The declarations of the names that a single fits; None if its noun is free or a name is not declared (that is reported)."""
        noun = single.occurrence.kind.noun
        if self.is_free(noun):
            return None
        declared = self.names[noun]
        match single.occurrence.names:
            case None:
                return list(declared.values())
            case tree.NameLike(glob):
                fits = globs.matcher(glob.text)
                return [declaration for name, declaration in declared.items() if fits(name)] or None
            case names:
                found = [declared[text.text] for text in name_texts(names) if text.text in declared]
                return found or None


def collect(statements: Iterable[tree.Statement], automations: Mapping[str, tree.Node], broken: Sequence[Broken]) -> Declarations:
    """The declarations of a project."""
    made = Declarations(automations=automations, broken=broken)
    for statement in statements:
        if isinstance(statement, tree.Declare):
            made.names.setdefault(statement.noun, {}).setdefault(statement.name.text, statement)
    return made


def declaration_problems(statements: Iterable[tree.Statement], declarations: Declarations) -> Iterator[Diagnostic]:
    """What is wrong with the declarations themselves."""
    for statement in statements:
        if not isinstance(statement, tree.Declare):
            continue
        first = declarations.names[statement.noun][statement.name.text]
        if first is not statement:
            code = codes.DECLARED_TWICE if first == statement else codes.CONFLICTING_DECLARATIONS
            yield code.at(
                statement.name.span,
                name=f"{statement.noun} {quoted(statement.name.text)}",
                help="declare each name once",
                notes=(Note("first declared here", first.name.span),),
            )
        seen: dict[str, tree.DeclaredProperty] = {}
        for part in statement.properties:
            other = seen.setdefault(part.property.path, part)
            if other is not part:
                yield codes.PROPERTY_DECLARED_TWICE.at(
                    part.property.span,
                    property=code_word(part.property.path),
                    help="leave one of them out",
                    notes=(Note("first declared here", other.property.span),),
                )


def statement_problems(
    statement: tree.Statement, triggers: Sequence[tree.Single] | None, declarations: Declarations
) -> Iterator[Diagnostic]:
    """What a rule, segment or header names that is not declared.

    `triggers` are the singles of `on` that `trigger P` and `once per P` look at; None where no rule uses a segment.
    """
    if isinstance(statement, tree.Automation | tree.Rule):
        if isinstance(statement, tree.Rule):
            for single in statement.on.singles:
                yield from _single(single, triggers, declarations)
        if isinstance(statement.runs, tree.Once) and statement.runs.per is not None and triggers is not None:
            yield from _property(statement.runs.per, triggers, declarations)
    for test in tests(conditions(statement)):
        yield from _test(test, triggers, declarations)


def _test(test: tree.Test, triggers: Sequence[tree.Single] | None, declarations: Declarations) -> Iterator[Diagnostic]:
    match test:
        case tree.HistoryTest(pattern, measure, window):
            for single in pattern.singles:
                yield from _single(single, triggers, declarations)
            if isinstance(measure, tree.Aggregate | tree.Distinct):
                yield from _property(measure.property, pattern.singles, declarations)
            if isinstance(measure, tree.Aggregate):
                yield from _aggregate(measure, pattern, triggers, declarations)
            if isinstance(window, tree.SinceLast):
                for single in window.pattern.singles:
                    yield from _single(single, triggers, declarations)
        case tree.ListTest(names):
            yield from _names("list", names, declarations)
        case tree.TagTest(names):
            yield from _names("tag", names, declarations)
        case tree.FieldTest(name, comparison):
            yield from _name("field", name, declarations)
            declared = declarations.names.get("field", {}).get(name.text)
            if declared is not None and declared.type is not None:
                yield from _typed(f"field {quoted(name.text)}", {declared.type}, comparison, [declared])


def _single(single: tree.Single, triggers: Sequence[tree.Single] | None, declarations: Declarations) -> Iterator[Diagnostic]:
    if single.occurrence.names is not None:
        yield from _names(single.occurrence.kind.noun, single.occurrence.names, declarations)
    for test in property_tests(single):
        unknown = list(_property(test.property, [single], declarations))
        yield from unknown
        if not unknown:
            yield from _compared(test.property, [single], test.comparison, declarations)
        yield from _other_side(test.comparison, [single], triggers, declarations)


def _aggregate(
    measure: tree.Aggregate, pattern: tree.Pattern, triggers: Sequence[tree.Single] | None, declarations: Declarations
) -> Iterator[Diagnostic]:
    comparison = measure.comparison
    types = _types_of(measure.property.path, pattern.singles, declarations)
    if measure.function in ("sum", "average") and isinstance(comparison, tree.CompareProperty) and types and "number" not in types:
        yield codes.WRONG_TYPE.at(
            measure.property.span,
            property=code_word(measure.property.path),
            declared=_either(types),
            compared="numbers",
            help=f"{code_word(measure.function)} takes numbers",
        )
    # What `sum` and `average` are compared with, if it is no number, is said already.
    if measure.function not in ("sum", "average") or _is_number(comparison):
        yield from _compared(measure.property, pattern.singles, comparison, declarations)
    yield from _other_side(comparison, pattern.singles, triggers, declarations)


def _is_number(comparison: tree.Comparison) -> bool:
    match comparison:
        case tree.Compare(_, literal):
            return isinstance(literal, tree.Number)
        case tree.OneOf(literals):
            return all(isinstance(literal, tree.Number) for literal in literals)
    return False


def _names(noun: str, names: tree.Names, declarations: Declarations) -> Iterator[Diagnostic]:
    if declarations.is_free(noun):
        return
    if isinstance(names, tree.NameLike):
        fits = globs.matcher(names.glob.text)
        if not any(fits(name) for name in declarations.known(noun)) and not declarations.may_be_broken(names.glob.text):
            yield codes.UNKNOWN_NAMES[noun].at(
                names.glob.span, name=f"like {quoted(names.glob.text)}", help=f"declare a {noun} that it fits, or mend it"
            )
        return
    for text in name_texts(names):
        yield from _name(noun, text, declarations)


def _name(noun: str, text: tree.Text, declarations: Declarations) -> Iterator[Diagnostic]:
    if declarations.is_free(noun):
        return
    known = declarations.known(noun)
    if text.text in known or declarations.may_be_broken(text.text):
        return
    near = declarations.nearest(noun, text.text, known)
    if near is None:
        yield codes.UNKNOWN_NAMES[noun].at(text.span, name=quoted(text.text), help=f"declare it: {code_word(_declaration(noun, text.text))}")
        return
    place = known[near].name.span if isinstance(known[near], tree.Declare | tree.Automation) else known[near].span  # type: ignore[attr-defined]
    yield codes.UNKNOWN_NAMES[noun].at(
        text.span,
        name=quoted(text.text),
        help=f"{quoted(near)} is the nearest, declared in {place}",
        notes=(Note(f"{quoted(near)} is declared here", place),),
        replacement=printing.string(near),
    )


def _declaration(noun: str, name: str) -> str:
    return f"declare {noun} {quoted(name)}"


def _property(wanted: tree.Property, singles: Sequence[tree.Single], declarations: Declarations) -> Iterator[Diagnostic]:
    """Whether a property is declared for one of the names that some singles fit."""
    if wanted.path in BUILT_IN:
        return
    owners: dict[str, tree.Declare] = {}
    for single in singles:
        fitting = declarations.fitting(single)
        if fitting is None:
            return
        owners.update((f"{declaration.noun} {quoted(declaration.name.text)}", declaration) for declaration in fitting)
    known = {part.property.path: part for declaration in owners.values() for part in declaration.properties}
    if wanted.path in known:
        return
    owner = next(iter(owners)) if len(owners) == 1 else "any of the names that fit"
    near = declarations.nearest("property", wanted.path, [*known, *BUILT_IN])
    if near is None:
        yield codes.UNKNOWN_PROPERTY.at(
            wanted.span, property=code_word(wanted.path), owner=owner, help=f"declare it: {code_word(f'with {printing.property_name(wanted.path)} text')}"
        )
        return
    part = known.get(near)
    where = f", declared in {part.property.span}" if part is not None else ""
    yield codes.UNKNOWN_PROPERTY.at(
        wanted.span,
        property=code_word(wanted.path),
        owner=owner,
        help=f"{code_word(near)} is the nearest{where}",
        notes=() if part is None else (Note(f"{code_word(near)} is declared here", part.property.span),),
        replacement=printing.property_name(near),
    )


def _other_side(
    comparison: tree.Comparison, own: Sequence[tree.Single], triggers: Sequence[tree.Single] | None, declarations: Declarations
) -> Iterator[Diagnostic]:
    if isinstance(comparison, tree.CompareProperty):
        singles = own if comparison.side == "its" else triggers
        if singles is not None:
            yield from _property(comparison.property, singles, declarations)


def _types_of(path: str, singles: Sequence[tree.Single], declarations: Declarations) -> set[tree.DeclaredType]:
    """The types that a property is declared with for the names that some singles fit; empty where any goes."""
    if path == "event_name":
        return {"text"}
    types: set[tree.DeclaredType] = set()
    for single in singles:
        fitting = declarations.fitting(single)
        if fitting is None:
            return set()
        for declaration in fitting:
            if path == "value":
                if declaration.type is None:
                    return set()
                types.add(declaration.type)
            types.update(part.type for part in declaration.properties if part.property.path == path)
    return types


def _compared(
    wanted: tree.Property, singles: Sequence[tree.Single], comparison: tree.Comparison, declarations: Declarations
) -> Iterator[Diagnostic]:
    types = _types_of(wanted.path, singles, declarations)
    if types:
        owners = [declaration for single in singles for declaration in declarations.fitting(single) or ()]
        yield from _typed(code_word(wanted.path), types, comparison, owners, wanted.path)


def _typed(
    shown: str, types: set[tree.DeclaredType], comparison: tree.Comparison, owners: Sequence[tree.Declare], path: str = "value"
) -> Iterator[Diagnostic]:
    """A comparison with a literal of another type than the declared ones."""
    wrong: tree.Node | None = None
    match comparison:
        case tree.Compare(_, literal) if type_of(literal) not in types:
            wrong = literal
        case tree.OneOf(literals):
            wrong = next((literal for literal in literals if type_of(literal) not in types), None)
        case tree.TextMatch(_, text) if "text" not in types:
            wrong = text
    if wrong is None:
        return
    literal_text = printing.literal(wrong)  # type: ignore[arg-type]
    notes = []
    for owner in owners:
        part = next((part for part in owner.properties if part.property.path == path), None)
        span = part.span if part is not None else owner.name.span
        notes.append(Note("declared here", span))
    yield codes.WRONG_TYPE.at(
        wrong.span,
        property=shown,
        declared=_either(types),
        compared=f"the {type_of(wrong)} {code_word(literal_text)}",  # type: ignore[arg-type]
        help=f"write a {_either(types)} here, or change the declaration",
        notes=tuple(notes[:1]),
    )


def _either(types: Iterable[str]) -> str:
    return " or ".join(sorted(types))
