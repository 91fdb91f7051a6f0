"""Strangers: characters that are no part of the language, and what they stand for.

In: a source and the place of a character that begins no token. Out: a token where it is plain what is meant, as if it were written right,
and a diagnostic; so that one mistake is reported once.
"""

from __future__ import annotations

import re
from typing import Final

from triggerlang.language.diagnostics import Code, Diagnostic, code_word
from triggerlang.language.lexer import BROKEN, CHARACTER, LETTERS, QUOTES, WORD, Token
from triggerlang.language.oddities import NEEDLESS, WORD_SIGNS, Right, as_clock, as_date, as_number, two_dates
from triggerlang.language.source import Source

ODD_VALUE = Code(
    "odd-value", "{what} is written in another way", "Numbers have digits and a point, `1500.50`; dates are 2026-12-31, times of day 09:00."
)

STRANGER_CODES = (ODD_VALUE,)

_ODD_SPACES: Final = "\u00a0\u2002\u2003\u2009\u202f\u3000"
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_VALUE = re.compile(r"[^\s\"(){}\[\],;=<>]+")
_LETTERS = re.compile(r"[^\W\d_](?:\w|[.'’\u200b\u200c\u200d\u2060\ufeff\u00ad](?=\w))*")
_HYPHENED = re.compile(r"\w+(?:[-/]\w+)+")
_THING = re.compile(r"[ \t]*[\"0-9-]")
_LINE_END = re.compile(r"[ \t\r]*(?:\n|#|\Z)")
_POINTS: Final = frozenset("•·–—-*")
_LONGEST_COMMENT: Final = 5_000
_TEMPLATE = re.compile(r"\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}")
_BRACKETED = re.compile(r"\[([A-Za-z][\w ]{0,100})\]", re.ASCII)
_CLOCK_BEHIND = re.compile(r"[ T]([0-9]{1,2}:[0-9]{2})(?::00)?(?![0-9:])")
_STOPS: Final = ' \t\r\n"'


def read(source: Source, at: int, tokens: list[Token], problems: list[Diagnostic]) -> int:
    """Report a run of characters that begins no token; the place after it."""
    for reading in (_comment, _brackets, _point, _spaces, _value, _word, _digits, _sign):
        end = reading(source, at, tokens, problems)
        if end is not None:
            return end
    return _unknown(source, at, tokens, problems)


def _comment(source: Source, at: int, tokens: list[Token], problems: list[Diagnostic]) -> int | None:
    """`/* … */`: a comment of another language; of a long one only the sign is reported."""
    text = source.text
    end = text.find("*/", at + 2, at + _LONGEST_COMMENT) + 2 if text.startswith("/*", at) else 0
    if end < 2:
        return None
    right = "\n".join(f"#{line}" for line in text[at + 2 : end - 2].split("\n"))
    right += "" if _LINE_END.match(text, end) else "\n"
    problems.append(CHARACTER.at(source.span(at, end - at), character=code_word("/*"), help="a comment begins with #", replacement=right))
    return end


def _brackets(source: Source, at: int, tokens: list[Token], problems: list[Diagnostic]) -> int | None:
    """`[signup]`, `{{ customer.plan }}`: a name in brackets, a variable of a template."""
    if found := _TEMPLATE.match(source.text, at):
        shown = code_word(found[0])
        help_text = "a rule holds no variables of templates: write the value itself"
        problems.append(CHARACTER.at(source.span(at, len(found[0])), character=shown, help=help_text))
        tokens.append(Token(BROKEN, found[0], source, at, found.end()))
        return found.end()
    if found := _BRACKETED.match(source.text, at):
        token = Token("STRING", found[1], source, at, found.end())
        problems.append(QUOTES.at(token.span, help=f'write `"{found[1]}"`', replacement=f'"{found[1]}"'))
        tokens.append(token)
        return found.end()
    return None


def _point(source: Source, at: int, tokens: list[Token], problems: list[Diagnostic]) -> int | None:
    """`1.` at the beginning of a line: the number of a list."""
    if source.text[at] not in ".)" or not tokens or tokens[-1].type != "INTEGER" or tokens[-1].end != at:
        return None
    begin = tokens[-1].offset
    line = source.text.rfind("\n", max(begin - 40, 0), begin) + 1
    if source.text[line:begin].strip() or (not line and begin > 40):
        return None
    tokens.pop()
    span = source.span(begin, at + 1 - begin)
    problems.append(CHARACTER.at(span, character=code_word(span.text), help="statements have no numbers: delete it", replacement=""))
    return at + 1


def _spaces(source: Source, at: int, tokens: list[Token], problems: list[Diagnostic]) -> int | None:
    text = source.text
    end = at
    while end < len(text) and text[end] in _ODD_SPACES:
        end += 1
    if end > at:
        character = f"U+{ord(text[at]):04X}, an unusual space,"
        problems.append(CHARACTER.at(source.span(at, end - at), character=character, help="write a plain space", replacement=" "))
        return end
    if text[at] in _INVISIBLE and not (tokens and tokens[-1].end == at and text[at + 1 : at + 2].isalnum()):
        while end < len(text) and text[end] in _INVISIBLE:
            end += 1
        character = f"U+{ord(text[at]):04X}, which cannot be seen,"
        problems.append(CHARACTER.at(source.span(at, end - at), character=character, help="delete it", replacement=""))
        return end
    return None


def _glued(source: Source, at: int, tokens: list[Token]) -> int:
    """How many tokens stand before a place without a space between."""
    count, begin = 0, at
    while (
        count < len(tokens)
        and tokens[-1 - count].end == begin
        and tokens[-1 - count].type in ("WORD", "INTEGER", "NUMBER", "DATE", "CLOCK")
    ):
        begin = tokens[-1 - count].offset
        count += 1
    return count


def _value(source: Source, at: int, tokens: list[Token], problems: list[Diagnostic]) -> int | None:
    """`31.12.2026`, `9:00`, `€50`: a date, a time of day or a number as it is written elsewhere."""
    count = _glued(source, at, tokens)
    begin = tokens[-count].offset if count else at
    found = _VALUE.match(source.text, begin, begin + 40)
    if found is None or found.end() <= at:
        return None
    written = found[0].rstrip(".,!:")
    end = begin + len(written)
    if end <= at:
        return None
    right = _read_value(source, begin, written, tokens[: len(tokens) - count])
    if right is None:
        readings = two_dates(written)
        if readings is None:
            return None
        help_text = f"write {code_word(readings[0])} for day, month, year, {code_word(readings[1])} for month, day, year"
        problems.append(ODD_VALUE.at(source.span(begin, end - begin), what="a date", help=help_text))
        del tokens[len(tokens) - count :]
        tokens.append(Token("DATE", readings[0], source, begin, end))
        return end
    del tokens[len(tokens) - count :]
    behind = _CLOCK_BEHIND.match(source.text, end) if right.kind == "DATE" else None
    clock = None if behind is None else as_clock(behind[1])
    if behind is not None and clock is not None:
        right, end = Right("DATETIME", f"{right.text} {clock.text}", "a date with a time"), behind.end()
    before = tokens[-1] if tokens else None
    if right.kind == "CLOCK" and before is not None and before.type == "DATE" and source.text[before.end : begin] in (" ", "T"):
        tokens.pop()
        right, begin = Right("DATETIME", f"{before.text} {right.text}", "a date with a time"), before.offset
        if problems and problems[-1].span.offset == begin:
            problems.pop()
    problems.append(
        ODD_VALUE.at(source.span(begin, end - begin), what=right.written, help=f"write {code_word(right.text)}", replacement=right.text)
    )
    tokens.append(Token(right.kind, right.text, source, begin, end))
    return end


def _read_value(source: Source, begin: int, written: str, before: list[Token]) -> Right | None:
    if any(character.isdigit() and not character.isascii() for character in written) or not any(map(str.isdigit, written)):
        return None
    if written.count(":") or (before and before[-1].text == "between" and len(before) > 1 and before[-2].text == "time"):
        return as_clock(written)
    date = as_date(written)
    if date is not None or two_dates(written) is not None:
        return date
    return as_number(written)


def _word(source: Source, at: int, tokens: list[Token], problems: list[Diagnostic]) -> int | None:
    """`größe`, `días`: a word with letters beyond a to z; what it stands for depends on where."""
    begin = at
    if tokens and tokens[-1].end == at and tokens[-1].type == WORD:
        begin = tokens[-1].offset
    found = _LETTERS.match(source.text, begin)
    if found is None or found.end() <= at:
        return None
    plain = "".join(character for character in found[0] if character not in _INVISIBLE)
    if begin < at:
        tokens.pop()
    if plain != found[0]:
        hidden = next(character for character in found[0] if character in _INVISIBLE)
        problems.append(
            CHARACTER.at(
                source.span(begin, found.end() - begin),
                character=f"U+{ord(hidden):04X}, which cannot be seen,",
                help=f"write {code_word(plain)} anew",
                replacement=plain,
            )
        )
    is_plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", plain) is not None
    tokens.append(Token(WORD if is_plain else LETTERS, plain.replace("’", "'"), source, begin, found.end()))
    return found.end()


def _digits(source: Source, at: int, tokens: list[Token], problems: list[Diagnostic]) -> int | None:
    end = at
    while end < len(source.text) and source.text[end].isdecimal() and not source.text[end].isascii() and end - at < 18:
        end += 1
    if end == at:
        return None
    written = source.text[at:end]
    digits = str(int(written))
    problems.append(
        CHARACTER.at(source.span(at, end - at), character=code_word(written), help=f"digits are 0 to 9: write {digits}", replacement=digits)
    )
    tokens.append(Token("INTEGER", digits, source, at, end))
    return end


def _run(text: str, at: int) -> str:
    """The signs from a place on."""
    end = at + 1
    while end < len(text) and text[end] not in _STOPS and not text[end].isalnum() and text[end] not in "_(),=<>#'":
        end += 1
    return text[at:end]


def _sign(source: Source, at: int, tokens: list[Token], problems: list[Diagnostic]) -> int | None:
    """`&&`, `;`, `[`: a sign that stands for a word, or for nothing."""
    text = source.text
    run = _run(text, at)
    if text.startswith(("->", "-->"), at):
        run = text[at : text.index(">", at) + 1]
    word = WORD_SIGNS.get(run)
    if run in ("[", "]") or run[0] in "[]":
        run, word = run[0], WORD_SIGNS[run[0]]
    end = at + len(run)
    span = source.span(at, len(run))
    if run == "/" and text[at - 1 : at] in (" ", "\n") and text[end : end + 1] in (" ", "\n"):
        word = "or"
    if word is not None and not (run == "!" and not text[end : end + 1].isalpha()):
        spaced = word if not word.isalpha() else _spaced(text, at, end, word)
        problems.append(CHARACTER.at(span, character=code_word(run), help=f"write {code_word(word)}", replacement=spaced))
        kind = {"(": "LPAR", ")": "RPAR"}.get(word, WORD)
        tokens.append(Token(kind, word, source, at, end))
        return end
    if run == ":":
        help_text = "nothing in the language is followed by a colon: delete it"
        problems.append(CHARACTER.at(span, character=code_word(run), help=help_text, replacement=""))
        return end
    if run == "-" and tokens and tokens[-1].type == WORD and tokens[-1].end == at and text[end : end + 1].isalpha():
        return _hyphened(source, at, tokens)
    if run == "/" and tokens and tokens[-1].type == WORD and tokens[-1].end == at and text[end : end + 1].isalpha():
        return _hyphened(source, at, tokens)
    if run == ";" and tokens and tokens[-1].type in ("STRING", "INTEGER", "NUMBER") and _THING.match(text, end):
        problems.append(CHARACTER.at(span, character=code_word(run), help="write a comma", replacement=","))
        tokens.append(Token("COMMA", ",", source, at, end))
        return end
    if run in NEEDLESS and _is_needless(text, at, end, run):
        help_text = "statements need no sign between them: delete it" if run == ";" else "delete it"
        problems.append(CHARACTER.at(span, character=code_word(run), help=help_text, replacement=""))
        return end
    return None


def _hyphened(source: Source, at: int, tokens: list[Token]) -> int:
    """`cart-value`: a name with a hyphen; whether it may stand there is the grammar's to say."""
    found = _HYPHENED.match(source.text, tokens[-1].offset)
    assert found is not None
    begin = tokens.pop().offset
    tokens.append(Token(LETTERS, found[0], source, begin, found.end()))
    return found.end()


def _is_needless(text: str, at: int, end: int, run: str) -> bool:
    """Whether a sign ends a line's text, or begins a line as the point of a list."""
    if _LINE_END.match(text, end):
        return run not in ("…", "...")
    while at and text[at - 1] in " \t":
        at -= 1
    return run in _POINTS and (not at or text[at - 1] == "\n")


def _spaced(text: str, begin: int, end: int, word: str) -> str:
    """A word with spaces around it where its neighbours have none."""
    before = "" if not begin or text[begin - 1].isspace() or text[begin - 1] == "(" else " "
    after = "" if end >= len(text) or text[end].isspace() else " "
    return before + word + after


def _unknown(source: Source, at: int, tokens: list[Token], problems: list[Diagnostic]) -> int:
    run = _run(source.text, at)[:60]
    end = at + len(run)
    shown = code_word(run) if run.isprintable() else " ".join(f"U+{ord(character):04X}" for character in run[:4])
    problems.append(CHARACTER.at(source.span(at, len(run)), character=shown, help=_help(run)))
    tokens.append(Token(BROKEN, run, source, at, end))
    return end


def _help(run: str) -> str:
    for sign, said in _SIGN_HELP.items():
        if run.startswith(sign):
            return said
    return "delete it, or put the name or text that it belongs to in double quotes"


_SIGN_HELP: Final = {
    "//": "a comment begins with #",
    "/*": "a comment begins with #",
    "...": "something is still to be filled in here",
    "…": "something is still to be filled in here",
    "???": "something is still to be filled in here",
    "'": 'strings stand in double quotes, "like this"',
    "!": "write `not`, or `!=` for a comparison",
    ";": "a comma stands between the things of a list",
    ":": "nothing in the language is followed by a colon: delete it",
    "{": "the language needs no braces: delete them",
    "}": "the language needs no braces: delete them",
    "%": "a number has no sign behind it; wildcards are `*` and `?`, in a string after `like`",
    "*": 'wildcards stand in a string after `like`: like "/pricing*"',
    "`": 'strings stand in double quotes, "like this"',
    "“": 'strings stand in double quotes, "like this"',
    "-": "a property whose name has a hyphen stands in double quotes; the language does not subtract",
    "/": "write `or`; the language does not divide",
    "+": "write `and`; the language does not add",
    "@": "delete it",
    "\\": "delete it; a statement may go on in the next line without a sign",
}
