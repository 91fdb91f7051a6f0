"""`python -m bench.table` measures triggerlang beside its peers and prints one table, ratios first.

Each contestant is a whole process from Parquet to Parquet; runs go turn by turn, the least time counts, and all that answer must find the
same entries. `--event-by-event` compares engines that take one event at a time instead.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from bench import event_by_event, measuring, options, report
from bench.contestants import contestants
from bench.folder import world
from bench.measuring import DifferenceError, Result

EVENTS_BY_EVENT = 100_000


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m bench.table", description="Measure triggerlang beside its peers.")
    made.add_argument("--events", type=options.number, nargs="+", metavar="N", help="sizes of the log (1M; with --event-by-event 100k)")
    made.add_argument("--rules", type=options.number, nargs="+", metavar="N", help="numbers of rules (10 100 1k 10k)")
    made.add_argument("--unshared", action="store_true", help="rules of which hardly two ask for the same")
    made.add_argument("--peers", nargs="+", metavar="NAME", help=f"who takes part, the first is the measure: {', '.join(contestants(''))}")
    options.of_measuring(made)
    made.add_argument("--event-by-event", action="store_true", help="events a second of engines that take one at a time")
    made.add_argument(
        "--seconds", type=float, default=10, metavar="S", help="how long each engine takes events, with --event-by-event (10)"
    )
    made.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw time against number of rules, for the largest log")
    made.add_argument("--engine", default="columnar", help=argparse.SUPPRESS)
    return made


def main(arguments: list[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    try:
        if asked.event_by_event:
            return _event_by_event(asked)
        results = _load(asked.load) if asked.load else _measure(asked)
    except DifferenceError as error:
        print(error, file=sys.stderr)
        return 1
    if asked.json and not asked.load:
        options.save(asked.json, "results", [asdict(result) for result in results])
    print(report.tables(results))
    if asked.plot:
        from bench.plot import draw

        draw(results, asked.plot)
    return 0


def _measure(asked: argparse.Namespace) -> list[Result]:
    known = contestants(asked.engine)
    if unknown := [name for name in asked.peers or () if name not in known]:
        parser().error(f"no peer is called {unknown[0]}; there are {', '.join(known)}")
    folder = asked.folder.resolve()
    named = {name: known[name] for name in asked.peers or known}
    measuring.warm_up(world(folder, 10_000, 10), named.values(), asked.timeout)
    results = []
    for events in asked.events or [1_000_000]:
        for rules in asked.rules or [10, 100, 1_000, 10_000]:
            chosen = {name: one for name, one in named.items() if asked.peers or one.suits(events, rules)}
            made = world(folder, events, rules, shared=not asked.unshared)
            results += measuring.measure(made, chosen, runs=asked.runs, timeout=asked.timeout, note=options.note)
    return results


def _event_by_event(asked: argparse.Namespace) -> int:
    names = asked.peers or event_by_event.names()
    (events,) = asked.events or [EVENTS_BY_EVENT]
    rates = []
    for rules in asked.rules or [100, 1_000, 10_000]:
        made = world(asked.folder.resolve(), events, rules, shared=not asked.unshared)
        rates += event_by_event.measure(made, names, runs=asked.runs, seconds=asked.seconds, note=options.note)
    if asked.json:
        options.save(asked.json, "rates", [asdict(rate) for rate in rates])
    print(report.rate_table(rates, events))
    return 0


def _load(path: Path) -> list[Result]:
    return [Result(**held) for held in options.load(path)["results"]]


if __name__ == "__main__":
    sys.exit(main())
