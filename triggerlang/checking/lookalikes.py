"""Look-alikes: names that do not look like what they are.

In: a statement. Out: a warning for each name that holds invisible characters, letters of several scripts, letters that look like
Latin ones, or a text that is not in Unicode's composed form. Names are compared by code point, so such a name matches another one than
it seems to.
"""

from __future__ import annotations

from collections.abc import Iterator

from triggerlang.checking.codes import STRANGE_NAME
from triggerlang.checking.walking import conditions, name_texts, singles, tests
from triggerlang.language import tree
from triggerlang.language.diagnostics import Diagnostic, quoted

_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "HEBREW", "ARABIC", "FULLWIDTH", "MATHEMATICAL")
_LIKE_LATIN = frozenset("аеорсухіјѕԁһӏԛԝАВЕКМНОРСТУХЅІЈαοιυνρτκχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")  # noqa: RUF001


def problems(statement: tree.Statement) -> Iterator[Diagnostic]:
    """Warnings for the names that a statement gives or uses."""
    for text in _names(statement):
        if not text.text.isascii():
            what = _strange(text.text)
            if what is not None:
                yield STRANGE_NAME.at(text.span, name=quoted(text.text), what=what, help="write it anew, letter by letter, if that is not meant")


def _names(statement: tree.Statement) -> Iterator[tree.Text]:
    if isinstance(statement, tree.Automation | tree.Segment | tree.Declare):
        yield statement.name
    for place in singles(statement):
        if place.single.occurrence.names is not None:
            yield from name_texts(place.single.occurrence.names)
    for test in tests(conditions(statement)):
        if isinstance(test, tree.ListTest | tree.TagTest):
            yield from name_texts(test.names)
        elif isinstance(test, tree.FieldTest | tree.SegmentTest):
            yield test.name


def _strange(text: str) -> str | None:
    """What is strange about a name, with its code points."""
    # Most projects have names in ASCII only, and the tables of Unicode take long to load.
    import unicodedata

    hidden = [character for character in text if unicodedata.category(character) in ("Cf", "Co", "Cn", "Zl", "Zp")]
    if hidden:
        return f"a character that cannot be seen ({_points(hidden)})"
    scripts: dict[str, str] = {}
    for character in text:
        if character.isalpha():
            name = unicodedata.name(character, "")
            script = next((script for script in _SCRIPTS if name.startswith(script)), "other")
            scripts.setdefault(script, character)
    if len(scripts) > 1 and "other" not in scripts:
        strangers = [character for script, character in scripts.items() if script != "LATIN"]
        return f"letters of several scripts ({', '.join(script.capitalize() for script in scripts)}: {_points(strangers)})"
    letters = [character for character in text if character.isalpha()]
    if letters and all(character in _LIKE_LATIN for character in letters):
        return f"only letters that look like Latin ones ({_points(letters)})"
    if unicodedata.normalize("NFC", text) != text:
        changed = [character for character in text if unicodedata.combining(character)] or list(text)
        return f"letters in a decomposed form ({_points(changed)})"
    return None


def _points(characters: list[str]) -> str:
    shown = list(dict.fromkeys(characters))
    return ", ".join(f"U+{ord(character):04X}" for character in shown[:4]) + (", …" if len(shown) > 4 else "")
