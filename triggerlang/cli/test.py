"""`triggerlang test`: run the test blocks beside the rules."""

from __future__ import annotations

import sys

import click

from triggerlang.cli.color import color_option, wants_color
from triggerlang.cli.completing import rule_files
from triggerlang.cli.config import configuration, rule_paths
from triggerlang.cli.keeping import cache_option
from triggerlang.cli.rules import load_rules

FORMATS = ("text", "json", "junit")


@click.command()
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(), shell_complete=rule_files)
@click.option("--format", "output_format", type=click.Choice(FORMATS), default="text", show_default=True, help="How results are shown.")
@click.option("--coverage", "wants_coverage", is_flag=True, help="Show which rules, and which sides of their tests, no test exercises.")
@click.option("--fail-under", metavar="PERCENT", type=click.FloatRange(0, 100), help="Exit code 1 below this coverage.")
@cache_option
@color_option
def command(paths: tuple[str, ...], output_format: str, wants_coverage: bool, fail_under: float | None, color: str) -> int:
    """\b
    triggerlang test rules/ --coverage

    Run the test blocks of rule files, and show of those that fail the expected and actual entries side by side, and why.
    PATH defaults to the `rules` of triggerlang.toml, else rules/. Exit code 0: all hold; 1: some fail, there are none, or
    the coverage is below --fail-under; 2: the rules have errors, or a path cannot be read.
    """
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
