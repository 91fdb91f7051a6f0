"""Other kinds of files: what a text is that ended in `.triggers` and holds no rules.

In: the text of a file of which no statement could be read, or which has lines that no rule file has. Out: its kind, in a user's words,
where it begins to be that, and the way out.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from triggerlang.language.diagnostics import Code

NOT_RULES = Code("not-rules", "this is no rule file: it looks like {kind}", "A file that ends in `.triggers` holds rules alone.")
CONFLICT = Code("conflict-marks", "two versions of this file were not merged", "Git marks what it could not merge; nobody has chosen yet.")

OTHER_KIND_CODES = (NOT_RULES, CONFLICT)

_LOOKED_AT: Final = 20_000
"""How many characters are looked at: a file's kind shows soon."""

_ALONE: Final = 'rules stand alone in their file: move this elsewhere, or write it as rules, such as on event "signup"'


class Kind(NamedTuple):
    """What a file is instead, from which place on, and the way out."""

    name: str
    offset: int
    length: int
    help: str


_MARKS: Final = (
    (
        re.compile(r"^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@.*$", re.MULTILINE),
        "a difference of two files",
        "apply it to the rule file, `git apply`",
    ),
    (re.compile(r"^```.*$", re.MULTILINE), "a Markdown page", "put what stands between the ``` lines into the file, and nothing else"),
)
_WHOLE: Final = (
    (r"\s*[{\[]\s*(?:\"|\{|\]|\})", "JSON"),
    (r"\s*(?:\{%|\{\{|<[a-z][^>\n]*>\s*(?:[^<]*\{[{%]))", "a template of an email"),
    (r"\s*<(?:!DOCTYPE|html|\?xml|[A-Za-z]+[\s/>])", "HTML or XML"),
    (r"\s*(?:select|with|insert|update|create)\b[^\"]*?\b(?:from|into|set|table|as)\b", "a query of SQL"),
    (r"\s*(?:from \w+(?:\.\w+)* import|import \w+|def \w+\(|class \w+|@\w+)", "a program in Python"),
    (r"\s*(?:const|let|var|function|export|import) [\w{*]", "a program in JavaScript"),
    (r"\s*\[[\w.\"-]+\]\s*\n\s*[\w.-]+\s*=", "TOML"),
    (r"(?:---\n)?[\w -]+:(?: [^\n]*)?\n(?:\s*(?:- |[\w-]+:)[^\n]*\n)+", "YAML"),
)


def kind_of(text: str) -> Kind | None:
    """What a text looks like that holds no rule."""
    head = text[:_LOOKED_AT]
    for pattern, name in _WHOLE:
        if re.match(pattern, head, re.IGNORECASE):
            return Kind(name, *_first_line(text), _ALONE)
    if _is_table(head):
        return Kind("CSV", *_first_line(text), _ALONE)
    if _is_prose(head):
        return Kind(
            "a text for people",
            *_first_line(text),
            'write it as rules, such as on event "signup" where in list "News"; a line for people begins with #',
        )
    return None


def marks_of(text: str) -> tuple[Code, Kind] | None:
    """Lines that no rule file has, though rules may stand around them."""
    begin = re.search(r"^<{7} .*$", text, re.MULTILINE)
    if begin is not None and re.search(r"^>{7} .*$", text[begin.end() :], re.MULTILINE):
        help_text = "choose between the lines above and below =======, and delete the lines of marks"
        return CONFLICT, Kind("", begin.start(), len(begin[0]), help_text)
    for pattern, name, help_text in _MARKS:
        found = pattern.search(text)
        if found is not None:
            return NOT_RULES, Kind(name, found.start(), len(found[0]), help_text)
    return None


def _first_line(text: str) -> tuple[int, int]:
    begin = len(text) - len(text.lstrip())
    end = text.find("\n", begin)
    return begin, len(text[begin : len(text) if end < 0 else end].rstrip())


def _is_table(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()][:20]
    commas = {line.count(",") for line in lines}
    return (
        len(lines) > 1
        and len(commas) == 1
        and min(commas) > 0
        and not any('"' in line and " " in line.split('"')[0].strip() for line in lines)
    )


def _is_prose(text: str) -> bool:
    words = re.findall(r"[A-Za-z']{2,}", text)
    return len(words) >= 10 and '"' not in text and bool(re.search(r"[a-z][.,!?](?:\s|$)", text))
