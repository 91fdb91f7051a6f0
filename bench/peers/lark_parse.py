"""What is measured beside `triggerlang check` of many rules: Lark making its trees of the same files in one process, and no more.

`python lark_parse.py GRAMMAR FOLDER`
"""

import os
import sys

from lark import Lark


def main(grammar: str, folder: str) -> None:
    parser = Lark.open(grammar, parser="lalr", start="file")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            parser.parse(file.read())


if __name__ == "__main__":
    main(*sys.argv[1:])
