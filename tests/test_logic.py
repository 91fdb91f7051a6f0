"""Lints of logic against the interpreter: what they say holds on made-up rules and logs, and they say it often.

`TRIGGERLANG_EXAMPLES=5000 pytest tests/test_logic.py` looks at a quarter as many worlds for each property.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.oracle import Oracle, Place
from tests.support.amounts import EXAMPLES
from tests.support.command import triggerlang
from tests.support.dense import dense_worlds
from tests.support.engines import ENGINES
from tests.support.worlds import ODD, THEMES, USUAL, World
from triggerlang.checking import walking
from triggerlang.checking.logic import comparisons
from triggerlang.checking.logic.reasoning import Fact
from triggerlang.checking.logic.scene import Scene, SceneLore
from triggerlang.checking.project import Checked, check, load
from triggerlang.checking.ruleset import ProjectRule, RuleSet
from triggerlang.engines.comparing import value_test
from triggerlang.engines.entry import Entry
from triggerlang.language import printing, tree
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.parser import parse
from triggerlang.language.source import Source, Span
from triggerlang.language.times import Zone

OWN = max(EXAMPLES // 4, 100)
many = settings(
    max_examples=OWN,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much],
)

Hits: TypeAlias = Counter[Any]
"""How often each thing was found."""

TRUE = "(weekday in (monday, tuesday, wednesday, thursday, friday, saturday, sunday))"
FALSE = f"(not {TRUE})"
TRUE_FILTER = "(p is blank or p is not blank)"
FALSE_FILTER = "(p is blank and p is not blank)"
PARTS = {"never-holds": False, "always-holds": True, "implied-part": True, "swallowed-part": False}
"""What a part comes to of which a code says that it changes nothing."""


def checked(files: dict[str, str], lints: bool = True) -> Checked:
    return check([Source(path, text) for path, text in files.items()], lints=lints)


def entries(world: World, files: dict[str, str]) -> list[Entry] | None:
    """The entries of a world with other files, or None where these are no rules."""
    rules = checked(files, lints=False).rules
    if rules is None:
        return None
    return ENGINES["interpreter"](rules, world.records, world.timezone, world.now).entries


def plain(found: Iterable[Entry]) -> list[tuple[object, ...]]:
    """Entries without the number and place of their rules."""
    return [(entry.time, entry.contact, entry.automation, entry.event) for entry in found]


def replaced(files: dict[str, str], edits: Iterable[tuple[Diagnostic, str]]) -> dict[str, str]:
    changed = dict(files)
    for problem, text in sorted(edits, key=lambda edit: -edit[0].span.offset):
        whole = changed[problem.span.path]
        begin, end = balanced(whole, problem.span)
        changed[problem.span.path] = whole[:begin] + text + whole[end:]
    return changed


def balanced(whole: str, span: Span) -> tuple[int, int]:
    """A place with the parentheses around its first or last part, which leave no node."""
    begin, end = span.offset, span.end
    while (more := whole.count("(", begin, end) - whole.count(")", begin, end)) > 0:
        end = whole.index(")", end) + 1
    for _ in range(-more):
        begin = whole.rindex("(", 0, begin)
    return begin, end


def words(span: Span) -> str:
    begin, end = balanced(span.source.text, span)
    return span.source.text[begin:end]


def rule_at(found: Checked, problem: Diagnostic) -> ProjectRule | None:
    assert found.rules is not None
    for item in found.rules.rules:
        if item.rule.span.path == problem.span.path and item.rule.span.offset <= problem.span.offset < item.rule.span.end:
            return item
    return None


def looked_at(check_world: Callable[[World, Checked, list[Entry], Hits], None], *, has_limits: bool) -> Hits:
    """How often each thing was found, once a check has passed on many worlds."""
    hits: Hits = Counter()

    @many
    @given(dense_worlds(has_limits=has_limits))
    def look(world: World) -> None:
        plain_check = checked(world.files, lints=False)
        assume(plain_check.rules is not None)
        found = checked(world.files)
        lints = [problem for problem in found.diagnostics if problem.kind.is_lint]
        before = entries(world, world.files)
        assert before is not None
        check_world(world, Checked(plain_check.rules, tuple(lints), found.sources), before, hits)

    look()
    return hits


def often(hits: Hits, names: Sequence[Any], share: float = 0.02) -> None:
    """Each of these was found in so large a share of the worlds; else the test shows nothing."""
    missing = {name: hits[name] for name in names if hits[name] < max(1, OWN * share)}
    assert not missing, (missing, hits)


def test_a_part_that_changes_nothing_can_be_replaced_by_what_it_comes_to() -> None:
    def look(world: World, found: Checked, before: list[Entry], hits: Hits) -> None:
        edits: list[tuple[Diagnostic, str]] = []
        for problem in found.diagnostics:
            if problem.code not in PARTS:
                continue
            holds = PARTS[problem.code]
            for sort, text in (
                ("condition", TRUE if holds else FALSE),
                ("filter", TRUE_FILTER if holds else FALSE_FILTER),
                ("single", words(problem.notes[0].span) if problem.notes else ""),
            ):
                after = entries(world, replaced(world.files, [(problem, text)]))
                if after is not None:
                    assert plain(after) == plain(before), (problem.code, problem.message)
                    hits[problem.code, sort] += 1
                    edits.append((problem, text))
                    break
            else:
                raise AssertionError(f"{problem.code} {problem.span.text} cannot be replaced")
        outermost = [edit for edit in edits if not any(_holds(other[0], edit[0]) for other in edits)]
        after = entries(world, replaced(world.files, outermost))
        assert after is not None
        assert plain(after) == plain(before), [problem.message for problem, _ in outermost]

    hits = looked_at(look, has_limits=False)
    often(hits, [(code, "condition") for code in PARTS])
    often(hits, [(code, "filter") for code in PARTS])
    often(hits, [("swallowed-part", "single")])


def _holds(outer: Diagnostic, inner: Diagnostic) -> bool:
    if outer is inner or outer.span.path != inner.span.path:
        return False
    return outer.span.offset <= inner.span.offset and inner.span.end <= outer.span.end


def test_a_rule_that_never_enters_never_does() -> None:
    def look(world: World, found: Checked, before: list[Entry], hits: Hits) -> None:
        for problem in found.diagnostics:
            if problem.code != "never-enters":
                continue
            item = rule_at(found, problem)
            name = item.name if item is not None else problem.message.split("`")[1]
            assert not [entry for entry in before if entry.rule == name], problem.message
            hits["rule" if item is not None else "segment"] += 1

    often(looked_at(look, has_limits=False), ["rule", "segment"])


def test_a_runs_clause_that_limits_nothing_can_go() -> None:
    def look(world: World, found: Checked, before: list[Entry], hits: Hits) -> None:
        for problem in found.diagnostics:
            if problem.code != "idle-runs":
                continue
            is_header = rule_at(found, problem) is None
            for text in ["every time"] + [""] * ((problem.help or "").startswith("leave it out")):
                after = entries(world, replaced(world.files, [(problem, text)]))
                assert after == before, problem.message
            hits["header" if is_header else "rule"] += 1

    often(looked_at(look, has_limits=True), ["header", "rule"])


def test_a_swallowed_rule_can_go() -> None:
    def look(world: World, found: Checked, before: list[Entry], hits: Hits) -> None:
        gone: list[tuple[Diagnostic, str]] = []
        for problem in found.diagnostics:
            if problem.code != "swallowed-rule":
                continue
            item = rule_at(found, problem)
            assert item is not None
            gone.append((problem.kind.at(item.rule.span), ""))
            after = entries(world, replaced(world.files, gone[-1:]))
            assert after is not None
            assert set(plain(after)) == set(plain(before)), (problem.message, problem.span.text)
            hits["swallowed"] += 1
        after = entries(world, replaced(world.files, gone))
        assert after is not None
        assert set(plain(after)) == set(plain(before))

    often(looked_at(look, has_limits=True), ["swallowed"])


def test_a_rule_that_stands_twice_does_the_same_twice() -> None:
    def look(world: World, found: Checked, before: list[Entry], hits: Hits) -> None:
        for problem in found.diagnostics:
            if problem.code != "duplicate-rule":
                continue
            one = rule_at(found, problem)
            other = rule_at(found, problem.kind.at(problem.notes[0].span))
            assert one is not None
            assert other is not None
            hits["duplicate"] += 1
            if one.header_runs is None or one.automation == other.automation:
                starts = [{(entry.time, entry.contact) for entry in before if entry.rule == item.name} for item in (one, other)]
                assert one.header_runs is not None or starts[0] == starts[1], problem.message

    often(looked_at(look, has_limits=True), ["duplicate"])


# One test and another, at each trigger


class Watched(Oracle):
    """The oracle, which holds what a scene says of the tests of a condition to what they are, wherever a rule asks it."""

    def __init__(self, rules: RuleSet, timezone: str, hits: Hits) -> None:
        super().__init__(rules, timezone)
        self.hits = hits
        self.asked = {id(item.rule.where): (item.rule, SceneLore(Scene(item.rule), rules.segments)) for item in rules.rules}

    def holds(self, condition: tree.Condition, before: list[Place], e: Place) -> bool:
        if id(condition) in self.asked:
            self.compare(*self.asked[id(condition)], before, e)
        return super().holds(condition, before, e)

    def compare(self, rule: tree.Rule, lore: SceneLore, before: list[Place], e: Place) -> None:
        atoms = list(dict.fromkeys(walking.tests(rule.where)))[:8]
        truths = [super(Watched, self).holds(atom, before, e) for atom in atoms]
        for fact in lore.scene.facts:
            assert super().holds(fact.atom, before, e) == fact.holds, fact.atom  # type: ignore[arg-type]
        for atom, truth in zip(atoms, truths, strict=True):
            settled = lore.settled(atom)
            assert settled is None or settled.holds == truth, printing.condition(atom)
            self.hits["settled"] += settled is not None
            for other, other_truth in zip(atoms, truths, strict=True):
                answer = lore.implies(Fact(other, other_truth, other.span), atom)
                assert answer in (None, truth), (printing.condition(other), other_truth, printing.condition(atom), truth)
                self.hits[type(atom).__name__] += answer is not None and other is not atom


def test_what_one_test_says_of_another_is_so_at_each_trigger() -> None:
    def look(world: World, found: Checked, before: list[Entry], hits: Hits) -> None:
        assert found.rules is not None
        Watched(found.rules, world.timezone, hits).entries(world.records, world.now)

    often(looked_at(look, has_limits=False), ["settled", "HistoryTest", "FieldTest", "ListTest", "WeekdayTest", "TimeTest"])


VALUES = (*ODD, *USUAL, *THEMES[0][2], *THEMES[7][2], "2026-02-30", "truE", "FALSE", "aB", "2026-03-27", "2026-04-02 10:00Z")


def comparisons_of(texts: Iterable[str]) -> list[tree.Comparison]:
    found = parse(Source("a.triggers", "".join(f'on event "x" with p {text}\n' for text in texts)))
    assert not found.diagnostics
    return [
        single.comparison
        for rule in found.file.statements
        for place in walking.singles(rule)
        for single in walking.property_tests(place.single)
    ]


def test_what_one_comparison_says_of_another_is_so_of_each_value() -> None:
    texts = ('"a"', '"ab"', '"b"', '""', '"ß"', '"SS"', '"true"', '"2026-03-29"', '"5"', '"5.0"')
    dates = ("2026-03-28", "2026-03-29", "2026-03-29 02:30", "2026-03-29 00:00+02:00", "2026-04-02 10:00", "2026-04-02 10:00Z")
    signs = ("=", "!=", "<", "<=", ">", ">=")
    written = [f"{sign} {literal}{case}" for sign in signs for literal in texts for case in ("", " ignoring case")]
    written += [f"{sign} {literal}" for sign in signs for literal in ("5", "1", "0", "0.1", *dates)]
    written += [f"{sign} {literal}" for sign in signs[:2] for literal in ("true", "false")]
    written += [
        f"{word} {text}{case}" for word in ("contains", "starts with", "ends with") for text in texts for case in ("", " ignoring case")
    ]
    written += ["is blank", "is not blank", 'in ("a", "b")', 'in ("a", 5)', "in (1, 5)", "in (5, true, 2026-03-29)"]
    all_of_them = comparisons_of(written)
    assert len(all_of_them) == len(written)
    said = 0
    for timezone in ("UTC", "Europe/Berlin", "Pacific/Apia"):
        met = [[value_test(comparison, Zone(timezone))(value) for value in VALUES] for comparison in all_of_them]
        for at, one in enumerate(all_of_them):
            for to, other in enumerate(all_of_them):
                for is_met in (True, False):
                    answer = comparisons.answer(one, is_met, other)
                    if answer is not None:
                        said += at != to
                        for value, mine, theirs in zip(VALUES, met[at], met[to], strict=True):
                            assert mine != is_met or theirs == answer, (written[at], is_met, written[to], answer, value)
    assert said > 10_000


# What they are not


def test_lints_stop_no_other_command(tmp_path: Path) -> None:
    """A rule that never enters is an error of `check`; it is run, tested, drawn, laid out and loaded all the same."""
    rules, log = tmp_path / "a.triggers", tmp_path / "log.jsonl"
    rules.write_text(
        'automation "A"\n  on event "x"\n    where in list "N" and not in list "N"\n\n'
        'automation "B"\n  on event "x"\n\ntest "one"\n  given\n    2026-01-01 "ana" event "x"\n  expect automation "A" nothing\n'
        '  expect automation "B"\n    2026-01-01 "ana"\n'
    )
    log.write_text('{"time": "2026-01-01", "contact": "ana", "name": "x"}\n')
    ran = triggerlang("check", "--format", "concise", rules, cwd=tmp_path)
    assert (ran.code, [line.split()[1] for line in ran.out.splitlines()]) == (1, ["never-enters"])
    for command in (("run", log, "--rules", rules), ("test", rules), ("graph", rules), ("fmt", "--check", rules)):
        ran = triggerlang(*command, cwd=tmp_path)
        assert ran.code == 0, (command, ran.err)
        assert "never" not in ran.err
    assert len(load(rules).rules) == 2


def test_warnings_of_lints_are_problems_where_asked_for(tmp_path: Path) -> None:
    rules = tmp_path / "a.triggers"
    rules.write_text('on event "x" where has tag "a" and has tag "a"\n')
    assert triggerlang("check", rules, cwd=tmp_path).code == 0
    assert triggerlang("check", "--strict", rules, cwd=tmp_path).code == 1


# How long they take

SHAPES: dict[str, Callable[[int], str]] = {
    "one automation of all rules": lambda n: "".join(
        f'on event "e" with p = {i} where event "x" count >= {i} before every time\n' for i in range(n)
    ),
    "equal rules": lambda n: 'on event "e" where event "x" count >= 2 before every time\n' * n,
    "a condition of all tests": lambda n: 'on event "e" where ' + " and ".join(f'event "x" count >= {i} before' for i in range(n)) + "\n",
    "filters of all tests": lambda n: 'on event "e" with ' + ", ".join(f"p > {i}" for i in range(n)) + "\n",
    "a pattern of all singles": lambda n: "on any of (" + " or ".join(f'event "e" with p > {i}' for i in range(n)) + ")\n",
    "conditions as large as are reasoned about": lambda n: "".join(
        f'automation "A{at}" on event "e" where ' + " and ".join(f'event "x" count >= {i} before' for i in range(30)) + "\n"
        for at in range(n // 30)
    ),
    "deep conditions": lambda n: "".join(
        f'automation "A{at}" on event "e" where ' + '(has tag "a" and (has tag "b" or ' * 40 + 'has tag "c"' + "))" * 40 + "\n"
        for at in range(n // 80)
    ),
    "segments of segments": lambda n: (
        'segment "s0" is has tag "t"\n'
        + "".join(
            f'segment "s{i}" is in segment "s{i - 1}" and has tag "t{i}"\non event "e" where in segment "s{i}"\n' for i in range(1, n // 2)
        )
    ),
    "segments that double": lambda n: (
        'segment "s0" is has tag "t"\n'
        + "".join(f'segment "s{i}" is in segment "s{i - 1}" and (in segment "s{i - 1}" or has tag "t{i}")\n' for i in range(1, n))
    ),
    "a segment of all rules": lambda n: 'segment "s" is event "e" count >= 3\n' + 'on event "e" where in segment "s"\n' * n,
    "automations that look at each other": lambda n: "".join(
        f'automation "A{i}" on event "e" every time on event "e" with p = 1 where enters automation "A{i}" count > 1 before every time\n'
        for i in range(n // 2)
    ),
    "automations by globs": lambda n: "".join(
        f'automation "A{i}" on event "e" every time on event "f" where enters automation like "A{i}*" count > 1 before\n'
        for i in range(n // 2)
    ),
    "reminders": lambda n: "".join(f'on {i + 1} hours before date of p of event "e{i}"\n' for i in range(n)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_lints_take_no_much_longer_than_reading_the_rules(shape: str) -> None:
    """Where every rule or test is held against every other, 1,000 of them take some twenty times as long."""
    source = Source("a.triggers", SHAPES[shape](1000))

    def seconds(lints: bool) -> float:
        best = float("inf")
        for _ in range(2):
            begun = time.perf_counter()
            check([source], lints=lints)
            best = min(best, time.perf_counter() - begun)
        return best

    assert seconds(True) < 10 * seconds(False) + 0.2
