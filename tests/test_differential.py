"""Engines against the oracle, entry for entry, on made-up rules and logs.

`TRIGGERLANG_EXAMPLES=5000 pytest tests/test_differential.py` looks at that many worlds.
"""

from __future__ import annotations

import csv
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from tests import oracle
from tests.support.amounts import EXAMPLES
from tests.support.engines import ENGINES, Answer
from tests.support.worlds import World, worlds
from triggerlang.checking.project import check
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.entry import Entry
from triggerlang.engines.interpreter import Interpreter
from triggerlang.events.log import of_records, read
from triggerlang.events.record import Record
from triggerlang.language import printing, times
from triggerlang.language.parser import parse
from triggerlang.language.source import Source

many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
some = settings(many, max_examples=max(EXAMPLES // 5, 20))
fewer = settings(many, max_examples=max(EXAMPLES // 16, 20))


def rules_of(files: dict[str, str]) -> RuleSet:
    checked = check([Source(path, text) for path, text in files.items()])
    # What is made up may be what the checker knows never to happen.
    assume(not checked.diagnostics or {problem.code for problem in checked.diagnostics} - {"never-follows", "never-absent", "no-date"})
    assert checked.rules is not None, [(problem.code, problem.message, problem.span.text) for problem in checked.diagnostics]
    return checked.rules


def rows(answer: Answer) -> tuple[list[tuple[str, str, str | int]], dict[str, int], dict[str, int]]:
    shown = [(times.format_moment(times.from_datetime(entry.time, times.Zone())), entry.rule, entry.event) for entry in answer.entries]
    return shown, answer.pending, answer.before_log


@many
@given(worlds())
def test_the_interpreter_is_the_oracle(world: World) -> None:
    rules = rules_of(world.files)
    expected = ENGINES["oracle"](rules, world.records, world.timezone, world.now)
    assert rows(ENGINES["interpreter"](rules, world.records, world.timezone, world.now)) == rows(expected)


@some
@given(worlds())
def test_the_index_changes_nothing(world: World) -> None:
    rules = rules_of(world.files)
    indexed = ENGINES["interpreter"](rules, world.records, world.timezone, world.now)
    assert ENGINES["interpreter-without-index"](rules, world.records, world.timezone, world.now) == indexed


@some
@given(worlds(), st.randoms(use_true_random=False))
def test_moving_the_clock_between_events_changes_nothing(world: World, chance: Any) -> None:
    """What is due comes when the clock passes it, whether an event moved the clock or nobody did."""
    rules = rules_of(world.files)
    engine = Interpreter(rules, timezone=world.timezone)
    entries: list[Entry] = []
    last = 0
    for record in world.records:
        while record.time > last and chance.randrange(2):
            entries += engine.finish(chance.randint(last, record.time - 1))
        last = record.time
        entries += engine.feed_record(record)
    entries += engine.finish(world.now)
    whole = ENGINES["interpreter"](rules, world.records, world.timezone, world.now)
    assert (entries, engine.pending()) == (whole.entries, whole.pending)


FIELDS = ("time", "contact", "kind", "name", "value", "properties", "id")


def as_rows(records: tuple[Record, ...]) -> list[dict[str, Any]]:
    return [
        {
            "time": times.format_moment(record.time),
            "contact": record.contact,
            "kind": record.kind,
            "name": record.name,
            "value": record.value,
            "properties": dict(record.properties),
            "id": record.id,
        }
        for record in records
    ]


def entries_of_files(world: World, files: list[list[dict[str, Any]]]) -> Answer:
    rules = rules_of(world.files)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jsonl" for number in range(len(files))]
        for path, lines in zip(paths, files, strict=True):
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        log = read(paths, timezone=world.timezone)
    return ENGINES["interpreter"](rules, log.records, world.timezone, world.now)


@some
@given(worlds(), st.integers(0, 30), st.integers(0, 30))
def test_one_file_or_several(world: World, first: int, second: int) -> None:
    lines = as_rows(world.records)
    cuts = sorted((min(first, len(lines)), min(second, len(lines))))
    whole = ENGINES["interpreter"](rules_of(world.files), world.records, world.timezone, world.now)
    assert entries_of_files(world, [lines]) == whole
    assert entries_of_files(world, [lines[: cuts[0]], lines[cuts[0] : cuts[1]], lines[cuts[1] :]]) == whole


SHAPES: dict[str, tuple[str, Callable[[Any], Any], tuple[str, ...]]] = {
    "text": ("string", oracle.as_text, ("csv", "tsv", "parquet")),
    "integer": ("int64", lambda value: len(repr(value)) - 3, ("parquet",)),
    "float": ("float64", lambda value: len(repr(value)) / 10 - 0.5, ("parquet",)),
    "boolean": ("bool_", lambda value: bool(value), ("parquet",)),
}
"""What `value` is in all rows of a log: its Arrow type, how a value becomes one, and the shapes of files that can hold it as it is."""


def write_as(shape: str, path: Path, lines: list[dict[str, Any]], arrow_type: str) -> None:
    """Write a log's rows, properties as JSON text; an absent value, and an absent id, is an empty cell or a null."""
    rows = [{**line, "properties": json.dumps(line["properties"])} for line in lines]
    if shape != "parquet":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, FIELDS, delimiter="," if shape == "csv" else "\t")
            writer.writeheader()
            writer.writerows(rows)
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {key: pa.array([row[key] for row in rows], pa.string()) for key in FIELDS if key not in ("time", "value")}
    moments = [times.read_moment(row["time"], times.Zone()) for row in rows]
    columns["time"] = pa.array(moments, pa.timestamp("us", "UTC"))
    columns["value"] = pa.array([row["value"] for row in rows], getattr(pa, arrow_type)())
    pq.write_table(pa.table(columns), path)


@pytest.mark.parametrize("held", SHAPES)
@fewer
@given(worlds())
def test_files_of_every_shape_mean_the_same(held: str, world: World) -> None:
    arrow_type, make, shapes = SHAPES[held]
    # An empty cell of a table is absent, so an empty text is left out.
    records = [record._replace(value=None if record.value in (None, "") else make(record.value)) for record in world.records]
    lines = as_rows(tuple(records))
    rules = rules_of(world.files)
    expected = ENGINES["interpreter"](rules, records, world.timezone, world.now)
    with tempfile.TemporaryDirectory() as folder:
        for shape in ("jsonl", *shapes):
            path = Path(folder) / f"log.{shape}"
            if shape == "jsonl":
                path.write_text("".join(json.dumps(line) + "\n" for line in lines))
            else:
                write_as(shape, path, lines, arrow_type)
            log = read([path], timezone=world.timezone)
            assert ENGINES["interpreter"](rules, log.records, world.timezone, world.now) == expected, shape


@some
@given(worlds(), st.randoms(use_true_random=False))
def test_rows_in_another_order_that_keeps_ties(world: World, chance: Any) -> None:
    """Events of one time keep their order; all others may stand anywhere."""
    groups: dict[int, list[Record]] = {}
    for record in world.records:
        groups.setdefault(record.time, []).append(record)
    shuffled: list[Record] = []
    waiting = [list(group) for group in groups.values()]
    while waiting:
        group = chance.choice(waiting)
        shuffled.append(group.pop(0))
        if not group:
            waiting.remove(group)
    rules = rules_of(world.files)
    expected = ENGINES["interpreter"](rules, world.records, world.timezone, world.now)
    assert ENGINES["interpreter"](rules, of_records(shuffled).records, world.timezone, world.now) == expected


@some
@given(worlds())
def test_rules_of_one_file_or_several(world: World) -> None:
    """A file cut before its last header: the same entries, because a header begins anew wherever it stands."""
    headers = {path: [found.start() for found in re.finditer('^automation "', text, re.MULTILINE)] for path, text in world.files.items()}
    path = next((path for path, places in headers.items() if places), None)
    assume(path is not None)
    cut: dict[str, str] = {}
    for other, text in world.files.items():
        at = headers[other][-1] if other == path else len(text)
        cut[other] = text[:at] + "# cut\n"
        if other == path:
            cut["rest.triggers"] = text[at:]
    whole = ENGINES["interpreter"](rules_of(world.files), world.records, world.timezone, world.now)
    assert rows(ENGINES["interpreter"](rules_of(cut), world.records, world.timezone, world.now)) == rows(whole)


@some
@given(worlds())
def test_what_is_printed_parses_to_the_same_tree(world: World) -> None:
    for path, text in world.files.items():
        file = parse(Source(path, text)).file
        printed = "\n".join(printing.statement(statement) for statement in file.statements)
        again = parse(Source(path, printed))
        assert not again.diagnostics
        assert again.file == file
        assert [printing.statement(statement) for statement in again.file.statements] == printed.split("\n")
