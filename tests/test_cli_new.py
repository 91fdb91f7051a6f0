"""`triggerlang new`: a project that works at once, and what is refused."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import ROOT, names, parts, triggerlang
from triggerlang.answers import folders
from triggerlang.answers.files import OutputError
from triggerlang.cli.new import ABOUT, starter


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A new project."""
    assert triggerlang("new", "shop", cwd=tmp_path).code == 0
    return tmp_path / "shop"


def inside(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_each_file_is_named_and_the_last_line_says_what_to_do_next(tmp_path: Path) -> None:
    ran = triggerlang("new", "shop", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    first, *made, last = ran.out.splitlines()
    assert first == "shop is ready:"
    assert [line.split()[0] for line in made] == list(ABOUT)
    assert inside(tmp_path / "shop") == set(ABOUT) == set(starter())
    assert last == "Next: cd shop && triggerlang run log"
    assert names(tmp_path) == {"shop"}


def test_a_new_project_passes_everything(shop: Path) -> None:
    checked = triggerlang("check", "--strict", cwd=shop)
    assert (checked.code, checked.out, checked.err) == (0, "", "no problems in 4 files\n")
    laid_out = triggerlang("fmt", "--check", cwd=shop)
    assert (laid_out.code, laid_out.err) == (0, "4 files: 4 already in the layout\n")
    tested = triggerlang("test", "--fail-under", "100", cwd=shop)
    assert (tested.code, tested.err) == (0, "5 tests in 4 files: all hold\n")


def test_the_sample_shows_who_enters_and_who_does_not(shop: Path) -> None:
    ran = triggerlang("run", "log", "--rules", "rules", "-o", "entries.csv", cwd=shop)
    assert ran.code == 0
    entries = [tuple(line.split(",")[:3]) for line in (shop / "entries.csv").read_text().splitlines()[1:]]
    assert entries == [
        ("2026-03-02T09:05:00Z", "ana", "Welcome"),
        ("2026-03-04T13:00:00Z", "ben", "Cart reminder"),
        ("2026-03-05T20:20:00Z", "dora", "Welcome"),
        ("2026-03-06T08:00:00Z", "ben", "Big order"),
        ("2026-03-07T17:10:00Z", "ana", "Second order"),
        ("2026-03-09T21:00:00Z", "ana", "Big order"),
    ]


def test_the_change_that_the_readme_proposes_makes_a_test_fail(shop: Path) -> None:
    """`value >= 100` for `value >= 200`: the order of 199.99 is too much."""
    assert "`value >= 100` for `value >= 200`" in (shop / "README.md").read_text()
    file = shop / "rules" / "orders.triggers"
    file.write_text(file.read_text().replace("value >= 200", "value >= 100"))
    ran = triggerlang("test", cwd=shop)
    assert ran.code == 1
    assert '2026-03-02 00:00 "ben" is too much' in ran.out
    assert ran.err == "5 tests in 4 files: 1 fails\n"


def test_it_works_inside_another_project(tmp_path: Path) -> None:
    (tmp_path / "triggerlang.toml").write_text('rules = "others"\n')
    assert triggerlang("new", "shop", cwd=tmp_path).code == 0
    assert triggerlang("check", "--strict", cwd=tmp_path / "shop").code == 0


def test_a_folder_that_is_there_and_a_whole_path_are_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert triggerlang("new", "./a/b/", cwd=tmp_path).out.endswith("Next: cd ./a/b/ && triggerlang run log\n")
    assert triggerlang("new", tmp_path / "c", cwd=tmp_path).code == 0
    assert inside(tmp_path / "a" / "b") == inside(tmp_path / "c") == set(ABOUT)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a b", "cd 'a b' && triggerlang run log"),
        ("-x", "cd ./-x && triggerlang run log"),
        ("$(id)", "cd '$(id)' && triggerlang run log"),
        ("a\x1b[31m", "go to that folder, and run: triggerlang run log"),
        ("a\nb", "go to that folder, and run: triggerlang run log"),
    ],
)
def test_what_to_do_next_can_be_pasted_whatever_the_name(tmp_path: Path, name: str, said: str) -> None:
    ran = triggerlang("new", "--", name, cwd=tmp_path)
    assert (ran.code, names(tmp_path)) == (0, {name})
    assert ran.out.splitlines()[-1] == f"Next: {said}"
    assert "\x1b" not in ran.out
    assert inside(tmp_path / name) == set(ABOUT)


def test_an_empty_folder_is_filled_and_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir(mode=0o750)
    assert triggerlang("new", "shop", cwd=tmp_path).code == 0
    assert inside(tmp_path / "shop") == set(ABOUT)
    assert stat.S_IMODE((tmp_path / "shop").stat().st_mode) == 0o750


def test_permissions_are_those_of_the_user(tmp_path: Path) -> None:
    def before() -> None:
        os.umask(0o027)

    assert triggerlang("new", "shop", cwd=tmp_path, before=before).code == 0
    assert stat.S_IMODE((tmp_path / "shop" / "rules").stat().st_mode) == 0o750
    assert stat.S_IMODE((tmp_path / "shop" / "README.md").stat().st_mode) == 0o640


def _stand_in_the_way(folder: Path) -> None:
    (folder / "file").write_text("mine")
    (folder / "full").mkdir()
    (folder / "full" / "file").write_text("mine")
    (folder / "empty").mkdir()
    (folder / "link").symlink_to("empty")
    (folder / "dangling").symlink_to("nothing")
    (folder / "circle").symlink_to("circle")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("file", "there is a file of that name; name another folder"),
        ("file/shop", "a file stands where a folder is needed; name another folder"),
        ("full", "this folder is not empty; name a new one"),
        ("full/", "this folder is not empty; name a new one"),
        ("link", "there is a link of that name; name another folder"),
        ("link/", "there is a link of that name; name another folder"),
        ("link/.", "there is a link of that name; name another folder"),
        ("dangling", "there is a link of that name; name another folder"),
        ("circle", "there is a link of that name; name another folder"),
        ("nothing/shop", "there is no such folder to make it in; make that one first"),
        ("../shop", "`..` leads out of the folder that you are in; name a folder in it, or a whole path"),
        ("empty/../shop", "`..` leads out of the folder that you are in; name a folder in it, or a whole path"),
        ("x" * 300, "this cannot be written: File name too long"),
    ],
)
def test_o14_what_stands_in_the_way_is_refused_and_left_alone(tmp_path: Path, name: str, reason: str) -> None:
    here = tmp_path / "here"
    here.mkdir()
    _stand_in_the_way(here)
    before = sorted(here.rglob("*"))
    ran = triggerlang("new", name, cwd=here)
    assert (ran.code, ran.out, ran.err) == (2, "", f"Error: {name}: {reason}\n")
    assert sorted(here.rglob("*")) == before
    assert names(tmp_path) == {"here"}
    assert (here / "file").read_text() == "mine"


def test_o14_the_folder_that_one_is_in_is_not_exchanged(tmp_path: Path) -> None:
    for name in (".", "./", str(tmp_path)):
        ran = triggerlang("new", name, cwd=tmp_path)
        assert (ran.code, ran.err) == (2, f"Error: {name}: this is the folder that you are in; go one up and name it from there\n")
    ran = triggerlang("new", "", cwd=tmp_path)
    assert (ran.code, ran.err) == (2, 'Error: "": this is no name; name the folder to make\n')
    assert not names(tmp_path)


def test_o14_nothing_is_left_where_a_file_cannot_be_written(tmp_path: Path) -> None:
    ran = triggerlang("new", "shop", cwd=tmp_path, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900)))
    assert (ran.code, ran.out, ran.err) == (2, "", "Error: shop: this cannot be written: File too large\n")
    assert not names(tmp_path)


@pytest.mark.parametrize("place", ["mkdir", "rename"])
def test_o14_nothing_is_left_where_the_system_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Tests may run as a user who may write everywhere, so the system's answer is played."""

    def forbidden(*arguments: object, **more: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, place, forbidden)
    with pytest.raises(OutputError, match="this may not be written"):
        folders.write_folder(str(tmp_path / "shop"), {"a": "b"}, print)
    assert not names(tmp_path)


@pytest.mark.parametrize("what", ["file", "folder", "link"])
def test_what_comes_to_stand_there_meanwhile_stays(tmp_path: Path, what: str) -> None:
    target = tmp_path / "shop"

    class Files(dict[str, str]):
        """Files that somebody else is quicker with."""

        def items(self) -> Iterator[tuple[str, str]]:  # type: ignore[override]
            yield "a", "ours"
            if what == "file":
                target.write_text("theirs")
            elif what == "folder":
                target.mkdir()
                (target / "b").write_text("theirs")
            else:
                target.symlink_to(tmp_path)

    with pytest.raises(OutputError, match="something else has come to stand there"):
        folders.write_folder(str(target), Files(), print)
    assert names(tmp_path) == {"shop"}
    assert {"file": target.is_file(), "folder": inside(target) == {"b"}, "link": target.is_symlink()}[what]


def test_what_a_killed_run_left_behind_is_removed(tmp_path: Path) -> None:
    left = tmp_path / ".shop-0123456789abcdef.triggerlang-part"
    (left / "rules").mkdir(parents=True)
    (left / "rules" / "a.triggers").write_text("")
    other = tmp_path / ".other-0123456789abcdef.triggerlang-part"
    other.mkdir()
    ran = triggerlang("new", "shop", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, f"Note: removed {left.name}, left behind by a run that was killed\n")
    assert parts(tmp_path) == {other.name}


def test_the_starter_holds_nothing_of_this_machine() -> None:
    for name, text in starter().items():
        assert "@version@" not in text, name
        assert str(ROOT) not in text, name
        assert text.endswith("\n"), name
        assert "\t" not in text, name
