"""Kernels: Python functions that Numba compiles for this machine.

A kernel is what Python calls: it has one signature, runs without the interpreter's lock, and is kept compiled where `keeping.prepare` was
called before its module was imported. What kernels are made of is marked `inner`; it is compiled into them.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any, Protocol, TypeVar

import numba
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys

from triggerlang.machine.inlining import InnerCompiler

F = TypeVar("F", bound=Callable[..., Any])


class Keeper(Protocol):
    """Where kernels are kept."""

    folder: str
    is_published: bool

    def keeps(self, module: str) -> bool:
        """Whether the kernels of a module are kept."""

    def fail(self, error: Exception) -> None:
        """A kernel could not be brought back, or not be written; it was compiled all the same."""


class ChangedError(Exception):
    """A published set of kernels would have to change."""


def inner(function: F) -> F:
    """A function that kernels call; Python cannot."""
    made: Any = numba.njit(nogil=True, error_model="numpy", pipeline_class=InnerCompiler)(function)
    return made  # type: ignore[no-any-return]


def kernel(signature: Any) -> Callable[[F], F]:
    """A function that Python calls, with the one signature that it has, such as `int64(uint8[::1], int64)`."""

    def decorate(function: F) -> F:
        keeper = _keeper
        if keeper is None or not keeper.keeps(function.__module__):
            return _compiled(function, signature)
        made: Any = _Waiting(function, signature, keeper) if keeper.is_published else _kept(function, signature, keeper)
        return made  # type: ignore[no-any-return]

    return decorate


def _kept(function: Callable[..., Any], signature: Any, keeper: Keeper) -> Any:
    """A kernel that comes from where it is kept, or goes there."""
    made: Any = numba.njit(nogil=True, error_model="numpy")(function)
    make_cache: Any = _Cache
    with _kept_by(keeper):
        made._cache = make_cache(function)
    try:
        made.compile(signature)
    except Exception as error:
        # Compiled, but not written; or not even read. A mistake in the kernel itself comes up again.
        if not made.signatures:
            made = _compiled(function, signature)
        keeper.fail(error)
    made.disable_compile()
    return made


class _Waiting:
    """A kernel that is there already, and is brought back when it is first asked for: no run needs all of them."""

    def __init__(self, function: Callable[..., Any], signature: Any, keeper: Keeper) -> None:
        self._function, self._signature, self._keeper = function, signature, keeper
        self._made: Any = None
        functools.update_wrapper(self, function)

    def __call__(self, *given: Any) -> Any:
        return (self._made or self._brought())(*given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._brought(), name)

    def _brought(self) -> Any:
        with _bringing:
            if self._made is None:
                self._made = _kept(self._function, self._signature, self._keeper)
        return self._made


def keep(keeper: Keeper | None) -> None:
    """From now on, kernels are kept here; nowhere if None."""
    global _keeper
    _keeper = keeper


_keeper: Keeper | None = None
_bringing, _locating = threading.Lock(), threading.Lock()


def _compiled(function: F, signature: Any) -> F:
    made: Any = numba.njit(signature, nogil=True, error_model="numpy")(function)
    return made  # type: ignore[no-any-return]


class _Cache(FunctionCache):
    """A kernel's file, out of which it comes back as it is.

    Numba would first import and register all that it could compile, which takes longer than all kernels do: what is compiled needs
    none of it but the allocator of memory.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        allocator: Any = rtsys
        load: Any = self._load_overload
        allocator.initialize(target_context)
        return load(sig, target_context)


class Locator:
    """What Numba asks where a kernel is kept.

    With its own ones Numba would go on to the source's folder and to one for all programs where ours cannot be written to.
    """

    def __init__(self, keeper: Keeper, function: FunctionType, file: str) -> None:
        self._keeper, self._function = keeper, function
        self._py_file = file  # Named in Numba's warnings.

    @classmethod
    def from_function(cls, function: FunctionType, file: str) -> Locator:
        assert _keeper is not None
        return cls(_keeper, function, file)

    def ensure_cache_path(self) -> None:
        """Called before something is written."""
        if self._keeper.is_published:
            raise ChangedError(f"{self._function.__name__} is missing")

    def get_cache_path(self) -> str:
        return self._keeper.folder

    def get_source_stamp(self) -> str:
        return ""  # The folder is named by the sources.

    def get_disambiguator(self) -> str:
        return f"{self._function.__module__}-{self._function.__code__.co_firstlineno}"


@contextmanager
def _kept_by(keeper: Keeper) -> Iterator[None]:
    """Tell Numba where kernels are kept, for as long as it asks: the setting is one for all of the process."""
    config: Any = numba.config
    with _locating:
        before = config.CACHE_LOCATOR_CLASSES
        config.CACHE_LOCATOR_CLASSES = f"{__name__}.{Locator.__name__}"
        try:
            yield
        finally:
            config.CACHE_LOCATOR_CLASSES = before
