"""The options of commands that read logs: where the rules are, how a log is read, and with how much of the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from triggerlang.answers.encoding import shown
from triggerlang.answers.files import OutputError
from triggerlang.cli.config import Configuration, check_timezone
from triggerlang.engines.choosing import ENGINES
from triggerlang.events.errors import LogError
from triggerlang.events.files import FORMATS
from triggerlang.language import times, tree
from triggerlang.language.source import Source
from triggerlang.language.times import Zone
from triggerlang.machine.memory import parse_size
from triggerlang.machine.temporary import TemporaryFolderError

Command = TypeVar("Command", bound=Callable[..., Any])

RULES = click.option("--rules", "rules", metavar="PATH", multiple=True, type=click.Path(), help="Rule file or folder; may be repeated.")
TIMEZONE = click.option("--timezone", metavar="NAME", help="The project's time zone, such as Europe/Berlin.")
NOW = click.option("--now", metavar="TIME", help="Where the log ends if later than its latest event: what waits until then comes.")
ENGINE = click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True, help="What evaluates the rules.")
MEMORY = click.option("--memory", metavar="SIZE", help="How much memory to use, such as 4GB; half of what there is by default.")
TEMP_DIR = click.option("--temp-dir", metavar="DIR", type=click.Path(), help="Where to put what does not fit into memory.")
LOG_FORMAT = click.option("--log-format", type=click.Choice(FORMATS), help="The logs' shape, where their names do not tell.")
ON_BAD_EVENT = click.option(
    "--on-bad-event",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="Stop at a row that is no event, or pass over it.",
)
LOGS = click.argument("logs", metavar="LOG...", nargs=-1, type=click.Path(allow_dash=True))


def zone_of(timezone: str | None, settings: Configuration) -> Zone:
    """The project's time zone: the one given, else that of the configuration."""
    if timezone is not None:
        check_timezone(timezone, "--timezone")
    return Zone(timezone or settings.timezone)


def size_of(text: str | None) -> int | None:
    """`--memory` in bytes."""
    try:
        return None if text is None else parse_size(text)
    except ValueError as error:
        raise click.UsageError(f"--memory: {error}") from error


def bound_of(text: str, option: str) -> tree.Moment:
    """A date or date-time that an option was given."""
    written = times.read(text)
    if written is None:
        raise click.UsageError(f"{option}: {text!r} is no date: write 2026-01-31 or 2026-01-31 09:00")
    nowhere = Source("", "").span(0, 0)
    if written.plain_date:
        return tree.Date(written.day, span=nowhere)
    return tree.DateTime(written.clock, written.offset, span=nowhere)


@contextmanager
def errors_said() -> Iterator[None]:
    """What is wrong with logs, outputs and folders ends the command with a message."""
    try:
        yield
    except (LogError, OutputError, TemporaryFolderError) as error:
        raise click.ClickException(shown(str(error))) from error
