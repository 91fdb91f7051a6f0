"""`python -m bench.peers.absence MODULE LOG RULES OUT` lets one peer answer, in a process of its own."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from bench import chains

if __name__ == "__main__":
    module, log, rules, out = sys.argv[1:]
    import_module(f"bench.peers.absence.{module}").answer(Path(log), chains.load(Path(rules)), Path(out))
