"""`python -m bench.checking` measures `triggerlang check` beside plain Lark, and prints two tables, ratios first.

Each contestant is a whole process; runs go turn by turn, and the least time counts. The first table is a project of many rules: read for
the first time, again, and after one of its files was edited. The second is one small file, beside the least that any such command does.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench import options, worlds
from bench.measuring import process
from triggerlang.language.grammar import grammar_text

PEERS = Path(__file__).parent / "peers"
SMALL = 'automation "Welcome series"\n  on subscribes list "News"\n    where event "signup" count >= 1 before\n'
SEGMENTS = 20
"""How many segments a project with declarations has; a third of its rules ask for one."""


@dataclass(slots=True)
class Measured:
    """The times of one contestant; `prepare` is done before each run and not measured."""

    title: str
    command: list[str]
    prepare: Callable[[int], None] = lambda run: None
    seconds: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)

    def run(self, number: int, timeout: float) -> None:
        self.prepare(number)
        ran = process(self.command, timeout)
        # Of rules that are drawn, lints find some that never enter.
        if ran["code"] not in (0, 1) or "Traceback" in ran["said"]:
            raise SystemExit(f"{self.title} failed: {ran['said'][-500:]}")
        self.seconds.append(ran["seconds"])
        self.peaks.append(ran["peak"])


def write_project(folder: Path, rules: int, files: int, *, declared: bool) -> None:
    """A project of so many rules in so many files; with `declared`, all names are declared, and rules ask for segments."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    drawn = worlds.rules(rules)
    each = -(-rules // files)
    for number in range(files):
        texts = []
        for at in range(number * each, min((number + 1) * each, rules)):
            text = drawn[at].text
            if declared and at % 3 == 0:
                text = text.replace("    where ", f'    where in segment "S{at % SEGMENTS}"\n      and ', 1)
            header = f'automation "A{at // worlds.RULES_PER_AUTOMATION}" every time\n' if at % worlds.RULES_PER_AUTOMATION == 0 else ""
            texts.append(header + text)
        (folder / f"{number:04}.triggers").write_text("".join(texts), encoding="utf-8")
    if declared:
        events = "".join(f'declare event "e{at}" with amount number, plan text\n' for at in range(worlds.NAMES))
        lists = "".join(f'declare list "l{at}"\n' for at in range(worlds.LISTS))
        (folder / "names.triggers").write_text(events + lists, encoding="utf-8")
        segments = "".join(f'segment "S{at}" is in list "l{at}" or event "e{at}" count >= 2 before\n' for at in range(SEGMENTS))
        (folder / "segments.triggers").write_text(segments, encoding="utf-8")


def ours(cache: Path | None, *arguments: str | Path) -> list[str]:
    """Our command, with a folder of its own for what is kept."""
    named = [] if cache is None else [f"XDG_CACHE_HOME={cache}"]
    option = ["--no-cache"] if cache is None else []
    return ["env", *named, sys.executable, "-m", "triggerlang", "check", *map(str, arguments), *option]


def of_project(folder: Path, grammar: Path) -> list[Measured]:
    """The contestants of a project."""
    rules, cache, cold = folder / "rules", folder / "cache", folder / "cold"
    edited = sorted(rules.glob("0*.triggers"))[-1]
    others = sorted(rules.glob("[a-z]*.triggers"))

    def append(path: Path) -> Callable[[int], None]:
        def prepare(run: int) -> None:
            with path.open("a", encoding="utf-8") as file:
                file.write(f'declare list "new {path.stem} {run}"\n' if path in others else f'  on event "e{run}"\n')

        return prepare

    found = [
        Measured("Lark, making its trees", [sys.executable, str(PEERS / "lark_parse.py"), str(grammar), str(rules)]),
        Measured("check, nothing kept", ours(None, rules)),
        Measured("check, for the first time", ours(cold, rules), lambda run: shutil.rmtree(cold, ignore_errors=True)),
        Measured("check, again", ours(cache, rules)),
        Measured("check, one file edited", ours(cache, rules), append(edited)),
    ]
    if others:
        found.append(Measured("check, a declaration added", ours(cache, rules), append(others[0])))
    return found


def of_start(folder: Path, grammar: Path) -> list[Measured]:
    """The contestants of one small file."""
    small, cache = folder / "small.triggers", folder / "cache"
    small.write_text(SMALL, encoding="utf-8")
    bare = [sys.executable, str(PEERS / "lark_click.py"), str(grammar), str(small)]
    return [
        Measured("click and Lark", bare),
        Measured("click and Lark, its tables kept as a pickle", [*bare, "--cache", str(folder / "lark.pickle")]),
        Measured("check", ours(cache, small)),
        Measured("check, nothing kept", ours(None, small)),
        Measured("triggerlang --help", [sys.executable, "-m", "triggerlang", "--help"]),
        Measured("Python, doing nothing", [sys.executable, "-c", "pass"]),
    ]


def measure(contestants: list[Measured], runs: int, timeout: float) -> list[Measured]:
    """Run the contestants turn by turn, once more than asked for: the first time of each does not count."""
    for number in range(runs + 1):
        for one in contestants:
            one.run(number, timeout)
            if number == 0:
                one.seconds.clear()
                one.peaks.clear()
    return contestants


def table(title: str, contestants: list[Measured]) -> str:
    """A table as Markdown: how many times the first contestant's time each takes."""
    base = min(contestants[0].seconds)
    lines = [f"| {title} | of the first's time | seconds | peak |", "| --- | ---: | ---: | ---: |"]
    lines += [
        f"| {one.title} | **{min(one.seconds) / base:.2f}** | {min(one.seconds):.3f} | {min(one.peaks) / 1e6:.0f} MB |"
        for one in contestants
    ]
    return "\n".join(lines) + "\n"


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m bench.checking", description="Measure `triggerlang check` beside plain Lark.")
    made.add_argument("--rules", type=options.number, default=10_000, metavar="N", help="how many rules (10k)")
    made.add_argument("--files", type=options.number, default=500, metavar="N", help="in how many files (500)")
    made.add_argument("--runs", type=int, default=5, metavar="N", help="runs of each, of which the least counts (5)")
    made.add_argument("--timeout", type=float, default=600, metavar="SECONDS", help="when to give a run up (600)")
    made.add_argument("--folder", type=Path, default=Path("build/bench/checking"), help="where projects are made (build/bench/checking)")
    made.add_argument("--json", type=Path, metavar="FILE", help="write what was measured")
    return made


def main(arguments: list[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    folder: Path = asked.folder.resolve()
    measured: dict[str, list[Measured]] = {}
    for name, declared in (("plain", False), ("declared", True)):
        shutil.rmtree(folder / name, ignore_errors=True)
        write_project(folder / name / "rules", asked.rules, asked.files, declared=declared)
        grammar = folder / "triggers.lark"
        grammar.write_text(grammar_text(), encoding="utf-8")
        about = "names declared, segments asked for" if declared else "no declarations, no segments"
        title = f"{asked.rules:,} rules in {asked.files:,} files, {about}"
        measured[title] = measure(of_project(folder / name, grammar), asked.runs, asked.timeout)
    measured["one small file"] = measure(of_start(folder, grammar), 3 * asked.runs, asked.timeout)
    if asked.json:
        results = {
            title: [{"title": one.title, "seconds": one.seconds, "peaks": one.peaks} for one in ran] for title, ran in measured.items()
        }
        options.save(asked.json, "results", results)
    print("\n".join(table(title, ran) for title, ran in measured.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
