"""The checker: its codes, its order, what it hands on, and what it costs. What its codes mean stands in `tests/cases/checker-*.md`."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

import triggerlang
from tests.support.cases import CASES, ROOT, Case, cases_of
from triggerlang.checking import codes
from triggerlang.checking.circles import circles
from triggerlang.checking.errors import PathError, RuleError
from triggerlang.checking.logic.codes import LOGIC_CODES
from triggerlang.checking.names import SortedNames
from triggerlang.checking.project import Checked, check, without_allowed
from triggerlang.language import globs
from triggerlang.language.diagnostics import Code
from triggerlang.language.source import Source
from triggerlang.language.vocabulary import NOUNS

CHECKER_CASES = [case for file in sorted(CASES.glob("checker-*.md")) for case in cases_of(file)]


def checked(*texts: str) -> Checked:
    return check([Source(f"{chr(ord('a') + number)}.triggers", text) for number, text in enumerate(texts)])


def found(*texts: str) -> list[tuple[str, str]]:
    return [(problem.code, problem.span.text) for problem in checked(*texts).diagnostics]


def test_each_code_stands_once() -> None:
    names = [code.name for code in codes.all_codes()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)


def test_every_code_of_the_module_is_in_its_table() -> None:
    assert {value for value in vars(codes).values() if isinstance(value, Code)} <= set(codes.CHECKER_CODES)


def test_every_noun_has_a_code() -> None:
    assert set(codes.UNKNOWN_NAMES) == set(NOUNS)


def test_every_code_is_shown_whole_in_a_case() -> None:
    shown = {
        code
        for case in CHECKER_CASES
        for block in case.of("diagnostics")
        for code in re.findall(r"^\S+:\d+:\d+: (?:error|warning): .* \[([a-z0-9-]+)\]$", block.text, flags=re.MULTILINE)
    }
    # What is wrong with a file's bytes cannot stand in a case; test_hardening_project has it.
    assert {code.name for code in (*codes.CHECKER_CODES, *LOGIC_CODES)} - shown == {codes.NOT_UTF8.name}


@pytest.mark.parametrize("case", CHECKER_CASES, ids=lambda case: case.id)
def test_every_problem_has_a_way_out_in_plain_words(case: Case) -> None:
    for problem in case.checked().diagnostics:
        assert problem.help, problem
        said = "\n".join([problem.message, problem.help, *(note.message for note in problem.notes)])
        assert not re.search(r"<class|Traceback|Token\(|tree\.|None\b", said), said
        # Capitals are the user's own, or a code point's.
        assert not re.search(r"[A-Z_]{4,}", re.sub(r'"(?:[^"\\]|\\.)*"|`[^`]*`|U\+[0-9A-F]+', "", said)), said


@pytest.mark.parametrize("case", CHECKER_CASES, ids=lambda case: case.id)
def test_a_replacement_mends_what_it_underlines(case: Case) -> None:
    """Once all replacements stand, none of the problems that had one is left."""
    result = case.checked()
    with_replacement = [problem for problem in result.diagnostics if problem.replacement is not None]
    texts = {id(source): source.text for source in result.sources}
    for problem in sorted(with_replacement, key=lambda problem: -problem.span.offset):
        text = texts[id(problem.span.source)]
        texts[id(problem.span.source)] = text[: problem.span.offset] + str(problem.replacement) + text[problem.span.end :]
    again = without_allowed(check([Source(source.path, texts[id(source)]) for source in result.sources]))
    assert len(again.diagnostics) <= len(result.diagnostics) - len(with_replacement)


def test_problems_stand_in_the_order_of_files_and_places() -> None:
    result = checked('on event "b" where in segment "x" on evnt "c"', 'declare list "News"\non subscribes list "Nws"\nautomation "q"')
    assert [(problem.span.path, problem.code) for problem in result.diagnostics] == [
        ("a.triggers", "unknown-segment"),
        ("a.triggers", "misspelt-word"),
        ("b.triggers", "unknown-list"),
        ("b.triggers", "automation-without-rule"),
    ]


def test_there_are_rules_without_errors_only() -> None:
    assert checked('on event "a" where weekday in (monday, monday)').rules is not None
    assert checked('on event "a" where time between 09:00 and 09:00').rules is None


def test_the_rule_set_holds_rules_in_their_order() -> None:
    rules = checked('on event "a" automation "Z" once per p on event "b" on event "c"', 'segment "S" is has tag "x" on event "d"').rules
    assert rules is not None
    assert [(rule.name, rule.source) for rule in rules.rules] == [
        ("a#1", "a.triggers:1"),
        ("Z#1", "a.triggers:1"),
        ("Z#2", "a.triggers:1"),
        ("b#1", "b.triggers:1"),
    ]
    assert [rule.header_runs is not None for rule in rules.rules] == [False, True, True, False]
    assert rules.automations == ("a", "Z", "b")
    assert list(rules.segments) == ["S"]


def test_load_gives_rules_or_raises_with_all_problems(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.triggers", tmp_path / "bad.triggers"
    good.write_text('on event "a" where weekday in (monday, monday)')
    bad.write_text('on event "a" at most 0 times\non event "b" where weekday in (monday, monday)\non evnt "c"')
    assert [rule.name for rule in triggerlang.load(good).rules] == ["good#1"]
    with pytest.raises(RuleError) as raised:
        triggerlang.load(tmp_path)
    assert isinstance(raised.value, ValueError)
    assert str(raised.value) == (
        f"{bad}:1:14: never-runs a rule that may run 0 times never does\n{bad}:3:4: misspelt-word `evnt` is no word that can stand here"
    )
    assert [problem.code for problem in raised.value.diagnostics] == ["never-runs", "repeated-weekday", "misspelt-word", "repeated-weekday"]


def test_load_tells_a_path_that_is_not_there_from_rules_with_errors(tmp_path: Path) -> None:
    with pytest.raises(PathError) as raised:
        triggerlang.load(tmp_path / "nothing.triggers")
    assert not isinstance(raised.value, RuleError)
    assert raised.value.path == str(tmp_path / "nothing.triggers")


def test_the_sample_project_is_clean() -> None:
    assert triggerlang.load(ROOT / "rules").rules


@pytest.mark.parametrize("number", [1, 2, 7])
def test_as_many_problems_as_mistakes(number: int) -> None:
    """Each rule has a mistake of another sort; none hides another, and none brings a second."""
    mistakes = [
        ('on evnt "a"', "misspelt-word"),
        ('on subscribes list "Nwes"', "unknown-list"),
        ('on event "a" at most 0 times', "never-runs"),
        ('on event "a" where in segment "Nobody"', "unknown-segment"),
        ('on event "a" where event "b" sum x = "y"', "not-a-number"),
        ('on event "a" where in list "New" and time between 09:00 and 10:00', "unknown-list"),
        ('on event "a" with x = trigger y', "trigger-in-on"),
    ]
    lines = ['declare list "News"']
    for at in range(number):
        lines += [f'automation "A{at}"', mistakes[at][0], 'on event "fine"']
    assert [code for code, _ in found("\n".join(lines))] == [code for _, code in mistakes[:number]]


def test_a_file_that_could_not_be_read_may_hold_any_name() -> None:
    source, unread = Source("a.triggers", 'declare list "News"\non subscribes list "Offers" where in segment "S"'), Source("b.triggers", "")
    problem = codes.NOT_UTF8.at(unread.span(0, 0), found="byte 1 of it is 0xff")
    assert check([source, unread], [problem]).diagnostics == (problem,)


def test_automations_of_one_name_may_start_nothing_twice() -> None:
    assert found('automation "A" on enters automation "B" on enters automation "B" automation "B" on event "x"') == []


def test_circles_are_the_shortest_through_a_first_name() -> None:
    arrows = {"a": ["b"], "b": ["c", "d"], "c": ["d"], "d": ["b", "a"], "e": ["a"], "f": ["g"], "g": ["f"], "h": []}
    assert list(circles(arrows)) == [["a", "b", "d", "a"], ["f", "g", "f"]]


@pytest.mark.parametrize("glob", ["", "*", "a", "a*", "*a", "?b*", "a*b", "*a*", "??", "a?", "?a", "ab*ab", "é*"])
def test_sorted_names_fit_as_a_look_at_all_of_them(glob: str) -> None:
    names = ["", "a", "b", "ab", "ba", "aab", "abab", "aba", "bab", "é", "éa", "a\U0010ffff"]
    assert sorted(SortedNames(names).fitting(glob)) == sorted(name for name in names if globs.matcher(glob)(name))


HEAVY = ("pydantic", "numpy", "pyarrow", "zoneinfo", "difflib", "asyncio", "json", "jinja2", "click")


def test_checking_imports_nothing_heavy() -> None:
    program = f"""
import sys
from triggerlang.checking.project import check_paths
from triggerlang.checking.render import text
checked = check_paths(["rules"])
assert checked.rules is not None
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def seconds(text: str) -> float:
    """The best of some runs."""
    best = float("inf")
    for _ in range(2):
        begun = time.perf_counter()
        checked(text)
        best = min(best, time.perf_counter() - begun)
    return best


SHAPES = {
    "headers without rules": lambda n: "".join(f'automation "a{i}"\n' for i in range(n)),
    "unknown segments": lambda n: "".join(f'on event "e" where in segment "s{i}"\n' for i in range(n)),
    "names of any": lambda n: "".join(f'declare event "n{i}" with p text\non any event with p = "x"\n' for i in range(n)),
    "globs by their heads": lambda n: "".join(
        f'declare event "n{i}x" with p text\non event like "n{i}*x" with p = "x"\n' for i in range(n)
    ),
    "any automation": lambda n: "".join(f'automation "a{i}" on enters any automation\n' for i in range(n)),
    "automations by a glob": lambda n: "".join(
        f'automation "a{i}" on event "x"\nautomation "b{i}" on enters automation like "a*"\n' for i in range(n)
    ),
    "a declared automation": lambda n: "".join(
        f'declare automation "d{i}"\nautomation "a{i}" on enters automation "d{i}"\n' for i in range(n)
    ),
    "triggers of segments": lambda n: (
        'declare event "e" with p text\n'
        + "".join(f'segment "s{i}" is event "e" with p = trigger p has occurred\non event "e" where in segment "s{i}"\n' for i in range(n))
    ),
}


@pytest.fixture(scope="module")
def benign() -> float:
    return seconds("".join(f'declare event "e{i}" with p text\nautomation "a{i}" on event "e{i}" with p = "x"\n' for i in range(2000)))


@pytest.mark.parametrize("shape", SHAPES)
def test_no_project_takes_much_longer_than_a_plain_one_of_its_size(shape: str, benign: float) -> None:
    """Where every rule looks at every other, 2,000 of them take some twenty times as long."""
    assert seconds(SHAPES[shape](2000)) < 8 * benign
