"""triggerlang: trigger rules for marketing automation, as text.

```python
import triggerlang
rules = triggerlang.load("rules/")
for entry in triggerlang.evaluate(rules, "log.jsonl"):
    print(entry.contact, entry.automation)
```

What stands here is loaded when it is first used: the command line needs little of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from triggerlang.checking.errors import PathError, RuleError
    from triggerlang.checking.project import load
    from triggerlang.checking.ruleset import RuleSet
    from triggerlang.engines.entry import Entry
    from triggerlang.engines.evaluating import evaluate
    from triggerlang.engines.interpreter import Interpreter
    from triggerlang.events.errors import LogError
    from triggerlang.events.event import Event

__version__ = "0.1.0"

__all__ = ["Entry", "Event", "Interpreter", "LogError", "PathError", "RuleError", "RuleSet", "__version__", "evaluate", "load"]

_HOMES = {
    "Entry": "engines.entry",
    "Event": "events.event",
    "Interpreter": "engines.interpreter",
    "LogError": "events.errors",
    "PathError": "checking.errors",
    "RuleError": "checking.errors",
    "RuleSet": "checking.ruleset",
    "evaluate": "engines.evaluating",
    "load": "checking.project",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'triggerlang' has no attribute {name!r}")
    found = getattr(import_module(f"triggerlang.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
