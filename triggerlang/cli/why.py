"""`triggerlang why`: why a contact entered an automation, or did not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from triggerlang.answers.encoding import shown
from triggerlang.cli import completing
from triggerlang.cli.color import color_option
from triggerlang.cli.config import configuration
from triggerlang.cli.funnels import funnel_of, rendered, show
from triggerlang.cli.keeping import cache_option
from triggerlang.cli.reading import (
    Reading,
    ReadingOptions,
    asked_moments,
    at_work,
    check_outputs,
    errors_said,
    given_options,
    logs_argument,
    name_repeated,
    named_automation,
    no_contact,
    outputs_of,
    reading_options,
    rules_option,
    tell_left_out,
    unknown,
)
from triggerlang.cli.rules import load_rules

if TYPE_CHECKING:
    from triggerlang.answers.why.answering import Answer, Answering, Question
    from triggerlang.checking.ruleset import RuleSet
    from triggerlang.events.contact import ContactLog
    from triggerlang.events.files import LogFile

FORMATS = ("text", "json", "html")


@click.command()
@logs_argument
@rules_option
@click.option("--contact", metavar="CONTACT", help="Whom the question is about; without it the answer is of all contacts.")
@click.option("--automation", metavar="NAME", shell_complete=completing.automations, help="Which automation.")
@click.option("--rule", "rule_name", metavar="RULE", help='Which rule of an automation, such as "Win back#2".')
@click.option("--at", metavar="TIME", help="Only the triggers of this time, or of this day.")
@click.option(
    "--last", "most", metavar="NUMBER", type=click.IntRange(0, 1000), default=3, show_default=True, help="How many triggers to tell."
)
@click.option("--format", "output_format", type=click.Choice(FORMATS), default="text", show_default=True, help="How the answer is shown.")
@reading_options
@cache_option
@click.option("-q", "--quiet", is_flag=True, help="No notes and no progress on standard error.")
@color_option
@click.pass_context
def command(
    context: click.Context,
    logs: tuple[str, ...],
    rules: tuple[str, ...],
    contact: str | None,
    automation: str | None,
    rule_name: str | None,
    at: str | None,
    most: int,
    output_format: str,
    reading: ReadingOptions,
    quiet: bool,
    color: str,
) -> None:
    """\b
    triggerlang why log.jsonl --contact ana --rule Welcome#1

    Why a contact entered an automation, or did not: at its last triggers, or at those of --at, each part of the rule with
    what was found, what is needed, the events that counted and those that just missed, and what would let it enter.
    Without --contact: how many triggers passed each part, how many it stopped, and three contacts whom it alone stopped.
    A LOG is as for `run`, and so are the options for reading it. Exit code 0: the answer was given; 2: it could not be.
    """
    from triggerlang.answers.why.answering import Question

    if (automation is None) == (rule_name is None):
        raise click.UsageError("name one automation with --automation, or one rule with --rule")
    if contact is None and (useless := given_options(context, ("at", "most"))):
        raise click.UsageError(f"{useless[0]} tells the triggers of one contact, and needs --contact")
    settings = configuration()
    wanted = reading.request(settings.timezone)
    moments = None if at is None else asked_moments(at, wanted.zone)
    files, repeated = wanted.files(logs)
    project, rule_files = load_rules(rules or settings.rules, color)
    name, number = _asked(project, automation, rule_name)
    name_repeated(repeated)
    with errors_said():
        check_outputs({"--rejects": reading.rejects}, [*(file.path for file in files if file.path != "-"), *rule_files])
        if contact is None:
            show(funnel_of(wanted, files, project, name, number, is_quiet=quiet), wanted, output_format, color)
            sys.stdout.flush()
            return
        question = Question(contact, name, number, moments, most)
        answering, answer, log = _answered(wanted, files, project, question, quiet)
    sys.stdout.write(_rendered(answering, answer, output_format, color))
    sys.stdout.flush()
    if not quiet:
        tell_left_out(log)


def _answered(
    wanted: Reading, files: list[LogFile], project: RuleSet, question: Question, is_quiet: bool
) -> tuple[Answering, Answer, ContactLog]:
    """Read the log of the contact and answer; a contact that is not there ends the command."""
    from triggerlang.answers.why.answering import Answering
    from triggerlang.answers.why.suggesting import suggested
    from triggerlang.engines.contact_log import read
    from triggerlang.events.ahead import Ahead
    from triggerlang.network.compiler import compile
    from triggerlang.network.needed import needed

    choice = wanted.choice(files, is_told=False)
    rules = needed(project, [question.automation])
    path = wanted.options.rejects
    with outputs_of() as outputs:
        rejected = None if path is None else outputs.text(path)
        with at_work(wanted, files, Ahead((), 0), rejected, is_quiet=is_quiet) as work:
            found = read(compile(rules), work.request, question.contact, choice, work.watcher)
            if not found.log.records:
                raise click.ClickException(shown(no_contact(question.contact, found.log.near)))
            work.progress.begin("evaluating", 0)
            answering = Answering(rules, wanted.zone.name, found.log.records, found.end, wanted.now)
            answer = suggested(answering, answering.answer(question))
            work.progress.end()
        outputs.finish()
        outputs.publish()
    return answering, answer, found.log


def _asked(project: RuleSet, automation: str | None, rule: str | None) -> tuple[str, int | None]:
    """The automation that is asked for, and the number of the rule where it is one; a name that there is not ends the command."""
    from triggerlang.answers.why.answering import named_rule

    if automation is not None:
        return named_automation(project, automation), None
    assert rule is not None
    found = named_rule(rule, project)
    if found is None:
        raise unknown("rule", rule, [item.name for item in project.rules])
    return found


def _rendered(answering: Answering, answer: Answer, output_format: str, color: str) -> str:
    from triggerlang.answers.why.story import story

    if output_format == "json":
        from triggerlang.answers.why import as_json

        return as_json.render(answer)
    return rendered(story(answer, answering.zone), output_format, color)
