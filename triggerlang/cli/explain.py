"""`triggerlang explain`: what a code means."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from triggerlang.cli import completing
from triggerlang.cli.keeping import cache_option

if TYPE_CHECKING:
    from triggerlang.checking.project import Checked
    from triggerlang.language.diagnostics import Diagnostic


@click.command()
@click.argument("code", metavar="[CODE]", required=False, shell_complete=completing.codes)
@cache_option
def command(code: str | None) -> None:
    """\b
    triggerlang explain unknown-list

    Say what a code of `triggerlang check` means, with rules that bring it, what is said of them, and rules that are right.
    Without CODE, list all of them. Exit code 2: there is no such code.
    """
    from triggerlang.checking.codes import all_codes

    codes = {known.name: known for known in all_codes()}
    if code is None:
        longest = max(map(len, codes))
        sys.stdout.writelines(f"{known.name:{longest}}  {known.severity:7}  {known.summary}\n" for known in codes.values())
    elif code in codes:
        sys.stdout.write(_page(code, codes[code].severity, codes[code].summary))
    else:
        from triggerlang.language.diagnostics import quoted
        from triggerlang.language.nearest import nearest

        near = nearest(code, codes)
        way_out = f"the nearest is {near}" if near else "`triggerlang explain` lists them"
        raise click.ClickException(f"there is no code {quoted(code)}; {way_out}")
    sys.stdout.flush()


def _page(name: str, severity: str, summary: str) -> str:
    """What is said of a code: its meaning, a wrong example and what `check` says of it, a right one."""
    from triggerlang.checking.explaining import examples
    from triggerlang.checking.files import source_of
    from triggerlang.checking.project import review
    from triggerlang.checking.render import text

    example = examples()[name]
    source, problems = source_of("example.triggers", example.wrong_bytes)
    checked = review([source], problems)
    # Where a wrong word brings more than one message, the first says it.
    found = text.render((_against_log(checked, example.log) if example.log else checked.diagnostics)[:1])
    note = f"  ({example.note})\n" if example.note else ""
    log = f"A log:\n\n{_indented(example.log)}\n" if example.log else ""
    return (
        f"{name} ({severity})\n\n{summary}\n\n{log}Wrong:\n\n{_indented(example.wrong)}{note}\n"
        f"What check says:\n\n{_indented(found)}\nRight:\n\n{_indented(example.right)}"
    )


def _against_log(checked: Checked, log: str) -> Sequence[Diagnostic]:
    """What a log tells of rules without errors."""
    from triggerlang.answers.against_log.checking import check_records
    from triggerlang.events.jsonl import parse_line
    from triggerlang.events.log import of_records
    from triggerlang.events.rows import RowReader
    from triggerlang.language.times import Zone

    reader = RowReader(Zone())
    records = [reader.record(parse_line(line), row) for row, line in enumerate(log.encode().splitlines(), 1)]
    return [] if checked.rules is None else check_records(checked.rules, of_records(records).records, Zone())


def _indented(text: str) -> str:
    from triggerlang.answers.encoding import shown

    return "".join(f"  {shown(line)}\n" if line else "\n" for line in text.rstrip("\n").split("\n"))
