"""Kept kernels: built once, whole or not at all, and nothing is loaded that others could have written.

Each process is one of its own, with kernels that take little time to compile.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command import ROOT, environment, names
from triggerlang.machine import keeping, places, sets
from triggerlang.machine.held import LOCK
from triggerlang.machine.sources import NoSourceError, fingerprint, sources

IS_ADMINISTRATOR = os.geteuid() == 0
for_administrators = pytest.mark.skipif(not IS_ADMINISTRATOR, reason="only the administrator can do this to a file system")

MODULES = {
    "constants.py": "FACTOR = 2\n",
    "helpers.py": (
        "from tiny.constants import FACTOR\nfrom triggerlang.machine.kernels import inner\n\n"
        "@inner\ndef times(number):\n    return number * FACTOR\n"
    ),
    "one.py": (
        "from tiny.helpers import times\nfrom triggerlang.machine.kernels import kernel\n\n"
        '@kernel("int64(int64)")\ndef double(number):\n    return times(number)\n'
    ),
    "__init__.py": "",
}

RUN = """
import json, sys
from triggerlang.machine import keeping
notes, after = [], sys.argv[1]
kernels = keeping.prepare(notes.append, ("tiny.one",))
was_cold = kernels.is_cold
exec(after)
kernels.compile(lambda done, of: None)
from tiny.one import double
print(json.dumps({
    "cold": was_cold, "loaded": sum(double.stats.cache_hits.values()), "answer": double(21), "notes": notes, "remark": kernels.remark,
}))
"""


@dataclass(frozen=True)
class Ran:
    """What a process says of its kernels."""

    cold: bool
    loaded: int
    answer: int
    notes: list[str]
    remark: str | None


class World:
    """A home, and a program with kernels."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.code = folder / "code"
        self.home.mkdir(parents=True, mode=0o755)
        # Nobody would keep anything where everybody can replace it.
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.temporary.chmod(0o777)
        (self.code / "tiny").mkdir(parents=True)
        for name, text in MODULES.items():
            (self.code / "tiny" / name).write_text(text, encoding="utf-8")

    @property
    def kept(self) -> Path:
        return self.home / ".cache" / "triggerlang" / "kernels"

    @property
    def set(self) -> Path:
        """The one set that is there; nothing else is."""
        (found,) = self.kept.iterdir()
        return found

    def environment(self, **more: str) -> dict[str, str]:
        places = {"HOME": str(self.home), "TMPDIR": str(self.temporary)}
        return {**environment(**places), "PYTHONPATH": f"{ROOT}{os.pathsep}{self.code}", **more}

    def start(self, after: str = "", **more: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", RUN, after],
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            umask=0o022,
        )

    def run(self, after: str = "", **more: str) -> Ran:
        """Load or compile the kernels and ask them; `after` is run between the look at what is kept and the load."""
        return ended(self.start(after, **more))


def ended(process: subprocess.Popen[bytes]) -> Ran:
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, b""), err.decode()
    return Ran(**json.loads(out))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world whose kernels are kept. Never written to: see `warm`."""
    world = World(tmp_path_factory.mktemp("built"))
    assert world.run() == Ran(cold=True, loaded=0, answer=42, notes=[], remark=None)
    return world


@pytest.fixture
def warm(built: World, tmp_path: Path) -> World:
    """A copy of that world's home, with the same program."""
    world = World(tmp_path)
    shutil.copytree(built.home, world.home, dirs_exist_ok=True)
    return world


WARM = Ran(cold=False, loaded=1, answer=42, notes=[], remark=None)


@contextmanager
def disk(folder: Path, options: str) -> Iterator[None]:
    """A disk of its own in a folder."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


# Built, loaded


def test_kernels_are_compiled_once(built: World) -> None:
    assert built.run() == WARM
    assert {stat.S_IMODE(path.stat().st_mode) for path in (built.kept, built.kept.parent, built.kept.parent.parent, built.set)} == {0o700}


def test_nothing_is_kept_beside_the_source(built: World) -> None:
    assert not list(built.code.rglob("*.nb?"))
    assert names(built.set) == {LOCK, sets.MANIFEST, *(path.name for path in built.set.glob("*.nb[ic]"))}
    assert len(list(built.set.glob("*.nb[ic]"))) == 2


def test_the_folder_of_all_programs_can_be_named(warm: World, tmp_path: Path) -> None:
    (warm.home / ".cache").rename(tmp_path / "elsewhere")
    assert warm.run(XDG_CACHE_HOME=str(tmp_path / "elsewhere")) == WARM
    assert not (warm.home / ".cache").exists()


def test_a_kernel_of_a_module_that_is_not_listed_is_not_kept(warm: World) -> None:
    (warm.code / "other.py").write_text(
        'from triggerlang.machine.kernels import kernel\n\n@kernel("int64(int64)")\ndef same(number):\n    return number\n',
        encoding="utf-8",
    )
    assert warm.run(after="from other import same; assert same(3) == 3") == WARM
    assert warm.run() == WARM


def test_numba_keeps_the_functions_of_others_where_it_did(warm: World, tmp_path: Path) -> None:
    (warm.code / "other.py").write_text("import numba\n\n@numba.njit(cache=True)\ndef same(number):\n    return number\n", encoding="utf-8")
    assert warm.run(after="from other import same; assert same(3) == 3", NUMBA_CACHE_DIR=str(tmp_path / "theirs")) == WARM
    assert len(list((tmp_path / "theirs").rglob("*.nbc"))) == 1
    assert warm.run() == WARM


def test_without_prepare_kernels_are_compiled_and_not_kept(world: World) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "from tiny.one import double; print(double(21))"], env=world.environment(), capture_output=True, check=True
    )
    assert (ran.stdout, ran.stderr) == (b"42\n", b"")
    assert not list(world.home.iterdir())


def test_modules_that_came_too_early_are_not_kept(world: World) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "import tiny.one\n" + RUN, ""], env=world.environment(), capture_output=True, check=True, text=True
    )
    assert Ran(**json.loads(ran.stdout)).remark == "the compiled kernels are not kept: tiny.one was imported before they could be"
    assert not list(world.home.iterdir())


def test_plain_python_instead_of_kernels(world: World) -> None:
    code = "from tiny.one import double; print(double(21))"
    ran = subprocess.run(
        [sys.executable, "-c", f"from triggerlang.machine import keeping; keeping.prepare(print, ('tiny.one',)); {code}"],
        env=world.environment(NUMBA_DISABLE_JIT="1"),
        capture_output=True,
        check=True,
    )
    assert (ran.stdout, ran.stderr) == (b"42\n", b"")
    assert not list(world.home.iterdir())


def test_a_mistake_in_a_kernel_is_said_and_nothing_stays(world: World) -> None:
    (world.code / "tiny" / "one.py").write_text(MODULES["one.py"].replace("times(number)", "no_such_name"), encoding="utf-8")
    process = world.start()
    assert b"no_such_name" in process.communicate()[1]
    assert names(world.kept) == set()


def test_every_module_with_kernels_is_listed() -> None:
    package = ROOT / "triggerlang"
    having = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in package.rglob("*.py")
        if re.search(r"^@kernel\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert having == set(keeping.MODULES)


# What they are named by


@pytest.fixture
def tiny(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.syspath_prepend(str(world.code))
    return world


@pytest.mark.parametrize("changed", ["one.py", "helpers.py", "constants.py"])
def test_another_source_is_another_set(tiny: World, changed: str) -> None:
    before = fingerprint(["tiny.one"])
    assert fingerprint(["tiny.one"]) == before
    with (tiny.code / "tiny" / changed).open("a", encoding="utf-8") as file:
        file.write("# more\n")
    assert fingerprint(["tiny.one"]) != before


@pytest.mark.parametrize(
    "line",
    [
        "from tiny.more import LIMIT",
        "from tiny import other, more",
        "from tiny import (\n    other,\n    more as less,\n)",
        "import tiny.more",
        "def work():\n    from tiny.more import LIMIT",
    ],
)
def test_what_is_imported_in_any_way_counts(tiny: World, line: str) -> None:
    (tiny.code / "tiny" / "more.py").write_text("LIMIT = 1\n", encoding="utf-8")
    (tiny.code / "tiny" / "constants.py").write_text(f"{line}\n", encoding="utf-8")
    assert set(sources(["tiny.one"])) == {"tiny.one", "tiny.helpers", "tiny.constants", "tiny.more"}


def test_a_module_of_ours_counts_with_what_it_imports() -> None:
    found = sources(["triggerlang.machine.keeping"])
    assert {"triggerlang.machine.kernels", "triggerlang.machine.sets", "triggerlang.machine.held"} <= set(found)
    assert "triggerlang.cli.main" not in found


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ("numba", "__version__", "0.1"),
        ("llvmlite", "__version__", "0.1"),
        ("numpy", "__version__", "0.1"),
        ("sys", "version", "3.99"),
        ("numba.core.codegen.JITCPUCodegen", "magic_tuple", lambda _: ("x86_64", "another-processor", "+avx9")),
        ("numba.config", "BOUNDSCHECK", 1),
        ("numba.config", "OPT", 0),
    ],
)
def test_another_version_processor_or_setting_is_another_set(
    tiny: World, monkeypatch: pytest.MonkeyPatch, place: str, name: str, value: object
) -> None:
    before = fingerprint(["tiny.one"])
    monkeypatch.setattr(f"{place}.{name}", value)
    assert fingerprint(["tiny.one"]) != before


def test_a_module_without_source_is_said(tiny: World) -> None:
    with pytest.raises(NoSourceError, match=r"^the source of tiny\.none is not to be found$"):
        fingerprint(["tiny.none"])


def test_a_source_that_changes_meanwhile_is_not_kept_under_the_old_name(world: World) -> None:
    path = str(world.code / "tiny" / "constants.py")
    ran = world.run(after=f"open({path!r}, 'w').write('FACTOR = 3')")
    assert (ran.answer, ran.remark) == (63, "the compiled kernels are not kept: their sources changed meanwhile")
    assert names(world.kept) == set()


# Damaged, not ours


def damaged(world: World, change: Callable[[Path], object]) -> str:
    """Damage a set, which must then be passed over and built anew; what is said of it."""
    folder = world.set
    change(folder)
    ran = world.run()
    assert (ran.cold, ran.loaded, ran.answer, ran.remark) == (True, 0, 42, None)
    (note,) = ran.notes
    start = f"the compiled kernels in {folder} are not used, and built anew: "
    assert note.startswith(start)
    assert "\n" not in note
    assert world.set == folder
    sets.check(str(folder))
    return note.removeprefix(start)


def data_file(folder: Path) -> Path:
    (found,) = folder.glob("*.nbc")
    return found


def write(path: Path, data: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(data)


def list_anew(folder: Path) -> None:
    """Make the manifest say that all is as it should be."""
    kept = [path for path in folder.iterdir() if path.name not in (sets.MANIFEST, LOCK)]
    files = {path.name: {"size": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for path in kept}
    write(folder / sets.MANIFEST, json.dumps({"files": files}).encode())


class Malicious:
    """What makes a file when it is read as a pickle."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


def test_O10_truncated(warm: World) -> None:
    path = data_file(warm.set)
    assert damaged(warm, lambda _: write(path, path.read_bytes()[:-1])) == f"{path.name} has another size"


def test_O10_a_malicious_pickle_is_not_read(warm: World, tmp_path: Path) -> None:
    trap, path = tmp_path / "sprung", data_file(warm.set)
    data = pickle.dumps(Malicious(trap)) + bytes(path.stat().st_size)
    assert damaged(warm, lambda _: write(path, data[: path.stat().st_size])) == f"{path.name} has changed"
    assert not trap.exists()
    # It is a trap.
    pickle.loads(data)
    assert trap.exists()


def test_O10_a_malicious_pickle_that_is_listed_where_others_can_write_is_not_read(warm: World, tmp_path: Path) -> None:
    trap = tmp_path / "sprung"

    def change(folder: Path) -> None:
        for path in folder.glob("*.nb[ic]"):
            write(path, pickle.dumps(Malicious(trap)))
        list_anew(folder)
        folder.chmod(0o777)

    reason = f"{warm.set} can be written to by others: chmod go-w would change that"
    assert damaged(warm, change) == reason
    assert not trap.exists()


@for_administrators
def test_O10_a_malicious_set_of_someone_else_is_not_read(warm: World, tmp_path: Path) -> None:
    trap = tmp_path / "sprung"

    def change(folder: Path) -> None:
        write(data_file(folder), pickle.dumps(Malicious(trap)))
        list_anew(folder)
        os.chown(folder, 65534, 65534)

    reason = f"{warm.set} belongs to someone else"
    assert damaged(warm, change) == reason
    assert not trap.exists()


def test_O10_a_link_to_elsewhere(warm: World, tmp_path: Path) -> None:
    def change(folder: Path) -> None:
        folder.rename(tmp_path / "elsewhere")
        folder.symlink_to(tmp_path / "elsewhere")

    reason = f"{warm.set} is a link"
    assert damaged(warm, change) == reason
    assert len(names(tmp_path / "elsewhere")) == 4


def unfit(folder: Path) -> str:
    with pytest.raises(sets.UnfitError) as caught:
        sets.check(str(folder))
    return str(caught.value)


def test_O10_a_flipped_bit_anywhere(warm: World) -> None:
    folder = warm.set
    for path in (data_file(folder), *folder.glob("*.nbi"), folder / sets.MANIFEST):
        data = path.read_bytes()
        for place in range(0, len(data), max(1, len(data) // 200)):
            flipped = bytearray(data)
            flipped[place] ^= 1 << place % 8
            if path.name == sets.MANIFEST and json_equal(flipped, data):
                continue  # Between its words.
            write(path, bytes(flipped))
            assert unfit(folder)
        write(path, data)
    sets.check(str(folder))


def json_equal(one: bytes | bytearray, other: bytes) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b"null", b'{"files": 1}', b'{"files": {"a": {"size": "x", "sha256": ""}}}', b"[" * 100_000, b"\xff", b"1" * 5000],
)
def test_O10_any_manifest(warm: World, text: bytes) -> None:
    write(warm.set / sets.MANIFEST, text)
    assert unfit(warm.set) == f"{sets.MANIFEST} is damaged"


def test_O10_a_file_more_or_less(warm: World) -> None:
    more = warm.set / "more.nbc"
    more.write_bytes(b"")
    assert unfit(warm.set) == "more.nbc should not be there"
    more.unlink()
    path = data_file(warm.set)
    path.unlink()
    assert unfit(warm.set) == f"{path.name} is missing"
    path.mkdir()
    assert unfit(warm.set) == f"{path.name} is not a file of this user"
    path.rmdir()
    path.symlink_to("/etc/passwd")
    assert path.name in unfit(warm.set)
    path.unlink()
    os.mkfifo(path)
    assert unfit(warm.set) == f"{path.name} is not a file of this user"


def test_O10_a_file_that_others_can_write_to(warm: World) -> None:
    path = data_file(warm.set)
    path.chmod(0o620)
    assert unfit(warm.set) == f"{path.name} can be written to by others"


@for_administrators
def test_O10_a_file_of_someone_else(warm: World) -> None:
    path = data_file(warm.set)
    os.chown(path, 65534, 65534)
    assert unfit(warm.set) == f"{path.name} is not a file of this user"


def test_O10_another_version_stays_beside(warm: World) -> None:
    before = warm.set
    with (warm.code / "tiny" / "constants.py").open("a", encoding="utf-8") as file:
        file.write("FACTOR = 3\n")
    assert warm.run() == Ran(cold=True, loaded=0, answer=63, notes=[], remark=None)
    assert len(names(warm.kept)) == 2
    (warm.code / "tiny" / "constants.py").write_text(MODULES["constants.py"], encoding="utf-8")
    assert warm.run() == WARM
    assert before.exists()


@pytest.mark.parametrize(
    "change", ["data.write_bytes(b'x')", "data.write_bytes(b'')", "index.write_bytes(b'x')", "data.unlink()", "shutil.rmtree(folder)"]
)
def test_what_is_damaged_after_the_look_is_compiled_and_built_anew(warm: World, change: str) -> None:
    folder = warm.set
    ran = warm.run(
        after="import pathlib, shutil\n"
        f"folder = pathlib.Path({str(folder)!r})\n"
        "(data,), (index,) = folder.glob('*.nbc'), folder.glob('*.nbi')\n"
        f"data.chmod(0o600); index.chmod(0o600); {change}"
    )
    assert (ran.cold, ran.loaded, ran.answer) == (False, 0, 42)
    (note,) = ran.notes
    assert note.startswith(f"the compiled kernels in {folder} are not used, and built anew: a kernel cannot be loaded (")
    assert names(warm.kept) == set()


# Old sets


def old_sets(world: World, count: int) -> list[Path]:
    """Sets under other names, the first the longest unused."""
    made: list[Path] = []
    for number in range(count):
        copy = world.kept / f"{number:032x}"
        shutil.copytree(world.set if not made else made[0], copy)
        os.utime(copy, (1_000_000 + number, 1_000_000 + number))
        made.append(copy)
    return made


def test_old_sets_go_unless_they_are_used(warm: World) -> None:
    key = warm.set.name
    old = old_sets(warm, sets.KEPT + 2)
    holder = subprocess.Popen(
        [sys.executable, "-c", f"from triggerlang.machine import sets; assert sets.in_use({str(old[0])!r}); print(flush=True); input()"],
        env={**warm.environment(), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    os.utime(old[0], (1_000_000, 1_000_000))
    sets.remove_old(str(warm.kept), key)
    assert names(warm.kept) == {key, old[0].name, *(path.name for path in old[-sets.KEPT + 1 :])}
    holder.communicate(b"\n")
    sets.remove_old(str(warm.kept), key)
    assert names(warm.kept) == {key, *(path.name for path in old[-sets.KEPT + 1 :])}


def test_publishing_removes_old_sets(warm: World) -> None:
    old = old_sets(warm, sets.KEPT)
    (warm.code / "tiny" / "constants.py").write_text("FACTOR = 3\n", encoding="utf-8")
    assert warm.run().cold
    left = names(warm.kept)
    assert len(left) == sets.KEPT
    assert old[0].name not in left


# Many at once, killed


def test_O9_twenty_at_once_on_a_cold_cache_and_one_killed(world: World) -> None:
    started = [world.start() for _ in range(20)]
    deadline = time.monotonic() + 60
    # One that another process has taken for a left-over may be gone at the second look.
    while True:
        building = list(world.kept.glob(f".*{sets.BUILDING}")) if world.kept.exists() else []
        holding = [process for process in started for folder in building if holds(process.pid, folder)]
        if holding:
            break
        assert time.monotonic() < deadline, "no process began to build"
        time.sleep(0.005)
    killed = holding[0]
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    for process in started:
        if process is not killed:
            ran = ended(process)
            assert (ran.answer, ran.remark) == (42, None)
            assert all("left behind by a run that was killed" in note for note in ran.notes)
    world.run()
    sets.check(str(world.set))
    assert world.run() == WARM


def holds(process: int, folder: Path) -> bool:
    """Whether a process has the lock of a folder open."""
    opened = Path(f"/proc/{process}/fd")
    try:
        return any(os.readlink(path) == str(folder / LOCK) for path in opened.iterdir())
    except OSError:
        return False


def test_what_a_killed_process_left_is_removed_and_named(warm: World) -> None:
    process = warm.start(after="import os; keeping.sets.begin(os.path.dirname(kernels.folder), '0' * 32); os.kill(os.getpid(), 9)")
    process.communicate()
    (left,) = warm.kept.glob(f".*{sets.BUILDING}")
    assert warm.run().notes == [f"removed {left.name}, left behind by a run that was killed"]
    assert warm.run() == WARM


def test_a_process_that_never_compiles_leaves_nothing(world: World) -> None:
    process = world.start(after="raise SystemExit(0)")
    assert process.communicate() == (b"", b"")
    assert names(world.kept) == set()


def test_a_child_leaves_the_folder_of_its_parent_alone(world: World) -> None:
    ran = world.run(
        after="import os\nif (child := os.fork()) == 0: sys.exit(0)\nos.waitpid(child, 0)\nassert os.path.isdir(kernels.folder)"
    )
    assert (ran.cold, ran.answer, ran.remark) == (True, 42, None)
    assert world.run() == WARM


# Nowhere to keep them


def not_kept(ran: Ran, reason: str) -> None:
    """Compiled, and nothing said but to those who ask."""
    assert ran == Ran(cold=True, loaded=0, answer=42, notes=[], remark=f"the compiled kernels cannot be kept: {reason}")


def test_no_home(world: World) -> None:
    unknown = "import pwd\ndef nobody(_): raise KeyError\npwd.getpwuid = nobody\n"
    without = {name: value for name, value in world.environment().items() if name != "HOME"}
    process = subprocess.Popen([sys.executable, "-c", unknown + RUN, ""], env=without, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    not_kept(ended(process), "there is no home folder")


def test_without_a_home_they_are_kept_among_temporary_files(world: World) -> None:
    world.temporary.chmod(0o1777)
    nowhere = str(world.home / "nowhere")
    assert world.run(HOME=nowhere) == Ran(cold=True, loaded=0, answer=42, notes=[], remark=None)
    assert world.run(HOME=nowhere) == WARM
    (folder,) = world.temporary.iterdir()
    assert folder.name == f"triggerlang-{os.geteuid()}"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o770)
    ran = world.run(HOME=nowhere)
    assert (ran.cold, ran.answer) == (True, 42)
    assert ran.remark == f"the compiled kernels cannot be kept: {nowhere} cannot be looked at: No such file or directory"


@for_administrators
def test_a_home_that_cannot_be_written_to(world: World) -> None:
    with disk(world.home, "ro,mode=0755"):
        not_kept(world.run(), f"{world.home / '.cache'} cannot be made: Read-only file system")


@for_administrators
def test_kernels_that_are_there_are_loaded_from_a_home_that_cannot_be_written_to(warm: World) -> None:
    kept = warm.home.with_name("kept")
    warm.home.rename(kept)
    warm.home.mkdir()
    with disk(warm.home, "size=8m,mode=0755"):
        shutil.copytree(kept, warm.home, dirs_exist_ok=True)
        subprocess.run(["mount", "-o", "remount,ro", str(warm.home)], check=True)
        assert warm.run() == WARM


@for_administrators
@pytest.mark.parametrize("size", ["4k", "12k", "16k"])
def test_O5_a_full_disk(world: World, size: str) -> None:
    with disk(world.home, f"size={size},mode=0700"):
        ran = world.run()
        assert (ran.cold, ran.answer, ran.notes) == (True, 42, [])
        assert ran.remark is not None
        assert ran.remark.startswith("the compiled kernels cannot be kept: ")
        assert ran.remark.endswith("No space left on device")
        assert not world.kept.exists() or names(world.kept) == set()
        # Where ours is full, Numba would have other places of its own.
        assert not list(world.code.rglob("*.nb?"))
        assert names(world.home / ".cache") <= {"triggerlang"}


@for_administrators
def test_the_home_of_someone_else(world: World) -> None:
    os.chown(world.home, 65534, 65534)
    not_kept(world.run(), f"{world.home} belongs to someone else")
    assert not list(world.home.iterdir())


# The place, without kernels


@pytest.fixture(autouse=True)
def nothing_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary files is one in which everybody can replace everything."""
    temporary = tmp_path / "everybodys"
    temporary.mkdir()
    temporary.chmod(0o777)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    return home


def refused() -> str:
    with pytest.raises(places.NoPlaceError) as caught:
        places.own_folder("kernels")
    return str(caught.value)


def test_the_place_is_in_the_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert places.own_folder("kernels") == str(home / ".cache" / "triggerlang" / "kernels")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert places.own_folder("kernels") == str(home / "Library" / "Caches" / "triggerlang" / "kernels")


def test_a_place_that_is_not_absolute_is_passed_over(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "somewhere")
    assert places.own_folder("kernels") == str(home / ".cache" / "triggerlang" / "kernels")


def test_no_home_is_named_or_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: int) -> pwd.struct_passwd:
        raise KeyError

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert refused() == "there is no home folder"


def test_a_home_that_is_not_there_is_not_made(home: Path) -> None:
    home.rmdir()
    assert refused() == f"{home} cannot be looked at: No such file or directory"
    assert not home.exists()


@pytest.mark.parametrize("part", [".", ".cache", ".cache/triggerlang", ".cache/triggerlang/kernels"])
@pytest.mark.parametrize("mode", [0o770, 0o757])
def test_a_folder_on_the_way_that_others_can_write_to(home: Path, monkeypatch: pytest.MonkeyPatch, part: str, mode: int) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    places.own_folder("kernels")
    (home / part).chmod(mode)
    assert refused() == f"{home / part} can be written to by others: chmod go-w would change that"


@for_administrators
@pytest.mark.parametrize("part", [".", ".cache", ".cache/triggerlang", ".cache/triggerlang/kernels"])
def test_a_folder_on_the_way_that_is_someone_elses(home: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    places.own_folder("kernels")
    os.chown(home / part, 65534, 65534)
    assert refused() == f"{home / part} belongs to someone else"


@pytest.mark.parametrize("part", ["triggerlang", "triggerlang/kernels"])
def test_a_link_on_the_way(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    places.own_folder("kernels")
    (home / ".cache" / part).rename(tmp_path / "elsewhere")
    (home / ".cache" / part).symlink_to(tmp_path / "elsewhere")
    assert refused() == f"{home / '.cache' / part} is a link"


def test_a_link_in_place_of_the_folder_of_all_programs_is_followed_to_a_safe_place_only(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    large = tmp_path / "large" / "disk"
    large.mkdir(parents=True, mode=0o755)
    (home / ".cache").symlink_to(large)
    assert places.own_folder("kernels") == str(large / "triggerlang" / "kernels")
    large.parent.chmod(0o777)
    assert refused() == f"what is in {large.parent} can be replaced by others"
    # As in /tmp, where each can rename only what is his.
    large.parent.chmod(0o1777)
    assert places.own_folder("kernels") == str(large / "triggerlang" / "kernels")
    large.chmod(0o777)
    assert refused() == f"{large} can be written to by others: chmod go-w would change that"


def test_a_file_in_place_of_a_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    (home / ".cache").write_text("", encoding="utf-8")
    assert refused() == f"{home / '.cache'} cannot be made: File exists"
