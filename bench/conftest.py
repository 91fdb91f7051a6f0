"""Benchmarks compare: each measures its peer in the same run, and the ratios are printed at the end.

`python -m pytest bench --benchmark-enable --benchmark-only` runs them. No time is asserted anywhere.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

import pytest

RATIOS: list[str] = []
ROUNDS = 3


@pytest.fixture
def against(benchmark: Any) -> Callable[..., None]:
    """Measure ours and a peer's turn by turn, and note the ratio of their least times.

    `against(name, ours, peer, unit)` prints how long the peer takes for one second of ours: above 1 is faster than the peer.
    """

    def measure(name: str, ours: Callable[[], object], peer: Callable[[], object], *, rounds: int = ROUNDS) -> None:
        ours_best = peer_best = float("inf")

        def once() -> None:
            nonlocal ours_best, peer_best
            ours_best = min(ours_best, _seconds(ours))
            peer_best = min(peer_best, _seconds(peer))

        benchmark.pedantic(once, rounds=rounds, iterations=1)
        benchmark.extra_info.update(ours=ours_best, peer=peer_best, ratio=peer_best / ours_best)
        RATIOS.append(f"{name:60} ours {ours_best:8.3f} s   peer {peer_best:8.3f} s   peer / ours {peer_best / ours_best:6.2f}")

    return measure


def _seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes; the garbage of what was made before is not its own."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if RATIOS:
        terminalreporter.section("ratios")
        for line in RATIOS:
            terminalreporter.write_line(line)
