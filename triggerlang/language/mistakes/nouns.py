"""Mistakes in nouns and names: `page contains "/p"`, `tag "vip" is added`, `event starts with "sign"`."""

from __future__ import annotations

from triggerlang.language.diagnostics import Code, Diagnostic, code_word, quoted
from triggerlang.language.lexer import STRING
from triggerlang.language.situation import Situation
from triggerlang.language.vocabulary import BY_PHRASE, KINDS

KIND_ALONE = Code("noun-without-verb", "{noun} alone is no event", "What happens is a verb and a noun: `visits page`, `opens email`.")
NAMES_ASKED = Code(
    "name-comparison",
    "a name is written behind its noun, or with `like`",
    "Names stand behind their noun, in `in ( … )`, or as a pattern after `like`.",
    is_slip=True,
)

CODES = (KIND_ALONE, NAMES_ASKED)

_DONE = {
    **dict.fromkeys(("added", "applied", "given", "assigned", "set"), ("gets", "subscribes", "enters")),
    **dict.fromkeys(("removed", "deleted", "lost", "taken"), ("loses", "unsubscribes", "leaves")),
    **dict.fromkeys(("submitted", "sent", "filled", "completed"), ("submits", "receives", "reaches")),
    **dict.fromkeys(("opened", "read"), ("opens",)),
    **dict.fromkeys(("clicked",), ("clicks", "opens")),
    **dict.fromkeys(("visited", "viewed", "seen"), ("visits",)),
    **dict.fromkeys(("bought", "purchased", "ordered"), ("buys",)),
    **dict.fromkeys(("changes", "changed", "updated", "edited"), ("changes",)),
    **dict.fromkeys(("joined", "subscribed"), ("subscribes",)),
    **dict.fromkeys(("left", "unsubscribed"), ("unsubscribes", "leaves")),
    **dict.fromkeys(("entered", "started"), ("enters",)),
    **dict.fromkeys(("reached", "achieved"), ("reaches",)),
    **dict.fromkeys(("received", "delivered"), ("receives",)),
    "bounced": ("bounces",),
    "forwarded": ("forwards",),
    "replied": ("replies",),
}
"""What was done, and the verbs that say so."""


def noun_alone(situation: Situation) -> Diagnostic | None:
    """`page contains "/p"`, `list "News"`, `email "Hello"`."""
    noun = situation.token.text
    kinds = [kind for kind in KINDS if kind.noun == noun and kind.verb]
    if situation.token.type == STRING or not kinds or not situation.accepts("event"):
        return None
    is_test = situation.accepts("weekday")
    kind = kinds[0]
    if situation.type_is(1, STRING):
        name, last, like = situation.peek(1).text, 1, False
    elif situation.type_is(2, STRING) and (situation.text_is(1, "contains", "is", "like") or situation.type_is(1, "OPERATOR")):
        name, last = situation.peek(2).text, 2
        like = situation.text_is(1, "contains", "like")
        name = f"*{name}*" if situation.text_is(1, "contains") else name
    elif situation.type_is(2, STRING) and situation.text_is(1, *_DONE):
        verb = next((verb for verb in _DONE[situation.peek(1).text] if (verb, noun) in BY_PHRASE), kind.verb)
        right = f"{verb} {noun} {situation.peek(2).written}" + (" has occurred" if is_test else "")
        return KIND_ALONE.at(situation.span(0, 2), noun=code_word(noun), help=f"write {code_word(right)}", replacement=right)
    elif situation.type_is(3, STRING) and situation.words("with", ahead=2) and situation.text_is(1, "starts", "ends"):
        name, last, like = situation.peek(3).text, 3, True
        name = name + "*" if situation.text_is(1, "starts") else "*" + name
    else:
        return None
    shown = f"like {quoted(name)}" if like else quoted(name)
    passive = _passive(situation, last, noun)
    if passive is not None:
        right = f"{passive[0]} {noun} {shown}" + (" has occurred" if is_test else "")
        return KIND_ALONE.at(situation.span(0, passive[1]), noun=code_word(noun), help=f"write {code_word(right)}", replacement=right)
    state = {"list": "in list", "tag": "has tag", "segment": "in segment"}.get(noun)
    if is_test and state is not None and not situation.text_is(last + 1, "count", "has"):
        right = f"{state} {shown}"
    else:
        right = f"{kind.phrase} {shown}"
        if is_test and not situation.text_is(last + 1, "count", "has", "sum", "average", "min", "max", "first", "last", "distinct"):
            right += " has occurred"
    return KIND_ALONE.at(situation.span(0, last), noun=code_word(noun), help=f"write {code_word(right)}", replacement=right)


def _passive(situation: Situation, last: int, noun: str) -> tuple[str, int] | None:
    """The verb of `tag "vip" is added`, and its last token."""
    at = last + 1
    while situation.text_is(at, "is", "was", "has", "been", "gets", "got"):
        at += 1
    if situation.type_is(at, STRING):
        return None
    verb = next((verb for verb in _DONE.get(situation.peek(at).text, ()) if (verb, noun) in BY_PHRASE), None)
    return None if verb is None else (verb, at)


def names_asked(situation: Situation) -> Diagnostic | None:
    """`event contains "sign"`, `event = "signup"`, `page is like "/p*"`, `event starts with "sign"`, `any event "signup"`."""
    if situation.type_is(0, STRING) and situation.text_is(-1, "event") and situation.text_is(-2, "any"):
        return NAMES_ASKED.at(situation.span(-2, -1), help="write `event`", replacement="event")
    if not situation.accepts("like") or not situation.accepts_string():
        return None
    at = 1 if situation.text_is(0, "is", "name", "named", "called", "with") or situation.type_is(0, "OPERATOR") else 0
    while situation.text_is(at, "is", "name", "named", "called", "equals", "with") or situation.type_is(at, "OPERATOR"):
        at += 1
    asked = situation.peek(at).text
    after = at + 2 if situation.text_is(at, "starts", "begins", "ends") and situation.text_is(at + 1, "with") else at + 1
    if situation.type_is(at, STRING) and at:
        if any(situation.type_is(before, "OPERATOR") and situation.peek(before).text != "=" for before in range(at)):
            return None
        return NAMES_ASKED.at(
            situation.span(0, at), help=f"write {code_word(situation.peek(at).written)} alone", replacement=situation.peek(at).written
        )
    if at and situation.text_is(at, "like", "in"):
        return NAMES_ASKED.at(situation.span(0, at), help=f"write {code_word(asked)}", replacement=asked)
    if not situation.type_is(after, STRING):
        return None
    name = situation.peek(after).text.strip("*%")
    if asked in ("contains", "includes", "has"):
        name = f"*{name}*"
    elif asked in ("starts", "begins"):
        name = f"{name}*"
    elif asked == "ends":
        name = f"*{name}"
    elif asked in ("matches", "matching"):
        name = situation.peek(after).text
    else:
        return None
    right = f"like {quoted(name)}"
    return NAMES_ASKED.at(situation.span(0, after), help=f"write {code_word(right)}", replacement=right)


MISTAKES = (names_asked, noun_alone)
