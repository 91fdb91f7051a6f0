"""`triggerlang run` and `triggerlang graph`: what comes out, where, and in which shape."""

from __future__ import annotations

import ast
import csv
import gzip
import io
import json
import re
from pathlib import Path

import click
import jsonschema
import pyarrow.parquet as pq
import pytest

from tests.support.command import ENTRY, LOG, PURCHASES, ROOT, RULES, SAMPLE_LOGS, WRONG, environment, on_terminal, project, triggerlang
from triggerlang.cli.main import COMMANDS, cli
from triggerlang.engines.choosing import ENGINES
from triggerlang.events.rejects import REASONS

BAD_LOG = LOG + '{"contact": "cem", "time": "tomorrow", "name": "signup"}\n{"contact": ""}\n'
COLUMNS = ["time", "contact", "automation", "rule", "source", "event"]


def schema(name: str) -> jsonschema.Draft202012Validator:
    held = json.loads((ROOT / "docs" / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(held)
    return jsonschema.Draft202012Validator(held)


def assert_fits(name: str, document: object) -> None:
    """A document is as its schema says, and has no key that the schema does not describe."""
    validator = schema(name)
    validator.validate(document)
    described = set(validator.schema["properties"])
    assert isinstance(document, dict)
    assert set(document) <= described


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return project(tmp_path)


def test_entries_go_to_a_pipe_and_the_summary_beside_it(small: Path) -> None:
    ran = triggerlang("run", "log.jsonl", "--rules", "rules/", cwd=small)
    assert (ran.code, ran.out) == (0, ENTRY)
    first, *rest = ran.err.splitlines()
    assert re.fullmatch(r"3 events of 2 contacts, 1 rule: 1 entry in [\d.]+ seconds \([\d,]+ events a second\)", first)
    assert rest == ["  1  Welcome"]


def test_quiet_leaves_the_summary_out(small: Path) -> None:
    ran = triggerlang("run", "log.jsonl", "--quiet", cwd=small)
    assert (ran.code, ran.out, ran.err) == (0, ENTRY, "")


def test_json_lines_in_a_file_are_those_of_the_pipe(small: Path) -> None:
    ran = triggerlang("run", "log.jsonl", "-o", "entries.jsonl", "-q", cwd=small)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert (small / "entries.jsonl").read_text() == ENTRY
    assert triggerlang("run", "log.jsonl", "--output", "again.jsonl", "-q", cwd=small).code == 0
    assert (small / "again.jsonl").read_text() == ENTRY


def test_the_shapes_hold_the_same(tmp_path: Path) -> None:
    rules = ROOT / "rules"
    for suffix in ("jsonl", "csv", "parquet"):
        assert triggerlang("run", SAMPLE_LOGS, "--rules", rules, "-o", f"entries.{suffix}", "-q", cwd=tmp_path).code == 0
    lines = [json.loads(line) for line in (tmp_path / "entries.jsonl").read_text().splitlines()]
    assert len(lines) > 900
    for line in lines:
        assert list(line) == COLUMNS
    assert_fits("entry", lines[0])
    with (tmp_path / "entries.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == COLUMNS
    assert rows[1:] == [[str(cell) for cell in line.values()] for line in lines]
    table = pq.read_table(tmp_path / "entries.parquet")
    assert [(field.name, str(field.type)) for field in table.schema] == [("time", "timestamp[us, tz=UTC]")] + [
        (name, "string") for name in COLUMNS[1:]
    ]
    read = [{**row, "time": row["time"].strftime("%Y-%m-%dT%H:%M:%SZ")} for row in table.to_pylist()]
    assert read == [{**line, "event": str(line["event"])} for line in lines]


def test_every_entry_fits_its_schema(small: Path) -> None:
    (small / "log.jsonl").write_text(LOG.replace('"s-1"', "null").replace("10:05:00Z", "10:05:00.25Z"))
    (line,) = triggerlang("run", "log.jsonl", cwd=small).out.splitlines()
    entry = json.loads(line)
    assert_fits("entry", entry)
    assert (entry["time"], entry["event"]) == ("2026-01-02T10:05:00.25Z", 3)


def test_a_terminal_gets_a_short_table(small: Path) -> None:
    ran = on_terminal("run", "log.jsonl", "--quiet", cwd=small)
    assert ran.code == 0
    assert ran.out == "time                  contact  rule       event\n2026-01-02T10:05:00Z  ben      Welcome#1  s-1\n"


def test_a_table_shows_the_first_and_is_cut_to_the_terminal(tmp_path: Path) -> None:
    ran = on_terminal("run", PURCHASES, "-q", "--rules", ROOT / "rules", cwd=tmp_path, columns=20)
    lines = ran.out.splitlines()
    assert len(lines) == 42
    assert all(len(line) <= 20 for line in lines)
    assert lines[-1].startswith("and 8")
    wide = on_terminal("run", PURCHASES, "-q", "--rules", ROOT / "rules", cwd=tmp_path, columns=120).out
    assert re.search(r"^and \d{3} more; -o FILE writes them all$", wide, flags=re.MULTILINE)


def test_progress_is_shown_on_a_terminal_only(small: Path) -> None:
    assert "reading" in on_terminal("run", "log.jsonl", cwd=small).out
    assert "reading" not in triggerlang("run", "log.jsonl", cwd=small).err


def test_logs_by_suffix_by_format_and_from_standard_input(small: Path) -> None:
    held = (small / "log.jsonl").read_bytes()
    (small / "packed.jsonl.gz").write_bytes(gzip.compress(held))
    (small / "log.txt").write_bytes(held)
    for log in ("packed.jsonl.gz", "*.gz", "./log.jsonl"):
        assert triggerlang("run", log, "-q", cwd=small).out == ENTRY
    assert triggerlang("run", "log.txt", "-q", "--log-format", "jsonl", cwd=small).out == ENTRY
    assert triggerlang("run", "-", "-q", cwd=small, stdin=held).out == ENTRY
    refused = triggerlang("run", "log.txt", cwd=small)
    assert refused.code == 2
    assert "--log-format" in refused.err


def test_the_time_zone_overrides_the_configuration(small: Path) -> None:
    (small / "triggerlang.toml").write_text('timezone = "Asia/Tokyo"\n')
    (small / "log.jsonl").write_text(LOG.replace("Z", ""))
    times = [
        json.loads(triggerlang("run", "log.jsonl", "-q", *options, cwd=small).out)["time"]
        for options in ((), ("--timezone", "UTC"), ("--rules", "rules", "--timezone", "Europe/Berlin"))
    ]
    assert times == ["2026-01-02T01:05:00Z", "2026-01-02T10:05:00Z", "2026-01-02T09:05:00Z"]
    wrong = triggerlang("run", "log.jsonl", "--timezone", "Mars/Base", cwd=small)
    assert wrong.code == 2
    assert '--timezone: no time zone is called "Mars/Base"' in wrong.err


@pytest.mark.parametrize(
    ("bounds", "rows"),
    [
        ((), [1, 2, 3, 4]),
        (("--entries-from", "2026-01-02"), [2, 3, 4]),
        (("--entries-until", "2026-01-02"), [1, 2, 3]),
        (("--entries-from", "2026-01-02", "--entries-until", "2026-01-02"), [2, 3]),
        (("--entries-until", "2026-01-02 23:59:59"), [1, 2]),
        (("--entries-from", "2026-01-02T23:59:59Z"), [3, 4]),
        (("--entries-from", "2026-01-03", "--timezone", "Europe/Berlin"), [3, 4]),
    ],
)
def test_bounds_limit_what_is_written_not_what_is_seen(tmp_path: Path, bounds: tuple[str, ...], rows: list[int]) -> None:
    moments = ("2026-01-01T23:59:59Z", "2026-01-02T00:00:00Z", "2026-01-02T23:59:59Z", "2026-01-03T00:00:00Z")
    log = "".join(json.dumps({"contact": "ana", "time": moment, "name": "visit"}) + "\n" for moment in moments)
    project(tmp_path, rules='automation "A" on event "visit" where event "visit" count >= 0 every time\n', log=log)
    ran = triggerlang("run", "log.jsonl", "-q", *bounds, "--summary", "summary.json", cwd=tmp_path)
    assert [json.loads(line)["event"] for line in ran.out.splitlines()] == rows
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["events"], summary["entries"]) == (4, {"A": len(rows)})


def test_a_rule_that_is_once_is_spent_before_the_bound(tmp_path: Path) -> None:
    log = "".join(f'{{"contact": "ana", "time": "2026-01-0{day}", "name": "visit"}}\n' for day in (1, 2))
    project(tmp_path, rules='on event "visit"\n', log=log)
    assert triggerlang("run", "log.jsonl", "-q", "--entries-from", "2026-01-02", cwd=tmp_path).out == ""


@pytest.mark.parametrize("option", ["--entries-from", "--entries-until"])
def test_a_bound_that_is_no_date_is_refused(small: Path, option: str) -> None:
    ran = triggerlang("run", "log.jsonl", option, "soon", cwd=small)
    assert ran.code == 2
    assert f"{option}: " in ran.err
    assert "2026-01-31" in ran.err


def test_the_engines_that_there_are(small: Path) -> None:
    for engine in ENGINES:
        assert triggerlang("run", "log.jsonl", "-q", "--engine", engine, cwd=small).out == ENTRY
    assert triggerlang("run", "log.jsonl", "--engine", "fast", cwd=small).code == 2


def test_a_bad_row_stops_and_names_file_line_and_reason(small: Path) -> None:
    (small / "log.jsonl").write_text(BAD_LOG)
    for options in ((), ("--on-bad-event", "stop")):
        ran = triggerlang("run", "log.jsonl", "-o", "entries.jsonl", "--summary", "summary.json", *options, cwd=small)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("Error: log.jsonl:4: this row has a time that cannot be read")
        assert sorted(path.name for path in small.iterdir()) == ["log.jsonl", "rules"]


def test_bad_rows_are_passed_over_counted_and_kept(small: Path) -> None:
    (small / "log.jsonl").write_text(BAD_LOG)
    ran = triggerlang("run", "log.jsonl", "--on-bad-event", "skip", "--rejects", "rejects.jsonl", "--summary", "summary.json", cwd=small)
    assert (ran.code, ran.out) == (0, ENTRY)
    assert "  2 bad rows passed over" in ran.err.splitlines()
    rejects = [json.loads(line) for line in (small / "rejects.jsonl").read_text().splitlines()]
    for reject in rejects:
        assert_fits("reject", reject)
    assert [(reject["line"], reject["code"]) for reject in rejects] == [(4, "bad-time"), (5, "missing-contact")]
    assert [reject["row"] for reject in rejects] == BAD_LOG.splitlines()[3:]
    assert json.loads((small / "summary.json").read_text())["rejects"] == 2


def test_a_reject_of_a_table_keeps_its_header(small: Path) -> None:
    (small / "log.csv").write_text("contact,time,name\nana,soon,visit\n")
    triggerlang("run", "log.csv", "--on-bad-event", "skip", "--rejects", "rejects.jsonl", cwd=small)
    reject = json.loads((small / "rejects.jsonl").read_text())
    assert_fits("reject", reject)
    assert (reject["line"], reject["row"], reject["header"]) == (2, "ana,soon,visit", "contact,time,name")


def test_the_schema_of_rejects_knows_every_code() -> None:
    assert set(schema("reject").schema["properties"]["code"]["enum"]) == set(REASONS)


def test_rejects_need_skip(small: Path) -> None:
    ran = triggerlang("run", "log.jsonl", "--rejects", "rejects.jsonl", cwd=small)
    assert ran.code == 2
    assert "--on-bad-event skip" in ran.err


def test_the_summary_as_a_file(small: Path) -> None:
    doubled = LOG + LOG.splitlines(keepends=True)[2]
    (small / "log.jsonl").write_text(doubled)
    (small / "rules" / "other.triggers").write_text('automation "Nobody comes" on event "never"\n')
    ran = triggerlang("run", "log.jsonl", "--summary", "summary.json", cwd=small)
    summary = json.loads((small / "summary.json").read_text())
    assert_fits("summary", summary)
    assert list(summary) == [
        *("events", "contacts", "rules", "entries", "rejects", "duplicates", "pending", "before_log", "seconds", "events_per_second")
    ]
    assert summary["events"] == 3
    assert summary["contacts"] == 2
    assert summary["rules"] == 2
    assert summary["entries"] == {"Nobody comes": 0, "Welcome": 1}
    assert summary["duplicates"] == 1
    assert "  1 duplicate dropped (same contact and id)" in ran.err.splitlines()


def test_nothing_runs_with_rules_that_have_errors(small: Path) -> None:
    (small / "rules" / "welcome.triggers").write_text(WRONG)
    ran = triggerlang("run", "log.jsonl", "-o", "entries.jsonl", cwd=small)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("rules/welcome.triggers:2:17: error: ")
    assert ran.err.endswith("Error: the rules have 1 error; nothing was run\n")
    assert not (small / "entries.jsonl").exists()
    coloured = triggerlang("run", "log.jsonl", "--color", "always", cwd=small)
    assert "\x1b[" in coloured.err
    forced = triggerlang("run", "log.jsonl", "--color", "never", cwd=small, env=environment(FORCE_COLOR="1"))
    assert "\x1b[" not in forced.err


def test_rules_may_be_several(small: Path) -> None:
    (small / "more.triggers").write_text('automation "More" on event "signup"\n')
    ran = triggerlang("run", "log.jsonl", "-q", "--rules", "more.triggers", "--rules", "rules", cwd=small)
    assert [json.loads(line)["rule"] for line in ran.out.splitlines()] == ["More#1", "Welcome#1"]


def test_a_suffix_that_names_no_shape_is_refused(small: Path) -> None:
    for name in ("entries.txt", "entries", "entries.json", "-"):
        ran = triggerlang("run", "log.jsonl", "-o", name, cwd=small)
        assert ran.code == 2
        assert ".jsonl, .csv or .parquet" in ran.err


def test_a_run_needs_a_log(small: Path) -> None:
    assert triggerlang("run", cwd=small).code == 2


def test_the_graph_in_each_format(tmp_path: Path) -> None:
    rules = RULES + '  on subscribes list "Other" where event "signup" count >= 1 before\n'
    project(tmp_path, rules=rules)
    drawn = {name: triggerlang("graph", "rules/", "--format", name, cwd=tmp_path) for name in ("mermaid", "dot", "json")}
    assert [ran.code for ran in drawn.values()] == [0, 0, 0]
    assert drawn["mermaid"].out.startswith("flowchart LR\n")
    assert drawn["dot"].out.startswith("digraph rules {\n")
    document = json.loads(drawn["json"].out)
    assert_fits("graph", document)
    assert document["sharing"]["measures"] == {"written": 2, "stored": 1}
    assert "measures" in drawn["mermaid"].err
    assert triggerlang("graph", cwd=tmp_path).out == drawn["mermaid"].out


def test_the_graph_of_the_sample_project_fits_its_schema(tmp_path: Path) -> None:
    ran = triggerlang("graph", ROOT / "rules", "--format", "json", cwd=tmp_path)
    assert_fits("graph", json.loads(ran.out))


WAITING = """automation "Cart saver"
  on event "cart" without event "order" with same cart_id within 1 hour
automation "Ask"
  on 1 day after event "delivered"
    where (event "cart" with same cart_id then any of (event "order" with same cart_id or event "call") within 2 days) has occurred
  on 3 days before date of "due day" of event "rented" without event "returned" with same id
"""


def test_the_graph_of_chains_and_moments(tmp_path: Path) -> None:
    project(tmp_path, rules=WAITING)
    drawn = {name: triggerlang("graph", "rules/", "--format", name, cwd=tmp_path) for name in ("mermaid", "dot", "json")}
    assert [ran.code for ran in drawn.values()] == [0, 0, 0]
    document = json.loads(drawn["json"].out)
    assert_fits("graph", document)
    texts = [node["text"] for node in document["patterns"]]
    assert 'event "cart" without event "order" with same cart_id within 1 hour' in texts
    assert '3 days before date of "due day" of event "rented" without event "returned" with same id' in texts
    chain = 'event "cart" with cart_id = trigger cart_id then any of (event "call" or event "order" with same cart_id) within 2 days'
    node = document["patterns"][texts.index(chain)]
    assert node["steps"][1]["within"] == 2 * 86_400
    assert [texts[option["pattern"]] for option in node["steps"][1]["options"]] == ['event "call"', 'event "order"']
    # The cart and the order of both chains are one node each.
    assert texts.count('event "order"') == 1
    number = texts.index(chain)
    assert f"-->|step2| p{number}" in drawn["mermaid"].out
    assert f"-> p{number} [label=step1];" in drawn["dot"].out


def test_now_moves_the_end_of_the_log_and_the_rest_is_pending(tmp_path: Path) -> None:
    log = """{"contact": "ana", "time": "2026-01-01T09:00:00Z", "name": "cart"}
{"contact": "ben", "time": "2026-01-01T09:30:00Z", "name": "cart"}
"""
    small = project(tmp_path, rules=WAITING, log=log)
    ran = triggerlang("run", "log.jsonl", "--summary", "s.json", cwd=small)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.splitlines()[-2:] == ["  2 absences and moments pending", "    2  Cart saver#1"]
    summary = json.loads((small / "s.json").read_text())
    assert_fits("summary", summary)
    assert summary["pending"] == {"Cart saver#1": 2}
    ran = triggerlang("run", "log.jsonl", "--now", "2026-01-01 10:00", "--summary", "s.json", cwd=small)
    assert [(entry["time"], entry["contact"], entry["event"]) for entry in map(json.loads, ran.out.splitlines())] == [
        ("2026-01-01T10:00:00Z", "ana", 1)
    ]
    assert ran.err.splitlines()[-2:] == ["  1 absence or moment pending", "    1  Cart saver#1"]
    ran = triggerlang("run", "log.jsonl", "--now", "2026-01-02", "--summary", "s.json", cwd=small)
    assert len(ran.out.splitlines()) == 2
    assert json.loads((small / "s.json").read_text())["pending"] == {}
    assert "pending" not in ran.err


def test_now_is_a_time_of_the_project(tmp_path: Path) -> None:
    log = '{"contact": "ana", "time": "2026-01-01T09:00:00Z", "name": "cart"}\n'
    small = project(tmp_path, rules=WAITING, log=log)
    run = ("run", "log.jsonl", "-q", "--timezone", "Europe/Berlin", "--now")
    assert triggerlang(*run, "2026-01-01 10:59:59", cwd=small).out == ""
    assert triggerlang(*run, "2026-01-01 11:00", cwd=small).out != ""
    ran = triggerlang(*run, "soon", cwd=small)
    assert ran.code == 2
    assert "--now: 'soon' is no date: write 2026-01-31 or 2026-01-31 09:00" in ran.err


def test_entries_of_absences_are_limited_like_others(tmp_path: Path) -> None:
    log = """{"contact": "ana", "time": "2026-01-01T23:30:00Z", "name": "cart"}
{"contact": "ben", "time": "2026-01-01T12:00:00Z", "name": "cart"}
"""
    small = project(tmp_path, rules=WAITING, log=log)
    ran = triggerlang("run", "log.jsonl", "-q", "--now", "2026-02-01", "--entries-from", "2026-01-02", cwd=small)
    assert [json.loads(line)["contact"] for line in ran.out.splitlines()] == ["ana"]


def test_no_graph_of_rules_with_errors(tmp_path: Path) -> None:
    ran = triggerlang("graph", cwd=project(tmp_path, rules=WRONG))
    assert (ran.code, ran.out) == (2, "")


def calls() -> dict[str, set[str]]:
    """The words that the tests hand to each command, in any call whose first text is the command's name."""
    used: dict[str, set[str]] = {command: set() for command in COMMANDS}
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value in used:
                words = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}
                used[str(node.args[0].value)] |= words
    return used


ARGUMENTS_OF_TESTS = {"check": {"--color"}, "test": {"--at", "--now"}, "run": {"--entries-from", "--entries-until", "--timezone"}}
"""Options that come to a command in the arguments of a test."""
OF_ALL = {"--no-cache"}
"""Options that one test tries on all commands that have them."""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_tried(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    options = {option for parameter in command.params if isinstance(parameter, click.Option) for option in parameter.opts}
    assert options - calls()[name] - ARGUMENTS_OF_TESTS.get(name, set()) - OF_ALL == set()


def test_cells_that_a_reader_might_break_are_quoted() -> None:
    from datetime import UTC, datetime

    from triggerlang.answers.writers import write_csv
    from triggerlang.engines.entry import Entry

    texts = ['a"b', "a,b", "a\nb", "a\rb", " a ", "a;b", "\ta", "ü", "'"]
    entries = [Entry(datetime(2026, 1, 1, tzinfo=UTC), text, "A", "A#1", "rules/a.triggers:1", 1) for text in texts]
    file = io.StringIO(newline="")
    write_csv(entries, file)
    assert [row[1] for row in csv.reader(io.StringIO(file.getvalue(), newline=""))] == ["contact", *texts]
    assert "\r\n" not in file.getvalue()
