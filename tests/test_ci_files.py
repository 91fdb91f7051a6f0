"""Files for CI and for pre-commit: those that `new` writes, those that other repositories name, those that the pages show.

They may read and no more, take actions by digest, hand no foreign text to a shell but in variables, and do what they say.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import triggerlang
from tests.support.command import PYTHON, Ran, environment, triggerlang as command
from triggerlang.cli.new import starter

ROOT = Path(__file__).parent.parent
TOOLS = Path(sys.executable).parent
ACTION = (ROOT / "action.yml").read_text(encoding="utf-8")
HOOKS = ROOT / ".pre-commit-hooks.yaml"
WORKFLOW = starter()[".github/workflows/rules.yml"]
OWN_HOOKS = starter()[".pre-commit-config.yaml"]
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")


def shown_blocks() -> list[str]:
    """The YAML of the page about CI."""
    page = (ROOT / "docs" / "rules-in-ci.md").read_text(encoding="utf-8")
    return re.findall(r"^```yaml\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)


SHOWN_WORKFLOWS = [block for block in shown_blocks() if "jobs:" in block]
SHOWN_HOOKS = [block for block in shown_blocks() if "repos:" in block]
WORKFLOWS = {"new": WORKFLOW, **{f"page {number}": text for number, text in enumerate(SHOWN_WORKFLOWS, 1)}}


@dataclass(frozen=True)
class Step:
    """A step of a workflow or an action."""

    uses: str | None
    run: str | None
    given: dict[str, Any]
    env: dict[str, str]


def steps(text: str) -> Iterator[Step]:
    read = yaml.safe_load(text)
    lists = [job["steps"] for job in read["jobs"].values()] if "jobs" in read else [read["runs"]["steps"]]
    for step in (step for found in lists for step in found):
        yield Step(step.get("uses"), step.get("run"), step.get("with", {}), step.get("env", {}))


def is_careful(job: dict[str, Any], usual: dict[str, str] | None) -> bool:
    """Whether a job may only read the repository; or only write a comment, and has nothing of the repository to run."""
    may = job.get("permissions", usual)
    has_files = any("checkout" in step.get("uses", "") for step in job["steps"])
    return may == {"contents": "read"} or (may == {"pull-requests": "write"} and not has_files)


def weaknesses(text: str) -> set[str]:
    """What O15 forbids and a workflow or an action does."""
    found = set()
    read = yaml.safe_load(text)
    if "jobs" in read:
        events = read.get("on", read.get(True))  # YAML 1.1 reads `on` as a boolean.
        if "pull_request_target" in events or "workflow_run" in events:
            found.add("runs foreign code with rights of its own")
        if any(not is_careful(job, read.get("permissions")) for job in read["jobs"].values()):
            found.add("may do more than read")
    for step in steps(text):
        if step.run is not None and "${{" in step.run:
            found.add("splices text into a command")
        if step.uses is not None and not PINNED.fullmatch(step.uses):
            found.add("names an action that can be exchanged")
        if step.uses is not None and step.uses.startswith("actions/checkout") and step.given.get("persist-credentials") is not False:
            found.add("keeps credentials")
    return found


def zizmor(folder: Path, name: str, text: str) -> subprocess.CompletedProcess[str]:
    """What a linter of workflows says of a file, without asking the network."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return subprocess.run(
        [TOOLS / "zizmor", "--offline", "--no-config", "--no-progress", file], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("text", [*WORKFLOWS.values(), ACTION], ids=[*WORKFLOWS, "action"])
def test_o15_nothing_is_spliced_nothing_exchanged_and_nothing_but_reading_allowed(tmp_path: Path, text: str) -> None:
    assert not weaknesses(text)
    for line in text.splitlines():
        if "uses:" in line:
            assert re.search(r"@[0-9a-f]{40} +# v\d+\.\d+\.\d+$", line), f"the version is not beside the digest: {line}"
    said = zizmor(tmp_path, ".github/workflows/rules.yml" if "jobs:" in text else "action.yml", text)
    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "weakness"),
    [
        ("triggerlang fmt --check", 'echo "${{ github.head_ref }}"', "splices text into a command"),
        ("  contents: read", "  contents: write", "may do more than read"),
        ("  pull_request:", "  pull_request_target:", "runs foreign code with rights of its own"),
        ("de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "v6", "names an action that can be exchanged"),
        ("persist-credentials: false", "fetch-depth: 0", "keeps credentials"),
    ],
)
def test_o15_is_noticed_where_it_is_broken(tmp_path: Path, right: str, wrong: str, weakness: str) -> None:
    assert right in WORKFLOW
    broken = WORKFLOW.replace(right, wrong)
    assert weaknesses(broken) == {weakness}
    if weakness != "may do more than read":  # Rights that a workflow may need are no finding of a linter's.
        assert zizmor(tmp_path, ".github/workflows/rules.yml", broken).returncode != 0


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A new project, and `triggerlang` where the action installs it."""
    assert command("new", "shop", cwd=tmp_path).code == 0
    installed = tmp_path / "triggerlang" / "bin" / "triggerlang"
    installed.parent.mkdir(parents=True)
    installed.write_text(f'#!/bin/sh\nexec {" ".join(PYTHON)} "$@"\n')
    installed.chmod(installed.stat().st_mode | stat.S_IXUSR)
    return tmp_path / "shop"


def run_step(run: str, folder: Path, **given: str) -> Ran:
    """Run a step's script as GitHub does."""
    path = f"{folder.parent / 'triggerlang' / 'bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", run],
        cwd=folder,
        env={**environment(), "PATH": path, "RUNNER_TEMP": str(folder.parent), **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("name", [name for name, text in WORKFLOWS.items() if "triggerlang check" in text])
def test_a_workflow_passes_in_a_new_project_and_notices_what_is_wrong(shop: Path, name: str) -> None:
    commands = [step.run for step in steps(WORKFLOWS[name]) if step.run is not None and not step.run.startswith("pip install ")]
    assert len(commands) >= 3
    for run in commands:
        ran = run_step(run, shop)
        assert ran.code == 0, f"{run}\n{ran.out}{ran.err}"
    (shop / "rules" / "new.triggers").write_text('on event "odrer"\ntest "x" given expect automation "Big order" 2026-01-01 "ana"\n')
    assert all(run_step(run, shop).code != 0 for run in commands if "fmt" not in run)
    (shop / "rules" / "new.triggers").write_text('on   event "order"\n')
    assert all(run_step(run, shop).code == 1 for run in commands if "fmt" in run)


def test_a_new_project_installs_the_version_that_made_it() -> None:
    pins = re.findall(r"triggerlang==([^\"]+)", WORKFLOW + OWN_HOOKS)
    assert set(pins) == {triggerlang.__version__}
    hooks = yaml.safe_load(OWN_HOOKS)["repos"][0]["hooks"]
    assert [hook["additional_dependencies"] for hook in hooks] == [[f"triggerlang=={triggerlang.__version__}"]] * len(hooks)


def test_the_page_shows_the_workflow_that_new_writes() -> None:
    shown = yaml.safe_load(WORKFLOW.replace(f'"triggerlang=={triggerlang.__version__}"', "triggerlang"))
    assert yaml.safe_load(SHOWN_WORKFLOWS[0]) == shown


_INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")


def action_step(**inputs: str) -> tuple[str, dict[str, str]]:
    """The action's checking step, and its variables for some inputs."""
    read = yaml.safe_load(ACTION)
    values = {name: given["default"] for name, given in read["inputs"].items()} | {
        name.replace("_", "-"): value for name, value in inputs.items()
    }
    (step,) = [step for step in steps(ACTION) if step.run is not None and "check" in step.run]
    assert step.run is not None
    return step.run, {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: values[found[1]], text) for name, text in step.env.items()
    }


def run_action(folder: Path, **inputs: str) -> Ran:
    run, variables = action_step(**inputs)
    return run_step(run, folder, **variables)


def test_the_action_checks_a_project(shop: Path) -> None:
    ran = run_action(shop)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.splitlines() == ["no problems in 4 files", "4 files: 4 already in the layout", "5 tests in 4 files: all hold"]
    assert run_action(shop, fail_under="100").code == 0
    assert run_action(shop, paths="rules/names.triggers\nrules/welcome.triggers\n", tests="false").err.startswith(
        "no problems in 2 files\n"
    )


def test_the_action_shows_all_that_is_wrong_at_once(shop: Path) -> None:
    orders = shop / "rules" / "orders.triggers"
    orders.write_text(orders.read_text().replace("value >= 200", "value  >=  100"))
    (shop / "rules" / "twice.triggers").write_text('declare event "signup"\n')
    ran = run_action(shop)
    assert ran.code == 1
    assert ran.out.startswith("::warning file=rules/twice.triggers,")
    assert "1 to format" in ran.err
    assert "5 tests in 5 files: 1 fails" in ran.err
    lenient = run_action(shop, strict="false", layout="false", tests="false")
    assert (lenient.code, lenient.err) == (0, "1 warning in 5 files\n")
    (shop / "rules" / "twice.triggers").write_text('on event "odrer"\n')
    assert run_action(shop, tests="false").code == 1
    assert run_action(shop).code == 2  # Rules with errors cannot be tried.
    uncovered = run_action(shop, layout="false", strict="false", paths="rules/names.triggers\nrules/orders.triggers", fail_under="50")
    assert uncovered.code == 1


@pytest.mark.parametrize("hostile", ["$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "x; touch pwned", "--help", "a\nb c", "*"])
def test_what_callers_give_is_never_run(shop: Path, hostile: str) -> None:
    for name in ("paths", "fail_under", "strict", "layout", "tests"):
        ran = run_action(shop, **{name: hostile})
        assert ran.code == 2, f"{name}: {ran.out}{ran.err}"
    assert not list(shop.parent.rglob("pwned"))


def test_the_page_names_the_inputs_and_the_hooks() -> None:
    page = (ROOT / "docs" / "rules-in-ci.md").read_text(encoding="utf-8")
    for name in (*yaml.safe_load(ACTION)["inputs"], *(hook["id"] for hook in yaml.safe_load(HOOKS.read_text()))):
        assert f"`{name}`" in page, name


def pre_commit(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TOOLS / "pre-commit", *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def test_pre_commit_takes_the_files(shop: Path, tmp_path: Path) -> None:
    assert pre_commit("validate-manifest", HOOKS, cwd=tmp_path).returncode == 0
    assert SHOWN_WORKFLOWS
    assert SHOWN_HOOKS
    for text in (OWN_HOOKS, *SHOWN_HOOKS):
        (tmp_path / "config.yaml").write_text(text)
        said = pre_commit("validate-config", "config.yaml", cwd=tmp_path)
        assert said.returncode == 0, said.stdout
    (tmp_path / "config.yaml").write_text(OWN_HOOKS.replace("entry:", "enrty:"))
    assert pre_commit("validate-config", "config.yaml", cwd=tmp_path).returncode != 0


def all_hooks() -> list[dict[str, Any]]:
    return [*yaml.safe_load(HOOKS.read_text()), *yaml.safe_load(OWN_HOOKS)["repos"][0]["hooks"]]


def test_the_hooks_look_at_the_project_when_something_of_it_changes(shop: Path) -> None:
    ids = ["triggerlang-check", "triggerlang-fmt", "triggerlang-test"]
    assert [hook["id"] for hook in all_hooks()] == ids * 2
    for hook in all_hooks():
        assert hook["language"] == "python"
        assert hook["pass_filenames"] is False
        rules, configuration, others = (
            ["rules/a.triggers", "a.triggers"],
            ["triggerlang.toml", "a/triggerlang.toml"],
            ["README.md", "a.txt"],
        )
        noticed = [name for name in (*rules, *configuration, *others) if re.search(hook["files"], name)]
        assert noticed == (rules if "fmt" in hook["id"] else rules + configuration)


@pytest.mark.parametrize("hook", all_hooks(), ids=lambda hook: hook["id"])
def test_a_hook_passes_in_a_new_project_and_notices_what_is_wrong(shop: Path, hook: dict[str, Any]) -> None:
    run = " ".join([hook["entry"], *hook.get("args", [])])
    before = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    assert run_step(run, shop).code == 0
    assert {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()} == before
    (shop / "rules" / "names.triggers").write_text('declare list "Letters"')
    if "fmt" in hook["id"]:
        # A hook that changes a file stops the commit.
        assert run_step(run, shop).code == 0
        assert (shop / "rules" / "names.triggers").read_text() == 'declare list "Letters"\n'
    else:
        assert run_step(run, shop).code != 0
