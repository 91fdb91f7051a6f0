"""Look-alikes: names that do not look like what they are.

In: the statements of a file. Out: a warning for each name that holds invisible characters or unusual spaces, words of letters of several
scripts, letters that all look like Latin ones, or a text that is not in Unicode's composed form. Names are compared by code point, so such
a name matches another one than it seems to. A name that stands often is reported where it stands first in its project.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from triggerlang.checking.codes import STRANGE_NAME
from triggerlang.checking.walking import conditions, name_texts, property_tests, sames, singles, tests
from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic, quoted
from triggerlang.language.lexer import BIDI_CONTROLS

_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "HEBREW", "ARABIC", "FULLWIDTH", "MATHEMATICAL")
_LIKE_LATIN = frozenset("аеорсухіјѕԁһӏԛԝАВЕКМНОРСТУХЅІЈαοιυνρτκχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
_JOINERS = ("\u200c", "\u200d")
_IDEOGRAPHIC_SPACE = "\u3000"


def strange_names(statements: Iterable[tree.Statement]) -> Iterator[tuple[str, Diagnostic]]:
    """The names that statements give or use and that are not what they seem, each with a warning where it stands first."""
    seen: set[str] = set()
    for statement in statements:
        for name, text in _names(statement):
            if not text.isascii() and text not in seen:
                seen.add(text)
                what = strange(text)
                if what is not None:
                    help_text = "write it anew, letter by letter, if that is not meant"
                    yield text, STRANGE_NAME.at(name.span, name=quoted(text), what=what, help=help_text)


def _names(statement: tree.Statement) -> Iterator[tuple[tree.Node, str]]:
    """The names in a statement: of automations, events, lists and so on, and of properties."""
    if isinstance(statement, tree.Automation | tree.Segment | tree.Declare):
        yield statement.name, statement.name.text
    if isinstance(statement, tree.Declare):
        for part in statement.properties:
            yield part.property, part.property.path
    if isinstance(statement, tree.TestBlock):
        yield from _names_in_test(statement)
    for place in singles(statement):
        if place.single.occurrence.names is not None:
            for text in name_texts(place.single.occurrence.names):
                yield text, text.text
        for filtered in property_tests(place.single):
            yield filtered.property, filtered.property.path
        for same in sames(place.single):
            yield same.property, same.property.path
    if isinstance(statement, tree.Rule) and isinstance(statement.on, tree.DateOf):
        yield statement.on.dated.property, statement.on.dated.property.path
    for test in tests(conditions(statement)):
        if isinstance(test, tree.ListTest | tree.TagTest):
            for text in name_texts(test.names):
                yield text, text.text
        elif isinstance(test, tree.FieldTest | tree.SegmentTest):
            yield test.name, test.name.text
        elif isinstance(test, tree.HistoryTest) and isinstance(test.measure, tree.Aggregate | tree.Distinct):
            yield test.measure.property, test.measure.property.path


def _names_in_test(block: tree.TestBlock) -> Iterator[tuple[tree.Node, str]]:
    for given in block.given:
        for text in (given.contact, given.name):
            yield text, text.text
        for part in given.properties:
            yield part.property, part.property.path
    for expected in block.expected:
        yield expected.automation, expected.automation.text
        for entry in expected.entries:
            yield entry.contact, entry.contact.text


def strange(text: str) -> str | None:
    """What is strange about a name, with its code points."""
    if not BIDI_CONTROLS.isdisjoint(text):
        return None  # An error says so already.
    # Most projects have names in ASCII only, and the tables of Unicode take long to load.
    import unicodedata

    hidden = [
        character
        for at, character in enumerate(text)
        if unicodedata.category(character) in ("Cf", "Co", "Cn", "Zl", "Zp") and not _is_joining(text, at)
    ]
    if hidden:
        return f"a character that cannot be seen ({_points(hidden)})"
    spaces = [character for character in text if character not in (" ", _IDEOGRAPHIC_SPACE) and unicodedata.category(character) == "Zs"]
    if spaces:
        return f"an unusual space ({_points(spaces)})"
    words = ["".join(letters) for is_letter, letters in groupby(text, str.isalpha) if is_letter]
    for word in words:
        scripts: dict[str, str] = {}
        for character in word:
            scripts.setdefault(_script(character), character)
        if len(scripts) > 1 and "" not in scripts:
            strangers = [character for script, character in scripts.items() if script != "LATIN"]
            return f"a word in letters of several scripts ({', '.join(script.capitalize() for script in scripts)}: {_points(strangers)})"
    strange = [character for word in words for character in word if not character.isascii()]
    if strange and all(character in _LIKE_LATIN or _script(character) in ("FULLWIDTH", "MATHEMATICAL") for character in strange):
        return f"letters that look like Latin ones ({_points(strange)})"
    if unicodedata.normalize("NFC", text) != text:
        changed = [character for character in text if unicodedata.combining(character)] or list(text)
        return f"letters in a decomposed form ({_points(changed)})"
    return None


def _is_joining(text: str, at: int) -> bool:
    """Whether a joiner does its work: in an emoji of several, or in a script whose letters are joined."""
    if text[at] not in _JOINERS or not 0 < at < len(text) - 1:
        return False
    return all(not neighbour.isascii() and _script(neighbour) in ("", "ARABIC") for neighbour in (text[at - 1], text[at + 1]))


def _script(character: str) -> str:
    """One of the scripts that are told apart; empty for the others."""
    import unicodedata

    name = unicodedata.name(character, "")
    return next((script for script in _SCRIPTS if name.startswith(script)), "")


def _points(characters: Sequence[str]) -> str:
    shown = list(dict.fromkeys(characters))
    return ", ".join(f"U+{ord(character):04X}" for character in shown[:4]) + (", …" if len(shown) > 4 else "")
