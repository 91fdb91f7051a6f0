"""Sequences: chains, absences and moments that can never come, whatever the data.

In: statements, and rules of a project. Out: what section 8 of the reference refuses of them, and what can be proved never to
happen. Only what is plain from the rules' own words is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from triggerlang.checking import codes
from triggerlang.checking.walking import conditions, happening, name_texts, patterns, sames, tests
from triggerlang.language import globs, numbers, printing, tree
from triggerlang.language.diagnostics import Diagnostic, Note, code_word, quoted


def problems(statement: tree.Statement) -> Iterator[Diagnostic]:
    """What is wrong with a statement's chains and moments by themselves."""
    if isinstance(statement, tree.Rule):
        yield from _never_follows(statement.on)
        if isinstance(statement.on, tree.After | tree.DateOf):
            yield from _moment(statement.on)
    for test in tests(conditions(statement)):
        if isinstance(test, tree.HistoryTest):
            yield from _never_follows(test.pattern)


def _moment(moment: tree.Awaited) -> Iterator[Diagnostic]:
    if moment.duration is not None and not moment.duration.microseconds:
        # What is left without the duration and its word: the event itself, or its date.
        source, end = moment.duration.span.source, moment.span.end
        wanted: tree.Node = moment.pattern if isinstance(moment, tree.After) else moment.dated
        begin = wanted.span.offset if isinstance(moment, tree.After) else source.text.index(moment.word, moment.duration.span.end)
        rest = source.text[begin:end]
        chain = isinstance(moment, tree.After) and moment.without is not None
        yield codes.NO_DURATION.at(
            moment.duration.span,
            duration=code_word(printing.duration(moment.duration)),
            help="write a longer one" if chain else f"write {code_word('on ' + ' '.join(rest.split()))}, or a longer one",
        )
    if isinstance(moment, tree.DateOf):
        for single in moment.dated.pattern.singles:
            blank = next(
                (test for test in single.filters if _asks(test, moment.dated.property.path) == tree.Blank(False, span=test.span)), None
            )
            if blank is not None:
                yield codes.NO_DATE.at(
                    blank.span,
                    property=code_word(printing.property_name(moment.dated.property.path)),
                    help="leave this filter out: what holds no date has no moment anyway",
                    notes=(Note("the moment is taken from it here", moment.dated.property.span),),
                )


def _never_follows(node: tree.Trigger) -> Iterator[Diagnostic]:
    """Steps that ask for the same text of a property, of which the first step asks something else."""
    first: tree.Pattern | None = None
    for role, pattern in patterns(node):
        if first is None:
            first = pattern
        elif role == "later":
            reasons = [_apart(one, other) for one in first.singles for other in pattern.singles]
            reason = reasons[0]
            if reason is not None and None not in reasons:
                path, mine, own = reason
                shown = code_word(printing.property_name(path))
                yield codes.NEVER_FOLLOWS.at(
                    own.span,
                    why=f"{shown} cannot be the same in both",
                    help=f"ask the same of {shown} in both, or leave {code_word(f'same {printing.property_name(path)}')} out",
                    notes=(Note("the first step asks this", mine.span),),
                )


def _apart(first: tree.Single, later: tree.Single) -> tuple[str, tree.Node, tree.Node] | None:
    """A property that must be the same in two events and cannot be, with what each of them asks of it."""
    for same in sames(later):
        path = same.property.path
        for mine in _literals(first, path):
            for own in _literals(later, path):
                if not any(_may_be_one(one, other) for one in mine[1] for other in own[1]):
                    return path, mine[0], own[0]
    return None


def _literals(single: tree.Single, path: str) -> Iterator[tuple[tree.Node, Sequence[tree.Literal]]]:
    """The literals that a property must be one of, with the words that say so: its filters, and for `event_name` the names."""
    names = single.occurrence.names
    if path == "event_name" and isinstance(names, tree.NameIs | tree.NameIn):
        yield names, name_texts(names)
    for test in single.filters:
        match _asks(test, path):
            case tree.Compare("=", literal, False):
                yield test, (literal,)
            case tree.OneOf(literals):
                yield test, literals
            case tree.Blank(False):
                # What is absent is not the same as anything; the empty text is left.
                yield test, (tree.Text("", span=test.span),)


def _asks(test: tree.Filter, path: str) -> tree.Comparison | None:
    """What a filter that stands by itself asks of a property."""
    return test.comparison if isinstance(test, tree.PropertyTest) and test.property.path == path else None


def _may_be_one(one: tree.Literal, other: tree.Literal) -> bool:
    """Whether one text may equal both literals; where that is not plain, it may."""
    match one, other:
        case tree.Text(), tree.Text():
            return one.text == other.text
        case tree.Number(), tree.Number():
            return one.scaled == other.scaled
        case (tree.Number(scaled), tree.Text(text)) | (tree.Text(text), tree.Number(scaled)):
            return numbers.number_of_text(text) == scaled
        case tree.Boolean(), tree.Boolean():
            return one.value == other.value
    return True


def never_absent(rules: Iterable[tree.Rule], always: Mapping[str, Sequence[tree.Rule]]) -> Iterator[Diagnostic]:
    """Absences of an entry that comes with the very event that is waited after.

    `always` has for each automation the rules by which every event that they match enters it.
    """
    for rule in rules:
        for role, without in patterns(rule.on):
            if role == "without":
                yield from _brought(happening(rule.on), without, always)


def _brought(awaited: tree.Pattern, without: tree.Pattern, always: Mapping[str, Sequence[tree.Rule]]) -> Iterator[Diagnostic]:
    for single in without.singles:
        if single.occurrence.kind.kind != "enter" or single.filters:
            continue
        fits = _name_test(single.occurrence.names)
        for name, rules in always.items():
            bringing = next((rule for rule in rules if fits(name) and _covers(rule.on, awaited)), None)
            if bringing is not None:
                yield codes.NEVER_ABSENT.at(
                    single.span,
                    why=f"each of its events enters {quoted(name)}",
                    help="wait for something else, or after another event",
                    notes=(Note("it enters by this rule", bringing.on.span),),
                )
                return


def _name_test(names: tree.Names | None) -> Callable[[str], bool]:
    match names:
        case None:
            return lambda name: True
        case tree.NameLike(glob):
            return globs.matcher(glob.text)
    return frozenset(text.text for text in name_texts(names)).__contains__


def _covers(on: tree.Trigger, awaited: tree.Pattern) -> bool:
    """Whether a pattern surely matches whatever another one does."""
    return isinstance(on, tree.Pattern) and all(any(_wider(wide, single) for wide in on.singles) for single in awaited.singles)


def _wider(wide: tree.Single, single: tree.Single) -> bool:
    own, other = wide.occurrence, single.occurrence
    if own.kind != other.kind or not all(test in single.filters for test in wide.filters):
        return False
    if own.names is None or own.names == other.names:
        return True
    if other.names is None or isinstance(other.names, tree.NameLike):
        return False
    return all(map(_name_test(own.names), (text.text for text in name_texts(other.names))))
