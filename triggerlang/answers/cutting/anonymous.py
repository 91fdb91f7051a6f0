"""Anonymous: other words for what tells who a contact is, wherever rules make no difference.

In: a contact's events, and what a test of them tells. Out: the same events with another contact, and with other texts in values, properties
and names; each text everywhere by the same one. What the rules themselves write stays. Each renaming is tried: it stays only if the test
still tells the same. A text that nothing could stand in for ends it, so that none is shown by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from triggerlang.answers.cutting import given
from triggerlang.answers.cutting.proving import CuttingError, Proving
from triggerlang.answers.cutting.trying import Target, Trying
from triggerlang.checking.ruleset import RuleSet
from triggerlang.events.record import Record
from triggerlang.language import printing, times, tree, values
from triggerlang.language.diagnostics import quoted
from triggerlang.language.source import Span
from triggerlang.language.times import Zone
from triggerlang.language.values import Value

CONTACT: Final = "contact-1"
_EMAIL: Final = re.compile(r"[^\s@\"'<>/?&=;,]+(?:@|%40)[^\s@\"'<>/?&=;,]+", re.IGNORECASE)


class Anonymous:
    """Renames what tells who somebody is in events that a test is made of."""

    def __init__(self, rules: RuleSet, trying: Trying, proving: Proving, automation: str, zone: Zone) -> None:
        self._trying, self._proving, self._automation, self._zone = trying, proving, automation, zone
        self._words = _Words(rules)
        self._contact = ""

    def renamed(self, records: Sequence[Record], target: Target) -> list[Record]:
        """The events with other words. Raises CuttingError where a text has to stay that the rules do not write."""
        self._contact = records[0].contact
        contact = CONTACT if self._contact != CONTACT else "contact-2"
        kept = [record._replace(contact=contact) for record in records]
        # What a part found may be a text; what it came to is the same. A number, or a date, that was found stays as it is.
        loosely = target.loosely()
        for number, name in enumerate(self._strange_names(kept), 1):
            kept = self._name(kept, loosely, name, number)
        for number, text in enumerate(self._strange_texts(kept), 1):
            kept = self._text(kept, target, text, number)
        return kept

    def check(self, block: tree.TestBlock) -> None:
        """Raise CuttingError where something in a test block still tells who it is."""
        own = re.compile(rf"(?<!\w){re.escape(self._contact)}(?!\w)", re.IGNORECASE)
        for text in _texts(replace(block, name=block.expected[0].automation)):
            if text not in self._words.written and text != self._automation and (_EMAIL.search(text) or own.search(text)):
                raise self._stays(text)

    def _strange_names(self, records: Sequence[Record]) -> list[str]:
        """The names of events that the rules do not write out."""
        return [name for name in dict.fromkeys(record.name for record in records) if name not in self._words.written]

    def _strange_texts(self, records: Sequence[Record]) -> list[str]:
        """The texts of values that no literal of the rules is, and the numbers by which rules tell things apart."""
        found: dict[str, None] = {}
        for record in records:
            for path, value in {**record.properties, given.VALUE: record.value}.items():
                text = values.text(value)
                if text and (isinstance(value, str) or path in self._words.keys) and text.casefold() not in self._words.folded:
                    found[text] = None
        return list(found)

    def _name(self, records: list[Record], target: Target, name: str, number: int) -> list[Record]:
        for word in self._stand_ins(name, f"name-{number}", self._words.globs):
            renamed = [record._replace(name=word) if record.name == name else record for record in records]
            if all(record.name != word for record in records) and self._holds(target, renamed):
                return renamed
        raise self._stays(name)

    def _text(self, records: list[Record], target: Target, text: str, number: int) -> list[Record]:
        is_plain = values.number(text) is not None or times.read(text) is not None or values.boolean(text) is not None
        loosely = target.loosely()
        words = self._stand_ins(text, f"text-{number}", ())
        for word in [*words, *([str(number)] if values.number(text) is not None else [])]:
            renamed = [self._replaced(record, text, word) for record in records]
            if not self._is_used(records, word) and self._holds(target if is_plain else loosely, renamed):
                return renamed
        if is_plain:
            return records
        raise self._stays(text)

    def _replaced(self, record: Record, text: str, word: str) -> Record:
        """An event with a word wherever a value has a text, or a number that rules tell things apart by."""

        def changed(path: str, value: Value) -> Value:
            can_change = isinstance(value, str) or path in self._words.keys
            return word if can_change and values.text(value) == text else value

        properties = {path: changed(path, value) for path, value in record.properties.items()}
        return record._replace(value=changed(given.VALUE, record.value), properties=properties)

    def _is_used(self, records: Sequence[Record], word: str) -> bool:
        held = (value for record in records for value in (record.value, *record.properties.values()))
        return word.casefold() in self._words.folded or any(values.text(value) == word for value in held)

    def _stand_ins(self, text: str, word: str, globs: Sequence[str]) -> Iterator[str]:
        """What may stand in for a text: a word; that between the ends that the rules ask for; the text without addresses."""
        yield word
        for glob in globs:
            yield glob.replace("*", word, 1).replace("*", "").replace("?", "x")
        folded = text.casefold()
        found = [match for match in self._words.matches if match.text.text.casefold() in folded]
        starts = [match.text.text for match in found if match.operator == "starts with"]
        ends = [match.text.text for match in found if match.operator == "ends with"]
        middle = [match.text.text for match in found if match.operator == "contains"]
        if found:
            yield "".join([max(starts, key=len, default=""), word, *middle, max(ends, key=len, default="")])
        stripped = _EMAIL.sub(word, text)
        if stripped != text:
            yield stripped

    def _holds(self, target: Target, records: Sequence[Record]) -> bool:
        block = given.block("", records, self._automation, (), self._zone)
        is_fine = all(problem.severity != "error" for problem in self._proving.problems(block))
        self._trying.budget.left = max(self._trying.budget.left, len(records))
        return is_fine and self._trying.holds(target, records)

    def _stays(self, text: str) -> CuttingError:
        return CuttingError(
            f"{quoted(text)} cannot be replaced without a change of what the test tells; leave out --anonymous, and replace it by hand"
        )


class _Words:
    """What the rules write: texts, the globs and parts of texts that they look for, and the properties by which they tell things apart."""

    def __init__(self, rules: RuleSet) -> None:
        nodes = [
            node
            for statement in (*(item.rule for item in rules.rules), *rules.segments.values(), *rules.declares, *_headers(rules))
            for node in _nodes(statement)
        ]
        self.globs = tuple(dict.fromkeys(node.glob.text for node in nodes if isinstance(node, tree.NameLike)))
        self.matches = [node for node in nodes if isinstance(node, tree.TextMatch)]
        texts = [node.text for node in nodes if isinstance(node, tree.Text)]
        dates = [printing.moment(node) for node in nodes if isinstance(node, tree.Date | tree.DateTime)]
        self.written = {*texts, *(item.automation for item in rules.rules)}
        self.folded = {text.casefold() for text in (*self.written, *dates)}
        self.keys = {node.property.path for node in nodes if isinstance(node, tree.Same)}
        self.keys |= {node.per.path for node in nodes if isinstance(node, tree.Once) and node.per is not None}


def _headers(rules: RuleSet) -> Iterator[tree.Runs]:
    return (item.header_runs for item in rules.rules if item.header_runs is not None)


def _nodes(root: Any) -> Iterator[Any]:
    """All nodes of a tree."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(node)
        elif is_dataclass(node) and not isinstance(node, Span):
            yield node
            waiting.extend(getattr(node, field.name) for field in fields(node))


def _texts(block: tree.TestBlock) -> Iterator[str]:
    for node in _nodes(block):
        if isinstance(node, tree.Text):
            yield node.text
