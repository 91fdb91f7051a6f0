"""Declared names: whether rules keep to what a project declares.

In: all statements of a project. Out: diagnostics of section 6 of the reference: undeclared names with the nearest declared one, undeclared
properties, and comparisons with a literal of another type than the declared one. A noun of which nothing is declared is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from triggerlang.checking import codes
from triggerlang.checking.declarations import BUILT_IN, Declarations, Fitting, types_of
from triggerlang.checking.types import type_of
from triggerlang.checking.walking import conditions, happening, name_texts, patterns, property_tests, sames, tests
from triggerlang.language import printing, tree
from triggerlang.language.diagnostics import Diagnostic, Note, code_word, quoted


def declaration_problems(declares: Iterable[tree.Declare]) -> Iterator[Diagnostic]:
    """What is wrong with the declarations themselves."""
    first: dict[tuple[str, str], tree.Declare] = {}
    for statement in declares:
        earlier = first.setdefault((statement.noun, statement.name.text), statement)
        if earlier is not statement:
            code = codes.DECLARED_TWICE if _says_the_same(earlier, statement) else codes.CONFLICTING_DECLARATIONS
            yield code.at(
                statement.name.span,
                name=f"{statement.noun} {quoted(statement.name.text)}",
                help="leave one of them out" if code is codes.DECLARED_TWICE else "let one of them say all of it, and leave the other out",
                notes=(Note("first declared here", earlier.name.span),),
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
            elif part.property.path in BUILT_IN:
                yield codes.DECLARED_BUILT_IN.at(part.span, property=code_word(part.property.path), help=_built_in_help(statement, part))


def _says_the_same(one: tree.Declare, other: tree.Declare) -> bool:
    """Whether two declarations differ in the order of their properties at most."""
    return one.type == other.type and {part.property.path: part.type for part in one.properties} == {
        part.property.path: part.type for part in other.properties
    }


def _built_in_help(statement: tree.Declare, part: tree.DeclaredProperty) -> str:
    if part.property.path == "event_name":
        return "it is the event's name, and always text: leave it out"
    return (
        f"it is the event's own value, whose type stands after the name: declare {statement.noun} {quoted(statement.name.text)} {part.type}"
    )


def statement_problems(statement: tree.Statement, triggers: Fitting | None, declarations: Declarations) -> Iterator[Diagnostic]:
    """What a rule, segment or header names that is not declared.

    `triggers` are what the singles of `on` fit, which `trigger P` and `once per P` look at; None where anything goes, as in a segment that
    no rule uses.
    """
    if isinstance(statement, tree.Automation | tree.Rule):
        if isinstance(statement, tree.Rule):
            yield from _sequence(statement.on, triggers, declarations)
            if isinstance(statement.on, tree.DateOf):
                yield from _dated(statement.on, declarations)
        if isinstance(statement.runs, tree.Once) and statement.runs.per is not None:
            yield from property_problems(statement.runs.per, triggers, declarations)
    for test in tests(conditions(statement)):
        yield from _test(test, triggers, declarations)


def _test(test: tree.Test, triggers: Fitting | None, declarations: Declarations) -> Iterator[Diagnostic]:
    match test:
        case tree.HistoryTest(pattern, measure, window):
            yield from _sequence(pattern, triggers, declarations)
            if isinstance(measure, tree.Aggregate | tree.Distinct):
                yield from _measure(measure, _fitting(happening(pattern), declarations), triggers, declarations)
            if isinstance(window, tree.SinceLast):
                for single in window.pattern.singles:
                    yield from _single(single, triggers, declarations)
        case tree.ListTest(names):
            yield from _names("list", names, declarations)
        case tree.TagTest(names):
            yield from _names("tag", names, declarations)
        case tree.FieldTest(name, comparison):
            yield from name_problems("field", name, declarations)
            declared = declarations.declared("field", name.text)
            if declared is not None:
                yield from _typed(f"field {quoted(name.text)}", types_of("value", [declared]), comparison)


def _fitting(pattern: tree.Pattern, declarations: Declarations) -> Fitting | None:
    """What a pattern's singles fit."""
    return declarations.fitting([single.occurrence for single in pattern.singles])


def _sequence(node: tree.Trigger, triggers: Fitting | None, declarations: Declarations) -> Iterator[Diagnostic]:
    """The patterns of a chain or moment; `same P` of a later one is asked of the first one's events too."""
    first: Fitting | None = None
    for role, pattern in patterns(node):
        for single in pattern.singles:
            yield from _single(single, triggers, declarations)
            for same in sames(single):
                yield from property_problems(same.property, declarations.fitting([single.occurrence]), declarations)
                yield from property_problems(same.property, triggers if role == "first" else first, declarations)
        if role == "first":
            first = _fitting(pattern, declarations)


def _dated(node: tree.DateOf, declarations: Declarations) -> Iterator[Diagnostic]:
    """Whether a moment's property is declared, and may hold a date."""
    wanted = node.dated.property
    fitting = _fitting(node.dated.pattern, declarations)
    yield from property_problems(wanted, fitting, declarations)
    types = {} if fitting is None else types_of(wanted.path, fitting)
    if types and "date" not in types:
        shown = printing.dated(node.dated) if node.dated.is_field else wanted.path
        yield codes.WRONG_TYPE.at(
            wanted.span if not node.dated.is_field else node.dated.span,
            property=code_word(shown),
            declared=either(types),
            use=f"`{node.word} of` takes dates",
            help=f"declare {code_word(shown)} as date",
            notes=declared_here(types),
        )


def _single(single: tree.Single, triggers: Fitting | None, declarations: Declarations) -> Iterator[Diagnostic]:
    if single.occurrence.names is not None:
        yield from _names(single.occurrence.kind.noun, single.occurrence.names, declarations)
    if single.filters:
        fitting = declarations.fitting([single.occurrence])
        for test in property_tests(single):
            yield from property_problems(test.property, fitting, declarations)
            if fitting is not None:
                yield from _typed(code_word(test.property.path), types_of(test.property.path, fitting), test.comparison)
            yield from _other_side(test.comparison, fitting, triggers, declarations)


def _measure(
    measure: tree.Aggregate | tree.Distinct, fitting: Fitting | None, triggers: Fitting | None, declarations: Declarations
) -> Iterator[Diagnostic]:
    path = measure.property.path
    yield from property_problems(measure.property, fitting, declarations)
    if isinstance(measure, tree.Distinct):
        return
    yield from _other_side(measure.comparison, fitting, triggers, declarations)
    types = {} if fitting is None else types_of(path, fitting)
    if measure.function not in ("sum", "average"):
        yield from _typed(code_word(path), types, measure.comparison)
    elif types and "number" not in types:
        yield codes.WRONG_TYPE.at(
            measure.property.span,
            property=code_word(path),
            declared=either(types),
            use=f"{code_word(measure.function)} takes numbers",
            help=f"`count` and `distinct` take any type; or declare {code_word(path)} as number",
            notes=declared_here(types),
        )


def _names(noun: str, names: tree.Names, declarations: Declarations) -> Iterator[Diagnostic]:
    if declarations.is_free(noun):
        return
    if isinstance(names, tree.NameLike):
        glob = names.glob.text
        if not declarations.that_fit(noun, glob) and not declarations.broken.unnamed:
            yield codes.UNKNOWN_NAMES[noun].at(
                names.glob.span, name=f"like {quoted(glob)}", help=f"change it so that it fits one, or declare {_a(noun)} that it fits"
            )
        return
    for text in name_texts(names):
        yield from name_problems(noun, text, declarations)


def name_problems(noun: str, text: tree.Text, declarations: Declarations) -> Iterator[Diagnostic]:
    """Whether a name is declared, if its noun is."""
    if declarations.is_free(noun) or declarations.place(noun, text.text) is not None or declarations.broken.covers(text.text):
        return
    near = declarations.nearest(noun, text.text)
    declared = None if near is None else declarations.place(noun, near)
    if near is None or declared is None:
        help_text = f"declare it: declare {noun} {quoted(text.text)}" if text.text else "write a name between the quotes"
        other = declarations.other_noun(noun, text.text)
        if other is not None:
            help_text = f"{quoted(text.text)} is {_a(other)} here; if a {noun} is meant, declare it: declare {noun} {quoted(text.text)}"
        yield codes.UNKNOWN_NAMES[noun].at(text.span, name=quoted(text.text), help=help_text)
        return
    yield codes.UNKNOWN_NAMES[noun].at(
        text.span,
        name=quoted(text.text),
        help=f"{quoted(near)} is the nearest, declared in {declared}{_but(text.text)}",
        notes=(Note(f"{quoted(near)} is declared here", declared),),
        replacement=printing.string(near),
    )


def _but(name: str) -> str:
    """What makes a name another one than it looks."""
    if name.isascii():
        return ""
    from triggerlang.checking.lookalikes import strange

    what = strange(name)
    return "" if what is None else f"; the name here holds {what}"


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def property_problems(wanted: tree.Property, fitting: Fitting | None, declarations: Declarations) -> Iterator[Diagnostic]:
    """Whether a property is declared for one of the names that fit."""
    if fitting is None or wanted.path in BUILT_IN or any(declared.has(wanted.path) for declared in fitting):
        return
    if any(declarations.broken.covers(name) for declared in fitting for name in declared.names):
        return
    near = declarations.nearest_property(wanted.path, fitting)
    parts = [declared.properties[near][0] for declared in fitting if near in declared.properties] if near is not None else []
    if near is None:
        help_text = f"declare it: with {printing.property_name(wanted.path)} text"
    else:
        help_text = f"{code_word(near)} is the nearest, " + (f"declared in {parts[0].property.span}" if parts else "which every event has")
    yield codes.UNKNOWN_PROPERTY.at(
        wanted.span,
        property=code_word(wanted.path),
        owner=_owner(fitting),
        help=help_text,
        notes=(Note(f"{code_word(near)} is declared here", parts[0].property.span),)
        if near is not None and parts
        else (Note(f"{_owner(fitting)} is declared here", fitting[0].first.name.span),)
        if len(fitting) == 1 and len(fitting[0].names) == 1
        else (),
        replacement=None if near is None else printing.property_name(near),
    )


def _owner(fitting: Fitting) -> str:
    names = [(declared.noun, name) for declared in fitting for name in declared.names]
    if len(names) > 3:
        return "any of the names that fit"
    return " or ".join(f"{noun} {quoted(name)}" for noun, name in names)


def _other_side(
    comparison: tree.Comparison, own: Fitting | None, triggers: Fitting | None, declarations: Declarations
) -> Iterator[Diagnostic]:
    if isinstance(comparison, tree.CompareProperty):
        yield from property_problems(comparison.property, own if comparison.side == "its" else triggers, declarations)


def _typed(shown: str, types: Mapping[tree.DeclaredType, tree.Node], comparison: tree.Comparison) -> Iterator[Diagnostic]:
    """A comparison with a literal of another type than the declared ones."""
    if not types:
        return
    for literal in _literals(comparison):
        if type_of(literal) not in types:
            yield codes.WRONG_TYPE.at(
                literal.span,
                property=shown,
                declared=either(types),
                use=f"is compared with the {type_of(literal)} {code_word(printing.literal(literal))} here",
                help=_right_literal(types, comparison),
                notes=declared_here(types),
                replacement=None if isinstance(comparison, tree.TextMatch) else _mended(literal, types),
            )


def _literals(comparison: tree.Comparison) -> Sequence[tree.Literal]:
    match comparison:
        case tree.Compare(_, literal):
            return (literal,)
        case tree.OneOf(literals):
            return literals
        case tree.TextMatch(_, text):
            return (text,)
    return ()


def _right_literal(types: Iterable[tree.DeclaredType], comparison: tree.Comparison) -> str:
    if isinstance(comparison, tree.TextMatch):
        return f"{code_word(comparison.operator)} asks of texts only: compare with a sign such as `=`, or change the declaration"
    return f"write a {either(types)} here, or change the declaration"


def _mended(literal: tree.Literal, types: Mapping[tree.DeclaredType, tree.Node]) -> str | None:
    """The literal that was meant, where only its quotes are wrong."""
    if "text" in types:
        return printing.string(literal.span.text)
    if isinstance(literal, tree.Text):
        from triggerlang.language import numbers, times

        written = literal.text
        if "boolean" in types and written in ("true", "false"):
            return written
        if "date" in types and times.read(written) is not None:
            return written
        number = numbers.number_of_text(written) if "number" in types else None
        if number is not None:
            return numbers.number_text(number)
    return None


def declared_here(types: Mapping[tree.DeclaredType, tree.Node]) -> tuple[Note, ...]:
    """The place that says of what type something is."""
    return tuple(Note("declared here", place.span) for place in list(types.values())[:1])


def either(types: Iterable[str]) -> str:
    """`number or text`."""
    return " or ".join(types)
