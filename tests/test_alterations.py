"""The language cases are sharp: each of some hundred one-line alterations, of the interpreter and of what is told of tests, is noticed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.altered import ROOT, alterations, altered_text
from tests.support.noticing import first_noticing_case

ALTERATIONS = alterations()


def test_nothing_is_noticed_where_nothing_was_altered() -> None:
    assert first_noticing_case() is None


@pytest.mark.long
@pytest.mark.parametrize("number", range(len(ALTERATIONS)), ids=[alteration["says"] for alteration in ALTERATIONS])
def test_a_case_notices(number: int) -> None:
    altered_text(ALTERATIONS[number])
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.altered", str(number)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"no case notices that {ALTERATIONS[number]['says']}\n{done.stdout}{done.stderr}"
