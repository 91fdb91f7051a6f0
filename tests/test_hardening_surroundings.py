"""Odd names and odd machines: cells, terminals, languages, hash seeds, names of files.

What must hold: the same bytes everywhere, and no name that is taken for anything else than a name.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.support.command import (
    ENTRY,
    LOG,
    SAMPLE_LOGS,
    environment,
    on_terminal,
    project,
    triggerlang,
)

SHAPES = ("jsonl", "csv", "parquet")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return project(tmp_path)


# What stands in it


def test_cells_that_a_spreadsheet_would_take_for_formulas(tmp_path: Path) -> None:
    contacts = ["=1+1", "+49", "-1", "@x", "\tx", "\rx", "a=b", "'=1", "ana"]
    log = "".join(json.dumps({"contact": contact, "time": "2026-01-01", "name": "a", "id": "=id"}) + "\n" for contact in contacts)
    project(tmp_path, rules='automation "=A" on event "a"\n', log=log)

    def cells(*options: str) -> list[list[str]]:
        assert triggerlang("run", "log.jsonl", "-q", "-o", "entries.csv", *options, cwd=tmp_path).code == 0
        with (tmp_path / "entries.csv").open(encoding="utf-8", newline="") as file:
            return [row[1:] for row in csv.reader(file)][1:]

    assert cells() == [[contact, "=A", "=A#1", "rules/welcome.triggers:1", "=id"] for contact in contacts]
    safe = [contact if contact in ("a=b", "'=1", "ana") else "'" + contact for contact in contacts]
    assert cells("--csv-safe") == [[contact, "'=A", "'=A#1", "rules/welcome.triggers:1", "'=id"] for contact in safe]
    refused = triggerlang("run", "log.jsonl", "--csv-safe", "-o", "entries.jsonl", cwd=tmp_path)
    assert refused.code == 2
    assert "--csv-safe needs -o with a .csv file" in refused.err


def test_a_terminal_is_not_moved_by_names(tmp_path: Path) -> None:
    contact = "a\x1b[31m\x1b]8;;http://x\x07\r\b\u202e" + "x" * 100_000
    log = json.dumps({"contact": contact, "time": "2026-01-01", "name": "a"}) + "\n"
    ran = on_terminal("run", "log.jsonl", "-q", cwd=project(tmp_path, rules='on event "a"\n', log=log))
    assert ran.code == 0
    assert not any(character in ran.out for character in "\x1b\x07\r\b\u202e")
    assert all(len(line) <= 80 for line in ran.out.splitlines())


# Surroundings


ODD: dict[str, dict[str, str]] = {
    "plain C": {"LANG": "C", "LC_ALL": "C"},
    "no UTF-8 mode": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "streams said to be ASCII": {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    "streams said to be UTF-16": {"PYTHONIOENCODING": "utf-16"},
    "odd time zone": {"TZ": "Pacific/Chatham"},
    "no home": {"HOME": "/nonexistent"},
    "dumb terminal": {"TERM": "dumb", "COLUMNS": "20"},
    "warnings are errors": {"PYTHONWARNINGS": "error"},
    "one hash seed": {"PYTHONHASHSEED": "1"},
    "another": {"PYTHONHASHSEED": "4294967295"},
}


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with letters of many alphabets, in names of files too."""
    rules = 'automation "Schöne Grüße 名前 🎉" on event "a"\n'
    log = '{"contact": "Zoë", "time": "2026-01-01 09:00", "name": "a"}\n{"contact": "渚", "time": "2026-01-01 09:00", "name": "a"}\n'
    folder = project(tmp_path_factory.mktemp("foreign"), rules=rules, log=log)
    (folder / "rules" / "grüße.triggers").write_text('on event "a"\n', encoding="utf-8")
    return folder


def written(folder: Path, target: Path, env: dict[str, str]) -> dict[str, bytes]:
    """What a run writes: as a file, to standard output, and as its summary for people."""
    ran = triggerlang("run", "log.jsonl", "-q", "-o", target / "entries.csv", cwd=folder, env=env)
    assert (ran.code, ran.err) == (0, "")
    ran = triggerlang("run", "log.jsonl", cwd=folder, env=env)
    assert ran.code == 0
    said = "\n".join(ran.err.splitlines()[1:])
    return {"csv": (target / "entries.csv").read_bytes(), "out": ran.out.encode(), "err": said.encode()}


@pytest.fixture(scope="module")
def usual(foreign: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return written(foreign, tmp_path_factory.mktemp("usual"), environment(LANG="C.UTF-8"))


@pytest.mark.parametrize("surroundings", ODD)
def test_the_same_bytes_everywhere(foreign: Path, tmp_path: Path, usual: dict[str, bytes], surroundings: str) -> None:
    assert "grüße#1".encode() in usual["out"]
    assert written(foreign, tmp_path, environment(**ODD[surroundings])) == usual


@pytest.mark.parametrize("surroundings", ["plain C", "no UTF-8 mode", "streams said to be ASCII"])
def test_check_speaks_in_any_surroundings(tmp_path: Path, surroundings: str) -> None:
    project(tmp_path, rules='automation "Grüße" on subscribes lst "名前"\n')
    ran = triggerlang("check", cwd=tmp_path, env=environment(**ODD[surroundings]))
    assert ran.code == 1
    assert 'automation "Grüße" on subscribes lst "名前"' in ran.out


def test_names_of_files_that_are_no_utf_8(tmp_path: Path) -> None:
    project(tmp_path)
    os.rename(os.fsencode(tmp_path / "rules" / "welcome.triggers"), os.fsencode(tmp_path / "rules") + b"/w\xff.triggers")
    for env in (environment(LANG="C.UTF-8"), environment(**ODD["no UTF-8 mode"])):
        ran = triggerlang("run", "log.jsonl", "-q", cwd=tmp_path, env=env)
        assert (ran.code, ran.err) == (0, "")
        assert json.loads(ran.out)["source"] == "rules/w\udcff.triggers:2"
        for shape in SHAPES:
            ran = triggerlang("run", "log.jsonl", "-q", "-o", f"entries.{shape}", cwd=tmp_path, env=env)
            assert (ran.code, ran.err) == (0, "")
        (tmp_path / "entries.csv").read_text(encoding="utf-8")
        assert pq.read_table(tmp_path / "entries.parquet").to_pylist()[0]["source"] == "rules/w\\udcff.triggers:2"


def test_the_split_and_the_packing_of_a_log_change_nothing(tmp_path: Path) -> None:
    held = (SAMPLE_LOGS / "cdnow_part.jsonl").read_bytes()
    lines = held.splitlines(keepends=True)
    (tmp_path / "whole.jsonl").write_bytes(held)
    (tmp_path / "packed.jsonl.gz").write_bytes(gzip.compress(held))
    (tmp_path / "parts").mkdir()
    for number in range(0, len(lines), 100):
        (tmp_path / "parts" / f"{number:05}.jsonl").write_bytes(b"".join(lines[number : number + 100]))
    ran = [
        triggerlang("run", log, "-q", "--rules", SAMPLE_LOGS.parent, cwd=tmp_path)
        for log in ("whole.jsonl", "packed.jsonl.gz", "parts", "parts/*.jsonl")
    ]
    assert [(each.code, each.err) for each in ran] == [(0, "")] * len(ran)
    assert ran[0].out.count("\n") > 500
    assert {each.out for each in ran} == {ran[0].out}


# Names of logs


def test_logs_with_odd_names(small: Path) -> None:
    for name in ("--rules", "a\nb.jsonl", "a\x1b[31m.jsonl", "-", "ä.jsonl"):
        (small / name).write_text(LOG)
    for arguments in (("--", "--rules"), ("./-",), ("./--rules",)):
        ran = triggerlang("run", "-q", "--log-format", "jsonl", *arguments, cwd=small)
        assert (ran.code, ran.out) == (0, ENTRY), ran.err
    for name in ("a\nb.jsonl", "a\x1b[31m.jsonl", "ä.jsonl"):
        assert triggerlang("run", "-q", name, cwd=small).out == ENTRY
        (small / name).write_text("{}\n")
        ran = triggerlang("run", "-q", name, cwd=small)
        assert ran.code == 2
        assert ran.err.count("\n") == 1
        assert "\x1b" not in ran.err


@pytest.mark.parametrize("log", ["x.csv.gz.zst", "*.nothing", "nowhere", "nowhere.jsonl", "empty"])
def test_a_log_that_is_none_is_named(small: Path, log: str) -> None:
    (small / "x.csv.gz.zst").write_bytes(b"")
    (small / "empty").mkdir()
    ran = triggerlang("run", log, cwd=small)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"Error: {log}:")
    assert ran.err.count("\n") == 1


def test_a_log_that_is_named_twice_counts_once(small: Path) -> None:
    (small / "same.jsonl").symlink_to("log.jsonl")
    ran = triggerlang("run", "log.jsonl", "./log.jsonl", "same.jsonl", cwd=small)
    assert (ran.code, ran.out) == (0, ENTRY)
    assert [line for line in ran.err.splitlines() if line.startswith("Warning")] == [
        "Warning: ./log.jsonl is named twice; it was read once",
        "Warning: same.jsonl is named twice; it was read once",
    ]
    assert "3 events of 2 contacts" in ran.err
