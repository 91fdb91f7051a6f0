"""The page: sections as HTML that needs nothing beside it.

In: sections of figures, funnels, tables and notes. Out: one document. The template escapes every text; what it takes as markup is drawn
from numbers alone. A policy in the page lets no script but the page's own run, and nothing be loaded.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from triggerlang.answers.reports.tables import Number, Table


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that matters, and the section that tells more."""

    value: int
    text: str
    section: str


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence."""

    text: str
    kind = "note"


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot and its title; `narrow` is drawn for phones, where the plot is too wide for them."""

    title: str
    svg: str
    narrow: str = ""
    aside: str = ""
    caption: str = ""
    kind = "figure"


@dataclass(frozen=True, slots=True)
class Grid:
    """Small figures side by side."""

    figures: Sequence[Figure]
    kind = "grid"


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step: its text, what is left, what it stopped and what it alone stopped; None where that is not told."""

    text: str
    left: Number
    stopped: Number | None
    alone: Number | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """A rule's name and place, its steps, and its entries."""

    name: str
    source: str
    steps: Sequence[FunnelStep]
    entered: Number


@dataclass(frozen=True, slots=True)
class Funnels:
    """Funnels one below the other."""

    funnels: Sequence[Funnel]
    kind = "funnels"


Block: TypeAlias = Note | Figure | Grid | Funnels | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page with a name for links."""

    name: str
    title: str
    lead: str
    blocks: Sequence[Block]


def render(lead: str, tiles: Sequence[Tile], sections: Sequence[Section]) -> str:
    """The document."""
    style, script = _asset("page.css"), _asset("page.js")
    made: str = _template().render(
        lead=lead,
        tiles=tiles,
        sections=sections,
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'",
    )
    return made


@cache
def _template() -> Any:
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_asset("page.html.jinja"))


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
