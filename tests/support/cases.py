"""Language cases: Markdown files that say what rules mean, read as data.

A case is a heading `## Title` and the fenced blocks below it: `triggers` (several are several files), `log`, `jsonl`, `csv` or `tsv`
(several are several files of one log), `now`, `entries`, `pending`, `before-log`, `rejects`, `duplicates`, `config`, `diagnostics`, what
the log tells of the rules, `against-log`, what comes of the test blocks among the rules, `results` and `coverage`; and `why`, with a
contact, an automation or rule and perhaps a time behind it. See
CONTRIBUTING.md for what each holds.
"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from triggerlang.answers.against_log.checking import check_log
from triggerlang.answers.blocks import text as block_text
from triggerlang.answers.blocks.coverage import coverage_of
from triggerlang.answers.blocks.running import Runner
from triggerlang.answers.why import text as why_text
from triggerlang.answers.why.answering import Answering, Question, named_rule
from triggerlang.answers.why.story import story
from triggerlang.answers.why.suggesting import suggested
from triggerlang.checking.project import Checked, check, without_allowed
from triggerlang.checking.render import text as render_text
from triggerlang.engines.choosing import Choice
from triggerlang.engines.entry import Entry
from triggerlang.engines.evaluating import Request, Watcher
from triggerlang.events.files import log_files
from triggerlang.events.log import Log, read
from triggerlang.events.rejects import OnBadEvent, Reject
from triggerlang.language import times
from triggerlang.language.source import Source
from triggerlang.language.times import Zone
from triggerlang.language.vocabulary import KINDS
from triggerlang.network.needed import needed

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
PHRASES = ROOT / "docs" / "phrases.md"
"""A page whose sections are cases."""
LINTS = ROOT / "docs" / "lints.md"
"""The page on lints, which is made of cases too."""
LOGS = ("log", "jsonl", "csv", "tsv")
OUTCOMES = ("entries", "pending", "before-log", "rejects", "duplicates")
BLOCKS = ("triggers", "config", "now", *OUTCOMES, "diagnostics", "results", "coverage", "against-log", "why", *LOGS)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its kind, the file name after it if any, its text, and the line of its first line of text."""

    kind: str
    name: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Mark:
    """`#! code words` at the end of a line of rules: this code, under these words, on this line of this file."""

    path: str
    line: int
    code: str
    words: str


@dataclass(slots=True)
class Case:
    """A case, and where it stands."""

    file: Path
    title: str
    line: int
    blocks: list[Block] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    """What its text lists, each line after a dash."""

    @property
    def id(self) -> str:
        return f"{self.file.name}::{self.title}"

    @property
    def place(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"

    def of(self, *kinds: str) -> list[Block]:
        return [block for block in self.blocks if block.kind in kinds]

    @property
    def timezone(self) -> str:
        return str(next((tomllib.loads(block.text)["timezone"] for block in self.of("config")), "UTC"))

    @property
    def sources(self) -> list[Source]:
        return [Source(block.name or "case.triggers", block.text) for block in self.of("triggers")]

    @property
    def marks(self) -> list[Mark]:
        return [
            Mark(source.path, number, *_code_and_words(mark))
            for source in self.sources
            for number, line in enumerate(source.text.split("\n"), 1)
            for mark in re.split(r"(?:^|\s)#! ", line)[1:]
        ]

    @property
    def is_run(self) -> bool:
        """Whether the case expects entries."""
        return bool(self.of("entries"))

    @property
    def is_held(self) -> bool:
        """Whether the case expects something of its rules beside its log."""
        return bool(self.of("against-log"))

    @property
    def is_tested(self) -> bool:
        """Whether the case expects something of its test blocks."""
        return bool(self.of("results", "coverage"))

    def checked(self) -> Checked:
        """What is said of its rules; in files of cases about lints with them, as `triggerlang check` does."""
        return without_allowed(check(self.sources, lints=self.file.name.startswith("checker-logic") or self.file == LINTS))

    def files(self, folder: Path) -> list[Path]:
        """The case's log as files in a folder."""
        paths = []
        for number, block in enumerate(self.of(*LOGS), 1):
            suffix = "jsonl" if block.kind == "log" else block.kind
            path = folder / f"{number}.{suffix}"
            text = "".join(json.dumps(row) + "\n" for row in _notation(block)) if block.kind == "log" else block.text
            path.write_bytes(text.encode())
            paths.append(path)
        return paths

    def log(self, folder: Path) -> tuple[Log, list[Reject]]:
        """The case's log, read from files in a folder."""
        rejects: list[Reject] = []
        paths = self.files(folder)
        skip = bool(self.of("rejects"))
        return read(paths, timezone=self.timezone, on_bad_event="skip" if skip else "stop", on_reject=rejects.append), rejects

    @property
    def now(self) -> int | None:
        """The end of the log, where the case moves it."""
        return next((times.read_moment(block.text.strip(), Zone(self.timezone)) for block in self.of("now")), None)

    def expected_pending(self) -> dict[str, int]:
        """How many absences and moments the case expects to be pending, by rule."""
        return self._counts("pending")

    def expected_before_log(self) -> dict[str, int]:
        """How many triggers the case expects to look back to before the log begins, by automation."""
        return self._counts("before-log")

    def _counts(self, kind: str) -> dict[str, int]:
        lines = [line.rsplit(" ", 1) for block in self.of(kind) for line in block.text.splitlines() if line.strip()]
        return {name: int(number) for name, number in lines}

    def expected_entries(self) -> list[str]:
        """The entries that the case expects, in the form of `shown`."""
        zone = Zone(self.timezone)
        return [_expected_entry(line, zone) for block in self.of("entries") for line in block.text.splitlines() if line.strip()]


def _code_and_words(mark: str) -> tuple[str, str]:
    code, _, words = mark.strip().partition(" ")
    return code, words.strip()


def cases_of(file: Path) -> list[Case]:
    """The cases of a file; ValueError for a block that is not known, or a case without any."""
    found: list[Case] = []
    lines = file.read_text(encoding="utf-8").split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.startswith("## "):
            found.append(Case(file, line[3:].strip(), at))
        elif line.startswith("- ") and found:
            found[-1].listed.append(line[2:].strip())
        elif line.startswith("```"):
            fence = re.match("`+", line)
            assert fence is not None
            end = next(end for end in range(at, len(lines)) if lines[end].rstrip() == fence[0])
            kind, _, name = line[fence.end() :].strip().partition(" ")
            if kind not in BLOCKS or not found:
                raise ValueError(f"{file}:{at}: a case has no block of the kind {kind!r}")
            text = "".join(held + "\n" for held in lines[at:end])
            found[-1].blocks.append(Block(kind, name.strip(), text, at + 1))
            at = end + 1
    for case in found:
        if not case.of("triggers"):
            raise ValueError(f"{case.place}: this case has no rules")
        if case.of(*LOGS) and not (case.is_run or case.is_held):
            raise ValueError(f"{case.place}: this case has a log and expects nothing of it")
    return found


def all_cases() -> Iterator[Case]:
    """Every case of the folder, in the order of files and places, and those of the page of phrases."""
    for file in (*sorted(CASES.glob("*.md")), PHRASES):
        yield from cases_of(file)


def wrong_files() -> Iterator[Case]:
    """The wrong rule files of `tests/wrong/`, with what is said of them."""
    for file in sorted((ROOT / "tests" / "wrong").glob("*.md")):
        yield from cases_of(file)


def shown(entry: Entry) -> str:
    """An entry as a case writes it, its time in UTC."""
    moment = times.from_datetime(entry.time, Zone())
    event = f"id {json.dumps(entry.event, ensure_ascii=False)}" if isinstance(entry.event, str) else f"row {entry.event}"
    return f"{times.format_moment(moment)} {json.dumps(entry.contact, ensure_ascii=False)} {entry.rule} from {event}"


_ENTRY = re.compile(r'(\S+(?: \d\d:\S+)?) ("(?:[^"\\]|\\.)*") (.+) from (row \d+|id ".*")')


def _expected_entry(line: str, zone: Zone) -> str:
    found = _ENTRY.fullmatch(line.strip())
    moment = None if found is None else times.read_moment(found[1], zone)
    if found is None or moment is None:
        raise ValueError(f"this is no entry: {line}")
    return f"{times.format_moment(moment)} {found[2]} {found[3]} from {found[4]}"


def rendered(checked: Checked) -> str:
    """All diagnostics of a case as a user sees them."""
    return render_text.render(checked.diagnostics)


def against_log(case: Case, folder: Path, engine: Literal["interpreter", "columnar"]) -> str:
    """What a case's log tells of its rules, as a user sees it."""
    rules = case.checked().rules
    assert rules is not None, case.place
    skip: OnBadEvent = "skip" if case.of("rejects") else "stop"
    request = Request(log_files(case.files(folder))[0], case.timezone, skip, now=case.now)
    found, _ = check_log(rules, request, Choice(engine, "a test"), Watcher())
    return render_text.render(sorted(found, key=lambda problem: (problem.span.path, problem.span.offset)))


def results_of(case: Case) -> dict[str, str]:
    """What comes of a case's test blocks, and what they exercise, as a user sees it."""
    rules = case.checked().rules
    assert rules is not None, case.place
    runner = Runner(rules, case.timezone)
    results = list(runner.results())
    return {
        "results": block_text.render(results, runner.zone) + block_text.counted(results, len(case.sources)),
        "coverage": block_text.coverage(coverage_of(rules, results)),
    }


def whys_of(case: Case, folder: Path) -> list[str]:
    """What `why` says to each question of a case, as a user sees it in 100 columns."""
    rules = case.checked().rules
    assert rules is not None, case.place
    log, zone = case.log(folder)[0], Zone(case.timezone)
    end = max((record.time for record in log.records), default=times.FIRST_MOMENT)
    told = []
    for block in case.of("why"):
        contact, asked, *rest = shlex.split(block.name)
        own = [record for record in log.records if record.contact == contact]
        automation, number = named_rule(asked, rules) or (asked, None)
        moment = times.read_moment(rest[0], zone) if rest else None
        at = None if moment is None else (moment, moment + 1)
        asking = Answering(needed(rules, [automation]), case.timezone, own, lambda: end, case.now)
        answer = suggested(asking, asking.answer(Question(contact, automation, number, at)))
        told.append(why_text.render(story(answer, zone), 100))
    return told


_WORD = r"[A-Za-z_][A-Za-z0-9_.]*"
_STRING = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(rf"(\d{{4}}-\d\d-\d\d(?:[T ]\d\d:\d\d\S*)?) +({_STRING}) +((?:{_WORD} +)+)({_STRING})(?: +with +(.*))?")
_PAIR = re.compile(rf"({_WORD}|{_STRING}) *= *({_STRING}|[^,\s]+(?: \d\d:\d\d\S*)?) *(?:, *|$)")
_KINDS = {kind.phrase: kind.kind for kind in KINDS}


def _notation(block: Block) -> Iterator[dict[str, object]]:
    """The rows of a `log` block, in the notation of a test's `given` lines."""
    for number, written in enumerate(block.text.splitlines(), block.line):
        line = re.sub(r'^((?:[^"#]|"(?:[^"\\]|\\.)*")*)#.*$', r"\1", written).strip()
        if not line:
            continue
        found = _LINE.fullmatch(line)
        if found is None or " ".join(found[3].split()) not in _KINDS:
            raise ValueError(f"line {number}: this is no event: {line}")
        row: dict[str, object] = {
            "time": found[1],
            "contact": json.loads(found[2]),
            "kind": _KINDS[" ".join(found[3].split())],
            "name": json.loads(found[4]),
        }
        properties: dict[str, object] = {}
        rest = found[5] or ""
        at = 0
        while at < len(rest):
            pair = _PAIR.match(rest, at)
            if pair is None:
                raise ValueError(f"line {number}: these are no properties: {rest[at:]}")
            key = json.loads(pair[1]) if pair[1].startswith('"') else pair[1]
            value = _literal(pair[2])
            if key == "value":
                row["value"] = value
            else:
                properties[key] = value
            at = pair.end()
        if properties:
            row["properties"] = properties
        yield row


def _literal(written: str) -> object:
    if times.read(written) is not None:
        return written
    return json.loads(written.replace("_", "") if written[0] in "-0123456789" else written)
