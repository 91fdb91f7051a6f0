"""What `--help` says: it begins with an example that works, fits on a terminal, and stands in `docs/commands.md` as it is."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.command import ROOT, RULES, environment, project, triggerlang
from triggerlang.cli.main import COMMANDS, cli

PAGE = ROOT / "docs" / "commands.md"
INTRODUCTION = """# Commands

What `--help` says of each command, made from it: `python -m pytest tests/test_help.py --update` makes it anew.
[The command line](command-line.md) has what the commands promise beyond that: exit codes, configuration, the shapes of their outputs.
"""


def said(*command: str) -> str:
    """The help of a command, 100 columns wide; without a command, the overview."""
    shown = CliRunner().invoke(cli, [*command, "--help"], prog_name="triggerlang", terminal_width=100)
    assert shown.exit_code == 0
    return shown.output


def page() -> str:
    sections = [f"```text\n{said()}```\n", *(f"## `triggerlang {command}`\n\n```text\n{said(command)}```\n" for command in COMMANDS)]
    return "\n".join([INTRODUCTION, *sections])


def test_the_page_of_commands_is_what_help_says(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/commands.md is out of date: pytest tests/test_help.py --update"


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids=lambda command: " ".join(command) or "overview")
def test_help_begins_with_an_example_that_works(tmp_path: Path, command: tuple[str, ...]) -> None:
    """In a small project: `rules/`, `log.jsonl`, and a test that holds."""
    usage, _, example = said(*command).splitlines()[:3]
    assert usage.startswith("Usage: triggerlang ")
    words = shlex.split(example)
    assert words[: 1 + len(command)] == ["triggerlang", *command]
    project(tmp_path, rules=RULES + 'test "nothing comes of nothing" given expect automation "Welcome" nothing\n')
    ran = triggerlang(*words[1:], cwd=tmp_path)
    assert ran.code == 0, ran.err


@pytest.mark.parametrize("columns", [20, 60, 80, 300])
@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids=lambda command: " ".join(command) or "overview")
def test_help_fits_on_a_terminal(tmp_path: Path, command: tuple[str, ...], columns: int) -> None:
    ran = triggerlang(*command, "--help", cwd=tmp_path, env=environment(COLUMNS=str(columns)))
    assert (ran.code, ran.err) == (0, "")
    # Click writes no narrower than 50 columns, and never breaks the list of an option's values.
    assert max(map(len, ran.out.splitlines())) <= min(max(columns, 60), 100)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_says_what_it_is_for(command: str) -> None:
    import click

    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    for option in found.params:
        if isinstance(option, click.Option):
            assert option.help, f"{option.opts[0]} of {command} has no help"
            sentence = option.help[0].isupper(), option.help[-1]
            assert sentence == (True, "."), f"the help of {option.opts[0]} of {command} is a sentence"
