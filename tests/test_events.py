"""Logs: hostile and odd ones, and the real ones. The names begin with the row of the project's list of hostile inputs."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from triggerlang.events import jsonl, packed
from triggerlang.events.errors import LogError
from triggerlang.events.event import Event
from triggerlang.events.log import Log, read
from triggerlang.events.rejects import REASONS, Reject
from triggerlang.language.times import Zone

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DATA = Path(__file__).parent / "data"
LINES = [json.dumps({"contact": f"c{n}", "time": f"2026-01-01T09:{n:02}:00Z", "name": "order"}).encode() + b"\n" for n in range(20)]
WHOLE = b"".join(LINES)
ROW = {"contact": "ana", "time": "2026-01-01T09:00:00Z", "name": "order"}


def skipped(path: Path, **options: Any) -> tuple[Log, list[Reject]]:
    rejects: list[Reject] = []
    return read([path], on_bad_event="skip", on_reject=rejects.append, **options), rejects


def codes(path: Path) -> list[str]:
    return [reject.code for reject in skipped(path)[1]]


def line(**fields: Any) -> bytes:
    return json.dumps({**ROW, **fields}).encode() + b"\n"


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("zst", zstd.compress)])
def test_L1_a_packed_file_cut_at_any_byte_is_refused(suffix: str, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    whole = pack(WHOLE)
    path = tmp_path / f"log.jsonl.{suffix}"
    for length in range(1, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(LogError, match=r"(cut off|damaged|is no) ?.*after line \d+") as caught:
            read([path])
        assert caught.value.file == str(path)
    path.write_bytes(whole)
    assert len(read([path]).records) == 20


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("zst", zstd.compress)])
def test_L1_members_one_after_another_are_read_and_rubbish_is_not(suffix: str, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / f"log.jsonl.{suffix}"
    path.write_bytes(pack(WHOLE) + pack(WHOLE))
    assert len(read([path]).records) == 40
    path.write_bytes(pack(WHOLE) + b"rubbish")
    with pytest.raises(LogError, match=r"damaged|cut off"):
        read([path])


def test_L1_a_wrong_checksum_is_found(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(WHOLE))
    data[-5] ^= 1
    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(bytes(data))
    with pytest.raises(LogError, match="damaged"):
        read([path])


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_L1_a_suffix_that_lies_is_found(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"log.jsonl.{suffix}"
    path.write_bytes(WHOLE)
    with pytest.raises(LogError, match="this is no"):
        read([path])


def test_L2_a_bomb_of_one_line_is_never_held_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.zst"
    path.write_bytes(zstd.compress(b"0" * 200_000_000 + b"\n" + LINES[0]))
    tracemalloc.start()
    try:
        log, rejects = skipped(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [reject.code for reject in rejects] == ["line-too-long"]
    assert len(log.records) == 1
    assert peak < 6 * packed.MAX_LINE_BYTES
    with pytest.raises(LogError, match=r"is too long: more than 16,777,216 bytes") as caught:
        read([path])
    assert caught.value.line == 1


def test_L3_characters_that_no_text_may_hold(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(
        line(name="a\x00b") + b'{"contact": "a\x00", "time": "2026-01-01", "name": "x"}\n' + line(properties={"a": ["\ud800"]})
        + line(properties={"\ud800": 1}) + b'{"contact": "\xff", "time": "2026-01-01", "name": "x"}\n' + line(name="😀")
    )  # fmt: skip
    log, rejects = skipped(path)
    assert [reject.code for reject in rejects] == ["bad-text", "bad-text", "bad-text", "bad-text", "not-utf8"]
    assert [record.name for record in log.records] == ["😀"]


def test_L3_tables_are_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    head = "contact,time,name,note\n"
    path.write_text(
        head
        + 'ana,2026-01-01,order,"open\nben,2026-01-02,order,x\ncem,2026-01-03,order\ndee,2026-01-04,order,x,y\neva,2026-01-05,order,"a"b\n'
    )
    log, rejects = skipped(path)
    assert [(reject.line, reject.code) for reject in rejects] == [(2, "bad-row"), (4, "bad-row"), (5, "bad-row"), (6, "bad-row")]
    assert [record.contact for record in log.records] == ["ben"]
    assert all(reject.header == head.strip() for reject in rejects)


def test_L3_a_cell_may_be_long_and_hold_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    long = "x" * 1_000_000
    path.write_text(f'\ufeffcontact,time,name,note\r\nana,2026-01-01,order,"a\nb,""c"""\r\nben,2026-01-02,order,{long}\r\n')
    log = read([path])
    assert [record.properties["note"] for record in log.records] == ['a\nb,"c"', long]


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("contact,name\n", "the header has no column time"),
        ("contact,time,name,name\n", 'the column "name" stands twice'),
        ("contact,time,name,\n", "column 4 of the header has no name"),
        ("ana,2026-01-01,order\n", "the header has no column contact and no column time and no column name"),
    ],
)
def test_L3_a_header_that_is_none_is_refused_either_way(head: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(head + "ana,2026-01-01,order\n")
    with pytest.raises(LogError, match=reason):
        skipped(path)


def test_L4_a_key_that_stands_twice_is_ambiguous_at_any_depth(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(
        '{"contact": "a", "contact": "a", "time": "2026-01-01", "name": "x"}\n'
        '{"contact": "a", "time": "2026-01-01", "name": "x", "properties": {"p": [{"q": 1, "q": 1}]}}\n'
    )
    assert codes(path) == ["duplicate-key", "duplicate-key"]


def test_L5_numbers_at_the_edge(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    start = '{"contact": "a", "time": "2026-01-01", "name": "x", "value": '
    path.write_text(
        "".join(
            f"{start}{value}}}\n" for value in ("NaN", "Infinity", "-Infinity", "1e999", "-0", "9007199254740993", "1" * 400, "1" * 5_000)
        )
    )
    log, rejects = skipped(path)
    assert [reject.code for reject in rejects] == ["not-json"] * 3
    assert [record.value for record in log.records] == [float("inf"), 0, 9007199254740993, int("1" * 400), "1" * 5_000]


@pytest.mark.parametrize("depth", [1_000, 200_000])
def test_L6_nesting_is_bounded_before_anything_recurses(depth: int, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"contact": "a", "time": "2026-01-01", "name": "x", "properties": {"p": ' + "[" * depth + "]" * depth + "}}\n")
    assert codes(path) == ["too-deep"]


def test_L6_up_to_the_limit_nesting_is_fine_and_brackets_in_texts_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    inner = jsonl.MAX_DEPTH - 2
    path.write_bytes(
        b'{"contact": "a", "time": "2026-01-01", "name": "x", "properties": {"p": ' + b"[" * inner + b"]" * inner + b"}}\n"
        + line(name='{["\\"' * 1_000)
    )  # fmt: skip
    assert len(read([path]).records) == 2


def test_L6_many_and_long_keys_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(line(properties={f"k{n}": n for n in range(100_000)}) + line(properties={"k" * 1_000_000: 1}))
    assert len(read([path]).records) == 2


def test_L7_a_contact_is_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    names = ["a b", " a", "A", "a", "e\u0301", "é", "x" * 1_000_000]
    path.write_bytes(b"".join(line(contact=name) for name in names))
    assert [record.contact for record in read([path]).records] == names


def test_L8_times_are_the_same_in_a_log_and_in_an_event(tmp_path: Path) -> None:
    times = ["2026-01-01", "2026-01-01 09:00", "2026-01-01T09:00:00.123456789", "2026-03-29T02:30:00", "2026-10-25T02:30:00",
    "2026-01-01T09:00+14:00", "0001-01-01T00:00:00Z"]  # fmt: skip
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(line(time=time) for time in times))
    zone = Zone("Europe/Berlin")
    expected = sorted(Event(contact="ana", time=time, name="order").record(zone, 1).time for time in times)
    assert [record.time for record in read([path], timezone="Europe/Berlin").records] == expected


def test_L9_empty_logs_are_logs(tmp_path: Path) -> None:
    for name, text in (("a.jsonl", ""), ("b.jsonl", "\n\n"), ("c.csv", "contact,time,name\n"), ("d.csv", "")):
        (tmp_path / name).write_text(text)
    assert read([tmp_path]).records == []


def test_L11_files_are_found_by_name(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_bytes(line(contact="b"))
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(line(contact="a")))
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "c.csv").write_text("contact,time,name\nc,2026-01-01T09:00:00Z,order\n")
    (tmp_path / "notes.txt").write_text("no log")
    assert [record.contact for record in read([tmp_path]).records] == ["a", "b", "c"]
    assert [record.contact for record in read([tmp_path / "*.jsonl*"]).records] == ["a", "b"]
    twice = read([tmp_path / "b.jsonl", tmp_path])
    assert [record.contact for record in twice.records] == ["b", "a", "c"]
    assert len(twice.repeated) == 1


@pytest.mark.parametrize("name", ["no.jsonl", "*.none", "x.csv.gz.zst", "notes.txt", "empty"])
def test_L11_what_is_no_log_is_said(name: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no log")
    (tmp_path / "x.csv.gz.zst").write_text("no log")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LogError) as caught:
        read([tmp_path / name])
    assert caught.value.file is not None


def test_L11_a_file_that_is_not_there_has_no_line(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"no\.jsonl: there is no such file$") as caught:
        read([tmp_path / "no.jsonl"])
    assert caught.value.line is None


@given(st.binary(max_size=200), st.sampled_from([".jsonl", ".csv", ".tsv", ".jsonl.gz", ".csv.zst", ".parquet"]))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_log_or_an_error(tmp_path: Path, data: bytes, suffix: str) -> None:
    path = tmp_path / f"log{suffix}"
    path.write_bytes(data)
    for policy in ("stop", "skip"):
        with suppress(LogError):
            read([path], on_bad_event="skip" if policy == "skip" else "stop")


@given(st.lists(st.sampled_from(['"', ",", "\n", "a", "ana", "2026-01-01", "\r\n", " "]), max_size=30).map("".join))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cells_are_rows_or_rejects(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"contact,time,name\nana,2026-01-01,order\n" + text.encode())
    log, rejects = skipped(path)
    assert log.records[0].contact == "ana"
    assert all(reject.code in REASONS for reject in rejects)


def test_a_bad_row_stops_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(LINES[0] + b"\n" + b"nonsense\n")
    with pytest.raises(
        LogError, match=r"log.jsonl:3: this row is not JSON: .* \(mend it, or pass over such rows with --on-bad-event skip\)"
    ) as caught:
        read([path])
    assert (caught.value.file, caught.value.line) == (str(path), 3)


def test_a_reject_can_be_mended_and_fed_in_again(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(line(time="yesterday") + line())
    _, (reject,) = skipped(path)
    document = json.loads(reject.as_json())
    assert (document["file"], document["line"], document["code"]) == (str(path), 1, "bad-time")
    path.write_text(document["row"].replace("yesterday", "2026-01-01") + "\n")
    assert len(read([path]).records) == 1


def test_standard_input_is_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WHOLE)))
    assert len(read(["-"]).records) == 20


# Parquet


def test_parquet_columns_of_all_sorts(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "log.parquet"
    count = pa.array([1_767_258_000_123_456_789, 1_767_258_060_000_000_000])
    pq.write_table(
        pa.table(
            {
                "contact": pa.array(["ana", "ben"]).dictionary_encode(),
                "time": count.cast(pa.timestamp("ns", tz="Europe/Berlin")),
                "name": ["order", "order"],
                "value": pa.array([0.1, None], pa.float32()),
                "properties": pa.array([{"plan": "pro", "n": {"m": 5}}, {"plan": None, "n": None}]),
                "placed": pa.array([20_454, None], pa.date32()),
                "at": pa.array([1_767_258_000, None], pa.timestamp("s", tz="UTC")),
                "exact": pa.array(["1.10", "2"]).cast(pa.decimal128(5, 2)),
            }
        ),
        path,
    )
    first, second = read([path]).records
    assert (first.time, first.contact, first.value) == (1_767_258_000_123_456, "ana", 0.1)
    assert {key: str(value) for key, value in first.properties.items()} == {
        "plan": "pro", "n": "{'m': 5}", "placed": "2026-01-01", "at": "2026-01-01T09:00:00Z", "exact": "1.10"
    }  # fmt: skip
    assert (second.value, list(second.properties)) == (None, ["exact"])


@pytest.mark.parametrize("kind", ["text", "map"])
def test_parquet_properties_as_text_or_map(kind: str, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "log.parquet"
    held = pa.array(['{"plan": "pro"}']) if kind == "text" else pa.array([[("plan", "pro")]], pa.map_(pa.string(), pa.string()))
    pq.write_table(pa.table({"contact": ["ana"], "time": ["2026-01-01"], "name": ["order"], "properties": held}), path)
    assert read([path]).records[0].properties == {"plan": "pro"}


def test_L10_a_parquet_file_that_is_none_is_said(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "log.parquet"
    whole = (DATA / "web_log.parquet").read_bytes()
    for data in (b"", b"PAR1", whole[:1_000], whole[:-100], whole[:200] + b"\0" * 500 + whole[700:]):
        path.write_bytes(data)
        with pytest.raises(LogError, match="cannot be read"):
            read([path])


# Real logs


def test_the_real_logs_are_read() -> None:
    assert len(read([DATA / "cdnow_sample.jsonl"]).records) == 6_919
    mails = read([DATA / "email_events.jsonl"]).records
    assert len(mails) == 48
    assert {record.kind for record in mails} <= {"event", "subscribe", "unsubscribe", "open", "click", "bounce", "send"}


def test_the_web_log_is_read_from_parquet() -> None:
    pytest.importorskip("pyarrow")
    records = read([DATA / "web_log.parquet"]).records
    assert Counter(record.kind for record in records).keys() == {"visit", "event"}
    assert len({record.contact for record in records}) == 1_753


def test_calls_in_another_shape_are_rejected_with_reasons() -> None:
    log, rejects = skipped(DATA / "segment_calls.jsonl")
    assert len(log.records) + len(rejects) == 90
    assert {reject.code for reject in rejects} == {"missing-contact"}
