"""DuckDB, all rules as data: tables of conditions and rules are joined with the log, by hand-made SQL that is the same for any rules.

It goes from what is rare to what is common. First it finds, for each contact and condition, from which row on the condition can hold: the
row of the n-th event, the row at which a sum of all amounts reaches the number, the first subscription. A rule can enter where all
of its conditions can hold, so these rows, the rarest condition first, say which contacts and rules meet at all. Only those are joined
with the triggers, and only what is left then looks at windows. Contacts are taken in parts, so that memory stays bounded.

It relies on amounts that are never negative.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from bench.peers.database import connect, events, fill, name_numbers, write
from bench.worlds import DAY, ONCE, Condition, Rule

PAIRS_PER_PART = 10**10
"""Events times rules that one part of the contacts stands for."""

BUCKET = 64
"""Sums are looked up in buckets of this width, so that an event is compared with the numbers that it may reach alone."""


def answer(log: Path, project: list[Rule], out: Path) -> None:
    database = connect(out.parent / "spill")
    names = name_numbers(database, project)
    load_rules(database, project, names)
    database.execute(f"CREATE TABLE events AS {events(log)}")
    (count,) = database.execute("SELECT count(*) FROM events").fetchone() or (0,)
    parts = count * len(project) // PAIRS_PER_PART + 1
    database.execute("CREATE TABLE entries (row BIGINT, rule INTEGER)")
    for part in range(parts):
        for step in (*histories(parts, part), *reached(), *arranged(project), *candidates(project), *looked_up()):
            database.execute(step)
        database.execute(f"INSERT INTO entries {ENTRIES}")
    write(database, "FROM entries", out)


def load_rules(database: duckdb.DuckDBPyConnection, project: list[Rule], names: dict[str, int]) -> None:
    """The tables `conditions`, each condition once, `rules`, and `asking`: the conditions of each rule."""
    numbers: dict[Condition, int] = {}
    asked = [(number, numbers.setdefault(c, len(numbers))) for number, rule in enumerate(project) for c in rule.conditions]
    conditions = [(key, c.sort, names[c.name], c.number, c.days * DAY) for c, key in numbers.items()]
    rules = [(number, names[rule.name], rule.plan, rule.apart is ONCE) for number, rule in enumerate(project)]
    fill(database, "conditions", "condition INTEGER, sort VARCHAR, name SMALLINT, number BIGINT, width BIGINT", conditions)
    fill(database, "rules", "rule INTEGER, name SMALLINT, plan VARCHAR, once BOOLEAN", rules)
    fill(database, "asked", "rule INTEGER, condition INTEGER", asked)
    database.execute("""
        CREATE TABLE asking AS
        SELECT rule, conditions.*, conditions.name = rules.name AS is_own
        FROM asked JOIN conditions USING (condition) JOIN rules USING (rule)""")


def most_reached(project: list[Rule]) -> int:
    """How many conditions a rule has at most that do not hold from the start."""
    return max(1, *(sum(condition.sort != "quiet" for condition in rule.conditions) for rule in project))


def histories(parts: int, part: int) -> tuple[str, ...]:
    """`occurrences`: an event with its number, sum and predecessor among those of its name; `memberships`: from one row to another."""
    mine = f"contact % {parts} = {part}"
    return (
        f"""CREATE OR REPLACE TEMP TABLE occurrences AS
            SELECT contact, name, row, t, plan, amount, row_number() OVER before_it AS k, sum(amount) OVER before_it AS s,
                   lag(t) OVER before_it AS last_t
            FROM events WHERE kind = 'event' AND {mine} WINDOW before_it AS (PARTITION BY contact, name ORDER BY row)""",
        f"""CREATE OR REPLACE TEMP TABLE memberships AS
            SELECT contact, name, row AS from_row, to_row FROM (
                SELECT *, lead(row, 1, {2**62}) OVER (PARTITION BY contact, name ORDER BY row) AS to_row
                FROM events WHERE kind <> 'event' AND {mine}
            ) WHERE kind = 'subscribe'""",
    )


def reached() -> tuple[str, ...]:
    """`reached`: the row after which a condition can hold for a contact, of all conditions that do not hold from the start."""
    return (
        f"""CREATE OR REPLACE TEMP TABLE reached AS
            SELECT condition, contact, row FROM occurrences JOIN conditions USING (name) WHERE sort = 'count' AND k = number
            UNION ALL
            SELECT condition, contact, row
            FROM (
                SELECT *, unnest(range((s - amount)::BIGINT // {BUCKET}, s::BIGINT // {BUCKET} + 1)) AS bucket FROM occurrences
                WHERE s - amount < (SELECT max(number) FROM conditions WHERE sort = 'sum')
            ) AS o JOIN (SELECT *, number // {BUCKET} AS bucket FROM conditions WHERE sort = 'sum') AS c USING (name, bucket)
            WHERE s >= number AND s - amount < number
            UNION ALL
            SELECT condition, contact, min(from_row) FROM memberships JOIN conditions USING (name) WHERE sort = 'list' GROUP BY ALL""",
    )


def arranged(project: list[Rule]) -> tuple[str, ...]:
    """`arranged`: the rules, with their conditions in columns, those that fewest contacts reach first."""
    most = most_reached(project)
    reaching = (f"max(condition) FILTER (sort <> 'quiet' AND place = {at}) AS p{at}" for at in range(1, most + 1))
    return (
        f"""CREATE OR REPLACE TEMP TABLE arranged AS
            SELECT rule, any_value(rules.name) AS name, any_value(plan) AS plan, {", ".join(reaching)},
                   max(width) FILTER (sort = 'quiet' AND is_own) AS own_width
            FROM rules JOIN (
                SELECT *, row_number() OVER (PARTITION BY rule, sort = 'quiet' ORDER BY contacts, condition) AS place
                FROM asking LEFT JOIN (SELECT condition, count(*) AS contacts FROM reached GROUP BY condition) USING (condition)
            ) AS placed USING (rule) GROUP BY rule""",
    )


def candidates(project: list[Rule]) -> tuple[str, ...]:
    """`candidates`: the triggers of a contact and rule at which all conditions can hold, by what it takes no window to know."""
    most = most_reached(project)
    fits = "(a.plan IS NULL OR a.plan = o.plan) AND (own_width IS NULL OR last_t IS NULL OR last_t < t - own_width)"
    return (
        "CREATE OR REPLACE TEMP TABLE meeting1 AS SELECT contact, a.*, row AS from_row FROM arranged AS a JOIN reached ON condition = p1",
        # An inner join of those that ask for more, beside those that do not: cheaper than an outer join of all.
        *(
            f"""CREATE OR REPLACE TEMP TABLE meeting{at} AS
                SELECT * FROM meeting{at - 1} WHERE p{at} IS NULL
                UNION ALL
                SELECT m.* REPLACE (greatest(m.from_row, r.row) AS from_row)
                FROM meeting{at - 1} AS m JOIN reached AS r ON r.condition = p{at} AND r.contact = m.contact"""
            for at in range(2, most + 1)
        ),
        # The rule's name and filters came along with the contact: looked up here, they would tempt the planner to join rules with triggers.
        f"""CREATE OR REPLACE TEMP TABLE candidates AS
            SELECT o.row, o.t, o.contact, a.rule FROM meeting{most} AS a
            JOIN occurrences AS o ON o.contact = a.contact AND o.name = a.name AND o.row > from_row WHERE {fits}
            UNION ALL
            SELECT o.row, o.t, o.contact, a.rule FROM arranged AS a JOIN occurrences AS o USING (name) WHERE p1 IS NULL AND {fits}""",
    )


TABLES_OF_WINDOWS = {
    # What is not in one of a rule's lists goes first: it needs no window.
    "listed": """
        FROM candidates AS c ANTI JOIN (
            SELECT c.row, c.rule FROM candidates AS c JOIN asking AS a USING (rule)
            LEFT JOIN memberships AS m ON m.contact = c.contact AND m.name = a.name AND m.from_row < c.row AND c.row <= m.to_row
            WHERE sort = 'list' AND m.name IS NULL
        ) AS f ON f.row = c.row AND f.rule = c.rule""",
    # A trigger asks for a name once, however many rules ask for it there.
    "wanted": """
        SELECT c.*, name, sort, number, width FROM listed AS c JOIN asking USING (rule)
        WHERE sort = 'sum' OR (sort = 'quiet' AND NOT is_own)""",
    "latest": """
        SELECT w.row, w.name, o.t AS last_t, o.s FROM (SELECT DISTINCT row, contact, name FROM wanted) AS w
        ASOF JOIN occurrences AS o ON o.contact = w.contact AND o.name = w.name AND o.row < w.row""",
    "old": """
        SELECT w.row, w.name, w.width, o.s FROM (SELECT DISTINCT row, t, contact, name, width FROM wanted WHERE sort = 'sum') AS w
        ASOF JOIN occurrences AS o ON o.contact = w.contact AND o.name = w.name AND o.t < w.t - w.width""",
    "failing": """
        SELECT w.row, w.rule FROM wanted AS w LEFT JOIN latest AS l ON l.row = w.row AND l.name = w.name
        LEFT JOIN old AS o ON o.row = w.row AND o.name = w.name AND o.width = w.width
        WHERE CASE WHEN sort = 'quiet' THEN last_t >= t - w.width ELSE coalesce(l.s, 0) - coalesce(o.s, 0) < number END""",
    "passing": "FROM listed AS c ANTI JOIN failing AS f ON f.row = c.row AND f.rule = c.rule",
}
"""What is left of the candidates, step by step; each step is kept, for the planner would compute those that are used twice twice."""


def looked_up() -> tuple[str, ...]:
    """`passing`: the candidates whose conditions all hold."""
    return tuple(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}" for name, query in TABLES_OF_WINDOWS.items())


ENTRIES = """
    SELECT row, rule FROM passing JOIN rules USING (rule) WHERE NOT once
    UNION ALL
    SELECT min(row), rule FROM passing JOIN rules USING (rule) WHERE once GROUP BY contact, rule"""
"""Of a rule that runs once, a contact's first."""
