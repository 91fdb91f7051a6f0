"""The command line: arguments in, exit code out.

One module a command, imported when it is asked for. What every command promises about streams, signals and exit codes stands here.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

import click

import triggerlang

COMMANDS = {
    "check": "Parse and check rule files, and report every problem at once.",
    "graph": "Show the compiled network, and how much of it is shared.",
    "run": "Evaluate logs: who enters which automation, and when.",
}
"""The commands and what the overview says of each; a command's module has its name."""


class Commands(click.Group):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"triggerlang.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(triggerlang.__version__, message="triggerlang %(version)s")
def cli() -> None:
    """\b
    triggerlang run log.jsonl --rules rules/

    Trigger rules for marketing automation, as text: check them, and see who enters on a log.
    """


class TerminatedError(BaseException):
    """The process was told to end; it cleans up on its way."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    # No command makes circles of objects as it goes, and looking for them takes a good part of the time over many rules or events.
    gc.disable()
    _prepare_streams()
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _terminate)
    code = _run()
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (OSError, ValueError) as error:
        code = _stream_code(error)
    _leave(code)


def _run() -> int:
    try:
        code = cli.main(prog_name="triggerlang", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as request:
        return request.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except TerminatedError as request:
        return 128 + request.number
    except click.ClickException as error:
        _show(error)
        return 2
    except MemoryError:
        click.echo("Error: there is not enough memory; a smaller log, or fewer rules at once, may do", err=True)
        return 2
    except OSError as error:
        return _stream_code(error)


def _show(error: click.ClickException) -> None:
    try:
        error.show()
    except OSError:
        return  # Nobody listens.


def _stream_code(error: Exception) -> int:
    """The exit code where standard output or error cannot be written: quiet for a pipe that was closed."""
    if isinstance(error, BrokenPipeError) or getattr(error, "errno", None) == errno.EPIPE:
        return 141
    try:
        sys.stderr.write(f"Error: standard output cannot be written: {getattr(error, 'strerror', None) or error}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # Nobody listens.
    return 2


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    # A second signal must not interrupt the cleaning up of the first.
    signal.signal(number, signal.SIG_IGN)
    raise TerminatedError(number)


def _prepare_streams() -> None:
    """The same bytes everywhere: UTF-8 whatever the locale says, and something to write to where a stream is closed."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def _leave(code: int) -> NoReturn:
    """End without Python's own complaint about streams that nobody reads."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, sys.stdout.fileno())
    sys.exit(code)
