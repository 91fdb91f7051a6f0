"""`check --fix`: what is a slip is mended, and nothing else."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from tests.support.command import WRONG, project, triggerlang
from triggerlang.checking.codes import all_codes
from triggerlang.checking.explaining import examples
from triggerlang.checking.fixing import fixed_project
from triggerlang.checking.project import review
from triggerlang.language.parser import parse
from triggerlang.language.source import Source

SLIPS = [code.name for code in all_codes() if code.is_slip]
SMALL = [name for name, example in examples().items() if example.repeated == 1]


def mended(text: str) -> str:
    """A text with its slips mended, as `check --fix` would if it were a project of its own."""
    changed = fixed_project(review([Source("case.triggers", text)]))
    return changed[0][1].text if changed else text


@pytest.mark.parametrize("code", SLIPS)
def test_a_slip_is_mended_to_what_its_explanation_calls_right(code: str) -> None:
    example = examples()[code]
    found = parse(Source("case.triggers", mended(example.wrong)))
    assert not found.diagnostics
    assert found.file == parse(Source("case.triggers", example.right)).file


@pytest.mark.parametrize("code", [name for name in SMALL if name not in SLIPS])
def test_what_is_no_slip_stays(code: str) -> None:
    wrong = examples()[code].wrong
    assert mended(wrong) == wrong


def test_several_slips_of_one_rule() -> None:
    wrong = "ON subscribes list “News” if never event 'signup' and is in list “VIP” once per 30 days"
    right = 'on subscribes list "News" where event "signup" has not occurred and in list "VIP" at most once per 30 days'
    assert mended(wrong) == right


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(SMALL), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_there_are_never_more_problems_than_before_and_a_second_time_changes_nothing(names: list[str], chance: Random) -> None:
    text = "".join(chance.choice((examples()[name].wrong, examples()[name].right)) for name in names)
    before = parse(Source("case.triggers", text)).diagnostics
    found = mended(text)
    assert len(parse(Source("case.triggers", found)).diagnostics) <= len(before)
    assert mended(found) == found


def test_files_are_mended_and_then_checked(tmp_path: Path) -> None:
    file = project(tmp_path, rules="on subscribes list “News”\n") / "rules" / "welcome.triggers"
    other = file.with_name("other.triggers")
    latin = file.with_name("latin.triggers")
    other.write_text(WRONG)
    latin.write_bytes("on event 'a'\non event 'K\xe4se'\n".encode("latin-1"))
    shown = triggerlang("check", "--diff", cwd=tmp_path)
    assert (shown.code, shown.err) == (1, "1 replacement in 1 file\n")
    assert '+on subscribes list "News"\n' in shown.out
    assert file.read_text() == "on subscribes list “News”\n"
    ran = triggerlang("check", "--fix", "--format", "concise", cwd=tmp_path)
    assert ran.code == 1
    assert [line.split(" ")[1] for line in ran.out.splitlines()] == ["not-utf8", "misspelt-word"]
    assert ran.err == "1 replacement made\n2 errors in 3 files\n"
    assert file.read_text() == 'on subscribes list "News"\n'
    assert other.read_text() == WRONG
    assert latin.read_bytes() == "on event 'a'\non event 'K\xe4se'\n".encode("latin-1")
    other.unlink()
    latin.unlink()
    assert triggerlang("check", "--fix", cwd=tmp_path).err == "no problems in 1 file\n"
    assert triggerlang("check", "--diff", cwd=tmp_path).code == 0
