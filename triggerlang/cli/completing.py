"""Completion: what a shell is offered for the word that is being typed.

In: what stands before the word, and its beginning. Out: what it may be, of a kind that the shell's script (`cli.shells`) knows how to
write. What cannot be found out is not offered: a folder that may not be read, or a configuration that is wrong, is told by the command.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

FILE: Final = "path"
FOLDER: Final = "folder"
NAME: Final = "name"
"""The kinds of what is offered, beside Click's own: the shell writes them as its words, spaces and quotes in them too."""

MOST: Final = 1_000
"""How many files are offered: more nobody reads."""


def rule_files(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem[str]]:
    """Rule files and folders."""
    from triggerlang.checking.files import SUFFIX

    return _files(begun, lambda name: name.endswith(SUFFIX))


def logs(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem[str]]:
    """Logs, packed or not, and folders."""
    from triggerlang.events.files import has_known_suffix

    return _files(begun, has_known_suffix)


def folders(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem[str]]:
    """Folders alone."""
    return _files(begun, lambda name: False)


def codes(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem[str]]:
    """The codes of `check`, with what they mean."""
    from click.shell_completion import CompletionItem

    from triggerlang.checking.codes import all_codes

    return [CompletionItem(code.name, help=code.summary) for code in all_codes() if code.name.startswith(begun)]


def automations(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem[str]]:
    """The automations of the rules that stand in the command (`--rules`, else PATH), else of the project's."""
    from click.shell_completion import CompletionItem

    from triggerlang.checking.headers import automation_names
    from triggerlang.cli.config import configuration

    try:
        paths = context.params.get("rules") or context.params.get("paths") or configuration().rules
    except click.ClickException:
        return []
    names = automation_names([os.path.expanduser(path) for path in paths])
    return [CompletionItem(name, type=NAME) for name in names if name.startswith(begun) and name.isprintable()]


def _files(begun: str, is_wanted: Callable[[str], bool]) -> list[CompletionItem[str]]:
    """The files that are wanted, and the folders, whose paths begin so; hidden ones where their dot was typed."""
    from click.shell_completion import CompletionItem

    folder, slash, name = begun.rpartition("/")
    found: list[tuple[str, str]] = []
    try:
        with os.scandir(os.path.expanduser(folder + slash) or ".") as entries:
            for entry in entries:
                if not entry.name.startswith(name) or not entry.name.isprintable() or (entry.name[0] == "." and not name):
                    continue
                if _is_folder(entry):
                    found.append((entry.name, FOLDER))
                elif is_wanted(entry.name):
                    found.append((entry.name, FILE))
    except (OSError, ValueError):
        return []
    return [CompletionItem(f"{folder}{slash}{name}", type=kind) for name, kind in sorted(found)[:MOST]]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # A link that leads to itself.
