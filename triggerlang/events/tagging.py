"""Tagging: values as they stand in dictionaries, a tag and a text form each.

In: a value as a log holds it. Out: its bytes, by which equal values are one; and back.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from triggerlang.language import values


def tagged(value: Any) -> bytes:
    """A value as a log holds it, as it stands in a dictionary of values."""
    if values.is_absent(value):
        return b""
    text = values.text(value)
    if text is None:
        return b"o"
    tag = b"b" if type(value) is bool else b"s" if type(value) is str else b"n"
    return tag + text.encode("utf-8", "surrogatepass")


def untagged(tag_and_text: bytes) -> Any:
    """A value out of a dictionary, as a log holds it."""
    if not tag_and_text:
        return None
    text = tag_and_text[1:].decode("utf-8", "surrogatepass")
    match tag_and_text[:1]:
        case b"s":
            return text
        case b"n":
            return Decimal(text)
        case b"b":
            return text == "true"
        case _:
            return []
