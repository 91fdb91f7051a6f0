"""The command line: arguments in, exit code out.

One module a command, imported when it is asked for.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

import triggerlang
from triggerlang.answers.encoding import shown
from triggerlang.cli.process import BROKEN_PIPE, run_and_leave

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "check": "Parse and check rule files, and report every problem at once.",
    "explain": "Say what a code of check means, with a wrong and a right example.",
    "fmt": "Write rule files in the one canonical layout.",
    "graph": "Show the compiled network, and how much of it is shared.",
    "new": "Make a small project that works, to begin with.",
    "plan": "Say what a change of rules would do to the entries of a log.",
    "report": "Show on one page who enters, when, and what keeps others out.",
    "run": "Evaluate logs: who enters which automation, and when.",
    "test": "Run the tests beside the rules, and show why one fails.",
    "why": "Say why a contact entered an automation, or did not.",
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

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            from triggerlang.language.diagnostics import quoted
            from triggerlang.language.nearest import nearest

            near = nearest(args[0], COMMANDS)
            ctx.fail(f"there is no command {quoted(args[0])}" + (f"; the nearest is {near}" if near else ""))
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        from click.shell_completion import CompletionItem

        found = [CompletionItem(name, help=summary) for name, summary in COMMANDS.items() if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

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


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    run_and_leave(_work)


def _work() -> int:
    given = sys.stdout
    asked = os.environ.get("_TRIGGERLANG_COMPLETE")
    try:
        if asked:
            from triggerlang.cli import shells

            return shells.answer(cli, asked)
        code = cli.main(prog_name="triggerlang", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        _show(error)
        return 2
    except click.Abort:
        return 130
    except MemoryError:
        sys.stderr.write("Error: there is not enough memory; a smaller log, or fewer rules at once, may do\n")
        return 2
    except SystemExit as request:
        # Where the reader of a pipe has gone, Click puts another stream in the place of the one that failed, and ends.
        return int(request.code or 0) if sys.stdout is given else BROKEN_PIPE


def _show(error: click.ClickException) -> None:
    """Say what was wrong; words of the user's in it cannot move the cursor."""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        sys.stderr.write(f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} --help' for help.\n\n")
    lines = error.format_message().split("\n")
    sys.stderr.write("Error: " + "\n".join(shown(line) for line in lines) + "\n")
