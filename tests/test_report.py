"""`triggerlang report`: its numbers are the engine's, whatever stands in names is text, and the page needs nothing beside it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tests.support.command import ROOT, RULES, SAMPLE_LOGS, environment, names, project, triggerlang
from triggerlang.answers.reports.calendar import Calendar
from triggerlang.answers.reports.tables import MOST_ROWS
from triggerlang.language.times import Zone, moment_of
from triggerlang.language.vocabulary import BY_PHRASE

pytest.importorskip("vl_convert", reason="the extra `report` is not installed")

HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}{% raw %}",
    "javascript:alert(1)",
    "line\u2028break",
    "'=1+2",
    "&amp;<b>&lt;",
)
"""Names that mean something to a browser, a template or a spreadsheet."""
TURNED = "\u202eevil\u202c"
"""A name that the eye reads from right to left; rules cannot have it."""


class Page(HTMLParser):
    """A page as a browser has it: tables by name, headings, scripts, and every attribute."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str | float]]] = {}
        self.heads: dict[str, list[str]] = {}
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.raw: dict[str, str] = {"script": "", "style": ""}
        self.text = ""
        self._table: str | None = None
        self._cell: str | None = None
        self._value: str | None = None
        self._in: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        given = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in given.items()]
        if tag in self.raw:
            self._in = tag
        elif tag == "table":
            self._table = given.get("id", "").removeprefix("table-") or None
            if self._table is not None:
                self.tables[self._table], self.heads[self._table] = [], []
        elif tag == "tr" and self._table is not None:
            self.tables[self._table].append([])
        elif tag in ("td", "th"):
            self._cell, self._value = "", given.get("data-value")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.raw:
            self._in = None
        elif tag in ("td", "th") and self._table is not None and self._cell is not None:
            cell: str | float = self._cell if self._value is None else float(self._value)
            (self.heads[self._table].append(str(cell)) if tag == "th" else self.tables[self._table][-1].append(cell))
            self._cell = None
        elif tag == "table":
            self._table = None

    def handle_data(self, data: str) -> None:
        if self._in is not None:
            self.raw[self._in] += data
            return
        self.text += data
        if self._cell is not None:
            self._cell += data

    def rows(self, name: str) -> list[list[str | float]]:
        """The rows of a table, without its head."""
        return self.tables[name][1:]


def report(*arguments: str | Path, cwd: Path) -> Page:
    ran = triggerlang("report", *arguments, "-o", "report.html", "-q", cwd=cwd)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    return Page((cwd / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=["interpreter", "columnar"])
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, Path]:
    """The sample's page and what a run of it says, by each engine."""
    folder = tmp_path_factory.mktemp(request.param)
    engine = ("--rules", ROOT / "rules", "--engine", request.param, "--timezone", "America/New_York")
    written = ("-o", "entries.jsonl", "--summary", "summary.json", "--funnel", "funnel.json", "-q")
    assert triggerlang("run", SAMPLE_LOGS, *engine, *written, cwd=folder).code == 0
    return report(SAMPLE_LOGS, *engine, cwd=folder), folder


def test_entries_are_those_of_a_run(sample: tuple[Page, Path]) -> None:
    page, folder = sample
    summary = json.loads((folder / "summary.json").read_text())
    contacts: dict[str, set[str]] = {name: set() for name in summary["entries"]}
    for line in (folder / "entries.jsonl").read_text().splitlines():
        entry = json.loads(line)
        contacts[entry["automation"]].add(entry["contact"])
    assert {row[0]: row[1] for row in page.rows("entries")} == summary["entries"]
    assert {row[0]: row[3] for row in page.rows("entries")} == {name: len(own) for name, own in contacts.items()}
    by_week = page.rows("entries-over-time")
    assert sum(row[1] for row in by_week) == sum(summary["entries"].values())  # type: ignore[misc]
    for at, name in enumerate(page.heads["entries-over-time"][2:], 2):
        assert sum(row[at] for row in by_week) == summary["entries"][name]  # type: ignore[misc]
    assert sum(float(cell) for row in page.rows("hours") for cell in row[1:]) == sum(summary["entries"].values())
    matrix = {(row[0], name): cell for row in page.rows("overlap") for name, cell in zip(page.heads["overlap"][1:], row[1:], strict=True)}
    assert len(matrix) == 144
    assert matrix == {(one, other): len(contacts[str(one)] & contacts[other]) for one, other in matrix}


def test_events_are_those_of_a_run(sample: tuple[Page, Path]) -> None:
    page, folder = sample
    summary = json.loads((folder / "summary.json").read_text())
    by_kind: Counter[str] = Counter()
    for kind, _, count, _ in page.rows("events"):
        by_kind[str(kind)] += int(count)
    assert by_kind.total() == summary["events"]
    over_time = page.rows("events-over-time")
    assert {name: sum(row[at] for row in over_time) for at, name in enumerate(page.heads["events-over-time"][2:], 2)} == by_kind  # type: ignore[misc]
    assert all(row[1] == sum(row[2:]) for row in over_time)  # type: ignore[arg-type]
    assert {row[0]: row[1] for row in page.rows("before-log")} == summary["before_log"]


def test_steps_are_those_of_the_funnel(sample: tuple[Page, Path]) -> None:
    page, folder = sample
    expected = []
    for automation in json.loads((folder / "funnel.json").read_text())["automations"]:
        for rule in automation["rules"]:
            expected.append([rule["rule"], f"on {rule['on']}", rule["triggers"], 0, 0])
            expected += [[rule["rule"], step["text"], step["passed"], step["stopped"], step["alone"]] for step in rule["steps"]]
    assert page.rows("funnels") == expected


def test_both_engines_make_the_same_page(tmp_path: Path) -> None:
    pages = []
    for engine in ("interpreter", "columnar"):
        report(
            SAMPLE_LOGS, "--rules", ROOT / "rules", "--engine", engine, "--timezone", "Asia/Kathmandu", "--now", "1998-12-01", cwd=tmp_path
        )
        pages.append((tmp_path / "report.html").read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.long
def test_a_log_in_parts_makes_the_same_page(tmp_path: Path) -> None:
    pages = []
    for memory in ("1GB", "100kB"):
        report(SAMPLE_LOGS, "--rules", ROOT / "rules", "--engine", "columnar", "--memory", memory, cwd=tmp_path)
        pages.append((tmp_path / "report.html").read_bytes())
    assert pages[0] == pages[1]


LETTERS = """
{"contact": "ana", "time": "2026-01-01T10:00:00Z", "name": "signup"}
{"contact": "ana", "time": "2026-01-01T10:00:00Z", "name": "signup"}
{"contact": "ana", "time": "2026-01-01T10:05:00Z", "kind": "subscribe", "name": "News"}
{"contact": "ben", "time": "2026-01-01T10:00:00Z", "name": "signup"}
{"contact": "ben", "time": "2026-01-09T12:00:00Z", "kind": "subscribe", "name": "News"}
{"contact": "ben", "time": "2026-01-09T12:00:00Z", "kind": "subscribe", "name": "News"}
{"contact": "cem", "time": "2026-01-09T12:00:00Z", "kind": "subscribe", "name": "News"}
""".lstrip()


def test_what_waits_is_counted_when_it_comes(tmp_path: Path) -> None:
    """After the end of the log, too; and what an entry starts is an entry."""
    rules = (
        'automation "Reminder" on event "signup" without subscribes list "News" within 2 days\n'
        'automation "After" on enters automation "Reminder" where event "signup" has occurred so far\n'
        'automation "Both" on event "signup" then subscribes list "News" within 1 day\n'
    )
    pages = []
    for engine in ("interpreter", "columnar"):
        folder = tmp_path / engine
        folder.mkdir()
        page = report("log.jsonl", "--engine", engine, "--now", "2026-01-20", cwd=project(folder, rules, LETTERS))
        assert {row[0]: row[1] for row in page.rows("entries")} == {"Reminder": 1, "After": 1, "Both": 1}
        assert {row[0]: row[1] for row in page.rows("entries-over-time") if row[1]} == {"2026-01-01": 1, "2026-01-03": 2}
        assert "delays" not in page.tables
        pages.append((folder / "report.html").read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
def test_it_tells_how_long_before_the_trigger_the_event_was(tmp_path: Path, engine: str) -> None:
    rules = (
        'automation "A"\n  on subscribes list "News" where event "signup" count >= 1 before every time\n'
        'automation "B"\n  on subscribes list "News"\n    where not in list "Old" and subscribes list "News" has occurred within 1 day\n'
        "    every time\n"
        '  on subscribes list "News" where event "signup" with value > 1 has occurred or in list "News" every time\n'
    )
    page = report("log.jsonl", "--engine", engine, cwd=project(tmp_path, rules, LETTERS))
    assert page.rows("delays") == [
        ["A#1", 'event "signup" count >= 1 before', "1–10 minutes", 1, 33.3],
        ["A#1", 'event "signup" count >= 1 before', "7–14 days", 2, 66.7],
        ["B#1", 'subscribes list "News" has occurred within 1 day before', "under 1 minute", 1, 100],
    ]
    assert page.rows("gaps") == [["2026-01-01 11:00", "2026-01-09 12:00", 193, "8 days 1 hour"]]


def test_a_rule_that_never_fired_is_there_with_the_part_that_stopped_it(tmp_path: Path) -> None:
    rules = RULES + '  on event "signup" where in list "News"\n  on event "never"\n'
    page = report("log.jsonl", cwd=project(tmp_path, rules))
    assert [[row[0], *row[2:]] for row in page.rows("never-fired")] == [
        ["Welcome#2", 1, 'in list "News"', 1, 1],
        ["Welcome#3", 0, 'no event was: on event "never"', 0, 0],
    ]


@pytest.mark.parametrize("log", ["", '{"contact": "ana", "time": "2026-01-01T10:00:00Z", "name": "other"}\n'])
@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
def test_where_there_is_nothing_the_page_says_so(tmp_path: Path, log: str, engine: str) -> None:
    page = report("log.jsonl", "--engine", engine, cwd=project(tmp_path, log=log))
    assert "No entries" in page.text
    assert "There are no two automations with entries." in page.text
    assert ("The log has no event." in page.text) == (not log)


def hostile_project(folder: Path) -> Path:
    """A project whose every name is hostile, in the log too; each automation has entries, and one rule of each never fires."""

    def quoted(text: str) -> str:
        return '"' + text.replace('"', '\\"') + '"'

    rules = ""
    log = json.dumps({"contact": TURNED, "time": "2026-01-01", "name": TURNED}) + "\n"
    for number, name in enumerate(HOSTILE):
        rules += f"automation {quoted(name)}\n  on event {quoted(name)} where event {quoted(name)} has occurred before\n"
        rules += f"  on event {quoted(name)} where in list {quoted(name)}\n"
        for hour in range(2):
            log += json.dumps({"contact": name, "time": f"2026-01-0{number + 1}T1{hour}:00:00Z", "name": name}) + "\n"
    return project(folder, rules, log)


def assert_is_closed(page: Page) -> None:
    """A page has one script and one style, which its policy names; it asks for nothing, and nothing in it acts."""
    policy = next(value for tag, name, value in page.attributes if tag == "meta" and "default-src" in value)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag, text in page.raw.items():
        assert page.tags[tag] == 1
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not page.tags.keys() & {"img", "iframe", "object", "embed", "link", "form", "base", "b ", "foreignObject", "image", "use"}
    for _, name, value in page.attributes:
        assert not name.startswith("on")
        assert name != "style"
        if name in ("href", "src", "xlink:href"):
            assert value.startswith("#")


def test_hostile_names_are_text(tmp_path: Path) -> None:
    page = report("log.jsonl", cwd=hostile_project(tmp_path))
    assert_is_closed(page)
    shown = {name.replace("\u2028", "<U+2028>") for name in HOSTILE}
    assert {row[0] for row in page.rows("entries")} == shown
    assert {row[1] for row in page.rows("events")} == shown | {"<U+202E>evil<U+202C>"}
    assert page.raw["script"] == (ROOT / "triggerlang" / "answers" / "reports" / "page.js").read_text(encoding="utf-8")


def test_plots_hold_no_name(tmp_path: Path) -> None:
    report("log.jsonl", cwd=project(tmp_path, RULES.replace("Welcome", "Wellkommen").replace("signup", "anmeldung")))
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    plots = re.findall(r'<svg [^>]*class="plot".*?</svg>', text, re.DOTALL)
    assert plots
    words = set(re.findall(r">([^<>]*[a-z][^<>]*)<", "".join(plots)))
    phrases = {kind.phrase for kind in BY_PHRASE.values()}
    assert not words & {"Wellkommen", "anmeldung", "News"}
    assert words - phrases <= {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "hour of the day"} | {word for word in words if "M" in word}


def test_a_page_of_many_rules_stays_small(tmp_path: Path) -> None:
    rules = "".join(
        f'automation "Automation {number}"\n  on event "signup" where event "e{number}" has not occurred before\n'
        for number in range(MOST_ROWS + 100)
    )
    page = report("log.jsonl", cwd=project(tmp_path, rules))
    assert (tmp_path / "report.html").stat().st_size < 2_000_000
    assert len(page.rows("entries")) == MOST_ROWS
    assert "and 100 more" in page.text


def test_long_names_are_cut(tmp_path: Path) -> None:
    name = "x" * 100_000
    report("log.jsonl", cwd=project(tmp_path, RULES.replace("Welcome", name)))
    assert (tmp_path / "report.html").stat().st_size < 200_000


def test_a_log_of_all_times_is_drawn(tmp_path: Path) -> None:
    log = "".join(
        f'{{"contact": "c", "time": "{time}", "name": "e"}}\n' for time in ("0001-01-01T00:00:00Z", "2026-05-05", "9999-12-31T23:59:59Z")
    )
    page = report("log.jsonl", "--timezone", "UTC", cwd=project(tmp_path, 'automation "A" on event "e" every time\n', log))
    assert sum(row[1] for row in page.rows("events-over-time")) == 3  # type: ignore[misc]
    assert sum(row[1] for row in page.rows("entries-over-time")) == 3  # type: ignore[misc]


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "0030-09-02T00:00:00Z"),
        ("9999-12-30T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("9995-12-30T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("9950-12-30T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"),
        ("2026-10-24T00:00:00Z", "2026-10-26T00:00:00Z"),
    ],
)
def test_every_moment_is_in_its_stretch_of_time(name: str, first: str, last: str) -> None:
    """At the ends of the calendar, too, and where clocks change."""
    zone = Zone(name)
    start, end = moment_of(first, zone), moment_of(last, zone)
    calendar = Calendar(zone, start, end)
    moments = np.unique(np.linspace(start, end, 500).astype(np.int64).clip(start, end))
    clocks = calendar.clocks(moments)
    assert clocks.tolist() == [zone.clock_of(moment) for moment in moments.tolist()]
    edges, bins = np.array(calendar.bins.edges), calendar.bins_of(clocks)
    assert (bins >= 0).all()
    assert (edges[bins] <= clocks).all()
    assert (clocks < edges[bins + 1]).all()
    assert all(calendar.bins.name(number) for number in range(len(calendar.bins)))


def test_without_the_extra_it_says_which_one(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text('import sys\nsys.modules["vl_convert"] = None\n')
    folder = tmp_path / "project"
    folder.mkdir()
    ran = triggerlang("report", "log.jsonl", cwd=project(folder), env=environment(PYTHONPATH=f"{blocked}:{ROOT}"))
    assert (ran.code, ran.out, ran.err) == (2, "", 'Error: a report needs an extra: pip install "triggerlang[report]"\n')
    assert "report.html" not in names(folder)


def test_what_it_reads_is_not_overwritten(tmp_path: Path) -> None:
    folder = project(tmp_path)
    ran = triggerlang("report", "log.jsonl", "-o", "log.jsonl", cwd=folder)
    assert ran.code == 2
    assert "-o would overwrite what is read" in ran.err


def test_a_run_that_fails_leaves_no_page(tmp_path: Path) -> None:
    ran = triggerlang("report", "log.jsonl", cwd=project(tmp_path, log='{"contact": ""}\n'))
    assert ran.code == 2
    assert names(tmp_path) == {"rules", "log.jsonl"}


def test_every_option_of_reading_is_heard(tmp_path: Path) -> None:
    """A log of another name, with a bad row, in parts, in another time zone, and to another end."""
    folder = project(tmp_path, 'automation "Reminder" on 2 days after event "signup"\n', LETTERS + '{"contact": ""}\n')
    (folder / "log.jsonl").rename(folder / "log.txt")
    (folder / "rules").rename(folder / "mine")
    ran = triggerlang(
        "report",
        *(
            "log.txt",
            "--rules",
            "mine",
            "--output",
            "page.html",
            "--log-format",
            "jsonl",
            "--timezone",
            "Asia/Tokyo",
            "--now",
            "2026-01-20",
        ),
        *("--on-bad-event", "skip", "--rejects", "bad.jsonl", "--engine", "columnar", "--memory", "100kB", "--temp-dir", folder),
        *("--verbose", "--color", "never", "--no-cache"),
        cwd=folder,
    )
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("engine: columnar, because it was asked for\n")
    assert "  1 bad row passed over\n" in ran.err
    page = Page((folder / "page.html").read_text(encoding="utf-8"))
    assert [row[:2] for row in page.rows("entries")] == [["Reminder", 2]]
    assert "Saturday, 19:00 to 20:00" in page.text  # 10:00 in UTC
    assert "1 bad row passed over" in page.text
    assert names(folder) == {"mine", "log.txt", "page.html", "bad.jsonl"}
    quiet = triggerlang("report", "log.txt", "--rules", "mine", "--quiet", "--log-format", "jsonl", "--on-bad-event", "skip", cwd=folder)
    assert (quiet.code, quiet.err) == (0, "")
    assert "report.html" in names(folder)


def test_the_example_is_what_the_command_makes(tmp_path: Path) -> None:
    """But for its plots, whose letters are measured by the machine's fonts."""
    made = tmp_path / "report.html"
    assert triggerlang("report", "rules/log", "-o", made, "-v", cwd=ROOT).code == 0
    with_plots = (made.read_text(encoding="utf-8"), (ROOT / "docs" / "report.html").read_text(encoding="utf-8"))
    new, kept = (re.sub(r'<svg [^>]*class="plot".*?</svg>', "", text, flags=re.DOTALL) for text in with_plots)
    assert kept == new, "docs/report.html is out of date: triggerlang report rules/log -o docs/report.html"
