"""Syntax errors: what a person is told at the place where the grammar cannot go on.

In: the situation. Out: a diagnostic: a known mistake, else a misspelt word with the nearest that is allowed there, else what
was expected.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from triggerlang.language.diagnostics import Code, Diagnostic, code_word, quoted
from triggerlang.language.lexer import STRING, WORD
from triggerlang.language.mistakes import GUESSES, MISTAKES
from triggerlang.language.nearest import distance
from triggerlang.language.situation import Situation
from triggerlang.language.tables import END
from triggerlang.language.trying import holds, reach
from triggerlang.language.vocabulary import BY_PHRASE, NOUNS, VERBS, nouns_of, particle_of

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
    verdict = _known(situation, 2) or Verdict(_expected(situation))
    right = verdict.diagnostic.replacement
    if right is None or verdict.diagnostic.span != situation.token.span or END not in situation.accepted:
        return verdict
    # `segment` begins a statement, and stands in `in segment` too.
    return replace(verdict, starts=right if situation.tables.keywords.get(right) in situation.tables.starters else None)


def _known(situation: Situation, depth: int) -> Verdict | None:
    """What is said of a mistake that is known, or of a word that is near to one that is allowed; None where it is neither.

    What is offered was tried, and other mistakes behind it, so many trials deep. A mistake of which nothing that was tried holds is told
    without an offer.
    """
    told: Verdict | None = None
    for mistake in MISTAKES:
        diagnostic = mistake(situation)
        if diagnostic is None:
            continue
        if diagnostic.replacement is None or holds(situation, diagnostic, _is_known, depth):
            return Verdict(diagnostic)
        told = told or Verdict(replace(diagnostic, replacement=None))
    misspelt = _misspelt(situation)
    near = 0 if misspelt is None else reach(situation, misspelt.diagnostic, _is_known, depth)
    for guess in GUESSES:
        diagnostic = guess(situation)
        if diagnostic is None:
            continue
        far = 1 if diagnostic.replacement is None else reach(situation, diagnostic, _is_known, depth)
        # Of two that are as good, a whole word that is known comes before one of which several letters are wrong.
        if far > near or (far == near and misspelt is not None and not _is_slip_of_a_letter(misspelt.diagnostic)):
            return Verdict(diagnostic)
    return misspelt if near else told


def _is_slip_of_a_letter(misspelt: Diagnostic) -> bool:
    return distance(misspelt.span.text.lower(), misspelt.replacement or "", 1) is not None


def _is_known(situation: Situation, depth: int) -> bool:
    return _known(situation, depth) is not None


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


def _goes_together(situation: Situation, index: int, word: str, terminal: str) -> bool:
    """Whether a verb goes with the noun behind it, and a small word with the verb before it."""
    following, before = situation.tokens[min(index + 1, len(situation.tokens) - 1)].text, situation.tokens[index - 1].text
    if terminal == "VERB" and following in NOUNS:
        return (word, following) in BY_PHRASE
    return word not in ("to", "from") or before not in VERBS or particle_of(before) == word


def _misspelt(situation: Situation) -> Verdict | None:
    """The nearest word that is allowed at the wrong token, or at the one before it if that was taken for a property."""
    best: tuple[tuple[int, int, int], int, str] | None = None
    if situation.at > situation.first and situation.begins_another and END not in situation.accepted:
        return None
    for index in (situation.at, situation.at - 1):
        if index < situation.first or situation.tokens[index].type not in (WORD, "PROPERTY"):
            continue
        written = situation.tokens[index].text
        accepted = list(situation.accepted) if index == situation.at else situation.accepted_before(index)
        if index < situation.at and ("PROPERTY" not in accepted or written in situation.tables.keywords):
            continue
        limit = 1 if len(written) < 3 else 2 if len(written) < 8 else 3
        for word, terminal in _candidates(situation, index, accepted):
            steps = distance(written.lower(), word, limit)
            if written in situation.tables.keywords and terminal in situation.tables.starters:
                continue  # It is a word of the language itself.
            if steps is None or written == word or not _goes_together(situation, index, word, terminal):
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
    return Verdict(diagnostic)


def _expected(situation: Situation) -> Diagnostic:
    token = situation.token
    place = _place(situation)
    expected = _expected_words(situation)
    help_text = place or (f"expected {expected}" if expected else None)
    if situation.at > situation.first and END not in situation.accepted and (token.type == END or situation.begins_another):
        last = situation.peek(-1)
        behind = help_text.replace("here stands", "behind it stands", 1) if help_text is not None else None
        return INCOMPLETE.at(last.span, help=behind)
    found = quoted(token.text) if token.type == STRING else code_word(token.written)
    return UNEXPECTED.at(token.span, found=found, help=help_text)


def _place(situation: Situation) -> str | None:
    """What may stand at a place, in a sentence; None where the list of words says it as well."""
    accepts = situation.accepts
    for word, but, said in _PLACES:
        if accepts(word) and not (but and (accepts(but) or but in situation.accepted)):
            return said
    if END in situation.accepted:
        if accepts("where") or (accepts("active") and not accepts("and")):
            return "the rule ends here, or goes on with `where`, `active`, or with how often it may run: `once`, `every time`, `at most …`"
        if accepts("and") or accepts("or"):
            return "the condition ends here, or goes on with `and` or `or`"
        if accepts("given") or accepts("expect"):
            return 'the test goes on with a line such as 2026-01-31 09:00 "ana" event "signup", or with `expect`'
        return "a statement begins with `automation`, `on`, `segment`, `declare` or `test`"
    return None


_PLACES = (
    (
        "weekday",
        "",
        'here stands a test, such as event "order" has occurred, in list "News", has tag "vip" or field "plan" = "pro"',
    ),
    ("anniversary", "event", "a moment is taken from a date: `date of …` or `anniversary of …`"),
    ("anniversary", "", 'here stands what starts the rule, such as event "signup", subscribes list "News" or 14 days after event "order"'),
    ("event", "weekday", 'here stands what happens, such as event "order" or opens email "Letter"'),
    ("distinct", "", "an event in a condition is followed by what must hold, such as `has occurred`, `count >= 2` or `sum amount > 100`"),
    ("contains", "was", 'a property is followed by what must hold, such as = "pro", > 100, contains "a" or is blank'),
    ("contains", "", 'a field is followed by what must hold, such as = "pro", > 100, contains "a" or is blank'),
    ("days", "", "a number is followed by its unit: `seconds`, `minutes`, `hours`, `days` or `weeks`"),
    ("boolean", END, "a property is followed by its type: `number`, `text`, `boolean` or `date`"),
)


_SHOWN = {
    "STRING": 'a text in quotes such as "News"',
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
