"""The builder of test blocks: the part of the builder that section 7 of the reference is about."""

from __future__ import annotations

from typing import NamedTuple

from triggerlang.language import tree
from triggerlang.language.diagnostics import Code, code_word
from triggerlang.language.lexer import Token
from triggerlang.language.phrases import kind_of
from triggerlang.language.pieces import Part, RefusedError, covering, is_token
from triggerlang.language.source import Span
from triggerlang.language.vocabulary import Kind

GIVEN_SIGN = Code("given-sign", "a given property is set with `=`, not with {sign}", "A test's `given` lines set properties: `seats = 12`.")

BLOCK_CODES = (GIVEN_SIGN,)


class BlockBuilder:
    """The callbacks of the grammar's rules for test blocks."""

    def test_block(self, parts: list[Part]) -> tree.TestBlock:
        given = tuple(part for part in parts if isinstance(part, tree.Given))
        expected = tuple(part for part in parts if isinstance(part, tree.Expected))
        return tree.TestBlock(_text(parts[1]), given, expected, span=covering(parts))

    def given(self, parts: list[Part]) -> tree.Given:
        moment, contact, event = parts[:3]
        properties = parts[3].properties if len(parts) > 3 else ()
        return tree.Given(moment, _text(contact), event.kind, event.name, properties, span=covering(parts))

    def given_event(self, parts: list[Part]) -> _Event:
        return _Event(kind_of(parts), _text(parts[-1]), covering(parts))

    def given_properties(self, parts: list[Part]) -> _Properties:
        return _Properties(tuple(part for part in parts if isinstance(part, tree.GivenProperty)), covering(parts))

    def given_property(self, parts: list[Part]) -> tree.GivenProperty:
        sign = parts[1]
        if sign.text != "=":
            raise RefusedError(
                GIVEN_SIGN.at(sign.span, sign=code_word(sign.text), help="write `=`: the line says what happened", replacement="=")
            )
        return tree.GivenProperty(parts[0], parts[2], span=covering(parts))

    def expected(self, parts: list[Part]) -> tree.Expected:
        entries = tuple(part for part in parts if isinstance(part, tree.ExpectedEntry))
        return tree.Expected(_text(parts[2]), entries, span=covering(parts))

    def expected_entry(self, parts: list[Part]) -> tree.ExpectedEntry:
        return tree.ExpectedEntry(parts[0], _text(parts[1]), span=covering(parts))


class _Event(NamedTuple):
    """What happens in a given line, and its place."""

    kind: Kind
    name: tree.Text
    span: Span


class _Properties(NamedTuple):
    """What a given line sets, and its place."""

    properties: tuple[tree.GivenProperty, ...]
    span: Span


def _text(token: Token) -> tree.Text:
    assert is_token(token, "STRING")
    return tree.Text(token.text, span=token.span)
