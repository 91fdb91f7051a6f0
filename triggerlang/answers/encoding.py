"""Encoding: text as UTF-8, whatever stands in it.

Names of files come from the system as bytes; where those fit no encoding that Python was told of, it keeps each as half a surrogate pair.
Such bytes are written as they were where they are UTF-8, so that the same files give the same output under every locale; all else that
UTF-8 has no room for is written as an escape. What is written is UTF-8 in any case.
"""

from __future__ import annotations

import codecs
from typing import Final

from triggerlang.checking.render.plain import visible

ERRORS: Final = "triggerlang.names"
"""The name of the error handler, for `open` and its like."""


def _handle(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    try:
        held = error.object[error.start : error.end].encode("ascii", "surrogateescape")
        held.decode("utf-8")
    except UnicodeError:
        return codecs.backslashreplace_errors(error)
    return held, error.end


codecs.register_error(ERRORS, _handle)


def cleaned(text: str) -> str:
    """A text as it reads once it is written."""
    return text if text.isascii() else text.encode("utf-8", ERRORS).decode("utf-8")


def shown(text: str) -> str:
    """A text for people, on one line: what cannot be seen has a symbol."""
    return visible(cleaned(text))
