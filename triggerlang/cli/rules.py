"""Rules for the commands that need them whole: loaded, or the command ends with exit code 2."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from triggerlang.answers.encoding import shown
from triggerlang.cli.color import wants_color

if TYPE_CHECKING:
    from triggerlang.checking.project import Checked
    from triggerlang.checking.ruleset import RuleSet

MOST_SHOWN = 20


def checked_paths(paths: tuple[str, ...], *, lints: bool = False) -> Checked:
    """What some paths hold; a path that cannot be read ends the command. Lints belong to `check` alone."""
    from triggerlang.checking.errors import PathError
    from triggerlang.checking.project import check_paths

    try:
        return check_paths(paths, lints=lints)
    except PathError as error:
        raise click.ClickException(shown(str(error))) from error


def diagnosed_paths(paths: tuple[str, ...]) -> Checked:
    """The same, lints too, without the rules, and sooner: what earlier checks kept is used."""
    from triggerlang.checking.errors import PathError
    from triggerlang.checking.files import read_sources
    from triggerlang.checking.keeping import diagnose
    from triggerlang.checking.project import Checked
    from triggerlang.cli.keeping import kept

    try:
        sources, problems = read_sources(paths)
    except PathError as error:
        raise click.ClickException(shown(str(error))) from error
    return Checked(None, diagnose(sources, problems, kept(), paths), tuple(sources))


def load_rules(paths: tuple[str, ...], color: str = "auto") -> tuple[RuleSet, tuple[str, ...]]:
    """The rules of some paths, and the files they stand in. Errors go to standard error, and the command cannot run."""
    checked = checked_paths(paths)
    return rules_of(checked, color), tuple(source.path for source in checked.sources)


def rules_of(checked: Checked, color: str, whose: str = "the rules have") -> RuleSet:
    """The rules that were checked. Errors go to standard error, and the command cannot run."""
    if checked.rules is None:
        from triggerlang.checking.render import text

        errors = [problem for problem in checked.diagnostics if problem.severity == "error"]
        sys.stderr.write(text.render(errors[:MOST_SHOWN], color=wants_color(color, sys.stderr)) + "\n")
        more = f", of which the first {MOST_SHOWN} stand above" if len(errors) > MOST_SHOWN else ""
        raise click.ClickException(f"{whose} {len(errors):,} error{'s' if len(errors) > 1 else ''}{more}; nothing was run")
    return checked.rules
