"""`python -m bench.peers MODULE LOG RULES OUT` lets one peer answer, in a process of its own."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from bench import worlds

if __name__ == "__main__":
    module, log, rules, out = sys.argv[1:]
    import_module(f"bench.peers.{module}").answer(Path(log), worlds.load(Path(rules)), Path(out))
