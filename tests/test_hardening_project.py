"""Hardening of the checker: paths, encodings, names and references that nobody expects.

R1 nesting through segments, R3 many rules, files and errors, R5 odd characters, R7 circles, R9 names that would move a terminal,
R10 odd paths.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from tests.support.cases import ROOT
from tests.support.command import triggerlang
from triggerlang.checking import files
from triggerlang.checking.errors import PathError
from triggerlang.checking.files import read_sources
from triggerlang.checking.keeping import diagnose
from triggerlang.checking.project import Checked, check, check_paths
from triggerlang.checking.render import as_json, concise, github, text
from triggerlang.engines.interpreter import Interpreter
from triggerlang.events.record import Record
from triggerlang.language.source import Source

RULE = 'on event "signup"\n'


def checked(*texts: str) -> Checked:
    return check([Source(f"{chr(ord('a') + number)}.triggers", written) for number, written in enumerate(texts)])


def found(result: Checked) -> list[str]:
    return [problem.code for problem in result.diagnostics]


# R1


def chain(length: int, reference: str = 'in segment "s{}"') -> str:
    """So many segments, each referring to the next."""
    links = "".join(f'segment "s{at}" is {reference.format(at + 1)}\n' for at in range(length - 1))
    return f'{links}segment "s{length - 1}" is in list "x"\n'


def test_r1_segments_5000_deep_are_one_clean_error_and_other_rules_are_checked() -> None:
    result = checked('on event "x" where in segment "s0"\non event "y" at most 0 times\n' + chain(5000))
    assert sorted(found(result)) == ["nested-too-deeply", "never-runs"]
    assert result.rules is None
    deep = next(problem for problem in result.diagnostics if problem.code == "nested-too-deeply")
    assert deep.message == "nested too deeply (limit 200)"
    assert deep.help


def test_r1_a_circle_of_5000_segments_is_one_short_message() -> None:
    circle = "".join(f'segment "s{at}" is in segment "s{(at + 1) % 5000}"\n' for at in range(5000))
    [problem] = checked(circle).diagnostics
    assert problem.code == "segment-circle"
    assert len(problem.message) < 200
    assert len(problem.notes) < 10


@pytest.mark.parametrize("reference", ['in segment "s{}"', 'has tag "t" and in segment "s{}"', 'has tag "t" or in segment "s{}"'])
def test_r1_200_segments_deep_is_deep_enough_and_runs(reference: str) -> None:
    result = checked(chain(200, reference) + 'on event "x" where in segment "s0" every time')
    assert result.rules is not None, concise.render(result.diagnostics)
    engine = Interpreter(result.rules)
    assert engine.feed_record(Record(0, "ana", "event", "x", None, {}, None, 1)) == []
    assert found(checked(chain(201, reference) + 'on event "x" where in segment "s0"')) == ["nested-too-deeply"]


@pytest.mark.parametrize(
    ("condition", "depth"),
    [
        ("not {}", 1),
        ("not not {}", 2),
        ('has tag "t" and ({} or has tag "u")', 1),
        ('has tag "t" and not ({} or has tag "u")', 2),
        ('has tag "t" and (has tag "u" or not (has tag "v" and {}))', 3),
        ("({})", 0),
    ],
)
def test_r1_parentheses_and_not_count_together_with_segments(condition: str, depth: int) -> None:
    segment = condition.format('in segment "s0"')
    assert found(checked(chain(200 - depth) + f'on event "x" where {segment}')) == []
    assert found(checked(chain(201 - depth) + f'on event "x" where {segment}')) == ["nested-too-deeply"]


def test_r1_a_segment_counts_in_each_place_that_refers_to_it() -> None:
    """The deepest way through a segment counts, whichever reference comes first."""
    written = chain(150) + 'segment "both" is in list "x" or in segment "s0" or has tag "y"\n'
    inner = 'in segment "both"'
    assert found(checked(written + f'on event "x" where {"not " * 49}{inner}')) == []
    assert found(checked(written + f'on event "x" where {"not " * 50}{inner}')) == ["nested-too-deeply"]


# R3


def test_r3_10000_errors_in_one_file_are_all_found() -> None:
    result = checked("".join(f'on event "x{at}" at most 0 times\n' for at in range(10_000)))
    assert found(result) == ["never-runs"] * 10_000
    assert [problem.span.line for problem in result.diagnostics] == list(range(1, 10_001))


def test_r3_the_same_rule_1000_times_is_no_mistake() -> None:
    result = checked('on event "x" where event "y" count > 1\n' * 1000)
    assert found(result) == []
    assert result.rules is not None
    assert len(result.rules.rules) == 1000


def test_r3_rules_in_2000_files(tmp_path: Path) -> None:
    for at in range(2000):
        (tmp_path / f"{at:04}.triggers").write_text(f'on event "x{at}" where in segment "s{at}"\nsegment "s{at - 1}" is has tag "t"\n')
    result = check_paths([tmp_path])
    assert len(result.sources) == 2000
    assert [(problem.code, problem.span.text) for problem in result.diagnostics] == [("unknown-segment", '"s1999"')]


def project_of(rules: int, files: int, rule: str) -> list[Source]:
    """So many rules in so many files; each has its number in it."""
    each = rules // files
    return [
        Source(f"rules/{file}.triggers", "".join(rule.replace("{}", str(file * each + at)) for at in range(each))) for file in range(files)
    ]


RIGHT = 'automation "A{}" on event "e{}" where event "x" count >= 2 within 7 days and in list "News"\n'


def effort(sources: list[Source], runs: int = 1) -> float:
    """The processor time that checking takes, the least of some runs: that of other processes does not count."""
    efforts = []
    for _ in range(runs):
        start = time.process_time()
        diagnose(sources, [], None)
        efforts.append(time.process_time() - start)
    return min(efforts)


@pytest.mark.long
@pytest.mark.parametrize("files", [1, 2_000])
def test_r3_20000_rules_take_ten_times_as_long_as_2000(files: int) -> None:
    assert effort(project_of(20_000, files, RIGHT)) < 3 * 10 * effort(project_of(2_000, 20, RIGHT), runs=2)


@pytest.mark.long
@pytest.mark.parametrize("wrong", ["in lst", "in segment"])
def test_r3_errors_take_time_as_their_number_does(wrong: str) -> None:
    rule = RIGHT.replace("in list", wrong)
    assert effort(project_of(6_000, 1, rule)) < 3 * 6 * effort(project_of(1_000, 1, rule), runs=2)


def test_r3_memory_grows_with_the_rules() -> None:
    peaks = []
    for number in (500, 1_000, 2_000):
        tracemalloc.start()
        diagnose(project_of(number, number // 10, RIGHT), [], None)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] - peaks[1] < 2.5 * (peaks[1] - peaks[0])


def test_r3_10000_errors_are_counted_and_the_first_are_shown(tmp_path: Path) -> None:
    (tmp_path / "a.triggers").write_text('on event "x" at most 0 times\n' * 10_000)
    ran = triggerlang("check", "a.triggers", "--format", "concise", cwd=tmp_path)
    assert (ran.code, ran.out.count("\n")) == (1, 200)
    assert ran.err == "and 9,800 more; --max-errors shows them\n10,000 errors in 1 file\n"
    ran = triggerlang("check", "a.triggers", "--format", "concise", "--max-errors", "3", cwd=tmp_path)
    assert (ran.code, ran.out.count("\n")) == (1, 3)


def test_r3_suggestions_among_many_names_stop_in_time_and_errors_do_not() -> None:
    declared = "".join(f'declare event "name number {at}"\n' for at in range(5000))
    result = checked(declared + "".join(f'on event "nmae numbr {at}"\n' for at in range(1000)))
    assert found(result) == ["unknown-event"] * 1000
    assert result.diagnostics[0].replacement is not None
    assert result.diagnostics[-1].replacement is None
    assert all(problem.help for problem in result.diagnostics)


# R5


def test_r5_a_byte_order_mark_is_accepted_at_the_beginning(tmp_path: Path) -> None:
    (tmp_path / "a.triggers").write_bytes(b"\xef\xbb\xbf" + RULE.encode())
    result = check_paths([tmp_path])
    assert result.rules is not None
    assert result.rules.rules[0].rule.span.column == 1


@pytest.mark.parametrize(
    ("data", "message", "line", "column"),
    [
        (RULE.encode("utf-16"), "this file is not UTF-8: it seems to be UTF-16", 1, 1),
        (RULE.encode("utf-16-le"), "this file is not UTF-8: it seems to be UTF-16", 1, 1),
        (RULE.encode("utf-16-be"), "this file is not UTF-8: it seems to be UTF-16", 1, 1),
        (RULE.encode("utf-32"), "this file is not UTF-8: it seems to be UTF-32", 1, 1),
        (b'# fine\non event "caf\xe9"\n', "this file is not UTF-8: byte 21 of it is 0xe9", 2, 14),
        (b"# caf\xc3\xa9\n\xff", "this file is not UTF-8: byte 9 of it is 0xff", 2, 1),
        (b"\xef\xbb\xbf\xc3(", "this file is not UTF-8: byte 4 of it is 0xc3", 1, 1),
        (b"# cut \xe2\x82", "this file is not UTF-8: byte 7 of it is 0xe2", 1, 7),
        (b"# surrogate \xed\xa0\x80", "this file is not UTF-8: byte 13 of it is 0xed", 1, 13),
    ],
    ids=["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "0xff", "after a mark", "cut", "surrogate"],
)
def test_r5_other_encodings_are_one_clear_error(tmp_path: Path, data: bytes, message: str, line: int, column: int) -> None:
    (tmp_path / "bad.triggers").write_bytes(data)
    (tmp_path / "good.triggers").write_text('on event "x" at most 0 times where in segment "S"')
    result = check_paths([tmp_path])
    problem = result.diagnostics[0]
    assert (problem.code, problem.message, problem.help) == ("not-utf8", message, "save it as UTF-8")
    assert (problem.span.path, problem.span.line, problem.span.column) == (str(tmp_path / "bad.triggers"), line, column)
    assert {other.span.path for other in result.diagnostics[1:]} == {str(tmp_path / "good.triggers")}
    for render in (text.render, concise.render, github.render, as_json.render):
        assert "not-utf8" in render(result.diagnostics)


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("\u043erder", "U+043E"),
        ("or\u200bder", "U+200B"),
        ("order\ufeff", "U+FEFF"),
        ("or\u00adder", "U+00AD"),
        ("or\u2028der", "U+2028"),
        ("cart\u00a0saved", "U+00A0"),
        ("cafe\u0301", "U+0301"),
        ("\uff4frder", "U+FF4F"),
        ("\u0441\u043e\u0440", "U+0441, U+043E, U+0440"),
    ],
)
def test_r5_a_name_that_does_not_look_like_what_it_is_is_a_warning(name: str, points: str) -> None:
    result = checked(f'on event "{name}"')
    assert found(result) == ["strange-name"]
    assert result.rules is not None
    assert f"({points})" in result.diagnostics[0].message or f": {points})" in result.diagnostics[0].message


def test_r5_names_of_plain_projects_load_no_tables_of_unicode() -> None:
    program = (
        "import sys; from triggerlang.language.source import Source; from triggerlang.checking.project import check\n"
        "assert check([Source('a.triggers', 'on event \"x\" where has tag \"y\"')]).rules\n"
        "print('triggerlang.checking.lookalikes' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"


# R7


def test_r7_a_circle_through_chains_and_moments_is_found() -> None:
    [problem] = checked(
        'automation "A" on event "go" then enters automation like "C*" automation "B" on 1 day after enters automation "A"'
        'automation "C" on enters automation "B" without enters automation "A" within 1 day'
    ).diagnostics
    assert problem.message == 'this automation starts itself: "A" → "B" → "C" → "A"'


def test_r7_a_circle_of_1000_automations_is_shown_shortened() -> None:
    [problem] = checked("".join(f'automation "a{at}" on enters automation "a{(at + 1) % 1000}"\n' for at in range(1000))).diagnostics
    assert problem.code == "automation-circle"
    assert problem.message.startswith('this automation starts itself: "a0" → "a999" → ')
    assert len(problem.message) < 200


def test_r7_every_automation_that_starts_itself_is_told() -> None:
    assert (
        found(checked("".join(f'automation "a{at}" on enters automation like "a*"\n' for at in range(100)))) == ["automation-circle"] * 100
    )


def test_r7_a_glob_of_another_automation_leads_into_the_circle_too() -> None:
    [problem] = checked('automation "b1" on enters automation like "a*"\nautomation "a1" on enters automation like "b?"\n').diagnostics
    assert problem.message == 'this automation starts itself: "b1" → "a1" → "b1"'
    assert [problem.span.text, *(note.span.text for note in problem.notes)] == [
        'enters automation like "b?"',
        'enters automation like "a*"',
    ]


# R9


HOSTILE = [
    "a\x1b[31mred",
    "a\x1b]8;;http://x\x1b\\link",
    "a\rb",
    "a\x08\x08b",
    "a\x9b31m",
    "a\u202eb",
    "a\u2066b",
    "::error::x",
    "a%0Ab",
    "##vso[task.setvariable]x",
    "a]]>b",
    "a\u2028b",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_r9_names_reach_no_terminal_as_they_are(name: str) -> None:
    path = f"rules/{name}.triggers"
    result = check([Source(path, f'on event "x" where in segment "{name}" and has tag "{name}"\n'), Source("b.triggers", "")])
    assert result.diagnostics
    for render in (text.render, concise.render, github.render, as_json.render):
        shown = render(result.diagnostics)
        assert all(line.isprintable() for line in shown.split("\n")), shown
    assert not any(line.startswith("::") for line in text.render(result.diagnostics).splitlines())
    for line in github.render(result.diagnostics).splitlines():
        assert line.startswith(("::error file=", "::warning file="))
        assert line.count("::") - line[2:].split("::", 1)[1].count("::") == 2
        assert "," not in line[len("::error file=") :].split(",line=")[0]


# R10


def test_r10_a_folder_is_its_rule_files_at_any_depth_by_path(tmp_path: Path) -> None:
    for name in ("b.triggers", "a/z.triggers", "a.b.triggers", "c/d/e.triggers", "a/notes.md", ".hidden.triggers", "a/x.triggers.bak"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(RULE)
    sources, problems = read_sources([tmp_path])
    assert problems == []
    assert [source.path.removeprefix(f"{tmp_path}/") for source in sources] == [
        ".hidden.triggers",
        "a.b.triggers",
        "a/z.triggers",
        "b.triggers",
        "c/d/e.triggers",
    ]


def test_r10_paths_are_as_they_were_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules" / "sub").mkdir(parents=True)
    (tmp_path / "rules" / "sub" / "a.triggers").write_text(RULE)
    monkeypatch.chdir(tmp_path)
    for named, path in [
        ("rules", "rules/sub/a.triggers"),
        ("rules/", "rules/sub/a.triggers"),
        ("./rules", "./rules/sub/a.triggers"),
        (".", "./rules/sub/a.triggers"),
        ("rules/../rules", "rules/../rules/sub/a.triggers"),
        ("rules/sub/a.triggers", "rules/sub/a.triggers"),
    ]:
        assert [source.path for source in read_sources([named])[0]] == [path]


def test_r10_a_file_that_is_met_twice_counts_once_where_it_is_met_first(tmp_path: Path) -> None:
    (tmp_path / "a.triggers").write_text(RULE)
    (tmp_path / "b.triggers").symlink_to("a.triggers")
    os.link(tmp_path / "a.triggers", tmp_path / "c.triggers")
    sources, _ = read_sources([tmp_path / "b.triggers", tmp_path, tmp_path / "a.triggers"])
    assert [source.path for source in sources] == [str(tmp_path / "b.triggers")]


def test_r10_links_that_lead_back_are_met_once(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.triggers").write_text(RULE)
    (tmp_path / "sub" / "back").symlink_to("..")
    (tmp_path / "again").symlink_to("sub")
    (tmp_path / "itself").symlink_to("itself")
    sources, problems = read_sources([tmp_path])
    assert len(sources) == 1
    assert problems == []


def test_r10_a_link_out_of_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.triggers").write_text(RULE)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "link").symlink_to("../outside")
    assert [source.path for source in read_sources([tmp_path / "rules"])[0]] == [f"{tmp_path}/rules/link/a.triggers"]


def test_r10_a_folder_named_like_a_rule_file_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "x.triggers"
    folder.mkdir()
    (folder / "a.triggers").write_text(RULE)
    assert [source.path for source in read_sources([folder])[0]] == [f"{folder}/a.triggers"]
    assert [source.path for source in read_sources([tmp_path])[0]] == [f"{folder}/a.triggers"]


def refused(*paths: str | Path) -> PathError:
    with pytest.raises(PathError) as raised:
        read_sources(paths)
    assert raised.value.help
    return raised.value


@pytest.mark.parametrize("way", ["named", "in a folder", "through a link"])
@pytest.mark.parametrize("sort", ["pipe", "socket", "device"])
def test_r10_pipes_sockets_and_devices_are_refused_and_nothing_hangs(tmp_path: Path, sort: str, way: str) -> None:
    odd = tmp_path / "odd.triggers" if way != "through a link" else tmp_path / "odd"
    if sort == "pipe":
        os.mkfifo(odd)
    elif sort == "socket":
        held = socket.socket(socket.AF_UNIX)
        try:
            held.bind(str(odd))
        except OSError:
            pytest.skip("the path is too long for a socket")
        finally:
            held.close()
    else:
        odd.symlink_to("/dev/zero")
    path = odd
    if way == "through a link":
        path = tmp_path / "link.triggers"
        path.symlink_to(odd)
    error = refused(path if way == "named" else tmp_path)
    assert (error.path, error.message) == (str(path), "is neither a file nor a folder")


def test_r10_a_path_that_is_not_there(tmp_path: Path) -> None:
    error = refused(tmp_path / "nothing")
    assert (error.path, error.message) == (str(tmp_path / "nothing"), "there is no such file or folder")
    assert refused("").message == "there is no such file or folder"


def test_r10_a_link_that_leads_nowhere_or_to_itself(tmp_path: Path) -> None:
    nowhere, itself = tmp_path / "nowhere.triggers", tmp_path / "sub" / "itself.triggers"
    nowhere.symlink_to("gone")
    assert refused(tmp_path).path == str(nowhere)
    nowhere.unlink()
    itself.parent.mkdir()
    itself.symlink_to("itself.triggers")
    error = refused(tmp_path)
    assert error.path == str(itself)
    assert error.message.startswith("cannot be read: ")


def test_r10_a_file_of_another_name_must_end_in_triggers(tmp_path: Path) -> None:
    other = tmp_path / "rules.txt"
    other.write_text(RULE)
    error = refused(other)
    assert (error.message, error.help) == ("is no .triggers file", "rule files end in .triggers")


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000, "\udcff.triggers"])
def test_r10_paths_that_no_file_can_have(path: str) -> None:
    assert refused(path).path == path


def test_r10_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests may run as a user who may read everything, so the system's answer is played."""
    (tmp_path / "a.triggers").write_text(RULE)

    def forbidden(*arguments: object, **more: object) -> int:
        raise PermissionError(13, "Permission denied", str(tmp_path / "a.triggers"))

    monkeypatch.setattr(os, "open", forbidden)
    error = refused(tmp_path)
    assert (error.path, error.message) == (str(tmp_path / "a.triggers"), "may not be read")


def test_r10_a_file_that_vanishes_during_the_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.triggers").write_text(RULE)
    (tmp_path / "b.triggers").write_text(RULE)
    walk = files._below

    def walk_and_lose(folder: str) -> list[str]:
        found = list(walk(folder))
        (tmp_path / "b.triggers").unlink()
        return found

    monkeypatch.setattr(files, "_below", walk_and_lose)
    assert refused(tmp_path).path == str(tmp_path / "b.triggers")


def test_r10_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    large = tmp_path / "large.triggers"
    with large.open("wb") as file:
        file.truncate(10 * 2**30)  # It takes no room: a hole of 10 GiB.
    (tmp_path / "small.triggers").write_text('on event "x" where in segment "S"')
    result = check_paths([tmp_path])
    assert found(result) == ["file-too-large"]
    assert "33,554,432" in result.diagnostics[0].message


def test_r10_bytes_in_a_name_that_are_no_text_are_shown(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.triggers")
    try:
        with open(path, "w") as file:
            file.write('on event "x" at most 0 times')
    except OSError:
        pytest.skip("this file system has names of text only")
    result = check_paths([tmp_path])
    for render in (text.render, concise.render, github.render, as_json.render):
        assert render(result.diagnostics).encode("utf-8")
    assert "a<U+DCFF>.triggers" in text.render(result.diagnostics)
