"""`triggerlang why`: why a contact entered an automation, or did not."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from triggerlang.answers.encoding import shown
from triggerlang.cli.color import color_option, wants_color
from triggerlang.cli.config import configuration
from triggerlang.cli.log_options import (
    ENGINE,
    LOG_FORMAT,
    LOGS,
    MEMORY,
    NOW,
    ON_BAD_EVENT,
    RULES,
    TEMP_DIR,
    TIMEZONE,
    bound_of,
    errors_said,
    size_of,
    zone_of,
)
from triggerlang.cli.progress import Progress
from triggerlang.cli.rules import load_rules
from triggerlang.engines.choosing import Choice, Engine, choose
from triggerlang.events.files import LogFile
from triggerlang.language import tree
from triggerlang.language.diagnostics import quoted
from triggerlang.language.times import Zone

if TYPE_CHECKING:
    from triggerlang.answers.why.answering import Answer, Answering
    from triggerlang.checking.ruleset import RuleSet
    from triggerlang.events.contact import ContactLog

FORMATS = ("text", "json", "html")


@click.command()
@LOGS
@RULES
@click.option("--contact", metavar="CONTACT", required=True, help="Whom the question is about.")
@click.option("--automation", metavar="NAME", help="Which automation.")
@click.option("--rule", "rule_name", metavar="RULE", help='Which rule of an automation, such as "Win back#2".')
@click.option("--at", metavar="TIME", help="Only the triggers of this time, or of this day.")
@click.option(
    "--last", "most", metavar="NUMBER", type=click.IntRange(0, 1000), default=3, show_default=True, help="How many triggers to tell."
)
@click.option("--format", "output_format", type=click.Choice(FORMATS), default="text", show_default=True, help="How the answer is shown.")
@TIMEZONE
@NOW
@ENGINE
@MEMORY
@TEMP_DIR
@LOG_FORMAT
@ON_BAD_EVENT
@click.option("-q", "--quiet", is_flag=True, help="No progress on standard error.")
@color_option
def command(
    logs: tuple[str, ...],
    rules: tuple[str, ...],
    contact: str,
    automation: str | None,
    rule_name: str | None,
    at: str | None,
    most: int,
    output_format: str,
    timezone: str | None,
    now: str | None,
    engine: Engine,
    memory: str | None,
    temp_dir: str | None,
    log_format: str | None,
    on_bad_event: str,
    quiet: bool,
    color: str,
) -> None:
    """\b
    triggerlang why log.jsonl --contact ana --automation "Win back"

    Why a contact entered an automation, or did not: at its last triggers, or at those of --at, each part of the rule with
    what was found, what is needed, the events that counted and those that just missed, and what would let it enter. A LOG
    is as for `run`, and so are the options for reading it. Exit code 0: the answer was given; 2: it could not be.
    """
    from triggerlang.answers.why.answering import Answering, Question
    from triggerlang.answers.why.suggesting import suggested
    from triggerlang.engines.comparing import moment_of
    from triggerlang.engines.contact_log import read
    from triggerlang.engines.evaluating import Request, Watcher
    from triggerlang.events.files import log_files
    from triggerlang.machine.temporary import LazyFolder
    from triggerlang.network.compiler import compile
    from triggerlang.network.needed import needed

    if not logs:
        raise click.UsageError("a LOG is missing: name a file or a folder, or - for standard input")
    if (automation is None) == (rule_name is None):
        raise click.UsageError("name one automation with --automation, or one rule with --rule")
    settings = configuration()
    zone = zone_of(timezone, settings)
    until = None if now is None else moment_of(bound_of(now, "--now"), zone)
    moments = None if at is None else _moments(at, zone)
    size = size_of(memory)
    with errors_said():
        files, repeated = log_files(logs, log_format)
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    project, _ = load_rules(rules or settings.rules, color)
    name, number = _asked(project, automation, rule_name)
    own = needed(project, [name])
    for path in repeated:
        _note(f"{path} is named twice; it was read once")
    with errors_said(), ExitStack() as stack:
        temporary = LazyFolder(temp_dir, _note, stack)
        progress = stack.enter_context(Progress(is_shown=not quiet and sys.stderr.isatty()))
        request = Request(
            files=files,
            timezone=zone.name,
            on_bad_event="skip" if on_bad_event == "skip" else "stop",
            memory=size,
            folder=temporary.path,
        )
        with temporary.writing():
            log = read(compile(own), request, contact, _choice(engine, files), Watcher(progress.begin, progress.advance, _note))
            if not log.log.records:
                raise click.ClickException(shown(_no_contact(contact, log.log.near)))
            progress.begin("evaluating", 0)
            answering = Answering(own, zone.name, log.log.records, log.end, until)
            answer = suggested(answering, answering.answer(Question(contact, name, number, moments, most)))
        progress.end()
    sys.stdout.write(_rendered(answering, answer, output_format, color))
    sys.stdout.flush()
    if not quiet:
        _count(log.log)


def _moments(at: str, zone: Zone) -> tuple[int, int]:
    """From when on and before when: a time, or a whole day."""
    from triggerlang.engines.comparing import end_of, moment_of

    bound = bound_of(at, "--at")
    start = moment_of(bound, zone)
    return start, end_of(bound, zone) if isinstance(bound, tree.Date) else start + 1


def _asked(project: RuleSet, automation: str | None, rule: str | None) -> tuple[str, int | None]:
    """The automation that is asked for, and the number of the rule where it is one; a name that there is not ends the command."""
    from triggerlang.answers.why.answering import named_rule
    from triggerlang.language.nearest import nearest

    if automation is not None:
        if automation in project.automations:
            return automation, None
        kind, wanted, names = "automation", automation, list(project.automations)
    else:
        assert rule is not None
        found = named_rule(rule, project)
        if found is not None:
            return found
        kind, wanted, names = "rule", rule, [item.name for item in project.rules]
    near = nearest(wanted, names)
    raise click.ClickException(shown(f"there is no {kind} {quoted(wanted)}" + (f"; the nearest is {quoted(near)}" if near else "")))


def _no_contact(contact: str, near: str | None) -> str:
    return f"there is no event of a contact {quoted(contact)}" + (f"; the nearest is {quoted(near)}" if near else "")


def _choice(engine: Engine, files: list[LogFile]) -> Choice:
    try:
        return choose(engine, files)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def _rendered(answering: Answering, answer: Answer, output_format: str, color: str) -> str:
    from triggerlang.answers.why.story import story

    if output_format == "json":
        from triggerlang.answers.why import as_json

        return as_json.render(answer)
    told = story(answer, answering.zone)
    if output_format == "html":
        from triggerlang.answers.why import page

        return page.render(told)
    from triggerlang.answers.why import text

    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else text.WITHOUT_TERMINAL
    return text.render(told, columns, color=wants_color(color, sys.stdout))


def _count(log: ContactLog) -> None:
    """What was left out of the log."""
    if log.rejected:
        _note(f"{log.rejected:,} {'row was' if log.rejected == 1 else 'rows were'} no event")
    if log.duplicates:
        click.echo(
            f"Note: {log.duplicates:,} {'duplicate' if log.duplicates == 1 else 'duplicates'} dropped (same contact and id)", err=True
        )


def _note(text: str) -> None:
    click.echo(f"Note: {shown(text)}", err=True)
