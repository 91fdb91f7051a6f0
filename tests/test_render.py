"""Rendering: the formats in which problems are shown, and what stands in names that must not reach a terminal."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from tests.support.cases import CASES, ROOT, Case, cases_of
from triggerlang.checking.project import check
from triggerlang.checking.render import as_json, concise, github, text
from triggerlang.checking.render.plain import visible, width
from triggerlang.language.diagnostics import Code, Diagnostic, Note
from triggerlang.language.source import Source

TRIED = Code("tried-code", "{words}", "A code of this test.")
WARNED = Code("tried-warning", "{words}", "A code of this test.", "warning")

CASES_WITH_PROBLEMS = [case for file in sorted(CASES.glob("checker-*.md")) for case in cases_of(file)]


def problem(path: str, written: str, words: str, *, said: str = "this is wrong", code: Code = TRIED, **more: Any) -> Diagnostic:
    """A problem under some words of a text."""
    source = Source(path, written)
    return code.at(source.span(written.index(words), len(words)), words=said, **more)


def test_text_shows_line_carets_notes_and_help() -> None:
    declared = Source("names.triggers", 'declare list "News"\r\n')
    shown = problem(
        "rules/a.triggers",
        '\n\n  on subscribes list "Newz"\n',
        '"Newz"',
        help="mend it",
        notes=(Note("declared here", declared.span(13, 6)),),
    )
    once = (
        "rules/a.triggers:3:22: error: this is wrong [tried-code]\n"
        '  3 |   on subscribes list "Newz"\n'
        "    |                      ^^^^^^\n"
        "  note: declared here: names.triggers:1:14\n"
        '  1 | declare list "News"\n'
        "    |              ^^^^^^\n"
        "  help: mend it\n"
    )
    assert text.render([shown]) == once
    assert text.render([shown, shown]) == f"{once}\n{once}"


def test_colour_changes_nothing_but_colour() -> None:
    shown = problem("a.triggers", 'on event "x"', '"x"', help="mend it", code=WARNED)
    coloured = text.render([shown], color=True)
    assert "\x1b[1;33mwarning\x1b[0m" in coloured
    plain = coloured
    for code in ("\x1b[1;33m", "\x1b[1;32m", "\x1b[1m", "\x1b[0m"):
        plain = plain.replace(code, "")
    assert plain == text.render([shown])
    assert "\x1b" not in plain


@pytest.mark.parametrize(
    ("line", "words", "frame", "carets"),
    [
        ('\t\ton event "x"', '"x"', '        on event "x"', "                 ^^^"),
        ('on event "注文" where "x"', '"x"', 'on event "注文" where "x"', "                      ^^^"),
        ('on event "注文"', '"注文"', 'on event "注文"', "         ^^^^^^"),
        ('on event "cafe\u0301" "x"', '"x"', 'on event "cafe\u0301" "x"', "                ^^^"),
        ('on event "a\x1b[31mb" "x"', '"x"', 'on event "a␛[31mb" "x"', "                   ^^^"),
        ('on event "a\u202eb" "x"', '"x"', 'on event "a<U+202E>b" "x"', "                      ^^^"),
        ('on event "a\u202eb"', '"a\u202eb"', 'on event "a<U+202E>b"', "         ^^^^^^^^^^^^"),
        ('on event "👍" "x"', '"x"', 'on event "👍" "x"', "              ^^^"),
    ],
    ids=["tabs", "wide before", "wide under", "combining", "escape", "direction before", "direction under", "emoji"],
)
def test_carets_stand_under_the_words(line: str, words: str, frame: str, carets: str) -> None:
    _, shown, marks, _ = text.render([problem("a.triggers", line, words)]).split("\n")
    assert (shown, marks) == (f"  1 | {frame}", f"    | {carets}")


def test_a_place_without_words_has_one_caret() -> None:
    source = Source("a.triggers", "on event")
    assert text.render([TRIED.at(source.span(8, 0), words="unfinished")]).endswith("  1 | on event\n    |         ^\n")


def test_an_empty_file_has_no_frame() -> None:
    assert text.render([TRIED.at(Source("a.triggers", "").span(0, 0), words="empty")]) == "a.triggers:1:1: error: empty [tried-code]\n"


def test_a_place_of_several_lines_shows_the_first() -> None:
    shown = problem("a.triggers", 'on event "a"\n  where x\n', 'event "a"\n  where x')
    assert text.render([shown]).endswith('  1 | on event "a"\n    |    ^^^^^^^^^\n  2 |   where x\n')


def test_the_lines_beside_a_place_are_shown_where_they_say_something() -> None:
    lines = [f"# line {number}" for number in range(1, 12)]
    lines[8] = 'on event "a"'
    assert text.render([problem("a.triggers", "\n".join(lines), '"a"')]).split("\n", 1)[1] == (
        '   8 | # line 8\n   9 | on event "a"\n     |          ^^^\n  10 | # line 10\n'
    )
    assert text.render([problem("a.triggers", ' \n\non event "a"\n\t\nx', '"a"')]).count("\n") == 3
    long = text.render([problem("a.triggers", "b" * 500 + '\non event "a"\n' + "\t" * 500 + "x", '"a"')])
    assert all(width(line.partition(" | ")[2]) <= 120 for line in long.split("\n")[1:])
    assert f"  1 | {'b' * 119}…" in long


@pytest.mark.parametrize("filler", ["b", "注", "\x1b", "\t", "\u202e", "e\u0301"])
@pytest.mark.parametrize(("before", "after"), [(0, 0), (10, 5000), (5000, 10), (5000, 5000), (60, 60)])
@pytest.mark.parametrize("length", [1, 100, 5000])
def test_an_excerpt_is_120_columns_wide_at_most(filler: str, before: int, after: int, length: int) -> None:
    words = f'"{"w" * length}"'
    line = filler * before + words + filler * after
    _, frame, marks, _ = text.render([problem("a.triggers", line, words)]).split("\n")
    excerpt = frame.removeprefix("  1 | ")
    assert width(excerpt) <= 120
    at = marks.index("^")
    # The first of the words stands above the first caret.
    assert width(frame[: frame.index('"')]) == at
    assert len(marks) - at == min(length + 2, 80 if len(line) > 120 or width(visible(line)) > 120 else 120)


def test_concise_is_one_line_each() -> None:
    shown = problem("rules/a b.triggers", '\non event "x"', '"x"', said='no list "a\nb" here')
    assert concise.render([shown, shown]) == 2 * 'rules/a b.triggers:2:10: tried-code no list "a␊b" here\n'


def test_github_escapes_by_its_own_rules() -> None:
    shown = problem("a,b:c%.triggers", 'on event "x"', '"x"', said="100% ::error::\r\n%0A", help="mend: it, now")
    assert github.render([shown]) == (
        "::error file=a%2Cb%3Ac%25.triggers,line=1,endLine=1,col=10,endColumn=13,title=tried-code"
        "::100%25 ::error::␍%0A%250A%0Ahelp: mend: it, now\n"
    )


def test_github_has_no_columns_for_a_place_of_several_lines() -> None:
    shown = problem("a.triggers", 'on event\n"x"', 'event\n"x"', code=WARNED)
    assert github.render([shown]) == "::warning file=a.triggers,line=1,endLine=2,title=tried-warning::this is wrong\n"


def schema() -> Any:
    return json.loads((ROOT / "docs" / "schemas" / "check.schema.json").read_text(encoding="utf-8"))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    assert not validator.is_valid([{"code": "x"}])
    assert not validator.is_valid({})


@pytest.mark.parametrize("case", CASES_WITH_PROBLEMS, ids=lambda case: case.id)
def test_json_keeps_to_its_schema(case: Case) -> None:
    diagnostics = case.checked().diagnostics
    shown = json.loads(as_json.render(diagnostics))
    jsonschema.Draft202012Validator(schema()).validate(shown)
    for written, found in zip(shown, diagnostics, strict=True):
        assert (written["code"], written["line"], written["help"]) == (found.code, found.span.line, found.help)
        lines = found.span.source.text.split("\n")
        if written["line"] == written["end_line"]:
            assert lines[written["line"] - 1][written["column"] - 1 : written["end_column"] - 1] == found.span.text


def test_json_of_nothing_is_an_empty_array() -> None:
    assert json.loads(as_json.render([])) == []


def test_json_holds_names_as_they_are() -> None:
    name = 'a\x1b\x7f\u202e\u2028"\\\udcff👍'
    shown = problem(f"{name}.triggers", 'on event "x"', '"x"', said=name)
    written = as_json.render([shown])
    assert written.isascii()
    assert written.replace("\n", "").isprintable()
    [found] = json.loads(written)
    assert (found["file"], found["message"]) == (f"{name}.triggers", name)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plain", "plain"),
        ("größe 注文 👍", "größe 注文 👍"),
        ("\x00\x07\x08\t\n\r\x1b\x7f", "␀␇␈␉␊␍␛␡"),
        ("\x9b31m", "<U+009B>31m"),
        ("a\u200bb\u200dc\ufeffd\u00ade", "a<U+200B>b<U+200D>c<U+FEFF>d<U+00AD>e"),
        ("\u202e\u2066\u061c\u2028", "<U+202E><U+2066><U+061C><U+2028>"),
        ("\ud800\udcff", "<U+D800><U+DCFF>"),
        ("\U000e0041\ue000", "<U+E0041><U+E000>"),
        ("a\u00a0b", "a<U+00A0>b"),
    ],
)
def test_what_cannot_be_seen_is_shown(written: str, shown: str) -> None:
    assert visible(written) == shown
    assert shown.isprintable()


@pytest.mark.parametrize(("written", "columns"), [("abc", 3), ("注文", 4), ("e\u0301", 1), ("\uff4f", 2), ("👍", 2), ("ñ", 1), ("", 0)])
def test_width_is_columns_of_a_terminal(written: str, columns: int) -> None:
    assert width(written) == columns


def test_every_format_shows_what_the_checker_finds() -> None:
    diagnostics = check([Source("a.triggers", 'on event "a" at most 0 times\non event "b" where weekday in (monday, monday)')]).diagnostics
    assert concise.render(diagnostics).count("\n") == 2
    assert text.render(diagnostics).count("[never-runs]") == text.render(diagnostics).count("[repeated-weekday]") == 1
    assert [line.split(" ")[0] for line in github.render(diagnostics).splitlines()] == ["::error", "::warning"]
