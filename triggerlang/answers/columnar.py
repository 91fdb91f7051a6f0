"""Writers of entries in columns: the same files as `writers` makes, without an object for each entry.

In: entries in blocks. Out: Parquet, JSON Lines or CSV.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TextIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from triggerlang.answers import writers
from triggerlang.answers.encoding import cleaned
from triggerlang.engines.columnar.entries import BLOCK, Block, Entries
from triggerlang.engines.columnar.layout import Array
from triggerlang.events.interning import Coded
from triggerlang.events.spilling import shrunk

GROUP: Final = 1 << 20
"""How many entries make a row group of Parquet."""


def write_parquet(entries: Entries, path: str) -> None:
    """Parquet, as `writers.write_parquet` has it; texts go to the file as the dictionaries that they are."""
    coded = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema([field if field.name in ("time", "event") else field.with_type(coded) for field in writers.parquet_schema(pa)])
    # Whoever reads the file finds texts: that they were codes here is no part of it. Entries lie in the order of time; the least and the
    # largest of other columns would be about the same in every row group, and finding them takes longer than all else.
    options = {
        "store_schema": False,
        "use_dictionary": [field.name for field in schema if field.type == coded],
        "write_statistics": ["time"],
    }
    with pq.ParquetWriter(path, schema, **options) as writer, ThreadPoolExecutor(1) as pool:
        # One row group is written while the next is made.
        writing: Future[None] | None = None
        for table in _tables(entries, schema):
            if writing is not None:
                writing.result()
            writing = pool.submit(writer.write_table, table)
        if writing is not None:
            writing.result()


def _tables(entries: Entries, schema: Any) -> Iterator[Any]:
    """The row groups."""
    automations = [entries.automations[rule.automation] for rule in entries.rules]
    names, sources = [rule.name for rule in entries.rules], [rule.source for rule in entries.rules]
    of_rules = [_Dictionary(texts) for texts in (automations, names, sources)]
    for block in entries.blocks():
        held = shrunk(Coded(block.contact, block.contacts))
        contacts = _Dictionary([text.decode("utf-8", "surrogatepass") for text in held.texts.all()])
        for start in range(0, max(len(block), 1), GROUP):
            rows = slice(start, start + GROUP)
            some = block.some(rows)
            columns = [
                pa.array(some.time).cast(schema.field(0).type),
                contacts.of(held.codes[rows]),
                *(dictionary.of(some.rule) for dictionary in of_rules),
                _events(some),
            ]
            yield pa.Table.from_arrays(columns, schema=schema)


class _Dictionary:
    """Texts as Arrow has them, each once, though a text may have several codes."""

    def __init__(self, texts: list[str]) -> None:
        numbers: dict[str, int] = {}
        self._again = np.array([numbers.setdefault(cleaned(text), len(numbers)) for text in texts], np.int32)
        self._texts = pa.array(list(numbers), pa.string())

    def of(self, codes: Array) -> Any:
        """The texts of some codes."""
        return pa.DictionaryArray.from_arrays(pa.array(self._again[codes], pa.int32()), self._texts)


def _texts(texts: Any) -> Any:
    return pa.array([cleaned(text) for text in texts], pa.string())


def _events(block: Block) -> Any:
    """The ids of the triggers, or their rows as text."""
    rows = pa.array(block.row).cast(pa.string())
    if block.id is None or block.ids is None or not block.id.any():
        return rows
    codes, places = np.unique(block.id, return_inverse=True)
    ids = _texts(block.ids[code].decode("utf-8", "surrogatepass") for code in codes.tolist())
    of_rows = pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), ids).dictionary_decode()
    return pa.compute.if_else(pa.array(block.id > 0), of_rows, rows)


def write_json_lines(entries: Entries, file: TextIO) -> None:
    """JSON Lines, as `writers.write_json_lines` has them."""
    rules = [
        f'"automation": {_json(entries.automations[rule.automation])}, "rule": {_json(rule.name)}, "source": {_json(rule.source)}'
        for rule in entries.rules
    ]
    for block in _pieces(entries):
        contacts = _of_each(block, _json)
        events = (_json(event) for event in block.events()) if block.id is not None else map(str, block.row.tolist())
        file.writelines(
            f'{{"time": "{moment}", "contact": {contact}, {rules[rule]}, "event": {event}}}\n'
            for moment, contact, rule, event in zip(times_of(block), contacts, block.rule.tolist(), events, strict=True)
        )


def write_csv(entries: Entries, file: TextIO, *, safe: bool = False) -> None:
    """CSV, as `writers.write_csv` has it."""

    def cell(text: object) -> str:
        return writers.csv_cell(str(text), safe=safe)

    rules = [f"{cell(entries.automations[rule.automation])},{cell(rule.name)},{cell(rule.source)}" for rule in entries.rules]
    file.write(",".join(writers.COLUMNS) + "\n")
    for block in _pieces(entries):
        file.writelines(
            f"{moment},{contact},{rules[rule]},{cell(event)}\n"
            for moment, contact, rule, event in zip(
                times_of(block), _of_each(block, cell), block.rule.tolist(), block.events(), strict=True
            )
        )


def times_of(block: Block) -> Sequence[str]:
    """The times as text, with as many decimals as they need."""
    texts: list[str] = np.datetime_as_string(block.time.astype("datetime64[us]"), unit="us").tolist()
    return [(text.rstrip("0").removesuffix(".") if text.endswith("0") else text) + "Z" for text in texts]


def _pieces(entries: Entries) -> Iterator[Block]:
    for block in entries.blocks():
        for start in range(0, len(block), BLOCK):
            yield block.some(slice(start, start + BLOCK))


def _of_each(block: Block, make: Any) -> list[str]:
    """What is made of the contact of each entry."""
    codes, places = np.unique(block.contact, return_inverse=True)
    made = [make(block.contacts[code].decode("utf-8", "surrogatepass")) for code in codes.tolist()]
    return [made[place] for place in places.tolist()]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
