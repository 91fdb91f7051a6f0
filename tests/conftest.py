"""What all tests share: `--update` rewrites the rendered diagnostics of the language cases."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the `diagnostics` blocks of the language cases")
