"""`triggerlang run`: evaluate logs."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TextIO

import click

from triggerlang.answers import writers
from triggerlang.answers.encoding import shown
from triggerlang.answers.files import OutputError, Outputs, is_special
from triggerlang.answers.summary import Summary
from triggerlang.checking.ruleset import RuleSet
from triggerlang.cli.color import color_option
from triggerlang.cli.config import configuration
from triggerlang.cli.keeping import cache_option
from triggerlang.cli.progress import Progress
from triggerlang.cli.reading import (
    Reading,
    ReadingOptions,
    at_work,
    bound,
    check_outputs,
    errors_said,
    guarded,
    logs_argument,
    moment,
    name_repeated,
    note,
    outputs_of,
    reading_options,
    rules_option,
)
from triggerlang.cli.rules import load_rules
from triggerlang.engines import evaluating
from triggerlang.engines.choosing import EXTRA, is_installed
from triggerlang.engines.comparing import end_of
from triggerlang.engines.entry import ALWAYS
from triggerlang.engines.evaluating import Outcome
from triggerlang.events.ahead import Ahead
from triggerlang.events.files import LogFile

SHAPES = (".jsonl", ".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Request:
    """What a run was asked for, beside the rules."""

    reading: Reading
    files: list[LogFile]
    ahead: Ahead
    output: str | None
    summary: str | None
    funnel: str | None
    verbose: bool
    bounds: tuple[int, int]
    csv_safe: bool
    quiet: bool


@click.command()
@logs_argument
@rules_option
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Write the entries to a .jsonl, .csv or .parquet file.")
@click.option("--entries-from", metavar="DATE", help="Write entries from this date or time on.")
@click.option("--entries-until", metavar="DATE", help="Write entries until this date (its day counts) or time.")
@reading_options
@click.option("--warm-up", is_flag=True, help="Compile what the columnar engine needs, once for this machine; needs no LOG.")
@click.option("--summary", metavar="FILE", type=click.Path(), help="Write the summary as JSON.")
@click.option("--funnel", metavar="FILE", type=click.Path(), help="Write how far the triggers of each rule came, step by step, as JSON.")
@click.option("--csv-safe", is_flag=True, help="In CSV, put ' before cells that a spreadsheet would take for a formula.")
@click.option("-v", "--verbose", is_flag=True, help="Say which engine runs and why, and where the time went.")
@click.option("-q", "--quiet", is_flag=True, help="No summary and no progress on standard error.")
@cache_option
@color_option
def command(
    logs: tuple[str, ...],
    rules: tuple[str, ...],
    output: str | None,
    entries_from: str | None,
    entries_until: str | None,
    reading: ReadingOptions,
    warm_up: bool,
    summary: str | None,
    funnel: str | None,
    csv_safe: bool,
    verbose: bool,
    quiet: bool,
    color: str,
) -> None:
    """\b
    triggerlang run log.jsonl --rules rules/ -o entries.csv

    Evaluate logs: who enters which automation, and when. A LOG is a JSON Lines, CSV, TSV or Parquet file, the text ones
    perhaps with .gz or .zst, a folder or a pattern of such files, or - for JSON Lines on standard input. Entries go to FILE,
    else as JSON Lines to a pipe or a short table to a terminal; the summary goes to standard error. --rules defaults to the
    `rules` of triggerlang.toml, else rules/.
    """
    if warm_up:
        _warm_up(quiet)
        return
    settings = configuration()
    wanted = reading.request(settings.timezone)
    if csv_safe and not (output or "").endswith(".csv"):
        raise click.UsageError("--csv-safe needs -o with a .csv file")
    start = ALWAYS[0] if entries_from is None else moment(entries_from, "--entries-from", wanted.zone)
    end = ALWAYS[1] if entries_until is None else end_of(bound(entries_until, "--entries-until"), wanted.zone)
    files, repeated = wanted.files(logs)
    with wanted.ahead(files) as ahead:
        request = Request(wanted, files, ahead, output, summary, funnel, verbose, (start, end), csv_safe, quiet)
        rule_set, rule_files = load_rules(rules or settings.rules, color)
        if settings.file is not None:
            rule_files += (settings.file,)
        with errors_said():
            _check_paths(request, rule_files)
            name_repeated(repeated)
            with outputs_of() as outputs, ExitStack() as stack:
                _run(request, rule_set, outputs, stack)


def _warm_up(quiet: bool) -> None:
    """Compile the kernels of the columnar engine and keep them."""
    if not is_installed():
        raise click.ClickException(EXTRA)
    from triggerlang.machine import keeping

    started = time.monotonic()
    kernels = keeping.prepare(note)
    if not kernels.is_cold:
        said = "the columnar engine is compiled for this machine already"
    else:
        with Progress(is_shown=not quiet and sys.stderr.isatty()) as progress:
            progress.begin("compiling, once for this machine", len(kernels.modules))
            kernels.compile(progress.advance_to)
        said = f"compiled the columnar engine in {time.monotonic() - started:.0f} seconds"
    if kernels.remark is not None:
        raise click.ClickException(shown(kernels.remark))
    if not quiet:
        click.echo(said, err=True)


def _check_paths(request: Request, files: tuple[str, ...]) -> None:
    """Refuse outputs that would overwrite an input or each other, before anything is read; `files` are read beside the logs."""
    if request.output is not None and not request.output.endswith(SHAPES) and not is_special(request.output):
        raise OutputError(request.output, "what shape to write cannot be told from this name: take .jsonl, .csv or .parquet")
    if request.output is not None and request.output.endswith(".parquet"):
        try:
            import pyarrow  # noqa: F401
        except ImportError as error:
            raise OutputError(request.output, 'Parquet needs an extra: pip install "triggerlang[batch]"') from error
    outputs = {
        "-o": request.output,
        "--rejects": request.reading.options.rejects,
        "--summary": request.summary,
        "--funnel": request.funnel,
    }
    check_outputs(outputs, [*(file.path for file in request.files if file.path != "-"), *files])


def _run(request: Request, rules: RuleSet, outputs: Outputs, stack: ExitStack) -> None:
    started = time.monotonic()
    # All files are opened before the work, so that a folder that is not there is told at once.
    rejects = request.reading.options.rejects
    rejected = None if rejects is None else outputs.text(rejects)
    summary_file = None if request.summary is None else outputs.text(request.summary)
    funnel_file = None if request.funnel is None else outputs.text(request.funnel)
    is_table = request.output is None and sys.stdout.isatty()
    answer: str | TextIO | None = None
    if request.output is not None:
        answer = outputs.path(request.output) if request.output.endswith(".parquet") else outputs.text(request.output)
    outcome, progress = _evaluate(request, rules, rejected, stack)
    progress.begin("writing", 0)
    summary = Summary.of(outcome, rules=len(rules.rules))
    if request.output is not None:
        _write(request, outcome, answer)
    summary.seconds = time.monotonic() - started
    if summary_file is not None and request.summary is not None:
        guarded(request.summary, lambda: summary_file.write(summary.as_json()))
    if funnel_file is not None and request.funnel is not None and outcome.funnel is not None:
        from triggerlang.answers.funnels import as_json, telling

        funnel = as_json.render(telling.told(rules, outcome.funnel))
        guarded(request.funnel, lambda: funnel_file.write(funnel))
    # Files take their places last, so that there is none of a run that could not write its answer.
    outputs.finish()
    if request.output is None:
        if is_table:
            writers.write_table(outcome.entries, sys.stdout, shutil.get_terminal_size().columns)
        else:
            _write_text(outcome, sys.stdout, request)
        sys.stdout.flush()
    outputs.publish()
    progress.end()
    if not request.quiet:
        sys.stderr.write(summary.as_text())
    if request.verbose:
        sys.stderr.write(progress.as_text())


def _evaluate(request: Request, rules: RuleSet, rejected: TextIO | None, stack: ExitStack) -> tuple[Outcome, Progress]:
    reading = request.reading
    choice = reading.choice(request.files, is_told=request.verbose)
    work = stack.enter_context(at_work(reading, request.files, request.ahead, rejected, is_quiet=request.quiet))
    work.request.bounds, work.request.counts = request.bounds, request.funnel is not None
    return evaluating.run(rules, work.request, choice, work.watcher), work.progress


def _write(request: Request, outcome: Outcome, answer: str | TextIO | None) -> None:
    assert request.output is not None
    if isinstance(answer, str):
        guarded(request.output, lambda: _write_parquet(outcome, answer))
    elif answer is not None:
        guarded(request.output, lambda: _write_text(outcome, answer, request))


def _write_parquet(outcome: Outcome, path: str) -> None:
    if outcome.columns is None:
        writers.write_parquet(outcome.entries, path)
        return
    from triggerlang.answers import columnar

    columnar.write_parquet(outcome.columns, path)


def _write_text(outcome: Outcome, file: TextIO, request: Request) -> None:
    """CSV where the output is called so, else JSON Lines."""
    is_csv = request.output is not None and request.output.endswith(".csv")
    if outcome.columns is not None:
        from triggerlang.answers import columnar

        if is_csv:
            columnar.write_csv(outcome.columns, file, safe=request.csv_safe)
        else:
            columnar.write_json_lines(outcome.columns, file)
    elif is_csv:
        writers.write_csv(outcome.entries, file, safe=request.csv_safe)
    else:
        writers.write_json_lines(outcome.entries, file)
