"""DuckDB, one hand-written SQL query a rule.

The log is loaded once. Each query starts from the rule's triggers and takes away, condition by condition, those that do not enter, the
cheapest condition first: a count needs one look at each contact, windows are looked up for what is then left.
"""

from __future__ import annotations

from pathlib import Path

from bench.peers.database import connect, events, name_numbers, text, write
from bench.worlds import DAY, ONCE, Condition, Rule

CHEAPEST_FIRST = ("count", "list", "sum", "quiet")


def answer(log: Path, project: list[Rule], out: Path) -> None:
    database = connect(out.parent / "spill")
    names = name_numbers(database, project)
    database.execute("CREATE TABLE entries (row BIGINT, rule INTEGER)")
    database.execute(f"CREATE TABLE events AS {events(log)}")
    for number, rule in enumerate(project):
        database.execute(f"INSERT INTO entries {query(number, rule, names)}")
    write(database, "FROM entries", out)


def query(number: int, rule: Rule, names: dict[str, int]) -> str:
    """The entries of one rule."""
    plan = "" if rule.plan is None else f"AND plan = {text(rule.plan)}"
    tables = [f"left0 AS (SELECT contact, row, t FROM events WHERE name = {names[rule.name]} {plan})"]
    conditions = sorted(rule.conditions, key=lambda condition: CHEAPEST_FIRST.index(condition.sort))
    for at, condition in enumerate(conditions):
        asked, kept = of_a_condition(condition, names[condition.name], at)
        tables += [
            f"asked{at} AS MATERIALIZED ({asked})",
            f"left{at + 1} AS MATERIALIZED (SELECT l.contact, l.row, l.t FROM left{at} AS l {kept})",
        ]
    row, group = ("min(row)", "GROUP BY contact") if rule.apart is ONCE else ("row", "")
    return f"WITH {', '.join(tables)} SELECT {row}, {number} FROM left{len(conditions)} {group}"


def of_a_condition(condition: Condition, name: int, at: int) -> tuple[str, str]:
    """What a condition asks of the log, and the joins and tests that keep the triggers at which it holds."""
    number, width = condition.number, condition.days * DAY
    of = f"FROM events WHERE name = {name}"
    of_those_left = f"{of} AND contact IN (SELECT contact FROM left{at})"
    match condition.sort:
        case "count":
            return (
                f"SELECT contact, min(row, {number})[{number}] AS row {of} GROUP BY contact HAVING count(*) >= {number}",
                f"JOIN asked{at} AS a ON a.contact = l.contact AND a.row < l.row",
            )
        case "list":
            return (
                f"SELECT contact, row, kind {of_those_left}",
                f"ASOF JOIN asked{at} AS a ON a.contact = l.contact AND a.row < l.row WHERE kind = 'subscribe'",
            )
        case "sum":
            enough = f"SELECT contact {of_those_left} GROUP BY contact HAVING sum(amount) >= {number}"
            return (
                f"SELECT contact, row, t, sum(amount) OVER (PARTITION BY contact ORDER BY row) AS s {of} AND contact IN ({enough})",
                f"""ASOF JOIN asked{at} AS a ON a.contact = l.contact AND a.row < l.row
                    ASOF LEFT JOIN asked{at} AS old ON old.contact = l.contact AND old.t < l.t - {width}
                    WHERE a.s - coalesce(old.s, 0) >= {number}""",
            )
        case _:
            return (
                f"SELECT contact, row, t {of_those_left}",
                f"ASOF LEFT JOIN asked{at} AS a ON a.contact = l.contact AND a.row < l.row WHERE a.t IS NULL OR a.t < l.t - {width}",
            )
