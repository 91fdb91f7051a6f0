"""Plots: numbers as pictures.

In: numbers, kinds of events and times; never a name out of rules or logs. Out: SVG that stands in a page, drawn by Vega-Lite without a
browser. Its colours are the page's variables, so that it is as light or dark as the page.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any, Final

from triggerlang.answers.reports.calendar import Bins

WIDE: Final = 944
"""How many pixels a plot has that goes over the page's whole width."""
NARROW: Final = 340
"""And one that fits on a phone."""
SMALL: Final = 290
"""And one of several side by side."""

SHADES: Final = 6
SERIES: Final = 7
"""The page has so many colours for shades, from nothing on, and for series."""

_CONFIG: Final[dict[str, Any]] = {
    "aria": False,
    "background": "transparent",
    "font": "Arial",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--quiet)",
        "labelFontSize": 11,
        "titleColor": "var(--quiet)",
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "gridColor": "var(--line)",
        "tickColor": "var(--line)",
        "domainColor": "var(--line)",
        "labelPadding": 5,
    },
    "axisY": {"domain": False, "ticks": False},
    "axisX": {"grid": False, "labelOverlap": True},
    "legend": {
        "labelColor": "var(--ink)",
        "labelFontSize": 12,
        "orient": "top",
        "title": None,
        "symbolType": "square",
        "padding": 2,
        "columnPadding": 28,
    },
}


def bars_in_time(bins: Bins, counts: Sequence[int], text: str, width: int, height: int) -> str:
    """A bar for each bin; `text` says what it is for who cannot see it."""
    rows = [
        {"from": start // 1000, "to": end // 1000, "low": 0, "high": n} for (start, end), n in zip(_edges(bins), counts, strict=True) if n
    ]
    return _drawn(text, width, height, rows, _BAR | {"color": "var(--accent)"}, _in_time(bins, max(counts)))


def stacks_in_time(bins: Bins, series: Sequence[tuple[str, Sequence[int]]], text: str, width: int, height: int) -> str:
    """A bar for each bin, made of as many pieces as there are series; up to `SERIES` of them."""
    rows = []
    tops = [0] * len(bins)
    for name, counts in series:
        for at, ((start, end), n) in enumerate(zip(_edges(bins), counts, strict=True)):
            if n:
                rows.append({"from": start // 1000, "to": end // 1000, "low": tops[at], "high": tops[at] + n, "series": name})
                tops[at] += n
    names = [name for name, _ in series]
    colors = {"domain": names, "range": [f"var(--series-{number})" for number in range(len(names))]}
    legend: dict[str, Any] = {"columns": 2 if width < WIDE else 0}
    encoding = {**_in_time(bins, max(tops)), "color": {"field": "series", "type": "nominal", "scale": colors, "legend": legend}}
    return _drawn(text, width, height, rows, _BAR, encoding)


def histogram(counts: Sequence[tuple[str, int]], text: str, width: int) -> str:
    """A lying bar for each length of time."""
    rows = [{"name": name, "n": n} for name, n in counts]
    ticks = _ticks(max(n for _, n in counts))
    encoding = {
        "y": {"field": "name", "type": "ordinal", "sort": None, "title": None, "axis": {"labelLimit": 130, "minExtent": 105}},
        "x": {
            "field": "n",
            "type": "quantitative",
            "title": None,
            "scale": {"domain": [0, ticks[-1]]},
            "axis": _counted(ticks) | {"grid": True},
        },
    }
    return _drawn(text, width, 17 * len(rows), rows, {"type": "bar", "color": "var(--accent)", "height": {"band": 0.8}}, encoding)


def week(counts: Sequence[int], text: str, width: int) -> str:
    """A field for each hour of the week, the stronger its colour the more there were."""
    most = max(counts)
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    rows = [{"day": days[at // 24][:3], "hour": at % 24, "shade": shade(n, most)} for at, n in enumerate(counts)]
    colors = {"domain": list(range(SHADES)), "range": [f"var(--shade-{number})" for number in range(SHADES)]}
    encoding = {
        "x": {
            "field": "hour",
            "type": "ordinal",
            "title": "hour of the day",
            "axis": {"labelAngle": 0, "values": list(range(0, 24, 3)), "ticks": False, "domain": False},
        },
        "y": {"field": "day", "type": "ordinal", "sort": [day[:3] for day in days], "title": None},
        "color": {"field": "shade", "type": "ordinal", "scale": colors, "legend": None},
    }
    return _drawn(text, width, 7 * (24 if width == WIDE else 18), rows, {"type": "rect", "stroke": "var(--paper)"}, encoding)


def shade(count: int, most: int) -> int:
    """How strong a number is shown: 0 for none, `SHADES - 1` for the most."""
    return -(-count * (SHADES - 1) // most) if most else 0


_BAR: Final[dict[str, Any]] = {"type": "rect", "stroke": "var(--paper)", "strokeWidth": 0.5}


def _in_time(bins: Bins, most: int) -> dict[str, Any]:
    reach = [bins.edges[0] // 1000, bins.edges[-1] // 1000]
    axis = {"tickCount": {"expr": "max(2, width / 80)"}}
    ticks = _ticks(most)
    return {
        "x": {"field": "from", "type": "temporal", "scale": {"type": "utc", "domain": reach}, "title": None, "axis": axis},
        "x2": {"field": "to"},
        "y": {"field": "low", "type": "quantitative", "title": None, "scale": {"domain": [0, ticks[-1]]}, "axis": _counted(ticks)},
        "y2": {"field": "high"},
    }


def _ticks(most: int) -> list[int]:
    """Whole numbers from 0 to at least the largest: up to five steps of 1, 2 or 5, or ten times as much, and so on."""
    step, power = 1, 1
    while step * 5 < most:
        step = next((digit * power for digit in (1, 2, 5) if digit * power > step), 10 * power)
        power = 10 ** (len(str(step)) - 1)
    return list(range(0, max(-(-most // step), 1) * step + 1, step))


def _counted(ticks: list[int]) -> dict[str, Any]:
    return {"values": ticks, "format": ",d"}


def _edges(bins: Bins) -> list[tuple[int, int]]:
    return list(zip(bins.edges[:-1], bins.edges[1:], strict=True))


def _drawn(text: str, width: int, height: int, rows: list[dict[str, Any]], mark: dict[str, Any], encoding: dict[str, Any]) -> str:
    import vl_convert

    spec = {
        "width": width,
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": 2,
        "data": {"values": rows},
        "mark": mark,
        "encoding": encoding,
        "config": _CONFIG,
    }
    drawn: str = vl_convert.vegalite_to_svg(spec, vl_version="5.20", allowed_base_urls=[])
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" aria-label="{html.escape(text)}"'
    return re.sub(r'<svg [^>]*?class="marks"', opening, _slim(drawn), count=1)


def _slim(drawn: str) -> str:
    """A drawing without what is behind or before everything and empty, and what is so anyway; texts have the page's font."""
    slim = re.sub(r'<path class="(?:back|fore)ground"[^>]*/>', "", drawn)
    slim = re.sub(r' (?:pointer-events|font-family|role|aria-\w+)="[^"]*"| (?:stroke-width|opacity)="1"', "", slim)
    return re.sub(r"(\d\.\d)\d+", r"\1", slim)
