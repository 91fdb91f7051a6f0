"""What is kept from run to run of what is made of the rules: whether it is, which `--no-cache` says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from triggerlang.answers.encoding import shown

if TYPE_CHECKING:
    from triggerlang.machine.kept import Kept

Command = TypeVar("Command", bound=Callable[..., Any])
_KEPT: Final = "triggerlang.kept"


def cache_option(command: Command) -> Command:
    """`--no-cache`."""
    text = "Take nothing of what earlier runs made of the rules, and keep nothing."
    return click.option("--no-cache", is_flag=True, expose_value=False, callback=_decide, help=text)(command)


def kept() -> Kept | None:
    """Where the command that runs keeps what it makes of rules; None with `--no-cache`."""
    found: Kept | None = click.get_current_context().meta.get(_KEPT)
    return found


def _decide(ctx: click.Context, parameter: click.Parameter, no_cache: bool) -> None:
    if no_cache or ctx.resilient_parsing:
        return
    from triggerlang.language import grammar
    from triggerlang.machine.kept import Kept

    ctx.meta[_KEPT] = Kept("rules", _note)
    grammar.keep(ctx.meta[_KEPT])


def _note(text: str) -> None:
    sys.stderr.write(f"Note: {shown(text)}\n")
