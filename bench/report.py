"""Results as Markdown, ratios first: what people read of a measurement.

In: results. Out: tables. A ratio says how many times the seconds of the first contestant another takes.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TypeVar

from bench.event_by_event import Rate
from bench.measuring import Result

Value = TypeVar("Value")
PACKAGES = (
    "triggerlang",
    "duckdb",
    "polars",
    "pyarrow",
    "numpy",
    "numba",
    "zen-engine",
    "common-expression-language",
    "rule-engine",
    "cel-python",
)


def machine() -> dict[str, str]:
    """What was measured on, and with which versions."""
    said = {"cores": str(os.cpu_count()), "processor": platform.machine(), "system": platform.system(), "python": platform.python_version()}
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        said["memory"] = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    for package in PACKAGES:
        try:
            said[package] = version(package)
        except PackageNotFoundError:
            continue
    return said


def tables(results: Sequence[Result]) -> str:
    """A table for each size of log; then, with several sizes, how the time grows with them."""
    sizes = _in_order(result.events for result in results)
    parts = [_table(events, [result for result in results if result.events == events]) for events in sizes]
    if len(sizes) > 1:
        parts.append(_growth(results, sizes))
    return "\n\n".join(parts)


def _table(events: int, results: Sequence[Result]) -> str:
    numbers, peers = _in_order(result.rules for result in results), _in_order(result.peer for result in results)
    held = {(result.peer, result.rules): result for result in results}
    titles = {result.peer: result.title for result in results}
    rows = [(titles[peer], [cell(held.get((peer, number)), held.get((peers[0], number))) for number in numbers]) for peer in peers]
    entries = [max((held[peer, number].entries or 0 for peer in peers if (peer, number) in held), default=0) for number in numbers]
    rows.append(("*entries*", [f"{count:,}" for count in entries]))
    heading = f"**{events:,} events**, times of {titles[peers[0]]}'s (seconds, peak memory)"
    return grid(heading, [_rules(number) for number in numbers], rows)


def cell(result: Result | None, first: Result | None = None) -> str:
    """What a contestant took, after its ratio to the first if there is one."""
    if result is None:
        return "–"
    if result.trouble or result.best is None or result.peak is None:
        return result.trouble or "–"
    took = f"{short(result.best)} s, {result.peak / 1e9:.1f} GB"
    return took if first is None or first.best is None else f"**{short(result.best / first.best)}×** ({took})"


def _growth(results: Sequence[Result], sizes: Sequence[int]) -> str:
    """Each contestant's time an event, as times of that at the smallest size: 1 is linear."""
    held = {(result.peer, result.rules, result.events): result for result in results}
    rows: list[tuple[str, list[str]]] = []
    for peer, number in _in_order((result.peer, result.rules) for result in results):
        found = [held.get((peer, number, events)) for events in sizes]
        times = [result.best / result.events if result and result.best else None for result in found]
        base = next((time for time in times if time), None)
        if base is not None and sum(time is not None for time in times) > 1:
            title = next(result.title for result in found if result)
            rows.append((title, [f"{number:,}", *("–" if time is None else f"{short(time / base)}×" for time in times)]))
    heading = "**Growth**: time an event, as times of that at the smallest log; 1 is linear"
    return grid(heading, ["rules", *(f"{events:,} events" for events in sizes)], rows)


def grid(heading: str, columns: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """A table of cells under a heading, a name before each row."""
    lines = [heading, "", _row("", *columns), _row("---", *("---:" for _ in columns))]
    return "\n".join([*lines, *(_row(name, *cells) for name, cells in rows)])


def rate_table(rates: Sequence[Rate], events: int) -> str:
    """Events a second of each engine, the ratio to the first engine before it."""
    numbers, engines = _in_order(rate.rules for rate in rates), _in_order(rate.engine for rate in rates)
    held = {(rate.engine, rate.rules): rate for rate in rates}
    rows = []
    for engine in engines:
        cells = []
        for number in numbers:
            rate, first = held[engine, number], held[engines[0], number]
            ratio = f"**{short(rate.per_second / first.per_second)}×** " if first.per_second else ""
            cells.append(rate.trouble or f"{ratio}({rate.per_second:,.0f})")
        rows.append((engine, cells))
    heading = f"**Event by event**, {events:,} events: times as many events a second as {engines[0]} (events a second)"
    return grid(heading, [_rules(number) for number in numbers], rows)


def _rules(number: int) -> str:
    return f"{number:,} rule{'s' if number != 1 else ''}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def short(number: float) -> str:
    """Two digits that count, more before the point."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 1 else f"{number:.2f}"


def _in_order(values: Iterable[Value]) -> list[Value]:
    return list(dict.fromkeys(values))
