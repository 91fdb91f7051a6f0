"""`triggerlang new`: a small project that works, to begin with."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import click

import triggerlang
from triggerlang.answers.encoding import shown
from triggerlang.cli.completing import folders

STARTER: Final = "starter"
"""The folder beside this module that holds the project as it is made, but for the version."""

VERSION: Final = "@version@"

ABOUT: Final = {
    "README.md": "what is here, and what to try",
    "rules/welcome.triggers": "a first rule",
    "rules/orders.triggers": "three more: a cart left behind, a second order, a big one",
    "rules/names.triggers": "the names that the rules may use",
    "rules/tests.triggers": "what the rules are meant to do",
    "log/sample.csv": "a made-up week of four people",
    "triggerlang.toml": "where the rules are, and the time zone",
    ".github/workflows/rules.yml": "checks each pull request on GitHub",
    ".pre-commit-config.yaml": "checks before each commit",
    ".gitignore": "keeps your own logs out of the repository",
}
"""What each file is for, in the order in which they are worth reading."""


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path(), shell_complete=folders)
def command(directory: str) -> None:
    """\b
    triggerlang new shop

    Make a small project that works: rules, tests, a sample log, and files that check them in CI and before a commit. DIR is a
    new folder, or an empty one; it appears whole or not at all. Exit code 2: something stands there, or it cannot be written.
    """
    from triggerlang.answers.files import OutputError
    from triggerlang.answers.folders import write_folder

    try:
        write_folder(directory, starter(), _note)
    except OutputError as error:
        raise click.ClickException(shown(str(error))) from error
    sys.stdout.write(_made(directory))


def starter() -> dict[str, str]:
    """The files of a new project: their texts by their names."""
    return {name: text.replace(VERSION, triggerlang.__version__) for name, text in _below(files("triggerlang.cli") / STARTER, "")}


def _below(folder: Traversable, start: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        name = start + entry.name
        if entry.is_dir():
            yield from _below(entry, f"{name}/")
        else:
            yield name, entry.read_text(encoding="utf-8")


def _made(directory: str) -> str:
    """What was made, and what to do next."""
    room = max(map(len, ABOUT))
    lines = [f"  {name:{room}}  {about}" for name, about in ABOUT.items()]
    return "\n".join([f"{shown(directory)} is ready:", *lines, f"Next: {_next(directory)}", ""])


def _next(directory: str) -> str:
    """The commands that show the entries; a folder whose name no shell can be told safely is spoken of."""
    if shown(directory) != directory:
        return "go to that folder, and run: triggerlang run log"
    # `cd -x` would be an option.
    path = os.path.join(os.curdir, directory) if directory.startswith("-") else directory
    return f"cd {shlex.quote(path)} && triggerlang run log"


def _note(text: str) -> None:
    sys.stderr.write(f"Note: {shown(text)}\n")
