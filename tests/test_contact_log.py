"""The log of one contact: the same events and the same end as in the whole log, whichever reader has it; and the rules that are enough."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.support.engines import rule_set
from tests.support.worlds import World, worlds
from tests.test_differential import FIELDS, as_rows, fewer, rules_of, some
from triggerlang.engines import contact_log
from triggerlang.engines.choosing import Choice
from triggerlang.engines.columnar.flattening import paths_of
from triggerlang.engines.contact_log import ReadContact
from triggerlang.engines.evaluating import Request, Watcher, interpret
from triggerlang.engines.filters import getter
from triggerlang.engines.interpreter import Interpreter
from triggerlang.events.errors import LogError
from triggerlang.events.files import log_files
from triggerlang.events.log import read
from triggerlang.events.rejects import OnBadEvent
from triggerlang.language import times, values
from triggerlang.network.compiler import compile
from triggerlang.network.needed import needed


def read_of(rules: Any, paths: list[Path], contact: str, engine: Any, on_bad_event: OnBadEvent = "stop") -> ReadContact:
    files, _ = log_files(paths)
    return contact_log.read(compile(rules), Request(files, on_bad_event=on_bad_event), contact, Choice(engine, ""), Watcher())


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {key: pa.array([line[key] for line in lines], pa.string()) for key in FIELDS if key not in ("time", "value")}
    moments = [times.read_moment(line["time"], times.Zone()) for line in lines]
    columns["time"] = pa.array(moments, pa.timestamp("us", "UTC"))
    pq.write_table(pa.table(columns), path, row_group_size=7)


@pytest.mark.parametrize("shape", ["jsonl", "parquet"])
@fewer
@given(worlds())
def test_every_reader_has_the_same_events_of_a_contact(shape: str, world: World) -> None:
    rules = rules_of(world.files)
    # Some rows twice, at another time, so that there are duplicates, of the latest rows too.
    lines = as_rows(world.records) + [{**line, "time": line["time"].replace("2026", "2027")} for line in as_rows(world.records[::3])]
    if shape == "parquet":
        lines = [{**line, "value": None, "properties": json.dumps(line["properties"])} for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.{shape}" for number in range(2)]
        write(paths[0], lines[:20])
        write(paths[1], lines[20:])
        whole = read(paths)
        expected = [record for record in whole.records if record.contact == "ana"]
        for engine in ("interpreter", "columnar"):
            found = read_of(rules, paths, "ana", engine)
            assert [record[:4] + record[6:] for record in found.log.records] == [record[:4] + record[6:] for record in expected], engine
            assert found.end() == max((record.time for record in whole.records), default=times.FIRST_MOMENT), engine
            for path in paths_of(compile(rules)):
                get = getter(path)
                assert [values.text(get(record)) for record in found.log.records] == [values.text(get(record)) for record in expected]


def test_a_bad_row_stops_or_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"contact": "ben", "name": "a"}\n{"contact": "ana", "name": "a", "time": "2026-01-01"}\n')
    rules = rule_set({"r.triggers": 'on event "a"\n'})
    for engine in ("interpreter", "columnar"):
        with pytest.raises(LogError, match="time"):
            read_of(rules, [path], "ana", engine)
        found = read_of(rules, [path], "ana", engine, "skip").log
        assert (len(found.records), found.rejected, found.records[0].row) == (1, 1, 2)


def test_a_bad_row_of_another_contact_is_not_read_in_parquet(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    rows = [
        {"contact": contact, "time": "2026-01-01T00:00:00Z", "kind": None, "name": None, "properties": None, "id": None} for contact in "ab"
    ]
    rows[0]["name"] = "x"
    write(path, rows)
    rules = rule_set({"r.triggers": 'on event "a"\n'})
    assert len(read_of(rules, [path], "a", "columnar").log.records) == 1
    with pytest.raises(LogError, match="name"):
        read_of(rules, [path], "b", "columnar")


@pytest.mark.parametrize("engine", ["interpreter", "columnar"])
@pytest.mark.parametrize("shape", ["jsonl", "parquet"])
def test_the_nearest_contact_of_one_that_is_not_there(shape: str, engine: str, tmp_path: Path) -> None:
    path = tmp_path / f"log.{shape}"
    row = {"time": "2026-01-01T00:00:00Z", "kind": "event", "name": "a", "value": None, "properties": None, "id": None}
    write(path, [{**row, "contact": contact} for contact in ("ana@example.org", "ben@example.org")])
    rules = rule_set({"r.triggers": 'on event "a"\n'})
    assert read_of(rules, [path], "Ana@example.org", engine).log.near == "ana@example.org"
    assert read_of(rules, [path], "zoe", engine).log.near is None
    assert read_of(rules, [path], "ana@example.org", engine).log.near is None


@some
@given(worlds())
def test_the_rules_that_automations_depend_on_are_enough(world: World) -> None:
    rules = rules_of(world.files)
    whole = list(interpret(Interpreter(rules, timezone=world.timezone), world.records, world.now))
    for automation in rules.automations:
        own = list(interpret(Interpreter(needed(rules, [automation]), timezone=world.timezone), world.records, world.now))
        assert [entry for entry in own if entry.automation == automation] == [entry for entry in whole if entry.automation == automation]


def test_what_nobody_looks_at_is_left_out() -> None:
    files = {
        "a.triggers": 'automation "A" on event "a" where in segment "S"\nsegment "S" is enters automation "B" count >= 1\n',
        "b.triggers": 'automation "B" on enters automation like "C*"\nautomation "Cc" on event "c"\nautomation "D" on event "d"\n',
    }
    kept = needed(rule_set(files), ["A"])
    assert [rule.automation for rule in kept.rules] == ["A", "B", "Cc"]
    assert list(kept.segments) == ["S"]
