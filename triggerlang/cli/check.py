"""`triggerlang check`: parse and check rule files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import click

import triggerlang
from triggerlang.answers.encoding import shown
from triggerlang.checking.allowing import Configured
from triggerlang.checking.log_codes import LOG_CODES
from triggerlang.checking.project import Checked, without_allowed
from triggerlang.cli.allowances import configured
from triggerlang.cli.color import color_option, wants_color
from triggerlang.cli.completing import logs as log_names, rule_files
from triggerlang.cli.config import configuration
from triggerlang.cli.keeping import cache_option
from triggerlang.cli.reading import ReadingOptions, given_options, reading_options
from triggerlang.cli.rules import checked_paths, diagnosed_paths
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.source import Source

if TYPE_CHECKING:
    from triggerlang.checking.project import Checked
    from triggerlang.cli.log_checks import LogToCheck

FORMATS = ("text", "concise", "json", "github", "sarif", "junit", "gitlab")
WHOLE = ("json", "sarif", "junit", "gitlab")
"""Formats for machines, which get all problems; a person reads the first."""
OF_LOGS = frozenset(code.name for code in LOG_CODES)
"""What is not looked for without a log, so that nobody can tell whether it need be allowed."""


@click.command()
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(), shell_complete=rule_files)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How problems are shown: to people (text, concise), to programs (json), or by CI systems (the others).",
)
@click.option("--strict", is_flag=True, help="Warnings count as problems: exit code 1.")
@click.option(
    "--max-errors", type=click.IntRange(1), metavar="N", default=200, show_default=True, help="How many problems are shown in full."
)
@click.option("--fix", is_flag=True, help="Replace what is plainly a slip in the files first, then check them.")
@click.option("--diff", "shows_diff", is_flag=True, help="Write nothing; show what --fix would replace, exit code 1 if anything.")
@click.option("--baseline", metavar="GITREV", help="Show and count only what is new since a git revision, such as main.")
@click.option(
    "--log",
    "logs",
    metavar="LOG",
    multiple=True,
    type=click.Path(allow_dash=True),
    shell_complete=log_names,
    help="A log to hold the rules against, too; may be repeated.",
)
@reading_options
@cache_option
@color_option
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    output_format: str,
    strict: bool,
    max_errors: int,
    fix: bool,
    shows_diff: bool,
    baseline: str | None,
    logs: tuple[str, ...],
    reading: ReadingOptions,
    color: str,
) -> int:
    """\b
    triggerlang check rules/

    Parse and check rule files and folders, and report every problem at once. PATH defaults to the `rules` of
    triggerlang.toml, else rules/. With --log, which may be repeated, what the rules ask for that a log does not have comes as
    warnings; the options of `triggerlang run` say how the log is read. Exit code 0: no errors; 1: errors, with --strict also
    warnings; 2: a path or a log cannot be read.
    """
    settings = configuration()
    given = paths or settings.rules
    _refuse_useless(context, shows_diff, logs, baseline)
    allowed = configured(settings, is_whole=not paths)
    if shows_diff:
        return _show_fixes(diagnosed_paths(given), allowed, wants_color(color, sys.stdout))
    with ExitStack() as stack:
        log = stack.enter_context(_log(logs, reading, settings.timezone)) if logs else None
        # A log is held against whole rules; what is wrong with them can be told without.
        checked = diagnosed_paths(given) if log is None else checked_paths(given, lints=True)
        if fix and (count := _fix(checked, allowed)):
            checked = diagnosed_paths(given) if log is None else checked_paths(given, lints=True)
            sys.stderr.write(f"{count:,} replacement{'' if count == 1 else 's'} made\n")
        if log is not None:
            checked = replace(checked, diagnostics=tuple(log.checked(checked)))
    checked = without_allowed(checked, allowed, OF_LOGS if log is None else ())
    found = checked.diagnostics if baseline is None else _new_since(baseline, given, checked, allowed)
    first = found if output_format in WHOLE else found[:max_errors]
    if output_format == "junit":
        from triggerlang.checking.render import junit

        sys.stdout.write(junit.render(found, checked.sources, strict=strict))
    else:
        sys.stdout.write(_rendered(first, output_format, wants_color(color, sys.stdout)))
    sys.stdout.flush()
    if len(found) > len(first):
        sys.stderr.write(f"and {len(found) - len(first):,} more; --max-errors shows them\n")
    sys.stderr.write(_summary(found, len(checked.sources), baseline, len(checked.diagnostics) - len(found)))
    errors = sum(problem.severity == "error" for problem in found)
    return 1 if errors or (strict and found) else 0


def _refuse_useless(context: click.Context, shows_diff: bool, logs: tuple[str, ...], baseline: str | None) -> None:
    """Raise UsageError for options that would do nothing, or not what they say."""
    if baseline is not None and shows_diff:
        raise click.UsageError("--diff shows what --fix would replace, whatever is new: leave --baseline out")
    if baseline is not None and logs:
        raise click.UsageError("--baseline compares rules, which are not held against a log as they were then: leave --log out")
    if not logs and (useless := given_options(context)):
        raise click.UsageError(f"{useless[0]} says how a log is read, and needs --log")
    if shows_diff and logs:
        raise click.UsageError("--diff shows replacements, and --log brings none: take one of them")


def _log(logs: tuple[str, ...], reading: ReadingOptions, timezone: str) -> AbstractContextManager[LogToCheck]:
    from triggerlang.cli.log_checks import log_to_check

    return log_to_check(logs, reading.request(timezone))


def _new_since(revision: str, paths: Sequence[str], checked: Checked, allowed: Sequence[Configured]) -> tuple[Diagnostic, ...]:
    """What the rules have now and did not have at a git revision."""
    from triggerlang.checking.baseline import new_diagnostics
    from triggerlang.checking.project import review
    from triggerlang.cli.revisions import path_at, sources_at

    sources, problems = sources_at(revision, paths)
    return new_diagnostics(checked, review(sources, problems, allowed, OF_LOGS), lambda source: path_at(source, revision))


def _fixes(checked: Checked, allowed: Sequence[Configured]) -> tuple[list[tuple[Source, str]], int]:
    """The sources that a fix changes, with their new texts, and how many replacements these are."""
    from triggerlang.checking.fixing import fixed_project

    changed = fixed_project(without_allowed(checked, allowed, OF_LOGS), allowed, OF_LOGS)
    return [(source, result.text) for source, result in changed], sum(result.count for _, result in changed)


def _fix(checked: Checked, allowed: Sequence[Configured]) -> int:
    from triggerlang.cli.rewriting import write

    changed, count = _fixes(checked, allowed)
    write(changed)
    return count


def _show_fixes(checked: Checked, allowed: Sequence[Configured], color: bool) -> int:
    from triggerlang.cli.rewriting import show

    changed, count = _fixes(checked, allowed)
    show(changed, color)
    sys.stdout.flush()
    sys.stderr.write(f"{count:,} replacement{'' if count == 1 else 's'} in {len(changed):,} file{'' if len(changed) == 1 else 's'}\n")
    return 1 if changed else 0


def _rendered(found: Sequence[Diagnostic], output_format: str, color: bool) -> str:
    match output_format:
        case "concise":
            from triggerlang.checking.render import concise

            return concise.render(found)
        case "json":
            from triggerlang.checking.render import as_json

            return as_json.render(found)
        case "sarif":
            from triggerlang.checking.render import sarif

            return sarif.render(found, triggerlang.__version__)
        case "gitlab":
            from triggerlang.checking.render import gitlab

            return gitlab.render(found)
        case "github":
            from triggerlang.checking.render import github

            return github.render(found)
        case _:
            if not found:
                return ""
            from triggerlang.checking.render import text

            return text.render(found, color=color)


def _summary(found: Sequence[Diagnostic], files: int, baseline: str | None, known: int) -> str:
    errors = sum(problem.severity == "error" for problem in found)
    warnings = len(found) - errors
    counted = [f"{number:,} {word}{'' if number == 1 else 's'}" for number, word in ((errors, "error"), (warnings, "warning")) if number]
    in_files = f"in {files:,} file{'' if files == 1 else 's'}"
    if baseline is None:
        return f"{', '.join(counted) or 'no problems'} {in_files}\n"
    others = f"; {known:,} more {'is' if known == 1 else 'are'} known from {shown(baseline)}" if known else ""
    return f"{', '.join(f'{one} new' for one in counted) or 'nothing new'} {in_files}{others}\n"
