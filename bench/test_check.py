"""`triggerlang check` on one small file beside the least that any such tool does: click, and Lark with the same grammar."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench import worlds
from triggerlang.checking.project import check
from triggerlang.language.source import Source
from triggerlang.language.tables import grammar_text

RULE = 'automation "Welcome series"\n  on subscribes list "News"\n    where event "signup" count >= 1 before\n'
BARE = """
import sys
import click

@click.command()
@click.argument("grammar")
@click.argument("path")
def check(grammar, path):
    from lark import Lark
    with open(grammar) as file:
        parser = Lark(file.read(), parser="lalr", start="file")
    with open(path) as file:
        parser.parse(file.read())
    click.echo("no problems")

check()
"""


def test_one_small_file_against_bare_click_and_lark(tmp_path: Path, against: Callable[..., None]) -> None:
    rules, grammar, bare = tmp_path / "welcome.triggers", tmp_path / "triggers.lark", tmp_path / "bare.py"
    rules.write_text(RULE)
    grammar.write_text(grammar_text())
    bare.write_text(BARE)

    def run(*arguments: str | Path) -> None:
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)

    against(
        "check of one small file, against bare click and Lark",
        lambda: run("-m", "triggerlang", "check", rules),
        lambda: run(bare, grammar, rules),
        rounds=15,
    )


def test_ten_thousand_rules_against_bare_lark(against: Callable[..., None]) -> None:
    from lark import Lark

    text = worlds.text(worlds.rules(10_000))
    lark = Lark(grammar_text(), parser="lalr", start="file")
    against(
        "check of 10,000 rules, against Lark making its trees", lambda: check([Source("rules.triggers", text)]), lambda: lark.parse(text)
    )
