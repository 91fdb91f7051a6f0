"""`triggerlang fmt`: rule files in the one canonical layout."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from triggerlang.answers.encoding import shown
from triggerlang.cli.color import color_option, wants_color
from triggerlang.cli.completing import rule_files
from triggerlang.cli.config import rule_paths
from triggerlang.cli.keeping import cache_option

if TYPE_CHECKING:
    from triggerlang.language.diagnostics import Diagnostic
    from triggerlang.language.source import Source

STDIN = "-"


@click.command()
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(), shell_complete=rule_files)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; name the files that are not in the layout, exit code 1.")
@click.option("--diff", "shows_diff", is_flag=True, help="Write nothing; show what would change, exit code 1 if anything.")
@cache_option
@color_option
def command(paths: tuple[str, ...], only_check: bool, shows_diff: bool, color: str) -> int:
    """\b
    triggerlang fmt rules/

    Write rule files in the one canonical layout. Meaning and comments stay, and so does a file that cannot be read. PATH
    defaults to the `rules` of triggerlang.toml, else rules/; - formats standard input to standard output. Exit code 0: all
    is well; 1: a file has syntax errors, or --check or --diff found something to format; 2: a path cannot be read or written.
    """
    from triggerlang.cli.rewriting import show, write
    from triggerlang.language.formatting import LayoutError, formatted

    if STDIN in paths and len(paths) > 1:
        raise click.UsageError("- stands for standard input alone; name it or paths, not both")
    is_stdin = paths == (STDIN,)
    sources, problems = _standard_input() if is_stdin else _sources(rule_paths(paths))
    unreadable = {id(problem.span.source) for problem in problems}
    changed: list[tuple[Source, str]] = []
    text = ""
    for source in sources:
        if id(source) in unreadable:
            continue
        try:
            result = formatted(source)
        except LayoutError as error:
            raise click.ClickException(
                f"{shown(source.path)}: the layout would change what this file says, which is a bug of triggerlang; nothing was written"
            ) from error
        problems += result.diagnostics
        if result.text is not None:
            text = result.text
            if text != source.text:
                changed.append((source, text))
    if shows_diff:
        show(changed, wants_color(color, sys.stdout))
    elif is_stdin and not problems and not only_check:
        sys.stdout.write(text)
    elif not is_stdin and not only_check:
        write(changed)
    sys.stdout.flush()
    if only_check and not shows_diff:
        for source, _ in changed:
            sys.stderr.write(f"{shown(source.path)} is not in the canonical layout\n")
    _show_problems(problems, color)
    if not is_stdin:
        sys.stderr.write(_summary(len(sources), len(changed), len(_files_of(problems)), only_check or shows_diff))
    return 1 if problems or ((only_check or shows_diff) and changed) else 0


def _files_of(problems: Sequence[Diagnostic]) -> set[int]:
    """The files in which problems are, each once."""
    return {id(problem.span.source) for problem in problems}


def _sources(paths: tuple[str, ...]) -> tuple[list[Source], list[Diagnostic]]:
    from triggerlang.checking.errors import PathError
    from triggerlang.checking.files import read_sources

    try:
        return read_sources(paths)
    except PathError as error:
        raise click.ClickException(shown(str(error))) from error


def _standard_input() -> tuple[list[Source], list[Diagnostic]]:
    from triggerlang.checking.files import read_stream

    if sys.stdin is None:
        raise click.ClickException("standard input is closed")
    source, problems = read_stream(sys.stdin.buffer, "<stdin>")
    return [source], problems


def _show_problems(problems: Sequence[Diagnostic], color: str) -> None:
    if problems:
        from triggerlang.checking.render import text
        from triggerlang.cli.rules import MOST_SHOWN

        sys.stderr.write(text.render(problems[:MOST_SHOWN], color=wants_color(color, sys.stderr)))
        if len(problems) > MOST_SHOWN:
            sys.stderr.write(f"and {len(problems) - MOST_SHOWN:,} more\n")


def _summary(files: int, changed: int, broken: int, would: bool) -> str:
    said = []
    if changed:
        said.append(f"{changed:,} {'to format' if would else 'formatted'}")
    if broken:
        said.append(f"{broken:,} with errors, left as {'it is' if broken == 1 else 'they are'}")
    if files - changed - broken:
        said.append(f"{files - changed - broken:,} already in the layout")
    return f"{files:,} file{'' if files == 1 else 's'}" + (f": {', '.join(said)}\n" if said else "\n")
