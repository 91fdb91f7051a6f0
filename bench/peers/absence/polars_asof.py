"""Polars: one as-of join finds each cart's next order, for all rules that name the two; the rules are a frame."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bench.chains import Absence

MINUTE = 60_000_000
ROW, TIME, CART = pl.col("row"), pl.col("time"), pl.col("cart_id")


def answer(log: Path, project: list[Absence], out: Path) -> None:
    rules = pl.LazyFrame(
        [(number, rule.name, rule.without, rule.minutes * MINUTE) for number, rule in enumerate(project)],
        schema={"rule": pl.Int32, "name": pl.String, "without": pl.String, "width": pl.Int64},
        orient="row",
    )
    asked = {name for rule in project for name in (rule.name, rule.without)}
    events = pl.scan_parquet(log, row_index_name="row").with_columns(ROW.cast(pl.Int64) + 1, TIME.dt.epoch("us"))
    last = events.select(TIME.max()).collect().item()
    events = events.filter(pl.col("name").is_in(list(asked))).collect().lazy()
    carts = events.join(rules.select("name", "without").unique(), on="name").sort("row")
    orders = events.filter(CART.is_not_null()).select("row", "contact", "cart_id", without="name", next="time").sort("row")
    followed = carts.join_asof(
        orders,
        on="row",
        by=["without", "contact", "cart_id"],
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    due = TIME + pl.col("width")
    entries = followed.join(rules, on=["name", "without"]).filter(pl.col("next").is_null() | (pl.col("next") > due), due <= last)
    entries.select("row", "rule", time=due).sort("time", "row", "rule").collect().write_parquet(out)
