"""Syntax errors: what a person is told at the place where the grammar cannot go on.

In: the situation. Out: a diagnostic: a known mistake, else a misspelt word with the nearest that is allowed there, else what
was expected.
"""

from __future__ import annotations

from dataclasses import dataclass

from triggerlang.language.diagnostics import Code, Diagnostic, code_word, quoted
from triggerlang.language.lexer import STRING, WORD
from triggerlang.language.mistakes import MISTAKES
from triggerlang.language.nearest import distance
from triggerlang.language.situation import Situation
from triggerlang.language.tables import END
from triggerlang.language.vocabulary import NOUNS, VERBS, nouns_of

MISSPELT = Code("misspelt-word", "{word} is no word that can stand here", "A keyword is misspelt, or stands where it has no meaning.")
UNEXPECTED = Code("unexpected-text", "{found} cannot stand here", "Something stands where the language does not allow it.")
INCOMPLETE = Code("unfinished-statement", "this statement is not finished", "A statement ends before it is complete.")

UNEXPECTED_CODES = (MISSPELT, UNEXPECTED, INCOMPLETE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a syntax error, and the statement's first word that was meant at its place, if it was one."""

    diagnostic: Diagnostic
    starts: str | None = None


def judge(situation: Situation) -> Verdict:
    """The diagnostic of a syntax error."""
    for mistake in MISTAKES:
        diagnostic = mistake(situation)
        if diagnostic is not None:
            return Verdict(diagnostic)
    misspelt = _misspelt(situation)
    if misspelt is not None:
        return misspelt
    return Verdict(_expected(situation))


def _candidates(situation: Situation, index: int, accepted: list[str]) -> list[tuple[str, str]]:
    """The words that could stand at a token, each with its terminal."""
    found: list[tuple[str, str]] = []
    for terminal in accepted:
        if terminal == "VERB":
            found += [(verb, terminal) for verb in sorted(VERBS)]
        elif terminal == "NOUN":
            verb = next(
                (token.text for token in reversed(situation.tokens[max(index - 2, situation.first) : index]) if token.text in VERBS), ""
            )
            found += [(noun, terminal) for noun in (nouns_of(verb) or sorted(NOUNS))]
        else:
            word = situation.tables.words.get(terminal, "")
            if word.isalpha():
                found.append((word, terminal))
    return found


def _misspelt(situation: Situation) -> Verdict | None:
    """The nearest word that is allowed at the wrong token, or at the one before it if that was taken for a property."""
    best: tuple[tuple[int, int, int], int, str] | None = None
    for index in (situation.at, situation.at - 1):
        if index < situation.first or situation.tokens[index].type not in (WORD, "PROPERTY"):
            continue
        written = situation.tokens[index].text
        accepted = list(situation.accepted) if index == situation.at else situation.accepted_before(index)
        if index < situation.at and ("PROPERTY" not in accepted or written in situation.tables.keywords):
            continue
        limit = 1 if len(written) < 4 else 2 if len(written) < 8 else 3
        for word, terminal in _candidates(situation, index, accepted):
            steps = distance(written.lower(), word, limit)
            if steps is None or (written == word):
                continue
            fits = situation.fits_with(index, terminal, 8)
            # A word before the wrong one is to blame only if the rest then fits.
            if index < situation.at and fits < 2:
                continue
            rank = (steps - min(fits, 2), situation.at - index, -fits)
            if best is None or rank < best[0]:
                best = (rank, index, word)
    if best is None:
        return None
    _, index, word = best
    token = situation.tokens[index]
    diagnostic = MISSPELT.at(token.span, word=code_word(token.text), help=f"the nearest that can is {code_word(word)}", replacement=word)
    # `segment` begins a statement, and stands in `in segment` too.
    begins = situation.tables.keywords.get(word) in situation.tables.starters and END in situation.accepted
    starts = word if begins and index == situation.at else None
    return Verdict(diagnostic, starts)


def _expected(situation: Situation) -> Diagnostic:
    token = situation.token
    expected = _expected_words(situation)
    help_text = f"expected {expected}" if expected else None
    if token.type == "$END":
        last = situation.peek(-1)
        return INCOMPLETE.at(last.span, help=help_text)
    found = quoted(token.text) if token.type == STRING else code_word(token.written)
    return UNEXPECTED.at(token.span, found=found, help=help_text)


_SHOWN = {
    "STRING": 'a string such as "News"',
    "INTEGER": "a whole number",
    "NUMBER": "a number",
    "DATE": "a date such as 2026-01-31",
    "DATETIME": "a date with a time such as 2026-01-31 09:00",
    "CLOCK": "a time of day such as 09:00",
    "OPERATOR": "a sign such as = or >=",
    "PROPERTY": "a property such as plan",
    "VERB": "a verb such as `subscribes`",
    "NOUN": "a noun such as `list`",
}


def _expected_words(situation: Situation) -> str:
    shown: list[str] = []
    for terminal in situation.accepted:
        if terminal == "NUMBER" and "INTEGER" in situation.accepted:
            continue
        if terminal == "DATETIME":
            continue
        if terminal in _SHOWN:
            words = "a number" if terminal == "INTEGER" and "NUMBER" in situation.accepted else _SHOWN[terminal]
        elif terminal in situation.tables.words:
            words = code_word(situation.tables.words[terminal])
        else:
            words = "the end of the file"
        if words not in shown:
            shown.append(words)
    shown.sort(key=lambda words: (not words.startswith("a "), words))
    if len(shown) > 9:
        shown = [*shown[:8], "…"]
    return ", ".join(shown[:-1]) + " or " + shown[-1] if len(shown) > 1 else "".join(shown)
