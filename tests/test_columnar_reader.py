"""The columnar reader against the one that reads row by row: the same events, the same rejects, the same errors, whatever a log holds."""

from __future__ import annotations

import gzip
import io
import json
import sys
import threading
import tracemalloc
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from triggerlang.events import packed
from triggerlang.events.ahead import DECODING, Ahead
from triggerlang.events.columns import Columns, Texts
from triggerlang.events.errors import LogError
from triggerlang.events.files import LogFile
from triggerlang.events.log import Log, in_order, read
from triggerlang.events.record import Record
from triggerlang.events.rejects import Reject
from triggerlang.events.tagging import tagged
from triggerlang.language import times, values
from triggerlang.language.times import Zone

np = pytest.importorskip("numpy")
pytest.importorskip("numba")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from triggerlang.events import arrow, batches, columnar, decoding, groups, interning, merging, moments, parquet, passing, spilling, texts  # noqa: E402
from triggerlang.events.interning import NO_BYTES, Coded, Interner, Numbers, Spans  # noqa: E402

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DATA = Path(__file__).parent / "data"
PATHS = ("value", "plan", "a.b", "a", "n.m", "n.k.x", "odd key", "properties", "tags", "name", "é", "")
ZONES = ("UTC", "Europe/Berlin")
NO_LIMIT = 1 << 50

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@dataclass
class Outcome:
    """What came of reading: events (time, contact, kind, name, id, row and the values at the paths), rejects, the rest; or the error."""

    events: list[tuple[Any, ...]]
    rejects: list[Reject]
    counted: tuple[Any, ...]
    error: tuple[Any, ...] | None


def row_by_row(logs: list[Path], paths: Collection[str], **options: Any) -> Outcome:
    rejects: list[Reject] = []
    try:
        log = read(logs, on_reject=rejects.append, **options)
    except LogError as error:
        return Outcome([], rejects, (), (str(error), error.reason, error.file, error.line))
    events = [
        (
            *(record.time, record.contact, record.kind, record.name, record.id, record.row),
            *(tagged(record.value if path == "value" else values.lookup(record.properties, path)) for path in paths),
        )
        for record in log.records
    ]
    return Outcome(events, rejects, (log.rejected, log.duplicates, log.repeated), None)


def rows_of(columns: Columns, paths: Collection[str]) -> Iterator[tuple[Record, tuple[bytes, ...]]]:
    """The events of columns, in their order."""
    assert list(columns.properties) == list(paths)
    contacts = columns.contacts.all()
    assert len(set(contacts)) == len(contacts)
    assert len(set(columns.keys)) == len(columns.keys)
    assert (columns.id is None) == (columns.ids is None)
    ids = [b""] if columns.ids is None else columns.ids.all()
    assert ids[0] == b""
    held = [(column.codes.tolist(), column.values.all()) for column in columns.properties.values()]
    for _, texts_held in held:
        assert texts_held[0] == b""
        assert len(set(texts_held)) == len(texts_held)
    for longs in (columns.time, columns.row):
        assert longs.dtype == np.int64
    for codes in (columns.contact, columns.key, *(column.codes for column in columns.properties.values())):
        assert codes.dtype == np.int32
        assert len(codes) == len(columns)
    event_ids = [0] * len(columns) if columns.id is None else columns.id.tolist()
    for at, (time, row, contact, key, event_id) in enumerate(
        zip(columns.time.tolist(), columns.row.tolist(), columns.contact.tolist(), columns.key.tolist(), event_ids, strict=True)
    ):
        kind, name = columns.keys[key]
        found = tuple(texts_held[of_rows[at]] for of_rows, texts_held in held)
        yield Record(time, contacts[contact].decode(), kind, name, id=ids[event_id].decode() or None, row=row), found


def by_column(logs: list[Path], paths: Collection[str], **options: Any) -> Outcome:
    rejects: list[Reject] = []
    given = {"threads": 2, "memory": NO_LIMIT, "spill": None, **options}
    try:
        log = columnar.read_columns(logs, paths, on_reject=rejects.append, **given)
    except LogError as error:
        return Outcome([], rejects, (), (str(error), error.reason, error.file, error.line))
    found: list[tuple[Record, tuple[bytes, ...]]] = []
    seen: set[str] = set()
    for part in log.parts:
        of_part = list(rows_of(part.load(), paths))
        contacts = {record.contact for record, _ in of_part}
        assert not contacts & seen, "a contact stands in two parts"
        assert [record.row for record, _ in of_part] == sorted(record.row for record, _ in of_part)
        seen |= contacts
        found += of_part
    found.sort(key=lambda event: event[0].row)
    held = {record.row: value for record, value in found}
    ordered = in_order(Log(records=[record for record, _ in found]))
    events = [
        (record.time, record.contact, record.kind, record.name, record.id, record.row, *held[record.row]) for record in ordered.records
    ]
    return Outcome(events, rejects, (log.rejected, ordered.duplicates, log.repeated), None)


def assert_same(logs: list[Path] | Path, paths: Collection[str] = PATHS, **options: Any) -> Outcome:
    """Both readers make the same of the logs; returns that."""
    files = [logs] if isinstance(logs, Path) else logs
    shared = {name: options.pop(name) for name in ("timezone", "log_format", "on_bad_event") if name in options}
    expected = row_by_row(files, paths, **shared)
    found = by_column(files, paths, **shared, **options)
    assert found.error == expected.error
    assert found.rejects == expected.rejects
    assert found.counted == expected.counted
    assert found.events == expected.events
    if found.error is None:
        assert_nothing_is_lost(files, paths, **shared, **options)
    tables = [LogFile(str(file), "parquet", "") for file in files if file.suffix == ".parquet"]
    if tables:
        with Ahead(tables, NO_LIMIT) as ahead:
            for thread in threading.enumerate():
                if thread.name == DECODING:
                    thread.join()
            assert by_column(files, paths, ahead=ahead, **shared, **options) == found
    return found


def assert_nothing_is_lost(files: list[Path], paths: Collection[str], **options: Any) -> None:
    """Events that nobody wants are counted all the same, and those with an id stay."""

    def wants(kind: str, name: str) -> bool:
        return (len(kind) + len(name)) % 2 == 0

    def parts(**more: Any) -> list[Columns]:
        given = {"threads": 2, "memory": NO_LIMIT, "spill": None, **options, **more}
        return [part.load() for part in columnar.read_columns(files, paths, **given).parts]

    def events(of: list[Columns]) -> dict[int, tuple[Record, tuple[bytes, ...]]]:
        return {record.row: (record, found) for part in of for record, found in rows_of(part, paths)}

    def counts(of: list[Columns]) -> tuple[int, ...]:
        spans = [part.span() for part in of if part.events()] or [(0, 0)]
        earliest, latest = min(start for start, _ in spans), max(end for _, end in spans)
        return sum(part.events() for part in of), sum(passing.contacts_met(part) for part in of), earliest, latest

    every, some = parts(), parts(wants=wants)
    wanted = {row: event for row, event in events(every).items() if event[0].id is not None or wants(event[0].kind, event[0].name)}
    assert wanted.items() <= events(some).items() <= events(every).items()
    assert counts(some) == counts(every)


def assert_all_the_same(path: Path, block_bytes: int = columnar.BLOCK_BYTES, paths: Collection[str] = PATHS) -> None:
    for policy in ("skip", "stop"):
        for zone in ZONES:
            assert_same(path, paths, on_bad_event=policy, timezone=zone, block_bytes=block_bytes)


# Files that people have


@pytest.mark.parametrize("name", ["cdnow_sample.jsonl", "email_events.jsonl", "segment_calls.jsonl", "web_log.parquet"])
@pytest.mark.parametrize("block_bytes", [4_000, columnar.BLOCK_BYTES])
def test_the_real_logs_are_the_same(name: str, block_bytes: int) -> None:
    paths = ("value", "cds", "page", "status", "url", "context.page.url", "properties.plan", "dollars")
    outcome = assert_same(DATA / name, paths, on_bad_event="skip", block_bytes=block_bytes)
    assert outcome.events or outcome.rejects
    assert_same(DATA / name, paths, on_bad_event="stop", block_bytes=block_bytes)


# Hostile and odd rows, as the row-by-row reader's own tests have them


def line(**fields: Any) -> bytes:
    return json.dumps({"contact": "ana", "time": "2026-01-01T09:00:00Z", "name": "order", **fields}).encode() + b"\n"


START = b'{"contact": "a", "time": "2026-01-01", "name": "x", '
HEAD = "contact,time,name,note\n"

ODD_FIELDS: tuple[Any, ...] = (None, "", 0, 12, -5, 1.0, 1.5, 1e30, True, [], {}, "x", 10**30)

HOSTILE: dict[str, tuple[str, bytes]] = {
    "no text may hold": (
        ".jsonl",
        line(name="a\x00b") + b'{"contact": "a\x00", "time": "2026-01-01", "name": "x"}\n' + line(properties={"a": ["\ud800"]})
        + line(properties={"\ud800": 1}) + b'{"contact": "\xff", "time": "2026-01-01", "name": "x"}\n' + line(name="😀", plan="é\n\t\\\"/"),
    ),
    "escapes": (
        ".jsonl",
        START + b'"plan": "\\u0041\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\"\\\\", "\\u0061": {"\\u0062": "\\u00e9"}}\n'
        + START + b'"plan": "\\uDC00"}\n' + START + b'"plan": "\\uD800x"}\n' + START + b'"plan": "\\x41"}\n' + START + b'"plan": "\\u12"}\n'
        + START + b'"plan": "\\u0000"}\n' + b'{"\\u0063ontact": "esc\\u00e4ped", "time": "2026-01-0\\u0031", "name": "x"}\n',
    ),
    "keys twice": (
        ".jsonl",
        b'{"contact": "a", "contact": "a", "time": "2026-01-01", "name": "x"}\n' + START + b'"properties": {"p": [{"q": 1, "q": 1}]}}\n'
        + START + b'"plan": 1, "\\u0070lan": 2}\n' + START + b'"p": {"q": 1}, "q": {"p": 1, "q": 2}}\n',
    ),
    "numbers": (
        ".jsonl",
        b"".join(
            START + b'"value": ' + value + b', "plan": ' + value + b"}\n"
            for value in [
                *b"NaN Infinity -Infinity 1e999 -0 -0.0 0.0 120.0 1.50 1e2 1E+2 01 1. .5 +1 - 0.1e-7 9007199254740993 true null".split(),
                b"1" * 400, b"1" * 5_000, b"123456789012.345", b"0.12345678901234567", b"100000000000000000000.0", b"-12.0", b"1 2", b"0x1",
            ]
        ),
    ),
    "deep": (
        ".jsonl",
        b"".join(START + b'"plan": ' + b"[" * depth + b"]" * depth + b"}\n" for depth in (61, 62, 63, 64, 65, 1_000, 200_000))
        + line(name='{["\\"' * 1_000),
    ),
    "many and long keys": (".jsonl", line(properties={f"k{n}": n for n in range(1_000)}) + line(properties={"k" * 100_000: 1, "plan": 2})),
    "fields of wrong kinds": (
        ".jsonl",
        b"".join(
            line(**{field: value})
            for field in ("contact", "time", "kind", "name", "value", "properties", "id")
            for value in ODD_FIELDS
        )
        + b"[]\n{}\n1\n\"x\"\n{\n",
    ),
    "contacts": (".jsonl", b"".join(line(contact=name) for name in ["a b", " a", "A", "a", "e\u0301", "é", "x" * 100_000])),
    "times": (
        ".jsonl",
        b"".join(
            line(time=time)
            for time in [
                "2026-01-01", "2026-01-01 09:00", "2026-01-01T09:00:00.123456789", "2026-03-29T02:30:00", "2026-10-25T02:30:00", "24:00",
                "2026-01-01T09:00+14:00", "0001-01-01T00:00:00Z", "0001-01-01", "9999-12-31T23:59:59-05:00", "2026-02-29", "2024-02-29",
                "2026-01-01T24:00:00Z", "2026-01-01T09:00:60Z", "2026-01-01T09:00:00+25:00", "2026-W01-1",
                "1767258000", "2026-01-01T09:00:00.Z",
            ]
        ),
    ),
    "lookups": (
        ".jsonl",
        line(properties={"a.b": None, "a": {"b": 1}}) + line(properties={"a": {"b": {"c": 1}}}) + line(properties={"a": [1, {"b": 2}]})
        + line(a={"b": 1}, properties={"a": None}) + line(a={"b": 1}, properties={"x": 1}) + line(**{"a.b": 5}, properties={"a": {"b": 6}})
        + line(plan="top", properties={"plan": None}) + line(plan="top") + line(properties={"value": 7, "name": "n"})
        + line(n={"m": [], "k": {"x": True}}) + line(n={"k": "text"}) + line(**{"": 1, "é": 2, "odd key": False}),
    ),
    "blanks and ends": (".jsonl", b"\xef\xbb\xbf\n \t\r\n" + line() + b"\r\n\x0b\x0c\n" + line().replace(b"\n", b"\r\n")
        + b"\xef\xbb\xbf" + line().strip()),
    "mark": (".jsonl", b"\xef\xbb\xbf" + line()),
    "strict tables": (
        ".csv",
        (
            HEAD + 'ana,2026-01-01,order,"open\nben,2026-01-02,order,x\ncem,2026-01-03,order\ndee,2026-01-04,order,x,y\n'
            'eva,2026-01-05,order,"a"b\nfay,2026-01-06,order,a"b"\n'
        ).encode(),
    ),
    "long cells": (
        ".csv",
        f'\ufeffcontact,time,name,note,plan\r\nana,2026-01-01,order,"a\nb,""c""",x\nben,2026-01-02,order,{"x" * 200_000},"y"\r\n'.encode(),
    ),
    "many lines": (".csv", (HEAD + 'ana,2026-01-01,order,"' + "x\n" * 10_050 + '"\nben,2026-01-01,order,\n').encode()),
    "odd ends of lines": (
        ".csv",
        (HEAD + "".join(f"ana,2026-01-01,order,a{odd}b\n" for odd in "\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029\x00\t ")).encode(),
    ),
    "no header": (".csv", b"\n\nana,2026-01-01,order\n"),
    "header twice": (".csv", b"contact,time,name,name\nana,2026-01-01,order,x\n"),
    "header of lines": (".csv", b'\n"contact",time,name,"odd\nkey"\nana,2026-01-01,order,x\nana,x,order,x\n'),
    "blank lines before a header": (".csv", b'\n \t\r\n\x0b\n\n  contact,time,name\n\nana,2026-01-01,order\nana,x,order\n'),
    "blank lines alone": (".csv", b" \n\r\n" * 5),
    "header only": (".csv", b"contact,time,name\n"),
    "open header": (".csv", b'contact,time,name,"no\n' + b"x\n" * 50),
    "nothing": (".csv", b""),
    "tabs": (".tsv", b'contact\ttime\tname\tvalue\tproperties\nana\t2026-01-01\torder\t1.50\t"{""plan"": ""pro""}"\n\t\t\t\t\nb\tx\n'),
}  # fmt: skip


@pytest.mark.parametrize("block_bytes", [1, 100, columnar.BLOCK_BYTES])
@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_rows_are_the_same(name: str, block_bytes: int, tmp_path: Path) -> None:
    suffix, data = HOSTILE[name]
    path = tmp_path / f"log{suffix}"
    path.write_bytes(data)
    assert_all_the_same(path, block_bytes)


def test_L2_long_lines_are_the_same_wherever_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [module for module in sys.modules.values() if getattr(module, "MAX_LINE_BYTES", None) == packed.MAX_LINE_BYTES]:
        monkeypatch.setattr(module, "MAX_LINE_BYTES", 200)
    monkeypatch.setattr(packed, "BLOCK", 64)
    long = line(plan="x" * 300)
    for data in (long, long[:-1], line() + long + line(), line() + long[:-1], long + long + b"\n" + line() + b'{"x'):
        path = tmp_path / "log.jsonl"
        path.write_bytes(data)
        for block_bytes in (1, 250, 10_000):
            assert_all_the_same(path, block_bytes)
    table = HEAD.encode() + b'ana,2026-01-01,order,x\nben,2026-01-01,order,"open\n' + b"y" * 300 + b'\ncem,2026-01-01,order,"\n'
    for data in (table, table[:-30], b"\n" + b"y" * 300 + b"\n" + table):
        path = tmp_path / "log.csv"
        path.write_bytes(data)
        for block_bytes in (1, 250, 10_000):
            assert_all_the_same(path, block_bytes)


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
@pytest.mark.parametrize("packing", ["gz", "zst"])
@pytest.mark.parametrize("beginning", ["", START.decode() + '"plan": "', HEAD + 'ana,2026-01-01,order,"'])
@pytest.mark.parametrize("piece", [b"\0", b" ", b"\n", b"[", b'"', b"\\"])
def test_L2_bombs_take_no_memory(suffix: str, packing: str, beginning: str, piece: bytes, tmp_path: Path) -> None:
    """A few kilobytes that become many megabytes: of one line no more is held than a line may have, and blank lines are held nowhere."""
    path = tmp_path / f"log.{suffix}.{packing}"
    some = piece * (1 << 20)
    if packing == "gz":
        with gzip.open(path, "wb", compresslevel=1) as file:
            for part in (beginning.encode(), *[some] * 60):
                file.write(part)
    else:
        packer = zstd.ZstdCompressor()
        path.write_bytes(b"".join([packer.compress(part) for part in (beginning.encode(), *[some] * 60)]) + packer.flush())
    tracemalloc.start()
    began = monotonic()
    try:
        outcome = by_column([path], ("plan",), on_bad_event="skip")
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert outcome.events == []
    assert taken < 300_000_000
    assert monotonic() - began < 20


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("zst", zstd.compress)])
@pytest.mark.parametrize("shape", ["jsonl", "csv"])
def test_L1_packed_files_and_damaged_ones_are_the_same(
    shape: str, suffix: str, pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "BLOCK", 100)
    rows = b"".join(line(plan=str(n), contact=f"c{n}") for n in range(20))
    if shape == "csv":
        rows = HEAD.encode() + b"".join(f'c{n},2026-01-01,order,"{n}\nx"\n'.encode() for n in range(20)) + b'z,2026-01-01,order,"open\nx\n'
    whole = pack(rows) + pack(rows.removeprefix(HEAD.encode()))
    path = tmp_path / f"log.{shape}.{suffix}"
    for length in [*range(1, len(whole), 7), len(whole)]:
        path.write_bytes(whole[:length])
        assert_same(path, on_bad_event="skip", block_bytes=150)
    path.write_bytes(whole[: len(whole) // 2] + b"rubbish" + whole[len(whole) // 2 :])
    assert_same(path, on_bad_event="skip", block_bytes=150)


def test_rows_are_numbered_over_all_files_and_files_are_left_out_twice(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(line(contact="a", id="1") + b"x\n" + line(contact="a", id="1"))
    (tmp_path / "b.csv").write_text("contact,time,name,id\nb,2026-01-01,order,2\n\nbad,x,order,3\nb,2026-01-01,order,2\n")
    pq.write_table(pa.table({"contact": ["c", ""], "time": ["2026-01-01"] * 2, "name": ["order"] * 2}), tmp_path / "c.parquet")
    (tmp_path / "d.jsonl").write_bytes(line(contact="d"))
    outcome = assert_same([tmp_path, tmp_path / "a.jsonl"], on_bad_event="skip")
    assert [event[5] for event in outcome.events] == [4, 7, 1, 9]
    assert outcome.counted == (3, 2, [str(tmp_path / "a.jsonl")])


def test_the_first_trouble_in_order_is_the_one_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"".join(line() for _ in range(50)) + b"bad\n" + b"".join(line() for _ in range(50)) + b"worse\n")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(line())[:-3])
    for _ in range(5):
        error = assert_same(tmp_path, block_bytes=1).error
        assert error is not None
        assert error[3] == 51
    assert_same(tmp_path, block_bytes=1, on_bad_event="skip")


@pytest.mark.parametrize("name", ["no.jsonl", "no.csv", "no.parquet", "*.none", "x.csv.gz.zst"])
def test_L11_what_is_no_log_is_said_alike(name: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv.gz.zst").write_text("no log")
    assert assert_same(tmp_path / name).error is not None


def test_standard_input_is_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = b"".join(line(contact=f"c{n}") for n in range(20))
    for _ in range(2):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(rows)))
        assert len(by_column([Path("-")], PATHS, block_bytes=100).events) == 20


# Anything


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.integers(), st.floats(), st.decimals(-1000, 1000, places=3).map(float),
    st.text(max_size=6),
    st.sampled_from(["", "1.50", "true", "x", "2026-01-01"]),
)  # fmt: skip
KEYS = st.sampled_from(["plan", "a", "b", "a.b", "n", "m", "k", "x", "odd key", "é", "", "tags", "value", "name"])
NESTED = st.recursive(SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4), max_leaves=8)
TIMES = st.sampled_from(
    [
        "2026-01-01",
        "2026-01-02T10:00:00Z",
        "2026-01-03T10:00:00.5+02:00",
        "2026-03-29 02:30",
        "2026-10-25 02:30:00",
        "yesterday",
        "",
        None,
        5,
    ]
)
ROWS = st.fixed_dictionaries(
    {
        "contact": st.sampled_from(["ana", "ben", "é", 5]) | SCALARS,
        "time": TIMES.filter(bool) | TIMES,
        "name": st.sampled_from(["order", "login"]) | SCALARS,
    },
    optional={
        "kind": st.sampled_from(["subscribe", "event", ""]) | SCALARS,
        "id": st.sampled_from(["1", "2", 1, ""]) | SCALARS,
        "value": SCALARS | NESTED,
        "properties": st.dictionaries(KEYS, NESTED, max_size=4) | SCALARS,
        "plan": NESTED,
        "a": NESTED,
        "a.b": NESTED,
        "n": NESTED,
        "tags": NESTED,
    },
)
ENDS = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b" \n", b"\n\xef\xbb\xbf"])
MUTATIONS = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from([b"", b'"', b"\\", b"\n", b"{", b"}", b",", b"\x00", b"\xff", b"\xc3", b"0", b"e"])),
    max_size=3,
)


def mutated(data: bytes, mutations: list[tuple[float, bytes]]) -> bytes:
    for where, byte in mutations:
        at = int(where * len(data))
        data = data[:at] + byte + data[at + 1 :]
    return data


@pytest.mark.long
@given(
    st.lists(st.tuples(ROWS, st.booleans(), ENDS), max_size=12), MUTATIONS, st.sampled_from([1, 60, 300, 1 << 20]), st.sampled_from(ZONES)
)
@FUZZ
def test_any_json_lines_are_the_same(
    tmp_path: Path, rows: list[tuple[dict[str, Any], bool, bytes]], mutations: list[tuple[float, bytes]], block_bytes: int, zone: str
) -> None:
    data = b"".join(json.dumps(row, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass") + end for row, ascii_only, end in rows)
    path = tmp_path / "log.jsonl"
    path.write_bytes(mutated(data, mutations))
    for policy in ("skip", "stop"):
        assert_same(path, on_bad_event=policy, timezone=zone, block_bytes=block_bytes)


CELLS = st.sampled_from(
    ["ana", "ben", "2026-01-01", "2026-01-02T10:00:00Z", "order", "", "", "x", '"a"', '"a,b"', '"x ""y"" z"', '"open', 'a"b', '"a"b', "é",
     "1.50", '"{""plan"": ""pro"", ""a"": {""b"": 1.50}}"', '{"plan":1}', "\u2028x", "\x0b", "\x00",
     "a\rb", "\t", " ", '"l1\nl2"', '"l1\r\nl2"', '"a\n\nb"']
)  # fmt: skip
COLUMNS = st.permutations(["kind", "value", "properties", "id", "plan", "note", "a.b", "odd key", "a", "é"]).flatmap(
    lambda names: st.integers(0, 6).flatmap(lambda size: st.permutations(["contact", "time", "name", *names[:size]]))
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, bytes]:
    """A table that fits its header mostly, and its delimiter."""
    delimiter = draw(st.sampled_from([",", "\t"]))
    names = draw(COLUMNS)
    usual = {"contact": "ana", "time": "2026-01-01T09:00:00Z", "name": "order", "properties": '"{""plan"": ""pro"", ""n"": {""m"": [1]}}"'}
    text = "\n" * draw(st.integers(0, 2)) + delimiter.join(names) + draw(st.sampled_from(["\n", "\r\n"]))
    for _ in range(draw(st.integers(0, 12))):
        odd = draw(st.dictionaries(st.sampled_from(names), CELLS, max_size=2))
        cells = [odd.get(name, usual.get(name, "x")) for name in names]
        if draw(st.integers(0, 15)) == 0:
            cells = draw(st.sampled_from([cells[1:], [*cells, "x"]]))
        text += delimiter.join(cells) + draw(st.sampled_from(["\n", "\n", "\r\n", "\n\n", "\n \n", ""]))
    return delimiter, text.encode()


@pytest.mark.long
@given(tables(), MUTATIONS, st.sampled_from([1, 60, 300, 1 << 20]), st.sampled_from(ZONES))
@FUZZ
def test_any_tables_are_the_same(
    tmp_path: Path, table: tuple[str, bytes], mutations: list[tuple[float, bytes]], block_bytes: int, zone: str
) -> None:
    path = tmp_path / ("log.csv" if table[0] == "," else "log.tsv")
    path.write_bytes(mutated(table[1], mutations))
    for policy in ("skip", "stop"):
        assert_same(path, on_bad_event=policy, timezone=zone, block_bytes=block_bytes)


@given(
    st.binary(max_size=200),
    st.sampled_from([".jsonl", ".csv", ".tsv", ".jsonl.gz", ".csv.zst", ".parquet"]),
    st.sampled_from([1, 50, 1 << 20]),
)
@FUZZ
@example(b'contact,time,name\n"\n\n', ".csv", 1)
def test_any_bytes_are_the_same(tmp_path: Path, data: bytes, suffix: str, block_bytes: int) -> None:
    path = tmp_path / f"log{suffix}"
    path.write_bytes(data)
    for policy in ("skip", "stop"):
        assert_same(path, on_bad_event=policy, block_bytes=block_bytes)


# Parquet


LETTERS = st.sampled_from(["x", "ana", "é", "", "1.50", "true", "a\0b", "long " * 9])
MICROSECONDS = st.integers(1_700_000_000_000_000, 1_800_000_000_000_000) | st.integers(-(2**62), 2**62)
DAYS = st.sampled_from([20_000, 20_001, 0, -800_000, 3_000_000])
JSON_TEXTS = st.sampled_from(
    ['{"plan": "pro"}', '{"a": {"b": 1.50}}', '{"a.b": null, "a": {"b": 2}}', "", '{"plan":', "[1]", '{"plan":"x","plan":"y"}', "null",
     '{"value": 3, "a": null}', '{"tags":[1], "n": {"m": "\\u00e9\\n"}}', '{"x":"\\u0000"}', '{"n": {"k": {"x": 1e2}}}']
)  # fmt: skip
MEMBERS = pa.struct(
    [
        ("plan", pa.string()),
        ("a", pa.struct([("b", pa.float64())])),
        ("a.b", pa.int64()),
        ("n", pa.struct([("m", pa.string()), ("k", pa.struct([("x", pa.bool_())]))])),
        ("tags", pa.list_(pa.string())),
    ]
)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


STRUCTS = st.fixed_dictionaries(
    {
        "plan": maybe(LETTERS),
        "a": maybe(st.fixed_dictionaries({"b": maybe(st.floats())})),
        "a.b": maybe(st.integers(0, 5)),
        "n": maybe(st.fixed_dictionaries({"m": maybe(LETTERS), "k": maybe(st.fixed_dictionaries({"x": maybe(st.booleans())}))})),
        "tags": maybe(st.lists(LETTERS, max_size=2)),
    }
)


def _divided(each: int, count: int) -> int:
    return count // each


TIMESTAMPS = [
    (MICROSECONDS.map(partial(_divided, each)), pa.timestamp(unit, tz=zone))
    for unit, each in (("s", 1_000_000), ("ms", 1_000), ("us", 1))
    for zone in (None, "UTC", "Europe/Berlin")
] + [(st.integers(-(2**63), 2**63 - 1), pa.timestamp("ns", tz=zone)) for zone in (None, "UTC")]
CODES_OF_TEXTS = pa.dictionary(pa.int8(), pa.string())
TEXT_KINDS = [(LETTERS, pa.string()), (LETTERS, CODES_OF_TEXTS), (LETTERS, pa.large_string()), (LETTERS, pa.string_view())]
NUMBER_KINDS = [
    (st.integers(-5, 5), pa.int64()), (st.integers(0, 2**64 - 1), pa.uint64()), (st.sampled_from([1.0, -0.0, 1e17, 1e300, 1.5]),
     pa.float64()), (st.floats(), pa.float64()), (st.floats(width=32), pa.float32()), (st.booleans(), pa.bool_()),
    (st.just(b"x"), pa.binary()),
    (st.decimals(-99, 99, places=2), pa.decimal128(9, 2)), (st.integers(-9, 9), pa.int8()),
    (st.sampled_from([1.0, 16_777_216.0]), pa.float32()),
]  # fmt: skip
OTHER_KINDS: list[tuple[st.SearchStrategy[Any], Any]] = [
    (DAYS, pa.date32()), (st.lists(LETTERS, max_size=2), pa.list_(pa.string())), (st.integers(0, 2), pa.dictionary(pa.int8(), pa.int64())),
    (st.fixed_dictionaries({"b": maybe(st.integers(0, 3)), "m": maybe(LETTERS)}), pa.struct([("b", pa.int64()), ("m", pa.string())])),
    (st.just(None), pa.null()), (st.integers(0, 9), pa.time64("us")), (st.integers(0, 9), pa.duration("s")), *TIMESTAMPS,
]  # fmt: skip
KINDS: dict[str, list[tuple[st.SearchStrategy[Any], Any]]] = {
    "contact": [*TEXT_KINDS, *NUMBER_KINDS],
    "name": [*TEXT_KINDS, *NUMBER_KINDS],
    "id": [*TEXT_KINDS, *NUMBER_KINDS],
    "kind": [*TEXT_KINDS, NUMBER_KINDS[0]],
    "time": [(TIMES.map(lambda held: held if isinstance(held, str) else None), pa.string()), *TIMESTAMPS, (DAYS, pa.date32()),
             NUMBER_KINDS[0]],
    "value": [*TEXT_KINDS, *NUMBER_KINDS, *OTHER_KINDS],
    "properties": [
        (JSON_TEXTS, pa.string()), (JSON_TEXTS, CODES_OF_TEXTS), (JSON_TEXTS, pa.large_string()), (STRUCTS, MEMBERS),
        (JSON_TEXTS, pa.string_view()),
        (st.lists(st.tuples(st.sampled_from(["plan", "q"]), LETTERS), max_size=2), pa.map_(pa.string(), pa.string())), NUMBER_KINDS[0],
        (st.fixed_dictionaries({"plan": DAYS}), pa.struct([("plan", pa.date32())])),
    ],
}  # fmt: skip


def array(cells: list[Any], kind: Any) -> Any:
    """An array of any kind, times and days as numbers."""
    if pa.types.is_dictionary(kind):
        return pa.array(cells, kind.value_type).dictionary_encode()
    if pa.types.is_date32(kind) or pa.types.is_time64(kind) or pa.types.is_duration(kind) or pa.types.is_timestamp(kind):
        plain = pa.int32() if pa.types.is_date32(kind) else pa.int64()
        return pa.array(cells, plain).view(kind)
    if pa.types.is_struct(kind) and pa.types.is_date32(kind.field(0).type):
        days = pa.array([None if cell is None else cell["plan"] for cell in cells], pa.int32()).view(pa.date32())
        return pa.StructArray.from_arrays([days], ["plan"])
    return pa.array(cells, kind)


@st.composite
def arrow_tables(draw: st.DrawFn) -> Any:
    rows = draw(st.integers(0, 12))
    others = draw(
        st.lists(st.sampled_from(["kind", "id", "value", "properties", "plan", "a", "a.b", "n", "tags", "other"]), unique=True, max_size=5)
    )
    columns = {}
    for name in draw(st.permutations(["contact", "time", "name", *others])):
        cells, kind = draw(st.sampled_from(KINDS.get(name, [*TEXT_KINDS, *NUMBER_KINDS, *OTHER_KINDS])))
        if name in ("contact", "time", "name") and draw(st.booleans()):
            cells, kind = {"time": TIMESTAMPS[7], "contact": TEXT_KINDS[0], "name": TEXT_KINDS[1]}[name]
        columns[name] = array(draw(st.lists(maybe(cells) if draw(st.booleans()) else cells, min_size=rows, max_size=rows)), kind)
    return pa.table(columns)


@pytest.mark.long
@given(
    arrow_tables(), st.sampled_from([2, 5, 100]), st.booleans(), st.sampled_from(ZONES), st.booleans(),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255).map(lambda byte: bytes([byte]))), max_size=2),
)  # fmt: skip
@FUZZ
def test_any_parquet_is_the_same(
    tmp_path: Path, table: Any, group: int, is_dictionary: bool, zone: str, is_large: bool, mutations: list[tuple[float, bytes]]
) -> None:
    path = tmp_path / "log.parquet"
    pq.write_table(table, path, row_group_size=group, use_dictionary=is_dictionary)
    if mutations and group == 100:
        path.write_bytes(mutated(path.read_bytes(), mutations))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "GROUP_BYTES", 0 if is_large else decoding.GROUP_BYTES)
        patch.setattr(groups, "BATCH_ROWS", 6)
        patch.setattr(parquet, "BATCH_ROWS", 3)
        patch.setattr(groups, "SINGLE_ROWS", 2)
        for policy in ("skip", "stop"):
            assert_same(path, on_bad_event=policy, timezone=zone)


def test_parquet_texts_are_not_trusted(tmp_path: Path) -> None:
    """Bytes that are no UTF-8, in a column that nobody asks for too, and half a character in one text with the other half in the next."""
    for cells in ([b"x", b"\xff", b"y"], [b"x", b"\xc3", b"\xa9"], [b"x", b"a\0b", b"y"]):
        for name in ("contact", "name", "other", "properties"):
            for encode in (False, True):
                odd = pa.array(cells, pa.binary()).view(pa.string())
                columns = {"contact": ["a", "b", "c"], "time": ["2026-01-01"] * 3, "name": ["order"] * 3}
                path = tmp_path / "log.parquet"
                pq.write_table(pa.table({**columns, name: odd.dictionary_encode() if encode else odd}), path, row_group_size=1)
                assert_same(path, on_bad_event="skip")
                assert_same(path, on_bad_event="stop")


def test_an_id_tells_of_duplicates_though_nobody_wants_its_event(tmp_path: Path) -> None:
    """The first id of a row group, and no id at all in the next."""
    path = tmp_path / "log.parquet"
    columns = {"contact": ["a"] * 4, "time": ["2026-01-01"] * 4, "name": ["ab", "abc", "ab", "ab"], "id": ["x", "x", None, None]}
    pq.write_table(pa.table(columns), path, row_group_size=2)
    assert [event[5] for event in assert_same(path).events] == [1, 3, 4]
    plain = columnar.read_columns([path], (), threads=1, memory=NO_LIMIT, spill=None, wants=lambda kind, name: name == "abc")
    found = plain.parts[0].load()
    assert (found.row.tolist(), found.passed.tolist(), found.events(), passing.contacts_met(found)) == ([1, 2], [2], 4, 1)


def test_decoding_ahead_ends_where_there_is_no_room(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table({"contact": ["a"] * 6, "time": ["2026-01-01"] * 6, "name": ["order"] * 6}), path, row_group_size=1)
    groups_ahead = []
    for most in (0, 300, NO_LIMIT):
        with Ahead([LogFile(str(path), "parquet", "")], most) as ahead:
            for thread in threading.enumerate():
                if thread.name == DECODING:
                    thread.join()
            groups_ahead.append(len(ahead.groups(str(path)).decoded))
    assert groups_ahead[0] == 0 < groups_ahead[1] < 6 == groups_ahead[2]


def test_L10_damaged_parquet_is_told_alike(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    whole = (DATA / "web_log.parquet").read_bytes()
    for data in (b"", b"PAR1", whole[:1_000], whole[:-100], whole[:200] + b"\0" * 500 + whole[700:]):
        path.write_bytes(data)
        assert assert_same(path, on_bad_event="skip").error is not None
    for columns in ({"contact": ["a"], "time": ["2026-01-01"]}, {"contact": ["a"], "name": ["a"]}):
        pq.write_table(pa.table(columns), path)
        assert assert_same(path).error is not None


@pytest.mark.parametrize("group_bytes", [100, decoding.GROUP_BYTES])
def test_L10_a_text_that_a_file_has_once_is_held_once(group_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few hundred bytes that would become gigabytes: a million letters, packed, as the contact of each of thousands of rows."""
    monkeypatch.setattr(decoding, "GROUP_BYTES", group_bytes)
    path = tmp_path / "log.parquet"
    rows = 5_000
    contact = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), ["x" * 1_000_000])
    time = pa.array([0] * rows, pa.timestamp("us", tz="UTC"))
    table = pa.table({"contact": contact, "time": time, "name": ["order"] * rows, "plan": contact})
    pq.write_table(table, path, store_schema=False, compression="zstd", dictionary_pagesize_limit=1 << 24)
    assert path.stat().st_size < 10_000
    before = pa.default_memory_pool().max_memory()
    columns = columnar.read_columns([path], ("plan",), threads=2, memory=NO_LIMIT, spill=None).parts[0].load()
    for codes, held in ((columns.contact, columns.contacts), (columns.properties["plan"].codes, columns.properties["plan"].values)):
        assert len(codes) == rows
        assert {held[code][-1_000_000:] for code in set(codes.tolist())} == {b"x" * 1_000_000}
    found = islice(parquet.rows(str(path), Zone("UTC")), 3)
    assert [len(row.fields()["contact"]) for _, row in found] == [1_000_000] * 3
    assert pa.default_memory_pool().max_memory() - before < 500_000_000


@pytest.mark.long
def test_L10_any_byte_of_a_footer_may_be_wrong(tmp_path: Path) -> None:
    """Lengths beyond the file, types that do not fit, pages that are elsewhere: an error with the file's name, or the same rows.

    Arrow reads the footer in this process. Of all footers that differ in one byte, and of ten thousand files that were altered at random,
    it stumbled over none but where it is asked for a column's sizes, which is done only after the column could be read.
    """
    path = tmp_path / "log.parquet"
    columns = {
        "contact": [f"c{n % 3}" for n in range(40)],
        "time": pa.array(range(40), pa.timestamp("us", tz="UTC")),
        "name": ["order"] * 40,
        "value": [n / 3 for n in range(40)],
        "properties": [{"plan": str(n)} for n in range(40)],
    }
    pq.write_table(pa.table(columns), path, row_group_size=20, compression="gzip", store_schema=False)
    whole = path.read_bytes()
    footer = int.from_bytes(whole[-8:-4], "little")
    troubles = 0
    for number, place in enumerate(range(len(whole) - 8 - footer, len(whole), 3)):
        for byte in (0xFF, 0x7F) if number % 2 else (whole[place] ^ 1, 0):
            path.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
            troubles += assert_same(path, ("plan",), on_bad_event="skip").error is not None
    assert troubles > 100
    for length in range(0, len(whole), 37):
        path.write_bytes(whole[:length])
        assert assert_same(path, on_bad_event="skip").error is not None
    for length in (0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, len(whole)):
        path.write_bytes(whole[:-8] + length.to_bytes(4, "little") + whole[-4:])
        assert assert_same(path, on_bad_event="skip").error is not None
    path.write_bytes(whole[:-4] + b"PARE")  # A footer that is encrypted.
    assert assert_same(path, on_bad_event="skip").error is not None


def test_parquet_in_one_group_of_many_rows_is_read_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log.parquet"
    rows = 5_000
    names = pa.array([f"n{n % 7}" for n in range(rows)])
    day = array([20_000 + n for n in range(rows)], pa.date32())
    pq.write_table(
        pa.table({"contact": list(range(rows)), "time": day, "name": names, "plan": [Decimal(n % 9) for n in range(rows)]}), path
    )
    monkeypatch.setattr(decoding, "GROUP_BYTES", 100)
    monkeypatch.setattr(groups, "BATCH_ROWS", 512)
    assert len(assert_same(path, timezone="Europe/Berlin").events) == rows


# Parts


@pytest.mark.parametrize("memory", [60_000, 200_000, 2_000_000])
def test_what_does_not_fit_goes_to_parts_by_contact(memory: int, tmp_path: Path) -> None:
    folders: list[str] = []

    def folder() -> str:
        made = tmp_path / f"parts{len(folders)}"
        made.mkdir()
        folders.append(str(made))
        return folders[-1]

    path = tmp_path / "log.jsonl"
    rows = [
        line(contact=f"c{n * n % 700}", time=f"2026-01-{1 + n % 28:02}", id=str(n % 900), plan=f"p{n % 50}", value=n / 8)
        for n in range(6_000)
    ]
    path.write_bytes(b"".join(rows) + b"bad\n")
    paths = ("value", "plan")
    log = columnar.read_columns([path], paths, on_bad_event="skip", threads=2, memory=memory, spill=folder, block_bytes=20_000)
    assert len(log.parts) > 1 or memory == 2_000_000
    assert bool(folders) == (len(log.parts) > 1)
    assert_same(path, paths, on_bad_event="skip", memory=memory, spill=folder, block_bytes=20_000)


def test_a_part_that_is_too_large_is_split_again(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(line(contact=f"c{n}") for n in range(3_000)))
    log = columnar.read_columns([path], (), threads=1, memory=NO_LIMIT, spill=None)
    merged = spilling.Spill(str(tmp_path), 2, ())
    (part,) = log.parts
    columns = part.load()
    kinds, names = (Coded(np.zeros(3_000, np.int32), columns.contacts.of([text])) for text in (b"event", b"order"))
    key, keys = interning.paired(kinds, names)
    contact = Coded(columns.contact, columns.contacts)
    no_id = Coded(np.zeros(3_000, np.int32), columns.contacts.of([b""]))
    merged.add(batches.Batch(columns.time, columns.row, contact, key, keys, kinds.texts, names.texts, no_id, []))
    parts = merged.parts(20_000)
    assert len(parts) > 4
    assert sorted(row for found in parts for row in found.load().row.tolist()) == list(range(1, 3_001))
    assert all(Path(found.path).stat().st_size <= 20_000 for found in parts)


def test_a_full_disk_is_told_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(line(contact=f"c{n}") for n in range(3_000)))
    folder = tmp_path / "parts"
    folder.mkdir()
    for n in range(spilling.MOST_PARTS):
        (folder / f"part-{n}").symlink_to("/dev/full")
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with pytest.raises(OSError, match="part-"):
        columnar.read_columns([path], (), threads=2, memory=50_000, spill=lambda: str(folder), block_bytes=10_000)


# Order, progress, interruption


def test_outcomes_do_not_depend_on_threads_and_blocks(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(
        b"".join(line(contact=f"c{n % 70}", plan=f"p{n % 90}", name=f"n{n % 5}") if n % 13 else b"bad\n" for n in range(2_000))
    )

    def columns(threads: int, block_bytes: int) -> Columns:
        log = columnar.read_columns(
            [path], ("plan",), on_bad_event="skip", threads=threads, memory=NO_LIMIT, spill=None, block_bytes=block_bytes
        )
        return log.parts[0].load()

    first = columns(1, 1 << 20)
    for threads, block_bytes in ((1, 500), (2, 500), (5, 3_000), (3, 1)):
        other = columns(threads, block_bytes)
        assert other.contacts.all() == first.contacts.all()
        assert other.keys == first.keys
        assert other.properties["plan"].values.all() == first.properties["plan"].values.all()
        for name in ("time", "row", "contact", "key"):
            assert getattr(other, name).tolist() == getattr(first, name).tolist()


def test_progress_comes_to_the_size_of_the_files(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(line() for _ in range(500)))
    steps: list[int] = []
    columnar.read_columns([path], (), threads=2, memory=NO_LIMIT, spill=None, progress=steps.append)
    assert sum(steps) == path.stat().st_size


def test_whatever_is_raised_meanwhile_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(line() + b"bad\n" for _ in range(20_000)))

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    reading = partial(columnar.read_columns, [path], (), on_bad_event="skip", threads=2, memory=NO_LIMIT, spill=None, block_bytes=50_000)
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        reading(progress=interrupt)
    with pytest.raises(KeyboardInterrupt):
        reading(on_reject=interrupt)
    assert threading.active_count() == before


# What it is made of


TAGGED = st.tuples(st.sampled_from([b"s", b"n"]), st.binary(max_size=20)) | st.just((b"", b""))


@given(st.lists(TAGGED, max_size=60))
@FUZZ
def test_texts_are_coded_in_the_order_in_which_they_came(given_texts: list[tuple[bytes, bytes]]) -> None:
    spans = Spans(
        np.frombuffer(b"".join(text for _, text in given_texts) or b"-", np.uint8),
        NO_BYTES,
        np.cumsum([0, *(len(text) for _, text in given_texts)])[:-1].astype(np.int64),
        np.array([len(text) for _, text in given_texts], np.int32),
        np.array([tag[0] if tag else 0 for tag, _ in given_texts], np.uint8),
    )
    interner = Interner()
    expected: dict[bytes, int] = {}
    codes = [expected.setdefault(tag + text, len(expected)) for tag, text in given_texts]
    if given_texts:
        assert interner.codes(spans).tolist() == codes
    assert interner.texts().all() == list(expected)


def test_dictionaries_grow() -> None:
    words = [f"word {n * 7919 % 50_000}".encode() for n in range(60_000)]
    spans = Texts.of(words)
    interner = Interner(absent=True)
    codes = interner.merged(spans)
    held = interner.texts().all()
    assert held[0] == b""
    assert [held[code] for code in codes.tolist()] == words
    numbers = Numbers()
    longs = np.array([n * 7919 % 50_000 - 25_000 for n in range(60_000)], np.int64)
    assert (numbers.held()[:0] == []).all()
    coded = numbers.codes(longs)
    assert (numbers.held()[coded] == longs).all()
    assert len(set(numbers.held().tolist())) == 50_000


@given(st.lists(st.floats() | st.integers(-(10**17), 10**17).map(float) | st.decimals(-(10**6), 10**6, places=4).map(float), min_size=1))
@FUZZ
def test_floats_have_their_shortest_decimals(floats: list[float]) -> None:
    spans = texts.texts_of_floats(np.array(floats))
    data = spans.data.tobytes() + spans.annex.tobytes()
    found = [
        (bytes([tag]) if tag else b"") + data[start : start + length]
        for start, length, tag in zip(spans.starts.tolist(), spans.lengths.tolist(), spans.tags.tolist(), strict=True)
    ]
    assert found == [tagged(number) for number in floats]
    coded = texts.values_of_floats(np.array(floats))
    held = coded.texts.all()
    assert [held[code] for code in coded.codes.tolist()] == found
    assert held[0] == b""
    assert len(set(held)) == len(held)


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), min_size=1))
@FUZZ
def test_whole_numbers_have_their_digits(longs: list[int]) -> None:
    coded = texts.values_of_longs(np.array(longs, np.int64))
    held = coded.texts.all()
    assert [held[code] for code in coded.codes.tolist()] == [tagged(number) for number in longs]
    assert held[0] == b""
    assert len(set(held)) == len(held)


@pytest.mark.parametrize("most", [0, 1 << 16])
def test_pairs_of_few_texts_and_of_many_are_coded_alike(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interning, "_MOST_PAIRS", most)
    ones, others = [2, 0, 2, 1, 0, 2], [1, 0, 1, 0, 0, 0]
    one, other = (Coded(np.array(codes, np.int32), Texts.of([b"a", b"b", b"c"])) for codes in (ones, others))
    codes, pairs = interning.paired(one, other)
    assert codes.tolist() == [0, 1, 0, 2, 1, 3]
    assert pairs.tolist() == [2 << 32 | 1, 0, 1 << 32, 2 << 32]


def test_a_file_that_says_that_it_has_more_rows_than_there_are_takes_no_more_memory() -> None:
    merger = merging.Merger(["plan"])
    merger.expect(1 << 60)
    assert len(merger.columns()) == 0


TIME_PARTS = st.sampled_from(
    ["2026", "-", "01", "31", "T", " ", "09", ":", "00", "30", ".5", ".1234567", "Z", "+02:00", "-23:59", "0", "é"]
)
DATES = st.dates(date(1, 1, 1), date(9999, 12, 31)).map(str)


@given(
    st.lists(
        st.lists(TIME_PARTS, max_size=12).map("".join)
        | st.tuples(DATES, st.lists(TIME_PARTS, max_size=8).map("".join)).map("".join)
        | st.tuples(DATES, st.sampled_from("T "), st.times().map(str), st.sampled_from(["", "Z", "+14:00", "-00:30"])).map("".join),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Africa/Monrovia", "Australia/Lord_Howe"]),
)
@FUZZ
def test_times_are_what_they_are_row_by_row(written: list[str], zone_name: str) -> None:
    zone = Zone(zone_name)
    held = Texts.of([text.encode() for text in written])
    found, fine = moments.moments_of(held.data, NO_BYTES, held.offsets[:-1].copy(), np.diff(held.offsets).astype(np.int32), zone)
    for text, moment, is_fine in zip(written, found.tolist(), fine.tolist(), strict=True):
        assert (moment if is_fine else None) == times.read_moment(text, zone)


def test_columns_of_texts_are_sliced_as_arrow_slices_them() -> None:
    column = pa.array(["a", "bb", None, "ccc", "bb"])
    for sliced in (column.slice(1, 3), column.dictionary_encode().slice(1, 3), column.cast(pa.large_string()).slice(1, 3)):
        coded = arrow.strings(sliced).values()
        held = coded.texts.all()
        assert [held[code] for code in coded.codes.tolist()] == [b"sbb", b"", b"sccc"]
