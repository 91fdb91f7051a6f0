"""What sequences are measured on: logs of carts and their orders, and rules with chains, absences and moments, the same at every run.

In: sizes. Out: Parquet files, and rules as rule files and as plain data. Three questions are drawn here:

- `mixed`: the rules of `worlds`, a third of them with a chain, an absence or a moment in place of their `on`, over the log of `logs` with
  two more columns: `cart_id`, of which each contact has a few, and the date `due`.
- `one_contact`: one rule over one contact who has a thousand carts open at any time.
- `abandoned`: rules for carts that are not ordered in time, over a log of many contacts.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench import logs, worlds
from bench.folder import DRAWN_BY, World, kept_by
from bench.worlds import NAMES, Condition, Rule

CARTS_OF_A_CONTACT = 5
ORDERED_WITHIN = 2_000
"""Carts: one is ordered when so many others at most have come, so that half of them are open."""
GOODS = 10
"""Different names of carts and of their orders."""
WITHOUT_CART_ID = 0.02
PER_CONTACT = 50
HOUR = 60
ONE_CONTACT = {
    "without": 'on event "cart" without event "order" with same cart_id within 1 hour every time',
    "then": 'on event "cart" then event "order" with same cart_id within 1 hour every time',
}


@dataclass(frozen=True, slots=True)
class Chain:
    """`on OCCURRENCE where A and B` and how it runs, all as text."""

    on: str
    conditions: tuple[str, ...]
    runs: str

    @property
    def text(self) -> str:
        conditions = "\n      and ".join(self.conditions)
        return f"  on {self.on}\n    where {conditions}\n    {self.runs}\n"


@dataclass(frozen=True, slots=True)
class Absence:
    """`on event NAME without event WITHOUT with same cart_id within so many minutes`, every time."""

    name: str
    without: str
    minutes: int

    @property
    def text(self) -> str:
        wait = f"within {self.minutes} minutes"
        return f'  on event "{self.name}" without event "{self.without}" with same cart_id {wait}\n    every time\n'


def mixed(number: int, *, seed: int = 7) -> list[Rule | Chain]:
    """So many rules: those that `worlds.rules` draws, and from the third on each third with a sequence in its `on` or its `where`."""
    chance = random.Random(seed)
    return [_chain(chance, rule, at // 3) if at % 3 == 2 else rule for at, rule in enumerate(worlds.rules(number))]


def _chain(chance: random.Random, rule: Rule, at: int) -> Chain:
    """A rule with a sequence, and with the conditions of a plain one save that on the quiet of its own trigger: it asks for as much."""

    def event() -> str:
        return f'event "e{chance.randrange(NAMES)}"'

    def days() -> str:
        return f"{chance.choice((7, 30, 90))} days"

    shapes: tuple[Callable[[], str], ...] = (
        lambda: f"{event()} then {event()} within {days()}",
        lambda: f"{event()} without {event()} with same cart_id within {chance.choice((1, 4, 24))} hours",
        lambda: f"{event()} then {event()} within {days()} then {event()} with same cart_id within {days()}",
        lambda: f"{chance.choice((3, 14))} days after {event()} without {event()} with same cart_id",
        lambda: f"{event()} then {event()} with same cart_id within {days()} without {event()} within {days()}",
        lambda: f"{chance.choice((1, 7))} days before date of due of {event()}",
        lambda: event(),
    )
    shape = at % len(shapes)
    conditions = [condition.text for condition in rule.conditions if condition != _quiet(rule)]
    if shape == len(shapes) - 1:
        conditions.append(f"({event()} then {event()} with same cart_id within {days()}) count >= {chance.choice((1, 2))} before")
    return Chain(shapes[shape](), tuple(conditions), chance.choice(("once", "once", "once per cart_id", "at most once per 30 days")))


def _quiet(rule: Rule) -> Condition | None:
    """The condition of a rule that its own trigger has been quiet: never true at an absence, which stands after its own event."""
    return next((condition for condition in rule.conditions if condition.sort == "quiet" and condition.name == rule.name), None)


def mixed_worlds(folder: Path, events: int, rules: int) -> tuple[World, World]:
    """One log, and over it so many rules without sequences and as many of which a third are sequences."""
    kept = _kept(folder)
    log = kept / f"mixed-{events}.parquet"
    if not log.exists():
        _write(log, _with_carts(events))
    plain, chains = kept / f"plain-{rules}", kept / f"mixed-{rules}"
    return _world(events, rules, log, plain, worlds.text(worlds.rules(rules))), _world(
        events, rules, log, chains, worlds.text(mixed(rules))
    )


def _with_carts(events: int) -> Iterator[pa.Table]:
    """The log of `logs`, each event of kind `event` with one of its contact's carts and with a day on which something is due."""
    for number, block in enumerate(logs.blocks(events)):
        chance = np.random.default_rng((11, number))
        absent = pc.is_null(block["amount"]).to_numpy()
        carts = pc.cast(pa.array(chance.integers(0, CARTS_OF_A_CONTACT, len(block))), pa.string())
        ids = pc.binary_join_element_wise(block["contact"].combine_chunks(), carts, "-")
        days = block["time"].to_numpy().astype("datetime64[D]") + chance.integers(0, 60, len(block))
        block = block.append_column("cart_id", pc.if_else(pa.array(absent), pa.scalar(None, pa.string()), ids))
        yield block.append_column("due", pa.array(days, mask=absent))


def one_contact(folder: Path, events: int) -> dict[str, World]:
    """One contact's log and, over it, each of two rules of its own."""
    kept = _kept(folder)
    log = kept / f"one-contact-{events}.parquet"
    if not log.exists():
        _write(log, iter([_carts(events, 1, 1, 0.0)]))
    return {name: _world(events, 1, log, kept / f"one-{name}", f'automation "A0"\n  {rule}\n') for name, rule in ONE_CONTACT.items()}


def abandoned(number: int) -> list[Absence]:
    """So many rules, no two alike: of each kind of goods in turn, one hour first, then other durations."""
    made = []
    for at in range(number):
        turn, goods = divmod(at, GOODS)
        made.append(Absence(f"cart{goods}", f"order{goods}", HOUR + HOUR * (turn // 10) - 6 * (turn % 10)))
    return made


def abandoned_world(folder: Path, events: int, rules: int) -> World:
    """A log of many contacts' carts, and so many rules for abandoned ones."""
    kept = _kept(folder)
    log = kept / f"abandoned-{events}.parquet"
    if not log.exists():
        _write(log, iter([_carts(events, max(events // PER_CONTACT, 1), GOODS, WITHOUT_CART_ID)]))
    project = abandoned(rules)
    made = _world(events, rules, log, kept / f"abandoned-{rules}", worlds.text(project))
    made.rules_as_data.write_text(json.dumps([asdict(rule) for rule in project]), encoding="utf-8")
    return made


def load(path: Path) -> list[Absence]:
    """The rules of a file that `abandoned_world` wrote."""
    return [Absence(**held) for held in json.loads(path.read_text(encoding="utf-8"))]


def _carts(events: int, contacts: int, goods: int, without_id: float) -> pa.Table:
    """Carts and their orders, a second apart: each is ordered up to two thousand carts later, of so many goods."""
    chance = np.random.default_rng(1)
    carts = (events + 1) // 2
    cart = np.concatenate([np.arange(carts), np.arange(events - carts)])
    is_order = np.arange(events) >= carts
    places = np.where(is_order, cart + chance.integers(0, ORDERED_WITHIN, events) + 0.5, cart)
    order = np.argsort(places, kind="stable")
    cart, is_order = cart[order], is_order[order]
    of_goods, of_contact = chance.integers(0, goods, carts)[cart], chance.integers(0, contacts, carts)[cart]
    suffixes = [""] if goods == 1 else [str(number) for number in range(goods)]
    names = pa.array([f"{what}{suffix}" for what in ("cart", "order") for suffix in suffixes])
    return pa.table(
        {
            "contact": _numbered("c", of_contact),
            "time": pa.array(logs.START + np.arange(events) * logs.SECOND).cast(pa.timestamp("us", tz="UTC")),
            "name": names.take(pa.array(is_order * goods + of_goods)),
            "cart_id": pc.if_else(pa.array(chance.random(events) < without_id), pa.scalar(None, pa.string()), _numbered("k", cart)),
        }
    )


def _numbered(letter: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(letter, pc.cast(pa.array(numbers), pa.string()), "")


def _kept(folder: Path) -> Path:
    return kept_by(folder, (*DRAWN_BY, "chains.py"))


def _write(path: Path, tables: Iterator[pa.Table]) -> None:
    """Write a log, a block a row group. The file appears whole or not at all."""
    partial = path.with_suffix(".partial")
    first = next(tables)
    with pq.ParquetWriter(partial, first.schema, store_schema=False) as writer:
        writer.write_table(first, row_group_size=logs.BLOCK)
        for table in tables:
            writer.write_table(table, row_group_size=logs.BLOCK)
    partial.rename(path)


def _world(events: int, rules: int, log: Path, rule_files: Path, text: str) -> World:
    rule_files.mkdir(exist_ok=True)
    (rule_files / "bench.triggers").write_text(text, encoding="utf-8")
    return World(events, rules, log, rule_files, rule_files.with_suffix(".json"))
