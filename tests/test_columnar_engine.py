"""The columnar engine against the interpreter: whole runs, whatever the log, the memory or the number of threads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, strategies as st

from tests.support.command import PYTHON, ROOT, environment, triggerlang
from tests.support.engines import ENGINES, columnar, rule_set
from tests.support.worlds import World, worlds
from tests.test_differential import as_rows, fewer, many, rules_of, some
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines import evaluating
from triggerlang.engines.choosing import SMALL, Choice, choose
from triggerlang.engines.entry import Entry
from triggerlang.engines.evaluating import Request, Watcher
from triggerlang.events.files import log_files
from triggerlang.events.record import Record
from triggerlang.events.rejects import Reject
from triggerlang.language import times

np = pytest.importorskip("numpy")
pytest.importorskip("numba")
pq = pytest.importorskip("pyarrow.parquet")

DATA = Path(__file__).parent / "data"
SAMPLE = ROOT / "rules"


@many
@given(worlds())
def test_it_is_the_interpreter(world: World) -> None:
    rules = rules_of(world.files)
    assert ENGINES["columnar"](rules, world.records, world.timezone, world.now) == ENGINES["interpreter"](
        rules, world.records, world.timezone, world.now
    )


@some
@given(worlds())
def test_an_index_changes_nothing(world: World) -> None:
    rules = rules_of(world.files)
    assert ENGINES["columnar-by-index"](rules, world.records, world.timezone, world.now) == ENGINES["interpreter"](
        rules, world.records, world.timezone, world.now
    )


@fewer
@given(worlds(), st.integers(1, 5))
def test_threads_change_nothing(world: World, threads: int) -> None:
    rules = rules_of(world.files)
    assert columnar(rules, world.records, world.timezone, world.now, threads=threads) == ENGINES["interpreter"](
        rules, world.records, world.timezone, world.now
    )


@some
@given(worlds())
def test_chains_made_anew_beside_each_trigger_are_the_same(world: World) -> None:
    rules = rules_of(world.files)
    with patch("triggerlang.engines.columnar.sequencing.FEW", 0):
        assert columnar(rules, world.records, world.timezone, world.now) == ENGINES["interpreter"](
            rules, world.records, world.timezone, world.now
        )


# Whole runs: reading, parts, counts


def came_of(rules: RuleSet, request: Request, engine: Any) -> tuple[Any, ...]:
    """Entries, counts and rejects; or the error."""
    rejects: list[Reject] = []
    request.on_reject = rejects.append
    try:
        outcome = evaluating.run(rules, request, Choice(engine, "a test"), Watcher())
    except ValueError as error:
        return str(error), rejects
    read = outcome.events, outcome.contacts, outcome.rejected, outcome.duplicates
    counts = outcome.by_automation, *read, outcome.pending, outcome.before_log
    assert len(outcome.entries) == sum(outcome.by_automation.values())
    return list(outcome.entries), counts, rejects


BAD = ("", "{", '{"contact": 5}', '{"contact": "ana", "name": "a", "time": "2026-03-28 99:00"}', '{"contact":"a","contact":"b"}')


@some
@given(worlds(), st.integers(0, 40), st.lists(st.tuples(st.integers(0, 60), st.sampled_from(BAD)), max_size=4), st.booleans())
def test_a_run_is_the_interpreters(world: World, cut: int, bad: list[tuple[int, str]], skip: bool) -> None:
    """Files, bad rows, duplicates by id: the same entries, counts and rejects, in memory and part by part."""
    rules = rules_of(world.files)
    lines = [json.dumps(line) for line in as_rows(world.records)]
    # Some events come twice, and ids are shared by contacts.
    lines = [line.replace('"id": null', f'"id": "i{number % 7}"') if number % 3 == 0 else line for number, line in enumerate(lines)]
    for at, row in bad:
        lines.insert(min(at, len(lines)), row)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "1.jsonl", Path(folder) / "2.jsonl"]
        for path, some_lines in zip(paths, (lines[:cut], lines[cut:]), strict=True):
            path.write_text("".join(line + "\n" for line in some_lines))
        spill = Path(folder) / "spill"
        spill.mkdir()

        def request(**more: Any) -> Request:
            return Request(log_files(paths)[0], world.timezone, now=world.now, on_bad_event="skip" if skip else "stop", **more)

        expected = came_of(rules, request(), "interpreter")
        assert came_of(rules, request(), "columnar") == expected
        assert came_of(rules, request(memory=1000, folder=lambda: str(spill)), "columnar") == expected


@some
@given(worlds(), st.integers(0, 60), st.integers(0, 60))
def test_bounds_of_entries(world: World, first: int, last: int) -> None:
    moments = sorted(record.time for record in world.records) or [0]
    bounds = moments[min(first, len(moments) - 1)], moments[min(last, len(moments) - 1)] + 1
    rules = rules_of(world.files)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in as_rows(world.records)))
        expected = came_of(rules, Request(log_files([path])[0], world.timezone, now=world.now, bounds=bounds), "interpreter")
        assert came_of(rules, Request(log_files([path])[0], world.timezone, now=world.now, bounds=bounds), "columnar") == expected


REAL = {
    "cdnow_sample.jsonl": """
on event "purchase"
  where event "purchase" sum value >= 100 within 90 days before and event "purchase" with quantity = trigger quantity count >= 2
  every time
""",
    "web_log.parquet": """
on visits any page
  where visits page like "/*" distinct event_name >= 3 within 1 hour before and event "asset_request" average value > 1000 so far
  at most 3 times per 6 hours
""",
    "email_events.jsonl": """
on any event where any event has occurred before every time
on any of (opens any email or clicks any link) where in list like "*" every time
""",
}


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("shape", ["jsonl", "csv", "parquet"])
def test_real_logs(name: str, shape: str, tmp_path: Path) -> None:
    """Byte for byte the same files, and the same summary but for the time that it took."""
    (tmp_path / "real.triggers").write_text(REAL[name])
    made: list[tuple[Any, dict[str, Any]]] = []
    for engine in ("interpreter", "columnar"):
        output = tmp_path / f"{engine}.{shape}"
        summary = tmp_path / f"{engine}.json"
        ran = triggerlang(
            *("run", str(DATA / name), "--rules", "real.triggers", "--engine", engine, "-o", output.name, "--summary", summary.name, "-q"),
            cwd=tmp_path,
        )
        assert (ran.code, ran.err) == (0, "")
        counted = json.loads(summary.read_text())
        assert counted.pop("seconds") >= 0
        assert counted.pop("events_per_second") >= 0
        made.append((pq.read_table(output) if shape == "parquet" else output.read_bytes(), counted))
    assert made[0] == made[1]
    assert sum(made[0][1]["entries"].values()) > 0


def test_ids_of_triggers_stand_in_every_shape(tmp_path: Path) -> None:
    """Some triggers have an id that a spreadsheet or a JSON reader could stumble over, others have their row."""
    (tmp_path / "rules.triggers").write_text('automation "=1+1, \\"x\\"" on any event every time')
    ids = ['=a"b', "", None, "é,ü", "\u2028", "12", " "]
    rows = [{"contact": f"-c {number}", "time": "2026-01-01", "name": "a", "id": given} for number, given in enumerate(ids)]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for options in (["-o", "e.jsonl"], ["-o", "e.csv"], ["-o", "e.csv", "--csv-safe"]):
        made = []
        for engine in ("interpreter", "columnar"):
            assert triggerlang("run", "log.jsonl", "--rules", ".", "--engine", engine, "-q", *options, cwd=tmp_path).code == 0
            made.append((tmp_path / options[1]).read_bytes())
        assert made[0] == made[1]


# Choosing


def test_a_small_log_is_the_interpreters(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("{}\n")
    assert choose("auto", log_files([log])[0]).engine == "interpreter"
    os.truncate(log, SMALL)
    choice = choose("auto", log_files([log])[0])
    assert choice.engine == "columnar"
    assert choice.reason == "the log is large: about 13 MB of text"
    assert choose("interpreter", log_files([log])[0]).engine == "interpreter"
    assert choose("auto", log_files(["-"])[0]).reason == "nobody knows how large the log is"


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triggerlang.engines.choosing.find_spec", lambda name: None)
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"")
    assert choose("auto", log_files([log])[0]) == Choice("interpreter", "the extra `batch` is not installed")
    with pytest.raises(ValueError, match=r'the columnar engine needs an extra: pip install "triggerlang\[batch\]"'):
        choose("columnar", log_files([log])[0])


def test_verbose_says_which_engine_and_where_the_time_went() -> None:
    ran = triggerlang("run", "rules/log", "--verbose", "-q", cwd=ROOT)
    assert ran.err.startswith("engine: interpreter, because the log is small: about 0.")
    assert [line.split(" s  ")[1] for line in ran.err.splitlines()[1:]] == ["reading", "evaluating", "writing"]
    ran = triggerlang("run", "rules/log", "-v", "-q", "--engine", "columnar", cwd=ROOT)
    assert ran.err.startswith("engine: columnar, because it was asked for\n")
    phases = [line.split(" s  ")[1] for line in ran.err.splitlines()[1:]]
    assert phases == ["reading", "rules", "contact order", "kernel", "entries", "writing"]


def test_warm_up_needs_no_log(tmp_path: Path) -> None:
    ran = triggerlang("run", "--warm-up", cwd=tmp_path)
    assert (ran.code, ran.out, ran.err) == (0, "", "the columnar engine is compiled for this machine already\n")
    ran = triggerlang("run", cwd=tmp_path)
    assert ran.code == 2
    assert "a LOG is missing" in ran.err


# Memory


def by_parts(*options: str, cwd: Path = ROOT) -> list[str]:
    return ["run", str(DATA / "cdnow_sample.jsonl"), "--rules", str(SAMPLE), "--engine", "columnar", "--memory", "100KB", *options]


def test_a_log_that_does_not_fit_is_run_part_by_part(tmp_path: Path) -> None:
    whole = triggerlang("run", str(DATA / "cdnow_sample.jsonl"), "--rules", str(SAMPLE), "-q", cwd=tmp_path)
    ran = triggerlang(*by_parts("--temp-dir", str(tmp_path), "-v", "-q"), cwd=tmp_path)
    assert ran.code == 0
    assert "reading parts" in ran.err
    assert ran.out == whole.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--memory", "lots"], "--memory: 'lots' is not a size: write a number and a unit, such as 4GB, 500MB or 1.5GiB"),
        (["--memory", "4"], "--memory: the size '4' has no unit: write 4GB, 4MB or 4B"),
        (["--temp-dir", "nowhere"], "nowhere: there is no such folder: name another folder with --temp-dir"),
        (["--temp-dir", "file"], "file: this is not a folder: name another folder with --temp-dir"),
    ],
)
def test_memory_and_folder_are_looked_at_first(options: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    ran = triggerlang("run", str(DATA / "cdnow_sample.jsonl"), "--rules", str(SAMPLE), *options, cwd=tmp_path)
    assert ran.code == 2
    assert said in ran.err
    assert ran.is_clean


def test_a_contact_that_does_not_fit_is_named(tmp_path: Path) -> None:
    (tmp_path / "rules.triggers").write_text("on any event where any event count = 4999 before")
    rows = [{"contact": "big one" if number % 10 else f"c{number}", "time": "2026-01-01", "name": "a"} for number in range(5_600)]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    ran = triggerlang("run", "log.jsonl", "--rules", ".", "--engine", "columnar", "--memory", "150KB", "--temp-dir", ".", cwd=tmp_path)
    assert ran.code == 0
    assert "Note: contact 'big one' has 5,040 events, more than fit into --memory; it is run all the same" in ran.err
    assert json.loads(ran.out)["contact"] == "big one"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("only the administrator may mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_named_and_nothing_is_written(small_disk: Path, tmp_path: Path) -> None:
    output = tmp_path / "entries.csv"
    ran = triggerlang(*by_parts("--temp-dir", str(small_disk), "-o", str(output)), cwd=tmp_path)
    assert ran.code == 2
    assert ran.err == f"Error: {small_disk}: the disk is full: name another folder with --temp-dir\n"
    assert not output.exists()
    assert list(small_disk.iterdir()) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_was_spilled_is_gone_after_a_signal(number: int, code: int, tmp_path: Path) -> None:
    """The process is told to end as soon as something has been spilled; the log goes on until then."""
    (tmp_path / "rules.triggers").write_text("on any event")
    command = [*PYTHON, "run", "-", "--rules", ".", "--engine", "columnar", "--memory", "100KB", "--temp-dir", ".", "-o", "entries.csv"]
    line = b'{"contact": "c%d", "time": "2026-01-01", "name": "a"}\n'
    deadline = time.monotonic() + 60
    sent = 0
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        while not list(tmp_path.glob("triggerlang-*.spill/part-*")):
            assert time.monotonic() < deadline
            process.stdin.write(b"".join(line % (sent + at) for at in range(20_000)))
            sent += 20_000
        process.send_signal(number)
        try:
            assert process.wait(30) == code
            assert b"Traceback" not in process.stderr.read()
        finally:
            process.kill()
    assert [path.name for path in tmp_path.iterdir()] == ["rules.triggers"]


def test_a_kernel_hears_of_a_signal(tmp_path: Path) -> None:
    """One contact may take hours: here all carts and orders are looked at beside each order."""
    (tmp_path / "rules.triggers").write_text(
        'on event "order" where (event "cart" with cart_id > trigger cart_id then event "order") count >= 1 before'
    )
    names = "cart", "order"
    lines = (f'{{"contact": "ana", "time": "2026-01-01", "name": "{names[at % 2]}", "cart_id": {at}}}\n' for at in range(200_000))
    (tmp_path / "log.jsonl").write_text("".join(lines))
    command = [*PYTHON, "run", "log.jsonl", "--rules", ".", "--engine", "columnar"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, env=environment()) as process:
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(20) == 130
        finally:
            process.kill()


@pytest.mark.long
def test_one_event_that_causes_no_end_of_entries(tmp_path: Path) -> None:
    """Automations that start each other without a circle can still double at each step."""
    text = 'automation "A0" every time on event "go" every time\n'
    for number in range(1, 40):
        text += f'automation "A{number}"\n' + f'  on enters automation "A{number - 1}" every time\n' * 2
    (tmp_path / "rules.triggers").write_text(text)
    (tmp_path / "log.jsonl").write_text('{"contact": "ana", "time": "2026-01-01", "name": "go"}\n')
    for engine in ("interpreter", "columnar"):
        ran = triggerlang("run", "log.jsonl", "--rules", ".", "--engine", engine, cwd=tmp_path)
        assert (ran.code, ran.out) == (2, "")
        assert "one event causes more than 1,000,000 entries" in ran.err
        assert ran.is_clean


# Numbers of a dictionary


@fewer
@given(st.text("0123456789+-. 5", max_size=40) | st.from_regex(r"\A *[+-]?[0-9]{0,20}[.]?[0-9]{0,12} *\Z") | st.text())
def test_numbers_are_read_as_the_interpreter_reads_them(text: str) -> None:
    from triggerlang.engines.columnar.reading import numbers_of
    from triggerlang.events.columns import Texts
    from triggerlang.language.numbers import number_of_text

    highs, lows, has = numbers_of(Texts.of([b"", b"s" + text.encode("utf-8", "surrogatepass"), b"o"]))
    found = (int(highs[1]) << 64) + int(lows[1]) if has[1] else None
    assert found == number_of_text(text)
    assert has.tolist() == [0, int(found is not None), 0]


# Clocks


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe", "UTC"])
def test_offsets_of_clocks(name: str) -> None:
    from triggerlang.engines.columnar.zones import clock_offsets

    zone = times.Zone(name)
    first = times.read_moment("2011-06-01", zone)
    assert first is not None
    last = first + 400 * times.DAY
    starts, offsets = clock_offsets(zone, first, last)
    for moment in [*range(first, last, 1_800_000_000), *(start + by for start in starts.tolist()[1:] for by in (-1, 0, 1))]:
        held = offsets[np.searchsorted(starts, moment, side="right") - 1]
        assert moment + int(held) == zone.clock_of(moment)


def test_a_program_can_ask_for_it(tmp_path: Path) -> None:
    import triggerlang as library

    rules = library.load(SAMPLE)
    log = [DATA / "cdnow_sample.jsonl", SAMPLE / "log" / "letters.csv"]
    expected: list[Entry] = list(library.evaluate(rules, log, engine="interpreter", timezone="Europe/Berlin"))
    assert list(library.evaluate(rules, log, engine="columnar", timezone="Europe/Berlin")) == expected
    assert expected


def test_an_empty_log(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_bytes(b"")
    ran = triggerlang("run", "log.jsonl", "--rules", str(SAMPLE), "--engine", "columnar", cwd=tmp_path)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("0 events of 0 contacts, 22 rules: 0 entries")
    assert columnar(rule_set({"a.triggers": "on any event"}), [], "UTC").entries == []


def test_what_looks_back_to_before_the_log_is_counted_once_where_a_contact_begins_anew() -> None:
    """Many rules, and entries at every event: the kernel's memory turns out too small in the midst of a contact."""
    rule = 'automation "{0}" on any event with p != "{0}" where event "x" has not occurred within 9 weeks every time\n'
    rules = rule_set({"a.triggers": "".join(rule.format(number) for number in range(40))})
    records = [
        Record(number * times.DAY, contact, "event", "a", row=row)
        for row, (number, contact) in enumerate(((number // 2, f"c{number % 2}") for number in range(3_000)), 1)
    ]
    with patch.dict("triggerlang.engines.columnar.memory._OF_LARGEST", clear=True):
        answer = columnar(rules, records, "UTC")
    assert set(answer.before_log.values()) == {126}
    assert answer == ENGINES["interpreter"](rules, records, "UTC")


@pytest.mark.long
def test_times_at_the_ends_of_the_calendar() -> None:
    rules = rule_set(
        {"a.triggers": "on any event where weekday in (monday) and any event has not occurred within 400000 weeks before every time"}
    )
    records = [Record(time, "ana", "event", "a", row=row) for row, time in enumerate((times.FIRST_MOMENT, times.END_OF_TIME - 1), 1)]
    assert columnar(rules, records, "Pacific/Apia") == ENGINES["interpreter"](rules, records, "Pacific/Apia")


def test_it_starts_without_what_it_does_not_need() -> None:
    """The interpreter's runs import nothing heavy."""
    code = "import sys; from triggerlang.cli import run; print([name for name in ('numpy', 'numba', 'pyarrow') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert ran.stdout == "[]\n"
