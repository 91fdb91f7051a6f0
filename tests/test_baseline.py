"""`check --baseline`: what is new since a git revision, read from repositories that may mean harm."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import time
from pathlib import Path

import click
import pytest

from tests.support.command import Ran, environment, triggerlang
from triggerlang.checking.baseline import new_diagnostics
from triggerlang.checking.project import check, without_allowed
from triggerlang.cli import revisions
from triggerlang.language.source import Source

TWICE = "where weekday in (sunday, sunday)"
WARNED = f'automation "A"\n  on event "a"\n    {TWICE}\n'
GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main")

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


def git(folder: Path, *arguments: str, given: bytes | None = None) -> str:
    done = subprocess.run([*GIT, *arguments], cwd=folder, input=given, capture_output=True, check=True, env=environment(HOME="/nowhere"))
    return done.stdout.decode().strip()


def commit(folder: Path, **files: str) -> None:
    """Write rule files, and commit all that is there."""
    for name, text in files.items():
        path = folder / "rules" / f"{name}.triggers"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "as it is")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose only commit has a warning."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    commit(folder, welcome=WARNED)
    return folder


def since(folder: Path, revision: str = "HEAD", *more: str, **variables: str) -> Ran:
    ran = triggerlang(
        "check",
        "--strict",
        "--format",
        "concise",
        "--baseline",
        revision,
        *more,
        cwd=folder,
        env=environment(HOME="/nowhere", **variables),
    )
    assert ran.is_clean
    return ran


def places(ran: Ran) -> list[str]:
    return [" ".join(line.split(" ")[:2]) for line in ran.out.splitlines()]


# What is new


def test_what_was_there_is_not_shown_and_does_not_count(repository: Path) -> None:
    ran = since(repository)
    assert (ran.code, ran.out, ran.err) == (0, "", "nothing new in 1 file; 1 more is known from HEAD\n")
    (repository / "rules" / "welcome.triggers").write_text(f'# more\n\non event "b" {TWICE}\n{WARNED}')
    ran = since(repository)
    assert (ran.code, places(ran)) == (1, ["rules/welcome.triggers:3:40: repeated-weekday"])
    assert ran.err == "1 warning new in 1 file; 1 more is known from HEAD\n"
    commit(repository)
    assert since(repository).out == ""
    assert places(since(repository, "HEAD~1")) == ["rules/welcome.triggers:3:40: repeated-weekday"]


def test_all_formats_show_what_is_new_alone(repository: Path) -> None:
    (repository / "rules" / "other.triggers").write_text(f'on event "b" {TWICE}\n')
    for format in ("text", "github", "json"):
        ran = triggerlang("check", "--format", format, "--baseline", "main", cwd=repository, env=environment(HOME="/nowhere"))
        assert ran.code == 0
        assert ran.out.count("repeated-weekday") == 1
        assert "other.triggers" in ran.out
        assert "welcome.triggers" not in ran.out
    assert len(json.loads(ran.out)) == 1


def test_errors_count_too(repository: Path) -> None:
    commit(repository, broken="on evnt\non event 'a'\n")
    assert since(repository).code == 0
    (repository / "rules" / "broken.triggers").write_text("on evnt\non event 'a'\non evnt\n")
    ran = since(repository)
    assert (ran.code, len(ran.out.splitlines())) == (1, 1)
    assert ran.err == "1 error new in 2 files; 3 more are known from HEAD\n"


@pytest.mark.parametrize("revision", ["main", "HEAD", "v1", "HEAD^{tree}", "main@{0}"])
def test_what_a_revision_can_be(repository: Path, revision: str) -> None:
    git(repository, "tag", "-a", "v1", "-m", "one")
    assert since(repository, revision).code == 0
    assert since(repository, git(repository, "rev-parse", "--short", "HEAD")).code == 0


def test_paths_are_looked_up_as_they_are_named_now(repository: Path, tmp_path: Path) -> None:
    (repository / "sub").mkdir()
    for folder, path in (
        (repository, "rules/"),
        (repository, "."),
        (repository, "rules/welcome.triggers"),
        (repository / "rules", "."),
        (repository / "rules", "welcome.triggers"),
        (repository / "sub", "../rules"),
        (repository, str(repository / "rules")),
    ):
        assert since(folder, "HEAD", path).err == "nothing new in 1 file; 1 more is known from HEAD\n", path
    (tmp_path / "link").symlink_to(repository)
    assert since(tmp_path / "link", "HEAD", "rules", "rules/welcome.triggers").code == 0
    (repository / "triggerlang.toml").write_text('rules = ["rules/welcome.triggers"]\nallow = ["repeated-weekday"]\n')
    assert since(repository / "sub").err == "nothing new in 1 file\n"


def test_a_file_of_the_working_folder_may_have_changed(repository: Path) -> None:
    (repository / "rules" / "welcome.triggers").write_text("# more\n" + WARNED)
    for path in ("welcome.triggers", "./welcome.triggers", "."):
        assert since(repository / "rules", "HEAD", path).err == "nothing new in 1 file; 1 more is known from HEAD\n", path


def test_a_path_that_was_not_there_is_new_as_a_whole(repository: Path) -> None:
    (repository / "more").mkdir()
    (repository / "more" / "welcome.triggers").write_text(WARNED.replace('"A"', '"B"').replace('"a"', '"b"'))
    assert places(since(repository, "HEAD", "rules", "more")) == ["more/welcome.triggers:3:31: repeated-weekday"]


def test_fix_and_baseline_go_together_and_diff_does_not(repository: Path) -> None:
    (repository / "rules" / "other.triggers").write_text(f"on event 'b' {TWICE}\n")
    ran = since(repository, "HEAD", "--fix")
    assert places(ran) == ["rules/other.triggers:1:40: repeated-weekday"]
    assert ran.err.startswith("1 replacement made\n")
    assert since(repository, "HEAD", "--diff").code == 2


def test_baseline_and_a_log_do_not_go_together(repository: Path) -> None:
    (repository / "log.jsonl").write_text("")
    ran = since(repository, "HEAD", "--log", "log.jsonl")
    assert ran.code == 2
    assert "leave --log out" in ran.err


# What is the same


def new(before: dict[str, str], now: dict[str, str]) -> list[str]:
    old = without_allowed(check([Source(f"then:{path}", text) for path, text in before.items()]))
    found = new_diagnostics(
        without_allowed(check([Source(path, text) for path, text in now.items()])), old, lambda source: source.path.removeprefix("then:")
    )
    return [str(problem.span) for problem in found]


OTHER = 'on event "b" where weekday in (sunday, sunday)\n'


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        ({"a": WARNED}, {"a": f"# one\n{OTHER}{WARNED}"}, ["a:2"]),
        ({"a": WARNED}, {"a": WARNED.replace("\n", "  # why\n")}, []),
        ({"a": WARNED}, {"a": " ".join(WARNED.split())}, []),
        ({"a": WARNED + OTHER}, {"a": OTHER + WARNED}, []),
        ({"a": WARNED}, {"a": WARNED + WARNED.split("\n", 1)[1]}, ["a:5"]),
        ({"a": WARNED + WARNED.split("\n", 1)[1]}, {"a": WARNED}, []),
        # A rule that is altered elsewhere keeps its problem; the same one in another automation is new.
        ({"a": WARNED}, {"a": WARNED.replace('"a"', '"other"')}, []),
        ({"a": WARNED}, {"a": WARNED.replace('"a"', '"other"').replace('"A"', '"B"')}, ["a:3"]),
        ({"a": f'segment "s" is {TWICE[6:]}\n{OTHER}'}, {"a": f'segment "t" is {TWICE[6:]}\n{OTHER}'}, ["a:1"]),
        # Of two, the one that was altered is new where there is one more.
        ({"a": WARNED}, {"a": f'automation "A"\n  on event "z" {TWICE}\n{WARNED.split(chr(10), 1)[1]}'}, ["a:2"]),
        ({"a": WARNED}, {"b": WARNED}, []),
        ({"a": WARNED}, {"b": WARNED + "# more\n"}, ["b:3"]),
        ({"a": WARNED, "b": OTHER}, {"b": WARNED, "c": OTHER}, ["b:3", "c:1"]),
        ({"a": OTHER, "b": OTHER}, {"c": OTHER, "d": OTHER}, []),
        ({"a": OTHER}, {"a": OTHER, "b": OTHER}, ["b:1"]),
        ({"a": "# nothing\n"}, {"a": "# nothing at all\n"}, []),
        ({}, {"a": "on evnt\n"}, ["a:1"]),
        ({"a": "on evnt\n"}, {"a": "\n\non evnt\n"}, []),
        ({"a": "on evnt\n"}, {"a": 'on evnt\non event "x"\non evnt\n'}, ["a:3"]),
        ({"a": WARNED}, {"a": WARNED + "on evnt\n"}, ["a:4"]),
        (
            {"a": 'on event "x" # triggerlang: allow strange-name why\n'},
            {"a": '\non event "x"  # triggerlang: allow strange-name why\n'},
            [],
        ),
        # What was allowed then, and is not now, is new.
        ({"a": f'on event "x" {TWICE} # triggerlang: allow repeated-weekday why\n'}, {"a": f'on event "x" {TWICE}\n'}, ["a:1"]),
    ],
)
def test_a_problem_is_the_same_where_its_words_and_its_statement_are(before: dict[str, str], now: dict[str, str], found: list[str]) -> None:
    assert new(before, now) == found


# What git cannot say


def refused(folder: Path, revision: str, *more: str, **variables: str) -> str:
    ran = since(folder, revision, *more, **variables)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ")
    assert ran.err.count("\n") == 1
    assert "\x1b" not in ran.err
    return ran.err


@pytest.mark.parametrize("revision", ["", "-h", "--output=x", "--upload-pack=touch x", "-"])
def test_a_revision_is_never_an_option(repository: Path, revision: str) -> None:
    assert "is no revision" in refused(repository, revision)


@pytest.mark.parametrize(
    "revision",
    [
        "nowhere",
        "main..HEAD",
        "HEAD:rules",
        "HEAD:rules/welcome.triggers",
        "a b",
        "$(touch x)",
        "; touch x",
        "\x1b[31m",
        "HEAD\nHEAD",
        "@{99}",
    ],
)
def test_an_unknown_revision_is_told(repository: Path, revision: str) -> None:
    assert "git knows no revision" in refused(repository, revision)
    assert not (repository / "x").exists()


def test_a_folder_that_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.triggers").write_text(WARNED)
    assert "this folder is in no git repository" in refused(tmp_path, "HEAD", GIT_CEILING_DIRECTORIES=str(tmp_path.parent))


def test_no_git(repository: Path, tmp_path: Path) -> None:
    # A program of that name in the repository is none.
    (repository / "git").write_text("#!/bin/sh\ntouch ran\n")
    (repository / "git").chmod(0o755)
    for path in ("", str(tmp_path), f".:{tmp_path}:"):
        assert "git is needed" in refused(repository, "HEAD", PATH=path)
    assert not (repository / "ran").exists()


def test_git_is_not_waited_for_without_end(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text("#!/bin/sh\nsleep 20\n")
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(revisions, "PATIENCE", 0.3)
    monkeypatch.chdir(repository)
    begun = time.monotonic()
    with pytest.raises(click.ClickException, match="git did not answer"):
        revisions.sources_at("HEAD", ["rules"])
    assert time.monotonic() - begun < 10


def test_a_path_outside_the_repository(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.triggers").write_text(WARNED)
    for path in ("../outside.triggers", str(tmp_path / "outside.triggers")):
        assert "lies outside the git repository" in refused(repository, "HEAD", path)


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.triggers").write_text(WARNED)
    git(tmp_path, "init", "-q")
    assert "git knows no revision" in refused(tmp_path, "HEAD")


def test_an_object_that_is_lost_or_broken(repository: Path) -> None:
    name = git(repository, "rev-parse", "HEAD:rules/welcome.triggers")
    file = repository / ".git" / "objects" / name[:2] / name[2:]
    file.chmod(0o644)
    file.write_bytes(b"rubbish")
    refused(repository, "HEAD")
    file.unlink()
    assert "partial clone" in refused(repository, "HEAD")


# What a tree can hold


def tree_with(repository: Path, entries: list[tuple[str, str, bytes]]) -> str:
    """A tree of a folder `rules` with some entries: mode, object and name."""
    written = b"".join(
        f"{mode} {'commit' if mode == '160000' else 'blob'} {name}\t".encode() + path + b"\0" for mode, name, path in entries
    )
    rules = git(repository, "mktree", "-z", "--missing", given=written)
    return git(repository, "mktree", "-z", given=f"040000 tree {rules}\trules\0".encode())


def blob(repository: Path, text: bytes) -> str:
    return git(repository, "hash-object", "-w", "--stdin", given=text)


def test_links_and_submodules_are_passed_over(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.triggers").write_text(WARNED)
    link = blob(repository, str(tmp_path / "secret.triggers").encode())
    module = "1" * 40
    tree = tree_with(repository, [("120000", link, b"welcome.triggers"), ("160000", module, b"module.triggers")])
    assert places(since(repository, tree)) == ["rules/welcome.triggers:3:31: repeated-weekday"]


def test_names_and_bytes_of_any_sort(repository: Path) -> None:
    odd = [b"a\nb.triggers", b"\xff.triggers", b"-h.triggers", b"\x1b[31m.triggers", b":(top)x.triggers", b"*.triggers", b'"q".triggers']
    entries = [("100644", blob(repository, WARNED.encode()), name) for name in sorted(odd)]
    entries += [
        ("100755", blob(repository, WARNED.encode()), b"welcome.triggers"),
        ("100644", blob(repository, b"\xff\xfe"), b"z.triggers"),
    ]
    tree = tree_with(repository, entries)
    assert since(repository, tree).code == 0
    for name in odd:
        with open(os.fsencode(repository / "rules") + b"/" + name, "w") as file:
            file.write(WARNED)
    assert {place.split(" ")[1] for place in places(since(repository, "HEAD"))} == {
        "duplicate-automation",
        "duplicate-rule",
        "repeated-weekday",
    }
    assert "repeated-weekday" not in since(repository, tree).out
    assert since(repository / "rules", tree, "./-h.triggers", ":(top)x.triggers", "*.triggers").out == ""


def test_an_object_beyond_the_limit_is_not_read(repository: Path) -> None:
    large = repository / "large"
    with large.open("wb") as file:
        file.truncate(2**27 + 1)
    name = git(repository, "-c", "core.compression=1", "hash-object", "-w", "large")
    large.unlink()
    assert since(repository, tree_with(repository, [("100644", name, b"welcome.triggers")])).code == 1


# Repositories that mean harm


def test_nothing_that_a_configuration_names_is_started(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\necho $0 $* >> {tmp_path}/ran\nexit 1\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    hooks = repository / ".git" / "hooks"
    for hook in ("post-checkout", "pre-commit", "post-index-change", "fsmonitor-watchman", "reference-transaction", "pre-auto-gc"):
        shutil.copy(trap, hooks / hook)
    (repository / ".gitattributes").write_text("* diff=trap filter=trap merge=trap\n")
    for key in (
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy", "core.alternateRefsCommand",
        "diff.external", "diff.trap.command", "diff.trap.textconv", "filter.trap.clean", "filter.trap.smudge", "filter.trap.process",
        "pager.ls-tree", "pager.cat-file", "pager.rev-parse", "alias.rev-parse", "alias.ls-tree", "alias.cat-file", "credential.helper",
        "uploadpack.packObjectsHook", "gpg.program", "interactive.diffFilter", "sequence.editor", "remote.origin.uploadpack",
    ):  # fmt: skip
        git(repository, "config", key, f"!{trap}" if key.startswith("alias") else str(trap))
    # An object that is not there would be fetched, by whatever program the repository says.
    git(repository, "config", "core.repositoryFormatVersion", "1")
    git(repository, "config", "extensions.partialClone", "origin")
    git(repository, "config", "protocol.allow", "always")
    git(repository, "config", "protocol.ext.allow", "always")
    lost = tree_with(repository, [("100644", "2" * 40, b"welcome.triggers")])
    assert since(repository).code == 0
    for url in (f"ext::{trap} %S", f"ssh://host/{trap}", f"file://{repository}", str(repository)):
        git(repository, "config", "remote.origin.url", url)
        git(repository, "config", "remote.origin.promisor", "true")
        refused(repository, lost)
        refused(repository, "3" * 40)
    assert not (tmp_path / "ran").exists(), (tmp_path / "ran").read_text()


def test_the_environment_leads_git_nowhere_else(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    commit(other, welcome='on event "x"\n')
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    trap.chmod(0o755)
    ran = since(
        repository,
        GIT_DIR=str(other / ".git"),
        GIT_WORK_TREE=str(other),
        GIT_OBJECT_DIRECTORY=str(other / ".git" / "objects"),
        GIT_INDEX_FILE=str(other / ".git" / "index"),
        GIT_EXEC_PATH=str(tmp_path),
        GIT_EXTERNAL_DIFF=str(trap),
        GIT_PAGER=str(trap),
        GIT_SSH_COMMAND=str(trap),
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0="core.fsmonitor",
        GIT_CONFIG_VALUE_0=str(trap),
        GIT_TRACE=str(tmp_path / "traced"),
        PAGER=str(trap),
    )
    assert (ran.code, ran.out) == (0, "")
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "traced").exists()


def test_a_repository_is_left_as_it_was(repository: Path) -> None:
    def state() -> dict[str, tuple[int, int]]:
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in repository.rglob("*")}

    before = state()
    assert since(repository).code == 0
    assert state() == before
