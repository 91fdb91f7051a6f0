"""The plot of a measurement: wall time against the number of rules, a line for each contestant, both axes logarithmic.

In: results. Out: an SVG that reads on light and dark pages alike, with its numbers as text for those who cannot see it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from bench.measuring import Result

INK = "#767676"
"""Grey that has the same contrast, 4.5, on white and on black."""

COLORS = ("#d55e00", "#0d8bd9", "#b0699c", "#00946a", "#8a7d00", "#9467bd", "#5f8a8b", "#a0785a", "#767676")
"""Told apart by those who see fewer colours too; the dashes and the names at the lines' ends say the same."""

DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3], [10, 3], [3, 1], [6, 2, 1, 2])


HEIGHT, LINE = 420, 15
"""Pixels: of the plot, and from one name at its right edge to the next."""


def draw(results: Sequence[Result], path: Path) -> None:
    """Write the plot of the largest log among the results."""
    import vl_convert

    events = max(result.events for result in results)
    shown = [result for result in results if result.events == events and result.best is not None]
    drawn: str = vl_convert.vegalite_to_svg(spec(shown))
    path.write_text(with_text(drawn, f"Wall time against number of rules, {events:,} events", told(shown)), encoding="utf-8")


def spec(shown: Sequence[Result]) -> dict[str, Any]:
    """Lines and points, as Vega-Lite; at the end of each line, its name and how many times the first contestant's time it takes there."""
    titles = list(dict.fromkeys(result.title for result in shown))
    points = {"values": [{"rules": result.rules, "seconds": result.best, "who": result.title} for result in shown]}
    numbers = {"values": sorted({result.rules for result in shown}), "format": ",d", "grid": False}
    x = {"field": "rules", "type": "quantitative", "scale": {"type": "log", "nice": False}, "axis": numbers, "title": "rules"}
    y = {"field": "seconds", "type": "quantitative", "scale": {"type": "log"}, "axis": {"format": "~g", "tickCount": 5}, "title": "seconds"}

    def by_name(values: Sequence[Any]) -> dict[str, Any]:
        return {"field": "who", "type": "nominal", "legend": None, "scale": {"domain": titles, "range": list(values[: len(titles)])}}

    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": None,  # that of the page
        "width": 460,
        "height": HEIGHT,
        "data": points,
        "encoding": {"x": x, "y": y, "color": by_name(COLORS)},
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"strokeDash": by_name(DASHES)}},
            {"mark": {"type": "point", "filled": True, "size": 40, "opacity": 1}},
            {
                "data": {"values": ends(shown, titles[0])},
                "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 12},
                "encoding": {"text": {"field": "label"}},
            },
        ],
        "config": {
            "view": {"stroke": None},
            "axis": {"labelColor": INK, "titleColor": INK, "tickColor": INK, "domainColor": INK, "gridColor": INK, "gridOpacity": 0.25},
        },
    }


def ends(shown: Sequence[Result], first: str) -> list[dict[str, Any]]:
    """The names beside the last points, moved apart where two would lie on each other."""
    bases = {result.rules: result.best for result in shown if result.title == first}
    last = {result.title: result for result in sorted(shown, key=lambda result: result.rules)}
    times = [math.log10(result.best) for result in shown if result.best]
    apart = max(max(times) - min(times), 0.1) * LINE / HEIGHT
    made: list[dict[str, Any]] = []
    below: dict[int, float] = {}
    for title, result in sorted(last.items(), key=lambda held: held[1].best or 0.0):
        assert result.best is not None
        place = max(math.log10(result.best), below.get(result.rules, -math.inf) + apart)
        below[result.rules] = place
        base = bases.get(result.rules)
        ratio = "" if base is None else f" {result.best / base:.{0 if result.best >= 10 * base else 1}f}×"
        made.append({"rules": result.rules, "seconds": 10**place, "who": title, "label": title.replace("`", "") + ratio})
    return made


def told(shown: Sequence[Result]) -> str:
    """The plot in words: each line with its points."""
    lines = []
    for title in dict.fromkeys(result.title for result in shown):
        points = (f"{result.best:.2f} s at {result.rules:,}" for result in shown if result.title == title)
        lines.append(f"{title}: {', '.join(points)} rules.")
    return " ".join(lines)


def with_text(svg: str, title: str, description: str) -> str:
    """An SVG that says what it shows."""
    start, end = svg.index("<svg"), svg.index(">", svg.index("<svg"))
    said = f'<title id="title">{escape(title)}</title><desc id="description">{escape(description)}</desc>'
    return f'{svg[start:end]} role="img" aria-labelledby="title description">{said}{svg[end + 1 :]}\n'
