"""JUnit XML: a suite for each file, a case for each test block, as CI systems show them.

What XML 1.0 cannot hold, half a surrogate pair or a control character, is shown as a symbol; everything else is escaped by the standard
library.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from triggerlang.answers.blocks import text
from triggerlang.answers.blocks.running import Result
from triggerlang.answers.encoding import shown
from triggerlang.language.times import Zone


def render(results: Sequence[Result], zone: Zone) -> str:
    root = ElementTree.Element("testsuites", _counts(results))
    suites: dict[str, list[Result]] = {}
    for result in results:
        suites.setdefault(result.block.span.path, []).append(result)
    for path, own in suites.items():
        suite = ElementTree.SubElement(root, "testsuite", {"name": shown(path), **_counts(own)})
        for result in own:
            block = result.block
            place = {"classname": shown(path), "file": shown(path), "line": str(block.span.line)}
            case = ElementTree.SubElement(suite, "testcase", {"name": shown(block.name.text), **place})
            if not result.holds:
                failing = [outcome.expected.automation.text for outcome in result.outcomes if not outcome.holds]
                message = f"entries of {', '.join(shown(name) for name in failing)} are not as expected"
                failure = ElementTree.SubElement(case, "failure", {"message": message})
                failure.text = f"{shown(path)}:{block.span.line}\n{text.failure(result, zone)}\n"
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _counts(results: Sequence[Result]) -> dict[str, str]:
    failing = sum(not result.holds for result in results)
    return {"tests": str(len(results)), "failures": str(failing), "errors": "0", "skipped": "0"}
