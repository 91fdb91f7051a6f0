"""The page: an answer as one HTML file that needs nothing else.

In: a story. Out: HTML without a script, whose policy lets nothing be loaded or run, and its own style alone. Every text is made visible as
for a terminal and then escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from typing import Final

from triggerlang.answers.encoding import shown
from triggerlang.answers.why.story import Item, Story

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .3rem; } h1, h2, li, p { overflow-wrap: anywhere; }
ul { list-style: none; margin: 0; padding-left: 1.4rem; } h2 + ul { padding-left: .6rem; }
li > ul { border-left: 1px solid #8886; margin-left: .35rem; padding-left: 1rem; }
.mark { display: inline-block; width: 1.2rem; font-weight: bold; }
.met > .mark, .entered > .mark { color: #18794e; } .unmet > .mark { color: #c62a2f; }
.faint { opacity: .75; }
svg { width: 100%; height: 2rem; } line { stroke: #888; stroke-width: 2; }
circle { stroke: #888; stroke-width: 2; fill: Canvas; } circle.entered { stroke: #18794e; fill: #18794e; }
.ends { display: flex; justify-content: space-between; font-size: .85rem; }
@media (prefers-color-scheme: dark) {
  .met > .mark, .entered > .mark { color: #4cc38a; } .unmet > .mark { color: #ff6369; }
  circle.entered { stroke: #4cc38a; fill: #4cc38a; }
}
"""
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"

MOST_SIGNS: Final = 500
"""How many signs the line of triggers has at most."""
_MARKS: Final = {True: ("✓", "is so"), False: ("✗", "is not so")}


def render(story: Story) -> str:
    """An answer as a page."""
    return "\n".join(_page(story)) + "\n"


def _safe(text: str) -> str:
    return escape(shown(text))


def _page(story: Story) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en">'
    yield '<head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_safe(story.title)}</title>"
    yield f"<style>{_STYLE}</style></head>"
    yield "<body><main>"
    yield f"<h1>{_safe(story.title)}</h1>"
    yield f"<p>{_safe(story.verdict)}</p>"
    if len(story.timeline) > 1:
        yield from _timeline(story)
    for section in story.sections:
        yield f'<section><h2 class="{section.style}">{_mark(section)}{_safe(section.text)}</h2>'
        yield from _items(section.items)
        yield "</section>"
    yield "</main></body></html>"


def _mark(item: Item) -> str:
    if item.mark is None:
        return ""
    sign, meaning = _MARKS[item.mark]
    return f'<span class="mark" role="img" aria-label="{meaning}">{sign}</span>'


def _items(items: tuple[Item, ...]) -> Iterator[str]:
    if not items:
        return
    yield "<ul>"
    for item in items:
        yield f'<li class="{item.style}">{_mark(item)}{_safe(item.text)}'
        yield from _items(item.items)
        yield "</li>"
    yield "</ul>"


def _timeline(story: Story) -> Iterator[str]:
    """The triggers on a line: a full circle where the contact entered, an empty one where it did not."""
    start, end = story.timeline[0][0], story.timeline[-1][0]
    signs: dict[int, bool] = {}
    for time, entered in story.timeline:
        at = 0 if end == start else (time - start) * MOST_SIGNS // (end - start)
        signs[at] = signs.get(at, False) or entered
    yield '<svg viewBox="0 0 1020 30" preserveAspectRatio="none" role="img" aria-label="triggers by time">'
    yield '<line x1="10" y1="15" x2="1010" y2="15"/>'
    for at, entered in sorted(signs.items(), key=lambda sign: sign[1]):
        yield f'<circle class="{"entered" if entered else "not"}" cx="{10 + at * 1000 // MOST_SIGNS}" cy="15" r="6"/>'
    yield "</svg>"
    yield f'<p class="ends"><span>{_safe(story.ends[0])}</span><span>{_safe(story.ends[1])}</span></p>'
