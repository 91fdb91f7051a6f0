"""Rewriting rule files: all of them in their places, or none; or what would change."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from triggerlang.answers.encoding import shown
from triggerlang.answers.files import OutputError, Outputs, output_error
from triggerlang.cli.diff import difference
from triggerlang.language.source import Source


def write(changed: Sequence[tuple[Source, str]]) -> None:
    """Write each file whole, in its place, where all can be; a link stays, and what it leads to is written."""
    try:
        with Outputs(_note) as outputs:
            for source, text in changed:
                file = outputs.text(source.path)
                try:
                    file.write(text)
                    file.close()
                except OSError as error:
                    raise output_error(source.path, error) from error
            outputs.publish()
    except OutputError as error:
        raise click.ClickException(str(error)) from error


def show(changed: Sequence[tuple[Source, str]], color: bool) -> None:
    """Write to standard output what would change in each file."""
    for source, text in changed:
        sys.stdout.write(difference(source.path, source.text, text, color))


def _note(text: str) -> None:
    sys.stderr.write(f"Note: {shown(text)}\n")
