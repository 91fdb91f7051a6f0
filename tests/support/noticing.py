"""Which language case notices that the interpreter, or what is told of test blocks, is not what it should be."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.support.cases import all_cases, results_of, shown, whys_of
from triggerlang.engines.interpreter import Interpreter


def first_noticing_case() -> str | None:
    """The first case whose entries, or the results of whose test blocks, are not the expected ones, or that something fails on; None where
    all are."""
    with tempfile.TemporaryDirectory() as folder:
        for case in all_cases():
            if case.is_tested:
                try:
                    found = results_of(case)
                except Exception as error:
                    return f"{case.id}: {error}"
                if any(block.text != text for kind, text in found.items() for block in case.of(kind)):
                    return case.id
            if not case.is_run:
                continue
            try:
                checked = case.checked()
                assert checked.rules is not None
                log, _ = case.log(Path(folder))
                engine = Interpreter(checked.rules, timezone=case.timezone)
                entries = [shown(entry) for record in log.records for entry in engine.feed_record(record)]
                entries += [shown(entry) for entry in engine.finish(case.now)]
            except Exception as error:
                return f"{case.id}: {error}"
            if entries != case.expected_entries() or engine.pending() != case.expected_pending():
                return case.id
            try:
                if case.of("why") and whys_of(case, Path(folder)) != [block.text for block in case.of("why")]:
                    return case.id
            except Exception as error:
                return f"{case.id}: {error}"
    return None
