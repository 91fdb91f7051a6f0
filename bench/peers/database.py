"""What the DuckDB peers share: opening a database, and the log as an expert would load it.

Contacts become 64-bit hashes and names small numbers, so that nothing after the load compares texts. Rows are numbers from 1 in the log's
order. Rows of a log lie in the order of its times, and the peers may rely on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from bench.worlds import Rule


def connect(spill: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory that may spill to a folder."""
    database = duckdb.connect(config={"temp_directory": str(spill), "preserve_insertion_order": False})
    database.execute("SET asof_loop_join_threshold = 0")  # else an ASOF join of few rows compares each of them with all others
    return database


def text(value: object) -> str:
    """A value as SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def micros(column: str) -> str:
    """A time as whole microseconds."""
    return f"epoch_us({column})"


def name_numbers(database: duckdb.DuckDBPyConnection, project: list[Rule]) -> dict[str, int]:
    """Numbers for the names that the rules ask for, as data and as the table `names`; a list's name never equals an event's."""
    wanted = sorted({rule.name for rule in project} | {condition.name for rule in project for condition in rule.conditions})
    fill(database, "names", "text VARCHAR, number SMALLINT", [(name, number) for number, name in enumerate(wanted)])
    return {name: number for number, name in enumerate(wanted)}


def fill(database: duckdb.DuckDBPyConnection, table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    """Make a table of rows, handed over as Arrow columns: much faster than as SQL."""
    import pyarrow as pa  # not needed by those that only read

    database.execute(f"CREATE TABLE {table} ({columns})")
    handed = pa.table({f"column{at}": list(values) for at, values in enumerate(zip(*rows, strict=True))})
    database.register("handed", handed)
    database.execute(f"INSERT INTO {table} FROM handed")
    database.unregister("handed")


def events(log: Path) -> str:
    """The rows of a log that the rules ask for: row, contact, t, kind, name, amount, plan."""
    return f"""
        SELECT file_row_number + 1 AS row, hash(contact) AS contact, {micros("time")} AS t, kind, names.number AS name, amount, plan
        FROM read_parquet({text(log)}, file_row_number = true) AS log JOIN names ON names.text = log.name"""


def write(database: duckdb.DuckDBPyConnection, query: str, out: Path) -> None:
    """Write the rows of a query to Parquet, in order."""
    database.execute(f"COPY (SELECT row, rule FROM ({query}) ORDER BY row, rule) TO {text(out)} (FORMAT parquet)")
