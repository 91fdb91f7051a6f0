"""Engines against the oracle, entry for entry, on made-up rules and logs.

`TRIGGERLANG_EXAMPLES=5000 pytest tests/test_differential.py` looks at that many worlds.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.engines import ENGINES
from tests.support.worlds import World, worlds
from triggerlang.checking.project import check
from triggerlang.checking.ruleset import RuleSet
from triggerlang.engines.entry import Entry
from triggerlang.events.log import of_records, read
from triggerlang.events.record import Record
from triggerlang.language import printing, times
from triggerlang.language.parser import parse
from triggerlang.language.source import Source

EXAMPLES = int(os.environ.get("TRIGGERLANG_EXAMPLES", "400"))
many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
some = settings(many, max_examples=max(EXAMPLES // 5, 20))


def rule_set(files: dict[str, str]) -> RuleSet:
    checked = check([Source(path, text) for path, text in files.items()])
    assert checked.rules is not None, [(problem.code, problem.message, problem.span.text) for problem in checked.diagnostics]
    return checked.rules


def rows(entries: list[Entry]) -> list[tuple[str, str, str | int]]:
    return [(times.format_moment(times.from_datetime(entry.time, times.Zone())), entry.rule, entry.event) for entry in entries]


@many
@given(worlds())
def test_the_interpreter_is_the_oracle(world: World) -> None:
    rules = rule_set(world.files)
    expected = ENGINES["oracle"](rules, world.records, world.timezone)
    assert rows(ENGINES["interpreter"](rules, world.records, world.timezone)) == rows(expected)


@some
@given(worlds())
def test_the_index_changes_nothing(world: World) -> None:
    rules = rule_set(world.files)
    indexed = ENGINES["interpreter"](rules, world.records, world.timezone)
    assert ENGINES["interpreter-without-index"](rules, world.records, world.timezone) == indexed


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


def entries_of_files(world: World, files: list[list[dict[str, Any]]]) -> list[Entry]:
    rules = rule_set(world.files)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jsonl" for number in range(len(files))]
        for path, lines in zip(paths, files, strict=True):
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        log = read(paths, timezone=world.timezone)
    return ENGINES["interpreter"](rules, log.records, world.timezone)


@some
@given(worlds(), st.integers(0, 30), st.integers(0, 30))
def test_one_file_or_several(world: World, first: int, second: int) -> None:
    lines = as_rows(world.records)
    cuts = sorted((min(first, len(lines)), min(second, len(lines))))
    whole = ENGINES["interpreter"](rule_set(world.files), world.records, world.timezone)
    assert entries_of_files(world, [lines]) == whole
    assert entries_of_files(world, [lines[: cuts[0]], lines[cuts[0] : cuts[1]], lines[cuts[1] :]]) == whole


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
    rules = rule_set(world.files)
    expected = ENGINES["interpreter"](rules, world.records, world.timezone)
    assert ENGINES["interpreter"](rules, of_records(shuffled).records, world.timezone) == expected


@some
@given(worlds())
def test_rules_of_one_file_or_several(world: World) -> None:
    """A file cut before its last header: the same entries, because a header begins anew wherever it stands."""
    path, text = next(iter(world.files.items()))
    at = text.rindex('automation "')
    others = dict(list(world.files.items())[1:])
    whole = ENGINES["interpreter"](rule_set(world.files), world.records, world.timezone)
    cut = ENGINES["interpreter"](rule_set({path: text[:at] + "# cut\n", "f0b.triggers": text[at:], **others}), world.records, world.timezone)
    assert rows(cut) == rows(whole)


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
