"""The vocabulary: every kind of event that the language can name, one line a kind.

Out of this one table come the words that the lexer accepts after `on`, the kinds of the tree's
occurrences, how they are printed, and the nouns that a project can declare.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`subscribes list "News"`: a verb and a noun, and the `kind` that stands in a log.

    The verb of a recorded event is empty: it is written `event "signup"`. The particle is a small
    word that may stand between the two (`subscribes to list`); the canonical layout leaves it out.
    """

    verb: str
    noun: str
    kind: str
    particle: str = ""

    @property
    def phrase(self) -> str:
        """The words before a name, `subscribes list`."""
        return f"{self.verb} {self.noun}" if self.verb else self.noun

    @property
    def any_phrase(self) -> str:
        """The words for any name, `subscribes any list`."""
        return f"{self.verb} any {self.noun}" if self.verb else f"any {self.noun}"


KINDS: tuple[Kind, ...] = (
    Kind("", "event", "event"),
    Kind("subscribes", "list", "subscribe", particle="to"),
    Kind("unsubscribes", "list", "unsubscribe", particle="from"),
    Kind("submits", "form", "form"),
    Kind("receives", "email", "send"),
    Kind("opens", "email", "open"),
    Kind("clicks", "link", "click"),
    Kind("replies", "email", "reply", particle="to"),
    Kind("forwards", "email", "forward"),
    Kind("bounces", "email", "bounce"),
    Kind("gets", "tag", "tag"),
    Kind("loses", "tag", "untag"),
    Kind("changes", "field", "field"),
    Kind("enters", "automation", "enter"),
    Kind("leaves", "automation", "exit"),
    Kind("reaches", "goal", "goal"),
    Kind("buys", "product", "purchase"),
    Kind("enters", "stage", "stage"),
    Kind("visits", "page", "visit"),
)

EVENT = KINDS[0]

BY_PHRASE: dict[tuple[str, str], Kind] = {(kind.verb, kind.noun): kind for kind in KINDS}
BY_KIND: dict[str, Kind] = {kind.kind: kind for kind in KINDS}
FIELD = BY_KIND["field"]
VERBS: frozenset[str] = frozenset(kind.verb for kind in KINDS if kind.verb)
NOUNS: frozenset[str] = frozenset(kind.noun for kind in KINDS)


def nouns_of(verb: str) -> tuple[str, ...]:
    """The nouns that a verb goes with."""
    return tuple(kind.noun for kind in KINDS if kind.verb == verb)


def particle_of(verb: str) -> str:
    """The small word that a verb may be followed by, or an empty text."""
    return next((kind.particle for kind in KINDS if kind.verb == verb), "")
