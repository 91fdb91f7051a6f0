"""Events: the model at the edge, for programs that hand events in one by one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from triggerlang.events.jsonl import MAX_DEPTH
from triggerlang.events.record import Record
from triggerlang.events.rejects import BadEventError
from triggerlang.events.rows import check_text, digits
from triggerlang.language import times
from triggerlang.language.times import Zone
from triggerlang.language.values import Value


def _name(held: Any) -> Any:
    """A text; a whole number is its digits."""
    text = digits(held)
    if text is None:
        raise ValueError("must be a text")
    _check(text)
    return text


def _check(held: Any, depth: int = 0) -> Any:
    """Refuse what no log can hold."""
    if depth > MAX_DEPTH:
        raise ValueError(f"is nested more than {MAX_DEPTH} levels deep")
    try:
        if isinstance(held, str):
            check_text(held)
        elif isinstance(held, dict):
            for key, value in held.items():
                if not isinstance(key, str):
                    raise ValueError("has a key that is no text")
                check_text(key)
                _check(value, depth + 1)
        elif isinstance(held, list | tuple):
            for part in held:
                _check(part, depth + 1)
    except BadEventError as error:
        raise ValueError(error.reason.removeprefix("this row ")) from error
    return held


Name = Annotated[str, BeforeValidator(_name), Field(min_length=1)]


class Event(BaseModel):
    """Something that a contact did.

    `time` is a datetime, a date (its midnight), or a text in the form of a date or date-time literal; without a zone it is in the
    project's. A number is refused. A whole number as `contact`, `name` or `id` is taken for its digits. What is wrong raises
    pydantic's ValidationError, a ValueError.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    contact: Name
    time: datetime | date | str
    kind: Annotated[str, BeforeValidator(_check), Field(min_length=1)] = "event"
    name: Name
    value: Any = None
    properties: dict[str, Any] = {}
    id: Name | None = None

    @field_validator("time", mode="before")
    @classmethod
    def _readable_time(cls, held: Any) -> Any:
        if isinstance(held, datetime | date):
            return held
        if not isinstance(held, str):
            raise ValueError("must be a datetime, a date or a text such as 2026-01-31T09:00:00Z")
        if times.read(held) is None:
            raise ValueError(f"{held[:60]!r} is no time: write 2026-01-31, 2026-01-31 09:00 or 2026-01-31T09:00:00Z")
        return held

    @field_validator("value")
    @classmethod
    def _plain_value(cls, held: Value) -> Value:
        if held is not None and not isinstance(held, str | int | float | bool):
            raise ValueError("must be a text, a number or a boolean")
        return _check(held)

    @field_validator("properties")
    @classmethod
    def _plain_properties(cls, held: dict[str, Any]) -> dict[str, Any]:
        _check(held)
        return held

    def record(self, zone: Zone, row: int) -> Record:
        """The event as the engines take it in; a time without a zone is in the one given. Raises ValueError for a time beyond
        the calendar."""
        moment = times.moment_of(self.time, zone)
        return Record(moment, self.contact, self.kind, self.name, self.value, self.properties, self.id, row)
