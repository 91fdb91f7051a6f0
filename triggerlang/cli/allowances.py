"""Allowances of the configuration: the codes that `allow` names, each with its place in the file."""

from __future__ import annotations

import re
from pathlib import Path

import click

from triggerlang.answers.encoding import shown
from triggerlang.checking.allowing import Configured
from triggerlang.cli.config import Configuration, from_here
from triggerlang.language.source import Source, Span


def configured(settings: Configuration, *, is_whole: bool) -> tuple[Configured, ...]:
    """The codes that a configuration allows; `is_whole` tells that all files of the project are looked at.

    Raises ClickException for a code that there is not, or that cannot be allowed.
    """
    if not settings.allow or settings.file is None:
        return ()
    from triggerlang.checking.codes import all_codes

    known = {code.name: code for code in all_codes()}
    name = shown(settings.file)
    for written in settings.allow:
        if written not in known:
            from triggerlang.language.diagnostics import quoted
            from triggerlang.language.nearest import nearest

            near = nearest(written, [code.name for code in known.values() if code.is_allowable])
            way_out = f'the nearest that can be allowed is "{near}"' if near else "`triggerlang explain` lists them"
            raise click.ClickException(f'{name}: "allow" names the code {quoted(written)}, which there is not; {way_out}')
        if not known[written].is_allowable:
            raise click.ClickException(f'{name}: "allow" names "{written}", which is an error; only warnings can be allowed')
    source = Source(from_here(Path(settings.file)), _text(settings.file))
    key = re.search(r"^[ \t]*allow[ \t]*=", source.text, re.MULTILINE)
    begin = 0 if key is None else key.end()
    return tuple(Configured(written, _place(source, written, begin), is_whole) for written in settings.allow)


def _text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise click.ClickException(f"{shown(file)}: this cannot be read: {error.strerror}") from error


def _place(source: Source, code: str, begin: int) -> Span:
    """Where a code stands in the file; its beginning, where the code is written with escapes."""
    found = [at for at in (source.text.find(f"{quote}{code}{quote}", begin) for quote in "\"'") if at >= 0]
    return source.span(min(found), len(code) + 2) if found else source.span(0, 0)
