"""`triggerlang test --from`: a test block out of a log."""

from __future__ import annotations

import sys
from typing import NamedTuple

import click

from triggerlang.answers.encoding import shown
from triggerlang.cli.config import configuration
from triggerlang.cli.reading import (
    ReadingOptions,
    asked_moments,
    at_work,
    check_outputs,
    errors_said,
    name_repeated,
    named_automation,
    no_contact,
    note,
    outputs_of,
    tell_left_out,
)
from triggerlang.cli.rules import load_rules
from triggerlang.language.diagnostics import quoted


class Asked(NamedTuple):
    """What a test is wanted of: a contact, an automation, perhaps a time or day; and whether others may see who it is."""

    contact: str
    automation: str
    at: str | None
    anonymous: bool


def show(logs: tuple[str, ...], paths: tuple[str, ...], asked: Asked, reading: ReadingOptions, *, is_quiet: bool, color: str) -> None:
    """Write the test block to standard output; what keeps it from being one ends the command."""
    from triggerlang.answers.cutting.cutting import Cutting
    from triggerlang.answers.cutting.proving import CuttingError, UnprovenError
    from triggerlang.engines.contact_log import read
    from triggerlang.events.ahead import Ahead
    from triggerlang.network.compiler import compile
    from triggerlang.network.needed import needed

    settings = configuration()
    wanted = reading.request(settings.timezone)
    if wanted.zone.name != settings.timezone:
        raise click.UsageError(
            f"--timezone is {quoted(wanted.zone.name)}, but tests run in the project's time zone, {quoted(settings.timezone)}: "
            "set timezone in triggerlang.toml"
        )
    moments = None if asked.at is None else asked_moments(asked.at, wanted.zone)
    files, repeated = wanted.files(logs)
    project, rule_files = load_rules(paths or settings.rules, color)
    automation = named_automation(project, asked.automation)
    name_repeated(repeated)
    with errors_said(), outputs_of() as outputs:
        check_outputs({"--rejects": reading.rejects}, [*(file.path for file in files if file.path != "-"), *rule_files])
        choice = wanted.choice(files, is_told=False)
        rejected = None if reading.rejects is None else outputs.text(reading.rejects)
        with at_work(wanted, files, Ahead((), 0), rejected, is_quiet=is_quiet) as work:
            found = read(compile(needed(project, [automation])), work.request, asked.contact, choice, work.watcher)
            if not found.log.records:
                raise click.ClickException(shown(no_contact(asked.contact, found.log.near)))
            work.progress.begin("evaluating", 0)
            try:
                cutting = Cutting(project, wanted.zone.name, automation)
                cut = cutting.cut(found.log.records, found.end, wanted.now, moments, anonymous=asked.anonymous)
            except (CuttingError, UnprovenError) as error:
                raise click.ClickException(shown(str(error))) from error
            work.progress.end()
        outputs.finish()
        outputs.publish()
    sys.stdout.write(cut.text)
    sys.stdout.flush()
    if not is_quiet:
        tell_left_out(found.log)
        if cut.was_bounded:
            note(f"the test has {cut.events:,} of {cut.of:,} events; fewer may tell the same, but the search for them was long, and ended")
