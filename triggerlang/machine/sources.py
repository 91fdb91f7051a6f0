"""What compiled kernels depend on, as one short text: their name on the disk.

In go the names of the modules that have kernels; out comes a hash of the sources of these and of all that they import from the same
packages (a constant is compiled into the kernels that use it), of the versions of what compiles them, and of the processor.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Any, Final

import llvmlite
import numba
import numpy as np
from numba.core.registry import cpu_target

_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|.*)|import[ \t]+(.*))", re.MULTILINE)
_NAME = re.compile(r"[\w.]+")
_SETTINGS: Final = ("OPT", "BOUNDSCHECK", "DEBUGINFO_DEFAULT", "ENABLE_AVX", "LOOP_VECTORIZE", "SLP_VECTORIZE")
"""What changes the machine code, of what Numba's environment variables can set."""


class NoSourceError(Exception):
    """A module whose source is not to be found; the text says which."""


def fingerprint(modules: Iterable[str]) -> str:
    """The name of what these modules' kernels compile to, on this machine. Raises NoSourceError."""
    digest = hashlib.sha256()
    settings: Any = numba.config
    for part in (
        numba.__version__,
        llvmlite.__version__,
        np.__version__,
        sys.version,
        *cpu_target.target_context.codegen().magic_tuple(),
        *(f"{name}={getattr(settings, name, None)}" for name in _SETTINGS),
    ):
        _add(digest, part.encode())
    for name, source in sorted(sources(modules).items()):
        _add(digest, name.encode())
        _add(digest, source)
    return digest.hexdigest()[:32]


def _add(digest: Any, part: bytes) -> None:
    # With its length, so that no two lists of parts read the same.
    digest.update(b"%d:" % len(part) + part)


def sources(modules: Iterable[str]) -> dict[str, bytes]:
    """The sources of modules and of all that they import, directly or not, from the packages that they are in."""
    found: dict[str, bytes] = {}
    roots = {name: _root(name) for name in {module.partition(".")[0] for module in modules}}
    waiting = list(modules)
    for module in waiting:
        if _file(roots, module) is None:
            raise NoSourceError(f"the source of {module} is not to be found")
    while waiting:
        module = waiting.pop()
        if module in found or (file := _file(roots, module)) is None:
            continue
        with open(file, "rb") as opened:
            found[module] = opened.read()
        waiting += _imported(found[module].decode("utf-8", "replace"))
    return found


def _imported(source: str) -> Iterator[str]:
    """The modules that a source may import; what it names inside a module looks the same as a module inside a package."""
    for package, names, modules in _IMPORT.findall(source):
        if package:
            yield package
            yield from (f"{package}.{name}" for name in _NAME.findall(names))
        else:
            yield from _NAME.findall(modules)


def _root(top: str) -> str:
    """Where a package or module at the top lies: a path without its ending."""
    spec = find_spec(top)
    if spec is None or spec.origin is None:
        raise NoSourceError(f"the source of {top} is not to be found")
    folder, file = os.path.split(spec.origin)
    return folder if file == "__init__.py" else os.path.join(folder, top)


def _file(roots: dict[str, str], module: str) -> str | None:
    top, *rest = module.split(".")
    if top not in roots:
        return None
    path = os.path.join(roots[top], *rest)
    # Not the file of the package at the top: it names all of the program, and runs none of it.
    found = (f"{path}.py", os.path.join(path, "__init__.py") if rest else "")
    return next((file for file in found if os.path.isfile(file)), None)
