"""DuckDB, one hand-written SQL query a rule.

The log is loaded once; each query then looks at the events that its rule names, and asks for each event what came before it from the same
contact, with window functions that share one order.
"""

from __future__ import annotations

from pathlib import Path

from bench.peers.database import connect, events, name_numbers, text, write
from bench.worlds import DAY, ONCE, Condition, Rule


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
    asked = sorted({names[rule.name]} | {names[condition.name] for condition in rule.conditions})
    found = ", ".join(f"{measure(condition, names)} AS v{at}" for at, condition in enumerate(rule.conditions))
    tests = [f"name = {names[rule.name]}"]
    tests += [] if rule.plan is None else [f"plan = {text(rule.plan)}"]
    tests += [test(condition, f"v{at}") for at, condition in enumerate(rule.conditions)]
    row, group = ("min(row)", "GROUP BY contact") if rule.apart is ONCE else ("row", "")
    return f"""
        SELECT {row}, {number} FROM (
            SELECT row, contact, t, name, plan, {found}
            FROM events WHERE name IN ({", ".join(map(str, asked))})
            WINDOW earlier AS (PARTITION BY contact ORDER BY row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) WHERE {" AND ".join(tests)} {group}"""


def measure(condition: Condition, names: dict[str, int]) -> str:
    """What a condition asks of the events before."""
    of = f"FILTER (name = {names[condition.name]})"
    match condition.sort:
        case "count":
            return f"count(*) {of} OVER earlier"
        case "quiet":
            return f"max(t) {of} OVER earlier"
        case "sum":
            # All before, less what lies before the window: a window of days would count events of the same time that stand later.
            old = f"(PARTITION BY contact ORDER BY t RANGE BETWEEN UNBOUNDED PRECEDING AND {condition.days * DAY + 1} PRECEDING)"
            return f"coalesce(sum(amount) {of} OVER earlier, 0) - coalesce(sum(amount) {of} OVER {old}, 0)"
        case _:
            # The latest event of the list: an odd number is a subscription.
            return f"max(row * 2 + (kind = 'subscribe')::INT) {of} OVER earlier"


def test(condition: Condition, value: str) -> str:
    """Whether a condition holds, by what it asked."""
    match condition.sort:
        case "quiet":
            return f"({value} IS NULL OR {value} < t - {condition.days * DAY})"
        case "list":
            return f"{value} % 2 = 1"
        case _:
            return f"{value} >= {condition.number}"
