"""Revisions: the rule files of some paths as they were at a revision of a git repository.

In: a revision, and paths as they are named now. Out: the sources that stood there, each named `REVISION:path`, and what is wrong with their
bytes. They are read as objects: nothing is checked out, and nothing of what a repository's configuration or the environment may tell git to
start is started. Links and submodules are passed over.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import click

from triggerlang.answers.encoding import shown
from triggerlang.checking.files import SUFFIX, source_of
from triggerlang.language.diagnostics import Diagnostic
from triggerlang.language.parser import FILE_LIMIT, TOO_LARGE
from triggerlang.language.source import Source

PATIENCE: Final = 60.0
"""For how many seconds git is waited for."""

_KEPT: Final = ("GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")
"""The only variables of git's own that are handed on: others would lead it to another repository, or start something."""
_SET: Final = {
    "GIT_ALLOW_PROTOCOL": "",  # An object that is not there is not fetched; a repository may say by which program that is done.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
_OPTIONS: Final = ("--no-pager", "-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit")
_ENTRY: Final = re.compile(rb"(?P<mode>[0-7]+) (?P<type>[a-z]+) (?P<object>[0-9a-f]+) +(?P<size>\S+)\t(?P<path>.+)", re.DOTALL)
_PLAIN: Final = (b"100644", b"100755", b"100664")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A rule file of a tree: its object, its size in bytes, and its path as it would be named now."""

    object: str
    size: int
    path: str


def sources_at(revision: str, paths: Sequence[str]) -> tuple[list[Source], list[Diagnostic]]:
    """The rule files that some paths stand for at a revision, and what is wrong with their bytes, as `read_sources` gives those of now.

    The repository is that of the working folder. A path that was not there then has no files. Raises ClickException where there is no git,
    no repository or no such revision, and for a path outside the repository.
    """
    if not revision or revision.startswith("-") or "\0" in revision:
        raise click.ClickException(f"{_quoted(revision)} is no revision; a branch, a tag or a commit is one, such as main or HEAD~1")
    git = _Git()
    root = git.root()
    tree = git.tree(revision)
    entries = [entry for path in paths for entry in _entries(git, tree, path, _below(root, path))]
    # A file that is reached twice counts once.
    found: dict[str, _Entry] = {}
    for entry in entries:
        found.setdefault(os.path.normpath(entry.path), entry)
    return _read(git, revision, list(found.values()))


def path_at(source: Source, revision: str) -> str:
    """The path of a source of a revision, as it would be named now."""
    return source.path.removeprefix(f"{revision}:")


class _Git:
    """Runs git in the working folder: without a shell, without what could start another program, and not for ever."""

    def __init__(self) -> None:
        # A folder of PATH that is not absolute could be the repository's own.
        folders = [folder for folder in os.get_exec_path() if os.path.isabs(folder)]
        program = shutil.which("git", path=os.pathsep.join(folders))
        if program is None:
            raise click.ClickException("git is needed to read a revision, and is not installed")
        self._program = program

    def root(self) -> str:
        """The folder of the repository's files."""
        done = self.run("rev-parse", "--show-toplevel")
        if done.returncode or not done.stdout:
            raise click.ClickException(f"this folder is in no git repository with files: {_reason(done)}")
        return os.fsdecode(done.stdout.removesuffix(b"\n"))

    def tree(self, revision: str) -> str:
        """The object of a revision's tree."""
        done = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}")
        written = done.stdout.decode("ascii", "replace").strip().removeprefix("--end-of-options").strip()
        if done.returncode or not re.fullmatch(r"[0-9a-f]{40,64}", written):
            raise click.ClickException(
                f"git knows no revision {_quoted(revision)}; a branch, a tag or a commit is one, and a shallow clone has few of them"
            )
        return written

    def run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                [self._program, *_OPTIONS, *arguments],
                input=given,
                env=_environment(os.environ),
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise click.ClickException(f"git did not answer within {PATIENCE:.0f} seconds") from error
        except (OSError, ValueError) as error:
            raise click.ClickException(f"git cannot be run: {getattr(error, 'strerror', None) or error}") from error


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in given.items() if not name.startswith("GIT_") or name in _KEPT}
    return {**kept, **_SET}


def _below(root: str, path: str) -> str:
    """A path as the repository names it: from its root, without the last slash; empty for the root itself."""
    try:
        here = os.path.abspath(path)
        above = here
        parts: list[str] = []
        found: list[str] | None = None
        while True:
            # Of several folders that are the root, as a link to it is, the outermost counts.
            if os.path.realpath(above) == os.path.realpath(root):
                found = list(reversed(parts))
            above, part = os.path.split(above)
            if not part:
                break
            parts.append(part)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{shown(path)}: this is no path: {error}") from error
    if found is None:
        raise click.ClickException(f"{shown(path)} lies outside the git repository {shown(root)}, so that it has no revision")
    return "/".join(found)


def _entries(git: _Git, tree: str, named: str, below: str) -> Iterator[_Entry]:
    """The rule files of a tree at a path or below it, in the order of their paths."""
    done = git.run("ls-tree", "-r", "-z", "--long", "--full-tree", tree, "--", *([below] if below else []))
    if done.returncode:
        raise click.ClickException(f"git cannot read the revision: {_reason(done)}")
    found: list[_Entry] = []
    for written in done.stdout.split(b"\0"):
        entry = _ENTRY.fullmatch(written)
        if entry is None or entry["mode"] not in _PLAIN or entry["type"] != b"blob":
            continue
        path = os.fsdecode(entry["path"])
        if not path.endswith(SUFFIX):
            continue
        if not entry["size"].isdigit():
            raise click.ClickException(f"git has not got {shown(path)} of the revision; a partial clone may be without it")
        rest = path if not below else path.removeprefix(below).lstrip("/")
        found.append(_Entry(entry["object"].decode(), int(entry["size"]), f"{named.rstrip('/')}/{rest}" if rest else named))
    yield from sorted(found, key=lambda entry: entry.path)


def _read(git: _Git, revision: str, entries: Sequence[_Entry]) -> tuple[list[Source], list[Diagnostic]]:
    """The sources of some objects. One that is too large to be a rule file is not read."""
    wanted = [entry.object for entry in entries if entry.size <= 4 * FILE_LIMIT]
    texts = _objects(git, wanted)
    sources: list[Source] = []
    problems: list[Diagnostic] = []
    for entry in entries:
        # Rules before a header belong to an automation named after the file, and a path has a slash to tell where its name begins.
        name = f"{revision}:{entry.path if '/' in entry.path else f'./{entry.path}'}"
        if entry.size > 4 * FILE_LIMIT:
            source = Source(name, "")
            limit = f"{FILE_LIMIT:,}"
            problems.append(TOO_LARGE.at(source.span(0, 0), size=f"more than {limit}", limit=limit, help="split it"))
        else:
            source, more = source_of(name, texts[entry.object])
            problems += more
        sources.append(source)
    return sources, problems


def _objects(git: _Git, wanted: Sequence[str]) -> dict[str, bytes]:
    """The bytes of some objects."""
    if not wanted:
        return {}
    done = git.run("cat-file", "--batch", given="".join(f"{name}\n" for name in dict.fromkeys(wanted)).encode())
    found: dict[str, bytes] = {}
    at = 0
    while (end := done.stdout.find(b"\n", at)) >= 0:
        header = done.stdout[at:end].split(b" ")
        if len(header) != 3 or header[1] != b"blob":
            break
        begin, size = end + 1, int(header[2])
        found[header[0].decode()] = done.stdout[begin : begin + size]
        at = begin + size + 1
    if done.returncode or len(found) != len(set(wanted)):
        raise click.ClickException(f"git cannot read a file of the revision: {_reason(done)}")
    return found


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """What git says of why it failed, on one line."""
    lines = done.stderr.decode("utf-8", "replace").strip().split("\n")
    return shown(lines[0].removeprefix("fatal: ").removeprefix("error: ")) or "git does not say why"


def _quoted(text: str) -> str:
    from triggerlang.language.diagnostics import quoted

    return shown(quoted(text))
