"""`triggerlang report`: a run over a log as one page."""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from typing import Final

import click

from triggerlang.answers.summary import Summary
from triggerlang.cli.color import color_option
from triggerlang.cli.config import configuration
from triggerlang.cli.keeping import cache_option
from triggerlang.cli.reading import (
    ReadingOptions,
    at_work,
    check_outputs,
    errors_said,
    guarded,
    logs_argument,
    name_repeated,
    outputs_of,
    reading_options,
    rules_option,
)
from triggerlang.cli.rules import load_rules

_NEEDED: Final = ("numpy", "numba", "pyarrow", "jinja2", "vl_convert")


@click.command()
@logs_argument
@rules_option
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(), default="report.html", show_default=True, help="Write the page to this file."
)
@reading_options
@click.option("-v", "--verbose", is_flag=True, help="Say which engine runs and why, and where the time went.")
@click.option("-q", "--quiet", is_flag=True, help="No summary and no progress on standard error.")
@cache_option
@color_option
def command(
    logs: tuple[str, ...],
    rules: tuple[str, ...],
    output: str,
    reading: ReadingOptions,
    verbose: bool,
    quiet: bool,
    color: str,
) -> None:
    """\b
    triggerlang report log.jsonl --rules rules/ -o report.html

    Evaluate logs and show what came of it on one page: entries over time, how far the triggers of each rule came, rules that
    never fired, automations with the same contacts, the busiest hours, and the log itself. The page is one file that needs no
    network; each of its tables can be sorted and saved as CSV. LOG and --rules are those of run.
    """
    if not all(find_spec(name) for name in _NEEDED):
        raise click.ClickException('a report needs an extra: pip install "triggerlang[report]"')
    settings = configuration()
    wanted = reading.request(settings.timezone)
    files, repeated = wanted.files(logs)
    with wanted.ahead(files) as ahead:
        rule_set, rule_files = load_rules(rules or settings.rules, color)
        read = [*(file.path for file in files if file.path != "-"), *rule_files, *([] if settings.file is None else [settings.file])]
        rejects = wanted.options.rejects
        with errors_said():
            check_outputs({"-o": output, "--rejects": rejects}, read)
            name_repeated(repeated)
            with outputs_of() as outputs:
                # Opened before the work, so that a folder that is not there is told at once.
                rejected = None if rejects is None else outputs.text(rejects)
                page = outputs.text(output)
                from triggerlang.answers.reports import report

                started = time.monotonic()
                choice = wanted.choice(files, is_told=verbose)
                with at_work(wanted, files, ahead, rejected, is_quiet=quiet) as work:
                    watched = report.watch(rule_set, work.request, choice, work.watcher)
                    work.progress.begin("drawing", 0)
                    made = report.render(rule_set, watched, wanted.zone)
                    guarded(output, lambda: page.write(made))
                    outputs.publish()
                    work.progress.end()
                    if not quiet:
                        summary = Summary.of(watched.outcome, rules=len(rule_set.rules))
                        summary.seconds = time.monotonic() - started
                        sys.stderr.write(summary.as_text())
                    if verbose:
                        sys.stderr.write(work.progress.as_text())
