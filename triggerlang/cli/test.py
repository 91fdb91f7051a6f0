"""`triggerlang test`: run the test blocks beside the rules."""

from __future__ import annotations

import sys

import click

from triggerlang.cli import completing
from triggerlang.cli.color import color_option, wants_color
from triggerlang.cli.config import configuration, rule_paths
from triggerlang.cli.cutting import Asked, show
from triggerlang.cli.keeping import cache_option
from triggerlang.cli.reading import ReadingOptions, given_options, reading_options
from triggerlang.cli.rules import load_rules

FORMATS = ("text", "json", "junit")


@click.command()
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(), shell_complete=completing.rule_files)
@click.option("--format", "output_format", type=click.Choice(FORMATS), default="text", show_default=True, help="How results are shown.")
@click.option("--coverage", "wants_coverage", is_flag=True, help="Show which rules, and which sides of their tests, no test exercises.")
@click.option("--fail-under", metavar="PERCENT", type=click.FloatRange(0, 100), help="Exit code 1 below this coverage.")
@click.option(
    "--from",
    "logs",
    metavar="LOG",
    multiple=True,
    type=click.Path(allow_dash=True),
    shell_complete=completing.logs,
    help="Run no tests, but write one: of what happened to a contact in this log. May be repeated.",
)
@click.option("--contact", metavar="CONTACT", help="With --from: whom the test is of.")
@click.option("--automation", metavar="NAME", shell_complete=completing.automations, help="With --from: what it expects entries of.")
@click.option("--at", metavar="TIME", help="With --from: of a trigger of this time or day, instead of the last one.")
@click.option("--anonymous", is_flag=True, help="With --from: another contact, and other texts where rules do not tell them apart.")
@reading_options
@click.option("-q", "--quiet", is_flag=True, help="With --from: no notes and no progress on standard error.")
@cache_option
@color_option
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    output_format: str,
    wants_coverage: bool,
    fail_under: float | None,
    logs: tuple[str, ...],
    contact: str | None,
    automation: str | None,
    at: str | None,
    anonymous: bool,
    reading: ReadingOptions,
    quiet: bool,
    color: str,
) -> int:
    """\b
    triggerlang test rules/ --coverage

    Run the test blocks of rule files, and show of those that fail the expected and actual entries side by side, and why.
    PATH defaults to the `rules` of triggerlang.toml, else rules/. Exit code 0: all hold; 1: some fail, there are none, or
    the coverage is below --fail-under; 2: the rules have errors, or a path cannot be read.
    With --from, --contact and --automation: a test out of a log, on standard output, with as few of the contact's events as tell
    the same of its last entry, or of why there is none. Exit code 0: it was written, and holds; 2: it could not be.
    """
    if logs:
        if contact is None or automation is None:
            raise click.UsageError("--from needs --contact and --automation: whom the test is of, and what it expects")
        if useless := given_options(context, ("output_format", "wants_coverage", "fail_under")):
            raise click.UsageError(f"{useless[0]} is about tests that are run, and --from writes one")
        show(logs, paths, Asked(contact, automation, at, anonymous), reading, is_quiet=quiet, color=color)
        return 0
    if useless := [*given_options(context, ("contact", "automation", "at", "anonymous", "quiet")), *given_options(context)]:
        raise click.UsageError(f"{useless[0]} is about a test out of a log, and needs --from")
    from triggerlang.answers.blocks import text
    from triggerlang.answers.blocks.coverage import coverage_of
    from triggerlang.answers.blocks.running import Runner
    from triggerlang.events.errors import LogError

    rules, files = load_rules(rule_paths(paths), color)
    runner = Runner(rules, configuration().timezone)
    try:
        results = list(runner.results())
    except LogError as error:
        raise click.ClickException(str(error)) from error
    coverage = coverage_of(rules, results) if wants_coverage or fail_under is not None else None
    if output_format == "json":
        from triggerlang.answers.blocks import as_json

        sys.stdout.write(as_json.render(results, coverage, runner.zone))
    elif output_format == "junit":
        from triggerlang.answers.blocks import junit

        sys.stdout.write(junit.render(results, runner.zone))
    else:
        sys.stdout.write(text.render(results, runner.zone, color=wants_color(color, sys.stdout)))
    if coverage is not None and output_format != "json":
        # XML has no place for it.
        (sys.stdout if output_format == "text" else sys.stderr).write(text.coverage(coverage))
    sys.stdout.flush()
    if not results:
        sys.stderr.write('there are no tests in these files; one is written: test "what it shows" given … expect automation …\n')
        return 1
    sys.stderr.write(text.counted(results, len(files)))
    is_below = coverage is not None and fail_under is not None and coverage.is_below(fail_under)
    if is_below:
        assert coverage is not None
        sys.stderr.write(f"the coverage of {coverage.percent:.1f} % is below {fail_under:g} %\n")
    return 1 if is_below or not all(result.holds for result in results) else 0
