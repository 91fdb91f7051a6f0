"""The canonical layout: cases as files, and what holds for every rule file."""

from __future__ import annotations

import difflib
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.support.amounts import EXAMPLES
from tests.support.cases import all_cases
from tests.support.worlds import World, worlds
from triggerlang.checking.project import review
from triggerlang.language.formatting import formatted
from triggerlang.language.layout.lines import WIDTH
from triggerlang.language.lexer import tokens_of
from triggerlang.language.parser import parse
from triggerlang.language.source import Source

CASES = sorted((Path(__file__).parent / "layout").glob("*.before.triggers"))
ROOT = Path(__file__).parent.parent
OWN = max(EXAMPLES // 8, 20)
GAPS = ("\n", "\n\n\n", "  ", "\t", " # same line {0}\n", "\n  # below {0}\n\n", "\n\n# {0}\n   # {0} again\n", "\r\n # {0}\r\n")
ALLOWING = (" # triggerlang: allow repeated-weekday {0}\n", "\n  # triggerlang: allow repeated-weekday {0}\n")


def laid_out(text: str) -> str:
    """A text in the layout; it can be read, and what comes out stays as it is."""
    result = formatted(Source("case.triggers", text))
    assert result.text is not None, [problem.message for problem in result.diagnostics]
    again = formatted(Source("case.triggers", result.text)).text
    assert again == result.text, "\n".join(difflib.unified_diff(result.text.split("\n"), (again or "").split("\n"), lineterm=""))
    return result.text


def comments(text: str) -> list[str]:
    """What no token covers, spaces aside."""
    source = Source("case.triggers", text)
    found, at = "", 0
    for token in tokens_of(source)[0]:
        found += text[at : token.offset] + "\n"
        at = token.end
    return [line.strip() for line in (found + text[at:]).split("\n") if line.strip()]


def stirred(text: str, chance: Random, gaps: tuple[str, ...] = (*GAPS, *ALLOWING)) -> str:
    """A text with other gaps between its tokens, comments among them."""
    written, at = "", 0
    share = chance.choice((0.02, 0.2, 1.0))
    for token in tokens_of(Source("case.triggers", text))[0]:
        written += text[at : token.offset]
        if chance.random() < share:
            written += chance.choice(gaps).format(chance.randrange(100))
        written += token.written
        at = token.end
    return written + text[at:]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.split(".")[0])
def test_a_case(case: Path, request: pytest.FixtureRequest) -> None:
    after = case.with_name(case.name.replace(".before.", ".after."))
    found = laid_out(case.read_bytes().decode())
    if request.config.getoption("--update"):
        after.write_bytes(found.encode())
    assert found == after.read_bytes().decode()


@settings(max_examples=OWN, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.randoms(use_true_random=False))
def test_any_rules_with_any_comments_keep_their_meaning_and_their_comments(world: World, chance: Random) -> None:
    for text in world.files.values():
        for written in (text, stirred(text, chance)):
            found = laid_out(written)
            assert parse(Source("case.triggers", found)).file == parse(Source("case.triggers", written)).file
            assert comments(found) == comments(written)
            assert not any(line.endswith((" ", "\t")) for line in found.replace("\r", "").split("\n"))


@settings(max_examples=OWN, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.randoms(use_true_random=False))
def test_how_a_file_was_broken_into_lines_makes_no_difference(world: World, chance: Random) -> None:
    for text in world.files.values():
        tokens = [token.written for token in tokens_of(Source("case.triggers", text))[0]]
        one_line = laid_out(" ".join(tokens))
        assert laid_out("\n".join(tokens)) == one_line
        assert laid_out("".join(token + chance.choice((" ", "\t", "\n  ")) for token in tokens)) == one_line


DAYS = "weekday in (monday, monday)"
WARNED = (
    f'automation "{{0}}" once on event "a" where {DAYS}',
    f'automation "{{0}}" on event "a" where {DAYS} and ({DAYS} or in list "b") at most once per 3 days',
    f'automation "{{0}}" on subscribes to list in ("a", "b", "c") where {" and ".join([DAYS] * 5)} active from 2026-01-01',
    f'segment "{{0}}" is not ({DAYS} and {DAYS})',
    'declare list "{0}"',
)


@settings(max_examples=OWN, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(WARNED), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_a_comment_allows_what_it_allowed(shapes: list[str], chance: Random) -> None:
    """Whatever lines are broken or joined: the same warnings of a file are allowed, and the same are not."""

    def allowed(written: str) -> list[bool]:
        checked = review([Source("case.triggers", written)])
        found = [(problem.span.offset, False) for problem in checked.diagnostics if problem.code == "repeated-weekday"]
        found += [(let.diagnostic.span.offset, True) for let in checked.allowed]
        return [is_allowed for _, is_allowed in sorted(found)]

    text = " ".join(shape.format(number) for number, shape in enumerate(shapes))
    written = stirred(text, chance, (*GAPS, *ALLOWING, *ALLOWING, *ALLOWING))
    assert allowed(laid_out(written)) == allowed(written)


def test_every_rule_of_the_language_cases_can_be_laid_out() -> None:
    texts = [block.text for case in all_cases() for block in case.of("triggers")]
    readable = [text for text in texts if not parse(Source("case.triggers", text)).diagnostics]
    assert len(readable) > 300
    for text in readable:
        assert comments(laid_out(text)) == comments(text)


def test_lines_are_as_long_as_their_words_allow() -> None:
    """Longer ones hold comments only, or a piece that cannot be broken."""
    for path in (ROOT / "rules").glob("*.triggers"):
        assert all(len(line) <= WIDTH for line in laid_out(path.read_text("utf-8")).split("\n") if "#" not in line)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='abon "#()\n\t=1,whereisautmg', max_size=60) | st.binary(max_size=40).map(lambda data: data.decode("latin-1")))
def test_R8_any_text_is_laid_out_or_told_to_be_wrong(text: str) -> None:
    result = formatted(Source("case.triggers", text))
    assert (result.text is None) == bool(result.diagnostics)
    if result.text is not None:
        laid_out(text)


@pytest.mark.parametrize("depth", [10_000, 1_000_000])
def test_R1_nested_too_deeply_is_left_alone(depth: int) -> None:
    for text in (f'on event "a" where {"(" * depth}in list "x"{")" * depth}', f'on event "a" where {"not " * depth}in list "x"'):
        result = formatted(Source("case.triggers", text))
        assert result.text is None
        assert [problem.code for problem in result.diagnostics] == ["nested-too-deeply"]
    chain = formatted(Source("case.triggers", 'on event "a"' + ' then event "b"' * min(depth, 10_000)))
    assert [problem.code for problem in chain.diagnostics] == ["nested-too-deeply"]


def test_R1_as_deep_as_is_allowed() -> None:
    inner = 'in list "x"'
    for at in range(99):
        inner = f'not ({inner} {"or" if at % 2 else "and"} has tag "t{at}")'
    assert laid_out(f'on event "a" where {inner}').count("\n") > 190


@pytest.mark.long
def test_the_time_grows_with_the_text() -> None:
    def seconds(text: str) -> float:
        begin = time.perf_counter()
        formatted(Source("case.triggers", text))
        return time.perf_counter() - begin

    for long in (
        lambda size: 'on event "a" where ' + " and ".join(f'in list "list {at}"' for at in range(size)),
        lambda size: "on event in (" + ", ".join(f'"{at}"' for at in range(size)) + ")",
        lambda size: "".join(f'automation "{at}" on event "a" # why\n# what\n' for at in range(size)),
        lambda size: 'on event "a"' + "\n# comment" * size + '\nwhere in list "x"',
        lambda size: 'on event "a" where ' + " and ".join(f'in list "list {at}"' for at in range(size)) + "# triggerlang: allow x y",
        lambda size: "".join(f'automation "{at}" on event "a" where in list "x" # triggerlang: allow x y\n' for at in range(size)),
    ):
        small = min(seconds(long(1_000)) for _ in range(3))
        assert seconds(long(10_000)) < 40 * small
