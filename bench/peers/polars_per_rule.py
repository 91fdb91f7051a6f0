"""Polars, one set of expressions a rule.

The log is read once and kept in its order; each rule then takes the events that it names, measures over each contact what came before, and
filters the triggers.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl

from bench.worlds import ONCE, Condition, Rule

CONTACT, ROW, NAME, TIME = pl.col("contact"), pl.col("row"), pl.col("name"), pl.col("time")


def answer(log: Path, project: list[Rule], out: Path) -> None:
    asked = {rule.name for rule in project} | {condition.name for rule in project for condition in rule.conditions}
    events = (
        pl.scan_parquet(log, row_index_name="row")
        .filter(NAME.is_in(list(asked)))
        .with_columns(CONTACT.hash(), NAME.cast(pl.Categorical), pl.col("plan").cast(pl.Categorical), ROW.cast(pl.Int64) + 1)
        .collect()
    )
    entries = pl.concat(pl.collect_all([entered(events.lazy(), number, rule) for number, rule in enumerate(project)]))
    entries.sort("row", "rule").write_parquet(out)


def entered(events: pl.LazyFrame, number: int, rule: Rule) -> pl.LazyFrame:
    """The entries of one rule."""
    mine = events.filter(NAME.is_in([rule.name, *(condition.name for condition in rule.conditions)]))
    mine = mine.with_columns(measure(condition).alias(f"v{at}") for at, condition in enumerate(rule.conditions))
    triggers = mine.filter(NAME.eq(rule.name))
    if rule.plan is not None:
        triggers = triggers.filter(pl.col("plan") == rule.plan)
    for at, condition in enumerate(rule.conditions):
        if condition.sort == "sum":
            triggers = less_what_is_old(triggers, events, condition, f"v{at}")
        triggers = triggers.filter(holds(condition, pl.col(f"v{at}")))
    if rule.apart is ONCE:
        triggers = triggers.group_by("contact").agg(ROW.min())
    return triggers.select("row", rule=pl.lit(number, pl.Int32))


def measure(condition: Condition) -> pl.Expr:
    """What a condition asks of the events of a contact before each event."""
    is_asked = NAME.eq(condition.name)
    match condition.sort:
        case "count":
            return (is_asked.cast(pl.Int64).cum_sum() - is_asked.cast(pl.Int64)).over("contact")
        case "quiet":
            return pl.when(is_asked).then(TIME).shift(1).forward_fill().over("contact")
        case "sum":
            amounts = pl.when(is_asked).then(pl.col("amount")).otherwise(0.0)
            return (amounts.cum_sum() - amounts).over("contact")
        case _:
            return pl.when(is_asked).then(pl.col("kind") == "subscribe").forward_fill().over("contact")


def less_what_is_old(triggers: pl.LazyFrame, events: pl.LazyFrame, condition: Condition, value: str) -> pl.LazyFrame:
    """The triggers, their sums of all amounts without those that lie before the window."""
    sums = events.filter(NAME.eq(condition.name)).select("contact", "time", old=pl.col("amount").cum_sum().over("contact"))
    return (
        triggers.with_columns(start=TIME - timedelta(days=condition.days))
        .sort("start")
        .join_asof(
            sums.sort("time", maintain_order=True),
            left_on="start",
            right_on="time",
            by="contact",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .with_columns(pl.col(value) - pl.col("old").fill_null(0.0))
        .drop("start", "old", "time_right", strict=False)
    )


def holds(condition: Condition, value: pl.Expr) -> pl.Expr:
    """Whether a condition holds, by what it asked."""
    match condition.sort:
        case "quiet":
            return value.is_null() | (value < TIME - timedelta(days=condition.days))
        case "list":
            return value.fill_null(False)
        case _:
            return value >= condition.number
