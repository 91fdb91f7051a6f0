"""The builder of sequences, absences and moments: the part of the builder that section 8 of the reference is about."""

from __future__ import annotations

from triggerlang.language import tree
from triggerlang.language.pieces import NESTING_LIMIT, TOO_DEEP, Part, RefusedError, covering, is_token
from triggerlang.language.vocabulary import FIELD


class SequenceBuilder:
    """The callbacks of the grammar's rules for chains and moments."""

    def chain(self, parts: list[Part]) -> tree.Chain:
        """A pattern alone does not come here: it stays what it is."""
        without = parts[-1] if isinstance(parts[-1], tree.Without) else None
        steps = tuple(part for part in parts if isinstance(part, tree.Then))
        if len(steps) >= NESTING_LIMIT:
            raise RefusedError(TOO_DEEP.at(steps[NESTING_LIMIT - 1].span, limit=NESTING_LIMIT, help="a chain has fewer steps"))
        return tree.Chain(parts[0], steps, without, span=covering(parts))

    def then(self, parts: list[Part]) -> tree.Then:
        return tree.Then(parts[1], parts[3] if len(parts) > 2 else None, span=covering(parts))

    def without(self, parts: list[Part]) -> tree.Without:
        return tree.Without(parts[1], parts[3], span=covering(parts))

    def after(self, parts: list[Part]) -> tree.After:
        return tree.After(parts[0], parts[2], parts[3] if len(parts) > 3 else None, span=covering(parts))

    def date_of(self, parts: list[Part]) -> tree.DateOf:
        duration = parts[0] if isinstance(parts[0], tree.Duration) else None
        side = None if duration is None else parts[1].text
        at = 0 if duration is None else 2
        without = parts[at + 3] if len(parts) > at + 3 else None
        return tree.DateOf(parts[at].text, parts[at + 2], duration, side, without, span=covering(parts))

    def dated(self, parts: list[Part]) -> tree.Dated:
        span = covering(parts)
        if is_token(parts[0], "FIELD") and is_token(parts[1], "STRING"):
            names = tree.NameIs(tree.Text(parts[1].text, span=parts[1].span), span=parts[1].span)
            single = tree.Single(tree.Occurrence(FIELD, names, span=span), (), span=span)
            return tree.Dated(tree.Property("value", span=parts[0].span), tree.Pattern((single,), span=span), True, span=span)
        # `field` may be a property's name here as well.
        wanted = tree.Property(parts[0].text, span=parts[0].span) if is_token(parts[0], "FIELD") else parts[0]
        return tree.Dated(wanted, parts[2], False, span=span)

    def called_off(self, parts: list[Part]) -> tree.Pattern:
        pattern: tree.Pattern = parts[1]
        return pattern

    def same(self, parts: list[Part]) -> tree.Same:
        return tree.Same(parts[1], span=covering(parts))
