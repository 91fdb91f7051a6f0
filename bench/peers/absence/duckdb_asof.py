"""DuckDB: one as-of join finds each cart's next order, for all rules that name the two; the rules are a table."""

from __future__ import annotations

from pathlib import Path

from bench.chains import Absence
from bench.peers.database import connect, fill, micros, text

MINUTE = 60_000_000


def answer(log: Path, project: list[Absence], out: Path) -> None:
    database = connect(out.parent / "spill")
    rules = [(number, rule.name, rule.without, rule.minutes * MINUTE) for number, rule in enumerate(project)]
    fill(database, "rules", "rule INTEGER, name VARCHAR, without VARCHAR, width BIGINT", rules)
    database.execute(f"""
        CREATE VIEW log AS
        SELECT file_row_number + 1 AS row, contact, {micros("time")} AS t, name, cart_id
        FROM read_parquet({text(log)}, file_row_number = true)""")
    database.execute(f"""
        COPY (
            WITH pairs AS (SELECT DISTINCT name, without FROM rules),
            carts AS (SELECT row, hash(contact, cart_id) AS cart, t, name, without
                      FROM log JOIN pairs USING (name)),
            orders AS (SELECT row, hash(contact, cart_id) AS cart, t, name AS without FROM log
                       WHERE cart_id IS NOT NULL AND name IN (SELECT without FROM pairs)),
            followed AS (SELECT carts.*, orders.t AS next
                         FROM carts ASOF LEFT JOIN orders
                         ON carts.without = orders.without AND carts.cart = orders.cart AND carts.row < orders.row)
            SELECT row, rule, t + width AS time FROM followed JOIN rules USING (name, without)
            WHERE (next IS NULL OR next > t + width) AND t + width <= (SELECT max(t) FROM log)
            ORDER BY time, row, rule
        ) TO {text(out)} (FORMAT parquet)""")
