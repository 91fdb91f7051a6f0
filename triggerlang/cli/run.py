"""`triggerlang run`: evaluate logs."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TextIO

import click

from triggerlang.answers import writers
from triggerlang.answers.encoding import shown
from triggerlang.answers.files import OutputError, Outputs, is_special, output_error
from triggerlang.answers.summary import Summary
from triggerlang.checking.ruleset import RuleSet
from triggerlang.cli import completing
from triggerlang.cli.color import color_option
from triggerlang.cli.config import check_timezone, configuration
from triggerlang.cli.progress import Progress
from triggerlang.cli.rules import load_rules
from triggerlang.engines import evaluating
from triggerlang.engines.choosing import ENGINES, EXTRA, Engine, choose, is_installed
from triggerlang.engines.comparing import end_of, moment_of
from triggerlang.engines.entry import ALWAYS
from triggerlang.engines.evaluating import Outcome
from triggerlang.events.ahead import Ahead
from triggerlang.events.errors import LogError
from triggerlang.events.files import FORMATS, LogFile, log_files
from triggerlang.events.rejects import Reject
from triggerlang.language import times, tree
from triggerlang.language.source import Source
from triggerlang.language.times import Zone
from triggerlang.machine.memory import parse_size
from triggerlang.machine.temporary import LazyFolder, TemporaryFolderError

SHAPES = (".jsonl", ".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Request:
    """What a run was asked for, beside the rules and the time zone."""

    files: list[LogFile]
    on_bad_event: str
    output: str | None
    rejects: str | None
    summary: str | None
    funnel: str | None
    timezone: str
    engine: Engine
    memory: int | None
    ahead: Ahead
    temp_dir: str | None
    verbose: bool
    start: int
    end: int
    now: int | None
    csv_safe: bool
    quiet: bool


@click.command()
@click.argument("logs", metavar="LOG...", nargs=-1, type=click.Path(allow_dash=True), shell_complete=completing.logs)
@click.option(
    "--rules",
    "rules",
    metavar="PATH",
    multiple=True,
    type=click.Path(),
    shell_complete=completing.rule_files,
    help="Rule file or folder; may be repeated.",
)
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Write the entries to a .jsonl, .csv or .parquet file.")
@click.option("--timezone", metavar="NAME", help="The project's time zone, such as Europe/Berlin.")
@click.option("--now", metavar="TIME", help="Where the log ends if later than its latest event: what waits until then comes.")
@click.option("--entries-from", metavar="DATE", help="Write entries from this date or time on.")
@click.option("--entries-until", metavar="DATE", help="Write entries until this date (its day counts) or time.")
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True, help="What evaluates the rules.")
@click.option("--memory", metavar="SIZE", help="How much memory to use, such as 4GB; half of what there is by default.")
@click.option(
    "--temp-dir", metavar="DIR", type=click.Path(), shell_complete=completing.folders, help="Where to put what does not fit into memory."
)
@click.option("--warm-up", is_flag=True, help="Compile what the columnar engine needs, once for this machine; needs no LOG.")
@click.option(
    "--log-format",
    metavar="SHAPE",
    type=click.Choice(FORMATS),
    help="The logs' shape, where their names do not tell: jsonl, csv, tsv or parquet, packed jsonl.gz, csv.zst and so on.",
)
@click.option(
    "--on-bad-event",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="Stop at a row that is no event, or pass over it.",
)
@click.option("--rejects", metavar="FILE", type=click.Path(), help="Write the rows that were passed over as JSON Lines.")
@click.option("--summary", metavar="FILE", type=click.Path(), help="Write the summary as JSON.")
@click.option("--funnel", metavar="FILE", type=click.Path(), help="Write how far the triggers of each rule came, step by step, as JSON.")
@click.option("--csv-safe", is_flag=True, help="In CSV, put ' before cells that a spreadsheet would take for a formula.")
@click.option("-v", "--verbose", is_flag=True, help="Say which engine runs and why, and where the time went.")
@click.option("-q", "--quiet", is_flag=True, help="No summary and no progress on standard error.")
@color_option
def command(
    logs: tuple[str, ...],
    rules: tuple[str, ...],
    output: str | None,
    timezone: str | None,
    now: str | None,
    entries_from: str | None,
    entries_until: str | None,
    engine: Engine,
    memory: str | None,
    temp_dir: str | None,
    warm_up: bool,
    log_format: str | None,
    on_bad_event: str,
    rejects: str | None,
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
    if not logs:
        raise click.UsageError("a LOG is missing: name a file or a folder, or - for standard input")
    settings = configuration()
    if timezone is not None:
        check_timezone(timezone, "--timezone")
    zone = Zone(timezone or settings.timezone)
    if rejects is not None and on_bad_event != "skip":
        raise click.UsageError("--rejects needs --on-bad-event skip: otherwise the first bad row ends the run")
    if csv_safe and not (output or "").endswith(".csv"):
        raise click.UsageError("--csv-safe needs -o with a .csv file")
    start = ALWAYS[0] if entries_from is None else moment_of(_bound(entries_from, "--entries-from"), zone)
    end = ALWAYS[1] if entries_until is None else end_of(_bound(entries_until, "--entries-until"), zone)
    until = None if now is None else moment_of(_bound(now, "--now"), zone)
    size = _size(memory)
    with _errors_said():
        files, repeated = log_files(logs, log_format)
    # Arrow's own allocator gives memory back and has it cleared by the system anew for each row group: a tenth of the time of reading.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    with evaluating.ahead(engine, files, size) as ahead:
        request = Request(
            files=files,
            on_bad_event=on_bad_event,
            output=output,
            rejects=rejects,
            summary=summary,
            funnel=funnel,
            timezone=zone.name,
            engine=engine,
            memory=size,
            ahead=ahead,
            temp_dir=temp_dir,
            verbose=verbose,
            start=start,
            end=end,
            now=until,
            csv_safe=csv_safe,
            quiet=quiet,
        )
        rule_set, rule_files = load_rules(rules or settings.rules, color)
        if settings.file is not None:
            rule_files += (settings.file,)
        with _errors_said():
            _check_paths(request, rule_files)
            for path in repeated:
                click.echo(f"Warning: {shown(path)} is named twice; it was read once", err=True)
            with Outputs(lambda message: click.echo(shown(message), err=True)) as outputs, ExitStack() as stack:
                _run(request, rule_set, outputs, stack)


@contextmanager
def _errors_said() -> Iterator[None]:
    """What is wrong with logs, outputs and folders ends the command with a message."""
    try:
        yield
    except (LogError, OutputError, TemporaryFolderError) as error:
        raise click.ClickException(shown(str(error))) from error


def _size(text: str | None) -> int | None:
    try:
        return None if text is None else parse_size(text)
    except ValueError as error:
        raise click.UsageError(f"--memory: {error}") from error


def _warm_up(quiet: bool) -> None:
    """Compile the kernels of the columnar engine and keep them."""
    if not is_installed():
        raise click.ClickException(EXTRA)
    from triggerlang.machine import keeping

    started = time.monotonic()
    kernels = keeping.prepare(lambda text: click.echo(f"Note: {shown(text)}", err=True))
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


def _bound(text: str, option: str) -> tree.Moment:
    written = times.read(text)
    if written is None:
        raise click.UsageError(f"{option}: {text!r} is no date: write 2026-01-31 or 2026-01-31 09:00")
    nowhere = Source("", "").span(0, 0)
    if written.plain_date:
        return tree.Date(written.day, span=nowhere)
    return tree.DateTime(written.clock, written.offset, span=nowhere)


def _check_paths(request: Request, files: tuple[str, ...]) -> None:
    """Refuse outputs that would overwrite an input or each other, before anything is read; `files` are read beside the logs."""
    if request.output is not None and not request.output.endswith(SHAPES) and not is_special(request.output):
        raise OutputError(request.output, "what shape to write cannot be told from this name: take .jsonl, .csv or .parquet")
    if request.output is not None and request.output.endswith(".parquet"):
        try:
            import pyarrow  # noqa: F401
        except ImportError as error:
            raise OutputError(request.output, 'Parquet needs an extra: pip install "triggerlang[batch]"') from error
    logs = (file.path for file in request.files if file.path != "-")
    inputs = {os.path.realpath(path) for path in (*logs, *files)}
    taken: dict[str, str] = {}
    for option, path in (
        ("-o", request.output),
        ("--rejects", request.rejects),
        ("--summary", request.summary),
        ("--funnel", request.funnel),
    ):
        if path is None or is_special(path):
            continue
        real = os.path.realpath(path)
        if real in inputs:
            raise OutputError(path, f"{option} would overwrite what is read: name another file")
        if real in taken:
            raise OutputError(path, f"{option} and {taken[real]} name the same file")
        taken[real] = option


def _run(request: Request, rules: RuleSet, outputs: Outputs, stack: ExitStack) -> None:
    started = time.monotonic()
    # All files are opened before the work, so that a folder that is not there is told at once.
    rejected = None if request.rejects is None else outputs.text(request.rejects)
    summary_file = None if request.summary is None else outputs.text(request.summary)
    funnel_file = None if request.funnel is None else outputs.text(request.funnel)
    is_table = request.output is None and sys.stdout.isatty()
    answer: str | TextIO | None = None
    if request.output is not None:
        answer = outputs.path(request.output) if request.output.endswith(".parquet") else outputs.text(request.output)
    outcome, progress = _evaluate(request, rules, rejected, stack)
    progress.begin("writing", 0)
    summary = Summary(
        rules=len(rules.rules),
        events=outcome.events,
        contacts=outcome.contacts,
        rejects=outcome.rejected,
        duplicates=outcome.duplicates,
        entries=outcome.by_automation,
        pending=outcome.pending,
        before_log=outcome.before_log,
    )
    if request.output is not None:
        _write(request, outcome, answer)
    summary.seconds = time.monotonic() - started
    if summary_file is not None and request.summary is not None:
        _guarded(request.summary, lambda: summary_file.write(summary.as_json()))
    if funnel_file is not None and request.funnel is not None and outcome.funnel is not None:
        from triggerlang.answers.funnels import as_json

        funnel = as_json.render(rules, outcome.funnel)
        _guarded(request.funnel, lambda: funnel_file.write(funnel))
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
    def keep(reject: Reject) -> None:
        if rejected is not None and request.rejects is not None:
            _guarded(request.rejects, lambda: rejected.write(reject.as_json()))

    def note(text: str) -> None:
        click.echo(f"Note: {shown(text)}", err=True)

    try:
        choice = choose(request.engine, request.files)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if request.verbose:
        click.echo(f"engine: {choice.engine}, because {choice.reason}", err=True)
    temporary = LazyFolder(request.temp_dir, note, stack)
    progress = stack.enter_context(Progress(is_shown=not request.quiet and sys.stderr.isatty()))
    asked = evaluating.Request(
        files=request.files,
        timezone=request.timezone,
        on_bad_event="skip" if request.on_bad_event == "skip" else "stop",
        on_reject=keep,
        bounds=(request.start, request.end),
        now=request.now,
        memory=request.memory,
        folder=temporary.path,
        ahead=request.ahead,
        counts=request.funnel is not None,
    )
    with temporary.writing():
        return evaluating.run(rules, asked, choice, evaluating.Watcher(progress.begin, progress.advance, note)), progress


def _write(request: Request, outcome: Outcome, answer: str | TextIO | None) -> None:
    assert request.output is not None
    if isinstance(answer, str):
        _guarded(request.output, lambda: _write_parquet(outcome, answer))
    elif answer is not None:
        _guarded(request.output, lambda: _write_text(outcome, answer, request))


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


def _guarded(path: str, write: Callable[[], Any]) -> None:
    """Write; what fails names the file, but for a pipe whose reader has gone."""
    try:
        write()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise output_error(path, error) from error
