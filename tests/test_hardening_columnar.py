"""Hostile logs through the columnar engine, and what surrounds it: the same answer or the same clear error as the interpreter, and
nothing left behind."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import PYTHON, ROOT, environment, triggerlang
from tests.support.engines import rule_set
from tests.test_columnar_engine import came_of
from triggerlang.engines.evaluating import Request
from triggerlang.events.files import log_files

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("numba")

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

RULES = """
automation "All" on any event every time
automation "Numbers" on any event where any event sum v >= 0.8 so far and any event max v < 1_000 so far every time
automation "Texts" on any event with v contains "1" every time
automation "Again" on any event where any event has occurred before once per v
automation "Nested" on any event with a.b = 1 every time
"""


def line(**fields: Any) -> bytes:
    return json.dumps({"contact": "ana", "time": "2026-01-02", "name": "a", **fields}).encode() + b"\n"


def lines(*texts: str) -> bytes:
    return b"".join(b'{"contact":"ana","time":"2026-01-02","name":"a",' + text.encode("utf-8", "surrogatepass") + b"}\n" for text in texts)


GOOD = line(v=0.1) + line(v=0.7, contact="ben") + line(v="0.7")

WRONG: dict[str, tuple[Any, ...]] = {
    "contact": (None, "", " ", 5, 5.0, 5.5, True, [], {}),
    "name": (None, "", 7, -7, 1.5, False),
    "kind": (None, "", 1, "event"),
    "id": (None, "", 1, 2.5, []),
    "value": (None, [], {}, "x", 1),
    "properties": (None, [], "x", {"v": 1}),
}

LOGS: dict[str, tuple[str, bytes]] = {
    "L1 cut gzip": ("log.jsonl.gz", gzip.compress(GOOD * 50)[:-9]),
    "L1 rubbish behind gzip": ("log.jsonl.gz", gzip.compress(GOOD) + b"rubbish"),
    "L1 cut zstd": ("log.jsonl.zst", zstd.compress(GOOD * 50)[:-3]),
    "L1 two members": ("log.jsonl.gz", gzip.compress(GOOD) + gzip.compress(GOOD)),
    "L1 a suffix that lies": ("log.jsonl.zst", gzip.compress(GOOD)),
    "L2 one long line": ("log.jsonl.zst", zstd.compress(GOOD + b'{"contact": "' + b"x" * (17 << 20) + b'"}\n' + GOOD)),
    "L3 NUL": ("log.jsonl", GOOD + b'{"contact":"a\x00","time":"2026-01-01","name":"a"}\n' + line(name="a\x00b") + GOOD),
    "L3 half a pair": ("log.jsonl", lines('"v":"\\ud800"', '"v":"\\ud83d\\ude00"', '"v":"\ud800"') + GOOD),
    "L3 no UTF-8": ("log.jsonl", GOOD + b'{"contact":"\xff\xfe","time":"2026-01-01","name":"a"}\n' + GOOD),
    "L3 a wide cell": ("log.csv", b"contact,time,name,v\nana,2026-01-01,a," + b"1" * 200_000 + b"\nben,2026-01-01,a,2\n"),
    "L3 a quote that stays open": ("log.csv", b'contact,time,name,v\nana,2026-01-01,a,"1\nben,2026-01-01,a,2\n'),
    "L3 columns that change": ("log.csv", b"contact,time,name\nana,2026-01-01,a\nben,2026-01-01\ncarl,2026-01-01,a,b\n"),
    "L3 no header": ("log.csv", b"ana,2026-01-01,a\n"),
    "L3 a column twice": ("log.csv", b"contact,time,name,name\nana,2026-01-01,a,b\n"),
    "L3 a mark before the header": ("log.tsv", b"\xef\xbb\xbfcontact\ttime\tname\nana\t2026-01-01\ta\n"),
    "L4 a key twice": ("log.jsonl", lines('"v":1,"v":2', '"a":{"b":1,"b":2}', '"a":{"b":1,"c":{"b":2}}')),
    "L5 numbers at the edge": (
        "log.jsonl",
        lines(
            *(f'"v":{number}' for number in ("NaN", "Infinity", "1e999", "-0", "9007199254740993", "1" * 400, "0.1", "0.70", "1e2", "01"))
        ),
    ),
    "L5 sums": ("log.jsonl", lines('"v":0.1', '"v":0.7', '"v":1e16', '"v":-1e16', '"v":0.000000001', '"v":"999999999999999999.9"')),
    "L6 deep": ("log.jsonl", lines('"a":' + "[" * 70 + "]" * 70, '"a":' + '{"b":' * 60 + "1" + "}" * 60, '"a":{"b":1}')),
    "L6 deeper than any stack": ("log.jsonl", GOOD + lines('"a":' + "[" * 200_000) + lines('"a":' + "[" * 200_000 + "]" * 200_000) + GOOD),
    "L6 many keys": ("log.jsonl", lines(",".join(f'"k{number}":{number}' for number in range(100_000)) + ',"v":1')),
    "L6 a long key": ("log.jsonl", lines(f'"{"k" * (1 << 20)}":1,"v":11')),
    "L7 wrong types": (
        "log.jsonl",
        b"".join(line(**{field: held}) for field, some in WRONG.items() for held in some),
    ),
    "L7 alike but for case and form": ("log.jsonl", line(contact="é") + line(contact="e\u0301") + line(contact="É") + line(contact="é ")),
    "L8 times": (
        "log.jsonl",
        b"".join(
            line(time=text)
            for text in (
                *("2026-03-29 02:30", "2026-10-25 02:30", "2026-01-01T00:00:00Z", "2026-01-01T00:00+14:00", "2026-01-01T00:00-12:00"),
                *("2026-01-01T00:00+25:00", "2026-01-01 23:59:60", "2026-01-01 24:00", "2026-01-01T00:00:00.123456789", "2026-W01-1"),
                *(
                    "1767225600",
                    "9999-12-31T23:59-05:00",
                    "9999-12-31",
                    "0001-01-01",
                    "0000-01-01",
                    "0001-01-01T00:00+05:00",
                    " 2026-01-01",
                ),
                *("2026-1-1", "2026-02-30", "2026-01-01t00:00", "2026-01-01T00:00:00,5", "\u0662026-01-01"),
            )
        )
        + line(time=1767225600)
        + line(time=None),
    ),
    "L9 out of order": ("log.jsonl", b"".join(line(time=f"2026-01-0{1 + number * 5 % 7}", v=number) for number in range(40))),
    "L9 the same id twice": ("log.jsonl", line(id="x", v=1, time="2026-01-03") + line(id="x", v=2) + line(id="x", v=3, contact="ben")),
    "L9 header only": ("log.csv", b"contact,time,name\n"),
    "L9 nothing": ("log.jsonl", b""),
}


@pytest.mark.parametrize("name", LOGS)
def test_both_engines_say_the_same(name: str, tmp_path: Path) -> None:
    file, data = LOGS[name]
    path = tmp_path / file
    path.write_bytes(data)
    rules = rule_set({"rules.triggers": RULES})
    for skip in ("stop", "skip"):
        for zone in ("UTC", "Europe/Berlin"):
            expected = came_of(rules, Request(log_files([path])[0], zone, on_bad_event=skip), "interpreter")
            assert came_of(rules, Request(log_files([path])[0], zone, on_bad_event=skip), "columnar") == expected


def test_L2_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    (tmp_path / "rules.triggers").write_text("on any event")
    with zstd.ZstdFile(tmp_path / "bomb.jsonl.zst", "wb") as file:
        for _ in range(64):
            file.write(bytes(16 << 20))
    code = (
        "import resource, subprocess, sys; ran = subprocess.run([sys.executable, '-m', 'triggerlang', *sys.argv[1:]], capture_output=True);"
        "print(ran.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, ran.stderr.decode())"
    )
    command = [sys.executable, "-c", code, "run", "bomb.jsonl.zst", "--rules", ".", "--engine", "columnar"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, env=environment())
    ended, kilobytes, said = ran.stdout.split(" ", 2)
    assert ended == "2"
    assert "bomb.jsonl.zst:1: this row is too long" in said
    assert int(kilobytes) < 600_000


def test_L10_a_parquet_file_of_other_types(tmp_path: Path) -> None:
    """Timestamps in every unit, dictionaries, decimals, and a column of lists for a name."""
    rules = rule_set({"rules.triggers": RULES})
    times = [1_767_225_600 + number for number in range(3)]
    for unit, factor in (("s", 1), ("ms", 1_000), ("us", 1_000_000), ("ns", 1_000_000_000)):
        for zone in (None, "UTC", "Europe/Berlin"):
            table = pa.table(
                {
                    "contact": pa.array(["ana", "ben", "ana"]).dictionary_encode(),
                    "time": pa.array([moment * factor for moment in times], pa.timestamp(unit, zone)),
                    "name": pa.array([1, 2, 3], pa.int32()),
                    "v": pa.array([None, 1, 2], pa.decimal128(38, 9)),
                }
            )
            pq.write_table(table, tmp_path / "log.parquet")
            expected = came_of(rules, Request(log_files([tmp_path / "log.parquet"])[0], "Europe/Berlin"), "interpreter")
            assert came_of(rules, Request(log_files([tmp_path / "log.parquet"])[0], "Europe/Berlin"), "columnar") == expected
            assert not isinstance(expected[0], str)
    pq.write_table(pa.table({"contact": ["ana"], "time": ["2026-01-01"], "name": [["a"]]}), tmp_path / "log.parquet")
    ran = triggerlang("run", "log.parquet", "--rules", str(ROOT / "rules"), "--engine", "columnar", cwd=tmp_path)
    assert ran.code == 2
    assert ran.err.startswith("Error: log.parquet:1: this row has a name that is no text")
    assert ran.is_clean


@pytest.mark.parametrize("cut", [0, 1, 4, 100, -1, -4, -8, -20])
def test_L10_a_parquet_file_that_is_cut(cut: int, tmp_path: Path) -> None:
    table = pa.table({"contact": ["ana"], "time": ["2026-01-01"], "name": ["a"]})
    held = io.BytesIO()
    pq.write_table(table, held)
    (tmp_path / "log.parquet").write_bytes(held.getvalue()[:cut])
    ran = triggerlang("run", "log.parquet", "--rules", str(ROOT / "rules"), "--engine", "columnar", "-o", "e.csv", cwd=tmp_path)
    assert ran.code == 2
    assert ran.err.startswith("Error: log.parquet: this Parquet file cannot be read after row 0")
    assert ran.is_clean
    assert [path.name for path in tmp_path.iterdir()] == ["log.parquet"]


def test_O3_nothing_is_put_into_a_query() -> None:
    """There is no SQL at all: no rule and no log can come into any."""
    for path in (ROOT / "triggerlang").rglob("*.py"):
        assert not re.search(r"\.(execute|sql|query)\(|duckdb|sqlite", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("kilobytes", [400_000, 900_000, 1_500_000])
def test_O6_too_little_memory_is_said(kilobytes: int, tmp_path: Path) -> None:
    """At import, at reading or later: a clear end, or an answer."""
    (tmp_path / "rules.triggers").write_text("on any event every time")
    with (tmp_path / "log.jsonl").open("wb") as log:
        for number in range(300_000):
            log.write(b'{"contact":"c%d","time":"2026-01-01","name":"a","value":%d}\n' % (number, number))
    command = f"ulimit -v {kilobytes}; exec {sys.executable} -m triggerlang run log.jsonl --rules . --engine columnar -o entries.csv"
    ran = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False, env=environment())
    assert ran.returncode in (0, 2), ran.stderr[-2000:]
    assert "Traceback" not in ran.stderr
    assert (tmp_path / "entries.csv").exists() == (ran.returncode == 0)
    if ran.returncode:
        assert ran.stderr.startswith("Error: ")


def test_O8_a_signal_while_kernels_are_compiled(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o700)
    command = [*PYTHON, "run", "--warm-up"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, env=environment(HOME=str(tmp_path / "home"))) as process:
        deadline = time.monotonic() + 60
        while not list((tmp_path / "home").glob(".cache/triggerlang/kernels/.*")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert os.listdir(tmp_path / "home" / ".cache" / "triggerlang" / "kernels") == []


def test_O13_the_same_bytes_whatever_the_seed_and_the_split(tmp_path: Path) -> None:
    data = (ROOT / "tests" / "data" / "cdnow_sample.jsonl").read_bytes().splitlines(keepends=True)
    outputs = set()
    for seed, cut in (("0", 0), ("1", 3_000), ("77", 6_000)):
        folder = tmp_path / seed
        folder.mkdir()
        (folder / "1.jsonl").write_bytes(b"".join(data[:cut]))
        (folder / "2.jsonl").write_bytes(b"".join(data[cut:]))
        ran = triggerlang(
            *("run", "1.jsonl", "2.jsonl", "--rules", str(ROOT / "rules"), "--engine", "columnar", "-q", "-o", "e.csv"),
            cwd=folder,
            env=environment(PYTHONHASHSEED=seed),
        )
        assert ran.code == 0
        outputs.add((folder / "e.csv").read_bytes())
    assert len(outputs) == 1
