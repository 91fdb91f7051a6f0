"""`triggerlang fmt`: what it writes and what it leaves alone."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
from pathlib import Path

import pytest

from tests.support.command import RULES, WRONG, names, project, triggerlang

LAID_OUT = 'automation "Welcome"\n  on subscribes list "News"\n    where event "signup" count >= 1 before\n'


def rules(folder: Path) -> Path:
    return folder / "rules" / "welcome.triggers"


def test_files_are_formatted_in_their_places(tmp_path: Path) -> None:
    file = rules(project(tmp_path))
    file.chmod(0o640)
    ran = triggerlang("fmt", cwd=tmp_path)
    assert (ran.code, ran.out, ran.err) == (0, "", "1 file: 1 formatted\n")
    assert file.read_text() == LAID_OUT
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert names(file.parent) == {file.name}
    again = triggerlang("fmt", "--check", cwd=tmp_path)
    assert (again.code, again.err) == (0, "1 file: 1 already in the layout\n")


def test_a_file_in_the_layout_is_not_touched(tmp_path: Path) -> None:
    file = rules(project(tmp_path, rules=LAID_OUT))
    before = file.stat()
    assert triggerlang("fmt", cwd=tmp_path).code == 0
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_check_names_files_and_writes_nothing(tmp_path: Path) -> None:
    file = rules(project(tmp_path))
    ran = triggerlang("fmt", "rules", "--check", cwd=tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "rules/welcome.triggers is not in the canonical layout\n1 file: 1 to format\n"
    assert file.read_text() == RULES


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "{}"])
def test_the_difference_can_be_applied(tmp_path: Path, line_end: str, last: str) -> None:
    file = rules(project(tmp_path))
    before = RULES.rstrip("\n").replace("\n", line_end) + last.format(line_end)
    file.write_bytes(before.encode())
    ran = triggerlang("fmt", "--diff", cwd=tmp_path)
    assert (ran.code, ran.err) == (1, "1 file: 1 to format\n")
    assert "\x1b[" in triggerlang("fmt", "--diff", "--color", "always", cwd=tmp_path).out
    assert file.read_bytes() == before.encode()
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=tmp_path, input=ran.out.encode(), check=True)
    assert file.read_bytes() == LAID_OUT.replace("\n", line_end).encode()


def test_standard_input_goes_to_standard_output(tmp_path: Path) -> None:
    ran = triggerlang("fmt", "-", cwd=tmp_path, stdin=RULES.encode())
    assert (ran.code, ran.out, ran.err) == (0, LAID_OUT, "")
    assert triggerlang("fmt", "-", "--check", cwd=tmp_path, stdin=LAID_OUT.encode()).code == 0
    asked = triggerlang("fmt", "-", "--check", cwd=tmp_path, stdin=RULES.encode())
    assert (asked.code, asked.out) == (1, "")
    wrong = triggerlang("fmt", "-", cwd=tmp_path, stdin=WRONG.encode())
    assert (wrong.code, wrong.out) == (1, "")
    assert wrong.err.startswith("<stdin>:2:17: error: ")
    assert triggerlang("fmt", "-", "rules", cwd=tmp_path).code == 2


def test_a_syntax_error_leaves_its_file_alone_and_no_other(tmp_path: Path) -> None:
    file = rules(project(tmp_path))
    wrong = file.with_name("wrong.triggers")
    latin = file.with_name("latin.triggers")
    wrong.write_text(WRONG)
    latin.write_bytes('on event "Käse"'.encode("latin-1"))
    ran = triggerlang("fmt", cwd=tmp_path)
    assert ran.code == 1
    assert wrong.read_text() == WRONG
    assert latin.read_bytes() == 'on event "Käse"'.encode("latin-1")
    assert file.read_text() == LAID_OUT
    assert "rules/wrong.triggers:2:17: error: " in ran.err
    assert "[not-utf8]" in ran.err
    assert ran.err.endswith("3 files: 1 formatted, 2 with errors, left as they are\n")


def test_rules_that_cannot_be_used_can_be_formatted(tmp_path: Path) -> None:
    """A name that is not known yet is no reason to refuse the layout."""
    file = rules(project(tmp_path, rules='on event "a" where in segment "Nobody"\n'))
    assert triggerlang("fmt", cwd=tmp_path).code == 0
    assert file.read_text() == 'on event "a"\n  where in segment "Nobody"\n'


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    file = rules(project(tmp_path))
    real = tmp_path / "real.triggers"
    file.rename(real)
    file.symlink_to(real)
    assert triggerlang("fmt", cwd=tmp_path).code == 0
    assert file.is_symlink()
    assert real.read_text() == LAID_OUT


def test_nothing_is_written_where_one_file_cannot_be(tmp_path: Path) -> None:
    """The part of the second file finds no room."""
    file = rules(project(tmp_path))
    other = file.with_name("z.triggers")
    other.write_text("".join(f'automation "{number}" on event "a"\n' for number in range(2_000)))
    before = other.read_text()
    ran = triggerlang("fmt", cwd=tmp_path, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)))
    assert ran.code == 2
    assert "rules/z.triggers: this cannot be written: File too large" in ran.err
    assert ran.is_clean
    assert file.read_text() == RULES
    assert other.read_text() == before
    assert names(file.parent) == {file.name, other.name}


def test_hostile_names_are_shown_as_symbols(tmp_path: Path) -> None:
    project(tmp_path, rules=LAID_OUT)
    (tmp_path / "rules" / "a\x1b[31m.triggers").write_text('on   event "a\x0b"')
    (tmp_path / "rules" / "b\x1b[31m.triggers").write_text('on   event "a"')
    for ran in (triggerlang("fmt", "--check", cwd=tmp_path), triggerlang("fmt", "--diff", cwd=tmp_path), triggerlang("fmt", cwd=tmp_path)):
        assert ran.code == 1
        assert "\x1b" not in ran.out + ran.err
        assert ran.is_clean


@pytest.mark.parametrize("kind", ["missing", "pipe", "other suffix"])
def test_a_path_that_holds_no_rules_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / ("x.txt" if kind == "other suffix" else "x.triggers")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "other suffix":
        path.write_text(RULES)
    ran = triggerlang("fmt", path, cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ")
    assert ran.is_clean
