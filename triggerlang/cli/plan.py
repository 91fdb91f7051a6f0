"""`triggerlang plan`: what a change of rules would do."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from triggerlang.answers.encoding import shown
from triggerlang.checking.ruleset import RuleSet
from triggerlang.cli import completing
from triggerlang.cli.color import color_option
from triggerlang.cli.config import Configuration, configuration
from triggerlang.cli.keeping import cache_option
from triggerlang.cli.reading import (
    Reading,
    ReadingOptions,
    at_work,
    bound,
    check_outputs,
    errors_said,
    given_options,
    moment,
    name_repeated,
    note,
    outputs_of,
    reading_options,
    rules_option,
)
from triggerlang.cli.rules import checked_paths, load_rules, rules_of
from triggerlang.engines.comparing import end_of
from triggerlang.engines.entry import ALWAYS
from triggerlang.language.times import Zone

if TYPE_CHECKING:
    from triggerlang.answers.plans.pairing import Pairing
    from triggerlang.answers.plans.plan import Limits, Log, Plan
    from triggerlang.events.files import LogFile

FORMATS = ("text", "json", "markdown")


class Percent(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A share such as `5%`, or `5`."""

    name = "percent"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            share = float(str(value).strip().removesuffix("%"))
        except ValueError:
            share = -1
        if not 0 <= share < float("inf"):
            self.fail(f"{value!r} is no share: write 5%", param, ctx)
        return share


@click.command()
@click.argument("logs", metavar="[LOG...]", nargs=-1, type=click.Path(allow_dash=True), shell_complete=completing.logs)
@rules_option
@click.option(
    "--against",
    metavar="OLD",
    required=True,
    shell_complete=completing.rule_files,
    help="The rules as they are: a file or folder, or a git revision such as main.",
)
@click.option("--entries-from", metavar="DATE", help="Compare entries from this date or time on.")
@click.option("--entries-until", metavar="DATE", help="Compare entries until this date (its day counts) or time.")
@reading_options
@click.option("--fail-on-change", is_flag=True, help="Exit code 1 where anything changes: an entry, or without LOG a rule.")
@click.option(
    "--max-entries-per-day", metavar="NUMBER", type=click.IntRange(0), help="Exit code 1 where an automation has more entries on a day."
)
@click.option(
    "--max-change", metavar="PERCENT", type=Percent(), help="Exit code 1 where more of the entries of an automation change, such as 5%."
)
@click.option("--format", "output_format", type=click.Choice(FORMATS), default="text", show_default=True, help="How the plan is shown.")
@click.option("--show-contacts", is_flag=True, help="In Markdown, name contacts as they are, not by keyed hashes.")
@cache_option
@click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on standard error.")
@color_option
@click.pass_context
def command(
    context: click.Context,
    logs: tuple[str, ...],
    rules: tuple[str, ...],
    against: str,
    entries_from: str | None,
    entries_until: str | None,
    reading: ReadingOptions,
    fail_on_change: bool,
    max_entries_per_day: int | None,
    max_change: float | None,
    output_format: str,
    show_contacts: bool,
    quiet: bool,
    color: str,
) -> int:
    """\b
    triggerlang plan log.jsonl --rules rules/ --against rules/

    Say what a change of rules would do: run the rules as they are, OLD, and as they shall be over the same LOG, and tell
    which entries come, go and move in time, and why. Without a LOG, tell which rules mean something else, each with a short
    history that shows it. OLD is a path if there is one, else a git revision: the same paths as they were then. --rules
    defaults to the `rules` of triggerlang.toml, else rules/. Exit code 1: a limit or --fail-on-change is exceeded.
    """
    from triggerlang.answers.plans.pairing import paired
    from triggerlang.answers.plans.plan import Limits

    if show_contacts and output_format != "markdown":
        raise click.UsageError("--show-contacts needs --format markdown: the other formats name contacts as they are")
    settings = configuration()
    wanted = reading.request(settings.timezone)
    limits = Limits(max_entries_per_day, max_change)
    paths = rules or settings.rules
    if not logs:
        _refuse_log_options(context)
    files, repeated = wanted.files(logs) if logs else ([], [])
    new, new_files = load_rules(paths, color)
    old, old_files = _old_rules(against, paths, color)
    pairing = paired(old, new)
    names = (paths, against)
    if logs:
        start = ALWAYS[0] if entries_from is None else moment(entries_from, "--entries-from", wanted.zone)
        end = ALWAYS[1] if entries_until is None else end_of(bound(entries_until, "--entries-until"), wanted.zone)
        with errors_said():
            inputs = [*(file.path for file in files if file.path != "-"), *new_files, *old_files, *_configured(settings)]
            check_outputs({"--rejects": wanted.options.rejects}, inputs)
            name_repeated(repeated)
            plan = _over_log(pairing, wanted, files, logs, names, (start, end), limits, quiet)
    else:
        plan = _of_rules(pairing, names, wanted.zone)
    sys.stdout.write(_rendered(plan, output_format, show_contacts))
    sys.stdout.flush()
    return _code(plan, fail_on_change, output_format)


def _refuse_log_options(context: click.Context) -> None:
    """End the command where an option asks for a log that there is not."""
    own = ("entries_from", "entries_until", "max_entries_per_day", "max_change")
    from_here = [f"--{name.replace('_', '-')}" for name in own if context.params[name] is not None]
    given = [option for option in (*from_here, *given_options(context)) if option != "--timezone"]
    if given:
        raise click.UsageError(f"{given[0]} needs a LOG: without one, rules are compared by themselves")


def _configured(settings: Configuration) -> list[str]:
    return [] if settings.file is None else [settings.file]


def _old_rules(against: str, paths: tuple[str, ...], color: str) -> tuple[RuleSet, tuple[str, ...]]:
    """The rules of a path, else of a git revision; and the files that were read."""
    if os.path.lexists(against):
        checked = checked_paths((against,))
        return rules_of(checked, color, "the old rules have"), tuple(source.path for source in checked.sources)
    from triggerlang.checking.project import check
    from triggerlang.cli.revisions import sources_at

    try:
        sources, problems = sources_at(against, paths)
    except click.ClickException as error:
        raise click.ClickException(f"--against: there is no such path; as a git revision: {error.message}") from error
    if not sources:
        raise click.ClickException(f"--against: there were no rule files at {shown(', '.join(paths))} in the revision {shown(against)}")
    return rules_of(check(sources, problems), color, "the old rules have"), ()


def _over_log(
    pairing: Pairing,
    reading: Reading,
    files: list[LogFile],
    logs: tuple[str, ...],
    names: tuple[tuple[str, ...], str],
    bounds: tuple[int, int],
    limits: Limits,
    is_quiet: bool,
) -> Plan:
    """The plan over a log."""
    from triggerlang.answers.plans.plan import Log, Plan, exceeded, told
    from triggerlang.answers.plans.running import both

    choice = reading.choice(files, is_told=False)
    path = reading.options.rejects
    with outputs_of() as outputs:
        rejected = None if path is None else outputs.text(path)
        with reading.ahead(files) as ahead, at_work(reading, files, ahead, rejected, is_quiet=is_quiet) as work:
            work.request.bounds = bounds
            found = both(pairing, work.request, choice, work.watcher)
            work.progress.end()
        outputs.finish()
        outputs.publish()
    log = Log(logs, found.new.events, found.new.contacts, found.new.rejected, found.new.duplicates)
    if not is_quiet:
        _name_left_out(log)
    automations = told(pairing, found.difference, found.reasoned)
    looked_at = found.reasoned.entries, found.difference.changed
    return Plan(names, reading.zone, automations, log, looked_at, tuple(exceeded(automations, limits)))


def _name_left_out(log: Log) -> None:
    """Say what of a log was left out."""
    if log.rejected:
        note(f"{log.rejected:,} {'row was' if log.rejected == 1 else 'rows were'} no event")
    if log.duplicates:
        note(f"{log.duplicates:,} {'duplicate' if log.duplicates == 1 else 'duplicates'} dropped (same contact and id)")


def _of_rules(pairing: Pairing, names: tuple[tuple[str, ...], str], zone: Zone) -> Plan:
    """The plan without a log."""
    from triggerlang.answers.plans.plan import Plan, told_apart

    return Plan(names, zone, told_apart(pairing, zone))


def _rendered(plan: Plan, output_format: str, show_contacts: bool) -> str:
    if output_format == "json":
        from triggerlang.answers.plans import as_json

        return as_json.render(plan)
    if output_format == "markdown":
        from triggerlang.answers.plans import markdown

        return markdown.render(plan, _key(show_contacts))
    from triggerlang.answers.plans import text

    return text.render(plan)


def _key(show_contacts: bool) -> bytes | None:
    """What contacts are hashed with, None where they are shown."""
    if show_contacts:
        return None
    given = os.environ.get("TRIGGERLANG_KEY")
    if given:
        return os.fsencode(given)
    import secrets

    note("TRIGGERLANG_KEY is not set, so contacts are hashed with a random key: their hashes differ from run to run")
    return secrets.token_bytes(32)


def _code(plan: Plan, fail_on_change: bool, output_format: str) -> int:
    """The exit code; what is exceeded is told on standard error, too, where standard output is for something else than people."""
    from triggerlang.language.diagnostics import quoted

    if output_format != "text":
        for one in plan.exceeded:
            click.echo(f"{one.option}: automation {shown(quoted(one.automation))}: {one.words}", err=True)
    is_changed = fail_on_change and not plan.is_same
    if is_changed:
        click.echo("--fail-on-change: there are changes", err=True)
    return 1 if is_changed or plan.exceeded else 0
