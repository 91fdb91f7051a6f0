"""Tokens: the words, strings, numbers and signs of a rule file.

In: a source. Out: its tokens, and a diagnostic for each piece of text that is none. Where the right token is plain
(`“News”` for `"News"`), the token stands for it as if it were written right, so that one mistake is reported once.
Whether a word is a keyword depends on where it stands; that is the parser's to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from triggerlang.language.diagnostics import Code, Diagnostic, code_word
from triggerlang.language.source import Source, Span

WORD: Final = "WORD"
STRING: Final = "STRING"
LETTERS: Final = "LETTERS"
"""The kind of a word that no rule of the grammar accepts: with letters beyond a to z, or an apostrophe. It is not reported yet."""
BROKEN: Final = "BROKEN"
"""The kind of a piece of text that was reported and that no rule of the grammar accepts."""

UNCLOSED_STRING = Code("unclosed-string", "this string is not closed", "A string begins and ends with a double quote, on one line.")
QUOTES = Code(
    "wrong-quotes",
    "strings stand in straight double quotes",
    "A string stands in straight double quotes, not in single or typographic ones.",
    is_slip=True,
)
ESCAPE = Code(
    "unknown-escape", "{escape} is no escape", 'In a string, a backslash stands before ", another backslash, n or t.', is_slip=True
)
SIGN = Code("wrong-sign", "{sign} is written {right} here", "The comparison signs are =, !=, <, <=, > and >=.", is_slip=True)
CHARACTER = Code(
    "unexpected-character",
    "{character} has no meaning here",
    "A character that is no part of the language stands outside strings and comments.",
    is_slip=True,
)
CONTROL_CHARACTER = Code(
    "control-character",
    "the control character {character} is not allowed in rule files",
    "Control characters, and characters that turn the direction of writing, hide what a rule says.",
)

SYNTAX_CODES = (UNCLOSED_STRING, QUOTES, ESCAPE, SIGN, CHARACTER, CONTROL_CHARACTER)


@dataclass(slots=True)
class Token:
    """A piece of text: its kind (a terminal of the grammar, or WORD), what it says, and its place.

    The text of a string is what stands between its quotes, escapes resolved.
    """

    type: str
    text: str
    source: Source
    offset: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.source, self.offset, self.end - self.offset)

    @property
    def written(self) -> str:
        return self.source.text[self.offset : self.end]


_NEXT = re.compile(
    r"""
    [ \t\r\n]* (?:
      (?P<WORD>     [A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)* )
    | (?P<STRING>   "[^"\\\n]*(?:\\[^\n][^"\\\n]*)*" )
    | (?P<DATETIME> [0-9]{4}-[0-9]{2}-[0-9]{2}[T\ ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})? )
    | (?P<DATE>     [0-9]{4}-[0-9]{2}-[0-9]{2} )
    | (?P<CLOCK>    [0-9]{2}:[0-9]{2} )
    | (?P<NUMBER>   -[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)? | [0-9]+(?:_[0-9]+)*\.[0-9]+ )
    | (?P<INTEGER>  [0-9]+(?:_[0-9]+)* )
    | (?P<OPERATOR> != (?!=) | <= (?!>) | >= | < (?!>) | > | = (?![=<>]) )
    | (?P<LPAR>     \( )
    | (?P<RPAR>     \) )
    | (?P<COMMA>    , )
    | (?P<SIGN>     ===? | !== | <> | => | =< | ≥ | ≤ | ≠ )
    | (?P<QUOTED>   '[^'"\n]*' | [“”„«][^“”„«»"\n]*["“”»] | ‘[^‘’\n]*’ | `[^`"\n]+` )
    | (?P<COMMENT>  (?:--|//)(?=\s)[^\n]* )
    | (?P<OPEN>     " [^\n]* )
    | (?P<REMARK>   \#[^\n]* )
    | (?P<NONE> )
    )
    """,
    re.VERBOSE | re.ASCII,
)
"""Space, and the token after it. It matches anywhere, so that nothing is ever tried twice."""
_PLAIN: Final = frozenset(("WORD", "DATETIME", "DATE", "CLOCK", "NUMBER", "INTEGER", "OPERATOR", "LPAR", "RPAR", "COMMA"))
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
_SIGNS = {"==": "=", "===": "=", "!==": "!=", "<>": "!=", "=>": ">=", "=<": "<=", "≥": ">=", "≤": "<=", "≠": "!="}

BIDI_CONTROLS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_FORBIDDEN = re.compile(f"[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f{''.join(sorted(BIDI_CONTROLS))}]|\\r(?!\\n)")


def tokens_of(source: Source, begin: int = 0, end: int | None = None) -> tuple[list[Token], list[Diagnostic]]:
    """The tokens of a source, in order, and what is wrong with its characters; of a part of it, where one is given."""
    text = source.text
    tokens: list[Token] = []
    end = len(text) if end is None else end
    problems = [_control_character(source.span(found.start(), 1)) for found in _FORBIDDEN.finditer(text, begin, end)]
    at = begin
    while (at := _tokens_from(source, at, end, tokens, problems)) < end:
        if not _begins_token(text, at):
            at = _unknown_characters(source, at, tokens, problems)
    return tokens, problems


def _tokens_from(source: Source, at: int, end: int, tokens: list[Token], problems: list[Diagnostic]) -> int:
    """Read tokens from a place on, as long as one follows another; the place where none does."""
    text, append = source.text, tokens.append
    for found in _NEXT.finditer(text, at, end):
        kind = found.lastgroup or ""
        begin, at = found.span(kind)
        if kind in _PLAIN:
            append(Token(kind, text[begin:at], source, begin, at))
        elif kind == "STRING" and (at == end or text[at] in " \t\r\n,()" or not _is_closed_too_late(text, begin, at)):
            append(_string(source, begin, at, problems))
        elif kind == "NONE":
            return at
        elif kind != "REMARK" and (after := _odd(source, kind, begin, at, tokens, problems)) != at:
            return after
    return at


def _begins_token(text: str, at: int) -> bool:
    """Whether a token, space or a comment stands at a place."""
    found = _NEXT.match(text, at)
    return found is not None and found.end() > at


def _odd(source: Source, kind: str, begin: int, end: int, tokens: list[Token], problems: list[Diagnostic]) -> int:
    """Read what is written wrong, and report it; the place after it."""
    text = source.text
    match kind:
        case "STRING":
            end = _end_of_line(text, begin)
            tokens.append(_unclosed(source, begin, end, problems))
        case "SIGN":
            sign = text[begin:end]
            right = _SIGNS[sign]
            token = Token("OPERATOR", right, source, begin, end)
            problems.append(
                SIGN.at(token.span, sign=code_word(sign), right=code_word(right), help=f"write {code_word(right)}", replacement=right)
            )
            tokens.append(token)
        case "QUOTED":
            if text[begin] == "'" and begin and text[begin - 1].isalpha():
                return _contraction(source, begin, tokens)
            inner = text[begin + 1 : end - 1]
            if text[begin] in "«»":
                inner = inner.strip(" \u00a0\u202f")
            token = Token(STRING, inner, source, begin, end)
            right = '"' + inner.replace("\\", "\\\\") + '"'
            problems.append(QUOTES.at(token.span, help=f"write {code_word(right)}", replacement=right))
            tokens.append(token)
        case "COMMENT":
            problems.append(_comment(source, begin, end))
        case _:
            _open(source, begin, end, tokens, problems)
    return end


def _control_character(span: Span) -> Diagnostic:
    is_return = span.text == "\r"
    return CONTROL_CHARACTER.at(
        span,
        character=f"U+{ord(span.text):04X}",
        help="end lines with a line feed" if is_return else "delete it",
        replacement="\n" if is_return else "",
    )


def _string(source: Source, begin: int, end: int, problems: list[Diagnostic]) -> Token:
    inner = source.text[begin + 1 : end - 1]
    if "\\" not in inner:
        return Token(STRING, inner, source, begin, end)
    problems += [
        ESCAPE.at(
            source.span(begin + 1 + escape.start(), 2),
            escape=code_word(escape[0]),
            help='the escapes are \\", \\\\, \\n and \\t; a backslash itself is \\\\',
            replacement="\\" + escape[0],
        )
        for escape in _ESCAPE.finditer(inner)
        if escape[1] not in _ESCAPES
    ]
    return Token(STRING, _ESCAPE.sub(lambda escape: _ESCAPES.get(escape[1], escape[0]), inner), source, begin, end)


def _open(source: Source, begin: int, end: int, tokens: list[Token], problems: list[Diagnostic]) -> None:
    """A quote without another one on its line: it opens a string, or it is what is left of one."""
    before = tokens[-1] if tokens else None
    if source.text[begin + 1 : end].strip() or before is None:
        tokens.append(_unclosed(source, begin, end, problems))
    elif before.end == begin and before.type == STRING:
        problems.append(QUOTES.at(source.span(begin, 1), help="delete this quote: the name ends before it", replacement=""))
    elif before.end == begin and before.type == WORD and any(token.type == BROKEN and token.written[:1] == '"' for token in tokens[-20:]):
        # The end of a string that began on a line before.
        tokens.append(Token(BROKEN, "", source, begin, begin + 1))
    elif before.end == begin and before.type == WORD:
        tokens.pop()
        right = f'"{before.text}"'
        span = source.span(before.offset, begin + 1 - before.offset)
        problems.append(QUOTES.at(span, help=f"write {code_word(right)}", replacement=right))
        tokens.append(Token(STRING, before.text, source, before.offset, begin + 1))
    else:
        tokens.append(_unclosed(source, begin, end, problems))


def _unclosed(source: Source, begin: int, end: int, problems: list[Diagnostic]) -> Token:
    """A string without its closing quote: one error, from the opening quote to the end of the line's text."""
    line = source.text[begin:end].rstrip()
    token = Token(BROKEN, line[1:], source, begin, begin + len(line))
    problems.append(UNCLOSED_STRING.at(token.span, help='close it with " on the same line'))
    return token


def _is_closed_too_late(text: str, begin: int, end: int) -> bool:
    """Whether a string was ended by the quote that begins the next one: a word is glued to it, and the line's quotes are odd."""
    if end >= len(text) or not (text[end].isalnum() or text[end] in "_/"):
        return False
    line = text[begin : _end_of_line(text, begin)].replace("\\\\", "").replace('\\"', "")
    return line.count('"') % 2 == 1


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _contraction(source: Source, at: int, tokens: list[Token]) -> int:
    """`isn't`, `hasn't`: one word with the one before; the place after it."""
    end = at + 1
    while end < len(source.text) and source.text[end].isalpha():
        end += 1
    if tokens and tokens[-1].end == at:
        begin = tokens.pop().offset
        tokens.append(Token(LETTERS, source.text[begin:end].replace("’", "'"), source, begin, end))
    return end


def _comment(source: Source, begin: int, end: int) -> Diagnostic:
    """A comment that begins with another language's sign."""
    written = source.text[begin:end]
    return CHARACTER.at(
        source.span(begin, end - begin), character=code_word(written[:2]), help="a comment begins with #", replacement="#" + written[2:]
    )


def _unknown_characters(source: Source, at: int, tokens: list[Token], problems: list[Diagnostic]) -> int:
    """Report what begins no token; the place after it."""
    if _FORBIDDEN.match(source.text, at):
        return at + 1
    # Most files have no such characters.
    from triggerlang.language.strangers import read

    return read(source, at, tokens, problems)
