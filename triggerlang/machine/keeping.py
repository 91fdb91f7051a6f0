"""Kept kernels: compiled once for the machine, then loaded.

`prepare` decides where they are kept, before any module that has kernels is imported: in a set in the user's own folder that is as this
user made it; or, where there is none yet, in one that is being built and that appears when all are compiled; or nowhere, where this user
has no folder of his own, and then they are compiled in every process.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, Final

import numba

from triggerlang.machine import kernels, sets
from triggerlang.machine.held import HeldFolder, remove_left_overs
from triggerlang.machine.places import NoPlaceError, own_folder
from triggerlang.machine.sources import NoSourceError, fingerprint

MODULES: Final = (
    "triggerlang.engines.columnar.arranging",
    "triggerlang.engines.columnar.contacts",
    "triggerlang.engines.columnar.reading",
    "triggerlang.events.cells",
    "triggerlang.events.interning",
    "triggerlang.events.moments",
    "triggerlang.events.passing",
    "triggerlang.events.paths",
    "triggerlang.events.scanning",
    "triggerlang.events.splitting",
    "triggerlang.events.texts",
)
"""All modules that have kernels."""


class Kernels:
    """The kernels of some modules, as this process has them."""

    def __init__(self, modules: tuple[str, ...], *, remark: str | None = None) -> None:
        self.modules = modules
        self.is_cold = True
        """Whether they have to be compiled."""
        self.remark = remark
        """Why they are not kept, for those who want to know."""

    def compile(self, progress: Callable[[int, int], None]) -> None:
        """Compile all that are not there yet, and keep them; `progress` is told how many of how many modules are done.

        Where they are kept already, each is loaded with its module.
        """
        if not self.is_cold:
            return
        try:
            for done, module in enumerate(self.modules):
                progress(done, len(self.modules))
                import_module(module)
            progress(len(self.modules), len(self.modules))
            self._publish()
        except BaseException:
            self._give_up()
            raise
        self.is_cold = False

    def _publish(self) -> None:
        """There is nothing to publish where they are not kept."""

    def _give_up(self) -> None:
        """There is nothing to remove where they are not kept."""


class _Loaded(Kernels):
    """Kernels of a set that is there."""

    is_published = True

    def __init__(self, modules: tuple[str, ...], folder: str, note: Callable[[str], None]) -> None:
        super().__init__(modules)
        self.folder, self._note = folder, note
        self.is_cold = False

    def keeps(self, module: str) -> bool:
        return module in self.modules

    def fail(self, error: Exception) -> None:
        # Numba could not read what the manifest says is right: it would not be able to the next time either.
        kernels.keep(None)
        sets.retire(self.folder)
        _say_unfit(self._note, self.folder, f"a kernel cannot be loaded ({type(error).__name__}: {error})")


class _Built(Kernels):
    """Kernels that are compiled into a set to be."""

    is_published = False

    def __init__(self, modules: tuple[str, ...], building: HeldFolder, folder: str) -> None:
        super().__init__(modules)
        self._building: HeldFolder | None = building
        self._process = os.getpid()
        self._target = folder
        self.folder = building.path
        # A program may import modules of ours and never call `compile`.
        atexit.register(self._give_up)

    def keeps(self, module: str) -> bool:
        return module in self.modules and self._is_own

    @property
    def _is_own(self) -> bool:
        """Whether this is the process that builds, and not a child of it."""
        return os.getpid() == self._process

    def fail(self, error: Exception) -> None:
        self._give_up()
        self.remark = f"the compiled kernels cannot be kept: {_reason(error)}"

    def _publish(self) -> None:
        if self._building is None:
            return
        kernels.keep(None)
        try:
            if fingerprint(self.modules) != os.path.basename(self._target):
                # What was compiled may be older or newer than the name says.
                self.remark = "the compiled kernels are not kept: their sources changed meanwhile"
            elif sets.publish(self._building, self._target):
                self._building = None
                sets.remove_old(*os.path.split(self._target))
        except (NoSourceError, OSError) as error:
            self.fail(error)
        self._give_up()

    def _give_up(self) -> None:
        kernels.keep(None)
        building, self._building = self._building, None
        if building is not None and self._is_own:
            building.remove()
        atexit.unregister(self._give_up)


_prepared: Kernels | None = None
_preparing = threading.Lock()


def prepare(note: Callable[[str], None], modules: Iterable[str] = MODULES) -> Kernels:
    """Decide where kernels are kept. Call it before the modules that have them are imported; what was decided first holds for the process.

    `note` is told what was removed, in one line each.
    """
    global _prepared
    with _preparing:
        if _prepared is None:
            _prepared = _decide(note, tuple(modules))
        return _prepared


def _decide(note: Callable[[str], None], modules: tuple[str, ...]) -> Kernels:
    settings: Any = numba.config
    if settings.DISABLE_JIT:
        return Kernels(modules, remark="NUMBA_DISABLE_JIT is set: kernels run as plain Python")
    early = [module for module in modules if module in sys.modules]
    if early:
        return Kernels(modules, remark=f"the compiled kernels are not kept: {early[0]} was imported before they could be")
    try:
        place = own_folder("kernels")
        key = fingerprint(modules)
        folder = os.path.join(place, key)
        remove_left_overs(place, sets.left_over_start(), sets.BUILDING, note)
        found = _found(modules, folder, note) or _Built(modules, sets.begin(place, key), folder)
    except (NoPlaceError, NoSourceError, OSError) as error:
        return Kernels(modules, remark=f"the compiled kernels cannot be kept: {_reason(error)}")
    kernels.keep(found)
    return found


def _found(modules: tuple[str, ...], folder: str, note: Callable[[str], None]) -> _Loaded | None:
    try:
        return _Loaded(modules, folder, note) if sets.in_use(folder) else None
    except sets.UnfitError as error:
        sets.retire(folder)
        _say_unfit(note, folder, str(error))
        return None


def _say_unfit(note: Callable[[str], None], folder: str, reason: str) -> None:
    note(f"the compiled kernels in {folder} are not used, and built anew: {reason}")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
    return str(error)
