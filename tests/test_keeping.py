"""Checks that use what earlier ones kept: they say the same as any other, in every format."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.support.amounts import EXAMPLES
from tests.support.worlds import World, worlds
from triggerlang.checking import interface, judging, keeping, suggesting
from triggerlang.checking.files import source_of
from triggerlang.checking.project import check
from triggerlang.checking.render import as_json, concise, github, text
from triggerlang.language import parser
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.parser import Parsed
from triggerlang.language.source import Source
from triggerlang.machine.kept import Kept

OWN = max(EXAMPLES // 20, 20)

PIECES = (
    '# só\nautomation "{name}" on event "е{number}"\n',
    'automation "{name}"\n  on enters automation like "A*"\n    where in segment "S{number}" every time\n',
    'automation "{name}"\n  on event "order"\n    where in segment "S{number}" and in segment "S{other}" once per plan\n',
    'automation "{name}"\n  on event "refund" where in segment "S{number}"\n',
    'segment "S{number}" is event "order" with amount > trigger plan has occurred and in segment "S{other}"\n',
    'segment "S{number}" is event "order" with amount > trigger reason has occurred\n',
    'segment "S{number}" is (not (in list "News"))\n',
    'declare event "order" number with amount number, plan text\n',
    'declare event "order" with amount text\n',
    'declare event "refund" with reason text\n',
    'declare list "News{number}"\n',
    'declare automation "{name}"\n',
    'on event "order" with plan = 5 where in segment "S{number}" once per plna\n',
    'on event "ordr" without enters automation "A{number}" within 1 day\n',
    'automation "A{number}"\n  on event "ordr" every time\n',
    'automation "A{number}"\n  on event "order" where event "enters" has occurred and enters automation "A{other}" has occurred\n',
    'test "T{number}" given 2026-01-01 "a" event "order" with plan = 1 expect automation "A{number}" nothing\n',
)
WRONG = (
    'on event "x" with same plan then event "y" with same z within 1 day where lst "News"\n',
    'segment "S{number}" in list "News"\n',
    'automaton "A{number}"\n on event "q"\n',
    'declare list "News{number}" with\n',
    "",
)

LINTED = (
    'automation "B{wide}"\n  on event "order" where in segment "S{number}" and in list "News" every time\n',
    'automation "B{wide}"\n  on event "order" where in segment "S{number}" and not in list "News" every time\n',
    'automation "B{wide}" every time\n  on event "order" every time\n  on event "order" with amount > {number} every time\n',
    'automation "B{wide}" once\n  on event "order" where has tag "a" every time\n  on event "order" where has tag "a" and has tag "b"\n',
    'automation "B{wide}"\n  on any event where in segment "S{number}" and not in segment "S{other}" once\n  on event "x" once\n',
    'automation "B{wide}" at most 2 times\n  on subscribes list "News" where in segment "S{number}" or in segment "S{other}"\n',
    'automation "B{wide}"\n  on event "order" where not in segment "S{number}" and event "order" has occurred\n',
    'automation "B{wide}"\n  on enters automation "B{wide}0" where enters automation like "B{number}*" count >= 2 before\n',
    'automation "B{wide}"\n  on event "order" then event "refund" within {other} days where (has tag "a" or in segment "S{number}")\n',
    'on unsubscribes list "News" where in segment "S{number}" and in segment "S{other}"\n',
    'on event "order" where event "order" count >= 3 within 1 day and in segment "S{number}"\n',
    'on event "order" where ordr "S{number}" and in segment "S{other}"\n',
    'on event "order" where in segment "S{wide}"\n',
)
SEGMENTS = (
    'segment "S{number}" is in list "News"\n',
    'segment "S{number}" is not in list "News" and not has tag "a"\n',
    'segment "S{number}" is in list "News" and has tag "a"\n',
    'segment "S{number}" is event "order" count >= 3 or any event has occurred\n',
    'segment "S{number}" is event "order" has occurred or (has tag "b" and has tag "a")\n',
    'segment "S{number}" is field "country" != "DE" and event "refund" has not occurred\n',
    'segment "S{number}" is in list "News" and not in list "News"\n',
    'segment "S{number}" is has tag "a" or not has tag "a"\n',
    'segment "S{number}" is in list "Undeclared" and not in list "Undeclared"\n',
    'segment "S{number}" is in segment "S2" and (has tag "a" or in list "News")\n',
    'segment "S{number}" is enters automation "B{other}" has occurred\n',
)
SAID_ACROSS = {"swallowed-rule", "duplicate-rule", "any-event-of-one-kind", "never-enters", "trigger-not-counted", "once-for-each-rule"}
SAID_OF_PARTS = {"always-holds", "never-holds", "implied-part", "swallowed-part"}


def linted_project(chance: random.Random) -> dict[str, str]:
    """A project with little wrong but what lints find, its segments in a file each."""
    files = {f"rules/a{number}.triggers": "".join(linted(chance) for _ in range(chance.randint(1, 3))) for number in range(6)}
    return files | {f"rules/s{number}.triggers": segment(chance, number) for number in range(3)}


def linted(chance: random.Random) -> str:
    written = chance.choice(LINTED)
    values = {"number": chance.randrange(3), "other": chance.randrange(3), "wide": chance.randrange(20)}
    for name, value in values.items():
        written = written.replace(f"{{{name}}}", str(value))
    return written


def segment(chance: random.Random, number: int) -> str:
    # The last one is asked for by others.
    written = chance.choice(SEGMENTS[:9] if number == 2 else SEGMENTS)
    return written.replace("{number}", str(number)).replace("{other}", str(chance.randrange(20)))


def relinted(chance: random.Random, files: dict[str, str]) -> dict[str, str]:
    """The project after somebody has changed something that lints look at."""
    files = dict(files)
    path = chance.choice(sorted(path for path in files if "/s" not in path))
    number = chance.randrange(3)
    match chance.randrange(9):
        case 0:
            files[path] = linted(chance) + files[path]
        case 1:
            files[path] += linted(chance)
        case 2:
            files[path] = linted(chance)
        case 3:
            files[f"rules/s{number}.triggers"] = segment(chance, number)
        case 4:
            files[f"rules/s{number}.triggers"] = f"# moved\n{files.get(f'rules/s{number}.triggers', '')}"
        case 5:
            files[path] += files[chance.choice(sorted(files))]
        case 6:
            files.pop(f"rules/s{number}.triggers", None)
        case 7 if files.pop("rules/names.triggers", None) is None:
            # A segment that names another list is wrong now.
            files["rules/names.triggers"] = 'declare list "News"\n'
        case _:
            files[path] = files[path].replace("order", chance.choice(("refund", "order")), 1)
    return files


def project(chance: random.Random, world: World) -> dict[str, str]:
    """A project of several files, most of them with something wrong."""
    files = {f"rules/a{number}.triggers": "".join(piece(chance) for _ in range(chance.randint(1, 4))) for number in range(6)}
    if not chance.randrange(4):
        files |= {f"rules/{number}.triggers": written for number, written in enumerate(world.files.values())}
    return files


def piece(chance: random.Random) -> str:
    number, other = chance.randrange(3), chance.randrange(3)
    written = chance.choice(PIECES if chance.randrange(20) else WRONG)
    return written.replace("{name}", f"A{other}").replace("{number}", str(number)).replace("{other}", str(other))


def edited(chance: random.Random, files: dict[str, str]) -> dict[str, str]:
    """The project after somebody has changed something."""
    files = dict(files)
    path = chance.choice(sorted(files))
    written = files[path]
    match chance.randrange(8):
        case 0:
            files[path] = piece(chance) + written
        case 1:
            files[path] = written + piece(chance)
        case 2:
            del files[path]
        case 3:
            files[f"rules/b{chance.randrange(9)}.triggers"] = piece(chance)
        case 4:
            at = chance.randrange(len(written) + 1)
            files[path] = written[:at] + written[at + 1 :]
        case 5:
            files[path] = written.replace("\n", "\n# nothing new\n", 1) if chance.randrange(2) else f"\n{written}"
        case 6:
            number = str(chance.randrange(3))
            files[path] = written.replace(str(chance.randrange(3)), number, 1)
        case _:
            files[path] = piece(chance)
    return files or {"rules/0.triggers": ""}


def read(files: dict[str, str]) -> tuple[list[Source], list[Diagnostic]]:
    sources, problems = [], []
    for path, written in sorted(files.items()):
        source, found = source_of(path, written.encode())
        sources.append(source)
        problems += found
    return sources, problems


def shown(found: Sequence[Diagnostic]) -> tuple[str, ...]:
    """The diagnostics in every format."""
    return tuple(render(found) for render in (text.render, concise.render, as_json.render, github.render))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    notes: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        # What does not fit is never to come of what was written here.
        patch.setattr(keeping._Memory, "forget", lambda memory: pytest.fail("what was kept did not belong to its file"))
        yield Kept("rules", notes.append)
    assert notes == []


@settings(max_examples=OWN, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.integers(0, 2**32))
def test_what_is_kept_changes_nothing_whatever_is_edited(kept: Kept, world: World, seed: int) -> None:
    chance = random.Random(seed)
    files = project(chance, world)
    for _ in range(6):
        found = keeping.diagnose(*read(files), kept)
        assert shown(found) == shown(check(*read(files), lints=True).diagnostics)
        again = keeping.diagnose(*read(files), kept)
        assert shown(again) == shown(found)
        files = edited(chance, files)


def test_what_is_kept_changes_nothing_that_lints_say(kept: Kept) -> None:
    said: Counter[str] = Counter()
    for seed in range(2 * OWN):
        chance = random.Random(seed)
        files = linted_project(chance)
        for _ in range(6):
            found = keeping.diagnose(*read(files), kept, ["lints"])
            assert shown(found) == shown(check(*read(files), lints=True).diagnostics)
            said.update(problem.code for problem in found)
            said.update(f"{problem.code} of a segment" for problem in found if "/s" in problem.span.path)
            files = relinted(chance, files)
    rare = {code for code in {*SAID_ACROSS, *SAID_OF_PARTS, *(f"{code} of a segment" for code in SAID_OF_PARTS)} if said[code] < 5}
    assert not rare, said


ASKING = 'on event "order" where in segment "Rich" once per plan\n'
RICH = 'segment "Rich" is event "order" with amount > trigger total has occurred\n'
ORDER = 'declare event "order" with amount number, plan text, total number\n'
CHANGES = {
    "a segment is there": (ASKING, "", 'segment "Rich" is in list "News"\n'),
    "another segment is nearest": (ASKING, 'segment "Riche" is in list "a"\n', 'segment "Rick" is in list "a"\n'),
    "the nearest segment moved": (ASKING, 'segment "Riche" is in list "a"\n', '\nsegment "Riche" is in list "a"\n'),
    "the nearest segment moved within its line": (ASKING, 'segment "Riche" is in list "a"\n', '  segment "Riche" is in list "a"\n'),
    "a segment is nested deeper": (
        f'on event "a" where {"not " * 100}in segment "Deep"\n',
        'segment "Deep" is in list "a"\n',
        f'segment "Deep" is {"not " * 100}in list "a"\n',
    ),
    "something is declared": ('on event "order" once per plna\n', "", ORDER),
    "a declaration moved": ('on event "order" once per plna\n', ORDER, f"# now with a remark\n{ORDER}"),
    "a type changed": ('on event "order" with amount = 5\n', ORDER, ORDER.replace("amount number", "amount text")),
    "a trigger of a segment changed": (
        RICH,
        f'{ORDER}declare event "refund" with plan text\non event "order" where in segment "Rich"\n',
        f'{ORDER}declare event "refund" with plan text\non event "refund" where in segment "Rich"\n',
    ),
    "a segment is asked for through another": (
        RICH,
        f'{ORDER}declare event "refund"\nsegment "All" is in list "a"\non event "refund" where in segment "All"\n',
        f'{ORDER}declare event "refund"\nsegment "All" is in segment "Rich"\non event "refund" where in segment "All"\n',
    ),
    "an automation is there": (
        'test "t" given 2026-01-01 "a" event "x" expect automation "A" nothing\n',
        "",
        'automation "A" on event "x"\n',
    ),
    "a declared automation is there": (
        'on enters automation "A"\n',
        'declare automation "B" automation "B" on event "x"\n',
        'declare automation "B" automation "A" on event "x"\n',
    ),
    "an automation is where tests were": (
        'test "t" given 2026-01-01 "a" enters automation "A" expect automation "B" nothing\n',
        'declare automation "B" automation "B" on event "x"\n',
        'declare automation "B" automation "A" on event "x" automation "B" on event "x"\n',
    ),
    "something cannot be read": (ASKING, 'on event "x"\n', 'segment Rich is in list "a"\n'),
    "a rule that may use a segment cannot be read": (
        RICH.replace("total", "totl"),
        f'{ORDER}on event "order" where in segment "Rich"\n',
        f'{ORDER}on event "order" where in segment "Rich"\non , ,\n',
    ),
    "an automation has another name": ('automation "A" on event "x"\n', "", 'automation "A" on event "y"\n'),
    "a circle of automations": (
        'automation "A" on enters automation "B"\n',
        'automation "B" on event "x"\n',
        'automation "B" on enters automation "A"\n',
    ),
    "an entry always comes": (
        'on event "x" without enters automation "A" within 1 day\n',
        'automation "A" on event "x"\n',
        'automation "A" on event "x" every time\n',
    ),
    "a strange name stood before": ('on event "еx"\n', 'on event "x"\n', 'on event "еx"\n'),
    "a test has the same name": (
        'automation "A" on event "x" test "t" given 2026-01-01 "a" event "x" expect automation "A" nothing\n',
        "",
        'test "t" given 2026-01-01 "a" event "x" expect automation "A" nothing\n',
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_said_of_a_file_follows_what_changes_in_another(kept: Kept, change: str) -> None:
    unchanged, before, after = CHANGES[change]
    said = []
    for other in (before, after, before):
        files = {"rules/m.triggers": unchanged, "rules/a.triggers": other, "rules/z.triggers": 'on event "z"\n'}
        found = keeping.diagnose(*read(files), kept)
        assert shown(found) == shown(check(*read(files), lints=True).diagnostics)
        said.append(as_json.render([problem for problem in found if problem.span.path == "rules/m.triggers"]))
    assert said[0] == said[2] != said[1]


def test_little_is_looked_at_after_little_has_changed(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: dict[str, list[str]] = {"read": [], "judged": []}

    def parse(source: Source) -> Parsed:
        looked_at["read"].append(source.path)
        return parser.parse(source)

    def judge(file: interface.ProjectFile, project: interface.Interface) -> judging.Judged:
        looked_at["judged"].append(file.source.path)
        return judging.judge(file, project)

    def diagnosed() -> tuple[Diagnostic, ...]:
        for paths in looked_at.values():
            paths.clear()
        return keeping.diagnose(*read(files), kept, ["few"])

    monkeypatch.setattr(interface, "parse", parse)
    monkeypatch.setattr(keeping, "judge", judge)
    days = [f' where in segment "Rich" and event "order" count >= {number} within {number} days' for number in range(2, 11)]
    files = {f"rules/{number}.triggers": f'automation "A{number}"\n  on event "order"{day}\n' for number, day in enumerate(days)}
    files |= {"rules/names.triggers": ORDER, "rules/segments.triggers": RICH}
    assert diagnosed() == ()
    assert looked_at == {"read": sorted(files), "judged": sorted(files)}
    assert diagnosed() == ()
    assert looked_at == {"read": [], "judged": []}
    files["rules/3.triggers"] += '  on event "order" with amount > 5\n'
    first = diagnosed()
    assert looked_at == {"read": ["rules/3.triggers"], "judged": ["rules/3.triggers"]}
    # A problem, though it is kept with where all else stands, is not looked for again in other files.
    files["rules/4.triggers"] += '  on event "ordr"\n'
    (problem,) = (problem for problem in diagnosed() if problem.severity == "error")
    assert problem.code == "unknown-event"
    assert looked_at["judged"] == ["rules/4.triggers"]
    found = diagnosed()
    assert looked_at == {"read": [], "judged": []}
    assert len(found) == len(first) + 1


def test_suggestions_run_out_at_the_same_place(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "MOST_COMPARISONS", 7)
    files = {f"rules/{number}.triggers": f'on event "order" where in list "New{number}"\n' for number in range(9)}
    files["rules/names.triggers"] = 'declare list "News" declare list "Other"\n'
    for path in ("rules/5.triggers", "rules/2.triggers", "rules/8.triggers"):
        found = keeping.diagnose(*read(files), kept, ["suggestions"])
        assert shown(found) == shown(check(*read(files), lints=True).diagnostics)
        assert 0 < sum(problem.replacement is not None for problem in found) < 9
        files[path] = f'on event "x" {files[path]}'
