"""What all tests share: `--update` rewrites what is rendered in cases and in `docs/commands.md`; kernels are compiled once, before them."""

from __future__ import annotations

import subprocess
import sys

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    blocks = "`diagnostics`, `against-log`, `results`, `coverage`"
    help_text = f"rewrite the rendered blocks of cases and wrong files ({blocks}), the layouts, and the page of commands"
    parser.addoption("--long", action="store_true", help="run what takes long, too")
    parser.addoption("--update", action="store_true", help=help_text)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long, unless it is asked for: the tests are to be run often."""
    for item in items:
        if item.get_closest_marker("long") is not None and not config.getoption("--long"):
            item.add_marker(pytest.mark.skip(reason="takes long: pytest --long"))


def pytest_configure(config: pytest.Config) -> None:
    """Have the kernels of the columnar engine loaded from where the user's own are kept, which one process compiles for all workers."""
    from triggerlang.engines.choosing import is_installed

    if config.getoption("--update") and (hasattr(config, "workerinput") or config.getoption("numprocesses", None)):
        raise pytest.UsageError("--update rewrites files that several workers would write at once: run it without -n")
    if not is_installed():
        return
    if not hasattr(config, "workerinput"):
        # Where they cannot be kept, each process compiles its own.
        subprocess.run([sys.executable, "-m", "triggerlang", "run", "--warm-up"], check=False, capture_output=True)
    from triggerlang.machine import keeping

    keeping.prepare(lambda text: None)
