"""Rendering for CI systems: SARIF, JUnit XML and GitLab's report hold to their schemas, whatever stands in the names of rules and files."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, strategies as st

from tests.support.cases import CASES, ROOT, Case, cases_of
from tests.support.command import triggerlang
from triggerlang.checking.codes import STRANGE_NAME, UNKNOWN_NAMES, all_codes
from triggerlang.checking.project import Checked, check
from triggerlang.checking.render import concise, fingerprints, github, gitlab, junit, sarif, text
from triggerlang.checking.render.repository import Repository
from triggerlang.language.diagnostics import Code, Diagnostic, Note
from triggerlang.language.source import Source

UNKNOWN_LIST = UNKNOWN_NAMES["list"]
CASES_WITH_PROBLEMS = [case for file in sorted(CASES.glob("checker-*.md")) for case in cases_of(file)]

HOSTILE = (
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\",
    "a\rb\nc\x08d\x00e",
    "::error file=x::spoofed",
    "%0A::error::spoofed%0D%25",
    "##vso[task.setvariable variable=PATH]x",
    "]]></failure><failure message='spoofed'>",
    "<![CDATA[x]]> & \"quoted\" 'too'",
    "\x85\u2028\u202e\ufeff\ufffe\ud800\udcff",
    "{0} {{1}} }{",
    "[click](https://example.com) [here](1)",
    "a b#c?d%20e",
    "größe 注文 👍",
)


def problem(name: str, *, path: str = "rules/a.triggers", code: Code = UNKNOWN_LIST, **more: Any) -> Diagnostic:
    """A problem of a rule that names something."""
    written = f'# {name}\non subscribes list "{name}"\n'
    source = Source(path, written)
    return code.at(source.span(written.index('"', 2 + len(name)), len(name) + 2), name=name, what=name, **more)


def file_name(name: str) -> str:
    """A text as the name of a file can have it: no NUL, and bytes that are no UTF-8 as the system gives them."""
    return os.fsdecode(name.replace("\0", "").encode("utf-8", "surrogatepass"))


def read_schema(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


SARIF = jsonschema.Draft4Validator(
    read_schema(ROOT / "tests" / "data" / "sarif-2.1.0.schema.json"), format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER
)
GITLAB = jsonschema.Draft202012Validator(read_schema(ROOT / "docs" / "schemas" / "gitlab.schema.json"))


def sarif_run(diagnostics: list[Diagnostic]) -> Any:
    """The one run of a SARIF log that its schema accepts, and a strict reader: no half surrogate pair, no key twice."""
    written = sarif.render(diagnostics, "0.1.0")
    assert written.isascii()
    log = json.loads(written)
    SARIF.validate(log)
    json.dumps(log, ensure_ascii=False).encode("utf-8")
    [run] = log["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return run


def gitlab_report(diagnostics: list[Diagnostic]) -> Any:
    written = gitlab.render(diagnostics)
    assert written.isascii()
    report = json.loads(written)
    GITLAB.validate(report)
    json.dumps(report, ensure_ascii=False).encode("utf-8")
    assert len({each["fingerprint"] for each in report}) == len(report)
    return report


def junit_root(checked: Checked, *, strict: bool = False) -> ElementTree.Element:
    root = ElementTree.fromstring(junit.render(checked.diagnostics, checked.sources, strict=strict))
    suites = root.findall("testsuite")
    for counted in (root, *suites):
        assert int(counted.attrib["tests"]) == len(list(counted.iter("testcase")))
        assert int(counted.attrib["failures"]) == len(list(counted.iter("failure")))
    return root


def checked_of(*diagnostics: Diagnostic) -> Checked:
    return Checked(None, diagnostics, tuple(problem.span.source for problem in diagnostics))


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder below the root of a repository."""
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / "shop" / "rules").mkdir(parents=True)
    monkeypatch.chdir(repository / "shop")
    return tmp_path


@pytest.mark.parametrize("case", CASES_WITH_PROBLEMS, ids=lambda case: case.id)
def test_what_the_checker_finds_is_shown_whole(case: Case) -> None:
    checked = case.checked()
    diagnostics = list(checked.diagnostics)
    results = sarif_run(diagnostics)["results"]
    assert [(result["ruleId"], result["level"]) for result in results] == [(found.code, found.severity) for found in diagnostics]
    for result, found in zip(results, diagnostics, strict=True):
        region = result["locations"][0]["physicalLocation"]["region"]
        assert (region["startLine"], region["startColumn"]) == (found.span.line, found.span.column)
        assert len(result.get("relatedLocations", [])) == len(found.notes)
        assert ("fixes" in result) == (found.replacement is not None)
    report = gitlab_report(diagnostics)
    assert [(each["check_name"], each["location"]["lines"]["begin"]) for each in report] == [(f.code, f.span.line) for f in diagnostics]
    root = junit_root(checked, strict=True)
    assert [failure.attrib["type"] for failure in root.iter("failure")] == [found.code for found in diagnostics]


def test_no_problem_is_a_valid_document_too() -> None:
    assert sarif_run([])["results"] == []
    assert gitlab.render([]) == "[]\n"
    whole = check([Source("a.triggers", 'on event "x"'), Source("b.triggers", 'on event "y"')])
    assert [case.attrib["file"] for case in junit_root(whole).iter("testcase")] == ["a.triggers", "b.triggers"]
    assert ElementTree.fromstring(junit.render([], [])).attrib == {"tests": "0", "failures": "0", "errors": "0", "skipped": "0"}


def test_every_code_makes_a_rule_with_its_examples() -> None:
    nowhere = Source("a.triggers", "")
    diagnostics = [Diagnostic(Code(code.name, "x", code.summary, code.severity), nowhere.span(0, 0)) for code in all_codes()]
    rules = sarif_run(diagnostics)["tool"]["driver"]["rules"]
    for rule, code in zip(rules, all_codes(), strict=True):
        assert (rule["id"], rule["defaultConfiguration"]["level"]) == (code.name, code.severity)
        assert rule["shortDescription"]["text"] == code.summary
        assert rule["help"]["markdown"].count("````\n") == 4
        assert all(line.isprintable() for line in rule["help"]["markdown"].split("\n"))


def test_sarif_links_to_further_places_and_brings_the_fix() -> None:
    declared = Source("rules/names.triggers", '\ndeclare list "News"\n')
    shown = problem("Newz", help='"News" is the nearest', replacement='"News"')
    notes = (Note('"News" is declared here', declared.span(14, 6)), Note("and named here", shown.span))
    [result] = sarif_run([replace(shown, notes=notes)])["results"]
    assert result["message"]["text"] == (
        'no list Newz is declared\n"News" is declared here: [rules/names.triggers:2](1)\nand named here: [line 2](2)\n'
        'help: "News" is the nearest'
    )
    related, other = result["relatedLocations"]
    assert (related["id"], other["id"]) == (1, 2)
    assert related["physicalLocation"]["artifactLocation"] == {"uri": "rules/names.triggers", "uriBaseId": "%SRCROOT%"}
    assert related["physicalLocation"]["region"] == {"startLine": 2, "startColumn": 14, "endLine": 2, "endColumn": 20}
    [change] = result["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {"deletedRegion": {"startLine": 2, "startColumn": 20, "endLine": 2, "endColumn": 26}, "insertedContent": {"text": '"News"'}}
    ]


def test_a_link_keeps_together_whatever_the_file_is_called() -> None:
    elsewhere = Source("a]({x}[b\\.triggers", "x")
    [result] = sarif_run([problem("x", notes=(Note("here", elsewhere.span(0, 1)),))])["results"]
    assert result["message"]["text"].endswith("\nhere: [a\\]({{x}}\\[b\\\\.triggers:1](1)")


def test_columns_are_code_points_and_said_to_be() -> None:
    source = Source("a.triggers", 'on event "👍" where in list "注文"')
    run = sarif_run([UNKNOWN_LIST.at(source.span(source.text.index('"注文"'), 4), name="注文")])
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"] == source.text.index('"注文"') + 1


@pytest.mark.parametrize(
    ("named", "uri", "is_relative"),
    [
        ("rules/a.triggers", "shop/rules/a.triggers", True),
        ("./rules//a.triggers", "shop/rules/a.triggers", True),
        ("../more rules/a#b?c%.triggers", "more%20rules/a%23b%3Fc%25.triggers", True),
        ("rules/größe.triggers", "shop/rules/gr%C3%B6%C3%9Fe.triggers", True),
        ("rules/\udcff:\x1b\n.triggers", "shop/rules/%FF%3A%1B%0A.triggers", True),
        ("..hidden/a.triggers", "shop/..hidden/a.triggers", True),
        ("../../elsewhere/a b.triggers", "elsewhere/a%20b.triggers", False),
    ],
)
def test_uris_start_at_the_root_of_the_repository(outside: Path, named: str, uri: str, is_relative: bool) -> None:
    [result] = sarif_run([problem("x", path=named)])["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    if is_relative:
        assert artifact == {"uri": uri, "uriBaseId": "%SRCROOT%"}
    else:
        assert artifact == {"uri": f"file://{os.path.realpath(outside)}/{uri}"}
    assert ".." not in artifact["uri"].split("/")
    assert os.path.realpath(unquote_to_bytes(artifact["uri"].removeprefix("file://"))).endswith(os.path.realpath(os.fsencode(named))[-10:])


def test_a_link_is_followed_before_a_step_up(outside: Path) -> None:
    (outside / "repository" / "deep" / "rules").mkdir(parents=True)
    Path("link").symlink_to(outside / "repository" / "deep" / "rules")
    assert Repository().path("link/../a.triggers") == "deep/a.triggers"
    assert Repository().path("link/a.triggers") == "shop/link/a.triggers"
    assert Repository().path(str(outside / "repository" / "a.triggers")) == "a.triggers"


def test_paths_of_annotations_and_reports_start_there_too(outside: Path) -> None:
    shown = problem("x", path="rules/a.triggers")
    assert github.render([shown]).startswith("::error file=shop/rules/a.triggers,")
    assert gitlab_report([shown])[0]["location"]["path"] == "shop/rules/a.triggers"
    assert gitlab_report([problem("x", path="rules/\udcff.triggers")])[0]["location"]["path"] == "shop/rules/\ufffd.triggers"
    assert [case.attrib["file"] for case in junit_root(checked_of(shown)).iter("testcase")] == ["shop/rules/a.triggers"]
    assert concise.render([shown]).startswith("rules/a.triggers:")


def test_without_a_repository_they_start_at_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Repository().path("rules/a.triggers") == "rules/a.triggers"
    assert Repository().path("../a.triggers") is None


PROJECT = 'declare list "News"\non subscribes list "Newz"\non subscribes list "Newz" at most 0 times\n'


def prints(written: str, path: str = "rules/a.triggers") -> dict[str, str]:
    """What each fingerprint names."""
    diagnostics = check([Source(path, written)]).diagnostics
    found = fingerprints.fingerprints(diagnostics, Repository())
    assert len(set(found)) == len(diagnostics)
    return {each: f"{problem.code} {problem.span.text}" for each, problem in zip(found, diagnostics, strict=True)}


def test_fingerprints_stay_when_lines_are_put_in_or_a_rule_is_indented() -> None:
    before = prints(PROJECT)
    assert len(before) == 3
    assert prints("# more\n\n" + PROJECT) == before
    assert prints(PROJECT.replace("\non", "\n\n  # between\n  on")) == before
    assert prints(PROJECT.replace("\n", "\r\n")) == before


def test_fingerprints_tell_files_codes_and_words_apart() -> None:
    before = prints(PROJECT)
    assert not prints(PROJECT, "rules/b.triggers").keys() & before.keys()
    one_more = prints(PROJECT + 'on subscribes list "Newz"\n')
    assert before.keys() < one_more.keys()
    assert before.keys() - prints(PROJECT.replace('"Newz" at', '"Nevvz" at')).keys()


def test_many_problems_in_a_long_line_are_told_apart_soon() -> None:
    written = "on " + "event “x” or " * 5_000
    source = Source("a.triggers", written)
    diagnostics = [UNKNOWN_LIST.at(source.span(9 + 13 * number, 3), name="x") for number in range(5_000)]
    assert len(set(fingerprints.fingerprints(diagnostics, Repository()))) == 5_000


def test_junit_fails_where_the_exit_code_does() -> None:
    checked = check([Source("a.triggers", "# nothing\n"), Source("b.triggers", "on event"), Source("c.triggers", 'on event "x"')])
    root = junit_root(checked)
    assert [case.attrib["name"].split()[0] for case in root.iter("testcase")] == ["empty-file", "unfinished-statement", "no"]
    assert [failure.attrib["type"] for failure in root.iter("failure")] == ["unfinished-statement"]
    [output] = root.iter("system-out")
    assert output.text == text.render(checked.diagnostics[:1])
    assert len(list(junit_root(checked, strict=True).iter("failure"))) == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_and_do_nothing(name: str) -> None:
    """In rules, in messages, in help and in the names of files."""
    held = [
        problem(name, path=f"rules/{file_name(name)}.triggers", help=f"write {name}", code=code) for code in (UNKNOWN_LIST, STRANGE_NAME)
    ]
    for shown in (text.render(held), concise.render(held), github.render(held)):
        assert all(line.isprintable() for line in shown.split("\n"))
        assert "##vso[" not in shown
        assert not any(line.startswith(("::", "%")) for line in text.render(held).split("\n"))
    assert concise.render(held).count("\n") == 2
    lines = github.render(held).splitlines()
    assert [line[: line.index(" ")] for line in lines] == ["::error", "::warning"]
    assert all(line.index("::", 2) == line.index("::", line.index("title=")) for line in lines)
    run = sarif_run(held)
    for result in run["results"]:
        message = result["message"]["text"]
        assert all(line.isprintable() for line in message.split("\n"))
        assert "](" not in message
        assert message.replace("{{", "").replace("}}", "").count("{") == 0
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].isprintable()
    assert all(each["description"].isprintable() for each in gitlab_report(held))
    root = junit_root(checked_of(*held), strict=True)
    assert len(list(root.iter("failure"))) == len(list(root.iter("testcase"))) == 2
    for element in root.iter():
        assert all(value.isprintable() for value in element.attrib.values())
        assert all(line.isprintable() for line in (element.text or "").split("\n"))


@pytest.mark.parametrize("path", ["::error::x.triggers", " ::stop-commands::x.triggers"])
def test_a_path_at_the_beginning_of_a_line_is_no_order(path: str) -> None:
    for shown in (text.render([problem("x", path=path)]), concise.render([problem("x", path=path)])):
        assert shown.startswith(f"./{path}:2:")
        assert not any(line.strip().startswith("::") for line in shown.split("\n"))


@given(st.text(), st.text())
def test_any_name_and_any_path_make_valid_documents(name: str, path: str) -> None:
    shown = [problem(name, path=file_name(path) or "x", help=name, notes=(Note(name, Source("b", name).span(0, len(name))),))]
    sarif_run(shown)
    gitlab_report(shown)
    junit_root(checked_of(*shown))
    assert all(line.isprintable() for line in (text.render(shown) + concise.render(shown) + github.render(shown)).split("\n"))


@pytest.mark.parametrize("format_name", ["sarif", "junit", "gitlab"])
def test_the_command_gives_all_problems_of_files_with_hostile_names(tmp_path: Path, format_name: str) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    names = [b"a b#c.triggers", b"\x1b[31m.triggers", b"]]>.triggers", b"\xff.triggers", b"line\nbreak.triggers", b"##vso[x].triggers"]
    for name in names:
        (folder / os.fsdecode(name)).write_text('declare list "News"\non subscribes list "Ne\\nws"\n')
    ran = triggerlang("check", "--format", format_name, "--max-errors", "1", cwd=tmp_path)
    assert (ran.code, ran.err) == (1, "6 errors, 5 warnings in 6 files\n")
    if format_name == "junit":
        assert len(ElementTree.fromstring(ran.out).findall("testsuite")) == 6
    elif format_name == "gitlab":
        report = json.loads(ran.out)
        GITLAB.validate(report)
        assert {each["location"]["path"] for each in report} == {f"rules/{name.decode('utf-8', 'replace')}" for name in names}
    else:
        log = json.loads(ran.out)
        SARIF.validate(log)
        places = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in log["runs"][0]["results"]]
        assert {unquote_to_bytes(place).removeprefix(b"rules/") for place in places} == set(names)


def test_the_command_is_quiet_about_a_right_project(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.triggers").write_text('on event "x"\n')
    for format_name in ("sarif", "junit", "gitlab"):
        ran = triggerlang("check", "--format", format_name, cwd=tmp_path)
        assert (ran.code, ran.err) == (0, "no problems in 1 file\n")
        assert ran.out.endswith("\n")
