"""The pages: what they link to exists, what they name is there, and the code that they show runs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tests.support.cases import LINTS, Case, cases_of
from triggerlang.checking.logic.codes import LOGIC_CODES

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "rules").rglob("*.md")])
CASES = ROOT / "tests" / "cases"
SECTIONS = range(1, 9)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^(`{3,})[^\n]*\n.*?^\1`*\n", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """What a link into a page can name: its headings as a web page writes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[tuple[str, str]]:
    """The file and the anchor of each link that stays within the project."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield path, anchor


def sections() -> dict[int, str]:
    """The sections of the reference by their numbers."""
    parts = re.split(r"^## (\d+)\. .*$", (ROOT / "docs" / "language.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {int(number): text for number, text in zip(parts[1::2], parts[2::2], strict=True)}


def named_cases(text: str) -> list[str]:
    return re.findall(r"\(\.\./tests/cases/([^)#]+\.md)\)", text)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for path, anchor in links(page):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name(page)} links to {path}, which does not exist"
        if anchor:
            assert anchor in anchors(target), f"{name(page)} links to {path}#{anchor}, and there is no such heading"


@pytest.mark.parametrize("number", SECTIONS)
def test_a_section_of_the_reference_names_its_cases(number: int) -> None:
    assert named_cases(sections()[number]), f"section {number} names no file of cases"


def test_every_file_of_cases_is_named_in_the_reference() -> None:
    named = {case for number in SECTIONS for case in named_cases(sections()[number])}
    assert named == {path.relative_to(CASES).as_posix() for path in CASES.rglob("*.md")}


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    named = {path for path, _ in links(index)}
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {index.name} <= named


def test_the_code_of_the_embedding_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {"__name__": "embedding"}
    printed = io.StringIO()
    with redirect_stdout(printed):
        for block in blocks(ROOT / "docs" / "embedding.md", "python"):
            exec(compile(block, "docs/embedding.md", "exec"), names)
    lines = printed.getvalue().splitlines()
    assert len(lines) == 5, lines
    contact, automation = lines[0].split(" ", 1)
    assert (contact, automation) == ("cdnow-00004", "Welcome")
    assert lines[1] == "['Welcome', 'Big start']"
    assert lines[2] == "{}"
    assert lines[3] == "1 unknown-segment"
    assert "order of their times" in lines[4]


@pytest.mark.parametrize("case", cases_of(LINTS), ids=lambda case: case.title)
def test_the_page_on_lints_shows_what_check_says(case: Case) -> None:
    found = sorted((problem.span.line, problem.code, problem.span.text) for problem in case.checked().diagnostics)
    assert found == sorted((mark.line, mark.code, mark.words) for mark in case.marks)
    assert found


def test_the_page_on_lints_has_each_of_them() -> None:
    assert {mark.code for case in cases_of(LINTS) for mark in case.marks} == {code.name for code in LOGIC_CODES}


def commands() -> dict[str, set[str]]:
    """The long options of each command."""
    import click

    from triggerlang.cli.main import cli

    context = click.Context(cli)
    found: dict[str, set[str]] = {}
    for command_name in cli.list_commands(context):
        command = cli.get_command(context, command_name)
        assert command is not None
        options = [option for parameter in command.params if isinstance(parameter, click.Option) for option in parameter.opts]
        found[command_name] = {option for option in options if option.startswith("--")} - {"--help"}
    return found


def test_the_command_line_page_names_every_command_and_option() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    for command, options in commands().items():
        assert f"`triggerlang {command} " in text, f"docs/command-line.md does not name {command}"
        for option in sorted(options):
            assert re.search(rf"`[^`]*{option}(?![\w-])[^`]*`", text), f"docs/command-line.md does not name {option} of {command}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_page_names_an_option_or_command_that_does_not_exist(page: Path) -> None:
    known = commands()
    options = {option for found in known.values() for option in found} | {"--help", "--version", "--update", "--editable"}
    text = prose(page)
    planned = text.find("*Not in this version yet.*")
    text = text if planned < 0 else text[:planned]
    for option in re.findall(r"`(?:[^`\n]*\s)?(--[a-z][a-z-]*)", text):
        assert option in options, f"{name(page)} names {option}"
    for command in re.findall(r"`triggerlang ([a-z]+)", text):
        assert command in known, f"{name(page)} names triggerlang {command}"
