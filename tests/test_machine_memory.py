"""How much memory there is, and sizes as people write them."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tests.support.command import environment
from triggerlang.machine.memory import group_limits, machine_memory, parse_size, size_text

GB = 1000**3


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4GB", 4 * GB),
        ("4G", 4 * GB),
        ("4 gb", 4 * GB),
        (" 4GB\n", 4 * GB),
        ("1.5GB", 1_500_000_000),
        ("0.1KB", 100),
        ("1.0009KB", 1000),
        ("7B", 7),
        ("64KB", 64_000),
        ("64k", 64_000),
        ("500MB", 500_000_000),
        ("2TB", 2_000 * GB),
        ("1KiB", 1024),
        ("1MiB", 1024**2),
        ("1.5GiB", 3 * 1024**3 // 2),
        ("1tib", 1024**4),
    ],
)
def test_a_size(text: str, size: int) -> None:
    assert parse_size(text) == size


EXAMPLES = "write a number and a unit, such as 4GB, 500MB or 1.5GiB"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"'' is not a size: {EXAMPLES}"),
        ("much", f"'much' is not a size: {EXAMPLES}"),
        ("-4GB", f"'-4GB' is not a size: {EXAMPLES}"),
        ("4,5GB", f"'4,5GB' is not a size: {EXAMPLES}"),
        ("1e9B", f"'1e9B' is not a size: {EXAMPLES}"),
        ("٤GB", f"'٤GB' is not a size: {EXAMPLES}"),
        ("4GB\x1b[2J", f"'4GB\\x1b[2J' is not a size: {EXAMPLES}"),
        ("9" * 5000, f"'{'9' * 40}…' is not a size: {EXAMPLES}"),
        ("4", "the size '4' has no unit: write 4GB, 4MB or 4B"),
        ("4PB", f"'PB' is not a unit of size: {EXAMPLES}"),
        ("4iB", f"'iB' is not a unit of size: {EXAMPLES}"),
        ("0GB", f"the size '0GB' is less than one byte: {EXAMPLES}"),
        ("0.4B", f"the size '0.4B' is less than one byte: {EXAMPLES}"),
    ],
)
def test_no_size(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_size(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (950_000, "950 KB"),
        (1000, "1 KB"),
        (1_500, "1.5 KB"),
        (999_949, "999.9 KB"),
        (999_950, "1 MB"),
        (4 * GB, "4 GB"),
        (4_294_967_296, "4.3 GB"),
        (2_000_000 * GB, "2000 TB"),
    ],
)
def test_the_text_of_a_size(size: int, text: str) -> None:
    assert size_text(size) == text


@given(st.integers(1, 10**17))
def test_the_text_of_a_size_is_read_as_nearly_that_size(size: int) -> None:
    assert abs(parse_size(size_text(size)) - size) <= size / 20


# The machine


def said(before: str = "") -> int:
    code = f"{before}\nfrom triggerlang.machine.memory import machine_memory\nprint(machine_memory())"
    return int(subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, check=True).stdout)


def test_the_memory_of_this_machine() -> None:
    assert 2**24 < machine_memory() <= 2**60
    assert said() == machine_memory()


def test_the_limit_of_the_process() -> None:
    limit = min(machine_memory(), 2**30) // 2
    assert said(f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({limit}, {resource.RLIM_INFINITY}))") == limit


class System:
    """What a system says of its control groups."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "proc" / "self").mkdir(parents=True)

    def groups(self, *lines: str) -> None:
        (self.root / "proc/self/cgroup").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def mounts(self, *lines: str) -> None:
        (self.root / "proc/self/mountinfo").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def limit(self, path: str, value: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{value}\n", encoding="ascii")

    @property
    def limits(self) -> list[int]:
        return list(group_limits(self.root))


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


ROOT_DISK = "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/root rw"
VERSION_2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
VERSION_1 = "36 32 0:31 / /sys/fs/cgroup/memory rw,nosuid shared:16 - cgroup cgroup rw,memory"
PROCESSORS = "35 32 0:30 / /sys/fs/cgroup/cpu rw,nosuid shared:15 - cgroup cgroup rw,cpu,cpuacct"


def test_version_2_counts_the_group_and_all_above(system: System) -> None:
    system.groups("0::/user.slice/one.scope")
    system.mounts(ROOT_DISK, VERSION_2)
    system.limit("sys/fs/cgroup/user.slice/one.scope/memory.max", "max")
    system.limit("sys/fs/cgroup/user.slice/memory.max", "4000")
    system.limit("sys/fs/cgroup/user.slice/memory.high", "3000")
    system.limit("sys/fs/cgroup/user.slice/two.scope/memory.max", "10")
    assert system.limits == [4000, 3000]


def test_version_1(system: System) -> None:
    system.groups("5:cpu,cpuacct:/other", "4:memory:/jobs/one", "0::/jobs/one")
    system.mounts(ROOT_DISK, PROCESSORS, VERSION_1)
    system.limit("sys/fs/cgroup/cpu/jobs/one/memory.limit_in_bytes", "10")
    system.limit("sys/fs/cgroup/memory/jobs/one/memory.limit_in_bytes", "5000")
    system.limit("sys/fs/cgroup/memory/jobs/memory.limit_in_bytes", "6000")
    system.limit("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712")
    assert system.limits == [5000, 6000, 9223372036854771712]


def test_a_container_that_sees_its_own_group_at_the_top(system: System) -> None:
    system.groups("4:memory:/docker/0123")
    system.mounts(VERSION_1.replace(" / /sys", " /docker/0123 /sys"))
    system.limit("sys/fs/cgroup/memory/memory.limit_in_bytes", "7000")
    assert system.limits == [7000]


def test_a_container_whose_group_lies_elsewhere(system: System) -> None:
    system.groups("0::/../outside")
    system.mounts(VERSION_2)
    system.limit("sys/fs/cgroup/memory.max", "8000")
    system.limit("sys/fs/outside/memory.max", "10")
    assert system.limits == [8000]


def test_a_group_with_odd_names(system: System) -> None:
    system.groups("0::/my jobs:1")
    system.mounts(VERSION_2.replace("/sys/fs/cgroup", r"/sys/my\040groups"))
    system.limit("sys/my groups/my jobs:1/memory.max", "9000")
    assert system.limits == [9000]


def test_a_system_without_groups(system: System) -> None:
    assert system.limits == []
    system.groups("nonsense", "0::/")
    system.mounts("nonsense", "")
    assert system.limits == []
