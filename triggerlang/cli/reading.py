"""Reading logs: the options that every command has that reads one, and what they ask for.

In: what stands on the command line. Out: the files of a log and how they are read; wrong bounds, sizes and time zones end the command.
Nothing that reads logs is imported before it is asked for: `check` is quick without a log.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeVar

import click

from triggerlang.answers.encoding import shown
from triggerlang.cli import completing
from triggerlang.cli.config import check_timezone
from triggerlang.cli.progress import Progress
from triggerlang.language import times, tree
from triggerlang.language.diagnostics import quoted
from triggerlang.language.source import Source
from triggerlang.language.times import Zone

if TYPE_CHECKING:
    from triggerlang.answers.files import Outputs
    from triggerlang.checking.ruleset import RuleSet
    from triggerlang.engines import evaluating
    from triggerlang.engines.choosing import Choice, Engine
    from triggerlang.events.ahead import Ahead
    from triggerlang.events.contact import ContactLog
    from triggerlang.events.files import LogFile
    from triggerlang.events.rejects import Reject

Command = TypeVar("Command", bound=Callable[..., Any])

ENGINES: Final = ("auto", "interpreter", "columnar")
_PACKED: Final = tuple(f"{shape}.{packing}" for shape in ("jsonl", "csv", "tsv") for packing in ("gz", "zst"))
FORMATS: Final = ("jsonl", "csv", "tsv", "parquet", *_PACKED)
"""What `engines.choosing` and `events.files` have; a test holds these to them."""

_OPTIONS: Final = (
    click.option("--timezone", metavar="NAME", help="The project's time zone, such as Europe/Berlin."),
    click.option("--now", metavar="TIME", help="Where the log ends if later than its latest event: what waits until then comes."),
    click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True, help="What reads and evaluates the log."),
    click.option("--memory", metavar="SIZE", help="How much memory to use, such as 4GB; half of what there is by default."),
    click.option(
        "--temp-dir",
        metavar="DIR",
        type=click.Path(),
        shell_complete=completing.folders,
        help="Where to put what does not fit into memory.",
    ),
    click.option(
        "--log-format",
        metavar="SHAPE",
        type=click.Choice(FORMATS),
        help="The logs' shape, where their names do not tell: jsonl, csv, tsv or parquet, packed jsonl.gz, csv.zst and so on.",
    ),
    click.option(
        "--on-bad-event",
        type=click.Choice(["stop", "skip"]),
        default="stop",
        show_default=True,
        help="Stop at a row that is no event, or pass over it.",
    ),
    click.option("--rejects", metavar="FILE", type=click.Path(), help="Write the rows that were passed over as JSON Lines."),
)
_NAMES: Final = ("timezone", "now", "engine", "memory", "temp_dir", "log_format", "on_bad_event", "rejects")


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What the options of reading were given."""

    timezone: str | None
    now: str | None
    engine: Engine
    memory: str | None
    temp_dir: str | None
    log_format: str | None
    on_bad_event: str
    rejects: str | None

    def request(self, timezone: str) -> Reading:
        """What they ask for, as far as no file has to be looked at; the time zone that is given is the configuration's. Raises UsageError
        where one is wrong."""
        if self.timezone is not None:
            check_timezone(self.timezone, "--timezone")
        zone = Zone(self.timezone or timezone)
        if self.rejects is not None and self.on_bad_event != "skip":
            raise click.UsageError("--rejects needs --on-bad-event skip: otherwise the first bad row ends the run")
        now = None if self.now is None else moment(self.now, "--now", zone)
        return Reading(self, zone, now, _size(self.memory))


@dataclass(frozen=True, slots=True)
class Reading:
    """How logs are read: in which time zone, up to which end, in how many bytes of memory."""

    options: ReadingOptions
    zone: Zone
    now: int | None
    memory: int | None

    def files(self, logs: tuple[str, ...]) -> tuple[list[LogFile], list[str]]:
        """The files of a log, and the paths that were named again. Raises UsageError where none was named."""
        from triggerlang.events.files import log_files

        if not logs:
            raise click.UsageError("a LOG is missing: name a file or a folder, or - for standard input")

        with errors_said():
            return log_files(logs, self.options.log_format)

    def ahead(self, files: list[LogFile]) -> Ahead:
        """Who decodes the files while rules are read and engines start."""
        from triggerlang.engines import evaluating

        # Arrow's own allocator gives memory back and has it cleared by the system anew for each row group: a tenth of the time of reading.
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
        return evaluating.ahead(self.options.engine, files, self.memory)

    def choice(self, files: list[LogFile], *, is_told: bool) -> Choice:
        """The engine for a log; told on standard error if that is wanted."""
        from triggerlang.engines.choosing import choose

        try:
            choice = choose(self.options.engine, files)
        except ValueError as error:
            raise click.ClickException(str(error)) from error
        if is_told:
            click.echo(f"engine: {choice.engine}, because {choice.reason}", err=True)
        return choice


@dataclass(frozen=True, slots=True)
class AtWork:
    """A log that is being read: what is asked of an engine, who watches, and the progress that is shown."""

    request: evaluating.Request
    watcher: evaluating.Watcher
    progress: Progress


@contextmanager
def at_work(reading: Reading, files: list[LogFile], ahead: Ahead, rejected: TextIO | None, *, is_quiet: bool) -> Iterator[AtWork]:
    """What an engine needs to read a log, for as long as it does: a folder for what does not fit, a place for rejects, and progress."""
    from triggerlang.engines import evaluating
    from triggerlang.machine.temporary import LazyFolder

    options = reading.options

    def keep(reject: Reject) -> None:
        if rejected is not None and options.rejects is not None:
            guarded(options.rejects, lambda: rejected.write(reject.as_json()))

    with ExitStack() as stack:
        temporary = LazyFolder(options.temp_dir, note, stack)
        progress = stack.enter_context(Progress(is_shown=not is_quiet and sys.stderr.isatty()))
        request = evaluating.Request(
            files=files,
            timezone=reading.zone.name,
            on_bad_event="skip" if options.on_bad_event == "skip" else "stop",
            on_reject=keep,
            now=reading.now,
            memory=reading.memory,
            folder=temporary.path,
            ahead=ahead,
        )
        with temporary.writing():
            yield AtWork(request, evaluating.Watcher(progress.begin, progress.advance, note), progress)


logs_argument: Final = click.argument("logs", metavar="LOG...", nargs=-1, type=click.Path(allow_dash=True), shell_complete=completing.logs)
rules_option: Final = click.option(
    "--rules",
    "rules",
    metavar="PATH",
    multiple=True,
    type=click.Path(),
    shell_complete=completing.rule_files,
    help="Rule file or folder; may be repeated.",
)


def reading_options(command: Command) -> Command:
    """The options of a command that reads logs; it gets them as one, `reading`."""

    @functools.wraps(command)
    def wrapped(*arguments: Any, **given: Any) -> Any:
        return command(*arguments, reading=ReadingOptions(**{name: given.pop(name) for name in _NAMES}), **given)

    made: Any = wrapped
    for option in reversed(_OPTIONS):
        made = option(made)
    return made  # type: ignore[no-any-return]


def given_options(context: click.Context, names: Sequence[str] = _NAMES) -> list[str]:
    """Which of some options, those of reading unless others are named, stand on the command line."""
    options = {option.name: option.opts[-1] for option in context.command.params}
    return [options[name] for name in names if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE]


def note(text: str) -> None:
    """Tell a person something on standard error."""
    click.echo(f"Note: {shown(text)}", err=True)


def name_repeated(paths: list[str]) -> None:
    """Say which logs were named again."""
    for path in paths:
        click.echo(f"Warning: {shown(path)} is named twice; it was read once", err=True)


@contextmanager
def errors_said() -> Iterator[None]:
    """What is wrong with logs, outputs and folders ends the command with a message."""
    from triggerlang.answers.files import OutputError
    from triggerlang.events.errors import LogError
    from triggerlang.machine.temporary import TemporaryFolderError

    try:
        yield
    except (LogError, OutputError, TemporaryFolderError) as error:
        raise click.ClickException(shown(str(error))) from error


@contextmanager
def outputs_of() -> Iterator[Outputs]:
    """The files that a command writes: all of them appear, or none."""
    from triggerlang.answers.files import Outputs

    with Outputs(lambda message: click.echo(shown(message), err=True)) as outputs:
        yield outputs


def check_outputs(outputs: dict[str, str | None], inputs: list[str]) -> None:
    """Raise OutputError where an output, by its option, would overwrite an input or another output."""
    from triggerlang.answers.files import OutputError, is_special

    real_inputs = {os.path.realpath(path) for path in inputs}
    taken: dict[str, str] = {}
    for option, path in outputs.items():
        if path is None or is_special(path):
            continue
        real = os.path.realpath(path)
        if real in real_inputs:
            raise OutputError(path, f"{option} would overwrite what is read: name another file")
        if real in taken:
            raise OutputError(path, f"{option} and {taken[real]} name the same file")
        taken[real] = option


def guarded(path: str, write: Callable[[], Any]) -> None:
    """Write; what fails names the file, but for a pipe whose reader has gone."""
    from triggerlang.answers.files import output_error

    try:
        write()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise output_error(path, error) from error


def moment(text: str, option: str, zone: Zone) -> int:
    """The moment at which a date or time of an option begins."""
    from triggerlang.engines.comparing import moment_of

    return moment_of(bound(text, option), zone)


def bound(text: str, option: str) -> tree.Moment:
    """A date or time of an option."""
    written = times.read(text)
    if written is None:
        raise click.UsageError(f"{option}: {text!r} is no date: write 2026-01-31 or 2026-01-31 09:00")
    nowhere = Source("", "").span(0, 0)
    if written.plain_date:
        return tree.Date(written.day, span=nowhere)
    return tree.DateTime(written.clock, written.offset, span=nowhere)


def asked_moments(at: str, zone: Zone) -> tuple[int, int]:
    """What `--at` asks for: from when on and before when: a time, or a whole day."""
    from triggerlang.engines.comparing import end_of, moment_of

    written = bound(at, "--at")
    start = moment_of(written, zone)
    return start, end_of(written, zone) if isinstance(written, tree.Date) else start + 1


def named_automation(project: RuleSet, name: str) -> str:
    """The automation that is asked for; a name that there is not ends the command."""
    if name not in project.automations:
        raise unknown("automation", name, list(project.automations))
    return name


def unknown(kind: str, name: str, names: list[str]) -> click.ClickException:
    """What is said of a name that there is not, with the nearest that there is."""
    from triggerlang.language.nearest import nearest

    near = nearest(name, names)
    return click.ClickException(shown(f"there is no {kind} {quoted(name)}" + (f"; the nearest is {quoted(near)}" if near else "")))


def no_contact(contact: str, near: str | None) -> str:
    """What is said of a contact that has no event."""
    return f"there is no event of a contact {quoted(contact)}" + (f"; the nearest is {quoted(near)}" if near else "")


def tell_left_out(log: ContactLog) -> None:
    """What was left out of the log."""
    if log.rejected:
        note(f"{log.rejected:,} {'row was' if log.rejected == 1 else 'rows were'} no event")
    if log.duplicates:
        click.echo(
            f"Note: {log.duplicates:,} {'duplicate' if log.duplicates == 1 else 'duplicates'} dropped (same contact and id)", err=True
        )


def _size(text: str | None) -> int | None:
    from triggerlang.machine.memory import parse_size

    try:
        return None if text is None else parse_size(text)
    except ValueError as error:
        raise click.UsageError(f"--memory: {error}") from error
