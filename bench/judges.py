"""The rule engines that a Python user would pick: each decides on what the hand-written loop counted.

In: the rules. Out: a judge for each, an expression that its engine compiled. Each engine is a package of its own, imported when asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from bench.handwritten import Judge
from bench.worlds import DAY, Condition, Rule


def expression(rule: Rule, *, word_for_and: str, decimals: bool) -> str:
    """A rule's conditions over `v0`, `v1` and so on, as `handwritten.found` fills them. With `decimals`, sums are compared with `500.0`."""
    return f" {word_for_and} ".join(_test(condition, f"v{at}", decimals) for at, condition in enumerate(rule.conditions))


def _test(condition: Condition, value: str, decimals: bool) -> str:
    match condition.sort:
        case "count":
            return f"{value} >= {condition.number}"
        case "quiet":
            return f"{value} > {condition.days * DAY}"
        case "sum":
            return f"{value} >= {condition.number}{'.0' if decimals else ''}"
        case _:
            return value


def zen_engine(rule: Rule) -> Judge:
    compiled: Judge = import_module("zen").compile_expression(expression(rule, word_for_and="and", decimals=False)).evaluate
    return compiled


def cel_in_rust(rule: Rule) -> Judge:
    compiled: Judge = import_module("cel").compile(expression(rule, word_for_and="&&", decimals=True)).execute
    return compiled


def rule_engine(rule: Rule) -> Judge:
    compiled: Judge = import_module("rule_engine").Rule(expression(rule, word_for_and="and", decimals=False)).matches
    return compiled


def cel_python(rule: Rule) -> Judge:
    celpy = import_module("celpy")
    types = import_module("celpy.celtypes")
    environment = celpy.Environment(runner_class=celpy.CompiledRunner)
    program = environment.program(environment.compile(expression(rule, word_for_and="&&", decimals=True)))
    convert = {"count": types.IntType, "quiet": types.IntType, "sum": types.DoubleType, "list": types.BoolType}
    made = {f"v{at}": convert[condition.sort] for at, condition in enumerate(rule.conditions)}

    def judge(found: dict[str, Any]) -> bool:
        return bool(program.evaluate({name: made[name](value) for name, value in found.items()}))

    return judge


ENGINES: dict[str, tuple[str, Callable[[Rule], Judge]]] = {
    "zen-engine": ("zen", zen_engine),
    "common-expression-language": ("cel", cel_in_rust),
    "rule-engine": ("rule_engine", rule_engine),
    "cel-python": ("celpy", cel_python),
}
"""By package: the module that it brings, and what makes a judge."""
