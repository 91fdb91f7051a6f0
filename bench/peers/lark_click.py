"""The least that a command like `triggerlang check` does for one small file: click, and Lark with the same grammar.

`python lark_click.py GRAMMAR PATH [--cache FILE]`: with `--cache` Lark keeps its tables, as a pickle.
"""

import click


@click.command()
@click.argument("grammar")
@click.argument("path")
@click.option("--cache")
def check(grammar: str, path: str, cache: str | None) -> None:
    from lark import Lark

    parser = Lark.open(grammar, parser="lalr", start="file", cache=cache or False)
    with open(path, encoding="utf-8") as file:
        parser.parse(file.read())
    click.echo("no problems")


if __name__ == "__main__":
    check()
