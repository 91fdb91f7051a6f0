"""`python -m bench.sequences` measures sequences, absences and moments, and prints three tables.

`rules` sets rules of which a third are sequences beside as many without, on one log. `contact` sets one contact with ever more events
before both engines: is the growth linear? `peers` sets the engines beside as-of joins and a loop, which must find the same entries at the
same times.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TypeAlias

from bench import chains, measuring, options, report
from bench.contestants import OURS, Contestant, ours, peer
from bench.folder import World
from bench.measuring import DifferenceError, Result

Results: TypeAlias = dict[str, list[Result]]
TABLES = ("rules", "contact", "peers")
SMALL = 2_000
"""Events of the log on which everything runs once before it is measured."""
ENGINES = {"columnar": Contestant("columnar engine", ours("columnar")), "interpreter": Contestant("interpreter", ours("interpreter"))}
PLAIN, MIXED = "plain", "mixed"


def peers() -> dict[str, Contestant]:
    """Who finds abandoned carts; the first is the measure."""
    absence = "bench.peers.absence"
    return {
        OURS: replace(ENGINES["columnar"], title="triggerlang"),
        "interpreter": replace(ENGINES["interpreter"], title="triggerlang, event by event"),
        "duckdb-asof": Contestant("DuckDB, an as-of join", peer("duckdb_asof", absence)),
        "polars-asof": Contestant("Polars, an as-of join", peer("polars_asof", absence)),
        "loop": Contestant("a loop in Python", peer("loop", absence)),
    }


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m bench.sequences", description="Measure sequences, absences and moments.")
    number = options.number
    made.add_argument("--only", nargs="+", choices=TABLES, default=TABLES, help="some of the tables")
    made.add_argument("--events", type=number, default=10_000_000, metavar="N", help="size of the log for `rules` (10M)")
    made.add_argument("--rules", type=number, default=1_000, metavar="N", help="number of rules for `rules` (1k)")
    made.add_argument(
        "--contact-events", type=number, nargs="+", default=[10_000, 100_000, 1_000_000], metavar="N", help="for `contact` (10k 100k 1M)"
    )
    made.add_argument("--peer-events", type=number, default=1_000_000, metavar="N", help="size of the log for `peers` (1M)")
    made.add_argument("--peer-rules", type=number, nargs="+", default=[1, 100], metavar="N", help="numbers of rules for `peers` (1 100)")
    options.of_measuring(made)
    return made


def main(arguments: list[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    try:
        results = _load(asked.load) if asked.load else _measure(asked)
    except DifferenceError as error:
        print(error, file=sys.stderr)
        return 1
    if asked.json and not asked.load:
        options.save(asked.json, "sequences", {table: [asdict(result) for result in found] for table, found in results.items()})
    print("\n\n".join(told(table, found) for table, found in results.items()))
    return 0


def _measure(asked: argparse.Namespace) -> Results:
    folder = asked.folder.resolve()
    # What compiles does so here: once per machine, whatever the rules.
    measuring.warm_up(chains.abandoned_world(folder, SMALL, 1), (peers() if "peers" in asked.only else ENGINES).values(), asked.timeout)
    measured: Results = {}
    if "rules" in asked.only:
        measured["rules"] = _of_rules(folder, asked)
    if "contact" in asked.only:
        measured["contact"] = [result for events in asked.contact_events for result in _of_a_contact(folder, events, asked)]
    if "peers" in asked.only:
        worlds = [chains.abandoned_world(folder, asked.peer_events, rules) for rules in asked.peer_rules]
        measured["peers"] = [result for world in worlds for result in _runs(world, peers(), asked)]
    return measured


def _of_rules(folder: Path, asked: argparse.Namespace) -> list[Result]:
    plain, mixed = chains.mixed_worlds(folder, asked.events, asked.rules)
    engine = ENGINES["columnar"]
    chosen = {PLAIN: _asking(engine, plain, "none of them sequences"), MIXED: _asking(engine, mixed, "a third of them sequences")}
    return _runs(plain, chosen, asked)


def _of_a_contact(folder: Path, events: int, asked: argparse.Namespace) -> list[Result]:
    worlds = chains.one_contact(folder, events)
    chosen = {
        f"{rule}-{engine}": _asking(contestant, world, f"`{rule}`, {contestant.title}", rule)
        for rule, world in worlds.items()
        for engine, contestant in ENGINES.items()
    }
    return _runs(worlds["without"], chosen, asked)


def _asking(contestant: Contestant, world: World, title: str, question: str = "") -> Contestant:
    """A contestant with the rules of one world, whatever the others in its turn ask."""
    return replace(contestant, title=title, command=lambda _, out: contestant.command(world, out), question=question or title)


def _runs(world: World, chosen: dict[str, Contestant], asked: argparse.Namespace) -> list[Result]:
    return measuring.measure(world, chosen, runs=asked.runs, timeout=asked.timeout, note=options.note)


def told(table: str, results: Sequence[Result]) -> str:
    """One of the tables, from what was measured for it."""
    match table:
        case "rules":
            return _rules_table(results)
        case "contact":
            return _contact_table(results)
        case _:
            return f"**Abandoned carts, found beside peers**\n\n{report.tables(results)}"


def _rules_table(results: Sequence[Result]) -> str:
    first = results[0]
    heading = f"**{first.rules:,} rules, {first.events:,} events**: times of those without sequences (seconds, peak memory)"
    return report.grid(heading, ["", "entries"], [(one.title, [report.cell(one, first), f"{one.entries or 0:,}"]) for one in results])


def _contact_table(results: Sequence[Result]) -> str:
    """Times by size, and the growth in the last step of sizes."""
    sizes = list(dict.fromkeys(result.events for result in results))
    rows = []
    for name in dict.fromkeys(result.peer for result in results):
        mine = [result for result in results if result.peer == name]
        rows.append((mine[0].title, [*(report.cell(result) for result in mine), f"{mine[-1].entries or 0:,}", _growth(mine)]))
    heading = (
        "**One contact**, a thousand carts open (seconds, peak memory); growth at the last size, linear if not above that of the events"
    )
    return report.grid(heading, [*(f"{events:,} events" for events in sizes), "entries", "growth"], rows)


def _growth(results: Sequence[Result]) -> str:
    """How many times as long the last size took as the one before, and how many times the events it has."""
    if len(results) < 2 or (before := results[-2].best) is None or (last := results[-1].best) is None:
        return "–"
    return f"{report.short(last / before)}× for {report.short(results[-1].events / results[-2].events)}× the events"


def _load(path: Path) -> Results:
    return {table: [Result(**held) for held in found] for table, found in options.load(path)["sequences"].items()}


if __name__ == "__main__":
    sys.exit(main())
