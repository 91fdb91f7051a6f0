"""The packages: what is in the wheel and the source archive, and how much the light core weighs."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import triggerlang
from triggerlang.cli.new import ABOUT

ROOT = Path(__file__).parent.parent
LIGHT_CORE = {"lark", "click", "pydantic", "tzdata", "backports-zstd"}
LARGEST_CORE = 15 * 10**6
"""Bytes that the light core may take, installed: the wheel, what it depends on, and what that depends on."""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(lines: list[str], extra: str | None = None) -> set[str]:
    """The projects that requirement lines ask for, on this Python, without extras or with one."""
    from packaging.requirements import Requirement

    wanted = set()
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra or ""}):
            wanted.add(canonical(requirement.name))
    return wanted


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and a source archive of this tree."""
    target = tmp_path_factory.mktemp("packages")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(target)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def wheel(packages: Path) -> zipfile.ZipFile:
    (path,) = packages.glob("*.whl")
    return zipfile.ZipFile(path)


def wheel_metadata(wheel: zipfile.ZipFile) -> metadata.PackageMetadata:
    (path,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    from email import message_from_bytes

    return message_from_bytes(wheel.read(path))  # type: ignore[return-value]


def test_the_wheel_holds_every_module_the_grammar_the_examples_the_starter_and_the_page(wheel: zipfile.ZipFile) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "triggerlang").rglob("*.py")}
    starter = {f"triggerlang/cli/starter/{name}" for name in ABOUT}
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    data = {"triggerlang/py.typed", "triggerlang/grammar/triggers.lark", "triggerlang/checking/examples.md"}
    page = {f"triggerlang/answers/reports/page.{suffix}" for suffix in ("css", "html.jinja", "js")}
    assert inside == modules | starter | data | page


def test_the_wheel_carries_its_licence_version_and_command(wheel: zipfile.ZipFile) -> None:
    described = wheel_metadata(wheel)
    assert described["Version"] == triggerlang.__version__
    assert described["License-Expression"] == "Apache-2.0"
    (licence,) = [name for name in wheel.namelist() if name.endswith("/LICENSE")]
    assert b"END OF TERMS AND CONDITIONS" in wheel.read(licence)
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("/entry_points.txt")]
    assert b"triggerlang = triggerlang.cli.main:main" in wheel.read(entry_points)


def test_the_light_core_asks_for_little(wheel: zipfile.ZipFile) -> None:
    lines = wheel_metadata(wheel).get_all("Requires-Dist") or []
    on_this_python = LIGHT_CORE if sys.version_info < (3, 14) else LIGHT_CORE - {"backports-zstd"}
    assert required(lines) == on_this_python
    assert required(lines, "batch") - on_this_python == {"numba", "numpy", "pyarrow"}


def test_the_source_archive_is_complete(packages: Path) -> None:
    (path,) = packages.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    beside = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "triggerlang.toml", "action.yml", ".pre-commit-hooks.yaml")
    for needed in ("pyproject.toml", "LICENSE", ".ci/run", *beside):
        assert needed in inside
    for folder in ("triggerlang", "grammar", "tests", "rules", "docs", "bench"):
        files = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        missing = {name for name in files - inside if "__pycache__" not in name and not name.endswith(".pyc")}
        assert not missing, f"{folder} lacks {sorted(missing)[:5]}"


def test_the_light_core_is_small_when_installed(wheel: zipfile.ZipFile) -> None:
    waiting = sorted(required(wheel_metadata(wheel).get_all("Requires-Dist") or []))
    seen: set[str] = set()
    size = sum(info.file_size for info in wheel.infolist())
    while waiting:
        project = waiting.pop()
        if project in seen:
            continue
        seen.add(project)
        distribution = metadata.distribution(project)
        paths = [Path(str(distribution.locate_file(file))) for file in distribution.files or []]
        size += sum(path.stat().st_size for path in paths if path.is_file() and path.suffix != ".pyc")
        waiting += sorted(required(distribution.requires or []))
    assert seen >= LIGHT_CORE - {"backports-zstd"}
    assert size <= LARGEST_CORE, f"{size:,} bytes"
