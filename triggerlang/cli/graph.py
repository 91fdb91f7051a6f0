"""`triggerlang graph`: show the compiled network."""

from __future__ import annotations

import sys

import click

from triggerlang.cli.completing import rule_files
from triggerlang.cli.config import rule_paths
from triggerlang.cli.keeping import cache_option
from triggerlang.cli.rules import load_rules


@click.command()
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(), shell_complete=rule_files)
@click.option(
    "--format", "output_format", type=click.Choice(["mermaid", "dot", "json"]), default="mermaid", show_default=True, help="What is drawn."
)
@cache_option
def command(paths: tuple[str, ...], output_format: str) -> None:
    """\b
    triggerlang graph rules/ --format dot

    Show the compiled network: what rules say once is one node, whoever wrote it. The graph goes to standard output, a
    summary of how much was shared to standard error. PATH defaults to the `rules` of triggerlang.toml, else rules/.
    """
    from triggerlang.network import drawing
    from triggerlang.network.compiler import compile

    rules, _ = load_rules(rule_paths(paths))
    network = compile(rules)
    draw = {"mermaid": drawing.mermaid, "dot": drawing.dot, "json": drawing.as_json}[output_format]
    sys.stdout.write(draw(network))
    sys.stdout.flush()
    sys.stderr.write(drawing.summary(network))
