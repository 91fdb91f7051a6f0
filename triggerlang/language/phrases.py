"""Phrases: which kind of event a verb and a noun mean. In: the tokens of a phrase. Out: its kind, or RefusedError."""

from __future__ import annotations

from triggerlang.language.diagnostics import Code, code_word
from triggerlang.language.pieces import Part, RefusedError, is_token
from triggerlang.language.vocabulary import BY_PHRASE, EVENT, Kind, nouns_of, particle_of

WRONG_NOUN = Code(
    "wrong-noun", "{verb} goes with {right}, not with {noun}", "Each verb has its own noun: `subscribes list`, `opens email`."
)
WRONG_PARTICLE = Code(
    "wrong-particle",
    "{verb} is not followed by {particle}",
    "`subscribes to`, `unsubscribes from` and `replies to` are accepted.",
    is_slip=True,
)

_MEANT = {
    ("receives", "tag"): "gets",
    ("gets", "email"): "receives",
    ("enters", "list"): "subscribes",
    ("leaves", "list"): "unsubscribes",
    ("opens", "page"): "visits",
    ("opens", "link"): "clicks",
    ("visits", "link"): "clicks",
    ("enters", "form"): "submits",
    ("enters", "page"): "visits",
    ("loses", "list"): "unsubscribes",
}
"""Verbs that people take for those of another noun, with the verb that is meant."""

PHRASE_CODES = (WRONG_NOUN, WRONG_PARTICLE)


def kind_of(parts: list[Part]) -> Kind:
    """The kind that the first tokens mean: `event`, or a verb and a noun, perhaps with a particle between them."""
    first = parts[0]
    if is_token(first, "EVENT"):
        return EVENT
    noun = next(part for part in parts if is_token(part, "NOUN"))
    kind = BY_PHRASE.get((first.text, noun.text))
    if kind is None:
        meant = _MEANT.get((first.text, noun.text))
        if meant is not None:
            raise RefusedError(
                WRONG_NOUN.at(
                    first.span.to(noun.span),
                    verb=code_word(first.text),
                    noun=code_word(noun.text),
                    right=" or ".join(code_word(word) for word in nouns_of(first.text)),
                    help=f"write `{meant} {noun.text}`",
                    replacement=f"{meant} {noun.text}",
                )
            )
        right = nouns_of(first.text)
        others = [f"{other.verb} {other.noun}" for other in BY_PHRASE.values() if other.noun == noun.text and other.verb]
        raise RefusedError(
            WRONG_NOUN.at(
                noun.span,
                verb=code_word(first.text),
                noun=code_word(noun.text),
                right=" or ".join(code_word(word) for word in right),
                help=f"write `{first.text} {right[0]}`" + "".join(f", or `{other}`" for other in others[:2]),
                replacement=right[0],
            )
        )
    particle = parts[1]
    if is_token(particle, "TO", "FROM") and particle.text != kind.particle:
        accepted = particle_of(first.text)
        raise RefusedError(
            WRONG_PARTICLE.at(
                particle.span,
                verb=code_word(first.text),
                particle=code_word(particle.text),
                help=f"write `{kind.phrase}`" + (f" or `{first.text} {accepted} {kind.noun}`" if accepted else ""),
                replacement=accepted,
            )
        )
    return kind
